"""HTML to grids: every `<table>` as rows of placed cells, spans resolved.

The tree is built by Lexbor (through selectolax) and serialised once; the well-formed serialisation is then cut
at each ``<t``. Cells repeat by the hundred in filings (spacers, symbols), so each distinct piece is read once
and looked up afterwards.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape

MAX_COLSPAN = 1000
MAX_COLUMNS = 4000
MAX_ROWS = 20_000
MAX_CELLS = 300_000
MAX_CELL = 20_000
MAX_SPANNED = 100_000

_TAG = re.compile(r"<[^>]*>")
_ATTRIBUTES_END = re.compile(r'[^>"]*(?:"[^"]*"[^>"]*)*>')
_BREAK = re.compile(
    r"<(?:br|/?p|/?div|/?li|/?tr|/?h[1-6]|hr|/?center|/?pre|/?table|/?td|/?ul|/?caption)\b[^>]*>"
)
_RAISED = re.compile(
    r"<sup\b[^>]*>(.*?)</sup>"
    r"|<(span|font|div|a|small)\b[^>]*(?:vertical-align:\s*(?:super|text-top)|top:\s*-\d)[^>]*>(.*?)</\2>"
)
_HIDDEN = re.compile(r"<(\w+)\b[^>]*display:\s*none[^>]*>.*?</\1>", re.I | re.S)
_HIDDEN_STYLE = re.compile(r"display:\s*none", re.I)
_MARK = re.compile(
    r"^[\s(\[]*(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4}|[*†‡§#+^]+)(?:\s*[,;)(\]]+\s*(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4}|[*†‡§#+^]+))*[\s)\]]*$"
)
_SPAN = {name: re.compile(name + r'="?\s*(\d{1,9})') for name in ("colspan", "rowspan")}
_INDENT = re.compile(r"(?:padding-left|margin-left|text-indent|padding):\s*([^;\"]*)")
_LENGTH = re.compile(r"(-?[\d.]+)(pt|px|em|in|cm|mm|%)?")
_POINTS = {
    "pt": 1.0,
    "px": 0.75,
    "em": 10.0,
    "in": 72.0,
    "cm": 28.3,
    "mm": 2.83,
    "%": 3.0,
    "": 0.75,
    None: 0.75,
}


@dataclass(slots=True)
class Cell:
    """One non-empty cell: grid column, width in columns, text with whitespace folded, and its source."""

    col: int
    span: int
    text: str
    source: str = ""


Row = list[Cell]


@dataclass(slots=True)
class Grid:
    """One table: its index in the document, rows of non-empty cells, and the HTML that leads up to it."""

    index: int
    rows: list[tuple[int, Row]] = field(default_factory=list)
    lead: str = ""
    caption: str = ""
    depth: int = 0
    nested: bool = False
    truncated: bool = False
    height: int = 0
    _lead_lines: list[str] | None = None

    def lead_lines(self) -> list[str]:
        """Visible lines of what leads up to the table."""
        if self._lead_lines is None:
            self._lead_lines = lines_of(self.lead)
        return self._lead_lines


def _raised(match: re.Match[str]) -> str:
    inner = _TAG.sub("", match[1] if match[1] is not None else match[3])
    inner = unescape(inner).replace("\xa0", " ")
    return "" if not inner.strip() or _MARK.match(inner) else inner


def visible_text(html: str) -> str:
    """Return the text of a piece of well-formed HTML: blocks on lines of their own, footnote marks dropped."""
    if "<" in html:
        if (
            html.startswith("<span")
            and html.endswith("</span>")
            and html.count("<") == 2
            and "none" not in html
            and "super" not in html
            and "top" not in html
        ):
            html = html[html.find(">") + 1 : -7]
            return unescape(html) if "&" in html else html
        if "none" in html and _HIDDEN_STYLE.search(html):
            html = _HIDDEN.sub("", html)
        if "<sup" in html or "super" in html or "text-top" in html or "top:-" in html or "top: -" in html:
            html = _RAISED.sub(_raised, html)
        html = _TAG.sub("", _BREAK.sub("\n", html))
    if "&" in html:
        html = unescape(html)
    return html


def fold(text: str) -> str:
    """Return text with every run of white space (also no-break and zero-width ones) folded to one blank."""
    if not text.isascii():
        text = text.replace("\u200b", "").replace("\ufeff", "").replace("\xad", "").replace("\u200d", "")
    return " ".join(text.split())


def lines_of(html: str) -> list[str]:
    """Return the visible lines of a piece of HTML, folded, without empty ones."""
    text = visible_text(html)
    return [folded for folded in map(fold, text.split("\n")) if folded]


def _span(attributes: str, name: str, most: int) -> int:
    found = _SPAN[name].search(attributes)
    return min(max(int(found[1]), 1), most) if found else 1


def indent_of(source: str, label: str) -> float:
    """Return how far, in points, a label cell's text is set in: styles and leading no-break blanks."""
    first = label[:1]
    at = source.find(first, source.find(">") + 1) if first else -1
    for _ in range(40):
        if at < 0 or source.rfind("<", 0, at) <= source.rfind(">", 0, at):
            break
        close = source.find(">", at)
        at = source.find(first, close) if close >= 0 else -1
    return _indent(source[:at] if at > 0 else source[:600])


