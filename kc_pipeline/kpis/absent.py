"""Why a KPI could not be had: `marts.kpi_absent`.

A KPI is missed in a period when it applies to that kind of period, the company has facts of the period, and,
for a KPI of particular companies (a segment, an issuer's own measure), the company has reported each of its
inputs, or the KPI itself, at least once.
"""

import duckdb

from kc_pipeline.figures.calendar_sql import label_sql
from kc_pipeline.kpis.columns import (
    ALTERNATIVES,
    BASE,
    BLOCKED,
    DENOMINATOR,
    LOSSES,
    MISSING,
    NEGATIVE_REST,
    OTHER_MEASURE,
    REASONS,
)
from kc_pipeline.kpis.engine import catalogue_sql, period_type_sql
from kc_pipeline.kpis.lineage import back_sql, basis_sql, stated_sql, terms_sql
from kc_pipeline.kpis.plan import Plan, kind_sql, number_sql, quarter_sql, text_sql
from kc_pipeline.kpis.plan import plan as plan_of


def blocking_sql(plan: Plan) -> str:
    """Return a SELECT of what blocks comparisons: company, number (of the KPI), at_a_day, break_date, note."""
    position = {name: i for i, name in enumerate(plan.cat.kpis)}
    rows = [
        f"({position[name]}, {text_sql(concept)}, {text_sql(segment)}, {plan.cat.kpis[plan.cat.kpis[name].of or ''].instant})"
        for name, measures in plan.broken.items()
        for concept, segment, _ in measures
    ]
    if not rows:
        return "SELECT '' AS company, 0 AS number, false AS at_a_day, DATE '1970-01-01' AS break_date, '' AS note WHERE false"
    return f"""SELECT DISTINCT b.company, t.number, t.at_a_day, b.break_date, b.note
FROM core.breaks b JOIN (VALUES {", ".join(rows)}) t(number, concept, segment, at_a_day)
  ON t.concept = b.concept AND t.segment IS NOT DISTINCT FROM b.segment
WHERE b.effect = 'block'"""


def cut_sql(plan: Plan) -> str:
    """Return a SELECT of what cuts trailing twelve months: company, input, break_date, note."""
    numbers = plan_of(plan.cat).numbers
    rows = [
        f"({numbers[i]}, {text_sql(i[0][0])}, {text_sql(i[0][1])})" for i in sorted(plan.breaking, key=str)
    ]
    if not rows:
        return "SELECT '' AS company, 0 AS input, DATE '1970-01-01' AS break_date, '' AS note WHERE false"
    return f"""SELECT DISTINCT b.company, t.input, b.break_date, b.note
FROM core.breaks b JOIN (VALUES {", ".join(rows)}) t(input, concept, segment)
  ON t.concept = b.concept AND t.segment IS NOT DISTINCT FROM b.segment
WHERE b.effect = 'block'"""


def rests_sql(plan: Plan) -> str:
    """Return a SELECT, from `levels`, of rests below zero that cannot be: cell, kpi, value, half (of the interval)."""
    rests = [(k.name, at) for at, k in enumerate(plan.kept("amount"), 1) if k.nonnegative]
    return (
        "\nUNION ALL\n".join(
            f"SELECT cell, {text_sql(n)} AS kpi, x[{at}] AS value, h[{at}] AS half FROM levels WHERE v[{at}] IS NULL AND x[{at}] < 0"
            for n, at in rests
        )
        or "SELECT 0::BIGINT AS cell, '' AS kpi, 0::DOUBLE AS value, 0::DOUBLE AS half WHERE false"
    )


def _plain(amount: str) -> str:
    return f"rtrim(rtrim({amount}::VARCHAR, '0'), '.')"


