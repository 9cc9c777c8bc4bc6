"""The intermediate model: a statement as a careful accountant sees it, and how it may be laid out."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from kc_pipeline.extraction.columns import Column
from kc_pipeline.extraction.grid import Grid
from kc_pipeline.extraction.markup import indent_of
from kc_pipeline.extraction.numbers import token
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.reading import TableReading
from kc_pipeline.extraction.rows import Figure as ReadFigure
from kc_pipeline.extraction.rows import ReadRow
from kc_pipeline.extraction.statements import is_period_heading
from kc_pipeline.extraction.table_units import Document
from kc_pipeline.extraction.tables import read_table
from kc_pipeline.extraction.units import unit_words

_TITLE = re.compile(
    r"balance\s+sheets?|statements?\s+of\s|income\s+statement|cash\s+flows?\b|financial\s+position", re.I
)


@dataclass(frozen=True)
class Figure:
    """One printed figure without its layout."""

    digits: str
    negative: bool = False
    percent: bool = False
    sign: str = ""
    nil: bool = False


@dataclass(frozen=True)
class Row:
    """A label and its figures, one per column (None: blank; no figures at all: a heading)."""

    label: str
    indent: int = 0
    figures: tuple[Figure | None, ...] = ()


@dataclass(frozen=True)
class Period:
    """What a column is about; `currency` and `scale` only where columns differ in them; `extra` names another kind."""

    end: date
    months: int | None
    currency: str = ""
    extra: str = ""


@dataclass(frozen=True)
class Statement:
    """One primary statement."""

    kind: str
    title: str
    units: str
    audited: bool | None
    columns: tuple[Period, ...]
    rows: tuple[Row, ...]
    calendar_year: bool = True
    lead: tuple[str, ...] = ()


HeaderRow = tuple[str, list[tuple[str, int, int]]]
"""Label text, then (text, first column, column after the last)."""


def plain_date(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


@dataclass(frozen=True)
class Layout:
    """How a statement is laid out."""

    header: Callable[[Statement, "Layout"], list[HeaderRow]] | None = None
    date: Callable[[date], str] = plain_date
    duration: Callable[[int], str] = field(default=lambda months: f"{_WORDS[months]} Months Ended")
    symbols: str = "joined"
    spacers: int = 1
    over: str = "slot"
    negative: str = "({})"
    nil: str = "—"
    signs: str = "first"
    title_at: str = "paragraph"
    units_at: str = "paragraph"
    audit_at: str = ""
    between: str = ""
    indent: str = "padding"
    before: int = 0
    label_marks: str = ""
    figure_marks: str = ""
    repeat_header: bool = False
    rules: str = ""
    blank: str = ""
    markup: str = "plain"
    page_break: str = ""
    unit: str = "USD"


_WORDS = {
    1: "One", 2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six", 7: "Seven", 8: "Eight", 9: "Nine", 10: "Ten",
    11: "Eleven", 12: "Twelve",
}  # fmt: skip


def statement_of(grid: Grid, lead: list[str], document: Document) -> Statement | None:
    """Return the statement that a grid holds, or None where its columns are not plain periods.

    Args:
        grid: the table.
        lead: the visible lines above it.
        document: what the document says as a whole.
    """
    reading = read_table(grid, document, None, lead)
    if reading is None or not reading.lines or len(reading.blocks) != 1:
        return None
    block, columns = reading.blocks[0]
    kept = [n for n, c in enumerate(columns) if c.kind == "amount" and c.period_end is not None]
    if not kept or any(columns[n].member for n in kept) or len({_key(columns[n]) for n in kept}) < len(kept):
        return None
    title = next((line for line in reversed(lead[-6:]) if len(line) < 160 and _TITLE.search(line)), "")
    words = [*lead[-5:], *(r.label for r in block.headings), *block.captions, *_words(block.headings)]
    words += [r.label for r in block.rows[:2] if not r.figures]
    units = next((w for w in words if len(w) < 120 and unit_words(w).scale is not None), "")
    rows = [_row(row, kept) for row in block.rows]
    return Statement(
        reading.statement,
        title,
        units.strip("() "),
        _audited(reading),
        tuple(Period(columns[n].period_end, columns[n].months) for n in kept),  # type: ignore[arg-type]
        tuple(r for r in rows if r is not None and r.label.strip("() ") != units.strip("() ")),
        document.calendar.year_end_month == 12,
        () if title else tuple(lead[-3:]),
    )


def _key(column: Column) -> tuple[date | None, int | None]:
    return column.period_end, column.months


def _words(headings: list[ReadRow]) -> list[str]:
    return [c.text for r in headings for c in r.words]


def _audited(reading: TableReading) -> bool | None:
    return reading.lines[0].audited


def _row(row: ReadRow, kept: list[int]) -> Row | None:
    if is_period_heading(row.label) and not row.figures:
        return None
    source = row.label_cell.source if row.label_cell is not None else ""
    indent = min(4, round(indent_of(source, row.label) / 9)) if source else 0
    if not row.figures:
        return Row(row.label, indent) if row.label and not heading(row.label).lasting else None
    by_column = {f.column: f for f in row.figures}
    return Row(row.label, indent, tuple(_figure(by_column.get(n)) for n in kept))


def _figure(read: ReadFigure | None) -> Figure | None:
    if read is None:
        return None
    sign = read.currency or ""
    if read.nil:
        return Figure("", sign=sign, nil=True, percent=read.percent)
    found = re.search(r"[\d,.]*\d", read.cell.text)
    if found is None or token(read.cell.text).multiplier:
        return None
    return Figure(found[0], read.negative, read.percent, sign)
