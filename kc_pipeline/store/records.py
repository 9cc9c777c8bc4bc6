"""The store: documents with the record of what arrived, in which order.

Each document has a folder of records, ``records/<document_id>/000001-<sha256>.json``, counted up in the
order of arrival. A record is written when bytes or manifest differ from the document's newest record, so
the newest record always mirrors what the inbox held last, also when older bytes come back. Nothing is
ever changed or deleted; a document that left the inbox keeps its records and bytes (`in_use` leaves it out).
A record that was damaged from outside counts for nothing: `put_aside` renames it, so that the document is taken up anew.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from kc_pipeline.figures import calendar_quarter
from kc_pipeline.sources import FoundDocument
from kc_pipeline.store.files import write_whole
from kc_pipeline.store.objects import DamagedObjectError, object_path, read_verified, write_object

_RECORD = re.compile(r"^(\d{6,})-([0-9a-f]{64})\.json$")
_ARRIVAL = {"stored_at", "seq"}
ASIDE = ".damaged"
"""Added to the name of a record that cannot be read."""


class StoredDocument(BaseModel):
    """One document as it arrived: its bytes' name and what its manifest said then.

    `size` is in bytes; `path` is where it was read from, relative to KC_DATA; `seq` counts the arrivals of
    this document from 1; `stored_at` is when these bytes of this document were first stored.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    document_id: str
    filing_id: str
    company: str
    sha256: str
    size: int
    form: str
    accession: str | None
    filing_url: str | None
    filing_date: date
    filing_date_precision: str
    accepted_at: datetime | None
    period_of_report: date
    type: str
    kind: str
    exhibit: str | None
    url: str | None
    transcript_of: str | None
    note: str | None
    path: str
    source: str
    stored_at: datetime
    seq: int

    @property
    def quarter(self) -> str:
        """The partition: calendar quarter (``2025Q1``) in which the period of report ends."""
        return calendar_quarter(self.period_of_report)

    @property
    def is_original(self) -> bool:
        """Whether this is the issuer's own paper, and not a transcript."""
        return self.kind == "original"


def _as_found(found: FoundDocument, sha256: str) -> dict[str, Any]:
    filing, document = found.manifest, found.document
    return {
        "document_id": found.document_id,
        "filing_id": found.filing_id,
        "company": filing.company,
        "sha256": sha256,
        "size": found.size,
        "form": filing.form,
        "accession": filing.accession,
        "filing_url": filing.url,
        "filing_date": filing.filing_date,
        "filing_date_precision": filing.filing_date_precision,
        "accepted_at": filing.accepted_at,
        "period_of_report": filing.period_of_report,
        "type": document.type,
        "kind": document.kind,
        "exhibit": document.exhibit,
        "url": document.url,
        "transcript_of": document.transcript_of,
        "note": document.note,
        "path": found.path,
        "source": found.source,
    }


