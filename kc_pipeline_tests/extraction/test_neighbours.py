"""What the rows, labels and tables beside a figure settle: shares or money, per share or whole, which period."""

from datetime import date
from decimal import Decimal

import pytest

from kc_pipeline.extraction import read
from kc_pipeline.extraction.labels import label_figures
from kc_pipeline.extraction.measures import row_measure
from kc_pipeline.extraction.model import Line
from kc_pipeline.extraction.statements import title_lines
from kc_pipeline.extraction.units import is_per_share, is_share_count
from kc_pipeline_tests.extraction.pages import lines, page, row, table

HEAD = row("", "Three Months Ended<br>June 30, 2023", "Three Months Ended<br>June 30, 2022")
ENDS: list[date | None] = [date(2023, 6, 30), date(2022, 12, 31)]


def units(found: list[Line], label: str) -> list[tuple[str, str]]:
    return [(f"{x.value:f}", x.unit) for x in found if x.label.startswith(label)]


def stated(label: str, above: str = "", ends: list[date | None] = ENDS) -> list[tuple[str, str, int]]:
    return [(f.what, f"{f.number:f}", f.column) for f in label_figures(label, ends, above)]


def test_income_that_a_conversion_moves_counts_no_shares() -> None:
    label = "Add: Reallocation of net income attributable to dilutive impact of conversion of Class D shares"
    assert not is_share_count(label, ("Numerator",), False)
    assert is_share_count("Add: Dilutive impact of share-based awards", ("Denominator",), False)
    assert is_share_count("Shares left out of net income per share as antidilutive", (), False)


def test_short_counts_are_as_whole_as_the_long_ones_beside_them() -> None:
    found = lines(
        table(
            HEAD,
            row("Net income", "7,438", "3,417"),
            row("Weighted average shares outstanding - basic", "126,740,748", "118,801,530"),
            row("Dilutive effect of share-based awards", "3,830,420", "4,060,751"),
        )
    )
    assert units(found, "Dilutive") == [("3830420", "shares"), ("4060751", "shares")]
    assert units(found, "Net income") == [("7438000", "USD"), ("3417000", "USD")] or not units(found, "Net")


def test_a_row_taken_off_between_two_share_counts_counts_shares() -> None:
    found = lines(
        table(
            HEAD,
            row("Net income", "$648.0", "$782.0"),
            row("Basic weighted average shares outstanding", "755.2", "614.8"),
            row("Less: participating securities", "0.2", "0.3"),
            row("Basic weighted average common shares outstanding", "755.0", "614.5"),
        )
    )
    assert {unit for _, unit in units(found, "Less")} == {"shares"}


def test_basic_after_assuming_dilution_is_still_per_share() -> None:
    found = lines(
        table(
            HEAD,
            row("Revenue", "$1,581", "$1,465"),
            row("Earnings per share of common stock:"),
            row("Assuming dilution"),
            row("Total", "$1.72", "$1.53"),
            row("Basic"),
            row("Total", "$1.74", "$1.54"),
        )
    )
    assert [x.unit for x in found if x.label == "Total"] == ["USD/share"] * 4


@pytest.mark.parametrize(("paid", "unit"), [("0.08", "USD/share"), ("88", "USD"), ("88.25", "USD/share")])
def test_dividends_in_cents_among_whole_money_are_per_share(paid: str, unit: str) -> None:
    found = lines(table(HEAD, row("Revenue", "$17,346", "$14,470"), row("Dividends declared", paid, paid)))
    assert {u for _, u in units(found, "Dividends")} == {unit}


def test_dividends_with_decimals_as_all_money_has_are_money() -> None:
    found = lines(
        table(HEAD, row("Revenue", "$17,346.50", "$14,470.25"), row("Dividends declared", "88.25", "80.10"))
    )
    assert {u for _, u in units(found, "Dividends")} == {"USD"}


def test_cash_below_a_per_share_heading_is_money() -> None:
    found = lines(
        table(
            HEAD,
            row("Diluted net income per share"),
            row("GAAP", "$0.64", "$1.18"),
            row("GAAP net cash provided by operating activities", "$1,731", "$3,033"),
        )
    )
    assert units(found, "GAAP net cash") == [("1731000", "USD"), ("3033000", "USD")]
    assert {u for _, u in units(found, "GAAP") if _.startswith(("0.", "1.1"))} == {"USD/share"}


def test_income_for_eps_is_no_amount_per_share() -> None:
    assert not is_per_share("Income allocated to common stock for diluted EPS", ())
    assert is_per_share("Diluted EPS", ())
    assert is_per_share("Series E preferred", ("Cash dividends declared per share",))


def test_yield_that_accumulates_is_money() -> None:
    assert row_measure("Accumulation of yield on preferred stock", "") == ""
    assert row_measure("Yield on loans", "") == "ratio"


