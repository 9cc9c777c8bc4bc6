"""Figures as people read them; the stated precision decides on the digits, nothing is added to it."""

from decimal import ROUND_CEILING, Decimal

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


def points(value: Decimal, decimals: int | None = None) -> str:
    """Return a change of a ratio in percentage points with its sign: -0.026 as ``-2.6 points``.

    `decimals` counts the fraction's digits, as in `percent`.
    """
    digits = 1 if decimals is None else max(decimals - 2, 0)
    return f"{value * 100:+.{digits}f} points"


def fact_value(concept: str, value: Decimal, unit: str, decimals: int | None) -> str:
    """Return a fact's value as people read it: `amount`, but a stated change of a ratio in points."""
    if unit == "pure" and is_change_of_ratio(concept):
        return points(value, decimals)
    return amount(value, unit, decimals)


def remark_words(remark: str | None) -> str:
    """Return a KPI's remark without its codes: ``across_break: not organic`` as ``not organic``; empty for none."""
    return ", ".join(part.partition(": ")[2] or part for part in (remark or "").split("; ") if part)


def contradicts(stated: Decimal, decimals: int | None, low: Decimal, high: Decimal, change: bool) -> bool:
    """Return whether a stated ratio lies outside the computed interval by more than its last digit allows.

    That is half a unit of the digit; three halves for a change of a ratio, which the issuer takes between
    rounded ratios (the rule of the check `stated_ratios_agree_with_computed`).
    """
    allowed = Decimal(10) ** -(decimals or 0) / 2 * (3 if change else 1)
    return not low - allowed <= stated <= high + allowed


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


def _spread(value: Decimal, low: Decimal | None, high: Decimal | None, step: Decimal) -> str:
    """Return how far the interval reaches, where that is more than half the last digit shown; else nothing.

    `step` is a unit of that digit. Rounded up to it, so that what is shown covers the interval.
    """
    if low is None or high is None:
        return " ±?"
    reach = max(value - low, high - value)
    if reach <= step / 2:
        return ""
    return f" ±{(reach / step).to_integral_value(ROUND_CEILING) * step:,f}"


def kpi_value(kpi: str, value: Decimal, unit: str, low: Decimal | None, high: Decimal | None) -> str:
    """Return a KPI's value as people read it, with no more precision than its interval has.

    A figure stated to some digit shows that digit (``CNY 1,970.0 million``, ``228 %``); one computed from
    coarse inputs says how far it is known: ``-9.0 % ±2.2``, and ``±?`` where no interval could be had.
    """
    decimals = stated_decimals(low, high)
    if unit == "pure":
        if decimals is not None and not is_change_of_ratio(kpi):
            return percent(value, min(decimals, 3))
        shown = points(value) if is_change_of_ratio(kpi) else percent(value)
        number, _, word = shown.partition(" ")
        reach = _spread(value * 100, _times(low, 100), _times(high, 100), Decimal("0.1"))
        return f"{number} {word}{reach}"
    if unit in ("days", "months"):
        return f"{value:,.1f} {unit}{_spread(value, low, high, Decimal('0.1'))}"
    if unit == "ratio":
        return f"{value:,.2f}{_spread(value, low, high, Decimal('0.01'))}"
    if decimals is not None or "/" in unit:
        return amount(value, unit, decimals)
    if len(unit) == 3 and unit.isupper() and abs(value) >= 1_000_000:
        million = Decimal(1_000_000)
        reach = _spread(value / million, _times(low, 1 / million), _times(high, 1 / million), Decimal("0.1"))
        return amount(value, unit) + reach
    return amount(value, unit) + _spread(value, low, high, Decimal(1))


def moved(
    kpi: str, value: Decimal, unit: str, low: Decimal | None, high: Decimal | None, *, signed: bool = False
) -> str:
    """Return how far a figure moved, inside a sentence: ``2.9 points``, ``17.5 %``, ``CNY 80.2 million``.

    With how far it is known where `low` and `high` are given; without them nothing is said of that. `signed`: with
    its sign, else the size alone.
    """
    size = value if signed else abs(value)
    if not signed and value < 0 and low is not None and high is not None:
        low, high = -high, -low
    if unit != "pure":
        return kpi_value(
            kpi, size, unit, low if low is not None else size, high if high is not None else size
        )
    number = f"{size * 100:+.1f}" if signed else f"{size * 100:.1f}"
    reach = "" if low is None or high is None else _spread(size * 100, low * 100, high * 100, Decimal("0.1"))
    return f"{number} {'points' if is_change_of_ratio(kpi) else '%'}{reach}"


def _times(value: Decimal | None, factor: Decimal | int) -> Decimal | None:
    return None if value is None else value * factor
