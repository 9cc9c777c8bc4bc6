"""The rule catalogue: declared in rules.toml, checked here against the KPI catalogue and the detectors.

A rule asks one question of some KPIs by one detector; on each KPI it is a `Case`, a row of the table that the
detectors read. Does not belong here: how a detector judges (`detectors`), nor the words of a finding (`sentences`).
"""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kc_pipeline.anomalies.detectors import DETECTORS
from kc_pipeline.config import followed
from kc_pipeline.config.declarations import Grade, RuleEntry, SelectorEntry
from kc_pipeline.kpis import catalogue
from kc_pipeline.kpis.catalogue import Catalogue, Kpi

SEVERITIES = ("info", "low", "medium", "high", "critical")
GRADES: tuple[Grade, ...] = ("low", "medium", "high", "critical")
LAGS = {("quarter", "qoq"): 1, ("quarter", "yoy"): 4, ("year", "yoy"): 1}

SIGNS = {"down": -1, "up": 1, "either": 0}


class RuleError(Exception):
    """The rule catalogue contradicts itself or the KPI catalogue; the message names the rule."""


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Season(_Declared):
    """How the seasonality of a quarter-on-quarter change is judged; see the words in rules.toml."""

    least_history: int = Field(ge=1)
    share_alike: float = Field(ge=0, lt=1)
    size_alike: float = Field(gt=0, le=1)
    severity: Literal["info", "low", "medium", "high", "critical"]


class Rule(RuleEntry):
    """One rule: its question, the detector that answers it, which KPIs it judges, and the sizes of each severity."""

    @model_validator(mode="after")
    def _consistent(self) -> "Rule":
        if self.detector not in DETECTORS:
            raise ValueError(f"{self.name}: there is no detector {self.detector}")
        if not self.severity:
            raise ValueError(f"{self.name}: no threshold")
        if not self.rises(self.severity):
            raise ValueError(f"{self.name}: thresholds must rise from low to critical")
        return self

    def rises(self, sizes: Mapping[Grade, float]) -> bool:
        """Say whether thresholds of this rule rise from low to critical (fall, where they are limits from above)."""
        sign = -1 if self.direction == "down" and DETECTORS[self.detector].limits else 1
        rising = [sign * sizes[s] for s in GRADES if s in sizes]
        return rising == sorted(rising) and not (sign > 0 and rising and rising[0] < 0)


class Rules(_Declared):
    """All rules with the common rule of seasonality."""

    season: Season
    rule: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A rule on one KPI and one kind of period.

    `judged`: the KPI whose value is judged (a change, a growth, or the metric itself); `level`: the KPI that the
    sentence gives before and after; `seasonal`: the KPI whose same quarters of earlier years tell the season;
    `partner`: the KPI that it is held against. `lag` counts periods; `company`: the one
    whose pack declares the rule; `sizes`: the smallest size of each grade.
    """

    rule: Rule
    metric: str
    period_type: str
    judged: str
    level: str
    partner: str | None
    seasonal: str | None
    counterpart: str | None
    lag: int | None
    company: str | None = None

    @property
    def sizes(self) -> tuple[float | None, ...]:
        """The smallest size of low, medium, high, critical; None where the rule has no such grade."""
        return sizes(self.rule, self.rule.severity)


def sizes(
    rule: Rule, severity: dict[str, float] | dict[Literal["low", "medium", "high", "critical"], float]
) -> tuple[float | None, ...]:
    """Return thresholds as sizes that rise: a lower limit is turned around."""
    sign = -1 if rule.direction == "down" and DETECTORS[rule.detector].limits else 1
    found = {str(grade): sign * size for grade, size in severity.items()}
    return tuple(found.get(grade) for grade in GRADES)


def takes(selector: SelectorEntry, kpi: Kpi) -> bool:
    """Return whether a KPI is one of those that are selected."""
    return (
        kpi.group == selector.group
        and kpi.kind == selector.kind
        and kpi.name not in selector.but
        and selector.segments in (None, of_segment(kpi))
        and selector.specific in (None, kpi.specific)
    )


def of_segment(kpi: Kpi) -> bool:
    """Return whether a KPI is one segment's: all that its first alternative adds up has a segment."""
    if kpi.alternatives:
        return all(term.segment is not None for term in kpi.alternatives[0])
    return bool(kpi.inputs) and "/" in kpi.inputs[0]


def compared(cat: Catalogue, metric: str, comparison: str) -> str | None:
    """Return the KPI that is a metric's change (of a ratio) or growth (of an amount); None where none is declared."""
    kind = "change" if cat.kpis[metric].kind == "ratio" else "growth"
    for kpi in cat.kpis.values():
        if kpi.kind == kind and kpi.of == metric and not kpi.of_loss and kpi.name.endswith(f"_{comparison}"):
            return kpi.name
    return None


