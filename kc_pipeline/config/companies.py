"""companies.toml: who is followed. A company is added there and nowhere else."""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

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
    """A listed security: how many ordinary shares one unit stands for, and from when to when (null: not known)."""

    id: str
    unit: str
    ordinary_shares: int = Field(gt=0)
    valid_from: date | None = None
    valid_to: date | None = None


class Synonym(_Declared):
    """A label of this issuer that the general catalogue does not know."""

    label: str
    concept: str
    segment: str | None = None
    statement: str | None = None


class Company(_Declared):
    """One company that is followed."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+$")]
    name: str
    cik: Annotated[str, StringConstraints(pattern=r"^\d{10}$")] | None = None
    tickers: tuple[str, ...] = ()
    reporting_currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    fiscal_year_end: str = "--12-31"
    expected_from: QuarterLabel | None = None
    segments: tuple[Segment, ...] = ()
    securities: tuple[Security, ...] = ()
    synonyms: tuple[Synonym, ...] = ()

    @field_validator("fiscal_year_end")
    @classmethod
    def _month_and_day(cls, value: str) -> str:
        if not re.fullmatch(r"--(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", value):
            raise ValueError("expected --MM-DD, as in --12-31")
        return value

    @property
    def fiscal_year_end_month(self) -> int:
        """Month (1-12) in which the fiscal year ends."""
        return int(self.fiscal_year_end[2:4])


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
