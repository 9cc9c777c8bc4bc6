"""One sentence: which measure, role and period each of its figures has.

The reader goes from figure to figure. The words between the last measure (or the last figure) and a figure
must all be understood; otherwise the figure, and what leans on it, has no metric.
"""

import re
from dataclasses import dataclass, field, replace

from kc_pipeline.extraction.hints import says
from kc_pipeline.extraction.prose.anchor import Anchor, Span
from kc_pipeline.extraction.prose.figures import Figure, is_convenience
from kc_pipeline.extraction.prose.lexicon import Label, Lexicon, Measure
from kc_pipeline.extraction.prose.paragraphs import is_plain
from kc_pipeline.extraction.prose.timing import Marked, Place, Reading, Timing
from kc_pipeline.extraction.prose.words import (
    BASIS,
    BOUND,
    CAUSE,
    COMPARED,
    FORWARD,
    INORGANIC,
    UNKNOWN,
    Bridge,
    is_narrowed,
    label_may_follow,
    read_bridge,
)
from kc_pipeline.extraction.text import word_set

_RANGE = re.compile(r"^\s?-\s?[\d$R]|^\s*%?\s*plus or minus|^\s*(?:to|and)\s*$")
_NOT_ITSELF = re.compile(
    r"^\s*(?:or\s+)?(?:higher|lower|more|less|better|worse|above|below|increase|decrease|decline|improvement|gain|"
    r"charge|growth|reduction|impact|benefit|investment|worth|expansion|compression)\b"
)
_PER_SHARE = {
    "profit_loss": "earnings_per_{unit}_{form}",
    "net_income_loss": "earnings_per_{unit}_{form}",
    "adjusted_net_income_loss": "adjusted_earnings_per_{unit}_{form}",
}
_NAME = re.compile(r"[a-z0-9]+")
_NO_NAME = word_set(
    "the our limited inc incorporated corporation corp company plc holding holdings ltd group shareholders stockholders "
    "owners holders common ordinary equity parent non controlling noncontrolling interests and of its co"
)
_OWNER = re.compile(
    r"(?:^|(?<=[.,;•·] ))((?:The\s+|Our\s+)?[A-Z][\w&-]*(?:\s(?:and\s)?[A-Z][\w&-]*){0,3})['’](?:s\s|\s)"
)
_ARTICLE = re.compile(r"^(?:the|our|for|in|total)\s+")
_NOUNS = re.compile(  # "crop nutrients net sales reached ...": words right at the sentence's beginning that name a business
    r"(?!(?:\w+\s)?(?:strong|strong\w+|high\w*|low\w*|record|report\w*|quarter\w*|annual\w*|year\w*|improv\w+|increas\w+|decreas\w+|declin\w+|"
    r"solid|organic|comparable|robust|total|overall|other|while|as|if|this|these|such|all|both|its|their|when|with|despite|although|because|"
    r"underlying|reported|stable|better|growing|continued|first|second|third|fourth|net|gross|pro|non|"
    r"\w+ly|basic|diluted|adjusted|excluding|including|gaap)\b)[a-z&-]{4,}(?:\s(?:and\s)?[a-z&-]{3,}){0,2}"
)
_PART = re.compile(r"\s+(?:for|of|from|in)\s+(?:the\s+|our\s+)?([a-z&-]{3,})")  # "net sales for seed"
_UNIT_WORD = re.compile(r"\s+(?:segment|division|business(?:\s+unit)?)(?:['’]?s)?$")
_NO_BUSINESS = word_set(
    "company group corporation firm bank fund trust today year quarter month management period it what that let there here "
    "shareholders stockholders owners customers investors board chairman ceo cfo president chief executive financial officer "
    "world country america china europe japan asia last this next fiscal industry market"
)
_GROUP = re.compile(
    r"\b(?:consolidated|[Tt]he\s+(?:[Cc]ompany|[Gg]roup)|[Tt]otal|[Ww]e|[Oo]ur|[Oo]verall|[Gg]roup['’]?s?)\b"
)
_LONG_WORD = re.compile(r"[a-z]{4,}")
_WORDS = re.compile(r"[a-z]+|§")
_OF = re.compile(r"^\s*of\s")
_CLOSE = re.compile(r"\s*\)")
_PER = re.compile(r"\s*(?:per|/)\s*(?:[a-z]+\s+){0,4}?(?:shares?|adss?|adrs?)\b")
_COORDINATED = re.compile(r"[\s,/&]*(?:and|or)?\s*")
_BOTH_BASES = re.compile(r"\bgaap\s+and\s*$")
_BASIS_PARTS = ("exclu", "basis", "compare", " terms", "in yen")
_COMPARED_NEXT = re.compile(r"\s*(?:as\s+)?(?:compared|from|versus|over)\b")
_RANGE_GOES_ON = re.compile(r"\s*(?:to|-)\s*")


