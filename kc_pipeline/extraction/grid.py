"""HTML to grids: every `<table>` as rows of placed cells, spans resolved.

The tree is built by Lexbor (through selectolax) and serialised once; the well-formed serialisation is then cut
at each ``<t``. Cells repeat by the hundred in filings (spacers, symbols), so each distinct piece is read once
and looked up afterwards.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from kc_pipeline.extraction.markup import HIDDEN_STYLE, cell_text, fold, last_lines_of, lines_of, visible_text
from kc_pipeline.extraction.numbers import Token, token

MAX_TABLES = 5_000  # of one document that are read
MAX_COLSPAN = 1000
MAX_COLUMNS = 4000
MAX_ROWS = 10_000
MAX_CELLS = 300_000
MAX_CELL = 20_000
MAX_SPANNED = 100_000
_LONG = 6_000_000
LEAD = 12_000

_ATTRIBUTES_END = re.compile(r'[^>"]*(?:"[^"]*"[^>"]*)*>')
_COLSPAN = re.compile(r'colspan="?\s*(\d{1,9})')
_ROWSPAN = re.compile(r'rowspan="?\s*(\d{1,9})')


class Cell(NamedTuple):
    """One non-empty cell: grid column, width in columns, folded text, its source, and the text read as a token."""

    col: int
    span: int
    text: str
    source: str
    read: Token


def cell(col: int, span: int, text: str, source: str = "") -> Cell:
    """Return a cell of this text."""
    return Cell(col, span, text, source, token(text))


Row = list[Cell]


@dataclass(slots=True)
class Grid:
    """One table: its index in the document, rows of non-empty cells, the lines that lead up to it.

    `start` and `end` are where it stands in the serialised HTML.
    """

    index: int
    rows: list[tuple[int, Row]] = field(default_factory=list)
    lead: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)
    start: int = 0
    end: int = 0
    caption: str = ""
    depth: int = 0
    nested: bool = False
    truncated: bool = False
    height: int = 0


# Kinds of pieces. A spacer is an empty cell, a plain cell one with text; both stand in one row only, are not hidden
# and do not end a table.
_SPACER, _PLAIN, _CELL, _ROW, _TABLE, _OTHER = range(6)


class _Attributes:
    """What the attributes of a cell or row say."""

    __slots__ = ("colspan", "hidden", "rowspan", "whole")

    def __init__(self, attributes: str) -> None:
        self.whole = attributes.count('"') % 2 == 0
        self.hidden = "display" in attributes and HIDDEN_STYLE.search(attributes) is not None
        self.colspan = _span(attributes, _COLSPAN, MAX_COLSPAN) if "colspan" in attributes else 1
        self.rowspan = _span(attributes, _ROWSPAN, 65534) if "rowspan" in attributes else 1


def _span(attributes: str, pattern: re.Pattern[str], most: int) -> int:
    found = pattern.search(attributes)
    return min(max(int(found[1]), 1), most) if found else 1


class _Piece:
    """One piece of the serialisation, read: what begins here, its spans, text and what follows its end tag."""

    __slots__ = ("colspan", "hidden", "kind", "read", "rowspan", "source", "tail", "text")

    def __init__(self, piece: str, seen: dict[str, _Attributes]) -> None:
        close = piece.find(">")
        written = piece[:close]
        attributes = seen.get(written)
        if attributes is None:
            attributes = seen[written] = _Attributes(written)
        if not attributes.whole:
            found = _ATTRIBUTES_END.match(piece)
            if found:
                close = found.end() - 1
                attributes = _Attributes(piece[:close])
        self.hidden = attributes.hidden
        ends = _CELLS.get(piece[:2])
        if ends is not None:
            self.colspan, self.rowspan = attributes.colspan, attributes.rowspan
            end = piece.find(ends, close + 1)
            if end >= 0:
                body = piece[close + 1 : end]
                behind = piece[end + 5 :]
                self.tail = behind if "</table>" in behind else ""
            else:
                end = piece.find("</table>", close + 1)
                self.tail = piece[end:] if end >= 0 else ""
                body = piece[close + 1 : end] if end >= 0 else piece[close + 1 :]
            text = self.text = cell_text(body if len(body) < MAX_CELL else body[:MAX_CELL]) if body else ""
            if text:
                self.read, self.source = token(text), piece
            if self.tail or self.hidden or self.rowspan > 1:
                self.kind = _CELL
            else:
                self.kind = _PLAIN if text else _SPACER
            return
        self.kind = _OTHER
        self.tail = piece[close + 1 :]
        if piece[:2] in _ROWS:
            self.kind = _ROW
        elif piece.startswith("able") and piece[4:5] in (" ", ">"):
            self.kind = _TABLE


_CELLS = {"d ": "</td>", "d>": "</td>", "h ": "</th>", "h>": "</th>"}  # with what ends them
_ROWS = frozenset(("r ", "r>"))


def grids(html: str) -> list[Grid]:
    """Return every table of a serialised document, in document order, nested ones included.

    A cell that holds a nested table contributes only the text outside it. Tables beyond the limits of this
    module are cut and marked `truncated`.
    """
    out: list[Grid] = []
    stack: list[_Open] = []
    cache: dict[str, _Piece] = {}
    attributes: dict[str, _Attributes] = {}
    known, make = cache.get, tuple.__new__
    cells = 0
    lead_start = 0
    current: _Open | None = None
    row: Row = []  # of the current table, where cells may simply be put side by side
    simple = False  # whether they may: the row is open and nothing reaches down into it
    width = 0
    cut = False  # the current table is truncated: nothing more goes into it
    cutter = _Cutter(html)
    pieces = iter(cutter)
    offset = len(next(pieces, "")) + 2
    for piece in pieces:
        offset += len(piece) + 2
        if cut and "</table>" not in piece and not piece.startswith("able"):
            offset = cutter.skip(offset)
            continue
        read = known(piece)
        if read is None:
            read = _Piece(piece, attributes)
            if len(piece) < 2_000:
                cache[piece] = read
        kind = read.kind
        if kind <= _PLAIN and simple:
            if kind and width < MAX_COLUMNS:
                row.append(make(Cell, (width, read.colspan, read.text, read.source, read.read)))
            width += read.colspan
            continue
        if current is not None:
            current.width = width
        if kind <= _CELL:
            if current is None:
                continue
            if not (read.hidden or current.closed):
                current.place(read)
                row, width, simple = current.row, current.width, not current.down
            if kind != _CELL or not read.tail:
                continue
        elif kind == _ROW:
            if current is not None:
                cells += len(current.row)
                current.next_row(read.hidden, cells > MAX_CELLS)
                row, width, simple = current.row, current.width, not (current.closed or current.down)
                cut = current.grid.truncated
            if "</table>" not in read.tail:
                continue
        elif kind == _TABLE:
            grid = Grid(len(out), depth=len(stack), start=offset - len(piece) - 4, end=len(html))
            out.append(grid)
            current = _begin(grid, read, stack, lead_start)
            cut = simple = False
            if "</table>" not in read.tail:
                continue
        elif "</table>" not in read.tail:
            _extend(current, read, piece)
            continue
        lead_start = max(lead_start, _close(stack, read, piece, offset - len(piece) - 2, html))
        simple = cut = False
        current = stack[-1] if stack else None
        if current is not None:
            row, width, simple = (
                current.row,
                current.width,
                not (current.closed or current.down or current.number < 0),
            )
            cut = current.grid.truncated
    while stack:
        stack.pop().finish(html)
    return out


_BELOW = 1_500  # characters of markup below a table in which a note on it may stand
_NOTE_ON_UNITS = re.compile(
    r"\b(?:figures|amounts|numbers|values|all|unit)\b.*\b(?:thousands?|millions?|billions?|lakhs?|crores?)\b",
    re.I,
)


def note_below(html: str, tables: list[Grid]) -> None:
    """Give each table the lines right below it that say in what figures are stated.

    Where another table follows, only a line that speaks of the one above: the rest is the next one's.
    """
    for grid in tables:
        stop = html.find("<table", grid.end, grid.end + _BELOW)
        text = html[grid.end : stop if stop >= 0 else grid.end + _BELOW]
        if "illion" in text or "ousand" in text or "lakh" in text or "crore" in text:
            lines = [x for x in lines_of(text)[:3] if len(x) < 200 and _NOTE_ON_UNITS.search(x)]
            grid.below = [x for x in lines if stop < 0 or "above" in x.lower()]


def _begin(grid: Grid, read: _Piece, stack: "list[_Open]", lead_start: int) -> "_Open":
    """Open a table inside those on the stack, and put it there."""
    around = stack[-1] if stack else None
    if around is not None:
        around.grid.nested = True
    if "<caption" in read.tail:
        grid.caption = read.tail
    hidden = read.hidden or (around is not None and around.hidden)
    opened = _Open(grid, max(lead_start, grid.start - LEAD), hidden)
    stack.append(opened)
    return opened


def _extend(current: "_Open | None", read: _Piece, piece: str) -> None:
    """Add text that stands behind a nested table, or in no cell, to the last cell of the table around it."""
    if current is not None and read.tail and not piece.startswith(("body", "head", "foot")):
        current.extend(fold(visible_text("<t" + piece)))


def _close(stack: "list[_Open]", read: _Piece, piece: str, begin: int, html: str) -> int:
    """Close the tables that end in a piece; return where the lines above the next one may begin, 0 where as before."""
    lead_start = 0
    closing = len(piece) - len(read.tail)
    for _ in range(read.tail.count("</table>")):
        closing = piece.find("</table>", closing) + len("</table>")
        if stack:
            closed = stack.pop()
            closed.grid.end = begin + closing
            closed.finish(html)
            if closed.has_figures():
                lead_start = begin + piece.rfind("</table>")
    return lead_start


class _Cutter:
    """Cuts at each ``<t``; long documents one piece at a time, to bound memory."""

    __slots__ = ("_at", "_html")

    def __init__(self, html: str) -> None:
        self._html = html
        self._at = 0

    def __iter__(self) -> Iterator[str]:
        return iter(self._html.split("<t")) if len(self._html) < _LONG else self._one_by_one()

    def _one_by_one(self) -> Iterator[str]:
        html = self._html
        while True:
            start = self._at
            end = html.find("<t", start)
            if end < 0:
                yield html[start:]
                return
            self._at = end + 2
            yield html[start:end]

    def skip(self, at: int) -> int:
        """Go on where a table next begins or ends, given where the next piece begins; return where the next one does."""
        html = self._html
        if len(html) < _LONG:
            return at
        close = html.find("</table>", at)
        close = max(html.rfind("<t", at - 2, close), at - 2) if close >= 0 else len(html)
        opening = html.find("<table", at - 2, close)
        self._at = (opening if opening >= 0 else close) + 2
        return self._at


class _Open:
    """A table being read."""

    __slots__ = (
        "closed",
        "down",
        "grid",
        "hidden",
        "lead_from",
        "number",
        "row",
        "spanned",
        "width",
    )

    def __init__(self, grid: Grid, lead_from: int, hidden: bool) -> None:
        self.grid = grid
        self.lead_from = lead_from
        self.hidden = hidden
        self.closed = hidden
        self.row: Row = []
        self.number = -1
        self.width = 0
        self.down: dict[int, int] = {}
        self.spanned = 0

    def next_row(self, hidden: bool, full: bool = False) -> None:
        """Begin a row; a hidden one takes no cells, nor does any where the document is full."""
        self.closed = hidden or self.hidden
        if self.closed:
            return
        if self.row:
            self.grid.rows.append((self.number, self.row))
            self.row = []
        self.number += 1
        self.width = 0
        if full or self.number >= MAX_ROWS:
            self.closed = True
            self.grid.truncated = True
        if self.down:
            self.down = {c: n - 1 for c, n in self.down.items() if n > 1}

    def place(self, piece: _Piece) -> None:
        """Put a cell into the row, right of what rows above reach down into it."""
        if self.number < 0:
            self.next_row(False)
        col = self.width
        down = self.down
        if down:
            while down.get(col, 0):
                col += 1
        span = piece.colspan
        self.width = col + span
        if piece.rowspan > 1 and self.spanned < MAX_SPANNED:
            self.spanned += span
            for c in range(col, min(col + span, MAX_COLUMNS)):
                down[c] = piece.rowspan
        text = piece.text
        if text and col < MAX_COLUMNS:
            self.row.append(Cell(col, span, text, piece.source, piece.read))

    def extend(self, text: str) -> None:
        """Add text that stands behind a nested table to the last cell."""
        if text and self.row and not self.closed:
            last = self.row[-1]
            self.row[-1] = cell(last.col, last.span, f"{last.text} {text}", last.source)

    def has_figures(self) -> bool:
        """Whether any cell ends in a digit."""
        return any(cell.text[-1].isdigit() for _, row in self.grid.rows for cell in row)

    def finish(self, html: str) -> None:
        """Take over the last row, and read what leads up to a table that holds figures or fiscal years."""
        if self.row:
            self.grid.rows.append((self.number, self.row))
            self.row = []
        self.grid.height = self.number + 1
        if self.grid.index < MAX_TABLES and any(
            read.kind == "figure" or read.kind == "dash" or read.unread or "FY" in text
            for _, row in self.grid.rows
            for _, _, text, _, read in row
        ):
            self.grid.lead = last_lines_of(html, self.lead_from, self.grid.start)
