"""One table to lines: columns with periods and units, rows with sections and labels, figures with value and sign."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from kc_pipeline.extraction.amounts import Document, amount_of, row_units
from kc_pipeline.extraction.columns import (
    Block,
    Column,
    Context,
    assign_headings,
    blocks,
    cluster,
    column_of,
    set_periods,
    unit_context,
)
from kc_pipeline.extraction.grid import Cell, Grid
from kc_pipeline.extraction.labels import LabelFigure, label_figures
from kc_pipeline.extraction.markup import indent_of, lines_of
from kc_pipeline.extraction.model import Evidence, Line
from kc_pipeline.extraction.numbers import is_malformed
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.rows import Figure, ReadRow, read_rows
from kc_pipeline.extraction.statements import (
    is_period_heading,
    is_statement_title,
    scope_of,
    statement_of,
    title_lines,
)
from kc_pipeline.extraction.units import (
    PER_SHARE,
    UnitWords,
    unit_words,
)
from kc_pipeline.figures import IN_LABEL

_FOOTNOTE = re.compile(
    r"(?: ?(?:\((?:\d{1,2}|[a-z]|[ivx]{1,4}|\*{1,4})\)|\[\w{1,2}\]|[*†‡§#+^¹²³⁴⁵⁶⁷⁸⁹])(?: ?[,&])?)+ ?(?=:?$)"
)
_TRAILING = re.compile(r"[\s.…_]{3,}$|\s*\.{2,}\s*$")
_NOTE_REFERENCE = re.compile(r"\s*\((?:see\s+)?notes?\s+[\d\w, and&()]+\)\s*$", re.I)
_DATA_ATTRIBUTES = re.compile(r'data-(grade|source-kind|source-title|source-url)="([^"]*)"')
_CASH_INSTANT = re.compile(r"\bcash\b.*\b(beginning|end|start|close|opening|closing)\b", re.I)
_BALANCE_INSTANT = re.compile(
    r"^\W*(?:total\s+)?(?:\w+\s+)?(beginning|opening|ending|closing)\s+balances?\b|^\W*balances?,?\s+(?:at\s+)?(?:the\s+)?(beginning|end|start)\s+of\b",
    re.I,
)


@dataclass(slots=True)
class TableReading:
    """One table, read."""

    index: int
    statement: str
    title: str
    scope: str
    lines: list[Line] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    figures: int = 0
    placed: int = 0
    blocks: list[tuple[Block, list[Column]]] = field(default_factory=list)
    label_columns: int = 0
    after_shares: dict[int, Decimal] = field(default_factory=dict)
    without_currency: int = 0
    unreadable: list[tuple[int, str, str]] = field(default_factory=list)


def clean_label(label: str) -> str:
    """Return a row label without footnote marks and leader dots."""
    if label[-1:].isalpha() or len(label) > 1000:
        return label
    out = _TRAILING.sub("", label)
    stripped = _FOOTNOTE.sub("", out)
    return (stripped or out).strip()


def evidence_of(source: str) -> Evidence | None:
    """Return the evidence that a transcript's cell carries in its `data-*` attributes."""
    if "data-" not in source:
        return None
    found = dict(_DATA_ATTRIBUTES.findall(source))
    if not found:
        return None
    from html import unescape

    return Evidence(
        **{field: unescape(found[name]) for name, field in _EVIDENCE_FIELDS.items() if name in found}
    )


_EVIDENCE_FIELDS = {
    "grade": "grade",
    "source-kind": "source_kind",
    "source-title": "source_title",
    "source-url": "source_url",
}


