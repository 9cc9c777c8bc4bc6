"""A figure that the document states otherwise than its own amounts give, beyond the last digit stated.

The size is 1; the KPI engine marks such figures (`contradicted` in `marts.kpis.remark`).
"""

from kc_pipeline.anomalies.detectors.shape import Detector

DETECTOR = Detector(
    judges="level",
    sql="""
SELECT c.case_id, j.company, j.position, NULL::INTEGER AS base_position, j.stated_value AS observed,
  j.computed_value AS expected, j.stated_value - j.computed_value AS deviation, NULL::DECIMAL(38,10) AS low,
  NULL::DECIMAL(38,10) AS high,
  CASE WHEN contains(coalesce(j.remark, ''), 'contradicted') THEN 1 ELSE 0 END::DOUBLE AS size, true AS sure,
  true AS enough, j.known_at
FROM cases c JOIN series j ON j.kpi = c.judged AND j.period_type = c.period_type
WHERE c.detector = 'contradicted' AND j.stated_value IS NOT NULL AND j.computed_value IS NOT NULL""",
)
