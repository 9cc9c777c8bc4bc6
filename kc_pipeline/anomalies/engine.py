"""One SQL statement that holds every declared rule against every company's quarters.

The path of a finding: `judged` (the change, its interval, both quarters' values), `alike` (the changes of the
same quarter in earlier years known by then), `labelled` (seasonality and severity), the sentence.
"""

import duckdb

from kc_pipeline.anomalies.rules import SEVERITIES, Rule, Rules, rules
from kc_pipeline.anomalies.sentences import explanation_sql
from kc_pipeline.schema import ddl, table


def _text(value: str | None) -> str:
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def _metrics_sql(declared: Rules) -> str:
    rows = []
    for rule in declared.rule:
        for metric, label in rule.metrics.items():
            level = metric if rule.kind != "amount_declines" else _level(rule, metric)
            sizes = ", ".join(str(rule.severity[s]) for s in ("low", "medium", "high", "critical"))
            words = (
                rule.name,
                rule.kind,
                rule.comparison,
                rule.theme,
                metric,
                label,
                rule.judged(metric),
                level,
            )
            names = ", ".join(_text(w) for w in (*words, rule.seasonal(metric), rule.counterpart.get(metric)))
            rows.append(f"({names}, {4 if rule.comparison == 'yoy' else 1}, {sizes})")
    return (
        f"SELECT * FROM (VALUES {', '.join(rows)}) AS t(rule, kind, comparison, theme, metric, label, "
        "judged, level, seasonal, counterpart, lag, low_size, medium_size, high_size, critical_size)"
    )


def _level(rule: Rule, metric: str) -> str:
    from kc_pipeline.kpis import catalogue

    return catalogue().kpis[rule.judged(metric)].of or metric


