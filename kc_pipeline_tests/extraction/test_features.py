"""The ugliest features of real filings, each as a small document of our own making, named after the feature."""

from decimal import Decimal

import pytest

from kc_pipeline.extraction import read
from kc_pipeline.figures import IN_LABEL
from kc_pipeline_tests.extraction.pages import brief, codes, lines, page, row, table

YEARS = row("", "<td colspan=3>Three Months Ended June 30,</td>") + row("", "2023", "", "2022")


def test_closing_parenthesis_in_a_cell_of_its_own() -> None:
    found = lines(table(YEARS, row("Net loss", "$(1,234", ")", "$(5", ")")))
    assert [x.value for x in found] == [Decimal(-1_234_000), Decimal(-5_000)]


def test_currency_sign_in_a_cell_of_its_own_does_not_move_the_column() -> None:
    html = table(
        row("", "<td colspan=3>June 30, 2023</td>", "", "<td colspan=3>December 31, 2022</td>"),
        row("Total assets", "$", "10", "", "", "$", "20", ""),
        row("Total liabilities", "<td colspan=2>3</td>", "", "", "<td colspan=2>4</td>", ""),
    )
    found = lines(html, lead="<p>Balance Sheets</p><p>(in millions)</p>")
    assert brief(found) == [
        ("Total assets", "10000000", "USD", "2023-06-30", None),
        ("Total assets", "20000000", "USD", "2022-12-31", None),
        ("Total liabilities", "3000000", "USD", "2023-06-30", None),
        ("Total liabilities", "4000000", "USD", "2022-12-31", None),
    ]
    assert len({(x.table, x.row, x.col) for x in found}) == len(found)


def test_percent_sign_in_a_cell_of_its_own_makes_a_fraction() -> None:
    found = lines(
        table(YEARS, row("Revenue", "$ 100", "", "$ 90"), row("Gross margin", "41.5", "%", "39.0", "%"))
    )
    margin = [x for x in found if x.label == "Gross margin"]
    assert [(x.value, x.unit, x.decimals) for x in margin] == [
        (Decimal("0.415"), "pure", 3),
        (Decimal("0.390"), "pure", 3),
    ]


def test_dash_is_a_stated_zero_and_blank_is_nothing() -> None:
    found = lines(
        table(
            YEARS, row("Revenue", "$ 9", "", "$ 8"), row("Impairment", "—", "", ""), row("Other", "", "", "7")
        )
    )
    assert brief(found)[2:] == [
        ("Impairment", "0", "USD", "2023-06-30", 3),
        ("Other", "7000", "USD", "2022-06-30", 3),
    ]


def test_header_of_three_rows_with_merged_periods() -> None:
    html = table(
        row("", "<td colspan=2>Three Months Ended</td>", "<td colspan=2>Nine Months Ended</td>"),
        row("", "<td colspan=4>September 30,</td>"),
        row("", "2023", "2022", "2023", "2022"),
        row("Revenue", "$1", "$2", "$3", "$4"),
    )
    assert [(str(x.period_end), x.months) for x in lines(html)] == [
        ("2023-09-30", 3),
        ("2022-09-30", 3),
        ("2023-09-30", 9),
        ("2022-09-30", 9),
    ]


def test_break_inside_a_header_cell() -> None:
    html = table(row("", "Year ended<br>Dec. 31,<br>2023"), row("Revenue", "$1,000"), row("Costs", "900"))
    assert brief(lines(html))[0] == ("Revenue", "1000000", "USD", "2023-12-31", 12)


def test_renminbi_and_us_dollar_columns_of_the_same_date() -> None:
    html = table(
        row("", "Dec 31, 2022", "Mar 31, 2023", "Mar 31, 2023"),
        row("", "RMB", "RMB", "US$"),
        row("Total assets", "15,000", "14,000", "2,039"),
        row("Total liabilities", "7,000", "6,000", "874"),
    )
    found = lines(
        html, lead="<p>UNAUDITED CONDENSED CONSOLIDATED BALANCE SHEETS</p><p>(All amounts in thousands)</p>"
    )
    assert [(f"{x.value:f}", x.unit, str(x.period_end)) for x in found[:3]] == [
        ("15000000", "CNY", "2022-12-31"),
        ("14000000", "CNY", "2023-03-31"),
        ("2039000", "USD", "2023-03-31"),
    ]
    assert {x.member for x in found} == {""}