class Store:
    """Raw documents below one folder; creating the object creates nothing on disk.

    `mended` says which stored files were damaged and have been put right by this object.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.mended: list[str] = []

    def put(self, found: FoundDocument) -> StoredDocument:
        """Keep a document and return its current record; putting the same thing again changes nothing.

        Raises:
            SourceChangedError: if the file changed since it was found.
            OSError: if the store cannot be written.
        """
        sha256, damaged = write_object(self.root, found.read())
        if damaged:
            what = f"{self.path_of(sha256)}: stored document was damaged; put right with the bytes of {found.path}"
            self.mended.append(what)
        described = _as_found(found, sha256)
        while True:
            self.put_aside(found.document_id)
            history = self.history(found.document_id)
            if history and history[-1].model_dump(exclude=_ARRIVAL) == described:
                return history[-1]
            first = next((r.stored_at for r in history if r.sha256 == sha256), None)
            record = StoredDocument(
                **described,
                stored_at=first or datetime.now(UTC).replace(microsecond=0),
                seq=history[-1].seq + 1 if history else 1,
            )
            name = f"{record.seq:06d}-{sha256}.json"
            if write_whole(
                self._folder(found.document_id) / name,
                record.model_dump_json(indent=2).encode() + b"\n",
                replace=False,
            ):
                return record

    def history(self, document_id: str) -> list[StoredDocument]:
        """Return every record of a document that can be read, oldest first; empty where it never arrived."""
        return _readable(_record_files(self._folder(document_id)))

    def put_aside(self, document_id: str | None = None) -> list[str]:
        """Rename the records of one document, or of all, that cannot be read; return which documents they are of.

        What is wrong with each is added to `mended`.
        """
        root = self.root / "records"
        folders = (
            sorted({path.parent for path in root.rglob("*.json")})
            if document_id is None
            else [self._folder(document_id)]
        )
        of = []
        for folder in folders:
            for path in _record_files(folder):
                try:
                    _read_record(path)
                except DamagedObjectError as error:
                    path.replace(path.with_name(path.name + ASIDE))
                    self.mended.append(f"{error}; put aside as {path.name}{ASIDE}")
                    of.append(folder.relative_to(root).as_posix())
        return list(dict.fromkeys(of))

    def entries(self) -> list[StoredDocument]:
        """Return every record of every document that can be read, by document_id and then in the order of arrival."""
        folders = {path.parent for path in (self.root / "records").rglob("*.json")}
        records = [record for folder in folders for record in _readable(_record_files(folder))]
        return sorted(records, key=lambda r: (r.document_id, r.seq))

    def current(self, document_ids: Iterable[str] | None = None) -> list[StoredDocument]:
        """Return the newest record of each document that can be read, by document_id.

        The newest record is the one with the highest `seq`: the state in which the inbox last held it.

        Args:
            document_ids: the documents wanted, absent ones being left out; None for all
        """
        root = self.root / "records"
        if document_ids is None:
            folders = {path.parent for path in root.rglob("*.json")}
        else:
            folders = {self._folder(name) for name in document_ids}
        newest = [_readable(reversed(_record_files(folder)), limit=1) for folder in folders]
        return sorted((record for records in newest for record in records), key=lambda r: r.document_id)

    def in_use(self, found: Iterable[FoundDocument]) -> list[StoredDocument]:
        """Return the newest record of each document that a build should use, by document_id.

        That is what the inbox holds now, and what came into the store by another way than the inbox. A
        local document that was taken out of the inbox, or that cannot be taken up any more, is kept but
        not used: what a build shows never hangs on what once lay there.

        Args:
            found: what `discover` found, all of it already put
        """
        here = {document.document_id for document in found}
        return [r for r in self.current() if r.source != "local" or r.document_id in here]

    def read(self, sha256: str) -> bytes:
        """Return stored bytes.

        Raises:
            DamagedObjectError: if they are absent or are not the bytes of that name.
        """
        return read_verified(self.path_of(sha256), sha256)

    def path_of(self, sha256: str) -> Path:
        """Return the file that holds the bytes of a SHA-256."""
        return object_path(self.root, sha256)

    def _folder(self, document_id: str) -> Path:
        return self.root.joinpath("records", *document_id.split("/"))


def _record_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    numbered = [(int(m[1]), p) for p in folder.iterdir() if (m := _RECORD.match(p.name))]
    return [path for _, path in sorted(numbered)]


def _readable(files: Iterable[Path], limit: int | None = None) -> list[StoredDocument]:
    """Return the records of files in their order, at most `limit`; one that cannot be read is passed over."""
    out: list[StoredDocument] = []
    for path in files:
        if len(out) == limit:
            break
        try:
            out.append(_read_record(path))
        except DamagedObjectError:
            continue
    return out


def _read_record(path: Path) -> StoredDocument:
    try:
        record = StoredDocument.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        what = " ".join(str(error).split())[:200]
        raise DamagedObjectError(f"{path}: record of a stored document cannot be read: {what}") from error
    match = _RECORD.match(path.name)
    if match is None or (record.seq, record.sha256) != (int(match[1]), match[2]):
        raise DamagedObjectError(
            f"{path}: record says seq {record.seq}, SHA-256 {record.sha256}: not its name"
        )
    return record
