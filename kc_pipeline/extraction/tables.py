"""One table to lines: columns with periods and units, rows with sections and labels, figures with value and sign."""

import re
from collections import Counter
from datetime import date, timedelta

from kc_pipeline.concepts.summaries import is_balance
from kc_pipeline.extraction.amounts import (
    Document,
    Plain,
    TableUnits,
    amount_of,
    currency_clues,
    money_is_whole,
    row_units,
    scale_clues,
    scales_of_lines,
)
from kc_pipeline.extraction.calendar import Calendar
from kc_pipeline.extraction.column_periods import set_periods
from kc_pipeline.extraction.column_units import join_same, mark_percents, share_headings, units_below
from kc_pipeline.extraction.columns import Block, Column, assign_headings, blocks, cluster, column_of
from kc_pipeline.extraction.context import Context
from kc_pipeline.extraction.grid import Cell, Grid
from kc_pipeline.extraction.labels import emit_label, stock_above
from kc_pipeline.extraction.markup import evidence_of, indent_of, lines_of
from kc_pipeline.extraction.measures import column_measure, counts_by
from kc_pipeline.extraction.model import Line
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.reading import TableReading, Trace
from kc_pipeline.extraction.registrants import registrant_over
from kc_pipeline.extraction.row_labels import RowLabel, clean_label, is_stock, row_label
from kc_pipeline.extraction.rows import Figure, ReadRow, read_rows, set_language
from kc_pipeline.extraction.sections import Sections, is_section
from kc_pipeline.extraction.share_rows import printed_whole, shares_between
from kc_pipeline.extraction.statements import (
    PRIMARY,
    holds_flows,
    is_period_heading,
    is_rolled_balance,
    is_statement_title,
    is_summary,
    scope_of,
    statement_of,
    title_lines,
)
from kc_pipeline.extraction.units import (
    UnitWords,
    names_per_share,
    unit_context,
    unit_words,
)
from kc_pipeline.extraction.unread import unread_rows


def read_table(
    grid: Grid,
    document: Document,
    carried: list[Column] | None,
    lead: list[str] | None = None,
    before: TableReading | None = None,
    trace: Trace | None = None,
) -> TableReading | None:
    """Read one table; None where it holds no figures that stand in columns.

    Args:
        grid: the table.
        document: what the document says as a whole.
        carried: the columns of the table before, for a statement that goes on in this one without headings.
        lead: the lines above the table, where they are already known.
        before: the table before, whose statement may go on in this one.
        trace: filled with the clues of each figure, where a person asks for them.
    """
    rows = [
        r for r in read_rows(grid) if r.label or not r.figures or not all(_like_mark(f) for f in r.figures)
    ]
    if not any(r.figures and not r.all_years for r in rows) or _is_index(rows):
        return None
    set_language(rows)
    few = sum(len(r.figures) for r in rows if not r.all_years) < 2
    reading, context = _opened(grid, rows, grid.lead if lead is None else lead, document, before)
    reading.trace = trace
    below = next((w.scale for line in grid.below if (w := unit_words(line)).scale is not None), None)
    for block in blocks(rows):
        if few and not any(heading(c.text).dated for r in block.headings for c in r.words):
            continue
        _read_block(block, reading, context, document, carried, below)
        if reading.columns:
            carried = reading.columns
    reading.unread = unread_rows(rows, grid.index) if reading.lines else []
    return reading


def _opened(
    grid: Grid, rows: list[ReadRow], lead: list[str], document: Document, before: TableReading | None
) -> tuple[TableReading, Context]:
    """Return the reading of a table before its figures are read: its kind, title and scope, and what stands around it."""
    above = title_lines(lead) + (lines_of(grid.caption) if grid.caption else [])
    labels = [r.label for r in rows if r.label]
    opening = [r.label for r in rows[:6] if r.label and not r.figures]
    title = "\n".join([*above, *opening])
    near = "\n".join([*above[-2:], *opening[:2]])
    statement = statement_of(title, labels, near)
    scope = scope_of("\n".join(above[-5:] + opening[:2]))
    reading = TableReading(grid.index, statement, _short_title(above, opening), scope, is_summary(title))
    reading.titled = any(map(is_statement_title, [*above, *opening]))
    reading.registrant = registrant_over([*above, *opening]) if reading.titled else None
    if before is not None and statement in ("other", before.statement) and _goes_on(before, rows, lead):
        reading.scope, reading.unit_lines = before.scope, before.unit_lines
        if before.statement in PRIMARY:
            reading.statement = statement = before.statement
    reading.flow = flow = holds_flows(statement, labels, summary=reading.summary)
    return reading, Context(title, [*above, *opening], statement, document.calendar, flow)


