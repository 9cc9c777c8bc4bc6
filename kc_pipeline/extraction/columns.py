"""Which figures of a table stand under each other, and the cells that head them."""

import itertools
import re
from dataclasses import dataclass, field
from datetime import date

from kc_pipeline.extraction.grid import Cell
from kc_pipeline.extraction.numbers import CURRENCY_SIGNS
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.rows import Figure, ReadRow
from kc_pipeline.extraction.statements import is_period_heading
from kc_pipeline.extraction.units import unit_words


@dataclass(slots=True)
class Column:
    """One column of figures."""

    start: int
    end: int
    texts: list[str] = field(default_factory=list)
    kind: str = "amount"
    measure: str = ""
    member: str = ""
    doubt: str = ""
    period_end: date | None = None
    period_start: date | None = None
    months: int | None = None
    currency: str | None = None
    scale: int | None = None
    audited: bool | None = None
    sign: str = ""  # the currency sign printed in its cells, where there is but one
    period_rule: str = ""
    statement: str = ""  # the kind of statement that its table is

    @property
    def label(self) -> str:
        """Headings of the column, outermost first."""
        return " ".join(self.texts)


@dataclass(slots=True)
class Block:
    """Rows under one set of headings."""

    headings: list[ReadRow]
    rows: list[ReadRow]
    captions: list[str] = field(default_factory=list)


_UNIT_WORDS = frozenset(
    (
        "in", "thousand", "thousands", "million", "millions", "billion", "billions", "rmb", "us$", "usd", "nt$", "hk$", "nis", "eur", "€", "$", "£", "¥",
        "jpy", "yen", "000", "000s", "unaudited", "audited", "note", "notes", "restated", "as", "actual", "%", "m", "mn", "of", "and", "dollars", "euros",
    )
)  # fmt: skip
_UNIT_PARTS = re.compile(r"[A-Za-z]*[$€£¥]|[A-Za-z]+|\d+s?|%")


def unit_only(text: str) -> bool:
    """Whether a heading cell says nothing but a unit, a scale, or that the figures are (un)audited."""
    if len(text) > 80:
        return False
    parts = _UNIT_PARTS.findall(text)
    return all(p.lower() in _UNIT_WORDS or (p.isdigit() and len(p) < 3) for p in parts)


def _is_heading_cell(cell: Cell) -> bool:
    read = heading(cell.text)
    if read.dated or read.lasting or read.change or read.percent or read.note or read.audited is not None:
        return True
    return unit_only(cell.text) or cell.text in CURRENCY_SIGNS


def _strong(row: ReadRow) -> bool:
    if row.all_years:
        return True
    return any(heading(c.text).dated or heading(c.text).lasting for c in row.words)


def blocks(rows: list[ReadRow]) -> list[Block]:
    """Cut a table's rows into blocks, each with its own heading rows."""
    out = [Block([], [])]
    pending: list[ReadRow] = []
    for number, row in enumerate(rows):
        block = out[-1]
        has_data = bool(block.rows) and any(r.figures for r in block.rows)
        regrouped = has_data and _regroups(rows, number)
        if row.all_years and (not row.label or _heading_label(row.label) or not has_data):
            is_heading = True
        elif row.figures:
            is_heading = _mixed_heading(row, has_data)
        elif row.words:
            is_heading = (
                (not has_data) or regrouped or (_strong(row) and all(_is_heading_cell(c) for c in row.words))
            )
            if not is_heading and any(_is_heading_cell(c) for c in row.words):
                is_heading = has_data and bool(pending)
        else:
            is_heading = False
        if is_heading:
            if has_data:
                if regrouped or _strong(row) or pending:
                    out.append(Block([row], []))
                else:
                    pending = [row]
                    continue
            else:
                block.headings.append(row)
                if block.rows:
                    block.captions.extend(r.label for r in block.rows if r.label)
                    block.rows, moved = [], block.rows
                    block.headings[-1:-1] = [r for r in moved if is_period_heading(r.label)]
            pending = []
        else:
            pending = []
            block.rows.append(row)
    return out


def _regroups(rows: list[ReadRow], number: int) -> bool:
    """Whether a row of words heads other columns than those above: the row below it, or below one more, names their period."""
    for row, after in itertools.pairwise(rows[number : number + 3]):
        if row.figures or len(row.words) < 2:
            return False
        if not after.figures and not after.words:
            return is_period_heading(after.label)
    return False


def _heading_label(label: str) -> bool:
    read = heading(label)
    if read.dated or read.lasting or read.audited is not None or read.as_of:
        return True
    words = unit_words(label)
    return (
        words.scale is not None
        or bool(words.currencies)
        or (label.strip().endswith((":", ")")) and len(label) < 80)
    )


def _mixed_heading(row: ReadRow, has_data: bool) -> bool:
    """A heading row in which some cells look like figures ("2023", "2022", "Change", "(1)")."""
    years = [f for f in row.figures if f.token.year]
    if not years or len(years) < len(row.figures) - 1:
        return False
    if row.label and not _heading_label(row.label):
        return False
    return bool(row.words) and all(_is_heading_cell(c) for c in row.words) and len(years) == len(row.figures)