@pytest.mark.parametrize(
    ("label", "above", "expected"),
    [
        (
            "Accounts receivable (net of allowance for doubtful accounts of $86 in 2023 and $72 in 2022)",
            "",
            [("86", 0), ("72", 1)],
        ),
        ("Accounts receivable trade, less allowances $166 (2022, $169)", "", [("166", 0), ("169", 1)]),
        (
            "Less treasury stock, at cost: 1,037,678 shares in 2023 and 1,039,269 shares in 2022",
            "",
            [("1037678", 0), ("1039269", 1)],
        ),
        (
            "Shares: June 30, 2023 – 833; December 31, 2022 – 835",
            "Treasury common stock at cost",
            [("-833", 0), ("-835", 1)],
        ),
        ("Repurchased common stock, in excess of cost (493 and 490 shares)", "", [("-493", 0), ("490", 1)]),
    ],
)
def test_one_figure_for_each_year_in_a_label(label: str, above: str, expected: list[tuple[str, int]]) -> None:
    assert [(number, column) for _, number, column in stated(label, above)] == expected


def test_roles_of_share_counts_end_where_the_next_begins() -> None:
    label = (
        "Class A common stock; 500,000 and 207,450 shares authorized, 37,159 and 138,848 shares issued and 37,100 and 138,825"
        " shares outstanding at June 30, 2023 and December 31, 2022"
    )
    assert stated(label) == [
        ("shares authorized", "500000", 0),
        ("shares authorized", "207450", 1),
        ("shares issued", "37159", 0),
        ("shares issued", "138848", 1),
        ("shares outstanding", "37100", 0),
        ("shares outstanding", "138825", 1),
    ]
    broken = "Common stock Authorized - 6,500,000 shares Issued - 3,577,103 shares in 2023 and 2022"
    assert stated(broken) == [
        ("shares authorized", "-6500000", 0),
        ("shares authorized", "-6500000", 1),
        ("shares issued", "-3577103", 0),
        ("shares issued", "-3577103", 1),
    ]


def test_treasury_shares_in_brackets_are_held_not_outstanding() -> None:
    label = "Common shares – outstanding 106,194 at June 30, 2023, and 104,398 at December 31, 2022 (net of 44,293 and 42,099 treasury shares)"
    assert [x for x in stated(label) if x[0] == "shares held"] == [
        ("shares held", "44293", 0),
        ("shares held", "42099", 1),
    ]
    assert [x for x in stated(label) if x[0] == "shares outstanding"] == [
        ("shares outstanding", "106194", 0),
        ("shares outstanding", "104398", 1),
    ]


def test_a_year_of_weeks_names_the_column_that_ends_in_january() -> None:
    label = "Accounts receivable, less allowances of $205 in 2023 and $203 in 2022"
    assert [(n, c) for _, n, c in stated(label, "", [date(2023, 7, 2), date(2023, 1, 1)])] == [
        ("205", 0),
        ("203", 1),
    ]


ACCOUNTS = "<p>BALANCE SHEET</p><p>AS AT 31 DECEMBER 2020</p>"
HEADINGS = table(row("", "", "2020", "", "2019"), row("", "Note", "£", "", "£"))
BODY = table(
    row("Fixed assets"),
    row("Tangible assets", "4", "", "18,598", "", "18,384"),
    row("Current assets"),
    row("Stocks", "", "3,870", "", "3,574", ""),
    row("Cash at bank", "", "2,165", "", "2,589", ""),
    row("Net assets", "", "", "24,633", "", "24,547"),
)


def test_headings_in_a_table_of_their_own_and_parts_beside_totals() -> None:
    found = lines(HEADINGS + BODY, lead=ACCOUNTS)
    assert [(x.label, f"{x.value:f}", str(x.period_end), x.unit, x.row) for x in found] == [
        ("Tangible assets", "18598", "2020-12-31", "GBP", 1),
        ("Tangible assets", "18384", "2019-12-31", "GBP", 1),
        ("Stocks", "3870", "2020-12-31", "GBP", 3),
        ("Stocks", "3574", "2019-12-31", "GBP", 3),
        ("Cash at bank", "2165", "2020-12-31", "GBP", 4),
        ("Cash at bank", "2589", "2019-12-31", "GBP", 4),
        ("Net assets", "24633", "2020-12-31", "GBP", 5),
        ("Net assets", "24547", "2019-12-31", "GBP", 5),
    ]


def test_headings_above_words_or_other_headings_are_not_carried() -> None:
    assert not lines(HEADINGS + "<p>Notes to the accounts follow.</p>" + BODY, lead=ACCOUNTS)
    other = table(
        row("", "31 December 2018", "31 December 2017"),
        row("Stocks", "£3,870", "£3,574"),
        row("Cash", "£2,165", "£2,589"),
    )
    assert {str(x.period_end.year) for x in lines(HEADINGS + other, lead=ACCOUNTS) if x.period_end} == {
        "2018",
        "2017",
    }


