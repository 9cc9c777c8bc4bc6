"""The period that a document is about, and the period ends that it prints: what relative phrases of its prose start from.

Read from its headline and dateline. Nothing is guessed: a quarter of a 52/53-week calendar whose end the document does
not print has no period.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice

from kc_pipeline.extraction.calendar import Calendar
from kc_pipeline.extraction.quarter_names import NTH, may_be_named, names_of_quarters
from kc_pipeline.extraction.vocabulary import MONTHS, NUMBER_WORDS, ORDINALS, WEEKS
from kc_pipeline.figures.periods import month_end, nominal_month_end

COUNTS = {word: number for word, number in NUMBER_WORDS.items() if number in (3, 6, 9, 12)}
COUNTS |= {word: WEEKS[number] for word, number in NUMBER_WORDS.items() if number in WEEKS}
COUNTS |= {str(number): number for number in (3, 6, 9, 12)}
MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
DATE = rf"(?:{MONTH}\s*\d{{1,2}},?\s*(?:19|20)\d\d|\d{{1,2}}\s+{MONTH},?\s*(?:19|20)\d\d)"
_DATE_PARTS = re.compile(
    rf"(?P<m1>{MONTH})\s*(?P<d1>\d{{1,2}}),?\s*(?P<y1>(?:19|20)\d\d)|"
    rf"(?P<d2>\d{{1,2}})\s+(?P<m2>{MONTH}),?\s*(?P<y2>(?:19|20)\d\d)",
    re.I,
)
COUNT = "(?:" + "|".join(sorted(COUNTS, key=len, reverse=True)).replace(" ", r"\s") + ")"
_ENDED = re.compile(
    rf"(?:(?P<nth>{NTH})[\s-]+(?:fiscal[\s-]+)?quarter[\s\w,]{{0,60}}?|quarter|(?P<count>{COUNT})[\s-]+months?(?:\s+period)?|"
    rf"(?P<year>year)|(?P<half>half)|period)\s+end(?:ed|ing)(?:\s+on)?\s+(?P<date>{DATE})",
    re.I,
)
_END_DATE = re.compile(rf"(?:\s+on)?\s+(?P<date>{DATE})", re.I)
_END_WORDS = ("ended", "ending", "Ended", "ENDED")
_MOST_NAMES = 200
_MOST_ENDS = (
    5_000  # words "ended" looked at: far above any filing's, so that no text costs more than its length
)
_FULL_YEAR = re.compile(r"\b(?:full|fiscal|whole)[\s-]+year\b|\bannual\s+results\b", re.I)


@dataclass(frozen=True, slots=True)
class Span:
    """A resolved period; `months` is None for an instant, `start` None where it is not known."""

    start: date | None
    end: date
    months: int | None


@dataclass(slots=True)
class Anchor:
    """The document's own quarter and the period ends that it prints.

    `quarter` is the own quarter's end, `number` and `year` its fiscal name; `with_year` says that the
    document reports the full year beside it. `months` is the length of the own period where it is no quarter. `ends` are the period
    ends that the document prints; `weekly` says that they do not fall on the ends of months. `calendar` resolves names of
    quarters and years where the own period is no quarter.
    """

    quarter: date | None = None
    number: int | None = None
    year: int | None = None
    months: int = 3
    with_year: bool = False
    ends: frozenset[date] = frozenset()
    weekly: bool = False
    starts: dict[tuple[date, int], date] = field(default_factory=dict)
    calendar: Calendar | None = None

    def own(self) -> Span | None:
        """Return the document's own period, where there is only one."""
        return self.duration(self.quarter, self.months) if self.quarter else None

    def nth(self, number: int, year: int) -> Span | None:
        """Return a quarter by its fiscal name; None where its dates cannot be known."""
        if not self.quarter or self.number is None or self.year is None or self.months != 3:
            calendar = self.calendar
            end = None if calendar is None or calendar.assumed else calendar.quarter_end(year, number)
            return None if end is None or not self.quarter else self.duration(end, 3)
        return self.shifted(3 * (4 * (year - self.year) + number - self.number), 3)

    def shifted(self, months: int, length: int | None) -> Span | None:
        """Return the period of that length that ends so many months after the own one."""
        if not self.quarter:
            return None
        return self.moved(Span(None, self.quarter, length), months)

    def moved(self, span: Span, months: int) -> Span | None:
        """Return a period of the same length so many months later (negative: earlier)."""
        nominal = nominal_month_end(span.end)
        target = month_end(nominal.year, nominal.month + months)
        if months and self.weekly:
            near = [day for day in self.ends if abs((day - target).days) <= 10]
            if len(near) != 1:
                return None
            target = near[0]
        elif not months:
            target = span.end
        return self.duration(target, span.months)

    def duration(self, end: date, months: int | None) -> Span:
        """Return the period of so many months that ends on that day; a start is given where it is sure."""
        if months is None:
            return Span(None, end, None)
        start = self.starts.get((end, months))
        if start is None and not self.weekly and _is_month_end(end):
            start = month_end(end.year, end.month - months) + timedelta(days=1)
        elif start is None and months == 3:
            start = end - timedelta(days=90)
        return Span(start, end, months)

    def fiscal_year_of(self, span: Span) -> int:
        """Return the number of the fiscal year that a period ends in, counted from the own quarter's."""
        if self.quarter is None or self.year is None or self.number is None:
            return span.end.year
        quarters = round((span.end - self.quarter).days / 91.3125)
        return (4 * self.year + self.number - 1 + quarters) // 4

    def fiscal_year(self, year: int) -> Span | None:
        """Return a fiscal year by its number."""
        last = self.nth(4, year)
        return self.duration(last.end, 12) if last else None


