"""What a figure is: its precision, its unit, its period.

Belongs here: pure value arithmetic that every room needs. Does not belong here: tables, files, finance.
"""

from kc_pipeline.figures.periods import (
    Period,
    calendar_quarter,
    months_between,
    quarter_end,
    quarters_between,
)
from kc_pipeline.figures.precision import agree, half_unit, interval, sum_tolerance

IN_LABEL = "(in the row's label)"
"""How the `column_label` of a figure ends that is printed inside its row's label, not in a column."""

__all__ = [
    "IN_LABEL",
    "Period",
    "agree",
    "calendar_quarter",
    "half_unit",
    "interval",
    "months_between",
    "quarter_end",
    "quarters_between",
    "sum_tolerance",
]
