"""Puts the code location together; tests put it together with other resources."""

import dagster as dg

from kc_pipeline.orchestration.assets import build_assets
from kc_pipeline.orchestration.automation import (
    JOB,
    SELECTION,
    build_failure_sensor,
    build_inbox_sensor,
    build_schedule,
)
from kc_pipeline.orchestration.resources import PipelineResource


def build_defs(pipeline: PipelineResource | None = None) -> dg.Definitions:
    """Return all definitions; `pipeline` overrides where data lies."""
    job = dg.define_asset_job(
        JOB,
        selection=SELECTION,
        executor_def=dg.in_process_executor,
        description="Take up the inbox, read, build, check, publish, write the briefs; nothing where nothing is new.",
    )
    return dg.Definitions(
        assets=build_assets(),
        jobs=[job],
        schedules=[build_schedule()],
        sensors=[build_inbox_sensor(), build_failure_sensor()],
        resources={"pipeline": pipeline or PipelineResource()},
        executor=dg.in_process_executor,
    )
