"""Rows of a grid, read: label, figures with the symbols around them joined, and the words beside them."""

import itertools
import re
from dataclasses import dataclass, field
from decimal import Decimal

from kc_pipeline.concepts.languages import in_one_language
from kc_pipeline.extraction.conventions import settled
from kc_pipeline.extraction.grid import Cell, Grid, Row
from kc_pipeline.extraction.numbers import CURRENCY_SIGNS, Token
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.units import unit_words


@dataclass(slots=True)
class Figure:
    """One printed figure: the grid columns it takes with its symbols, and what it says."""

    col: int
    start: int
    end: int
    token: Token
    negative: bool
    percent: bool
    currency: str | None
    text: str
    cell: Cell
    column: int = -1
    power: int = -2

    @property
    def nil(self) -> bool:
        """Whether a dash stands for zero."""
        return self.token.kind == "dash"

    def number(self, power: int = 0) -> Decimal:
        """The printed number with its sign, times ten to a power."""
        if self.token.kind == "dash":
            digits = "0"
        else:
            digits = self.token.digits
            if self.negative and digits.strip("0."):
                digits = f"-{digits}"
        return Decimal(f"{digits}E{power}" if power else digits)


@dataclass(slots=True)
class ReadRow:
    """One row: number in the grid, label and its cell, figures, other words."""

    number: int
    label: str
    label_cell: Cell | None
    figures: list[Figure] = field(default_factory=list)
    words: list[Cell] = field(default_factory=list)
    absent: list[Cell] = field(default_factory=list)
    unread: list[Cell] = field(default_factory=list)  # must be figures, but cannot be read
    unit: str = ""  # its unit, where the table prints one for each row in a column of its own
    printed: str = ""  # the label in both its languages, where it has two

    @property
    def all_years(self) -> bool:
        """Whether every figure of the row looks like a bare year."""
        figures = self.figures
        return bool(figures) and figures[0].token.year > 0 and all(f.token.year for f in figures)


_MARKED_CURRENCY = re.compile(r"(?:US ?\$|U\.S\. ?\$|USD|RMB|NT\$|HK\$|EUR|€|£|\$) ?\(\d\)")


def _names_currencies(cells: Row) -> bool:
    """Whether a row only names the columns' currencies, one with a footnote mark ("RMB", "RMB", "US$(1)")."""
    marked = [c for c in cells if c.read.kind == "figure" and _MARKED_CURRENCY.fullmatch(c.text)]
    if not marked or len(marked) == len(cells):
        return False
    return all(c in marked or (c.read.kind == "prefix" and c.read.currency) for c in cells)


def read_row(
    number: int, cells: Row, label_columns: int, figures_from: int = 1 << 30, labels_to: int = 1 << 30
) -> ReadRow:
    """Read one row.

    Cells that start left of `label_columns` are label even when they look like figures; words that start at
    `figures_from` or right of it are never the label, nor are periods at `labels_to` or right of it, where the labels
    of rows with figures end.
    """
    row = ReadRow(number, "", None)
    if len(cells) > 1 and cells[-1].text[-1] == ")" and _names_currencies(cells):
        row.words.extend(cells)
        return row
    state = _Row(row, label_columns, figures_from, labels_to)
    for cell in cells:
        kind = cell.read.kind
        if cell.col < label_columns and kind in _SYMBOLS:
            kind = "text"
        if kind == "figure":
            state.figure(cell)
        elif kind == "text":
            state.text(cell)
        elif kind == "prefix":
            state.prefix(cell)
        elif kind == "suffix":
            state.suffix(cell)
        elif kind == "dash":
            state.dash(cell)
        elif kind == "none":
            state.none(cell)
        elif row.label_cell is None and not row.figures:
            row.label, row.label_cell = cell.text, cell
    _add_lone_signs(row, cells, state)
    if len(row.words) > 1:
        row.words.sort(key=_column)
    return row


_SYMBOLS = frozenset(("figure", "dash", "prefix", "suffix"))


