"""A period told later than usual: days from its end to the day it was known, less the median of the same
periods of earlier years.

At least `least` earlier years; a day that is only estimated counts as the end of what it may be.
"""

from kc_pipeline.anomalies.detectors.shape import Detector

DETECTOR = Detector(
    judges="level",
    sql="""
WITH delays AS (
  SELECT c.case_id, c.least, j.company, j.position, j.known_at, (j.known_at - j.period_end)::DOUBLE AS delay,
    median(j.known_at - j.period_end) OVER w AS middle, count(*) OVER w AS earlier
  FROM cases c JOIN series j ON j.kpi = c.judged AND j.period_type = c.period_type
  WHERE c.detector = 'late' AND j.known_at IS NOT NULL
  WINDOW w AS (PARTITION BY c.case_id, j.company, j.position % 4 ORDER BY j.known_at, j.position
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT case_id, company, position, NULL::INTEGER AS base_position, delay::DECIMAL(38,10) AS observed,
  middle::DECIMAL(38,10) AS expected, (delay - middle)::DECIMAL(38,10) AS deviation, NULL::DECIMAL(38,10) AS low,
  NULL::DECIMAL(38,10) AS high, delay - middle AS size, true AS sure, earlier >= least AS enough, known_at,
  earlier::INTEGER AS run
FROM delays WHERE middle IS NOT NULL""",
    gives=("run",),
)
