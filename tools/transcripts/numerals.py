"""How one figure is printed, so that what is printed gives back the value at its known precision."""

from decimal import Decimal

from .reference import Row

THOUSAND, MILLION, BILLION = Decimal(10) ** 3, Decimal(10) ** 6, Decimal(10) ** 9
MONEY = {"RMB": "RMB", "USD": "US$", "HKD": "HK$"}
NIL_DASH = "—"


def plain(value: Decimal, places: int) -> str:
    """A number with thousands separators and a fixed number of places, without sign."""
    return f"{abs(value):,.{places}f}"


def places_of(rounding: Decimal, scale: Decimal) -> int:
    """Decimal places that show a rounding unit at a scale; negative if the scale is too fine for it."""
    return -(rounding / scale).normalize().adjusted()


def fits(row: Row, scale: Decimal, coarsest: Decimal = MILLION / 10) -> bool:
    """Whether a table may print the row: in thousands to the thousand, in millions to `coarsest` or finer."""
    if row.unit in ("percent", "count"):
        return row.exact
    if row.unit not in MONEY:
        return row.exact and row.rounding <= Decimal("0.01")
    if row.value == 0 and row.rounding <= 1:
        return True
    if not row.exact:
        return False
    return row.rounding == THOUSAND if scale == THOUSAND else THOUSAND <= row.rounding <= coarsest


def in_table(row: Row, scale: Decimal, flip: bool) -> tuple[str, bool]:
    """The digits of a table cell and whether they stand in parentheses; `flip` for costs and expenses.

    A figure that is known more finely than the table's last digit keeps its own digits.
    """
    if row.value == 0:
        return NIL_DASH, False
    unit = scale if row.unit in MONEY else Decimal("0.01") if row.unit == "percent" else Decimal(1)
    negative = (row.value < 0) != flip
    return plain(row.value / unit, max(0, places_of(row.rounding, unit))), negative


def amount(row: Row, gap: str = "", minus: bool = False) -> str:
    """An amount in a sentence: `RMB1,970.0 million`, `RMB1.65 billion`; the sign only if `minus`.

    The scale is the finest one that shows no digit beyond those known: RMB0.50 billion is known to ten
    millions. A value with digits below its stated rounding is hedged, as no spelling shows both.
    """
    sign = "-" if minus and row.value < 0 else ""
    if row.unit not in MONEY:
        name = MONEY.get(row.unit.partition("/")[0], "")
        digits = plain(row.value, max(0, places_of(row.rounding, Decimal(1))))
        return f"{name}{gap}{sign}{digits}"
    name = MONEY[row.unit] + (gap if row.unit == "RMB" else "")
    if row.value == 0 and row.rounding <= 1:
        return "nil"
    if not row.exact:
        places = max(0, places_of(_last_digit(row.value), MILLION))
        return f"approximately {name}{sign}{plain(row.value / MILLION, places)} million"
    if row.rounding <= 1:
        return f"{name}{sign}{plain(row.value, places_of(row.rounding, Decimal(1)))}"
    if row.rounding <= MILLION:
        return f"{name}{sign}{plain(row.value / MILLION, places_of(row.rounding, MILLION))} million"
    return f"{name}{sign}{plain(row.value / BILLION, max(0, places_of(row.rounding, BILLION)))} billion"


def _last_digit(value: Decimal) -> Decimal:
    return Decimal(1).scaleb(value.normalize().adjusted() - len(value.normalize().as_tuple().digits) + 1)


def count(row: Row) -> str:
    """A number of shares in a sentence: whole where all digits are known, else in millions."""
    if row.rounding < THOUSAND:
        return plain(row.value, 0)
    return f"{plain(row.value / MILLION, max(0, places_of(row.rounding, MILLION)))} million"


def percent(row: Row, minus: bool = False) -> str:
    """A ratio in a sentence, `10.9%`; hedged where the source hedges it; the sign only if `minus`."""
    hedge = ""
    if row.as_printed.startswith(("around ", "约")):
        hedge = "around " if row.as_printed.startswith("around ") else "approximately "
    sign = "-" if minus and row.value < 0 else ""
    scale = Decimal("0.01") if row.unit == "percent" else Decimal(1)
    return f"{hedge}{sign}{plain(row.value / scale, max(0, places_of(row.rounding, scale)))}%"


def points(row: Row) -> str:
    """A change of a ratio in a sentence: `2.6 percentage points`."""
    return f"{plain(row.value, max(0, places_of(row.rounding, Decimal(1))))} percentage points"
