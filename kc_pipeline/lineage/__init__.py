"""The trail of a figure: from a KPI down to the cell or sentence it was read from.

Belongs here: questions put to a published warehouse about where a number comes from. Does not belong here:
computing or changing any number.
"""

from kc_pipeline.lineage.trail import NotFoundError, explain
from kc_pipeline.lineage.words import render

__all__ = ["NotFoundError", "explain", "render"]
