"""What a warehouse holds, as a hash: the same figures give the same hash, however they lie on the disk."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import duckdb

from kc_pipeline.warehouse.connect import open_read_only

NOT_CONTENT = "meta"


def content_hash(source: Path | duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return one hash per table and view outside `meta` (which holds times and build ids), by name.

    A row is written as text, each value as its length, a colon and its text (nested values as JSON, times
    in UTC), an absent one as the colon alone, so that no two different rows share a text. The MD5 halves
    of the rows are added up as whole numbers: the sum does not depend on the order of rows, on their place
    in the file or on the version of DuckDB, and sees a row that is there twice. Sums, number of rows,
    column names and types are hashed with SHA-256.

    Args:
        source: a database file, or a connection to one

    Raises:
        WarehouseError: if the file is absent.
        duckdb.Error: if it cannot be read.
    """
    if isinstance(source, Path):
        con = open_read_only(source)
        try:
            return content_hash(con)
        finally:
            con.close()
    columns = source.execute(
        "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns"
        f" WHERE table_catalog = current_catalog() AND table_schema <> '{NOT_CONTENT}'"
        " ORDER BY table_schema, table_name, ordinal_position"
    ).fetchall()
    tables: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, table, column, kind in columns:
        tables.setdefault((schema, table), []).append((column, kind))
    return {f"{s}.{t}": _table_hash(source, s, t, described) for (s, t), described in tables.items()}


def overall_hash(hashes: Mapping[str, str]) -> str:
    """Return one hash for all tables together."""
    text = "\n".join(f"{name} {hashes[name]}" for name in sorted(hashes))
    return hashlib.sha256(text.encode()).hexdigest()


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _as_text(column: str, kind: str) -> str:
    value = _name(column)
    if kind == "TIMESTAMP WITH TIME ZONE":
        value = f"epoch_us({value})"
    elif kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        value = f"to_json({value})"
    text = f"{value}::VARCHAR"
    return f"strlen({text}), ':', {text}"


def _table_hash(
    con: duckdb.DuckDBPyConnection, schema: str, table: str, columns: list[tuple[str, str]]
) -> str:
    row = ", ".join(_as_text(column, kind) for column, kind in columns)
    sums = con.execute(
        f"SELECT count(*), coalesce(sum(md5_number_lower(r)::HUGEINT), 0),"
        f" coalesce(sum(md5_number_upper(r)::HUGEINT), 0)"
        f" FROM (SELECT concat({row}) AS r FROM {_name(schema)}.{_name(table)})"
    ).fetchone()
    return hashlib.sha256(repr((columns, sums)).encode()).hexdigest()
