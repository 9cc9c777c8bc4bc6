"""For which period, and in which unit, the figures of a column are: from its headings and from what stands around."""

import itertools
import re
from datetime import date
from functools import lru_cache

from kc_pipeline.extraction.calendar import Calendar
from kc_pipeline.extraction.columns import Column, unit_only
from kc_pipeline.extraction.context import (
    Context,
    day_of_year,
    duration_from_context,
    duration_of,
    end_from_context,
    fiscal_year,
    moved,
    unsaid_duration,
)
from kc_pipeline.extraction.measures import column_measure
from kc_pipeline.extraction.periods import (
    Heading,
    day_range,
    heading,
    month_end,
    period_start,
)
from kc_pipeline.extraction.registrants import company_of
from kc_pipeline.extraction.statements import is_period_heading, is_statement_title
from kc_pipeline.extraction.units import unit_words
from kc_pipeline.extraction.vocabulary import NUMBER_WORDS


def _resolve_end(texts: list[str], joined: Heading, calendar: Calendar) -> date | None:
    """Return the period end that a column's headings name; None where they name none, or leave it open."""
    own = _own_texts(texts)
    if len(own) < len(texts):
        joined = heading(" ".join(own))
    parts = [heading(t) for t in own]
    if joined.quarter and joined.years and not (joined.dates or joined.month_days or joined.month_years):
        return calendar.quarter_end(joined.years[-1], joined.quarter)
    found, end = _nearest_end(parts, _bottom_year(parts), calendar)
    return end if found else _joined_end(joined, calendar)


def _own_texts(texts: list[str]) -> list[str]:
    """Return a column's headings without captions across all columns that name every date, where one of its own names one."""
    parts = [heading(t) for t in texts]
    several = [len(set(p.dates)) > 1 for p in parts]
    if not any(p.dated and not s for p, s in zip(parts, several, strict=True)):
        return texts
    return [t for t, s in zip(texts, several, strict=True) if not s]


def _bottom_year(parts: list[Heading]) -> int | None:
    """Return the year that stands alone nearest to the figures, with no day below it."""
    for read in reversed(parts):
        if len(read.years) == 1 and not read.dates:
            return read.years[0]
        if read.dates or read.month_years or len(read.years) > 1:
            return None
    return None


def _nearest_end(
    parts: list[Heading], bottom_year: int | None, calendar: Calendar
) -> tuple[bool, date | None]:
    """Return whether one heading gives the end, and that day: "Sept. 30," over "2008", below a day of the release."""
    for read in reversed(parts):
        if len(read.dates) == 1 and bottom_year in (None, read.dates[0].year):
            return True, read.dates[0]
        if bottom_year is not None and read.month_days:
            return True, day_of_year(bottom_year, *read.month_days[-1])
    dated = next((read for read in reversed(parts) if read.dates), None)
    if bottom_year is None or dated is None:
        return False, None
    return True, moved(dated.dates[0], bottom_year, calendar)


def _joined_end(joined: Heading, calendar: Calendar) -> date | None:
    """Return the end that a column's headings name together."""
    if joined.dates:
        return joined.dates[-1]
    if joined.month_days and joined.years:
        return day_of_year(joined.years[-1], *joined.month_days[0])
    if joined.month_years:
        return calendar.snap(month_end(*joined.month_years[-1]))
    if joined.half and joined.years:
        return calendar.quarter_end(joined.years[-1], 2 * joined.half)
    return None


def set_periods(columns: list[Column], context: Context, row_heading: str = "") -> None:
    """Fill in kind, period, currency, scale and audit mark of each column from its headings and the context."""
    near = [row_heading] if row_heading else []
    _carry_groups(columns)
    _carry_days(columns)
    _widen_durations(columns, context)
    shared = set.intersection(*(set(c.texts) for c in columns)) if len(columns) > 1 else set()
    printed_on = _printed_on(columns, shared)
    for column in columns:
        joined = heading(" ".join(column.texts)) if column.texts else heading("")
        column.kind = _kind(column, joined, shared)
        if column.kind in ("note", "change"):
            continue
        own = [t for t in column.texts if t not in shared or len(columns) == 1]
        _set_period(column, joined, near, own, context, alone=len(columns) == 1)
        _set_units(column)
        column.doubt = _doubt(column.texts, printed_on, context) or _assumed(column, joined, context)
        for text in column.texts:
            if text not in shared and not is_period_heading(text):
                column.measure = column_measure(text) or column.measure
    _complete(columns, context)
    set_members(columns, [x for x in context.lines[-3:] if is_statement_title(x)])


