"""The bundled filings, end to end, against published figures."""

from decimal import Decimal as D
from typing import Any

import pytest

from kc_pipeline_tests.conftest import Bundle


def _one(bundle: Bundle, sql: str, *parameters: Any) -> Any:
    with bundle.connect() as con:
        row = con.execute(sql, list(parameters)).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


def _kpi(bundle: Bundle, period: str, kpi: str) -> Any:
    return _one(
        bundle, "SELECT value FROM marts.kpis WHERE company = 'KC' AND period = ? AND kpi = ?", period, kpi
    )


def test_every_quarter_since_the_first_comparative_has_its_revenue(bundle: Bundle) -> None:
    count, first, last = _one(
        bundle,
        """SELECT count(DISTINCT period), min(period), max(period) FROM marts.kpis
           WHERE company = 'KC' AND period_type = 'quarter' AND kpi = 'revenue'""",
    )
    assert count >= 26
    assert first <= "2019Q4"
    assert last == "2026Q1"


@pytest.mark.parametrize(
    ("kpi", "published"),
    [
        ("adjusted_gross_margin", "0.166"),
        ("revenue_growth_yoy", "0.109"),
        ("revenue_growth_qoq", "-0.117"),
        ("adjusted_operating_margin", "-0.028"),
        ("adjusted_ebitda_margin", "0.162"),
        ("adjusted_gross_margin_change_qoq", "-0.026"),
        ("gross_margin_change_qoq", "-0.029"),
        ("gross_margin", "0.162"),
        ("ai_share_of_public_cloud", "0.39"),
        ("ecosystem_share", "0.25"),
        ("public_cloud_growth_yoy", "0.140"),
        ("enterprise_cloud_growth_yoy", "0.048"),
        ("enterprise_cloud_growth_qoq", "-0.25"),
        ("ai_gross_billing_growth_yoy", "2.28"),
        ("ai_gross_billing_growth_qoq", "0.11"),
    ],
)
def test_the_first_quarter_of_2025_is_what_was_published(bundle: Bundle, kpi: str, published: str) -> None:
    tolerance = (
        D("0.005")
        if len(published.split(".")[1]) == 2 and kpi != "ai_gross_billing_growth_yoy"
        else D("0.001")
    )
    assert abs(_kpi(bundle, "2025Q1", kpi) - D(published)) <= tolerance


def test_amounts_are_exact(bundle: Bundle) -> None:
    assert _kpi(bundle, "2025Q1", "revenue") == D(1_970_000_000)
    assert _kpi(bundle, "2025Q1", "capital_expenditures") == D(605_000_000)
    assert _kpi(bundle, "2025Q1", "cash_and_equivalents") == D(2_322_700_000)


def test_a_ratio_known_only_as_stated_says_so(bundle: Bundle) -> None:
    value, origin = _one(
        bundle,
        "SELECT value, origin FROM marts.kpis WHERE period = '2024Q4' AND kpi = 'adjusted_gross_margin'",
    )
    assert value == D("0.192")
    assert origin == "stated"


def test_margin_compression_is_found_and_called_counter_seasonal(bundle: Bundle) -> None:
    explanation, seasonality, evidence, history = _one(
        bundle,
        """SELECT explanation, seasonality, evidence, history FROM marts.anomalies
           WHERE company = 'KC' AND period = '2025Q1' AND rule = 'margin_compression_qoq' AND metric = 'gross_margin'""",
    )
    assert seasonality == "counter_seasonal"
    assert "2.9" in explanation
    for change in ("+0.5", "+1.6", "+2.6", "+2.8", "+1.8"):  # the earlier fourth-to-first-quarter changes
        assert change in history
    with bundle.connect() as con:
        quarters = con.execute(
            "SELECT DISTINCT period_end::VARCHAR FROM core.facts WHERE list_contains(?, fact_id) ORDER BY 1",
            [evidence],
        ).fetchall()
    assert ("2025-03-31",) in quarters
    assert ("2024-12-31",) in quarters


def test_a_seasonal_fall_is_not_called_counter_seasonal(bundle: Bundle) -> None:
    with bundle.connect() as con:
        found = con.execute(
            """SELECT seasonality FROM marts.anomalies WHERE period = '2025Q1' AND rule LIKE '%qoq%'
               AND metric LIKE 'enterprise_cloud%'"""
        ).fetchall()
    assert all(row == ("seasonal",) for row in found)


def test_no_figure_passes_as_read_in_the_issuers_paper(bundle: Bundle) -> None:
    assert _one(bundle, "SELECT count(*) FROM core.facts WHERE evidence = 'original'") == 0
    assert (
        _one(
            bundle,
            "SELECT count(*) FROM core.facts WHERE origin <> 'derived' AND (grade IS NULL OR source_url IS NULL)",
        )
        == 0
    )


def test_no_blocking_check_fails_on_the_bundled_transcripts(bundle: Bundle) -> None:
    assert not bundle.report.quarantined
    assert not bundle.report.skipped
    with bundle.connect() as con:
        failed = con.execute(
            "SELECT check_name, message FROM meta.check_results WHERE severity <> 'warn' AND status IN ('failed', 'error')"
        ).fetchall()
    assert not failed


def test_growth_is_never_taken_over_the_change_of_the_ai_measure(bundle: Bundle) -> None:
    with bundle.connect() as con:
        row = con.execute(
            "SELECT origin, value, computed_value, computed_absent FROM marts.kpis "
            "WHERE period = '2025Q1' AND kpi = 'ai_gross_billing_growth_yoy'"
        ).fetchone()
    assert row == ("stated", D("2.28"), None, "blocked_by_break")
