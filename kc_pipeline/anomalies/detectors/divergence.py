"""Two series that part: the change of one less that of its partner, of at least a size.

`opposite`: only where they go different ways, each by more than its own uncertainty; else where they differ.
"""

from kc_pipeline.anomalies.detectors.shape import Detector, sure, toward

DETECTOR = Detector(
    judges="change",
    sql=f"""
SELECT c.case_id, j.company, j.position, j.position - c.lag AS base_position, j.value AS observed, p.value AS expected,
  j.value - p.value AS deviation, j.low - p.high AS low, j.high - p.low AS high,
  CASE WHEN c.opposite AND NOT coalesce(j.low > 0 AND p.high < 0 OR j.high < 0 AND p.low > 0, false) THEN -1
    ELSE {toward("(j.value - p.value)")} END::DOUBLE AS size,
  {sure("(j.value - p.value)", "(j.low - p.high)", "(j.high - p.low)")} AS sure, true AS enough,
  greatest(j.known_at, p.known_at) AS known_at, p.value AS partner_value
FROM cases c
JOIN series j ON j.kpi = c.judged AND j.period_type = c.period_type
JOIN series p ON p.company = j.company AND p.kpi = c.partner AND p.period_type = j.period_type
  AND p.position = j.position
WHERE c.detector = 'divergence'""",
    gives=("partner_value",),
)
