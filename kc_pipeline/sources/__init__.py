"""Finds filings and fetches their bytes; ends where the bytes are in the store.

Belongs here: what a manifest may say, where filings lie (a local inbox, EDGAR), and the refusal of inputs
that cannot be taken up, each with one clear reason. Does not belong here: reading figures, or keeping bytes.
"""

from kc_pipeline.sources.documents import judge_document, judge_extraction
from kc_pipeline.sources.local import discover
from kc_pipeline.sources.manifest import Manifest, ManifestDocument, ManifestError, read_manifest
from kc_pipeline.sources.model import Discovery, FoundDocument, Refusal, Skipped, SourceChangedError

__all__ = [
    "Discovery",
    "FoundDocument",
    "Manifest",
    "ManifestDocument",
    "ManifestError",
    "Refusal",
    "Skipped",
    "SourceChangedError",
    "discover",
    "judge_document",
    "judge_extraction",
    "read_manifest",
]
