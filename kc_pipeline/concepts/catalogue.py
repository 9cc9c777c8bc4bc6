"""The catalogue of concepts: loaded from catalogue.toml, completed by packs, validated, cached.

Belongs here: the shape of a concept and lookups. Does not belong here: matching of labels (mapper.py).
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from kc_pipeline.config.companies import Company, ConfigurationError
from kc_pipeline.config.declarations import (
    Balance,
    ConceptEntry,
    CountedIn,
    Declared,
    Element,
    InstantOrDuration,
    Name,
    Positive,
)
from kc_pipeline.config.followed import Followed, followed

Statement = Literal["balance_sheet", "income", "cash_flow", "reconciliation", "operating", "note", "ratio"]
Basis = Literal["gaap", "non_gaap", "operating"]

_FILE = Path(__file__).with_name("catalogue.toml")
_TAG = re.compile(r"\s@([a-z_]+)")


class Kind(Declared):
    """What the concepts of one kind share; a concept may override any of it."""

    statement: Statement
    balance: Balance | None = None
    period: InstantOrDuration = "duration"
    basis: Basis = "gaap"
    positive: Positive = "amount"
    measure: CountedIn = "money"
    nonnegative: bool = False
    parent: Name | None = None
    weight: Literal[1, -1] = 1
    blocks: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One declared label: its text, or a pattern over normalised labels, and where it counts."""

    text: str
    is_pattern: bool
    blocks: frozenset[str]
    segment: str | None
    seq: int


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept of the catalogue.

    `positive` says what a positive value means; `nonnegative` that it is practically never below zero, so
    that a printed negative is a manner of printing; `stem` names growth metrics (`also_stems` are other names
    for it that occur), `share` the metric of its share in its whole; `elements` are the elements, of us-gaap or an
    issuer's own, under which issuers tag the same row; `totals` the headings whose unlabelled total it is;
    `residual_of` the total above whose row `Others` stands for it; `additive` that its values of consecutive periods
    add up to the whole period's: a flow of money that is neither an average nor taken from where its period begins;
    `means` and `counterparty` that it is the name of a concept's figure with one counterparty, in labels and prose;
    `own` that a pack declares it, so that its phrases count for that company alone.
    """

    name: Name
    kind: Name
    element: Element | None
    label: str
    statement: Statement
    balance: Balance | None
    period_type: InstantOrDuration
    basis: Basis
    positive: Positive
    measure: CountedIn
    nonnegative: bool
    parent: Name | None
    weight: Literal[1, -1]
    description: str
    stem: Name
    also_stems: tuple[str, ...]
    share: Name | None
    elements: frozenset[str]
    phrases: tuple[Phrase, ...]
    totals: tuple[str, ...] = ()
    residual_of: Name | None = None
    additive: bool = False
    own: bool = False
    means: Name | None = None
    counterparty: Name | None = None


class _SegmentRow(Declared):
    id: Name
    labels: str


class _File(Declared):
    kind: dict[str, Kind]
    heading_words: str
    segment: tuple[_SegmentRow, ...]
    concept: tuple[ConceptEntry, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All concepts, with lookups. `segments` are general names, `segment_ids` with those of the companies followed."""

    concepts: dict[str, Concept]
    segments: tuple[tuple[str, str], ...]
    heading_words: frozenset[str]
    segment_ids: frozenset[str]
    kinds: dict[str, Kind]

    def __contains__(self, name: object) -> bool:
        return name in self.concepts

    def get(self, name: str) -> Concept | None:
        """Return the concept of that name, or None."""
        return self.concepts.get(name)

    def children(self, parent: str) -> list[Concept]:
        """Return the addends of a concept in the calculation tree, in declared order; each has its weight."""
        return [c for c in self.concepts.values() if c.parent == parent]

    def rows_for_core_concepts(self) -> list[dict[str, Any]]:
        """Return one dict per concept with the columns of `core.concepts`, in declared order."""
        return [
            {
                "concept": c.name,
                "element": c.element,
                "label": c.label,
                "statement": c.statement,
                "balance": c.balance,
                "period_type": c.period_type,
                "basis": c.basis,
                "positive": c.positive,
                "parent": c.parent,
                "weight": c.weight if c.parent else None,
                "additive": c.additive,
                "nonnegative": c.nonnegative,
                "description": c.description,
            }
            for c in self.concepts.values()
        ]