@dataclass(slots=True)
class SentenceReader:
    """Reads sentences of one document; positions count from the start of the sentence.

    `names` are the words of the document's headline (lower case): among them the issuer's name. `businesses` are
    names in rows and headings of its tables that may be those of its businesses (lower case).
    """

    anchor: Anchor
    lexicon: Lexicon
    names: frozenset[str] = frozenset()
    businesses: frozenset[str] = frozenset()
    sentence: Marked = field(default_factory=lambda: Marked("", "", ""))

    def read(self, sentence: str, figures: list[Figure], context: Span | None) -> list[Reading]:
        """Return one reading per figure of a sentence."""
        self.sentence = Marked.of(sentence)
        timing = Timing(self.anchor, self.sentence)
        readings: list[Reading] = []
        subject, subjects, cursor = None, -1, 0
        for index, figure in enumerate(figures):
            reading = Reading(figure)
            previous = readings[-1] if readings else None
            readings.append(reading)
            if previous and is_convenience(sentence, previous.figure, figure):
                _as_convenience(reading, previous)
                cursor = figure.end
                continue
            place = Place(cursor, self._behind(figures, index), self._following(figures, index))
            bridge, subject, new = self.named_quarter(reading, readings, place, subject)
            reading.role, reading.direction, reading.sign = bridge.role, bridge.direction, bridge.sign
            subject, changed = self._placed(reading, previous, readings, place, subject, new)
            subjects += new or changed
            if reading.role == "aside":
                reading.role, reading.aside = "unknown", True
            elif reading.role != "unknown":
                reading.measure, reading.subject = subject, subjects
            reading.doubtful = self._doubtful(figure, place, reading.role)
            reading.cue = timing.cue(place, reading, previous)
            reading.phrase = timing.own_phrase(place, reading)
            cursor = (
                place.behind if place.taken or _PER.match(self.sentence.lower, figure.end) else figure.end
            )
        timing.settle(readings, context)
        return readings

    def named_quarter(
        self, reading: Reading, readings: list[Reading], place: Place, subject: Measure | None
    ) -> tuple[Bridge, Measure | None, bool]:
        """Return the figure's bridge and measure, and whether the measure is a new one of the sentence."""
        figure, previous = reading.figure, next((r for r in readings[-2::-1] if not r.aside), None)
        role_before = previous.role if previous and previous.measure else None
        labels = self.lexicon.find(self.sentence.masked, place.cursor, figure.start)
        gap = self.sentence.between(place.cursor, figure.start)
        per_share = None if labels else _per_share(figure, previous, gap)
        if per_share and previous:
            return Bridge(previous.role), per_share, True
        if labels:
            bridge, measure = self._labelled(labels, place.cursor, figure, role_before)
            if bridge.role == "base" and measure and subject and subject.metric == measure.metric:
                measure = replace(measure, segment=subject.segment)
            return bridge, measure, True
        trailing = self._trailing_label(figure, place)
        if trailing:
            bridge = _trailing_bridge(gap, previous)
            if bridge is UNKNOWN:
                return UNKNOWN, None, False
            place.behind, place.taken = trailing.end, True
            return bridge, trailing.measure, True
        if subject is None:
            return UNKNOWN, None, False
        bridge = _bare(gap, role_before)
        again = bridge.role == "base" and previous is not None and _another_change(figure, previous, gap)
        if again and previous and _COMPARED_NEXT.match(self.sentence.masked, place.behind):
            bridge = Bridge("growth", previous.direction)
        return bridge, _fitting(figure, bridge, subject, readings), False

    def _placed(
        self,
        reading: Reading,
        previous: Reading | None,
        readings: list[Reading],
        place: Place,
        subject: Measure | None,
        labelled: bool,
    ) -> tuple[Measure | None, bool]:
        """Settle a figure's role: shares, repetitions ("and 7.0%"), changes of a share.

        Returns the subject for the figures behind, and whether it is another one than before.
        """
        figure = reading.figure
        self._shared(reading, previous, readings, place, subject)
        if reading.role == "share" and previous and previous.role == "share" and not labelled:
            reading.share = reading.share or previous.share
        if reading.role == "alternative":
            change = previous is not None and previous.role == "growth" and previous.figure.kind == "amount"
            reading.role = "growth" if change and figure.kind == "percent" and previous else "aside"
            reading.direction = previous.direction if previous and reading.role == "growth" else 0
            return subject, False
        if reading.role in ("unknown", "again"):
            reading.role = "unknown"
            return None, False
        share = previous.share if previous and figure.kind == "points" and not labelled else None
        if share and reading.role == "growth":
            return Measure(share, None, "ratio"), True
        return subject, False

    def _shared(
        self,
        reading: Reading,
        previous: Reading | None,
        readings: list[Reading],
        place: Place,
        subject: Measure | None,
    ) -> None:
        """Settle what a percentage is a share of, and what a repetition repeats."""
        figure, after = reading.figure, self.sentence.masked[place.behind : place.following]
        if figure.kind == "percent" and _OF.match(after) and reading.role in ("level", "share", "again"):
            reading.role = "share"
            reading.share, length = self.lexicon.share(subject, after)
            place.behind, place.taken = place.behind + length, True
        elif reading.role == "share" and figure.kind == "percent":
            reading.role = "unknown"
        elif reading.role == "unknown" and figure.kind == "percent" and _OF.match(after):
            length = self.lexicon.share(None, after)[1]
            place.behind, place.taken = place.behind + length, bool(length)
        elif reading.role == "again" and previous:
            reading.role, reading.share = previous.role, previous.share
            reading.direction = reading.direction or previous.direction
        elif reading.role == "base" and figure.kind == "percent":
            reading.share = next((r.share for r in reversed(readings) if r.share), None)

    def names_a_measure(self, lower: str) -> bool:
        """Return whether a sentence (lower case) names any known measure; if not, none of its figures has a metric."""
        return self.lexicon.pattern.search(lower) is not None

    def names_a_business(self, sentence: str, *, understood: bool) -> bool:
        """Return whether the sentence read last, as printed, is about somebody's figures, and not the issuer's: "Retail's sales".

        `understood`: the measure of its first figure was.
        """
        if "onsolidated" in sentence:
            return False
        for owner in _OWNER.finditer(sentence):
            words = _NAME.findall(owner[1].lower())
            if not any(w in self.names or w in _NO_BUSINESS for w in words):
                return True
        label = self.lexicon.pattern.search(self.sentence.lower)
        lead = _ARTICLE.sub("", self.sentence.lower[: label.start()].strip()) if label else ""
        if _UNIT_WORD.sub("", lead) in self.businesses:
            return True
        if label and not understood:
            part = _PART.match(self.sentence.masked, label.end())
            if part and part[1] not in _NO_BUSINESS and part[1] not in self.names and not is_plain(part[1]):
                return True
        return (
            not understood and _NOUNS.fullmatch(lead) is not None and not label_may_follow(lead, self.names)
        )

    def names_the_group(self, sentence: str) -> bool:
        """Return whether a sentence says that it is about the group as a whole."""
        return _GROUP.search(sentence) is not None

    def forward_looking(self) -> bool:
        """Return whether the sentence read last speaks of the future."""
        return FORWARD.search(self.sentence.lower) is not None

    def _following(self, figures: list[Figure], index: int) -> int:
        """Return where the next figure starts, leaving out a convenience translation."""
        later = figures[index + 1 : index + 3]
        if later and is_convenience(self.sentence.text, figures[index], later[0]):
            later = later[1:]
        return later[0].start if later else len(self.sentence.text)

    def _behind(self, figures: list[Figure], index: int) -> int:
        """Return the position behind a figure, its convenience translation and its "per share"."""
        figure, text = figures[index], self.sentence.text
        position = figure.end
        if index + 1 < len(figures) and is_convenience(text, figure, figures[index + 1]):
            position = figures[index + 1].end
            close = _CLOSE.match(text, position)
            position = close.end() if close else position
        per = _PER.match(self.sentence.lower, position) if figure.per else None
        return per.end() if per else position

    def _trailing_label(self, figure: Figure, place: Place) -> Label | None:
        """Return the ratio named right behind a percentage: "5.3% gross margin"."""
        masked = self.sentence.masked
        if figure.kind != "percent":
            return None
        found = self.lexicon.find(masked, place.behind, min(place.following, place.behind + 60))
        if not found or found[0].measure.kind != "ratio" or masked[place.behind : found[0].start].strip():
            return None
        return None if _NOT_ITSELF.match(masked[found[0].end : place.following]) else found[0]

    def _labelled(
        self, labels: list[Label], cursor: int, figure: Figure, role_before: str | None
    ) -> tuple[Bridge, Measure | None]:
        """Return the bridge from the last measure before a figure, unless something stands in doubt."""
        masked, label = self.sentence.masked, labels[-1]
        lead = self.sentence.between(cursor, label.start)
        if len(labels) > 1:
            lead = masked[labels[-2].end : label.start]
            if _COORDINATED.fullmatch(lead):
                return UNKNOWN, None
        name = label.measure.metric or ""
        if not (name.startswith("normalized_") or label_may_follow(lead, self.names)):
            return UNKNOWN, None
        if _BOTH_BASES.search(masked[cursor : label.start]):
            return UNKNOWN, None
        if "adjusted_" not in name and self._another_basis():
            return UNKNOWN, None
        if _of_another(masked[label.start : label.end], self.names):
            return UNKNOWN, None
        words = masked[label.end : figure.start]
        bridge = read_bridge(words, labelled=True, previous=None)
        if bridge.role == "unknown" or words.count(")") > words.count("("):
            return UNKNOWN, None
        if bridge.role == "level":
            if not bridge.verb and self._gives_a_cause(label.start):
                return UNKNOWN, None
            listed = bool(cursor) and not bridge.verb and not _LONG_WORD.search(lead)
            compared = COMPARED.search(masked[: label.start] if listed else lead)
            if compared or read_bridge(lead, labelled=False, previous=role_before).role == "base":
                bridge = Bridge("base", bridge.direction, bridge.sign)
        return bridge, label.measure

    def _gives_a_cause(self, end: int) -> bool:
        """Return whether words before a measure make it a cause or a part ("attributable to" in a measure's name does not)."""
        masked = self.sentence.masked[:end]
        if CAUSE.search(masked) is None:
            return False
        for label in self.lexicon.find(masked):
            masked = masked[: label.start] + " " * (label.end - label.start) + masked[label.end :]
        return CAUSE.search(masked) is not None

    def _another_basis(self) -> bool:
        lower = self.sentence.lower
        return says(lower, _BASIS_PARTS) and BASIS.search(lower) is not None

    def _doubtful(self, figure: Figure, place: Place, role: str) -> bool:
        """Return whether words around a figure make it a bound, a range or part of something else."""
        masked = self.sentence.masked
        before, after = masked[place.cursor : figure.start], masked[place.behind : place.following]
        return (
            figure.doubtful
            or BOUND.search(before) is not None
            or _RANGE.match(masked[figure.end : figure.end + 20]) is not None
            or (role in ("level", "share") and _RANGE_GOES_ON.fullmatch(after) is not None)
            or before.rstrip(" ").endswith("-")
            or _NOT_ITSELF.match(after) is not None
            or INORGANIC.search(after.split(".")[0]) is not None
            or is_narrowed(after, share=figure.kind == "percent")
        )


