"""Sentences and the headings that they stand under.

A heading decides what an unqualified "revenue" means: under "First Quarter 2025 Financial Results" it is
the group's, under "Gaming" it is not. Headings that name neither a result nor a period put the group in
doubt, and a figure in doubt has no metric.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from kc_pipeline.extraction.prose.anchor import Anchor, Span
from kc_pipeline.extraction.prose.phrases import PHRASE, resolve
from kc_pipeline.extraction.prose.reading_copy import ReadingCopy
from kc_pipeline.extraction.text import word_set

_STOP = re.compile(r"""[.!?;]["')\]]*\s+(?=["'(\[]*[A-Z0-9•●▪·])""")
_STOP_OR_BULLET = re.compile(rf"""{_STOP.pattern}|\s[•●▪]\s""")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Ms|Mrs|Dr|Inc|Ltd|Corp|Co|No|Nos|vs|U\.S|U\.K|St|Jr|Sr|Messrs|approx|Jan|Feb|Mar|Apr|Jun|Jul|"
    r"Aug|Sept|Sep|Oct|Nov|Dec|N\.A|L\.P|S\.A|plc)|\b[A-Z])\.$"
)
_NEUTRAL = re.compile(
    r"\b(?:results?|highlights?|financial|quarter\w*|summary|revenues?|sales|income|profits?|loss(?:es)?|earnings|"
    r"expenses?|costs?|cash|balance|liquidity|capital|ebitda|margins?|announces?|reports?|announced|exhibit|"
    r"consolidated|overview|performance|fiscal|year|release|gaap|non-gaap|limited|inc|ltd|corp|corporation|company|"
    r"holdings|group|immediate|contents|key|operating|press|unaudited|figures)\b",
    re.I,
)
_DOUBTFUL = re.compile(
    r"\b(?:segments?|outlook|guidance|divisions?|regions?|geograph\w*|subsidiar\w*|pro forma|about|conference|"
    r"webcast|forward-looking|use of|definitions?|parent|safe harbor|business units?|by product|product lines?|"
    r"targets?|forecast|reconciliation|supplemental|notes? to)\b",
    re.I,
)
_TIMELY = re.compile(r"quarter|year|month|half|fiscal|\d", re.I)
_HEADING_WORD = re.compile(r"[A-Za-z][A-Za-z'&.-]*")
_OPENING = 6_000  # characters behind which a name that tables print is no headline, but a business
_HEAD = 2_000  # characters at the top of a document, where the issuer's name stands
_WORD = re.compile(r"[a-z][a-z'&-]{2,}")
_PLAIN = word_set(
    "further the and for from with ended first second third fourth three six nine twelve months half full january "
    "february march april may june july august september october november december other total net gross "
    "adjusted discussion analysis review selling marketing general administrative research development "
    "sales tax taxes interest finance per share diluted basic ads ebitda goods sold services "
    "non-operating business recent developments condensed balance sheet sheets statements statement flow "
    "flows comprehensive attributable shareholders operations our continuing management commentary "
    "strategic before provision weighted average number shares outstanding expenditures resources "
    "position equity compared versus prior-year same last announced today reports record selected data "
    "metrics measures highlights: key main expense income loss profit net-income bottom-line"
)
_BODY = re.compile(r"\b(?:today|reported|announced|releases?)\b.*\b(?:results|earnings|revenues?)\b", re.I)


@dataclass(slots=True)
class Setting:
    """What a paragraph stands under: whether the group is meant, and the period that its heading names.

    `period` None: no single period is in force.
    """

    group: bool
    period: Span | None


@dataclass(slots=True)
class Sections:
    """The paragraphs' settings, by index of paragraph, and the words of the headline (lower case)."""

    settings: list[Setting]
    names: frozenset[str]


def is_plain(word: str) -> bool:
    """Return whether a word of a heading (lower case) names no business: "gross", "quarter", "expenses"."""
    return word in _PLAIN or _NEUTRAL.fullmatch(word) is not None


