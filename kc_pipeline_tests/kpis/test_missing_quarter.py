"""A quarter of which nothing was filed leaves gaps, never a wrong neighbour."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from kc_pipeline.figures.periods import month_end
from kc_pipeline.kpis import compute
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import Books, values

QUARTERS = [(year, q) for year in (2021, 2022, 2023, 2024) for q in (1, 2, 3, 4)]
REVENUE = {quarter: 1000 + 37 * i + (i * i) % 11 for i, quarter in enumerate(QUARTERS)}
CASH = {quarter: 200 + 13 * i for i, quarter in enumerate(QUARTERS)}


def _filings(without: tuple[int, int] | None) -> Books:
    """Return a filing per quarter: revenues of the quarter, cash flow of the year to date, the balance of cash."""
    books = Books()
    for year, q in QUARTERS:
        if (year, q) == without:
            continue
        end = month_end(year, 3 * q)
        filed = month_end(year, 3 * q + 2)
        document = books.document(f"{year}Q{q}", filed, period=end)
        books.line(document, "Total revenues", REVENUE[year, q], end, months=3)
        to_date = sum(CASH[year, x] for x in range(1, q + 1))
        label = "Net cash generated from operating activities"
        books.line(document, label, to_date, end, months=3 * q, statement="cash_flow", table=1)
        books.line(document, "Total assets", 9000, end, table=2)
    return books


def _warehouse(without: tuple[int, int] | None = None) -> duckdb.DuckDBPyConnection:
    con = _filings(without).load()
    build_facts(con)
    compute(con)
    return con


def _kpi(con: duckdb.DuckDBPyConnection, kpi: str) -> dict[str, Decimal]:
    return dict(values(con, f"SELECT period, value FROM marts.kpis WHERE kpi = '{kpi}'"))


def _reasons(con: duckdb.DuckDBPyConnection, kpi: str) -> dict[str, tuple[str, str]]:
    found = values(con, f"SELECT period, reason, detail FROM marts.kpi_absent WHERE kpi = '{kpi}'")
    return {period: (reason, detail) for period, reason, detail in found}


@pytest.fixture(scope="module")
def whole() -> duckdb.DuckDBPyConnection:
    return _warehouse()


def _label(number: int, suffix: str = "") -> str:
    year, q = QUARTERS[number]
    return f"{year}Q{q}{suffix}"


@pytest.mark.parametrize("gap", [5, 7, 8], ids=[_label(i) for i in (5, 7, 8)])
def test_the_neighbours_have_gaps_with_the_reason_and_the_rest_is_as_before(
    whole: duckdb.DuckDBPyConnection, gap: int
) -> None:
    con = _warehouse(QUARTERS[gap])
    assert _label(gap) not in _kpi(con, "revenue")

    before, after = _kpi(whole, "revenue_growth_qoq"), _kpi(con, "revenue_growth_qoq")
    gone = {_label(gap), _label(gap + 1)}
    assert set(before) - set(after) == gone
    assert all(after[p] == before[p] for p in after)
    assert _reasons(con, "revenue_growth_qoq")[_label(gap + 1)] == ("missing_input", "revenues[-1q]")

    before, after = _kpi(whole, "revenue_growth_yoy"), _kpi(con, "revenue_growth_yoy")
    quarterly = {p for p in before if "Q" in p and "-" not in p}
    assert {p for p in quarterly if p not in after} == {_label(gap), _label(gap + 4)}
    assert all(after[p] == before[p] for p in after)
    assert after[_label(gap - 1)] == before[_label(gap - 1)]
    assert after[_label(gap + 1)] == before[_label(gap + 1)]

    before, after = _kpi(whole, "revenue"), _kpi(con, "revenue")
    windows = {_label(i, "-TTM") for i in range(gap, gap + 4)}
    assert {p for p in set(before) - set(after) if p.endswith("-TTM")} == windows
    assert all(after[p] == before[p] for p in after)
    # the window that ends with the missing quarter has nothing of its own; the others name what they lack
    for back in (1, 2, 3):
        assert _reasons(con, "revenue")[_label(gap + back, "-TTM")] == (
            "missing_input",
            f"revenues[-{back}q]",
        )


def test_a_cash_flow_that_needs_the_missing_year_to_date_is_a_gap_too(
    whole: duckdb.DuckDBPyConnection,
) -> None:
    """Without 2022Q2 nothing says what the first half was, so neither is the third quarter known."""
    con = _warehouse((2022, 2))
    before, after = _kpi(whole, "operating_cash_flow"), _kpi(con, "operating_cash_flow")
    assert {p for p in set(before) - set(after) if "Q" in p and "-" not in p} == {"2022Q2", "2022Q3"}
    assert all(after[p] == before[p] for p in after)
    assert before["2022Q3"] == 1000 * CASH[2022, 3]


def test_without_a_first_quarter_no_later_one_of_the_year_is_taken_for_it() -> None:
    con = _warehouse((2022, 1))
    after = _kpi(con, "operating_cash_flow")
    assert {p for p in after if p.startswith("2022Q") and "-" not in p} == {"2022Q3", "2022Q4"}
    assert date(2022, 6, 30) not in {
        end for (end,) in values(con, "SELECT period_end FROM core.facts WHERE origin = 'derived'")
    }
