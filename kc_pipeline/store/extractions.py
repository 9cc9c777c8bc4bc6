"""The cache of extractions: what was read from a document, by its SHA-256, the extractor's version and a company's words.

One file per document, ``<version>/ab/<sha256>.kcx`` (``<sha256>-<read_by>.kcx`` where it was read by words of a
company's own): a line with the SHA-256 of what follows, then a JSON
line with the tables' names and lengths, then each table as an Arrow IPC stream. A file that is damaged or
cut off counts as absent, so the document is read again rather than quoted wrongly. Everything here can be
deleted and is made anew from the store. (Over real exhibits Arrow streams are read 13 times faster than
Parquet files, 0.25 against 3.3 ms a document, and are 5 times larger, 140 against 30 kB.)
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from kc_pipeline.store.files import write_whole

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_ENDING = ".kcx"


class ExtractionCache:
    """Named Arrow tables per document and extractor version; creating the object creates nothing on disk.

    Raises:
        ValueError: if the version cannot be the name of a folder.
    """

    def __init__(self, root: Path, extractor_version: str) -> None:
        if not _VERSION.fullmatch(extractor_version):
            raise ValueError(f"extractor version {extractor_version!r}: letters, digits and . _ + - only")
        self.root = root
        self.extractor_version = extractor_version

    def path_of(self, sha256: str, read_by: str = "") -> Path:
        """Return where the tables of a document lie; `read_by` names the words of a company's own by which it was read."""
        name = f"{sha256}-{read_by}" if read_by else sha256
        return self.root / self.extractor_version / sha256[:2] / f"{name}{_ENDING}"

    def put(self, sha256: str, tables: Mapping[str, pa.Table], read_by: str = "") -> None:
        """Keep a document's tables, replacing what was kept for it under this version and these words.

        Raises:
            OSError: if they cannot be written.
        """
        streams = [(name, _stream(table)) for name, table in tables.items()]
        head = json.dumps([[name, len(data)] for name, data in streams]).encode() + b"\n"
        body = head + b"".join(data for _, data in streams)
        digest = hashlib.sha256(body).hexdigest().encode()
        write_whole(self.path_of(sha256, read_by), digest + b"\n" + body, durable=False)

    def get(self, sha256: str, read_by: str = "") -> dict[str, pa.Table] | None:
        """Return a document's tables as they were put, or None if they are absent or damaged."""
        data = self._undamaged(sha256, read_by)
        if data is None:
            return None
        start = data.index(b"\n", 65) + 1
        out: dict[str, pa.Table] = {}
        for name, length in json.loads(data[65:start]):
            out[name] = pa.ipc.open_stream(pa.py_buffer(data[start : start + length])).read_all()
            start += length
        return out

    def has(self, sha256: str, read_by: str = "") -> bool:
        """Return whether a document's tables are there and undamaged."""
        return self._undamaged(sha256, read_by) is not None

    def _undamaged(self, sha256: str, read_by: str) -> bytes | None:
        try:
            data = self.path_of(sha256, read_by).read_bytes()
        except FileNotFoundError:
            return None
        body = memoryview(data)[65:]
        whole = data[64:65] == b"\n" and hashlib.sha256(body).hexdigest().encode() == data[:64]
        return data if whole else None


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
