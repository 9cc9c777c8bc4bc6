"""What a document says as a whole, before any table is read: fiscal calendar, period ends, currency, scale."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from kc_pipeline.extraction.calendar import read_calendar
from kc_pipeline.extraction.grid import MAX_TABLES, Grid
from kc_pipeline.extraction.markup import lines_of
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.statements import is_period_heading, is_statement_title
from kc_pipeline.extraction.table_units import DOLLARS, Document
from kc_pipeline.extraction.units import unit_words
from kc_pipeline.extraction.vocabulary import SHARED, SHARED_SIGNS

_FISCAL_NAME = re.compile(r"\bFY\s?'?((?:20)?\d\d)\b", re.I)


def _named_by_start(tables: list[Grid]) -> bool:
    """Whether "FY2008" ends in 2009: the newest such heading of a table is a year older than the day right above it."""
    votes = 0
    for grid in tables[:MAX_TABLES]:
        names = [
            int(m[1]) % 100
            for _, cells in grid.rows[:4]
            for c in cells
            for m in [_FISCAL_NAME.search(c.text)]
            if m
        ]
        if not names:
            continue
        days = heading(" ".join(grid.lead[-4:])[-300:]).dates
        if days:
            votes += 1 if max(d.year for d in days) % 100 == max(names) + 1 else -1
    return votes > 0


def _newest_name(tables: list[Grid]) -> int | None:
    """Return the newest year that heads the columns of most tables with three such headings ("2023", "2022", "2021")."""
    votes: Counter[int] = Counter()
    for grid in tables[:MAX_TABLES]:
        for _, cells in grid.rows[:4]:
            years = [c.read.year for c in cells if c.read.year]
            if len(years) >= 2 and len(years) >= len(cells) - 1:
                votes[max(years)] += 1
                break
    return votes.most_common(1)[0][0] if votes else None


def _headings(grid: Grid) -> Iterator[str]:
    """Yield the texts of a table's heading rows: those above its first row of figures, and no row label below."""
    for _, cells in grid.rows[:8]:
        figures = [c for c in cells if c.read.kind == "figure" and not c.read.year]
        if figures and any(c.read.kind == "text" and c.col < figures[0].col for c in cells):
            return
        yield from (
            c.text for c in cells if c.read.kind in ("text", "prefix", "figure") and not c.text.isdigit()
        )


_DECLARED = re.compile(
    r"\b(?:expressed|stated|presented|prepared|reported(?:\s+and\s+measured)?|shown)\s+in\s+|\breports?\s+in\s+(?:the\s+)?|\b(?:reporting|presentation(?:al)?)\s+currency\b",
    re.I,
)
_REACH = 60  # characters behind such words in which the currency is named


def _declared(visible: str) -> Counter[str]:
    """Count the currencies in which a text says that its amounts are expressed."""
    out: Counter[str] = Counter()
    for found in _DECLARED.finditer(visible[:600_000]):
        words = unit_words(re.split(r"[.;]\s", visible[found.end() : found.end() + _REACH])[0])
        if len(words.currencies) == 1:
            out[words.currencies[0]] += 1
    return out


@dataclass(slots=True)
class _Votes:
    """What the tables of a document say about units, weighted by their figures."""

    currencies: Counter[str] = field(default_factory=Counter)
    signs: Counter[str] = field(default_factory=Counter)
    scales: Counter[int | None] = field(
        default_factory=Counter
    )  # of tables under a statement's title; None: not said
    others: Counter[int] = field(default_factory=Counter)
    figures: int = 0


_LEAST = 4  # figures that make a table count


def _vote(grid: Grid, votes: _Votes) -> None:
    """Add what one table says."""
    figures = 0
    for _, cells in grid.rows[:400]:
        for _, _, _, _, read in cells:
            if read.kind == "figure":
                figures += 1
                if read.currency:
                    votes.signs[read.currency] += 1
            elif read.currency:
                votes.signs[read.currency] += 1
    votes.figures += figures
    if figures < _LEAST:
        return
    caption = lines_of(grid.caption) if grid.caption else []
    lines = [line for line in [*grid.lead[-6:], *caption, *_headings(grid)] if len(line) < 300]
    scale: int | None = None
    for line in lines:
        words = unit_words(line)
        scale = words.scale if words.scale is not None else scale
        one_of = any(words.currencies == s.codes for s in SHARED)
        for order, currency in enumerate(() if one_of else words.currencies):
            votes.currencies[currency] += figures if order == 0 else figures // 4
    if any(is_statement_title(line) for line in lines):
        votes.scales[scale] += figures
    elif scale is not None:
        votes.others[scale] += figures


def survey(visible: str, tables: list[Grid]) -> Document:
    """Return what a document says as a whole: fiscal calendar, period ends, currency, scale."""
    document = Document()
    seen: Counter[date] = Counter()
    votes = _Votes()
    for grid in tables[:MAX_TABLES]:
        _vote(grid, votes)
        for _, cells in grid.rows[:8]:
            for _, _, text, _, read in cells:
                if read.kind == "text" and len(text) < 60 and not text.isalpha() and is_period_heading(text):
                    seen.update(heading(text).dates)
    document.calendar = read_calendar(visible, seen, _named_by_start(tables), _newest_name(tables))
    document.scale = _statements_scale(votes)
    document.scaled_elsewhere = document.scale is None and bool(votes.others)
    _set_currency(document, votes, _declared(visible))
    return document


def _statements_scale(votes: _Votes) -> int | None:
    """Return the scale that the statements of a document state: what another table states does not spread to them."""
    stated = Counter({scale: n for scale, n in votes.scales.items() if scale is not None})
    if stated:
        return stated.most_common(1)[0][0]
    if votes.scales:
        return None
    return votes.others.most_common(1)[0][0] if votes.others else None


def _set_currency(document: Document, votes: _Votes, declared: Counter[str]) -> None:
    """Set the document's currency, and which dollar and which ¥ its bare signs stand for.

    Printed signs and the words right above tables decide; what running text declares decides where they leave it open.
    """
    named = Counter({c: n for c, n in votes.signs.items() if c not in SHARED_SIGNS}) + votes.currencies
    said = declared.most_common(1)[0][0] if declared else ""
    dollars = [
        c for c in DOLLARS if c != "USD" and named[c] > named["USD"] and named[c] > 0.4 * votes.figures
    ]
    if dollars:
        document.dollar = dollars[0]
    elif said in DOLLARS and not named["USD"] and declared[said] > declared["USD"]:
        document.dollar = said
    document.yen = "CNY" if named["CNY"] or declared["CNY"] else "JPY"
    total = named.copy()
    if votes.signs["$"]:
        total[document.dollar] += votes.signs["$"]
    if votes.signs["¥"]:
        total[document.yen] += votes.signs["¥"]
    for sign, codes in ((s.sign, s.codes) for s in SHARED if votes.signs[s.sign]):
        known = [c for c in codes if named[c] or declared[c]]
        if known:
            total[max(known, key=lambda c: (named[c], declared[c]))] += votes.signs[sign]
    if total:
        document.currency = total.most_common(1)[0][0]
    else:
        document.currency = said or None