def test_notes_column_holds_no_figures() -> None:
    html = table(
        row("", "Notes", "2023", "2022"),
        row("Cash", "5", "1,234", "2,345"),
        row("Total assets", "10", "9,000", "8,000"),
    )
    found = lines(
        html, lead="<p>Balance sheets as of December 31, 2023 and 2022</p><p>(RMB in thousands)</p>"
    )
    assert [f"{x.value:f}" for x in found] == ["1234000", "2345000", "9000000", "8000000"]


def test_change_and_percent_change_columns_give_no_amounts() -> None:
    html = table(
        row("", "2Q23", "2Q22", "Change", "% Change"),
        row("", "", "", "2Q23 vs. 2Q22", ""),
        row("Revenue", "$110", "$100", "$10", "10%"),
        row("Costs", "50", "40", "10", "25"),
    )
    assert [f"{x.value:f}" for x in lines(html)] == ["110000", "100000", "50000", "40000"]


def test_per_share_and_share_rows_are_not_scaled_alike() -> None:
    lead = "<p>Consolidated Statements of Income</p><p>(In thousands, except share and per share data)</p>"
    html = table(
        YEARS,
        row("Net income", "$ 1,000", "", "$ 900"),
        row("Net income per share:"),
        row("Basic", "$ 0.10", "", "$ 0.09"),
        row("Weighted average number of shares used in per share computation:"),
        row("Basic", "10,000,000", "", "9,999,999"),
    )
    assert [(f"{x.value:f}", x.unit, x.decimals) for x in lines(html, lead=lead)][::2] == [
        ("1000000", "USD", -3),
        ("0.10", "USD/share", 2),
        ("10000000", "shares", 0),
    ]


def test_shares_reflected_in_thousands_beside_amounts_in_millions() -> None:
    lead = "<p>Statements of Operations</p><p>(In millions, except number of shares, which are reflected in thousands, and per share amounts)</p>"
    html = table(
        YEARS,
        row("Net income", "$ 19,881", "", "$ 1"),
        row("Shares used in computing earnings per share: Diluted", "15,775,021", "", "2"),
    )
    assert [(f"{x.value:f}", x.unit) for x in lines(html, lead=lead)][::2] == [
        ("19881000000", "USD"),
        ("15775021000", "shares"),
    ]


def test_scale_in_a_header_cell_of_the_table() -> None:
    html = table(
        row("(Dollars in millions)", "June 30, 2023"),
        row("Total assets", "1,234.5"),
        row("Total liabilities", "1"),
    )
    found = lines(html, lead="<p>Consolidated Balance Sheet</p>")
    assert (f"{found[0].value:f}", found[0].decimals) == ("1234500000", -5)


def test_footnote_marks_are_dropped_from_labels_and_figures() -> None:
    html = table(
        YEARS,
        row("Revenue<sup>(1)</sup>", "$ 1,234<sup>2</sup>", "", "$ 5"),
        row("Adjusted costs (a)", "7 (1)", "", "8*"),
    )
    found = lines(html)
    assert [(x.label, f"{x.value:f}") for x in found] == [
        ("Revenue", "1234000"),
        ("Revenue", "5000"),
        ("Adjusted costs", "7000"),
        ("Adjusted costs", "8000"),
    ]


def test_hidden_cells_rows_and_spans_say_nothing() -> None:
    html = table(
        YEARS,
        "<tr style='display:none'><td>Secret</td><td>1</td><td></td><td>2</td></tr>",
        row(
            "Revenue",
            "<td style='display: none'>999</td>",
            "$ 10",
            "",
            "$ 20<span style='display:none'>345</span>",
        ),
    )
    assert [f"{x.value:f}" for x in lines(html)] == ["10000", "20000"]


