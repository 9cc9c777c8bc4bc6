import duckdb
import pytest

from kc_pipeline.schema import TABLES, arrow_schema, ddl, reference_markdown


def _created() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:")
    for schema in sorted({t.schema for t in TABLES}):
        con.execute(f"CREATE SCHEMA {schema}")
    for table in TABLES:
        if not table.is_view:
            con.execute(ddl(table))
    return con


def test_every_table_and_column_has_its_comment_in_the_database() -> None:
    con = _created()
    for table in (t for t in TABLES if not t.is_view):
        comment = con.execute(
            "SELECT comment FROM duckdb_tables() WHERE schema_name = ? AND table_name = ?",
            [table.schema, table.name],
        ).fetchone()
        assert comment == (table.comment,)
        columns = con.execute(
            "SELECT column_name, comment, is_nullable FROM duckdb_columns() WHERE schema_name = ? AND table_name = ?"
            " ORDER BY column_index",
            [table.schema, table.name],
        ).fetchall()
        assert columns == [(c.name, c.comment, not c.required) for c in table.columns]


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.qualified)
def test_a_declaration_is_whole(table) -> None:  # type: ignore[no-untyped-def]
    names = table.column_names
    assert len(names) == len(set(names))
    assert set(table.key) <= set(names)
    assert {t.qualified for t in TABLES} >= set(table.depends_on)
    assert table.comment.endswith(".")
    assert arrow_schema(table).names == list(names)
    assert f"`{table.qualified}`" in reference_markdown((table,))
