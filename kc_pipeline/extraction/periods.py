"""Dates, durations and units in headings: what a column header, a title or a caption says about figures."""

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from kc_pipeline.extraction.hints import says
from kc_pipeline.extraction.vocabulary import MONTH_NAMES, MONTH_PATTERN, MONTHS, NUMBER_WORDS, ORDINALS

_MONTH = "(?P<{m}>" + MONTH_PATTERN + r")\.?"
_YEAR = r"(?P<{y}>(?:19[89]|20[0-4])\d)"


def _any_of(*alternatives: str) -> str:
    return "(?:" + "|".join(alternatives) + ")"


# Alternatives are sorted by what they begin with, a month's letter or a digit, so that most of a text is passed over fast.
_DATE = re.compile(
    r"\b(?=[jfmasond])"
    + _any_of(
        _MONTH.format(m="m1")
        + r"\s*-?\s*(?P<d1>\d{1,2})(?:st|nd|rd|th)?\s*[,.-]?\s*"
        + _YEAR.format(y="y1")
        + r"(?!\d)",
        _MONTH.format(m="m6") + r"\s*(?P<d6>\d{1,2})(?:st|nd|rd|th)?(?![\d/])\b",
        _MONTH.format(m="m7") + r"\s*[,-]?\s*" + _YEAR.format(y="y7") + r"(?!\d)",
        _MONTH.format(m="m8") + r"\s*[-'’]\s*(?P<y8>\d{2})\b",
    )
    + r"|\b(?=\d)"
    + _any_of(
        r"(?P<d2>\d{1,2})(?:st|nd|rd|th)?\s*(?:of\s+)?"
        + _MONTH.format(m="m2")
        + r"\s*[,.]?\s*"
        + _YEAR.format(y="y2")
        + r"(?!\d)",
        r"(?P<d3>\d{1,2})[-\s]" + _MONTH.format(m="m3") + r"[-\s]+(?P<y3>\d{2})\b(?!\d|,)",
        r"(?P<y4>(?:19|20)\d\d)[-/.](?P<n4>\d{1,2})[-/.](?P<d4>\d{1,2})\b",
        r"(?P<n5>\d{1,2})(?P<s5>[/.]|-(?=\d{1,2}-(?:19|20)\d\d\b))(?P<d5>\d{1,2})(?P=s5)(?P<y5>(?:19|20)?\d\d)\b",
        r"(?P<d9>\d{1,2})(?:st|nd|rd|th)?\s*(?:of\s+)?" + _MONTH.format(m="m9") + r"\b",
    )
    + r"|(?P<y10>(?:19|20)\d\d)年(?P<n10>\d{1,2})月(?P<d10>\d{1,2})日|(?P<n11>\d{1,2})月(?P<d11>\d{1,2})日",
    re.I,
)
_LAST_DAY = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTH_HINTS = tuple(min(names, key=len) for names in MONTH_NAMES)
_YEAR_ONLY = re.compile(
    r"(?<![\d,.$/-])(?:(?:FY|fiscal|CY)\s*['’]?\s*)?((?:19[89]|20[0-4])\d)(?![\d%]|,\d|\.\d|/\d)", re.I
)
_SHORT_YEAR = re.compile(r"\bFY\s*['’]?(\d{2})\b|(?<!\w)['’](\d{2})\b", re.I)
_NUMBER_WORDS = tuple(sorted(NUMBER_WORDS, key=len, reverse=True))
_SPAN_UNIT = re.compile(r"(months?|weeks?|mos?\.?)(?:\W|$|period|ended)")
_SHORT_MONTHS = re.compile(  # "6M 2023" and "9M ended", no "3M Company"
    r"\b(3|6|9|12)\s?M(?=\b|/|'|’|\d\d)(?!['’]s\b|\s+(?!end|actual|fy|fiscal|to\b|change)[A-Za-z]{3})"
)
_SHORT_PERIOD_YEAR = re.compile(
    r"\b(?:Q[1-4]|[1-4]Q|[12]H|H[12]|(?:3|6|9|12)\s?M|FY)\s*(?:FY|fiscal)?\s*[/'’\s-]*\s*((?:20)?\d\d)\b(?!\s*(?:%|,\d|\.\d))"
    r"|\b(?:first|second|third|fourth)\s+(?:quarter|half)\s*(?:FY|fiscal)?\s*[/'’-]+\s*(\d\d)\b",
    re.I,
)
_QUARTER = re.compile(
    r"\b(?:(first|second|third|fourth|1st|2nd|3rd|4th)\s+(?:fiscal\s+)?(?:quarter|qtr)|(?:fiscal\s+|(?:19|20)\d\d\s?)?q([1-4])\b|([1-4])\s?q(?=\d|\b)|(?:quarter|qtr\.?)\s+([1-4])\b)",
    re.I,
)
_QUARTER_WORD = re.compile(r"\bquarter(?:s|ly)?\b|\bqtr\b|\bquarter-to-date\b", re.I)
_YEAR_SPAN = re.compile(
    r"\b(?:fiscal\s+|financial\s+|full[\s-]+)?years?\s+end(?:ed|ing)|\bfor\s+the\s+(?:fiscal\s+|financial\s+|full\s+)?years?\b|\bfull[\s-]year\b"
    r"|\bfiscal\s+years?\b|\bfiscal\s+(?:19|20)\d\d\b|\bannual\b|\byear\s+(?:19|20)\d\d|\btwelve[\s-]month|\bFY\s?'?\d|\byears?\s*$|^\s*years?\b",
    re.I,
)
_YTD = re.compile(r"\byear[\s-]+to[\s-]+date\b|\bYTD\b", re.I)
_PERIOD_ENDED = re.compile(r"\bperiods?\s+end(?:ed|ing)\b", re.I)
_HALF = re.compile(
    r"\b(first|second|1st|2nd)\s+half\b|\bhalf[\s-]year|\b([12])H\s*(?:FY|CY)?\s*[/'’-]?\s*(?:20)?\d\d|\bH([12])\b|\bsix[\s-]month",
    re.I,
)
_CHANGE = re.compile(
    r"\bchanges?\b|\bvariance\b|\bvar\b|\bincrease\b|\bdecrease\b|(?<![A-Za-z]\s)(?<![A-Za-z],\s)\bincr?\b|\bincr?\.?\s*[/(]+\s*dec|\bgrowth\b|\bchg\b|better/\(?worse|fav(?:orable)?|\by[/-]?o[/-]?y\b"
    r"|\bq[/-]?o[/-]?q\b|\bvs\.?\b|\bversus\b|\bdifference\b|\byoy\b|\bqoq\b|^\W*delta\W*$|\bdelta\s*[%$€£(]|[Δ△]|\+\s*/\s*[-–−]|(?:^|(?<=\d ))V(?:\s*(?:%|pts))?$",
    re.I,
)
_PERCENT = re.compile(
    r"%|\bper\s?cent(?:age)?\b|\bmargin\b|\bbps\b|\bbasis points\b|\byields?\b|\b(?:average|interest|tax)\s+rates?\b|\bas a % of",
    re.I,
)
_NOTE = re.compile(r"^\s*(?:附[註注]|notes?|ref\.?|footnotes?|note\s+no\.?|page)\s*$", re.I)
_AS_OF = re.compile(r"\bas\s+(?:of|at)\b|^\s*at\s+|\bbalance at\b", re.I)
_AUDITED = re.compile(r"(?<![a-z])(un)?-?\s?audited\b", re.I)
_DIGIT = re.compile(r"\d")


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

    dated: bool = field(init=False, compare=False, repr=False)  # whether any date, year or month is named
    lasting: bool = field(init=False, compare=False, repr=False)  # whether a duration is named

    def __post_init__(self) -> None:
        """Work out what is asked most often."""
        dated = bool(self.dates or self.month_days or self.month_years or self.years)
        lasting = bool(
            self.months
            or self.weeks
            or self.quarter
            or self.half
            or self.quarter_word
            or self.year_span
            or self.ytd
            or self.period_ended
        )
        object.__setattr__(self, "dated", dated)
        object.__setattr__(self, "lasting", lasting)


