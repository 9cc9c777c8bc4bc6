"""Opening warehouse files.

Every connection is an in-memory instance of its own with the file attached as ``kc``. An instance opened by
path would be shared within a process: a second open after a publish would silently show the old file.
"""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import duckdb

from kc_pipeline.config import Settings

CATALOG = "kc"
STORAGE_VERSION = "v1.4.0"
WAL_ENDINGS = (".wal", ".wal.recovery", ".wal.checkpoint")
_SWITCHES = re.compile(r"\b(enable|disable|truncate)_(logging|duckdb_logs|profil\w*)", re.IGNORECASE)
_NO_EXTENSIONS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


class WarehouseError(Exception):
    """The warehouse cannot be used as asked; the message says what to do."""


class NotPublishedError(WarehouseError):
    """Nothing has been published yet."""


class RefusedStatementError(WarehouseError):
    """A statement other than a single SELECT was handed in for reading."""


def wal_files(path: Path) -> list[Path]:
    """Return the write-ahead files that lie beside a database file."""
    return [w for w in (path.with_name(path.name + end) for end in WAL_ENDINGS) if w.exists()]


def _no_foreign_writes(path: Path) -> None:
    if foreign := wal_files(path):
        raise WarehouseError(
            f"{foreign[0]}: something wrote to the published warehouse; its figures are not checked. "
            "Run `kc run`, which publishes anew and removes it"
        )


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _attached(
    path: Path, options: str, spill: Path, limits: Mapping[str, str] = MappingProxyType({})
) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:", config={**_NO_EXTENSIONS, "temp_directory": str(spill), **limits})
    try:
        con.execute(f"ATTACH {_quoted(path)} AS {CATALOG} ({options})")
        con.execute(f"USE {CATALOG}")
    except duckdb.Error:
        con.close()
        raise
    return con


def open_for_build(path: Path, spill: Path) -> duckdb.DuckDBPyConnection:
    """Create a database file and return a connection whose default catalog it is.

    The storage version makes a write-ahead file that belongs to another file an error on opening; older
    ones replay it silently into the wrong file.

    Args:
        path: the new file
        spill: folder for what does not fit into memory

    Raises:
        duckdb.Error: if the file cannot be created.
    """
    return _attached(path, f"STORAGE_VERSION '{STORAGE_VERSION}'", spill)


def close_build(con: duckdb.DuckDBPyConnection) -> None:
    """Write everything into the file and let go of it, also where cursors of the connection are still held.

    Raises:
        duckdb.Error: if it cannot be written, or a transaction is still open.
    """
    con.execute(f"CHECKPOINT {CATALOG}")
    con.execute("USE memory")
    con.execute(f"DETACH {CATALOG}")
    con.close()


def spill_of_reader() -> Path:
    """Return the folder for what does not fit into the memory of this process's reading connections."""
    return Path(tempfile.gettempdir()) / f"kc-spill-{os.getpid()}"


def open_read_only(path: Path, limits: Mapping[str, str] = MappingProxyType({})) -> duckdb.DuckDBPyConnection:
    """Open a database file for reading, shut off from files, network, extensions and settings.

    `limits` are settings of DuckDB that bound memory and spill.

    The settings keep nobody from writing through `COPY` to the file's own write-ahead name or from
    attaching the file anew: statements from outside must go through `select`.

    Raises:
        NotPublishedError: if there is no such file.
        WarehouseError: if a write-ahead file lies beside it: something else than a publish wrote there.
        duckdb.Error: if it is no warehouse.
    """
    if not path.is_file():
        raise NotPublishedError(f"{path}: nothing has been published yet; run `kc run`")
    _no_foreign_writes(path)
    con = _attached(path, "READ_ONLY", spill_of_reader(), limits)
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def open_published(
    settings: Settings, limits: Mapping[str, str] = MappingProxyType({})
) -> duckdb.DuckDBPyConnection:
    """Open the published warehouse for reading; always the file that is published now.

    The connection keeps its snapshot, complete and unchanged, through later publishes.

    Raises:
        NotPublishedError: if nothing has been published yet.
        WarehouseError: as `open_read_only`.
    """
    return open_read_only(settings.warehouse, limits)


def attach_published(con: duckdb.DuckDBPyConnection, settings: Settings, name: str = "previous") -> bool:
    """Show the published warehouse to a build, read-only, as the catalog `name`; False if there is none.

    Raises:
        WarehouseError: if a write-ahead file lies beside it.
        duckdb.Error: if it is no warehouse, or `name` is taken.
    """
    if not settings.warehouse.is_file():
        return False
    _no_foreign_writes(settings.warehouse)
    con.execute(f"ATTACH {_quoted(settings.warehouse)} AS {name} (READ_ONLY)")
    return True


def select(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyConnection:
    """Run one SELECT (also WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE) that came from outside.

    Raises:
        RefusedStatementError: if it is anything else, or more than one statement.
        duckdb.Error: if it is wrong in itself.
    """
    statements = con.extract_statements(sql)
    if len(statements) != 1:
        raise RefusedStatementError(f"expected one SELECT statement, got {len(statements)}")
    if switch := _SWITCHES.search(sql):
        raise RefusedStatementError(f"{switch[0]} changes settings and writes files: it cannot be used here")
    kind = statements[0].type
    if kind != duckdb.StatementType.SELECT:
        raise RefusedStatementError(
            f"only SELECT is allowed here, not {kind.name}: the warehouse is read-only"
        )
    return con.execute(statements[0])
