"""KPIs of debt exist where a filing prints loans from related parties."""

from decimal import Decimal

import duckdb
import pytest

from kc_pipeline.figures.periods import month_end
from kc_pipeline.kpis import compute
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import Books, values

ROWS = [
    ("Cash and cash equivalents", "Current assets:", 500),
    ("Short-term investments", "Current assets:", 100),
    ("Total assets", "ASSETS", 2000),
    ("Short-term bank loans", "Current liabilities:", 50),
    ("Loans due to related parties", "Current liabilities:", 30),
    ("Finance lease liabilities", "Current liabilities:", 10),
    ("Total current liabilities", "Current liabilities:", 400),
    ("Long-term bank loans", "Non-current liabilities:", 60),
    ("Loans due to related parties", "Non-current liabilities:", 20),
    ("Finance lease liabilities", "Non-current liabilities:", 5),
    ("Total liabilities", "LIABILITIES", 1000),
    ("Total shareholders' equity", "EQUITY", 1000),
]


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    """A balance sheet with loans of related parties due within a year and after it."""
    books = Books()
    end = month_end(2024, 12)
    document = books.document("2024Q4", month_end(2025, 2), period=end)
    for label, heading, value in ROWS:
        books.line(document, label, value, end, section=(heading,))
    con = books.load()
    build_facts(con)
    compute(con)
    return con


@pytest.mark.parametrize(
    ("kpi", "value"),
    [("interest_bearing_debt", "175000"), ("net_cash", "425000"), ("debt_to_equity", "0.175")],
)
def test_debt_counts_loans_from_related_parties(con: duckdb.DuckDBPyConnection, kpi: str, value: str) -> None:
    found = values(con, f"SELECT value FROM marts.kpis WHERE kpi = '{kpi}' AND period = '2024Q4'")
    assert [Decimal(x) for (x,) in found] == [Decimal(value)]