_SECTION_WORDS = re.compile(
    r"^(?:(?:current|non-?current|long-term|other|fixed|operating|total)\s+)?(?:assets|liabilities)(?:\s+and\s+.*)?$|\b(?:equity|deficit|capital)$|\bactivities$"
    r"|^(?:operating\s+)?(?:costs?(?:\s+and)?\s+|operating\s+|other\s+)?expenses(?:\s+and\s+other)?$|^(?:net\s+)?(?:revenues?|sales)$|^cash\s+flows?\b|^adjustments?\b|^changes?\s+in\b"
    r"|\bper\b.*\b(?:share|stock|ads)\b|\bshares?\s+(?:used|outstanding)\b|^weighted\b|\b(?:nume|denomi)(?:rato|nato)r$|\battributable\s+to$|^supplement|^(?:common\s+)?shares$"
    r"|^(?:basic|diluted)$|^other\s+(?:income|comprehensive)\b(?!.*\bnet$)|\bincluding$|^(?:less|add|plus)$|^effect\s+of\b|\bsegments?$|^gaap\b|^non-gaap\b",
    re.I,
)


def _is_section(
    row: ReadRow, label: str, indent: float, position: int, block: Block, indents: list[float], columns: int
) -> bool:
    """A row without figures is a heading, unless it reads as a row whose figures are just not there."""
    if row.absent:
        return False
    bare = label.rstrip(" :")
    if label.endswith(":") or (bare.isupper() and len(bare) > 3):
        return True
    if (
        re.match(r"total\b|net\s+(?:income|loss|cash)\b", bare, re.I)
        and not PER_SHARE.search(bare)
        and not bare.lower().endswith(" to")
    ):
        return False
    if _SECTION_WORDS.search(bare):
        return True
    following = next((n for n in range(position + 1, len(block.rows)) if block.rows[n].label), None)
    if following is None:
        return False
    if indents[following] > indent + 0.5:
        return True
    source = row.label_cell.source if row.label_cell is not None else ""
    if _bold(source):
        after = block.rows[following].label_cell
        return after is not None and not _bold(after.source)
    # neighbours that print figures in plain rows: a lone row of words between them is a heading
    if any(not r.figures for r in block.rows[position + 1 : position + 3]):
        return False
    if unit_words(label).scale is not None:
        return True
    return not (_has_blank_cells(block, columns) or _marks_headings(block, position))


def _bold(source: str) -> bool:
    return (
        "<b>" in source
        or "<b " in source
        or "<strong" in source
        or "font-weight:bold" in source
        or "font-weight: bold" in source
        or "font-weight:700" in source
    )


def _has_blank_cells(block: Block, columns: int) -> bool:
    """Whether other rows of the block, too, print no figure in some of its columns."""
    counts = [len(r.figures) for r in block.rows if r.figures]
    return bool(counts) and (min(counts) < max(counts) or max(counts) < columns)


def _marks_headings(block: Block, position: int) -> bool:
    """Whether the block's other rows without figures are set apart as headings: by a colon, capitals or bold type."""
    others = [r for n, r in enumerate(block.rows) if n != position and r.label and not r.figures]
    marked = sum(
        1
        for r in others
        if r.label.endswith(":")
        or (r.label.isupper() and len(r.label) > 3)
        or (r.label_cell is not None and _bold(r.label_cell.source))
    )
    return marked > 1 and marked * 2 > len(others)


class Sections:
    """The headings above a row, kept as a stack by indent and by the totals that close them."""

    __slots__ = ("_deeper", "_fresh", "_stack")

    def __init__(self) -> None:
        self._stack: list[tuple[float, str, bool]] = []
        self._fresh = False
        self._deeper: set[tuple[float, str, bool]] = set()

    def push(self, label: str, indent: float) -> None:
        """Enter a heading; headings set in as far or farther, and not above it, end."""
        capitals = label.isupper() and len(label) > 3
        if capitals:
            self._stack = []
        else:
            # a heading right below another, with no row between, is under it even where both are set in alike
            while (
                self._stack
                and not self._stack[-1][2]
                and self._stack[-1][0] > indent - (0.0 if self._fresh else 0.01)
            ):
                self._stack.pop()
        self._stack.append((indent, label, capitals))
        self._fresh = True
        del self._stack[:-6]

    def close(self, label: str, indent: float) -> None:
        """A total ends the headings that it totals."""
        words = set(re.findall(r"[a-z]{3,}", label.lower())) - {"total", "net", "and", "the"}
        for position in range(len(self._stack) - 1, -1, -1):
            heading_words = set(re.findall(r"[a-z]{3,}", self._stack[position][1].lower())) - {
                "total",
                "net",
                "and",
                "the",
            }
            if heading_words and (
                heading_words <= words
                or (words and words <= heading_words and len(words) >= len(heading_words) - 1)
            ):
                del self._stack[position:]
                return

    def leave(self, indent: float, total: bool) -> None:
        """A row set in less than the last heading, or as little where others were set in more, is not under it."""
        self._fresh = False
        while (
            self._stack
            and not self._stack[-1][2]
            and self._stack[-1] in self._deeper
            and indent < self._stack[-1][0] + 0.5
            and not total
        ):
            self._stack.pop()
        self._deeper.update(entry for entry in self._stack if entry[0] + 0.5 < indent)
        while self._stack and self._stack[-1][0] > indent + 0.5:
            self._stack.pop()

    def path(self) -> tuple[str, ...]:
        """The headings, outermost first."""
        return tuple(s[1] for s in self._stack)