def test_rowspan_keeps_the_columns_of_the_rows_below() -> None:
    html = table(
        "<tr><td rowspan=2></td><td colspan=2>December 31,</td></tr><tr><td>2023</td><td>2022</td></tr>",
        "<tr><td rowspan=2>Cash</td><td>$1</td><td>$2</td></tr><tr><td>3</td><td>4</td></tr>",
        row("Total assets", "5", "6"),
        row("Total liabilities", "7", "8"),
    )
    found = lines(html, lead="<p>Balance Sheets (in thousands)</p>")
    assert [(x.col, f"{x.value:f}") for x in found] == [
        (1, "1000"),
        (2, "2000"),
        (1, "3000"),
        (2, "4000"),
        (1, "5000"),
        (2, "6000"),
        (1, "7000"),
        (2, "8000"),
    ]


def test_statement_that_goes_on_in_a_second_table_keeps_its_columns() -> None:
    first = table(
        row("", "June 30, 2023", "December 31, 2022"), row("Cash", "$1", "$2"), row("Total assets", "3", "4")
    )
    second = table(row("Accounts payable", "1", "2"), row("Total liabilities", "3", "4"))
    found = lines(first + second, lead="<p>Balance Sheets (in thousands)</p>")
    assert [(x.table, str(x.period_end)) for x in found[-2:]] == [(1, "2023-06-30"), (1, "2022-12-31")]


def test_header_repeated_after_a_page_break_inside_the_table() -> None:
    html = table(
        row("", "2023", "2022"),
        row("Revenue", "$1", "$2"),
        row("", "2023", "2022"),
        row("Net income", "3", "4"),
    )
    found = lines(
        html, lead="<p>Statements of Income for the years ended December 31, 2023 and 2022 (in thousands)</p>"
    )
    assert [(x.label, str(x.period_end), x.months) for x in found] == [
        ("Revenue", "2023-12-31", 12),
        ("Revenue", "2022-12-31", 12),
        ("Net income", "2023-12-31", 12),
        ("Net income", "2022-12-31", 12),
    ]


def test_thirteen_week_quarter_of_a_52_week_year() -> None:
    html = table(
        row("", "<td colspan=2>Thirteen Weeks Ended</td>", "<td colspan=2>39 Weeks Ended</td>"),
        row("", "October 28, 2023", "October 29, 2022", "October 28, 2023", "October 29, 2022"),
        row("Revenue", "$1", "$2", "$3", "$4"),
    )
    found = lines(html)
    assert [(str(x.period_start), str(x.period_end), x.months) for x in found][::2] == [
        ("2023-07-30", "2023-10-28", 3),
        ("2023-01-29", "2023-10-28", 9),
    ]


def test_year_to_date_of_a_fiscal_year_that_does_not_end_in_december() -> None:
    lead = (
        "<p>results for the second quarter ended March 31, 2023</p><p>Statements of Income (in thousands)</p>"
    )
    html = table(
        row("", "Three months ended March 31, 2023", "Year-to-date March 31, 2023"),
        row("Revenue", "$1", "$2"),
        row("Costs", "3", "4"),
    )
    assert [x.months for x in lines(html, lead=lead)] == [3, 6, 3, 6]


def test_half_year_and_nine_month_short_names() -> None:
    html = table(
        row("", "H1 2023", "9M/2023", "Q3/2023"),
        row("Revenue", "€1", "€2", "€3"),
        row("Costs", "4", "5", "6"),
    )
    assert [(str(x.period_end), x.months) for x in lines(html)][:3] == [
        ("2023-06-30", 6),
        ("2023-09-30", 9),
        ("2023-09-30", 3),
    ]


def test_segment_columns_of_one_period_are_told_apart_and_are_no_group_figures() -> None:
    html = table(
        row("", "North", "South", "Total"),
        row("Three months ended June 30, 2023"),
        row("Revenue", "$1", "$2", "$3"),
    )
    found = lines(html, lead="<p>Segment information (in millions)</p>")
    assert [(x.member, x.months, x.statement) for x in found] == [
        ("North", 3, "segment"),
        ("South", 3, "segment"),
        ("", 3, "segment"),
    ]
    assert found[0].section[-1] == "North"