def cluster(rows: list[ReadRow]) -> list[Column]:
    """Return the columns of figures: the grid intervals that the rows' figures share, left to right."""
    spans: dict[tuple[int, int], int] = {}
    for row in rows:
        for figure in row.figures:
            key = (figure.col, figure.col + figure.cell.span)
            spans[key] = spans.get(key, 0) + 1
    if not spans:
        return []
    if len(spans) > 1:
        # a cell as wide as several columns of figures would tie them together: leave such cells out
        ordered = sorted(spans, key=lambda s: (s[1] - s[0], -spans[s]))
        narrow: list[tuple[int, int]] = []
        for span in ordered:
            inside = [s for s in narrow if s[0] < span[1] and span[0] < s[1]]
            starts = dict(enumerate(inside))
            distinct = 0
            reach = -1
            for s in sorted(starts.values()):
                if s[0] >= reach:
                    distinct += 1
                    reach = s[1]
                else:
                    reach = max(reach, s[1])
            if distinct > 1 and spans[span] <= 2:
                continue
            narrow.append(span)
        keys = sorted(narrow)
    else:
        keys = list(spans)
    columns: list[Column] = []
    for start, end in keys:
        if columns and start < columns[-1].end:
            columns[-1].end = max(columns[-1].end, end)
        else:
            columns.append(Column(start, end))
    return columns


def column_of(columns: list[Column], figure: Figure) -> int:
    """Return the index of the column that a figure stands in, or -1."""
    col, end = figure.col, figure.col + figure.cell.span
    best, most = -1, 0
    for index, column in enumerate(columns):
        if column.start < end and col < column.end:
            shared = min(end, column.end) - max(col, column.start)
            if shared > most:
                best, most = index, shared
    return best


def assign_headings(columns: list[Column], block: Block) -> None:
    """Give each column the heading cells above it, outermost first."""
    extents = _extents(columns, block)
    for row in block.headings:
        cells = _heading_cells(row, columns)
        hit, used = _above(cells, columns, extents)
        words = [c for c in cells if c is not row.label_cell]
        if words and not all(hit):
            hit = _spread(columns, extents, words, hit, used, cells) or hit
        label = row.label_cell
        if label is not None and (label not in cells or not words) and _names_period(row.label):
            for found in hit:
                if label not in found:
                    found.insert(0, label)
        for column, found in zip(columns, hit, strict=True):
            column.texts.extend(c.text for c in found)


def _extents(columns: list[Column], block: Block) -> list[tuple[int, int]]:
    """Return from where to where each column reaches with the signs beside its figures."""
    wide = [(c.start, c.end) for c in columns]
    for row in block.rows:
        for figure in row.figures:
            if figure.column >= 0:
                low, high = wide[figure.column]
                wide[figure.column] = (min(low, figure.start), max(high, figure.end))
    out: list[tuple[int, int]] = []
    for column, (low, high) in zip(columns, wide, strict=True):
        if out and low < out[-1][1]:
            low = min(out[-1][1], column.start)
        out.append((low, high))
    return out


def _heading_cells(row: ReadRow, columns: list[Column]) -> list[Cell]:
    """Return the cells of a heading row, left to right; its label is one where nothing else is, or it reaches over figures."""
    cells = list(row.words) + [f.cell for f in row.figures]
    label = row.label_cell
    if label is not None and (not cells or (columns and label.col + label.span > columns[0].start)):
        cells.append(label)
    return sorted(cells, key=lambda c: c.col)


def _above(
    cells: list[Cell], columns: list[Column], extents: list[tuple[int, int]]
) -> tuple[list[list[Cell]], set[int]]:
    """Return the cells above each column, and the numbers of all cells that stand above one."""
    hit: list[list[Cell]] = [[] for _ in columns]
    used: set[int] = set()
    for number, cell in enumerate(cells):
        for index, (low, high) in enumerate(extents):
            if cell.col < high and low < cell.col + cell.span:
                hit[index].append(cell)
                used.add(number)
    for index, (found, core) in enumerate(zip(hit, columns, strict=True)):
        if len(found) > 1:
            # neighbours may lap over by a column of symbols: keep the ones that cover the digits themselves
            hit[index] = [c for c in found if c.col < core.end and core.start < c.col + c.span] or found
    return hit, used


def _names_period(text: str) -> bool:
    read = heading(text)
    return (read.dated or read.lasting) and len(text) < 120


def _spread(
    columns: list[Column],
    extents: list[tuple[int, int]],
    words: list[Cell],
    hit: list[list[Cell]],
    used: set[int],
    cells: list[Cell],
) -> list[list[Cell]] | None:
    """Assign heading cells in order where overlap leaves columns bare: n to n, or each to n/k neighbours."""
    count, given = len(columns), len(words)
    if given == count:
        return [[w] for w in words]
    unused = [c for i, c in enumerate(cells) if i not in used and c in words]
    if given < count and count % given == 0 and given > 1 and unused:
        each = count // given
        return [[words[i // each]] for i in range(count)]
    if unused:
        out = [list(h) for h in hit]
        for cell in unused:
            free = [i for i, h in enumerate(out) if not h]
            if not free:
                break
            middle = cell.col + cell.span / 2
            index = min(free, key=lambda i: abs((extents[i][0] + extents[i][1]) / 2 - middle))
            if abs((extents[index][0] + extents[index][1]) / 2 - middle) <= 4:
                out[index] = [cell]
        return out
    return None