def _is_index(rows: list[ReadRow]) -> bool:
    """Whether a table's numbers stand at its left edge alone, before words: those of exhibits, parts or notes."""
    numbered = [r for r in rows if r.figures]
    return all(
        not r.label and r.words and r.figures[0].col == 0 and len(r.figures) == 1 and not r.figures[0].percent
        for r in numbered
    )


def _goes_on(before: TableReading, rows: list[ReadRow], lead: list[str]) -> bool:
    """Whether a table goes on in another: no headings of its own, and but a page's end in between."""
    if not before.lines:
        return False
    if sum(map(len, lead)) > 300 or any(len(line) > 120 for line in lead):
        return False
    for row in rows:
        if row.all_years or (not row.figures and is_period_heading(row.label)):
            return False
        if is_rolled_balance(row.label):
            return False
        if any(heading(c.text).dated or heading(c.text).lasting for c in row.words):
            return False
    return True


def _short_title(above: list[str], opening: list[str]) -> str:
    candidates = [line for line in [*above[-6:], *opening[:3]] if len(line) < 200]
    for line in candidates:
        if re.search(
            r"statements?\s+of|balance\s+sheet|reconciliation|cash\s+flow|income\s+statement|financial\s+(?:data|highlights|position)|segment",
            line,
            re.I,
        ) or is_summary(line):
            return line
    return candidates[-1] if candidates else ""


def _read_block(
    block: Block,
    reading: TableReading,
    context: Context,
    document: Document,
    carried: list[Column] | None,
    below: int | None,
) -> None:
    columns = cluster(block.rows)
    if not columns:
        return
    _place(columns, block)
    assign_headings(columns, block)
    share_headings(columns, block)
    _drop_marks(columns, block)
    mark_percents(columns, block)
    joined = join_same(columns, block)
    if len(joined) < len(columns):
        columns = joined
        _place(columns, block)
    captions = [r.label for r in block.headings if r.label] + block.captions
    unit_lines = [*reading.unit_lines, *context.lines, *captions, *_opening(block)]
    reading.unit_lines = unit_lines
    lines = [*context.lines, *(c for c in captions if len(c) < 300)]
    local = Context(context.title, lines, context.statement, context.calendar, context.flow)
    parts = [heading(t) for c in columns for t in c.texts]
    bare = not any(p.dated or p.lasting for p in parts)
    undated = not any(p.dated for p in parts)
    same = _as_before(columns, carried or [], reading.statement)
    if bare and same and not _own_period(context, captions, [*captions, *_opening(block)], same):
        _carry(columns, same, context.statement)
    else:
        if bare and same and not any(c.texts for c in columns):
            for column, before in zip(columns, same, strict=True):
                column.texts = [t for t in before.texts if not heading(t).dated and not heading(t).lasting]
        set_periods(columns, local)
    for column in columns:
        column.statement = reading.statement
    units = TableUnits(unit_context(unit_lines), tuple(unit_lines), below)
    units.of_statement = reading.statement in PRIMARY
    units.per_share = any(c.measure == "per_share" for c in columns)
    units.whole_money = any(names_per_share(x) for x in unit_lines) and money_is_whole(block.rows)
    units.whole_counts = printed_whole(block.rows)
    _note_signs(columns, block, units)
    if reading.statement in PRIMARY:
        reading.scale_doubt = reading.scale_doubt or _scale_doubt(columns, block, units, document)
    statements = _kinds(columns, reading, context, captions)
    reading.columns = columns
    reading.blocks.append((block, columns))
    _set_measures(columns, local, block)
    _walk(block, columns, reading, local, document, units, statements, bare=bare, undated=undated)


