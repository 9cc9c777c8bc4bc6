"""The trail of every figure as one view: `marts.figure_trail`.

Belongs here: which facts, versions and repeats stand behind a figure, with place and document. Does not belong
here: how a trail is told (lineage). A figure's name and period are those of `kc explain`.
"""

from kc_pipeline.figures.calendar_sql import fiscal_month_sql, label_sql
from kc_pipeline.schema import table

_MONTH = fiscal_month_sql("f.period_end", "c")
_OF_A_DAY = "(0, 1), (1, 2), (2, 4), (3, 4), (4, 1)"  # kind of period, every how many quarters it can end
_OF_A_PERIOD = (
    "(3, 3, 0), (6, 6, 1), (9, 9, 2), (12, 12, 3)"  # months, fiscal month of its end (in its cycle), kind
)

_ROOTS = f"""
SELECT company, period, kpi AS name, 'kpi' AS kind, role, fact_id AS of_fact_id FROM marts.kpi_inputs
UNION ALL
SELECT f.company, {label_sql("f.kind", "f.quarter")} AS period, f.concept || coalesce('/' || f.segment, '') || coalesce('@' || f.counterparty, '') AS name,
  'concept' AS kind, NULL AS role, f.fact_id AS of_fact_id
FROM (
  SELECT f.*, k.kind FROM (
    SELECT f.*, {_MONTH} // 3 AS quarter, {_MONTH} % 12 + 1 AS month
    FROM core.facts_latest f JOIN core.companies c ON c.company = f.company
  ) f
  JOIN (VALUES {_OF_A_PERIOD}) k(months, cycle, kind)
    ON k.months = f.months AND CASE k.kind WHEN 2 THEN f.month = 9 ELSE f.month % k.cycle = 0 END
  UNION ALL
  SELECT f.*, k.kind FROM (
    SELECT f.*, {_MONTH} // 3 AS quarter, {_MONTH} % 12 + 1 AS month
    FROM core.facts_latest f JOIN core.companies c ON c.company = f.company
  ) f
  JOIN (VALUES {_OF_A_DAY}) k(kind, every)
    ON f.months IS NULL AND f.month % 3 = 0
    AND CASE k.kind WHEN 2 THEN f.quarter % 4 = 2 ELSE f.quarter % k.every = k.every - 1 END
) f"""

_OWN = (
    "value", "decimals", "evidence", "grade", "source_kind", "source_title", "source_url", "known_at", "document_id",
    "statement", "table_index", "row_index", "col_index", "span_start", "span_end", "text",
)  # fmt: skip
_OF_FACT = (
    "concept", "segment", "counterparty", "scope", "period_start", "period_end", "months", "unit", "basis", "origin",
    "version", "section", "label", "column_label", "mapping_rule", "sign_rule", "unit_rule", "scale_rule",
    "period_rule", "suspect", "figure_id",
)  # fmt: skip


def _step(step: str, source: str, alias: str, own: str) -> str:
    """Return a SELECT of one kind of step: `alias` is the fact whose key and labels hold, `own` what was printed."""
    columns = [f"{own}.{c}" for c in _OWN] + [f"{alias}.{c}" for c in _OF_FACT]
    return (
        f"SELECT r.company, r.period, r.name, r.kind, r.role, r.of_fact_id, '{step}' AS step, "
        f"{own}.fact_id AS fact_id, {', '.join(columns)} FROM roots r {source}"
    )


def figure_trail_sql() -> str:
    """Return the definition of `marts.figure_trail`, with the columns and the order of its declaration."""
    steps = "\nUNION ALL\n".join(
        (
            _step("fact", "JOIN core.facts f ON f.fact_id = r.of_fact_id", "f", "f"),
            _step(
                "input",
                "JOIN core.fact_inputs i ON i.fact_id = r.of_fact_id "
                "JOIN core.facts f ON f.fact_id = i.input_fact_id",
                "f",
                "f",
            ),
            _step(
                "version",
                "JOIN core.facts u ON u.fact_id = r.of_fact_id "
                "JOIN core.facts f ON f.figure_id = u.figure_id AND f.fact_id <> u.fact_id",
                "f",
                "f",
            ),
            _step(
                "sighting",
                "JOIN core.facts f ON f.fact_id = r.of_fact_id JOIN core.sightings s ON s.fact_id = f.fact_id",
                "f",
                "s",
            ),
        )
    )
    columns = {
        "document_kind": "d.kind",
        "document_type": "d.type",
        "document_title": "d.title",
        "exhibit": "d.exhibit",
        "sha256": "d.sha256",
        "url": "coalesce(d.url, g.url)",
        "accession": "g.accession",
        "form": "g.form",
        "filing_date": "g.filing_date",
        "filing_date_precision": "g.filing_date_precision",
    }
    shown = ", ".join(f"{columns.get(c, f't.{c}')} AS {c}" for c in table("marts.figure_trail").column_names)
    return f"""
CREATE OR REPLACE VIEW marts.figure_trail AS
WITH roots AS ({_ROOTS}), steps AS ({steps})
SELECT {shown}
FROM steps t JOIN raw.documents d USING (document_id) JOIN raw.filings g USING (filing_id)"""
