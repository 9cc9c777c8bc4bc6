"""Attributed commentary: quotations with their speaker and title."""

import re
from dataclasses import dataclass

from kc_pipeline.extraction.hints import says
from kc_pipeline.extraction.model import Commentary
from kc_pipeline.extraction.prose.reading_copy import ReadingCopy
from kc_pipeline.extraction.text import VisibleText

_SPOKE = (
    "commented", "comments", "said", "says", "stated", "states", "added", "adds", "noted", "notes", "remarked", "continued",
    "continues", "concluded", "concludes", "explained",
)  # fmt: skip
_SAID = rf"(?:{'|'.join(_SPOKE)}|went\s+on\s+to\s+say)"
_SPOKE_PARTS = (*_SPOKE, "went")
_PERSON = r"(?:(?:Mr|Ms|Mrs|Dr)\.?\s+)?[A-Z][\w'.-]*(?:\s+(?:[A-Z][\w'.-]*|\([^)]{1,30}\)|&|de|van|von|der|bin)){0,6}"
_OFFICE = (
    r"(?:chief|president|chair\w*|officer|director|ceo|cfo|coo|cto|founder|co-founder|executive|vice|head|manager|"
    r"partner|treasurer|secretary|counsel|evp|svp)"
)
_BEFORE = re.compile(
    rf"(?P<who>{_PERSON})(?:\s*,\s*(?P<title>[^\"]{{3,160}}?))?\s*,?\s+(?:also\s+|further\s+)?{_SAID}\s*"
    rf"(?:that\b[^\"]{{0,40}}|[^\".]{{0,80}})?[,:]?\s*$"
)
_AFTER = re.compile(
    rf"^\s*,?\s*(?:{_SAID}\s+(?P<who>{_PERSON})(?:\s*,\s*(?P<title>[^\"]{{3,160}}?))?|"
    rf"(?P<who2>(?:(?:Mr|Ms|Mrs|Dr)\.?\s+)?[A-Z][\w'.-]*(?:\s+[A-Z][\w'.-]*){{0,3}}|he|she)"
    rf"(?:\s*,\s*(?P<title2>[^\"]{{3,120}}?)\s*,)?\s+{_SAID})\s*(?=[.,:;]|$|\"|-|in\b)"
)
_OFFICES = (
    r"(?:Chief|President|Chair\w*|Officer|Director|CEO|CFO|COO|CTO|Founder|Co-founder|Executive|Vice|Head|Manager|"
    r"Partner|Treasurer|Secretary|Senior|Operating|Financial|General|Interim|Acting|Deputy|and|&|of|the|Board|,)"
)
_NAME = r"[A-Z][\w'.-]*(?:\s+[A-Z][\w'.-]*){1,3}"
_TITLED = re.compile(
    rf"^(?P<title>(?:[A-Z][\w.'&-]*\s+)*?(?:{_OFFICES}\s+)*(?:Officer|President|Chair\w*|CEO|CFO|COO|CTO|Director|Founder))\s+(?P<who>{_NAME})$"
)
_TITLE_FIRST = re.compile(
    rf"(?P<title>(?:{_OFFICES}\s+)*(?:Officer|President|Chair\w*|CEO|CFO|COO|CTO|Director|Founder))\s+(?P<who>{_NAME})"
    rf"\s*,?\s+(?:also\s+|further\s+)?{_SAID}\b"
)
# "Concluded Mr. McGrath, ..." before a quotation; "- Jane Roe, Chief Executive Officer" behind one.
_INVERTED = re.compile(
    rf"(?:Commented|Said|Says|Stated|Added|Adds|Noted|Continued|Concluded|Explained)\s+(?P<who>{_PERSON})"
    rf"(?:\s*,\s*(?P<title>[^\"]{{3,160}}?))?\s*[,:]\s*$"
)
_SIGNED = re.compile(
    rf"^[\s-]*(?P<who>{_NAME}),\s*(?P<title>(?=[A-Z])[^\";:]{{3,120}}?)(?:(?<![A-Z])\.(?=\s|$)|$)"
)
_DEGREE = re.compile(
    r",\s*(?:M\.?D\.?|Ph\.?\s?D\.?|CFA|CPA|M\.?B\.?A\.?|Esq\.?|Jr\.?|Sr\.?|I{2,3}|IV)(?=\s*[,.;]|\s)"
)
_MIN_WORDS = 4
_MOST = 5_000  # quotations of one document


@dataclass(slots=True)
class _Quote:
    """A quotation; text[start:end] is what stands between the marks, `closed` that it was closed."""

    paragraph: int
    start: int
    end: int
    closed: bool


