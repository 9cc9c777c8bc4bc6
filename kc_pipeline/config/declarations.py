"""The shape of what catalogues and packs declare alike: concepts, KPIs, phrases of prose.

Belongs here: keys and their types. Does not belong here: what a declaration does (the rooms concepts, kpis and
extraction), the general declarations themselves (the catalogues of those rooms).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Element = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$")]
Balance = Literal["debit", "credit"]
InstantOrDuration = Literal["instant", "duration"]
Positive = Literal[
    "asset",
    "liability",
    "equity",
    "revenue",
    "expense",
    "income",
    "gain",
    "inflow",
    "outflow",
    "cash",
    "amount",
]
CountedIn = Literal["money", "per_share", "per_ads", "shares", "ads", "pure"]
PeriodType = Literal["quarter", "half", "nine_months", "year", "ttm"]
Comparison = Literal["qoq", "yoy"]
Direction = Literal["higher", "lower", "neutral"]
Grade = Literal["low", "medium", "high", "critical"]

NAME = "small letters, digits and _, beginning with a letter"


class Declared(BaseModel):
    """Something declared in a configuration file: an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ConceptEntry(Declared):
    """A concept; see the head of concepts/catalogue.toml for the keys."""

    name: Name = Field(description=NAME)
    kind: Name = Field(description="a kind of the catalogue of concepts, such as operating_amount")
    description: Annotated[str, StringConstraints(min_length=8)] = Field(
        description="a sentence that says what is measured"
    )
    element: Element | None = None
    label: str | None = None
    balance: Balance | None = None
    positive: Positive | None = None
    period: InstantOrDuration | None = None
    measure: CountedIn | None = None
    nonnegative: bool | None = None
    parent: str | None = None
    weight: Literal[1, -1] | None = None
    stem: Name | None = None
    also_stems: str = ""
    share: Name | None = None
    elements: str = ""
    labels: str = ""
    totals: str = ""
    residual_of: Name | None = None
    blocks: str | None = None
    additive: bool = True
    means: Name | None = None
    counterparty: Name | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> "ConceptEntry":
        if (self.means is None) != (self.counterparty is None):
            raise ValueError("`means` (a concept) and `counterparty` go together: write both, or neither")
        return self


class KpiEntry(Declared):
    """What amounts and ratios have in common; see the head of kpis/catalogue.toml for the keys."""

    name: Name = Field(description=NAME)
    group: Name = Field(description="the group of the reference: revenue, cost, margin, ...")
    description: str
    source: str = Field(description="who defines it")
    direction: Direction = "neutral"
    unit: str
    period_types: tuple[PeriodType, ...] | None = None
    stated_as: tuple[Name, ...] = ()
    specific: bool = False


class AmountEntry(KpiEntry):
    """A declared amount and the growth KPIs that follow from it."""

    unit: str = "currency"
    any_of: tuple[tuple[str, ...], ...] = Field(
        min_length=1, description='sums of concepts, the first complete one is used: [["revenues"]]'
    )
    stem: Name | None = None
    growth: tuple[Comparison, ...] = ()
    loss_stem: Name | None = None
    loss_growth_stated_as: dict[Comparison, tuple[Name, ...]] = {}
    cagr: bool = False
    nonnegative: bool = False
    alternatives_differ: bool = False
    growth_stated_as: dict[Comparison, tuple[Name, ...]] = {}

    @model_validator(mode="after")
    def _no_growth_of_a_rest(self) -> "AmountEntry":
        if self.nonnegative and (self.growth or self.cagr):
            raise ValueError("a rest that is never below zero has no growth")
        return self


class RatioEntry(KpiEntry):
    """A declared ratio of two amounts and the changes that follow from it."""

    unit: Literal["pure", "ratio", "days", "months"] = "pure"
    numerator: Name | None = None
    parts: tuple[Name, ...] = ()
    denominator: Name
    change: tuple[Comparison, ...] = ()
    incremental: bool = False

    @model_validator(mode="after")
    def _distinct(self) -> "RatioEntry":
        if (self.numerator is None) == (not self.parts):
            raise ValueError("either a numerator or parts")
        if self.denominator in (self.numerator, *self.parts):
            raise ValueError("numerator and denominator are the same amount")
        return self


class PhraseEntry(Declared):
    """Phrases of prose and the measure that they name; see the head of extraction/prose/lexicon.toml for the keys."""

    metric: str | None = None
    adjusted: Name | None = None
    normalized: Name | None = None
    phrases: tuple[str, ...] = Field(description="in small letters, as printed")
    losses: tuple[str, ...] = ()
    kind: Literal["amount", "ratio", "per_share", "count"] = "amount"
    instant: bool = False
    segments: bool = False
    unit: str | None = None


class ShareEntry(Declared):
    """The KPI of a share: "accounting for 39 % of `object`" after `subject`, each a concept or concept/segment."""

    subject: str
    object: str
    metric: Name


class SelectorEntry(Declared):
    """KPIs by what they are: of this group and kind.

    `segments`: those of segments only, or all but those; `specific`: those only that belong to companies that report
    their inputs, or all but those; `but`: not these.
    """

    group: Name
    kind: Literal["amount", "ratio"] = "ratio"
    segments: bool | None = None
    specific: bool | None = None
    but: tuple[Name, ...] = ()


class RuleEntry(Declared):
    """A rule of anomalies; see the head of anomalies/rules.toml for the keys."""

    name: Name
    question: str
    detector: Name
    theme: Name
    tone: Literal["red", "green", "neutral"]
    source: str
    metrics: tuple[Name | SelectorEntry, ...]
    comparison: Comparison | None = None
    direction: Literal["down", "up", "either"] = "down"
    periods: tuple[Literal["quarter", "year"], ...] = ("quarter",)
    severity: dict[Grade, float]
    least: int = Field(default=1, ge=1)
    floor: float = Field(default=0, ge=0)
    ordinary: float | None = Field(default=None, gt=0)
    partner: Name | None = None
    each: bool = False
    first: bool = False
    opposite: bool = False
    by_metric: bool = False
    counterpart: dict[Name, Name] = {}
