"""Dates, durations and units in headings: what a column header, a title or a caption says about figures."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sept sep", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = r"(?P<{m}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_YEAR = r"(?P<{y}>(?:19[89]|20[0-4])\d)"

_DATE = re.compile(
    "|".join(
        (
            r"\b"
            + _MONTH.format(m="m1")
            + r"\s*-?\s*(?P<d1>\d{1,2})(?:st|nd|rd|th)?\s*[,.]?\s*"
            + _YEAR.format(y="y1")
            + r"(?!\d)",
            r"\b(?P<d2>\d{1,2})(?:st|nd|rd|th)?\s*(?:of\s+)?"
            + _MONTH.format(m="m2")
            + r"\s*[,.]?\s*"
            + _YEAR.format(y="y2")
            + r"(?!\d)",
            r"\b(?P<d3>\d{1,2})[-\s]" + _MONTH.format(m="m3") + r"[-\s]+(?P<y3>\d{2})\b(?!\d|,)",
            r"\b(?P<y4>(?:19|20)\d\d)[-/.](?P<n4>\d{1,2})[-/.](?P<d4>\d{1,2})\b",
            r"\b(?P<n5>\d{1,2})[/.](?P<d5>\d{1,2})[/.](?P<y5>(?:19|20)?\d\d)\b",
            r"\b" + _MONTH.format(m="m6") + r"\s*(?P<d6>\d{1,2})(?:st|nd|rd|th)?(?![\d/])\b",
            r"\b" + _MONTH.format(m="m7") + r"\s*[,-]?\s*" + _YEAR.format(y="y7") + r"(?!\d)",
            r"\b" + _MONTH.format(m="m8") + r"\s*[-'’]\s*(?P<y8>\d{2})\b",
            r"\b(?P<d9>\d{1,2})(?:st|nd|rd|th)?\s*(?:of\s+)?" + _MONTH.format(m="m9") + r"\b",
            r"(?P<y10>(?:19|20)\d\d)年(?P<n10>\d{1,2})月(?P<d10>\d{1,2})日",
        )
    ),
    re.I,
)
_YEAR_ONLY = re.compile(
    r"(?<![\d,.$/-])(?:(?:FY|fiscal|CY)\s*['’]?\s*)?((?:19[89]|20[0-4])\d)(?![\d%]|,\d|\.\d|/\d)", re.I
)
_SHORT_YEAR = re.compile(r"\bFY\s*['’]?(\d{2})\b|(?<!\w)['’](\d{2})\b", re.I)
_NUMBER = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "eighteen": 18, "twenty-four": 24,
    "twenty-five": 25, "twenty-six": 26, "twenty-seven": 27, "thirty-six": 36, "thirty-nine": 39, "forty": 40,
    "fifty-two": 52, "fifty-three": 53, "twenty six": 26, "thirty nine": 39, "fifty two": 52, "fifty three": 53,
    "twenty": 20,
}  # fmt: skip
_NUMBER_WORD = r"(\d{1,2}|" + "|".join(sorted(_NUMBER, key=len, reverse=True)) + ")"
_SPAN_MONTHS = re.compile(
    _NUMBER_WORD + r"[\s-]*(?:-\s*)?(months?|weeks?|mos?\.?)(?:\W|$|period|ended)", re.I
)
_SHORT_MONTHS = re.compile(r"\b(3|6|9|12)\s?M(?=\b|/|'|’|\d\d)")
_SHORT_PERIOD_YEAR = re.compile(
    r"\b(?:Q[1-4]|[1-4]Q|[12]H|H[12]|(?:3|6|9|12)\s?M|FY)\s*(?:FY|fiscal)?\s*[/'’\s-]*\s*((?:20)?\d\d)\b(?!\s*(?:%|,\d|\.\d))"
    r"|\b(?:first|second|third|fourth)\s+(?:quarter|half)\s*(?:FY|fiscal)?\s*[/'’-]+\s*(\d\d)\b",
    re.I,
)
_QUARTER = re.compile(
    r"\b(?:(first|second|third|fourth|1st|2nd|3rd|4th)\s+(?:fiscal\s+)?(?:quarter|qtr)|(?:fiscal\s+)?q([1-4])\b|([1-4])\s?q(?=\d|\b)|quarter\s+([1-4])\b)",
    re.I,
)
_QUARTER_WORD = re.compile(r"\bquarter(?:s|ly)?\b|\bqtr\b|\bquarter-to-date\b", re.I)
_YEAR_SPAN = re.compile(
    r"\b(?:fiscal\s+|financial\s+|full[\s-]+)?years?\s+end(?:ed|ing)|\bfor\s+the\s+(?:fiscal\s+|financial\s+|full\s+)?years?\b|\bfull[\s-]year\b"
    r"|\bfiscal\s+years?\b|\bannual\b|\byear\s+(?:19|20)\d\d|\btwelve[\s-]month|\bFY\s?'?\d|\byears?\s*$|^\s*years?\b",
    re.I,
)
_YTD = re.compile(r"\byear[\s-]+to[\s-]+date\b|\bYTD\b", re.I)
_PERIOD_ENDED = re.compile(r"\bperiods?\s+end(?:ed|ing)\b", re.I)
_HALF = re.compile(
    r"\b(first|second|1st|2nd)\s+half\b|\bhalf[\s-]year|\b([12])H\s*[/'’-]?\s*(?:20)?\d\d|\bH([12])\b|\bsix[\s-]month",
    re.I,
)
_CHANGE = re.compile(
    r"\bchanges?\b|\bvariance\b|\bvar\b|\bincrease\b|\bdecrease\b|\binc(?:r)?\b|\bgrowth\b|\bchg\b|better/\(?worse|fav(?:orable)?|\by[/-]?o[/-]?y\b"
    r"|\bq[/-]?o[/-]?q\b|\bvs\.?\b|\bversus\b|\bdifference\b|\byoy\b|\bqoq\b|\bdelta\b|[Δ△]|\+\s*/\s*[-–−]",
    re.I,
)
_PERCENT = re.compile(
    r"%|\bper\s?cent(?:age)?\b|\bmargin\b|\bbps\b|\bbasis points\b|\byields?\b|\b(?:average|interest|tax)\s+rates?\b|\bas a % of",
    re.I,
)
_NOTE = re.compile(r"^\s*(?:notes?|ref\.?|footnotes?|note\s+no\.?|page)\s*$", re.I)
_AS_OF = re.compile(r"\bas\s+(?:of|at)\b|^\s*at\s+|\bbalance at\b", re.I)
_AUDITED = re.compile(r"(?<![a-z])(un)?-?\s?audited\b", re.I)
_PAIR_YEARS = re.compile(_YEAR.format(y="ya") + r"\s*(?:and|,|&|to)\s*" + _YEAR.format(y="yb"))


@dataclass(slots=True, frozen=True)
class Heading:
    """What a heading says: dates (with day, or only month or year), a duration, marks of its kind."""

    dates: tuple[date, ...] = ()
    month_days: tuple[tuple[int, int], ...] = ()
    month_years: tuple[tuple[int, int], ...] = ()
    years: tuple[int, ...] = ()
    months: int | None = None
    weeks: int | None = None
    quarter: int | None = None
    half: int | None = None
    quarter_word: bool = False
    year_span: bool = False
    ytd: bool = False
    change: bool = False
    percent: bool = False
    note: bool = False
    as_of: bool = False
    audited: bool | None = None
    period_ended: bool = False

    @property
    def dated(self) -> bool:
        """Whether any date, year or month is named."""
        return bool(self.dates or self.month_days or self.month_years or self.years)

    @property
    def lasting(self) -> bool:
        """Whether a duration is named."""
        return bool(
            self.months
            or self.weeks
            or self.quarter
            or self.half
            or self.quarter_word
            or self.year_span
            or self.ytd
            or self.period_ended
        )


def _full_year(text: str) -> int:
    year = int(text)
    if year < 100:
        year += 2000 if year < 60 else 1900
    return year


def _month_number(name: str) -> int:
    return _MONTHS[name.lower().rstrip(".")]


def _day(year: int, month: int, day: int) -> date | None:
    if not (1 <= month <= 12 and 1 <= day <= 31 and 1980 <= year <= 2050):
        return None
    return date(year, month, min(day, monthrange(year, month)[1]))


# A text with no digit and none of these says nothing about periods, changes, percentages, notes or audits.
_SPEAKS = re.compile(
    r"\d|[%Δ△年]|\+\s*/\s*[-–−]|month|week|mos|quarter|qtr|year|annual|period|half|ytd|y[/-]?o|q[/-]?o|chang|var|increase|decrease|inc|"
    r"growth|chg|better|fav|vs|versus|differ|delta|cent|margin|bps|basis|yield|rate|note|ref|page|as (?:of|at)|as\s|^\s*at|balance|audited",
    re.I,
)
_SILENT = Heading()


@lru_cache(maxsize=32768)
def heading(text: str) -> Heading:
    """Read one heading, title or caption."""
    if len(text) > 1500:
        text = text[:1500]
    if not _SPEAKS.search(text):
        return _SILENT
    dates: list[date] = []
    month_days: list[tuple[int, int]] = []
    month_years: list[tuple[int, int]] = []
    rest: list[str] = []
    at = 0
    for found in _DATE.finditer(text):
        group = found.groupdict()
        kind = (found.lastgroup or "")[1:]
        kind = next(
            k
            for k in ("10", "1", "2", "3", "4", "5", "6", "7", "8", "9")
            if group.get("m" + k) or group.get("n" + k)
        )
        if kind in ("1", "2", "3"):
            day = _day(
                _full_year(group["y" + kind]), _month_number(group["m" + kind]), int(group["d" + kind])
            )
        elif kind in ("4", "10"):
            day = _day(int(group["y" + kind]), int(group["n" + kind]), int(group["d" + kind]))
        elif kind == "5":
            first, second, year = int(group["n5"]), int(group["d5"]), _full_year(group["y5"])
            day = _day(year, first, second) if first <= 12 else _day(year, second, first)
            if day is None:
                continue
        elif kind in ("6", "9"):
            month_days.append((_month_number(group["m" + kind]), int(group["d" + kind])))
            rest.append(text[at : found.start()])
            at = found.end()
            continue
        else:
            if group["m7"] and group["m7"].lower() == "may" and not text[found.start()].isupper():
                continue
            month_years.append((_full_year(group["y" + kind]), _month_number(group["m" + kind])))
            rest.append(text[at : found.start()])
            at = found.end()
            continue
        if day is not None:
            dates.append(day)
        rest.append(text[at : found.start()])
        at = found.end()
    rest.append(text[at:])
    left = " | ".join(rest)
    years = [int(y) for y in _YEAR_ONLY.findall(left)]
    if not years:
        years = [_full_year(a or b) for a, b in _SHORT_YEAR.findall(left)]
    months = weeks = None
    span = _SPAN_MONTHS.search(text)
    if span:
        number = _NUMBER.get(span[1].lower()) or (int(span[1]) if span[1].isdigit() else 0)
        if span[2].lower().startswith("w"):
            weeks = number or None
        else:
            months = number or None
    quarter = None
    found_quarter = _QUARTER.search(text)
    if found_quarter:
        word = (found_quarter[1] or found_quarter[2] or found_quarter[3] or found_quarter[4]).lower()
        quarter = {"first": 1, "second": 2, "third": 3, "fourth": 4}.get(word) or int(word[0])
    if months is None and weeks is None:
        short_months = _SHORT_MONTHS.search(text)
        if short_months:
            months = int(short_months[1])
    if not years and not dates and not month_years:
        short = _SHORT_PERIOD_YEAR.search(text)
        if short:
            years = [_full_year(short[1] or short[2])]
    half = None
    found_half = _HALF.search(text)
    if found_half and months is None:
        word = (found_half[1] or found_half[2] or found_half[3] or "").lower()
        half = 2 if word in ("second", "2nd", "2") else 1
    audit = _AUDITED.search(text)
    return Heading(
        tuple(dates),
        tuple(month_days),
        tuple(month_years),
        tuple(years),
        months,
        weeks,
        quarter,
        half,
        bool(_QUARTER_WORD.search(text)),
        bool(_YEAR_SPAN.search(text)),
        bool(_YTD.search(text)),
        bool(_CHANGE.search(text)),
        bool(_PERCENT.search(text)),
        bool(_NOTE.match(text)),
        bool(_AS_OF.search(text)),
        None if audit is None else not audit[1],
        bool(_PERIOD_ENDED.search(text)),
    )


def month_end(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year, month, monthrange(year, month)[1])


def weeks_to_months(weeks: int) -> int:
    """Return the months that a fiscal calendar's weeks stand for: 13 is 3, 26 is 6, 40 is 9, 53 is 12."""
    return min(12, round(weeks / 13) * 3) if weeks >= 11 else max(1, round(weeks / 4.35))


def period_start(end: date, months: int, weeks: int | None = None) -> date:
    """Return the first day of a period: from the weeks where they are known, else by the calendar."""
    if weeks:
        return end - timedelta(days=7 * weeks - 1)
    year, month = end.year, end.month - months
    while month < 1:
        month += 12
        year -= 1
    last = monthrange(year, month)[1]
    if end.day == monthrange(end.year, end.month)[1]:
        before = date(year, month, last)
    else:
        before = date(year, month, min(end.day, last))
    return before + timedelta(days=1)