def _as_before(columns: list[Column], carried: list[Column], statement: str) -> list[Column] | None:
    """Return the columns of the table before that these can go on with: as many, perhaps but for numbers of notes.

    A statement takes its periods from no statement of another kind: a balance sheet stands at other days than the flows
    above it, and cash flows run longer than the income beside them.
    """
    of_figures = [c for c in carried if c.kind != "note"]
    same = carried if len(carried) == len(columns) else of_figures
    if len(same) != len(columns) or not any(c.period_end for c in same):
        return None
    kept = statement not in PRIMARY or all(c.statement in (statement, "") for c in same)
    return same if kept else None


def _place(columns: list[Column], block: Block) -> None:
    """Give each figure the column that it stands in."""
    places: dict[tuple[int, int], int] = {}
    for row in block.rows:
        for figure in row.figures:
            place = (figure.col, figure.cell.span)
            if place not in places:
                places[place] = column_of(columns, figure)
            figure.column = places[place]


def _opening(block: Block) -> list[str]:
    """Return the labels above a block's first figures and the words of its headings, where units are said."""
    labels: list[str] = []
    for row in block.rows:
        if row.figures:
            break
        if row.label:
            labels.append(row.label)
    of_rows = Counter(row.unit for row in block.rows if row.unit).most_common(1)
    return [*labels, *(unit for unit, _ in of_rows), *(w.text for r in block.headings for w in r.words)]


def _carry(columns: list[Column], carried: list[Column], statement: str) -> None:
    """Take over periods and units from the columns of the table that goes on in this one."""
    for column, before in zip(columns, carried, strict=True):
        column.member, column.kind = before.member, before.kind
        column.period_end, column.period_start = before.period_end, before.period_start
        column.months, column.audited = before.months, before.audited
        column.period_rule = "table before"
        column.currency, column.scale = before.currency, before.scale
        column.texts = column.texts or list(before.texts)
        if statement == "balance_sheet":
            column.period_start = column.months = None
        for text in column.texts:
            column.measure = column_measure(text) or column.measure


def _kinds(
    columns: list[Column], reading: TableReading, context: Context, captions: list[str]
) -> tuple[str, str]:
    """Return the kind of statement of a table's whole columns, and that of columns that are apart by a member."""
    statement = reading.statement
    members = {c.member for c in columns} - {""}
    if not members or statement not in PRIMARY or (members == {"?"} and is_statement_title(reading.title)):
        return statement, statement
    said = context.title[-600:] + " ".join(captions)
    apart = "segment" if re.search(r"segment|geograph|region|division", said, re.I) else "other"
    # without a title nothing says that the rest of the table is the statement
    return (statement if any(is_statement_title(x) for x in context.lines) else apart), apart


def _set_measures(columns: list[Column], local: Context, block: Block) -> None:
    """Set what columns measure where the lines right above the table say so for all of them."""
    measure = ""
    if _percentages(local.lines[-3:], block):
        measure = "ratio"
    elif any(map(counts_by, local.lines[-3:])):
        measure = "count"
    for column in columns:
        column.measure = column.measure or measure