def read_table(
    grid: Grid, document: Document, carried: list[Column] | None, lead: list[str] | None = None
) -> TableReading | None:
    """Read one table; None where it holds no figures that stand in columns.

    Args:
        grid: the table.
        document: what the document says as a whole.
        carried: the columns of the table before, for a statement that goes on in this one without headings.
        lead: the lines above the table, where they are already known.
    """
    rows = [
        r for r in read_rows(grid) if r.label or not r.figures or not all(_like_mark(f) for f in r.figures)
    ]
    if not any(r.figures and not r.all_years for r in rows):
        return None
    few = sum(len(r.figures) for r in rows if not r.all_years) < 2
    if lead is None:
        lead = grid.lead_lines()
    caption = lines_of(grid.caption) if grid.caption else []
    above = title_lines(lead) + caption
    labels = [r.label for r in rows if r.label]
    opening = [r.label for r in rows[:6] if r.label and not r.figures]
    title = "\n".join([*above, *opening])
    near = "\n".join([*above[-2:], *opening[:2]])
    statement = statement_of(title, labels, near)
    reading = TableReading(
        grid.index, statement, _short_title(above, opening), scope_of("\n".join(above[-5:] + opening[:2]))
    )
    context = Context(title, [*above, *opening], statement, document.calendar)
    for block in blocks(rows):
        if few and not any(heading(c.text).dated for r in block.headings for c in r.words):
            continue
        _read_block(block, reading, context, document, carried)
        if reading.columns:
            carried = reading.columns
    return reading


def _short_title(above: list[str], opening: list[str]) -> str:
    candidates = [line for line in [*above[-6:], *opening[:3]] if len(line) < 200]
    for line in candidates:
        if re.search(
            r"statements?\s+of|balance\s+sheet|reconciliation|cash\s+flow|income\s+statement|financial\s+(?:data|highlights|position)|segment",
            line,
            re.I,
        ):
            return line
    return candidates[-1] if candidates else ""


