"""The reference figures: one row per published figure, with its source and its precision."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

TRANSCRIBED_GRADES = ("A", "B")
RELEASE_USES = ("statement", "key_figure", "ratio")
REPORT_USES = (*RELEASE_USES, "note")
PARENT_SEGMENTS = ("parent_company", "parent_company_only")

CONTRADICTED = {
    ("20-F-2022", "2020FY", "income_loss_before_income_taxes", "non_mainland_china"): (
        "sign: printed without parentheses, and the two regions add up to the total only as a profit"
    ),
    ("20-F-2022", "2021FY", "income_loss_before_income_taxes", "non_mainland_china"): (
        "sign: printed without parentheses, and the two regions add up to the total only as a profit"
    ),
    ("interim-2022H1", "2022H1", "adjusted_ebitda", ""): "sign: the margin stated beside it is negative",
    ("interim-2023H1", "2023H1", "adjusted_ebitda", ""): "sign: the margin stated beside it is negative",
}
"""Rows whose value contradicts what stands beside it: left out until the reference settles it."""


@dataclass(frozen=True)
class Evidence:
    """The true source of a figure or a quotation: grade, kind, what it is called, address, and its own words."""

    grade: str
    source_kind: str
    source_title: str
    source_url: str
    words: str = ""


@dataclass(frozen=True)
class Row:
    """One published figure.

    `value` is in whole units with the sign of its concept (percent as a fraction, percentage points as
    printed); `rounding` is the unit of the last digit that is known. `line` is its line in the file, which
    keeps the order and names the row.
    """

    line: int
    period: str
    period_type: str
    period_end: date
    document: str
    also_in: str
    use: str
    concept: str
    segment: str
    value: Decimal
    unit: str
    rounding: Decimal
    grade: str
    best: bool
    as_printed: str
    metric: str
    as_stated: str
    source_kind: str
    source_title: str
    source_url: str

    @property
    def evidence(self) -> Evidence:
        """Who printed the figure."""
        return Evidence(self.grade, self.source_kind, self.source_title, self.source_url)

    @property
    def exact(self) -> bool:
        """Whether the value is a whole number of its rounding units, so that digits alone can show it."""
        return self.value % self.rounding == 0

    @property
    def decimals(self) -> int:
        """Decimal places as XBRL counts them (-6: to the million), of the value in the pipeline's unit."""
        places = -Decimal(self.rounding).normalize().adjusted()
        return places + 2 if self.unit == "percentage_points" else places

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """Concept, segment, kind of period, period, unit."""
        return (self.concept, self.segment, self.period_type, self.period, self.unit)


def load(path: Path) -> list[Row]:
    """Read facts.csv.

    Raises:
        ValueError: if a line cannot be read; the message names the line.
    """
    rows: list[Row] = []
    with path.open(encoding="utf-8", newline="") as handle:
        for number, raw in enumerate(csv.DictReader(handle), start=2):
            try:
                rows.append(_row(number, raw))
            except (ArithmeticError, ValueError, KeyError) as error:
                raise ValueError(f"{path}: record {number}: {error!r}") from error
    return rows


def _row(number: int, raw: dict[str, str]) -> Row:
    return Row(
        line=number,
        period=raw["period"],
        period_type=raw["period_type"],
        period_end=date.fromisoformat(raw["period_end"]),
        document=raw["document"],
        also_in=raw["also_in"],
        use=raw["use"],
        concept=raw["concept"],
        segment=raw["segment"],
        value=Decimal(raw["value"]),
        unit=raw["unit"],
        rounding=Decimal(raw["rounding"]),
        grade=raw["grade"],
        best=raw["best"] == "yes",
        as_printed=raw["value_as_printed"],
        metric=raw["metric"],
        as_stated=raw["as_stated"],
        source_kind=raw["source_kind"],
        source_title=raw["source_doc"],
        source_url=raw["source_url"],
    )


def reason_left_out(row: Row, uses: Iterable[str]) -> str | None:
    """Why a row stays out of every transcript, or None if it belongs into one."""
    parent = "not_group" in uses and row.segment in PARENT_SEGMENTS
    if row.use not in uses or (row.use == "not_group" and not parent):
        return f"use is {row.use}"
    if row.grade not in TRANSCRIBED_GRADES:
        return f"grade is {row.grade}"
    if not row.best and not (row.use == "not_group" and row.segment in PARENT_SEGMENTS):
        return "not the best row of its figure"
    contradiction = CONTRADICTED.get((row.document, row.period, row.concept, row.segment))
    return f"contradicted ({contradiction})" if contradiction else None


def rows_of(rows: Iterable[Row], document: str, uses: Iterable[str] = RELEASE_USES) -> list[Row]:
    """The rows that a document holds: its own, and those that it repeats as comparatives (`also_in`)."""
    return [r for r in rows if document in (r.document, r.also_in) and reason_left_out(r, uses) is None]


CURRENCY = {"RMB": "CNY"}


def pipeline_value(row: Row) -> tuple[Decimal, str]:
    """Value and unit as the warehouse keeps them: CNY for RMB, ratios and points as fractions (`pure`)."""
    if row.unit == "percent":
        return row.value, "pure"
    if row.unit == "percentage_points":
        return row.value / 100, "pure"
    currency, slash, per = row.unit.partition("/")
    return row.value, CURRENCY.get(currency, currency) + slash + per
