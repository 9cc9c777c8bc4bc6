"""The published figures of Kingsoft Cloud: what must come out, every stated ratio against the engine."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from kc_pipeline.kpis import catalogue, compute
from kc_pipeline_tests.kpis.oracle import Figure, Oracle, close, ends_with, label_of
from kc_pipeline_tests.kpis.warehouse import Fact, connect, reference_facts, scaled, without

pytestmark = pytest.mark.usefixtures("kc_pack")

# Stated figures that the amounts beside them contradict, as the reference's README tells.
KNOWN_DISAGREEMENTS = {("2025Q2", "ecosystem_growth_yoy"), ("2023Q3", "adjusted_net_margin")}


@pytest.fixture(scope="module")
def facts(shared: Path) -> list[Fact]:
    return reference_facts(shared)


@pytest.fixture(scope="module")
def kc(facts: list[Fact]) -> duckdb.DuckDBPyConnection:
    con = connect(facts)
    compute(con)
    return con


@pytest.mark.parametrize(
    ("kpi", "value"),
    [
        ("adjusted_gross_margin", "0.166"),
        ("revenue_growth_yoy", "0.109"),
        ("revenue_growth_qoq", "-0.117"),
        ("adjusted_operating_margin", "-0.028"),
        ("adjusted_ebitda_margin", "0.162"),
        ("adjusted_gross_margin_change_qoq", "-0.026"),
        ("gross_margin_change_qoq", "-0.029"),
        ("public_cloud_growth_yoy", "0.140"),
        ("enterprise_cloud_growth_yoy", "0.048"),
        ("ai_gross_billing_growth_yoy", "2.28"),
    ],
)
def test_the_first_quarter_of_2025(kc: duckdb.DuckDBPyConnection, kpi: str, value: str) -> None:
    row = kc.execute("SELECT value FROM marts.kpis WHERE period = '2025Q1' AND kpi = ?", [kpi]).fetchone()
    assert row is not None
    assert abs(row[0] - Decimal(value)) < Decimal("0.001")


def test_revenue_and_its_quarters(kc: duckdb.DuckDBPyConnection) -> None:
    assert kc.execute(
        "SELECT value FROM marts.kpis WHERE period = '2025Q1' AND kpi = 'revenue'"
    ).fetchone() == (Decimal("1970000000"),)
    quarters = kc.execute(
        "SELECT count(DISTINCT period) FROM marts.kpis WHERE kpi = 'revenue' AND period_type = 'quarter'"
    ).fetchone()
    assert quarters is not None
    assert quarters[0] >= 26


def test_growth_of_ai_is_stated_only(kc: duckdb.DuckDBPyConnection) -> None:
    assert kc.execute(
        "SELECT origin, computed_value, computed_absent FROM marts.kpis "
        "WHERE period = '2025Q1' AND kpi = 'ai_gross_billing_growth_yoy'"
    ).fetchone() == ("stated", None, "missing_input")


def test_ebitda_turned_to_profit_and_has_no_growth_rate(kc: duckdb.DuckDBPyConnection) -> None:
    assert kc.execute(
        "SELECT reason, transition FROM marts.kpi_absent "
        "WHERE period = '2024Q1' AND kpi = 'adjusted_ebitda_growth_yoy'"
    ).fetchone() == ("nonpositive_base", "loss_to_profit")


def test_every_stated_ratio_agrees_with_the_computed_one(kc: duckdb.DuckDBPyConnection) -> None:
    rows = kc.execute("""
        SELECT k.period, k.kpi, k.stated_value, k.computed_value, k.low, k.high, f.decimals
        FROM marts.kpis k JOIN marts.kpi_inputs i USING (company, period, kpi)
        JOIN core.facts f USING (fact_id)
        WHERE i.role = 'stated' AND k.computed_value IS NOT NULL AND k.origin = 'derived'""").fetchall()
    assert len(rows) > 80
    apart = set()
    for period, kpi, stated, _, low, high, decimals in rows:
        half = Decimal(5).scaleb(-decimals - 1)
        if "_change_" in kpi:
            half *= 3  # issuers and digests also subtract margins that they rounded before
        if low is None or stated + half < low or stated - half > high:
            apart.add((period, kpi))
    assert apart <= KNOWN_DISAGREEMENTS, sorted(apart - KNOWN_DISAGREEMENTS)


def test_every_stated_ratio_is_the_value_or_beside_it(
    kc: duckdb.DuckDBPyConnection, facts: list[Fact]
) -> None:
    names = {alias: k.name for k in catalogue().kpis.values() for alias in k.stated_as}
    stated = {(names[f.concept], f.period_end) for f in facts if f.unit == "pure"}
    kept = set(kc.execute("SELECT kpi, period_end FROM marts.kpis WHERE stated_value IS NOT NULL").fetchall())
    missed = {(kpi, end) for kpi, end in stated - kept if "quarter" in catalogue().kpis[kpi].period_types}
    assert not missed


def test_the_engine_agrees_with_the_rules_in_python(kc: duckdb.DuckDBPyConnection, facts: list[Fact]) -> None:
    oracle = Oracle([f for f in facts if f.unit in ("CNY", "pure", "shares")])
    rows = {
        (kpi, period): figure
        for kpi, period, *figure in kc.execute(
            "SELECT kpi, period, value, low, high FROM marts.kpis"
        ).fetchall()
    }
    wrong = []
    for at in oracle.ends:
        for name, kpi in catalogue().kpis.items():
            for kind in kpi.period_types:
                if not ends_with(kind, at):
                    continue
                expected = oracle.value(kpi, kind, at)
                got = rows.pop((name, label_of(kind, at)), [None, None, None])
                ends = (
                    (expected.value, expected.low, expected.high)
                    if isinstance(expected, Figure)
                    else (None, None, None)
                )
                if not all(close(a, b) for a, b in zip(got, ends, strict=True)):
                    wrong.append((name, label_of(kind, at), got, ends))
    assert not rows, list(rows)[:5]
    assert not wrong, wrong[:5]


def test_scaling_all_amounts_leaves_ratios_unchanged(
    kc: duckdb.DuckDBPyConnection, facts: list[Fact]
) -> None:
    larger = connect(scaled(facts, 1000))
    compute(larger)
    query = """SELECT kpi, period, value, low, high, origin FROM marts.kpis
               WHERE unit IN ('pure', 'ratio', 'days', 'months') ORDER BY ALL"""
    assert larger.execute(query).fetchall() == kc.execute(query).fetchall()


def test_deleting_a_quarter_touches_only_what_needs_it(
    kc: duckdb.DuckDBPyConnection, facts: list[Fact]
) -> None:
    gone = next(f.period_end for f in facts if f.period_end.isoformat() == "2024-09-30")
    con = connect(without(facts, period_end=gone))
    compute(con)
    query = """SELECT kpi, period, value, low, high FROM marts.kpis WHERE period_type = 'quarter'
               AND kpi LIKE '%growth_yoy' AND period NOT IN ('2024Q3', '2025Q3') ORDER BY ALL"""
    assert con.execute(query).fetchall() == kc.execute(query).fetchall()
    left = con.execute(
        "SELECT count(*) FROM marts.kpis WHERE kpi = 'revenue' AND period IN "
        "('2024Q3', '2024Q3-TTM', '2024Q4-TTM', '2025Q1-TTM', '2025Q2-TTM')"
    ).fetchone()
    assert left == (0,)


def test_the_order_of_the_facts_does_not_matter(kc: duckdb.DuckDBPyConnection, facts: list[Fact]) -> None:
    con = connect(list(reversed(facts)))
    compute(con)
    for name in ("kpis", "kpi_inputs", "kpi_absent"):
        query = f"SELECT * FROM marts.{name} ORDER BY ALL"
        assert con.execute(query).fetchall() == kc.execute(query).fetchall()


@pytest.mark.parametrize(
    ("kpi", "stated"), [("public_cloud_growth_yoy", "0.140"), ("enterprise_cloud_growth_yoy", "0.048")]
)
def test_the_stated_growth_is_the_value_with_the_computed_one_beside_it(
    kc: duckdb.DuckDBPyConnection, facts: list[Fact], kpi: str, stated: str
) -> None:
    """Shared reference, 2025Q1 release: 14.0 % and 4.8 %; the year-ago segment revenues are known more coarsely."""
    row = kc.execute(
        "SELECT value, stated_value, computed_value, low, high, origin FROM marts.kpis WHERE period = '2025Q1' AND kpi = ?",
        [kpi],
    ).fetchone()
    assert row is not None
    value, said, computed, low, high, origin = row
    assert (value, said) == (Decimal(stated), Decimal(stated))
    assert low <= value <= high
    segment = kpi.removesuffix("_growth_yoy")
    now, then = (
        next(f for f in facts if (f.concept, f.segment, f.months) == ("revenues", segment, 3)
             and f.period_end.isoformat() == day)
        for day in ("2025-03-31", "2024-03-31")
    )  # fmt: skip
    assert abs(computed - (now.value / then.value - 1)) < Decimal("1e-9")
    assert (origin == "stated") == (value != computed)


def test_no_growth_rate_of_ebitda_over_a_loss_but_the_amounts(kc: duckdb.DuckDBPyConnection) -> None:
    assert (
        kc.execute(
            "SELECT value FROM marts.kpis WHERE period = '2024Q1' AND kpi = 'adjusted_ebitda_growth_yoy'"
        ).fetchone()
        is None
    )
    row = kc.execute(
        "SELECT detail FROM marts.kpi_absent WHERE period = '2024Q1' AND kpi = 'adjusted_ebitda_growth_yoy'"
    ).fetchone()
    assert row is not None
    assert row[0].startswith("adjusted_ebitda: -")
