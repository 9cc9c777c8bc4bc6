"""The warehouse as it could have been known at the end of a day.

The published facts carry when they were known; KPIs and anomalies are computed again from the facts as of
that day by the same engines, in memory, over the read-only published file.
"""

from datetime import date
from pathlib import Path

import duckdb

from kc_pipeline.anomalies import detect
from kc_pipeline.kpis import compute, summarise
from kc_pipeline.lineage.trail import fiscal_calendar
from kc_pipeline.schema import TABLES, ddl

COMPUTED = (
    "marts.kpis",
    "marts.kpi_inputs",
    "marts.kpi_absent",
    "marts.anomalies",
    "marts.anomaly_drivers",
    "marts.stories",
    "marts.rule_coverage",
    "marts.headlines",
    "marts.quarterly_summary",
)

DATED = {
    "core.nil_lines": "known_at",
    "core.sightings": "known_at",
    "core.revisions": "later_known_at",
}
"""Tables of which the engines read what was known by the day, and the column that says since when."""


def release_date(con: duckdb.DuckDBPyConnection, company: str, period: str) -> date | None:
    """Return when the first document with that period of report became public; None where there is none."""
    calendar = fiscal_calendar(con, company)
    if calendar is None:
        return None
    end = calendar.period(period).end
    found = con.execute(
        """SELECT min(d.known_at) FROM raw.documents d JOIN raw.filings f USING (filing_id)
           WHERE f.company = ? AND d.status = 'accepted' AND abs(date_diff('day', f.period_of_report, ?)) <= 10""",
        [company, end],
    ).fetchone()
    return found[0] if found else None


def as_known_at(warehouse: Path, day: date) -> duckdb.DuckDBPyConnection:
    """Return an in-memory database with the published tables as known at the end of `day`.

    `core.facts_latest` there is the published `core.facts_as_of(day)`; KPIs and anomalies are those of that day.
    """
    con = duckdb.connect(":memory:")
    con.execute(f"ATTACH '{str(warehouse).replace(chr(39), chr(39) * 2)}' AS published (READ_ONLY)")
    for schema in sorted({t.schema for t in TABLES}):
        con.execute(f"CREATE SCHEMA {schema}")
    for table in TABLES:
        if table.qualified in COMPUTED or table.qualified in ("core.facts", "core.facts_latest"):
            continue
        known = f" WHERE {DATED[table.qualified]} <= DATE '{day}'" if table.qualified in DATED else ""
        con.execute(f"CREATE VIEW {table.qualified} AS SELECT * FROM published.{table.qualified}{known}")
    known = f"known_at <= DATE '{day.isoformat()}'"
    con.execute(f"CREATE VIEW core.facts AS SELECT * FROM published.core.facts WHERE {known}")
    con.execute(
        f"""CREATE TABLE core.facts_latest AS SELECT * FROM published.core.facts WHERE {known}
            QUALIFY row_number() OVER (PARTITION BY figure_id ORDER BY version DESC) = 1"""
    )
    for name in COMPUTED:
        con.execute(ddl(next(t for t in TABLES if t.qualified == name)))
    compute(con)
    detect(con)
    summarise(con)
    return con
