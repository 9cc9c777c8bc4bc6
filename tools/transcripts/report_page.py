"""One report as one HTML document: its tables, and sentences for the figures that stand in none."""

from dataclasses import replace
from html import escape

from . import prose
from .names import NAMES, SECOND_NAMES
from .numerals import THOUSAND, plain
from .page import Page, opening, placed
from .prose import Clause, long_day
from .reference import Row
from .reports import COMPANY, Report
from .statements import Plan, build, render
from .wording import Item, Style, topics

_STYLE = Style("Adjusted", reached=False, dated=True)


def described(report: Report) -> str:
    """What the document is a transcript of."""
    exhibit = f", exhibit {report.exhibit}" if report.exhibit else ""
    number = f" {report.accession}" if report.accession else ""
    return f"Form {report.form}{number}{exhibit}: {report.title}"


def lay_out(report: Report, rows: list[Row]) -> Page:
    """The report's document.

    Raises:
        ValueError: if a row finds no place.
    """
    tables = [t for plan in report.plans if (t := build(_with_allowance(plan, rows), rows)) is not None]
    tabled = {p.row for t in tables for p in t.printed}
    twins = _twins(rows, tabled)
    paragraphs = _paragraphs([r for r in rows if r not in tabled and r not in twins])
    out = opening(described(report))
    if report.exhibit:
        out.append(f"<p>Exhibit&nbsp;{report.exhibit}</p>")
    out += [
        f'<p class="c"><b>{COMPANY}</b></p>',
        f'<p class="c"><b>{escape(report.title)}</b></p>',
    ]
    for table in tables:
        out += render(table, split_parenthesis=True)
    if paragraphs:
        out.append("<p><b>Further figures</b></p>")
        out += [prose.render(p) for p in paragraphs]
    html = "\n".join([*out, "</body>", "</html>", ""])
    return Page(html, placed(report.document, rows, tables, paragraphs, twins))


def _twins(rows: list[Row], tabled: set[Row]) -> dict[Row, Row]:
    """Rows that repeat a figure of the text under a second name, with the row whose sentence they share."""
    first = {r.key: r for r in rows if r not in tabled}
    twins = {}
    for row in rows:
        name = SECOND_NAMES.get(row.concept)
        twin = first.get((name, *row.key[1:])) if name else None
        if twin and row not in tabled and (twin.value, twin.rounding) == (row.value, row.rounding):
            twins[row] = twin
    return twins


def _with_allowance(plan: Plan, rows: list[Row]) -> Plan:
    """The plan with the allowance for credit losses inside the label of accounts receivable, if known."""
    names = ("allowance_for_credit_losses", "accounts_receivable_allowance")
    name = next((n for n in names if any(r.concept == n and r.unit == "USD" for r in rows)), "")
    known = sorted((r for r in rows if r.concept == name), key=lambda r: (r.period_end, r.unit != "RMB"))
    days = sorted({r.period_end for r in known})
    if [r.unit for r in known] != ["RMB", "RMB", "USD"] or len(days) != 2:
        return plan
    both = f"{long_day(days[0])} and {long_day(days[1])}"
    if (days[0].month, days[0].day) == (days[1].month, days[1].day):
        both = f"{long_day(days[0])} and {days[1].year}"
    old, new, dollars = (plain(r.value / THOUSAND, 0) for r in known)
    label = (
        f"Accounts receivable, net of allowance for credit losses of RMB{old} and RMB{new} (US${dollars}) "
        f"as of {both}, respectively"
    )
    lines = tuple(
        replace(line, label=label) if line.concept == "accounts_receivable_net_current" else line
        for line in plan.lines
    )
    return replace(plan, lines=lines)


def _paragraphs(waiting: list[Row]) -> list[list[Clause]]:
    """One paragraph per subject and period, for the figures that no table holds; newest period first."""
    known = [replace(item, headline=False) for topic in topics(_STYLE) for item in topic]
    metrics = {(i.concept, i.segment) for i in known} | {(c, i.segment) for i in known for c in i.changes}
    others = sorted({(r.concept, r.segment) for r in waiting} - metrics)
    items = [*known, *(_item(concept, segment) for concept, segment in others)]
    periods = sorted({(r.period_end, r.period_type) for r in waiting}, reverse=True)
    paragraphs = []
    for item in items:
        for end, kind in periods:
            now = [r for r in waiting if (r.period_end, r.period_type) == (end, kind)]
            found = prose.sentences(item, now, end, kind, _STYLE, set())
            if found:
                paragraphs.append([c for s in found for c in s])
    return paragraphs


def _item(concept: str, segment: str) -> Item:
    name = NAMES.get(concept) or concept.replace("_", " ").capitalize()
    if segment and segment.replace("_", " ") not in name.lower():
        name += f" of {segment.replace('_', ' ')} services"
    plural = not name.startswith("The ") and name.partition(" of ")[0].partition(" per ")[0].endswith("s")
    verb = "were" if plural else "was"
    return Item(concept, name, segment=segment, verb=verb)
