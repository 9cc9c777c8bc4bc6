"""The phrase lexicon: which measure a phrase of earnings prose names (the data is `lexicon.toml`)."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from kc_pipeline.concepts import catalogue
from kc_pipeline.config.declarations import Declared, PhraseEntry, ShareEntry
from kc_pipeline.config.followed import Followed, followed

_COMPANY = r"(?:[a-z0-9.,&'-]+\s+){0,5}(?:limited|inc\.?|corporation|corp\.?|company|plc|holdings|ltd\.?|group)(?![a-z])"
_NEVER = r"(?!)"
_ADJUSTED = r"(?:(?P<normalized>normalized)\s+)?(?P<adjusted>(?:adjusted|non-?\s?gaap)\s+)?"


@dataclass(frozen=True, slots=True)
class Measure:
    """What a phrase names. `metric` None: a known measure that is none of ours.

    `loss` says that the phrase itself says loss; `kind` is amount, ratio, per_share or count; `unit` is what a
    count counts, or ADS where an amount is one per ADS.
    """

    metric: str | None
    segment: str | None = None
    kind: str = "amount"
    loss: bool = False
    instant: bool = False
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A measure named in a text, at [start, end)."""

    start: int
    end: int
    measure: Measure


@dataclass(frozen=True, slots=True)
class _Entry:
    names: tuple[str | None, str | None, str | None]
    kind: str
    loss: bool
    instant: bool
    segments: bool
    unit: str | None


