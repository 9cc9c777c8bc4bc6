"""Findings that tell one story: those of one theme in one period, and those whose cause is flagged itself.

A fall of the operating margin that an impairment explains belongs to the story of the impairment. A story is led by a
finding that no other of its findings explains; it is as severe as the most severe of them.
"""

from typing import Any

WRITE = """
INSERT INTO marts.stories BY NAME
WITH told AS (
  SELECT a.*, s.headline, s.driver, s.root, s.place_in_catalogue, list_position(['info', 'low', 'medium', 'high', 'critical'], a.severity) AS grade,
    CASE a.tone WHEN 'red' THEN 2 WHEN 'neutral' THEN 1 ELSE 0 END AS weight
  FROM marts.anomalies a JOIN said s USING (anomaly_id)
),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY story_id ORDER BY root AND grade >= 3 DESC, weight DESC,
    coalesce(seasonality = 'counter_seasonal', false) DESC, grade DESC, place_in_catalogue) AS place
  FROM told
)
SELECT story_id, company, period, any_value(period_end) AS period_end, first(theme ORDER BY place) AS theme,
  first(tone ORDER BY place) AS tone, first(severity ORDER BY grade DESC) AS severity, first(headline ORDER BY place) AS headline,
  first(explanation ORDER BY place) AS explanation, first(driver ORDER BY place) AS driver,
  count(*)::INTEGER AS flags, list(DISTINCT metric ORDER BY metric) AS metrics,
  list(anomaly_id ORDER BY place) AS anomalies, max(known_at) AS known_at,
  CASE WHEN bool_and(resolved_in IS NOT NULL) THEN max(resolved_in) END AS resolved_in
FROM ranked GROUP BY story_id, company, period ORDER BY company, period_end, period, story_id"""


NAMES_A_CAUSE = ("medium", "high", "critical")
"""A cause draws findings into its own story where it is flagged with one of these severities."""


def assign(said: list[dict[str, Any]]) -> None:
    """Move findings into the story of their cause: where the leading driver is itself flagged, gravely enough.

    `said` has company, period, metric, severity, driver and story_id of each finding; `story_id` is changed
    in place, `root` added: no other finding of the story explains this one.
    The most severe finding of a cause stands for it; a cause's own cause is followed as well.
    """
    causes: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in said:
        key = (row["company"], row["period"], row["metric"])
        if row["severity"] in NAMES_A_CAUSE and (key not in causes or _rank(row) > _rank(causes[key])):
            causes[key] = row
    stories = [_story(row, causes) for row in said]
    for row, story in zip(said, stories, strict=True):
        row["story_id"] = story
    told = {(row["story_id"], row["metric"]) for row in said}
    for row in said:
        row["root"] = (row["story_id"], row["driver"]) not in told


def _rank(row: dict[str, Any]) -> int:
    return NAMES_A_CAUSE.index(row["severity"])


def _story(row: dict[str, Any], causes: dict[tuple[str, str, str], dict[str, Any]]) -> str:
    seen = {row["metric"]}
    while row["driver"] is not None and row["driver"] not in seen:
        cause = causes.get((row["company"], row["period"], row["driver"]))
        if cause is None:
            break
        seen.add(row["driver"])
        row = cause
    return str(row["story_id"])
