"""companies.toml: who is followed. A company is added there and nowhere else."""

import re
import tomllib
import unicodedata
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from kc_pipeline.figures.calendars import FiscalCalendar, NamedAfter

QuarterLabel = Annotated[str, StringConstraints(pattern=r"^\d{4}Q[1-4]$")]


class ConfigurationError(Exception):
    """The configuration cannot be used; the message names the file, the place and what to do."""


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Segment(_Declared):
    """An operating segment and the row labels under which the issuer prints it."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    labels: tuple[str, ...]


class Security(_Declared):
    """A listed security: how many ordinary shares one unit stands for, and from when to when (null: not known).

    `id` is exchange and ticker (NASDAQ:KC), `unit` what a figure per unit is stated per. One security whose
    ratio changed is declared once per ratio.
    """

    id: str
    unit: Literal["share", "ADS"]
    ordinary_shares: int = Field(gt=0)
    valid_from: date | None = None
    valid_to: date | None = None
    source: str | None = None


Measure = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)?$")]


class Definition(_Declared):
    """How a source defines a measure (concept, or concept/segment), where no document here prints it.

    `valid_from` and `valid_to` are the first day of the first and the last day of the last period that it
    governs (null: from the start; still).
    """

    measure: Measure
    wording: str
    base: str | None = None
    exclusions: tuple[str, ...] = ()
    inclusions: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    known_at: date | None = None
    quote: str
    source: str


class Break(_Declared):
    """A day from which measures (concept, or concept/segment) are not the same as before, with its source.

    `block`: no growth is computed across it; `annotate`: growth across it carries the note.
    """

    measures: tuple[Measure, ...] = Field(min_length=1)
    break_date: date
    kind: Literal["definition", "perimeter", "policy", "segment_change"]
    effect: Literal["block", "annotate"]
    note: str
    wording: str
    known_at: date | None = None
    quote: str | None = None
    source: str


class Synonym(_Declared):
    """A label of this issuer that the general catalogue does not know."""

    label: str
    concept: str
    segment: str | None = None
    statement: str | None = None


# What stands in a registered name beside the name itself: its legal form and the like.
_LEGAL = frozenset((
    "ab", "ag", "as", "asa", "co", "company", "corp", "corporation", "group", "holding", "holdings", "inc", "incorporated",
    "kgaa", "limited", "llc", "llp", "lp", "ltd", "nv", "oyj", "plc", "pte", "sa", "se", "spa",
))  # fmt: skip
_SHORTEST_CIK = 6  # digits: a shorter number stands in any document
_ASIDE = re.compile(r"\([^)]*\)|/[A-Z]{2,3}/?")  # Gap, Inc. (The); BANK OF AMERICA CORP /DE/


def words(text: str) -> str:
    """Return a text's words in small letters without accents, apart by one space: `NASDAQ: KC` as `nasdaq kc`."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    plain = plain.lower().replace("'", "").replace("\u2019", "").replace("&", " and ")
    return " ".join(re.findall(r"[^\W_]+", plain))


def own_name(name: str) -> str:
    """Return the words of a registered name without legal form: `kingsoft cloud` of Kingsoft Cloud Holdings Limited."""
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


class Company(_Declared):
    """One company that is followed.

    `aliases` are other names that its documents may bear: former ones, short ones. `fiscal_year_end` has one of the
    forms of `FiscalCalendar.parse`; `fiscal_year_named_after` says whether the issuer calls a fiscal year by the
    calendar year of its end or of its start.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+$")]
    name: str
    aliases: tuple[str, ...] = ()
    cik: Annotated[str, StringConstraints(pattern=r"^\d{10}$")] | None = None
    tickers: tuple[str, ...] = ()
    reporting_currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    fiscal_year_end: str = "--12-31"
    fiscal_year_named_after: NamedAfter = "end"
    expected_from: QuarterLabel | None = None
    segments: tuple[Segment, ...] = ()
    securities: tuple[Security, ...] = ()
    synonyms: tuple[Synonym, ...] = ()
    definitions: tuple[Definition, ...] = ()
    breaks: tuple[Break, ...] = ()

    @field_validator("fiscal_year_end")
    @classmethod
    def _a_fiscal_year_end(cls, value: str) -> str:
        FiscalCalendar.parse(value)
        return value

    @model_validator(mode="after")
    def _one_state_at_a_time(self) -> Self:
        spans = [(f"security {s.id}", s.valid_from, s.valid_to) for s in self.securities]
        spans += [(f"definition of {d.measure}", d.valid_from, d.valid_to) for d in self.definitions]
        for name, start, end in spans:
            if start is not None and end is not None and end < start:
                raise ValueError(f"{name} ends on {end}, before it begins on {start}")
        ordered = sorted(spans, key=lambda x: (x[0], x[1] or date.min))
        for (name, _, end), (other, later, _) in pairwise(ordered):
            if name == other and (end is None or later is None or later <= end):
                raise ValueError(f"{name} is declared twice for one time")
        return self

    @property
    def called(self) -> tuple[str, ...]:
        """How its documents may name it, as words in small letters: name without legal form, aliases, tickers, CIK."""
        names = [own_name(self.name), *(own_name(a) for a in self.aliases)]
        names += [words(t) for t in self.tickers if ":" in t]
        names += [n for n in (self.cik, self.cik.lstrip("0")) if len(n) >= _SHORTEST_CIK] if self.cik else []
        return tuple(dict.fromkeys(n for n in names if n))

    @property
    def calendar(self) -> FiscalCalendar:
        """When its fiscal years end."""
        return FiscalCalendar.parse(self.fiscal_year_end, self.fiscal_year_named_after)


class _File(_Declared):
    company: tuple[Company, ...]


def load_companies(path: Path) -> dict[str, Company]:
    """Read companies.toml.

    Raises:
        ConfigurationError: if the file is absent, not TOML, or declares something unknown or twice.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path}: not found; set KC_DATA to a folder that holds companies.toml"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from error
    try:
        companies = _File.model_validate(raw).company
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"])
        raise ConfigurationError(f"{path}: {place}: {first['msg']}") from error
    out: dict[str, Company] = {}
    for company in companies:
        if company.id in out:
            raise ConfigurationError(f"{path}: company {company.id} is declared twice; remove one")
        out[company.id] = company
    return out
