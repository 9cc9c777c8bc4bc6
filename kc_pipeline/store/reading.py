"""Reading one document into the cache, and what can go wrong with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from kc_pipeline.store.extractions import ExtractionCache
from kc_pipeline.store.objects import DamagedObjectError, read_verified

ReadFunction = Callable[..., Mapping[str, pa.Table]]


@dataclass(frozen=True, slots=True)
class Job:
    """One document to read: its bytes lie in `path` and have this SHA-256; `size` in bytes.

    `given` are the reading function's arguments beside the bytes; `read_by` names them in the cache ("": none).
    """

    document_id: str
    sha256: str
    path: Path
    size: int
    read_by: str = ""
    given: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be read, and why.

    Codes: `damaged` (in the store), `unreadable` (reading raised), `too_slow`, `crashed`.
    """

    document_id: str
    sha256: str
    code: str
    message: str


def read_one(job: Job, read_fn: ReadFunction, cache: ExtractionCache) -> Failure | None:
    """Read one document into the cache; return why it could not be read, or None."""
    try:
        data = read_verified(job.path, job.sha256)
    except DamagedObjectError as error:
        return Failure(job.document_id, job.sha256, "damaged", str(error))
    try:
        tables = read_fn(data, *job.given)
    except Exception as error:  # noqa: BLE001 - whatever a document provokes is that document's failure
        message = f"reading it failed: {type(error).__name__}: {error}"
        return Failure(job.document_id, job.sha256, "unreadable", message)
    cache.put(job.sha256, tables, job.read_by)
    return None
