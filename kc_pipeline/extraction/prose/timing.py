"""Time in a sentence: its period phrases, what a change compares, and the period of every figure."""

import re
from dataclasses import dataclass, field

from kc_pipeline.extraction.prose.anchor import Anchor, Span
from kc_pipeline.extraction.prose.figures import Figure
from kc_pipeline.extraction.prose.lexicon import Measure
from kc_pipeline.extraction.prose.phrases import PHRASE, resolve

_COMPARING = re.compile(
    r"(?:\bfrom|compared\s+(?:with|to|against)|\bversus|\bvs\.?|\bover|\bthan|\bagainst|\bto)\s*$"
)
_COMPARING_ENDS = ("from", "with", "to", "against", "versus", "vs", "vs.", "over", "than")
# What says nothing: a bullet before a sentence, and a short name behind a measure, 'earnings per share ("EPS")'.
_BULLET = re.compile(r"^\s*[•●▪◦‣·∙-]\s*(?=[A-Za-z\"(])")
_SHORT_NAME = re.compile(
    r"(?<=[A-Za-z.])\s\((?:(?:the\s+)?\"[^\"()]{1,30}\"|[A-Z][A-Z&/-]{1,9}|non-GAAP|unaudited)\)(?=[\s,])"
)
_SAID = r"(?:recorded|reported|posted|achieved|generated|recogni[sz]ed)\s+"
_RECORDED = re.compile(_SAID)
_IN_BRACKETS = re.compile(r"\s*:\s*")  # between period and figure in "(Q1 2019: $176 million)"
# A clause between a change and what is compared that may be about something else ("pace of decline slows versus ...").
_OTHER_CLAUSE = re.compile(
    r",\s*(?!(?:as\s+)?compared|versus|vs|from|or\b|and\b|to\b|reflecting|primarily|mainly|largely|driven|due|which|up\b|down\b|"
    r"increas|decreas|an?\s+(?:increase|decrease)|principally|partially|representing)[a-z]+\s[^,]*$"
)
_AND_YEAR = re.compile(r"\s*(?:,|,?\s*and)\s+((?:19|20)\d\d)(?!\d)")
_YEAR_AT_END = re.compile(r"(?:19|20)\d\d$")
_OR = re.compile(r"[\s),(]*or(?![^\s),(])")
_LEADING = re.compile(rf"^(?:[\s),]*(?:{_SAID})?[§†‡])+[\s,]*|^[\s)]+")


@dataclass(slots=True)
class Phrase:
    """A period phrase; `cue` is yoy or qoq where it only says what a change compares."""

    start: int
    end: int
    match: re.Match[str]
    cue: str | None


@dataclass(slots=True)
class Reading:
    """What one figure is taken for. `role` is level, base, growth, share or unknown."""

    figure: Figure
    measure: Measure | None = None
    role: str = "unknown"
    direction: int = 0
    sign: int = 0
    subject: int = -1
    phrase: Phrase | None = None
    explicit: bool = False
    period: Span | None = None
    cue: str | None = None
    convenience: bool = False
    share: str | None = None
    doubtful: bool = False
    aside: bool = False


@dataclass(slots=True)
class Marked:
    """A sentence in lower case whose period phrases are masked; lengths and positions are kept.

    A period reads as `§`, "year-over-year" as `†`, "quarter-over-quarter" as `‡`, blanks behind them.
    """

    text: str
    lower: str
    masked: str
    phrases: list[Phrase] = field(default_factory=list)

    @classmethod
    def of(cls, sentence: str) -> "Marked":
        """Mark a sentence."""
        plain = _BULLET.sub(_blank, sentence)
        lower = (_SHORT_NAME.sub(_blank, plain) if "(" in plain else plain).lower()
        phrases: list[Phrase] = []
        pieces: list[str] = []
        position = 0
        for match in PHRASE.finditer(lower):
            cue = "yoy" if match["yoy"] else "qoq" if match["qoq"] else None
            start, end = match.span()
            phrases.append(Phrase(start, end, match, cue))
            sign = {"yoy": "†", "qoq": "‡", None: "§"}[cue]
            pieces += [lower[position:start], sign, " " * (end - start - 1)]
            position = end
        return cls(sentence, lower, "".join(pieces) + lower[position:], phrases)

    def belonging_before(self, start: int, end: int) -> int:
        """Return where the words before a figure begin: behind what belongs to the figure before them."""
        lead = _LEADING.match(self.masked[start:end]) if self.masked[:start].strip() else None
        return start + lead.end() if lead else start

    def between(self, start: int, end: int) -> str:
        """Return the words before a figure without the period and cues of the figure before them."""
        return self.masked[self.belonging_before(start, end) : end]

    def compares(self, phrase: Phrase) -> bool:
        """Return whether a period phrase names what is compared with ("from the quarter before")."""
        lead = phrase.match["lead"] or ""
        if lead.startswith("over"):
            return True
        before = self.masked[max(0, phrase.start - 32) : phrase.start].rstrip()
        return before.endswith(_COMPARING_ENDS) and _COMPARING.search(before) is not None


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


