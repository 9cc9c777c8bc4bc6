"""Job, schedule and sensors; schedule and sensors are stopped until somebody starts them."""

import hashlib
from datetime import UTC, datetime

import dagster as dg

from kc_pipeline.orchestration.history import tell_looks
from kc_pipeline.orchestration.resources import PipelineResource
from kc_pipeline.orchestration.tables import DOCUMENTS, FILINGS
from kc_pipeline.pipeline import RunRecord
from kc_pipeline.pipeline.unchanged import look

JOB = "quarterly_refresh"
# the partitioned assets are shown by the steps that take up and read; by hand they run for one partition
SELECTION = dg.AssetSelection.all() - dg.AssetSelection.assets(FILINGS, DOCUMENTS)


def build_schedule() -> dg.ScheduleDefinition:
    """Return the weekday evening poll, after Hong Kong's close and the usual hour of the release."""

    @dg.schedule(
        name="weekday_evening_poll",
        job_name=JOB,
        cron_schedule="30 19 * * 1-5",
        execution_timezone="Asia/Shanghai",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Takes up filings that have arrived since the last run; a tick with nothing new says so.",
    )
    def weekday_evening_poll(
        context: dg.ScheduleEvaluationContext, pipeline: PipelineResource
    ) -> dg.RunRequest | dg.SkipReason:
        settings = pipeline.settings()
        tell_looks(context.instance, settings)
        found = look(settings)
        return dg.SkipReason(found.words) if found.reason is None else dg.RunRequest()

    return weekday_evening_poll


def inbox_fingerprint(pipeline: PipelineResource) -> str:
    """Return a hash over names, sizes and times of the inbox's files; it changes when a filing arrives."""
    inbox = pipeline.settings().filings
    digest = hashlib.sha256()
    for path in sorted(p for p in inbox.rglob("*") if p.is_file()) if inbox.is_dir() else []:
        stat = path.stat()
        digest.update(f"{path.relative_to(inbox)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def build_inbox_sensor() -> dg.SensorDefinition:
    """Return the sensor that starts a run when the inbox has changed since its last look."""

    @dg.sensor(
        name="inbox_sensor",
        job_name=JOB,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Starts a run when a filing is put into $KC_DATA/filings.",
    )
    def inbox_sensor(context: dg.SensorEvaluationContext, pipeline: PipelineResource) -> dg.SensorResult:
        fingerprint = inbox_fingerprint(pipeline)
        if fingerprint == context.cursor:
            return dg.SensorResult(skip_reason="nothing new in the inbox", cursor=fingerprint)
        settings = pipeline.settings()
        tell_looks(context.instance, settings)
        found = look(settings)
        if found.reason is None:
            return dg.SensorResult(skip_reason=found.words, cursor=fingerprint)
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=fingerprint)], cursor=fingerprint)

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
