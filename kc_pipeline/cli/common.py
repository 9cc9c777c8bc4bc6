"""What several commands share: settings and the published warehouse."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from kc_pipeline.cli.errors import NoWarehouseError, UsageError
from kc_pipeline.config import Company, Settings, following, load_companies
from kc_pipeline.config.packs import pack_folders
from kc_pipeline.figures.names import what_there_is

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
def published(
    limits: Mapping[str, str] | None = None, *, packs: bool = True
) -> Iterator["duckdb.DuckDBPyConnection"]:
    """Open the published warehouse read-only for one command; `limits` are settings of DuckDB.

    The companies of the data folder are followed meanwhile, unless the command does without `packs`.

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
        with following(declared(at).values() if packs else ()):
            yield con
    finally:
        con.close()


def declared(at: Settings) -> dict[str, Company]:
    """Return the companies of the data folder; none where it declares none, since a warehouse can be read without."""
    there = at.companies_file.exists() or pack_folders(at.data)
    return load_companies(at.companies_file) if there else {}


def company_id(known: Iterable[str], text: str) -> str:
    """Return the id of a company as configured, whatever the case in which it was typed; else the text itself."""
    found = [k for k in known if k.casefold() == text.casefold()]
    return text if text in found or len(found) != 1 else found[0]


def known_company(con: "duckdb.DuckDBPyConnection", text: str) -> str:
    """Return the id of a company of the warehouse, whatever the case in which it was typed.

    Raises:
        UsageError: if there is no such company; the message says which there are.
    """
    named = con.execute("SELECT company, name FROM core.companies ORDER BY company").fetchall()
    found = company_id([company for company, _ in named], text)
    if all(found != company for company, _ in named):
        known = what_there_is(text, [c for c, _ in named], {name: c for c, name in named})
        raise UsageError(f"company {text!r} is not in the warehouse; {known}")
    return found


def period_label(text: str) -> str:
    """Return a period's label as it is written in the tables: ``2025q1`` as ``2025Q1``."""
    return text.strip().upper()


class Quarters(NamedTuple):
    """A range of quarters (``2025Q1``), either end open where it is None."""

    first: str | None = None
    last: str | None = None

    def __contains__(self, quarter: object) -> bool:
        """Return whether a quarter lies in the range."""
        return (
            isinstance(quarter, str)
            and (self.first is None or self.first <= quarter)
            and (self.last is None or quarter <= self.last)
        )


def quarter_range(text: str | None) -> Quarters:
    """Return the range that ``2025Q1``, ``2024Q1..2025Q4``, ``2024Q1..`` or ``..2025Q4`` names; all for None.

    Raises:
        UsageError: if it is none of these, or its end lies before its begin.
    """
    if text is None:
        return Quarters()
    first, dots, last = (period_label(part) for part in text.partition(".."))
    given = [part for part in (first, last) if part]
    if not given or any(not re.fullmatch(r"\d{4}Q[1-4]", part) for part in given):
        raise UsageError(f"--quarter {text}: wants a quarter (2025Q1) or a range (2024Q1..2025Q4, 2024Q1..)")
    if not dots:
        return Quarters(first, first)
    if first and last and last < first:
        raise UsageError(f"--quarter {text}: {last} comes before {first}")
    return Quarters(first or None, last or None)
