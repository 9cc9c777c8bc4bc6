"""The reading copy of a text: same length, so that every position stays true, but plainer to read.

Typographic variants become their plain forms, footnote marks become blanks, and the hard line breaks of
preformatted paragraphs become blanks.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

from kc_pipeline.extraction.text import VisibleText

_PLAIN = {
    " ": "\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u3000\t\v\f\r",
    '"': "“”„‟″«»\u0093\u0094",
    "'": "‘’‚‛′´`\u0091\u0092",
    "-": "–—‐‑‒―−﹣－\u0096\u0097",
    "%": "％",
    "$": "＄",
    "¥": "￥",
    ",": "，",
    "(": "（",
    ")": "）",
}
_MARK = re.compile(r"^[\s\d\[\](),*†‡§#a-e]+$")
# Footnote marks, each with signs of which one is in every text that holds such marks.
_FOOTNOTES = (
    ("[", re.compile(r"\[\d{1,2}\]")),
    ("(", re.compile(r"\((?<=[A-Za-z]\()\d\)")),
    ("†‡¹²³⁴⁵⁶⁷⁸⁹", re.compile(r"[†‡¹²³⁴⁵⁶⁷⁸⁹]")),
    ("*", re.compile(r"\*(?<=[A-Za-z%*]\*)")),
    ("123456789", re.compile(r"[1-9](?=[\s,.;)])(?:(?<=[a-z]{3}[1-9])|(?<=\)[1-9])(?!\)))")),
    (("EBITDA",), re.compile(r"A[1-9](?<=EBITDA[1-9])(?![\d.])")),
)
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
# Runs of blanks and leader dots are taken whole (possessive): a long run must not be scanned again from each place.
_TABLE_LINE = re.compile(
    r"[^\s.\-][ .]{3,}+-|[^\s.\-](?=[ .\-]{3})[ .\-]*+(?:(?<=-)|[$(]?\s{0,9}[\d(])|-{6,}+|={6,}+|<[SC]>"
    r"|^[ \t]*+[$(]?[\d,.]++\)?[ \t]*+$",
    re.M,
)


@dataclass(slots=True)
class ReadingCopy:
    """The plain copy with its paragraphs, as [start, end) spans in document order; `lower` is it in small letters."""

    text: str
    lower: str
    paragraphs: list[tuple[int, int]]
    starts: list[int]

    def paragraph_of(self, position: int) -> int | None:
        """Return the index of the paragraph around a position; None between paragraphs and in tables."""
        index = bisect_right(self.starts, position) - 1
        return index if index >= 0 and position < self.paragraphs[index][1] else None


def reading_copy(visible: VisibleText) -> ReadingCopy:
    """Return the reading copy of a document's running text; its length is that of `visible.text`."""
    text = visible.text
    for plain, variants in _PLAIN.items():
        for variant in variants:
            if variant in text:
                text = text.replace(variant, plain)
    pieces: list[str] = []
    position = 0
    for start, end in visible.marks:
        if end - start <= 12 and start >= position and _MARK.match(text[start:end]):
            pieces += [text[position:start], " " * (end - start)]
            position = end
    if pieces:
        text = "".join([*pieces, text[position:]])
    for signs, footnote in _FOOTNOTES:
        if any(sign in text for sign in signs):
            text = footnote.sub(_blank, text)
    paragraphs: list[tuple[int, int]] = []
    for start, end, preformatted in visible.blocks:
        if preformatted:
            paragraphs.extend(_preformatted(text, start, end))
        else:
            paragraphs.append((start, end))
    text = text.replace("\n", " ")
    return ReadingCopy(text, _small(text), paragraphs, [start for start, _ in paragraphs])


def _small(text: str) -> str:
    """Return a text in small letters, at its length: a few letters have longer small forms and stay."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join([small if len(small := letter.lower()) == 1 else letter for letter in text])


def _blank(match: re.Match[str]) -> str:
    return "A " if match[0][0] == "A" else " " * len(match[0])


def _preformatted(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the paragraphs of a preformatted block, without those laid out as tables."""
    out: list[tuple[int, int]] = []
    position = start
    while position < end:
        stop = _PARAGRAPH_END.search(text, position, end)
        last = stop.start() if stop else end
        piece = text[position:last]
        lines = piece.count("\n") + 1
        if piece.strip() and len(_TABLE_LINE.findall(piece)) * 2 <= lines - (lines > 1):
            out.append((position, last))
        position = stop.end() if stop else end
    return out
