"""Which day a company's fiscal quarters end: `core.fiscal_quarters`, and flows set to those days.

A period printed as "three months ended April 30, 2023" says its last day; its first is the day after the books
were closed before, and in a calendar of weeks no rule of months gives that. A heading such as "Q2 FY24" says not
even the last. What decides, quarter by quarter:

* `balance_sheet`: the day that most figures of the company's balance sheets are of, near the nominal month end;
* `calendar`: the calendar declared in packs;
* `weeks`: where a company is not declared to count weeks, but most of its balance sheets are of no month's last
  day, 13 weeks from a neighbour (a year without a neighbour is not known).

Belongs here: dates. Does not belong here: what a figure is (candidates.py), labels (figures.calendars).
"""

from datetime import date, timedelta
from typing import NamedTuple

import duckdb
import pyarrow as pa

from kc_pipeline.figures import calendar_quarter
from kc_pipeline.figures.calendar_sql import nominal_month_sql
from kc_pipeline.figures.calendars import FiscalCalendar
from kc_pipeline.figures.periods import month_end, nominal_month_end
from kc_pipeline.schema import arrow_schema, table

QUARTER = timedelta(weeks=13)

_CLOSES = """
SELECT l.company, l.period_end, count(*) AS figures
FROM staging.statement_lines l JOIN raw.documents d ON d.document_id = l.document_id AND d.status <> 'quarantined'
WHERE l.statement = 'balance_sheet' AND l.months IS NULL AND l.period_end IS NOT NULL
GROUP BY ALL ORDER BY ALL"""

_SPANS = """
SELECT company, min(coalesce(period_start, period_end)), max(period_end) FROM (
  SELECT company, period_start, period_end FROM staging.statement_lines
  UNION ALL SELECT company, period_start, period_end FROM staging.stated_figures
) WHERE period_end IS NOT NULL GROUP BY company ORDER BY company"""

# The quarter that a day closes, and the first day of the periods that end with it, for companies that count weeks.
_FISCAL_CLOSES = f"""
CREATE OR REPLACE TEMP TABLE fiscal_closes AS
SELECT q.company, {nominal_month_sql("q.period_end")} AS nominal_month, q.period_end,
  [q.period_start, h.period_start, n.period_start, y.period_start] AS starts
FROM core.fiscal_quarters q
LEFT JOIN core.fiscal_quarters h ON h.company = q.company AND h.number = q.number - 1
LEFT JOIN core.fiscal_quarters n ON n.company = q.company AND n.number = q.number - 2
LEFT JOIN core.fiscal_quarters y ON y.company = q.company AND y.number = q.number - 3
WHERE q.by_weeks"""


class Quarter(NamedTuple):
    """A fiscal quarter: its last day, and which of the three manners of knowing it holds."""

    end: date
    source: str


def closing_days(calendar: FiscalCalendar, figures: dict[date, int]) -> dict[int, date]:
    """Return the day of most figures near each quarter's nominal end, by quarter as counted by the calendar.

    Args:
        calendar: the company's calendar
        figures: how many figures of its balance sheets are of each day
    """
    best: dict[int, tuple[int, date]] = {}
    for day, count in figures.items():
        number = calendar.number(day)
        if number is not None and (count, day) > best.get(number, (0, date.min)):
            best[number] = (count, day)
    return {number: day for number, (_, day) in best.items()}


def counts_weeks(calendar: FiscalCalendar, closed: dict[int, date]) -> bool:
    """Return whether a company counts weeks: declared, or most of its balance sheets are of no month's last day."""
    if calendar.by_weeks:
        return True
    odd = sum(
        day != month_end(day.year, day.month) and abs(day - nominal_month_end(day)) <= timedelta(7)
        for day in closed.values()
    )
    return calendar.day >= 28 and 2 * odd > len(closed)


def quarters(calendar: FiscalCalendar, closed: dict[int, date], first: int, last: int) -> dict[int, Quarter]:
    """Return the fiscal quarters from first to last whose last day is known.

    Args:
        calendar: the company's calendar
        closed: what `closing_days` says
        first: the first quarter wanted, as counted by the calendar
        last: the last one
    """
    guessed = counts_weeks(calendar, closed) and not calendar.by_weeks
    out: dict[int, Quarter] = {}
    for number in range(first, last + 1):
        if number in closed:
            out[number] = Quarter(closed[number], "balance_sheet")
        elif not guessed:
            out[number] = Quarter(calendar.quarter_end(number), "calendar")
    if guessed:
        for number in range(first, last + 1):
            for step in (1, -1, 2, -2):
                if number not in out and number + step in closed:
                    day = closed[number + step] - step * QUARTER
                    if calendar.number(day) == number:
                        out[number] = Quarter(day, "weeks")
    return out


def fill_fiscal_quarters(con: duckdb.DuckDBPyConnection) -> None:
    """Fill `core.fiscal_quarters` from staging, and create the temporary table `fiscal_closes`.

    `fiscal_closes` has, for companies that count weeks, nominal_month (months since year 0), period_end and
    `starts`: the first day of the three, six, nine and twelve months that end there, null where not known.
    """
    figures: dict[str, dict[date, int]] = {}
    for company, day, count in con.execute(_CLOSES).fetchall():
        figures.setdefault(company, {})[day] = count
    declared = con.execute(
        "SELECT company, coalesce(fiscal_weeks, fiscal_year_end), coalesce(fiscal_year_named_after, 'end') FROM core.companies"
    ).fetchall()
    calendars = {company: FiscalCalendar.parse(text, named) for company, text, named in declared}
    rows = []
    for company, start, end in con.execute(_SPANS).fetchall():
        calendar = calendars[company]
        first, last = _first_quarter(calendar, start), _first_quarter(calendar, end)
        closed = closing_days(calendar, figures.get(company, {}))
        known = quarters(calendar, closed, first - 1, last)
        weeks = counts_weeks(calendar, closed)
        for number, quarter in sorted(known.items()):
            before = known[number - 1].end if number - 1 in known else quarter.end - QUARTER
            rows.append(
                {
                    "company": company,
                    "period": calendar.quarter_label(number),
                    "number": number - 4 * calendar.years_behind,
                    "period_start": before + timedelta(days=1),
                    "period_end": quarter.end,
                    "calendar_quarter": calendar_quarter(quarter.end),
                    "by_weeks": weeks,
                    "end_source": quarter.source,
                }
            )
    con.execute("DELETE FROM core.fiscal_quarters")
    con.register("incoming", pa.Table.from_pylist(rows, schema=arrow_schema(table("core.fiscal_quarters"))))
    try:
        con.execute("INSERT INTO core.fiscal_quarters BY NAME SELECT * FROM incoming")
    finally:
        con.unregister("incoming")
    con.execute(_FISCAL_CLOSES)


def _first_quarter(calendar: FiscalCalendar, day: date) -> int:
    """Return the quarter in which a day lies, by the month: near a quarter's end the one that it closes."""
    for months in range(3):
        moved = month_end(nominal_month_end(day).year, nominal_month_end(day).month + months)
        number = calendar.number(moved)
        if number is not None:
            return number
    raise AssertionError("one of three months closes a quarter")
