"""Keeps raw documents for ever under their SHA-256, and what was read from them for as long as it is valid.

Belongs here: immutable bytes, the record of what arrived when, the cache of extractions, and the runner that
fills it over processes. Does not belong here: finding filings, or knowing what is in a document.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kc_pipeline.store.extractions import ExtractionCache
    from kc_pipeline.store.objects import DamagedObjectError
    from kc_pipeline.store.originals import prefer_originals
    from kc_pipeline.store.parallel import Outcome, extract_all
    from kc_pipeline.store.reading import Failure, Job
    from kc_pipeline.store.records import Store, StoredDocument

_HOMES = {
    "DamagedObjectError": "objects",
    "ExtractionCache": "extractions",
    "Failure": "reading",
    "Job": "reading",
    "Outcome": "parallel",
    "Store": "records",
    "StoredDocument": "records",
    "extract_all": "parallel",
    "prefer_originals": "originals",
}

__all__ = [
    "DamagedObjectError",
    "ExtractionCache",
    "Failure",
    "Job",
    "Outcome",
    "Store",
    "StoredDocument",
    "extract_all",
    "prefer_originals",
]


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for: a reading process needs no pydantic, a query no pyarrow."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
