import errno
import os
import stat
import threading
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from kc_pipeline.config import Settings
from kc_pipeline.warehouse.connect import (
    NotPublishedError,
    attach_published,
    close_build,
    open_published,
)
from kc_pipeline.warehouse.contents import content_hash
from kc_pipeline.warehouse.history import kept_builds, published_build
from kc_pipeline.warehouse.lock import WarehouseBusyError
from kc_pipeline.warehouse.publish import (
    GateRefused,
    PublishError,
    new_build,
    publish,
    restore,
)
from kc_pipeline_tests.warehouse.publishing import (
    add_check,
    child,
    expected_files,
    files_in,
    fill,
    marker_of,
    publish_marker,
    published_marker,
    settings_in,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


# ---- the plain case


def test_what_was_built_is_published_and_kept(settings: Settings) -> None:
    published = publish_marker(settings, 1)
    assert published_marker(settings) == 1
    assert files_in(settings) == expected_files(published.build_id)
    assert published_build(settings) == published.build_id
    (kept,) = kept_builds(settings)
    assert (kept.build_id, kept.tables, kept.content) == (
        published.build_id,
        published.tables,
        published.content,
    )
    assert published.tables == content_hash(settings.warehouse)
    assert set(published.tables) == {"core.figures", "core.figures_latest"}
    assert (published.remarks, published.pruned) == ([], [])


def test_the_published_file_is_read_only_and_of_the_declared_storage_version(settings: Settings) -> None:
    publish_marker(settings, 1)
    assert stat.S_IMODE(settings.warehouse.stat().st_mode) == 0o444
    con = duckdb.connect(str(settings.warehouse), read_only=True)
    try:
        row = con.execute("SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = 'kc'")
        assert row.fetchone() == ("v1.4.0+",)
        assert con.execute("SELECT count(*) FROM core.figures_latest").fetchone() == (1000,)
    finally:
        con.close()


def test_before_the_first_publish_the_reader_is_told_what_to_do(settings: Settings) -> None:
    with pytest.raises(NotPublishedError, match="kc run"):
        open_published(settings)


def test_leaving_a_build_unpublished_removes_it(settings: Settings) -> None:
    publish_marker(settings, 1)
    before = files_in(settings)
    with new_build(settings) as build:
        fill(build, 2)
    assert files_in(settings) == before
    assert published_marker(settings) == 1


def test_cursors_that_are_still_held_do_not_keep_rows_out_of_the_file(settings: Settings) -> None:
    with new_build(settings) as build:
        cursor = build.connection.cursor()
        fill(build, 1)
        cursor.execute("SELECT 1")
        publish(build, settings)
        assert published_marker(settings) == 1
        with pytest.raises(duckdb.Error):  # nor can they reach into the published file
            cursor.execute("DELETE FROM kc.core.figures")


def test_a_build_that_leaves_rows_outside_its_file_is_not_published(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_build(settings) as build:
        fill(build, 1)

        def close_badly(con: duckdb.DuckDBPyConnection) -> None:
            close_build(con)
            build.path.with_name(build.path.name + ".wal").write_bytes(b"rows")

        monkeypatch.setattr("kc_pipeline.warehouse.publish.close_build", close_badly)
        with pytest.raises(PublishError, match="outside the build's file"):
            publish(build, settings)
    assert files_in(settings) == []


def test_a_build_can_look_at_what_is_published_and_then_take_its_place(settings: Settings) -> None:
    with new_build(settings) as build:
        assert not attach_published(build.connection, settings)
    publish_marker(settings, 7)
    reader = open_published(settings)
    with new_build(settings) as build:
        fill(build, 2)
        assert attach_published(build.connection, settings)
        build.connection.execute(
            "UPDATE core.figures SET marker = (SELECT max(marker) + 1 FROM previous.core.figures)"
        )
        with pytest.raises(duckdb.Error, match="read-only"):
            build.connection.execute("DELETE FROM previous.core.figures")
        publish(build, settings)
    assert published_marker(settings) == 8
    assert marker_of(reader) == 7
    reader.close()


def test_an_open_transaction_is_not_published(settings: Settings) -> None:
    publish_marker(settings, 1)
    before = settings.warehouse.read_bytes()
    with new_build(settings) as build:
        fill(build, 2)
        build.connection.execute("BEGIN; INSERT INTO core.figures VALUES (1, 2, 3, 'x')")
        with pytest.raises(PublishError):
            publish(build, settings)
    assert settings.warehouse.read_bytes() == before


# ---- the gate


@pytest.mark.parametrize(
    ("status", "severity", "judged", "failing"),
    [
        ("failed", "block_build", 5, 1),
        ("failed", "block_document", 5, 1),
        ("error", "block_build", 0, 0),
        ("passed", "block_build", 0, 0),
        ("passed", "block_build", 5, 1),
        ("PASSED", "block_build", 5, 0),
        ("passed", "blocking", 5, 0),
    ],
)
def test_the_gate_refuses_and_names_the_check(
    settings: Settings, status: str, severity: str, judged: int, failing: int
) -> None:
    publish_marker(settings, 1)
    before, files = settings.warehouse.read_bytes(), files_in(settings)
    with new_build(settings) as build:
        fill(build, 2)
        add_check(build, "balance_sheet_balances", status, severity, judged, failing)
        with pytest.raises(GateRefused, match="balance_sheet_balances") as refused:
            publish(build, settings)
    assert refused.value.failed == ["balance_sheet_balances"]
    assert settings.warehouse.read_bytes() == before
    assert files_in(settings) == files


def test_warnings_and_what_cannot_be_evaluated_do_not_block(settings: Settings) -> None:
    with new_build(settings) as build:
        fill(build, 1)
        add_check(build, "usd_against_rmb", "failed", "warn", 5, 5)
        add_check(build, "segments_sum", "not_evaluable", "block_document", 0)
        publish(build, settings)
    assert published_marker(settings) == 1


def test_a_build_in_which_nothing_could_be_judged_is_refused(settings: Settings) -> None:
    with new_build(settings) as build:
        fill(build, 1, checks=False)
        add_check(build, "balance_sheet_balances", "not_evaluable", "block_build", 0)
        add_check(build, "coverage", "passed", "warn")
        with pytest.raises(GateRefused, match="could judge"):
            publish(build, settings)
    assert not settings.warehouse.exists()


def test_a_required_check_that_was_not_run_has_not_passed(settings: Settings) -> None:
    with new_build(settings) as build:
        fill(build, 1)
        with pytest.raises(GateRefused, match="balance_sheet_balances was not run") as refused:
            publish(build, settings, required=["grain_is_unique", "balance_sheet_balances"])
    assert refused.value.failed == ["balance_sheet_balances"]
    with new_build(settings) as build:
        fill(build, 2)
        publish(build, settings, required=["grain_is_unique"])
    assert published_marker(settings) == 2


def test_results_of_another_build_do_not_count(settings: Settings) -> None:
    with new_build(settings) as build:
        fill(build, 1)
        build.connection.execute("UPDATE meta.check_results SET build_id = 'another'")
        with pytest.raises(GateRefused, match="could judge"):
            publish(build, settings)


def test_a_build_that_was_never_checked_is_refused(settings: Settings) -> None:
    with new_build(settings) as build:
        build.connection.execute("CREATE SCHEMA core; CREATE TABLE core.facts AS SELECT 1 AS i")
        with pytest.raises(GateRefused, match="no check results"):
            publish(build, settings)
    assert not settings.warehouse.exists()


def test_a_build_without_its_row_in_meta_builds_is_refused(settings: Settings) -> None:
    with new_build(settings) as build:
        fill(build, 1)
        build.connection.execute("DELETE FROM meta.builds")
        with pytest.raises(GateRefused, match=r"meta\.builds"):
            publish(build, settings)


# ---- one writer, rollback, pruning


def test_a_second_writer_is_told_who_is_building(settings: Settings) -> None:
    with new_build(settings), pytest.raises(WarehouseBusyError, match=str(os.getpid())):
        new_build(settings)
    publish_marker(settings, 1)


def test_a_second_writer_in_another_process_is_refused_too(settings: Settings, tmp_path: Path) -> None:
    with new_build(settings) as build:
        fill(build, 1)
        _, err = child("publish_and_die", str(tmp_path), "2", "never").communicate(timeout=60)
        assert "WarehouseBusyError: another run is building" in err
        publish(build, settings)
    assert published_marker(settings) == 1


def test_a_second_writer_may_wait(settings: Settings) -> None:
    build = new_build(settings)
    waits: list[float] = []
    holders: list[str] = []
    clock = count(0.0, 0.25)
    told = SimpleNamespace(monotonic=lambda: next(clock), sleep=waits.append)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kc_pipeline.warehouse.lock.time", told)
        with pytest.raises(WarehouseBusyError):
            new_build(settings, wait_seconds=1.0, on_wait=holders.append)
    assert holders == [str(os.getpid())]
    assert len(waits) == 3  # at 0.25, 0.5 and 0.75 of a second; at 1 it gives up
    threading.Timer(0.3, build.abandon).start()
    with new_build(settings, wait_seconds=30) as second:
        assert second.build_id != build.build_id


def test_only_the_last_builds_are_kept(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, keep=2)
    published = [publish_marker(settings, marker) for marker in range(4)]
    assert files_in(settings) == expected_files(*(p.build_id for p in published[-2:]))
    assert published[-1].pruned == [published[-3].build_id]


def test_a_kept_build_can_be_published_again(settings: Settings) -> None:
    first, second = publish_marker(settings, 1), publish_marker(settings, 2)
    restore(settings, first.build_id)
    assert published_marker(settings) == 1
    assert published_build(settings) == first.build_id
    restore(settings, second.build_id)
    assert published_marker(settings) == 2
    with pytest.raises(PublishError, match="not kept"):
        restore(settings, "20260101T000000Z-abcdef")


def test_a_kept_build_that_was_altered_is_not_restored(settings: Settings) -> None:
    first = publish_marker(settings, 1)
    publish_marker(settings, 2)
    path = settings.builds / f"{first.build_id}.duckdb"
    path.chmod(0o644)
    con = duckdb.connect(str(path))
    con.execute("UPDATE core.figures SET value = value + 1 WHERE i = 7")
    con.close()
    with pytest.raises(PublishError, match="no longer holds"):
        restore(settings, first.build_id)
    assert published_marker(settings) == 2


def test_where_files_cannot_be_linked_they_are_copied(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no_links)
    first = publish_marker(settings, 1)
    second = publish_marker(settings, 2)
    assert published_marker(settings) == 2
    assert files_in(settings) == expected_files(first.build_id, second.build_id)
    assert stat.S_IMODE(settings.warehouse.stat().st_mode) == 0o444


def test_what_is_not_ours_in_the_builds_folder_is_left_alone(settings: Settings) -> None:
    settings.builds.mkdir(parents=True)
    (settings.builds / "notes.txt").write_text("mine")
    (settings.builds / "mine.duckdb").write_text("mine")
    publish_marker(settings, 1)
    assert (settings.builds / "notes.txt").read_text() == "mine"
    assert (settings.builds / "mine.duckdb").read_text() == "mine"
