"""Bytes to text: encodings by byte order mark, declaration, and what decodes."""

import codecs
import re
from typing import NamedTuple

from kc_pipeline.extraction.model import Caution

_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.I)
_MARKUP = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.I)
_STRONG_MARKUP = re.compile(r"<(?:html|body|table|div|title)[\s>]|</p>", re.I)
_OPENING = re.compile(r"<html", re.I)
_HEAD, _END = 200_000, 20_000  # characters in which markup must begin, and usually ends
_TEXT_BYTES = bytes(set(range(32, 127)) | {9, 10, 12, 13})


class Decoded(NamedTuple):
    """A document's text, what is to be said about its bytes, and the bytes where they are that text in UTF-8."""

    text: str
    notes: list[Caution]
    utf8: bytes | None


def decode(data: bytes) -> Decoded:
    """Return a document's text and what is to be said about its bytes.

    Order: byte order mark; UTF-8 where it decodes strictly; the declared encoding; windows-1252. NUL bytes are
    dropped. Warnings: `not_html` (neither markup nor readable text: the text is then empty), `plain_text`,
    `nul_bytes`, `encoding` (bytes that no declared encoding explains), `truncated` (an opening but no closing html tag).
    """
    notes: list[Caution] = []
    utf8: bytes | None = None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    else:
        if b"\x00" in data:
            notes.append(Caution(None, "nul_bytes", f"{data.count(0)} NUL bytes dropped"))
            data = data.replace(b"\x00", b"")
        try:
            text = data.decode("utf-8-sig")
            utf8 = data.removeprefix(codecs.BOM_UTF8)
        except UnicodeDecodeError:
            declared = _CHARSET.search(data[:4096])
            text = _by_name(data, declared[1].decode("ascii") if declared else "", notes)
    if not text or text.isspace():
        return Decoded("", notes, None)
    sample = data[:8192]
    readable = 1 - len(sample.translate(None, _TEXT_BYTES)) / max(1, len(sample))
    if readable < 0.7 and not _STRONG_MARKUP.search(text, 0, _HEAD):
        notes.append(
            Caution(
                None, "not_html", "the document is not HTML: no markup and no readable text was found in it"
            )
        )
        return Decoded("", notes, None)
    if not _MARKUP.search(text, 0, _HEAD):
        notes.append(
            Caution(None, "plain_text", "the document has no HTML markup; it was read as plain text")
        )
    if not text.endswith(("</html>", "</HTML>")) and _OPENING.search(text, 0, _HEAD) and not _closes(text):
        notes.append(Caution(None, "truncated", "the document breaks off: no closing </html>"))
    return Decoded(text, notes, utf8)


def _closes(text: str) -> bool:
    """Whether a text has a closing html tag."""
    tail = text[-_END:]
    return "</html" in tail or "</HTML" in tail or "</html" in tail.lower() or "</html" in text.lower()


_NESTING = re.compile(
    r"<(/?)(div|table|ul|ol|li|dl|blockquote|section|article|center|font|form|b|i|u|a|em|strong|small|sup|sub|nobr)(?=[\s>/])[^>]*>",
    re.I,
)
MAX_DEPTH = 600
_FEW_TAGS = 10_000  # a parser is done with even so many elements one in the other in a third of a second


def bound_depth(text: str, utf8: bytes | None = None) -> tuple[str, bool]:
    """Return the text with tags nested deeper than `MAX_DEPTH` taken out (parsers are quadratic in depth).

    `utf8` is the same text in bytes, where it is at hand: tags are counted faster in it.
    """
    if not _may_be_deep(text if utf8 is None else utf8):
        return text, False
    depth: dict[str, int] = {}
    cut = False

    def keep(match: re.Match[str]) -> str:
        nonlocal cut
        name = match[2].lower()
        level = depth.get(name, 0)
        if match[1]:
            depth[name] = max(0, level - 1)
            return match[0] if level <= MAX_DEPTH else ""
        depth[name] = level + 1
        if level >= MAX_DEPTH:
            cut = True
            return ""
        return match[0]

    bounded = _NESTING.sub(keep, text)
    return (bounded, True) if cut else (text, False)


def _may_be_deep(text: str | bytes) -> bool:
    """Whether some stretch of a text, or all of it, opens many more tags than it closes."""
    sign, closing_sign = ("<", "</") if isinstance(text, str) else (b"<", b"</")
    chunk = 200_000
    if len(text) < chunk and text.count(sign) < _FEW_TAGS:  # type: ignore[arg-type]
        return False
    tags = opened = 0
    deep = False
    for start in range(0, len(text), chunk):
        closing = text.count(closing_sign, start, start + chunk)  # type: ignore[arg-type]
        opening = text.count(sign, start, start + chunk) - closing  # type: ignore[arg-type]
        tags += opening + closing
        opened += opening - closing
        deep = deep or (opening > 3000 and closing < 0.45 * opening)
    return (deep or opened >= 20_000) and tags >= _FEW_TAGS


def _by_name(data: bytes, name: str, notes: list[Caution]) -> str:
    name = name.lower()
    if name in ("gb2312", "gbk", "gb18030", "x-gbk"):
        name = "gb18030"
    elif name in ("", "iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii", "utf-8", "utf8"):
        if name in ("", "utf-8", "utf8"):
            notes.append(
                Caution(
                    None,
                    "encoding",
                    "the bytes are not valid UTF-8; windows-1252 was assumed where they are not",
                )
            )
        name = "cp1252"
    try:
        return data.decode(name)
    except (LookupError, UnicodeDecodeError):
        pass
    if name != "cp1252":
        notes.append(Caution(None, "encoding", f"the bytes do not fit the declared encoding {name!r}"))
    return data.decode("cp1252", "replace")
