from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from kc_pipeline.warehouse.connect import RefusedStatementError, open_published, select
from kc_pipeline_tests.warehouse.publishing import publish_marker, settings_in


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = settings_in(tmp_path_factory.mktemp("reading"))
    publish_marker(settings, 1)
    return settings.warehouse


@pytest.fixture
def con(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    before = warehouse.read_bytes(), sorted(p.name for p in warehouse.parent.rglob("*"))
    opened = open_published(settings_in(warehouse.parents[1]))
    yield opened
    opened.close()
    assert (warehouse.read_bytes(), sorted(p.name for p in warehouse.parent.rglob("*"))) == before


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM core.figures",
        "WITH a AS (SELECT 1) SELECT * FROM a;",
        "FROM core.figures_latest LIMIT 1",
        "DESCRIBE core.figures",
        "SHOW ALL TABLES",
        "SUMMARIZE core.figures",
        "VALUES (1)",
        "SELECT now() > TIMESTAMPTZ '2020-01-01 00:00:00+00', '{\"a\": 1}'::JSON -> 'a'",
        "-- a remark\nSELECT 1",
    ],
)
def test_questions_are_answered(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert len(select(con, sql).fetchall()) >= 1


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO core.figures VALUES (1, 1, 1, 'x')",
        "CREATE TABLE memory.main.t AS SELECT 1",
        "COPY (SELECT 1) TO '{file}.wal'",
        "COPY (SELECT 1) TO '{file}' (USE_TMP_FILE false)",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{file}.wal'",
        "ATTACH '{file}' AS again",
        "USE memory",
        "DETACH kc",
        "EXPORT DATABASE '{file}.export'",
        "SET enable_external_access = true",
        "PRAGMA enable_profiling",
        "CALL force_checkpoint('kc')",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM enable_logging('QueryLog', storage := 'file', storage_path := '{file}.wal')",
        "SELECT 1; SELECT 2",
        "SELECT 1; COPY (SELECT 1) TO '{file}.wal'",
        "",
        "-- nothing",
    ],
)
def test_everything_but_one_question_is_refused(
    con: duckdb.DuckDBPyConnection, warehouse: Path, sql: str
) -> None:
    with pytest.raises(RefusedStatementError):
        select(con, sql.replace("{file}", str(warehouse)))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "SELECT * FROM read_csv('https://example.com/x.csv')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM query('COPY (SELECT 1) TO ''/tmp/x''')",
    ],
)
def test_questions_do_not_reach_files_or_network(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        select(con, sql).fetchall()


@pytest.mark.parametrize(
    "sql",
    [
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "CREATE TABLE core.t AS SELECT 1",
        "DELETE FROM core.figures",
        "COPY core.figures TO '/tmp/never-written.csv'",
        "ATTACH '/tmp/never-written.duckdb' AS other",
        "INSTALL httpfs",
    ],
)
def test_the_connection_itself_is_shut_off_too(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        con.execute(sql)
