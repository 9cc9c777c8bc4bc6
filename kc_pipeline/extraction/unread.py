"""Figures that became nothing: rows of a table that was read whose cells hold digits but gave no figure at all.

A form of number that nobody foresaw turns its row into a heading, and everything in it is gone; so it is said.
"""

import re

from kc_pipeline.extraction.grid import Cell
from kc_pipeline.extraction.model import Caution
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.rows import ReadRow

_MOST = 20
_LONGEST = 60
_WITHOUT_BRACKETS = re.compile(r"\([^()]*\)")
_GROUPED = re.compile(r"\d[,.'’ ]\d{3}(?!\d)")


def unread_rows(rows: list[ReadRow], index: int) -> list[Caution]:
    """Return a warning for each row with a label whose cells hold digits of figures, and that has no figure."""
    out: list[Caution] = []
    for row in rows:
        if row.figures or not row.label or row.label_cell is None:
            continue
        held = [c.text for c in (*row.unread, *row.words) if _holds_figures(c)]
        if held:
            out.append(
                Caution(
                    index, "unread_numbers", f"row {row.number} {row.label[:80]!r}: {held[0]!r} was not read"
                )
            )
    if len(out) > _MOST:
        rest = Caution(index, "unread_numbers", f"{len(out) - _MOST} more rows of the table were not read")
        return [*out[:_MOST], rest]
    return out


def _holds_figures(cell: Cell) -> bool:
    """Whether a cell's words must be figures: by their characters, and because they name no period."""
    text = cell.text
    if (
        cell.read.kind != "text"
        or len(text) > _LONGEST
        or "%" in _WITHOUT_BRACKETS.sub("", text)
        or text[0] == "+"
    ):
        return False  # percentages in a range, and changes
    read = heading(text)
    if read.dated or read.lasting or read.years:
        return False
    return cell.read.unread or len(_GROUPED.findall(_WITHOUT_BRACKETS.sub("", text))) > 1
