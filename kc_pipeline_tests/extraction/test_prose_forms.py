"""Forms of sentences in releases and reports: changes with their percentage, bases in brackets, short names, notes."""

from datetime import date

import pytest

from kc_pipeline.extraction import read as extract_all
from kc_pipeline_tests.extraction.test_prose_patterns import (
    OPENING,
    Q1,
    Q1_BEFORE,
    Q4,
    TITLE,
    Row,
    read,
    rows,
)

pytestmark = pytest.mark.usefixtures("kc_pack")

Q2 = date(2025, 6, 30)
YEAR = date(2024, 12, 31)

FORMS: dict[str, tuple[str, list[Row]]] = {
    "a change, its percentage, the level and the base": (
        "Revenue increased $12.3 million, or 10.9%, to $125.0 million in the first quarter of 2025 from $112.7 million "
        "in the first quarter of 2024.",
        [
            (None, None, "12300000", "USD", -5, Q1, None),
            ("revenue_growth_yoy", None, "0.109", "pure", 3, Q1, "yoy"),
            ("revenues", None, "125000000", "USD", -5, Q1, None),
            ("revenues", None, "112700000", "USD", -5, Q1_BEFORE, None),
        ],
    ),
    "a percentage beside a level is an aside: it may be a margin or a growth rate": (
        "Gross profit increased to $142.8 million, or 10%, compared to $130.0 million in the same quarter of 2024.",
        [
            ("gross_profit", None, "142800000", "USD", -5, Q1, None),
            (None, None, "0.1", "pure", 2, None, None),
            ("gross_profit", None, "130000000", "USD", -5, Q1_BEFORE, None),
        ],
    ),
    "the base in brackets": (
        "Operating expenses decreased 16% to $148 million (Q1 2024: $176 million), mostly driven by lower rents.",
        [
            ("operating_expenses_growth_yoy", None, "-0.16", "pure", 2, Q1, "yoy"),
            ("operating_expenses", None, "148000000", "USD", -6, Q1, None),
            ("operating_expenses", None, "176000000", "USD", -6, Q1_BEFORE, None),
        ],
    ),
    "an increase behind the figures that it compares": (
        "Revenue was $20.0 million, compared to $15.0 million in the first quarter of 2024, an increase of 33%.",
        [
            ("revenues", None, "20000000", "USD", -5, Q1, None),
            ("revenues", None, "15000000", "USD", -5, Q1_BEFORE, None),
            ("revenue_growth_yoy", None, "0.33", "pure", 2, Q1, "yoy"),
        ],
    ),
    "a short name in brackets": (
        'Diluted earnings per share ("EPS") for the first quarter of 2025 were $0.13 compared to $0.30 for the fourth '
        "quarter of 2024.",
        [
            ("earnings_per_share_diluted", None, "0.13", "USD/share", 2, Q1, None),
            ("earnings_per_share_diluted", None, "0.3", "USD/share", 2, Q4, None),
        ],
    ),
    "a bullet without a blank": (
        "•Net income was $1.2 million, compared to $3.3 million for the first quarter of 2024;",
        [
            ("profit_loss", None, "1200000", "USD", -5, Q1, None),
            ("profit_loss", None, "3300000", "USD", -5, Q1_BEFORE, None),
        ],
    ),
    "a sentence that opens with its period": (
        "First quarter revenues were $5.0 million.",
        [("revenues", None, "5000000", "USD", -5, Q1, None)],
    ),
    "per share of the base, and an amount behind a figure per share": (
        "Net income was $5.0 million, or $0.12 per diluted share, compared to $4.0 million, or $0.10 per diluted share, "
        "in the first quarter of 2024.",
        [
            ("profit_loss", None, "5000000", "USD", -5, Q1, None),
            ("earnings_per_share_diluted", None, "0.12", "USD/share", 2, Q1, None),
            ("profit_loss", None, "4000000", "USD", -5, Q1_BEFORE, None),
            ("earnings_per_share_diluted", None, "0.1", "USD/share", 2, Q1_BEFORE, None),
        ],
    ),
    "a loss compared with a profit has its own sign per share": (
        "Net loss was $2.6 million, compared to net income of $9.9 million, or $0.81 per diluted share, in the same "
        "quarter of 2024.",
        [
            ("profit_loss", None, "-2600000", "USD", -5, Q1, None),
            ("profit_loss", None, "9900000", "USD", -5, Q1_BEFORE, None),
            ("earnings_per_share_diluted", None, "0.81", "USD/share", 2, Q1_BEFORE, None),
        ],
    ),
    "what another clause compares": (
        "Revenues were down 5%, pace of decline slows versus previous quarter.",
        [(None, None, "-0.05", "pure", 2, Q1, None)],
    ),
    "marketing, general and administrative is not general and administrative": (
        "Marketing, general and administrative expenses were $547 million in the first quarter of 2025.",
        [("selling_general_and_administrative_expense", None, "547000000", "USD", -6, Q1, None)],
    ),
    "a share of one customer": (
        "The share of one customer in revenues was 20.00% for the year ended December 31, 2024.",
        [("customer_concentration_one_customer", None, "0.2", "pure", 4, YEAR, None)],
    ),
    "a figure of a named party that the catalogue knows": (
        "The purchase consideration for Beijing Yunshu was RMB7.034 million for the year ended December 31, 2024.",
        [("purchase_consideration_beijing_yunshu", None, "7034000", "CNY", -3, YEAR, None)],
    ),
    "a figure of a named party that the catalogue does not know": (
        "The purchase consideration for Harbour Bridge was RMB7.034 million for the year ended December 31, 2024.",
        [(None, None, "7034000", "CNY", -3, None, None)],
    ),
    "a rate at a day": (
        "The highest interest rate of secured borrowings was 5.97% as of March 31, 2025.",
        [("secured_borrowings_max_rate", None, "0.0597", "pure", 4, Q1, None)],
    ),
    "a price per ADS and a total too long to be counted in thousands": (
        "The public offering price per ADS was US$11.27 and the public offering price in total was US$208,498,728 for "
        "the three months ended June 30, 2025. All amounts are in thousands.",
        [
            ("public_offering_price_per_ads", None, "11.27", "USD/ADS", 2, Q2, None),
            ("public_offering_gross_total", None, "208498728", "USD", 0, Q2, None),
        ],
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_form_is_read(form: str) -> None:
    sentence, expected = FORMS[form]
    assert rows(read(f"<p>{sentence}</p>"))[: len(expected)] == expected


def test_quarter_named_in_passing_is_not_the_documents_own() -> None:
    opening = (
        "<p>Quarterly report for the period ended September 30, 2023.</p><p>The standard was adopted in the first "
        "quarter of 2023.</p><p>Results for the quarter ended September 30, 2023</p>"
    )
    body = (
        "<p>Net income was $404 million in the third quarter of 2023, compared with $454 million in the same period of "
        "2022.</p><p>It was the third quarter of 2023 that counted.</p>"
    )
    assert rows(read(body, opening, "Form 10-Q")) == [
        ("profit_loss", None, "404000000", "USD", -6, date(2023, 9, 30), None),
        ("profit_loss", None, "454000000", "USD", -6, date(2022, 9, 30), None),
    ]


def test_heading_of_an_older_period_leaves_no_period_in_force() -> None:
    body = "<p>Financial Results for the Six Months Ended June 30, 2024</p><p>Interest expense was $8.5 million.</p>"
    assert rows(read(body, OPENING, TITLE)) == [("interest_expense", None, "8500000", "USD", -5, None, None)]


def test_another_measures_outcome_and_another_business_are_not_the_groups() -> None:
    outcome = "Net other operating income increased by 34% to a net income of EUR 4.7 million in the first quarter of 2025."
    business = "Wholesale reported strong net sales of EUR 799 million for the first quarter of 2025."
    padding = "<p>A paragraph on the business and its customers.</p>" * 50
    assert [s.metric for s in read(f"<p>{outcome}</p>")] == [None, None]
    opening = "<p>Acme Limited</p>" + padding + "<p>Wholesale Results</p>"
    assert [s.metric for s in read(f"<p>{business}</p>", opening, "Acme Limited Results")] == [None]


@pytest.mark.parametrize(
    "sentence",
    [
        "Net income attributable to Umbrella Corporation was $10.7 million.",
        "Umbrella contributed revenues of $10.7 million.",
        "Umbrella Beijing, our VIE, recorded total revenues of $10.7 million.",
        "Our subsidiary Umbrella recorded total revenues of $10.7 million.",
        "Revenue growth was 10.9% compared with 3.2% in the fourth quarter of 2024.",
    ],
)
def test_figure_of_another_company_and_growth_beside_an_older_growth_name_no_measure(sentence: str) -> None:
    assert {row[0] for row in rows(read(sentence))} == {None}


@pytest.mark.parametrize(
    ("sentence", "metric"),
    [
        ("Net income attributable to the Company was $10.7 million.", "net_income_loss"),
        ("Net income attributable to common stockholders was $10.7 million.", "net_income_loss"),
        ("Thanks to our customers, we recorded total revenues of $10.7 million.", "revenues"),
        ("Revenue growth was 10.9% compared with the fourth quarter of 2024.", "revenue_growth_qoq"),
    ],
)
def test_the_issuers_own_figure_keeps_its_measure(sentence: str, metric: str) -> None:
    assert [row[0] for row in rows(read(sentence))] == [metric]


@pytest.mark.parametrize(
    "first",
    [
        "Retail’s first quarter net sales were $138 million.",
        "Crop nutrients net sales reached $1.4 billion this quarter.",
    ],
)
def test_a_business_named_in_the_sentence_before(first: str) -> None:
    body = f"<p>{first} Gross profit was $31 million. The Company's gross margin was 40%.</p>"
    assert [s.metric for s in read(body)] == [None, None, "gross_margin"]


def test_short_names_of_periods_with_a_slash() -> None:
    body = "<p>Cost of sales increased from $25.2 million in Q1/2024 to $76.6 million in Q1/2025.</p>"
    assert [(s.metric, s.period_end) for s in read(body)] == [
        ("cost_of_revenue", Q1_BEFORE),
        ("cost_of_revenue", Q1),
    ]
    body = "<p>Cost of sales was $58.4 million in H1/2024 and $90.1 million in 9M/2024.</p>"
    assert [(s.period_end, s.months) for s in read(body)] == [(date(2024, 6, 30), 6), (date(2024, 9, 30), 9)]


def test_two_changes_of_one_figure() -> None:
    body = (
        "<p>Total revenues decreased $73 million compared with the fourth quarter of 2024 and $113 million "
        "compared with the first quarter of 2024.</p>"
    )
    assert [s.metric for s in read(body)] == [None, None]


def test_a_quarter_that_the_headline_compares_with_is_not_the_documents_own() -> None:
    table = (
        "<p>Consolidated statements of income (in millions of U.S. dollars)</p><table>"
        "<tr><td></td><td colspan=2>Three months ended December 31,</td></tr>"
        "<tr><td></td><td>2024</td><td>2023</td></tr>"
        + "".join(
            f"<tr><td>{label}</td><td>{a}</td><td>{b}</td></tr>"
            for label, a, b in (
                ("Revenues", "8,761", "8,300"),
                ("Cost of revenues", "6,000", "5,900"),
                ("Gross profit", "2,761", "2,400"),
                ("Operating income", "900", "800"),
                ("Net income", "540", "500"),
            )
        )
        + "</table>"
    )
    body = (
        "<p>Orders stabilised compared with third-quarter 2024 levels. September 30, 2024 was their low.</p>"
    )
    text = "<p>Revenues for the quarter were $8.8 billion.</p>"
    found = extract_all(f"<html><body>{body}{text}{table}</body></html>".encode()).stated
    assert [(s.metric, str(s.period_end)) for s in found if s.metric == "revenues"] == [
        ("revenues", "2024-12-31")
    ]


def test_a_period_behind_what_was_recorded_belongs_to_the_base() -> None:
    body = (
        "<p>Research and development costs increased by 21% year on year, from the $8.9 million recorded in Q1/2024 and "
        "increased 33% sequentially from $8.1 million in Q4/2024 to $10.8 million in Q1/2025.</p>"
    )
    assert [s.period_end for s in read(body)] == [Q1, Q1_BEFORE, Q1, Q4, Q1]


def test_a_part_named_behind_the_measure_goes_on_in_the_next_sentence() -> None:
    body = "<p>Net sales for seed increased by 19% to $44 million. Gross profit was $24 million.</p>"
    assert all(s.metric is None for s in read(body))