def _read_block(
    block: Block, reading: TableReading, context: Context, document: Document, carried: list[Column] | None
) -> None:
    columns = cluster(block.rows)
    if not columns:
        return
    for row in block.rows:
        for figure in row.figures:
            figure.column = column_of(columns, figure)
    assign_headings(columns, block)
    _drop_marks(columns, block)
    captions = [r.label for r in block.headings if r.label] + block.captions
    first_rows: list[str] = []
    for row in block.rows:
        if row.figures:
            break
        if row.label:
            first_rows.append(row.label)
    unit_lines = [*context.lines, *captions, *first_rows, *(w.text for r in block.headings for w in r.words)]
    local = Context(
        context.title,
        [*context.lines, *(c for c in captions if len(c) < 300)],
        context.statement,
        context.calendar,
    )
    bare = not any(heading(t).dated or heading(t).lasting for c in columns for t in c.texts)
    if bare and carried and len(carried) == len(columns) and not _own_period(local, captions):
        for column, before in zip(columns, carried, strict=True):
            column.member = before.member
            column.kind, column.period_end, column.period_start = (
                before.kind,
                before.period_end,
                before.period_start,
            )
            column.months, column.audited = before.months, before.audited
            column.currency, column.scale = before.currency, before.scale
            column.texts = column.texts or list(before.texts)
    else:
        set_periods(columns, local)
    for column in columns:
        if column.currency in ("$", "¥"):
            column.currency = document.dollar if column.currency == "$" else document.yen
    units = unit_context(unit_lines)
    statement = reading.statement
    members = {c.member for c in columns} - {""}
    if (
        members
        and not (members == {"?"} and is_statement_title(reading.title))
        and statement
        in (
            "income",
            "balance_sheet",
            "cash_flow",
        )
    ):
        statement = (
            "segment"
            if re.search(r"segment|geograph|region|division", context.title[-600:] + " ".join(captions), re.I)
            else "other"
        )
    reading.columns = columns
    reading.blocks.append((block, columns))
    if _percentages(local.lines[-3:], block):
        for column in columns:
            column.measure = column.measure or "ratio"
    sections = Sections()
    period_heading = ""
    row_columns = columns
    resolved: dict[str, list[Column]] = {}
    in_balance = context.statement == "balance_sheet"
    heading_units = UnitWords()
    indents = [
        indent_of(r.label_cell.source, r.label) if r.label_cell is not None else 0.0 for r in block.rows
    ]
    for position, row in enumerate(block.rows):
        indent = indents[position]
        if row.words:
            reading.unreadable.extend(
                (row.number, row.label, cell.text)
                for cell in row.words
                if is_malformed(cell.text) and _in_columns(cell, columns)
            )
        if in_balance and row.label_cell is not None and len(row.label) > 20:
            _emit_label(row, columns, reading, document, units, sections.path())
        if not row.figures:
            label = clean_label(row.label)
            if not label or len(label) > 200:
                continue
            if bare and is_period_heading(row.label):
                period_heading = row.label
                if period_heading not in resolved:
                    own = [Column(c.start, c.end, list(c.texts), "amount") for c in columns]
                    set_periods(own, local, period_heading)
                    for c, o in zip(columns, own, strict=True):
                        o.kind = c.kind
                    resolved[period_heading] = own
                row_columns = resolved[period_heading]
            if not _is_section(row, label, indent, position, block, indents, len(columns)):
                continue
            sections.push(label.rstrip(":").strip(), indent)
            heading_units = unit_words(row.label) if "(" in row.label or len(row.label) < 60 else UnitWords()
            continue
        reading.figures += sum(1 for f in row.figures if not f.nil)
        sections.leave(indent, row.label[:5].lower() == "total")
        _emit(
            row, row_columns, reading, document, units, heading_units, sections.path(), statement, in_balance
        )
        if row.label[:6].lower() == "total " or row.label[:4].lower() == "net ":
            sections.close(row.label, indent)


def _emit_label(
    row: ReadRow,
    columns: list[Column],
    reading: TableReading,
    document: Document,
    units: UnitWords,
    section: tuple[str, ...],
) -> None:
    """Emit the figures printed inside a label; their `col` counts on past the grid's last column."""
    dated = [c for c in columns if c.kind == "amount" and c.period_end is not None and c.months is None]
    if not dated or len({c.currency for c in dated}) > 1:
        return
    base = re.split(r"[,(:;—–$]|\s[-\d]", re.sub(r"^\W*less:\s*", "", row.label, flags=re.I), maxsplit=1)[
        0
    ].strip()
    reading.label_columns = max(reading.label_columns, columns[-1].end + 1)
    col = reading.label_columns
    for figure in label_figures(clean_label(row.label), [c.period_end for c in dated]):
        column = dated[figure.column]
        scale, unit = _label_unit(figure, column, units, document)
        if not unit:
            continue
        reading.lines.append(
            Line(
                statement=reading.statement,
                section=section,
                label=f"{base}, {figure.what}",
                value=figure.number.scaleb(scale) if scale else figure.number,
                unit=unit,
                decimals=figure.decimals - scale,
                period_start=None,
                period_end=column.period_end,
                months=None,
                audited=column.audited,
                table=reading.index,
                row=row.number,
                col=col,
                text=figure.text,
                column_label=f"{column.label} {IN_LABEL}".strip(),
                title=reading.title,
                scope=reading.scope,
                # an amount in a label is a part of the row, or taken off it: never the row's own figure
                member="in the row's label" if figure.kind == "money" else "",
                evidence=evidence_of(row.label_cell.source) if row.label_cell is not None else None,
            )
        )
        col += 1


