"""Checks that the tables are what was declared: their columns, their keys."""

from kc_pipeline.quality.model import Check, violations
from kc_pipeline.schema import TABLES
from kc_pipeline.schema.declaration import Table

_SPELLING = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}
_NAMED = ("company", "concept", "segment", "period", "period_start", "period_end", "document_id")
"""What a message says beside the key, where the table has it."""
_STAGES = {"raw": "lines", "staging": "lines", "core": "facts", "marts": "marts"}


def _declared_rows(tables: tuple[Table, ...]) -> str:
    rows = ", ".join(
        f"('{t.schema}', '{t.name}', '{c.name}', '{_SPELLING.get(c.type, c.type)}', {i})"
        for t in tables
        for i, c in enumerate(t.columns, start=1)
    )
    return f"(VALUES {rows}) AS d(table_schema, table_name, column_name, data_type, position)"


def schema_check(tables: tuple[Table, ...] = TABLES) -> Check:
    """Return the check that the tables of the build have exactly the declared columns, types and order."""
    failing = f"""
SELECT NULL AS company, NULL AS document_id, NULL::INTEGER AS table_index,
  coalesce(d.table_schema, a.table_schema) || '.' || coalesce(d.table_name, a.table_name) || '.'
    || coalesce(d.column_name, a.column_name) || ': declared ' || coalesce(d.data_type || ' in place ' || d.position, 'nothing')
    || ', found ' || coalesce(a.data_type || ' in place ' || a.ordinal_position, 'nothing') AS message
FROM {_declared_rows(tables)}
FULL JOIN (
  SELECT table_schema, table_name, column_name, data_type, ordinal_position FROM information_schema.columns
  WHERE table_catalog = current_database() AND table_schema IN ({", ".join(f"'{s}'" for s in sorted({t.schema for t in tables}))})
) a ON a.table_schema = d.table_schema AND a.table_name = d.table_name AND a.column_name = d.column_name
WHERE a.data_type IS DISTINCT FROM d.data_type OR a.ordinal_position IS DISTINCT FROM d.position"""
    return violations(
        "schema_is_as_declared",
        "Every table has the declared columns",
        "core.facts",
        "block_build",
        "lines",
        failing,
        f"SELECT count(*) FROM {_declared_rows(tables)}",
        "no table is declared",
    )


def grain_check(table: Table) -> Check:
    """Return the check that no two rows of a table share its declared key (an absent part counts as a value)."""
    key = ", ".join(table.key)
    company = "any_value(company)" if "company" in table.column_names else "NULL"
    document = "any_value(document_id)" if "document_id" in table.column_names else "NULL"
    shown = " || ', ' || ".join(f"'{k} ' || coalesce({k}::VARCHAR, 'null')" for k in table.key)
    more = [c for c in _NAMED if c in table.column_names and c not in table.key]
    listed = [f"'; {c} ' || string_agg(DISTINCT {c}::VARCHAR, ', ' ORDER BY {c}::VARCHAR)" for c in more]
    named = "".join(f" || coalesce({text}, '')" for text in listed)
    return violations(
        f"grain_of_{table.schema}_{table.name}",
        f"Rows of {table.qualified} are unique by {key}",
        table.qualified,
        "block_build",
        _STAGES[table.schema],
        f"""SELECT {company} AS company, {document} AS document_id, NULL::INTEGER AS table_index,
            count(*) || ' rows share ' || {shown}{named} AS message FROM {table.qualified} GROUP BY {key} HAVING count(*) > 1""",
        f"SELECT count(*) FROM {table.qualified}",
        f"{table.qualified} has no rows",
    )


HOUSE_CHECKS: tuple[Check, ...] = (
    schema_check(),
    *(grain_check(t) for t in TABLES if t.schema in _STAGES and t.key),
)
