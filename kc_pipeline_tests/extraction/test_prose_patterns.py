"""Sentences of releases, one pattern each; the expected figures were worked out by hand."""

import time
from datetime import date
from decimal import Decimal

import pytest
from selectolax.lexbor import LexborHTMLParser

from kc_pipeline.extraction.model import Stated
from kc_pipeline.extraction.prose import read_prose
from kc_pipeline.extraction.text import visible_text

pytestmark = pytest.mark.usefixtures("kc_pack")

TITLE = "Sample Cloud Announces Unaudited First Quarter 2025 Financial Results"
OPENING = (
    f"<h1>{TITLE}</h1><p>BEIJING, May 28, 2025 — Sample Cloud Holdings Limited (“Sample Cloud” or the “Company”), "
    "a cloud service provider, today announced its unaudited financial results for the first quarter ended "
    "March 31, 2025.</p><p>First Quarter 2025 Financial Results</p>"
)
Q1, Q4, Q1_BEFORE = date(2025, 3, 31), date(2024, 12, 31), date(2024, 3, 31)
Row = tuple[str | None, str | None, str, str, int, date | None, str | None]


def read(body: str, opening: str = OPENING, title: str = TITLE) -> list[Stated]:
    return read_prose(visible_text(LexborHTMLParser((opening + body).encode())), title, [])[0]


def rows(stated: list[Stated]) -> list[Row]:
    """Metric, segment, value, unit, decimals, period end, comparison of each figure."""
    return [
        (s.metric, s.segment, f"{s.value.normalize():f}", s.unit, s.decimals, s.period_end, s.comparison)
        for s in stated
    ]


