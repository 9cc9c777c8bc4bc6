from decimal import Decimal as D

import pytest

from kc_pipeline.figures.display import amount, kpi_value, percent, points, stated_decimals


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "shown"),
    [
        ("1970000000", "CNY", -5, "CNY 1,970.0 million"),
        ("1650000000", "CNY", -7, "CNY 1.65 billion"),
        ("500000000", "CNY", -7, "CNY 500 million"),
        ("-418390000", "CNY", -4, "CNY -418.39 million"),
        ("-313926000", "CNY", -3, "CNY -313.926 million"),
        ("-1.26", "CNY/ADS", 2, "CNY -1.26/ADS"),
        ("3805284810", "shares", 0, "3,805,284,810 shares"),
        ("0", "CNY", 0, "CNY 0"),
        ("0.162", "pure", 3, "16.2 %"),
        ("2.28", "pure", 2, "228 %"),
    ],
)
def test_an_amount_shows_its_stated_precision_and_no_more(
    value: str, unit: str, decimals: int, shown: str
) -> None:
    assert amount(D(value), unit, decimals) == shown


def test_changes_of_ratios_are_points_and_ratios_are_percent() -> None:
    assert kpi_value("gross_margin_change_qoq", D("-0.029"), "pure") == "-2.9 points"
    assert kpi_value("gross_margin", D("0.1616"), "pure") == "16.2 %"
    assert percent(D("-0.117")) == "-11.7 %"
    assert points(D("0.005")) == "+0.5 points"


def test_the_width_of_an_interval_tells_the_stated_precision() -> None:
    assert stated_decimals(D("604500000"), D("605500000")) == -6
    assert stated_decimals(D("1969950000"), D("1970050000")) == -5
    assert stated_decimals(D("1"), D("4")) is None
    assert stated_decimals(None, D("4")) is None
    assert stated_decimals(D("4"), D("4")) is None