def _of_another(label: str, names: frozenset[str]) -> bool:
    """Return whether "net income attributable to Acme Corporation" names a company that the headline does not."""
    _, tie, owner = label.partition(" attributable to ")
    own = [w for w in _NAME.findall(owner) if w not in _NO_NAME]
    return bool(tie and own and names) and not any(w in names for w in own)


def _as_convenience(reading: Reading, previous: Reading) -> None:
    """Let a convenience translation be what the amount before it is."""
    reading.convenience = True
    reading.measure, reading.role, reading.subject = previous.measure, previous.role, previous.subject
    reading.direction, reading.sign = previous.direction, previous.sign
    reading.doubtful, reading.phrase, reading.share = previous.doubtful, previous.phrase, previous.share
    if previous.figure.signed and not reading.figure.signed:
        reading.sign = -1


def _trailing_bridge(gap: str, previous: Reading | None) -> Bridge:
    if previous is None or previous.measure is None:
        return UNKNOWN
    words = set(_WORDS.findall(gap))
    if words <= {"or", "and", "a", "an", "with", "of", "at", "representing", "§"}:
        return Bridge("base" if previous.role == "base" else "level")
    if words <= {"compared", "with", "to", "a", "an", "from", "versus"}:
        return Bridge("base")
    return UNKNOWN


