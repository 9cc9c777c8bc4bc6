"""A turning point: after at least `least` changes in one direction, one of at least a size in the other."""

from kc_pipeline.anomalies.detectors.shape import Detector, sure
from kc_pipeline.anomalies.detectors.streak import RUNS

DETECTOR = Detector(
    judges="change",
    sql=f"""
WITH {RUNS.format(detector="turn")}
SELECT c.case_id, r.company, r.position, r.position - c.lag AS base_position, r.value AS observed, 0 AS expected,
  r.value AS deviation, r.low, r.high,
  CASE WHEN p.run >= c.least AND r.way = -p.way THEN c.direction * r.value ELSE -1 END::DOUBLE AS size,
  {sure("r.value", "r.low", "r.high")} AS sure, true AS enough, greatest(r.known_at, p.known_at) AS known_at, p.run
FROM cases c
JOIN runs r ON r.kpi = c.judged AND r.period_type = c.period_type
JOIN runs p ON p.company = r.company AND p.kpi = r.kpi AND p.period_type = r.period_type
  AND p.position = r.position - 1
WHERE c.detector = 'turn'""",
    gives=("run",),
)
