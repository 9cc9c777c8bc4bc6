"""What is declared of one company; the same keys in a pack's files and in a block of companies.toml.

A field's description says what to write there; messages about faults quote it (packs.py).
"""

import datetime
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from kc_pipeline.config.declarations import (
    NAME,
    AmountEntry,
    ConceptEntry,
    Declared,
    Grade,
    Name,
    PhraseEntry,
    RatioEntry,
    RuleEntry,
    ShareEntry,
)
from kc_pipeline.figures.calendars import FiscalCalendar, NamedAfter

QuarterLabel = Annotated[str, StringConstraints(pattern=r"^\d{4}Q[1-4]$")]
Measure = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)?$")]

_DAY = "a day such as 2024-10-01, without quotation marks"


class ConfigurationError(Exception):
    """The configuration cannot be used; each line of the message names a file, a place and what to do."""


class Segment(Declared):
    """An operating segment, the row labels under which the issuer prints it, and what prose calls it.

    `name` is how tables and briefs call it (without it: the id in words), `stem` with what its KPIs begin (without it:
    the id): `<stem>_revenue`, `<stem>_growth_yoy`. `rest`: what is left beside the named segments, which has no growth of
    its own. `part_of`: the segment that holds this one; it is then no member beside the others that an index over all
    of them counts. `valid_from` and `valid_to` are the first and the last day for which the issuer reports it (null: from
    the start; still).
    """

    id: Name = Field(description=NAME)
    labels: tuple[str, ...] = Field(min_length=1, description="the row labels as printed, at least one")
    phrases: tuple[str, ...] = Field(default=(), description="its names in prose, in small letters")
    name: str | None = None
    stem: Name | None = Field(default=None, description=NAME)
    rest: bool = False
    part_of: Name | None = Field(default=None, description="the id of the segment that holds this one")
    valid_from: date | None = Field(default=None, description=_DAY)
    valid_to: date | None = Field(default=None, description=_DAY)

    @property
    def called(self) -> str:
        """Its name in words: `Online stores` of online_stores."""
        return self.name or self.id.replace("_", " ").capitalize()


class Counterparty(Declared):
    """Another party that the issuer names beside its figures (a customer, an owner), and how it prints its name.

    `name` is how tables and briefs call it (without it: the first label).
    """

    id: Name = Field(description=NAME)
    labels: tuple[str, ...] = Field(min_length=1, description="the names as printed, at least one")
    name: str | None = None

    @property
    def called(self) -> str:
        """Its name in words."""
        return self.name or self.labels[0]


class Speaker(Declared):
    """A person who speaks for the issuer: the name as printed, the title, other spellings."""

    name: str
    title: str | None = None
    aliases: tuple[str, ...] = ()


class Security(Declared):
    """A listed security: how many ordinary shares one unit stands for, and from when to when (null: not known).

    `id` is exchange and ticker (NASDAQ:ACME), `unit` what a figure per unit is stated per. One security whose
    ratio changed is declared once per ratio.
    """

    id: str = Field(description='exchange and ticker: "NASDAQ:ACME"')
    unit: Literal["share", "ADS"] = Field(description='"share" or "ADS"')
    ordinary_shares: int = Field(gt=0, description="how many ordinary shares one unit stands for: 1, 15")
    valid_from: date | None = Field(default=None, description=_DAY)
    valid_to: date | None = Field(default=None, description=_DAY)
    source: str | None = None


class Split(Declared):
    """A split of the ordinary shares: from `date` on there are `ratio` of them for each one before (0.1: ten become one)."""

    date: datetime.date = Field(description=f"the first day of trading after the split, {_DAY}")
    ratio: Decimal = Field(
        gt=0, description='shares after for each one before, in quotation marks: "10", "0.1"'
    )
    source: str = Field(description="where it is announced")


class Definition(Declared):
    """How a source defines a measure (concept, or concept/segment), where no document here prints it.

    `valid_from` and `valid_to` are the first day of the first and the last day of the last period that it
    governs (null: from the start; still).
    """

    measure: Measure = Field(description="a concept, or concept/segment")
    wording: str
    base: str | None = None
    exclusions: tuple[str, ...] = ()
    inclusions: tuple[str, ...] = ()
    valid_from: date | None = Field(default=None, description=_DAY)
    valid_to: date | None = Field(default=None, description=_DAY)
    known_at: date | None = Field(default=None, description=_DAY)
    quote: str
    source: str


class Break(Declared):
    """A day from which measures (concept, or concept/segment) are not the same as before, with its source.

    `block`: no growth is computed across it; `annotate`: growth across it carries the note.
    """

    measures: tuple[Measure, ...] = Field(min_length=1, description="concepts, or concept/segment")
    break_date: date = Field(description=_DAY)
    kind: Literal["definition", "perimeter", "policy", "segment_change"]
    effect: Literal["block", "annotate"]
    note: str
    wording: str
    known_at: date | None = Field(default=None, description=_DAY)
    quote: str | None = None
    source: str