def _full_year(text: str) -> int:
    year = int(text)
    if year < 100:
        year += 2000 if year < 60 else 1900
    return year


def _month_number(name: str) -> int:
    return MONTHS[name.lower().rstrip(".")]


def _day(year: int, month: int, day: int) -> date | None:
    if not (1 <= month <= 12 and 1 <= day <= 31 and 1980 <= year <= 2050):
        return None
    return date(year, month, min(day, monthrange(year, month)[1]))


_CHANGE_HINTS = (
    "chang", "var", "increase", "decrease", "inc", "growth", "chg", "better", "fav", "oy", "o/y", "o-y", "oq", "o/q", "o-q",
    "vs", "versus", "diff", "delta", "δ", "△", "+", "v",
)  # fmt: skip
_PERCENT_HINTS = ("%", "cent", "margin", "bps", "basis", "yield", "rate", "as a")


@lru_cache(maxsize=32768)
def heading(text: str) -> Heading:
    """Read one heading, title or caption.

    A pattern is tried only where a text in lower case holds what the pattern cannot do without.
    """
    if len(text) > 1500:
        text = text[:1500]
    if "月" in text or "年" in text:
        text = _HAN.sub(_han_digits, text)
    lowered = text.lower()
    digits = _DIGIT.search(text) is not None
    dates: list[date] = []
    month_days: list[tuple[int, int]] = []
    month_years: list[tuple[int, int]] = []
    years = _read_years(text, lowered, dates, month_days, month_years) if digits else []
    months, weeks = _read_duration(text, lowered)
    if months is None and weeks is None:
        months, last = _read_stretch(text, lowered, digits)
        if last and not (dates or month_days or month_years):
            month_days.append((last, 31))
    audit = _AUDITED.search(text) if "audited" in lowered else None
    return Heading(
        tuple(dates),
        tuple(month_days),
        tuple(month_years),
        tuple(years),
        months,
        weeks,
        _read_quarter(text) if "q" in lowered else None,
        _read_half(text, lowered, digits) if months is None else None,
        ("quarter" in lowered or "qtr" in lowered) and _QUARTER_WORD.search(text) is not None,
        says(lowered, ("year", "annual", "twelve", "fy", "fiscal")) and _YEAR_SPAN.search(text) is not None,
        ("date" in lowered or "ytd" in lowered) and _YTD.search(text) is not None,
        says(lowered, _CHANGE_HINTS) and _CHANGE.search(text) is not None,
        says(lowered, _PERCENT_HINTS) and _PERCENT.search(text) is not None,
        says(lowered, ("note", "ref", "page", "附")) and _NOTE.match(text) is not None,
        says(lowered, ("as", "at")) and _AS_OF.search(text) is not None,
        None if audit is None else not audit[1],
        "period" in lowered and _PERIOD_ENDED.search(text) is not None,
    )


