"""A brief out of the published warehouse, as known on a day, with what came later in a dated box."""

from datetime import date
from pathlib import Path
from typing import Literal

import duckdb

from kc_pipeline.brief.quarterly import Brief, later_developments, quarterly_brief
from kc_pipeline.brief.snapshot import as_known_at, release_date
from kc_pipeline.lineage.trail import rows

_KPIS = """SELECT kpi, value, unit, low, high, remark, known_at FROM marts.kpis
           WHERE company = ? AND period = ?"""


def make_brief(
    published: duckdb.DuckDBPyConnection,
    warehouse: Path,
    company: str,
    period: str,
    as_of: date | Literal["release", "latest"] = "release",
) -> Brief:
    """Return a quarter's brief from the published warehouse (a read-only connection to it, and its file).

    Raises:
        LookupError: if nothing is known of that company and quarter (on that day).
        ValueError: if `period` is not a quarter such as 2025Q1.
    """
    if as_of == "latest":
        return quarterly_brief(published, company, period)
    day = release_date(published, company, period) if as_of == "release" else as_of
    if day is None:  # no document of that quarter itself: only later comparatives are known
        return quarterly_brief(published, company, period)
    if _nothing_later(published, company, day):
        return quarterly_brief(published, company, period, day)
    then = as_known_at(warehouse, day)
    try:
        brief = quarterly_brief(then, company, period, day)
        before = {r["kpi"]: r for r in rows(then, _KPIS, [company, period])}
    finally:
        then.close()
    now = {r["kpi"]: r for r in rows(published, _KPIS, [company, period])}
    brief.later = later_developments(now, before)
    return brief


def _nothing_later(published: duckdb.DuckDBPyConnection, company: str, day: date) -> bool:
    """Return whether no document of the company became public after a day: what was known then is what is published."""
    later = "SELECT 1 FROM raw.documents WHERE company = ? AND known_at > ? LIMIT 1"
    return published.execute(later, [company, day]).fetchone() is None