def fill_absent(con: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Fill `marts.kpi_absent` from the temporary tables `kpi_rows` and `kpi_cells`, and the engine's."""
    cat = plan.cat
    # over all members: their parts are those that the company reports
    whole = {k.name for k in cat.of_kind("ratio") if k.parts}
    among = ", ".join(str(n) for n, k in enumerate(cat.kpis.values()) if whole & {k.name, k.of}) or "-1"
    reasons = "[" + ", ".join(f"'{r}'" for r in REASONS[1:]) + "]"
    con.execute(f"""
INSERT INTO marts.kpi_absent
WITH names AS (SELECT * FROM ({catalogue_sql(cat)})),
terms AS (SELECT * FROM {terms_sql(cat)} WHERE alternative = 0),
sizes AS (
  SELECT company, kind, quarter, kpi, value FROM kpi_rows WHERE form = 'amount'
  UNION ALL
  SELECT r.company, k.kind, r.quarter, r.kpi, r.value
  FROM kpi_rows r JOIN names n ON n.number = r.number AND n.instant AND r.kind = 0, (VALUES (1), (2), (4)) k(kind)
),
basis AS (SELECT * FROM {basis_sql(cat)}),
spans AS (
  SELECT n.company, {kind_sql("l.cell")} AS kind, {quarter_sql("l.cell")} AS quarter, l.period_end,
    coalesce(l.period_start, l.period_end - INTERVAL 12 MONTH + INTERVAL 1 DAY)::DATE AS period_start
  FROM levels l JOIN numbered n ON n.number = {number_sql("l.cell")}
),
rests AS (
  SELECT n.company, {kind_sql("r.cell")} AS kind, {quarter_sql("r.cell")} AS quarter, r.kpi, r.value, r.half
  FROM ({rests_sql(plan)}) r JOIN numbered n ON n.number = {number_sql("r.cell")}
),
needed AS (
  SELECT b.number, b.lag, t.input, t.role, t.at_a_day FROM basis b JOIN terms t ON t.amount = b.part
),
reported AS (SELECT DISTINCT company, input FROM kpi_cells),
reach AS (
  SELECT c.company, n.number
  FROM (SELECT number, input, count(*) OVER (PARTITION BY number) AS inputs
        FROM (SELECT DISTINCT number, input FROM needed)) n
  JOIN reported c ON c.input = n.input
  GROUP BY c.company, n.number
  HAVING count(*) = any_value(n.inputs) OR n.number IN ({among}) AND count(*) > 1
  UNION
  SELECT c.company, s.number FROM {stated_sql(cat)} s JOIN reported c ON c.input = s.input
),
ratio_reach AS (
  SELECT company, number FROM reach
  UNION SELECT r.company, b.number FROM reach r JOIN basis b ON b.part = r.number
    JOIN names n ON n.number = b.number AND n.form = 'change'
),
grid AS (
  SELECT company, kind, quarter FROM kpi_cells WHERE kind < 4 GROUP BY ALL HAVING kind = 0 OR bool_or(is_flow)
  UNION ALL
  SELECT company, 4, quarter FROM kpi_cells WHERE kind = 0 GROUP BY ALL HAVING bool_or(is_flow)
),
missed AS (
  SELECT g.company, g.kind, g.quarter, n.number, n.kpi, n.form, n.of_loss, n.lag, n.of, n.over
  FROM grid g JOIN names n ON n.mask & (1 << g.kind) > 0
  ANTI JOIN kpi_rows r ON r.company = g.company AND r.kind = g.kind AND r.quarter = g.quarter
    AND r.number = n.number
  WHERE NOT n.specific OR (g.company, n.number) IN (SELECT (company, number) FROM ratio_reach)
    OR n.form IN ('amount', 'ratio')
      AND (g.company, g.kind, g.quarter, coalesce(n.of, n.kpi)) IN (SELECT (company, kind, quarter, kpi) FROM rests)
),
crossed AS (
  SELECT m.company, m.kind, m.quarter, m.number,
    string_agg(DISTINCT b.note || ' (' || b.break_date || ')', ', ') AS detail
  FROM missed m JOIN kpi_rows now ON now.company = m.company AND now.kind = m.kind AND now.quarter = m.quarter
    AND now.kpi = m.of
  JOIN ({blocking_sql(plan)}) b ON b.company = m.company AND b.number = m.number
  JOIN spans s ON s.company = m.company AND s.kind = m.kind AND s.quarter = m.quarter
  LEFT JOIN spans e ON e.company = m.company AND e.kind = m.kind AND e.quarter = m.quarter - m.lag
  WHERE m.lag > 0 AND b.break_date <= s.period_end AND b.break_date > CASE WHEN b.at_a_day
    THEN coalesce(e.period_end, s.period_end - INTERVAL (3 * m.lag) MONTH)
    ELSE coalesce(e.period_start, s.period_start - INTERVAL (3 * m.lag) MONTH) END
  GROUP BY ALL
),
cut AS (
  SELECT m.company, m.kind, m.quarter, m.number,
    string_agg(DISTINCT b.note || ' (' || b.break_date || ')', ', ') AS detail
  FROM missed m JOIN needed n ON n.number = m.number AND NOT n.at_a_day
  JOIN ({cut_sql(plan)}) b ON b.company = m.company AND b.input = n.input
  JOIN spans s ON s.company = m.company AND s.kind = m.kind AND s.quarter = m.quarter - n.lag
  WHERE m.kind = 4 AND b.break_date > s.period_start AND b.break_date <= s.period_end
  GROUP BY ALL
),
others AS (
  SELECT m.company, m.kind, m.quarter, m.number
  FROM missed m
  JOIN kpi_rows now ON now.company = m.company AND now.kind = m.kind AND now.quarter = m.quarter AND now.kpi = m.of
  JOIN kpi_rows earlier ON earlier.company = m.company AND earlier.kind = m.kind
    AND earlier.quarter = m.quarter - m.lag AND earlier.kpi = m.of
  WHERE m.lag > 0 AND (now.marks & {ALTERNATIVES}) <> (earlier.marks & {ALTERNATIVES})
),
judged AS (
  SELECT m.*, own.value AS now_value, base.value AS then_value, over.value AS over_value,
    rest.kpi AS rest, rest.value AS rest_value, rest.half AS rest_half,
    CASE WHEN rest.kpi IS NOT NULL AND m.form IN ('amount', 'ratio') THEN {NEGATIVE_REST}
         WHEN x.detail IS NOT NULL THEN {BLOCKED}
         WHEN o.number IS NOT NULL THEN {OTHER_MEASURE}
         WHEN m.form = 'growth' AND m.of_loss AND greatest(own.value, base.value) >= 0
           AND own.value + base.value IS NOT NULL THEN {LOSSES}
         WHEN m.form = 'growth' AND NOT m.of_loss AND own.value IS NOT NULL AND base.value <= 0 THEN {BASE}
         WHEN m.form = 'cagr' AND least(own.value, base.value) <= 0
           AND own.value + base.value IS NOT NULL THEN {BASE}
         WHEN m.form = 'ratio' AND own.value IS NOT NULL AND over.value <= 0 THEN {DENOMINATOR}
         WHEN m.form = 'incremental'
           AND own.value + base.value + over.value + earlier.value IS NOT NULL THEN {DENOMINATOR}
         WHEN u.detail IS NOT NULL THEN {BLOCKED}
         ELSE {MISSING} END AS reason, coalesce(x.detail, u.detail) AS breaks
  FROM missed m
  LEFT JOIN rests rest ON rest.company = m.company AND rest.kind = m.kind AND rest.quarter = m.quarter
    AND rest.kpi = coalesce(m.of, m.kpi)
  LEFT JOIN crossed x ON x.company = m.company AND x.kind = m.kind AND x.quarter = m.quarter
    AND x.number = m.number
  LEFT JOIN cut u ON u.company = m.company AND u.kind = m.kind AND u.quarter = m.quarter AND u.number = m.number
  LEFT JOIN others o ON o.company = m.company AND o.kind = m.kind AND o.quarter = m.quarter
    AND o.number = m.number
  LEFT JOIN sizes own ON own.company = m.company AND own.kind = m.kind AND own.quarter = m.quarter
    AND own.kpi = m.of
  LEFT JOIN sizes base ON base.company = m.company AND base.kind = m.kind AND base.quarter = m.quarter - m.lag
    AND base.kpi = m.of
  LEFT JOIN sizes over ON over.company = m.company AND over.kind = m.kind AND over.quarter = m.quarter
    AND over.kpi = m.over
  LEFT JOIN sizes earlier ON earlier.company = m.company AND earlier.kind = m.kind
    AND earlier.quarter = m.quarter - m.lag AND earlier.kpi = m.over
),
wanted AS (
  SELECT m.company, m.kind, m.quarter, m.number, n.input, n.lag + g.back AS back,
    n.role || {back_sql("n.lag + g.back")} AS role
  FROM judged m JOIN needed n ON n.number = m.number
  CROSS JOIN range(4) AS g(back)
  WHERE m.reason = {MISSING} AND (g.back = 0 OR (m.kind = 4 AND NOT n.at_a_day))
    AND (m.number NOT IN ({among}) OR (m.company, n.input) IN (SELECT (company, input) FROM reported))
),
gaps AS (
  SELECT w.company, w.kind, w.quarter, w.number,
    string_agg(DISTINCT w.role, ', ' ORDER BY w.role) AS detail
  FROM wanted w
  ANTI JOIN kpi_cells s ON s.company = w.company AND s.kind = CASE WHEN w.kind = 4 THEN 0 ELSE w.kind END
    AND s.quarter = w.quarter - w.back AND s.input = w.input
  GROUP BY ALL
),
sides AS (
  SELECT m.company, m.kind, m.quarter, m.number,
    string_agg(p.kpi || {back_sql("b.lag")}, ', ' ORDER BY b.lag) AS detail
  FROM missed m JOIN basis b ON b.number = m.number
  JOIN names p ON p.number = b.part
  ANTI JOIN kpi_rows v ON v.company = m.company AND v.kind = m.kind AND v.quarter = m.quarter - b.lag
    AND v.number = b.part AND v.value IS NOT NULL
  WHERE m.form = 'change'
  GROUP BY ALL
)
SELECT m.company, {label_sql("m.kind", "m.quarter")} AS period, {period_type_sql("m.kind")} AS period_type,
  m.kpi, {reasons}[m.reason] AS reason,
  CASE m.reason WHEN {BLOCKED} THEN m.breaks WHEN {MISSING} THEN coalesce(s.detail, g.detail)
    WHEN {DENOMINATOR} THEN CASE m.form WHEN 'ratio' THEN m.over || ' is ' || {_plain("m.over_value")}
      ELSE 'the change of ' || m.over || ' is not clearly above zero' END
    WHEN {OTHER_MEASURE} THEN m.of || ' is another measure in the earlier period (kc explain shows both)'
    WHEN {NEGATIVE_REST} THEN m.rest || ' would be ' || format('{{:,.0f}}', m.rest_value) || ' ' || c.reporting_currency
      || CASE WHEN m.rest_value + m.rest_half < 0 THEN ': the parts are more than the whole'
        ELSE ', less than the rounding of its inputs (' || format('{{:,.0f}}', m.rest_half) || ')' END
    ELSE m.of || ': ' || {_plain("m.then_value")} || ' to ' || {_plain("m.now_value")} || ' '
      || c.reporting_currency END AS detail,
  CASE WHEN m.reason NOT IN ({BASE}, {LOSSES}) THEN NULL WHEN m.then_value = 0 THEN 'from_zero'
    WHEN m.then_value > 0 THEN CASE WHEN m.now_value < 0 THEN 'profit_to_loss' ELSE 'no_loss' END
    WHEN m.now_value > 0 THEN 'loss_to_profit' WHEN m.now_value > m.then_value THEN 'loss_narrowed'
    WHEN m.now_value < m.then_value THEN 'loss_widened' ELSE 'loss_unchanged' END AS transition
FROM judged m JOIN core.companies c USING (company)
LEFT JOIN gaps g USING (company, kind, quarter, number)
LEFT JOIN sides s USING (company, kind, quarter, number)
ORDER BY ALL""")