_DATE_HINTS = ("/", ".", "-", "年", "月", *_MONTH_HINTS)


def _read_years(
    text: str,
    lowered: str,
    dates: list[date],
    month_days: list[tuple[int, int]],
    month_years: list[tuple[int, int]],
) -> list[int]:
    """Add the dates in a text to the lists; return the years that stand in none of them."""
    left = _read_dates(text, dates, month_days, month_years) if says(lowered, _DATE_HINTS) else text
    years = [int(y) for y in _YEAR_ONLY.findall(left)]
    if not years and ("fy" in lowered or "'" in text or "’" in text):
        years = [_full_year(a or b) for a, b in _SHORT_YEAR.findall(left)]
    if years or dates or month_years:
        return years
    short = _SHORT_PERIOD_YEAR.search(text)
    return [_full_year(short[1] or short[2])] if short else []


def _read_stretch(text: str, lowered: str, digits: bool) -> tuple[int | None, int]:
    """Return months and last month of a stretch from month to month, or the months of "6M" (no last month: 0)."""
    if len(text) < 120 and says(lowered, _RANGE_HINTS):
        months, last = _read_range(lowered)
        if months is not None:
            return months, last
    short = _SHORT_MONTHS.search(text) if digits and "M" in text else None
    return (int(short[1]) if short else None), 0


