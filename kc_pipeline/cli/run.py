"""`kc run` and `kc ui`: the only commands that import Dagster."""

import os
import sys
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, NoReturn

import click

from kc_pipeline.cli.common import company_id, period_label, settings
from kc_pipeline.cli.errors import BUILD_FAILED, KNOWN_ERRORS, PUBLISHED, PUBLISHED_WITH_GAPS, UsageError
from kc_pipeline.cli.terminal import echo
from kc_pipeline.config import CHECKOUT, Company, Settings, load_companies
from kc_pipeline.figures.names import what_there_is
from kc_pipeline.pipeline.journal import RunRecord, unended

if TYPE_CHECKING:
    import dagster as dg

    from kc_pipeline.pipeline.unchanged import Look


@click.command()
@click.option(
    "--quarter", "quarters", multiple=True, metavar="2025Q1", help="Take up only filings of this quarter."
)
@click.option(
    "--company", "companies", multiple=True, metavar="ID", help="Take up only filings of this company."
)
@click.option("--force", is_flag=True, help="Build also when nothing is new.")
def run(quarters: tuple[str, ...], companies: tuple[str, ...], force: bool) -> None:
    """Ingest, extract, build, check and publish, through Dagster.

    Where inputs, code and settings are as the published build read them, nothing is built, and the exit
    status is the published build's own.

    Exit status: 0 published; 1 the build failed, nothing was published; 2 bad usage or configuration;
    3 published, but inputs were skipped or quarantined, or a step after the publish failed.
    """
    at = settings()
    known = load_companies(at.companies_file)
    quarters = tuple(period_label(q) for q in quarters)
    companies = tuple(company_id(known, c) for c in companies)
    for company in companies:
        if company not in known:
            names = {c.name: c.id for c in known.values()}
            raise UsageError(
                f"--company {company}: no pack of it in {at.data}; {what_there_is(company, known, names)}"
            )
    started = time.monotonic()
    from kc_pipeline.pipeline.progress import bar
    from kc_pipeline.pipeline.unchanged import look

    with bar("looking for what is new", partial(echo, err=True)):
        found = None if force else look(at)
    if found is not None and found.reason is None:
        _nothing_new(at, found)

    from kc_pipeline.pipeline.packs import load_checked

    load_checked(at.companies_file)
    began = datetime.now(UTC)
    try:
        with bar("loading Dagster", partial(echo, err=True)):
            record = _execute(at, known, quarters, companies)
    except KNOWN_ERRORS:
        raise
    except Exception as error:  # noqa: BLE001
        # a full disk, a folder that cannot be written: also what surrounds the steps may fail
        record = _stopped(at, began, error)
    from kc_pipeline.cli.report import run_report

    echo(run_report(at, record, time.monotonic() - started))
    if not record.published:
        sys.exit(BUILD_FAILED)
    sys.exit(_status(record))


def _status(record: RunRecord) -> int:
    """Return the exit status of a run that published."""
    gaps = record.skipped or record.quarantined or record.remarks
    return PUBLISHED_WITH_GAPS if gaps else PUBLISHED


def _nothing_new(at: Settings, found: "Look") -> NoReturn:
    """Say that there was nothing to do, and end as the run that published did."""
    from kc_pipeline.cli.report import nothing_new_report
    from kc_pipeline.pipeline.unchanged import note_look

    record = RunRecord.load(at.last_run)
    assert record is not None, "a look that finds nothing to do has read the record"
    note_look(at, found)
    echo(nothing_new_report(at, record, found.words))
    sys.exit(_status(record))


