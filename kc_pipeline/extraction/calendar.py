"""The fiscal calendar of a document: which days "Fiscal 2024" and "2023 second quarter" end on, and what it reports on.

Belongs here: reading the calendar off a document's visible text, and resolving names of years and quarters with it.
Does not belong here: headings of columns (`periods`), phrases of prose (`prose`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from kc_pipeline.extraction.periods import heading, month_end
from kc_pipeline.extraction.quarter_names import last_month_of, may_be_named, names_of_quarters
from kc_pipeline.extraction.vocabulary import ORDINALS

_NEAR = 10  # days within which a year or quarter of weeks ends from a month's end
_QUARTER_DAYS = 91
COVER = 12_000  # characters of visible text in which a report says what period it covers
_SEARCHED = 400_000


@dataclass(slots=True, frozen=True)
class Calendar:
    """What a document says about its fiscal calendar.

    `seen` are days that stand over columns; `named` are fiscal years by name with their last day; `closings` are the
    last days of fiscal years, in order; `covered` is the end of the period that the report is about, as its cover says;
    `annual` and `interim` say whether that is a fiscal year or a part of one. `assumed`: nothing in the document says when
    fiscal years end, so that they are taken for calendar years.
    """

    year_end_month: int = 12
    seen: tuple[date, ...] = ()
    named_by_start: bool = False
    named: tuple[tuple[int, date], ...] = ()
    closings: tuple[date, ...] = ()
    covered: date | None = None
    annual: bool = False
    interim: bool = False
    assumed: bool = False

    @property
    def weekly(self) -> bool:
        """Whether fiscal years end on a day of the week, not of the month."""
        uneven = [d for d in self.closings if d != month_end(d.year, d.month)]
        return bool(uneven) and len({d.weekday() for d in self.closings}) == 1 and len(self.closings) > 1

    def snap(self, day: date) -> date:
        """Return the period end seen in the document that a nominal month end stands for (52/53-week years)."""
        if day in self.seen:
            return day
        near = [d for d in self.seen if abs((d - day).days) <= _NEAR and not self._opens(d)]
        return min(near, key=lambda d: abs((d - day).days)) if near else day

    def _opens(self, day: date) -> bool:
        """Whether a day begins a year ("At 1 January 2020"), where years end with their last month and on no weekday."""
        return day.day == 1 and any(
            c == month_end(c.year, c.month) and c.weekday() != day.weekday() for c in self.closings
        )

    @property
    def uneven(self) -> bool:
        """Whether its years or quarters are known to end on other days than the last of a month."""
        days = self.closings if self.covered is None else (*self.closings, self.covered)
        return any(d != month_end(d.year, d.month) and not self._opens(d) for d in days)

    def known(self, day: date) -> date | None:
        """Return the day that a nominal one stands for; None where only weeks say which, and the document does not print it.

        >>> Calendar(closings=(date(2023, 12, 30),)).known(date(2021, 12, 31)) is None
        True
        """
        snapped = self.snap(day)
        return snapped if snapped != day or day in self.seen or not self.uneven else None

    def year_end(self, name: int) -> date | None:
        """Return the last day of the fiscal year that is named after a number; None where the document leaves it open."""
        for year, day in self.named:
            if year == name:
                return day
        if self.named:
            nearest, day = min(self.named, key=lambda n: abs(n[0] - name))
            return self.known(month_end(*_months_on(day, 12 * (name - nearest))))
        return self.quarter_end(name, 4)

    def quarter_end(self, year: int, quarter: int) -> date | None:
        """Return the end of a fiscal quarter; the fiscal year is named after the year in which it ends, or begins."""
        if self.named and quarter < 4:
            end = self.year_end(year)
            return (
                None
                if end is None
                else self._week_quarter(month_end(*_months_on(end, 3 * quarter - 12)), quarter)
            )
        if self.named:
            return self.year_end(year)
        if self.named_by_start and self.year_end_month != 12:
            year += 1
        month = self.year_end_month - 12 + 3 * quarter
        while month < 1:
            month += 12
            year -= 1
        return self._week_quarter(month_end(year, month), quarter)

    def name_of(self, end: date) -> tuple[int, int] | None:
        """Return number and year of the fiscal quarter that ends on a day; None where none does, or years are assumed.

        >>> Calendar(year_end_month=6).name_of(date(2020, 3, 31))
        (3, 2020)
        """
        year, month = _months_on(end, 0)
        passed = (month - self.year_end_month) % 12
        if self.assumed or passed % 3:
            return None
        number = passed // 3 or 4
        last = _months_on(month_end(year, month), 3 * (4 - number))[0]
        if self.named:
            name, closing = min(self.named, key=lambda n: abs((n[1] - end).days))
            return number, last + name - _nominal_year(closing)
        return number, last - (self.named_by_start and self.year_end_month != 12)

    def _week_quarter(self, nominal: date, quarter: int) -> date | None:
        known = self.known(nominal)
        if known is not None and (known != nominal or not self.weekly):
            return known
        if not self.weekly or quarter == 4:
            return known
        # thirteen weeks each from the end of the year before, where that is known; else back from the year's own end
        for closing in self.closings:
            counted = closing + timedelta(days=_QUARTER_DAYS * quarter)
            if abs((counted - nominal).days) <= _NEAR:
                return counted
        for closing in self.closings:
            counted = closing - timedelta(days=_QUARTER_DAYS * (4 - quarter))
            if abs((counted - nominal).days) <= _NEAR:
                return counted
        return known

    def opening(self, end: date, months: int) -> date | None:
        """Return the first day of a period of a calendar of weeks, where the document prints the end of the one before."""
        if not (self.weekly or self._in_weeks(end)):
            return None
        days = round(months * 30.4375)
        for before in (*self.closings, *self.seen):
            if abs((end - before).days - days) <= 7 and (end - before).days % 7 == 0:
                return before + timedelta(days=1)
        return end - timedelta(days=_QUARTER_DAYS * (months // 3) - 1) if months in (3, 6, 9) else None

    def _in_weeks(self, end: date) -> bool:
        """Whether the days over columns, this one among them, are of one weekday, and not all the last of a month."""
        days = [d for d in (*self.seen, end) if abs((end - d).days) < 400]
        uneven = [d for d in days if d != month_end(d.year, d.month)]
        return bool(uneven) and len(set(days)) > 1 and len({d.weekday() for d in days}) == 1

    def closes_year(self, day: date) -> bool:
        """Return whether a fiscal year ends on a day, as far as the document says."""
        if any(abs((day - c).days) <= 1 for c in self.closings) or any(d == day for _, d in self.named):
            return True
        nominal = month_end(*_months_on(day, 0))
        return nominal.month == self.year_end_month and abs((nominal - day).days) <= _NEAR


def _months_on(day: date, months: int) -> tuple[int, int]:
    """Return year and month of the month end nearest to a day, moved on by a number of months."""
    index = day.year * 12 + day.month - 1 + months - (1 if day.day <= _NEAR else 0)
    return index // 12, index % 12 + 1


_ORDINAL = re.compile(r"\b(first|second|third|fourth)\s+(?:fiscal\s+)?$", re.I)
_ENDED = re.compile(  # not across another quarter: "First Quarter, Second Quarter, Six months ended June 30"
    r"quarter\b(?:(?!quarter)[^.]){0,60}?\bended\s+(\w+\.?\s+\d{1,2},?\s+\d{4}|\d{1,2}\s+\w+,?\s+\d{4})", re.I
)
_BEFORE = 80  # characters before "quarter" in which its ordinal is looked for


def _places(text: str, words: Iterable[str]) -> Iterator[int]:
    """Yield where one of some words stands in a text, each with its first letter taken off."""
    for word in words:
        at = text.find(word)
        while at >= 0:
            yield at
            at = text.find(word, at + 1)


def _quarters_ended(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number and the day of each "second fiscal quarter ... ended June 30, 2023"."""
    done = 0
    for at in _places(text, ("uarter", "UARTER")):
        start = at - 1
        ended = _ENDED.match(text, max(0, start)) if at >= done or at < done - 10_000 else None
        if ended is not None:
            ordinal = _ORDINAL.search(text[max(0, start - _BEFORE) : start])
            if ordinal is not None:
                yield ORDINALS[ordinal[1].lower()], ended[1]
                done = ended.end()


