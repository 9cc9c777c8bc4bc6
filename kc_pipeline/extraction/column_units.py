"""What the figures of columns are by their form: percentages, parts and totals of one period, minor units from some row on."""

import re
from dataclasses import replace

from kc_pipeline.extraction.columns import Block, Column, unit_only
from kc_pipeline.extraction.grid import Cell
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.rows import ReadRow


def mark_percents(columns: list[Column], block: Block) -> None:
    """A column under the headings of its left neighbour that prints percent signs, if only at its ends, holds percentages."""
    for index in range(1, len(columns)):
        left, column = columns[index - 1], columns[index]
        if column.kind != "amount" or left.kind != "amount" or not column.texts or column.texts != left.texts:
            continue
        rows = [{f.column: f for f in row.figures if not f.nil} for row in block.rows]
        both = [(r[index - 1], r[index]) for r in rows if index in r and index - 1 in r]
        own = [r[index] for r in rows if index in r]
        if sum(f.percent and not amount.percent for amount, f in both) > 1 and not any(
            f.currency or f.token.grouped for f in own
        ):
            column.kind = "percent"


def _inner_and_outer(columns: list[Column], block: Block) -> list[tuple[int, int]]:
    """Return the pairs of inner and outer columns of a period, as accounts print parts beside their totals.

    They are two columns to one dated heading, and not all of them stand under one.
    """
    dated = max((_dated(row) for row in block.headings), key=len, default=[])
    count = len(dated)
    rest = len(columns) - 2 * count
    if count < 2 or rest not in (0, 1):
        return []
    if all(any(c.start < h.col + h.span and h.col < c.end for h in dated) for c in columns[rest:]):
        return []
    return [(i, i + 1) for i in range(rest, len(columns), 2)]


def share_headings(columns: list[Column], block: Block) -> None:
    """Give an inner or outer column whose headings say nothing that the other's do not, no period above all, the same."""
    for a, b in _inner_and_outer(columns, block):
        for lacking, other in ((columns[a], columns[b]), (columns[b], columns[a])):
            if not _names_period(lacking) and set(lacking.texts) <= set(other.texts):
                lacking.texts = list(other.texts)


def _names_period(column: Column) -> bool:
    return any(read.dated or read.years for read in map(heading, column.texts))


def _dated(row: ReadRow) -> list[Cell]:
    return [c for c in (*row.words, *(f.cell for f in row.figures)) if c.read.year or heading(c.text).dated]


def join_same(columns: list[Column], block: Block) -> list[Column]:
    """Return the columns with two neighbours under the very same headings as one, where no row fills both.

    Accounts print parts in an inner column and their totals in an outer one, each under the year.
    """
    filled = [{f.column for f in row.figures} for row in block.rows]
    of_percent = {f.column for row in block.rows for f in row.figures if f.percent}
    out: list[Column] = []
    last = -1
    for index, column in enumerate(columns):
        inner = out[-1] if out and last == index - 1 else None
        if (
            inner is not None
            and inner.kind == column.kind == "amount"
            and column.texts
            and column.texts == inner.texts
            and not {index - 1, index} & of_percent
            and not any({index - 1, index} <= row for row in filled)
        ):
            out[-1] = replace(inner, end=column.end)
            continue
        out.append(column)
        last = index
    return out


_MINOR_ALONE = re.compile(r"\(?(?:p|c|¢|(?:\w{2,4}\s?)?cents?|pence|fen|sen)(?:\s+per\s+share)?\)?", re.I)


def units_below(row: ReadRow, columns: list[Column]) -> list[Column] | None:
    """Return the columns as they are below a row that says "Cents" over each, or a unit of money again; else None."""
    texts = [w.text for w in row.words]
    minor = all(_MINOR_ALONE.fullmatch(t) for t in texts)
    if not minor and not (
        all(map(unit_only, texts)) and any(_MINOR_ALONE.fullmatch(c.texts[-1]) for c in columns if c.texts)
    ):
        return None
    out = []
    for column in columns:
        over = [w.text for w in row.words if w.col < column.end and column.start < w.col + w.span]
        kept = (
            column.texts[:-1] if column.texts and _MINOR_ALONE.fullmatch(column.texts[-1]) else column.texts
        )
        out.append(replace(column, texts=[*kept, *(over[:1] if minor else [])]))
    return out