def _walk(
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


def _note_signs(columns: list[Column], block: Block, units: TableUnits) -> None:
    """Note which currency signs are printed in the cells of each column, and of all of them, where they are of one kind."""
    seen: list[Counter[str]] = [Counter() for _ in columns]
    prices: list[Counter[str]] = [Counter() for _ in columns]
    for row in block.rows:
        priced = _is_price(row.label)
        for figure in row.figures:
            if figure.currency and figure.column >= 0:
                (prices if priced else seen)[figure.column][figure.currency] += 1
    every = sum([*seen, *prices], Counter())
    if not any(r.figures and r.label and not _is_price(r.label) for r in block.rows):
        seen = prices
    for column, signs in zip(columns, seen, strict=True):
        column.sign = next(iter(signs)) if len(signs) == 1 else ""
    units.sign = next(iter(every)) if len(every) == 1 else ""
    units.signs = frozenset(every)
    units.apart = len({c.currency for c in columns if c.currency}) > 1


def _is_price(label: str) -> bool:
    """Whether a row holds amounts per share or prices, which may be in another currency than the money beside them."""
    return names_per_share(label) or "price" in label.lower()


def _scale_doubt(
    columns: list[Column], block: Block, units: TableUnits, document: Document
) -> tuple[str, str] | None:
    """Return code and words of what makes the scale of a statement's money doubtful, or None."""
    headed = {c.scale for c in columns if c.kind == "amount" and c.scale is not None}
    said = unit_context(list(units.lines[-8:])).scale if headed else None
    lines = [w for x in units.lines if (w := unit_words(x).scale) is not None and w not in headed]
    if headed and lines and said is not None:
        return (
            "scale_contradicted",
            "the headings of its columns and the lines above it state different scales",
        )
    if headed or units.words.scale is not None or units.below is not None or document.scale is not None:
        return None
    if document.scaled_elsewhere:
        return "scale_unclear", "it states no scale, other tables of the document do; read as whole units"
    figures = [f for row in block.rows for f in row.figures if f.token.kind == "figure" and not f.percent]
    tenths = sum(1 for f in figures if f.token.decimals == 1)
    if tenths * 2 > len(figures):
        return "scale_unclear", "it states no scale and its figures have one decimal; read as whole units"
    return None


def _own_period(context: Context, captions: list[str], opening: list[str], carried: list[Column]) -> bool:
    """Whether a table names its period itself, so that the one of the table before cannot be its own.

    Where the columns before share one period and set something else apart, a title of one day says when the next is.
    """
    if any(heading(c).dated for c in captions):
        return True
    lasting = {c.months for c in carried if c.kind == "amount"}
    said = [heading(c) for c in opening if len(c) < 80 and is_period_heading(c)]
    if any(read.months is not None and read.months not in lasting for read in said):
        return True
    if len({(c.period_end, c.months) for c in carried if c.kind == "amount"}) > 1:
        return False
    titled = [heading(line) for line in context.lines[-5:] if is_period_heading(line)]
    return any(len(read.dates) == 1 and not read.years for read in titled)


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


_OF_A_WHOLE = re.compile(
    r"\bas\s+a\s+percent(?:age|s)?\s+of\b|\bpercent(?:age|s)?\s+of\s+(?:total\s+|net\s+)?(?:revenues?|sales)\b|\bcommon[\s-]+size\b",
    re.I,
)


def _percentages(lines: list[str], block: Block) -> bool:
    """Whether a block is titled as percentages of a whole, whose sign is printed in some of its rows only."""
    if not any(_OF_A_WHOLE.search(line) for line in lines):
        return False
    figures = [f for row in block.rows for f in row.figures if not f.nil]
    if any(f.currency or f.token.grouped for f in figures):
        return False
    return any(f.percent for f in figures) or any(
        row.figures and all(abs(f.number()) == 100 for f in row.figures) for row in block.rows
    )


def _drop_marks(columns: list[Column], block: Block) -> None:
    """A column that holds only footnote marks such as (1) holds no figures.

    Under a date of its own it could hold ones in brackets; under no heading but those of the figures beside it, it cannot.
    """
    seen: dict[int, list[Figure]] = {}
    for row in block.rows:
        for figure in row.figures:
            seen.setdefault(figure.column, []).append(figure)
    for index, column in enumerate(columns):
        figures = seen.get(index, [])
        if (
            column.kind == "amount"
            and figures
            and all(_like_mark(f) for f in figures)
            and (
                not heading(column.label).dated
                or (index > 0 and set(column.texts) <= set(columns[index - 1].texts))
            )
        ):
            column.kind = "note"


def _like_mark(figure: Figure) -> bool:
    token = figure.token
    return (
        token.kind == "figure"
        and len(token.digits) <= 2
        and not token.decimals
        and token.open is False
        and figure.cell.text.startswith("(")
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
    instant = instant or (reading.summary and is_balance(row.label))
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
