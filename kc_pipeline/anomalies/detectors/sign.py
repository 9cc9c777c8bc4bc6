"""A change of sign: a profit turns into a loss, or back; `earliest`: for the first time among those known.

The size is what is earned or lost now as a share of the partner (revenues).
"""

from kc_pipeline.anomalies.detectors.shape import Detector, past

DETECTOR = Detector(
    judges="level",
    seasonal=True,
    sql=f"""
SELECT c.case_id, j.company, j.position, b.position AS base_position, j.value AS observed, b.value AS expected,
  j.value - b.value AS deviation, j.low - b.high AS low, j.high - b.low AS high,
  CASE WHEN c.direction * j.value > 0 AND c.direction * b.value < 0
      AND NOT (c.earliest AND len(list_filter({past()}, lambda v: c.direction * v > 0)) > 0)
    THEN abs(j.value / nullif(r.value, 0))::DOUBLE ELSE -1 END AS size,
  coalesce((j.low > 0 OR j.high < 0) AND (b.low > 0 OR b.high < 0), false) AS sure,
  NOT c.earliest OR len({past()}) >= c.least AS enough, greatest(j.known_at, b.known_at) AS known_at,
  CASE WHEN c.earliest THEN len({past()}) END::INTEGER AS run,
  c.direction * j.value > 0 AS holds
FROM cases c
JOIN series j ON j.kpi = c.judged AND j.period_type = c.period_type
JOIN series b ON b.company = j.company AND b.kpi = c.judged AND b.period_type = j.period_type
  AND b.position = j.position - c.lag
JOIN tracks t ON t.company = j.company AND t.kpi = j.kpi AND t.period_type = j.period_type
LEFT JOIN series r ON r.company = j.company AND r.kpi = c.partner AND r.period_type = j.period_type
  AND r.position = j.position
WHERE c.detector = 'sign'""",
    gives=("run", "holds"),
)
