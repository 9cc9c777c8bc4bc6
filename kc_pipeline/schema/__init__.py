"""The one declaration of the published tables.

DDL with comments, Arrow schemas, Dagster column schemas, the reference in the docs and the schema check are
all made from what stands here. Does not belong here: how a table is filled.
"""

from kc_pipeline.schema.declaration import AMOUNT, RATIO, Column, Table, arrow_schema, ddl, reference_markdown
from kc_pipeline.schema.tables import TABLES, table

__all__ = [
    "AMOUNT",
    "RATIO",
    "TABLES",
    "Column",
    "Table",
    "arrow_schema",
    "ddl",
    "reference_markdown",
    "table",
]
