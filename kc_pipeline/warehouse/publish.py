"""Write, check, publish: a build is private until it has passed, then replaces the published file at once.

The order: checkpoint, close, no write-ahead file left, gate, hash, fsync, manifest, remove a stray
write-ahead file at the target, replace, fsync the folder. A failure or a crash before the replace leaves
the published file untouched; one after it leaves the new file, which is complete and checked. The gate is
here and looks up the build's own results, whatever the orchestrator believes.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import duckdb

from kc_pipeline.config import Settings
from kc_pipeline.store.files import sync_folder
from kc_pipeline.warehouse.connect import (
    WarehouseError,
    close_build,
    open_for_build,
    open_read_only,
    wal_files,
)
from kc_pipeline.warehouse.contents import content_hash, overall_hash
from kc_pipeline.warehouse.history import (
    KeptBuild,
    candidate,
    clean_up,
    confirm,
    database_of,
    kept_builds,
    prune,
    remove_build,
    write_pending,
)
from kc_pipeline.warehouse.lock import WriterLock

BLOCKING = ("block_build", "block_document")
STEPS = ("checkpoint", "gate", "fsync", "manifest", "stray_wal", "replace", "fsync_folder", "record", "done")
LOCK = ".lock"
_MACHINE_TROUBLE = (OSError, duckdb.OperationalError, duckdb.FatalException)


class PublishError(WarehouseError):
    """A build could not be made or published; what was published before is untouched."""


def _untouched(build_id: str, error: BaseException) -> PublishError:
    what = " ".join(str(error).split())
    return PublishError(f"build {build_id} failed ({what}); what was published before is untouched")


class GateRefused(PublishError):  # noqa: N818 - a verdict, not a mishap
    """A build did not pass its checks; `failed` names them."""

    def __init__(self, build_id: str, failed: list[str], message: str) -> None:
        super().__init__(f"build {build_id} is not published: {message}")
        self.build_id = build_id
        self.failed = failed


@dataclass(slots=True)
class Build:
    """A private database under construction.

    Leaving the `with` block unpublished removes it; a disk that is full or another trouble of the machine
    then leaves as `PublishError`.
    """

    build_id: str
    path: Path
    connection: duckdb.DuckDBPyConnection
    started_at: datetime
    settings: Settings
    lock: WriterLock
    cleaned: list[str] = field(default_factory=list)
    published: bool = False

    def abandon(self) -> None:
        """Close the build, remove its files unless it was published, and let the next run begin."""
        try:
            self.connection.close()
            if not self.published:
                remove_build(self.settings, self.build_id)
                candidate(self.settings, self.build_id).unlink(missing_ok=True)
        finally:
            self.lock.release()

    def __enter__(self) -> "Build":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abandon()
        if isinstance(error, _MACHINE_TROUBLE):
            raise _untouched(self.build_id, error) from error


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: one hash over all content and one per table; `pruned` builds are no longer kept.

    `remarks` says what went wrong after the file was in place (an old build that could not be removed).
    """

    build_id: str
    path: Path
    content: str
    tables: dict[str, str]
    pruned: list[str]
    remarks: list[str]


def new_build(
    settings: Settings, *, wait_seconds: float = 0.0, on_wait: Callable[[str], None] | None = None
) -> Build:
    """Begin a build: take the writer's lock, clear away what crashed runs left, create the private file.

    The connection's default catalog is the private file, so `core.facts` names its table; schemas are not
    created. Use it as ``with new_build(settings) as build:``.

    Args:
        settings: where the warehouse lies
        wait_seconds: how long to wait for another run to end
        on_wait: told once, if there is one, its process

    Raises:
        WarehouseBusyError: if another run is building.
        PublishError: if the file cannot be created.
    """
    lock = WriterLock(settings.warehouse.parent / LOCK)
    path = settings.builds
    try:
        lock.acquire(wait_seconds, on_wait)
        started = datetime.now(UTC)  # after the wait, so that builds begin in the order of their publishing
        build_id = f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        path = database_of(settings, build_id)
        settings.builds.mkdir(parents=True, exist_ok=True)
        cleaned = clean_up(settings)
        connection = open_for_build(path, settings.builds / f"{build_id}.tmp")
    except (OSError, duckdb.Error) as error:
        lock.release()
        raise PublishError(f"{path}: cannot begin a build: {error}") from error
    except BaseException:
        lock.release()
        raise
    return Build(build_id, path, connection, started, settings, lock, cleaned)


