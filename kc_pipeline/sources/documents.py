"""Is this a filing at all? Judged on the bytes before they are stored, and again after they were read."""

import re

from kc_pipeline.kinds import kind_of
from kc_pipeline.sources.model import Refusal

_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|table|div|p|pre|span|font|document)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_OPENED = re.compile(rb"<html(?:\s[^<>]*)?>", re.IGNORECASE)
_CLOSED = re.compile(rb"</html\s*>", re.IGNORECASE)
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13} | {127})
_MOST_CONTROL = 0.05  # random bytes have 0.11
_HEAD = 4096


def too_large(size: int, limit: int) -> Refusal | None:
    """Judge a size in bytes, known before reading, against the limit in bytes."""
    if size <= limit:
        return None
    return Refusal(
        "too_large",
        f"{size / 1e6:.1f} MB is over the limit of {limit / 1e6:g} MB; if it is a filing, raise "
        "KC_MAX_DOCUMENT_MB",
    )


def _as_ascii(data: bytes) -> bytes:
    """Return bytes in which markup can be searched: UTF-16 loses its zero bytes, others stay as they are."""
    return data.replace(b"\0", b"") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data


def judge_document(data: bytes) -> Refusal | None:
    """Say why bytes are no complete HTML document, or return None.

    Empty, binary and text without markup are refused; so is a document whose last `<html>` is not closed,
    since what is cut off cannot be told from what was never there. A document without `<html>` (an
    exhibit in EDGAR's `<DOCUMENT>` wrapper) is complete when the wrapper is closed.
    """
    if not data.strip(b" \t\r\n\0"):
        return Refusal("empty", "the document is empty; fetch it again")
    if (kind := kind_of(data)) is not None:
        return Refusal("not_a_filing", f"this is {kind.name}, not an HTML filing; {kind.advice}")
    text = _as_ascii(data)
    head = text[:_HEAD]
    control = len(head) - len(head.translate(None, _CONTROL))
    if control > _MOST_CONTROL * len(head) or not text:
        return Refusal("not_a_filing", "these are binary data, not an HTML filing")
    if not _MARKUP.search(text):
        return Refusal("not_a_filing", "this is text without any HTML markup, not an HTML filing")
    opened = [m.start() for m in _OPENED.finditer(text)]
    closed = [m.start() for m in _CLOSED.finditer(text)]
    lowered_end = text[-_HEAD:].lower()
    complete = bool(closed) and (not opened or closed[-1] > opened[-1])
    if not opened and not closed and b"<document>" in head.lower():
        complete = b"</document>" in lowered_end or b"</text>" in lowered_end
    if not complete:
        return Refusal("truncated", "the document is cut off: it has no closing </html>; fetch it again")
    return None


def judge_extraction(n_lines: int, n_stated: int) -> Refusal | None:
    """Say why an HTML document that was read is no filing: it holds no statement line and no stated figure.

    Args:
        n_lines: statement lines read from its tables
        n_stated: figures read from its prose
    """
    if n_lines or n_stated:
        return None
    return Refusal(
        "not_a_filing", "an HTML page without any statement table or figure: not a filing that can be read"
    )
