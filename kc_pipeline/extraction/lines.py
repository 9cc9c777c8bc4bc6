"""Rows under the headings of a block to lines: sections, labels, figures with value, unit and period."""

import re
from datetime import date, timedelta

from kc_pipeline.concepts.summaries import is_balance
from kc_pipeline.extraction.amounts import Plain, amount_of
from kc_pipeline.extraction.calendar import Calendar
from kc_pipeline.extraction.column_periods import set_periods
from kc_pipeline.extraction.column_units import units_below
from kc_pipeline.extraction.columns import Block, Column
from kc_pipeline.extraction.context import Context
from kc_pipeline.extraction.grid import Cell
from kc_pipeline.extraction.labels import emit_label, stock_above
from kc_pipeline.extraction.markup import evidence_of, indent_of
from kc_pipeline.extraction.model import Line
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.reading import TableReading
from kc_pipeline.extraction.row_labels import RowLabel, clean_label, is_stock, row_label
from kc_pipeline.extraction.row_units import row_units
from kc_pipeline.extraction.rows import ReadRow
from kc_pipeline.extraction.sections import Sections, is_section
from kc_pipeline.extraction.share_rows import shares_between
from kc_pipeline.extraction.statements import is_period_heading
from kc_pipeline.extraction.table_units import Document, TableUnits
from kc_pipeline.extraction.unit_clues import currency_clues, scale_clues, scales_of_lines
from kc_pipeline.extraction.units import (
    UnitWords,
    unit_words,
)


def walk(
    block: Block,
    columns: list[Column],
    reading: TableReading,
    local: Context,
    document: Document,
    units: TableUnits,
    statements: tuple[str, str],
    *,
    bare: bool,
    undated: bool,
) -> None:
    """Walk down a block's rows: headings become sections, rows of figures become lines."""
    sections = Sections()
    row_columns = columns
    resolved: dict[str, list[Column]] = {}
    in_balance = local.statement == "balance_sheet"
    heading_units = UnitWords()
    plain: Plain = {}
    indents = [
        indent_of(r.label_cell.source, r.printed or r.label) if r.label_cell is not None else 0.0
        for r in block.rows
    ]
    counted, above = shares_between(block.rows), ""
    dated = _dated_cells(block) if any(row.unread for row in block.rows) else []
    for position, row in enumerate(block.rows):
        indent = indents[position]
        if row.unread:
            _note_malformed(row, columns, reading, dated)
        if in_balance and row.label_cell is not None and len(row.label) > 20:
            subject = stock_above(row.label, above)
            emit_label(row, columns, reading, document, units, sections.path(), subject)
            above = above if subject else row.label
        if not row.figures:
            label = clean_label(row.label)
            if not label and row.words and (below := units_below(row, row_columns)) is not None:
                row_columns, plain = below, {}
                continue
            if not label or len(label) > 200:
                continue
            if undated and is_period_heading(row.label) and (bare or heading(row.label).dated):
                if row.label not in resolved:
                    resolved[row.label] = _under(row.label, columns, local, bare=bare)
                row_columns, plain = resolved[row.label], {}
            if not is_section(row, label, indent, position, block, indents, len(columns)):
                continue
            sections.push(label.rstrip(":").strip(), indent)
            heading_units = unit_words(row.label) if "(" in row.label or len(row.label) < 60 else UnitWords()
            plain = {}
            continue
        reading.figures += sum([f.token.kind != "dash" for f in row.figures])
        if row.label:  # a total without words ends no heading
            sections.leave(indent, row.label[:5].lower() == "total")
        path, whole = sections.path(), position in counted
        _emit(row, row_columns, reading, document, units, heading_units, plain, path, statements, whole)
        if row.label[:6].lower() == "total " or row.label[:4].lower() == "net ":
            sections.close(row.label, indent)


_AMOUNTS = re.compile(r"[^A-Za-z%+]+")  # not ranges of percentages, nor changes, nor prices "per unit"


def _note_malformed(row: ReadRow, columns: list[Column], reading: TableReading, dated: list[Cell]) -> None:
    """Note the cells of a row that must be figures and cannot be read: in a column of figures, or under a period."""
    reading.unreadable.extend(
        (row.number, row.label, cell.text)
        for cell in row.unread
        if _in_columns(cell, columns)
        or (
            _AMOUNTS.fullmatch(cell.text)
            and any(cell.col < d.col + d.span and d.col < cell.col + cell.span for d in dated)
        )
    )


