"""What this build changed against the published one, and why (`meta.changes`).

The issuer's doing (a new document), our own (extractor, mapping, formula, rule) and a quarantine are told apart. The
cause of a changed fact is looked for in this order:

* its own document arrived, changed or went (`new_document`), or was kept out or let in again (`quarantine`);
* a document that arrived, changed, went or was kept out prints the same figure: which version is a fact depends on
  all of them;
* the extractor's version, the mapping's (concepts and what packs say of labels and measures);
* another document of its company, which decides what becomes of labels or of a fiscal calendar;
* else `code`.

A KPI or anomaly takes the cause of its changed facts; where none changed, that of its formula or rule, else `code`.
"""

from pathlib import Path

import duckdb

_NEEDED = (
    "raw.documents",
    "core.facts",
    "core.sightings",
    "core.conflicts",
    "marts.kpis",
    "marts.kpi_inputs",
    "marts.anomalies",
    "meta.builds",
)

# What the versions of code and data say, as one row.
_VERSIONS = """
CREATE OR REPLACE TEMP TABLE version_changes AS
SELECT n.extractor_version IS DISTINCT FROM o.extractor_version AS extractor,
  n.mapping_version IS DISTINCT FROM o.mapping_version AS mapping,
  n.formula_version IS DISTINCT FROM o.formula_version AS formula,
  n.rule_version IS DISTINCT FROM o.rule_version AS rule
FROM (SELECT * FROM meta.builds WHERE build_id = {build}) n
CROSS JOIN (SELECT * FROM previous.meta.builds ORDER BY started_at DESC LIMIT 1) o"""

# The same bytes that were kept out, or are kept out now, are nobody's new document.
_DOCUMENTS = """
CREATE OR REPLACE TEMP TABLE document_changes AS
SELECT coalesce(n.document_id, o.document_id) AS document_id, coalesce(n.company, o.company) AS company,
  CASE WHEN n.status = 'quarantined' OR o.status = 'quarantined' AND n.sha256 = o.sha256 THEN 'quarantine'
    ELSE 'new_document' END AS cause
FROM raw.documents n FULL JOIN previous.raw.documents o ON o.document_id = n.document_id
WHERE n.sha256 IS DISTINCT FROM o.sha256 OR n.status IS DISTINCT FROM o.status OR n.known_at IS DISTINCT FROM o.known_at"""

# Every figure that a changed document prints or printed.
_FIGURES = """
CREATE OR REPLACE TEMP TABLE figure_changes AS
SELECT p.figure_id, min(d.cause) AS cause
FROM (
  SELECT figure_id, document_id FROM core.facts UNION SELECT figure_id, document_id FROM core.sightings
  UNION SELECT figure_id, document_id FROM core.conflicts
  UNION SELECT figure_id, document_id FROM previous.core.facts UNION SELECT figure_id, document_id FROM previous.core.sightings
  UNION SELECT figure_id, document_id FROM previous.core.conflicts
) p JOIN document_changes d ON d.document_id = p.document_id
GROUP BY p.figure_id"""

_FACTS = """
CREATE OR REPLACE TEMP TABLE fact_changes AS
SELECT coalesce(n.fact_id, o.fact_id) AS id, coalesce(n.figure_id, o.figure_id) AS figure_id,
  coalesce(n.company, o.company) AS company, coalesce(n.document_id, o.document_id) AS document_id,
  CASE WHEN o.fact_id IS NULL THEN 'added' WHEN n.fact_id IS NULL THEN 'removed' ELSE 'changed' END AS change,
  o.value AS old_value, n.value AS new_value,
  concat_ws(' ', coalesce(n.company, o.company), coalesce(n.concept, o.concept) || coalesce('/' || coalesce(n.segment, o.segment), '')
    || coalesce('@' || coalesce(n.counterparty, o.counterparty), ''),
    coalesce(n.period_end, o.period_end)::VARCHAR, coalesce(n.months, o.months) || ' months', coalesce(n.unit, o.unit),
    coalesce(n.document_id, o.document_id)) AS detail
FROM core.facts n FULL JOIN previous.core.facts o ON o.fact_id = n.fact_id
WHERE n.fact_id IS NULL OR o.fact_id IS NULL OR n.value <> o.value OR n.decimals <> o.decimals
  OR n.version <> o.version OR n.evidence <> o.evidence"""

_FACT_CAUSES = """
CREATE OR REPLACE TEMP TABLE fact_causes AS
SELECT f.* EXCLUDE (figure_id), coalesce(d.cause, g.cause, CASE WHEN v.extractor THEN 'extractor' WHEN v.mapping THEN 'mapping' END,
  c.cause, 'code') AS cause
FROM fact_changes f CROSS JOIN version_changes v
LEFT JOIN document_changes d ON d.document_id = f.document_id
LEFT JOIN figure_changes g ON g.figure_id = f.figure_id
LEFT JOIN (SELECT company, min(cause) AS cause FROM document_changes GROUP BY company) c ON c.company = f.company"""

_RANK = "list_position(['new_document', 'quarantine', 'extractor', 'mapping', 'code'], c.cause)"

