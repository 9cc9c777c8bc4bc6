"""What `benchmarks.kpis` times is the same everywhere: columns, rows and pandas hold the same values."""

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from kc_pipeline.kpis import catalogue
from kc_pipeline.kpis.marts import create_levels, plan_for
from kc_pipeline.kpis.plan import Plan, mask

COMPANIES, QUARTERS = 3, 16


@pytest.fixture(scope="module")
def con(repo: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    sys.path.insert(0, str(repo))
    try:
        from benchmarks.kpis import build
    finally:
        sys.path.remove(str(repo))
    connection = duckdb.connect()
    build(connection, COMPANIES, QUARTERS)
    # a gap, so that a wrong neighbour would show
    connection.execute("DELETE FROM core.facts WHERE company = 'C00001' AND period_end = DATE '2012-06-30'")
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def present(con: duckdb.DuckDBPyConnection) -> Plan:
    return plan_for(con, "core.facts")


def test_the_facts_meet_the_whole_catalogue(present: Plan) -> None:
    assert present.computable == set(catalogue().kpis)


def test_columns_and_rows_hold_the_same_figures(con: duckdb.DuckDBPyConnection, present: Plan) -> None:
    from benchmarks.kpis import columns_sql, rows_sql

    kpis = list(present.cat.kpis.values())
    create_levels(con, "core.facts", present)
    rows = {
        (cell, kpis[number].name): (value, low, high)
        for cell, number, value, low, high, _ in con.sql(rows_sql(present)).fetchall()
    }
    wide = con.sql(columns_sql(present, (1, COMPANIES), intervals=True))
    names, seen = wide.columns, 0
    for row in wide.fetchall():
        found = dict(zip(names, row, strict=True))
        for kpi in kpis:
            if not mask(kpi) >> (found["cell"] & 7) & 1:
                continue
            value = found[kpi.name if kpi.kind == "amount" else f"{kpi.name}__value"]
            expected = rows.get((found["cell"], kpi.name))
            assert (value is None) == (expected is None), (found["cell"], kpi.name)
            if expected is not None:
                ends = (value, found[f"{kpi.name}__low"], found[f"{kpi.name}__high"])
                assert ends == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=False), kpi.name
                seen += 1
    assert seen == len(rows) > 10_000


def test_values_do_not_depend_on_their_intervals(con: duckdb.DuckDBPyConnection, present: Plan) -> None:
    from benchmarks.kpis import columns_sql

    both = [con.sql(columns_sql(present, (1, COMPANIES), intervals=i)).df() for i in (False, True)]
    plain, full = (frame.sort_values("cell", ignore_index=True) for frame in both)
    assert plain.equals(full[plain.columns])


def test_the_peer_computes_as_many_values(repo: Path) -> None:
    from benchmarks.kpis import build, rows_sql
    from benchmarks.kpis_pandas import values

    with duckdb.connect() as whole:  # without the gap: pandas shifts rows
        build(whole, COMPANIES, QUARTERS)
        plan = plan_for(whole, "core.facts")
        create_levels(whole, "core.facts", plan)
        (count,) = whole.sql(f"SELECT count(*) FROM ({rows_sql(plan)})").fetchall()[0]
        for intervals in (False, True):
            assert values(whole, plan, intervals=intervals) == pytest.approx(count, rel=1e-3)
