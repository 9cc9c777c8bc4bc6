"""One clue of a table taken away from its page: what `make ablate` does to the HTML.

Belongs here: rewriting of HTML. Does not belong here: reading it, and comparing what was read (ablate.py). Text is
blanked in place: no tag is added or removed, so that tables, rows and columns keep their numbers.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

_TAG = re.compile(r"(<[^>]*>)")
_ROW = re.compile(r"(?=<tr\b)", re.I)
_CAPTION = re.compile(r"(<caption\b[^>]*>)(.*?)(</caption>)", re.I | re.S)
_SIGN = re.compile(r"(?:\b(?:US|HK|NT|C|A|R)\s?)?\$|[€£¥￥₹₩]|\bRMB\b(?=[\s\d(]*$|\s*[\d(])")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?{_MONTH}(?:\s+\d{{1,2}}(?:st|nd|rd|th)?)?(?:\s*,)?(?:\s*(?:19|20)\d\d)?(?![a-z])"
    r"|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b(?:FY\s?)?(?:19|20)\d\d(?:E|A)?\b|\bFY\s?\d\d\b|\b[1-4]Q\s?\d\d\b|\bQ[1-4]\s?\d\d\b",
    re.I,
)
_UNITS = re.compile(
    r"\b(?:thousands?|millions?|billions?|lakhs?|crores?|'?000s?)\b|千元|百万|百萬|万元", re.I
)
_NUMBER = r"(?:three|six|nine|twelve|thirteen|fourteen|twenty[-\s]six|thirty[-\s]nine|fifty[-\s](?:two|three)|\d{1,2})"
_DURATION = re.compile(
    rf"\b(?:first|second|third|fourth)?\s*(?:{_NUMBER}[-\s]+)?(?:months?|weeks?|fiscal\s+years?|years?|quarters?|half[-\s]years?|periods?)(?:\s+(?:then\s+)?end(?:ed|ing))?\b|\bend(?:ed|ing)\b",
    re.I,
)
_LEAD_CHARACTERS = 600  # of text right above a table: its title, and what follows it
_SHORT = 160  # a unit note is a short line


class Place(NamedTuple):
    """One table of a page: where it stands, where the text above it begins, and the first row with figures."""

    above: int
    start: int
    end: int
    first_figure: str  # as printed: rows before the first that holds it are the table's head


def _texts(html: str, change: Callable[[str], str]) -> str:
    """Apply a change to each text between tags."""
    return "".join(part if part.startswith("<") else change(part) for part in _TAG.split(html))


def _blank(pattern: re.Pattern[str], *, whole: int = 0) -> Callable[[str], str]:
    """Return a change that blanks what the pattern finds: with `whole`, all of a text of up to so many characters."""

    def change(text: str) -> str:
        if whole:
            return " " if len(text.strip()) <= whole and pattern.search(text) else text
        return pattern.sub(" ", text)

    return change


def _without_lines_above(above: str) -> str:
    """Blank the last texts before the table."""
    parts = _TAG.split(above)
    left = _LEAD_CHARACTERS
    for n in range(len(parts) - 1, -1, -1):
        if not parts[n].startswith("<") and (words := parts[n].strip()):
            if left <= 0:
                break
            left -= len(words)
            parts[n] = " "
    return "".join(parts)


def _split(table: str, first_figure: str) -> tuple[str, str]:
    """Cut a table before the first row that prints the figure: its head, and the rest."""
    rows = _ROW.split(table)
    for n, row in enumerate(rows):
        if first_figure in re.sub(r"\s|&nbsp;", "", _TAG.sub("", row)):
            return "".join(rows[:n]), "".join(rows[n:])
    return "", table


def _caption(above: str, head: str, body: str) -> tuple[str, str, str]:
    blanked = _CAPTION.sub(lambda m: m[1] + _texts(m[2], lambda _: " ") + m[3], head)
    return _without_lines_above(above), blanked, body


def _signs(above: str, head: str, body: str) -> tuple[str, str, str]:
    return above, head, _texts(body, _blank(_SIGN))


def _dates(above: str, head: str, body: str) -> tuple[str, str, str]:
    return above, _texts(head, _blank(_DATE)), body


def _unit_words(above: str, head: str, body: str) -> tuple[str, str, str]:
    change = _blank(_UNITS, whole=_SHORT)
    return _texts(above, change), _texts(head, change), body


def _durations(above: str, head: str, body: str) -> tuple[str, str, str]:
    change = _blank(_DURATION)
    return _texts(above, change), _texts(head, change), body


CLUES: dict[str, Callable[[str, str, str], tuple[str, str, str]]] = {
    "caption": _caption,
    "signs": _signs,
    "dates": _dates,
    "unit words": _unit_words,
    "durations": _durations,
}


def without(html: str, place: Place, clue: str) -> str | None:
    """Return the page without one clue of one table; None where the table has no such clue."""
    above = html[place.above : place.start]
    head, body = _split(html[place.start : place.end], place.first_figure)
    changed = "".join(CLUES[clue](above, head, body))
    if changed == above + head + body:
        return None
    return html[: place.above] + changed + html[place.end :]


def above_of(html: str, spans: Sequence[tuple[int, int]], index: int) -> int:
    """Return where the lines above a table begin: after the last table with figures, at most 12,000 characters before."""
    start = spans[index][0]
    ends = [
        e for s, e in spans[:index] if e <= start and len(re.findall(r">\W*\d[\d,.]*\W*<", html[s:e])) > 1
    ]
    return max([start - 12_000, html.find("<body") + 1, *ends])
