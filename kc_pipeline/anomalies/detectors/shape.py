"""What a detector is, and SQL that several share."""

from dataclasses import dataclass
from typing import Literal

COLUMNS = {
    "before": "DOUBLE",
    "run": "INTEGER",
    "partner_value": "DECIMAL(38,10)",
    "middle": "DOUBLE",
    "spread": "DOUBLE",
    "holds": "BOOLEAN",
}
"""Columns that a detector may leave out, with their types."""


@dataclass(frozen=True, slots=True)
class Detector:
    """One way to judge a series.

    `judges`: the metric's change or growth by the rule's comparison (`change`), or the metric itself (`level`).
    `seasonal`: the season of a quarter-on-quarter finding is told beside it.
    `limits`: thresholds are limits of the value, which fall where the direction is down.
    `sql`: a SELECT with the columns that the package describes, of the cases of this detector.
    """

    judges: Literal["change", "level"]
    sql: str
    limits: bool = False
    seasonal: bool = False
    gives: tuple[str, ...] = ()


def toward(value: str) -> str:
    """SQL: how far a change goes in the direction that the case looks for; either way where it has none."""
    return f"CASE c.direction WHEN 0 THEN abs({value}) ELSE c.direction * {value} END"


def sure(value: str, low: str, high: str) -> str:
    """SQL: whether the whole interval lies on one side of zero and the change is larger than the interval is wide."""
    return f"coalesce(({low} > 0 OR {high} < 0) AND abs({value}) > {high} - {low}, false)"


def past(row: str = "j", track: str = "t.track") -> str:
    """SQL: the list of earlier values, oldest first, that were known when this one was."""
    return (
        f"list_transform(list_filter({track}, lambda x: x.p < {row}.position AND x.k <= {row}.known_at), "
        "lambda x: x.v)"
    )


SIGMA = 1.4826
"""Median absolute deviation times this is the standard deviation, for normal noise."""
