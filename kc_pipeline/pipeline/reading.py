"""What a worker process does with a document's bytes (a module of its own: workers import it alone)."""

from typing import TYPE_CHECKING

from kc_pipeline.config import Company, following
from kc_pipeline.extraction import read, to_arrow

if TYPE_CHECKING:
    import pyarrow as pa


def read_tables(data: bytes, company: Company) -> "dict[str, pa.Table]":
    """Return what was read from one document of a company as Arrow tables: lines, stated, commentary, definitions, warnings."""
    with following([company]):
        return to_arrow(read(data))
