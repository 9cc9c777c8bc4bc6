"""One amount against another of the same period, of at least a size: cash used up against the cash at hand.

Fires in every period; where the partner is not above zero there is nothing to hold it against.
"""

from kc_pipeline.anomalies.detectors.shape import Detector

DETECTOR = Detector(
    judges="level",
    sql="""
SELECT c.case_id, j.company, j.position, NULL::INTEGER AS base_position, j.value AS observed, p.value AS expected,
  NULL::DECIMAL(38,10) AS deviation, j.low, j.high, (c.direction * j.value / p.value)::DOUBLE AS size,
  CASE WHEN c.direction > 0 THEN j.low > 0 ELSE j.high < 0 END AS sure, true AS enough,
  greatest(j.known_at, p.known_at) AS known_at, p.value AS partner_value
FROM cases c
JOIN series j ON j.kpi = c.judged AND j.period_type = c.period_type
JOIN series p ON p.company = j.company AND p.kpi = c.partner AND p.period_type = j.period_type
  AND p.position = j.position AND p.low > 0
WHERE c.detector = 'against'""",
    gives=("partner_value",),
)
