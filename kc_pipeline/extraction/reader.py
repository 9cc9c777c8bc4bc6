"""Bytes of one document to an Extraction."""

import gc
import hashlib
import re
from collections import Counter
from datetime import date

from selectolax.lexbor import LexborHTMLParser

from kc_pipeline.extraction.amounts import Document
from kc_pipeline.extraction.checks import PRIMARY, check_table
from kc_pipeline.extraction.columns import Calendar, Column
from kc_pipeline.extraction.decode import MAX_DEPTH, bound_depth, decode
from kc_pipeline.extraction.grid import Grid, grids
from kc_pipeline.extraction.markup import fold
from kc_pipeline.extraction.model import Caution, Extraction
from kc_pipeline.extraction.numbers import token
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.pretext import plain_lines, text_grids
from kc_pipeline.extraction.prose import MOST_FIGURES, read_prose
from kc_pipeline.extraction.statements import is_period_heading
from kc_pipeline.extraction.tables import TableReading, read_table
from kc_pipeline.extraction.units import unit_words

_SCRIPT = re.compile(r"<(script|style|noscript|template)\b.*?</\1\s*>", re.I | re.S)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_YEAR_END = re.compile(
    r"fiscal\s+year\s+end(?:ed|s|ing)?\s+(?:on\s+)?(?:the\s+\w+\s+\w+\s+(?:in|of|closest\s+to)\s+)?(\w+\s+\d{1,2}(?:,\s*\d{4})?|\w+)",
    re.I,
)
_QUARTER_ENDED = re.compile(
    r"\b(first|second|third|fourth)\s+(?:fiscal\s+)?quarter\b[^.]{0,60}?\bended\s+(\w+\.?\s+\d{1,2},?\s+\d{4}|\d{1,2}\s+\w+,?\s+\d{4})",
    re.I,
)
MAX_BYTES = 50_000_000
MAX_TABLES = 5_000
MAX_PROSE = 1_200_000
_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4}


def read_document(data: bytes) -> Extraction:
    """Read one document's bytes; what cannot be read is said in the warnings."""
    out = Extraction(hashlib.sha256(data).hexdigest(), "")
    # reading makes many small objects and no cycles; the collector would spend a third of the time on them
    collecting = gc.isenabled()
    gc.disable()
    try:
        _read(data, out)
    except Exception as error:  # noqa: BLE001 - the contract of the public function: never raises on any bytes
        out.warnings.append(Caution(None, "unreadable", f"reading stopped: {type(error).__name__}: {error}"))
    finally:
        if collecting:
            gc.enable()
    return out


def _read(data: bytes, out: Extraction) -> None:
    if len(data) > MAX_BYTES:
        out.warnings.append(
            Caution(None, "too_large", f"{len(data)} bytes: documents over {MAX_BYTES} bytes are not read")
        )
        return
    text, notes = decode(data)
    out.warnings.extend(notes)
    if not text:
        if not notes:
            out.warnings.append(Caution(None, "empty", "the document is empty"))
        return
    text, too_deep = bound_depth(text)
    if too_deep:
        out.warnings.append(
            Caution(None, "too_deep", f"tags nested more than {MAX_DEPTH} deep were left out")
        )
    tree = LexborHTMLParser(text)
    title = tree.css_first("title")
    out.title = fold(title.text()) if title is not None else ""
    html = tree.html or ""
    if "<!--" in html:
        html = _COMMENT.sub("", html)
    if "<script" in html or "<style" in html or "<noscript" in html:
        html = _SCRIPT.sub("", html)
    tables = grids(html)
    tables.extend(_text_tables(text, tree, len(tables)))
    visible = tree.body.text(separator=" ") if tree.body is not None else ""
    document = survey(visible, tables)
    if len(tables) > MAX_TABLES:
        out.warnings.append(
            Caution(None, "too_many_tables", f"{len(tables)} tables: only the first {MAX_TABLES} were read")
        )
        del tables[MAX_TABLES:]
    for grid in tables:
        if grid.truncated:
            out.warnings.append(
                Caution(
                    grid.index,
                    "table_too_large",
                    f"only the first {len(grid.rows)} rows of the table were read",
                )
            )
    readings = read_tables(tables, document)
    for reading in readings:
        out.lines.extend(reading.lines)
        out.warnings.extend(check_table(reading))
    if not any(r.statement in PRIMARY for r in readings):
        out.warnings.append(
            Caution(None, "no_statement", "no balance sheet, income or cash flow statement was recognised")
        )
    if len(visible) > MAX_PROSE:
        out.warnings.append(
            Caution(None, "prose_too_long", f"{len(visible)} characters of text: the prose was not read")
        )
    else:
        out.stated, out.commentary, out.definitions = read_prose(tree, out.title, out.lines)
        if len(out.stated) >= MOST_FIGURES:
            out.warnings.append(
                Caution(
                    None, "prose_too_long", f"only the first {MOST_FIGURES} figures of the prose were read"
                )
            )


