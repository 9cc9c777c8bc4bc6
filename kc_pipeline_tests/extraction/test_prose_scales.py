"""Amounts in sentences: scales that only a translation proves, minor units, lakh and crore, figures given in turn."""

from decimal import Decimal

import pytest

from kc_pipeline.extraction import read
from kc_pipeline.extraction.model import Stated
from kc_pipeline.extraction.prose.figures import Figure, find_figures

TITLE = "Willow Holdings Limited announced its results for the second quarter ended June 30, 2025."


def figures(text: str) -> list[Figure]:
    return find_figures(text, text.lower())


def stated(*sentences: str) -> dict[str, Stated]:
    body = "".join(f"<p>{s}</p>" for s in (TITLE, *sentences))
    page = f"<html><body><h1>Quarterly results</h1>{body}</body></html>"
    return {s.text: s for s in read(page.encode()).stated}


def test_a_translation_proves_the_scale_that_is_not_printed() -> None:
    first, second = figures("Gross profit was RMB85.6 (US$12.5 million).")
    assert (first.value, second.value) == (85_600_000, 12_500_000)
    assert not first.doubtful
    first, second = figures("Gross profit was RMB85.6 million (US$12.5).")
    assert (first.value, second.value) == (85_600_000, 12_500_000)


def test_a_translation_that_fits_at_no_scale_leaves_doubt() -> None:
    assert figures("Gross profit was RMB85,612 (US$12.5 million).")[0].doubtful
    read_ = stated("Gross profit was RMB85,612.5 (US$12.5 million) in the second quarter of 2025.")
    assert read_["RMB85,612.5"].metric is None


def test_an_exact_amount_beside_a_rounded_translation_keeps_its_scale() -> None:
    first, _ = figures("Gross profit was RMB85,612,345 (US$12.5 million).")
    assert first.value == 85_612_345
    assert not first.doubtful


def test_an_amount_without_the_scale_of_the_next_has_no_metric() -> None:
    found = stated("Gross profit increased from RMB310.2 to RMB402.1 million in the second quarter of 2025.")
    assert found["RMB310.2"].metric is None
    assert found["RMB402.1 million"].metric == "gross_profit"


def test_an_amount_with_decimals_and_no_scale_is_no_revenue() -> None:
    assert stated("Total revenues were RMB85.6 in the second quarter of 2025.")["RMB85.6"].metric is None


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("Rs.1,234 crore", 12_340_000_000, "INR"),
        ("INR 9,210 lakh", 921_000_000, "INR"),
        ("₹1,23,456.5 lakh", 12_345_650_000, "INR"),
        ("VND4,927 billion", 4_927_000_000_000, "VND"),
        ("USD34.6 million", 34_600_000, "USD"),
    ],
)
def test_codes_glued_to_amounts_and_indian_scales(text: str, value: int, unit: str) -> None:
    (figure,) = figures(f"Gross profit was {text} in the quarter.")
    assert (figure.value, figure.unit) == (value, unit)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("RMB12.34 cents", "0.1234", "CNY"),
        ("HK$12.3 cents", "0.123", "HKD"),
        ("12.3 pence", "0.123", "GBP"),
        ("12.34 fen", "0.1234", "CNY"),
        ("12.3 cents", "0.123", ""),
    ],
)
def test_minor_units_are_hundredths(text: str, value: str, unit: str) -> None:
    (figure,) = figures(f"The dividend was {text}.")
    assert (figure.value, figure.unit) == (Decimal(value), unit)


def test_earnings_per_share_in_cents() -> None:
    found = stated(
        "Total revenues were RMB85.6 million in the second quarter of 2025.",
        "Basic earnings per share were RMB12.34 cents in the second quarter of 2025.",
    )["RMB12.34 cents"]
    assert (found.value, found.unit) == (Decimal("0.1234"), "CNY/share")
    assert found.metric == "earnings_per_share_basic"


def test_what_a_loss_per_share_is_compared_with_is_per_share_too() -> None:
    found = stated(
        "Basic and diluted loss per ordinary share was US$0.07 in the second quarter of 2025, "
        "compared with US$0.11 in the second quarter of 2024."
    )["US$0.11"]
    assert (found.value, found.unit) == (Decimal("-0.11"), "USD/share")


def test_figures_listed_respectively_have_their_periods_in_turn() -> None:
    found = stated(
        "Total revenues were RMB19 million and RMB12 million in the second quarter of 2025 and 2024, respectively."
    )
    assert [str(s.period_end) for s in found.values()] == ["2025-06-30", "2024-06-30"]
    assert {s.metric for s in found.values()} == {"revenues"}


def test_figures_that_do_not_match_the_periods_listed_have_none() -> None:
    found = stated(
        "Total revenues were RMB19 million, RMB15 million and RMB12 million "
        "in the second quarter of 2025 and 2024, respectively."
    )
    assert {(s.metric, s.period_end) for s in found.values()} == {(None, None)}


def test_the_growth_of_an_income_is_no_growth_of_a_loss() -> None:
    found = stated("Adjusted net income for the second quarter of 2025 increased by 41.2% year-over-year.")
    assert found["41.2%"].metric is None
