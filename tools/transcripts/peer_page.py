"""One document of a peer as HTML: the rows of its statements that were read, and sentences for all else."""

import re
from collections.abc import Iterable
from dataclasses import replace
from html import escape

from . import prose
from .layouts import GROSS, Label, Line
from .numerals import MILLION
from .page import Page, opening, placed
from .peers import Document, Peer, best_and_others
from .prose import Clause, long_day
from .reference import Row
from .statements import Plan, Table, build, render
from .wording import Item, Style, change, growth

_STYLE = Style("Adjusted", reached=False, dated=True)
_OPERATING = Label(
    "Income from operations",
    "Loss from operations",
    "Income (loss) from operations",
    "Income from operations",
)
_NET = Label("Net income", "Net loss", "Net income (loss)", "Net income")
_MONEY = ("RMB", "USD")

_INCOME = (
    Line("Revenue", "revenues", units=_MONEY),
    Line(GROSS, "gross_profit", units=_MONEY, optional=True),
    Line(
        "Impairment losses of long-lived assets",
        "impairment_of_long_lived_assets",
        units=_MONEY,
        flip=True,
        optional=True,
    ),
    Line(_OPERATING, "operating_income_loss", units=_MONEY, optional=True),
    Line("Interest expense, net", "interest_income_expense_net", units=_MONEY, optional=True),
    Line(_NET, "profit_loss", units=_MONEY),
)
"""Rows of a statement of operations; its bottom line is printed though its figure be not known."""

_BALANCE = (Line("Total assets", "assets", units=_MONEY),)
_NON_GAAP = (Line("Adjusted EBITDA", "adjusted_ebitda", units=_MONEY),)
_STATEMENTS = (
    ("CONDENSED CONSOLIDATED STATEMENTS OF OPERATIONS", _INCOME),
    ("CONDENSED CONSOLIDATED BALANCE SHEETS", _BALANCE),
    ("NON-GAAP FINANCIAL MEASURES", _NON_GAAP),
)

_ITEMS = (
    Item("revenues", "Revenue", changes=growth("revenue")),
    Item("gross_profit", "Gross profit", "Gross loss"),
    Item("gross_margin", "Gross margin", changes=change("gross_margin")),
    Item("impairment_of_long_lived_assets", "Impairment of long-lived assets"),
    Item("operating_income_loss", "Income from operations", "Loss from operations"),
    Item("adjusted_operating_margin", "Adjusted operating margin"),
    Item("interest_income_expense_net", "Interest income, net", "Interest expense, net"),
    Item("profit_loss", "Net income", "Net loss"),
    Item(
        "net_income_loss", "Net income attributable to shareholders", "Net loss attributable to shareholders"
    ),
    Item("adjusted_ebitda", "Adjusted EBITDA"),
    Item("adjusted_ebitda_margin", "Adjusted EBITDA margin"),
    Item("capital_expenditures", "Capital expenditures", verb="were"),
    Item(
        "net_cash_provided_by_used_in_operating_activities",
        "Net cash provided by operating activities",
        "Net cash used in operating activities",
    ),
    Item("adjusted_ebita", "Adjusted EBITA"),
    Item("assets", "Total assets", verb="were"),
)
"""Subjects of sentences of the group, in the order of a release."""
_OWN_ITEMS = (
    Item(
        "cloud_external_revenue",
        "Revenue from external cloud customers",
        changes=growth("cloud_external_revenue"),
    ),
    Item("ai_cloud_share_of_baidu_core", "AI Cloud share of Baidu Core"),
)


def _items(peer: Peer) -> tuple[Item, ...]:
    """The subjects of a company's sentences: the group, its segments one by one, its own measures."""
    of_segments = [
        item
        for segment, name in peer.segments.items()
        for item in (
            Item("revenues", f"Revenue from {name}", segment=segment, changes=growth(segment)),
            Item("gross_margin", f"Gross margin of {name}", segment=segment),
            Item("adjusted_ebita", f"Adjusted EBITA of {name}", segment=segment),
            Item("adjusted_ebita_margin", f"Adjusted EBITA margin of {name}", segment=segment),
        )
    ]
    return (*_ITEMS, *of_segments, *_OWN_ITEMS)


