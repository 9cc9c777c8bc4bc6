"""Watches every doorway: checks as SQL, run over a build, with three outcomes and their failing rows.

Belongs here: the catalogue of checks, the engine, quarantine. Does not belong here: changing a figure. Imports
only figures, schema and config.

A build runs `run_checks(..., "lines")` before facts, quarantines what fails, makes facts, then runs the stages
`facts` and `marts`. The gate in the publish function reads what was written to `meta.check_results`.
"""

from kc_pipeline.quality.catalogue import CATALOGUE
from kc_pipeline.quality.engine import run_checks
from kc_pipeline.quality.model import SEVERITIES, STAGES, Check
from kc_pipeline.quality.quarantine import (
    DocumentFailure,
    document_failures,
    keep_out_doubled_figures,
    quarantine,
)

__all__ = [
    "CATALOGUE",
    "SEVERITIES",
    "STAGES",
    "Check",
    "DocumentFailure",
    "document_failures",
    "keep_out_doubled_figures",
    "quarantine",
    "run_checks",
]