def read_speech(copy: ReadingCopy, visible: VisibleText) -> list[Commentary]:
    """Return the attributed quotations of a document, in order; quotations without a speaker are left out."""
    out: list[Commentary] = []
    known: dict[str, tuple[str, str]] = {}
    last: tuple[str, str] | None = None
    previous: _Quote | None = None
    for quote in _quotes(copy):
        start, end = copy.paragraphs[quote.paragraph]
        before = copy.text[max(start, quote.start - 400) : quote.start - 1]
        after = copy.text[quote.end + 1 : min(end, quote.end + 400)]
        speaker = _speaker(before, after, known, last) or _signed(copy, quote)
        continued = (
            speaker is None and last is not None and previous is not None and _goes_on(copy, previous, quote)
        )
        if continued:
            speaker = last
        if speaker is None or len(copy.text[quote.start : quote.end].split()) < _MIN_WORDS:
            if not continued:
                last = None if speaker is None else last
            continue
        known[speaker[0].split()[-1]] = speaker
        out.append(
            Commentary(
                speaker=speaker[0],
                title=speaker[1],
                text=visible.text[quote.start : quote.end].strip(),
                span=(quote.start, quote.end),
                evidence=visible.evidence_at(quote.start),
            )
        )
        last, previous = speaker, quote
    return out


def _quotes(copy: ReadingCopy) -> list[_Quote]:
    """Return the quotations, paragraph by paragraph; one left open goes on to the end of its paragraph."""
    out: list[_Quote] = []
    for index, (start, end) in enumerate(copy.paragraphs):
        if copy.text.find('"', start, end) < 0:
            continue
        opened: int | None = None
        position = start
        while (position := copy.text.find('"', position, end)) >= 0 and len(out) < _MOST:
            if opened is None:
                opened = position + 1
            else:
                out.append(_Quote(index, opened, position, True))
                opened = None
            position += 1
        if opened is not None:
            out.append(_Quote(index, opened, end, False))
    return out


def _speaker(
    before: str, after: str, known: dict[str, tuple[str, str]], last: tuple[str, str] | None
) -> tuple[str, str] | None:
    before, after = (_DEGREE.sub("", text) if "," in text else text for text in (before, after))
    match = _INVERTED.search(before[-320:])
    if match:
        return _known(match["who"], match["title"], known)
    match = _BEFORE.search(before[-320:]) if says(before[-320:], _SPOKE_PARTS) else None
    if match:
        titled = _TITLE_FIRST.search(before[-320:]) if not match["title"] else None
        if titled:
            return _known(titled["who"], titled["title"], known)
        return _known(match["who"], match["title"], known)
    match = _AFTER.match(after[:320])
    if match:
        who, title = match["who"] or match["who2"], match["title"] or match["title2"]
        if who.lower() in ("he", "she"):
            return last
        titled = _TITLED.match(who) if not title else None
        return _known(titled["who"], titled["title"], known) if titled else _known(who, title, known)
    return None


def _known(who: str, title: str | None, known: dict[str, tuple[str, str]]) -> tuple[str, str] | None:
    """Return speaker and title; a bare surname stands for the speaker introduced before."""
    who = " ".join(who.split()).strip(" ,.")
    if title and re.search(_OFFICE, who, re.I) and re.fullmatch(_NAME, title.strip()):
        who, title = title.strip(), who  # "said Acme CEO, Jane Roe"
    introduced = known.get(who.split()[-1])
    if title and re.search(_OFFICE, title, re.I):
        return who, " ".join(title.split()).strip(" ,")
    if introduced:
        return introduced
    return (who, "") if re.match(r"(?:Mr|Ms|Mrs|Dr)\.?\s", who) or len(who.split()) >= 2 else None


def _signed(copy: ReadingCopy, quote: _Quote) -> tuple[str, str] | None:
    """Return who signs a quotation: a name and an office behind it, in its paragraph or alone in the next one."""
    if not quote.closed:
        return None
    rest = copy.text[quote.end + 1 : copy.paragraphs[quote.paragraph][1]]
    if not rest.strip() and quote.paragraph + 1 < len(copy.paragraphs):
        rest = copy.text[slice(*copy.paragraphs[quote.paragraph + 1])]
    match = _SIGNED.match(_DEGREE.sub("", rest.rstrip())) if len(rest) <= 240 else None
    if not match or not re.search(rf"\b{_OFFICE}\b", match["title"], re.I):
        return None
    return match["who"], " ".join(match["title"].split())


def _goes_on(copy: ReadingCopy, previous: _Quote, quote: _Quote) -> bool:
    """Return whether a quotation continues the one before.

    It was left open, or it is split by the attribution, or its paragraph opens with the quotation and the one
    before ends with the attribution.
    """
    if previous.paragraph == quote.paragraph:
        between = copy.text[previous.end + 1 : quote.start - 1]
        return re.search(rf"\b{_SAID}\b", between) is not None and len(between) < 320
    if quote.paragraph != previous.paragraph + 1:
        return False
    if not previous.closed:
        return True
    opens = not copy.text[copy.paragraphs[quote.paragraph][0] : quote.start - 1].strip()
    rest = copy.text[previous.end + 1 : copy.paragraphs[previous.paragraph][1]]
    attribution = _AFTER.match(rest) if opens and len(rest) < 240 else None
    return attribution is not None and not rest[attribution.end() :].strip(" .,")