@lru_cache(maxsize=8192)
def _indent(source: str) -> float:
    if (
        "padding" not in source
        and "margin" not in source
        and "indent" not in source
        and "\xa0" not in source
        and "&" not in source
        and "\u2003" not in source
    ):
        return 0.0
    points = 0.0
    for style in _INDENT.finditer(source):
        lengths = _LENGTH.findall(style[1])
        if not lengths:
            continue
        value = lengths[-1] if style[0].startswith("padding:") and len(lengths) == 4 else lengths[0]
        if style[0].startswith("padding:") and len(lengths) != 4:
            continue
        points += (
            float(value[0] or 0) * _POINTS.get(value[1], 0.75) if value[0] not in ("", ".", "-") else 0.0
        )
    text = unescape(_TAG.sub("", source[source.find(">") + 1 :]))
    lead = len(text) - len(text.lstrip("\xa0 \u2002\u2003"))
    return (
        points
        + 2.5 * text[:lead].count("\xa0")
        + 5 * (text[:lead].count("\u2003") + text[:lead].count("\u2002"))
    )


class _Piece:
    """One piece of the serialisation, read: what begins here, its spans, text and what follows its end tag."""

    __slots__ = ("colspan", "hidden", "kind", "rowspan", "tail", "text")

    def __init__(self, piece: str) -> None:
        head = piece[:1]
        self.kind = ""
        self.colspan = self.rowspan = 1
        self.text = self.tail = ""
        self.hidden = False
        second = piece[1:2]
        if head in ("d", "h") and second in (" ", ">"):
            self.kind = "cell"
        elif head == "r" and second in (" ", ">"):
            self.kind = "row"
        elif piece.startswith("able") and piece[4:5] in (" ", ">"):
            self.kind = "table"
        close = piece.find(">")
        attributes = piece[:close]
        if attributes.count('"') % 2:
            found = _ATTRIBUTES_END.match(piece)
            close = found.end() - 1 if found else close
            attributes = piece[:close]
        body = piece[close + 1 :]
        if "display" in attributes and _HIDDEN_STYLE.search(attributes):
            self.hidden = True
        if self.kind == "cell":
            if "colspan" in attributes:
                self.colspan = _span(attributes, "colspan", MAX_COLSPAN)
            if "rowspan" in attributes:
                self.rowspan = _span(attributes, "rowspan", 65534)
            end = body.find("</td>" if head == "d" else "</th>")
            if end >= 0:
                tail = body[end + 5 :]
                body = body[:end]
                if "</table>" in tail:
                    self.tail = tail
            elif "</table>" in body:
                end = body.find("</table>")
                self.tail = body[end:]
                body = body[:end]
            self.text = fold(visible_text(body if len(body) < MAX_CELL else body[:MAX_CELL]))
        else:
            self.tail = body