def _season_of(cat: Catalogue, metric: str, judged: str, comparison: str | None) -> str | None:
    """The KPI by which the season is judged: the change itself; for an amount that of its share in revenues."""
    if comparison != "qoq":
        return None
    if cat.kpis[judged].kind in ("change", "growth"):
        return judged
    for kpi in cat.kpis.values():
        if kpi.kind == "ratio" and kpi.of == metric and kpi.over == "revenue" and not kpi.parts:
            return compared(cat, kpi.name, "qoq")
    return None


def _cases(rule: Rule, cat: Catalogue) -> list[Case]:
    detector = DETECTORS[rule.detector]
    out = []
    for wanted in rule.metrics:
        chosen = isinstance(wanted, SelectorEntry)
        names = (
            [k.name for k in cat.kpis.values() if takes(wanted, k)]
            if isinstance(wanted, SelectorEntry)
            else [wanted]
        )
        for metric in names:
            _known(cat, rule, metric)
            judged = metric if detector.judges == "level" else compared(cat, metric, rule.comparison or "yoy")
            if judged is None:
                if chosen:
                    continue
                raise RuleError(
                    f"rule {rule.name}: {metric} has no {rule.comparison} comparison that is declared"
                )
            partner = rule.partner
            if partner is not None:
                _known(cat, rule, partner)
                partner = (
                    partner
                    if detector.judges == "level"
                    else compared(cat, partner, rule.comparison or "yoy")
                )
                if partner is None:
                    raise RuleError(
                        f"rule {rule.name}: {rule.partner} has no {rule.comparison} comparison that is declared"
                    )
            counterpart = rule.counterpart.get(metric)
            if counterpart is not None:
                _known(cat, rule, counterpart)
                counterpart = compared(cat, counterpart, rule.comparison or "yoy")
            for period_type in rule.periods:
                lag = LAGS.get((period_type, rule.comparison or "yoy"))
                if lag is None or period_type not in cat.kpis[judged].period_types:
                    continue
                seasonal = _season_of(cat, metric, judged, rule.comparison) if detector.seasonal else None
                out.append(
                    Case(rule, metric, period_type, judged, metric, partner, seasonal, counterpart, lag)
                )
    return out


def _known(cat: Catalogue, rule: Rule, kpi: str) -> None:
    if kpi not in cat.kpis:
        raise RuleError(f"rule {rule.name} needs {kpi}, which is no declared KPI")


def cases(declared: Rules | None = None, cat: Catalogue | None = None) -> tuple[Case, ...]:
    """Return every rule on every KPI that it judges: of `declared`, else of this version and of the packs followed.

    Raises:
        RuleError: where a rule needs a KPI that is not declared, or a pack's rule is none that can be.
    """
    cat = cat or catalogue()
    if declared is not None:
        return tuple(case for rule in declared.rule for case in _checked(rule, cat))
    general = cases(rules(), cat)
    own = [
        replace(case, company=company.id)
        for company in followed().companies
        for entry in company.rules
        for case in _checked(own_rule(entry), cat)
    ]
    return (*general, *own)


def own_rule(entry: RuleEntry) -> Rule:
    """Return a pack's rule, checked.

    Raises:
        RuleError: where it has the name of a general rule, or contradicts itself.
    """
    if entry.name in {rule.name for rule in rules().rule}:
        raise RuleError(f"rule {entry.name} is a general one; choose another name")
    try:
        return Rule.model_validate(entry.model_dump())
    except ValidationError as error:
        raise RuleError(f"rule {entry.name}: {error.errors()[0]['msg']}") from error


def _checked(rule: Rule, cat: Catalogue) -> list[Case]:
    unknown = {m.group for m in rule.metrics if isinstance(m, SelectorEntry)} - cat.groups
    if unknown:
        raise RuleError(f"rule {rule.name}: no KPI is of the group {min(unknown)}")
    return _cases(rule, cat)


def parse(text: str) -> Rules:
    """Read a rule catalogue from TOML text.

    Raises:
        RuleError: where a rule is malformed, declared twice, or judges a KPI that is not declared.
    """
    try:
        found = Rules.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise RuleError(f"anomaly rules: {error}") from error
    _once(rule.name for rule in found.rule)
    cases(found)
    return found


def _once(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise RuleError(f"rule {name} is declared twice")
        seen.add(name)


@cache
def rules() -> Rules:
    """Return the rule catalogue of this version."""
    return parse(files("kc_pipeline.anomalies").joinpath("rules.toml").read_text(encoding="utf-8"))


def _sources(room: Traversable, prefix: str = "") -> list[tuple[str, Traversable]]:
    out = []
    for path in room.iterdir():
        if path.is_dir():
            out += _sources(path, f"{prefix}{path.name}/")
        elif path.name.endswith((".py", ".toml")):
            out.append((prefix + path.name, path))
    return sorted(out, key=lambda item: item[0])


def rule_version() -> str:
    """Return a hash of the rules and of the code that judges by them (12 hexadecimal digits)."""
    digest = hashlib.sha256()
    for name, path in _sources(files("kc_pipeline.anomalies")):
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
