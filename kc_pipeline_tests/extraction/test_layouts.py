"""Ways to lay out a statement that `make restyle` found the reader weak on, each named after its feature."""

from decimal import Decimal

import pytest

from kc_pipeline.extraction import read
from kc_pipeline.extraction.units import unit_words
from kc_pipeline_tests.extraction.pages import lines, page, row, table

BALANCE = "<p>Consolidated Balance Sheets</p><p>(In millions)</p>"


def periods(html: str, **kwargs: str) -> list[tuple[str, int | None]]:
    return [(str(x.period_end), x.months) for x in lines(html, **kwargs)]


def test_duration_in_one_narrow_cell_left_of_its_columns() -> None:
    html = table(
        row("", "", "Three Months Ended", "", "", "", "Six Months Ended"),
        row("", "", "June 30, 2023", "", "June 30, 2022", "", "June 30, 2023", "", "June 30, 2022"),
        row("Revenue", "", "$1", "", "$2", "", "$3", "", "$4"),
        row("Net income", "", "1", "", "1", "", "2", "", "2"),
    )
    assert periods(html)[:4] == [("2023-06-30", 3), ("2022-06-30", 3), ("2023-06-30", 6), ("2022-06-30", 6)]


def test_heading_over_the_currency_sign_is_no_label() -> None:
    html = table(
        row("", "Three Months Ended", "", "", "", "Six Months Ended"),
        row("", "June 30, 2023", "", "June 30, 2022", "", "June 30, 2023", "", "June 30, 2022"),
        row("Revenue", "", "1,000", "", "2,000", "", "3,000", "", "4,000"),
        row("Net income", "", "100", "", "200", "", "300", "", "400"),
    )
    lead = "<p>Statements of Income</p><p>(In thousands of U.S. dollars)</p>"
    assert periods(html, lead=lead)[:4] == [
        ("2023-06-30", 3),
        ("2022-06-30", 3),
        ("2023-06-30", 6),
        ("2022-06-30", 6),
    ]


def test_month_and_day_in_one_narrow_cell_over_the_first_year() -> None:
    html = table(
        row("", "Three Months Ended", "", "Six Months Ended", ""),
        row("", "June 30,"),
        row("", "2023", "2022", "2023", "2022"),
        row("Revenue", "$1", "$2", "$3", "$4"),
        row("Net income", "1", "1", "2", "2"),
    )
    assert periods(html)[:4] == [("2023-06-30", 3), ("2022-06-30", 3), ("2023-06-30", 6), ("2022-06-30", 6)]


def test_a_year_column_keeps_its_own_end_beside_quarters() -> None:
    html = table(
        row("", "<td colspan=2>Three Months Ended September 30,</td>", "Year Ended"),
        row("", "2023", "2022", "December 31, 2022"),
        row("Revenue", "$1", "$2", "$9"),
        row("Net income", "1", "1", "3"),
    )
    assert periods(html)[:3] == [("2023-09-30", 3), ("2022-09-30", 3), ("2022-12-31", 12)]


def test_caption_across_the_columns_that_names_every_date() -> None:
    html = table(
        row("", "June 30,", "December 31,"),
        row("", "2023", "2022"),
        row("", "<td colspan=2>June 30, 2023 (unaudited) and December 31, 2022 (in millions)</td>"),
        row("Cash", "5", "6"),
        row("Total assets", "$7", "$8"),
        row("Total liabilities and equity", "7", "8"),
    )
    assert periods(html, lead="<p>Balance Sheets</p>")[:2] == [("2023-06-30", None), ("2022-12-31", None)]


def test_dates_with_points_have_the_day_first_and_slashes_the_month() -> None:
    def ends(first: str, second: str) -> list[str]:
        html = table(row("", first, second), row("Cash", "1", "2"), row("Total assets", "$3", "$4"))
        return [str(x.period_end) for x in lines(html, lead=BALANCE)[:2]]

    assert ends("01.07.2023", "31.12.2022") == ["2023-07-01", "2022-12-31"]
    assert ends("7/1/2023", "12/31/2022") == ["2023-07-01", "2022-12-31"]
    assert ends("6.30.2023", "12.31.2022") == ["2023-06-30", "2022-12-31"]


def test_nil_of_two_spaced_dashes() -> None:
    html = table(
        row("", "June 30, 2023", "June 30, 2022"), row("Revenue", "$5", "$6"), row("Other", "- -", "—  —")
    )
    found = lines(html, lead="<p>Statements of Income, three months ended</p><p>(In millions)</p>")
    assert [x.value for x in found] == [Decimal(5_000_000), Decimal(6_000_000), 0, 0]


