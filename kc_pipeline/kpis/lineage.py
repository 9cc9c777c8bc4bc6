"""Which facts stand behind each KPI: `marts.kpi_inputs`, and the cells that both it and the reasons need.

Everything is joined from relations made of the catalogue; the choice between facts of one figure and between
alternatives is the one the engine makes.
"""

import duckdb

from kc_pipeline.figures.calendar_sql import label_sql
from kc_pipeline.kpis.catalogue import Catalogue
from kc_pipeline.kpis.nil import MARK, ROLE
from kc_pipeline.kpis.plan import labelled_sql
from kc_pipeline.kpis.plan import plan as plan_of


def _values(rows: list[str], columns: str) -> str:
    return f"(SELECT * FROM (VALUES {', '.join(rows)}) AS t({columns}))"


def back_sql(back: str) -> str:
    """Return SQL for the suffix of a role that lies `back` quarters earlier: `[-4q]`, or nothing."""
    return f"CASE WHEN {back} > 0 THEN '[-' || ({back})::VARCHAR || 'q]' ELSE '' END"


def terms_sql(cat: Catalogue) -> str:
    """Return the terms of the amounts: amount (KPI number), alternative, input, role, at_a_day, terms."""
    numbers = plan_of(cat).numbers
    position = {name: i for i, name in enumerate(cat.kpis)}
    rows = [
        f"({position[k.name]}, {a}, {numbers[t.input]}, '{t.role}', "
        f"{'true' if t.concept in cat.instants else 'false'}, {len(terms)})"
        for k in cat.of_kind("amount")
        for a, terms in enumerate(k.alternatives)
        for t in terms
    ]
    return _values(rows, "amount, alternative, input, role, at_a_day, terms")


def basis_sql(cat: Catalogue) -> str:
    """Return what KPIs are computed from.

    Columns: number (of the KPI), lag (in quarters), part (number of an amount, or of the ratio of a change).
    """
    position = {name: i for i, name in enumerate(cat.kpis)}
    rows = []
    for k in cat.kpis.values():
        number = position[k.name]
        if k.kind == "amount":
            rows.append(f"({number}, 0, {number})")
        if k.kind == "ratio":
            whole = (k.of, k.over, *k.parts)
            rows += [f"({number}, 0, {position[p]})" for p in dict.fromkeys(whole) if p]
        if k.lag:
            rows += [f"({number}, {lag}, {position[p]})" for lag in (0, k.lag) for p in (k.of, k.over) if p]
    return _values(rows, "number, lag, part")


def stated_sql(cat: Catalogue) -> str:
    """Return the inputs that are the issuer's own figure: number (of the KPI), input, kpi."""
    position = {name: i for i, name in enumerate(cat.kpis)}
    return _values(
        [f"({position[n]}, {i}, '{n}')" for n, i in plan_of(cat).stated.items()],
        "number, input, kpi",
    )


def build_cells(con: duckdb.DuckDBPyConnection, facts: str, cat: Catalogue) -> None:
    """Create the temporary table `kpi_cells`: company, kind, quarter, input, back, fact_id, is_flow.

    One row per fact behind an input of a period; `back` is how many quarters before the period's end the
    fact's own period ends (0, or 0 to 3 inside trailing twelve months).
    """
    con.execute(f"""
CREATE OR REPLACE TEMP TABLE kpi_cells AS
WITH own AS (
  SELECT company, kind, quarter, input, arg_max(fact_id, rank) AS fact_id, bool_or(is_flow) AS is_flow
  FROM ({labelled_sql(facts, plan_of(cat))}) GROUP BY company, kind, quarter, input
), amounts AS (SELECT DISTINCT input, at_a_day FROM {terms_sql(cat)})
SELECT company, kind, quarter, input, 0 AS back, fact_id, is_flow FROM own
UNION ALL
SELECT company, 4, quarter, input, 0, fact_id, is_flow
FROM own JOIN amounts USING (input) WHERE kind = 0 AND at_a_day
UNION ALL
SELECT company, 4, quarter + r.back, input, r.back, fact_id, is_flow
FROM own JOIN amounts USING (input), range(4) AS r(back) WHERE kind = 0 AND NOT at_a_day""")


