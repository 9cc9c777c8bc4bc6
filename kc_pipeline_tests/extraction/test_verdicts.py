"""Clues of currency and scale, and the order in which they are weighed."""

from datetime import date
from decimal import Decimal

import pytest

from kc_pipeline.extraction import read
from kc_pipeline.extraction.verdicts import Clue, weigh_currency

DOLLARS = ("USD", "CAD", "HKD")


def page(table: str, lead: str = "", below: str = "") -> bytes:
    return f"<html><body>{lead}<table>{table}</table>{below}</body></html>".encode()


def row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{c}</td>" for c in cells) + "</tr>"


INCOME = "<p>Consolidated Statements of Income</p>"
HEAD = row("", "Three months ended June 30, 2025", "Three months ended June 30, 2024")
ROWS = (
    row("Revenues", "$ 30,110", "$ 28,002")
    + row("Cost of sales", "13,890", "14,102")
    + row("Operating income", "6,010", "2,118")
    + row("Net income", "5,204", "1,840")
)


def test_the_nearest_clue_holds_and_farther_ones_choose_among_what_it_allows() -> None:
    verdict = weigh_currency(
        [Clue(DOLLARS, "cell sign"), Clue(("CNY",), "caption"), Clue(("CAD",), "document")]
    )
    assert (verdict.value, verdict.rule) == ("CAD", "cell sign, document")
    assert [c.place for c in verdict.against] == ["caption"]


def test_a_tie_has_no_value() -> None:
    assert weigh_currency([Clue(DOLLARS, "cell sign"), Clue(("CNY", "USD", "HKD"), "caption")]).value == ""


def test_a_row_label_does_not_vote_for_the_document() -> None:
    table = HEAD + row("Rmb-Humira product revenues", "1,204", "1,190") + ROWS
    units = {x.unit for x in read(page(table, f"{INCOME}<p>(in millions)</p>")).lines}
    assert units == {"USD"}


def test_a_printed_dollar_is_canadian_where_the_statement_says_so() -> None:
    lead = f"{INCOME}<p>(Expressed in thousands of Canadian dollars)</p>"
    assert {(x.unit, x.unit_rule) for x in read(page(HEAD + ROWS, lead)).lines} == {
        ("CAD", "cell sign, caption"),
        ("CAD", "column signs, caption"),
    }


def test_a_scale_below_the_table_counts_and_one_of_the_next_table_does_not() -> None:
    note = "<p>Note: figures in the table above are stated in millions of dollars.</p>"
    first = read(page(HEAD + ROWS, INCOME, note)).lines[0]
    assert (first.value, first.scale_rule) == (Decimal(30_110_000_000), "note below")
    other = "<p>All amounts in millions</p><table><tr><td>Store</td><td>12</td></tr></table>"
    assert read(page(HEAD + ROWS, INCOME, other)).lines[0].value == Decimal(30_110)


def test_a_scale_of_another_table_does_not_spread_to_a_statement_and_is_said() -> None:
    summary = (
        "<p>Selected data</p><table>"
        + row("(in thousands)", "2025", "2024")
        + row("Revenue", "30", "28")
        + row("Assets", "90", "80")
        + row("Staff cost", "9", "8")
        + "</table>"
    )
    out = read(page(HEAD + ROWS, summary + INCOME))
    line = next(x for x in out.lines if x.text == "$ 30,110" or x.text == "30,110")
    assert line.value == Decimal(30_110)
    assert line.suspect == "scale_unclear"
    assert "scale_unclear" in {w.code for w in out.warnings}


def test_headings_and_caption_of_different_scales_are_said() -> None:
    table = HEAD + row("", "RMB million", "RMB million") + ROWS.replace("$ ", "")
    out = read(page(table, f"{INCOME}<p>(All amounts in thousands, except per share data)</p>"))
    assert "scale_contradicted" in {w.code for w in out.warnings}
    assert {x.suspect for x in out.lines} == {"scale_contradicted"}


def test_share_counts_are_proven_by_arithmetic() -> None:
    table = (
        HEAD
        + row("Net income", "$ 1,581", "$ 1,465")
        + row("Weighted average number of shares outstanding, basic", "909.8", "901.4")
        + row("Stock awards", "9.6", "9.3")
        + row("Weighted average number of shares outstanding, diluted", "919.4", "910.7")
    )
    awards = next(
        x for x in read(page(table, f"{INCOME}<p>(in millions)</p>")).lines if x.label == "Stock awards"
    )
    assert (awards.unit, awards.value) == ("shares", Decimal(9_600_000))
    wrong = table.replace("919.4", "999.4")
    awards = next(
        x for x in read(page(wrong, f"{INCOME}<p>(in millions)</p>")).lines if x.label == "Stock awards"
    )
    assert awards.unit == "USD"


@pytest.mark.parametrize(
    ("label", "value", "unit"),
    [
        ("Basic earnings per share (pence)", "0.312", "GBP/share"),
        ("Basic earnings per share - US cents", "0.312", "USD/share"),
        ("Basic earnings per share", "31.2", "GBP/share"),
    ],
)
def test_minor_units(label: str, value: str, unit: str) -> None:
    table = HEAD + ROWS.replace("$ ", "") + row(label, "31.2", "27.4")
    line = next(x for x in read(page(table, f"{INCOME}<p>(£ million)</p>")).lines if x.label == label)
    assert (line.value, line.unit) == (Decimal(value), unit)


