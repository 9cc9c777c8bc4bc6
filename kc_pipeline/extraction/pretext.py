"""Tables laid out in plain text (older filings, `<pre>`): lines to the same grids as HTML tables.

A grid column is a character column. A rule of dashes under a heading says how far the heading reaches.
Text tables are numbered after the document's `<table>` elements.
"""

import itertools
import re
from html import unescape

from kc_pipeline.extraction.grid import Grid, Row, cell
from kc_pipeline.extraction.markup import fold
from kc_pipeline.extraction.numbers import token
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.statements import is_statement_title

MAX_LINES = 20_000
MAX_LINE = 400
_SHORTEST_PROSE = 50

_SEGMENT = re.compile(r"\S+(?: \S+)*")
_LEADERS = re.compile(r"(?:\s?\.){3,}(?=\s|$)|_{3,}")
_RULE = re.compile(r"^[\s\-=_$+*~]*(?:-{2,}|={2,}|_{2,})[\s\-=_$+*~]*$")
_RULE_PART = re.compile(r"[-=_]{2,}")
_TAG = re.compile(r"</?[A-Za-z][^>\n]{0,200}>")
_PAGE = re.compile(r"<PAGE>|^\f", re.I | re.M)
_PAGE_NUMBER = re.compile(r"(?:page\s+)?[-–—]?\s*(?:[A-Z]{1,2}-)?\d{1,4}\s*[-–—]?", re.I)
_PARTS = frozenset(("figure", "dash", "prefix", "suffix", "mark", "none"))


def plain_lines(text: str) -> list[str]:
    """Return the lines of a plain-text document: tags dropped, entities resolved, tabs widened."""
    if "<PAGE>" in text or "\f" in text:
        text = _without_page_numbers(text)
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = unescape(text)
    lines = [line.rstrip().expandtabs(8).replace("\xa0", " ") for line in text.split("\n")[: 2 * MAX_LINES]]
    filled = [line for line in lines if line]
    pairs = sum(1 for a, b in itertools.pairwise(lines) if a and b)
    if len(filled) > 40 and pairs < len(filled) // 10:
        # set in double spacing: take one blank line out of every gap
        lines = [line for n, line in enumerate(lines) if line or (n and not lines[n - 1])]
    return lines[:MAX_LINES]


def _without_page_numbers(text: str) -> str:
    """Return a text without the numbers that stand alone on the last line of a page."""
    pages = _PAGE.split(text)
    for n, page in enumerate(pages[:-1]):
        filled = page.rstrip()
        at = filled.rfind("\n") + 1
        if at and _PAGE_NUMBER.fullmatch(filled[at:].strip()):
            pages[n] = filled[:at] + page[len(filled) :]
    return "".join(pages)


def _segments(line: str, ends: frozenset[int] = frozenset()) -> list[tuple[int, str]]:
    """Cut a line where two blanks or more stand.

    A number one blank behind its label is cut off, too, unless it ends where no column of figures does (`ends`: the
    characters at which they do, or none where that is not known): then it is a part of the label.
    """
    if "." in line or "_" in line:
        line = _LEADERS.sub(lambda m: " " * len(m[0]), line)
    out: list[tuple[int, str]] = []
    for found in _SEGMENT.finditer(line):
        text = found[0]
        if " " not in text:
            out.append((found.start(), text))
            continue
        pieces = text.split(" ")
        kinds = [token(p).kind for p in pieces]
        if all(k in _PARTS for k in kinds) and any(k == "figure" for k in kinds):
            at = found.start()
            for piece in pieces:
                out.append((at, piece))
                at += len(piece) + 1
            continue
        apart = not ends or any(found.end() + n in ends for n in (-1, 0, 1))
        if (
            out
            or not apart
            or not kinds
            or kinds[-1] != "figure"
            or ("," not in pieces[-1] and "$" not in text)
        ):
            out.append((found.start(), text))
            continue
        cut = len(pieces)
        while cut > 1 and kinds[cut - 1] in _PARTS:
            cut -= 1
        label = " ".join(pieces[:cut])
        out.append((found.start(), label))
        at = found.start() + len(label) + 1
        for piece in pieces[cut:]:
            out.append((at, piece))
            at += len(piece) + 1
    return out


def _is_figures(segments: list[tuple[int, str]]) -> bool:
    if any(len(t.split()) > 5 for _, t in segments[1:]) or (segments and len(segments[0][1].split()) > 16):
        return False
    values = [token(t) for _, t in segments[1:]] if len(segments) > 1 else []
    if len(segments) == 1 and segments[0][0] > 20:
        values = [token(segments[0][1])]
    return any(v.kind == "figure" and not v.year for v in values)


def _is_prose(line: str, segments: list[tuple[int, str]]) -> bool:
    """Whether a line is running text: words that reach farther than labels set over several lines do."""
    if len(segments) != 1 or segments[0][0] >= 12 or len(segments[0][1]) < _SHORTEST_PROSE:
        return False
    return len(segments[0][1].split()) >= 8