def grids(html: str) -> list[Grid]:
    """Return every table of a serialised document, in document order, nested ones included.

    A cell that holds a nested table contributes only the text outside it. Tables beyond the limits of this
    module are cut and marked `truncated`.
    """
    out: list[Grid] = []
    stack: list[_Open] = []
    cache: dict[str, _Piece] = {}
    offset = 0
    cells = 0
    lead_start = 0
    current: _Open | None = None
    for number, piece in enumerate(_pieces(html)):
        start = offset
        offset += len(piece) + 2
        if number == 0:
            continue
        if (
            current is not None
            and current.grid.truncated
            and "</table>" not in piece
            and not piece.startswith("able")
        ):
            continue
        read = cache.get(piece)
        if read is None:
            read = _Piece(piece)
            if len(piece) < 2_000:
                cache[piece] = read
        kind = read.kind
        if kind == "cell":
            if current is None:
                continue
            if not (read.hidden or current.hidden_row):
                cells += 1
                if cells <= MAX_CELLS:
                    current.place(read, piece)
                else:
                    current.grid.truncated = True
            if not read.tail:
                continue
        elif kind == "row":
            if current is not None:
                current.next_row(read.hidden)
            if "</table>" not in read.tail:
                continue
        elif kind == "table":
            grid = Grid(len(out), depth=len(stack))
            grid.lead = html[max(lead_start, start - 2 - 12_000) : start - 2]
            out.append(grid)
            if current is not None:
                current.grid.nested = True
            current = _Open(grid, read.hidden or (current is not None and current.hidden))
            stack.append(current)
            if "<caption" in read.tail:
                grid.caption = read.tail
            if "</table>" not in read.tail:
                continue
        elif "</table>" not in read.tail:
            if current is not None and read.tail and not piece.startswith(("body", "head", "foot")):
                current.extend(fold(visible_text("<t" + piece)))
            continue
        for _ in range(read.tail.count("</table>")):
            if stack:
                closed = stack.pop()
                closed.finish()
                if closed.has_figures:
                    lead_start = start + piece.rfind("</table>")
        current = stack[-1] if stack else None
    while stack:
        stack.pop().finish()
    return out


def _pieces(html: str) -> Iterable[str]:
    """Cut at each ``<t``; long documents one piece at a time, to bound memory."""
    return html.split("<t") if len(html) < 6_000_000 else _one_by_one(html)


def _one_by_one(html: str) -> Iterator[str]:
    start = 0
    while True:
        end = html.find("<t", start)
        if end < 0:
            yield html[start:]
            return
        yield html[start:end]
        start = end + 2


class _Open:
    """A table being read."""

    __slots__ = (
        "_down",
        "_row",
        "_row_number",
        "_spanned",
        "_width",
        "grid",
        "has_figures",
        "hidden",
        "hidden_row",
    )

    def __init__(self, grid: Grid, hidden: bool) -> None:
        self.grid = grid
        self.hidden = hidden
        self.hidden_row = hidden
        self.has_figures = False
        self._row: Row = []
        self._row_number = -1
        self._width = 0
        self._down: dict[int, int] = {}
        self._spanned = 0

    def next_row(self, hidden: bool) -> None:
        self.hidden_row = hidden or self.hidden
        if self.hidden_row:
            return
        if self._row:
            self.grid.rows.append((self._row_number, self._row))
            self._row = []
        self._row_number += 1
        self._width = 0
        if self._row_number >= MAX_ROWS:
            self.hidden_row = True
            self.grid.truncated = True
        if self._down:
            self._down = {c: n - 1 for c, n in self._down.items() if n > 1}

    def place(self, piece: _Piece, source: str) -> None:
        if self._row_number < 0:
            self.next_row(False)
        col = self._width
        down = self._down
        if down:
            while down.get(col, 0):
                col += 1
        span = piece.colspan
        self._width = col + span
        if piece.rowspan > 1 and self._spanned < MAX_SPANNED:
            self._spanned += span
            for c in range(col, min(col + span, MAX_COLUMNS)):
                down[c] = piece.rowspan
        if piece.text and col < MAX_COLUMNS:
            self._row.append(Cell(col, span, piece.text, source))
            if not self.has_figures and piece.text[-1:].isdigit():
                self.has_figures = True

    def extend(self, text: str) -> None:
        if text and self._row and not self.hidden_row:
            self._row[-1].text = f"{self._row[-1].text} {text}"

    def finish(self) -> None:
        if self._row:
            self.grid.rows.append((self._row_number, self._row))
            self._row = []
        self.grid.height = self._row_number + 1
