"""Small builds for the tests of publishing, usable from other processes too."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

from kc_pipeline.config import Settings
from kc_pipeline.schema import ddl, table
from kc_pipeline.warehouse.connect import open_published
from kc_pipeline.warehouse.publish import Build, Published, new_build, publish

HELPER = "kc_pipeline_tests.warehouse.publishing"


def settings_in(root: Path, keep: int = 3) -> Settings:
    return Settings(root, root / "warehouse" / "kc.duckdb", 1_000_000, keep)


def add_check(
    build: Build, name: str, status: str, severity: str = "block_build", judged: int = 5, failing: int = 0
) -> None:
    build.connection.execute(
        f"INSERT INTO meta.check_results VALUES ('{build.build_id}', '{name}', 'core.facts', '{status}',"
        f" '{severity}', {judged}, {failing}, NULL, NULL, '{name} in words')"
    )


def fill(build: Build, marker: int, rows: int = 1000, checks: bool = True) -> None:
    """Fill a build: every row of core.figures carries the marker, a view shows them, one check passed."""
    con = build.connection
    con.execute("CREATE SCHEMA core; CREATE SCHEMA meta")
    for name in ("meta.builds", "meta.check_results"):
        con.execute(ddl(table(name)))
    con.execute("CREATE TABLE core.figures (i INTEGER, marker INTEGER, value DECIMAL(38,8), note VARCHAR)")
    con.execute(
        f"INSERT INTO core.figures SELECT i, {marker}, i + 0.5, md5(i::VARCHAR) FROM range({rows}) r(i)"
    )
    con.execute("CREATE VIEW core.figures_latest AS SELECT * FROM core.figures")
    con.execute(
        f"INSERT INTO meta.builds VALUES ('{build.build_id}','','','','','','','{build.started_at}',NULL,0,0,"
        "'published')"
    )
    if checks:
        add_check(build, "grain_is_unique", "passed")


def publish_marker(settings: Settings, marker: int, rows: int = 1000) -> Published:
    with new_build(settings) as build:
        fill(build, marker, rows)
        return publish(build, settings)


def marker_of(con: duckdb.DuckDBPyConnection) -> int:
    """The marker of a snapshot; a snapshot that is not whole has none."""
    row = con.execute("SELECT min(marker), max(marker), count(*) FROM core.figures_latest").fetchone()
    assert row is not None
    assert (row[0], row[2]) == (row[1], 1000), row
    return int(row[0])


def published_marker(settings: Settings) -> int:
    con = open_published(settings)
    try:
        return marker_of(con)
    finally:
        con.close()


def files_in(settings: Settings) -> list[str]:
    """Every file below the warehouse folder, without the lock."""
    root = settings.warehouse.parent
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if not p.is_dir() and p.name != ".lock")


def child(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", HELPER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def expected_files(*build_ids: str) -> list[str]:
    return sorted(["kc.duckdb", *(f"builds/{b}{end}" for b in build_ids for end in (".duckdb", ".json"))])


def publish_and_die(root: str, marker: str, step: str) -> None:
    """Publish, and be killed when the step is reached (`build`: while the private file is written)."""

    def die(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    settings = settings_in(Path(root))
    with new_build(settings) as build:
        fill(build, int(marker))
        die("build")
        publish(build, settings, on_step=die)


def read_for_ever(root: str) -> None:
    """Open, query and close until the file `stop` appears; print what was seen as JSON."""
    settings, stop = settings_in(Path(root)), Path(root) / "stop"
    seen: dict[int, int] = {}
    errors: list[str] = []
    Path(root, "ready").touch()
    while not stop.exists():
        try:
            marker = published_marker(settings)
            seen[marker] = seen.get(marker, 0) + 1
            Path(root, f"seen-{marker}").touch()
        except Exception as error:  # noqa: BLE001 - whatever a reader meets is reported
            errors.append(repr(error))
        time.sleep(0.002)
    print(json.dumps({"seen": seen, "errors": errors}))


def write_with_file_limit(root: str, marker: str, limit: str) -> None:
    """Publish while no file may grow beyond a limit, as on a full disk; print the error."""
    import resource

    settings = settings_in(Path(root))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    try:
        with new_build(settings) as build:
            fill(build, int(marker), rows=300_000)
            publish(build, settings)
    except Exception as error:  # noqa: BLE001 - what it is, is what the test asks
        print(json.dumps([type(error).__name__, str(error)]))
    else:
        print(json.dumps(["published", ""]))


def main(arguments: list[str]) -> None:
    functions: dict[str, Any] = {
        f.__name__: f for f in (publish_and_die, read_for_ever, write_with_file_limit)
    }
    functions[arguments[0]](*arguments[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
