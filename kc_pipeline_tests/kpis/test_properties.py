"""Random facts: the engine says what the rules in plain Python say."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kc_pipeline.kpis import catalogue, compute
from kc_pipeline_tests.kpis.oracle import Figure, Oracle, close, position
from kc_pipeline_tests.kpis.warehouse import Fact, connect, quarter

QUARTERS = [f"{year}Q{q}" for year in (2023, 2024) for q in range(1, 5)]
FLOWS = [
    ("revenues", None), ("revenues", "public_cloud"), ("gross_profit", None), ("adjusted_ebitda", None),
    ("profit_loss", None), ("selling_and_marketing_expense", None), ("general_and_administrative_expense", None),
]  # fmt: skip
BALANCES = ["assets", "liabilities", "assets_current", "liabilities_current"]
STATED = ["gross_margin", "revenue_growth_yoy", "gross_margin_change_qoq", "net_loss_growth_yoy"]

amounts = st.integers(-50, 3000).map(lambda n: Decimal(n) * 100_000)
flows = st.builds(
    lambda c, q, v, d: Fact(c[0], quarter(q), v, segment=c[1], decimals=d),
    st.sampled_from(FLOWS), st.sampled_from(QUARTERS), amounts, st.integers(-7, -3),
)  # fmt: skip
balances = st.builds(
    lambda c, q, v: Fact(c, quarter(q), v, None),
    st.sampled_from(BALANCES),
    st.sampled_from(QUARTERS),
    amounts,
)
ratios = st.builds(
    lambda c, q, v, d: Fact(c, quarter(q), Decimal(v) / 1000, unit="pure", decimals=d, origin="stated"),
    st.sampled_from(STATED), st.sampled_from(QUARTERS), st.integers(-900, 900), st.integers(2, 4),
)  # fmt: skip
facts = st.lists(st.one_of(flows, flows, flows, balances, ratios), min_size=20, max_size=60)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(facts)
def test_random_facts(drawn: list[Fact]) -> None:
    figures = list({(f.concept, f.segment, f.period_end): f for f in drawn}.values())
    con = connect(figures)
    compute(con)
    got = {
        (kpi, period): (value, low, high)
        for kpi, period, value, low, high in con.execute(
            "SELECT kpi, period, value, low, high FROM marts.kpis WHERE period_type = 'quarter'"
        ).fetchall()
    }
    oracle = Oracle(figures)
    for name, kpi in catalogue().kpis.items():
        if "quarter" in kpi.period_types:
            for label in QUARTERS:
                at = position(label)
                expected = oracle.value(kpi, "quarter", at) if at in oracle.ends else None
                ends = (
                    (expected.value, expected.low, expected.high)
                    if isinstance(expected, Figure)
                    else (None, None, None)
                )
                row = got.get((name, label), (None, None, None))
                assert all(close(a, b) for a, b in zip(row, ends, strict=True)), (name, label, row, ends)