def _read_quarter(text: str) -> int | None:
    """Return the number of the quarter that a text names."""
    found = _QUARTER.search(text)
    if found is None:
        return None
    word = (found[1] or found[2] or found[3] or found[4]).lower()
    return ORDINALS.get(word) or int(word)


def _read_half(text: str, lowered: str, digits: bool) -> int | None:
    """Return the number of the half-year that a text names, the first where it does not say which."""
    if not ("half" in lowered or "six" in lowered or (digits and "h" in lowered)):
        return None
    found = _HALF.search(text)
    if found is None:
        return None
    return 2 if (found[1] or found[2] or found[3] or "").lower() in ("second", "2nd", "2") else 1


def _read_dates(
    text: str,
    dates: list[date],
    month_days: list[tuple[int, int]],
    month_years: list[tuple[int, int]],
) -> str:
    """Add the dates in a text to the lists; return what is left of the text."""
    rest: list[str] = []
    at = 0
    for found in _DATE.finditer(text):
        kind = (found.lastgroup or "")[1:]
        if kind in ("1", "2", "3"):
            day = _day(
                _full_year(found["y" + kind]), _month_number(found["m" + kind]), int(found["d" + kind])
            )
        elif kind in ("4", "10"):
            day = _day(int(found["y" + kind]), int(found["n" + kind]), int(found["d" + kind]))
        elif kind == "5":
            first, second, year = int(found["n5"]), int(found["d5"]), _full_year(found["y5"])
            # 6/30/2023 has the month first, 30.06.2023 the day; what cannot be a month is the day
            day_first = first > 12 or (found["s5"] != "/" and second <= 12)
            day = _day(year, second, first) if day_first else _day(year, first, second)
            if day is None:
                continue
        elif kind == "11":
            month_days.append((int(found["n11"]), int(found["d11"])))
            day = None
        elif kind in ("6", "9"):
            month_days.append((_month_number(found["m" + kind]), int(found["d" + kind])))
            day = None
        else:
            if kind == "7" and found["m7"].lower() == "may" and not text[found.start()].isupper():
                continue
            month = _month_number(found["m" + kind])
            if kind == "8" and "-" in found[0] and int(found["y8"]) == _LAST_DAY[month]:
                month_days.append((month, int(found["y8"])))  # "Mar-31" over or under a year
                rest.append(text[at : found.start()])
                at = found.end()
                continue
            month_years.append((_full_year(found["y" + kind]), month))
            day = None
        if day is not None:
            dates.append(day)
        rest.append(text[at : found.start()])
        at = found.end()
    if not rest:
        return text
    rest.append(text[at:])
    return " | ".join(rest)


_RANGE_HINTS = (" to ", "-", "–", "—", "through")
_RANGE = re.compile(
    r"\b" + _MONTH.format(m="from") + r"\s*(\d{1,2})?\s*,?\s*((?:19|20)\d\d)?\s*(?:to|through|-|–|—)\s*"
    r"\b" + _MONTH.format(m="to") + r"\s*(?:\d{1,2})?\s*,?\s*((?:19|20)\d\d)?\b"
)


def _read_range(lowered: str) -> tuple[int | None, int]:
    """Return months and last month of "january to june", "apr - jun 2023", "january 1 to june 30"; (None, 0) without one."""
    found = _RANGE.search(lowered)
    if found is None or int(found[2] or 1) > 10:
        return None, 0
    first, last = _month_number(found["from"]), _month_number(found["to"])
    years = int(found[5]) - int(found[3]) if found[3] and found[5] else 1 if last < first else 0
    months = 12 * years + last - first + 1
    return (months, last) if 2 <= months <= 12 else (None, 0)


_HAN = re.compile(r"[〇○零一二三四五六七八九十]+(?=[年月日])")
_HAN_DIGITS = {sign: n for n, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}


