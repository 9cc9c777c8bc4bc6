"""What a document says as a whole, before any table is read: fiscal calendar, period ends, currency, scale."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from kc_pipeline.extraction.amounts import Document
from kc_pipeline.extraction.columns import Calendar
from kc_pipeline.extraction.grid import MAX_TABLES, Grid
from kc_pipeline.extraction.markup import lines_of
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.statements import is_period_heading
from kc_pipeline.extraction.units import unit_words

_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_ORDINAL = re.compile(r"\b(first|second|third|fourth)\s+(?:fiscal\s+)?$", re.I)
_ENDED = re.compile(  # not across another quarter: "First Quarter, Second Quarter, Six months ended June 30"
    r"quarter\b(?:(?!quarter)[^.]){0,60}?\bended\s+(\w+\.?\s+\d{1,2},?\s+\d{4}|\d{1,2}\s+\w+,?\s+\d{4})", re.I
)
_BEFORE = 80  # characters before "quarter" in which its ordinal is looked for


def _quarters_ended(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number and the day of each "second fiscal quarter ... ended June 30, 2023"."""
    done = 0
    for word in ("uarter", "UARTER"):
        at = text.find(word)
        while at >= 0:
            start = at - 1
            ended = _ENDED.match(text, max(0, start))
            if ended is not None:
                first = max(done, start - _BEFORE)
                ordinal = _ORDINAL.search(text[first:start])
                if ordinal is not None:
                    yield _QUARTERS[ordinal[1].lower()], ended[1]
                    done = at = ended.end()
            at = text.find(word, at + 1)
        done = 0


_YEAR_ENDED = re.compile(
    r"\b(?:fiscal|financial)\s+year\s+end(?:ed|s|ing)\s+(?:on\s+)?(\w+\.?\s+\d{1,2},?\s+\d{4})"
    r"|\bfiscal\s+year\W{1,3}(?:from\s+)?\w+\s+\d{1,2},?\s+\d{4},?\s+(?:to|through)\s+(\w+\s+\d{1,2},?\s+\d{4})",
    re.I,
)
_FISCAL_NAME = re.compile(r"\bFY\s?'?((?:20)?\d\d)\b", re.I)


def _years_ended(text: str) -> Counter[int]:
    """Count the months in which fiscal years end, as the text says."""
    votes: Counter[int] = Counter()
    for word in ("iscal", "inancial", "ISCAL", "INANCIAL"):
        at = text.find(word)
        while at >= 0:
            match = _YEAR_ENDED.match(text, max(0, at - 1))
            if match is not None:
                for day in heading(match[1] or match[2]).dates[:1]:
                    votes[day.month if day.day > 10 else (day.month - 2) % 12 + 1] += 1
            at = text.find(word, at + 1)
    return votes


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


def _opening(grid: Grid) -> Iterator[str]:
    """Yield the texts of a table's first rows, save plain numbers, which say nothing about units."""
    for number, (_, cells) in enumerate(grid.rows[:12]):
        if number >= 5 and any(read.kind == "figure" and not read.year for _, _, _, _, read in cells):
            return
        for _, _, text, _, read in cells:
            if read.kind != "figure" or not (text[0].isdigit() and text[-1].isdigit()):
                yield text


def survey(visible: str, tables: list[Grid]) -> Document:
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
            for _, _, text, _, read in cells:
                kind = read.kind
                if kind == "figure":
                    figures += 1
                    if read.currency:
                        signs[read.currency] += 1
                elif kind == "text":
                    if number < 8 and len(text) < 60 and not text.isalpha() and is_period_heading(text):
                        seen.update(heading(text).dates)
                elif read.currency:
                    signs[read.currency] += 1
        everything += figures
        if figures > 20:
            caption = lines_of(grid.caption) if grid.caption else []
            for line in [*grid.lead[-6:], *caption, *_opening(grid)]:
                if len(line) < 300:
                    words = unit_words(line)
                    if words.scale is not None:
                        scales[words.scale] += figures
                    for currency in words.currencies:
                        currencies[currency] += figures
    fiscal = 12
    votes: Counter[int] = Counter()
    for quarter, day in _quarters_ended(visible[:400_000]):
        dates = heading(day).dates
        if dates:
            ends[dates[0]] += 1
            month = dates[0].month if dates[0].day > 10 else (dates[0].month - 2) % 12 + 1
            votes[(month - 3 * quarter) % 12 or 12] += 1
    if votes:
        fiscal = votes.most_common(1)[0][0]
    elif "iscal" in visible:
        said = _years_ended(visible[:400_000])
        fiscal = said.most_common(1)[0][0] if said else 12
    document.calendar = Calendar(
        fiscal,
        tuple(sorted({d for d, n in seen.items() if n > 1} | set(ends))),
        fiscal != 12 and _named_by_start(tables),
    )
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
    document.yen = "CNY" if total.get("CNY", 0) or "Renminbi" in visible or "RMB" in visible else "JPY"
    if signs.get("$", 0):
        total[document.dollar] += signs["$"]
    if signs.get("¥", 0):
        total[document.yen] += signs["¥"]
    document.currency = total.most_common(1)[0][0] if total else None
    if total.get("CNY", 0) and total.get("USD", 0):
        document.currency = "CNY"
    return document
