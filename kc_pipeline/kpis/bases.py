"""The facts that KPIs read, with those of an earlier basis marked: the revenues of their period were restated since.

An issuer that restates a period's revenues (an operation given up, a change of policy) restates other flows of the
period with them; one that no document has printed since stands on the earlier basis, and what is computed from both
mixes the two. Such a fact is suspect for KPIs; a balance is not, nor is a flow that a later document repeats.
"""

import duckdb

EARLIER_BASIS = "earlier_basis"

# Roundings and typing errors change revenues by less than this share of them.
_LEAST = "0.005"
_RESTATED = f"concept = 'revenues' AND segment IS NULL AND counterparty IS NULL AND abs(relative_change) >= {_LEAST} AND kind NOT IN ('refinement', 'transcription', 'split')"


def with_bases(con: duckdb.DuckDBPyConnection, facts: str, until: str | None = None) -> str:
    """Return SQL for a relation of facts with `suspect` set on those of an earlier basis; `facts` itself where there are none.

    `until`: a day; what became known after it counts for nothing.
    """
    there = con.execute(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = 'core' AND table_name = 'revisions'"
    ).fetchone()
    if (
        there is None
        or con.execute(f"SELECT 1 FROM core.revisions WHERE {_RESTATED} LIMIT 1").fetchone() is None
    ):
        return facts
    revised = f" AND later_known_at <= {until}::DATE" if until else ""
    seen = f" WHERE known_at <= {until}::DATE" if until else ""
    return f"""(SELECT f.* REPLACE (
  CASE WHEN f.suspect IS NULL AND f.months IS NOT NULL AND f.known_at < b.since AND coalesce(s.seen < b.since, true)
    THEN '{EARLIER_BASIS}' ELSE f.suspect END AS suspect)
FROM {facts} f
LEFT JOIN (
  SELECT company, period_start, period_end, unit, max(later_known_at) AS since
  FROM core.revisions WHERE {_RESTATED}{revised} GROUP BY ALL
) b ON b.company = f.company AND b.period_start = f.period_start AND b.period_end = f.period_end AND b.unit = f.unit
LEFT JOIN (SELECT fact_id, max(known_at) AS seen FROM core.sightings{seen} GROUP BY ALL) s ON s.fact_id = f.fact_id)"""