def _phrases(text: str, default: frozenset[str]) -> tuple[Phrase, ...]:
    out = []
    for seq, line in enumerate(x.strip() for x in text.strip().splitlines()):
        if not line or line.startswith("#"):
            continue
        tags: list[str] = []
        body = line
        if " @" in line:
            tags = _TAG.findall(line)
            body = _TAG.sub("", line).strip()
        segment = next((t[8:] for t in tags if t.startswith("segment_")), None)
        blocks = frozenset(t for t in tags if not t.startswith("segment_"))
        if "any" in blocks:
            blocks = frozenset()
        elif not blocks:
            blocks = default
        pattern = body.startswith("~")
        out.append(
            Phrase(
                text=body[1:].strip() if pattern else body,
                is_pattern=pattern,
                blocks=blocks,
                segment=segment,
                seq=seq,
            )
        )
    return tuple(out)


def _concept(row: ConceptEntry, kind: Kind, own: bool = False) -> Concept:
    phrases = _phrases(row.labels, frozenset((kind.blocks if row.blocks is None else row.blocks).split()))
    first = next((p.text for p in phrases if not p.is_pattern), None)
    parent = kind.parent if row.parent is None else (row.parent or None)
    return Concept(
        name=row.name,
        kind=row.kind,
        element=row.element,
        label=row.label or first or row.name.replace("_", " ").capitalize(),
        statement=kind.statement,
        balance=row.balance or kind.balance,
        period_type=row.period or kind.period,
        basis=kind.basis,
        positive=row.positive or kind.positive,
        measure=row.measure or kind.measure,
        nonnegative=kind.nonnegative if row.nonnegative is None else row.nonnegative,
        parent=parent,
        weight=row.weight or kind.weight,
        description=row.description,
        stem=row.stem or row.name,
        also_stems=tuple(row.also_stems.split()),
        share=row.share,
        elements=frozenset(row.elements.split()) | ({row.element} if row.element else set()),
        phrases=phrases,
        totals=tuple(x.strip() for x in row.totals.split("|") if x.strip()),
        residual_of=row.residual_of,
        additive=row.additive
        and (row.period or kind.period) == "duration"
        and (row.measure or kind.measure) == "money",
        own=own,
        means=row.means,
        counterparty=row.counterparty,
    )


def _check_parents(c: Concept, concepts: dict[str, Concept]) -> None:
    """Walk from a concept to the top of the tree; an instant is no addend of a flow, nor the other way round."""
    seen = {c.name}
    node = c
    while node.parent is not None:
        if node.parent in seen:
            raise ValueError(f"concept {c.name}: its parents form a circle at {node.parent}")
        seen.add(node.parent)
        above = concepts.get(node.parent)
        if above is None:
            raise ValueError(f"concept {node.name}: its parent {node.parent} is not declared")
        if above.period_type != node.period_type:
            raise ValueError(f"concept {node.name} is {node.period_type}, its parent {above.name} is not")
        if above.measure != node.measure:
            raise ValueError(f"concept {node.name} is {node.measure}, its parent {above.name} is not")
        node = above


def load_catalogue(text: str) -> Catalogue:
    """Read a catalogue from TOML.

    Raises:
        ValueError: if it is not TOML, or a concept is declared twice, has an unknown kind, field or parent, or its
            parents form a circle or mix instants with flows, or amounts with shares.
    """
    file = _File.model_validate(tomllib.loads(text))
    concepts: dict[str, Concept] = {}
    for row in file.concept:
        if row.name in concepts:
            raise ValueError(f"concept {row.name} is declared twice")
        if row.kind not in file.kind:
            raise ValueError(f"concept {row.name}: unknown kind {row.kind}")
        concepts[row.name] = _concept(row, file.kind[row.kind])
    _check(concepts.values(), concepts)
    segments = tuple(
        (label.strip(), s.id) for s in file.segment for label in s.labels.split("|") if label.strip()
    )
    return Catalogue(
        concepts=concepts,
        segments=segments,
        heading_words=frozenset(file.heading_words.split()),
        segment_ids=frozenset(s for _, s in segments),
        kinds=file.kind,
    )