def text_grids(lines: list[str], first_index: int) -> list[Grid]:
    """Return the tables found in the lines of a plain text, numbered from `first_index`."""
    segments = [
        [] if not line or len(line) > MAX_LINE or _RULE.match(line) else _segments(line) for line in lines
    ]
    _keep_numbers_of_labels(lines, segments)
    figures = [n for n, parts in enumerate(segments) if _is_figures(parts)]
    out: list[Grid] = []
    done = 0
    position = 0
    while position < len(figures):
        first = last = figures[position]
        position += 1
        while position < len(figures):
            following = figures[position]
            between = range(last + 1, following)
            if (
                following - last > (30 if _goes_on(lines, segments, between) else 12)
                or any(_is_prose(lines[n], segments[n]) for n in between)
                or _new_table(lines, segments, between)
            ):
                break
            last = following
            position += 1
        top = first
        while top > done and first - top < 14 and not _is_prose(lines[top - 1], segments[top - 1]):
            top -= 1
        grid = _grid(lines, segments, top, last, first_index + len(out))
        lead = [
            fold(line)
            for line in lines[max(0, top - 6) : top]
            if line.strip() and len(line) <= MAX_LINE and not _RULE.match(line)
        ]
        grid.lead = [line for line in [*lead, *grid.lead] if line]
        out.append(grid)
        done = last + 1
    return out


_AROUND = 40  # lines above and below in which columns of figures are looked for


def _keep_numbers_of_labels(lines: list[str], segments: list[list[tuple[int, str]]]) -> None:
    """Put back numbers that were cut off a line of words though no figures around it end where they do."""
    for n, parts in enumerate(segments):
        if len(parts) < 2 or any(b[0] - a[0] - len(a[1]) > 1 for a, b in itertools.pairwise(parts)):
            continue
        ends = frozenset(
            start + len(text)
            for around in segments[max(0, n - _AROUND) : n + _AROUND]
            for before, (start, text) in itertools.pairwise(around)
            if start - before[0] - len(before[1]) > 1 and token(text).kind == "figure"
        )
        if ends:
            segments[n] = _segments(lines[n], ends)


def _goes_on(lines: list[str], segments: list[list[tuple[int, str]]], between: range) -> bool:
    """Whether only the words of long, narrow row labels stand between two rows, with no gap of blank lines."""
    words = [n for n in between if segments[n]]
    blank = [n for n in between if not lines[n].strip()]
    return len(blank) < 3 and all(
        len(segments[n]) == 1 and segments[n][0][0] < 16 and len(segments[n][0][1]) < 26 for n in words
    )


def _new_table(lines: list[str], segments: list[list[tuple[int, str]]], between: range) -> bool:
    """Whether a title and period headings stand between two rows: another table begins there."""
    titled = False
    for n in between:
        parts = segments[n]
        if len(parts) == 1 and _may_be_title(*parts[0]):
            titled = True
        elif titled and parts and all(heading(t).dated or heading(t).lasting for _, t in parts):
            return True
    return False


def _may_be_title(start: int, text: str) -> bool:
    """Whether a line alone may be a table's title: one set in from the left, or the name of a statement."""
    if start < 8:
        return is_statement_title(text)
    return len(text) > 12 and not heading(text).lasting


def _grid(lines: list[str], segments: list[list[tuple[int, str]]], top: int, last: int, index: int) -> Grid:
    grid = Grid(index)
    titles: list[str] = []
    started = False
    for n in range(top, last + 1):
        parts = segments[n]
        if not parts:
            continue
        if not started and len(parts) == 1 and not _is_figures(parts):
            read = heading(parts[0][1])
            if not (read.dated or read.lasting) or (parts[0][0] < 20 and not read.lasting):
                if titles and titles[-1].count("(") > titles[-1].count(")"):
                    titles[-1] += " " + fold(parts[0][1])  # brackets over two lines are one
                else:
                    titles.append(fold(parts[0][1]))
                continue
        started = True
        rule = (
            lines[n + 1]
            if n + 1 < len(lines) and len(lines[n + 1]) <= MAX_LINE and _RULE.match(lines[n + 1])
            else ""
        )
        grid.rows.append((n - top, _row(parts, rule)))
    grid.lead = titles
    grid.height = last - top + 1
    return grid


def _cut_over(part: tuple[int, str], spans: list[tuple[int, int]]) -> list[tuple[int, str]]:
    """Cut two headings that stand one blank apart where the rules under them part: each must name a duration, or a day."""
    start, text = part
    for left, right in itertools.pairwise(spans):
        for at in range(max(left[1] - 3, start + 1), min(right[0] + 2, start + len(text) - 1)):
            if text[at - start] == " ":
                a, b = heading(text[: at - start]), heading(text[at - start + 1 :])
                if (a.lasting and b.lasting) or (a.dated and b.dated and not a.lasting and not b.lasting):
                    rest = _cut_over((at + 1, text[at - start + 1 :]), spans)
                    return [(start, text[: at - start]), *rest]
    return [part]


def _row(parts: list[tuple[int, str]], rule: str) -> Row:
    spans = [(m.start(), m.end()) for m in _RULE_PART.finditer(rule)] if rule else []
    if len(spans) == 1 and spans[0][0] < 10:
        spans = []  # a rule across the page says nothing about one heading
    headings = not _is_figures(parts)
    if headings and len(spans) > 1:
        parts = [piece for part in parts for piece in _cut_over(part, spans)]
    row: Row = []
    for number, (start, text) in enumerate(parts):
        end = start + len(text)
        col, stop = start, end
        if headings and spans:
            under = [s for s in spans if s[0] < end and start < s[1]]
            if under:
                col, stop = min(start, under[0][0]), max(end, under[-1][1])
        # a number alone at the left belongs to a label set over several lines ("30,000,000 / shares authorized;")
        if number == 0 and (
            (start < 25 and token(text).kind in ("text", "none")) or (len(parts) == 1 and start <= 20)
        ):
            row.append(cell(0, max(1, stop), fold(text), ">" + "\xa0" * start))
        else:
            row.append(cell(col, stop - col, fold(text)))
    return row
