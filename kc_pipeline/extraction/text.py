"""The running text of a document: what a reader sees outside of tables of figures.

Blocks are separated by newlines, runs of white space are one blank, words that inline tags cut in two are
whole again, hidden content is left out. A table's cell counts as running text only where it holds a
sentence (bullets are often laid out as tables). Text in `<pre>`, or in a document without any block
element, keeps its line breaks. Nothing in here changes the tree.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, overload

from selectolax.lexbor import LexborHTMLParser

from kc_pipeline.extraction.decode import bound_depth, decode
from kc_pipeline.extraction.model import Evidence


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(words.split())


_BLOCKS = word_set(
    "address article aside blockquote body caption center dd dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol option p pre section select table tbody "
    "td tfoot th thead tr ul text document type sequence filename description page"
)
_SKIPPED = word_set(
    "script style noscript template head title svg math object iframe textarea ix:header -comment"
)
_BLOCK_SELECTOR = "p, div, td, br, li, pre, h1, h2, h3"
_HIDDEN_SELECTOR = '[style*="display" i], [hidden]'
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none", re.I)
_EVIDENCE_SELECTOR = "[data-grade], [data-source-kind]"
_MAX_TABLE_NESTING = 12
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_RUN_OF_WORDS = re.compile(r"(?:[A-Za-z“‘\"'(][^\s|]*\s+){5}")
_VERBS = (
    " was ", " were ", " is ", " are ", " has ", " have ", " had ", " increased ", " decreased ", " declined ", " rose ",
    " fell ", " grew ", " reached ", " totaled ", " reported ", " announced ", " achieved ", " compared ", " amounted ",
    " improved ", " narrowed ", " remained ", " launched ", " completed ", " represent", " up ", " down ", " of $",
)  # fmt: skip


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
        return _Walk(LexborHTMLParser(bound_depth(decode(bytes(source))[0])[0])).run().text
    return _Walk(source).run()


class _Walk:
    """One pass over the tree; elements are left through markers on the stack, so depth costs no recursion."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self.root: Any = tree.root
        self.parts: list[str] = []
        self.length = 0
        self.block_start = 0
        self.blank = ""
        self.breaks = 0
        self.pre_depth = 0
        self.out = VisibleText("")
        if self.root is None:
            return
        self.hidden = {node.mem_id for node in tree.css(_HIDDEN_SELECTOR) if _is_hidden(node.attributes)}
        self.sourced = {node.mem_id: _evidence(node.attributes) for node in tree.css(_EVIDENCE_SELECTOR)}
        self.flat = tree.css_first(_BLOCK_SELECTOR) is None

    def run(self) -> VisibleText:
        """Walk the tree once and return the text."""
        if self.root is None:
            return self.out
        if self.flat:
            self.pre_depth = 1
        stack: list[tuple[Any, str, Any]] = [(self.root, "", None)]
        tables = 0
        while stack:
            node, leaving, kept = stack.pop()
            if leaving:
                if leaving == "sup":
                    self._mark(kept)
                elif leaving == "source":
                    self.out.evidence.append((self.length, kept))
                else:
                    self._close_block()
                    tables -= leaving == "table"
                    self.pre_depth -= leaving == "pre"
                continue
            tag = node.tag
            if tag == "-text":
                self._text(node.text_content or "")
                continue
            if tag in _SKIPPED or (self.hidden and node.mem_id in self.hidden):
                continue
            if tag == "br":
                self._break()
                continue
            if tag == "table":
                if tables >= _MAX_TABLE_NESTING or not _holds_sentence(node.text_lexbor() or ""):
                    self._close_block()
                    continue
                tables += 1
            elif tag in ("tr", "td", "th") and tables and not self._is_prose(node):
                self._close_block()
                continue
            if tag in _BLOCKS:
                self._close_block()
                self.pre_depth += tag == "pre"
                stack.append((node, tag, None))
            elif tag == "sup":
                stack.append((node, "sup", self.length))
            if self.sourced and node.mem_id in self.sourced:
                self._flush_blank()
                outer = self.out.evidence[-1][1] if self.out.evidence else None
                self.out.evidence.append((self.length, self.sourced[node.mem_id]))
                stack.append((node, "source", outer))
            child, children = node.first_child, []
            while child is not None:
                children.append((child, "", None))
                child = child.next
            stack.extend(reversed(children))
        self._close_block()
        self.out.text = "".join(self.parts)
        return self.out

    def _is_prose(self, part: Any) -> bool:
        """Return whether a table's row or cell may hold a sentence, or a table that does."""
        return _holds_sentence(part.text_lexbor() or "") or part.css_first("table") is not None

    def _emit(self, piece: str) -> None:
        self.parts.append(piece)
        self.length += len(piece)

    def _flush_blank(self) -> None:
        if self.blank and self.length > self.block_start:
            self._emit(self.blank)
        self.blank = ""

    def _text(self, raw: str) -> None:
        if self.pre_depth:
            self._emit(raw)
            return
        words = raw.split()
        if not words:
            self.blank = self.blank or (" " if raw else "")
            return
        if raw[0].isspace():
            self.blank = self.blank or " "
        self._flush_blank()
        self.breaks = 0
        text = " ".join(words)
        self._emit(text if text.isascii() else text.translate(_INVISIBLE))
        self.blank = " " if raw[-1].isspace() else ""

    def _break(self) -> None:
        if self.pre_depth:
            self._emit("\n")
            return
        self.breaks += 1
        if self.breaks > 1:
            self._close_block()
        else:
            self.blank = "\n"

    def _close_block(self) -> None:
        self.blank = ""
        self.breaks = 0
        if self.length > self.block_start:
            self.out.blocks.append((self.block_start, self.length, self.pre_depth > 0))
            self._emit("\n")
        self.block_start = self.length

    def _mark(self, start: int) -> None:
        if self.length > start:
            self.out.marks.append((start, self.length))


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    return "hidden" in attributes or _HIDDEN_STYLE.search(attributes.get("style") or "") is not None


def _evidence(attributes: dict[str, str | None]) -> Evidence:
    return Evidence(
        grade=attributes.get("data-grade"),
        source_kind=attributes.get("data-source-kind"),
        source_title=attributes.get("data-source-title"),
        source_url=attributes.get("data-source-url"),
    )


def _holds_sentence(text: str) -> bool:
    """Return whether a table, row or cell may hold a sentence: a verb and a run of words."""
    return any(verb in text for verb in _VERBS) and _RUN_OF_WORDS.search(text) is not None