@dataclass(frozen=True, slots=True)
class _Segment:
    name: str
    only: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The compiled lexicon."""

    pattern: re.Pattern[str]
    entries: dict[str, _Entry]
    shares: dict[tuple[str, str], str]
    objects: re.Pattern[str]
    segments: dict[str, _Segment]
    named: tuple[tuple[re.Pattern[str], _Entry], ...]

    def find(self, text: str, start: int = 0, end: int | None = None) -> list[Label]:
        """Return the measures named in text[start:end] (lower case), in order, longest phrase first."""
        out = []
        for match in self.pattern.finditer(text, start, len(text) if end is None else end):
            base = " ".join(match["base"].split())
            entry = self._entry(base)
            name = entry.names[2 if match["normalized"] else 1 if match["adjusted"] else 0]
            segment = self._segment(match, name, entry)
            if segment is not None and entry.kind == "ratio":
                name, segment = f"{segment}_{name}" if name else None, None
            elif segment == "":
                name, segment = None, None
            unit = "ADS" if base.endswith("per ads") else entry.unit
            measure = Measure(name, segment if name else None, entry.kind, entry.loss, entry.instant, unit)
            out.append(Label(match.start(), match.end(), measure))
        return out

    def _entry(self, base: str) -> _Entry:
        found = self.entries.get(base)
        return found or next(entry for pattern, entry in self.named if pattern.fullmatch(base))

    def _segment(self, match: re.Match[str], name: str | None, entry: _Entry) -> str | None:
        """Return the segment joined to a phrase, None for the group, "" where it does not go together."""
        printed = match["before"] or match["behind"]
        if not printed:
            return None
        segment = self.segments[" ".join(printed.split())]
        both = bool(match["before"]) and bool(match["behind"])
        fits = (
            entry.segments and not both and (not segment.only or (name in segment.only and match["before"]))
        )
        return segment.name if fits else ""

    def share(self, subject: Measure | None, text: str) -> tuple[str | None, int]:
        """Return the KPI of a subject's share of what the text opens with, and where that phrase ends.

        The KPI is None if it is not a known one, the end 0 if the whole is not understood.
        """
        match = self.objects.match(text)
        if not match:
            return None, 0
        if subject is None or not subject.metric:
            return None, match.end()
        whole = self.segments[" ".join(match["segment"].split())].name if match["segment"] else "revenues"
        name = subject.metric + (f"/{subject.segment}" if subject.segment else "")
        return self.shares.get((name, whole)), match.end()


class _SegmentEntry(Declared):
    name: str
    phrases: tuple[str, ...]
    only: tuple[str, ...] = ()


class _File(Declared):
    measure: tuple[PhraseEntry, ...]
    segment: tuple[_SegmentEntry, ...]
    share: tuple[ShareEntry, ...]


@cache
def _general() -> _File:
    return _File.model_validate(tomllib.loads((files(__package__) / "lexicon.toml").read_text("utf-8")))


def lexicon() -> Lexicon:
    """Return the general lexicon with the phrases of the companies that are followed here, compiled once."""
    return _compiled(followed())


@lru_cache(maxsize=16)
def _compiled(those: Followed) -> Lexicon:
    data = _general()
    entries: dict[str, _Entry] = {}
    for measure in _declared((*data.measure, *(p for c in those.companies for p in c.phrases))):
        for phrases, loss in ((measure.phrases, False), (measure.losses, True)):
            for phrase in phrases:
                entries[phrase] = _Entry(
                    (measure.metric, measure.adjusted, measure.normalized),
                    measure.kind,
                    loss,
                    measure.instant,
                    measure.segments,
                    measure.unit,
                )
    segments = {p: _Segment(s.name, s.only) for s in data.segment for p in s.phrases}
    segments.update((p, _Segment(s.id, ())) for c in those.companies for s in c.segments for p in s.phrases)
    named = _alternatives(phrase for phrase, segment in segments.items() if not segment.only) or _NEVER
    pattern = re.compile(
        rf"(?<![\w&-]){_ADJUSTED}(?:(?P<before>{_alternatives(segments)})\s+)?(?P<base>{_alternatives(entries)})"
        rf"(?:\s+(?:from|of)\s+(?:our\s+|the\s+)?(?P<behind>{named})(?:\s+revenues?)?)?(?![\w&]|-\w)"
    )
    objects = re.compile(
        r"\s*of\s+(?:our\s+|the\s+|its\s+|total\s+|company's\s+|net\s+)*"
        rf"(?:(?:revenues?\s+(?:from|of)\s+)?(?P<segment>{named})(?:\s+revenues?)?|(?:revenues?|sales)(?!\s+(?:from|of|for)))"
        r"\s*(?=$|[,.;:)…]|and\b|in\b|for\b|this\b|compared\b|§|†|‡|up\b|increas|as\b|while\b|which\b|\")"
    )
    every_share = (*data.share, *(s for c in those.companies for s in c.shares))
    shares = {(s.subject, s.object): s.metric for s in every_share}
    shares.update(
        ((f"revenues/{s.id}", "revenues"), f"{s.id}_share")
        for c in those.companies
        for s in c.segments
        if s.phrases
    )
    by_name = ((p, entry) for p, entry in entries.items() if "{" in p)
    named_patterns = tuple((re.compile(_alternatives([p])), entry) for p, entry in by_name)
    return Lexicon(pattern, entries, shares, objects, segments, named_patterns)


def _declared(measures: Iterable[PhraseEntry]) -> Iterable[PhraseEntry]:
    """Yield the measures; one of a `{party}` once for every party that the catalogue has such a concept for."""
    for measure in measures:
        metric = measure.metric or ""
        if "{party}" not in metric:
            yield measure
            continue
        name = re.compile(re.escape(metric).replace(r"\{party\}", "(?P<party>[a-z0-9_]+)"))
        for concept in catalogue().concepts:
            match = name.fullmatch(concept)
            if match:
                party = match["party"].replace("_", " ")
                phrases = tuple(phrase.replace("{party}", party) for phrase in measure.phrases)
                yield measure.model_copy(update={"metric": concept, "phrases": phrases})


def _alternatives(phrases: Iterable[str]) -> str:
    """Return an alternation, longest phrase first, branched by first letter (so that a miss is quick)."""
    branches: dict[str, list[str]] = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        pattern = re.escape(phrase[1:]).replace(r"\ ", r"\s+").replace(r"\{company\}", _COMPANY)
        branches.setdefault(phrase[0], []).append(pattern)
    return "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in branches.items())
