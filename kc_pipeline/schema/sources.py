"""Which columns a column is made of: column lineage, from the declared tables.

A column that has the name and type of a column of a table that its table depends on carries it on. What is made of
columns with other names, or computed from them, is declared here, and an empty entry says that a column of the same
name is not its source; tests hold all of it against a published warehouse and the graph of tables.
"""

from kc_pipeline.schema.declaration import Table
from kc_pipeline.schema.tables import table as table_of

Source = tuple[str, str]  # table, column

_LINES = "staging.statement_lines staging.stated_figures"


def _of(tables: str, columns: str) -> tuple[Source, ...]:
    return tuple((t, c) for t in tables.split() for c in columns.split())


_LATEST = "core.facts_latest"
MADE_OF: dict[str, dict[str, tuple[Source, ...]]] = {
    "core.members": {"name": ()},
    "core.nil_lines": {
        "concept": _of("core.concepts", "concept parent"),
        "total_fact_id": _of("core.facts", "fact_id"),
        "addends": _of("staging.statement_lines", "row_index"),
        "deviation": _of("staging.statement_lines", "value"),
        "allowed": _of("staging.statement_lines", "decimals"),
    },
    "core.definitions": {
        "definition_id": _of("staging.definitions", "metric segment wording"),
        "valid_from": _of("staging.definitions", "document_id"),
        "wording": _of("staging.definitions", "wording"),
        "exclusions": _of("staging.definitions", "exclusions"),
        "known_at": _of("raw.documents", "known_at"),
        "quote": _of("staging.definitions", "sentence"),
    },
    "core.breaks": {
        "company": _of("core.companies", "company"),
        "break_date": _of("core.definitions", "valid_from"),
        "concept": _of("core.definitions", "concept"),
        "segment": _of("core.definitions", "segment"),
        "wording": _of("core.definitions", "wording"),
        "source": _of("core.definitions", "source"),
        "from_definition_id": _of("core.definitions", "definition_id"),
        "to_definition_id": _of("core.definitions", "definition_id"),
    },
    "core.fiscal_quarters": {
        "period": _of("core.companies", "fiscal_year_end"),
        "period_start": _of("staging.statement_lines", "period_end"),
        "period_end": _of("staging.statement_lines", "period_end"),
        "number": _of("core.companies", "fiscal_year_end"),
        "calendar_quarter": _of("staging.statement_lines", "period_end"),
        "by_weeks": _of("core.companies", "fiscal_weeks"),
        "end_source": _of("staging.statement_lines", "period_end"),
    },
    "core.facts": {
        "fact_id": _of(_LINES, "document_id"),
        "figure_id": _of(
            "staging.statement_lines", "company scope concept segment period_start period_end unit"
        )
        + _of("staging.stated_figures", "company metric segment period_start period_end unit"),
        "concept": _of("staging.statement_lines", "concept") + _of("staging.stated_figures", "metric"),
        "value": _of(_LINES, "value") + _of("staging.statement_lines", "label"),
        "half_units": _of(_LINES, "decimals"),
        "decimals": _of(_LINES, "decimals"),
        "origin": (),
        "statement": _of("staging.statement_lines", "statement"),
        "assurance": _of("staging.statement_lines", "audited"),
        "filing_id": _of("raw.documents", "filing_id"),
        "known_at": _of("raw.documents", "known_at"),
        "known_at_precision": _of("raw.documents", "known_at_precision"),
        "section": _of("staging.statement_lines", "section"),
        "label": _of("staging.statement_lines", "label") + _of("staging.stated_figures", "sentence"),
        "version": _of("raw.documents", "known_at"),
    },
    "core.fact_inputs": {"input_fact_id": _of("core.facts", "fact_id")},
    "core.quarter_checks": {
        "derived_value": _of("core.facts", "value"),
        "deviation": _of("core.facts", "value"),
        "allowed": _of("core.facts", "decimals"),
        "formula": _of("core.facts", "period_start period_end"),
        "input_fact_ids": _of("core.facts", "fact_id"),
    },
    "core.sightings": {
        "value": _of(_LINES, "value"),
        "known_at": _of("raw.documents", "known_at"),
        "statement": _of("staging.statement_lines", "statement"),
    },
    "core.conflicts": {
        "value": _of(_LINES, "value"),
        "statement": _of("staging.statement_lines", "statement"),
        "deviation": _of("core.facts", "value"),
        "allowed": _of("core.facts", "decimals"),
    },
    "core.revisions": {
        **{
            f"{side}_{column}": _of("core.facts", column)
            for side in ("first", "later")
            for column in ("fact_id", "value", "document_id", "known_at")
        },
        "change": _of("core.facts", "value"),
        "relative_change": _of("core.facts", "value"),
        "share_of_revenue": _of("core.facts", "value"),
        "materiality": _of("core.facts", "value"),
    },
    "core.convenience_translations": {
        "rate": _of(_LINES, "value"),
        "concept": _of("staging.statement_lines", "concept") + _of("staging.stated_figures", "metric"),
    },
    "marts.kpis": {
        "period": _of(_LATEST, "period_end months"),
        "period_type": _of(_LATEST, "months"),
        "calendar_quarter": _of(_LATEST, "period_end"),
        "unit": _of(_LATEST, "unit"),
        "origin": _of(_LATEST, "origin"),
        "kpi": _of(_LATEST, "concept segment"),
        "value": _of(_LATEST, "value"),
        "low": _of(_LATEST, "value decimals"),
        "high": _of(_LATEST, "value decimals"),
        "stated_value": _of(_LATEST, "value"),
        "computed_value": _of(_LATEST, "value"),
        "formula": _of(_LATEST, "concept segment"),
        "computed_absent": _of(_LATEST, "value"),
        "remark": _of(_LATEST, "value suspect"),
    },
    "marts.kpi_inputs": {"role": _of(_LATEST, "concept segment"), "fact_id": _of(_LATEST, "fact_id")},
    "marts.figure_trail": {
        "period": _of("marts.kpi_inputs", "period") + _of(_LATEST, "period_end months"),
        "kind": (),
        "name": _of("marts.kpi_inputs", "kpi") + _of(_LATEST, "concept segment"),
        "of_fact_id": _of("marts.kpi_inputs", "fact_id"),
        "document_kind": _of("raw.documents", "kind"),
        "document_type": _of("raw.documents", "type"),
        "document_title": _of("raw.documents", "title"),
        "url": _of("raw.documents", "url") + _of("raw.filings", "url"),
        "accession": _of("raw.filings", "accession"),
        "form": _of("raw.filings", "form"),
        "filing_date": _of("raw.filings", "filing_date"),
        "filing_date_precision": _of("raw.filings", "filing_date_precision"),
    },
    "marts.kpi_absent": {
        "period": _of(_LATEST, "period_end months"),
        "period_type": _of(_LATEST, "months"),
        "kpi": _of(_LATEST, "concept segment"),
        "transition": _of(_LATEST, "value"),
        "detail": _of(_LATEST, "concept segment"),
    },
    "marts.anomalies": {
        "metric": _of("marts.kpis", "kpi"),
        "low": _of("marts.kpis", "low"),
        "high": _of("marts.kpis", "high"),
        "observed": _of("marts.kpis", "value"),
        "expected": _of("marts.kpis", "value"),
        "deviation": _of("marts.kpis", "value"),
        "history": _of("marts.kpis", "value"),
        "seasonality": _of("marts.kpis", "value"),
        "expected_low": _of("marts.kpis", "value"),
        "expected_high": _of("marts.kpis", "value"),
        "percentile": _of("marts.kpis", "value"),
        "base_period": _of("marts.kpis", "period"),
        "first_seen": _of("marts.kpis", "period"),
        "resolved_in": _of("marts.kpis", "period"),
        "explanation": _of("marts.kpis", "value period"),
        "evidence": _of("marts.kpi_inputs", "fact_id"),
        "history_evidence": _of("marts.kpi_inputs", "fact_id"),
    },
    "marts.anomaly_drivers": {
        "driver": _of("marts.kpis", "kpi"),
        "contribution": _of("marts.kpis", "value"),
        "contribution_low": _of("marts.kpis", "low"),
        "contribution_high": _of("marts.kpis", "high"),
        "share": _of("marts.kpis", "value"),
        "value_before": _of("marts.kpis", "value"),
        "value_now": _of("marts.kpis", "value"),
        "told_once": _of("marts.kpis", "value"),
    },
    "marts.stories": {
        "headline": _of("marts.anomalies", "explanation"),
        "driver": _of("marts.anomalies", "metric"),
        "flags": _of("marts.anomalies", "anomaly_id"),
        "metrics": _of("marts.anomalies", "metric"),
        "anomalies": _of("marts.anomalies", "anomaly_id"),
    },
    "marts.rule_coverage": {
        "metric": _of("marts.kpis", "kpi"),
        **{
            name: _of("marts.kpis", "value")
            for name in ("judged", "fired", "too_little_history", "first_period", "last_period")
        },
    },
    "marts.headlines": {"yoy": _of("marts.kpis", "value"), "qoq": _of("marts.kpis", "value")},
    "marts.quarterly_summary": {
        **{
            c.name: _of("marts.kpis", "value")
            for c in table_of("marts.quarterly_summary").columns
            if c.type.startswith("DECIMAL")
        },
        "anomalies": _of("marts.anomalies", "anomaly_id"),
    },
}


def upstream(table: Table) -> set[str]:
    """Return the tables that a table depends on, over any number of steps."""
    found: set[str] = set()
    waiting = list(table.depends_on)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += table_of(name).depends_on
    return found


def column_sources(table: Table) -> dict[str, tuple[Source, ...]]:
    """Return, per column, the columns that it is made of; columns that the pipeline itself makes are left out."""
    declared = MADE_OF.get(table.qualified, {})
    out: dict[str, tuple[Source, ...]] = {}
    for column in table.columns:
        carried = tuple(
            (name, c.name)
            for name in table.depends_on
            for c in table_of(name).columns
            if (c.name, c.type) == (column.name, column.type)
        )
        found = declared.get(column.name, carried)
        if found:
            out[column.name] = found
    return out
