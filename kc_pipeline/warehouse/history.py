"""The published builds that are kept, and what a crashed run left behind.

Below ``builds/`` a build is ``<build_id>.duckdb``. While it is private it stands alone; before it is
published its manifest is written as ``<build_id>.json.pending``, and once it is published the manifest
becomes ``<build_id>.json``. So what has no manifest of the second kind was never published, except where
a run died between the two: then the published file itself says which build it is.
"""

import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from kc_pipeline.config import Settings
from kc_pipeline.store.files import TEMPORARY, sync_folder, write_whole
from kc_pipeline.warehouse.connect import WarehouseError, open_published, open_read_only, wal_files

BUILD_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
_PENDING = ".json.pending"


@dataclass(frozen=True, slots=True)
class KeptBuild:
    """A published build: when it was made (ISO 8601, UTC), its size in bytes and its content hashes."""

    build_id: str
    created_at: str
    size: int
    content: str
    tables: dict[str, str]


def database_of(settings: Settings, build_id: str) -> Path:
    """Return the file of a build, private or kept."""
    return settings.builds / f"{build_id}.duckdb"


def write_pending(settings: Settings, kept: KeptBuild) -> None:
    """Write the manifest of a build that is about to be published."""
    data = json.dumps(asdict(kept), indent=2, sort_keys=True).encode() + b"\n"
    write_whole(settings.builds / f"{kept.build_id}{_PENDING}", data)


def confirm(settings: Settings, build_id: str) -> None:
    """Turn the pending manifest of a build that is published into its lasting one."""
    os.replace(settings.builds / f"{build_id}{_PENDING}", settings.builds / f"{build_id}.json")
    sync_folder(settings.builds)


def kept_builds(settings: Settings) -> list[KeptBuild]:
    """Return the published builds that are kept, newest first.

    Raises:
        WarehouseError: if a manifest cannot be read.
    """
    out = []
    for path in sorted(settings.builds.glob("*.json")):
        try:
            out.append(KeptBuild(**json.loads(path.read_bytes())))
        except (OSError, ValueError, TypeError) as error:
            raise WarehouseError(f"{path}: manifest of a kept build cannot be read: {error}") from error
    return sorted(out, key=lambda k: (k.created_at, k.build_id), reverse=True)


def build_of(con: duckdb.DuckDBPyConnection) -> str | None:
    """Return the id of the build that a connection shows: the newest of its `meta.builds`."""
    row = con.execute(
        "SELECT build_id FROM meta.builds ORDER BY started_at DESC, build_id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else str(row[0])


def published_build(settings: Settings) -> str | None:
    """Return the id of the published build, as the file says itself; None where nothing readable is published."""
    try:
        con = open_published(settings)
    except (WarehouseError, duckdb.Error):
        return None
    try:
        return build_of(con)
    except duckdb.Error:
        return None
    finally:
        con.close()


def open_kept(settings: Settings, build_id: str) -> duckdb.DuckDBPyConnection:
    """Open a kept build for reading.

    Raises:
        WarehouseError: if it is not kept; the message names those that are.
    """
    if all(k.build_id != build_id for k in kept_builds(settings)):
        known = ", ".join(k.build_id for k in kept_builds(settings)) or "none"
        raise WarehouseError(f"build {build_id} is not kept (kept: {known})")
    return open_read_only(database_of(settings, build_id))


def remove_build(settings: Settings, build_id: str) -> None:
    """Remove every file of a build; the manifest last, so that a crash leaves it to be removed again."""
    database = database_of(settings, build_id)
    shutil.rmtree(settings.builds / f"{build_id}.tmp", ignore_errors=True)
    for path in [database, *wal_files(database)]:
        path.unlink(missing_ok=True)
    for ending in (_PENDING, ".json"):
        (settings.builds / f"{build_id}{ending}").unlink(missing_ok=True)


def candidate(settings: Settings, build_id: str) -> Path:
    """Return the name beside the target under which a build waits to replace it."""
    return settings.warehouse.parent / f".{settings.warehouse.name}.{build_id}.new"


def clean_up(settings: Settings) -> list[str]:
    """Remove what crashed runs left and finish what a crash interrupted; the writer's lock must be held.

    Returns:
        The ids of the builds that were removed.
    """
    for path in settings.warehouse.parent.glob(f".{settings.warehouse.name}.*.new"):
        path.unlink(missing_ok=True)
    if not settings.builds.is_dir():
        return []
    published = published_build(settings)
    names = [p.name for p in settings.builds.iterdir()]
    ids = sorted({m[0] for name in names if (m := BUILD_ID.match(name))})
    removed = []
    for build_id in ids:
        whole = database_of(settings, build_id).is_file()
        if whole and build_id == published and f"{build_id}{_PENDING}" in names:
            confirm(settings, build_id)
        elif not whole or f"{build_id}.json" not in names:
            remove_build(settings, build_id)
            removed.append(build_id)
    for name in names:
        if name.startswith(TEMPORARY):
            (settings.builds / name).unlink(missing_ok=True)
    return removed


def prune(settings: Settings, published: str) -> list[str]:
    """Remove the oldest kept builds beyond the number to keep, never the published one; return their ids."""
    kept = [k.build_id for k in kept_builds(settings) if k.build_id != published]
    surplus = kept[max(settings.keep_builds - 1, 0) :]
    for build_id in surplus:
        remove_build(settings, build_id)
    return surplus
