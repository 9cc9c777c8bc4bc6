from datetime import date, timedelta
from itertools import pairwise

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kc_pipeline.figures import Period, calendar_quarter
from kc_pipeline.figures.calendar_sql import calendar_quarter_sql, fiscal_month_sql, label_sql
from kc_pipeline.figures.calendars import FiscalCalendar

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

month_ends = st.integers(1, 12).map(lambda m: f"--{m:02d}-{LENGTHS[m - 1]}")
last_days = st.tuples(st.sampled_from(DAYS), st.sampled_from(MONTHS)).map(lambda p: f"last {p[0]} of {p[1]}")
nearest = st.tuples(st.sampled_from(DAYS), st.integers(1, 12)).map(
    lambda p: f"{p[0]} nearest {MONTHS[p[1] - 1]} {LENGTHS[p[1] - 1]}"
)
year_ends = st.one_of(month_ends, last_days, nearest)
calendars = st.builds(FiscalCalendar.parse, year_ends, st.sampled_from(["end", "start"]))
weekly = st.builds(FiscalCalendar.parse, st.one_of(last_days, nearest))
years = st.integers(1995, 2025)


@pytest.mark.parametrize(
    ("text", "year", "end"),
    [
        ("last Sunday of January", 2023, date(2023, 1, 29)),  # NVIDIA
        ("last Sunday of January", 2024, date(2024, 1, 28)),
        ("last Sunday in January", 2025, date(2025, 1, 26)),
        ("last Saturday of September", 2023, date(2023, 9, 30)),  # Apple
        ("Sunday nearest January 31", 2023, date(2023, 1, 29)),  # Home Depot
        ("Sunday closest to January 31", 2024, date(2024, 1, 28)),
        ("Saturday nearest January 31", 2024, date(2024, 2, 3)),
        ("Saturday nearest December 31", 2026, date(2027, 1, 2)),
        ("Saturday nearest September 1", 2025, date(2025, 8, 30)),
        ("--02-28", 2024, date(2024, 2, 29)),
        ("--06-15", 2024, date(2024, 6, 15)),
    ],
)
def test_years_end_when_the_issuers_do(text: str, year: int, end: date) -> None:
    assert FiscalCalendar.parse(text).year_end(year) == end


@pytest.mark.parametrize(
    "text", ["March", "--13-31", "--02-30", "last Sonntag of January", "Friday nearest May 40", "--04-05", ""]
)
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|the month before"):
        FiscalCalendar.parse(text)


def test_a_year_may_be_named_after_its_start() -> None:
    retailer = FiscalCalendar.parse("Sunday nearest January 31", "start")
    assert retailer.label(Period(date(2023, 1, 30), date(2024, 1, 28))) == "2023FY"
    assert retailer.label(Period(date(2023, 1, 30), date(2023, 4, 30))) == "2023Q1"
    assert retailer.period("2023Q4").end == date(2024, 1, 28)
    assert FiscalCalendar.parse("--12-31", "start").period("2023FY") == Period(
        date(2023, 1, 1), date(2023, 12, 31)
    )


@given(weekly, years)
def test_a_year_of_weeks_has_52_or_53_and_begins_after_the_last(calendar: FiscalCalendar, first: int) -> None:
    ends = [calendar.year_end(year) for year in range(first, first + 31)]
    assert {e.weekday() for e in ends} == {calendar.weekday}
    weeks = [(b - a).days / 7 for a, b in pairwise(ends)]
    assert set(weeks) == {52, 53}
    assert weeks.count(53) in (5, 6)  # 30 years of weeks keep step with the calendar


@given(calendars, years, st.integers(0, 119))
def test_quarters_follow_each_other_for_thirty_years(calendar: FiscalCalendar, first: int, step: int) -> None:
    number = 4 * first + step
    start, end = calendar.quarter_end(number - 1) + timedelta(days=1), calendar.quarter_end(number)
    length = (end - start).days + 1
    assert length in ((91, 98) if calendar.by_weeks else (89, 90, 91, 92))
    assert calendar.number(end) == number
    label = calendar.quarter_label(number)
    assert calendar.label(Period(start, end)) == calendar.label(Period(None, end)) == label
    assert calendar.period(label) == Period(start, end)


@given(calendars, years, st.sampled_from(["Q1", "Q2", "Q3", "Q4", "H1", "H2", "9M", "FY"]))
def test_a_label_stands_for_the_period_that_bears_it(calendar: FiscalCalendar, year: int, part: str) -> None:
    label = f"{year}{part}"
    assert calendar.label(calendar.period(label)) == label


@given(calendars, years, st.sampled_from([3, 6, 9, 12]))
def test_the_year_is_made_of_its_quarters(calendar: FiscalCalendar, year: int, months: int) -> None:
    label = f"{year}{ {3: 'Q1', 6: 'H1', 9: '9M', 12: 'FY'}[months] }"
    whole = calendar.period(label)
    parts = [calendar.period(f"{year}Q{q}") for q in range(1, months // 3 + 1)]
    assert parts[0].start == whole.start
    assert parts[-1].end == whole.end
    assert all(b.start == a.end + timedelta(days=1) for a, b in pairwise(parts) if b.start)


@settings(deadline=None)
@given(st.lists(st.tuples(calendars, years, st.integers(0, 3), st.integers(-3, 3)), min_size=1, max_size=20))
def test_sql_says_the_same(cases: list[tuple[FiscalCalendar, int, int, int]]) -> None:
    """Also for a quarter whose end the issuer puts some days beside the declared one, as long quarters do."""
    con = duckdb.connect()
    for calendar, year, quarter, off in cases:
        end = calendar.quarter_end(4 * year + quarter)
        if calendar.by_weeks:
            end += timedelta(days=off)
        month = fiscal_month_sql("x.day", "x")
        row = con.execute(
            f"""SELECT {month} // 3, {month} % 3, {label_sql("0", f"({month} // 3)")}, {calendar_quarter_sql("x.day")}
            FROM (SELECT ?::DATE AS day, ? AS fiscal_year_end, ? AS fiscal_year_named_after) x""",
            [end, calendar.nominal, calendar.named_after],
        ).fetchone()
        number = calendar.number(end)
        expected = None if number is None else number - 4 * calendar.years_behind
        assert row is not None
        assert row[0] == (expected if expected is not None else row[0])
        assert (row[1] == 2) == (number is not None)
        if number is not None:
            assert row[2] == calendar.quarter_label(number)
        assert row[3] == calendar_quarter(end)