def _label_unit(figure: LabelFigure, column: Column, units: UnitWords, document: Document) -> tuple[int, str]:
    signs = {"$": document.dollar, "¥": document.yen}
    currency = (
        signs.get(figure.currency or "", figure.currency)
        or column.currency
        or (units.currencies[0] if len(units.currencies) == 1 else "")
        or document.currency
        or (document.dollar if units.dollar else "")
    )
    if figure.kind == "per_share":
        return 0, f"{currency}/share" if currency else ""
    scale = figure.scale
    money = (
        column.scale
        if column.scale is not None
        else units.scale
        if units.scale is not None
        else document.scale or 0
    )
    if figure.kind == "money":
        return (money if scale is None else scale), currency
    if scale is None:
        scale = units.share_scale if units.share_scale is not None else money
        digits = len(str(int(abs(figure.number))))
        if (scale >= 6 and digits >= 7) or (scale >= 3 and digits >= 10):
            scale = 0
    return scale, "shares"


_INSTANT_LABEL = re.compile(
    r"^\W*(?:total\s+|net\s+)?(?:consolidated\s+|segment\s+|identifiable\s+)?assets\W*$|^\W*total\s+(?:current\s+)?(?:assets|liabilities|debt|equity|deposits)\b"
    r"|^\W*goodwill(?:\s+and\s+(?:other\s+)?intangibles?(?:\s+assets)?)?\W*$|\bequity\s+in\s+net\s+assets\b|^\W*cash\s+and\s+cash\s+equivalents\W*$",
    re.I,
)


def _own_period(context: Context, captions: list[str]) -> bool:
    return any(heading(c).dated for c in captions)


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
    return any(f.percent for f in figures) and not any(f.currency or f.token.grouped for f in figures)


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


def _emit(
    row: ReadRow,
    columns: list[Column],
    reading: TableReading,
    document: Document,
    units: UnitWords,
    heading_units: UnitWords,
    section: tuple[str, ...],
    statement: str,
    in_balance: bool,
) -> None:
    label = clean_label(row.label)
    words = row_units(row, label, section, heading_units, in_balance, reading.after_shares)
    reading.after_shares = {f.column: abs(f.number()) for f in row.figures} if words.shares else {}
    instant = reading.statement not in ("balance_sheet", "cash_flow") and bool(_INSTANT_LABEL.search(label))
    stock = _BALANCE_INSTANT.search(row.label) or (
        _CASH_INSTANT.search(row.label) if reading.statement == "cash_flow" else None
    )
    for figure in row.figures:
        index = figure.column
        if index < 0:
            continue
        column = columns[index]
        if column.kind in ("note", "change", "skip"):
            continue
        if column.period_end is None:
            continue
        amount = amount_of(figure, words, column, units, document)
        if amount is None:
            reading.without_currency += 1
            continue
        value, unit, places = amount
        start, end, months = column.period_start, column.period_end, column.months
        if stock is not None and months is not None and unit != "pure":
            word = next(g for g in stock.groups() if g).lower()
            if word in ("beginning", "start", "opening") and start is not None:
                end = document.calendar.snap(start - timedelta(days=1))
            start, months = None, None
        elif instant and unit != "pure":
            start, months = None, None
        reading.placed += 1
        reading.lines.append(
            Line(
                statement=statement,
                section=(*section, column.member) if column.member else section,
                label=label,
                value=value,
                unit=unit,
                decimals=places,
                period_start=start,
                period_end=end,
                months=months,
                audited=column.audited,
                table=reading.index,
                row=row.number,
                col=figure.col,
                text=figure.text,
                column_label=column.label,
                title=reading.title,
                scope=reading.scope,
                member=column.member,
                evidence=evidence_of(figure.cell.source),
            )
        )
