"""A limit: a value at or beyond a threshold.

It fires where the value enters a worse grade than the one known before; with `each_time`, in every period.
"""

from kc_pipeline.anomalies.detectors.shape import Detector, past

DETECTOR = Detector(
    judges="level",
    limits=True,
    sql=f"""
SELECT c.case_id, j.company, j.position, NULL::INTEGER AS base_position, j.value AS observed,
  NULL::DECIMAL(38,10) AS expected, NULL::DECIMAL(38,10) AS deviation, j.low, j.high,
  (c.direction * CASE WHEN c.direction > 0 THEN coalesce(j.low, j.value) ELSE coalesce(j.high, j.value) END)::DOUBLE AS size,
  true AS sure, true AS enough, j.known_at,
  CASE WHEN NOT c.each_time THEN c.direction * list_last({past()}) END AS before
FROM cases c
JOIN series j ON j.kpi = c.judged AND j.period_type = c.period_type
JOIN tracks t ON t.company = j.company AND t.kpi = j.kpi AND t.period_type = j.period_type
WHERE c.detector = 'level'""",
    gives=("before",),
)
