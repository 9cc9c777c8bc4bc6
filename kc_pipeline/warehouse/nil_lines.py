"""Lines that a balance sheet leaves out while the section in which they would stand adds up without them.

A line that is not printed may be nil, or its figure may be hidden in another one or missing in a transcript. Where every
row of its section is printed, is understood, and the rows add up to the section's total, no room is left for it: it is nil
for a KPI that can do without it. It is recorded here with the section as its evidence (`core.nil_lines`), and is no fact:
nothing is stored as if a zero had been printed.

Where any document prints the line for that day, its figure counts and nothing is recorded.

Belongs here: what is proven nil. Does not belong here: which KPI uses it (kpis).
"""

import duckdb

MAY_BE_LEFT_OUT = ("amounts_due_from_related_parties_current",)
"""Concepts whose absence from a section that adds up means nil: lines that companies without them do not print."""

_LISTED = ", ".join(f"'{c}'" for c in MAY_BE_LEFT_OUT)

_NIL_LINES = f"""
INSERT INTO core.nil_lines BY NAME
WITH cells AS (
  SELECT l.document_id, l.company, l.scope, l.table_index, l.period_end, l.unit, l.row_index, l.concept, l.value, l.evidence,
    (0.5 * pow(10, -l.decimals))::DECIMAL(38,10) AS half, l.label, d.known_at, d.known_at_precision
  FROM staging.statement_lines l
  JOIN raw.documents d ON d.document_id = l.document_id AND d.status = 'accepted'
  JOIN core.companies y ON y.company = l.company AND y.reporting_currency = l.unit
  WHERE l.statement = 'balance_sheet' AND l.member IS NULL AND l.period_end <= d.known_at
  QUALIFY count(*) OVER (PARTITION BY l.document_id, l.table_index, l.row_index, l.period_end) = 1
), totals AS (
  SELECT c.*, coalesce((
      SELECT max(t.row_index) FROM cells t
      WHERE t.document_id = c.document_id AND t.table_index = c.table_index AND t.period_end = c.period_end
        AND t.row_index < c.row_index AND regexp_matches(t.label, '^\\s*total\\b', 'i')), -1) AS before_row
  FROM cells c SEMI JOIN core.concepts k ON k.parent = c.concept AND k.concept IN ({_LISTED})
), sections AS (
  SELECT t.document_id, t.company, t.scope, t.table_index, t.period_end, t.unit, t.concept AS total, any_value(t.value) AS total_value,
    sum(c.value) AS added, list(c.concept) AS concepts, count(*) AS rows, bool_and(c.concept IS NOT NULL) AS understood,
    (sum(c.half) + any_value(t.half) + 2 * greatest(max(c.half), any_value(t.half)))::DECIMAL(38,8) AS allowed,
    any_value(t.known_at) AS known_at, any_value(t.known_at_precision) AS known_at_precision, any_value(t.evidence) AS evidence
  FROM totals t JOIN cells c ON c.document_id = t.document_id AND c.table_index = t.table_index AND c.period_end = t.period_end
    AND c.unit = t.unit AND c.scope = t.scope AND c.row_index > t.before_row AND c.row_index < t.row_index
  GROUP BY t.document_id, t.company, t.scope, t.table_index, t.period_end, t.unit, t.concept, t.row_index
)
SELECT s.company, s.scope, k.concept, s.period_end, s.unit, f.fact_id AS total_fact_id, s.document_id, s.table_index,
  s.rows::INTEGER AS addends, (s.added - s.total_value)::DECIMAL(38,8) AS deviation, s.allowed, s.evidence, s.known_at,
  s.known_at_precision
FROM sections s
JOIN core.concepts k ON k.parent = s.total AND k.concept IN ({_LISTED})
JOIN core.facts_latest f ON f.company = s.company AND f.scope = s.scope AND f.concept = s.total AND f.segment IS NULL
  AND f.counterparty IS NULL AND f.period_end = s.period_end AND f.unit = s.unit
WHERE s.rows > 1 AND s.understood AND abs(s.added - s.total_value) <= s.allowed AND NOT list_contains(s.concepts, k.concept)
  AND NOT EXISTS (
    SELECT 1 FROM core.facts p WHERE p.company = s.company AND p.scope = s.scope AND p.concept = k.concept
      AND p.segment IS NULL AND p.period_end = s.period_end)
QUALIFY row_number() OVER (PARTITION BY s.company, s.scope, k.concept, s.period_end, s.unit
  ORDER BY s.known_at, s.document_id, s.table_index) = 1
ORDER BY ALL"""


def find_nil_lines(con: duckdb.DuckDBPyConnection) -> int:
    """Fill `core.nil_lines` anew from staging and `core.facts`; return its rows."""
    con.execute("DELETE FROM core.nil_lines")
    con.execute(_NIL_LINES)
    row = con.execute("SELECT count(*) FROM core.nil_lines").fetchone()
    return int(row[0]) if row else 0
