"""The facts that KPIs read, with what is nil because its section adds up without it (`core.nil_lines`).

A nil line stands for its concept with the value zero, exact, where no fact does. It is marked by its id, which names the
fact of the section's total: the evidence that stands in `marts.kpi_inputs` under the role with ` (nil)` after it.
"""

import duckdb

MARK = "nil:"
ROLE = " (nil)"

_COLUMNS = (
    "company, scope, concept, segment, counterparty, unit, value, decimals, half_units, origin, evidence, known_at, suspect, "
    "period_start, period_end, months, fact_id"
)


def with_nil_lines(con: duckdb.DuckDBPyConnection, facts: str, until: str | None = None) -> str:
    """Return SQL for a relation of facts with the nil lines known by the day `until`; `facts` itself where there are none."""
    there = con.execute(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = 'core' AND table_name = 'nil_lines'"
    ).fetchone()
    if there is None or con.execute("SELECT 1 FROM core.nil_lines LIMIT 1").fetchone() is None:
        return facts
    known = f" WHERE n.known_at <= {until}::DATE" if until else ""
    return f"""(SELECT {_COLUMNS} FROM {facts}
UNION ALL
SELECT n.company, n.scope, n.concept, NULL, NULL, n.unit, 0::DECIMAL(38,8), 38, 1, 'derived', n.evidence, n.known_at, NULL,
  NULL, n.period_end, NULL, '{MARK}' || n.total_fact_id
FROM core.nil_lines n{known})"""