NOTE = (
    "Incomplete transcript. It holds the figures that were read in copies, summaries and articles, each with its "
    "source and grade; the wording is the transcriber's, and the words of the source stand in the list of figures."
)
_NO_DAY = "The filing date is not known: it is the last day of the month in which such documents appear."


def described(peer: Peer, document: Document) -> str:
    """What the document is a transcript of."""
    exhibit = f", exhibit {document.exhibit}" if document.exhibit else ""
    number = f" {document.accession}" if document.accession else ""
    return f"{document.form}{number}{exhibit}: {headline(peer, document)}"


def headline(peer: Peer, document: Document) -> str:
    """The document's title: the period by its last day, as fiscal names differ."""
    if document.name.endswith("-release"):
        what = f"Results for the Quarter Ended {long_day(document.period_end)}"
    elif document.name.endswith("H1"):
        what = f"Interim Report for the Six Months Ended {long_day(document.period_end)}"
    else:
        what = f"Annual Report for the Year Ended {long_day(document.period_end)}"
    return f"{peer.title} {what}"


def note(document: Document) -> str:
    """What the manifest remarks."""
    return NOTE if document.dated_by else f"{NOTE} {_NO_DAY}"


def lay_out(peer: Peer, document: Document, rows: list[Row]) -> Page:
    """The document: tables of what was read in statements, a paragraph per subject, then the further sources.

    Raises:
        ValueError: if a row finds no place.
    """
    first, others = best_and_others(rows)
    tables = _tables(peer, first)
    tabled = {p.row for t in tables for p in t.printed}
    waiting = [r for r in first if r not in tabled]
    items = _items(peer)
    paragraphs = _paragraphs(items, waiting)
    repeated = [p for r in others for p in _paragraphs(items, [r])]
    out = opening(described(peer, document))
    if document.exhibit:
        out.append(f"<p>Exhibit&nbsp;{document.exhibit}</p>")
    out.append(f'<p class="c"><b>{escape(headline(peer, document))}</b></p>')
    for table in tables:
        out += render(table, split_parenthesis=True)
    for title, block in (("Figures", paragraphs), ("The Same Figures in Other Sources", repeated)):
        if block:
            out.append(f"<p><b>{title}</b></p>")
            out += [prose.render(p) for p in block]
    html = "\n".join([*out, "</body>", "</html>", ""])
    return Page(html, placed(document.name, rows, tables, [*paragraphs, *repeated]))


def _tables(peer: Peer, rows: list[Row]) -> list[Table]:
    """The statements: of the figures that their sources show as rows of one, in their scale."""
    shown = [r for r in rows if r.source_title in peer.tables and r.unit in _MONEY]
    built = (
        build(Plan(title, _as_labelled(lines, shown), peer.title, coarsest=MILLION), shown)
        for title, lines in _STATEMENTS
    )
    return [t for t in built if t is not None]


def _as_labelled(lines: Iterable[Line], rows: list[Row]) -> tuple[Line, ...]:
    """The lines under the labels that their source prints before the figures ("Net revenue \u00a5 9,782,448")."""
    labels: dict[str, str] = {}
    for row in rows:
        printed = re.match(r"[A-Z][A-Za-z,\- ]*[A-Za-z]", row.as_stated)
        if printed:
            labels.setdefault(row.concept, printed.group())
    return tuple(replace(line, label=labels.get(line.concept, line.label)) for line in lines)


def _paragraphs(items: Iterable[Item], waiting: list[Row]) -> list[list[Clause]]:
    """One paragraph per subject and period, newest period first."""
    periods = sorted({(r.period_end, r.period_type) for r in waiting}, reverse=True)
    paragraphs = []
    for item in items:
        for end, kind in periods:
            now = [r for r in waiting if (r.period_end, r.period_type) == (end, kind)]
            found = prose.sentences(item, now, end, kind, _STYLE, set())
            if found:
                paragraphs.append([c for s in found for c in s])
    return paragraphs