def _kind(column: Column, joined: Heading, shared: set[str]) -> str:
    """Return what a column holds by its headings: amounts, percentages, changes, or numbers of notes."""
    texts = column.texts
    bottom = heading(texts[-1]) if texts else joined
    if column.kind == "note" or joined.note or bottom.note:
        return "note"
    if joined.change:
        own = any(heading(t).change for t in texts if t not in shared)
        if own or "".join(texts[-2:]).strip().lower() in _CHANGE_WORDS:
            return "change"
    if (bottom.percent and not bottom.dated) or (joined.percent and not joined.dated):
        return "percent"
    return column.kind


def _set_period(
    column: Column, joined: Heading, near: list[str], own: list[str], context: Context, *, alone: bool
) -> None:
    """Set end, duration, start and audit mark of a column, and the rule that decided."""
    calendar = context.calendar
    end = _resolve_end(column.texts, joined, calendar)
    rule = "column heading"
    if end is None:
        end, rule = fiscal_year(column.texts, joined, calendar), "fiscal calendar"
    if end is None:
        ahead = "ending" in column.label.lower()
        end, rule = end_from_context(joined, near + context.lines[::-1], context, ahead=ahead)
    column.period_end, column.audited = end, joined.audited
    column.months, weeks, lasting_rule = _duration(joined, end, near, context)
    if end is not None:
        column.period_rule = rule if column.months is None else f"{rule}; {lasting_rule}"
        if column.months is not None:
            opening = None if weeks else calendar.opening(end, column.months)
            column.period_start = opening or period_start(end, column.months, weeks)
    if context.statement == "balance_sheet":
        return
    ranges = [r for t in own if (r := day_range(t, end.year if end is not None else None))]
    if not ranges and end is None and alone:
        # the labels of a table's first rows stand last among its lines
        said = (day_range(t) for t in (*context.lines[:-8:-1], " ".join(context.lines[-3:])))
        titled = next(filter(None, said), None)
        ranges = [titled] if titled else []
        column.period_rule = "caption; caption" if titled else column.period_rule
    if ranges:
        column.period_start, column.period_end, column.months = ranges[-1]


def _set_units(column: Column) -> None:
    """Set currency and scale of a column from its headings, the nearest first."""
    for text in reversed(column.texts):
        words = unit_words(text)
        if column.currency is None and "=" not in text:
            if words.currencies:
                column.currency = words.currencies[0] if len(words.currencies) == 1 else None
            elif words.dollar or words.yen:
                column.currency = "$" if words.dollar else "¥"
        if column.scale is None and words.scale is not None:
            column.scale = words.scale


def _duration(
    joined: Heading, end: date | None, near: list[str], context: Context
) -> tuple[int | None, int | None, str]:
    """Return months and weeks of a column, and what says so: its heading, the lines around, or that only a year is meant."""
    months, weeks = duration_of(joined, end, context.calendar)
    rule = "column heading"
    if months is None and near and (said := heading(near[-1])).as_of and said.dates and not said.lasting:
        return None, None, ""  # below "As of June 30, 2025", in a table whose title names a duration
    if months is None and not joined.as_of and not joined.ytd:
        months, weeks = duration_from_context(joined, end, near, context)
        rule = "caption"
    if context.statement == "balance_sheet" and not (joined.months or joined.weeks):
        return None, None, ""
    if months is None and weeks is None and end is not None and not (joined.as_of or joined.ytd):
        months = unsaid_duration(joined, end, context)
        rule = "annual report" if context.calendar.annual else "year alone"
    return months, weeks, rule


_FROM_TO = re.compile(r"\b(?:to|through|thru|until|from|between)\b|\d\s*[-–—]\s*[A-Za-z\d]", re.I)
_MONTHS_ENDED = re.compile(
    r"\b(three|six|nine|twelve|3|6|9|12)[\s-]+months?(?:\s+periods?)?\s+end(?:ed|ing)\b", re.I
)
_SPAN_WORD = re.compile(r"\b(three|six|nine|twelve)\b|\b(?:3|6|9|12)(?=[\s-]+months?)", re.I)


def _printed_on(columns: list[Column], shared: set[str]) -> set[date]:
    """Return the day of the document where it stands above all columns: within weeks after all of their own days."""
    own = [d for c in columns for t in c.texts if t not in shared for d in heading(t).dates]
    above = {d for t in shared for d in heading(t).dates}
    return {d for d in above if own and 0 < (d - max(own)).days < 100}


def _doubt(texts: list[str], printed_on: set[date], context: Context) -> str:
    """Return what is contradictory in the evidence for a column's period, or ""."""
    days = {d for t in texts if heading(t).dates and not _reaches(t) for d in heading(t).dates} - printed_on
    if len(days) > 1 and _reaches(" ".join(texts)):
        days = set()
    if len(days) > 1:
        return "its headings name " + " and ".join(str(d) for d in sorted(days))
    spans = {months for t in texts if heading(t).lasting for months in _months_ended(t)}
    if len(spans) > 1:
        return "its headings name durations of " + " and ".join(str(s) for s in sorted(spans)) + " months"
    if spans and context.statement in ("income", "cash_flow"):
        lines = [t for t in context.lines[-4:] if _months_ended(t)]
        titled = {_months_of(m[0]) for t in lines for m in _SPAN_WORD.finditer(t)}
        if (
            titled
            and not spans & titled
            and not any(heading(t).year_span or heading(t).ytd for t in context.lines[-4:])
        ):
            return f"its heading says {spans.pop()} months, the title {' and '.join(str(s) for s in sorted(titled))}"
    return ""