def test_of_restated_columns_only_the_restated_one_is_the_statement() -> None:
    html = table(
        row("", "<td colspan=3>Three months ended March 31, 2022</td>"),
        row("", "As Reported", "Adjustment", "As Restated"),
        row("Total revenues", "$ 51", "$ 0", "$ 51"),
        row("Operating loss", "(5)", "(1)", "(6)"),
        row("Income tax", "1", "2", "3"),
        row("Net loss", "(4)", "(1)", "(3)"),
    )
    found = lines(html)
    assert [x.member for x in found[:3]] == ["As Reported", "Adjustment", ""]
    assert {(x.statement, bool(x.member)) for x in found} == {("other", True), ("income", False)}


def test_sections_follow_headings_indents_and_totals() -> None:
    html = table(
        row("", "June 30, 2023", "December 31, 2022"),
        row("ASSETS"),
        row("Current assets:"),
        row("<td style='padding-left:10pt'>Cash</td>", "1", "2"),
        row("<td style='padding-left:20pt'>Total current assets</td>", "1", "2"),
        row("Goodwill", "3", "4"),
        row("Total assets", "4", "6"),
        row("LIABILITIES"),
        row("Current liabilities:"),
        row("Payables", "4", "6"),
        row("Total liabilities and equity", "4", "6"),
    )
    found = lines(html, lead="<p>Balance Sheets ($ in thousands)</p>")
    assert [(x.label, x.section) for x in found][::2] == [
        ("Cash", ("ASSETS", "Current assets")),
        ("Total current assets", ("ASSETS", "Current assets")),
        ("Goodwill", ("ASSETS",)),
        ("Total assets", ("ASSETS",)),
        ("Payables", ("LIABILITIES", "Current liabilities")),
        ("Total liabilities and equity", ("LIABILITIES", "Current liabilities")),
    ]


def test_a_row_whose_figures_are_blank_is_no_heading() -> None:
    html = table(
        YEARS,
        row("Revenues:"),
        row("Public cloud", "", "", "5"),
        row("Others", "", "", ""),
        row("Total revenues", "9", "", "8"),
        row("Income tax expense", "", "", ""),
        row("Net loss", "(1)", "", "(2)"),
    )
    found = lines(html, lead="<p>Statements of Loss (RMB in thousands)</p>")
    assert {x.section for x in found if x.label == "Total revenues"} == {("Revenues",)}
    assert {x.section for x in found if x.label == "Net loss"} == {()}


def test_figures_inside_a_label_of_the_balance_sheet() -> None:
    label = (
        "Common stock, $0.01 par value; 2,250 shares authorized; 1,651 and 1,645 shares issued, respectively"
    )
    html = table(
        row("", "June 30, 2023", "December 31, 2022"),
        row(label, "17", "16"),
        row("Total assets", "20", "20"),
        row("Total liabilities", "3", "4"),
    )
    found = [
        x
        for x in lines(html, lead="<p>Balance Sheets ($ in millions)</p>")
        if x.label.startswith("Common stock, ")
    ]
    inside = [
        (x.label, f"{x.value:f}", x.unit, str(x.period_end))
        for x in found
        if x.column_label.endswith("label)")
    ]
    assert inside == [
        ("Common stock, par value", "0.01", "USD/share", "2023-06-30"),
        ("Common stock, par value", "0.01", "USD/share", "2022-12-31"),
        ("Common stock, shares authorized", "2250000000", "shares", "2023-06-30"),
        ("Common stock, shares authorized", "2250000000", "shares", "2022-12-31"),
        ("Common stock, shares issued", "1651000000", "shares", "2023-06-30"),
        ("Common stock, shares issued", "1645000000", "shares", "2022-12-31"),
    ]
    assert len({(x.row, x.col) for x in found}) == len(found)


