"""Packs held against the catalogues: does what they name exist?

Belongs here: what can only be judged with concepts, KPIs and phrases at hand. Does not belong here: the shape of a pack
(config), which is judged first.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kc_pipeline import concepts, kpis
from kc_pipeline.anomalies import RuleError, Rules, cases, own_rule, rules
from kc_pipeline.config import Company, ConfigurationError, following, load_companies
from kc_pipeline.config.packs import file_of


def load_checked(path: Path) -> dict[str, Company]:
    """Read companies.toml (`path`) and the packs beside it, and hold them against the catalogues.

    Raises:
        ConfigurationError: with a line per fault.
    """
    companies = load_companies(path)
    found = faults(companies, path)
    if found:
        raise ConfigurationError("\n".join(found))
    return companies


def faults(companies: Mapping[str, Company], path: Path, only: Iterable[str] | None = None) -> list[str]:
    """Return a line per fault: file, key, what is wrong and what to do; `only`: the companies that are asked for."""
    with following(companies.values()):
        try:
            known = concepts.catalogue()
            declared = kpis.catalogue()
        except ConfigurationError as error:
            return str(error).splitlines()
    names = {
        *known.concepts,
        *declared.kpis,
        *(alias for k in declared.kpis.values() for alias in k.stated_as),
    }
    out = []
    wanted = set(companies if only is None else only)
    for company in companies.values():
        if company.id in wanted:
            out += [
                f"{file_of(path, company.id, key.partition('.')[0])}: {key}: {said}"
                for key, said in _of(company, known, set(declared.kpis), names)
            ]
    return out


def _of(
    company: Company, known: concepts.Catalogue, kpi_names: set[str], names: set[str]
) -> Iterator[tuple[str, str]]:
    segments = {s.id for s in company.segments} | {s for _, s in known.segments}

    def measure(key: str, text: str, there: set[str]) -> Iterator[tuple[str, str]]:
        concept, _, segment = text.partition("/")
        if concept not in there:
            yield key, f"there is no measure {concept!r}{_near(concept, there)}"
        if segment and segment not in segments:
            yield key, f"{segment!r} is no segment of the pack{_near(segment, segments)}"

    for i, s in enumerate(company.synonyms):
        yield from measure(f"synonyms.{i}.concept", s.concept, set(known.concepts))
        if s.segment and s.segment not in segments:
            yield (
                f"synonyms.{i}.segment",
                f"{s.segment!r} is no segment of the pack{_near(s.segment, segments)}",
            )
    parties = {c.id for c in company.counterparties}
    for i, c in enumerate(company.concepts):
        if c.means is not None:
            yield from measure(f"concepts.{i}.means", c.means, set(known.concepts))
        if c.counterparty is not None and c.counterparty not in parties:
            yield (
                f"concepts.{i}.counterparty",
                f"{c.counterparty!r} is no counterparty of the pack{_near(c.counterparty, parties)}",
            )
    for i, d in enumerate(company.definitions):
        yield from measure(f"definitions.{i}.measure", d.measure, names)
    for i, b in enumerate(company.breaks):
        for text in b.measures:
            yield from measure(f"breaks.{i}.measures", text, names)
    for i, p in enumerate(company.phrases):
        for field, metric in (("metric", p.metric), ("adjusted", p.adjusted), ("normalized", p.normalized)):
            if metric and "{party}" not in metric:
                yield from measure(f"phrases.{i}.{field}", metric, names)
    for i, share in enumerate(company.shares):
        yield from measure(f"shares.{i}.subject", share.subject, names)
        yield from measure(f"shares.{i}.metric", share.metric, names)
    yield from _rules_of(company)
    shown = [(f"headlines.{i}.kpi", h.kpi) for i, h in enumerate(company.headlines)]
    shown += [("table", kpi) for kpi in company.table]
    for key, kpi in shown:
        if kpi not in kpi_names:
            yield key, f"there is no KPI {kpi!r}{_near(kpi, kpi_names)}"


def _rules_of(company: Company) -> Iterator[tuple[str, str]]:
    for name, sizes in company.severities.items():
        rule = next((r for r in rules().rule if r.name == name), None)
        if rule is None:
            yield (
                f"severities.{name}",
                f"there is no rule {name!r}{_near(name, {r.name for r in rules().rule})}",
            )
        elif not rule.rises(sizes):
            yield f"severities.{name}", "thresholds must rise from low to critical; correct them"
    for i, entry in enumerate(company.rules):
        try:
            cases(Rules(season=rules().season, rule=(own_rule(entry),)))
        except RuleError as error:
            yield f"rules.{i}", f"{error}; correct it"


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]}?" if near else "; correct it, or declare it in the pack"
