"""A figure that was told for at least `least` periods in a row and is told no longer, though the period is.

Judged only where the period's revenues were read in the issuer's own document: a transcript is incomplete, and what
it lacks may stand in the filing. The size is the number of periods before.
"""

from kc_pipeline.anomalies.detectors.shape import Detector

DETECTOR = Detector(
    judges="level",
    sql="""
WITH told AS (
  SELECT company, kpi, period_type, position, known_at,
    position - row_number() OVER (PARTITION BY company, kpi, period_type ORDER BY position) AS island
  FROM series WHERE (kpi, period_type) IN (SELECT judged, period_type FROM cases WHERE detector = 'dropped')
),
runs AS (
  SELECT company, kpi, period_type, max(position) AS last, count(*) AS run FROM told
  GROUP BY company, kpi, period_type, island
)
SELECT c.case_id, r.company, n.position, r.last AS base_position, n.value AS observed, NULL::DECIMAL(38,10) AS expected,
  NULL::DECIMAL(38,10) AS deviation, NULL::DECIMAL(38,10) AS low, NULL::DECIMAL(38,10) AS high, r.run::DOUBLE AS size,
  true AS sure, r.run >= c.least AS enough, n.known_at, r.run::INTEGER AS run
FROM cases c
JOIN runs r ON r.kpi = c.judged AND r.period_type = c.period_type
JOIN series n ON n.company = r.company AND n.kpi = 'revenue' AND n.period_type = r.period_type
  AND n.position = r.last + 1
WHERE c.detector = 'dropped' AND n.evidence = 'original'""",
    gives=("run",),
)