def _han_digits(found: re.Match[str]) -> str:
    """Return a number in Chinese figures (二零二五, 三十一) in digits."""
    tens, ten, ones = found[0].partition("十")
    if not ten:
        return "".join(str(_HAN_DIGITS[sign]) for sign in tens)
    return str(10 * (_HAN_DIGITS.get(tens[-1:], 1)) + (_HAN_DIGITS.get(ones[:1], 0)))


_CJK_MONTHS = re.compile(r"(十二|[三六九]|\d{1,2})\s*[個个]月")  # 六月三十日 and 6月30日 are days
_CJK_NUMBERS = {"三": 3, "六": 6, "九": 9, "十二": 12}


def _read_cjk_span(text: str) -> int | None:
    """Return the months that a Chinese heading names: 止六個月, 12个月, 止年度; None without one."""
    found = _CJK_MONTHS.search(text)
    if found is None:
        return 12 if "年度" in text else None
    number = _CJK_NUMBERS.get(found[1]) or int(found[1])
    return number if 0 < number <= 12 else None


def _read_duration(text: str, lowered: str) -> tuple[int | None, int | None]:
    """Return the months or weeks that a heading names, in English or Chinese."""
    if "mo" in lowered or "week" in lowered:
        return _read_span(lowered)
    if "月" in text or "年度" in text:
        return _read_cjk_span(text), None
    return None, None


def _read_span(lowered: str) -> tuple[int | None, int | None]:
    """Return the months or weeks that a text in lower case names first ("thirty-nine weeks ended")."""
    for unit in _SPAN_UNIT.finditer(lowered):
        before = lowered[: unit.start()].rstrip("- \t\n\xa0")
        number = 0
        if before[-1:].isdecimal():
            number = int(before[-2:] if before[-2:].isdecimal() else before[-1:])
        elif before.endswith(_NUMBER_WORDS):
            number = next(NUMBER_WORDS[word] for word in _NUMBER_WORDS if before.endswith(word))
        else:
            continue
        if unit[1].startswith("w"):
            return None, number or None
        return number or None, None
    return None, None


_DAY_TO_DAY = re.compile(
    r"\b"
    + _MONTH.format(m="m1")
    + r"\s*(?P<d1>\d{1,2})\s*(?:,\s*(?P<y1>(?:19|20)\d\d))?\s*\)?(?:\s*\([^()]*\))?\s*"
    r"(?:to|through|thru|until|-|–|—)\s*"
    + _MONTH.format(m="m2")
    + r"\s*(?P<d2>\d{1,2})\b(?:\s*,?\s*(?P<y2>(?:19|20)\d\d)\b)?",
    re.I,
)
_SLACK = 8  # days by which a period of weeks differs from its months


@lru_cache(maxsize=4096)
def day_range(text: str, year: int | None = None) -> tuple[date, date, int] | None:
    """Return first day, last day and months of "January 15, 2025 to March 31, 2025"; None without such words.

    Months are whole ones: a period that is shorter than three months by more than its weeks explain is not a quarter.
    `year` is that of a range that prints none ("Successor, July 22 to September 30").
    """
    found = _DAY_TO_DAY.search(text)
    if found is None or not (found["y2"] or year):
        return None
    closing = int(found["y2"] or year or 0)
    last = _day(closing, _month_number(found["m2"]), int(found["d2"]))
    first = _day(int(found["y1"] or closing), _month_number(found["m1"]), int(found["d1"]))
    if first is None or last is None:
        return None
    if first > last and not found["y1"]:
        first = _day(last.year - 1, first.month, first.day)
    if first is None or first >= last:
        return None
    days = (last - first).days + 1
    months = max(1, round(days / 30.4375))
    if months <= 3 and abs(days - months * 30.4375) > _SLACK:
        months = max(1, int(days / 30.4375))
    return first, last, months


def month_end(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year, month, monthrange(year, month)[1])


def weeks_to_months(weeks: int) -> int:
    """Return the months nearest to a number of weeks: 12 and 13 are 3, 16 is 4, 24 and 26 are 6, 40 is 9, 53 is 12."""
    return max(1, round(weeks * 7 / 30.4375))


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
