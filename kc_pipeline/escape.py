"""Text of documents made harmless for where it is shown: a terminal, Markdown, HTML.

All that comes from a filing, a manifest or a path is foreign. Whoever shows it calls one of these, and nobody
escapes by other means; data (CSV, JSON, Parquet, the warehouse) stays exact and does not come through here.
"""

import json
import re
from html import escape

# Controls but tab and line feed, C1, line separators, marks and overrides of direction, invisible characters that are
# no part of a script's spelling (joiners and soft hyphens are), tags, and halves of surrogate pairs.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
_SPACES = re.compile(r"\s+")
# Every mark that Markdown gives a meaning; a number in brackets has none, nor has an underscore inside a word.
_MARKS = re.compile(r"(?<!!)\[\d+\](?![(:])|(?<=\w)_(?=\w)|([\\`*_\[\]<|~]|&(?=#?\w+;))")
# What a reader of Markdown takes for the begin of a heading, list, quotation, rule, table or term.
_BEGINS = re.compile(r"[#=:>]|[+-](?!\d)|\d{1,9}(?=[.)](?:\s|$))")
# What readers of Markdown turn into links by themselves, also after escapes are resolved.
_LINKS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,30}:/+|www\.|mailto:|xmpp:)[^\s`|]*|[\w.+-]{1,64}@[^\s`|]*", re.IGNORECASE
)


def visible(text: str) -> str:
    r"""Return text for a terminal: what would move its cursor, colour it or turn its direction is written out.

    ``"\x1b[31m"`` becomes ``"\\x1b[31m"``, U+202E becomes ``"\\u202e"``. Line feeds and tabs stay.
    """
    return _UNSEEN.sub(lambda found: _written_out(ord(found[0])), text)


def _written_out(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def markdown(text: str) -> str:
    """Return text as one line of Markdown that shows it and does nothing else, also in a list or a table's cell.

    No image, link, HTML, heading, list, table or code of the text survives. An address becomes code, which no
    reader of Markdown turns into a link.
    """
    line = _SPACES.sub(" ", visible(text)).strip()
    out, end = [], 0
    for found in _LINKS.finditer(line):
        out += [_plain(line[end : found.start()], first=end == 0), f"`{found[0]}`"]
        end = found.end()
    return "".join([*out, _plain(line[end:], first=end == 0)])


def _plain(text: str, first: bool) -> str:
    escaped = _MARKS.sub(lambda found: f"\\{found[1]}" if found[1] else found[0], text)
    begin = _BEGINS.match(text) if first else None
    if begin is None:
        return escaped
    return f"{begin[0]}\\{escaped[begin.end() :]}" if begin[0].isdigit() else f"\\{escaped}"


def json_text(text: str) -> str:
    r"""Return JSON that means the same and holds no such character itself: ``\u202e`` in its place."""
    return _UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def html(text: str) -> str:
    """Return text for the content or a quoted attribute of HTML."""
    return escape(visible(text), quote=True)
