"""What a complete list of segments leaves: the one unknown member is the whole less the known ones.

A pack declares that its segments, all of them, add up to the company's figure of some measures
(`core.companies.segments_add_up_to`), and when each segment is reported (`core.members`). Where the whole and all
segments but one are known of a period, the last one follows, with its interval: of origin `derived`, with its inputs.
Two unknown ones leave a sum, and nothing is derived: small and unknown is not nil. Nothing is derived

* where a segment begins or ends inside the period, or a break that blocks lies in it;
* from inputs of different vintages: where one was revised, every other must have been printed, or printed again, at
  least as late;
* below zero of what is never below zero, or within the rounding of the inputs: a rest that its own interval does not
  tell from nothing is no figure.

Inputs are reported facts. A figure that is known already, reported or derived from longer periods, is left alone.

Belongs here: the arithmetic of segments. Does not belong here: the arithmetic of periods (derived.py).
"""

import duckdb

from kc_pipeline.warehouse.candidates import FIGURE_KEY
from kc_pipeline.warehouse.derivation import COARSEST, WRITE

# The parts of one whole: company, scope, concept, period, unit, basis.
_WHOLE = "company, scope, concept, period_start, period_end, months, unit, basis"

_PARTS = f"""
CREATE OR REPLACE TEMP TABLE parts AS
SELECT md5(concat_ws(chr(31), {", ".join(f"coalesce(f.{c}::VARCHAR, '~')" for c in _WHOLE.split(", "))})) AS whole,
  {", ".join(f"f.{c}" for c in _WHOLE.split(", "))}, f.segment, f.fact_id, f.figure_id, f.version, f.value, f.decimals,
  (0.5 * pow(10, -f.decimals) * coalesce(f.half_units, 1))::DECIMAL(38,10) AS half, f.known_at, f.known_at_precision, f.statement,
  CASE WHEN r.later_fact_id IS NOT NULL THEN f.known_at END AS revised_on
FROM core.facts f
JOIN core.companies y ON y.company = f.company AND list_contains(y.segments_add_up_to, f.concept)
LEFT JOIN (SELECT DISTINCT later_fact_id FROM core.revisions WHERE kind <> 'refinement') r ON r.later_fact_id = f.fact_id
WHERE f.origin = 'reported' AND f.counterparty IS NULL AND f.months IS NOT NULL AND f.unit = y.reporting_currency
  AND (f.segment IS NULL OR EXISTS (SELECT 1 FROM core.members m
    WHERE m.company = f.company AND m.dimension = 'segment' AND m.member = f.segment))"""

# Per whole and day on which something of it became known: what stood then, how late it was printed, and the one
# segment of that time that is not there.
_LEFT = f"""
CREATE OR REPLACE TEMP TABLE following AS
WITH days AS (
  SELECT whole, day, {COARSEST.format("precision")} AS day_precision FROM (
    SELECT whole, known_at AS day, known_at_precision AS precision FROM parts
    UNION ALL
    SELECT p.whole, g.known_at, o.known_at_precision
    FROM parts p JOIN core.sightings g ON g.fact_id = p.fact_id JOIN raw.documents o ON o.document_id = g.document_id
  ) GROUP BY ALL
), stood AS (
  SELECT d.day, d.day_precision, p.* FROM days d JOIN parts p ON p.whole = d.whole AND p.known_at <= d.day
  QUALIFY row_number() OVER (PARTITION BY p.figure_id, d.day ORDER BY p.version DESC) = 1
), printed AS (
  SELECT s.*, max(coalesce(g.known_at, s.known_at)) AS printed_on
  FROM stood s LEFT JOIN core.sightings g ON g.fact_id = s.fact_id AND g.known_at <= s.day
  GROUP BY ALL
), lists AS (
  SELECT p.whole, list(m.member ORDER BY m.position) AS members,
    bool_or(m.valid_from > p.period_start OR m.valid_to < p.period_end) AS changes
  FROM (SELECT DISTINCT whole, company, period_start, period_end FROM parts) p
  JOIN core.members m ON m.company = p.company AND m.dimension = 'segment'
    AND coalesce(m.valid_from <= p.period_end, true) AND coalesce(m.valid_to >= p.period_start, true)
  GROUP BY p.whole HAVING count(*) > 1
), sums AS (
  SELECT p.day, p.whole, any_value(p.day_precision) AS day_precision, {", ".join(f"any_value(p.{c}) AS {c}" for c in _WHOLE.split(", "))},
    any_value(p.statement) FILTER (p.segment IS NULL) AS statement,
    list_filter(any_value(l.members), lambda m: NOT list_contains(list(p.segment), m)) AS missing,
    sum(CASE WHEN p.segment IS NULL THEN p.value ELSE -p.value END) AS value, sum(p.half) AS half,
    min(p.decimals) AS decimals, list(p.fact_id ORDER BY p.segment NULLS FIRST) AS inputs,
    list(CASE WHEN p.segment IS NULL THEN 1 ELSE -1 END ORDER BY p.segment NULLS FIRST) AS weights,
    any_value(p.concept) || ' - ' || string_agg(p.concept || '/' || p.segment, ' - ' ORDER BY p.segment) AS label
  FROM printed p JOIN lists l ON l.whole = p.whole AND NOT coalesce(l.changes, false)
  WHERE p.segment IS NULL OR list_contains(l.members, p.segment)
  GROUP BY p.day, p.whole
  HAVING count(*) FILTER (p.segment IS NULL) = 1 AND count(*) = len(any_value(l.members))
    AND coalesce(min(p.printed_on) >= max(p.revised_on), true)
), named AS (
  SELECT s.*, s.missing[1] AS segment, NULL::VARCHAR AS counterparty, n.definition_id
  FROM sums s JOIN core.concepts k ON k.concept = s.concept
  LEFT JOIN core.definitions n ON n.company = s.company AND n.concept = s.concept AND n.segment = s.missing[1]
    AND s.period_end BETWEEN coalesce(n.valid_from, DATE '0001-01-01') AND coalesce(n.valid_to, DATE '9999-12-31')
  WHERE abs(s.value) > s.half AND NOT (coalesce(k.nonnegative, false) AND s.value < 0)
    AND NOT EXISTS (
      SELECT 1 FROM core.breaks b
      WHERE b.effect = 'block' AND b.company = s.company AND b.concept = s.concept
        AND (b.segment IS NULL OR list_contains(s.missing, b.segment))
        AND b.break_date > s.period_start AND b.break_date <= s.period_end)
)
SELECT c.*, md5({FIGURE_KEY}) AS figure_id FROM named c"""

_SCRATCH = ("parts", "following", "derived")


def derive_members(con: duckdb.DuckDBPyConnection) -> int:
    """Add to `core.facts` and `core.fact_inputs` what complete lists of segments leave.

    Needs reported facts, sightings and revisions, and what longer periods give (derived.py), which goes first.

    Returns:
        The derived facts, versions counted.
    """
    for statement in (_PARTS, _LEFT, *WRITE):
        con.execute(statement)
    row = con.execute("SELECT count(*) FROM derived").fetchone()
    for name in _SCRATCH:
        con.execute(f"DROP TABLE {name}")
    return int(row[0]) if row else 0