class _Row:
    """A row being read: what stands before the next figure, and the figure that symbols behind it belong to."""

    __slots__ = (
        "currency",
        "figures_from",
        "label_columns",
        "labels_to",
        "last",
        "minus",
        "opened",
        "prefix_at",
        "row",
    )

    def __init__(self, row: ReadRow, label_columns: int, figures_from: int, labels_to: int) -> None:
        self.row = row
        self.label_columns = label_columns
        self.figures_from = figures_from
        self.labels_to = labels_to
        self.last: Figure | None = None
        self.prefix_at = -1
        self.currency: str | None = None
        self.opened = self.minus = False

    def _forget(self) -> None:
        self.prefix_at, self.currency, self.opened, self.minus = -1, None, False, False

    def figure(self, cell: Cell) -> None:
        """Take a figure with the symbols before it."""
        col, span, text, _, read = cell
        self.last = Figure(
            col,
            self.prefix_at if self.prefix_at >= 0 else col,
            col + span,
            read,
            read.negative or self.opened or self.minus,
            read.percent,
            read.currency or self.currency,
            f"({text}" if self.opened else text,
            cell,
            power=read.power,
        )
        self.row.figures.append(self.last)
        if self.prefix_at >= 0:
            self._forget()

    def prefix(self, cell: Cell) -> None:
        """Keep a sign or bracket for the figure that follows."""
        read = cell.read
        if self.minus and self.last is None and not self.row.label:
            self.row.label = cell.text
        self.prefix_at = cell.col if self.prefix_at < 0 else self.prefix_at
        self.currency = read.currency or self.currency
        self.opened = self.opened or read.open
        self.minus = self.minus or read.negative

    def suffix(self, cell: Cell) -> None:
        """Give a closing bracket or a percent sign to the figure before it."""
        read, last = cell.read, self.last
        if last is not None:
            if read.percent and not last.percent:
                last.percent, last.power = True, read.power
            last.end = cell.col + cell.span
            last.text += _printed_behind(cell.text)
            if read.closed and not last.token.closed:
                last.negative = last.negative or last.token.kind == "figure"
        elif not self.row.figures:
            self.row.words.append(cell)
        self._forget()

    def dash(self, cell: Cell) -> None:
        """Take a dash for nil, but one at the left edge is a bullet."""
        row, read = self.row, cell.read
        if row.label_cell is None and not row.figures and cell.col == 0:
            return
        self.last = Figure(
            cell.col,
            self.prefix_at if self.prefix_at >= 0 else cell.col,
            cell.col + cell.span,
            read,
            False,
            read.percent,
            read.currency or self.currency,
            cell.text,
            cell,
        )
        row.figures.append(self.last)
        self._forget()

    def text(self, cell: Cell) -> None:
        """Take words as the label, as more of it, or as words beside the figures."""
        row = self.row
        bare = not row.figures and not row.words
        if bare and row.label_cell is None and self._may_be_label(cell):
            row.label, row.label_cell = cell.text, cell
        elif bare and row.label_cell is not None and cell.col < self.label_columns:
            row.label = f"{row.label} {cell.text}".strip()
        elif cell.read.unread:
            row.unread.append(cell)
        else:
            row.words.append(cell)
        self._forget()
        self.last = None

    def _may_be_label(self, cell: Cell) -> bool:
        return (cell.col == 0 or cell.col + cell.span <= self.figures_from) and (
            cell.col < self.labels_to or not _period(cell.text)
        )

    def none(self, cell: Cell) -> None:
        """Take "not available" as a cell without a figure, or as the label where none stands before it."""
        row = self.row
        if cell.col < self.label_columns or (row.label_cell is None and not row.figures):
            row.label, row.label_cell = cell.text, cell
        else:
            row.absent.append(cell)
            self.last = None
        self._forget()


def _add_lone_signs(row: ReadRow, cells: Row, state: _Row) -> None:
    """Currency signs of a heading row ("US$" under a date) are words, not the start of a figure."""
    if row.figures:
        return
    pending = state.prefix_at >= 0 and state.currency
    if pending or len(cells) > 1:
        row.words.extend(
            c
            for c in cells
            if c is not row.label_cell
            and c.read.kind == "prefix"
            and (pending or c.read.currency)
            and c not in row.words
        )


def _column(cell: Cell) -> int:
    return cell.col


def _printed_behind(text: str) -> str:
    """Return what a symbol cell adds to the figure before it: its bracket and percent sign, without footnote marks."""
    if text in (")", "%", ")%", "%)"):
        return text
    return ")" if text.startswith(")") else "" if text.startswith("(") else f" {text}"


def label_width(grid: Grid) -> int:
    """Return the number of leading grid columns that hold labels: those before the first column of figures."""
    rows = [cells for _, cells in grid.rows if cells]
    if not rows:
        return 0
    first_text = 0
    with_figures = 0
    for cells in rows:
        if len(cells) > 1:
            for cell in cells[1:6]:
                kind = cell.read.kind
                if kind == "figure" or kind == "dash":
                    with_figures += 1
                    if cells[0].col == 0 and cells[0].read.kind in ("text", "none"):
                        first_text += 1
                    break
    if with_figures and (first_text * 2 >= with_figures or _years_label(rows)):
        return 1
    return (
        1 if with_figures and all(cells[0].col == 0 for cells in rows if len(cells) > 1) and first_text else 0
    )


_LEAST_YEARS = 3


def _years_label(rows: list[Row]) -> bool:
    """Whether the first cells of rows are years, each the one after the last ("2025", "2026", ...): labels of maturities."""
    first = [
        cells[0].read.year
        for cells in rows
        if len(cells) > 1 and cells[0].col == 0 and cells[0].read.year and not cells[1].read.year
    ]
    return len(first) >= _LEAST_YEARS and all(b - a == 1 for a, b in itertools.pairwise(first))


def _period(text: str) -> bool:
    read = heading(text)
    return read.dated or read.lasting


