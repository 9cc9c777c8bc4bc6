"""One table to lines: columns with periods and units, rows with sections and labels, figures with value and sign."""

import re
from collections import Counter

from kc_pipeline.extraction.column_marks import drop_marks, like_mark, note_signs, scale_doubt, set_measures
from kc_pipeline.extraction.column_periods import set_periods
from kc_pipeline.extraction.column_units import join_same, mark_percents, share_headings
from kc_pipeline.extraction.columns import (
    Block,
    Column,
    assign_headings,
    blocks,
    cluster,
    column_of,
    unit_only,
)
from kc_pipeline.extraction.context import Context
from kc_pipeline.extraction.grid import Grid
from kc_pipeline.extraction.lines import walk
from kc_pipeline.extraction.markup import lines_of
from kc_pipeline.extraction.measures import column_measure
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.reading import TableReading, Trace
from kc_pipeline.extraction.registrants import registrant_over
from kc_pipeline.extraction.row_units import money_is_whole
from kc_pipeline.extraction.rows import ReadRow, read_rows, set_language
from kc_pipeline.extraction.share_rows import printed_whole
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
from kc_pipeline.extraction.table_units import Document, TableUnits
from kc_pipeline.extraction.units import (
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
        r for r in read_rows(grid) if r.label or not r.figures or not all(like_mark(f) for f in r.figures)
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
    opening = _joined_titles([r.label for r in rows[:6] if r.label and not r.figures])
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


def _joined_titles(labels: list[str]) -> list[str]:
    """Return labels with a title that is broken over two of them ("Adjusted Profit & Loss", "Statement") in one."""
    out: list[str] = []
    for label in labels:
        broken = bool(out) and not is_statement_title(out[-1]) and not is_statement_title(label)
        if broken and len(label) < 40 and is_statement_title(f"{out[-1]} {label}"):
            out[-1] = f"{out[-1]} {label}"
        else:
            out.append(label)
    return out


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
    drop_marks(columns, block)
    mark_percents(columns, block)
    joined = join_same(columns, block)
    if len(joined) < len(columns):
        columns = joined
        _place(columns, block)
    captions = _joined_titles([r.label for r in block.headings if r.label]) + _joined_titles(block.captions)
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
    note_signs(columns, block, units)
    if reading.statement in PRIMARY:
        reading.scale_doubt = reading.scale_doubt or scale_doubt(columns, block, units, document)
    statements = _kinds(columns, reading, context, captions)
    reading.columns = columns
    reading.blocks.append((block, columns))
    set_measures(columns, local, block)
    walk(block, columns, reading, local, document, units, statements, bare=bare, undated=undated)


def _as_before(columns: list[Column], carried: list[Column], statement: str) -> list[Column] | None:
    """Return the columns of the table before that these can go on with: as many, perhaps but for numbers of notes.

    A statement takes its periods from no statement of another kind: a balance sheet stands at other days than the flows
    above it, and cash flows run longer than the income beside them.
    """
    of_figures = [c for c in carried if c.kind != "note"]
    same = carried if len(carried) == len(columns) else of_figures
    if len(same) != len(columns) or not any(c.period_end for c in same):
        return None
    pairs = zip(columns, same, strict=True)
    if any(t not in before.texts and not unit_only(t) for c, before in pairs for t in c.texts):
        return None  # headed by words of their own, which the columns before do not have
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