@pytest.mark.parametrize(
    ("label", "texts"),
    [
        ("Treasury stock, at cost (37 and 33 shares)", {"(37": -37_000_000, "33": 33_000_000}),
        ("Common stock ($0.01 par value; 5 shares authorized)", {"($0.01": Decimal("-0.01"), "5": 5_000_000}),
        ("Common stock; authorized – 3.5 billion shares", {"–3.5": -3_500_000_000}),
        ("Common stock without par value (9,000 million shares authorized)", {"(9,000": -9_000_000_000}),
        ("Receivables (less allowance: 2023 - $424; 2022 - $457)", {"-$424": -424_000_000, "-$457": -457_000_000}),
        ("Treasury stock (2023: 72 shares; 2022: 66 shares)", {"72": 72_000_000, "66": 66_000_000}),
    ],
)  # fmt: skip
def test_a_figure_in_a_label_keeps_the_sign_printed_right_before_it(
    label: str, texts: dict[str, Decimal | int]
) -> None:
    html = table(
        row("", "June 30, 2023", "December 31, 2022"),
        row(label, "5", "4"),
        row("Total assets", "20", "20"),
        row("Total liabilities", "3", "4"),
    )
    found = lines(html, lead="<p>Balance Sheets ($ in millions)</p>")
    assert {x.text: x.value for x in found if x.column_label.endswith(IN_LABEL)} == texts


def test_a_list_in_a_label_has_one_figure_for_each_column_and_a_limit_is_no_figure() -> None:
    html = table(
        row("", "June 30, 2023", "March 31, 2023", "December 31, 2022"),
        row("Securities, at fair value (including pledged securities of $5, $6 and $7, respectively)", "9", "9", "9"),
        row("Certificates of deposit of $100,000 or more", "5", "4", "3"),
        row("Total assets", "20", "20", "20"),
        row("Total liabilities", "3", "4", "4"),
    )  # fmt: skip
    found = lines(html, lead="<p>Balance Sheets ($ in millions)</p>")
    inside = [x for x in found if x.column_label.endswith(IN_LABEL)]
    assert [(x.label, x.text, x.period_end.month if x.period_end else 0) for x in inside] == [
        ("Securities, pledged securities", "5", 6),
        ("Securities, pledged securities", "6", 3),
        ("Securities, pledged securities", "7", 12),
    ]
    assert {x.member for x in inside} == {"in the row's label"}


def test_cash_at_the_beginning_and_the_end_of_a_flow_column_are_instants() -> None:
    html = table(
        YEARS,
        row("Net cash from operating activities", "$ 5", "", "$ 4"),
        row("Net cash used in investing activities", "(3)", "", "(2)"),
        row("Cash at beginning of period", "1", "", "2"),
        row("Cash at end of period", "3", "", "4"),
    )
    found = lines(html, lead="<p>Statements of Cash Flows (in thousands)</p>")
    assert brief(found)[4:] == [
        ("Cash at beginning of period", "1000", "USD", "2023-03-31", None),
        ("Cash at beginning of period", "2000", "USD", "2022-03-31", None),
        ("Cash at end of period", "3000", "USD", "2023-06-30", None),
        ("Cash at end of period", "4000", "USD", "2022-06-30", None),
    ]


def test_parent_company_and_vie_tables_have_their_own_scope() -> None:
    html = table(row("", "December 31, 2023"), row("Total assets", "RMB5"), row("Total liabilities", "3"))
    assert {x.scope for x in lines(html, lead="<p>Summary of Parent Company Balance Sheet</p>")} == {
        "parent_only"
    }
    assert {x.scope for x in lines(html, lead="<p>Balance sheets of the VIEs (in thousands)</p>")} == {"vie"}
    assert {x.scope for x in lines(html, lead="<p>Consolidated balance sheets</p>")} == {"consolidated"}


def test_evidence_of_a_transcribed_cell() -> None:
    cell = '<td data-grade="B" data-source-kind="third_party" data-source-url="https://example.org/a?b=1&amp;c=2">1,234</td>'
    found = lines(
        table(row("", "December 31, 2023"), row("Total assets", cell), row("Total liabilities", "RMB3"))
    )
    assert found[0].evidence is not None
    assert (found[0].evidence.grade, found[0].evidence.source_kind) == ("B", "third_party")
    assert found[0].evidence.source_url == "https://example.org/a?b=1&c=2"
    assert found[1].evidence is None


