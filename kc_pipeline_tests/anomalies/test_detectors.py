"""Each detector finds what it looks for, leaves alone what is near it, and looks at nothing that came later."""

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kc_pipeline.anomalies import RuleError, detect
from kc_pipeline.anomalies.detectors import DETECTORS
from kc_pipeline.anomalies.rules import parse
from kc_pipeline.config import Company, following
from kc_pipeline.kpis import compute
from kc_pipeline_tests.kpis.warehouse import Fact, connect, quarter

D = Decimal
SEASON = '[season]\nleast_history = 4\nshare_alike = 0.5\nsize_alike = 0.5\nseverity = "info"\n'


def labels(first: str, count: int) -> list[str]:
    start = int(first[:4]) * 4 + int(first[5]) - 1
    return [f"{n // 4}Q{n % 4 + 1}" for n in range(start, start + count)]


def facts_of(concept: str, values: Iterable[float | None], first: str = "2019Q1", **more: Any) -> list[Fact]:
    """One fact per quarter, in millions; None leaves the quarter out."""
    known = list(values)
    return [
        Fact(concept, quarter(label), D(str(v)) * 1_000_000, decimals=-4, **more)
        for label, v in zip(labels(first, len(known)), known, strict=True)
        if v is not None
    ]


def margins(values: Iterable[float | None], first: str = "2019Q1", company: str = "KC") -> list[Fact]:
    known = list(values)
    revenue = facts_of("revenues", [1000.0] * len(known), first, company=company)
    profit = [None if m is None else 1000 * m for m in known]
    return [*revenue, *facts_of("gross_profit", profit, first, company=company)]


def rule(detector: str, metrics: str, low: float, **more: str) -> str:
    lines = [f"{key} = {value}" for key, value in more.items()]
    return "\n".join(
        [
            "[[rule]]", 'name = "tried"', 'question = "?"', f'detector = "{detector}"', f"metrics = [{metrics}]",
            f"severity = {{ low = {low} }}", 'theme = "t"', 'tone = "red"', 'source = "test"', *lines,
        ]
    )  # fmt: skip


