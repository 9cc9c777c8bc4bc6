"""What stands around a table, and what it says of the period of a column whose own headings leave it open."""

import re
from dataclasses import dataclass
from datetime import date

from kc_pipeline.extraction.calendar import Calendar
from kc_pipeline.extraction.periods import Heading, heading, month_end, weeks_to_months


@dataclass(slots=True)
class Context:
    """What stands around a table: readings of its title, caption and lead, and of the document."""

    title: str
    lines: list[str]
    statement: str
    calendar: Calendar
    flow: bool = False  # whether its rows are flows, by its kind or by their labels


def day_of_year(year: int, month: int, day: int) -> date | None:
    """Return a day, or the month's last where the month is shorter; None where there is no such month."""
    try:
        end = month_end(year, month)
    except ValueError:
        return None
    return end if day >= end.day else date(year, month, day) if day >= 1 else None


def moved(day: date, year: int, calendar: Calendar) -> date | None:
    """Return the period end of another year that answers to a printed one; None where weeks move it and no one says where."""
    if day.year == year:
        return day
    other = day_of_year(year, day.month, day.day)
    return None if other is None else calendar.known(other)


def duration_of(read: Heading, end: date | None, calendar: Calendar) -> tuple[int | None, int | None]:
    """Return months and weeks of the duration that a heading names."""
    if read.weeks:
        return weeks_to_months(read.weeks), read.weeks
    if read.months:
        return read.months, None
    if read.ytd:
        return (None if end is None else _year_to_date(end, calendar)), None
    if read.half:
        return 6, None
    if read.quarter or read.quarter_word:
        return 3, None
    if read.year_span:
        return 12, None
    if read.period_ended and end is not None:
        return _year_to_date(end, calendar), None
    return None, None


def _year_to_date(end: date, calendar: Calendar) -> int:
    nominal = end.month if end.day > 10 else (end.month - 2) % 12 + 1
    return ((nominal - calendar.year_end_month - 1) % 12) + 1


_FISCAL_YEAR = re.compile(r"\bFY\s?'?\d|\bfiscal\b", re.I)


def fiscal_year(texts: list[str], joined: Heading, calendar: Calendar) -> date | None:
    """Return the end of a whole fiscal year named "FY2008" or "Fiscal 2024", where the document says how such years are named."""
    named = (calendar.named_by_start or calendar.named) and any(_FISCAL_YEAR.search(t) for t in texts)
    if not named or not joined.years or joined.quarter or joined.half or joined.months or joined.month_days:
        return None
    return calendar.year_end(joined.years[-1])


def _last_before(month: int, day: int, lines: list[str], context: Context, *, ahead: bool) -> date | None:
    """Return the last such day up to the newest one that the nearest dated line names, or that year's where it lies ahead.

    A line that names years only is held against the days that stand over the document's columns.
    """
    for line in lines:
        read = heading(line)
        if not read.dates and not read.years:
            continue
        newest = max(read.dates) if read.dates else max(context.calendar.seen, default=date.max)
        year = newest.year if read.dates else max(read.years)
        end = day_of_year(year, month, day)
        late = end is not None and end > newest and not ahead
        return day_of_year(year - 1, month, day) if late else end
    return None


_FOOTNOTE = re.compile(r"\W{0,2}(?:\(?(?:[a-z]|\d{1,2})\)|\*+)\s.{60}", re.I)  # of the table above


def end_from_context(
    joined: Heading, lines: list[str], context: Context, *, ahead: bool = False
) -> tuple[date | None, str]:
    """Return the end that a title names ("... ended June 30, 2023 and 2022") for a column of only a year, or nothing.

    With it comes the rule that decided: the lines around, the fiscal calendar, or the cover of the report.
    """
    year = joined.years[-1] if joined.years else None
    if year is None and (joined.quarter or joined.half) and not joined.month_days:
        return None, ""
    if year is None and joined.month_days:
        return _last_before(*joined.month_days[-1], lines, context, ahead=ahead), "caption"
    full_year = joined.year_span and not joined.months and not joined.quarter_word
    for line in lines:
        if _FOOTNOTE.match(line):
            continue
        read = heading(line)
        if full_year and not read.year_span:
            continue
        if year is None:
            if len(set(read.dates)) == 1 and not read.years:
                return read.dates[0], "caption"
            if read.dates or read.month_days:
                return None, ""
        else:
            found, end = _end_in_line(year, read, context.calendar)
            if found:
                return end, "caption"
    return _end_of_calendar(joined, year, context)


def _end_in_line(year: int, read: Heading, calendar: Calendar) -> tuple[bool, date | None]:
    """Return whether a line says when a year's column ends, and that day."""
    same = [d for d in read.dates if d.year == year]
    if same:
        return True, same[0]
    if read.dates and (year in read.years or read.lasting or read.as_of):
        return True, moved(read.dates[0], year, calendar)
    if read.month_days:
        day = day_of_year(year, *read.month_days[-1])
        return True, calendar.snap(day) if day else None
    if read.quarter:
        return True, calendar.quarter_end(year, read.quarter)
    return False, None


def _end_of_calendar(joined: Heading, year: int | None, context: Context) -> tuple[date | None, str]:
    """Return the end of a column that names only a year, and a duration or none, by the document's calendar."""
    calendar = context.calendar
    if year is None:
        return None, ""
    part = joined.months in (3, 6, 9) or joined.quarter_word or joined.ytd
    if part and calendar.covered is not None and not calendar.annual:
        return moved(calendar.covered, year, calendar), "cover"
    if joined.months in (6, 9, 12):
        return calendar.quarter_end(year, joined.months // 3), "fiscal calendar"
    flow = context.flow or (context.statement == "balance_sheet" and calendar.annual)
    if (joined.year_span or flow) and not (part or joined.months):
        return calendar.year_end(year), "fiscal calendar"
    return None, ""


def duration_from_context(
    joined: Heading, end: date | None, near: list[str], context: Context
) -> tuple[int | None, int | None]:
    """Return months and weeks of the duration that the nearest line to name one gives; None of a balance or in doubt.

    `near` are the lines nearest to the column, before those of the context.
    """
    lines = near + context.lines[::-1]
    flow = context.statement in ("income", "cash_flow")
    if context.statement == "balance_sheet":
        return None, None
    for position, line in enumerate(lines):
        read = heading(line)
        if read.as_of and not read.lasting and not flow:
            return None, None
        found = duration_of(read, end, context.calendar)
        if found[0] is None:
            continue
        if not flow and position > 3 + len(near):
            break
        spans = set(_all_spans(line))
        if len(spans) > 1:
            return None, None
        return found
    return None, None


def unsaid_duration(joined: Heading, end: date, context: Context) -> int | None:
    """Return twelve months for a column of a flow statement that no word gives a duration, where only a year can be meant.

    In an annual report that is a column that ends with a fiscal year, elsewhere one headed by a bare year. None in doubt.
    """
    if not context.flow or joined.lasting:
        return None
    calendar = context.calendar
    if calendar.annual:
        return 12 if calendar.closes_year(end) else None
    bare = bool(joined.years) and not (joined.dates or joined.month_days or joined.month_years)
    return 12 if bare and not calendar.interim and calendar.closes_year(end) else None


_SPAN_WORDS = re.compile(
    r"\b(three|six|nine|twelve|\d{1,2})[\s-]+(months?|weeks?)|\b(quarters?)\b|\b(years?)\b", re.I
)


def _all_spans(line: str) -> list[str]:
    out = []
    for found in _SPAN_WORDS.finditer(line):
        out.append("year" if found[4] else "three" if found[3] else found[1].lower())
    return out