_DAY = r"(?:\w+\.?\s+\d{1,2},?\s+\d{4}|\d{1,2}\s+\w+,?\s+\d{4})"
_YEAR_ENDED = re.compile(
    rf"\b(?:fiscal|financial)\s+years?\s+end(?:ed|s|ing)\s+(?:on\s+)?({_DAY}(?:(?:\s*,)?\s*(?:and\s+|&\s*)?{_DAY})*)"
    rf"|\bfiscal\s+year\W{{1,3}}(?:from\s+)?\w+\s+\d{{1,2}},?\s+\d{{4}},?\s+(?:to|through)\s+({_DAY})",
    re.I,
)
_COVERED = re.compile(
    rf"\b(?:(?P<year>(?:fiscal\s+|financial\s+)?years?)|(?P<quarter>quarter(?:ly)?(?:\s+period)?|(?:three|six|nine)[\s-]months?(?:\s+periods?)?|half[\s-]?year|interim\s+period|transition\s+period))"
    rf"\s+ended\s*:?\s*({_DAY})",
    re.I,
)
_ANNUAL = re.compile(
    r"\bannual\s+report\b|\bform\s+(?:10-K|20-F|40-F)\b|\bannual\s+(?:financial\s+statements|results)\b", re.I
)
_INTERIM = re.compile(r"\bquarterly\s+report\b|\bform\s+10-Q\b|\binterim\b|\bhalf[\s-]?year", re.I)
_SPANS = re.compile(r"\b(?:three|six|nine)[\s-]months?\b", re.I)
_YEAR_NAME = re.compile(r"(?<![\d,])(?:19|20)\d\d(?!\d)")