def _execute(
    at: Settings, known: Mapping[str, Company], quarters: tuple[str, ...], companies: tuple[str, ...]
) -> RunRecord:
    """Run the job over the wanted quarters, one run per contiguous range, and return the verdict."""
    import logging
    import uuid
    import warnings

    from kc_pipeline.orchestration.instance import damaged_databases, ensure_instance

    damaged = damaged_databases(ensure_instance(at))
    warnings.filterwarnings("ignore", module=r"dagster(\.|$)")
    import dagster as dg

    from kc_pipeline.orchestration.assets import DOCUMENTS, FILINGS, JOURNAL_TAG
    from kc_pipeline.orchestration.automation import JOB
    from kc_pipeline.orchestration.definitions import build_defs
    from kc_pipeline.orchestration.partitions import contiguous_ranges, quarter_keys, range_tags
    from kc_pipeline.pipeline import quarters_held

    keys = quarter_keys(date.today())
    unknown = [q for q in quarters if q not in keys]
    if unknown:
        raise UsageError(f"--quarter {unknown[0]}: not a quarter between {keys[0]} and {keys[-1]}")
    # one contiguous range from the oldest filing on: a partition without filings costs as much as one with
    oldest = min({keys[-1]} | quarters_held(at, known))
    ranges = contiguous_ranges(set(quarters) or {k for k in keys if k >= oldest}, keys)
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    job = build_defs().resolve_job_def(JOB)
    configuration = {
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        "resources": {"pipeline": {"config": {"only_companies": list(companies)}}},
    }
    journal = uuid.uuid4().hex
    with dg.DagsterInstance.ephemeral() if damaged else dg.DagsterInstance.get() as instance:
        for position, keys_of_range in enumerate(ranges):
            last = position == len(ranges) - 1
            result = job.execute_in_process(
                run_config=configuration,
                instance=instance,
                raise_on_error=False,
                tags={**range_tags(keys_of_range), JOURNAL_TAG: journal},
                asset_selection=None if last else [FILINGS, DOCUMENTS],
            )
            if not result.success:
                return _failed(at, result)
    record = RunRecord.of(at, result.run_id)
    assert record is not None, "a run that succeeded has written its record"
    if damaged:
        record.remarks = [
            *record.remarks,
            *(f"Dagster keeps no history of this run: {what}" for what in damaged),
        ]
        record.save(at)
    return record


def _stopped(at: Settings, began: datetime, error: Exception) -> RunRecord:
    """Return the record of a run that broke off outside its steps, written down where that can be done."""
    now = datetime.now(UTC)
    record = RunRecord(
        run_id=f"stopped-{now:%Y%m%dT%H%M%SZ}",
        verdict=f"failed: {type(error).__name__}: {' '.join(str(error).split())}",
        started_at=began.isoformat(timespec="seconds"),
        finished_at=now.isoformat(timespec="seconds"),
        previous=at.warehouse.is_file(),
    )
    last = RunRecord.load(at.last_run)
    if last is not None and last.published and last.started_at >= record.started_at:
        # this run had published before it broke off: the warehouse is the new one all the same
        record = last
        record.remarks = [*last.remarks, f"a step after the publish failed: {error}"]
    try:
        record.save(at)
    except OSError as unwritten:
        record.verdict += f" (and `kc status` cannot tell: {unwritten})" if not record.published else ""
    return record


def _failed(at: Settings, result: "dg.ExecuteInProcessResult") -> RunRecord:
    """Return the record of a failed run, writing it where the run itself could not."""
    message = _message(result)
    record = RunRecord.of(at, result.run_id)
    if record is not None:
        if record.published:  # something after the publish failed: the warehouse is the new one all the same
            record.remarks = [*record.remarks, f"a step after the publish failed: {message}"]
            record.save(at)
        return record
    for journal in unended(at):
        if journal.process[:1] == [str(os.getpid())]:
            journal.close()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    record = RunRecord(run_id=result.run_id, verdict=f"failed: {message}", started_at=now, finished_at=now)
    record.save(at)
    return record


def _message(result: "dg.ExecuteInProcessResult") -> str:
    """Return the innermost cause of a run's first failure."""
    for event in result.all_events:
        error = getattr(event.event_specific_data, "error", None) if event.is_failure else None
        if error is not None:
            while error.cause is not None:
                error = error.cause
            return str(error.message).strip()
    return "no message"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=3000, show_default=True)
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A host name under which the UI may be opened.",
)
def ui(host: str, port: int, hosts: tuple[str, ...]) -> None:
    """Start the Dagster UI (webserver and daemon) with this project loaded.

    It answers its own pages and programs on this machine, no other page; under another name than localhost or an
    address only with --allow-host.
    """
    from kc_pipeline.orchestration.instance import damaged_databases, ensure_instance

    at = settings()
    load_companies(at.companies_file)
    home = ensure_instance(at)
    if damaged := damaged_databases(home):
        raise UsageError("; ".join(damaged))
    echo(f"Dagster UI on http://{host}:{port} (DAGSTER_HOME {home}); Ctrl-C ends it")
    from kc_pipeline.orchestration.serve import serve

    workspace = CHECKOUT / "workspace.yaml"
    where = ["-w", str(workspace)] if workspace.is_file() else ["-m", "kc_pipeline.definitions"]
    sys.exit(serve(host, port, where, [*hosts, host]))
