"""A line that is not printed while its section adds up without it, on hand-made balance sheets."""

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from kc_pipeline.kpis import compute, create_as_of
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import Books, values

END = date(2025, 3, 31)
SECTION = ["Assets", "Current assets"]
ROWS = {"Cash and cash equivalents": 500, "Accounts receivable, net": 300, "Inventories": 200}
DUE = "Amounts due from related parties"
CONCEPT = "amounts_due_from_related_parties_current"


def sheet(
    rows: dict[str, Any], total: Any = 1000, name: str = "q1", filed: date = date(2025, 5, 20)
) -> Books:
    out = Books()
    add(out, rows, total, name, filed)
    return out


def add(out: Books, rows: dict[str, Any], total: Any, name: str, filed: date, end: date = END) -> None:
    document = out.document(name, filed, period=end)
    for label, value in rows.items():
        out.line(document, label, value, END, section=SECTION)
    out.line(document, "Total current assets", total, END, section=SECTION)
    out.line(document, "Total revenues", 900, end, months=3, table=1)


def built(out: Books) -> duckdb.DuckDBPyConnection:
    con = out.load()
    build_facts(con)
    compute(con)
    return con


def days(con: duckdb.DuckDBPyConnection) -> list[Any]:
    return values(
        con,
        "SELECT round(value, 4) FROM marts.kpis WHERE kpi = 'days_sales_outstanding' AND period = '2025Q1'",
    )


def test_a_line_without_room_is_nil_for_a_kpi_and_no_fact() -> None:
    con = built(sheet(ROWS))
    assert values(con, "SELECT concept, period_end, addends, deviation, known_at FROM core.nil_lines") == [
        (CONCEPT, END, 3, 0, date(2025, 5, 20))
    ]
    assert values(con, f"SELECT count(*) FROM core.facts WHERE concept = '{CONCEPT}'") == [(0,)]
    assert days(con) == [(Decimal(30),)]  # 300 / 900 x 90
    assert values(
        con,
        """SELECT i.role, f.concept, f.value FROM marts.kpi_inputs i JOIN core.facts f USING (fact_id)
           WHERE i.kpi = 'days_sales_outstanding' AND i.period = '2025Q1' ORDER BY 1""",
    ) == [
        ("accounts_receivable_net_current", "accounts_receivable_net_current", 300_000),
        (f"{CONCEPT} (nil)", "assets_current", 1_000_000),
        ("revenues", "revenues", 900_000),
    ]
    create_as_of(con)
    as_of = "SELECT count(*) FROM marts.kpis_as_of(DATE '2025-05-{}') WHERE kpi = 'days_sales_outstanding'"
    assert values(con, as_of.format(19)) == [(0,)]
    assert values(con, as_of.format(20)) == [(1,)]


@pytest.mark.parametrize(
    ("rows", "total", "why"),
    [
        (ROWS, 1010, "the section has room for it"),
        (
            {**ROWS, "Receivables from affiliates of the founder": 10},
            1010,
            "a row that is not understood may be it",
        ),
        ({"Accounts receivable, net": 1000}, 1000, "one row is no section"),
    ],
)
def test_nothing_is_nil_where(rows: dict[str, Any], total: int, why: str) -> None:
    con = built(sheet(rows, total))
    assert values(con, "SELECT count(*) FROM core.nil_lines") == [(0,)], why
    assert days(con) == [], why
    (reason,) = values(
        con, "SELECT detail FROM marts.kpi_absent WHERE kpi = 'days_sales_outstanding' AND period = '2025Q1'"
    )
    assert reason == (CONCEPT,)


def test_a_figure_printed_anywhere_for_that_day_counts() -> None:
    out = sheet(ROWS)
    add(out, {**ROWS, "Inventories": 150, DUE: 50}, 1000, "q2", date(2025, 8, 20), date(2025, 6, 30))
    con = built(out)
    assert values(con, "SELECT count(*) FROM core.nil_lines") == [(0,)]
    assert days(con) == [(Decimal(35),)]
