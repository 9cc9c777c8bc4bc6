"""What Dagster shows of a table: schema, row count, a preview, a plot."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import duckdb

from kc_pipeline.orchestration.markdown import markdown_table
from kc_pipeline.orchestration.plots import margins_over_time
from kc_pipeline.schema import Table
from kc_pipeline.schema.sources import Source, column_sources

PREVIEW_ROWS = 8
PREVIEW_WIDTH = 40
NEWEST_FIRST = (
    "period_end",
    "period_of_report",
    "known_at",
    "filing_date",
    "started_at",
    "build_id",
    "last_period",
)


def column_description(comment: str, sources: tuple[Source, ...]) -> str:
    """Return a column's meaning and, below it, the columns that it is made of.

    The open-source UI shows column lineage nowhere (it is a feature of Dagster+), but descriptions it does.
    """
    if not sources:
        return comment
    tables = dict.fromkeys(name for name, _ in sources)
    made_of = "; ".join(f"{t}: {', '.join(c for name, c in sources if name == t)}" for t in tables)
    return f"{comment}\n\nFrom {made_of}"


def column_schema(table: Table) -> dg.TableSchema:
    """Return a table's columns as Dagster shows them, from the one declaration."""
    made_of = column_sources(table)
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=c.name,
                type=c.type,
                description=column_description(c.comment, made_of.get(c.name, ())),
                constraints=dg.TableColumnConstraints(nullable=not c.required, unique=table.key == (c.name,)),
            )
            for c in table.columns
        ]
    )


def column_lineage(table: Table) -> dg.TableColumnLineage:
    """Return which columns of other tables' assets each column is made of."""
    return dg.TableColumnLineage(
        {
            name: [dg.TableColumnDep(dg.AssetKey(source.split(".")), column) for source, column in sources]
            for name, sources in column_sources(table).items()
        }
    )


def definition_metadata(table: Table) -> dict[str, Any]:
    """Return the metadata that is known before any run."""
    return {
        "dagster/column_schema": column_schema(table),
        "dagster/column_lineage": column_lineage(table),
        "dagster/table_name": f"kc.{table.qualified}",
    }


def table_metadata(con: duckdb.DuckDBPyConnection, table: Table) -> Mapping[str, Any]:
    """Return row count and preview of a published table, and the plot where it has one; columns stand in its definition."""
    count = con.execute(f"SELECT count(*) FROM {table.qualified}").fetchone()
    out: dict[str, Any] = {
        "dagster/row_count": count[0] if count else 0,
        "preview": dg.MetadataValue.md(preview(con, table)),
    }
    if table.qualified == "marts.kpis":
        out.update(margins_over_time(con))
    return out


def preview(con: duckdb.DuckDBPyConnection, table: Table) -> str:
    """Return the newest rows of a table, as a Markdown table: by period or date where it has one, then by its key."""
    names = table.column_names
    newest = [name for name in NEWEST_FIRST if name in names][:1]
    order = ", ".join(f"{name} DESC NULLS LAST" for name in newest) or "ALL"
    key = "".join(f", {name}" for name in table.key if name not in newest) if newest else ""
    cursor = con.execute(f"SELECT * FROM {table.qualified} ORDER BY {order}{key} LIMIT {PREVIEW_ROWS}")
    return markdown_table([d[0] for d in cursor.description or []], cursor.fetchall(), PREVIEW_WIDTH)
