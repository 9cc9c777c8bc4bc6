"""A run of changes in one direction, each larger than its own uncertainty, over quarters without a gap."""

from kc_pipeline.anomalies.detectors.shape import Detector

RUNS = """
signs AS (
  SELECT company, kpi, period_type, position, value, low, high, known_at,
    CASE WHEN low > 0 THEN 1 WHEN high < 0 THEN -1 ELSE 0 END AS way
  FROM series WHERE (kpi, period_type) IN (SELECT judged, period_type FROM cases WHERE detector = '{detector}')
),
steps AS (
  SELECT *, coalesce(way = 0 OR lag(way) OVER w <> way OR lag(position) OVER w <> position - 1, true) AS begins
  FROM signs WINDOW w AS (PARTITION BY company, kpi, period_type ORDER BY position)
),
islands AS (
  SELECT *, count(*) FILTER (begins) OVER (PARTITION BY company, kpi, period_type ORDER BY position) AS island
  FROM steps
),
runs AS (
  SELECT company, kpi, period_type, position, value, low, high, way,
    (row_number() OVER w)::INTEGER AS run, sum(value) OVER w AS moved, sum(low) OVER w AS moved_low,
    sum(high) OVER w AS moved_high, max(known_at) OVER w AS known_at
  FROM islands WINDOW w AS (PARTITION BY company, kpi, period_type, island ORDER BY position)
)"""

DETECTOR = Detector(
    judges="change",
    sql=f"""
WITH {RUNS.format(detector="streak")}
SELECT c.case_id, r.company, r.position, r.position - r.run * c.lag AS base_position, r.moved AS observed, 0 AS expected,
  r.moved AS deviation, r.moved_low AS low, r.moved_high AS high,
  CASE WHEN r.way = c.direction THEN r.run ELSE 0 END::DOUBLE AS size, r.way <> 0 AS sure, true AS enough, r.known_at, r.run
FROM cases c JOIN runs r ON r.kpi = c.judged AND r.period_type = c.period_type
WHERE c.detector = 'streak'""",
    gives=("run",),
)