def test_units_in_a_caption_serve_the_tables_that_name_none() -> None:
    caption = "<caption>Consolidated Statements of Income<br>(in millions, except per share data)</caption>"
    years = row("", "<td colspan=2>Three Months Ended June 30,</td>") + row("", "2023", "2022")
    rows = [row(f"Item {n}", "$ 10", "11") for n in range(12)]
    first = table(years, row("Revenue", "$ 1,000", "900"), *rows, row("Net income", "200", "100"))
    second = table(years, row("Net income", "$ 200", "100"), row("Less: dividends", "(10)", "(5)"))
    html = first.replace("<table>", f"<table>{caption}", 1) + "<p>Note 5. Earnings per share</p>" + second
    values = [x.value for x in read(page(html, "<p>X Corp</p>")).lines if x.label == "Net income"]
    assert values == [Decimal(200_000_000), Decimal(100_000_000)] * 2


def test_footnote_mark_behind_a_label_that_counts_shares() -> None:
    html = table(
        row("", "<td colspan=2>Three Months Ended June 30,</td>"),
        row("", "2023", "2022"),
        row("Net income", "$ 900", "$ 800"),
        row("Weighted average shares outstanding:"),
        row("Basic (1)", "515.0", "534.1"),
    )
    found = [x for x in lines(html, lead="<p>Statements of Income (In millions)</p>") if x.label == "Basic"]
    assert [(x.value, x.unit) for x in found] == [
        (Decimal(515_000_000), "shares"),
        (Decimal(534_100_000), "shares"),
    ]


def test_footnote_mark_behind_the_figures_of_a_label() -> None:
    label = (
        "Common stock, 500 shares authorized; 200 shares issued at June 30, 2023 and December 31, 2022 (1)"
    )
    html = table(
        row("", "June 30, 2023", "December 31, 2022"),
        row(label, "$ 5", "$ 5"),
        row("Total assets", "9", "9"),
        row("Total liabilities and equity", "9", "9"),
    )
    issued = [x for x in lines(html, lead=BALANCE) if x.label.endswith("shares issued")]
    assert [(x.value, str(x.period_end)) for x in issued] == [
        (Decimal(200_000_000), "2023-06-30"),
        (Decimal(200_000_000), "2022-12-31"),
    ]


def test_dividends_per_share_below_share_counts_without_a_currency_sign() -> None:
    html = table(
        row("", "<td colspan=2>Three Months Ended June 30,</td>"),
        row("", "2023", "2022"),
        row("Net income", "$ 900", "$ 800"),
        row("Weighted average number of common shares outstanding"),
        row("Basic", "228.1", "235.4"),
        row("Cash dividends declared per common share", "1.00", "0.93"),
    )
    found = lines(html, lead="<p>Statements of Income</p><p>(In millions, except per share data)</p>")
    assert [(x.value, x.unit) for x in found[-2:]] == [
        (Decimal("1.00"), "USD/share"),
        (Decimal("0.93"), "USD/share"),
    ]


def test_dollars_named_in_the_label_alone() -> None:
    html = table(
        row("", "<td colspan=2>Three Months Ended June 30,</td>"),
        row("", "2023", "2022"),
        row("Net income (millions of dollars)", "7,880", "17,850"),
        row("Weighted average shares (millions of shares)", "4,066", "4,233"),
        row("Earnings per common share (dollars)", "1.94", "4.21"),
    )
    found = lines(html, lead="<p>Note 5. Earnings Per Share</p>")
    assert [(f"{x.value:f}", x.unit) for x in found][::2] == [
        ("7880000000", "USD"),
        ("4066000000", "shares"),
        ("1.94", "USD/share"),
    ]


@pytest.mark.parametrize(
    ("text", "scale", "currencies"),
    [
        ("(Rs. in crore)", 7, ("INR",)),
        ("(Won in millions)", 6, ("KRW",)),
        ("MSEK", 6, ("SEK",)),
        ("TEUR", 3, ("EUR",)),
        ("in EUR k", 3, ("EUR",)),
        ("(Canadian $ in millions)", 6, ("CAD",)),
        ("人民币百万元", 6, ("CNY",)),
    ],
)
def test_scales_of_other_countries(text: str, scale: int, currencies: tuple[str, ...]) -> None:
    read_words = unit_words(text)
    assert (read_words.scale, read_words.currencies) == (scale, currencies)


