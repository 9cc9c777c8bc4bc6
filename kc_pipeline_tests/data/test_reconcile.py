"""The published warehouse against the published figures that the bundled documents carry."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from kc_pipeline_tests.conftest import Bundle
from kc_pipeline_tests.warehouse.books import Books
from tools.reconcile import (
    Finding,
    Row,
    bundled_rows,
    failures,
    not_in_reference,
    peer_table,
    reconcile,
    table,
)
from tools.ties import report, ties

# Sentences that extraction does not read; nothing else of grade A may be missing.
NOT_READ = {
    "20-F-2022": {
        "customer_concentration_one_customer",
        "customer_concentration_two_customer",
        "goodwill_acquired_shenzhen_yunfan",
        "intangible_assets_acquired_shenzhen_yunfan",
        "net_assets_acquired_excluding_intangibles_shenzhen_yunfan",
        "purchase_consideration_beijing_yunshu",
        "purchase_consideration_shenzhen_yunfan",
        "rmb_depreciation_against_usd",
    },
    "20-F-2024": {
        "kingsoft_group_loan_facility_max",
        "kingsoft_group_unsecured_loan_500m_rate",
        "kingsoft_group_unsecured_loan_rate",
        "secured_borrowings_max_rate",
    },
    "424B5-2025-04": {
        "public_offering_gross_total",
        "public_offering_price_per_ads",
        "public_offering_proceeds_before_expenses",
    },
}


@pytest.fixture(scope="module")
def rows(repo: Path, shared: Path) -> list[Row]:
    return bundled_rows(repo / "data" / "filings")


@pytest.fixture(scope="module")
def findings(bundle: Bundle, rows: list[Row]) -> list[Finding]:
    with bundle.connect() as con:
        return reconcile(con, rows)


def test_every_bundled_figure_is_a_best_row_of_the_reference(repo: Path, shared: Path) -> None:
    assert not_in_reference(repo / "data" / "filings", shared) == []


def test_no_figure_and_no_ratio_is_contradicted(findings: list[Finding]) -> None:
    assert [f"{f.row}: {f.detail}" for f in findings if f.verdict == "contradicted"] == []


def test_every_figure_of_grade_a_that_is_read_is_a_fact(findings: list[Finding]) -> None:
    missing = [f.row for f in findings if f.row.grade == "A" and f.verdict == "missing"]
    assert [str(r) for r in missing if r.concept not in NOT_READ.get(r.document, set())] == []
    assert len(missing) <= 21


def test_each_contradiction_is_a_row_of_the_check_that_holds_prose_against_tables(
    bundle: Bundle, findings: list[Finding]
) -> None:
    """What reconcile calls a disagreement with a computed ratio, the build's own check reports, with its document."""
    with bundle.connect() as con:
        (build,) = con.execute("SELECT max(build_id) FROM meta.builds").fetchone() or (None,)
        reported = con.execute(
            "SELECT document_id, message FROM meta.check_failures WHERE build_id = ? AND check_name IN "
            "('stated_ratios_agree_with_computed', 'prose_agrees_with_tables')",
            [build],
        ).fetchall()
    # a stated ratio that no document of the bundle was read to say cannot be in the build's check
    unread = [f.row for f in findings if f.cls == "ratio" and f.verdict == "missing"]
    disagreeing = [f.row for f in findings if f.verdict in ("contradicted", "known disagreement")]
    contradictions = [row for row in disagreeing if row not in unread]
    assert contradictions
    for row in contradictions:
        assert any(
            row.document in document and row.concept in message and row.period in message
            for document, message in reported
        ), str(row)


def test_most_figures_are_judged(findings: list[Finding]) -> None:
    matched = [f for f in findings if f.verdict == "matched"]
    assert len([f for f in matched if f.cls == "amount"]) >= 1630
    assert len([f for f in matched if f.cls == "not the group"]) >= 250
    assert len([f for f in matched if f.cls == "computed"]) >= 249
    assert "computed" in table(findings)


def test_every_figure_of_a_peer_is_matched(shared: Path, findings: list[Finding]) -> None:
    peers = [f for f in findings if f.row.company != "KC"]
    assert peers
    assert [str(f.row) for f in peers if f.verdict not in ("matched", "no input")] == []
    assert "grade is C" in peer_table(shared, peers)


def test_a_changed_figure_is_found(bundle: Bundle, rows: list[Row]) -> None:
    amount = next(
        r
        for r in rows
        if r.company == "KC" and r.concept == "revenues" and r.document == "2025Q1-release" and r.unit == "CNY"
    )
    margin = next(
        r
        for r in rows
        if r.company == "KC" and r.concept == "gross_margin" and r.document == "2025Q1-release"
    )
    changed = [
        replace(amount, value=amount.value + 1000),
        replace(margin, value=margin.value + Decimal("0.002")),
        replace(amount, concept="no_such_concept", listed_as="no_such_concept", grade="A"),
    ]
    with bundle.connect() as con:
        found = failures(reconcile(con, changed))
    assert [(f.row, f.cls, f.verdict) for f in found] == [
        (changed[0], "amount", "contradicted"),
        (changed[1], "ratio", "contradicted"),
        (changed[1], "computed", "contradicted"),
        (changed[2], "amount", "missing"),
    ]


def test_the_end_of_2021_reclassification_is_one(bundle: Bundle) -> None:
    where = "concept = 'accrued_others_non_current' AND period_end = '2021-12-31'"
    with bundle.connect() as con:
        revisions = con.execute(
            f"SELECT kind, first_value::BIGINT, later_value::BIGINT, first_document_id, later_document_id FROM core.revisions WHERE {where}"
        ).fetchall()
        known = con.execute(
            f"SELECT value::BIGINT FROM core.facts_as_of('2023-01-31') WHERE {where}"
        ).fetchall()
        latest = con.execute(f"SELECT value::BIGINT FROM core.facts_latest WHERE {where}").fetchall()
    assert revisions == [
        ("reclassification", 45_232_000, 29_278_000, "KC/6-K-2022-12/report", "KC/20-F-2022/report")
    ]
    assert known == [(45_232_000,)]
    assert latest == [(29_278_000,)]


def test_the_balance_sheets_of_the_bundle_tie_in_the_calculation_tree(bundle: Bundle) -> None:
    with bundle.connect() as con:
        found = ties(con)
    whole = ("assets", "assets_current", "assets_noncurrent", "liabilities", "gross_profit", "operating_income_loss", "profit_loss")  # fmt: skip
    assert {t.parent for t in found} >= set(whole)
    assert not [t for t in found if t.parent in whole and not t.ties and "20-F" in t.document]


def test_a_parent_is_held_against_its_printed_children_and_a_net_result_in_two_ways() -> None:
    books = Books()
    document = books.document("one", date(2025, 5, 28))
    for label, value in (("Cash and cash equivalents", 60), ("Restricted cash", 30), ("Total current assets", 100)):
        books.line(document, label, value, section=["Current assets"])
    net = {"Loss before income taxes": -50, "Income tax expense": 4, "Net loss": -54,
           "Net loss attributable to non-controlling interests": -4, "Net loss attributable to the Company": -50}  # fmt: skip
    for label, value in net.items():
        books.line(document, label, value, months=3, table=1)
    con = books.load()
    found = {(t.parent, t.rest, t.ties) for t in ties(con)}
    assert found == {("assets_current", 10_000.0, False), ("profit_loss", 0.0, True)}
    shown = report(ties(con))
    assert shown.startswith("calculation tree: 2 of 3 printed parents are the sum of their printed children")
    assert "10,000 of 100,000, KC/one/doc at 2025-03-31" in shown
