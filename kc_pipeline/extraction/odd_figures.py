"""Figures of one table that are printed as no other is: with other decimals, or a thousandfold of all others.

Among whole thousands, 0.41 is an amount per share or a ratio whose label does not say so, 4.240 has a point for its
comma, and 441.5 is in millions. Read at the scale of the table they would be plausible and wrong, so they are marked.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from kc_pipeline.extraction.model import Caution, Line, mark
from kc_pipeline.figures import IN_LABEL

_LEAST = 8  # figures by which a table shows how it prints
_MOST_ODD = 5  # one in so many: above that, a table prints in several ways
_SAID = frozenset(("row label", "figure", "minor unit"))  # what states the scale of the figure itself
_SMALL = 100  # times smaller than the figure in the middle
_FOLD = 300  # times the largest of all other rows
_ROWS = 5


def odd_figures(lines: Sequence[Line]) -> list[Caution]:
    """Return a warning of the figures of one table that are printed at another scale than the rest, and mark them."""
    money = [
        x
        for x in lines
        if len(x.unit) == 3
        and x.value
        and x.scale_rule not in _SAID
        and not x.column_label.endswith(IN_LABEL)
    ]
    out = _told(_finer(money), "printed with more decimals than nearly all other figures of the table")
    return out + _told(_out_of_scale(money), "hundreds of times every other figure of the column")


def printed_decimals(text: str) -> int:
    """Return how many digits stand behind the point of a figure as read.

    >>> printed_decimals("(0.41)"), printed_decimals("1,234")
    (2, 0)
    """
    _, point, behind = text.rpartition(".")
    return sum(c.isdigit() for c in behind) if point else 0


def _finer(money: Sequence[Line]) -> list[Line]:
    """Return figures with more decimals than nearly all others, which the table's scale multiplies.

    Among figures that have decimals, one with more of them is odd only where it is small: others are quoted precisely.
    """
    if len(money) < _LEAST:
        return []
    decimals = Counter(printed_decimals(x.text) for x in money)
    usual, times = decimals.most_common(1)[0]
    odd = len(money) - times
    if not odd or odd * _MOST_ODD > len(money):
        return []
    typical = sorted(map(_size, money))[len(money) // 2]
    return [
        x
        for x in money
        if x.decimals < printed_decimals(x.text) > usual and (not usual or _SMALL * _size(x) < typical)
    ]


def _out_of_scale(money: Sequence[Line]) -> list[Line]:
    """Return the figures of a row of a statement that are hundreds of times all others of their columns.

    Where the row stands at the scale of the rest, some other row comes near it: costs near revenues, parts near totals.
    """
    columns: dict[tuple[object, ...], list[Line]] = {}
    for x in money:
        if x.statement in ("income", "balance_sheet", "cash_flow"):
            columns.setdefault((x.col, x.column_label, x.unit, x.member), []).append(x)
    out: list[Line] = []
    for column in columns.values():
        by_size = sorted(column, key=_size)
        if len(column) >= _ROWS and _size(by_size[-1]) > _FOLD * _size(by_size[-2]):
            out.append(by_size[-1])
    return out


def _size(line: Line) -> Decimal:
    return abs(line.value)


def _told(odd: Iterable[Line], words: str) -> list[Caution]:
    rows: dict[int, list[Line]] = {}
    for line in odd:
        rows.setdefault(line.row, []).append(line)
    out: list[Caution] = []
    for found in rows.values():
        mark(found, "odd_figures")
        first, printed = found[0], ", ".join(x.text for x in found)
        out.append(
            Caution(
                first.table,
                "odd_figures",
                f"row {first.row} {first.label[:60]!r}: {printed}, {words}: check the scale",
            )
        )
    return out