_KPIS = f"""
CREATE OR REPLACE TEMP TABLE kpi_causes AS
WITH changed AS (
  SELECT coalesce(n.company, o.company) AS company, coalesce(n.period, o.period) AS period, coalesce(n.kpi, o.kpi) AS kpi,
    CASE WHEN o.kpi IS NULL THEN 'added' WHEN n.kpi IS NULL THEN 'removed' ELSE 'changed' END AS change,
    o.value AS old_value, n.value AS new_value
  FROM marts.kpis n FULL JOIN previous.marts.kpis o ON o.company = n.company AND o.period = n.period AND o.kpi = n.kpi
  WHERE n.kpi IS NULL OR o.kpi IS NULL OR n.value <> o.value
), inputs AS (
  SELECT company, period, kpi, fact_id FROM marts.kpi_inputs
  UNION SELECT company, period, kpi, fact_id FROM previous.marts.kpi_inputs
), causes AS (
  SELECT i.company, i.period, i.kpi, arg_min(c.cause, {_RANK}) AS cause
  FROM inputs i JOIN fact_causes c ON c.id = i.fact_id GROUP BY ALL
)
SELECT k.*, coalesce(c.cause, CASE WHEN v.formula THEN 'formula' ELSE 'code' END) AS cause
FROM changed k CROSS JOIN version_changes v
LEFT JOIN causes c ON c.company = k.company AND c.period = k.period AND c.kpi = k.kpi"""

_ANOMALIES = f"""
CREATE OR REPLACE TEMP TABLE anomaly_causes AS
WITH changed AS (
  SELECT coalesce(n.anomaly_id, o.anomaly_id) AS id,
    CASE WHEN o.anomaly_id IS NULL THEN 'added' WHEN n.anomaly_id IS NULL THEN 'removed' ELSE 'changed' END AS change,
    o.observed AS old_value, n.observed AS new_value,
    concat_ws(' ', coalesce(n.company, o.company), coalesce(n.period, o.period), coalesce(n.rule, o.rule),
      coalesce(n.metric, o.metric)) AS detail,
    list_distinct(list_concat(list_concat(coalesce(n.evidence, []), coalesce(o.evidence, [])),
      list_concat(coalesce(n.history_evidence, []), coalesce(o.history_evidence, [])))) AS evidence,
    coalesce(n.company, o.company) AS company, coalesce(n.period, o.period) AS period, coalesce(n.metric, o.metric) AS metric
  FROM marts.anomalies n FULL JOIN previous.marts.anomalies o ON o.anomaly_id = n.anomaly_id
  WHERE n.anomaly_id IS NULL OR o.anomaly_id IS NULL OR n.observed <> o.observed OR n.severity <> o.severity
    OR n.seasonality IS DISTINCT FROM o.seasonality
), causes AS (
  SELECT a.id, arg_min(c.cause, {_RANK}) AS cause
  FROM (SELECT id, unnest(evidence) AS fact_id FROM changed) a JOIN fact_causes c ON c.id = a.fact_id GROUP BY a.id
)
SELECT a.id, a.change, a.old_value, a.new_value, a.detail,
  coalesce(c.cause, CASE WHEN v.rule THEN 'rule' END, k.cause, 'code') AS cause
FROM changed a CROSS JOIN version_changes v LEFT JOIN causes c ON c.id = a.id
LEFT JOIN kpi_causes k ON k.company = a.company AND k.period = a.period AND k.kpi = a.metric"""

_WRITE = """
INSERT INTO meta.changes BY NAME
SELECT {build} AS build_id, * FROM (
  SELECT 'fact' AS what, id, change, old_value, new_value, cause, detail FROM fact_causes
  UNION ALL
  SELECT 'kpi', company || '/' || period || '/' || kpi, change, old_value, new_value, cause,
    company || ' ' || period || ' ' || kpi FROM kpi_causes
  UNION ALL
  SELECT 'anomaly', id, change, old_value, new_value, cause, detail FROM anomaly_causes
) ORDER BY what, id"""


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def record_changes(con: duckdb.DuckDBPyConnection, build_id: str, previous: Path | None) -> int:
    """Write `meta.changes` of a build whose row is in `meta.builds` already; return the number of rows.

    Args:
        con: connection to the build
        build_id: the build
        previous: the published file; None for the first build, which changes nothing

    Raises:
        ValueError: if the previous file lacks a table that is compared: it was not written by this project.
        duckdb.Error: if it cannot be read, or its columns are not those compared.
    """
    if previous is None:
        return 0
    con.execute(f"ATTACH {_text(str(previous))} AS previous (READ_ONLY)")
    try:
        there = {
            f"{schema}.{name}"
            for schema, name in con.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'previous'"
            ).fetchall()
        }
        if absent := [name for name in _NEEDED if name not in there]:
            raise ValueError(f"{previous}: lacks {', '.join(absent)}; it is no warehouse of this project")
        build = _text(build_id)
        steps = (_VERSIONS.format(build=build), _DOCUMENTS, _FIGURES, _FACTS, _FACT_CAUSES, _KPIS, _ANOMALIES)
        for step in steps:
            con.execute(step)
        con.execute(_WRITE.format(build=build))
    finally:
        con.execute("DETACH previous")
    for name in (
        "version_changes",
        "document_changes",
        "figure_changes",
        "fact_changes",
        "fact_causes",
        "kpi_causes",
        "anomaly_causes",
    ):
        con.execute(f"DROP TABLE {name}")
    row = con.execute(f"SELECT count(*) FROM meta.changes WHERE build_id = {build}").fetchone()
    return int(row[0]) if row else 0
