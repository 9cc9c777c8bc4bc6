"""What a filing's manifest.json may say.

Dates are ISO 8601 (``2025-05-28``); nothing is guessed and unknown keys are refused, so that a misspelt
``filing_date`` is an error and never a filing without a date.
"""

import json
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from kc_pipeline.figures import calendar_quarter

FIRST_PERIOD = date(2001, 3, 31)  # partitions begin with its quarter: from about then on exhibits are HTML

_TEXT = {
    "string_type": "must be text",
    "missing": "is missing",
    "extra_forbidden": "is not a field of a manifest; remove it or correct its name",
    "string_too_short": "must not be empty",
    "too_short": "must name at least one document",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "model_type": "must be an object in braces",
}


def _iso_text(value: object) -> object:
    """Refuse numbers where a date is expected: a bare number would be read as seconds since 1970."""
    if isinstance(value, str) and value[:4].isdigit() and value[4:5] == "-":
        return value
    raise ValueError("must be an ISO date such as 2025-05-28")


Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
IsoDate = Annotated[date, BeforeValidator(_iso_text)]
IsoTime = Annotated[AwareDatetime, BeforeValidator(_iso_text)]


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ManifestDocument(_Declared):
    """One document of a filing: an HTML file beside the manifest."""

    file: Text
    type: Literal["release", "report", "call_transcript", "article"]
    kind: Literal["original", "transcript"]
    exhibit: Text | None = None
    url: Text | None = None
    transcript_of: Text | None = None
    note: Text | None = None

    @field_validator("file")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        if value in {".", ".."} or any(c in value for c in "/\\\0"):
            raise ValueError(f"must be the plain name of a file beside the manifest, not {value!r}")
        return value

    @property
    def stem(self) -> str:
        """The file's name without its ending: the last part of the document_id."""
        return Path(self.file).stem


# A filing accepted in the evening has the next business day's date; holidays lie between them at most a week long.
ACCEPTED_NEAR = timedelta(days=7)


class Manifest(_Declared):
    """One filing: who filed what, when, and about which period."""

    company: Text
    form: Text
    accession: Annotated[str, StringConstraints(pattern=r"^\d{10}-\d{2}-\d{6}$")] | None = None
    url: Text | None = None
    filing_date: IsoDate
    filing_date_precision: Literal["day", "month_estimated"]
    accepted_at: IsoTime | None = None
    period_of_report: IsoDate
    documents: tuple[ManifestDocument, ...]

    @field_validator("documents")
    @classmethod
    def _some_and_distinct(cls, value: tuple[ManifestDocument, ...]) -> tuple[ManifestDocument, ...]:
        if not value:
            raise ValueError(_TEXT["too_short"])
        stems = [d.stem for d in value]
        for stem in stems:
            if stems.count(stem) > 1:
                raise ValueError(f"names two documents {stem!r} (names must differ before the ending)")
        return value

    @model_validator(mode="after")
    def _filed_after_the_period(self) -> "Manifest":
        if self.period_of_report < FIRST_PERIOD:
            raise ValueError(
                f"period_of_report {self.period_of_report} is before {FIRST_PERIOD}: older filings are not taken up"
            )
        if self.period_of_report > self.filing_date:
            raise ValueError(
                f"period_of_report {self.period_of_report} is after the filing_date {self.filing_date}: "
                "a period cannot be reported before it ends"
            )
        if self.accepted_at is not None and self.filing_date_precision == "day":
            apart = self.accepted_at.astimezone(UTC).date() - self.filing_date
            if abs(apart) > ACCEPTED_NEAR:
                raise ValueError(
                    f"accepted_at {self.accepted_at.isoformat()} is more than {ACCEPTED_NEAR.days} days from the "
                    f"filing_date {self.filing_date}: what was known when hangs on it"
                )
        return self

    @property
    def quarter(self) -> str:
        """The partition: the calendar quarter (``2025Q1``) in which the period of report ends."""
        return calendar_quarter(self.period_of_report)


class ManifestError(Exception):
    """A manifest cannot be used; the message names the file, the field and what is wrong with it."""


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"the field {key!r} stands there twice")
    return dict(pairs)


def _first_problem(error: ValidationError) -> str:
    first = error.errors()[0]
    place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in first["loc"]).lstrip(".")
    message = _TEXT.get(first["type"]) or first["msg"].removeprefix("Value error, ")
    if first["type"] == "literal_error":
        message = f"must be {first['ctx']['expected']}, not {first['input']!r}"
    elif first["type"] == "string_pattern_mismatch":
        message = f"must look like 0001104659-25-053312, not {first['input']!r}"
    return f"{place} {message}" if place else message


def read_manifest(data: bytes, name: str) -> Manifest:
    """Read a manifest's bytes.

    Args:
        data: content of the manifest.json
        name: how the messages name the file

    Raises:
        ManifestError: if it is not JSON or declares something unknown, absent or contradictory; the
            message tells the first problem only.
    """
    try:
        raw = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_no_repeats)
    except UnicodeDecodeError as error:
        raise ManifestError(f"{name}: not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise ManifestError(
            f"{name}: not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"{name}: {error}") from error
    if not isinstance(raw, dict):
        raise ManifestError(f"{name}: must be a JSON object in braces")
    try:
        return Manifest.model_validate(raw)
    except ValidationError as error:
        raise ManifestError(f"{name}: {_first_problem(error)}") from error
