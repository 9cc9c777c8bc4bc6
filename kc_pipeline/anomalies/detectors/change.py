"""A change or growth of at least a size: a ratio against a quarter or a year earlier, an amount's growth."""

from kc_pipeline.anomalies.detectors.shape import Detector, sure, toward

DETECTOR = Detector(
    judges="change",
    seasonal=True,
    sql=f"""
SELECT c.case_id, j.company, j.position, j.position - c.lag AS base_position,
  CASE WHEN j.kpi LIKE '%\\_growth\\_%' ESCAPE '\\' THEN j.value ELSE coalesce(n.value, j.value) END AS observed,
  CASE WHEN j.kpi LIKE '%\\_growth\\_%' ESCAPE '\\' OR n.value IS NULL OR b.value IS NULL THEN 0 ELSE b.value END AS expected,
  j.value AS deviation, j.low, j.high, ({toward("j.value")})::DOUBLE AS size,
  {sure("j.value", "j.low", "j.high")} AS sure, true AS enough, j.known_at
FROM cases c
JOIN series j ON j.kpi = c.judged AND j.period_type = c.period_type
LEFT JOIN series n ON n.company = j.company AND n.kpi = c.level AND n.period_type = j.period_type
  AND n.position = j.position
LEFT JOIN series b ON b.company = j.company AND b.kpi = c.level AND b.period_type = j.period_type
  AND b.position = j.position - c.lag
WHERE c.detector = 'change'""",
)