def _assumed(column: Column, joined: Heading, context: Context) -> str:
    """Return that the end of a column's year or quarter is assumed, where only its name is printed, or ""."""
    if not context.calendar.assumed or column.period_end is None:
        return ""
    named = (joined.quarter or joined.half) and not (joined.dates or joined.month_days or joined.month_years)
    if not (named or column.period_rule.startswith("fiscal calendar")):
        return ""
    return "the document says nowhere when its fiscal years end, calendar years are assumed"


@lru_cache(maxsize=8192)
def _reaches(text: str) -> bool:
    """Whether a heading names a stretch of time from one day to another."""
    return _FROM_TO.search(text) is not None


@lru_cache(maxsize=8192)
def _months_ended(text: str) -> tuple[int, ...]:
    """Return the durations that a text names as "three months ended"."""
    return tuple(_months_of(m[1]) for m in _MONTHS_ENDED.finditer(text))


def _months_of(word: str) -> int:
    return NUMBER_WORDS.get(word.lower()) or int(word)


_WHOLE = re.compile(r"\b(?:total|consolidated|group|combined|company|balance\s+sheet)\b|\btotals?$", re.I)
_TOTALS = re.compile(r"^\W*total\b|\b(?:consolidated|combined)\b|\btotals?$", re.I)
_GROUP = re.compile(r"\b(?:group|consolidated)\b", re.I)
_ALONE = re.compile(r"^\W*(?:the\s+)?(?:parent\s+)?company(?:\s+(?:only|alone))?\W*$", re.I)
_OTHER_BASIS = re.compile(  # figures on another basis than the statement's own, even where they stand alone
    r"\bnon[\s-]*gaap\b|\bnon[\s-]*IFRS\b|\b(?:as\s+)?adjusted\b|\badjustments?\b|\bpro[\s-]+forma\b|\bconstant[\s-]+(?:currency|currencies|exchange\s+rates?)\b"
    r"|\b(?:as\s+)?previously\s+reported\b|\bas\s+originally\s+reported\b|\bguidance\b|\boutlook\b|\bforecast\b|\bbudget(?:ed)?\b|\bprojected\b|^\W*estimates?\W*$|(?-i:\d\dE\b)",
    re.I,
)
_RESTATED = re.compile(r"\b(?:restated|recast|as\s+revised)\b", re.I)
_OWN_BASIS = re.compile(r"\bactual\b|\breported\b|\bstatutory\b|^GAAP\b|\bIFRS\b", re.I)


def other_basis(text: str) -> str:
    """Return the words of a heading or title that set its figures on another basis than the statement's own, else ""."""
    found = _OTHER_BASIS.search(text)
    return found[0] if found else ""


def set_members(columns: list[Column], titles: list[str]) -> None:
    """Columns of one period and currency differ by something else (segments, adjustments): say by what.

    A heading that names another basis (non-GAAP, pro forma, constant currency, guidance) sets its columns apart even
    where they stand alone; so does the title nearest to the table, for all columns.
    """
    groups: dict[tuple[date | None, int | None, str | None, str], list[Column]] = {}
    for column in columns:
        if column.kind == "amount" and column.period_end is not None:
            groups.setdefault((column.period_end, column.months, column.currency, column.kind), []).append(
                column
            )
    titled = next((said for line in titles if (said := other_basis(line))), "")
    for group in groups.values():
        named = [[t for t in c.texts if not is_period_heading(t) and not unit_only(t)] for c in group]
        bases = [next((t for t in words if other_basis(t)), "") for words in named]
        # beside a restated column, the one "as reported" is what was reported before
        restated = any(_RESTATED.search(t) for c in group for t in c.texts)
        own = _RESTATED if restated else _OWN_BASIS
        for column, words, basis in zip(group, named, bases, strict=True):
            plain = len(group) < 2 or (any(bases) and words and own.search(words[-1]))
            if basis:
                column.member = basis
            elif plain or bases.count("") == 1 or _is_whole(words, named):
                column.member = titled
            else:
                column.member = " ".join(words) or "?"


