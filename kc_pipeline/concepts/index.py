"""The catalogue's phrases and a company's own labels, ready for lookup.

Belongs here: the index and its cache. Does not belong here: which phrase wins (mapper.py).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from kc_pipeline.concepts.catalogue import Catalogue, Concept, Phrase, catalogue
from kc_pipeline.concepts.labels import normalise

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
    """A company's own label: `concept` None means a segment's name, under which any measure may stand."""

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

    def __init__(self, declared: Catalogue, synonyms: Sequence[SynonymLike]) -> None:
        self.exact: dict[str, list[Rule]] = {}
        self.patterns: list[Rule] = []
        self.totals: dict[str, Concept] = {}
        self.residuals: dict[str, Concept] = {
            c.residual_of: c for c in declared.concepts.values() if c.residual_of
        }
        self.own: dict[str, list[SynonymLike]] = {}
        self.cache: dict[LookupKey, Mapping] = {}
        for c in declared.concepts.values():
            for heading in c.totals:
                self.totals[normalise(heading)] = c
            for phrase in c.phrases:
                self._add(c, phrase)
        self.words = declared.heading_words
        self.plain: dict[str, bool] = {}
        self.segments: dict[str, str] = {normalise(label): s for label, s in declared.segments}
        for s in synonyms:
            if s.concept is None:
                if s.segment:
                    self.segments[normalise(s.label)] = s.segment
            else:
                self.own.setdefault(normalise(s.label), []).append(s)

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

    def _add(self, c: Concept, phrase: Phrase) -> None:
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
            self.exact.setdefault(normalise(phrase.text), []).append(rule)


@lru_cache(maxsize=64)
def _index(synonyms: tuple[tuple[str, str | None, str | None, str | None], ...]) -> Index:
    return Index(catalogue(), [Synonym(*s) for s in synonyms])


def index_for(synonyms: Iterable[SynonymLike]) -> Index:
    """Return the index for a company's synonyms; the same synonyms give the same index and its cache."""
    return _index(tuple((s.label, s.concept, s.segment, s.statement) for s in synonyms))
