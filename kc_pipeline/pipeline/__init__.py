"""The way through the house, without Dagster: ingest, extract, build, check, publish, write the briefs.

Belongs here: the order of the steps and the record of a run. Does not belong here: how any step works.
"""

from kc_pipeline.pipeline.build import BuildReport
from kc_pipeline.pipeline.inputs import followed
from kc_pipeline.pipeline.journal import Journal, RunRecord
from kc_pipeline.pipeline.run import build_and_publish, extract_documents, ingest, rows_read, write_briefs

__all__ = [
    "BuildReport",
    "Journal",
    "RunRecord",
    "build_and_publish",
    "extract_documents",
    "followed",
    "ingest",
    "rows_read",
    "write_briefs",
]
