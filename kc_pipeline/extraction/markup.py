"""The visible text of a piece of well-formed HTML: tags, hidden parts and footnote marks dropped, indents measured."""

import re
from functools import lru_cache
from html import unescape

from kc_pipeline.extraction.model import Evidence

_TAG = re.compile(r"<[^>]*>")
_RUNS = re.compile(r"(<[^>]*+>(?:<[^>]*+>)*+)")
_BREAK = re.compile(
    r"<(?:br|/?p|/?div|/?li|/?tr|/?h[1-6]|hr|/?center|/?pre|/?table|/?td|/?ul|/?caption)\b[^>]*>"
)
_BLOCK = re.compile(r"<(?:p|div|tr|h[1-6]|center|li)\b")
_RAISED = re.compile(
    r"<sup\b[^>]*>(.*?)</sup>"
    r"|<(span|font|div|a|small)\b[^>]*(?:vertical-align:\s*(?:super|text-top)|top:\s*-\d)[^>]*>(.*?)</\2>"
)
_DATA_ATTRIBUTES = re.compile(r'data-(grade|source-kind|source-title|source-url)="([^"]*)"')
_EVIDENCE_FIELDS = {
    "grade": "grade",
    "source-kind": "source_kind",
    "source-title": "source_title",
    "source-url": "source_url",
}
_TAGS = re.compile(r"(?:\s*<[^>]*>)*\s*")
_RAISED_STYLE = re.compile(r"vertical-align:\s*(?:super|text-top)|top:\s*-\d")
_HIDDEN = re.compile(r"<(\w+)\b[^>]*display:\s*none[^>]*>.*?</\1>", re.I | re.S)
HIDDEN_STYLE = re.compile(r"display:\s*none", re.I)
_MARK = re.compile(
    r"^[\s(\[]*(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4}|[*†‡§#+^]+)(?:\s*[,;)(\]]+\s*(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4}|[*†‡§#+^]+))*[\s)\]]*$"
)
_INDENT = re.compile(r"(?:padding-left|margin-left|text-indent|padding):\s*([^;\"]*)")
_LENGTH = re.compile(r"(-?[\d.]+)(pt|px|em|in|cm|mm|%)?")
LONGEST_TITLE = 320  # characters
_STEP = 1_200
_LONG_CELL = 2_000  # characters of a cell whose tags are not worth remembering
_LONG = 500  # characters of a run of tags that is not worth remembering
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


def _raised(match: re.Match[str]) -> str:
    inner = _TAG.sub("", match[1] if match[1] is not None else match[3])
    inner = unescape(inner).replace("\xa0", " ")
    return "" if not inner.strip() or _MARK.match(inner) else inner


def visible_text(html: str) -> str:
    """Return the text of a piece of well-formed HTML: blocks on lines of their own, footnote marks dropped."""
    if "<" in html:
        if "none" in html and HIDDEN_STYLE.search(html):
            html = _HIDDEN.sub("", html)
        if "<sup" in html or "super" in html or "text-top" in html or "top:-" in html or "top: -" in html:
            html = _RAISED.sub(_raised, html)
        html = _without_tags(html)
    return unescaped(html) if "&" in html else html


def _without_tags(html: str) -> str:
    """Drop tags; filings repeat the same runs of them over and over."""
    pieces = _RUNS.split(html)
    pieces[1::2] = [
        _break_of(run) if len(run) < _LONG else _break_of.__wrapped__(run) for run in pieces[1::2]
    ]
    return "".join(pieces)


@lru_cache(maxsize=4096)
def _break_of(tags: str) -> str:
    """Return the line break that a run of tags stands for, or ""."""
    return "\n" if _BREAK.search(tags) is not None else ""


def unescaped(text: str) -> str:
    """Return a serialised text without its escapes, of which there are these few only."""
    return text.replace("&nbsp;", "\xa0").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def cell_text(html: str) -> str:
    """Return the folded visible text of what stands inside one cell: `fold(visible_text(html))`, faster.

    Nearly every cell has its text in one piece between some tags; how the tags around it break lines says
    nothing then.
    """
    if "<" not in html:
        return _folded(html)
    end = html.find("</")
    start = html.rfind(">", 0, end) + 1
    if end >= 0 and len(html) < _LONG_CELL and _opens_plainly(html[:start]) and _closes(html[end:]):
        text = html[start:end]
        return _folded(text) if text and text != "&nbsp;" else ""
    opening = _TAGS.match(html)
    start = opening.end() if opening is not None else 0
    end = html.find("<", start)
    if end < 0:
        end = len(html)
    elif not _TAGS.fullmatch(html, end):
        return fold(visible_text(html))
    if start and _hide_or_raise(html[:start]):
        return fold(visible_text(html))
    return _folded(html[start:end])


@lru_cache(maxsize=8192)
def _opens_plainly(html: str) -> bool:
    """Whether there is nothing but tags, none of which hides or raises what it holds."""
    return _TAGS.fullmatch(html) is not None and not _hide_or_raise(html)


@lru_cache(maxsize=8192)
def _closes(html: str) -> bool:
    """Whether there is nothing but tags."""
    return _TAGS.fullmatch(html) is not None


def _hide_or_raise(tags: str) -> bool:
    """Whether opening tags hide or raise what they hold."""
    return (
        "<sup" in tags
        or ("none" in tags and HIDDEN_STYLE.search(tags) is not None)
        or (("super" in tags or "top" in tags) and _RAISED_STYLE.search(tags) is not None)
    )


def _folded(text: str) -> str:
    if "&" in text:
        text = unescaped(text)
    if not text.isascii():
        return fold(text)
    return " ".join(text.split())


def fold(text: str) -> str:
    """Return text with every run of white space (also no-break and zero-width ones) folded to one blank."""
    if not text.isascii():
        text = text.replace("\u200b", "").replace("\ufeff", "").replace("\xad", "").replace("\u200d", "")
    return " ".join(text.split())


def lines_of(html: str) -> list[str]:
    """Return the visible lines of a piece of HTML, folded, without empty ones."""
    lines = [fold(line) for line in visible_text(html).split("\n") if line and not line.isspace()]
    return lines if all(lines) else [line for line in lines if line]


def last_lines_of(html: str, first: int = 0, last: int | None = None) -> list[str]:
    """Return the last visible lines of html[first:last]: the last dozen, or as many as a title may need.

    Six lines do where one of them is as long as no title is: what stands above running text is no part of a title.
    """
    end = start = len(html) if last is None else last
    if any(html.find(sign, first, end) >= 0 for sign in ("none", "super", "text-top", "top:-", "top: -")):
        return lines_of(html[first:end])  # what hides or raises text may reach over several blocks
    lines: list[str] = []
    while end > first:
        start = max(first, start - _STEP)
        found = _BLOCK.search(html, start, end) if start > first else None
        if found is None and start > first:
            continue
        begin = found.start() if found is not None else first
        lines = lines_of(html[begin:end]) + lines
        if len(lines) >= 12 or (len(lines) >= 6 and max(map(len, lines)) > LONGEST_TITLE):
            break
        end = start = begin
    return lines


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


def evidence_of(source: str) -> Evidence | None:
    """Return the evidence that a transcript's cell carries in its `data-*` attributes."""
    if "data-" not in source:
        return None
    found = dict(_DATA_ATTRIBUTES.findall(source))
    if not found:
        return None
    return Evidence(
        **{field: unescape(found[name]) for name, field in _EVIDENCE_FIELDS.items() if name in found}
    )
