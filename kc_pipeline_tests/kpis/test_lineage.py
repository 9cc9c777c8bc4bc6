"""Every value can be made again from the facts that `marts.kpi_inputs` names, and from nothing else."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from kc_pipeline.kpis import catalogue, compute, create_as_of
from kc_pipeline_tests.kpis.warehouse import Fact, connect, quarter, reference_facts

WEAKEST = ["original", "copy", "call", "third_party"]


@pytest.fixture(scope="module")
def kc(shared: Path) -> duckdb.DuckDBPyConnection:
    con = connect(reference_facts(shared))
    compute(con)
    return con


def inputs(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], dict[str, tuple[Decimal, str, date]]]:
    out: dict[tuple[str, str], dict[str, tuple[Decimal, str, date]]] = {}
    rows = con.execute("""SELECT i.period, i.kpi, i.role, f.value, f.evidence, f.known_at
                          FROM marts.kpi_inputs i JOIN core.facts f USING (fact_id)""").fetchall()
    for period, kpi, role, value, evidence, known_at in rows:
        assert role not in out.setdefault((period, kpi), {}), (period, kpi, role)
        out[period, kpi][role] = (value, evidence, known_at)
    return out


def test_every_input_is_a_fact_and_every_kpi_has_inputs(kc: duckdb.DuckDBPyConnection) -> None:
    assert kc.execute(
        "SELECT count(*) FROM marts.kpi_inputs ANTI JOIN core.facts USING (fact_id)"
    ).fetchone() == (0,)
    assert kc.execute(
        "SELECT count(*) FROM marts.kpis ANTI JOIN marts.kpi_inputs USING (company, period, kpi)"
    ).fetchone() == (0,)
    assert kc.execute(
        "SELECT count(*) FROM marts.kpi_inputs ANTI JOIN marts.kpis USING (company, period, kpi)"
    ).fetchone() == (0,)


def test_the_inputs_make_the_value_again(kc: duckdb.DuckDBPyConnection) -> None:
    known, kpis, checked = inputs(kc), catalogue().kpis, 0

    def total(kpi: str, facts: dict[str, tuple[Decimal, str, date]], shift: str) -> Decimal:
        for terms in kpis[kpi].alternatives:
            if all(t.role + shift in facts for t in terms):
                return sum((t.weight * facts[t.role + shift][0] for t in terms), Decimal(0))
        raise AssertionError(f"{kpi}{shift} is not among {sorted(facts)}")

    rows = kc.execute("""SELECT period, kpi, computed_value FROM marts.kpis
                         WHERE computed_value IS NOT NULL AND period_type <> 'ttm'""").fetchall()
    for period, name, computed in rows:
        kpi, facts = kpis[name], known[period, name]
        if kpi.kind in ("change", "cagr", "incremental") or kpi.unit in ("days", "months"):
            continue
        if kpi.kind == "amount":
            again = total(name, facts, "")
        elif kpi.parts:
            again = sum(
                ((total(p, facts, "") / total("revenue", facts, "")) ** 2 for p in kpi.parts), Decimal(0)
            )
        elif kpi.kind == "ratio":
            assert kpi.of
            assert kpi.over
            again = total(kpi.of, facts, "") / total(kpi.over, facts, "")
        else:
            assert kpi.of
            again = total(kpi.of, facts, "") / total(kpi.of, facts, f"[-{kpi.lag}q]") - 1
        assert abs(again - computed) < Decimal("1e-9"), (period, name)
        checked += 1
    assert checked > 1500


def test_evidence_and_known_at_follow_what_the_value_rests_on(kc: duckdb.DuckDBPyConnection) -> None:
    known = inputs(kc)
    rows = kc.execute("SELECT period, kpi, origin, evidence, known_at FROM marts.kpis").fetchall()
    for period, kpi, origin, evidence, known_at in rows:
        facts = {r: f for r, f in known[period, kpi].items() if (r == "stated") == (origin == "stated")}
        assert evidence == max((f[1] for f in facts.values()), key=WEAKEST.index), (period, kpi)
        assert known_at == max(f[2] for f in facts.values()), (period, kpi)


def test_trailing_twelve_months_name_their_four_quarters(kc: duckdb.DuckDBPyConnection) -> None:
    roles = kc.execute(
        "SELECT role FROM marts.kpi_inputs "
        "WHERE period = '2025Q1-TTM' AND kpi = 'revenue_growth_yoy' ORDER BY role"
    ).fetchall()
    assert [r for (r,) in roles] == ["revenues", *(f"revenues[-{n}q]" for n in range(1, 8))]


def test_a_kpi_is_either_had_or_absent_with_a_reason(kc: duckdb.DuckDBPyConnection) -> None:
    both = kc.execute(
        "SELECT count(*) FROM marts.kpis JOIN marts.kpi_absent USING (company, period, kpi)"
    ).fetchone()
    assert both == (0,)
    assert kc.execute("SELECT count(*) FROM marts.kpi_absent WHERE detail IS NULL").fetchone() == (0,)
    assert kc.execute("""SELECT count(*) FROM (SELECT company, period, kpi FROM marts.kpi_absent
                         GROUP BY ALL HAVING count(*) > 1)""").fetchone() == (0,)


def test_as_of_shows_what_was_known_that_day() -> None:
    first = Fact("revenues", quarter("2024Q4"), Decimal(2000), decimals=0, known_at=date(2025, 3, 19))
    restated = Fact("revenues", quarter("2024Q4"), Decimal(2200), decimals=0, known_at=date(2025, 5, 28))
    now = Fact("revenues", quarter("2025Q1"), Decimal(2420), decimals=0, known_at=date(2025, 5, 28))
    con = connect([first, restated, now])
    con.execute("""CREATE MACRO core.facts_as_of(day) AS TABLE
        SELECT * FROM core.facts WHERE known_at <= day
        QUALIFY row_number() OVER (PARTITION BY company, concept, period_end ORDER BY known_at DESC) = 1""")
    create_as_of(con)
    query = "SELECT period, kpi, value FROM marts.kpis_as_of(?) WHERE kpi LIKE 'revenue%' ORDER BY 1, 2"
    assert con.execute(query, [date(2025, 3, 31)]).fetchall() == [("2024Q4", "revenue", Decimal(2000))]
    assert con.execute(query, [date(2025, 5, 28)]).fetchall() == [
        ("2024Q4", "revenue", Decimal(2200)),
        ("2025Q1", "revenue", Decimal(2420)),
        ("2025Q1", "revenue_growth_qoq", Decimal("0.1")),
    ]
    assert con.execute(query, [date(2020, 1, 1)]).fetchall() == []
