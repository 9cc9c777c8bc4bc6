from decimal import Decimal as D

import pytest

from kc_pipeline.figures.display import (
    amount,
    contradicts,
    fact_value,
    kpi_value,
    percent,
    points,
    remark_words,
    stated_decimals,
)


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
    assert (
        kpi_value("gross_margin_change_qoq", D("-0.029"), "pure", D("-0.02905"), D("-0.02895"))
        == "-2.9 points"
    )
    assert kpi_value("gross_margin", D("0.1616"), "pure", D("0.16154"), D("0.16161")) == "16.2 %"
    assert percent(D("-0.117")) == "-11.7 %"
    assert points(D("0.005")) == "+0.5 points"


def test_a_stated_change_of_a_ratio_is_points_and_no_percentage() -> None:
    assert fact_value("gross_margin_change_qoq", D("-0.026"), "pure", 3) == "-2.6 points"
    assert fact_value("gross_margin_change_yoy", D("0.02"), "pure", 2) == "+2 points"
    assert fact_value("gross_margin", D("0.162"), "pure", 3) == "16.2 %"
    assert fact_value("change_in_accounts_payable", D("1000000"), "CNY", -5) == "CNY 1.0 million"


def test_a_remark_is_said_without_its_codes() -> None:
    assert remark_words(None) == ""
    assert remark_words("across_break: not organic") == "not organic"
    both = "low_base: the base is under 3 % of revenues; profit_to_loss: a profit turned into a loss"
    assert remark_words(both) == "the base is under 3 % of revenues, a profit turned into a loss"


@pytest.mark.parametrize(
    ("stated", "decimals", "low", "high", "change", "outside"),
    [
        ("-0.221", 3, "-0.19281", "-0.19274", False, True),
        ("0.162", 3, "0.16154", "0.16161", False, False),
        ("0.39", 2, "0.3875", "0.3883", False, False),
        ("0.044", 3, "0.04314", "0.04325", True, False),
        ("0.044", 3, "0.04314", "0.04325", False, True),
    ],
)
def test_a_stated_ratio_contradicts_beyond_its_last_digit(
    stated: str, decimals: int, low: str, high: str, change: bool, outside: bool
) -> None:
    assert contradicts(D(stated), decimals, D(low), D(high), change) is outside


def test_the_width_of_an_interval_tells_the_stated_precision() -> None:
    assert stated_decimals(D("604500000"), D("605500000")) == -6
    assert stated_decimals(D("1969950000"), D("1970050000")) == -5
    assert stated_decimals(D("1"), D("4")) is None
    assert stated_decimals(None, D("4")) is None
    assert stated_decimals(D("4"), D("4")) is None


@pytest.mark.parametrize(
    ("kpi", "unit", "value", "low", "high", "shown"),
    [
        ("net_margin", "pure", "-0.0896", "-0.112", "-0.0672", "-9.0 % ±2.3"),
        ("gross_margin", "pure", "0.16157", "0.16154", "0.16161", "16.2 %"),
        ("growth", "pure", "2.28", "2.275", "2.285", "228 %"),
        ("growth", "pure", "0.140", "0.1395", "0.1405", "14.0 %"),
        ("gross_margin_change_qoq", "pure", "-0.029", "-0.034", "-0.024", "-2.9 points ±0.5"),
        ("revenue", "CNY", "1970000000", "1969950000", "1970050000", "CNY 1,970.0 million"),
        ("free_cash_flow", "CNY", "-123400000", "-133400000", "-113400000", "CNY -123.4 million ±10.0"),
        ("free_cash_flow", "CNY", "-123456000", "-123457000", "-123455000", "CNY -123.5 million"),
        ("days_sales_outstanding", "days", "90", "89.99", "90.01", "90.0 days"),
        ("cash_runway", "months", "12", "9.5", "15.25", "12.0 months ±3.3"),
        ("current_ratio", "ratio", "1.234", "1.2339", "1.2341", "1.23"),
        ("current_ratio", "ratio", "1.234", "1.1", "1.4", "1.23 ±0.17"),
    ],
)
def test_a_kpi_shows_how_far_it_is_known(
    kpi: str, unit: str, value: str, low: str, high: str, shown: str
) -> None:
    assert kpi_value(kpi, D(value), unit, D(low), D(high)) == shown


def test_a_kpi_without_an_interval_says_so() -> None:
    assert kpi_value("gross_margin", D("0.5"), "pure", None, None) == "50.0 % ±?"