def _years_ended(text: str) -> Iterator[date]:
    """Yield the last days of fiscal years that a text names as such."""
    for at in _places(text, ("iscal", "inancial", "ISCAL", "INANCIAL")):
        match = _YEAR_ENDED.match(text, max(0, at - 1))
        if match is not None:
            yield from heading(match[1] or match[2]).dates


def _covered(text: str) -> tuple[date | None, int | None]:
    """Return the end and the months of the period that a report covers, as its first pages say (months None: not said)."""
    opening = text[:COVER]
    annual, interim = _ANNUAL.search(opening), _INTERIM.search(opening)
    for found in _COVERED.finditer(opening):
        days = heading(found[3]).dates
        if not days:
            continue
        if found["quarter"]:
            spans = [heading(m[0]).months or 3 for m in _SPANS.finditer(opening[: found.end()])]
            return days[0], max(spans, default=3)
        if annual is not None or interim is None:
            return days[0], 12
    if interim is not None and (annual is None or interim.start() < annual.start()):
        return None, 3
    return None, None


def _named_years(text: str) -> dict[int, date]:
    """Return fiscal years by name, where sentences say when they ended ("fiscal 2023 and 2022 ended on ... and ...")."""
    votes: dict[int, Counter[date]] = {}
    done = -1
    for at in _places(text, ("iscal", "ISCAL")):
        if at < done:
            continue
        stop = text.find(". ", at)
        done = at + 400 if stop < 0 else min(stop, at + 400)
        part = text[max(0, at - 1) : done]
        if "end" not in part.lower():
            continue
        read = heading(part)
        names = [int(y) for y in dict.fromkeys(_YEAR_NAME.findall(_without_dates(part)))]
        days = list(dict.fromkeys(read.dates))
        if not names or len(names) != len(days):
            continue
        gaps = [n - d.year for n, d in zip(names, days, strict=True)]
        if all(-1 <= g <= 1 for g in gaps):
            for name, day in zip(names, days, strict=True):
                votes.setdefault(name, Counter())[day] += 1
    return {name: days.most_common(1)[0][0] for name, days in votes.items()}


_DATES = re.compile(rf"\b{_DAY}")


def _without_dates(text: str) -> str:
    return _DATES.sub(" ", text)


