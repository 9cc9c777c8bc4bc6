from pathlib import Path

import duckdb
import pytest

from kc_pipeline.warehouse.contents import content_hash, overall_hash


def build_hash(tmp_path: Path, name: str, *statements: str) -> dict[str, str]:
    con = duckdb.connect(str(tmp_path / name))
    try:
        con.execute(
            "CREATE SCHEMA core; CREATE TABLE core.t (a VARCHAR, b VARCHAR, c DECIMAL(38,8), d VARCHAR[])"
        )
        con.execute("INSERT INTO core.t VALUES ('x', NULL, 1.5, ['p', 'q']), ('y', '', 2, [])")
        for statement in statements:
            con.execute(statement)
        return content_hash(con)
    finally:
        con.close()


def test_the_hash_does_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    shuffled = "CREATE OR REPLACE TABLE core.t AS SELECT * FROM core.t ORDER BY a DESC"
    assert build_hash(tmp_path, "1") == build_hash(tmp_path, "2", shuffled)
    assert build_hash(tmp_path, "3", "CREATE SCHEMA meta; CREATE TABLE meta.x AS SELECT now() AS t") == (
        build_hash(tmp_path, "4")
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core.t SET c = c + 0.00000001 WHERE a = 'y'",
        "UPDATE core.t SET b = '' WHERE a = 'x'",
        "UPDATE core.t SET a = b, b = a WHERE a = 'y'",
        "UPDATE core.t SET d = ['p, q'] WHERE a = 'x'",
        "INSERT INTO core.t SELECT * FROM core.t",
        "DELETE FROM core.t WHERE a = 'x'",
        "ALTER TABLE core.t RENAME COLUMN b TO e",
        "CREATE TABLE core.u (i INTEGER)",
    ],
)
def test_the_hash_sees_every_change(tmp_path: Path, statement: str) -> None:
    assert overall_hash(build_hash(tmp_path, "1")) != overall_hash(build_hash(tmp_path, "2", statement))


def test_the_hash_is_the_same_in_every_version_and_place(tmp_path: Path) -> None:
    """The value is written down: a change of the hash function would show as a change of every figure."""
    assert build_hash(tmp_path, "1") == {
        "core.t": "32a4049195878612f8dae60bc38126c0f486f2b67e0a6eee6a429468bed03445"
    }


def test_times_are_hashed_in_utc_whatever_the_session(tmp_path: Path) -> None:
    at = "CREATE TABLE core.u AS SELECT TIMESTAMPTZ '2025-05-28 00:00:00+00' AS t"
    assert build_hash(tmp_path, "1", at, "SET TimeZone='Asia/Shanghai'") == build_hash(tmp_path, "2", at)
