"""What several commands share: settings and the published warehouse."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kc_pipeline.cli.errors import NoWarehouseError, UsageError
from kc_pipeline.config import Settings

if TYPE_CHECKING:
    import duckdb


def settings() -> Settings:
    """Return the settings of the environment.

    Raises:
        UsageError: if an environment variable cannot be used.
    """
    try:
        return Settings.from_env()
    except ValueError as error:
        raise UsageError(str(error)) from None


@contextmanager
def published(limits: Mapping[str, str] | None = None) -> Iterator["duckdb.DuckDBPyConnection"]:
    """Open the published warehouse read-only for one command; `limits` are settings of DuckDB.

    Raises:
        NoWarehouseError: if nothing has been published.
    """
    import duckdb

    from kc_pipeline.warehouse.connect import WarehouseError, open_published

    at = settings()
    if not at.warehouse.is_file():
        raise NoWarehouseError(
            f"no published warehouse at {at.warehouse}; run `kc run` (or `make run`) first"
        )
    try:
        con = open_published(at, limits or {})
    except WarehouseError as error:
        raise NoWarehouseError(str(error)) from None
    except duckdb.Error as error:
        reason = " ".join(str(error).split())
        raise NoWarehouseError(
            f"{at.warehouse} cannot be read ({reason}); `kc run` publishes it anew"
        ) from None
    try:
        yield con
    finally:
        con.close()


def company_id(known: Iterable[str], text: str) -> str:
    """Return the id of a company as configured, whatever the case in which it was typed; else the text itself."""
    found = [k for k in known if k.casefold() == text.casefold()]
    return text if text in found or len(found) != 1 else found[0]


def known_company(con: "duckdb.DuckDBPyConnection", text: str) -> str:
    """Return the id of a company of the warehouse, whatever the case in which it was typed; else the text itself."""
    return company_id([r[0] for r in con.execute("SELECT company FROM core.companies").fetchall()], text)


def period_label(text: str) -> str:
    """Return a period's label as it is written in the tables: ``2025q1`` as ``2025Q1``."""
    return text.strip().upper()