def _check(those: Iterable[Concept], concepts: dict[str, Concept]) -> None:
    for c in those:
        if c.parent is not None and c.parent not in concepts:
            raise ValueError(f"concept {c.name}: its parent {c.parent} is not declared")
        _check_parents(c, concepts)
        if c.means is not None and (c.means not in concepts or concepts[c.means].means is not None):
            raise ValueError(f"concept {c.name}: what it means, {c.means}, is not declared")
        if c.residual_of is not None and c.residual_of not in concepts:
            raise ValueError(f"concept {c.name}: the total {c.residual_of} of its rest is not declared")


@lru_cache(maxsize=1)
def general() -> Catalogue:
    """Return the catalogue of what any company can report, read once per process."""
    return load_catalogue(_FILE.read_text(encoding="utf-8"))


def catalogue() -> Catalogue:
    """Return the general catalogue with what the packs of the companies followed here add to it.

    Raises:
        ConfigurationError: if a pack declares a concept that cannot be; see `complete`.
    """
    return catalogue_of(followed())


@lru_cache(maxsize=16)
def catalogue_of(those: Followed) -> Catalogue:
    """Return the general catalogue completed by the packs of these companies."""
    return complete(general(), those.companies)


def complete(declared: Catalogue, companies: Iterable[Company]) -> Catalogue:
    """Return a catalogue with the concepts and segments of these companies.

    Raises:
        ConfigurationError: with a line per fault, if a pack declares a general concept anew, one that another pack
            declares in another way, one of a kind that there is not, or one with an unknown parent.
    """
    concepts = dict(declared.concepts)
    segments = set(declared.segment_ids)
    faults: list[str] = []
    for company in companies:
        segments.update(s.id for s in company.segments)
        for row in company.concepts:
            place = f"company {company.id}: concepts: {row.name}"
            kind = declared.kinds.get(row.kind)
            if kind is None:
                known = ", ".join(sorted(declared.kinds))
                faults.append(f"{place}: there is no kind {row.kind!r}; there are: {known}")
                continue
            new = _concept(row, kind, own=True)
            old = concepts.get(row.name)
            if old is not None and not old.own:
                faults.append(
                    f"{place}: is a concept of the general catalogue; use it, or choose another name"
                )
            elif old is not None and replace(old, phrases=(), label="") != replace(new, phrases=(), label=""):
                faults.append(f"{place}: another pack declares it in another way; choose another name")
            concepts.setdefault(row.name, new)
        own = [concepts[row.name] for row in company.concepts if row.name in concepts]
        for c in own:
            try:
                _check((c,), concepts)
            except ValueError as error:
                faults.append(f"company {company.id}: concepts: {error}; correct it")
    if faults:
        raise ConfigurationError("\n".join(faults))
    return replace(declared, concepts=concepts, segment_ids=frozenset(segments))


def own_concepts(company: Company) -> tuple[Concept, ...]:
    """Return the concepts that a company's pack declares, with its phrases."""
    kinds = general().kinds
    return tuple(_concept(row, kinds[row.kind], own=True) for row in company.concepts)


def agrees(concept: str, element: str) -> bool:
    """Say whether a tagged element (`us-gaap:Revenues` or `Revenues`) is what the concept stands for."""
    c = catalogue().get(concept)
    return c is not None and element.rsplit(":", 1)[-1] in c.elements


@lru_cache(maxsize=1)
def mapping_version() -> str:
    """Return a hash of what decides mappings: the catalogue's content and the mapping code, 16 hex digits.

    The layout and the comments of the file do not count.
    """
    content = json.dumps(tomllib.loads(_FILE.read_text(encoding="utf-8")), sort_keys=True, ensure_ascii=True)
    digest = hashlib.sha256(content.encode())
    for module in (
        "labels.py",
        "languages.py",
        "blocks.py",
        "index.py",
        "match.py",
        "neighbours.py",
        "banks.py",
        "summaries.py",
        "totals.py",
        "mapper.py",
        "signs.py",
    ):
        digest.update(_FILE.with_name(module).read_bytes())
    return digest.hexdigest()[:16]
