"""What the back-test says of findings and events, on small invented histories."""

from collections import defaultdict
from typing import Any

import pytest

from tools.backtest import Event, Walk, later, outcome, verdict

KINDS = {
    "margin": {"rules": ["margin_falls"], "metrics": ["gross_margin"]},
    "turning_point": {"rules": ["first_profit"], "of": {"cash": {"rules": ["first_cash"]}}},
}


def finding(period: str, **more: Any) -> dict[str, Any]:
    whole = {"rule": "margin_falls", "metric": "gross_margin", "severity": "medium", "resolved_in": None}
    return {**whole, "base": 0.2, "now": 0.1, "period": period, **more}


def walked(*findings: dict[str, Any], judged: tuple[str, ...] = ()) -> Walk:
    out = Walk("ACME", list(findings), defaultdict(set))
    for period in judged:
        out.judged["margin_falls", "gross_margin"].add(period)
    return out


def test_what_became_of_a_finding() -> None:
    assert later("2024Q4", 1) == "2025Q1"
    assert later("2024FY", 2) == "2026FY"
    levels = {("2024Q2", "gross_margin"): 0.12, ("2024Q3", "gross_margin"): 0.21}
    assert outcome(finding("2024Q1"), levels) == "undone"
    assert outcome(finding("2024Q1"), {("2024Q2", "gross_margin"): 0.12}) == "stayed"
    assert outcome(finding("2024Q3"), levels) == "open"
    limit = finding("2024Q1", base=None, resolved_in="2024Q3")
    assert outcome(limit, levels) == "undone"
    assert outcome({**limit, "resolved_in": "2024Q4"}, levels) == "stayed"


@pytest.mark.parametrize(
    ("expected", "most", "severity", "said"),
    [
        ("flag", "", "medium", "found"),
        ("ignore", "low", "low", "quiet"),
        ("ignore", "low", "medium", "too_loud"),
        ("ignore", "", "low", "too_loud"),
        ("explain", "", "high", "quiet"),
        ("out_of_scope", "", "high", "out_of_scope"),
    ],
)
def test_what_is_made_of_an_event(expected: str, most: str, severity: str, said: str) -> None:
    event = Event("2024Q1", "a fall", "margin", "gross_margin", expected, most)
    assert verdict(event, KINDS, walked(finding("2024Q1", severity=severity))) == said


def test_a_missed_event_is_told_from_one_that_nothing_could_judge() -> None:
    event = Event("2024FY", "a fall", "margin", "gross_margin", "flag", "")
    assert verdict(event, KINDS, walked(finding("2024Q3"))) == "found"
    assert verdict(event, KINDS, walked(judged=("2024Q2",))) == "missed"
    assert verdict(event, KINDS, walked(judged=("2023Q2",))) == "not_evaluable"
    about_cash = Event("2024Q1", "inflow", "turning_point", "cash", "flag", "")
    profit = finding("2024Q1", rule="first_profit", metric="profit_loss")
    assert verdict(about_cash, KINDS, walked(profit)) == "not_evaluable"
    assert verdict(about_cash, KINDS, walked(finding("2024Q1", rule="first_cash"))) == "found"
