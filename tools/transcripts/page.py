"""One release as one HTML document, and the list of its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from . import layouts, prose
from .reference import Evidence, Row
from .releases import Release
from .remarks import Remark, without_unknown_figures
from .statements import Plan, Printed, Table, attributes, build, render
from .wording import topics

COMPANY = "KINGSOFT CLOUD HOLDINGS LIMITED"
STATEMENTS = "UNAUDITED CONDENSED CONSOLIDATED "
STYLE = (
    "body { font: 10pt 'Times New Roman', serif } .c, .h { text-align: center } .h { font-weight: bold } "
    ".n { text-align: right } td { vertical-align: bottom; padding: 0 2pt } sup { font-size: 7pt }"
)
FOOTNOTES = (
    (
        "[2]",
        "Non-GAAP gross profit is defined as gross profit excluding share-based compensation allocated in "
        "the cost of revenues",
    ),
    (
        "[3]",
        "Non-GAAP operating profit (loss) is defined as operating loss excluding share-based compensation, "
        "impairment of long-lived assets and amortization of intangible assets",
    ),
    (
        "[4]",
        "Non-GAAP net (loss) profit is defined as net loss excluding share-based compensation, foreign "
        "exchange loss (gain) and impairment of long-lived assets",
    ),
    (
        "[5]",
        "Non-GAAP EBITDA is defined as Non-GAAP net (loss) profit excluding interest income, interest "
        "expense, income tax (benefit) expense and depreciation and amortization",
    ),
)
"""As the release of March 2026 prints them; the only ones that were seen."""

INCOMPLETE = (
    "figures that its published copies do not show are missing, and the wording of the sentences is the "
    "transcriber's"
)
TRANSLATION_NOTE = "A note on the translation of RMB into US$; its text and the rate were not seen."


@dataclass(frozen=True)
class Figure:
    """A figure of the document: where it stands first, what is printed there, and every place of it."""

    row: Row
    place: str
    printed: str
    where: str
    places: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """The document's HTML and its figures."""

    html: str
    figures: tuple[Figure, ...]


def tables_of(release: Release, rows: list[Row]) -> list[Table]:
    """The statements for which something is known, in the order of the exhibit."""
    style = release.style
    balance = layouts.BALANCE_SHEET if release.quarter >= "2022Q4" else layouts.BALANCE_SHEET_BEFORE_2023
    prefix = "Adjusted" if style.measure == "Adjusted" and release.year < 2025 else style.measure
    if release.year == 2025:
        prefix = "Non-GAAP"
    planned = (
        (STATEMENTS + "BALANCE SHEETS", balance),
        (STATEMENTS + "STATEMENTS OF COMPREHENSIVE LOSS", layouts.INCOME),
        (STATEMENTS + "STATEMENTS OF CASH FLOWS", layouts.CASH_FLOW),
        ("RECONCILIATION OF GAAP AND NON-GAAP RESULTS", layouts.reconciliation(prefix)),
    )
    return [t for title, lines in planned if (t := build(Plan(title, lines, COMPANY), rows)) is not None]


def lay_out(release: Release, rows: list[Row], remarks: list[Remark]) -> Page:
    """The release's document.

    Raises:
        ValueError: if a row finds no place, so that nothing is dropped silently.
    """
    tables = tables_of(release, rows)
    tabled = {p.row for t in tables for p in t.printed}
    sections = _sections(release, rows, tabled)
    html = _html(release, tables, sections, [without_unknown_figures(r, rows) for r in remarks])
    return Page(html, placed(release.document, rows, tables, [p for _, ps in sections for p in ps]))


def placed(
    document: str,
    rows: list[Row],
    tables: list[Table],
    paragraphs: list[list[prose.Clause]],
    twins: Mapping[Row, Row] | None = None,
) -> tuple[Figure, ...]:
    """Where each row stands; `twins` share the sentence of another row.

    Raises:
        ValueError: if a row stands nowhere.
    """
    tabled = {p.row for t in tables for p in t.printed}
    said = {c.row: c for p in paragraphs for c in p if c.row is not None}
    said |= {row: said[twin] for row, twin in (twins or {}).items()}
    homeless = [r for r in rows if r not in tabled and r not in said]
    if homeless:
        names = ", ".join(f"record {r.line} {r.concept} {r.segment} {r.period}" for r in homeless)
        raise ValueError(f"{document}: no place for {names}")
    return tuple(_figure(r, tables, said.get(r)) for r in rows)


