"""A change that its own history does not know: many robust standard deviations from the median of earlier ones.

At least `least` earlier changes. The spread is the median absolute deviation; half the mean one where that collapses
(a season that repeats itself), and at least `floor`.
"""

from kc_pipeline.anomalies.detectors.shape import SIGMA, Detector, past, sure, toward

MEAN_SIGMA = 1.2533
"""Mean absolute deviation times this is the standard deviation, for normal noise."""

DETECTOR = Detector(
    judges="change",
    sql=f"""
WITH held AS (
  SELECT c.*, j.company, j.position, j.value, j.low, j.high, j.known_at, {past()} AS past
  FROM cases c
  JOIN series j ON j.kpi = c.judged AND j.period_type = c.period_type
  JOIN tracks t ON t.company = j.company AND t.kpi = j.kpi AND t.period_type = j.period_type
  WHERE c.detector = 'outlier'
),
middles AS (
  SELECT c.*, list_median(past) AS middle, {SIGMA} * list_aggregate(past, 'mad') AS robust
  FROM held c
),
spread AS (
  SELECT c.*, greatest(robust, {MEAN_SIGMA} / 2 * list_avg(list_transform(past, lambda v: abs(v - middle))), c.floor)
    AS spread
  FROM middles c
)
SELECT c.case_id, c.company, c.position, c.position - c.lag AS base_position, c.value AS observed,
  c.middle::DECIMAL(38,10) AS expected, c.value - c.middle::DECIMAL(38,10) AS deviation,
  c.low - c.middle::DECIMAL(38,10) AS low, c.high - c.middle::DECIMAL(38,10) AS high,
  ({toward("(c.value::DOUBLE - c.middle)")}) / nullif(c.spread, 0) AS size,
  {sure("c.value", "c.low", "c.high")}
    AND {sure("(c.value::DOUBLE - c.middle)", "(c.low::DOUBLE - c.middle)", "(c.high::DOUBLE - c.middle)")} AS sure,
  len(c.past) >= c.least AS enough, c.known_at, c.middle, c.spread, len(c.past)::INTEGER AS run
FROM spread c""",
    gives=("middle", "spread", "run"),
)
