"""The catalogue's phrases and a company's own labels, ready for lookup.

Belongs here: the index and its cache. Does not belong here: which phrase wins (mapper.py).
"""

import re
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from kc_pipeline.concepts.catalogue import Catalogue, Concept, Phrase, general, own_concepts
from kc_pipeline.concepts.labels import normalise
from kc_pipeline.config import Company
from kc_pipeline.config.companies import own_name

_STATEMENTS = frozenset(("balance_sheet", "income", "cash_flow", "reconciliation", "segment", "other"))
ALLOWED = {
    "income": frozenset(("income", "reconciliation")),
    "balance_sheet": frozenset(("balance_sheet",)),
    "cash_flow": frozenset(("cash_flow", "reconciliation")),
    "reconciliation": frozenset(("reconciliation", "income", "other", "segment")),
    "operating": _STATEMENTS,
    "note": frozenset(("other", "reconciliation")),
    "ratio": _STATEMENTS,
}
_IN_RECONCILIATION = frozenset(("cash_total", "noncash_expense", "outflow"))
_COMPANY = re.compile(r"\b(?:inc|corp|corporation|ltd|limited|holdings?|subsidiaries|plc)\b", re.I)
_OTHER_STATE = re.compile(r"^as (?:previously |originally )?reported$|^pro ?forma\b|^historical\b")


class SynonymLike(Protocol):
    """A company's own label: `concept` None means a segment's name, under which any measure may stand.

    Without a segment, too, it is a name that says nothing in a heading: the company's own, another party's.
    """

    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def concept(self) -> str | None: ...  # noqa: D102
    @property
    def segment(self) -> str | None: ...  # noqa: D102
    @property
    def statement(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Synonym:
    """A company's own label; see SynonymLike."""

    label: str
    concept: str | None = None
    segment: str | None = None
    statement: str | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """What a row means; all None where it is not known. `rule` names the rule that fired."""

    concept: str | None = None
    segment: str | None = None
    rule: str | None = None


LookupKey = tuple[str, frozenset[str], str, str, str, bool, bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """One phrase of one concept, and where it counts."""

    concept: Concept
    phrase: Phrase
    statements: frozenset[str]
    blocks: frozenset[str]
    pattern: re.Pattern[str] | None
    rule_id: str


class Index:
    """All rules by normalised label, segments' names, and the cache of answers."""

    def __init__(self, declared: Catalogue) -> None:
        self.exact: dict[str, list[Rule]] = {}
        self.patterns: list[Rule] = []
        self.totals: dict[str, Concept] = {}
        self.residuals: dict[str, Concept] = {}
        self.own: dict[str, list[SynonymLike]] = {}
        self.cache: dict[LookupKey, Mapping] = {}
        self.words = declared.heading_words
        self.plain: dict[str, bool] = {}
        self.segments: dict[str, str] = {normalise(label): s for label, s in declared.segments}
        self.concepts = declared.concepts
        for c in declared.concepts.values():
            self._add(c)

    def completed(self, synonyms: Iterable[SynonymLike], own: Iterable[Concept]) -> "Index":
        """Return an index with a company's labels, names and concepts beside these rules."""
        out = copy(self)
        out.exact = dict(self.exact)
        out.patterns = list(self.patterns)
        out.totals, out.residuals = dict(self.totals), dict(self.residuals)
        out.own, out.cache, out.plain = {}, {}, {}
        out.segments = dict(self.segments)
        for c in own:
            out._add(c)
        known = {**self.concepts, **{c.name: c for c in own}}
        names: list[str] = []
        for s in synonyms:
            if s.concept is not None:
                out.own.setdefault(normalise(s.label), []).append(s)
                if (
                    s.concept in known
                ):  # below a segment's name or a heading it counts as the catalogue's phrases do
                    blocks = frozenset((s.statement,) if s.statement else ())
                    out._add_phrase(known[s.concept], Phrase(s.label, False, blocks, s.segment, 0))
            elif s.segment:
                out.segments[normalise(s.label)] = s.segment
            else:
                names += normalise(s.label).split()
        out.words = self.words.union(names)
        return out

    def is_plain(self, heading: str) -> bool:
        """Say whether a heading has the words of statements only, so that it names no part of the group.

        `As previously reported` and `Pro forma` name another state of the group: not plain either.
        """
        known = self.plain.get(heading)
        if known is None:
            text = normalise(heading)
            known = all(w in self.words or w[0].isdigit() or len(w) == 1 for w in text.split())
            known = (known or bool(_COMPANY.search(heading))) and text not in self.segments
            known = known and not _OTHER_STATE.search(text)
            self.plain[heading] = known
        return known

    def _add(self, c: Concept) -> None:
        if c.residual_of:
            self.residuals[c.residual_of] = c
        for heading in c.totals:
            self.totals[normalise(heading)] = c
        for phrase in c.phrases:
            self._add_phrase(c, phrase)

    def _add_phrase(self, c: Concept, phrase: Phrase) -> None:
        named = phrase.blocks & _STATEMENTS
        allowed = ALLOWED[c.statement]
        if c.statement == "cash_flow" and c.kind not in _IN_RECONCILIATION:
            allowed = frozenset(("cash_flow",))
        rule = Rule(
            c,
            phrase,
            named or allowed,
            phrase.blocks - _STATEMENTS,
            re.compile(phrase.text) if phrase.is_pattern else None,
            f"{c.statement}/{c.name}/{'pattern' if phrase.is_pattern else 'label'}-{phrase.seq}",
        )
        if rule.pattern:
            self.patterns.append(rule)
        else:
            label = normalise(phrase.text)
            self.exact[label] = [*self.exact.get(label, ()), rule]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a company adds to the catalogue's labels: labels and names of its own, and concepts of its own."""

    synonyms: tuple[Synonym, ...] = ()
    concepts: tuple[Concept, ...] = ()


def vocabulary_of(company: Company) -> Vocabulary:
    """Return a company's own labels, names and concepts; a segment's label stands for any measure."""
    own = [Synonym(s.label, s.concept, s.segment, s.statement) for s in company.synonyms]
    segments = [Synonym(label, None, s.id) for s in company.segments for label in s.labels]
    names = [own_name(n) for n in (company.name, *company.aliases)]
    names += [label for c in company.counterparties for label in c.labels]
    return Vocabulary((*own, *segments, *(Synonym(n) for n in names if n)), own_concepts(company))


@lru_cache(maxsize=1)
def _general() -> Index:
    return Index(general())


@lru_cache(maxsize=64)
def _index(
    synonyms: tuple[tuple[str, str | None, str | None, str | None], ...], own: tuple[Concept, ...]
) -> Index:
    return _general().completed([Synonym(*s) for s in synonyms], own)


def index_for(synonyms: Iterable[SynonymLike], own: tuple[Concept, ...] = ()) -> Index:
    """Return the index for a company's synonyms and concepts; the same ones give the same index and its cache."""
    return _index(tuple((s.label, s.concept, s.segment, s.statement) for s in synonyms), own)
