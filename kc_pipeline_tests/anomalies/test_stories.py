"""Drivers add up to the change, findings with one cause are one story, and silence can be explained."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kc_pipeline.anomalies import RuleError, detect, drivers
from kc_pipeline.anomalies.why import why
from kc_pipeline.config import Company
from kc_pipeline.kpis import catalogue, compute
from kc_pipeline_tests.anomalies.test_detectors import facts_of, labels
from kc_pipeline_tests.kpis.warehouse import Fact, connect, quarter, reference_facts

D = Decimal


def judged(facts: list[Fact]) -> duckdb.DuckDBPyConnection:
    con = connect(facts)
    compute(con)
    detect(con)
    return con


def dicts(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = con.execute(query)
    names = [c[0] for c in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def books(cost: list[float], rnd: list[float], impairment: list[float | None]) -> list[Fact]:
    """Quarters with revenues of 1000, these costs, research expense and impairments; the rest follows."""
    n = len(cost)
    gross = [1000 - c for c in cost]
    operating = [g - r - 50 - 50 - (i or 0) for g, r, i in zip(gross, rnd, impairment, strict=True)]
    series: dict[str, list[float | None]] = {
        "revenues": [1000.0] * n,
        "cost_of_revenue": [*cost],
        "gross_profit": [*gross],
        "research_and_development_expense": [*rnd],
        "selling_and_marketing_expense": [50.0] * n,
        "general_and_administrative_expense": [50.0] * n,
        "impairment_of_long_lived_assets": impairment,
        "operating_income_loss": [*operating],
    }
    return [f for concept, values in series.items() for f in facts_of(concept, values)]


def test_drivers_name_the_cost_that_moved_a_margin() -> None:
    con = judged(books([800, 800], [50, 120], [0, 0]))
    (anomaly,) = dicts(
        con,
        "SELECT * FROM marts.anomalies WHERE rule = 'margin_compression_qoq' AND metric = 'operating_margin'",
    )
    found = dicts(
        con,
        f"SELECT * FROM marts.anomaly_drivers WHERE anomaly_id = '{anomaly['anomaly_id']}' ORDER BY place",
    )
    assert (found[0]["driver"], found[0]["contribution"]) == ("rnd_ratio", D("-0.07"))
    assert (found[-1]["driver"], found[-1]["contribution"]) == ("undisclosed", 0)
    assert found[-1]["contribution_low"] < 0 < found[-1]["contribution_high"]
    assert "Of -7.0 points: R&D ratio -7.0 points;" in anomaly["explanation"]


def test_where_over_half_is_undisclosed_no_cause_is_named() -> None:
    con = judged([f for f in books([800, 800], [50, 120], [0, 0]) if "development" not in f.concept])
    (anomaly,) = dicts(
        con,
        "SELECT * FROM marts.anomalies WHERE rule = 'margin_compression_qoq' AND metric = 'operating_margin'",
    )
    assert "What moved it is not disclosed." in anomaly["explanation"]
    assert dicts(con, "SELECT driver FROM marts.stories WHERE theme = 'margin'") == [{"driver": None}]


def test_an_impairment_and_the_margin_that_it_brings_down_are_one_story() -> None:
    con = judged(books([800, 800], [50, 50], [None, 300]))
    (story,) = dicts(con, "SELECT * FROM marts.stories WHERE story_id LIKE '%/one_off'")
    assert story["severity"] == "critical"
    assert {"impairment_ratio", "operating_margin"} <= set(story["metrics"])
    (driver,) = dicts(con, "SELECT * FROM marts.anomaly_drivers WHERE told_once LIMIT 1")
    assert driver["driver"] in ("impairment_ratio", "impairment_of_long_lived_assets")
    (said,) = dicts(
        con, "SELECT explanation FROM marts.anomalies WHERE metric = 'operating_margin' AND tone = 'red'"
    )
    assert "impairment ratio -30.0 points (not told of 2019Q1)" in said["explanation"]


money = st.integers(100, 900).map(float)


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.tuples(money, money, st.one_of(st.none(), money), money), min_size=3, max_size=7),
    st.integers(-7, -3),
)
def test_drivers_add_up_within_their_intervals(quarters: list[tuple[Any, ...]], decimals: int) -> None:
    cost, rnd, impairment, revenue = (list(column) for column in zip(*quarters, strict=True))
    facts = []
    for label, c, r, i, turnover in zip(
        labels("2019Q1", len(cost)), cost, rnd, impairment, revenue, strict=True
    ):
        end, scale = quarter(label), 1_000_000
        values = {
            "revenues": turnover, "cost_of_revenue": c, "gross_profit": turnover - c, "operating_expenses": r,
            "research_and_development_expense": r, "impairment_of_long_lived_assets": i, "operating_income_loss": turnover - c - r,
        }  # fmt: skip
        facts += [
            Fact(k, end, D(str(v)) * scale, decimals=decimals) for k, v in values.items() if v is not None
        ]
    con = judged(facts)
    adding = dicts(
        con,
        """SELECT a.rule, a.metric, sum(d.contribution) - CASE WHEN a.rule LIKE '%season%' OR a.rule LIKE '%unusual%'
             THEN sum(d.contribution) ELSE a.deviation END AS gap, bool_and(d.contribution BETWEEN d.contribution_low AND d.contribution_high) AS inside,
             bool_and(d.driver <> 'undisclosed' OR d.contribution_low <= 0 AND d.contribution_high >= 0) AS nothing_left,
             bool_or(d.driver IN ('opex_ratio', 'cost_of_revenue', 'operating_expenses')) AS whole
           FROM marts.anomalies a JOIN marts.anomaly_drivers d USING (anomaly_id) GROUP BY a.anomaly_id, a.rule, a.metric, a.deviation""",
    )
    assert all(row["gap"] == 0 and row["inside"] for row in adding)
    assert all(
        row["nothing_left"]
        for row in adding
        if row["whole"] and row["metric"] in ("operating_margin", "gross_margin", "gross_profit")
    )


def test_why_a_rule_found_nothing() -> None:
    con = judged([*facts_of("revenues", [1000.0, 1000]), *facts_of("gross_profit", [200.0, 192])])
    found = {v.rule: v for v in why(con, "KC", "2019Q2", "gross_margin")}
    assert found["margin_compression_qoq"].outcome == "quiet"
    assert found["margin_compression_qoq"].words == "fell 0.8 points; threshold 1.0 points down"
    assert found["margin_compression_yoy"].outcome == "missing"
    assert found["margin_unusual_fall"].outcome == "too_little_history"
    assert why(con, "KC", "2019Q2", "no_such_kpi") == []
    coarse = judged([Fact("revenues", quarter(q), D(1_000_000_000), decimals=-8) for q in ("2019Q1", "2019Q2")]
                    + [Fact("gross_profit", quarter(q), D(v), decimals=-8) for q, v in (("2019Q1", 200_000_000), ("2019Q2", 100_000_000))])  # fmt: skip
    verdicts = {v.rule: v.outcome for v in why(coarse, "KC", "2019Q2", "gross_margin")}
    assert verdicts["margin_compression_qoq"] == "uncertain"


def test_a_driver_of_no_declared_kpi_is_refused() -> None:
    with pytest.raises(RuleError, match="no_such_part"):
        drivers.parse('[[driver]]\nof = ["gross_margin"]\nparts = [["no_such_part"]]', catalogue())


@pytest.fixture(scope="module")
def kc(shared: Path, kc_pack: Company) -> duckdb.DuckDBPyConnection:
    return judged(reference_facts(shared))


def test_the_stories_of_2025q1(kc: duckdb.DuckDBPyConnection) -> None:
    stories = {
        s["story_id"].split("/")[-1]: s
        for s in dicts(kc, "SELECT * FROM marts.stories WHERE period = '2025Q1'")
    }
    assert {
        "margin",
        "result",
        "cash",
        "finance_cost",
        "quality",
        "ecosystem_share",
        "ai_share_of_public_cloud",
    } <= set(stories)
    assert {"gross_margin", "adjusted_gross_margin", "operating_margin", "net_margin"} <= set(
        stories["margin"]["metrics"]
    )
    assert "smaller than the loss of CNY 127.0 million a year before" in stories["result"]["explanation"]
    assert {"operating_cash_flow", "cash_burn"} <= set(stories["cash"]["metrics"])
    assert not [s for s in stories.values() if any(m.startswith("capex") for m in s["metrics"])]
    seasonal = dicts(
        kc,
        "SELECT severity, seasonality FROM marts.anomalies WHERE period = '2025Q1' AND metric = 'enterprise_cloud_revenue'",
    )
    assert seasonal == [{"severity": "info", "seasonality": "seasonal"}]


def test_high_stories_are_rare(kc: duckdb.DuckDBPyConnection) -> None:
    (row,) = dicts(
        kc,
        """SELECT median(n) AS usual, max(n) AS most FROM (SELECT period, count(*) FILTER (severity IN ('high', 'critical')) AS n
             FROM marts.stories WHERE period LIKE '%Q%' GROUP BY period)""",
    )
    assert row["usual"] <= 1
    assert row["most"] <= 3