@pytest.mark.parametrize(
    ("text", "end", "months"),
    [
        ("Jun-30-2023", "2023-06-30", None),
        ("30-06-2023", "2023-06-30", None),
        ("12-31-2022", "2022-12-31", None),
        ("2023Q2", "2023-06-30", 3),
        ("1H FY2024", "2024-06-30", 6),
        ("Sixteen Weeks Ended May 20, 2023", "2023-05-20", 4),
        ("January 1 to June 30, 2023", "2023-06-30", 6),
    ],
)
def test_headings_in_other_forms(text: str, end: str, months: int | None) -> None:
    html = table(
        row("", text), row("Net sales", "$ 900"), row("Cost of sales", "500"), row("Net income", "100")
    )
    found = lines(html, lead="<p>Statements of Income</p><p>(In millions)</p>")
    assert {(str(x.period_end), x.months) for x in found} == {(end, months)}


def test_year_to_date_beside_a_quarter_names_only_the_year() -> None:
    html = table(
        row("", "Second Quarter 2023", "Year-to-Date 2023"),
        row("Net sales", "$ 900", "$ 1,700"),
        row("Cost of sales", "500", "950"),
        row("Operating income", "150", "280"),
        row("Net income", "100", "190"),
    )
    found = lines(html, lead="<p>Statements of Income</p><p>(In millions)</p>")
    assert [(str(x.period_end), x.months) for x in found[:2]] == [("2023-06-30", 3), ("2023-06-30", 6)]


def test_second_page_of_a_balance_sheet_without_headings_is_still_one() -> None:
    first = table(
        row("", "June 30, 2023", "December 31, 2022"),
        row("Cash", "$ 5", "$ 6"),
        row("Total assets", "9", "9"),
        row("Accounts payable", "1", "2"),
        row("Total liabilities", "4", "5"),
    )
    stock = "Common stock, $0.01 par value; 500 shares authorized; 200 and 190 shares issued"
    second = table(row("Equity:"), row(stock, "2", "2"), row("Retained earnings", "3", "2"))
    html = first + "<p>5</p><hr><p>Table of Contents</p>" + second
    found = [x for x in lines(html, lead=BALANCE) if x.table == 1]
    assert {x.statement for x in found} == {"balance_sheet"}
    issued = [
        (x.value, x.unit, str(x.period_end))
        for x in found
        if x.unit == "shares" and x.label.endswith("issued")
    ]
    assert issued == [
        (Decimal(200_000_000), "shares", "2023-06-30"),
        (Decimal(190_000_000), "shares", "2022-12-31"),
    ]
    assert [x.value for x in found if x.label == "Retained earnings"] == [
        Decimal(3_000_000),
        Decimal(2_000_000),
    ]


def test_table_of_a_note_behind_a_statement_is_not_its_second_page() -> None:
    first = table(
        row("", "June 30, 2023", "December 31, 2022"),
        row("Cash", "$ 5", "$ 6"),
        row("Total assets", "9", "9"),
        row("Total liabilities and equity", "9", "9"),
    )
    note = (
        "<p>"
        + "The components of inventories, which are carried at the lower of cost and market, follow. " * 3
        + "</p>"
    )
    second = table(row("Raw materials", "2", "2"), row("Finished goods", "3", "2"))
    found = [x for x in lines(first + note + second, lead=BALANCE) if x.table == 1]
    assert {x.statement for x in found} <= {"other"}


def test_roll_forward_of_equity_behind_the_cash_flows_is_not_their_second_page() -> None:
    first = table(
        row("", "<td colspan=2>Six Months Ended June 30,</td>"),
        row("", "2023", "2022"),
        row("Net cash from operating activities", "$ 5", "$ 4"),
        row("Net cash used in investing activities", "(3)", "(2)"),
        row("Net increase in cash", "2", "2"),
    )
    second = table(row("Balance at January 1, 2023", "89", "12"), row("Balance at June 30, 2023", "42", "15"))
    found = [
        x for x in lines(first + second, lead="<p>Statements of Cash Flows (in millions)</p>") if x.table == 1
    ]
    assert {x.statement for x in found} <= {"other"}


