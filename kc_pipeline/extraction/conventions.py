"""How the figures of one table are written: points, blanks and triangles are judged by all its cells together.

`45.210` is forty-five or forty-five thousand, `12 345` one figure or two, `12,34,567` lakhs or a slip, and `▲3` a loss or a rise: no cell can
say by itself. What the table shows is decided once; a cell that stays in doubt keeps its reading as words.
"""

import re
from collections.abc import Iterable

from kc_pipeline.extraction.grid import Cell, Grid, Row
from kc_pipeline.extraction.numbers import token

_ENDS = frozenset("0123456789)%*]")
_LONGEST = 24
_TRIANGLE = re.compile(r"^(\(?[$€£¥]?\s*)[△▲Δ∆]\s*(?=[$€£¥]?\s*[\d.])")
_DOWN = ("▼", "▽")
_GROUPED_BY_BLANKS = re.compile(r"(?P<before>[-−–(△▲Δ∆]?\s?)\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?\)?")
_PARTED_BY_TAGS = re.compile(r"\d\s*(?:<[^>]*>\s*)+\d")
_POINTS_GROUP = re.compile(r"\D{0,4}\d{1,3}(?:(?:\.\d{3}){2,}(?:,\d+)?|(?:\.\d{3})+,\d{1,2})\D{0,3}")
_COMMA_DECIMALS = re.compile(r"\D{0,4}\d+,\d{1,2}\D{0,3}")
_POINT_DECIMALS = re.compile(r"\D{0,4}[\d,]*\.(?:\d{1,2}|\d{4,})\D{0,3}")
_COMMAS_GROUP = re.compile(r"\D{0,4}\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?\D{0,3}")
_LAKHS = re.compile(r"\D{0,4}\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?\D{0,3}")
_MILLIONS = re.compile(r"\D{0,4}\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?\D{0,3}")
_ONE_POINT = re.compile(r"[-−–(△▲]?\s?([1-9]\d{0,2})\.\d{3}\)?")
_UNGROUPED = re.compile(r"\D{0,4}\d{4,}\D{0,3}")
_FEW = 4  # figures with one point say nothing yet about what it is
_POINTS_OR_COMMAS = re.compile(r"\D{0,4}\d[\d.]*(?:,\d+)?\D{0,3}")


def settled(grid: Grid) -> list[tuple[int, Row]]:
    """Return the rows of a grid with its figures read as the whole table writes them."""
    odd = [c for _, row in grid.rows for c in row if _is_odd(c)]
    if not odd:
        return grid.rows
    texts = [c.text for _, row in grid.rows for c in row if len(c.text) <= _LONGEST]
    blanks = any(_GROUPED_BY_BLANKS.fullmatch(c.text) for c in odd) and not _any(_COMMAS_GROUP, texts)
    points = _points_group(texts)
    triangles = not any(sign in text for text in texts for sign in _DOWN)
    lakhs = sum(1 for text in texts if _LAKHS.fullmatch(text)) > 1 and not _any(_MILLIONS, texts)
    doubtful = {id(c) for c in odd}
    return [
        (
            number,
            [_read_anew(c, blanks, points, triangles, lakhs) if id(c) in doubtful else c for c in row],
        )
        for number, row in grid.rows
    ]


def _is_odd(cell: Cell) -> bool:
    """Whether a cell may say something else than it does alone: words that end as figures do, or three decimals."""
    read = cell.read
    if read.kind == "figure":
        return read.decimals == 3 or ("." in cell.text and read.grouped)
    text = cell.text
    return (
        read.kind == "text"
        and len(text) <= _LONGEST
        and text[-1] in _ENDS
        and (not text[0].isalpha() or text[0] in "Δ")
    )


def _any(form: re.Pattern[str], texts: Iterable[str]) -> bool:
    return any(form.fullmatch(text) for text in texts)


def _points_group(texts: list[str]) -> bool:
    """Whether points stand between thousands: shown by some cell, and by none that they stand before decimals."""
    shown = _any(_POINTS_GROUP, texts) or _any(_COMMA_DECIMALS, texts) or _only_thousands(texts)
    return shown and not _any(_POINT_DECIMALS, texts) and not _any(_COMMAS_GROUP, texts)


def _only_thousands(texts: list[str]) -> bool:
    """Whether every figure with a point has three digits behind it, as no decimals do: not rates, which are small."""
    single = [_ONE_POINT.fullmatch(text) for text in texts if _is_pointed(text)]
    found = [m for m in single if m is not None]
    if len(found) < max(_FEW, len(single)) or not any(len(m[1]) > 1 for m in found):
        return False
    return not any(_UNGROUPED.fullmatch(text) and not token(text).year for text in texts)


def _is_pointed(text: str) -> bool:
    return "." in text and text[-1] in _ENDS and not any(c.isalpha() for c in text)


def _read_anew(cell: Cell, blanks: bool, points: bool, triangles: bool, lakhs: bool) -> Cell:
    text = cell.text
    if triangles:
        text = _TRIANGLE.sub(r"\1-", text)
    if blanks and _GROUPED_BY_BLANKS.fullmatch(text) and not _PARTED_BY_TAGS.search(cell.source):
        sign, digits = (text[0], text[1:].strip()) if not text[0].isdigit() else ("", text)
        text = sign + digits.replace(" ", "").replace(",", ".")
    elif points and _POINTS_OR_COMMAS.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif lakhs and _LAKHS.fullmatch(text):
        text = text.replace(",", "")
    if text == cell.text:
        return cell
    read = token(text)
    return cell if read.kind != "figure" else cell._replace(read=read)
