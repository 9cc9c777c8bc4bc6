"""Bytes of one document to an Extraction."""

import gc
import hashlib
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

from selectolax.lexbor import LexborHTMLParser

from kc_pipeline.config import Company, following
from kc_pipeline.config.companies import named_in
from kc_pipeline.extraction.checks import check_table
from kc_pipeline.extraction.columns import Column
from kc_pipeline.extraction.contradictions import of_document
from kc_pipeline.extraction.decode import MAX_DEPTH, bound_depth, decode
from kc_pipeline.extraction.grid import MAX_TABLES, Grid, grids, note_below
from kc_pipeline.extraction.markup import fold
from kc_pipeline.extraction.model import Caution, Extraction
from kc_pipeline.extraction.pretext import plain_lines, text_grids
from kc_pipeline.extraction.prose import MOST_FIGURES, read_prose
from kc_pipeline.extraction.reading import TableReading, Trace
from kc_pipeline.extraction.registrants import set_apart
from kc_pipeline.extraction.several_statements import statements_in
from kc_pipeline.extraction.split_headings import only_headings, under_headings
from kc_pipeline.extraction.statements import PRIMARY, is_summary
from kc_pipeline.extraction.survey import survey
from kc_pipeline.extraction.table_units import Document
from kc_pipeline.extraction.tables import read_table
from kc_pipeline.extraction.text import running_text, serialised
from kc_pipeline.extraction.title import LINES, title_of

MAX_BYTES = 50_000_000
MAX_PROSE = 1_200_000
OPENING = 5_000


def read_document(data: bytes, companies: Iterable[Company] = ()) -> Extraction:
    """Read one document's bytes; what cannot be read is said in the warnings.

    Where `companies` are given, the one that the document names first at its beginning is whose words count in prose.
    """
    out = Extraction(hashlib.sha256(data).hexdigest(), "")
    # reading makes many small objects and no cycles; the collector would spend a third of the time on them
    collecting = gc.isenabled()
    gc.disable()
    try:
        _read(data, out, tuple(companies))
    except Exception as error:  # noqa: BLE001 - the contract of the public function: never raises on any bytes
        out.warnings.append(Caution(None, "unreadable", f"reading stopped: {type(error).__name__}: {error}"))
    finally:
        if collecting:
            gc.enable()
    return out


def _read(data: bytes, out: Extraction, companies: tuple[Company, ...]) -> None:
    if len(data) > MAX_BYTES:
        out.warnings.append(
            Caution(None, "too_large", f"{len(data)} bytes: documents over {MAX_BYTES} bytes are not read")
        )
        return
    page, notes = _open(data)
    out.warnings.extend(notes)
    if page is None:
        return
    out.title = page.title
    out.opening = " ".join(f"{page.title} {page.visible[: 20 * OPENING]}".split())[:OPENING]
    company = named_in(out.opening, companies)
    out.company = company.id if company else None
    tables = grids(page.html)
    running = running_text(page.html, tables)
    note_below(page.html, tables)
    page.html = ""
    tables.extend(_text_tables(page, len(tables)))
    document = survey(page.visible, tables)
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
    recognised = False
    for reading in read_tables(tables, document, out.warnings):
        out.lines.extend(reading.lines)
        out.warnings.extend(
            _guarded(f"the checks of table {reading.index}", reading.index, partial(check_table, reading))
        )
        recognised = recognised or reading.statement in PRIMARY or is_summary(reading.title)
    del tables
    out.warnings.extend(_guarded("the comparison of the tables", None, lambda: of_document(out.lines)))
    if not recognised:
        out.warnings.append(
            Caution(None, "no_statement", "no balance sheet, income or cash flow statement was recognised")
        )
    if len(page.visible) > MAX_PROSE:
        out.warnings.append(
            Caution(None, "prose_too_long", f"{len(page.visible)} characters of text: the prose was not read")
        )
    else:
        try:
            with following([company]) if company else nullcontext():
                out.stated, out.commentary, out.definitions = read_prose(
                    running, out.title, out.lines, document.calendar
                )
        except Exception as error:  # noqa: BLE001 - what the tables gave stays
            out.warnings.append(
                Caution(None, "prose_unreadable", f"the prose was not read: {type(error).__name__}: {error}")
            )
        if len(out.stated) >= MOST_FIGURES:
            out.warnings.append(
                Caution(
                    None, "prose_too_long", f"only the first {MOST_FIGURES} figures of the prose were read"
                )
            )
    out.title = title_of(page.title, running.text[:OPENING].split("\n")[:LINES])


