"""Which rows of a table are headings, and which headings stand above a row."""

import re

from kc_pipeline.extraction.columns import Block
from kc_pipeline.extraction.rows import ReadRow
from kc_pipeline.extraction.units import counts_shares, names_per_share, unit_words

_SECTION_WORDS = re.compile(
    r"^(?:(?:current|non-?current|long-term|other|fixed|operating|total)\s+)?(?:assets|liabilities)(?:\s+and\s+.*)?$|\b(?:equity|deficit|capital)$|\bactivities$"
    r"|^(?:operating\s+)?(?:costs?(?:\s+and)?\s+|operating\s+|other\s+)?expenses(?:\s+and\s+other)?$|^(?:net\s+)?(?:revenues?|sales)$|^cash\s+flows?\b|^adjustments?\b|^changes?\s+in\b"
    r"|\bper\b.*\b(?:share|stock|ads)\b|\bshares?\s+(?:used|outstanding)\b|^weighted\b|\b(?:nume|denomi)(?:rato|nato)r$|\battributable\s+to$|^supplement|^(?:common\s+)?shares$"
    r"|^(?:basic|diluted)$|^other\s+(?:income|comprehensive)\b(?!.*\bnet$)|\bincluding$|^(?:less|add|plus)$|^effect\s+of\b|\bsegments?$|^gaap\b|^non-gaap\b",
    re.I,
)


def is_section(
    row: ReadRow, label: str, indent: float, position: int, block: Block, indents: list[float], columns: int
) -> bool:
    """A row without figures is a heading, unless it reads as a row whose figures are just not there."""
    if row.absent or row.unread:
        return False
    bare = label.rstrip(" :")
    if label.endswith(":") or (bare.isupper() and len(bare) > 3):
        return True
    if (
        re.match(r"total\b|net\s+(?:income|loss|cash)\b", bare, re.I)
        and not names_per_share(bare)
        and not bare.lower().endswith(" to")
    ):
        return False
    if _SECTION_WORDS.search(bare):
        return True
    following = next((n for n in range(position + 1, len(block.rows)) if block.rows[n].label), None)
    if following is None:
        return False
    if indents[following] > indent + 0.5:
        return True
    source = row.label_cell.source if row.label_cell is not None else ""
    if _bold(source):
        after = block.rows[following].label_cell
        return after is not None and not _bold(after.source)
    # neighbours that print figures in plain rows: a lone row of words between them is a heading
    if any(not r.figures for r in block.rows[position + 1 : position + 3]):
        return False
    if unit_words(label).scale is not None:
        return True
    return not (_has_blank_cells(block, columns) or _marks_headings(block, position))


def _bold(source: str) -> bool:
    return (
        "<b>" in source
        or "<b " in source
        or "<strong" in source
        or "font-weight:bold" in source
        or "font-weight: bold" in source
        or "font-weight:700" in source
    )


def _has_blank_cells(block: Block, columns: int) -> bool:
    """Whether other rows of the block, too, print no figure in some of its columns."""
    counts = [len(r.figures) for r in block.rows if r.figures]
    return bool(counts) and (min(counts) < max(counts) or max(counts) < columns)


def _marks_headings(block: Block, position: int) -> bool:
    """Whether the block's other rows without figures are set apart as headings: by a colon, capitals or bold type."""
    others = [r for n, r in enumerate(block.rows) if n != position and r.label and not r.figures]
    marked = sum(
        1
        for r in others
        if r.label.endswith(":")
        or (r.label.isupper() and len(r.label) > 3)
        or (r.label_cell is not None and _bold(r.label_cell.source))
    )
    return marked > 1 and marked * 2 > len(others)


_BASIS = re.compile(
    r"^\W*(?:basic|diluted|undiluted|assuming\s+(?:full\s+|no\s+)?dilution)(?:\s+(?:and|basis)\b[\w\s]*)?\W*$",
    re.I,
)


def _divides(label: str, above: str) -> bool:
    """Whether "Basic" or "Assuming dilution" is under a heading, as another basis was before it."""
    return _BASIS.match(label) is not None and (names_per_share(above) or counts_shares(above))


class Sections:
    """The headings above a row, kept as a stack by indent and by the totals that close them."""

    __slots__ = ("_deeper", "_fresh", "_stack")

    def __init__(self) -> None:
        self._stack: list[tuple[float, str, bool]] = []
        self._fresh = False
        self._deeper: set[tuple[float, str, bool]] = set()

    def push(self, label: str, indent: float) -> None:
        """Enter a heading; headings set in as far or farther, and not above it, end."""
        capitals = label.isupper() and len(label) > 3
        if capitals:
            self._stack = []
        else:
            # a heading right below another, with no row between, is under it even where both are set in alike
            while (
                self._stack
                and not self._stack[-1][2]
                and self._stack[-1][0] > indent - (0.0 if self._fresh else 0.01)
                and not _divides(label, self._stack[-1][1])
            ):
                self._stack.pop()
        self._stack.append((indent, label, capitals))
        self._fresh = True
        del self._stack[:-6]

    def close(self, label: str, indent: float) -> None:
        """A total ends the headings that it totals."""
        words = set(re.findall(r"[a-z]{3,}", label.lower())) - {"total", "net", "and", "the"}
        for position in range(len(self._stack) - 1, -1, -1):
            heading_words = set(re.findall(r"[a-z]{3,}", self._stack[position][1].lower())) - {
                "total",
                "net",
                "and",
                "the",
            }
            if heading_words and (
                heading_words <= words
                or (words and words <= heading_words and len(words) >= len(heading_words) - 1)
            ):
                del self._stack[position:]
                return

    def leave(self, indent: float, total: bool) -> None:
        """A row set in less than the last heading, or as little where others were set in more, is not under it."""
        self._fresh = False
        while (
            self._stack
            and not self._stack[-1][2]
            and self._stack[-1] in self._deeper
            and indent < self._stack[-1][0] + 0.5
            and not total
        ):
            self._stack.pop()
        self._deeper.update(entry for entry in self._stack if entry[0] + 0.5 < indent)
        while self._stack and self._stack[-1][0] > indent + 0.5:
            self._stack.pop()

    def path(self) -> tuple[str, ...]:
        """The headings, outermost first."""
        return tuple(s[1] for s in self._stack)
