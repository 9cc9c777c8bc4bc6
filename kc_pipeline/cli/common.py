"""What several commands share: settings and the published warehouse."""

from collections.abc import Iterator
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
def published() -> Iterator["duckdb.DuckDBPyConnection"]:
    """Open the published warehouse read-only for one command.

    Raises:
        NoWarehouseError: if nothing has been published.
    """
    from kc_pipeline.warehouse.connect import open_published

    at = settings()
    if not at.warehouse.is_file():
        raise NoWarehouseError(
            f"no published warehouse at {at.warehouse}; run `kc run` (or `make run`) first"
        )
    con = open_published(at)
    try:
        yield con
    finally:
        con.close()