def test_a_part_and_a_total_in_one_row_have_the_same_period() -> None:
    both = BODY.replace(
        row("Cash at bank", "", "2,165", "", "2,589", ""),
        row("Cash", "", "2,165", "6,035", "2,589", "6,163"),
    )
    found = lines(HEADINGS + both, lead=ACCOUNTS)
    ends = {f"{x.value:f}": str(x.period_end) for x in found}
    assert (ends["2165"], ends["6035"]) == ("2020-12-31", "2020-12-31")
    assert (ends["2589"], ends["6163"]) == ("2019-12-31", "2019-12-31")
    assert (ends["24633"], ends["24547"]) == ("2020-12-31", "2019-12-31")


def test_a_day_broken_over_two_lines_of_a_title() -> None:
    lead = [
        "STATEMENTS OF CASH FLOWS",
        "FOR THE PERIOD FROM MARCH",
        "3, 2025 (INCEPTION) THROUGH JUNE 30, 2025",
    ]
    assert title_lines(lead)[-1] == "FOR THE PERIOD FROM MARCH 3, 2025 (INCEPTION) THROUGH JUNE 30, 2025"
    assert title_lines(["Balance as of May", "2024 figures"]) == ["Balance as of May", "2024 figures"]


def test_a_range_in_the_title_holds_above_the_headings_of_the_rows() -> None:
    body = table(
        row("Cash Flows from Operating Activities:"),
        row("Net loss", "(92,134)"),
        row("Adjustments to reconcile net loss:"),
        row("Expenses paid by Sponsor", "12,762"),
        row("Changes in operating assets and liabilities:"),
        row("Accounts payable", "30,680"),
        row("Net cash used in operating activities", "(48,692)"),
    )
    lead = "<p>STATEMENTS OF CASH FLOWS</p><p>FOR THE PERIOD FROM MARCH</p><p>3, 2025 (INCEPTION) THROUGH JUNE 30, 2025</p><p>(in U.S. dollars)</p>"
    found = lines(body, lead=lead)
    assert {(str(x.period_start), str(x.period_end), x.months) for x in found} == {
        ("2025-03-03", "2025-06-30", 4)
    }


def test_below_a_day_a_table_of_flows_holds_amounts_of_that_day() -> None:
    body = table(
        row("(in millions)", "Upstream", "Chemicals"),
        row("Three Months Ended June 30, 2025"),
        row("Revenue", "$12,267", "$3,676"),
        row("As of June 30, 2025"),
        row("Investments in equity companies", "$5,107", "$3,008"),
    )
    found = read(page(body, lead="<p>Segment information</p>")).lines
    assert {(x.label, x.months) for x in found} == {
        ("Revenue", 3),
        ("Investments in equity companies", None),
    }
    assert Decimal(5107000000) in {x.value for x in found}


def test_an_adjusted_statement_whose_title_is_broken_over_two_rows_is_set_apart() -> None:
    def statement(*title: str) -> str:
        return table(
            *(row(part, "", "") for part in title),
            row("In Euro million", "Third quarter 2009", "Third quarter 2008"),
            row("Revenues", "3,687", "4,065"),
            row("Gross profit", "1,232", "1,320"),
            row("Operating income", "(11)", "40"),
            row("Net income", "(143)", "41"),
        )

    whole = lines(statement("Reported Profit &amp; Loss", "Statement"), lead="")
    apart = lines(statement("Adjusted Profit &amp; Loss", "Statement"), lead="")
    assert {x.member for x in whole} == {""}
    assert {x.member for x in apart} == {"Adjusted"}
    assert [x.value for x in whole] == [x.value for x in apart]


def test_a_name_over_money_is_a_part_of_the_business_and_over_places_a_count() -> None:
    def units(*labels: str) -> set[str]:
        body = table(
            row("", "Cloud", "Devices"),
            row("Total revenues" if not labels else labels[0], "1,204", "3,310"),
            row("Operating income" if not labels else labels[1], "96", "402"),
        )
        lead = "<p>Segment information for the three months ended June 30, 2025 (RMB in millions)</p>"
        return {x.unit for x in lines(body, lead=lead) if x.member == "Devices"}

    assert units() == {"CNY"}
    assert units("Beijing", "Shanghai") == {"pure"}


def test_a_page_of_plain_text_ends_in_its_number_and_a_title_begins_another_table() -> None:
    first = ["Income statement", "", "Year ended 30 November 2008", "", "                  2008      2007"]
    first += ["                 $'000     $'000", "Revenue           31,100    27,700"]
    first += ["Gross profit      21,100    17,700", "Net loss         (59,700)   (8,600)", ""]
    second = ["Balance sheet", "30 November 2008", "", "                  2008      2007"]
    second += ["                 $'000     $'000", "Current assets    60,700    56,400"]
    second += ["Total assets     841,700   871,600", "Total liabilities (9,000)  (4,000)"]
    text = "\n".join([*first, "                                4", "<PAGE>", "ACME S.A.", "", *second])
    found = read(text.encode()).lines
    assert not [x for x in found if x.text == "4"]
    assert {x.months for x in found if x.table == 0} == {12}
    assert {(x.statement, x.months) for x in found if x.table == 1} == {("balance_sheet", None)}