def _another_change(figure: Figure, previous: Reading, gap: str) -> bool:
    """Return whether an amount may be a second change: "fell $73 million from § and $113 million from §"."""
    changed = previous.role == "growth" and previous.figure.kind == "amount" == figure.kind
    return changed and gap.rstrip().endswith(" and")


def _bare(gap: str, role_before: str | None) -> Bridge:
    """Return the bridge to a figure that leans on the figure before it."""
    if role_before is None:
        return UNKNOWN
    bridge = read_bridge(gap, labelled=False, previous=role_before)
    if bridge.role == "level" and not bridge.direction and role_before == "base" and "to" not in gap.split():
        return UNKNOWN
    return UNKNOWN if bridge.role == "growth" and bridge.direction == 0 else bridge


def _per_share(figure: Figure, previous: Reading | None, gap: str) -> Measure | None:
    """Return the per-share measure of "net income was $9.3 million, or $0.47 per diluted share"."""
    if not figure.per or previous is None or previous.measure is None:
        return None
    if previous.role not in ("level", "base") or set(_WORDS.findall(gap)) - {"or", "and", "§"}:
        return None
    name = _PER_SHARE.get(previous.measure.metric or "")
    form = "basic" if "basic" in figure.per else "diluted" if "diluted" in figure.per else None
    loss = previous.sign < 0 or (previous.measure.loss and previous.sign == 0)
    if name is None or form is None:
        return Measure(None, None, "per_share", loss)
    unit = "ads" if figure.unit.endswith("ADS") else "share"
    return Measure(name.format(unit=unit, form=form), None, "per_share", loss)


def _fitting(figure: Figure, bridge: Bridge, subject: Measure, readings: list[Reading]) -> Measure:
    """Return the newest measure of the sentence that a bare figure can be a figure of."""
    ratio = figure.kind in ("percent", "points")
    if subject.kind == "per_share" and figure.kind == "amount" and figure.scale > 0:
        return next(
            (r.measure for r in reversed(readings) if r.measure and r.measure.kind == "amount"), subject
        )
    if bridge.role not in ("level", "base", "again") or ratio == (subject.kind == "ratio"):
        return subject
    found = (r.measure for r in reversed(readings) if r.measure and (r.measure.kind == "ratio") == ratio)
    return next(found, subject)