CASES: dict[str, tuple[str, list[Row]]] = {
    "revenues with both changes and a marked convenience translation": (
        "Total Revenues reached RMB1,970.0 million (US$271.5 [1] million), increased by 10.9% year-over-year from "
        "RMB1,775.7 million in the same quarter of 2024 and decreased by 11.7% quarter-over-quarter from RMB2,232.1 "
        "million in the fourth quarter of 2024.",
        [
            ("revenues", None, "1970000000", "CNY", -5, Q1, None),
            ("revenues", None, "271500000", "USD", -5, Q1, None),
            ("revenue_growth_yoy", None, "0.109", "pure", 3, Q1, "yoy"),
            ("revenues", None, "1775700000", "CNY", -5, Q1_BEFORE, None),
            ("revenue_growth_qoq", None, "-0.117", "pure", 3, Q1, "qoq"),
            ("revenues", None, "2232100000", "CNY", -5, Q4, None),
        ],
    ),
    "share of another segment": (
        "The gross billing of AI business increased by 228% year-over-year to RMB525 million, accounting for 39% of "
        "our public cloud services.",
        [
            ("ai_gross_billing_growth_yoy", None, "2.28", "pure", 2, Q1, "yoy"),
            ("ai_gross_billing", None, "525000000", "CNY", -6, Q1, None),
            ("ai_share_of_public_cloud", None, "0.39", "pure", 2, Q1, "share_of"),
        ],
    ),
    "share compared with the quarter before": (
        "AI revenue contributed approximately 13% of revenues from public cloud services, compared with 10% last "
        "quarter.",
        [
            ("ai_share_of_public_cloud", None, "0.13", "pure", 2, Q1, "share_of"),
            ("ai_share_of_public_cloud", None, "0.1", "pure", 2, Q4, "share_of"),
        ],
    ),
    "growth before the amount": (
        "Our revenue increased by 10.9% year-over-year, achieving RMB1,970.0 million for the first quarter.",
        [
            ("revenue_growth_yoy", None, "0.109", "pure", 3, Q1, "yoy"),
            ("revenues", None, "1970000000", "CNY", -5, Q1, None),
        ],
    ),
    "ratio with two comparatives": (
        "Adjusted gross margin was 16.6% in this quarter, compared with 16.8% in the first quarter 2024 and 19.2% in "
        "the fourth quarter last year.",
        [
            ("adjusted_gross_margin", None, "0.166", "pure", 3, Q1, None),
            ("adjusted_gross_margin", None, "0.168", "pure", 3, Q1_BEFORE, None),
            ("adjusted_gross_margin", None, "0.192", "pure", 3, Q4, None),
        ],
    ),
    "loss narrowed: no growth rate": (
        "Our adjusted operating loss was RMB55.8 million, narrowed by 56% from RMB127.0 million in the same period "
        "last year.",
        [
            ("adjusted_operating_income_loss", None, "-55800000", "CNY", -5, Q1, None),
            (None, None, "-0.56", "pure", 2, Q1, "yoy"),
            ("adjusted_operating_income_loss", None, "-127000000", "CNY", -5, Q1_BEFORE, None),
        ],
    ),
    "amount with its margin": (
        "Our adjusted EBITDA profit achieved RMB318.5 million, representing an adjusted EBITDA margin of 16.2%",
        [
            ("adjusted_ebitda", None, "318500000", "CNY", -5, Q1, None),
            ("adjusted_ebitda_margin", None, "0.162", "pure", 3, Q1, None),
        ],
    ),
    "stated nil": (
        "Cost of revenues was RMB1,651.4 million. Other revenues were nil this quarter.",
        [
            ("cost_of_revenue", None, "1651400000", "CNY", -5, Q1, None),
            ("revenues", "others", "0", "CNY", 0, Q1, None),
        ],
    ),
    "glued footnote digit, segment, base names the year before": (
        "Revenues from public cloud services were RMB1,353.6 million (US$186.51 million), representing an increase "
        "of 14.0% from RMB1,187.4 million in the same quarter of 2024.",
        [
            ("revenues", "public_cloud", "1353600000", "CNY", -5, Q1, None),
            ("revenues", "public_cloud", "186500000", "USD", -5, Q1, None),
            ("public_cloud_growth_yoy", None, "0.14", "pure", 3, Q1, "yoy"),
            ("revenues", "public_cloud", "1187400000", "CNY", -5, Q1_BEFORE, None),
        ],
    ),
    "margin behind its percentage, profit compared with a loss": (
        "Gross profit was RMB80.7 million (US$11.4 million) or 5.3% gross margin in the first quarter of 2025, compared "
        "with gross loss of RMB20.3 million or -2.2% gross margin in the first quarter of 2024.",
        [
            ("gross_profit", None, "80700000", "CNY", -5, Q1, None),
            ("gross_profit", None, "11400000", "USD", -5, Q1, None),
            ("gross_margin", None, "0.053", "pure", 3, Q1, None),
            ("gross_profit", None, "-20300000", "CNY", -5, Q1_BEFORE, None),
            ("gross_margin", None, "-0.022", "pure", 3, Q1_BEFORE, None),
        ],
    ),
    "loss in the label": (
        "Net loss was RMB420.1 million (US$59.5 million) or -27.4% net loss margin in the first quarter of 2025, "
        "compared with net loss of RMB319.7 million or net loss margin of -34.2% in the first quarter of 2024.",
        [
            ("profit_loss", None, "-420100000", "CNY", -5, Q1, None),
            ("profit_loss", None, "-59500000", "USD", -5, Q1, None),
            ("net_margin", None, "-0.274", "pure", 3, Q1, None),
            ("profit_loss", None, "-319700000", "CNY", -5, Q1_BEFORE, None),
            ("net_margin", None, "-0.342", "pure", 3, Q1_BEFORE, None),
        ],
    ),
    "minus behind the currency, footnote marks on the label": (
        "Non–GAAP EBITDA<sup>3</sup>, was RMB–35.9 million (US$–5.1 million) or –2.3% Non–GAAP EBITDA margin. Excluding "
        "the one-time expenses, normalized Non-GAAP EBITDA4 was RMB-26.8 million or -1.7% normalized Non-GAAP EBITDA "
        "margin.",
        [
            ("adjusted_ebitda", None, "-35900000", "CNY", -5, Q1, None),
            ("adjusted_ebitda", None, "-5100000", "USD", -5, Q1, None),
            ("adjusted_ebitda_margin", None, "-0.023", "pure", 3, Q1, None),
            ("normalized_adjusted_ebitda", None, "-26800000", "CNY", -5, Q1, None),
            ("normalized_adjusted_ebitda_margin", None, "-0.017", "pure", 3, Q1, None),
        ],
    ),
    "from two periods to this one": (
        "Gross margin increased from 3.8% in the same period in 2024 and 5.1% last quarter to 8.9% this quarter.",
        [
            ("gross_margin", None, "0.038", "pure", 3, Q1_BEFORE, None),
            ("gross_margin", None, "0.051", "pure", 3, Q4, None),
            ("gross_margin", None, "0.089", "pure", 3, Q1, None),
        ],
    ),
    "change of a ratio in points": (
        "Our adjusted EBITDA margin of 28.4%, increased by 12.3 percentage points year-over-year.",
        [
            ("adjusted_ebitda_margin", None, "0.284", "pure", 3, Q1, None),
            ("adjusted_ebitda_margin_change_yoy", None, "0.123", "pure", 3, Q1, "change_yoy"),
        ],
    ),
    "profit compared with negative amounts": (
        "Adjusted EBITDA was RMB33.2 million, compared with negative RMB130.5 million in the same quarter of 2024 and "
        "RMB-27.7 million last quarter.",
        [
            ("adjusted_ebitda", None, "33200000", "CNY", -5, Q1, None),
            ("adjusted_ebitda", None, "-130500000", "CNY", -5, Q1_BEFORE, None),
            ("adjusted_ebitda", None, "-27700000", "CNY", -5, Q4, None),
        ],
    ),
    "growth on a negative base": (
        "Adjusted EBITDA increased by 124% year-over-year to RMB33.2 million from negative RMB130.5 million in the same "
        "quarter of 2024.",
        [
            (None, None, "1.24", "pure", 2, Q1, "yoy"),
            ("adjusted_ebitda", None, "33200000", "CNY", -5, Q1, None),
            ("adjusted_ebitda", None, "-130500000", "CNY", -5, Q1_BEFORE, None),
        ],
    ),
    "stray blanks": (
        "Non-GAAP EBITDA margin was 16. 1%, and gross margin was 12 %.",
        [
            ("adjusted_ebitda_margin", None, "0.161", "pure", 3, Q1, None),
            ("gross_margin", None, "0.12", "pure", 2, Q1, None),
        ],
    ),
    "instant": (
        "Cash and cash equivalents were RMB2,322.7 million (US$320.1 million) as of March 31, 2025, compared with "
        "RMB2,648.8 million as of December 31, 2024.",
        [
            ("cash_and_cash_equivalents_at_carrying_value", None, "2322700000", "CNY", -5, Q1, None),
            ("cash_and_cash_equivalents_at_carrying_value", None, "320100000", "USD", -5, Q1, None),
            ("cash_and_cash_equivalents_at_carrying_value", None, "2648800000", "CNY", -5, Q4, None),
        ],
    ),
    "per share, the translation in brackets is no loss of its own": (
        "Basic and diluted net loss per share was RMB0.08 (US$0.01), compared with RMB0.09 in the same quarter of 2024.",
        [
            ("earnings_per_share_basic", None, "-0.08", "CNY/share", 2, Q1, None),
            ("earnings_per_share_basic", None, "-0.01", "USD/share", 2, Q1, None),
            ("earnings_per_share_basic", None, "-0.09", "CNY/share", 2, Q1_BEFORE, None),
        ],
    ),
    "segment margins": (
        "Of which, gross profit of public cloud services was RMB24.8 million, compared with gross loss of RMB47.2 "
        "million in the same quarter of 2024; gross margin of public cloud services was 2.2%, compared with negative "
        "3.4% in the same quarter of 2024.",
        [
            ("gross_profit", "public_cloud", "24800000", "CNY", -5, Q1, None),
            ("gross_profit", "public_cloud", "-47200000", "CNY", -5, Q1_BEFORE, None),
            ("public_cloud_gross_margin", None, "0.022", "pure", 3, Q1, None),
            ("public_cloud_gross_margin", None, "-0.034", "pure", 3, Q1_BEFORE, None),
        ],
    ),
    "cumulative period with its own year before": (
        "Total revenues for the nine months ended September 30, 2024 were RMB5,553.1 million, an increase of 4.3% from "
        "RMB5,325.0 million in the comparable period in 2023.",
        [
            ("revenues", None, "5553100000", "CNY", -5, date(2024, 9, 30), None),
            ("revenue_growth_yoy", None, "0.043", "pure", 3, date(2024, 9, 30), "yoy"),
            ("revenues", None, "5325000000", "CNY", -5, date(2023, 9, 30), None),
        ],
    ),
    "noun phrases": (
        "Total revenues for the first quarter of 2025 reached US$36.8 million, representing a year-over-year increase "
        "of 23.7% from US$29.8 million and a quarter-over-quarter decrease of 12.3% from US$42.0 million.",
        [
            ("revenues", None, "36800000", "USD", -5, Q1, None),
            ("revenue_growth_yoy", None, "0.237", "pure", 3, Q1, "yoy"),
            ("revenues", None, "29800000", "USD", -5, Q1_BEFORE, None),
            ("revenue_growth_qoq", None, "-0.123", "pure", 3, Q1, "qoq"),
            ("revenues", None, "42000000", "USD", -5, Q4, None),
        ],
    ),
    "one sure digit less where the issuer says approximately": (
        "Gross profit was approximately RMB88.4 million.",
        [("gross_profit", None, "88400000", "CNY", -6, Q1, None)],
    ),
    "ordinary digits are no marks": (
        "Gross profit was RMB125.3 million.",
        [("gross_profit", None, "125300000", "CNY", -5, Q1, None)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_pattern(name: str) -> None:
    sentence, expected = CASES[name]
    assert rows(read(f"<p>{sentence}</p>")) == expected


UNSURE = {
    "another company's revenue": "Pelephone generated revenues of RMB14.0 million.",
    "a subsidiary's group": "Bezeq Group revenues for the first quarter of 2025 totaled RMB14.0 million.",
    "a part of the business": "Japan segment revenues were RMB14.0 million.",
    "a scope in front": "In our Japan business, revenues were RMB14.0 million.",
    "a scope behind": "Revenues were RMB14.0 million from the sale of licences.",
    "an outlook": "The Company expects total revenues of RMB2,000 million in the second quarter of 2025.",
    "a range": "Total revenues were RMB1.9 billion to RMB2.0 billion.",
    "a bound": "Capital expenditures were more than RMB1.2 billion.",
    "a list in order": "Revenues and gross profit were RMB14.0 million and RMB3.0 million, respectively.",
    "two measures at once": "Revenues and gross profit were RMB14.0 million.",
    "part of a cause": "The change was mainly due to depreciation and amortization of RMB14.0 million.",
    "another basis": "On a non-GAAP basis, gross margin was 20.9%.",
    "no comparison": "Revenues increased by 5%.",
    "percent of a ratio": "Gross margin increased by 5% year-over-year.",
    "constant currency": "Revenues increased 5% year-over-year on a constant currency basis.",
    "a definition in brackets": "The EBITDA (earnings before depreciation and amortization) loss totaled RMB2.0 million.",
}


@pytest.mark.parametrize("name", UNSURE)
def test_unsure_figure_is_kept_without_a_metric(name: str) -> None:
    stated = read(f"<p>{UNSURE[name]}</p>")
    assert stated
    assert [s.metric for s in stated] == [None] * len(stated)


def test_heading_of_a_business_puts_the_group_in_doubt() -> None:
    body = "<p>Gaming</p><p>Revenues were RMB14.0 million.</p><p>Operating Expenses</p><p>Gross profit was RMB3.0 million.</p>"
    assert [s.metric for s in read(body)] == [None, "gross_profit"]


def test_figures_that_contradict_each_other_have_no_metric() -> None:
    body = "<p>Gross profit was RMB3.0 million.</p><p>Gross profit was RMB5.0 million.</p><p>Gross margin was 5.0%.</p>"
    assert [s.metric for s in read(body)] == [None, None, "gross_margin"]


def test_fourth_quarter_release_needs_a_word_or_a_heading_for_the_period() -> None:
    opening = (
        "<p>Sample Limited today announced its unaudited financial results for the fourth quarter and fiscal year ended "
        "December 31, 2024, and said that all of them were reviewed by its audit committee before.</p>"
    )
    title = "Sample Announces Unaudited Fourth Quarter and Fiscal Year 2024 Financial Results"
    body = (
        "<p>Gross margin was 19.1%.</p><p>Total revenues were RMB7,785.2 million for the full year 2024. Net loss was "
        "RMB1,979.0 million.</p><p>Fourth Quarter 2024 Financial Results</p><p>Gross profit was RMB426.0 million.</p>"
    )
    got = [(s.metric, s.period_end, s.months) for s in read(body, opening, title)]
    assert got == [
        ("gross_margin", None, None),
        ("revenues", date(2024, 12, 31), 12),
        ("profit_loss", date(2024, 12, 31), 12),
        ("gross_profit", date(2024, 12, 31), 3),
    ]


def test_fiscal_year_that_is_not_the_calendars() -> None:
    opening = (
        "<p>CHIPS (NASDAQ: CHIP) today reported revenue for the first quarter ended April 27, 2025, of $7.19 billion, down "
        "13% from a year ago and up 19% from the previous quarter ended January 26, 2025.</p>"
    )
    stated = read(
        "<p>GAAP gross margin was 64.6%.</p>",
        opening,
        "CHIPS Announces Results for First Quarter Fiscal 2026",
    )
    assert rows(stated) == [
        ("revenues", None, "7190000000", "USD", -7, date(2025, 4, 27), None),
        ("revenue_growth_yoy", None, "-0.13", "pure", 2, date(2025, 4, 27), "yoy"),
        ("revenue_growth_qoq", None, "0.19", "pure", 2, date(2025, 4, 27), "qoq"),
        ("gross_margin", None, "0.646", "pure", 3, date(2025, 4, 27), None),
    ]


def test_plain_text_release() -> None:
    page = """
    Sample Semiconductor Reports Fiscal Fourth Quarter Results

    SAN JOSE, July 29 -- Sample Semiconductor Corporation today announced results
for its fiscal fourth quarter ended June 30, 2003.

    Net loss for the quarter was $370,000, or ($0.01) per share, compared to
a net loss of $631,000, or ($0.02) per share, in the previous quarter.

                        Three Months      Twelve Months
    Net revenues           $11,506           $44,958
    Cost of revenues         7,506            30,958
"""
    for html in (page, f"<html><body><pre>{page}</pre></body></html>"):
        stated = read_prose(visible_text(LexborHTMLParser(html.encode())), "", [])[0]
        assert [(s.metric, s.value, s.period_end) for s in stated] == [
            ("profit_loss", Decimal(-370000), date(2003, 6, 30)),
            (None, Decimal("-0.01"), date(2003, 6, 30)),
            ("profit_loss", Decimal(-631000), date(2003, 3, 31)),
            (None, Decimal("-0.02"), date(2003, 3, 31)),
        ]


def test_evidence_of_the_innermost_element() -> None:
    body = (
        '<p data-grade="A" data-source-kind="wire" data-source-url="https://a.example">Gross profit was RMB3.0 million'
        '<span data-grade="B" data-source-kind="third_party" data-source-title="a site" data-source-url="https://b.example">'
        " and gross margin was 5.0%.</span></p><p>Net loss was RMB2.0 million.</p>"
    )
    first, second, third = read(body)
    assert first.evidence is not None
    assert second.evidence is not None
    assert (first.evidence.grade, first.evidence.source_kind, first.evidence.source_url) == (
        "A",
        "wire",
        "https://a.example",
    )
    assert (second.evidence.grade, second.evidence.source_title) == ("B", "a site")
    assert third.evidence is None


def test_span_is_the_text_as_printed() -> None:
    html = (OPENING + CASES["revenues with both changes and a marked convenience translation"][0]).encode()
    text = visible_text(html)
    stated = read_prose(visible_text(LexborHTMLParser(html)), TITLE, [])[0]
    assert [s.text for s in stated][:3] == ["RMB1,970.0 million", "US$271.5 [1] million", "10.9%"]
    assert all(text[s.span[0] : s.span[1]] == s.text for s in stated)


@pytest.mark.parametrize(
    "body",
    ["$1," * 60_000, "Revenues were $5 million and " * 4_000, '" a b c d e"' * 10_000, "1,000," * 50_000],
)
def test_endless_sentences_are_not_read_and_end_soon(body: str) -> None:
    started = time.process_time()
    stated = read(f"<p>{body}</p>")
    assert time.process_time() - started < 20  # of this process; a backtracking pattern takes minutes
    assert stated == []
