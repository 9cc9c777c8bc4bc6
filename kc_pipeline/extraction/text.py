"""The running text of a document: what a reader sees outside of tables of figures.

Blocks are separated by newlines, runs of white space are one blank, words that inline tags cut in two are
whole again, hidden content is left out. A table's cell counts as running text only where it holds a
sentence (bullets are often laid out as tables). Text in `<pre>`, or in a document without any block
element, keeps its line breaks.

The text is read from the same serialised HTML that the grids are cut from, in one pass. Tables whose grids
hold no sentence, most of a filing's bytes, are passed over unread.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any, NamedTuple, overload

from selectolax.lexbor import LexborHTMLParser

from kc_pipeline.extraction.decode import bound_depth, decode
from kc_pipeline.extraction.grid import Grid, grids
from kc_pipeline.extraction.markup import unescaped
from kc_pipeline.extraction.model import Evidence


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(words.split())


_BLOCKS = word_set(
    "address article aside blockquote body caption center dd dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol option p pre section select table tbody "
    "td tfoot th thead tr ul text document type sequence filename description page"
)
_BREAKS = _BLOCKS - {"pre", "table"}
_SKIPPED = word_set("script style noscript template head title svg math object iframe textarea ix:header")
_VOID = word_set("area base br col embed hr img input link meta param source track wbr")
_NOTABLE = re.compile(r"<(!--|s(?:cript|tyle)\b|noscript\b|template\b|pre\b)")
_ANY_BLOCK = re.compile(r"<(?:p|div|td|br|li|pre|h[123])[\s>]")
_TAG = re.compile(r"<[^>]*>")
_TAGS = re.compile(r"(<[^>]*+(?:><[^>]*+)*+>)")
_CELL = ("d ", "d>", "h ", "h>")
_PLAIN, _BREAKING, _OTHER = range(3)  # what a run of tags does
_HIDDEN = re.compile(r"display\s*:\s*none", re.I)
_ATTRIBUTE = re.compile(r'([^\s="]+)(?:="([^"]*)")?')
_MAX_TABLE_NESTING = 12
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_RUN_OF_WORDS = re.compile(r"(?:[A-Za-z“‘\"'(][^\s|]*\s+){5}")
_VERBS = (
    " was ", " were ", " is ", " are ", " has ", " have ", " had ", " increased ", " decreased ", " declined ", " rose ",
    " fell ", " grew ", " reached ", " totaled ", " reported ", " announced ", " achieved ", " compared ", " amounted ",
    " improved ", " narrowed ", " remained ", " launched ", " completed ", " represent", " up ", " down ", " of $",
)  # fmt: skip
_SHORTEST = 14  # characters of a sentence: five words and a verb
_VERB_WORDS = frozenset(verb.strip() for verb in _VERBS)
# A NUL never occurs in a decoded document: it sets off what is no text inside a block.
_LINE, _RAISE, _LOWER, _SOURCE = "\0|", "\0(", "\0)", "\0="


@dataclass(slots=True)
class VisibleText:
    """The running text with its structure; all spans are [start, end) in characters of `text`.

    `blocks` are (start, end, preformatted) in document order and do not overlap; `marks` are superscripts;
    `evidence` says from which position on which evidence holds.
    """

    text: str
    blocks: list[tuple[int, int, bool]] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    evidence: list[tuple[int, Evidence | None]] = field(default_factory=list)

    def evidence_at(self, position: int) -> Evidence | None:
        """Return the evidence of the innermost element around a position; None in an original."""
        if not self.evidence:
            return None
        index = bisect_right(self.evidence, position, key=_position) - 1
        return self.evidence[index][1] if index >= 0 else None


def _position(change: tuple[int, Evidence | None]) -> int:
    return change[0]


@overload
def visible_text(source: bytes) -> str: ...
@overload
def visible_text(source: LexborHTMLParser) -> VisibleText: ...
def visible_text(source: Any) -> Any:
    """Return the running text: of a parsed tree with its structure, of a document's bytes as a string.

    Spans of `Stated` and `Commentary` are positions in this string: `visible_text(data)[start:end]` is the
    figure's `text`.
    """
    if isinstance(source, bytes | bytearray):
        return visible_text(LexborHTMLParser(bound_depth(decode(bytes(source))[0])[0])).text
    html = serialised(source).html
    return running_text(html, grids(html))


class Serialised(NamedTuple):
    """A tree's well-formed HTML without comments and scripts, and whether any of it is preformatted."""

    html: str
    preformatted: bool


def serialised(tree: LexborHTMLParser) -> Serialised:
    """Serialise a tree."""
    html = tree.html or ""
    preformatted = False
    parts: list[str] = []
    never_closed: set[str] = set()
    at = 0
    found = _NOTABLE.search(html)
    while found is not None:
        start, name = found.start(), found[1]
        end = -1
        if name == "pre":
            preformatted = True
        elif name not in never_closed:
            end = html.find("-->" if name == "!--" else f"</{name}>", found.end())
            if end < 0:
                never_closed.add(name)
        if end < 0:
            found = _NOTABLE.search(html, found.end())
            continue
        parts.append(html[at:start])
        at = end + (3 if name == "!--" else len(name) + 3)
        found = _NOTABLE.search(html, at)
    if parts:
        parts.append(html[at:])
        html = "".join(parts)
    return Serialised(html, preformatted)


