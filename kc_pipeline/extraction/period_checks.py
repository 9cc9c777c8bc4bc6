"""What is told of periods: columns that nothing dates, and columns that say the same of two figures.

Belongs here: warnings about the periods of one table's columns. Does not belong here: deciding a period.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from kc_pipeline.extraction.columns import Block, Column
from kc_pipeline.extraction.model import Caution, Line, mark
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.reading import TableReading
from kc_pipeline.extraction.statements import PRIMARY
from kc_pipeline.figures import IN_LABEL

_LEAST = 4  # figures that make a table worth a warning


def period_unclear(reading: TableReading) -> list[Caution]:
    """Columns of figures that must have a period, and of which nothing says which one: they give no lines."""
    if not reading.flow and reading.statement not in PRIMARY:
        return []
    undated = [c for block, columns in reading.blocks for c in _undated(block, columns, reading)]
    if not undated or reading.placed + reading.figures < _LEAST:
        return []
    labels = ", ".join(repr(label[:60]) for label in dict.fromkeys(c.label for c in undated))
    return [
        Caution(
            reading.index,
            "period_unclear",
            f"{len(undated)} columns, {labels}, were left out: nothing says on which day their period ends",
        )
    ]


def _undated(block: Block, columns: list[Column], reading: TableReading) -> Iterator[Column]:
    """Yield the columns without a period, where rows that name their own gave no lines in them."""
    amounts = [c for c in columns if c.kind == "amount"]
    bare = len(amounts) > 1 and all(c.period_end is None for c in amounts)
    rows = {row.number for row in block.rows}
    primary = reading.statement in PRIMARY
    for column in amounts:
        if column.period_end is not None or not (
            _names_period(column) or (bare and (not column.texts or primary))
        ):
            continue
        if not any(x.row in rows and column.start <= x.col < column.end for x in reading.lines):
            yield column


def _names_period(column: Column) -> bool:
    """Whether the headings of a column name a period, a day or a year, so that its figures are of one."""
    read = heading(column.label)
    return (read.dated or read.lasting or read.as_of) and not read.change


def not_told_apart(reading: TableReading) -> list[Caution]:
    """Columns of one period and nothing else to tell them apart: at most one of them is what it was read as."""
    expected = reading.flow or reading.statement in PRIMARY
    alike = Counter(
        (number, c.period_end, c.months, c.sign)  # printed signs of two currencies tell them apart
        for number, (_, columns) in enumerate(reading.blocks)
        for c in columns
        if c.member == "?" and (expected or heading(c.label).lasting)
    )
    same = {end for (_, end, _, _), n in alike.items() if n > 1} or (
        _twice(reading.lines) if expected else set()
    )
    if not same or not reading.lines:
        return []
    mark(reading.lines, "header_unclear")
    return [
        Caution(
            reading.index,
            "header_unclear",
            f"columns of {min(map(str, same))} could not be told apart by their headings",
        )
    ]


def _twice(lines: list[Line]) -> set[date | None]:
    """Return the periods of which rows have two figures under headings that say the same."""
    rows = Counter((x.row, x.column_label, x.period_end, x.months, x.unit) for x in lines)
    ends = Counter(end for (_, label, end, _, _), n in rows.items() if n > 1 and not label.endswith(IN_LABEL))
    return {end for end, n in ends.items() if n > 1}
