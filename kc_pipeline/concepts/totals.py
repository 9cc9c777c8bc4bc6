"""Unlabelled totals of a balance sheet: each is what its arithmetic proves, else it has no concept.

Belongs here: sums over the rows of one table. Does not belong here: totals that a label or a heading names
(match.py, neighbours.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Protocol

from kc_pipeline.concepts.catalogue import catalogue
from kc_pipeline.concepts.labels import normalise
from kc_pipeline.concepts.match import measure_of

Column = tuple[str, str]


class ValuedLine(Protocol):
    """A line with what proves a total: its figure and the day of its column."""

    statement: str
    section: tuple[str, ...]
    label: str
    unit: str
    table: int
    row: int
    member: str
    concept: str | None
    segment: str | None
    mapping_rule: str | None


@dataclass(slots=True)
class _Row:
    """One row of amounts, by column; `part` is the side of the balance sheet of which it is a part."""

    lines: list[ValuedLine]
    values: dict[Column, Decimal]
    concept: str | None
    section: tuple[str, ...]
    part: str = ""
    is_total: bool = False


_WHOLE = {
    "assets": "assets",
    "liabilities": "liabilities",
    "equity": "stockholders_equity_including_noncontrolling_interest",
}
_CURRENT = {"assets": "assets_current", "liabilities": "liabilities_current"}
_BOTH_SIDES = "liabilities_and_stockholders_equity"
_NAMED = frozenset((*_WHOLE.values(), *_CURRENT.values(), _BOTH_SIDES))


def _part_of(concept: str | None) -> str:
    """Return assets, liabilities or equity for a concept of a balance sheet; else nothing."""
    found = catalogue().get(concept) if concept else None
    kind = found.kind if found is not None else ""
    if kind.endswith("asset"):
        return "assets"
    if kind.endswith("liability"):
        return "liabilities"
    return "equity" if kind == "equity" else ""


def _rows(lines: Sequence[ValuedLine]) -> list[_Row]:
    """Return the rows of amounts of one table."""
    out: dict[int, _Row] = {}
    for line in lines:
        if measure_of(line.unit) != "money":
            continue
        row = out.get(line.row)
        if row is None:
            row = out[line.row] = _Row([], {}, line.concept, line.section, _part_of(line.concept))
        row.lines.append(line)
        value = Decimal(str(getattr(line, "value", 0)))
        row.values.setdefault((str(getattr(line, "period_end", "")), line.unit), value)
    return list(out.values())


def _adds_up(items: Sequence[_Row], total: _Row) -> bool:
    """Say whether the items add up to the total in each of its columns."""
    zero = Decimal(0)
    sums = {c: sum((i.values.get(c, zero) for i in items), zero) for c in total.values}
    return any(total.values.values()) and all(sums[c] == v for c, v in total.values.items())


def _suffix(items: Sequence[_Row], total: _Row) -> int | None:
    """Return where the fewest last items (two at least) begin that add up to a total, or None."""
    for k in range(len(items) - 2, -1, -1):
        if _adds_up(items[k:], total):
            return k
    return None


def _may_be_current(concept: str | None) -> bool:
    """Say whether a row can be a part of a current total; goodwill cannot, whatever heading was left standing."""
    found = catalogue().get(concept) if concept else None
    return found is None or found.kind.startswith(("current_", "contra_"))


def _named_current(section: tuple[str, ...], part: str) -> bool:
    heading = normalise(section[-1]) if section else ""
    return heading.startswith("current ") and part.rstrip("s")[:5] in heading


def _name(items: Sequence[_Row], k: int, total: _Row, assets: _Row | None) -> str:
    """Return the concept of a total over `items[k:]`, or nothing where the parts do not tell it."""
    added = items[k:]
    of_heading = {i.section for i in added} == {total.section}
    if total.concept and total.concept not in _NAMED and of_heading:
        return total.concept  # the heading's own total, as far as its rows add up
    parts = {i.part for i in added if i.part}
    if assets is not None and k == 0 and parts == {"liabilities", "equity"}:
        return _BOTH_SIDES if total.values == assets.values else ""
    if len(parts) != 1:
        return ""
    (part,) = parts
    current = _CURRENT.get(part)
    whole_heading = k == 0 or items[k - 1].section != total.section  # non-current assets may stand above
    if current is not None and whole_heading and not any(i.is_total for i in added):
        may = of_heading and all(_may_be_current(i.concept) for i in added)
        return current if may and _named_current(total.section, part) else ""
    if part == "equity":
        return _WHOLE[part] if all(i.part for i in added) else ""
    return _WHOLE[part] if k == 0 and any(i.concept == current for i in added) else ""


def _prove(rows: Sequence[_Row]) -> None:
    """Walk down one balance sheet and name each unlabelled total, or take its concept away."""
    items: list[_Row] = []
    assets: _Row | None = None
    side = "assets"
    for row, after in zip_longest(rows, rows[1:]):
        unlabelled = not normalise(row.lines[0].label)
        if side == "assets" and not unlabelled and row.part in ("liabilities", "equity"):
            side, items = "liabilities", []
        k = _suffix(items, row)
        if unlabelled:
            row.concept = (_name(items, k, row, assets) or None) if k is not None else None
            if row.concept == _WHOLE["equity"] and after is not None and after.part == "equity":
                row.concept = None  # a subtotal: treasury stock or the minority interest follows
            row.part = _part_of(row.concept)
            for line in row.lines:
                line.concept, line.segment = row.concept, None
                line.mapping_rule = f"balance_sheet/{row.concept}/adds-up" if row.concept else None
        if row.concept == "assets":
            assets, items, side = row, [], "liabilities"
            continue
        if k is not None and (unlabelled or row.concept in _NAMED):
            row.is_total = True
            row.part = row.part or next((i.part for i in items[k:] if i.part), "")
            del items[k:]
        items.append(row)


def prove_totals(lines: Sequence[ValuedLine]) -> None:
    """Set the concept of each unlabelled amount of a balance sheet to what the rows above it prove, or to none."""
    tables: dict[tuple[int, str], list[ValuedLine]] = {}
    for line in lines:
        if line.statement == "balance_sheet":
            tables.setdefault((line.table, line.member), []).append(line)
    for of_table in tables.values():
        if any(not normalise(x.label) for x in of_table):
            _prove(_rows(of_table))