def running_text(html: str, tables: Sequence[Grid]) -> VisibleText:
    """Return the running text of serialised HTML; `tables` are its grids (`grids(html)`)."""
    reader = _Reader(html)
    position = 0
    for group in _outer_tables(tables):
        start, end = group[0].start, group[0].end
        reader.feed(html[position:start])
        if any(map(_is_wordy, group)):
            reader.feed(_without_figures(html[start:end]))
        else:
            reader.pass_over(html[start + 1 : html.find(">", start)])
        position = end
    reader.feed(html[position:])
    return reader.finish()


def _outer_tables(tables: Sequence[Grid]) -> list[list[Grid]]:
    """Return the tables that stand in no other table, each with those that stand in it."""
    out: list[list[Grid]] = []
    for grid in tables:
        if grid.depth:
            out[-1].append(grid)
        else:
            out.append([grid])
    return out


def _is_wordy(grid: Grid) -> bool:
    """Return whether one of a table's cells may hold a sentence."""
    for _, cells in grid.rows:
        for _, _, text, _, read in cells:
            if len(text) <= _SHORTEST or text.count(" ") < 4 or read.kind != "text":
                continue
            verb = not _VERB_WORDS.isdisjoint(text.split()) or " of $" in text or " represent" in text
            if verb and _RUN_OF_WORDS.search(f"{text} "):
                return True
    return False


@dataclass(frozen=True, slots=True)
class _Tag:
    """One distinct tag: `plain` ones change nothing, `breaks` ones end a block and do no more.

    Those of `skipped` elements take their content with them.
    """

    name: str
    closing: bool = False
    plain: bool = False
    breaks: bool = False
    skipped: bool = False
    evidence: Evidence | None = None


def _read_tag(printed: str) -> _Tag:
    name, _, attributes = printed.partition(" ")
    name = name.lower()
    if name.startswith("/"):
        name = name[1:]
        return _Tag(name, True, name not in _BLOCKS and name != "sup", name in _BREAKS)
    lower = attributes.lower()
    hidden = source = False
    if "hidden" in lower or "data-" in lower or ("display" in lower and "none" in lower):
        found = {key: unescape(value) for key, value in _ATTRIBUTE.findall(attributes)}
        hidden = "hidden" in found or _HIDDEN.search(found.get("style", "")) is not None
        source = "data-grade" in found or "data-source-kind" in found
    if hidden or name in _SKIPPED:
        return _Tag(name, skipped=name not in _VOID, plain=name in _VOID)
    evidence = None
    if source:
        evidence = Evidence(
            grade=found.get("data-grade"),
            source_kind=found.get("data-source-kind"),
            source_title=found.get("data-source-title"),
            source_url=found.get("data-source-url"),
        )
    plain = evidence is None and name not in _BLOCKS and name not in ("sup", "br")
    return _Tag(name, False, plain, evidence is None and name in _BREAKS, evidence=evidence)