def test_nested_tables_count_in_document_order_and_layout_tables_say_nothing() -> None:
    inner = table(row("", "December 31, 2023"), row("Total assets", "$5"), row("Total liabilities", "$3"))
    found = lines(f"<table><tr><td>Layout {inner}</td></tr></table>{inner}")
    assert [(x.table, x.text) for x in found] == [(1, "$5"), (1, "$3"), (2, "$5"), (2, "$3")]


def test_plain_text_statement_of_an_old_filing() -> None:
    text = """
                 Consolidated Statements of Operations
                 (In thousands, except per share data)

                                 Three Months Ended     Twelve Months Ended
                                 Jun 30,    Jun 30,     Jun 30,    Jun 30,
                                  2003       2002        2003       2002
                                 -------    -------     -------    -------
    Net revenues                 $11,506    $12,967     $44,958    $47,589
    Selling, general and
      administrative               2,654      2,958      11,284     11,778
    Restructuring charge             ---        ---       1,431        ---
    Net loss                      $(370)     $(694)   $(4,327)   $(5,267)
    Basic loss per share         $(0.01)    $(0.03)    $(0.17)    $(0.21)
"""
    found = read(text.encode()).lines
    assert brief(found)[:5] == [
        ("Net revenues", "11506000", "USD", "2003-06-30", 3),
        ("Net revenues", "12967000", "USD", "2002-06-30", 3),
        ("Net revenues", "44958000", "USD", "2003-06-30", 12),
        ("Net revenues", "47589000", "USD", "2002-06-30", 12),
        ("Selling, general and administrative", "2654000", "USD", "2003-06-30", 3),
    ]
    assert brief(found)[8] == ("Restructuring charge", "0", "USD", "2003-06-30", 3)
    assert brief(found)[-1] == ("Basic loss per share", "-0.21", "USD/share", "2002-06-30", 12)


def test_audited_and_unaudited_marks() -> None:
    html = table(
        row("", "December 31, 2022", "March 31, 2023"),
        row("", "(audited)", "(unaudited)"),
        row("Total assets", "$5", "$6"),
        row("Total liabilities", "1", "2"),
    )
    assert [x.audited for x in lines(html)] == [True, False, True, False]


def test_a_figure_that_breaks_a_total_is_warned_and_marked() -> None:
    def statement(broken: str) -> bytes:
        return page(
            table(
                row("", "December 31, 2023", "December 31, 2022"),
                row("Current assets:"),
                row("Cash", "1,000", "900"),
                row("Receivables", "2,000", "1,900"),
                row("Inventories", broken, "500"),
                row("Total current assets", "3,600", "3,300"),
                row("Total assets", "3,600", "3,300"),
                row("Total liabilities and equity", "3,600", "3,300"),
            ),
            "<p>Balance Sheets (RMB in thousands)</p>",
        )

    assert "total_mismatch" not in codes(read(statement("600")))
    broken = read(statement("500"))
    assert "total_mismatch" in codes(broken)
    marked = {(x.label, str(x.period_end)) for x in broken.lines if x.suspect}
    assert ("Inventories", "2023-12-31") in marked
    assert not [m for m in marked if m[1] == "2022-12-31"]


def test_assets_that_differ_from_the_other_side_are_warned() -> None:
    html = table(
        row("", "December 31, 2023"),
        row("Total assets", "RMB3,600"),
        row("Total liabilities and equity", "3,700"),
    )
    assert "total_mismatch" in codes(read(page(html, "<p>Balance Sheet (in thousands)</p>")))


def test_a_statement_without_readable_periods_is_reported() -> None:
    html = table(
        row("Total assets", "$3,600", "$3,700"), row("Total liabilities and equity", "3,600", "3,700")
    )
    out = read(page(html, "<p>Consolidated Balance Sheets</p>"))
    assert out.lines == []
    assert "unread_table" in codes(out)


@pytest.mark.parametrize("text", ["78.41,000", "1,2345", "12,34,567", "1,234 5,678", "[1,234]", "102,9"])
def test_a_malformed_cell_is_named_in_a_warning_and_gives_no_line(text: str) -> None:
    html = table(YEARS, row("Revenues", "$1,000", "", "$900"), row("Net income", text, "", "90"))
    out = read(page(html))
    assert [x.text for x in out.lines if x.label == "Net income"] == ["90"]
    named = [w.message for w in out.warnings if w.code == "unreadable_cell"]
    assert len(named) == 1
    assert "Net income" in named[0]
    assert text in named[0]