def read_sections(
    copy: ReadingCopy,
    title: str,
    anchor: Anchor,
    figures_in: frozenset[int],
    businesses: frozenset[str] = frozenset(),
) -> Sections:
    """Return the setting of every paragraph.

    `figures_in` are the paragraphs that hold figures, `businesses` what rows and headings of tables may name (lower case).
    """
    own = None if anchor.with_year else anchor.own()
    current = Setting(True, own)
    settings: list[Setting] = []
    body = False
    names = set(_WORD.findall(title.lower()))
    short = {
        index: copy.text[start:end].strip()
        for index, (start, end) in enumerate(copy.paragraphs)
        if end - start <= 110
    }
    times = Counter(short.values())
    headings = {line for line in times if _is_heading(line)}
    for index, (start, end) in enumerate(copy.paragraphs):
        if not body and end - start > 150 and _BODY.search(copy.text, start, min(end, start + 700)):
            body = True
        elif index in short and index not in figures_in:
            line = short[index]
            if not body and start < _HEAD:
                names.update(_WORD.findall(line.lower()))
            if line in headings:
                printed = line.lower().rstrip(":") in businesses
                below = _under(line, current, own, body or (start > _OPENING and printed), anchor, names)
                if times[line] == 1 or not below.group:  # repeated: a page's running title, no section
                    current = below
        settings.append(current)
    return Sections(settings, frozenset(names))


def sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences of a paragraph as spans without surrounding blanks."""
    first = start
    piece = text[start:end]
    bullets = "•" in piece or "●" in piece or "▪" in piece
    for stop in (_STOP_OR_BULLET if bullets else _STOP).finditer(text, start, end):
        at, last = stop.span()
        if text[at] == "." and _ABBREVIATION.search(text, max(first, at - 8), at + 1):
            continue
        piece = text[first:last]
        rest = piece.lstrip()
        if rest:
            yield last - len(rest), first + len(piece.rstrip())
        first = last
    piece = text[first:end]
    rest = piece.lstrip()
    if rest:
        yield end - len(rest), first + len(piece.rstrip())


def _is_heading(line: str) -> bool:
    if not line or (line[-1] in '.;,"?!' and not _ABBREVIATION.search(line)):
        return False
    words = _HEADING_WORD.findall(line)
    if not words or len(words) > 14:
        return False
    if line[-1] == ":":
        return True
    longer = [word for word in words if len(word) > 3]
    capital = [word for word in longer if word[0].isupper()]
    return len(capital) * 2 >= len(longer) if longer else words[0][0].isupper()


def _under(
    line: str, current: Setting, own: Span | None, body: bool, anchor: Anchor, names: set[str]
) -> Setting:
    """Return the setting under a heading.

    A short heading with a strange word names a business, a long one is a headline and a line with a colon
    introduces a list: these two leave the group in force unless they say otherwise. A heading of another
    period than the document's own ("Six months ended June 30, 2022") leaves no period in force: where its
    part ends is not certain.
    """
    words = _WORD.findall(line.lower())
    group = current.group
    if _DOUBTFUL.search(line):
        group = False
    elif not body:
        group = True
    elif len(words) <= 6 and not line.endswith(":"):
        known = all(word in names or is_plain(word) for word in words)
        group = known and _NEUTRAL.search(line) is not None
    if not _TIMELY.search(line):
        return Setting(group, current.period)
    named = [m for m in PHRASE.finditer(line.lower()) if not m["yoy"] and not m["qoq"] and not m["day"]]
    if len(named) == 1 and not re.search(r"\band\s+(?:full|fiscal)[\s-]+year\b", line, re.I):
        under = resolve(named[0], anchor, None)
        older = under is not None and anchor.quarter is not None and under.end != anchor.quarter
        return Setting(group, None if older else under)
    return Setting(group, own if named else current.period)