class _Reader:
    """Reads serialised HTML piece by piece; a table that is passed over must be whole."""

    def __init__(self, html: str) -> None:
        self.out = VisibleText("")
        self.parts: list[str] = []
        self.length = 0
        self.block: list[str] = []
        self.pre_depth = 0 if _ANY_BLOCK.search(html) else 1
        self.tables = 0
        self.skipped = ""
        self.skip_depth = 0
        self.effects: dict[str, int] = {}
        self.tags: dict[str, _Tag] = {}
        self.sources: list[
            list[Any]
        ] = []  # open elements with evidence: name, depth in it, evidence around it
        self.evidence: Evidence | None = None
        self.changes: list[Evidence | None] = []

    def feed(self, html: str) -> None:
        """Read a piece of HTML: text and runs of tags by turns; filings repeat the same runs over and over."""
        pieces = _TAGS.split(html)
        effects, block = self.effects, self.block
        if pieces[0] and not self.skipped:
            block.append(pieces[0])
        for run, text in zip(pieces[1::2], pieces[2::2], strict=True):
            effect = effects.get(run)
            if effect is None:
                effect = effects[run] = self._effect(run)
            if effect == _OTHER or self.skipped or self.sources:
                for printed in run[1:-1].split("><"):
                    self._tag(self.tags[printed])
                if self.skipped:
                    continue
            elif effect == _BREAKING and block:
                self._close_block()
            if text and (block or self.pre_depth or not text.isspace()):
                # a ">" is no text but belongs to an attribute's value: text has it escaped
                block.append(text if ">" not in text else text[text.rindex(">") + 1 :])

    def _effect(self, run: str) -> int:
        effect = _PLAIN
        for printed in run[1:-1].split("><"):
            tag = self.tags.get(printed)
            if tag is None:
                tag = self.tags[printed] = _read_tag(printed)
            if not tag.plain:
                effect = max(effect, _BREAKING if tag.breaks else _OTHER)
        return effect

    def pass_over(self, opening: str) -> None:
        """Leave out a table of figures, given its opening tag."""
        tag = self.tags.get(opening)
        if tag is None:
            tag = self.tags[opening] = _read_tag(opening)
        if not self.skipped and not tag.skipped:
            self._close_block()

    def finish(self) -> VisibleText:
        """Return what was read."""
        self._close_block()
        self.out.text = "".join(self.parts)
        return self.out

    def _tag(self, tag: _Tag) -> None:
        name = tag.name
        if self.skipped:
            if name == self.skipped:
                self.skip_depth += -1 if tag.closing else 1
                if not self.skip_depth:
                    self.skipped = ""
        elif tag.closing:
            self._close(name)
        elif tag.skipped:
            self.skipped, self.skip_depth = name, 1
        elif name == "table" and self.tables >= _MAX_TABLE_NESTING:
            self._close_block()
            self.skipped, self.skip_depth = name, 1
        else:
            self._open(name, tag.evidence)

    def _open(self, name: str, evidence: Evidence | None) -> None:
        if name == "br":
            self.block.append(_LINE)
        elif name == "sup":
            self.block.append(_RAISE)
        elif name in _BLOCKS:
            self._close_block()
            self.pre_depth += name == "pre"
            self.tables += name == "table"
        if evidence is not None:
            self.sources.append([name, 1, self.evidence])
            self._source(evidence)
        elif self.sources and self.sources[-1][0] == name:
            self.sources[-1][1] += 1

    def _close(self, name: str) -> None:
        if self.sources and self.sources[-1][0] == name:
            self.sources[-1][1] -= 1
            if not self.sources[-1][1]:
                self._source(self.sources.pop()[2])
        if name == "sup":
            self.block.append(_LOWER)
        elif name in _BLOCKS:
            self._close_block()
            self.pre_depth -= name == "pre"
            self.tables -= name == "table"

    def _source(self, evidence: Evidence | None) -> None:
        self.evidence = evidence
        self.changes.append(evidence)
        self.block.append(_SOURCE)

    def _close_block(self) -> None:
        if not self.block:
            return
        raw = "".join(self.block)
        self.block.clear()
        if "&" in raw:
            raw = unescaped(raw)
        if "\0" in raw:
            self._marked(raw)
            return
        if not self.pre_depth:
            raw = " ".join(raw.split())
            if not raw.isascii():
                raw = _INVISIBLE.sub("", raw)
        if raw:
            self._end_of_block(self.length, raw)

    def _end_of_block(self, start: int, rest: str) -> None:
        self._emit(rest)
        if self.length > start:
            self.out.blocks.append((start, self.length, self.pre_depth > 0))
            self._emit("\n")

    def _emit(self, piece: str) -> None:
        self.parts.append(piece)
        self.length += len(piece)

    def _marked(self, raw: str) -> None:
        """Read a block that holds line breaks, superscripts or changes of evidence."""
        start, blank, raised, broken = self.length, "", self.length, False
        for piece in ("\0." + raw).split("\0")[1:]:
            sign, text = "\0" + piece[:1], piece[1:]
            if sign == _LINE and self.pre_depth:
                self._emit("\n")
            elif sign == _LINE and broken:
                self._end_of_block(start, "")
                start, blank, broken = self.length, "", False
            elif sign == _LINE:
                blank, broken = "\n", True
            elif sign == _RAISE:
                raised = self.length
            elif sign == _LOWER and self.length > raised:
                self.out.marks.append((raised, self.length))
            elif sign == _SOURCE:
                if blank and self.length > start:
                    self._emit(blank)
                    blank = ""
                self.out.evidence.append((self.length, self.changes.pop(0)))
            if self.pre_depth:
                self._emit(text)
                continue
            words = text.split()
            if not words:
                blank = blank or (" " if text else "")
                continue
            blank = blank or (" " if text[0].isspace() else "")
            if blank and self.length > start:
                self._emit(blank)
            text, blank, broken = " ".join(words), " " if text[-1].isspace() else "", False
            self._emit(text if text.isascii() else _INVISIBLE.sub("", text))
        self._end_of_block(start, "")


def _without_figures(table: str) -> str:
    """Return the HTML of a table without the cells that hold neither a sentence nor a table."""
    first, *pieces = table.split("<t")
    kept = [first]
    for piece in pieces:
        if piece[:2] in _CELL:
            end = piece.find("</td>" if piece[0] == "d" else "</th>")
            start = piece.find(">") + 1
            figures = end >= 0 and (
                end - start <= _SHORTEST or not _holds_sentence(_TAG.sub("", piece[start:end]))
            )
            if figures:
                kept.append(piece[end + 5 :])
                continue
        kept += ("<t", piece)
    return "".join(kept)


def _holds_sentence(text: str) -> bool:
    """Return whether a text may hold a sentence: a verb and a run of words."""
    if len(text.split(None, 5)) < 5:
        return False
    return any(verb in text for verb in _VERBS) and _RUN_OF_WORDS.search(text) is not None
