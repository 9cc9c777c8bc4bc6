"""When fiscal quarters end, by the balance sheets, the declared calendar or weeks."""

from datetime import date, timedelta

import pytest

from kc_pipeline.config import Company
from kc_pipeline.figures.calendars import FiscalCalendar
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline.warehouse.fiscal import closing_days, counts_weeks, quarters
from kc_pipeline_tests.warehouse.books import Books, values

APRIL, JULY = date(2023, 4, 30), date(2023, 7, 30)


def _company(**more: str) -> Company:
    return Company(id="KC", name="Weeks", reporting_currency="CNY", **more)  # type: ignore[arg-type]


def _books(company: Company) -> Books:
    books = Books(companies={"KC": company})
    document = books.document("one", date(2023, 8, 28))
    for close in (date(2023, 1, 29), JULY):
        books.line(document, "Total assets", 85, close)
    books.line(document, "Gross profit", 9, JULY, months=3, table=1)
    books.line(document, "Gross profit", 14, JULY, months=6, table=1)
    books.line(document, "Gross profit", 9, date(2023, 7, 31), months=3, table=2)
    return books


@pytest.mark.parametrize(
    "company",
    [
        _company(fiscal_year_end="last Sunday of January"),
        _company(fiscal_year_end="--01-31"),
        _company(fiscal_year_end="Sunday nearest January 31", fiscal_year_named_after="start"),
    ],
    ids=["declared", "told by the balance sheets", "named after the start"],
)
def test_flows_begin_and_end_with_the_books(company: Company) -> None:
    con = _books(company).load()
    build_facts(con)
    found = values(con, "SELECT months, period_start, period_end FROM core.facts WHERE months > 0 ORDER BY 1")
    assert found == [(3, date(2023, 5, 1), JULY), (6, date(2023, 1, 30), JULY)]
    assert values(con, "SELECT count(*) FROM core.sightings") == [(1,)]
    label = "2023Q2" if company.fiscal_year_named_after == "start" else "2024Q2"
    row = values(
        con,
        "SELECT period, period_start, calendar_quarter, by_weeks FROM core.fiscal_quarters WHERE period_end = '2023-07-30'",
    )
    assert row == [(label, date(2023, 5, 1), "2023Q3", True)]


def test_a_month_end_calendar_keeps_its_months() -> None:
    books = Books()
    document = books.document("one", date(2025, 5, 28))
    books.line(document, "Total assets", 85, date(2025, 3, 31))
    books.line(document, "Total assets", 80, date(2024, 12, 31))
    books.line(document, "Gross profit", 9, date(2025, 3, 31), months=3, table=1)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT period_start FROM core.facts WHERE months = 3") == [(date(2025, 1, 1),)]
    assert values(con, "SELECT DISTINCT by_weeks, end_source FROM core.fiscal_quarters ORDER BY 2") == [
        (False, "balance_sheet"),
        (False, "calendar"),
    ]


def test_the_balance_sheet_says_which_quarter_is_long() -> None:
    """Apple's fiscal 2023 had its fourteenth week in the first quarter."""
    calendar = FiscalCalendar.parse("last Saturday of September")
    closed = closing_days(calendar, {date(2022, 12, 31): 40, date(2022, 12, 24): 1, date(2022, 11, 5): 9})
    assert closed == {4 * 2023: date(2022, 12, 31)}
    known = quarters(calendar, closed, 4 * 2023 - 1, 4 * 2023 + 3)
    assert [q.end for q in known.values()][:2] == [date(2022, 9, 24), date(2022, 12, 31)]
    assert [q.source for q in known.values()][:3] == ["calendar", "balance_sheet", "calendar"]


def test_weeks_are_not_guessed_from_one_odd_day() -> None:
    calendar = FiscalCalendar()
    ends = [calendar.quarter_end(4 * 2024 + q) for q in range(4)]
    closed = dict(zip(range(4 * 2024, 4 * 2025), ends, strict=True))
    assert not counts_weeks(calendar, closed)
    assert not counts_weeks(calendar, {**closed, 4 * 2024: ends[0] - timedelta(days=2)})
    assert counts_weeks(calendar, {n: day - timedelta(days=2) for n, day in closed.items()})
