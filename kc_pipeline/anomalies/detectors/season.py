"""A quarter-on-quarter change that differs from what the same quarter of earlier years did, by at least a size.

At least `least` earlier years, whose range it must leave.
"""

from kc_pipeline.anomalies.detectors.shape import Detector, sure, toward

_YEARS = (
    "list_transform(list_filter(t.track, lambda x: x.p < j.position AND x.k <= j.known_at "
    "AND (j.position - x.p) % 4 = 0), lambda x: x.v)"
)

DETECTOR = Detector(
    judges="change",
    seasonal=True,
    sql=f"""
WITH held AS (
  SELECT c.*, j.company, j.position, j.value, j.low, j.high, j.known_at, {_YEARS} AS years
  FROM cases c
  JOIN series j ON j.kpi = c.judged AND j.period_type = c.period_type
  JOIN tracks t ON t.company = j.company AND t.kpi = j.kpi AND t.period_type = j.period_type
  WHERE c.detector = 'season' AND c.period_type = 'quarter'
),
middles AS (SELECT c.*, list_median(years)::DECIMAL(38,10) AS middle FROM held c)
SELECT c.case_id, c.company, c.position, c.position - c.lag AS base_position, c.value AS observed,
  c.middle AS expected, c.value - c.middle AS deviation, c.low - c.middle AS low, c.high - c.middle AS high,
  CASE WHEN c.value < list_min(years) OR c.value > list_max(years)
    THEN ({toward("(c.value - c.middle)")})::DOUBLE ELSE -1 END AS size,
  {sure("(c.value - c.middle)", "(c.low - c.middle)", "(c.high - c.middle)")} AS sure,
  len(years) >= c.least AS enough, c.known_at, c.middle::DOUBLE AS middle, len(years)::INTEGER AS run
FROM middles c""",
    gives=("middle", "run"),
)