def parse_date(text: str) -> date | None:
    """Return the first date printed in a text; None if there is none or it is no real day."""
    match = _DATE_PARTS.search(text)
    if not match:
        return None
    month = MONTHS[(match["m1"] or match["m2"]).lower().rstrip(".")]
    try:
        return date(int(match["y1"] or match["y2"]), month, int(match["d1"] or match["d2"]))
    except ValueError:
        return None


_Known = tuple[date, date | None, int | None]
_Name = tuple[int | None, int | None]


def read_anchor(
    title: str,
    text: str,
    known: Iterable[_Known] = (),
    newest: date | None = None,
    calendar: Calendar | None = None,
) -> Anchor:
    """Return the document's own period from its title and the opening of its text.

    `calendar` is the document's, as its tables are read by: it says what the own period is called, and what a report is
    about whose headline does not say so. `known` are (period_end, period_start, months) of lines already read from its tables, `newest` is the last day of
    its statements of flows: an older quarter that the opening names is only what is compared with.
    """
    head = f"{title} . {text[:9000]}"
    lines = list(known)
    closing = _closing_dates(text)
    closing += [end for end, _, months in lines if months]
    out = Anchor(ends=frozenset(closing), weekly=any(not _is_month_end(day) for day in closing))
    out.starts = {(end, months): start for end, start, months in lines if start is not None and months}
    name: _Name = next(names_of_quarters(head), (None, None))
    ended = list(_ended(head))
    quarters = [m for m in ended if m["nth"] or not (m["count"] or m["year"] or m["half"])]
    threes = [m for m in ended if m["count"] and COUNTS[m["count"].lower()] == 3]
    dates = [day for m in quarters + threes if (day := parse_date(m["date"]))]
    if dates:
        out.quarter = max(dates[:4])
        name = _fiscal_name(out.quarter, name, quarters, text)
    elif name != (None, None):
        out.quarter = _end_of_name(name, text, lines)
    else:
        out.quarter, out.months = _of_report(calendar, lines) or _newest_period(lines)
        newest = None
    if out.quarter and newest:
        out.quarter, name = _caught_up(out.quarter, name, newest)
    out.calendar = calendar
    out.number, out.year = _name_of(out, name) if out.quarter else name
    out.with_year = out.number in (None, 4) and _reports_year(head, ended)
    return out


def _name_of(anchor: Anchor, name: _Name) -> _Name:
    """Return the name of the own quarter: what the document's calendar calls it, or as it was found, if it can be."""
    end, calendar = anchor.quarter, anchor.calendar
    if end is not None and anchor.months == 3 and calendar is not None and not calendar.assumed:
        return calendar.name_of(end) or (None, None)
    return (None, None) if end is not None and name[1] and abs(name[1] - end.year) > 1 else name


