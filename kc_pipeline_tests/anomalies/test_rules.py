"""The rules find what they should, leave alone what they should, and say why in numbers."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kc_pipeline.anomalies import RuleError, detect, rule_version, rules
from kc_pipeline.anomalies.rules import parse
from kc_pipeline.config import following, load_companies
from kc_pipeline.kpis import compute, summarise
from kc_pipeline.schema import ddl, table
from kc_pipeline_tests.kpis.warehouse import Fact, connect, quarter, reference_facts

D = Decimal


def judged(facts: list[Fact]) -> duckdb.DuckDBPyConnection:
    con = connect(facts)
    compute(con)
    detect(con)
    return con


def findings(con: duckdb.DuckDBPyConnection, where: str = "true") -> list[dict[str, Any]]:
    cursor = con.execute(f"SELECT * FROM marts.anomalies WHERE {where} ORDER BY period_end, rule, metric")
    names = [c[0] for c in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def series(margins: dict[str, str], revenue: str = "1000") -> list[Fact]:
    """Quarters with this revenue (millions) and gross margin, known fifty days after their end."""
    out = []
    for label, margin in margins.items():
        end = quarter(label)
        out.append(Fact("revenues", end, D(revenue) * 1_000_000, decimals=-5))
        out.append(Fact("gross_profit", end, D(revenue) * D(margin) * 1_000_000, decimals=-5))
    return out


FIRST_QUARTERS_UP = {
    "2020Q4": "0.10", "2021Q1": "0.11", "2021Q4": "0.10", "2022Q1": "0.12", "2022Q4": "0.10",
    "2023Q1": "0.13", "2023Q4": "0.10", "2024Q1": "0.12", "2024Q4": "0.191", "2025Q1": "0.162",
}  # fmt: skip
FIRST_QUARTERS_DOWN = {
    "2020Q4": "0.13", "2021Q1": "0.10", "2021Q4": "0.13", "2022Q1": "0.10", "2022Q4": "0.13",
    "2023Q1": "0.10", "2023Q4": "0.13", "2024Q1": "0.11", "2024Q4": "0.191", "2025Q1": "0.162",
}  # fmt: skip


def test_a_fall_against_the_season_is_counter_seasonal_and_says_so() -> None:
    con = judged(series(FIRST_QUARTERS_UP))
    (row,) = findings(con, "rule = 'margin_compression_qoq'")
    assert (row["period"], row["metric"], row["severity"]) == ("2025Q1", "gross_margin", "medium")
    assert row["seasonality"] == "counter_seasonal"
    assert row["history"] == "2021Q1 +1.0, 2022Q1 +2.0, 2023Q1 +3.0, 2024Q1 +2.0"
    assert row["explanation"] == (
        "Gross margin fell 2.9 points quarter on quarter, from 19.1 % in 2024Q4 to 16.2 % in "
        "2025Q1; in the four earlier years that are known the fourth-to-first-quarter change was +1.0, +2.0, "
        "+3.0, +2.0 points, so the fall is counter-seasonal. What moved it is not disclosed."
    )
    assert (row["observed"], row["expected"]) == (D("0.162"), D("0.191"))
    assert row["low"] < row["deviation"] < row["high"] < 0
    assert row["known_at"] == date(2025, 5, 20)


def test_a_fall_that_every_year_brings_is_seasonal_and_no_alarm() -> None:
    rows = findings(
        judged(series(FIRST_QUARTERS_DOWN)), "period = '2025Q1' AND rule = 'margin_compression_qoq'"
    )
    assert [(r["seasonality"], r["severity"]) for r in rows] == [("seasonal", "info")]


def test_a_history_that_goes_both_ways_shows_no_clear_season() -> None:
    both = {**FIRST_QUARTERS_DOWN, "2022Q1": "0.15", "2024Q1": "0.16"}
    rows = findings(judged(series(both)), "period = '2025Q1' AND rule = 'margin_compression_qoq'")
    assert [(r["seasonality"], r["severity"]) for r in rows] == [("no_clear_season", "medium")]
    assert "-3.0, +2.0, -3.0, +3.0 points, which shows no clear season." in rows[0]["explanation"]


def test_three_earlier_years_are_too_little_history() -> None:
    less = {k: v for k, v in FIRST_QUARTERS_UP.items() if k > "2021Q3"}
    (row,) = findings(judged(series(less)), "period = '2025Q1' AND rule = 'margin_compression_qoq'")
    assert row["seasonality"] == "too_little_history"
    assert "three earlier years" in row["explanation"]


def test_what_became_known_later_does_not_judge_the_season() -> None:
    facts = series(FIRST_QUARTERS_UP)
    late = [
        Fact(f.concept, f.period_end, f.value, decimals=f.decimals, known_at=date(2026, 4, 1))
        if f.period_end == quarter("2021Q1")
        else f
        for f in facts
    ]
    (row,) = findings(judged(late), "period = '2025Q1' AND rule = 'margin_compression_qoq'")
    assert row["seasonality"] == "too_little_history"
    assert "2021Q1" not in row["history"]


def test_evidence_leads_to_the_facts_of_both_quarters() -> None:
    con = judged(series(FIRST_QUARTERS_UP))
    (row,) = findings(con, "period = '2025Q1' AND rule = 'margin_compression_qoq'")
    ends = con.execute(
        "SELECT concept, period_end FROM core.facts WHERE list_contains(?, fact_id) ORDER BY ALL",
        [row["evidence"]],
    ).fetchall()
    assert ends == [(c, quarter(q)) for c in ("gross_profit", "revenues") for q in ("2024Q4", "2025Q1")]
    assert len(row["history_evidence"]) == 16


@pytest.mark.parametrize(("margin", "severity"), [
    ("0.182", None), ("0.180", "low"), ("0.171", "medium"), ("0.15", "high"), ("0.10", "critical"),
])  # fmt: skip
def test_severity_grows_with_size(margin: str, severity: str | None) -> None:
    rows = findings(judged(series({"2024Q1": "0.191", "2025Q1": margin})), "rule = 'margin_compression_yoy'")
    assert [r["severity"] for r in rows] == ([severity] if severity else [])


def test_no_finding_smaller_than_its_own_uncertainty() -> None:
    coarse = [
        Fact("revenues", quarter("2024Q4"), D(1_000_000_000), decimals=-8),
        Fact("gross_profit", quarter("2024Q4"), D(200_000_000), decimals=-8),
        Fact("revenues", quarter("2025Q1"), D(1_000_000_000), decimals=-8),
        Fact("gross_profit", quarter("2025Q1"), D(100_000_000), decimals=-8),
    ]
    assert findings(judged(coarse)) == []


def test_a_finding_on_coarse_figures_says_how_far_they_are_known() -> None:
    facts = [
        Fact("revenues", quarter("2024Q4"), D(2_232_100_000), decimals=-5),
        Fact("profit_loss", quarter("2024Q4"), D(-200_000_000), decimals=-8),
        Fact("revenues", quarter("2025Q1"), D(1_970_000_000), decimals=-5),
        Fact("profit_loss", quarter("2025Q1"), D(-316_100_000), decimals=-5),
    ]
    (row,) = findings(judged(facts), "rule = 'margin_compression_qoq'")
    assert row["explanation"].startswith(
        "Net margin of the group fell 7.1 points ±2.3 quarter on quarter, from -9.0 % ±2.3 in 2024Q4 to "
        "-16.0 % in 2025Q1;"
    )


def test_a_decline_from_a_rounded_amount_says_so() -> None:
    facts = [
        Fact("revenues", quarter("2022Q4"), D(2_130_000_000), decimals=-7),
        Fact("revenues", quarter("2023Q4"), D(1_722_500_000), decimals=-5),
    ]
    (row,) = findings(judged(facts), "rule = 'revenue_decline'")
    assert row["explanation"] == (
        "Revenues fell 19.1 % ±0.2 year on year, from CNY 2.13 billion in 2022Q4 to CNY 1,722.5 million in "
        "2023Q4."
    )


def test_a_profit_that_turns_to_loss() -> None:
    facts = [
        Fact("revenues", quarter("2024Q4"), D(2_232_100_000)),
        Fact("revenues", quarter("2025Q1"), D(1_970_000_000)),
        Fact("adjusted_operating_income_loss", quarter("2024Q4"), D(24_400_000)),
        Fact("adjusted_operating_income_loss", quarter("2025Q1"), D(-55_800_000)),
    ]  # fmt: skip
    (row,) = findings(judged(facts), "rule = 'profit_to_loss'")
    assert (row["observed"], row["expected"], row["deviation"], row["unit"]) == (
        D(-55_800_000), D(24_400_000), D(-80_200_000), "CNY",
    )  # fmt: skip
    assert row["severity"] == "medium"
    assert row["explanation"].startswith(
        "Adjusted operating result turned from a profit of CNY 24.4 million in 2024Q4 to a loss of "
        "CNY 55.8 million in 2025Q1"
    )
    assert row["seasonality"] == "too_little_history"


def test_a_gap_between_profit_and_loss_is_no_turn() -> None:
    facts = [
        Fact("profit_loss", quarter("2024Q3"), D(24_400_000)),
        Fact("profit_loss", quarter("2025Q1"), D(-55_800_000)),
    ]
    assert findings(judged(facts)) == []


def test_a_revenue_decline_year_on_year_with_its_amounts() -> None:
    facts = [
        Fact("revenues", quarter("2022Q3"), D(1_968_800_000)),
        Fact("revenues", quarter("2023Q3"), D(1_625_200_000)),
    ]
    (row,) = findings(judged(facts))
    assert (row["rule"], row["severity"], row["seasonality"]) == ("revenue_decline", "high", None)
    assert row["explanation"] == (
        "Revenues fell 17.5 % year on year, from CNY 1,968.8 million in 2022Q3 "
        "to CNY 1,625.2 million in 2023Q3."
    )


def test_a_decline_that_is_stated_only() -> None:
    stated = Fact(
        "revenue_growth_yoy", quarter("2023Q3"), D("-0.175"), unit="pure", decimals=3, origin="stated"
    )
    (row,) = findings(judged([stated, Fact("revenues", quarter("2023Q3"), D(1_625_200_000))]))
    assert row["explanation"] == "Revenues fell 17.5 % year on year in 2023Q3, as stated."
    assert row["evidence"]


def test_a_growing_company_has_nothing_against_it() -> None:
    facts = series({"2024Q1": "0.10", "2024Q2": "0.11", "2024Q3": "0.12", "2024Q4": "0.13", "2025Q1": "0.14"})
    con = judged(facts)
    assert findings(con, "tone = 'red'") == []
    assert {r["rule"] for r in findings(con)} == {
        "margin_expansion_yoy",
        "margin_rises_on",
        "profit_without_revenue",
    }


@pytest.fixture(scope="module")
def kc(shared: Path, repo: Path) -> duckdb.DuckDBPyConnection:
    with following(load_companies(repo / "data" / "companies.toml").values()):
        con = judged(reference_facts(shared))
        summarise(con)
    return con


def test_the_margin_compression_of_2025(kc: duckdb.DuckDBPyConnection) -> None:
    rows = findings(kc, "period = '2025Q1' AND rule = 'margin_compression_qoq'")
    by_metric = {r["metric"]: r for r in rows}
    assert by_metric["gross_margin"]["seasonality"] == "counter_seasonal"
    assert "+0.5, +1.6, +2.7, +2.8, +1.8" in by_metric["gross_margin"]["explanation"]
    assert "adjusted_gross_margin" in by_metric
    assert len({r["story_id"] for r in rows}) == 1


def test_events_that_must_be_left_alone(kc: duckdb.DuckDBPyConnection) -> None:
    assert not findings(kc, "period = '2025Q1' AND rule = 'revenue_decline'")
    assert not findings(kc, "period = '2024Q4' AND rule LIKE 'margin_compression%'")


def test_impairment_is_told_from_operating_deterioration(kc: duckdb.DuckDBPyConnection) -> None:
    (row,) = findings(
        kc, "period = '2024Q3' AND rule = 'margin_compression_yoy' AND metric = 'operating_margin'"
    )
    assert row["severity"] == "critical"
    assert not findings(kc, "period = '2024Q3' AND metric LIKE 'adjusted%' AND tone = 'red'")
    (written_off,) = findings(kc, "period = '2024Q3' AND rule = 'impairment'")
    assert written_off["severity"] == "high"


def test_the_summary_counts_them(kc: duckdb.DuckDBPyConnection) -> None:
    counted = kc.execute("SELECT anomalies FROM marts.quarterly_summary WHERE period = '2025Q1'").fetchone()
    assert counted == (len(findings(kc, "period = '2025Q1'")),)
    row = kc.execute(
        "SELECT revenue, round(gross_margin, 3), round(adjusted_gross_margin, 3), evidence "
        "FROM marts.quarterly_summary WHERE period = '2025Q1'"
    ).fetchone()
    assert row == (D(1_970_000_000), D("0.162"), D("0.166"), "third_party")


def test_anomaly_ids_are_unique_and_explained(kc: duckdb.DuckDBPyConnection) -> None:
    rows = findings(kc)
    assert len({r["anomaly_id"] for r in rows}) == len(rows) > 20
    assert all(r["evidence"] and any(c.isdigit() for c in r["explanation"]) for r in rows)


def test_a_rule_that_judges_an_unknown_kpi_is_refused() -> None:
    from importlib.resources import files

    text = files("kc_pipeline.anomalies").joinpath("rules.toml").read_text(encoding="utf-8")
    with pytest.raises(RuleError, match="no_such_profit"):
        parse(text.replace('"profit_loss",', '"no_such_profit",'))
    with pytest.raises(RuleError, match="rise from low"):
        parse(text.replace("low = 0.01, medium = 0.02", "low = 0.03, medium = 0.02"))
    with pytest.raises(RuleError, match="no detector crystal_ball"):
        parse(text.replace('detector = "sign"', 'detector = "crystal_ball"', 1))
    assert len(rule_version()) == 12
    assert rules().season.least_history == 4


def test_a_finding_says_what_must_be_known_of_its_figures() -> None:
    facts = [
        Fact("revenues", quarter(q), D(v) * 1_000_000) for q, v in (("2024Q1", "1900"), ("2025Q1", "1700"))
    ]
    con = connect(facts)
    con.execute(ddl(table("core.breaks")))
    con.execute("""INSERT INTO core.breaks BY NAME SELECT 'KC' AS company, 'revenues' AS concept, DATE '2024-09-03' AS break_date,
        'perimeter' AS kind, 'annotate' AS effect, 'not organic' AS note, '' AS wording, 'declared' AS origin""")
    compute(con)
    detect(con)
    (row,) = findings(con, "rule = 'revenue_decline'")
    assert row["explanation"].endswith("to CNY 1,700.0 million in 2025Q1. To be known: not organic.")
    plain = judged(facts)
    assert findings(plain)[0]["explanation"].endswith("to CNY 1,700.0 million in 2025Q1.")
