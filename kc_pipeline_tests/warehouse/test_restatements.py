"""Figures that change and change back: every version has its own identity, and as-of views show what stood then."""

import random
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from kc_pipeline.kpis import compute, create_as_of
from kc_pipeline.quality import run_checks
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import KC, Books, values

ENDS = {1: date(2024, 3, 31), 2: date(2024, 6, 30), 3: date(2024, 9, 30), 4: date(2024, 12, 31)}
# months and the quarter with which they end; what they first amount to, in thousands
SPANS = {(3, 1): 100, (3, 2): 110, (3, 3): 105, (3, 4): 140, (6, 2): 210, (9, 3): 316, (12, 4): 455}
DAYS = [date(2025, 2, 1) + timedelta(days=90 * n) for n in range(6)]
LINES = {"Total revenues": 10, "Gross profit": 1}
COMPANIES = [f"C{n:02d}" for n in range(20)]
CHECKED = ("grain_of_core_facts", "grain_of_core_fact_inputs", "derived_facts_follow_from_reported_ones")


def filed(
    books: Books, day: date, figures: dict[tuple[int, int], int], company: str = "KC", name: str = ""
) -> None:
    """Add a release that prints figures of 2024 for some periods."""
    document = books.document(name or f"{day}", day, company=company, period=date(2024, 12, 31))
    for row, (label, tenths) in enumerate(LINES.items()):
        for col, ((months, quarter), amount) in enumerate(figures.items()):
            value = amount * tenths // 10
            books.line(document, label, value, ENDS[quarter], months=months, row=row, col=col + 2)


def built(books: Books) -> duckdb.DuckDBPyConnection:
    con = books.load()
    build_facts(con)
    return con


def test_a_half_year_whose_inputs_change_and_change_back_has_a_version_for_each_time() -> None:
    year, first, quarters = (12, 4), (6, 2), {(3, 3): 100, (3, 4): 104}
    books = Books()
    filed(books, DAYS[0], {year: 505, first: 300, **quarters})
    filed(books, DAYS[1], {first: 310})
    filed(books, DAYS[2], {year: 505})
    filed(books, DAYS[3], {first: 300})
    filed(books, DAYS[4], {year: 505})
    con = built(books)
    second_half = "origin = 'derived' AND months = 6 AND concept = 'revenues'"
    assert values(
        con, f"SELECT value // 1000, known_at, label FROM core.facts WHERE {second_half} ORDER BY version"
    ) == [
        (205, DAYS[0], "2024FY - 2024H1"),
        (204, DAYS[1], "2024Q3 + 2024Q4"),
        (195, DAYS[2], "2024FY - 2024H1"),
        (204, DAYS[3], "2024Q3 + 2024Q4"),
        (205, DAYS[4], "2024FY - 2024H1"),
    ]
    assert values(con, "SELECT count(*) - count(DISTINCT fact_id) FROM core.facts") == [(0,)]
    stood = [
        values(con, f"SELECT value // 1000 FROM core.facts_as_of('{day}') WHERE {second_half}")
        for day in DAYS
    ]
    assert stood == [[(205,)], [(204,)], [(195,)], [(204,)], [(205,)], [(205,)]]


History = list[dict[tuple[int, int], int]]


def random_histories(seed: int) -> list[History]:
    """Return for each company what it prints on each of the days: some periods, restated or as they were."""
    chance = random.Random(seed)

    def printed() -> dict[tuple[int, int], int]:
        return {
            span: amount + chance.choice((0, 0, 10))
            for span, amount in SPANS.items()
            if chance.random() < 0.4
        }

    return [[printed() for _ in DAYS] for _ in COMPANIES]


def known(content: list[History], until: date) -> Books:
    """Return what every company had filed by a day."""
    books = Books(companies={c: KC.model_copy(update={"id": c}) for c in COMPANIES})
    for company, history in zip(COMPANIES, content, strict=True):
        filed(books, date(2024, 4, 30), {(3, 1): SPANS[3, 1]}, company)
        for day, changes in zip(DAYS, history, strict=True):
            if changes and day <= until:
                filed(books, day, changes, company)
    return books


FACT = "fact_id, figure_id, version, value, decimals, half_units, origin, known_at, known_at_precision, document_id, label"
KPI = "company, period, kpi, value, low, high, origin, known_at"


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return sorted(con.execute(sql).fetchall(), key=repr)


@pytest.mark.parametrize("seed", [1, 2])
def test_history_is_only_added_to_and_as_of_views_show_what_stood_then(seed: int) -> None:
    content = random_histories(seed)
    whole = built(known(content, DAYS[-1]))
    results = {r["check_name"]: r for r in run_checks(whole, "b", "facts")}
    assert [results[name]["status"] for name in CHECKED] == ["passed"] * len(CHECKED)
    every = set(rows(whole, f"SELECT {FACT} FROM core.facts"))
    for then in DAYS:
        earlier = built(known(content, then))
        assert set(rows(earlier, f"SELECT {FACT} FROM core.facts")) <= every
        stood = rows(whole, f"SELECT {FACT} FROM core.facts_as_of('{then}')")
        assert rows(earlier, f"SELECT {FACT} FROM core.facts_latest") == stood
        if then == DAYS[2 + seed % 3]:
            compute(earlier)
            create_as_of(whole)
            kpis = rows(earlier, f"SELECT {KPI} FROM marts.kpis")
            assert kpis == rows(whole, f"SELECT {KPI} FROM marts.kpis_as_of('{then}')")
            assert len(kpis) == len({row[:3] for row in kpis}) > 0