def _text_tables(text: str, tree: LexborHTMLParser, first_index: int) -> list[Grid]:
    """Return the tables of a plain-text document, or of the `<pre>` parts of an HTML one."""
    if not first_index or ("<tr" not in text and "<TR" not in text):
        return text_grids(plain_lines(text), first_index) if "  " in text else []
    out: list[Grid] = []
    if "<pre" in text or "<PRE" in text:
        for node in tree.css("pre"):
            inner = node.html or ""
            if "<tr" not in inner and inner.count("\n") > 3:
                out.extend(text_grids(plain_lines(inner), first_index + len(out)))
    return out


def survey(text: str, tables: list[Grid]) -> Document:
    """Return what a document says as a whole: fiscal calendar, period ends, currency, scale."""
    document = Document()
    seen: Counter[date] = Counter()
    ends: Counter[date] = Counter()
    scales: Counter[int] = Counter()
    currencies: Counter[str] = Counter()
    signs: Counter[str] = Counter()
    everything = 0
    for grid in tables[:MAX_TABLES]:
        figures = 0
        for number, (_, cells) in enumerate(grid.rows[:400]):
            for cell in cells:
                read = token(cell.text)
                if read.kind == "text":
                    if (
                        number < 8
                        and len(cell.text) < 60
                        and not cell.text.isalpha()
                        and is_period_heading(cell.text)
                    ):
                        seen.update(heading(cell.text).dates)
                elif read.currency:
                    signs[read.currency] += 1
                if read.kind == "figure":
                    figures += 1
        everything += figures
        if figures > 20:
            for line in [*grid.lead_lines()[-6:], *(c.text for _, cells in grid.rows[:5] for c in cells)]:
                if len(line) < 300:
                    words = unit_words(line)
                    if words.scale is not None:
                        scales[words.scale] += figures
                    for currency in words.currencies:
                        currencies[currency] += figures
    fiscal = 12
    votes: Counter[int] = Counter()
    for match in _QUARTER_ENDED.finditer(text[:400_000]):
        dates = heading(match[2]).dates
        if dates:
            ends[dates[0]] += 1
            month = dates[0].month if dates[0].day > 10 else (dates[0].month - 2) % 12 + 1
            votes[(month - 3 * _QUARTERS[match[1].lower()]) % 12 or 12] += 1
    if votes:
        fiscal = votes.most_common(1)[0][0]
    document.calendar = Calendar(fiscal, tuple(sorted({d for d, n in seen.items() if n > 1} | set(ends))))
    if scales:
        document.scale = scales.most_common(1)[0][0]
    plain = {c: n for c, n in signs.items() if c not in ("$", "¥")}
    total = Counter(plain) + currencies
    dollars = [
        c
        for c in ("TWD", "HKD", "CAD", "AUD", "SGD")
        if total.get(c, 0) > total.get("USD", 0) and total.get(c, 0) > 0.4 * everything
    ]
    document.dollar = dollars[0] if dollars else "USD"
    document.yen = "CNY" if total.get("CNY", 0) or "Renminbi" in text or "RMB" in text else "JPY"
    if signs.get("$", 0):
        total[document.dollar] += signs["$"]
    if signs.get("¥", 0):
        total[document.yen] += signs["¥"]
    document.currency = total.most_common(1)[0][0] if total else None
    if total.get("CNY", 0) and total.get("USD", 0):
        document.currency = "CNY"
    return document


def read_tables(tables: list[Grid], document: Document) -> list[TableReading]:
    """Read all tables of a document in order; columns carry over to a table that goes on without headings."""
    out: list[TableReading] = []
    carried: list[Column] | None = None
    for grid in tables:
        reading = read_table(grid, document, carried)
        if reading is None:
            continue
        if reading.columns:
            carried = reading.columns
        if reading.lines or reading.without_currency or (reading.blocks and reading.statement in PRIMARY):
            out.append(reading)
    return out