def found(con: duckdb.DuckDBPyConnection, text: str) -> list[dict[str, Any]]:
    compute(con)
    detect(con, parse(SEASON + text))
    cursor = con.execute("SELECT * FROM marts.anomalies ORDER BY company, period")
    names = [c[0] for c in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def periods(facts: list[Fact], text: str) -> list[str]:
    return [row["period"] for row in found(connect(facts), text)]


GROSS = '"gross_margin"'
QOQ = {"comparison": '"qoq"'}
STEADY = [0.10, 0.12, 0.11, 0.13, 0.10, 0.12, 0.11, 0.13, 0.10, 0.12, 0.11, 0.13]
CASES = {
    "change": (margins([0.2, 0.2, 0.17, 0.16]), rule("change", GROSS, 0.02, **QOQ), ["2019Q3"]),
    "sign": (
        [*facts_of("revenues", [100.0] * 4), *facts_of("profit_loss", [5, -5, -6, 4])],
        rule("sign", '"profit_loss"', 0, partner='"revenue"', **QOQ), ["2019Q2"],
    ),
    "outlier": (
        margins([*STEADY, 0.02]), rule("outlier", GROSS, 3, least="8", floor="0.005", **QOQ), ["2022Q1"],
    ),
    "season": (
        margins([*STEADY, 0.10, 0.12, 0.11, 0.13, 0.10, 0.12, 0.06]), rule("season", GROSS, 0.02, least="4", **QOQ), ["2023Q3"],
    ),
    "streak": (
        margins([0.20, 0.19, 0.18, 0.17, 0.18]), rule("streak", GROSS, 3, **QOQ), ["2019Q4"],
    ),
    "turn": (
        margins([0.20, 0.19, 0.18, 0.17, 0.19, 0.21]),
        rule("turn", GROSS, 0.01, least="3", direction='"up"', **QOQ), ["2020Q1"],
    ),
    "acceleration": (
        facts_of("revenues", [100, 100, 100, 100, 130, 130, 110, 109]),
        rule("acceleration", '"revenue"', 0.1, comparison='"yoy"'), ["2020Q3"],
    ),
    "level": (
        [*facts_of("assets_current", [120, 90, 85, 130, 95], months=None), *facts_of("liabilities_current", [100.0] * 5, months=None)],
        rule("level", '"current_ratio"', 1.0), ["2019Q2", "2020Q1"],
    ),
    "against": (
        [
            *facts_of("net_cash_provided_by_used_in_operating_activities", [-10, -40, 50]),
            *facts_of("cash_and_cash_equivalents_at_carrying_value", [100.0] * 3, months=None),
        ],
        rule("against", '"operating_cash_flow"', 0.25, partner='"cash_and_equivalents"'), ["2019Q2"],
    ),
    "divergence": (
        [*margins([0.2] * 4 + [0.25, 0.2, 0.25, 0.3]), *facts_of("profit_loss", [10.0] * 4 + [-60, -60, 90, 10])],
        rule("divergence", GROSS, 0.03, partner='"net_margin"', opposite="true", direction='"either"', comparison='"yoy"'), ["2020Q1"],
    ),
    "late": (
        [replace(f, known_at=date(2022, 6, 30)) if f.period_end == quarter("2022Q1") else f
         for f in facts_of("revenues", [100.0] * 14)],
        rule("late", '"revenue"', 15, least="3", direction='"up"'), ["2022Q1"],
    ),
    "dropped": (
        [*facts_of("revenues", [100.0] * 8), *facts_of("gross_profit", [20.0] * 6 + [None, 20])],
        rule("dropped", '"gross_profit"', 4, least="4", direction='"up"'), ["2020Q3"],
    ),
    "contradicted": (
        [*margins([0.2, 0.2]), Fact("gross_margin", quarter("2019Q2"), D("0.25"), unit="pure", decimals=3, origin="stated")],
        rule("contradicted", GROSS, 1, direction='"up"'), ["2019Q2"],
    ),
    "peers": (
        [f for n in range(5) for f in margins([0.1 if n == 0 else 0.4 + n / 100], company=f"C{n}")],
        rule("peers", GROSS, 0.2, least="4"), ["2019Q1"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("detector", sorted(DETECTORS))
def test_a_detector_finds_its_pattern_and_nothing_else(detector: str) -> None:
    facts, text, expected = CASES[detector]
    companies = sorted({f.company for f in facts})
    con = connect(facts, [(c, "CNY", "--12-31") for c in companies])
    rows = found(con, text)
    assert [row["period"] for row in rows] == expected
    assert all(row["evidence"] and row["explanation"].endswith(".") for row in rows)
    assert con.execute("SELECT sum(fired) FROM marts.rule_coverage").fetchone() == (len(expected),)


def test_a_history_that_is_too_short_is_counted_and_nothing_is_guessed() -> None:
    con = connect(margins([0.1, 0.12, 0.11, 0.13, 0.02]))
    text = rule("outlier", GROSS, 3, least="8", floor="0.005", **QOQ)
    assert found(con, text) == []
    assert con.execute("SELECT judged, too_little_history FROM marts.rule_coverage").fetchone() == (0, 4)


def test_thresholds_of_one_company_are_its_own() -> None:
    facts = [f for c in ("A", "B") for f in margins([0.2, 0.17], company=c)]
    con = connect(facts, [(c, "CNY", "--12-31") for c in ("A", "B")])
    pack = {"id": "A", "name": "A", "reporting_currency": "USD", "severities": {"tried": {"low": 0.05}}}
    with following([Company.model_validate(pack)]):
        assert [row["company"] for row in found(con, rule("change", GROSS, 0.02, **QOQ))] == ["B"]


def test_a_rule_of_a_pack_judges_its_company_alone() -> None:
    facts = [f for c in ("A", "B") for f in margins([0.2, 0.17], company=c)]
    con = connect(facts, [(c, "CNY", "--12-31") for c in ("A", "B")])
    own = tomllib.loads(rule("change", GROSS, 0.01, **QOQ).replace("tried", "own_fall"))["rule"]
    compute(con)
    with following(
        [Company.model_validate({"id": "A", "name": "A", "reporting_currency": "CNY", "rules": own})]
    ):
        detect(con)
        found_by = con.execute("SELECT DISTINCT company, rule FROM marts.anomalies ORDER BY ALL").fetchall()
        assert found_by == [
            ("A", "margin_compression_qoq"),
            ("A", "own_fall"),
            ("B", "margin_compression_qoq"),
        ]
    own[0]["name"] = "margin_compression_qoq"
    taken = Company.model_validate({"id": "A", "name": "A", "reporting_currency": "CNY", "rules": own})
    with following([taken]), pytest.raises(RuleError, match="choose another name"):
        detect(con)


def test_since_when_and_until_when() -> None:
    values = [0.2, 0.2, 0.2, 0.2, 0.17, 0.17, 0.2, 0.17]
    rows = found(connect(margins(values)), rule("change", GROSS, 0.02, comparison='"yoy"'))
    assert [(r["period"], r["first_seen"], r["resolved_in"]) for r in rows] == [
        ("2020Q1", "2020Q1", "2020Q3"),
        ("2020Q2", "2020Q1", "2020Q3"),
        ("2020Q4", "2020Q4", None),
    ]


LIVES = {"resolved_in", "anomaly_id"}


@settings(max_examples=12, deadline=None)
@given(
    past=st.lists(st.floats(-0.3, 0.5), min_size=6, max_size=16),
    future=st.lists(st.floats(-0.9, 0.9), min_size=1, max_size=6),
    holes=st.sets(st.integers(0, 15), max_size=4),
)
def test_the_future_changes_no_past_finding(past: list[float], future: list[float], holes: set[int]) -> None:
    kept = [None if n in holes else round(m, 3) for n, m in enumerate(past)]
    late = [round(m, 3) for m in future]

    def told(values: list[float | None]) -> list[dict[str, Any]]:
        con = connect(margins(values))
        compute(con)
        detect(con)
        cursor = con.execute("SELECT * EXCLUDE (resolved_in) FROM marts.anomalies ORDER BY ALL")
        names = [c[0] for c in cursor.description]
        last = quarter(labels("2019Q1", len(past))[-1])
        return [
            row for r in cursor.fetchall() if (row := dict(zip(names, r, strict=True)))["period_end"] <= last
        ]

    assert told([*kept, *late]) == told(kept)
