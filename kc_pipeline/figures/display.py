"""Figures as people read them; the stated precision decides on the digits, nothing is added to it."""

from decimal import Decimal

EVIDENCE_WORDS = {
    "original": "read in the issuer's own document",
    "copy": "transcript of a figure read in the issuer's document or a wire copy of it",
    "third_party": "transcript of a figure from a third party (data site, digest or broker)",
    "call": "transcript of a figure from a digest of the call",
}
EVIDENCE_SHORT = {
    "copy": "read in the issuer's document or a wire copy of it",
    "call": "from a digest of the call",
    "third_party": "from a data site, a digest or a broker",
}
EVIDENCE_ORDER = ("original", "copy", "call", "third_party")


def amount(value: Decimal, unit: str, decimals: int | None = None) -> str:
    """Return an amount in words: ``CNY 1,970.0 million``, ``CNY -1.26/ADS``, ``3,805,284,810 shares``.

    `decimals` is the stated precision (XBRL meaning); without it up to one decimal of a million is shown.
    """
    currency, _, per = unit.partition("/")
    if per:
        digits = max(decimals, 0) if decimals is not None else 2
        return f"{currency} {value:,.{digits}f}/{per}"
    if unit == "pure":
        return percent(value, None if decimals is None else decimals)
    if len(currency) != 3 or not currency.isupper() or currency == "ADS":
        return f"{value:,.0f} {unit}"
    if decimals is None:
        decimals = -5
    if abs(value) < 1_000_000 and decimals > -6:
        return f"{currency} {value:,.{max(decimals, 0)}f}"
    digits = max(decimals + 6, 0)
    if decimals < -6 and abs(value) >= 1_000_000_000:
        return f"{currency} {value / 1_000_000_000:,.{max(decimals + 9, 0)}f} billion"
    return f"{currency} {value / 1_000_000:,.{digits}f} million"


def percent(value: Decimal, decimals: int | None = None) -> str:
    """Return a fraction as a percentage: 0.162 as ``16.2 %``; `decimals` counts the fraction's digits."""
    digits = 1 if decimals is None else max(decimals - 2, 0)
    return f"{value * 100:.{digits}f} %"


def points(value: Decimal) -> str:
    """Return a change of a ratio in percentage points with its sign: -0.026 as ``-2.6 points``."""
    return f"{value * 100:+.1f} points"


def is_change_of_ratio(kpi: str) -> bool:
    """Return whether a KPI's value is a change of a ratio, shown in percentage points."""
    return kpi.endswith(("_change_qoq", "_change_yoy"))


def stated_decimals(low: Decimal | None, high: Decimal | None) -> int | None:
    """Return the `decimals` of an amount from the interval around it; None where its width is no power of ten.

    A figure stated with decimals d has an interval 10**-d wide, so this is what was printed, and no more.
    """
    if low is None or high is None or high <= low:
        return None
    _, digits, exponent = (high - low).normalize().as_tuple()
    return -int(exponent) if digits == (1,) else None


def kpi_value(kpi: str, value: Decimal, unit: str, decimals: int | None = None) -> str:
    """Return a KPI's value as people read it."""
    if unit == "pure":
        return points(value) if is_change_of_ratio(kpi) else percent(value, decimals)
    if unit in ("days", "ratio", "times"):
        return f"{value:,.1f} {unit}" if unit == "days" else f"{value:,.2f}"
    return amount(value, unit, decimals)