def test_units_of_shares_in_a_caption_across_the_columns_are_no_measure() -> None:
    html = table(
        row("", "<td colspan=2>Three Months Ended June 30,</td>"),
        row("", "2023", "2022"),
        row("", "<td colspan=2>(In millions, per-share amounts in dollars)</td>"),
        row("Insurance revenue", "847", "766"),
        row("Net earnings", "$ 120", "$ 110"),
        row("Earnings per share", "$ 0.11", "$ 0.10"),
    )
    found = lines(html, lead="<p>Statement of Earnings</p>")
    assert [(f"{x.value:f}", x.unit) for x in found[::2]] == [
        ("847000000", "USD"),
        ("120000000", "USD"),
        ("0.11", "USD/share"),
    ]


def test_foot_of_the_page_before_names_no_period() -> None:
    html = table(row("", "2023", "2022"), row("Components", "$ 3", "$ 2"), row("Finished goods", "4", "3"))
    foot = "<p>Big Co. | Q3 2023 Form 10-Q | 8</p>"
    lead = "<p>As of December 31, 2023 and 2022 (in millions)</p>" + foot
    found = lines(html, lead=lead)
    assert [(str(x.period_end), x.months) for x in found[:2]] == [("2023-12-31", None), ("2022-12-31", None)]


def test_days_from_which_to_which_a_column_goes_make_no_quarter_of_it() -> None:
    html = table(
        row("", "Successor", "Predecessor"),
        row("", "January 15, 2025 to March 31, 2025", "January 1, 2025 to January 14, 2025"),
        row("Revenue", "$ 80", "$ 20"),
        row("Net income", "8", "2"),
    )
    found = lines(html, lead="<p>First Quarter 2025</p><p>Statements of Income (in millions)</p>")
    assert [(str(x.period_start), str(x.period_end), x.months) for x in found[:2]] == [
        ("2025-01-15", "2025-03-31", 2),
        ("2025-01-01", "2025-01-14", 1),
    ]


def test_statements_one_below_another_in_one_table_are_read_apart() -> None:
    period = row("", "Three months ended March 31, 2025", "Three months ended March 31, 2024")
    body = table(
        row("Consolidated statements of operations"),
        period,
        row("Revenues", "$30,000", "$29,000"),
        row("Cost of revenues", "20,000", "19,000"),
        row("Net income", "4,500", "4,600"),
        row("Consolidated balance sheets"),
        row("", "March 31, 2025", "December 31, 2024"),
        row("Cash and cash equivalents", "$5,000", "$4,000"),
        row("Total assets", "50,000", "49,000"),
        row("Total liabilities", "20,000", "20,000"),
        row("Consolidated statements of cash flows"),
        period,
        row("Net cash provided by operating activities", "$5,000", "$4,000"),
        row("Net cash used in investing activities", "(1,000)", "(1,000)"),
        row("Net cash used in financing activities", "(500)", "(400)"),
    )
    found = lines(body, lead="<p>(In thousands)</p>")
    kinds = {(x.row, x.statement, str(x.period_end), x.months) for x in found if x.text.startswith("$")}
    assert kinds == {
        (2, "income", "2025-03-31", 3),
        (2, "income", "2024-03-31", 3),
        (7, "balance_sheet", "2025-03-31", None),
        (7, "balance_sheet", "2024-12-31", None),
        (12, "cash_flow", "2025-03-31", 3),
        (12, "cash_flow", "2024-03-31", 3),
    }
    assert {x.value for x in found if x.text == "50,000"} == {50_000_000}


def test_years_down_the_left_are_labels_and_no_money() -> None:
    body = table(*(row(str(2025 + n), "", f"${900 - n}") for n in range(4)))
    lead = "<p>As of December 31, 2024, maturities of debt are as follows (in thousands):</p>"
    assert [(x.label, x.text) for x in lines(body, lead=lead)] == [
        ("2025", "$900"),
        ("2026", "$899"),
        ("2027", "$898"),
        ("2028", "$897"),
    ]


def test_columns_under_words_of_their_own_take_no_years_from_the_table_before() -> None:
    years = table(
        row("", "2024", "2023", "2022"), row("Interest", "$44", "$43", "$42"), row("Rent", "5", "4", "3")
    )
    leases = table(
        row("", "Operating", "Finance", "Total"),
        row("2025", "$204", "$18", "$222"),
        row("2026", "182", "15", "197"),
    )
    lead = "<p>Paid for the years ended December 31 (in thousands):</p>"
    found = lines(f"{years}<p>Payments at December 31, 2024 (in thousands):</p>{leases}", lead=lead)
    assert {(str(x.period_end), x.months) for x in found if x.table == 1} == {("2024-12-31", None)}
    assert {x.member for x in found if x.table == 1} == {"Operating", "Finance", ""}
