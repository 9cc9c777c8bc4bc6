"""Periods in words: which dates "the same quarter of 2024" or "as of March 31, 2025" stand for.

Everything hangs on the document's own period (the anchor), read from its headline and dateline. Without an
anchor only phrases that print a date have a period. Nothing is guessed: a quarter of a 52/53-week calendar
whose end the document does not print has no period.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice

from kc_pipeline.extraction.vocabulary import MONTHS, NUMBER_WORDS, ORDINALS, WEEKS
from kc_pipeline.figures.periods import month_end, nominal_month_end

_COUNTS = {word: number for word, number in NUMBER_WORDS.items() if number in (3, 6, 9, 12)}
_COUNTS |= {word: WEEKS[number] for word, number in NUMBER_WORDS.items() if number in WEEKS}
_COUNTS |= {str(number): number for number in (3, 6, 9, 12)}
_MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
DATE = rf"(?:{_MONTH}\s*\d{{1,2}},?\s*(?:19|20)\d\d|\d{{1,2}}\s+{_MONTH},?\s*(?:19|20)\d\d)"
_DATE_PARTS = re.compile(
    rf"(?P<m1>{_MONTH})\s*(?P<d1>\d{{1,2}}),?\s*(?P<y1>(?:19|20)\d\d)|"
    rf"(?P<d2>\d{{1,2}})\s+(?P<m2>{_MONTH}),?\s*(?P<y2>(?:19|20)\d\d)",
    re.I,
)
_NTH = "(?:" + "|".join(ORDINALS) + ")"
_YEAR = r"(?:19|20)\d\d"
_COUNT = "(?:" + "|".join(sorted(_COUNTS, key=len, reverse=True)).replace(" ", r"\s") + ")"
_LED = r"(?:(?:in|for|during|at|as\s+of|as\s+at|on|over|of)\s+)?(?:the\s+)?"
# What a period phrase opens with, by first letter: most words of a sentence, and most "in the ...", are passed over at once.
_OPENS = (
    r"(?:[adfio](?:n|or|uring|t|s\s+(?:of|at)|ver|f)\s+)?(?:the\s+)?(?:a\s+|one\s+)?"
    r"(?:y(?:ear|-?o|/y)|q(?:uarter|-?o|/q|[1-4])|s(?:equential|ame|econd|ix|ep)|c(?:omparable|orresponding|urrent|alendar)|"
    r"e(?:quivalent|nd\s+of)|p(?:rior|revious|receding|resent)|l(?:ast\s)|immediately|t(?:h(?:is|ird|ree|irteen|irty|e\s+p)|welve|wenty)|"
    r"reporting|h[12]|f(?:irst|ourth|ifty|ull|iscal|y|eb)|n(?:ine|ov)|whole|j(?:an|un|ul)|m(?:ar|ay)|a(?:pr|ug)|oct|dec|\d)"
)
PHRASE = re.compile(
    rf"""\b(?={_OPENS})(?:
      (?P<yoy>(?:on\s+a\s+|a\s+)?(?:year[\s-]+(?:over|on)[\s-]+year|y-?o-?y|y/y)\b(?:\s+basis\b)?)
    | (?P<qoq>(?:on\s+a\s+|a\s+)?(?:(?:quarter[\s-]+(?:over|on|to)[\s-]+quarter|q-?o-?q|q/q)\b(?:\s+basis\b)?|sequential(?:ly)?\b))
    | (?P<lead>{_LED})(?:
        (?P<same>(?:same|comparable|corresponding|equivalent)\s+(?:(?:three|six|nine|twelve)[\s-]months?\s+)?(?:fiscal\s+)?(?:quarter|period|time)
            (?:\s+(?:of|in)\s+(?:the\s+)?(?:(?:fiscal\s+)?(?P<sameyear>{_YEAR})|prior\s+year|previous\s+year|preceding\s+year|last\s+year)
             |,?\s+(?:of\s+)?(?:last|a|one|the\s+prior|the\s+previous|the\s+preceding|prior|previous)\s+year(?:\s+ago|\s+earlier)?)?)
      | (?P<ago>(?:a|one)\s+year\s+(?:ago|earlier)(?:\s+(?:quarter|period))?|year[\s-]+ago(?:\s+(?:first|second|third|fourth))?(?:[\s-]+(?:quarter|period))?
            |(?:prior|previous)[\s-]+year(?:'s)?[\s-]+(?:(?:first|second|third|fourth)[\s-]+)?(?:quarter|period)
            |last\s+year's\s+(?:(?:first|second|third|fourth)[\s-]+)?(?:quarter|period))
      | (?P<lastyear>last\s+year|(?:the\s+)?(?:prior|previous|preceding)\s+(?:fiscal\s+)?year)
      | (?P<lastq>(?:last|previous|prior|preceding|immediately\s+preceding)\s+(?:fiscal\s+)?quarter(?!\s+(?:of|in)\s+{_YEAR}))
      | (?P<thisq>(?:this|current|reporting|present)\s+quarter)
      | (?P<nqd>{_NTH}[\s-]+(?:fiscal[\s-]+)?quarter\s+(?:of\s+(?:fiscal\s+)?(?:year\s+)?{_YEAR},?\s+)?(?:that\s+)?end(?:ed|ing)(?:\s+on)?\s+(?P<nqdate>{DATE}))
      | (?P<nq>(?:fiscal\s+)?(?P<nth>{_NTH})[\s-]+(?:fiscal[\s-]+)?quarter(?:s)?(?:\s+of)?,?(?:\s+(?:the\s+)?(?P<fy1>fiscal)(?:\s+year)?|\s+the\s+year)?
            (?:\s+(?P<ny>{_YEAR})|\s+(?P<nlast>(?:of\s+)?(?:last|the\s+prior|the\s+previous|prior|previous)\s+year|(?:a|one)\s+year\s+(?:ago|earlier)))?)
      | (?P<yq>(?:fiscal\s+)?(?P<yqy>{_YEAR})'?s?[\s,]+(?P<yqn>{_NTH})[\s-]+quarter)
      | (?P<q4>q(?P<q4n>[1-4])(?:/|[\s']*(?:fy|fiscal\s+)?)(?P<q4y>{_YEAR}|\d\d)?\b|(?P<q5n>[1-4])q[\s'/]?(?P<q5y>{_YEAR}|\d\d))
      | (?P<hm>(?:h(?P<hmh>[12])|(?P<hmm>[369])m)[\s'/]?(?P<hmy>{_YEAR}|\d\d)\b)
      | (?P<md>(?P<mdn>{_COUNT})[\s-]+(?:months?|weeks?)(?:\s+period)?\s+(?:that\s+)?end(?:ed|ing)(?:\s+on)?\s+(?P<mdd>{DATE}))
      | (?P<qd>(?:fiscal\s+)?quarter\s+(?:that\s+)?end(?:ed|ing)(?:\s+on)?\s+(?P<qdd>{DATE}))
      | (?P<yd>(?:(?:full|fiscal)\s+)*year\s+(?:that\s+)?end(?:ed|ing)(?:\s+on)?\s+(?P<ydd>{DATE}))
      | (?P<half>(?P<halfn>first|second)\s+half(?:\s+(?:of\s+)?(?:the\s+)?(?:fiscal\s+)?(?:year\s+)?(?P<halfy>{_YEAR}|last\s+year))?)
      | (?P<ninem>(?:first\s+)?(?P<ninen>three|six|nine)\s+months(?:\s+(?:of\s+)?(?:fiscal\s+)?(?:year\s+)?(?P<niney>{_YEAR}))?)
      | (?P<fy>(?:full\s+fiscal|full|fiscal|calendar|whole)[\s-]+(?:year\s+(?:of\s+)?)?(?P<fyy>{_YEAR})|year\s+(?:of\s+)?(?P<fyy2>{_YEAR})|fy\s?'?(?P<fyy3>{_YEAR}|\d\d))
      | (?P<day>(?:end\s+of\s+)?(?P<dayd>{DATE}))
      | (?P<mon>end\s+of\s+(?P<monm>{_MONTH})\s+(?P<mony>{_YEAR}))
      | (?P<eoq>end\s+of\s+(?:the\s+|this\s+)?(?P<eoqw>quarter|period|{_NTH}\s+quarter(?:\s+of)?\s+(?:fiscal\s+)?{_YEAR}))
      | (?P<theq>(?<=the\s)quarter\b(?!\s*-|'|\s+(?:over|end)))
      )
    )""",
    re.X,
)  # fmt: skip
_ENDED = re.compile(
    rf"(?:(?P<nth>{_NTH})[\s-]+(?:fiscal[\s-]+)?quarter[\s\w,]{{0,60}}?|quarter|(?P<count>{_COUNT})[\s-]+months?(?:\s+period)?|"
    rf"(?P<year>year)|(?P<half>half)|period)\s+end(?:ed|ing)(?:\s+on)?\s+(?P<date>{DATE})",
    re.I,
)
_END_DATE = re.compile(rf"(?:\s+on)?\s+(?P<date>{DATE})", re.I)
_QUARTER_WORD = re.compile(r"[Qq]uarter|QUARTER|Q[1-4]")
_END_WORDS = ("ended", "ending", "Ended", "ENDED")
_NAMED = re.compile(
    rf"\b(?P<n>{_NTH})[\s-]+(?:fiscal[\s-]+)?quarter(?:\s+(?:and\s+)?(?:full|fiscal)(?:\s+|-)year)?(?:\s+of)?,?\s*"
    rf"(?P<f>fiscal)?(?:\s*year)?\s*(?P<y>{_YEAR})\b|"
    rf"\b(?P<y2>{_YEAR})\s+(?P<n2>{_NTH})[\s-]+quarter|\bQ(?P<n3>[1-4])\s*(?:FY\s?|fiscal\s+)?(?P<y3>{_YEAR})\b",
    re.I,
)
_MOST_NAMES = 200
_MOST_ENDS = (
    5_000  # words "ended" looked at: far above any filing's, so that no text costs more than its length
)
_Rule = Callable[[re.Match[str], "Calendar", "Span | None"], "Span | None"]
_FULL_YEAR = re.compile(r"\b(?:full|fiscal|whole)[\s-]+year\b|\bannual\s+results\b", re.I)


@dataclass(frozen=True, slots=True)
class Span:
    """A resolved period; `months` is None for an instant, `start` None where it is not known."""

    start: date | None
    end: date
    months: int | None


@dataclass(slots=True)
class Calendar:
    """The document's own quarter and the period ends that it prints.

    `quarter` is the own quarter's end, `number` and `year` its fiscal name; `with_year` says that the
    document reports the full year beside it. `months` is the length of the own period where it is no quarter. `ends` are the period
    ends that the document prints; `weekly` says that they do not fall on the ends of months.
    """

    quarter: date | None = None
    number: int | None = None
    year: int | None = None
    months: int = 3
    with_year: bool = False
    ends: frozenset[date] = frozenset()
    weekly: bool = False
    starts: dict[tuple[date, int], date] = field(default_factory=dict)

    def own(self) -> Span | None:
        """Return the document's own period, where there is only one."""
        return self.duration(self.quarter, self.months) if self.quarter else None

    def nth(self, number: int, year: int) -> Span | None:
        """Return a quarter by its fiscal name; None where its dates cannot be known."""
        if not self.quarter or self.number is None or self.year is None or self.months != 3:
            return None
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


def read_calendar(
    title: str, text: str, known: Iterable[_Known] = (), newest: date | None = None
) -> Calendar:
    """Return the document's calendar from its title and the opening of its text.

    `known` are (period_end, period_start, months) of lines already read from its tables, `newest` is the last day of
    its statements of flows: an older quarter that the opening names is only what is compared with.
    """
    head = f"{title} . {text[:9000]}"
    lines = list(known)
    closing = _closing_dates(text)
    closing += [end for end, _, months in lines if months]
    out = Calendar(ends=frozenset(closing), weekly=any(not _is_month_end(day) for day in closing))
    out.starts = {(end, months): start for end, start, months in lines if start is not None and months}
    name: _Name = next(_names(head), (None, None))
    ended = list(_ended(head))
    quarters = [m for m in ended if m["nth"] or not (m["count"] or m["year"] or m["half"])]
    threes = [m for m in ended if m["count"] and _COUNTS[m["count"].lower()] == 3]
    dates = [day for m in quarters + threes if (day := parse_date(m["date"]))]
    if dates:
        out.quarter = max(dates[:4])
        name = _fiscal_name(out.quarter, name, quarters, text)
    elif name != (None, None):
        out.quarter = _end_of_name(name, text, lines)
    else:
        out.quarter, out.months = _newest_period(lines)
        newest = None
    if out.quarter and newest:
        out.quarter, name = _caught_up(out.quarter, name, newest)
    if out.quarter and name[1] and abs(name[1] - out.quarter.year) > 1:
        name = (None, None)
    out.number, out.year = name
    out.with_year = out.number in (None, 4) and _reports_year(head, ended)
    return out


def _fiscal_name(end: date, name: _Name, quarters: list[re.Match[str]], text: str) -> _Name:
    """Return number and year of the quarter that ends on a day: as named first, if it can be, or most often, or beside it."""
    number, year = name
    if number and year and not _may_be_named(end, number, year):
        usual = Counter(n for n in islice(_names(text), _MOST_NAMES) if _may_be_named(end, *n))
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


def _names(text: str) -> Iterator[tuple[int, int]]:
    """Yield the quarters that a text names, as number and year."""
    for word in _QUARTER_WORD.finditer(text):
        named = _NAMED.search(text, max(0, word.start() - 24), word.end() + 50)
        if named:
            yield _named(named)


def _may_be_named(end: date, number: int, year: int) -> bool:
    """Return whether a quarter that ends on that day can be the so-and-so-many-th of a fiscal year of that number.

    A fiscal year goes by the year in which it ends, or, where that is in its first months, by the one before.
    """
    nominal = nominal_month_end(end)
    last = month_end(nominal.year, nominal.month + 3 * (4 - number))
    return year == last.year or (year == last.year - 1 and last.month <= 3)


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


def resolve(match: re.Match[str], calendar: Calendar, base: Span | None) -> Span | None:
    """Return the dates of a period phrase; `base` is the period that relative phrases start from.

    Without it "the same quarter of 2024" has no dates.
    """
    for name, rule in _RULES:
        if match[name]:
            return rule(match, calendar, base)
    return None


def _same(match: re.Match[str], calendar: Calendar, base: Span | None) -> Span | None:
    if not base:
        return None
    if match["sameyear"]:
        shift = int(match["sameyear"]) - calendar.fiscal_year_of(base)
        return calendar.moved(base, 12 * shift) if shift < 0 else None
    if re.search(r"year", match["same"], re.I):
        return calendar.moved(base, -12)
    return None


def _nth(match: re.Match[str], calendar: Calendar, base: Span | None) -> Span | None:
    number = ORDINALS[match["nth"].lower()]
    if match["ny"]:
        return calendar.nth(number, int(match["ny"]))
    if calendar.year is None:
        return None
    if match["nlast"]:
        return calendar.nth(number, calendar.year - 1)
    return calendar.nth(number, calendar.year) if number == calendar.number else None


def _short_quarter(match: re.Match[str], calendar: Calendar, base: Span | None) -> Span | None:
    number, year = int(match["q4n"] or match["q5n"]), match["q4y"] or match["q5y"]
    if not year:
        return calendar.own() if number == calendar.number else None
    return calendar.nth(number, int(year) if len(year) == 4 else 2000 + int(year))


def _dated(name: str, months: int | None, count: str | None = None) -> _Rule:
    def rule(match: re.Match[str], calendar: Calendar, base: Span | None) -> Span | None:
        day = parse_date(match[name])
        length = _COUNTS[match[count].lower()] if count else months
        return calendar.duration(day, length) if day else None

    return rule


def _half(match: re.Match[str], calendar: Calendar, base: Span | None) -> Span | None:
    if calendar.year is None or not match["halfy"]:
        return None
    year = calendar.year - 1 if "last" in match["halfy"].lower() else int(match["halfy"])
    last = calendar.nth(2 if match["halfn"].lower() == "first" else 4, year)
    return calendar.duration(last.end, 6) if last else None


def _short_months(match: re.Match[str], calendar: Calendar, base: Span | None) -> Span | None:
    months = 6 if match["hmh"] else int(match["hmm"])
    year = int(match["hmy"]) if len(match["hmy"]) == 4 else 2000 + int(match["hmy"])
    last = calendar.nth(4 if match["hmh"] == "2" else months // 3, year)
    return calendar.duration(last.end, months) if last else None


def _months_of(match: re.Match[str], calendar: Calendar, base: Span | None) -> Span | None:
    months = _COUNTS[match["ninen"].lower()]
    if not match["niney"]:
        return None
    last = calendar.nth(months // 3, int(match["niney"]))
    return calendar.duration(last.end, months) if last else None


def _year(match: re.Match[str], calendar: Calendar, base: Span | None) -> Span | None:
    printed = match["fyy"] or match["fyy2"] or match["fyy3"]
    return calendar.fiscal_year(int(printed) if len(printed) == 4 else 2000 + int(printed))


def _month(match: re.Match[str], calendar: Calendar, base: Span | None) -> Span | None:
    return Span(None, month_end(int(match["mony"]), MONTHS[match["monm"].lower().rstrip(".")]), None)


def _end_of_quarter(match: re.Match[str], calendar: Calendar, base: Span | None) -> Span | None:
    named = _NAMED.search(match["eoqw"])
    if named:
        span = calendar.nth(*_named(named))
        return Span(None, span.end, None) if span else None
    return Span(None, calendar.quarter, None) if calendar.quarter and calendar.months == 3 else None


def _a_year_before(match: re.Match[str], calendar: Calendar, base: Span | None) -> Span | None:
    return calendar.moved(base, -12) if base else None


def _last_quarter(match: re.Match[str], calendar: Calendar, base: Span | None) -> Span | None:
    return calendar.shifted(-3, 3) if calendar.months == 3 else None


def _own_quarter(match: re.Match[str], calendar: Calendar, base: Span | None) -> Span | None:
    return calendar.own() if calendar.months == 3 else None


def _year_quarter(match: re.Match[str], calendar: Calendar, base: Span | None) -> Span | None:
    return calendar.nth(ORDINALS[match["yqn"].lower()], int(match["yqy"]))


_RULES = (
    ("same", _same),
    ("ago", _a_year_before),
    ("lastyear", _a_year_before),
    ("lastq", _last_quarter),
    ("thisq", _own_quarter),
    ("theq", _own_quarter),
    ("nqd", _dated("nqdate", 3)),
    ("nq", _nth),
    ("yq", _year_quarter),
    ("q4", _short_quarter),
    ("hm", _short_months),
    ("md", _dated("mdd", None, "mdn")),
    ("qd", _dated("qdd", 3)),
    ("yd", _dated("ydd", 12)),
    ("half", _half),
    ("ninem", _months_of),
    ("fy", _year),
    ("day", _dated("dayd", None)),
    ("mon", _month),
    ("eoq", _end_of_quarter),
)


def _named(match: re.Match[str]) -> tuple[int, int]:
    number = match["n"] or match["n2"]
    year = match["y"] or match["y2"] or match["y3"]
    return (ORDINALS[number.lower()] if number else int(match["n3"])), int(year)


def _is_month_end(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def _is_calendar(end: date, number: int) -> bool:
    return abs((end - month_end(end.year, 3 * number)).days) <= 7