@pytest.mark.parametrize("text", ["12-14", "10:1", "28.10.2008", "3.9% - 5.1%", ">100%"])
def test_ranges_dates_and_proportions_are_no_malformed_figures(text: str) -> None:
    html = table(YEARS, row("Revenues", "$1,000", "", "$900"), row("Net income", text, "", "90"))
    assert "unreadable_cell" not in codes(read(page(html)))


@pytest.mark.parametrize(
    ("text", "value"),
    [("8’868", "8868"), ("-1'410", "-1410"), ("1.234.567", "1234567"), ("(1.234,50)", "-1234.50")],
)
def test_groups_parted_by_apostrophes_or_points(text: str, value: str) -> None:
    html = table(YEARS, row("Revenues", text, "", "900"), row("Net income", "100", "", "90"))
    found = lines(html, lead="<p>Statements of Income (in dollars, $)</p>")
    assert found[0].value == Decimal(value)


def test_two_days_over_one_column_are_warned_about_and_mark_its_lines() -> None:
    html = table(
        row("", "April 29, 2023", "April 29, 2023"),
        row("", "July 27, 2019", "April 29, 2023"),
        row("Loans", "5", "6"),
        row("Total assets", "7", "8"),
        row("Total liabilities", "3", "4"),
    )
    out = read(page(html, lead="<p>Balance Sheets ($ in millions)</p>"))
    assert [w.code for w in out.warnings if w.table == 0] == ["header_unclear"]
    assert {x.suspect for x in out.lines if x.period_end and x.period_end.year == 2019} == {"header_unclear"}
    assert {x.suspect for x in out.lines if x.period_end and x.period_end.year == 2023} == {None}


def test_the_day_of_the_release_above_all_columns_is_no_contradiction() -> None:
    html = table(
        row("", '<td colspan="2">January 17, 2008</td>'),
        row("", "Dec 31, 2007", "Dec 31, 2006"),
        row("Total assets", "7", "8"),
        row("Total liabilities", "3", "4"),
    )
    out = read(page(html, lead="<p>Balance Sheets ($ in millions)</p>"))
    assert [str(x.period_end) for x in out.lines[:2]] == ["2007-12-31", "2006-12-31"]
    assert not out.warnings


def test_a_duration_that_contradicts_the_title_is_warned_about() -> None:
    html = table(YEARS, row("Revenues", "1,000", "", "900"), row("Net income", "100", "", "90"))
    lead = "<p>Statements of Income for the six months ended June 30, 2023 and 2022 ($ in thousands)</p>"
    assert "header_unclear" in codes(read(page(html, lead=lead)))
    lead = "<p>Statements of Income for the three and six months ended June 30, 2023 and 2022 ($ in thousands)</p>"
    assert "header_unclear" not in codes(read(page(html, lead=lead)))


def test_the_day_nearest_to_the_figures_wins_over_the_release_day_of_the_same_year() -> None:
    html = table(
        row("", '<td colspan="2">October 23, 2008</td>'),
        row("", "Sept. 30,", "June 30,"),
        row("", "2008", "2008"),
        row("Total assets", "7", "8"),
        row("Total liabilities", "3", "4"),
    )
    out = read(page(html, lead="<p>Balance Sheets ($ in millions)</p>"))
    assert [str(x.period_end) for x in out.lines[:2]] == ["2008-09-30", "2008-06-30"]


def test_one_side_of_a_balance_sheet_and_a_statement_that_goes_on_are_recognised() -> None:
    head = row("", "June 30, 2023", "December 31, 2022")
    assets = table(head, row("Inventory", "5", "4"), row("Total current assets", "9", "8"))
    flows = table(YEARS, row("Purchase of equipment", "$(5)", "", "$(4)"), row("Dividends", "(2)", "", "(1)"))
    out = read(
        page(
            f"{assets}<p>Consolidated Statements of Cash Flows (continued)</p>{flows}",
            lead="<p>$ in millions</p><p>Consolidated Balance Sheets</p>",
        )
    )
    assert [x.statement for x in out.lines] == ["balance_sheet"] * 4 + ["cash_flow"] * 4


