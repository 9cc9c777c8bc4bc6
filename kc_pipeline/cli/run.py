"""`kc run` and `kc ui`: the only commands that import Dagster."""

import os
import re
import socket
import sys
import time
from contextlib import nullcontext
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, NoReturn

import click

from kc_pipeline.cli.common import company_id, period_label, settings
from kc_pipeline.cli.errors import BUILD_FAILED, KNOWN_ERRORS, PUBLISHED, PUBLISHED_WITH_GAPS, UsageError
from kc_pipeline.cli.terminal import echo
from kc_pipeline.config import Settings, load_companies
from kc_pipeline.figures import calendar_quarter
from kc_pipeline.figures.names import what_there_is
from kc_pipeline.pipeline.journal import RunRecord, unended
from kc_pipeline.sources.manifest import FIRST_PERIOD

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
    quarters = tuple(_quarter(q) for q in quarters)
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
            record = _execute(at, quarters, companies, "it was asked for" if found is None else found.reason)
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


def _quarter(text: str) -> str:
    """Return a quarter's label in which a filing can have its period of report.

    Raises:
        UsageError: if it is none.
    """
    first, last = calendar_quarter(FIRST_PERIOD), calendar_quarter(date.today())
    quarter = period_label(text)
    if not re.fullmatch(r"\d{4}Q[1-4]", quarter) or not first <= quarter <= last:
        raise UsageError(f"--quarter {text}: not a quarter between {first} and {last}")
    return quarter


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
    at: Settings, quarters: tuple[str, ...], companies: tuple[str, ...], reason: str | None
) -> RunRecord:
    """Run the job over the wanted quarters and companies and return the verdict."""
    import logging

    from kc_pipeline.orchestration.instance import damaged_databases, ensure_instance, held_open

    home = ensure_instance(at)
    damaged = damaged_databases(home)
    import dagster as dg

    from kc_pipeline.orchestration.assets import BECAUSE
    from kc_pipeline.orchestration.automation import JOB
    from kc_pipeline.orchestration.definitions import build_defs
    from kc_pipeline.orchestration.instance import IN_THE_JOBS_HISTORY

    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    job = build_defs().resolve_job_def(JOB)
    wanted = {"only_companies": list(companies), "only_quarters": list(quarters), "force": True}
    configuration = {
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        "resources": {"pipeline": {"config": wanted}},
    }
    with dg.DagsterInstance.ephemeral() if damaged else dg.DagsterInstance.get() as instance:
        with nullcontext() if damaged else held_open(home):
            result = job.execute_in_process(
                run_config=configuration,
                instance=instance,
                raise_on_error=False,
                tags={**IN_THE_JOBS_HISTORY, BECAUSE: reason or ""},
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
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True)
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
    from kc_pipeline.orchestration.instance import damaged_databases, ensure_instance, workspace_of

    at = settings()
    load_companies(at.companies_file)
    _must_be_free(host, port)
    home = ensure_instance(at)
    if damaged := damaged_databases(home):
        raise UsageError("; ".join(damaged))
    _tell_looks(at)
    echo(f"Dagster UI on http://{host}:{port} (DAGSTER_HOME {home}); Ctrl-C ends it")
    from kc_pipeline.orchestration.serve import serve

    sys.exit(serve(host, port, ["-w", str(workspace_of(home))], [*hosts, host]))


def _must_be_free(host: str, port: int) -> None:
    """Raise UsageError where a server cannot listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise UsageError(f"--host {host} --port {port}: cannot listen there: {error.strerror}") from None


def _tell_looks(at: Settings) -> None:
    """Tell the instance what `kc run` found in the meantime, so that the UI shows it."""
    from kc_pipeline.pipeline.unchanged import looks

    if looks(at):
        import dagster as dg

        from kc_pipeline.orchestration.history import tell_looks

        with dg.DagsterInstance.get() as instance:
            tell_looks(instance, at)
