"""Flows printed before the revenues of their period were restated: KPIs that mix the two bases say so."""

from datetime import date

import duckdb

from kc_pipeline.kpis import compute, create_as_of
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import Books

END = date(2024, 12, 31)
FIRST, RESTATED, REPEATED = date(2025, 3, 20), date(2026, 3, 20), date(2026, 4, 20)
MARGIN = "SELECT coalesce(remark, '') FROM {} WHERE kpi = 'gross_margin' AND period = '2024Q4'"


def built(restated: int, *, repeated: bool = False) -> duckdb.DuckDBPyConnection:
    books = Books()
    first = books.document("first", FIRST, period=END)
    books.line(first, "Total revenues", 2000, END, months=3)
    books.line(first, "Gross profit", 400, END, months=3)
    books.line(first, "Total assets", 9000, END, statement="balance_sheet", table=1)
    books.line(books.document("later", RESTATED, period=END), "Total revenues", restated, END, months=3)
    if repeated:
        books.line(books.document("last", REPEATED, period=END), "Gross profit", 400, END, months=3)
    con = books.load()
    build_facts(con)
    compute(con)
    create_as_of(con)
    return con


def remark(con: duckdb.DuckDBPyConnection, of: str = "marts.kpis") -> str:
    (found,) = con.execute(MARGIN.format(of)).fetchone() or ("no margin",)
    return str(found)


def test_a_margin_over_restated_revenues_says_that_its_numerator_is_older() -> None:
    con = built(1900)
    assert "printed before the revenues of its period were restated" in remark(con)
    assert remark(con, "marts.kpis_as_of('2026-03-19')") == ""
    assert "restated" in remark(con, "marts.kpis_as_of('2026-03-20')")
    assert con.execute("SELECT count(*) FROM core.facts WHERE suspect IS NOT NULL").fetchone() == (0,)
    assert con.execute("SELECT remark FROM marts.kpis WHERE kpi = 'total_assets'").fetchall() in (
        [(None,)],
        [],
    )


def test_a_flow_that_a_later_document_repeats_is_of_the_new_basis() -> None:
    con = built(1900, repeated=True)
    assert remark(con) == ""
    assert "restated" in remark(con, "marts.kpis_as_of('2026-03-20')")


def test_a_corrected_rounding_of_revenues_moves_no_basis() -> None:
    assert remark(built(2002)) == ""