def _fiscal_name(end: date, name: _Name, quarters: list[re.Match[str]], text: str) -> _Name:
    """Return number and year of the quarter that ends on a day: as named first, if it can be, or most often, or beside it."""
    number, year = name
    if number and year and not may_be_named(end, number, year):
        usual = Counter(n for n in islice(names_of_quarters(text), _MOST_NAMES) if may_be_named(end, *n))
        number, year = usual.most_common(1)[0][0] if usual else (None, None)
    if number is None:
        number = next((ORDINALS[m["nth"].lower()] for m in quarters if m["nth"]), None)
    if year is None and number is not None and _is_calendar(end, number):
        year = end.year
    return number, year


def _end_of_name(name: _Name, text: str, lines: list[_Known]) -> date | None:
    """Return the end of a quarter of that name in calendar years, where the text or a table prints one such day."""
    number, year = name
    if number is None or year is None:
        return None
    nominal = month_end(year, 3 * number)
    printed = re.search(rf"{nominal:%B}".lower() + rf"\s+{nominal.day},?\s+{nominal.year}", text.lower())
    near = {nominal} if printed else set()
    near |= {end for end, _, _ in lines if abs((end - nominal).days) <= 7}
    return near.pop() if len(near) == 1 else None


def _of_report(calendar: Calendar | None, lines: list[_Known]) -> tuple[date, int] | None:
    """Return end and length of the period that a report covers, as its cover says, where its tables have it."""
    covered = calendar.covered if calendar is not None else None
    months = {m for end, _, m in lines if end == covered and m in (3, 6, 12)}
    if covered is None or calendar is None or not months:
        return None
    return covered, 12 if calendar.annual and 12 in months else min(months)


def _newest_period(lines: list[_Known]) -> tuple[date | None, int]:
    """Return end and length of the newest period of the tables, the shortest of those that end on one day."""
    spans = [(end, months) for end, _, months in lines if months in (3, 6, 12)]
    if not spans:
        return None, 3
    newest = max(end for end, _ in spans)
    return newest, min(months for end, months in spans if end == newest and months)


def _caught_up(end: date, name: _Name, newest: date) -> tuple[date, _Name]:
    """Return the newest quarter of the statements, and its name, where the one that was named is older."""
    behind = round((newest - end).days / 91.3125)
    if behind <= 0:
        return end, name
    number, year = name
    if number and year:
        name = ((number - 1 + behind) % 4 + 1, year + (number - 1 + behind) // 4)
    return newest, name


def _reports_year(head: str, ended: list[re.Match[str]]) -> bool:
    """Return whether a document's opening says that it reports the full year, too."""
    opening = head[: ended[0].end() if ended and ended[0].end() < 4000 else 600]
    return _FULL_YEAR.search(opening) is not None and " and " in opening.lower()


def _end_words(text: str) -> list[tuple[int, int]]:
    """Return where a text says "ended" or "ending", in order."""
    out: list[tuple[int, int]] = []
    for word in _END_WORDS:
        at = text.find(word)
        while at >= 0:
            out.append((at, at + len(word)))
            at = text.find(word, at + 1)
    return sorted(out)[:_MOST_ENDS]


def _closing_dates(text: str) -> list[date]:
    """Return the dates that close a period somewhere in a text, each once."""
    out: dict[str, date | None] = {}
    for start, end in _end_words(text):
        printed = _END_DATE.match(text, end)
        if printed and printed["date"] not in out:
            before = _ENDED.search(text, max(0, start - 100), printed.end())
            if before and before.end() == printed.end():
                out[printed["date"]] = parse_date(printed["date"])
    return [day for day in out.values() if day]


def _ended(text: str) -> Iterator[re.Match[str]]:
    """Yield the phrases that close a period with a date: "first quarter ended March 31, 2025"."""
    behind = 0
    for start, end in _end_words(text):
        match = _ENDED.search(text, max(behind, start - 100), end + 40)
        if match:
            behind = match.end()
            yield match


def _is_month_end(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def _is_calendar(end: date, number: int) -> bool:
    return abs((end - month_end(end.year, 3 * number)).days) <= 7
