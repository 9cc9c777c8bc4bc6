"""Headings that a page prints as a table of their own, above the table that they belong to."""

from dataclasses import replace

from kc_pipeline.extraction.grid import Grid, Row
from kc_pipeline.extraction.periods import heading

_MOST_ROWS = 6


def only_headings(grid: Grid) -> bool:
    """Return whether a table is nothing but headings of columns: at least two periods in one row, and no figures."""
    rows = [cells for _, cells in grid.rows if cells]
    if not rows or len(rows) > _MOST_ROWS:
        return False
    if any(
        cell.read.kind == "dash" or _is_figure(cell.read.kind, cell.read.year) for r in rows for cell in r
    ):
        return False
    return any(_periods(cells) > 1 for cells in rows)


def under_headings(grid: Grid, headings: Grid | None) -> Grid:
    """Return a table with the rows of a table of headings right above it, where it has no headings itself."""
    if headings is None or grid.lead or grid.caption or not grid.rows:
        return grid
    top = [cells for _, cells in grid.rows[:_MOST_ROWS]]
    if any(_periods(cells) for cells in top) or not any(_holds_figure(cells) for cells in top):
        return grid
    # numbered from below, so that each row of the table keeps its own number
    above = [(n - len(headings.rows), cells) for n, (_, cells) in enumerate(headings.rows)]
    return replace(grid, rows=[*above, *grid.rows], lead=headings.lead, caption=headings.caption)


def _is_figure(kind: str, year: int) -> bool:
    return kind == "figure" and not year


def _holds_figure(cells: Row) -> bool:
    return any(_is_figure(cell.read.kind, cell.read.year) for cell in cells)


def _periods(cells: Row) -> int:
    return sum(1 for cell in cells if cell.read.year or heading(cell.text).dated)
