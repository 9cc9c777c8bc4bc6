"""What a source hands over: documents found, and inputs refused with a reason."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from kc_pipeline.sources.manifest import Manifest, ManifestDocument


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an input cannot be taken up: a code for machines, a sentence for people."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """One input that was not taken up.

    `path` is relative to the folder that holds the filings (KC_DATA). Codes: `no_manifest`,
    `bad_manifest`, `unknown_company`, `missing_document`, `not_in_manifest`, `unreadable`, `empty`,
    `too_large`, `not_a_filing`, `truncated`, `changed`.
    """

    path: str
    code: str
    reason: str


class SourceChangedError(Exception):
    """A document's bytes changed between being found and being read; the next run takes up the new ones."""


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """One document that can be taken up. Its bytes stay on disk until `read` is called."""

    document_id: str
    filing_id: str
    manifest: Manifest
    document: ManifestDocument
    file: Path
    path: str
    size: int
    sha256: str
    source: str = "local"

    @property
    def quarter(self) -> str:
        """The partition: calendar quarter of the period of report."""
        return self.manifest.quarter

    def read(self) -> bytes:
        """Return the bytes that were found.

        Raises:
            SourceChangedError: if the file no longer holds them.
        """
        try:
            data = self.file.read_bytes()
        except OSError as error:
            raise SourceChangedError(f"{self.path}: can no longer be read: {error.strerror}") from error
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise SourceChangedError(f"{self.path}: changed while it was being read; run again")
        return data


@dataclass(slots=True)
class Discovery:
    """What an inbox holds: documents by document_id, refusals by path."""

    found: list[FoundDocument] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
