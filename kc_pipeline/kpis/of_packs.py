"""The catalogue with what packs add: KPIs of a company's own, and the templates' KPIs for each of its members.

Does not belong here: what a catalogue is and how an entry expands (catalogue).
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from kc_pipeline import concepts
from kc_pipeline.config import Company, ConfigurationError
from kc_pipeline.config.declarations import AmountEntry, RatioEntry
from kc_pipeline.config.followed import Followed, followed
from kc_pipeline.kpis.catalogue import (
    Catalogue,
    CatalogueError,
    Declarations,
    Template,
    complete,
    expand,
    read,
    read_term,
    source_text,
    with_groups,
)


def catalogue() -> Catalogue:
    """Return the general KPIs with those that the packs of the companies followed here add.

    Raises:
        ConfigurationError: if a pack declares a KPI that cannot be; see `with_packs`.
    """
    return catalogue_of(followed())


@lru_cache(maxsize=16)
def catalogue_of(those: Followed) -> Catalogue:
    """Return the general KPIs with those of the packs of these companies."""
    return with_packs(source_text(), those)


def with_packs(text: str, those: Followed) -> Catalogue:
    """Return the catalogue in this TOML text with the KPIs of packs; a pack's KPI is `specific`.

    Raises:
        ConfigurationError: if a pack declares a KPI that the catalogue has, one that another pack declares in
            another way, or one whose terms are no concepts or no amounts.
    """
    declared, known = read(text), concepts.catalogue_of(those)
    every = _Entries(declared, known, those.companies)
    for company in those.companies:
        own: list[tuple[str, AmountEntry | RatioEntry]] = [("amounts", a) for a in company.amounts]
        own += [("ratios", r) for r in company.ratios]
        for key, entry in own:
            fault = every.add(entry)
            if fault is not None:
                raise ConfigurationError(f"company {company.id}: {key}: {entry.name}: {fault}")
    try:
        return every.expanded()
    except CatalogueError as error:
        raise ConfigurationError(f"KPIs of packs: {error}; correct it") from error


def per_member(declared: Declarations, companies: Iterable[Company]) -> list[AmountEntry | RatioEntry]:
    """Return the KPIs of a catalogue's templates for each segment and counterparty of these companies."""
    out: list[AmountEntry | RatioEntry] = []
    for company in companies:
        named = [s.id for s in company.segments if not s.rest]
        members = [(declared.per_rest if s.rest else declared.per_segment, s) for s in company.segments]
        for template, s in members:
            rest = {"#": f"#{company.id}"} if s.rest else {}
            values = {"{member}": s.stem or s.id, "{id}": s.id, "{name}": s.called} | rest
            if s.rest and not named:
                continue
            if s.part_of is not None:
                template = template.model_copy(update={"among": ()})
            out += _of_member(template, values, named)
        for c in company.counterparties:
            values = {"{member}": c.id, "{id}": c.id, "{name}": c.called}
            out += _of_member(declared.per_counterparty, values, [])
    return out


def _of_member(
    template: Template, values: dict[str, str], named: Sequence[str]
) -> list[AmountEntry | RatioEntry]:
    """Return a template's KPIs of one member; a term of `{named}` stands for one of each of these segments."""
    amounts = []
    for raw in template.amount:
        sums = [
            [t.replace("{named}", s) for t in terms for s in (named if "{named}" in t else [""])]
            for terms in raw["any_of"]
        ]
        amounts.append(
            AmountEntry.model_validate(filled({**raw, "any_of": sums}, values) | {"specific": True})
        )
    rows = (*template.ratio, *template.among)
    return [*amounts, *(RatioEntry.model_validate(filled(r, values) | {"specific": True}) for r in rows)]


def filled(raw: Any, values: dict[str, str]) -> Any:
    """Return something declared with its placeholders filled in."""
    if isinstance(raw, dict):
        return {k: filled(v, values) for k, v in raw.items()}
    if isinstance(raw, list | tuple):
        return tuple(filled(v, values) for v in raw)
    if isinstance(raw, str):
        for placeholder, value in values.items():
            raw = raw.replace(placeholder, value)
    return raw


class _Entries:
    """The declarations of a catalogue and of packs on their way to be one catalogue."""

    def __init__(
        self, declared: Declarations, known: concepts.Catalogue, companies: Iterable[Company] = ()
    ) -> None:
        own = {c.name for c in known.concepts.values() if c.own and c.period_type == "instant"}
        self.known, self.declared = known, declared
        self.instants = declared.instants | own
        self.amounts = {a.name: a for a in declared.amount}
        self.ratios = {r.name: r for r in declared.ratio}
        self.general = {*self.amounts, *self.ratios}
        for entry in per_member(declared, companies):
            self._add_per_member(entry)

    def _add_per_member(self, entry: AmountEntry | RatioEntry) -> None:
        """Add a KPI of a member; the sums of one that several companies have stand beside each other."""
        if entry.name in self.general:
            raise ConfigurationError(
                f"the KPI {entry.name} of a segment or counterparty is a general KPI; give that member another stem"
            )
        there: AmountEntry | RatioEntry | None = self.amounts.get(entry.name) or self.ratios.get(entry.name)
        if isinstance(entry, RatioEntry):
            if there is not None and not isinstance(there, RatioEntry):
                raise ConfigurationError(
                    f"the KPI {entry.name} is named by two members; give one another stem"
                )
            parts = tuple(dict.fromkeys((*there.parts, *entry.parts))) if there else entry.parts
            self.ratios[entry.name] = entry.model_copy(update={"parts": parts})
            return
        sums = dict.fromkeys(
            (*there.any_of, *entry.any_of) if isinstance(there, AmountEntry) else entry.any_of
        )
        dimensions = {bool(read_term(t).counterparty) for terms in sums for t in terms}
        if isinstance(there, RatioEntry) or len(dimensions) > 1:
            raise ConfigurationError(
                f"the KPI {entry.name} is named by a segment and by a counterparty; give one another stem"
            )
        self.amounts[entry.name] = entry.model_copy(update={"any_of": tuple(sums)})

    def add(self, entry: AmountEntry | RatioEntry) -> str | None:
        """Add a pack's KPI; say what is wrong with it where it cannot be."""
        entry = entry.model_copy(update={"specific": True})
        there: AmountEntry | RatioEntry | None = self.amounts.get(entry.name) or self.ratios.get(entry.name)
        if entry.name in self.general:
            return "is a general KPI; choose another name"
        if there is not None:
            same = there == entry
            return None if same else "another pack declares it in another way; choose another name"
        if isinstance(entry, AmountEntry):
            try:
                terms = [read_term(t).concept for terms in entry.any_of for t in terms]
            except CatalogueError as error:
                return str(error)
            unknown = next((t for t in terms if t not in self.known), None)
            if unknown is not None:
                return f"{unknown} is no concept; declare it under [[concepts]], or correct it"
            self.amounts[entry.name] = entry
            return None
        parts = (*entry.parts, entry.numerator or entry.denominator, entry.denominator)
        unknown = next((p for p in parts if p not in self.amounts), None)
        if unknown is not None:
            return f"{unknown} is no declared amount; declare it under [[amounts]], or correct it"
        self.ratios[entry.name] = entry
        return None

    def expanded(self) -> Catalogue:
        every = expand(self.instants, self.amounts.values(), self.ratios.values())
        return complete(with_groups(every, self.declared), self.known)
