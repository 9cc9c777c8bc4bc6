"""Puts the code location together; tests put it together with other resources."""

import dagster as dg

from kc_pipeline.orchestration.assets import build_assets
from kc_pipeline.orchestration.automation import (
    build_failure_sensor,
    build_inbox_sensor,
    build_job,
    build_schedule,
)
from kc_pipeline.orchestration.partitions import quarterly_partitions
from kc_pipeline.orchestration.resources import PipelineResource


def build_defs(pipeline: PipelineResource | None = None) -> dg.Definitions:
    """Return all definitions; `pipeline` overrides where data lies."""
    partitions = quarterly_partitions()
    keys = list(partitions.get_partition_keys())
    job = build_job()
    return dg.Definitions(
        assets=build_assets(partitions),
        jobs=[job],
        schedules=[build_schedule(job, keys)],
        sensors=[build_inbox_sensor(job, keys), build_failure_sensor()],
        resources={"pipeline": pipeline or PipelineResource()},
        executor=dg.in_process_executor,
    )
