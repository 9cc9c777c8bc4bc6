"""Views and table macros over the tables: the newest version of each figure, and the one known at a date."""

import duckdb

from kc_pipeline.schema import TABLES, ddl
from kc_pipeline.warehouse.trail_sql import figure_trail_sql

FACTS_LATEST = """
CREATE OR REPLACE VIEW core.facts_latest AS
SELECT f.* FROM core.facts f
ANTI JOIN (SELECT figure_id, version - 1 AS version FROM core.facts WHERE version > 1) n
  ON n.figure_id = f.figure_id AND n.version = f.version
"""

FACTS_AS_OF = """
CREATE OR REPLACE MACRO core.facts_as_of(day) AS TABLE
SELECT f.* FROM core.facts f
ANTI JOIN (SELECT figure_id, version - 1 AS version FROM core.facts WHERE version > 1 AND known_at <= day::DATE) n
  ON n.figure_id = f.figure_id AND n.version = f.version
WHERE f.known_at <= day::DATE
"""


def create_views(con: duckdb.DuckDBPyConnection) -> None:
    """Create the declared views with their comments, and the table macros.

    Versions count up by one with time, so the newest is the one that no next version follows. `facts_as_of`
    takes a date or its text and gives each figure as known at the end of that day.

    Raises:
        ValueError: if a view is declared that nothing here defines.
    """
    defined = {"core.facts_latest": FACTS_LATEST, "marts.figure_trail": figure_trail_sql()}
    for table in TABLES:
        if table.is_view:
            if table.qualified not in defined:
                raise ValueError(f"{table.qualified} is declared as a view and defined nowhere")
            con.execute(defined[table.qualified])
            con.execute(ddl(table))
    con.execute(FACTS_AS_OF)