def test_columns_with_one_heading_twice_stay_a_statement_and_are_suspect() -> None:
    html = table(
        row("", "June 30, 2023", "June 30, 2023", "December 31, 2022"),
        row("Total assets", "7", "8", "9"),
        row("Total liabilities", "3", "4", "5"),
    )
    out = read(page(html, lead="<p>$ in millions</p><p>Consolidated Balance Sheets</p>"))
    assert {x.statement for x in out.lines} == {"balance_sheet"}
    assert codes(out) == {"header_unclear"}
    assert {x.member for x in out.lines if x.period_end and x.period_end.year == 2023} == {"?"}


def test_a_long_narrow_label_in_plain_text_does_not_end_its_table() -> None:
    words = [f"   part {n} of it;" for n in range(14)]
    text = "\n".join(
        [
            "           BALANCE SHEETS (in dollars)",
            "                     June 30,      December 31,",
            "                       2008            2007",
            "Total assets         $ 8,000         $ 9,000",
            "Total liabili-",
            "  ties                 3,000           4,000",
            *words,
            "   stock               5,000           5,000",
        ]
    )
    found = read(f"<pre>{text}</pre>".encode()).lines
    assert len({x.table for x in found}) == 1
    assert [x.label for x in found][2] == "Total liabili-ties"
    assert found[-1].label.endswith("stock")


def test_cash_at_the_beginning_is_dated_by_its_heading_or_its_day() -> None:
    lead = "<p>Statements of Cash Flows (in thousands)</p>"
    top = (
        row("", "Six months ended June 30, 2023"),
        row("Net cash from operating activities", "$ 5"),
        row("Net cash used in investing activities", "(3)"),
    )
    html = table(*top, row("Cash:", ""), row("Beginning of period", "1"), row("End of period", "3"))
    assert brief(lines(html, lead=lead))[2:] == [
        ("Beginning of period", "1000", "USD", "2022-12-31", None),
        ("End of period", "3000", "USD", "2023-06-30", None),
    ]
    html = table(*top, row("Cash and equivalents at January 1", "1"), row("Cash at June 30", "3"))
    assert [x[3:] for x in brief(lines(html, lead=lead))[2:]] == [("2022-12-31", None), ("2023-06-30", None)]


def test_non_consolidated_statements_are_the_parents_and_do_not_pass_for_the_groups() -> None:
    html = table(row("", "March 31, 2009"), row("Total assets", "¥5"), row("Total liabilities", "3"))
    for lead in (
        "<p>(1) Non-Consolidated Balance Sheets (Unaudited)</p>",
        "<p>(All non-consolidated financial information follows local rules.)</p><p>Intangible fixed assets</p>",
    ):
        assert {x.scope for x in lines(html, lead=lead)} == {"parent_only"}
    lead = "<p>Balance sheets</p><p>Investments in unconsolidated affiliates are below.</p>"
    assert {x.scope for x in lines(html, lead=lead)} == {"consolidated"}


def test_a_quarters_column_beside_a_half_years_does_not_move_the_fiscal_year() -> None:
    lead = (
        "<p>as follows: First Quarter Second Quarter Six months ended June 30, 2023 and so on.</p>"
        "<p>Consolidated Statements of Income (in thousands)</p>"
    )
    html = table(row("", "Second Quarter 2023"), row("Revenue", "$1"), row("Costs", "3"))
    assert {x[3] for x in brief(lines(html, lead=lead))} == {"2023-06-30"}


def test_rows_that_complete_shares_used_to_compute_count_shares() -> None:
    html = table(
        YEARS,
        row("Net income", "$ 5", "", "$ 4"),
        row("Basic earnings per share", "1.27", "", "1.20"),
        row("Average number of shares (in millions) used to compute:", ""),
        row("Basic earnings per share attributable to owners", "2,284", "", "2,287"),
    )
    found = lines(html)
    assert [x.unit for x in found] == ["USD", "USD", "USD/share", "USD/share", "shares", "shares"]
    assert found[-1].value == 2_287_000_000
