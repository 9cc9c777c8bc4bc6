"""The rule catalogue: declared in rules.toml, checked here against the KPI catalogue."""

import hashlib
import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from kc_pipeline.kpis import catalogue

SEVERITIES = ("info", "low", "medium", "high", "critical")

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


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


class Rule(_Declared):
    """One rule: which KPIs it judges, against what, and how large a finding must be for each severity."""

    name: Name
    kind: Literal["ratio_falls", "amount_declines", "turns_negative"]
    comparison: Literal["qoq", "yoy"]
    theme: Name
    description: str
    severity: dict[Literal["low", "medium", "high", "critical"], float]
    metrics: dict[Name, str]
    counterpart: dict[Name, Name] = {}
    season: dict[Name, Name] = {}

    @model_validator(mode="after")
    def _consistent(self) -> "Rule":
        sizes = [self.severity[s] for s in ("low", "medium", "high", "critical")]
        if sizes != sorted(sizes) or sizes[0] < 0:
            raise ValueError(f"{self.name}: thresholds must rise from low to critical")
        if set(self.counterpart) - set(self.metrics) or set(self.season) - set(self.metrics):
            raise ValueError(
                f"{self.name}: counterpart or season names a metric that the rule does not judge"
            )
        return self

    def judged(self, metric: str) -> str:
        """Return the KPI that holds the judged change of a metric (turns_negative: the metric itself)."""
        if self.kind == "ratio_falls":
            return f"{metric}_change_{self.comparison}"
        return f"{metric}_growth_{self.comparison}" if self.kind == "amount_declines" else metric

    def seasonal(self, metric: str) -> str | None:
        """Return the KPI whose earlier same-quarter values judge the season; None for a year-on-year rule."""
        if self.comparison == "yoy":
            return None
        return f"{self.season[metric]}_change_qoq" if self.kind == "turns_negative" else self.judged(metric)


class Rules(_Declared):
    """All rules with the common rule of seasonality."""

    season: Season
    rule: tuple[Rule, ...]


def parse(text: str) -> Rules:
    """Read a rule catalogue from TOML text.

    Raises:
        RuleError: where a rule is malformed, declared twice, or judges a KPI that is not declared.
    """
    try:
        rules = Rules.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise RuleError(f"anomaly rules: {error}") from error
    known = catalogue().kpis
    seen: set[str] = set()
    for rule in rules.rule:
        if rule.name in seen:
            raise RuleError(f"rule {rule.name} is declared twice")
        seen.add(rule.name)
        for metric in rule.metrics:
            if rule.kind == "turns_negative" and metric not in rule.season:
                raise RuleError(f"rule {rule.name}: {metric} has no season")
            used = [rule.judged(metric), rule.seasonal(metric), rule.counterpart.get(metric)]
            missing = [k for k in used if k is not None and k not in known]
            if missing:
                raise RuleError(f"rule {rule.name}: {metric} needs {missing[0]}, which is no declared KPI")
    return rules


@cache
def rules() -> Rules:
    """Return the rule catalogue of this version."""
    return parse(files("kc_pipeline.anomalies").joinpath("rules.toml").read_text(encoding="utf-8"))


def rule_version() -> str:
    """Return a hash of the rules and of the code that judges by them (12 hexadecimal digits)."""
    digest = hashlib.sha256()
    room = files("kc_pipeline.anomalies")
    for name in sorted(p.name for p in room.iterdir() if p.name.endswith((".py", ".toml"))):
        digest.update(name.encode() + b"\0" + room.joinpath(name).read_bytes() + b"\0")
    return digest.hexdigest()[:12]
