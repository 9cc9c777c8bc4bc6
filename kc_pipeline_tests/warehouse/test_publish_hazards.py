import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from kc_pipeline.config import Settings
from kc_pipeline.warehouse.connect import (
    WarehouseError,
    open_published,
    wal_files,
)
from kc_pipeline.warehouse.contents import content_hash
from kc_pipeline.warehouse.publish import (
    new_build,
    publish,
)
from kc_pipeline_tests.warehouse.publishing import (
    child,
    fill,
    marker_of,
    publish_marker,
    published_marker,
    settings_in,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def stale_wal(settings: Settings) -> bytes:
    """A write-ahead file as a crashed writer leaves it beside the published file, holding 500 rows more."""
    script = (
        "import duckdb, os, sys\n"
        "con = duckdb.connect(sys.argv[1])\n"
        "con.execute(\"SET checkpoint_threshold='1TB'\")\n"
        "con.execute('INSERT INTO core.figures SELECT i, -1, 0, NULL FROM range(500) r(i)')\n"
        "os._exit(0)\n"
    )
    settings.warehouse.chmod(0o644)
    subprocess.run([sys.executable, "-c", script, str(settings.warehouse)], check=True, timeout=60)
    wal = settings.warehouse.with_name("kc.duckdb.wal")
    assert wal.stat().st_size > 0
    return wal.read_bytes()


def test_a_stale_write_ahead_file_is_removed_before_the_new_file_takes_its_place(settings: Settings) -> None:
    publish_marker(settings, 1)
    stale_wal(settings)
    publish_marker(settings, 2)
    assert wal_files(settings.warehouse) == []
    assert published_marker(settings) == 2


def test_a_write_ahead_file_beside_the_published_file_is_an_error_and_never_read(settings: Settings) -> None:
    publish_marker(settings, 1)
    data = stale_wal(settings)
    with pytest.raises(WarehouseError, match="not checked"):
        open_published(settings)
    publish_marker(settings, 2)
    settings.warehouse.with_name("kc.duckdb.wal").write_bytes(data)  # a writer that held the old file
    with pytest.raises(WarehouseError, match="not checked"):
        open_published(settings)
    with pytest.raises(duckdb.Error, match="WAL does not match"):  # also for a reader that is not ours
        duckdb.connect(str(settings.warehouse), read_only=True)


def test_a_copy_of_the_published_file_alone_is_complete(settings: Settings, tmp_path: Path) -> None:
    with new_build(settings) as build:
        fill(build, 1)
        build.connection.execute("SET checkpoint_threshold='1TB'")
        build.connection.execute("UPDATE core.figures SET note = 'late' WHERE i < 10")
        assert wal_files(build.path) != []
        publish(build, settings)
    copy = tmp_path / "copy.duckdb"
    shutil.copyfile(settings.warehouse, copy)
    assert content_hash(copy) == content_hash(settings.warehouse)
    con = duckdb.connect(str(copy), read_only=True)
    try:
        assert con.execute("SELECT count(*) FROM core.figures WHERE note = 'late'").fetchone() == (10,)
    finally:
        con.close()


def test_a_second_open_in_one_process_sees_the_new_file_and_the_first_keeps_its_own(
    settings: Settings,
) -> None:
    publish_marker(settings, 1)
    first = open_published(settings)
    publish_marker(settings, 2)
    second = open_published(settings)
    publish_marker(settings, 3)
    try:
        assert [marker_of(con) for con in (first, second)] == [1, 2]
        assert published_marker(settings) == 3
    finally:
        first.close()
        second.close()


def test_no_reader_fails_or_sees_a_half_while_three_runs_publish(settings: Settings, tmp_path: Path) -> None:
    publish_marker(settings, 0)
    reader = child("read_for_ever", str(tmp_path))
    while not (tmp_path / "ready").exists():
        assert reader.poll() is None
        time.sleep(0.01)
    for marker in (1, 2, 3):
        publish_marker(settings, marker)
        while not (tmp_path / f"seen-{marker}").exists():
            assert reader.poll() is None
            time.sleep(0.01)
    (tmp_path / "stop").touch()
    out, _ = reader.communicate(timeout=600)
    answer = json.loads(out)
    assert answer["errors"] == []
    assert {"1", "2", "3"} <= set(answer["seen"])  # how often it read in between depends on the machine
