"""What a document says as a whole, before any table is read: fiscal calendar, period ends, currency, scale."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kc_pipeline.extraction.amounts import Document
from kc_pipeline.extraction.columns import Calendar
from kc_pipeline.extraction.grid import MAX_TABLES, Grid
from kc_pipeline.extraction.markup import lines_of, unescaped
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.statements import is_period_heading
from kc_pipeline.extraction.units import unit_words

_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_ORDINAL = re.compile(r"\b(first|second|third|fourth)\s+(?:fiscal\s+)?$", re.I)
_ENDED = re.compile(  # not across another quarter: "First Quarter, Second Quarter, Six months ended June 30"
    r"quarter\b(?:(?!quarter)[^.]){0,60}?\bended\s+(\w+\.?\s+\d{1,2},?\s+\d{4}|\d{1,2}\s+\w+,?\s+\d{4})", re.I
)
_BEFORE = 80  # characters before "quarter" in which its ordinal is looked for
_YEAR_ENDED = re.compile(
    r"\b(?:fiscal|financial)\s+year\s+end(?:ed|s|ing)\s+(?:on\s+)?(\w+\.?\s+\d{1,2},?\s+\d{4})"
    r"|\bfiscal\s+year\W{1,3}(?:from\s+)?\w+\s+\d{1,2},?\s+\d{4},?\s+(?:to|through)\s+(\w+\s+\d{1,2},?\s+\d{4})",
    re.I,
)
_TAGS = re.compile(r"<[^>]*+>(?:<[^>]*+>)*+")
_NEAR, _FAR = 1_000, 6_000  # characters of HTML that hold the words behind one, usually and at most
_RENMINBI = re.compile(r"(?<![\w+/])(?:RMB|Renminbi)")  # no part of an embedded picture
_FISCAL_NAME = re.compile(r"\bFY\s?'?((?:20)?\d\d)\b", re.I)


@dataclass(slots=True)
class Words:
    """What the words of a document say: the quarters and the fiscal years that end on a day, and renminbi by name.

    `quarters` are number and last day; `years` counts the months in which fiscal years end, where no quarter tells.
    """

    quarters: list[tuple[int, date]]
    years: Counter[int]
    renminbi: bool


def read_words(html: str) -> Words:
    """Read the words of serialised HTML, in and out of tables. Only the surroundings of a few words are looked at."""
    quarters = list(_quarters_ended(html))
    return Words(
        quarters,
        Counter() if quarters else _years_ended(html),
        ("¥" in html or "￥" in html) and _RENMINBI.search(html) is not None,
    )


def _behind(html: str, at: int) -> str:
    """Return the text that begins at a position, as far as a phrase may reach."""
    for far in (_NEAR, _FAR):
        end = at + far
        opened = html.rfind("<", at, end)
        if opened > html.rfind(">", at, end):
            end = opened
        text = unescaped(_TAGS.sub(" ", html[at:end]))
        if len(text) >= 2 * _BEFORE:
            break
    return text


def _before(html: str, start: int, at: int) -> str:
    """Return the text that ends at a position, without a tag that is cut in two."""
    start = max(start, at - _FAR // 2)
    opened, closed = html.find("<", start, at), html.find(">", start, at)
    if closed >= 0 and not 0 <= opened < closed:
        start = closed + 1
    return unescaped(_TAGS.sub(" ", html[start:at]))[-_BEFORE:]


def _quarters_ended(html: str) -> Iterator[tuple[int, date]]:
    """Yield the number and the day of each "second fiscal quarter ... ended June 30, 2023"."""
    for word, ending in (("uarter", "nded"), ("UARTER", "NDED")):
        done = 0
        at = html.find(word)
        while at >= 0:
            start = at - 1
            text = _behind(html, start) if html.find(ending, at, at + _FAR) >= 0 else ""
            ended = _ENDED.match(text)
            if ended is not None:
                ordinal = _ORDINAL.search(_before(html, done, start))
                if ordinal is not None:
                    for day in heading(ended[1]).dates[:1]:
                        yield _QUARTERS[ordinal[1].lower()], day
                    done = at = html.find(ended[1][-4:], at) + 4
            at = html.find(word, at + 1)


def _years_ended(html: str) -> Counter[int]:
    """Count the months in which fiscal years end, as the text says."""
    votes: Counter[int] = Counter()
    for word in ("iscal", "inancial", "ISCAL", "INANCIAL"):
        at = html.find(word)
        while at >= 0:
            match = (
                _YEAR_ENDED.match(_behind(html, at - 1))
                if at and not html[at - 2 : at - 1].isalnum()
                else None
            )
            if match is not None:
                for day in heading(match[1] or match[2]).dates[:1]:
                    votes[_nominal_month(day)] += 1
            at = html.find(word, at + 1)
    return votes


def _nominal_month(day: date) -> int:
    """Return the month that ends on or near a day."""
    return day.month if day.day > 10 else (day.month - 2) % 12 + 1


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


def survey(words: Words, tables: list[Grid]) -> Document:
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
                    units = unit_words(line)
                    if units.scale is not None:
                        scales[units.scale] += figures
                    for currency in units.currencies:
                        currencies[currency] += figures
    fiscal = 12
    votes: Counter[int] = Counter()
    for quarter, day in words.quarters:
        ends[day] += 1
        votes[(_nominal_month(day) - 3 * quarter) % 12 or 12] += 1
    if votes:
        fiscal = votes.most_common(1)[0][0]
    elif words.years:
        fiscal = words.years.most_common(1)[0][0]
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
    document.yen = "CNY" if total.get("CNY", 0) or words.renminbi else "JPY"
    if signs.get("$", 0):
        total[document.dollar] += signs["$"]
    if signs.get("¥", 0):
        total[document.yen] += signs["¥"]
    document.currency = total.most_common(1)[0][0] if total else None
    if total.get("CNY", 0) and total.get("USD", 0):
        document.currency = "CNY"
    return document