def fill_inputs(con: duckdb.DuckDBPyConnection, cat: Catalogue) -> None:
    """Fill `marts.kpi_inputs` from the temporary tables `kpi_rows` and `kpi_cells`.

    Role `stated` is the issuer's own figure of that KPI, whether or not it is the value; every other role
    belongs to the computed value. A change lists, per quarter, what that quarter's ratio rests on.
    """
    con.execute(f"""
CREATE OR REPLACE TEMP TABLE kpi_amount_facts AS
WITH met AS (
  SELECT s.company, s.kind, s.quarter, t.amount, t.alternative
  FROM kpi_cells s JOIN {terms_sql(cat)} t ON t.input = s.input
  GROUP BY ALL
  HAVING count(DISTINCT s.input) = any_value(t.terms)
    AND count(*) = any_value(t.terms) * CASE WHEN s.kind = 4 AND NOT any_value(t.at_a_day) THEN 4 ELSE 1 END
), chosen AS (
  SELECT company, kind, quarter, amount, min(alternative) AS alternative FROM met GROUP BY ALL
)
SELECT c.company, c.kind, c.quarter, c.amount, t.role, s.back, s.fact_id
FROM chosen c
JOIN {terms_sql(cat)} t ON t.amount = c.amount AND t.alternative = c.alternative
JOIN kpi_cells s ON s.company = c.company AND s.kind = c.kind AND s.quarter = c.quarter
  AND s.input = t.input""")
    con.execute(f"""
CREATE OR REPLACE TEMP TABLE kpi_own_facts AS
SELECT r.company, r.kind, r.quarter, r.number, f.role, f.back + b.lag AS back, f.fact_id
FROM kpi_rows r
JOIN {basis_sql(cat)} b ON b.number = r.number
JOIN kpi_amount_facts f ON f.company = r.company AND f.kind = r.kind AND f.quarter = r.quarter - b.lag
  AND f.amount = b.part
WHERE r.computed_value IS NOT NULL""")
    con.execute(f"""
INSERT INTO marts.kpi_inputs
WITH stated AS (
  SELECT r.company, r.kind, r.quarter, r.number, r.use_stated, t.kpi, s.fact_id
  FROM kpi_rows r JOIN {stated_sql(cat)} t ON t.number = r.number
  JOIN kpi_cells s ON s.company = r.company AND s.kind = r.kind AND s.quarter = r.quarter
    AND s.input = t.input
  WHERE r.stated_value IS NOT NULL
), behind AS (
  SELECT company, kind, quarter, number, role, back, fact_id FROM kpi_own_facts
  UNION ALL SELECT company, kind, quarter, number, 'stated', 0, fact_id FROM stated
  UNION ALL
  SELECT r.company, r.kind, r.quarter, r.number, f.role, f.back + b.lag, f.fact_id
  FROM kpi_rows r JOIN {basis_sql(cat)} b ON b.number = r.number
  JOIN kpi_rows p ON p.company = r.company AND p.kind = r.kind AND p.quarter = r.quarter - b.lag
    AND p.number = b.part
  JOIN kpi_own_facts f ON f.company = p.company AND f.kind = p.kind AND f.quarter = p.quarter
    AND f.number = p.number
  WHERE r.computed_value IS NOT NULL AND NOT p.use_stated AND r.form = 'change'
  UNION ALL
  SELECT r.company, r.kind, r.quarter, r.number, s.kpi, b.lag, s.fact_id
  FROM kpi_rows r JOIN {basis_sql(cat)} b ON b.number = r.number
  JOIN stated s ON s.company = r.company AND s.kind = r.kind AND s.quarter = r.quarter - b.lag
    AND s.number = b.part
  WHERE r.computed_value IS NOT NULL AND s.use_stated AND r.form = 'change'
)
SELECT DISTINCT b.company, {label_sql("b.kind", "b.quarter")} AS period, r.kpi,
  b.role || {back_sql("b.back")} || CASE WHEN starts_with(b.fact_id, '{MARK}') THEN '{ROLE}' ELSE '' END AS role,
  replace(b.fact_id, '{MARK}', '') AS fact_id
FROM behind b
JOIN kpi_rows r ON r.company = b.company AND r.kind = b.kind AND r.quarter = b.quarter AND r.number = b.number
ORDER BY ALL""")