def _is_whole(words: list[str], named: list[list[str]]) -> bool:
    """Whether a column among others of its period is their total, or the only one without words of its own."""
    if not words:
        return sum(1 for others in named if not others) == 1
    if company_of(words[-1])[1] and not _TOTALS.search(words[-1]):
        return False
    if _ALONE.search(words[-1]) and any(others and _GROUP.search(others[-1]) for others in named):
        return False
    return bool(_WHOLE.search(words[-1])) and len(words[-1]) < 30


def _widen_durations(columns: list[Column], context: Context) -> None:
    """A duration over some columns of a flow statement, none over the others: its heading was set too narrow.

    The one duration there is holds for all columns; of several, each for the dated columns up to the next.
    """
    flow = context.statement in ("income", "cash_flow")
    named = {t for c in columns for t in c.texts if heading(t).lasting}
    if len(named) > 1:
        first = [n for n, c in enumerate(columns) if heading(c.label).lasting]
        each = max(1, len(columns) // max(1, len(first)))
        if first[:1] == [0] and (flow or first == list(range(0, len(columns), each))):
            _carry_durations(columns)
        return
    if not named or context.statement == "balance_sheet":
        return
    if not flow and (not heading(columns[0].label).lasting or any(heading(t).dated for t in named)):
        return
    text = next(iter(named))
    for column in columns:
        read = heading(column.label)
        if (
            text not in column.texts
            and (read.dates or read.month_days)
            and not read.lasting
            and not read.change
        ):
            column.texts.insert(0, text)


def _carry_durations(columns: list[Column]) -> None:
    above = ""
    for column in columns:
        lasting = [t for t in column.texts if heading(t).lasting]
        read = heading(column.label)
        if lasting:
            above = lasting[0] if lasting[0] != column.texts[-1] and not heading(lasting[0]).dates else ""
        elif above and read.dated and not read.as_of and not read.change:
            column.texts.insert(0, above)


def _carry_groups(columns: list[Column]) -> None:
    """Periods over the first of each group of columns ("Q1 2009" over "Reported", "PPA", "Adjusted"): each holds for its group.

    The groups must be of one size and have the same headings below.
    """
    dated = [n for n, c in enumerate(columns) if heading(c.label).dated]
    each = len(columns) // len(dated) if len(dated) > 1 else 0
    if each < 2 or dated != list(range(0, len(columns), each)) or len(columns) % each:
        return
    below = [c.texts[-1] if c.texts else "" for c in columns]
    if "" in below or any(text != below[n % each] for n, text in enumerate(below)):
        return
    above: list[str] = []
    for n, column in enumerate(columns):
        if n % each == 0:
            above = [t for t in column.texts if heading(t).dated or heading(t).lasting]
        else:
            column.texts[:0] = above


def _carry_days(columns: list[Column]) -> None:
    """A month and day over the first of several years ("June 30," over "2023" and "2022"): it holds for all of them."""
    day = ""
    for column in columns:
        own = [t for t in column.texts if heading(t).month_days]
        read = heading(column.label)
        if own:
            day = own[0] if not heading(own[0]).years and not heading(own[0]).dates else ""
        elif (
            read.dates
            or read.month_years
            or read.quarter
            or read.half
            or read.as_of
            or (read.year_span and not read.months)
        ):
            day = ""
        elif day and len(read.years) == 1 and not read.change:
            column.texts.insert(0, day)


_CHANGE_WORDS = frozenset(
    ("change", "changes", "%change", "change%", "variance", "increase", "decrease", "growth", "+/-")
)


_BARE_YEAR = re.compile(r"(?:19|20)\d\d")


def _complete(columns: list[Column], context: Context) -> None:
    """Columns of percentages without a period of their own have that of the column left of them; columns that name only a year take month and day from their dated neighbours of the same table.

    Beside columns that each name a quarter, a bare year is the whole year.
    """
    if context.statement != "balance_sheet" and any(heading(c.label).quarter for c in columns):
        for column in columns:
            if column.kind == "amount" and _BARE_YEAR.fullmatch(column.label):
                column.period_end = year_end = context.calendar.quarter_end(int(column.label), 4)
                column.months = 12
                column.period_start = period_start(year_end, 12) if year_end is not None else None
    for left, column in itertools.pairwise(columns):
        if column.kind == "percent" and column.period_end is None and left.kind == "amount":
            column.period_end, column.period_start = left.period_end, left.period_start
            column.months, column.audited, column.period_rule = left.months, left.audited, "column left of it"
    dated = [c for c in columns if c.period_end is not None and c.kind in ("amount", "percent")]
    for column in columns:
        if column.period_end is None and column.kind == "amount":
            read = heading(column.label)
            if len(read.years) == 1 and dated:
                sample = dated[0]
                assert sample.period_end is not None
                column.period_end = end = moved(sample.period_end, read.years[0], context.calendar)
                if read.ytd and end is not None:
                    column.months, weeks = duration_of(read, end, context.calendar)
                    column.period_start = period_start(end, column.months, weeks) if column.months else None