def detect_sql(declared: Rules | None = None) -> str:
    """Return a SELECT with the columns of `marts.anomalies`, over `marts.kpis` and `marts.kpi_inputs`."""
    declared = declared or rules()
    season = declared.season
    return f"""
WITH metrics AS ({_metrics_sql(declared)}),
quarters AS (
  SELECT company, period, period_end, kpi, value, low, high, origin, known_at, unit, remark,
    CAST(left(period, 4) AS INTEGER) * 4 + CAST(right(period, 1) AS INTEGER) - 1 AS quarter
  FROM marts.kpis WHERE period_type = 'quarter'
),
judged AS (
  SELECT m.*, j.company, j.period, j.period_end, j.quarter, j.origin,
    CASE WHEN m.kind = 'turns_negative' THEN j.value - b.value ELSE j.value END AS deviation,
    CASE WHEN m.kind = 'turns_negative' THEN j.low - b.high ELSE j.low END AS low,
    CASE WHEN m.kind = 'turns_negative' THEN j.high - b.low ELSE j.high END AS high,
    n.value AS now_value, b.value AS base_value, n.unit AS level_unit, j.unit,
    greatest(n.value - n.low, n.high - n.value) AS now_reach,
    greatest(b.value - b.low, b.high - b.value) AS base_reach,
    CASE WHEN m.kind = 'turns_negative' THEN -j.value / nullif(r.value, 0) ELSE -j.value END AS size,
    CASE WHEN m.kind = 'turns_negative' THEN s.value ELSE j.value END AS season_change,
    CASE WHEN m.kind = 'turns_negative' THEN greatest(j.known_at, b.known_at) ELSE j.known_at END AS known_at,
    a.value AS counterpart_change,
    concat_ws('; ', j.remark, CASE WHEN m.kind = 'turns_negative' THEN b.remark END) AS remarks,
    (j.quarter - m.lag) // 4 || 'Q' || ((j.quarter - m.lag) % 4 + 1) AS base_period
  FROM metrics m
  JOIN quarters j ON j.kpi = m.judged
  LEFT JOIN quarters n ON n.company = j.company AND n.quarter = j.quarter AND n.kpi = m.level
  LEFT JOIN quarters b ON b.company = j.company AND b.quarter = j.quarter - m.lag AND b.kpi = m.level
  LEFT JOIN quarters r ON r.company = j.company AND r.quarter = j.quarter AND r.kpi = 'revenue'
  LEFT JOIN quarters s ON s.company = j.company AND s.quarter = j.quarter AND s.kpi = m.seasonal
  LEFT JOIN quarters a ON a.company = j.company AND a.quarter = j.quarter
    AND a.kpi = m.counterpart || '_change_' || m.comparison AND a.known_at <= j.known_at
  WHERE CASE m.kind
    WHEN 'turns_negative' THEN j.high < 0 AND b.low > 0
    ELSE j.value <= -m.low_size AND j.high < 0 AND -j.value > j.high - j.low END
),
earlier AS (
  SELECT j.company, j.rule, j.metric, j.quarter, h.value, h.quarter AS then_quarter, h.kpi, h.period,
    h.value * sign(j.season_change) >= {season.size_alike} * abs(j.season_change) AS alike,
    h.value * sign(j.season_change) <= 0 AS against
  FROM judged j
  JOIN quarters h ON h.company = j.company AND h.kpi = j.seasonal AND h.quarter < j.quarter
    AND h.quarter % 4 = j.quarter % 4 AND h.known_at <= j.known_at
),
history AS (
  SELECT company, rule, metric, quarter, count(*) AS years, count(*) FILTER (alike) AS years_alike,
    count(*) FILTER (against) AS years_against,
    list(value ORDER BY then_quarter) AS changes,
    string_agg(period || ' ' || printf('%+.1f', value * 100), ', ' ORDER BY then_quarter) AS history
  FROM earlier GROUP BY ALL
),
labelled AS (
  SELECT j.*, h.changes, h.history, coalesce(h.years, 0) AS years,
    CASE WHEN j.seasonal IS NULL THEN NULL
      WHEN coalesce(h.years, 0) < {season.least_history} OR j.season_change IS NULL THEN 'too_little_history'
      WHEN h.years_alike > {season.share_alike} * h.years THEN 'seasonal'
      WHEN h.years_against > {season.share_alike} * h.years THEN 'counter_seasonal'
      ELSE 'no_clear_season' END AS seasonality
  FROM judged j LEFT JOIN history h USING (company, rule, metric, quarter)
),
graded AS (
  SELECT *,
    CASE WHEN seasonality = 'seasonal' THEN {_text(season.severity)}
      WHEN size >= critical_size THEN 'critical' WHEN size >= high_size THEN 'high'
      WHEN size >= medium_size THEN 'medium' ELSE 'low' END AS severity
  FROM labelled
),
facts AS (
  SELECT g.company, g.period, g.rule, g.metric, list(DISTINCT i.fact_id ORDER BY i.fact_id) AS evidence
  FROM graded g
  JOIN marts.kpi_inputs i ON i.company = g.company AND (
    (i.period = g.period AND i.kpi IN (g.judged, g.level)) OR (i.period = g.base_period AND i.kpi = g.level))
  GROUP BY ALL
),
history_facts AS (
  SELECT e.company, e.rule, e.metric, e.quarter,
    list(DISTINCT i.fact_id ORDER BY i.fact_id) AS history_evidence
  FROM earlier e JOIN marts.kpi_inputs i ON i.company = e.company AND i.period = e.period AND i.kpi = e.kpi
  GROUP BY ALL
)
SELECT left(sha256(concat_ws('/', company, period, rule, metric)), 16) AS anomaly_id, company, period,
  period_end, rule, concat_ws('/', company, period, theme) AS story_id, severity, metric,
  CASE kind WHEN 'amount_declines' THEN deviation ELSE coalesce(now_value, deviation) END AS observed,
  CASE kind WHEN 'amount_declines' THEN 0 ELSE
    CASE WHEN now_value IS NULL OR base_value IS NULL THEN 0 ELSE base_value END END AS expected,
  deviation, low, high, unit, seasonality, history, {explanation_sql()} AS explanation,
  evidence, coalesce(history_evidence, []) AS history_evidence, known_at
FROM graded g JOIN facts USING (company, period, rule, metric)
LEFT JOIN history_facts USING (company, rule, metric, quarter)
ORDER BY company, quarter, rule, metric"""


def detect(con: duckdb.DuckDBPyConnection) -> None:
    """Create and fill `marts.anomalies` from `marts.kpis` and `marts.kpi_inputs`.

    Raises:
        duckdb.Error: if either is missing.
    """
    con.execute("DROP TABLE IF EXISTS marts.anomalies")
    con.execute(ddl(table("marts.anomalies")))
    con.execute(f"INSERT INTO marts.anomalies BY NAME {detect_sql()}")


__all__ = ["SEVERITIES", "detect", "detect_sql"]