def read_calendar(
    visible: str, seen: Counter[date], named_by_start: bool, newest_name: int | None
) -> Calendar:
    """Read a document's calendar.

    Args:
        visible: its visible text.
        seen: how often each day stands over a column.
        named_by_start: whether headings show that years are named after the year in which they begin.
        newest_name: the newest year that heads columns without a day ("Fiscal 2024"), if any.
    """
    text = visible[:_SEARCHED]
    quarters = [(n, end) for n, day in _quarters_ended(text) for end in heading(day).dates[:1]]
    covered, months = _covered(text)
    report_end = covered if months == 12 else None
    ended = list(_years_ended(text)) if "iscal" in text or "inancial" in text else []
    years = _named_years(text) if "iscal" in text else {}
    own = _own_names(text, covered) if months != 12 else Counter()
    fiscal = _closing_month(covered, months, quarters, own, ended or years.values())
    named_by_start = named_by_start or own[fiscal, 1] > own[fiscal, 0]
    closings = {*ended, report_end} if report_end is not None else set(ended)
    closings = {d for d in closings if _nominal_month(d) == fiscal}
    days = {d for d, n in seen.items() if n > 1} | {end for _, end in quarters} | closings
    closings |= {
        d
        for d in days
        if _nominal_month(d) == fiscal and abs((d - month_end(*_months_on(d, 0))).days) <= _NEAR
    }
    years = {n: d for n, d in years.items() if _nominal_month(d) == fiscal}
    return Calendar(
        fiscal,
        tuple(sorted(days)),
        fiscal != 12 and named_by_start,
        tuple(sorted(_names_of_years(years, report_end, newest_name, closings).items())),
        tuple(sorted(closings)),
        covered,
        months == 12,
        months is not None and months < 12,
        not (ended or years or quarters or own or report_end) and not _mentions_december(text, seen),
    )


_DECEMBER = re.compile(
    r"\bdecember\s+3[01]\b|\b3[01](?:st)?\s+december\b|12\s*月\s*31"
    r"|\b(?:nine[\s-]+months?(?:\s+periods?)?\s+ended\s+(?:\d{1,2}\s+)?sept|six[\s-]+months?(?:\s+periods?)?\s+ended\s+(?:\d{1,2}\s+)?june)",
    re.I,
)


def _mentions_december(text: str, seen: Iterable[date]) -> bool:
    """Return whether a day on which calendar years end, or parts of them from January on, are named in the text."""
    return any(_nominal_month(d) == 12 for d in seen) or _DECEMBER.search(text) is not None


_HEADLINE = 2  # how much more the first name of a quarter says than each that follows
_MOST_NAMES = 50


def _own_names(text: str, covered: date | None) -> Counter[tuple[int, int]]:
    """Count the fiscal years of which the quarter that a report covers is one, by the names that it can have.

    A year is the month in which it ends, and by how many years its name is behind that end (0, or 1 in retail).
    """
    out: Counter[tuple[int, int]] = Counter()
    if covered is None:
        return out
    for number, year in islice(names_of_quarters(text[:COVER]), _MOST_NAMES):
        if may_be_named(covered, number, year):
            last = last_month_of(covered, number)
            out[last.month, last.year - year] += 1 if out else 1 + _HEADLINE
    return out


def _closing_month(
    covered: date | None,
    months: int | None,
    quarters: list[tuple[int, date]],
    own: Counter[tuple[int, int]],
    closings: Iterable[date],
) -> int:
    """Return the month in which fiscal years end: by the cover, by numbered quarters and their ends, or of named years.

    `closings` are the ends of years in the order of the text, each as often as it is named: a plan for another year's end
    is outvoted, and of two named as often the first holds.
    """
    if covered is not None and months == 12:
        return _nominal_month(covered)
    if covered is not None and months == 9:
        return (_nominal_month(covered) - 9) % 12 or 12
    votes = Counter((_nominal_month(end) - 3 * quarter) % 12 or 12 for quarter, end in quarters)
    for (month, _), times in own.items():
        votes[month] += times
    votes = votes or Counter(_nominal_month(d) for d in closings)
    return votes.most_common(1)[0][0] if votes else 12


def _names_of_years(
    named: dict[int, date], report_end: date | None, newest_name: int | None, closings: Iterable[date]
) -> dict[int, date]:
    """Return fiscal years by name; none where they are named after the year in which they end, or names contradict."""
    if not named and report_end is not None and newest_name == report_end.year - 1:
        named = {newest_name: report_end}
        for closing in sorted(closings):
            named.setdefault(newest_name + round((closing - report_end).days / 365.25), closing)
    ahead = {n - _nominal_year(d) for n, d in named.items()}
    return named if len(ahead) == 1 and ahead != {0} else {}


def _nominal_month(day: date) -> int:
    return _months_on(day, 0)[1]


def _nominal_year(day: date) -> int:
    return _months_on(day, 0)[0]