def gate(con: duckdb.DuckDBPyConnection, build_id: str, required: Collection[str] = ()) -> int:
    """Judge a build by its own results in `meta.check_results`; return how many blocking checks passed.

    Every check of severity `block_build` or `block_document` must be passed (with judged rows) or not
    evaluable, at least one must have passed, no severity may be unknown, and none of the `required` checks
    may lack a result: a check that was not run has not passed.

    Raises:
        GateRefused: if the build does not pass, naming the checks.
    """
    own = "'" + build_id.replace("'", "''") + "'"  # a parameter would make DuckDB import pandas: a second
    try:
        rows = con.execute(
            "SELECT check_name, status, severity, judged_rows, failing_rows, message FROM meta.check_results"
            f" WHERE build_id = {own} ORDER BY check_name"
        ).fetchall()
        known = con.execute(f"SELECT count(*) FROM meta.builds WHERE build_id = {own}").fetchone()
    except duckdb.CatalogException as error:
        raise GateRefused(build_id, [], f"it holds no check results: {error}") from error
    if known != (1,):
        raise GateRefused(build_id, [], "it has no row of its own in meta.builds")
    failed = sorted(set(required) - {row[0] for row in rows})
    reasons = [f"{name} was not run" for name in failed]
    passed = 0
    for name, status, severity, judged, failing, message in rows:
        if severity == "warn":
            continue
        if severity in BLOCKING and status == "not_evaluable":
            continue
        if severity in BLOCKING and status == "passed" and judged and not failing:
            passed += 1
            continue
        failed.append(name)
        reasons.append(
            f"{name} ({severity}) is {status} with {judged} judged and {failing} failing rows"
            + (f": {message}" if message else "")
        )
    if failed:
        raise GateRefused(
            build_id, failed, f"{len(failed)} blocking checks not passed: " + "; ".join(reasons)
        )
    if not passed:
        raise GateRefused(build_id, [], "no blocking check of it could judge anything")
    return passed


def publish(
    build: Build,
    settings: Settings,
    *,
    required: Collection[str] = (),
    on_step: Callable[[str], None] | None = None,
) -> Published:
    """Check a build by its own results and make it the published warehouse, at once or not at all.

    The build's connection is closed; the build cannot be used afterwards, whatever the outcome.

    Args:
        build: what `new_build` returned, filled and checked
        settings: where the published file lies and how many builds are kept
        required: names of the checks that must have a result
        on_step: told the name of each step (`STEPS`) before it is taken

    Raises:
        GateRefused: if a blocking check has not passed.
        PublishError: if anything else went wrong (disk full, ...); the published file is as before.
    """
    step = on_step or (lambda name: None)
    try:
        return _publish(build, settings, required, step)
    except (OSError, duckdb.Error) as error:
        raise _untouched(build.build_id, error) from error
    finally:
        build.abandon()


def _publish(
    build: Build, settings: Settings, required: Collection[str], step: Callable[[str], None]
) -> Published:
    step("checkpoint")
    close_build(build.connection)
    if left := wal_files(build.path):
        raise PublishError(f"{left[0]}: rows are left outside the build's file after closing it")
    step("gate")
    con = open_read_only(build.path)
    try:
        gate(con, build.build_id, required)
        tables = content_hash(con)
    finally:
        con.close()
    step("fsync")
    _make_durable(build.path)
    step("manifest")
    created = datetime.now(UTC).isoformat(timespec="microseconds")
    kept = KeptBuild(build.build_id, created, build.path.stat().st_size, overall_hash(tables), tables)
    write_pending(settings, kept)
    _replace_target(settings, build.build_id, step)
    build.published = True
    pruned, remarks = _after(settings, build.build_id, step)
    step("done")
    return Published(build.build_id, settings.warehouse, kept.content, tables, pruned, remarks)


def _make_durable(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fchmod(handle, 0o444)
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(path.parent)


def _replace_target(settings: Settings, build_id: str, step: Callable[[str], None]) -> None:
    """Put a copy of a build's file in the published one's place.

    A copy, not a second name: whatever happens to the published file, the kept build is whole.
    """
    target, waiting = settings.warehouse, candidate(settings, build_id)
    shutil.copyfile(database_of(settings, build_id), waiting)
    _make_durable(waiting)
    step("stray_wal")
    for stray in wal_files(target):
        stray.unlink()
    step("replace")
    os.replace(waiting, target)


def _after(settings: Settings, build_id: str, step: Callable[[str], None]) -> tuple[list[str], list[str]]:
    """Finish after the replace; what fails now is remarked upon, since the new file is already in place."""
    pruned: list[str] = []
    remarks: list[str] = []
    try:
        step("fsync_folder")
        sync_folder(settings.warehouse.parent)
        step("record")
        shutil.rmtree(settings.builds / f"{build_id}.tmp", ignore_errors=True)
        confirm(settings, build_id)
        pruned = prune(settings, build_id)
    except (OSError, WarehouseError) as error:
        remarks.append(f"published, but tidying up afterwards failed: {error}")
    return pruned, remarks


def restore(settings: Settings, build_id: str) -> None:
    """Publish a kept build again.

    Raises:
        WarehouseBusyError: if a run is building.
        PublishError: if that build is not kept, its content is not what its manifest says, or the file
            cannot be replaced.
    """
    lock = WriterLock(settings.warehouse.parent / LOCK)
    lock.acquire()
    try:
        kept = {k.build_id: k for k in kept_builds(settings)}
        if build_id not in kept:
            raise PublishError(f"build {build_id} is not kept (kept: {', '.join(kept) or 'none'})")
        if content_hash(database_of(settings, build_id)) != kept[build_id].tables:
            raise PublishError(f"build {build_id} no longer holds what its manifest says; it is not restored")
        _replace_target(settings, build_id, lambda name: None)
        sync_folder(settings.warehouse.parent)
    except (OSError, duckdb.Error) as error:
        raise PublishError(f"build {build_id} could not be restored: {error}") from error
    finally:
        candidate(settings, build_id).unlink(missing_ok=True)
        lock.release()
