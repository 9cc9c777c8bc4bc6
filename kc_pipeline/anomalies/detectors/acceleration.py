"""A second difference: growth or a change less the same one quarter earlier, of at least a size."""

from kc_pipeline.anomalies.detectors.shape import Detector, sure, toward

DETECTOR = Detector(
    judges="change",
    sql=f"""
SELECT c.case_id, j.company, j.position, j.position - 1 AS base_position, j.value AS observed, b.value AS expected,
  j.value - b.value AS deviation, j.low - b.high AS low, j.high - b.low AS high,
  ({toward("(j.value - b.value)")})::DOUBLE AS size,
  {sure("(j.value - b.value)", "(j.low - b.high)", "(j.high - b.low)")} AS sure, true AS enough,
  greatest(j.known_at, b.known_at) AS known_at
FROM cases c
JOIN series j ON j.kpi = c.judged AND j.period_type = c.period_type
JOIN series b ON b.company = j.company AND b.kpi = c.judged AND b.period_type = j.period_type
  AND b.position = j.position - 1
WHERE c.detector = 'acceleration'""",
)
