"""Rows that count shares where their words do not say so, or do not say at which scale: proved by the rows beside them."""

import re
from decimal import Decimal

from kc_pipeline.extraction.rows import Figure, ReadRow
from kc_pipeline.extraction.units import UnitWords, is_share_count, unit_words

_SILENT = UnitWords()
_MOST_BETWEEN = 6  # rows between two share counts that may lead from one to the other


def shares_between(rows: list[ReadRow]) -> set[int]:
    """Return the positions of rows that must count shares: those that lead from one share count to the next.

    "Basic shares, 1,426.0", "stock awards, 9.4", "diluted shares, 1,435.4": the middle row says of itself neither.
    """
    out: set[int] = set()
    before = -1
    for position, row in enumerate(rows):
        if not row.figures or not is_share_count(row.label, (), False):
            continue
        if before >= 0 and 1 < position - before <= _MOST_BETWEEN + 1:
            between = [n for n in range(before + 1, position) if rows[n].figures]
            parts = [rows[n] for n in (before, *between)]
            if (
                between
                and not any(f.currency for n in between for f in rows[n].figures)
                and _adds_up(parts, row)
            ):
                out.update(between)
        before = position
    return out


_LESS = re.compile(r"^\W*(?:less|deduct|minus)\b", re.I)


def _adds_up(parts: list[ReadRow], total: ReadRow) -> bool:
    """Whether rows give a total in each of its columns, but for rounding; rows of "Less" are taken off."""
    for figure in total.figures:
        place = Decimal(1).scaleb(-figure.token.decimals)
        addends = [_addend(row, f) for row in parts for f in row.figures if f.column == figure.column]
        if abs(sum(addends) - figure.number()) > place * (len(addends) // 2 + 1):
            return False
    return bool(total.figures)


def _addend(row: ReadRow, figure: Figure) -> Decimal:
    number = figure.number()
    return -number if number > 0 and _LESS.match(row.label) else number


_WHOLE = 8  # digits: more than a company has thousands of shares


def printed_whole(rows: list[ReadRow]) -> bool:
    """Return whether the share counts of a block are printed one by one: one of them is too long to be in thousands.

    The short counts beside it (dilutive options) are at the same scale. A row that states a scale itself is left out.
    """
    for row in rows:
        if not row.figures or not is_share_count(row.label, (), False) or unit_words(row.label) != _SILENT:
            continue
        if any(len(f.token.digits.split(".")[0]) > _WHOLE and f.token.grouped for f in row.figures):
            return True
    return False
