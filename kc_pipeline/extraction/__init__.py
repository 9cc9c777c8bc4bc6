"""One document to lines: pure functions, bytes in, typed values out.

Belongs here: reading HTML, grids, statements, prose. Does not belong here: files, networks, databases,
finance beyond what a table says about itself, concepts (they are mapped afterwards).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    import pyarrow as pa

    from kc_pipeline.config import Company
    from kc_pipeline.extraction.model import Extraction

EXTRACTOR_VERSION = "38"

__all__ = ["EXTRACTOR_VERSION", "extract", "read", "to_arrow", "to_dict"]


def read(data: bytes, companies: Collection[Company] = ()) -> Extraction:
    """Read one document: lines, stated figures, commentary, definitions and warnings, without concepts. Never raises.

    `companies`: those that it may be of, by whose own words its prose is then read; without any, by the general words
    and those of the company that is followed here.
    """
    from kc_pipeline.extraction.reader import read_document

    return read_document(data, companies)


def extract(data: bytes, companies: Collection[Company] = ()) -> Extraction:
    """Read one document and map its lines to concepts, by the words of its company too (see `read`). Never raises."""
    from kc_pipeline.concepts import Vocabulary, map_lines, vocabulary_of
    from kc_pipeline.config import following

    extraction = read(data, companies)
    company = next((c for c in companies if c.id == extraction.company), None)
    words = vocabulary_of(company) if company else Vocabulary()
    with following([company] if company else []):
        map_lines(extraction.lines, words.synonyms, words.concepts)
    return extraction


def to_dict(extraction: Extraction) -> dict[str, Any]:
    """Return the JSON object of `kc extract --format json`."""
    from kc_pipeline.extraction.output import as_dict

    return as_dict(extraction)


def to_arrow(extraction: Extraction) -> dict[str, pa.Table]:
    """Return Arrow tables `lines`, `stated`, `commentary`, `definitions` and `warnings` (amounts as decimal128(38, 8))."""
    from kc_pipeline.extraction.output import as_arrow

    return as_arrow(extraction)
