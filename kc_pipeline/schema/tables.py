"""All tables, in the order in which they are filled; each schema is declared in the module of its name."""

from kc_pipeline.schema import core, marts, meta, raw, staging
from kc_pipeline.schema.declaration import Table

TABLES: tuple[Table, ...] = (*raw.TABLES, *staging.TABLES, *core.TABLES, *marts.TABLES, *meta.TABLES)

_BY_NAME = {t.qualified: t for t in TABLES}


def table(qualified: str) -> Table:
    """Return a declared table by its name in SQL.

    Raises:
        KeyError: if no such table is declared.
    """
    return _BY_NAME[qualified]