@dataclass(slots=True)
class Place:
    """Where a figure stands: the words before it from `cursor`, those behind it from `behind` to `following`.

    `taken`: words behind the figure were used up with it ("of our revenues", "gross margin").
    """

    cursor: int
    behind: int
    following: int
    taken: bool = False


@dataclass(slots=True)
class Timing:
    """Dates the figures of one sentence."""

    anchor: Anchor
    sentence: Marked

    def cue(self, place: Place, reading: Reading, previous: Reading | None) -> str | None:
        """Return what a change compares: the cue before the figure, else the first one behind it."""
        start = reading.figure.start
        first = self.sentence.belonging_before(place.cursor, start) if previous else place.cursor
        phrases = self.sentence.phrases
        before = [p for p in phrases if p.cue and first <= p.start < start]
        if len(before) == 2 and before[0].cue != before[1].cue:
            return before[0].cue
        if before:
            return before[-1].cue
        after = [p for p in phrases if place.behind <= p.start < place.following]
        for phrase in after:
            if phrase.cue:
                return phrase.cue
            if self.sentence.compares(phrase):
                between = self.sentence.masked[place.behind : phrase.start]
                return None if _OTHER_CLAUSE.search(between) else self._distance(phrase)
        if previous and not after and self.sentence.masked[previous.figure.end : start].strip() == "and":
            both = [p for p in phrases if p.end <= previous.figure.start]
            if len(both) >= 2 and both[-1].cue and both[-2].cue and both[-1].cue != both[-2].cue:
                return both[-1].cue
        return None

    def _distance(self, phrase: Phrase) -> str | None:
        """Return yoy or qoq for a phrase that names the period compared with."""
        match = phrase.match
        if match["ago"] or match["lastyear"] or (match["same"] and "year" in match["same"]):
            return "yoy"
        if match["lastq"]:
            return "qoq"
        own = self.anchor.own()
        return distance(own, resolve(match, self.anchor, own)) if own else None

    def own_phrase(self, place: Place, reading: Reading) -> Phrase | None:
        """Return the period phrase that belongs to a figure: right behind it, or else before it."""
        tail = self.sentence.masked[place.behind : place.following]
        skipped = len(tail) - len(tail.lstrip(' ),"†‡' if reading.role == "growth" else ' ),"'))
        said = _RECORDED.match(tail, skipped)
        skipped = said.end() if said else skipped
        usable = [p for p in self.sentence.phrases if not p.cue and self._dates(p, reading.measure)]
        phrase = next((p for p in usable if p.start == place.behind + skipped), None)
        if phrase is not None and not self.sentence.compares(phrase):
            return phrase
        start = reading.figure.start
        if reading.role == "base":
            before = next(
                (p for p in usable if _IN_BRACKETS.fullmatch(self.sentence.masked, p.end, start)), None
            )
            opened = before is not None and self.sentence.masked[: before.start].rstrip().endswith("(")
            return before if opened else None
        first = self.sentence.belonging_before(place.cursor, start) if reading.subject >= 0 else place.cursor
        inside = [p for p in usable if first <= p.start < start and not self.sentence.compares(p)]
        return inside[-1] if inside else None

    def _dates(self, phrase: Phrase, measure: Measure | None) -> bool:
        """Return whether a phrase can date a figure: a day dates no flow (it is the day of the release)."""
        day = phrase.match["day"] or phrase.match["mon"] or phrase.match["eoq"]
        return not day or measure is None or measure.instant

    def settle(self, readings: list[Reading], context: Span | None) -> None:
        """Give every figure its period: its own words', its subject's, the sentence's, or the context's."""
        context = self._opening(context)
        for reading, following in zip(readings[-2::-1], readings[:0:-1], strict=True):
            if reading.phrase is not None or following.role != reading.role:
                continue
            between = self.sentence.masked[reading.figure.end : following.figure.start]
            if following.convenience or _OR.match(between):
                reading.phrase = following.phrase
        main: dict[int, Span | None] = {}
        for reading in readings:
            if (
                reading.role in ("level", "growth", "share")
                and reading.phrase
                and reading.subject not in main
            ):
                main[reading.subject] = self._resolved(reading.phrase, context)
        last, known = context, False
        for reading in readings:
            if reading.subject >= 0 and reading.subject in main:
                last, known = main[reading.subject], True
            current = main.get(reading.subject, last if known else context)
            reading.explicit = reading.phrase is not None
            if reading.phrase is not None:
                match = reading.phrase.match
                leans = reading.role == "base" or (known and bool(match["same"] or match["ago"]))
                reading.period = self._resolved(reading.phrase, current if leans else context)
            elif reading.role == "base":
                reading.period = self._base_period(reading, readings, current)
            else:
                reading.period = current
        if "respectively" in self.sentence.lower:
            self._in_turn(readings, context)

    def _in_turn(self, readings: list[Reading], context: Span | None) -> None:
        """Give figures listed with as many periods, "respectively", one each in turn; any others are in doubt."""
        end = self.sentence.lower.rfind("respectively")
        listed = [p for p in self.sentence.phrases if not p.cue and p.end <= end]
        own = [r for r in readings if not r.convenience and r.figure.end <= end]
        spans = [self._resolved(p, context) for p in listed]
        if listed:
            spans += self._other_year(listed[-1], spans[-1])
        if len(spans) > 1 and len(spans) == len(own) and listed[0].start >= own[-1].figure.end:
            for reading, span in zip(own, spans, strict=True):
                reading.period, reading.explicit = span, span is not None
        else:
            for reading in own:
                reading.doubtful = True
                if len(spans) > 1:
                    reading.period, reading.explicit = None, False
        for reading, before in zip(readings[1:], readings, strict=False):
            if reading.convenience:
                reading.period, reading.explicit = before.period, before.explicit
                reading.doubtful = before.doubtful

    def _other_year(self, phrase: Phrase, span: Span | None) -> list[Span | None]:
        """Return the period that a year alone stands for behind one: "in the fourth quarter of 2025 and 2024"."""
        second = _AND_YEAR.match(self.sentence.lower, phrase.end)
        first = _YEAR_AT_END.search(self.sentence.lower, phrase.start, phrase.end)
        if second is None or first is None:
            return []
        return [self.anchor.moved(span, 12 * (int(second[1]) - int(first[0]))) if span else None]

    def _opening(self, context: Span | None) -> Span | None:
        """Return the period that the sentence opens with ("In the first half of 2024, ..."), or the context."""
        first = self.sentence.phrases[0] if self.sentence.phrases else None
        if first is None or first.cue or self.sentence.masked[: first.start].strip(' "('):
            return context
        if first.match["day"] or first.match["mon"] or first.match["eoq"] or self.sentence.compares(first):
            return context
        return self._resolved(first, context)

    def _resolved(self, phrase: Phrase, base: Span | None) -> Span | None:
        return None if phrase.match["lastyear"] else resolve(phrase.match, self.anchor, base)

    def _base_period(self, reading: Reading, readings: list[Reading], main: Span | None) -> Span | None:
        earlier = [r for r in readings if r.figure.start < reading.figure.start and not r.convenience]
        growth = earlier[-1] if earlier else None
        if growth is None or main is None or growth.role != "growth" or growth.subject != reading.subject:
            return None
        months = {"yoy": -12, "qoq": -3}.get(growth.cue or "")
        return self.anchor.moved(main, months) if months and (months == -12 or main.months == 3) else None


def distance(later: Span | None, earlier: Span | None) -> str | None:
    """Return yoy or qoq for two periods of one length a year or a quarter apart; None otherwise."""
    if later is None or earlier is None or later.months != earlier.months:
        return None
    days = (later.end - earlier.end).days
    if 355 <= days <= 375:
        return "yoy"
    return "qoq" if 80 <= days <= 100 and later.months in (3, None) else None
