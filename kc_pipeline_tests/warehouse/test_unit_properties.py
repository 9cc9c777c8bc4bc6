"""Properties of facts and KPIs: order of filings, scale of figures, label of the currency."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kc_pipeline.config import Company
from kc_pipeline.kpis import compute
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import KC, Books, values

QUICK = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
QUARTERS = [
    date(year, month, 31 if month in (3, 12) else 30) for year in (2023, 2024) for month in (3, 6, 9, 12)
]
FLOWS = ("Total revenues", "Gross profit", "Net loss", "Selling and marketing expenses")
BALANCES = ("Total assets", "Total liabilities", "Cash and cash equivalents")

# In thousands, and seven apart: two that lie within one unit would agree in rounding, and ten times as much would not.
amounts_printed = st.integers(15, 1_428).map(lambda n: 7 * n)

# One filing: its quarter, and figures of that quarter and of the year before.
filings = st.lists(
    st.tuples(
        st.integers(0, len(QUARTERS) - 1),
        st.lists(
            st.tuples(st.sampled_from(FLOWS + BALANCES), amounts_printed, st.booleans()),
            min_size=3,
            max_size=8,
        ),
    ),
    min_size=3,
    max_size=7,
)


def books_of(content: list[Any], *, times: int = 1, swap: bool = False, company: Company = KC) -> Books:
    """Return the filings; each figure stands in RMB and, about a seventh, in a US$ column; `swap` changes the labels."""
    books = Books(companies={"KC": company})
    labels = ("USD", "CNY") if swap else ("CNY", "USD")
    for number, (quarter, figures) in enumerate(content):
        filed = date(2025, 1, 10 + number)
        document = books.document(f"d{number}", filed, period=QUARTERS[quarter])
        for row, (label, thousands, comparative) in enumerate(figures):
            end = QUARTERS[max(quarter - 4, 0) if comparative else quarter]
            flow = label in FLOWS
            for col, unit in enumerate(labels, start=2):
                amount = thousands * times if col == 2 else thousands * times // 7
                books.line(
                    document, label, amount, end, months=3 if flow else None, unit=unit, row=row, col=col, table=0 if flow else 1,
                )  # fmt: skip
    return books


def built(books: Books, order: list[int] | None = None) -> duckdb.DuckDBPyConnection:
    con = books.load(order=order)
    build_facts(con)
    compute(con)
    return con


def everything(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    names = (
        "core.facts",
        "core.sightings",
        "core.revisions",
        "marts.kpis",
        "marts.kpi_inputs",
        "marts.kpi_absent",
    )
    return {name: sorted(repr(row) for row in con.execute(f"FROM {name}").fetchall()) for name in names}


@QUICK
@given(content=filings, data=st.data())
def test_any_order_of_filings_gives_the_same_facts_versions_and_kpis(
    content: list[Any], data: st.DataObject
) -> None:
    order = list(data.draw(st.permutations(range(len(content)))))
    one, other = everything(built(books_of(content))), everything(built(books_of(content), order))
    assert one == other
    assert one["core.facts"]


@QUICK
@given(content=filings, times=st.sampled_from((3, 10, 1000)))
def test_scaling_all_figures_leaves_ratios_unchanged(content: list[Any], times: int) -> None:
    def kpis(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, str, Decimal]]:
        return iter(con.execute("SELECT period, kpi, unit, value FROM marts.kpis ORDER BY ALL").fetchall())

    plain, scaled = (list(kpis(built(books_of(content, times=n)))) for n in (1, times))
    # amounts are exact, so that a few more decimals of precision may not add or lose one
    amounts = [(p, k, v * times) for p, k, u, v in plain if u == "CNY"]
    assert [(p, k, v) for p, k, u, v in scaled if u == "CNY"] == amounts
    one, other = ({(p, k): v for p, k, u, v in rows if u != "CNY"} for rows in (plain, scaled))
    for key in one.keys() & other.keys():
        assert float(other[key]) == pytest.approx(float(one[key]), rel=1e-9, abs=1e-9), key
    assert one.keys() == other.keys()


@QUICK
@given(content=filings)
def test_swapping_the_currency_label_never_mixes_units(content: list[Any]) -> None:
    """With the labels swapped the other column is the company's: no figure of one is ever beside one of the other."""
    dollars = KC.model_copy(update={"reporting_currency": "USD"})
    yuan, swapped = built(books_of(content)), built(books_of(content, swap=True))
    same = built(books_of(content, swap=True, company=dollars))
    for con, unit in ((yuan, "CNY"), (swapped, "CNY"), (same, "USD")):
        assert values(con, f"SELECT count(*) FROM core.facts WHERE unit <> '{unit}'") == [(0,)]
        assert values(con, f"SELECT count(*) FROM core.convenience_translations WHERE unit = '{unit}'") == [
            (0,)
        ]
        assert values(
            con, f"SELECT count(*) FROM marts.kpis WHERE length(unit) = 3 AND unit <> '{unit}'"
        ) == [(0,)]
    printed = {value for _, figures in content for _, value, _ in figures}
    for con, allowed in ((yuan, printed), (swapped, {v // 7 for v in printed}), (same, printed)):
        facts = values(con, "SELECT value FROM core.facts WHERE origin = 'reported'")
        assert {abs(v) // 1000 for (v,) in facts} <= allowed
    # the same figures in the company's own column give the same KPIs, whatever the currency is called
    shown = "SELECT period, kpi, value, replace(replace(unit, 'CNY', '?'), 'USD', '?') FROM marts.kpis ORDER BY ALL"
    assert yuan.execute(shown).fetchall() == same.execute(shown).fetchall()
