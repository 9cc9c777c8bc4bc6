"""Tables in which one statement follows another: each becomes a table of its own, with the rows' own numbers.

Belongs here: where a statement begins inside a table. Does not belong here: blocks of rows under headings of their own
within one statement (`columns.blocks`).
"""

import itertools
from dataclasses import replace

from kc_pipeline.extraction.grid import Grid, Row
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.statements import is_statement_title
from kc_pipeline.extraction.units import unit_words

_HEADINGS = 8  # rows below a statement's title in which its columns are headed
_LEAST = 3  # rows of figures that stand between two titles


def statements_in(grid: Grid) -> list[Grid]:
    """Return the statements of a table, in order; the table itself where it holds no more than one.

    A statement begins where a row says its formal title, rows of figures stand above it, and headings of columns
    follow before its first figures. What stands above the whole table says only the units of the later ones.
    """
    starts = _starts(grid)
    if not starts:
        return [grid]
    units = [x for x in grid.lead if _only_units(x)]
    bounds = [0, *starts, len(grid.rows)]
    out: list[Grid] = []
    for number, (first, last) in enumerate(itertools.pairwise(bounds)):
        rows = grid.rows[first:last]
        part = replace(grid, rows=rows, below=grid.below if last == len(grid.rows) else [])
        out.append(part if not number else replace(part, lead=units, caption=""))
    return out


def _starts(grid: Grid) -> list[int]:
    """Return the places of the rows with which the second and later statements of a table begin."""
    out: list[int] = []
    figures = 0
    for at, (_, cells) in enumerate(grid.rows):
        if _holds_figures(cells):
            figures += 1
        elif figures >= _LEAST and _is_title(cells) and _headed(grid, at):
            out.append(at)
            figures = 0
    return out


def _is_title(cells: Row) -> bool:
    texts = {c.text for c in cells}
    return len(texts) == 1 and is_statement_title(next(iter(texts)))


def _headed(grid: Grid, at: int) -> bool:
    """Whether rows of headings, two periods at least, stand below a title and above its first figures."""
    for _, cells in grid.rows[at + 1 : at + 1 + _HEADINGS]:
        if _holds_figures(cells):
            return False
        if sum(1 for c in cells if c.read.year or heading(c.text).dated) > 1:
            return True
    return False


def _holds_figures(cells: Row) -> bool:
    return any(c.read.kind == "figure" and not c.read.year for c in cells)


def _only_units(line: str) -> bool:
    words, read = unit_words(line), heading(line)
    said = words.scale is not None or words.currencies or words.dollar
    return bool(said) and not (is_statement_title(line) or read.dated or read.lasting)
