"""The issuer's own paper takes the place of our transcript of it."""

from collections.abc import Sequence
from datetime import date

from kc_pipeline.store.records import StoredDocument


def _what(entry: StoredDocument) -> tuple[str, str, str, date]:
    return entry.company, entry.form.removesuffix("/A"), entry.type, entry.period_of_report


def prefer_originals(
    entries: Sequence[StoredDocument],
) -> tuple[list[StoredDocument], list[StoredDocument]]:
    """Split documents into those to use and the transcripts that an original supersedes.

    The rule: a transcript is superseded where an original of the same company, the same form (an
    amendment, ``6-K/A``, counts as its form), the same type of document and the same period of report is
    among the entries. Nothing else is dropped: two originals both stay, and so do two transcripts. Both
    answers keep the order of the input.

    Give it only documents that could be read: an original that was skipped or quarantined must not cost
    the figures of the transcript that stands in for it.
    """
    originals = {_what(entry) for entry in entries if entry.is_original}
    accepted = [e for e in entries if e.is_original or _what(e) not in originals]
    superseded = [e for e in entries if not e.is_original and _what(e) in originals]
    return accepted, superseded
