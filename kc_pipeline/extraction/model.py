"""What extraction hands over: typed values, no I/O.

Positions: `table` counts every `<table>` of the document in document order (nested ones too), `row` and
`col` are 0-based in that table's resolved grid; a `span` is [start, end) in characters of the document's
visible text. `value` is in whole units with the printed sign; `decimals` has its XBRL meaning.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(slots=True)
class Evidence:
    """Who printed the figure, as a transcript's `data-*` attributes say; absent in an original."""

    grade: str | None = None
    source_kind: str | None = None
    source_title: str | None = None
    source_url: str | None = None


@dataclass(slots=True)
class Line:
    """One printed figure in a statement table."""

    statement: str
    section: tuple[str, ...]
    label: str
    value: Decimal
    unit: str
    decimals: int
    period_start: date | None
    period_end: date | None
    months: int | None
    audited: bool | None
    table: int
    row: int
    col: int
    text: str
    column_label: str = ""
    title: str = ""
    scope: str = "consolidated"
    concept: str | None = None
    segment: str | None = None
    mapping_rule: str | None = None
    evidence: Evidence | None = None
    suspect: str | None = None  # codes of the warnings that contradict the reading, joined by commas
    member: str = (
        ""  # what sets the column apart from others of its period: a segment, an adjustment ("" = the whole)
    )
    unit_rule: str | None = None  # the rule that decided unit, scale and period; None where none is named
    scale_rule: str | None = None
    period_rule: str | None = None


def mark(lines: Iterable[Line], code: str) -> None:
    """Add the code of a warning to the lines whose reading it contradicts; each code stands once, in order of finding."""
    for line in lines:
        codes = line.suspect.split(",") if line.suspect else []
        if code not in codes:
            line.suspect = ",".join([*codes, code])


@dataclass(slots=True)
class Stated:
    """One figure stated in prose.

    `metric` is a concept or KPI name; `comparison` is None, or one of yoy, qoq, share_of, change_yoy,
    change_qoq, change. `period_*` is the period that the figure is about.
    """

    metric: str | None
    segment: str | None
    value: Decimal
    unit: str
    decimals: int
    period_start: date | None
    period_end: date | None
    months: int | None
    comparison: str | None
    span: tuple[int, int]
    text: str
    sentence: str = ""
    evidence: Evidence | None = None


@dataclass(slots=True)
class Commentary:
    """One attributed statement."""

    speaker: str
    title: str
    text: str
    span: tuple[int, int]
    evidence: Evidence | None = None


@dataclass(slots=True)
class Definition:
    """How the document defines one of its measures.

    `base` is the figure from which it starts, `exclusions` and `inclusions` what it leaves out and adds, in the
    issuer's words; `sense` the same in a plain form: equal where only the wording differs. `span` is the
    sentence's.
    """

    metric: str
    segment: str | None
    wording: str
    base: str | None
    exclusions: tuple[str, ...]
    inclusions: tuple[str, ...]
    sense: str
    span: tuple[int, int]
    sentence: str
    evidence: Evidence | None = None


@dataclass(slots=True)
class Caution:
    """Something that the reader must know; `table` is None for the document as a whole."""

    table: int | None
    code: str
    message: str


@dataclass(slots=True)
class Extraction:
    """All that was read from one document."""

    sha256: str
    title: str
    lines: list[Line] = field(default_factory=list)
    stated: list[Stated] = field(default_factory=list)
    commentary: list[Commentary] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)
    warnings: list[Caution] = field(default_factory=list)
    opening: str = ""  # its title and the beginning of its visible text, where an issuer says who it is
    company: str | None = None  # which of the companies that were asked for it names, where any were
    meta: dict[str, Any] = field(default_factory=dict)