COVER = "<p>FORM 10-K ANNUAL REPORT For the fiscal year ended February 1, 2025</p>"
YEARS = row("", "Fiscal", "Fiscal") + row("", "2024", "2023")


def test_fiscal_years_alone_end_as_the_cover_and_the_text_say() -> None:
    text = COVER + "<p>Fiscal 2024 and 2023 ended on February 1, 2025 and February 3, 2024.</p>" + INCOME
    lines = read(page(YEARS + ROWS, text)).lines
    assert {(x.period_end, x.months) for x in lines} == {(date(2025, 2, 1), 12), (date(2024, 2, 3), 12)}
    assert lines[0].period_rule == "fiscal calendar; column heading"


def test_years_alone_in_an_interim_report_are_no_fiscal_years() -> None:
    cover = "<p>FORM 10-Q QUARTERLY REPORT For the quarterly period ended June 30, 2025</p>" + INCOME
    assert all(x.months != 12 for x in read(page(row("", "2025", "2024") + ROWS, cover)).lines)


@pytest.mark.parametrize(
    ("heading", "member"),
    [
        ("Non-GAAP", "Non-GAAP"),
        ("Pro forma", "Pro forma"),
        ("GAAP", ""),
        ("Q3 2025 Guidance", "Q3 2025 Guidance"),
    ],
)
def test_a_column_on_another_basis_is_set_apart_even_alone(heading: str, member: str) -> None:
    table = row("", heading) + row("", "Three months ended June 30, 2025")
    table += "".join(
        row(label, "30,110") for label in ("Revenues", "Gross profit", "Operating income", "Net income")
    )
    lines = read(page(table, f"{INCOME}<p>(in thousands of US dollars)</p>")).lines
    assert lines
    assert {x.member for x in lines} == {member}


def test_a_period_over_the_first_of_each_group_of_columns_holds_for_its_group() -> None:
    table = row("", "Q1 2025", "", "Q2 2025", "") + row("", "Reported", "Adjusted", "Reported", "Adjusted")
    table += "".join(
        row(label, "3,598", "3,597", "3,905", "3,904")
        for label in ("Revenues", "Gross profit", "Operating income", "Net income")
    )
    lines = read(page(table, f"{INCOME}<p>(in millions of euros)</p>")).lines
    assert [(x.period_end, x.member) for x in lines[:4]] == [
        (date(2025, 3, 31), ""),
        (date(2025, 3, 31), "Adjusted"),
        (date(2025, 6, 30), ""),
        (date(2025, 6, 30), "Adjusted"),
    ]


@pytest.mark.parametrize(
    ("caption", "sign", "unit", "suspect"),
    [
        ("In thousands of RMB", "$", "USD", "currency_contradicted"),
        ("In thousands of U.S. dollars", "RMB", "CNY", "currency_contradicted"),
        ("Amounts expressed in euros", "£", "GBP", "currency_contradicted"),
        ("In thousands of Canadian dollars", "$", "CAD", None),
        ("In thousands of RMB", "¥", "CNY", None),
        ("In thousands", "$", "USD", None),
    ],
)
def test_a_caption_that_contradicts_the_printed_signs_marks_the_figures(
    caption: str, sign: str, unit: str, suspect: str | None
) -> None:
    table = (
        HEAD + ROWS.replace("$", sign) + row("Net income per share, basic", f"{sign} 1.20", f"{sign} 1.10")
    )
    out = read(page(table, f"{INCOME}<p>({caption})</p>"))
    assert len(out.lines) == 10
    assert {x.unit for x in out.lines} == {unit, f"{unit}/share"}
    assert {x.suspect for x in out.lines} == {suspect}
    assert ("currency_contradicted" in {w.code for w in out.warnings}) is (suspect is not None)


def test_a_price_in_another_currency_contradicts_no_caption() -> None:
    table = HEAD + ROWS.replace("$", "") + row("Net income per ADS", "US$ 1.20", "US$ 1.10")
    out = read(page(table, f"{INCOME}<p>(In thousands of RMB)</p>"))
    assert {(x.unit, x.suspect) for x in out.lines} == {("CNY", None), ("USD/ADS", None)}


def test_a_translated_column_contradicts_no_caption() -> None:
    table = HEAD.replace("</tr>", "<td>Three months ended June 30, 2025</td></tr>") + "".join(
        row(label, f"RMB {a}", f"RMB {b}", f"US$ {c}")
        for label, a, b, c in (("Revenues", 7000, 6000, 1000), ("Gross profit", 700, 600, 100))
    )
    out = read(page(table, f"{INCOME}<p>(In thousands of RMB)</p>"))
    assert {(x.unit, x.suspect) for x in out.lines} == {("CNY", None), ("USD", None)}


def test_a_statement_whose_signs_alone_contradict_the_other_statements_is_marked() -> None:
    first = f"{INCOME}<p>(In thousands of RMB)</p><table>{HEAD}{ROWS.replace('$', '')}</table>"
    second = page(HEAD + ROWS.replace("$", "£"), f"{first}{INCOME}<p>(In thousands)</p>")
    out = read(second)
    assert {(x.table, x.unit, x.suspect) for x in out.lines} == {
        (0, "CNY", None),
        (1, "GBP", "currency_contradicted"),
    }