def _under(period: str, columns: list[Column], local: Context, *, bare: bool) -> list[Column]:
    """Return the columns as they are below a row that names a period; under parts of a year it says of which year."""
    above = [] if bare else [period]
    own = [Column(c.start, c.end, [*above, *c.texts], "amount") for c in columns]
    set_periods(own, local, period if bare else "")
    for column, below in zip(columns, own, strict=True):
        below.kind, below.sign = column.kind, column.sign
    return own


def _dated_cells(block: Block) -> list[Cell]:
    """Return the headings of a block that name a day or a year."""
    cells = [
        c for row in block.headings for c in (*row.words, *(f.cell for f in row.figures if f.token.year))
    ]
    return [c for c in cells if c.read.year or heading(c.text).dated]


def _in_columns(cell: Cell, columns: list[Column]) -> bool:
    """Whether a cell stands in a column of figures whose period is known."""
    return any(
        c.kind in ("amount", "percent")
        and c.period_end is not None
        and cell.col < c.end
        and c.start < cell.col + cell.span
        for c in columns
    )


def _when(
    column: Column, end: date, said: RowLabel, reading: TableReading, calendar: Calendar, *, instant: bool
) -> tuple[date | None, date, int | None]:
    """Return start, end and months of an amount: those of its column, or the day on which a balance stands."""
    start, months = column.period_start, column.months
    at = said.balance
    if not at and reading.statement == "cash_flow":
        at = said.cash
        if not at and said.cash_day and start is not None:
            at = "beginning" if said.opens(start) else "end" if said.opens(end + timedelta(days=1)) else ""
    if at and months is not None:
        if at in ("beginning", "start", "opening") and start is not None:
            end = calendar.snap(start - timedelta(days=1))
        return None, end, None
    return (None, end, None) if instant else (start, end, months)


def _emit(
    row: ReadRow,
    columns: list[Column],
    reading: TableReading,
    document: Document,
    units: TableUnits,
    heading_units: UnitWords,
    plain: Plain,
    section: tuple[str, ...],
    statements: tuple[str, str],
    counted: bool,
) -> None:
    said = row_label(row.label)
    label = said.clean
    words = row_units(
        row,
        label,
        section,
        heading_units,
        reading.statement,
        reading.after_shares,
        counted,
        units.whole_money,
    )
    label = clean_label(row.printed) if row.printed else label
    reading.after_shares = {f.column: abs(f.number()) for f in row.figures} if words.shares else {}
    instant = reading.statement not in ("balance_sheet", "cash_flow") and is_stock(row.label, section)
    instant = instant or (reading.summary and is_balance(row.label, section))
    for figure in row.figures:
        index = figure.column
        if index < 0:
            continue
        column = columns[index]
        if column.kind in ("note", "change", "skip"):
            continue
        if column.period_end is None:
            continue
        if reading.trace is not None:
            reading.trace[row.number, figure.col] = (
                currency_clues(figure, column, words, units, document),
                scale_clues(words, column, units, document) + scales_of_lines(units),
            )
        amount = amount_of(figure, words, column, units, document, plain)
        if amount is None:
            reading.without_currency += 1
            continue
        value, unit, places, unit_rule, scale_rule, against = amount
        if against is not None:
            reading.note_contradicted(column.label, unit, against)
        start, end, months = column.period_start, column.period_end, column.months
        if unit != "pure":
            start, end, months = _when(column, end, said, reading, document.calendar, instant=instant)
        reading.placed += 1
        member = column.member
        reading.lines.append(
            # by position: a line is made for every figure, and keywords cost as much as the line
            Line(
                statements[1] if member else statements[0],
                (*section, member) if member else section,
                label,
                value,
                unit,
                places,
                start,
                end,
                months,
                column.audited,
                reading.index,
                row.number,
                figure.col,
                figure.text,
                column.label,
                reading.title,
                reading.scope,
                None,
                None,
                None,
                evidence_of(figure.cell.source),
                None,
                member,
                unit_rule,
                scale_rule or None,
                column.period_rule or None,
            )
        )