class Synonym(Declared):
    """A label of this issuer that the general catalogue does not know."""

    label: str
    concept: str
    segment: str | None = None
    statement: str | None = None


class Headline(Declared):
    """A figure that the issuer is read for: a row of its brief, beside those that all companies have.

    `among`: the brief's table in which it stands, below the row of the KPI `after`; without it at the end, or at the
    beginning where it is `first`.
    """

    kpi: Name = Field(description="the name of a KPI: `kc company check` lists those that there are")
    label: str
    among: Literal["figures", "margins", "ratios"] = "figures"
    after: Name | None = None
    first: bool = False


class Theme(Declared):
    """Something that the issuer speaks of again and again, and the words by which it is known in prose."""

    id: Name = Field(description=NAME)
    name: str
    words: tuple[str, ...] = Field(min_length=1, description="words or phrases, at least one")


# What stands in a registered name beside the name itself: its legal form and the like.
_LEGAL = frozenset((
    "ab", "ag", "as", "asa", "co", "company", "corp", "corporation", "group", "holding", "holdings", "inc", "incorporated",
    "kgaa", "limited", "llc", "llp", "lp", "ltd", "nv", "oyj", "plc", "pte", "sa", "se", "spa",
))  # fmt: skip
_SHORTEST_CIK = 6  # digits: a shorter number stands in any document
# A name in a script that is written without spaces.
_UNSPACED = re.compile(r"^.*[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f].*$")
_ASIDE = re.compile(r"\([^)]*\)|/[A-Z]{2,3}/?")  # Gap, Inc. (The); BANK OF AMERICA CORP /DE/