def _figure(row: Row, tables: list[Table], clause: prose.Clause | None) -> Figure:
    cells: list[tuple[int, Printed]] = [
        (i, p) for i, t in enumerate(tables) for p in t.printed if p.row == row
    ]
    places = tuple([f"table {i}" for i, _ in cells] + (["sentence"] if clause else []))
    if cells:
        index, cell = cells[0]
        return Figure(
            row, "table", cell.text, f"{tables[index].plan.title} / {cell.label} / {cell.column}", places
        )
    assert clause is not None
    return Figure(row, "sentence", clause.figure, clause.text.strip(" ,."), places)


def _sections(
    release: Release, rows: list[Row], tabled: set[Row]
) -> list[tuple[str, list[list[prose.Clause]]]]:
    """Headed blocks of paragraphs: the quarter, then the half year, nine months or fiscal year."""
    end, out = release.period_end, []
    quarter = f"{prose.ORDINALS[release.number - 1].capitalize()} Quarter {release.year}"
    blocks = (
        (quarter, ("quarter", "instant")),
        (f"First Half {release.year}", ("half",)),
        (f"First Nine Months {release.year}", ("nine_months",)),
        (f"Fiscal Year {release.year}", ("year",)),
    )
    for name, kinds in blocks:
        paragraphs = []
        for topic in topics(release.style):
            found = [
                s
                for item in topic
                for kind in kinds
                for s in prose.sentences(item, rows, end, kind, release.style, tabled)
            ]
            if found:
                joined = [c for s in found for c in (*s, prose.Clause(" "))][:-1]
                paragraphs.append(joined)
        if paragraphs:
            word = "Financial Highlights" if release.style.highlights else "Financial Results"
            out.append((f"{name} {word}", paragraphs))
    return out


def described(release: Release) -> str:
    """What the document is a transcript of."""
    exhibit = f", exhibit {release.exhibit}" if release.exhibit else ""
    if release.exhibit == "99.2":
        exhibit = ", exhibits 99.1 and 99.2"
    number = f" {release.accession}" if release.accession else ""
    return f"Form 6-K{number}{exhibit}: {release.headline}"


def opening(of: str) -> list[str]:
    """The document's first lines: its head, and what it is a transcript of."""
    what = f"Incomplete transcript of {of}"
    return [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f"<title>{escape(what)}</title>",
        f'<meta name="description" content="{escape(what)}: {INCOMPLETE}.">',
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
        f"<p><i>{escape(what)}. Not the issuer's document: {INCOMPLETE}. "
        "Each figure names its source.</i></p>",
    ]


def _html(
    release: Release,
    tables: list[Table],
    sections: list[tuple[str, list[list[prose.Clause]]]],
    remarks: list[Remark],
) -> str:
    out = opening(described(release))
    if release.exhibit and release.exhibit != "99.2":
        out.append(f"<p>Exhibit&nbsp;{release.exhibit}</p>")
    out.append(f'<p class="c"><b>{escape(release.headline)}</b></p>')
    out.append(f"<p>{escape(release.dateline, quote=False)}</p>")
    prose_block = [
        line
        for title, paragraphs in sections
        for line in (f"<p><b>{escape(title)}</b></p>", *(prose.render(p) for p in paragraphs))
    ]
    quotes = [f"<p{attributes(r.evidence)}>{escape(r.sentence, quote=False)}</p>" for r in remarks]
    out += [*prose_block, *quotes] if release.style.highlights else [*quotes, *prose_block]
    if release.style.dollar_mark and "<sup>" in "".join(prose_block):
        mark = "[1]" if release.style.dollar_mark == "brackets" else "1"
        out.append(f"<p><sup>{mark}</sup> {TRANSLATION_NOTE}</p>")
    if release.notes_from:
        evidence = attributes(Evidence("A", "wire", "", release.notes_from))
        out += [f"<p{evidence}><sup>{mark}</sup> {escape(text)}.</p>" for mark, text in FOOTNOTES]
    for index, table in enumerate(tables):
        if release.exhibit == "99.2" and index == 0:
            out.append("<p>Exhibit&nbsp;99.2</p>")
        out += render(table, release.style.split_parenthesis)
    return "\n".join([*out, "</body>", "</html>", ""])