def labels_end(grid: Grid, figures_from: int) -> int:
    """Return the grid column at which the labels of rows with figures end, in the first few hundred rows."""
    end = 0
    for _, cells in grid.rows[:400]:
        if len(cells) > 1 and end < cells[0].col + cells[0].span <= figures_from:
            kinds = [c.read.kind for c in cells[:4]]
            if kinds[0] == "text" and any(k in ("figure", "dash") for k in kinds[1:]):
                end = cells[0].col + cells[0].span
    return end or 1 << 30


def first_figure_column(grid: Grid, width: int) -> int:
    """Return the leftmost grid column in which rows with a label print a figure or the sign before it."""
    first = 1 << 30
    for _, cells in grid.rows:
        if len(cells) < 2 or cells[0].col >= first or cells[0].read.kind != "text":
            continue
        for cell in cells[1:]:
            read = cell.read
            if cell.col >= width and (
                (read.kind == "figure" and not read.year) or (read.kind == "prefix" and read.currency)
            ):
                first = min(first, cell.col)
                break
    return first


def read_rows(grid: Grid) -> list[ReadRow]:
    """Read all rows of a grid."""
    grid.rows = settled(grid)
    width = label_width(grid)
    start = max(first_figure_column(grid, width), 1)
    end = labels_end(grid, start)
    units = unit_column(grid, width)
    if units is None:
        return join_labels([read_row(number, cells, width, start, end) for number, cells in grid.rows])
    out = []
    for number, cells in grid.rows:
        unit = next((c for c in cells[1:] if c.col == units and c.read.kind in _IN_UNITS), None)
        row = read_row(number, [c for c in cells if c is not unit], width, start, end)
        row.unit = unit.text if unit is not None else ""
        out.append(row)
    return join_labels(out)


_IN_UNITS = ("text", "suffix")
_UNIT_CELL = re.compile(  # US$m, $'000, €, %, cents, kt: a unit of money, a part of one, a percent sign or a measure
    rf"(?P<money>(?:{'|'.join(re.escape(s) for s in sorted(CURRENCY_SIGNS, key=len, reverse=True))})\s?(?:m|mn|bn|k|['’]?000|million|thousand|billion)?)"
    r"|(?:(?:US|HK|NT|RMB|A|C|S)\s?)?(?:cents?|c|p|pence|¢)(?:\s+per\s+share)?|%|[A-Za-z]{1,4}(?:\s?/\s?[A-Za-z]{1,4})?",
    re.I,
)
_LEAST_UNITS = 3


def unit_column(grid: Grid, width: int) -> int | None:
    """Return the grid column, right after the labels, that holds nothing but a unit for each row, or None."""
    seen: dict[int, list[str]] = {}
    rows = 0
    for _, cells in grid.rows:
        if (
            len(cells) < 3
            or cells[0].col >= max(width, 1)
            or not any(c.read.kind == "figure" for c in cells[2:])
        ):
            continue
        if all(c.read.year or c.read.kind != "figure" for c in cells):
            continue
        rows += 1
        if cells[1].read.kind in _IN_UNITS:
            seen.setdefault(cells[1].col, []).append(cells[1].text)
    for column, texts in seen.items():
        found = [_UNIT_CELL.fullmatch(t) for t in texts]
        if len(texts) < max(_LEAST_UNITS, rows * 0.6) or not all(found):
            continue
        if any(m is not None and m["money"] for m in found):
            return column
    return None


_HYPHENED = re.compile(r"[a-z]-$")  # a word broken at its line's end
_GOES_ON = (",", " and", " of", " to", " the", " for", " in", " per", " or", " from", " on", " class", "(")


def join_labels(rows: list[ReadRow]) -> list[ReadRow]:
    """Join labels broken over rows: words that go on, in lower case, below words without figures."""
    out: list[ReadRow] = []
    for row in rows:
        while out and row.label and row.label_cell is not None and _goes_on(out[-1], row):
            before = out.pop()
            row.label = before.label + ("" if _HYPHENED.search(before.label) else " ") + row.label
            row.label_cell = before.label_cell
        out.append(row)
    return out


def _goes_on(before: ReadRow, row: ReadRow) -> bool:
    if (
        before.figures
        or before.words
        or not before.label
        or before.label.endswith(":")
        or len(before.label) > 120
        or row.words
    ):
        return False
    if len(row.label) > 120 or row.all_years:
        return False
    if row.label[0] in "$0123456789" and before.label.endswith((",", ";", " and")):
        return True
    if row.label[0].islower() or before.label.count("(") > before.label.count(")"):
        return True
    lowered = before.label.lower()
    return lowered.endswith(_GOES_ON) if row.figures else lowered.endswith(_GOES_ON[1:])


def set_language(rows: list[ReadRow]) -> None:
    """Read bilingual labels in one language, unless the other part says more of the unit."""
    for row, label in zip(rows, in_one_language([r.label for r in rows]), strict=True):
        if label != row.label and unit_words(label) == unit_words(row.label):
            row.printed, row.label = row.label, label