def words(text: str) -> str:
    """Return a text's words in small letters without accents, apart by one space: `NASDAQ: ACME` as `nasdaq acme`."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    plain = plain.lower().replace("'", "").replace("\u2019", "").replace("&", " and ")
    return " ".join(re.findall(r"[^\W_]+", plain))


def own_name(name: str) -> str:
    """Return the words of a registered name without legal form: `acme cloud` of Acme Cloud Holdings Limited."""
    own = words(_ASIDE.sub(" ", name)).split()
    if len(own) > 1 and own[0] == "the":
        own = own[1:]
    while len(own) > 1:
        # letters apart are one word: S.p.A., N.V.
        letters = next(i for i in range(len(own), -1, -1) if i == 0 or len(own[i - 1]) > 1)
        if 0 < letters < len(own) - 1 and "".join(own[letters:]) in _LEGAL:
            own = own[:letters]
        elif own[-1] in _LEGAL:
            own.pop()
        else:
            break
    return " ".join(own)


class Company(Declared):
    """One company that is followed.

    `aliases` are other names that its documents may bear: former ones, short ones. `fiscal_year_end` has one of the
    forms of `FiscalCalendar.parse`; `fiscal_year_named_after` says whether the issuer calls a fiscal year by the
    calendar year of its end or of its start.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+$")] = Field(
        description='letters, digits and . _ -, the same as the name of the folder: "ACME"'
    )
    name: str = Field(description="the registered name")
    aliases: tuple[str, ...] = ()
    cik: Annotated[str, StringConstraints(pattern=r"^\d{10}$")] | None = Field(
        default=None, description='ten digits in quotation marks: "0001045810"'
    )
    tickers: tuple[str, ...] = Field(default=(), description='exchange and ticker: ["NASDAQ:ACME"]')
    reporting_currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(
        description='the ISO 4217 code of the currency of its statements: "USD"'
    )
    fiscal_year_end: str = Field(
        default="--12-31",
        description='"--03-31", "last Sunday of January" or "Saturday nearest September 30"',
    )
    fiscal_year_named_after: NamedAfter = Field(
        default="end", description='"end" or "start": which calendar year names the fiscal year'
    )
    expected_from: QuarterLabel | None = Field(
        default=None, description='the first calendar quarter whose filing is expected: "2023Q1"'
    )
    segments: tuple[Segment, ...] = ()
    segments_add_up_to: tuple[Name, ...] = Field(
        default=(),
        description='the concepts whose figure is the sum of all segments, where the list is complete: ["revenues"]',
    )
    counterparties: tuple[Counterparty, ...] = ()
    securities: tuple[Security, ...] = ()
    splits: tuple[Split, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    synonyms: tuple[Synonym, ...] = ()
    definitions: tuple[Definition, ...] = ()
    breaks: tuple[Break, ...] = ()
    concepts: tuple[ConceptEntry, ...] = ()
    amounts: tuple[AmountEntry, ...] = ()
    ratios: tuple[RatioEntry, ...] = ()
    phrases: tuple[PhraseEntry, ...] = ()
    shares: tuple[ShareEntry, ...] = ()
    headlines: tuple[Headline, ...] = ()
    table: tuple[Name, ...] = Field(
        default=(), description="KPIs that `kc table` shows beside the general ones"
    )
    themes: tuple[Theme, ...] = ()
    rules: tuple[RuleEntry, ...] = ()
    severities: dict[Name, dict[Grade, float]] = Field(
        default={}, description="thresholds of an anomaly rule for this company, by severity: { low = 0.05 }"
    )

    @field_validator("fiscal_year_end")
    @classmethod
    def _a_fiscal_year_end(cls, value: str) -> str:
        FiscalCalendar.parse(value)
        return value

    @model_validator(mode="after")
    def _one_state_at_a_time(self) -> Self:
        spans = [(f"security {s.id}", s.valid_from, s.valid_to) for s in self.securities]
        spans += [(f"segment {s.id}", s.valid_from, s.valid_to) for s in self.segments]
        spans += [(f"definition of {d.measure}", d.valid_from, d.valid_to) for d in self.definitions]
        for name, start, end in spans:
            if start is not None and end is not None and end < start:
                raise ValueError(f"{name} ends on {end}, before it begins on {start}")
        ordered = sorted(spans, key=lambda x: (x[0], x[1] or date.min))
        for (name, _, end), (other, later, _) in pairwise(ordered):
            if name == other and (end is None or later is None or later <= end):
                raise ValueError(f"{name} is declared twice for one time")
        return self

    @model_validator(mode="after")
    def _parts_of_a_segment(self) -> Self:
        ids = {s.id for s in self.segments}
        for s in self.segments:
            if s.part_of is not None and s.part_of not in ids - {s.id}:
                raise ValueError(
                    f"segment {s.id} is part_of {s.part_of}, which is no other segment; correct it"
                )
            if s.part_of is not None and self.segments_add_up_to:
                raise ValueError(
                    f"segment {s.id} is part_of {s.part_of}, so that the segments count it twice; "
                    "remove segments_add_up_to or part_of"
                )
        return self

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        named = (
            ("segment", [s.id for s in self.segments]),
            ("counterparty", [c.id for c in self.counterparties]),
            ("concept", [c.name for c in self.concepts]),
            ("theme", [t.id for t in self.themes]),
            ("headline of", [h.kpi for h in self.headlines]),
            ("split on", [str(s.date) for s in self.splits]),
        )
        for what, ids in named:
            twice = next((i for i in ids if ids.count(i) > 1), None)
            if twice is not None:
                raise ValueError(f"{what} {twice} is declared twice; remove one")
        return self

    @property
    def called(self) -> tuple[str, ...]:
        """How its documents may name it, as words in small letters: name without legal form, aliases, tickers, CIK."""
        names = [own_name(self.name), *(own_name(a) for a in self.aliases)]
        names += [words(t) for t in self.tickers if ":" in t]
        names += [n for n in (self.cik, self.cik.lstrip("0")) if len(n) >= _SHORTEST_CIK] if self.cik else []
        return tuple(dict.fromkeys(n for n in names if n))

    def first_named(self, text: str) -> int | None:
        """Return where a text (as `words` makes it, with a space at either end) first names it; None where it does not.

        As whole words, or as one word; in a script without spaces anywhere.
        """
        found = [
            text.find(said)
            for name in self.called
            for said in (f" {name} ", f" {name}s ", f" {name.replace(' ', '')} ", *(_UNSPACED.findall(name)))
        ]
        return min((at for at in found if at >= 0), default=None)

    @property
    def read_by(self) -> str:
        """A hash of what the reading of its documents uses of this declaration; "" where that is nothing."""
        used = self.model_dump(mode="json", include={"concepts", "phrases", "shares"})
        used["segments"] = {s.id: s.phrases for s in self.segments if s.phrases}
        if not any(used.values()):
            return ""
        return hashlib.sha256(json.dumps(used, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def calendar(self) -> FiscalCalendar:
        """When its fiscal years end."""
        return FiscalCalendar.parse(self.fiscal_year_end, self.fiscal_year_named_after)


def named_in(text: str, companies: Iterable[Company]) -> Company | None:
    """Return the company that the beginning of a document names first; None where it names none, or two at one place."""
    plain = f" {words(text)} "
    found = [(at, c) for c in companies if (at := c.first_named(plain)) is not None]
    first = min((at for at, _ in found), default=-1)
    named = [c for at, c in found if at == first]
    return named[0] if len(named) == 1 else None
