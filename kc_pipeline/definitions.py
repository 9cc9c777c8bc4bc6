"""The code location that `workspace.yaml` and `dg` load."""

import dagster as dg

from kc_pipeline.orchestration.definitions import build_defs


@dg.definitions
def defs() -> dg.Definitions:
    """All assets, checks, jobs, schedules and sensors."""
    return build_defs()