@dataclass(slots=True)
class _Page:
    """What is taken from the parser's tree, which is larger than all the rest and is not kept."""

    title: str
    html: str
    visible: str
    text: str  # as decoded, only where it may hold tables laid out in plain text
    preformatted: list[str]


def _open(data: bytes) -> tuple[_Page | None, list[Caution]]:
    """Decode and parse a document; None where there is nothing in it, and what is to be said of it."""
    text, notes, utf8 = decode(data)
    if not text:
        return None, notes or [Caution(None, "empty", "the document is empty")]
    text, too_deep = bound_depth(text, utf8)
    if too_deep:
        left_out = f"tags nested more than {MAX_DEPTH} deep were left out"
        notes = [*notes, Caution(None, "too_deep", left_out)]
    in_rows = "<tr" in text or "<TR" in text
    source = text if too_deep or utf8 is None else utf8
    del text, utf8
    return _parse(source, in_rows), notes


def tables_of(data: bytes) -> list[Grid]:
    """Return the tables of a document as they are read: an index, rows of cells, the lines above."""
    page, _ = _open(data)
    if page is None:
        return []
    tables = grids(page.html)
    return [*tables, *_text_tables(page, len(tables))][:MAX_TABLES]


def clues_of(data: bytes, table: int) -> Trace:
    """Return what is said of the currency and scale of each figure of one table, nearest first."""
    page, _ = _open(data)
    if page is None:
        return {}
    tables = grids(page.html)
    note_below(page.html, tables)
    tables.extend(_text_tables(page, len(tables)))
    trace: Trace = {}
    read_tables(tables[:MAX_TABLES], survey(page.visible, tables), traced=(table, trace))
    return trace


def _parse(source: str | bytes, in_rows: bool) -> _Page:
    """Read a page; `in_rows` says that it has table rows, and so is not laid out in plain text."""
    tree = LexborHTMLParser(source)
    title = tree.css_first("title")
    html, preformatted = serialised(tree)
    text = ""
    if not in_rows or "<table" not in html:
        text = source if isinstance(source, str) else source.decode()
    return _Page(
        fold(title.text()) if title is not None else "",
        html,
        tree.body.text(separator=" ") if tree.body is not None else "",
        text,
        [node.html or "" for node in tree.css("pre")] if preformatted else [],
    )


def _text_tables(page: _Page, first_index: int) -> list[Grid]:
    """Return the tables of a plain-text document, or of the `<pre>` parts of an HTML one."""
    if page.text:
        return text_grids(plain_lines(page.text), first_index) if "  " in page.text else []
    out: list[Grid] = []
    for inner in page.preformatted:
        if "<tr" not in inner and inner.count("\n") > 3:
            out.extend(text_grids(plain_lines(inner), first_index + len(out)))
    return out


def _guarded(what: str, table: int | None, check: Callable[[], list[Caution]]) -> list[Caution]:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - a check that stops costs that check, and is told
        return [Caution(table, "table_unchecked", f"{what} stopped: {type(error).__name__}: {error}")]


def read_tables(
    tables: list[Grid],
    document: Document,
    warnings: list[Caution] | None = None,
    traced: tuple[int, Trace] | None = None,
) -> list[TableReading]:
    """Read all tables of a document in order; columns carry over to a table that goes on without headings.

    A table on which reading stops is left out, and named in `warnings`; nothing is carried over it. `traced` names a
    table, and is filled with the clues of its figures.
    """
    out: list[TableReading] = []
    carried: list[Column] | None = None
    before: TableReading | None = None
    headings: Grid | None = None
    for printed in tables:
        whole = under_headings(printed, headings)
        headings = printed if only_headings(printed) else None
        trace = traced[1] if traced is not None and traced[0] == whole.index else None
        try:
            for grid in statements_in(whole):
                reading = read_table(grid, document, carried, before=before, trace=trace)
                if reading is None:
                    continue
                before = reading
                if reading.columns:
                    carried = reading.columns
                if reading.lines or reading.without_currency or reading.unreadable or reading.blocks:
                    out.append(reading)
        except Exception as error:  # noqa: BLE001 - one table costs itself, never its document
            carried = before = None
            if warnings is not None:
                warnings.append(
                    Caution(
                        whole.index,
                        "table_unreadable",
                        f"table {whole.index} was left out, reading it stopped: {type(error).__name__}: {error}",
                    )
                )
    told = set_apart(out)
    if warnings is not None:
        warnings.extend(told)
    return out
