"""A value that lies off the median of other companies in the same calendar quarter, by at least a size.

At least `least` others, each as known by then. `peers` (company, kpi, calendar_quarter, period_end, middle, others) is
made once over all companies.
"""

from kc_pipeline.anomalies.detectors.shape import Detector, sure, toward

PEERS = """CREATE OR REPLACE TEMP TABLE peers AS
SELECT company, kpi, period_type, period_end, median(value::DOUBLE) OVER w AS middle,
  (count(*) OVER w)::INTEGER AS others
FROM marts.kpis
WHERE (kpi, period_type) IN (SELECT judged, period_type FROM cases WHERE detector = 'peers') AND known_at IS NOT NULL
WINDOW w AS (PARTITION BY kpi, period_type, calendar_quarter ORDER BY known_at
  RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW)"""

DETECTOR = Detector(
    judges="level",
    sql=f"""
WITH held AS (
  SELECT c.*, j.company, j.position, j.value, j.low, j.high, j.known_at, p.middle::DECIMAL(38,10) AS middle, p.others
  FROM cases c
  JOIN series j ON j.kpi = c.judged AND j.period_type = c.period_type
  JOIN peers p ON p.company = j.company AND p.kpi = j.kpi AND p.period_type = j.period_type
    AND p.period_end = j.period_end
  WHERE c.detector = 'peers' AND p.others > 0
)
SELECT c.case_id, c.company, c.position, NULL::INTEGER AS base_position, c.value AS observed, c.middle AS expected,
  c.value - c.middle AS deviation, c.low - c.middle AS low, c.high - c.middle AS high,
  ({toward("(c.value - c.middle)")})::DOUBLE AS size,
  {sure("(c.value - c.middle)", "(c.low - c.middle)", "(c.high - c.middle)")} AS sure, c.others >= c.least AS enough,
  c.known_at, c.middle::DOUBLE AS middle, c.others AS run
FROM held c""",
    gives=("middle", "run"),
)
