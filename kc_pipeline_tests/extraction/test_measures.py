"""What is neither money nor shares: ratios, counts, prices of one unit."""

from decimal import Decimal

import pytest

from kc_pipeline.extraction.measures import column_measure, row_measure
from kc_pipeline_tests.extraction.pages import lines, row, table

LEAD = "<p>Financial Supplement</p><p>($ in millions, except per share data)</p>"
HEAD = row("", "Three Months Ended<br>June 30, 2023", "Three Months Ended<br>June 30, 2022")


@pytest.mark.parametrize(
    ("label", "heading", "expected"),
    [
        ("Total capital ratio", "", "ratio"),
        ("Return on average stockholders' equity", "", "ratio"),
        ("Tangible common equity to tangible assets", "", "ratio"),
        ("Auto", "Net charge-off/(recovery) rates", "ratio"),
        ("FHLB advances", "Average Yield/ Cost", "ratio"),
        ("Current ratio", "", "multiple"),
        ("Interest coverage ratio (times)", "", "multiple"),
        ("Expected return on plan assets", "", ""),
        ("Capital contributions to equity method investments", "", ""),
        ("Losses reclassified from AOCI to net income", "", ""),
        ("Interest rate contracts", "Derivatives", ""),
        ("Number of airports in operation", "Digital frames", "count"),
        ("Headcount", "", "count"),
        ("Branches", "", "count"),
        ("Active mobile customers (in thousands)", "", "count"),
        ("Deferred", "Average Daily Package Volume (in thousands)", "count"),
        ("Days sales outstanding", "", "count"),
        ("Advances from customers", "", ""),
        ("Revenues", "Units", ""),
        ("Company-operated stores", "Net revenues:", ""),
        ("Number of stores", "Net revenues:", "count"),
        ("Stores", "Revenues by region", "count"),
        ("Employees' taxes paid upon vesting", "", ""),
        ("Average revenue per time slot sold", "", "price"),
        ("C3+ NGLs (per Bbl)", "", "price"),
        ("Basic", "Net income per share", ""),
    ],
)
def test_words_that_name_a_measure(label: str, heading: str, expected: str) -> None:
    assert row_measure(label, heading) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Total Number of Shares Purchased", "shares"),
        ("Average Price Paid per Share", "per_share"),
        ("Sales Tonnes (000’s)", "count"),
        ("Selling Price ($/Tonne)", "price"),
        ("(In millions, except per share data)", ""),
        ("Net Sales", ""),
    ],
)
def test_a_columns_own_heading_may_name_its_measure(text: str, expected: str) -> None:
    assert column_measure(text) == expected


def test_rates_counts_and_prices_beside_money_are_not_scaled_as_money() -> None:
    html = table(
        HEAD,
        row("Total deposits", "$ 1,500", "$ 1,400"),
        row("Efficiency ratio", "57.48", "58.10"),
        row("Headcount", "4,908", "4,877"),
        row("Active customers (in thousands)", "44,333", "43,000"),
        row("Average revenue per customer", "22.40", "21.73"),
    )
    found = [(x.text, x.value, x.unit, x.decimals) for x in lines(html, lead=LEAD)][::2]
    assert found == [
        ("$ 1,500", 1_500_000_000, "USD", -6),
        ("57.48", Decimal("0.5748"), "pure", 4),
        ("4,908", 4_908, "pure", 0),
        ("44,333", 44_333_000, "pure", -3),
        ("22.40", Decimal("22.40"), "USD", 2),
    ]  # fmt: skip


def test_a_percent_sign_on_the_first_and_last_row_counts_for_a_table_of_percentages() -> None:
    html = table(
        HEAD,
        row("Revenue", "100.0%", "100.0%"),
        row("Cost of revenue", "25.0", "27.3"),
        row("Net income", "55.8%", "48.9%"),
    )
    lead = "<p>Items of our statements of income expressed as a percentage of revenue</p>"
    found = lines(html, lead=lead)
    assert {x.unit for x in found} == {"pure"}
    assert [x.value for x in found if x.label == "Cost of revenue"] == [Decimal("0.250"), Decimal("0.273")]


def test_basis_points_and_multiples_are_no_percentages() -> None:
    html = table(HEAD, row("Spread", "25 bps", "12.5 bps"), row("Net debt to EBITDA", "2.5x", "3.0x"))
    found = lines(html, lead=LEAD)
    assert [x.value for x in found] == [
        Decimal("0.0025"), Decimal("0.00125"), Decimal("2.5"), Decimal("3.0"),
    ]  # fmt: skip


def test_diluted_right_below_a_share_count_of_its_size_counts_shares() -> None:
    html = table(
        HEAD,
        row("Earnings per share data"),
        row("Net income per share: Basic", "3.33", "3.74"),
        row("Diluted", "3.31", "3.70"),
        row("Average shares: Basic", "2,977.3", "2,999.9"),
        row("Diluted", "2,981.8", "3,005.1"),
    )
    found = [x for x in lines(html, lead=LEAD) if x.label == "Diluted"]
    assert [x.unit for x in found] == ["USD/share", "USD/share", "shares", "shares"]


def test_columns_of_share_counts_and_prices_beside_money() -> None:
    html = table(
        row("", "<td colspan=3>Three Months Ended June 30, 2023</td>"),
        row("", "Total number of shares purchased", "Average price paid per share", "Amount"),
        row("Open market", "3,157,133", "148.20", "467"),
        row("Private", "1,000,000", "147.00", "147"),
    )
    found = [(x.value, x.unit) for x in lines(html, lead=LEAD)][:3]
    assert found == [(3_157_133, "shares"), (Decimal("148.20"), "USD/share"), (467_000_000, "USD")]


def test_balances_of_a_roll_forward_are_instants_and_no_income_statement() -> None:
    html = table(
        HEAD,
        row("Beginning balance", "(1,721)", "(1,623)"),
        row("Other comprehensive income (loss), net of tax", "(142)", "(659)"),
        row("Ending balance", "(1,863)", "(2,282)"),
    )
    found = lines(
        html, lead="<p>Statement of Comprehensive Income: changes of components ($ in millions)</p>"
    )
    assert [(str(x.period_end), x.months) for x in found] == [
        ("2023-03-31", None), ("2022-03-31", None), ("2023-06-30", 3), ("2022-06-30", 3),
        ("2023-06-30", None), ("2022-06-30", None),
    ]  # fmt: skip
    assert {x.statement for x in found} == {"other"}


@pytest.mark.parametrize(
    ("label", "above", "measure"),
    [
        ("Operating leases", "Weighted-average remaining lease term (years)", "count"),
        ("Cards-in-force", "", "count"),
        ("Net Debt to Equity", "", "multiple"),
        ("Adjusted debt / adjusted EBITDA (b/a)", "", "multiple"),
        ("Secured borrowing rates", "", "ratio"),
        ("Total financing spreads", "", "ratio"),
        ("Average monthly revenue per paying membership", "", "price"),
        ("Repayment of debt", "Due in the years after", ""),
    ],
)
def test_terms_multiples_and_rates_are_no_money(label: str, above: str, measure: str) -> None:
    assert row_measure(label, above) == measure


def test_earnings_below_basic_under_a_per_share_heading_are_per_share() -> None:
    body = table(
        row("", "Three months ended May 31, 2009"),
        row("Net earnings", "$93.1"),
        row("Earnings per share", ""),
        row("Basic", ""),
        row("Net earnings", "0.41"),
    )
    assert [(x.text, x.unit) for x in lines(body)] == [("$93.1", "USD"), ("0.41", "USD/share")]
