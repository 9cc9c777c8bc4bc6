"""Job, schedule and sensors; schedule and sensors are stopped until somebody starts them."""

import hashlib
from datetime import UTC, datetime

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from kc_pipeline.orchestration.partitions import range_tags
from kc_pipeline.orchestration.resources import PipelineResource
from kc_pipeline.pipeline import RunRecord

JOB = "quarterly_refresh"


def build_job() -> UnresolvedAssetJobDefinition:
    """Return the job that materialises everything in one run, in one process."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        description="Ingest, extract, build, check, publish, write the briefs.",
    )


def build_schedule(job: UnresolvedAssetJobDefinition, keys: list[str]) -> dg.ScheduleDefinition:
    """Return the weekday evening poll, after Hong Kong's close and the usual hour of the release."""

    @dg.schedule(
        name="weekday_evening_poll",
        job=job,
        cron_schedule="30 19 * * 1-5",
        execution_timezone="Asia/Shanghai",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Takes up filings that have arrived since the last run.",
    )
    def weekday_evening_poll(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(tags=range_tags(keys))

    return weekday_evening_poll


def inbox_fingerprint(pipeline: PipelineResource) -> str:
    """Return a hash over names, sizes and times of the inbox's files; it changes when a filing arrives."""
    inbox = pipeline.settings().filings
    digest = hashlib.sha256()
    for path in sorted(p for p in inbox.rglob("*") if p.is_file()) if inbox.is_dir() else []:
        stat = path.stat()
        digest.update(f"{path.relative_to(inbox)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def build_inbox_sensor(job: UnresolvedAssetJobDefinition, keys: list[str]) -> dg.SensorDefinition:
    """Return the sensor that starts a run when the inbox has changed since its last look."""

    @dg.sensor(
        name="inbox_sensor",
        job=job,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Starts a run when a filing is put into $KC_DATA/filings.",
    )
    def inbox_sensor(
        context: dg.SensorEvaluationContext, pipeline: PipelineResource
    ) -> dg.SensorResult | dg.SkipReason:
        fingerprint = inbox_fingerprint(pipeline)
        if fingerprint == context.cursor:
            return dg.SkipReason("nothing new in the inbox")
        return dg.SensorResult(
            run_requests=[dg.RunRequest(run_key=fingerprint, tags=range_tags(keys))], cursor=fingerprint
        )

    return inbox_sensor


def build_failure_sensor() -> dg.SensorDefinition:
    """Return the sensor that puts a failed run where `kc status` looks, also one that died half-way."""

    @dg.run_failure_sensor(
        name="failed_run_sensor",
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Records a failed run for `kc status`.",
    )
    def failed_run_sensor(context: dg.RunFailureSensorContext, pipeline: PipelineResource) -> None:
        at, run = pipeline.settings(), context.dagster_run
        if RunRecord.of(at, run.run_id) is not None:
            return
        now = datetime.now(UTC).isoformat(timespec="seconds")
        RunRecord(
            run_id=run.run_id,
            verdict=f"failed: {context.failure_event.message or 'no message'}",
            started_at=now,
            finished_at=now,
        ).save(at)

    return failed_run_sensor
