"""The trail of a figure: the same in JSON and in SQL, with the declared keys, under the headings that head it."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from kc_pipeline.lineage import explain
from kc_pipeline.lineage.headings import headings_above
from kc_pipeline.lineage.shape import (
    ABSENT_KEYS,
    CONCEPT_KEYS,
    FACT_KEYS,
    KPI_KEYS,
    PLAIN_FACT_KEYS,
    REVISION_KEYS,
    SIGHTING_KEYS,
)
from kc_pipeline.lineage.trail import jsonable
from kc_pipeline_tests.conftest import Bundle

Row = dict[str, Any]
_OF_PLACE = (
    "document_id", "table_index", "row_index", "col_index", "span_start", "text", "value", "decimals", "known_at",
    "evidence", "grade", "source_title", "source_url",
)  # fmt: skip
_OF_DOCUMENT = (
    "sha256",
    "url",
    "accession",
    "form",
    "filing_date",
    "document_title",
    "document_kind",
    "label",
)


@pytest.fixture(scope="module")
def con(bundle: Bundle) -> Iterator[duckdb.DuckDBPyConnection]:
    with bundle.connect() as connection:
        yield connection


def _flat(trail: Row) -> set[tuple[Any, ...]]:
    """Every step of a trail: role, fact behind the figure, step, fact of the step, and where it was printed."""
    pairs = [(None, f) for f in trail.get("facts", ())] + [
        (i["role"], i["fact"]) for i in trail.get("inputs", ())
    ]
    out = set()
    for role, fact in pairs:
        for step, rows in (
            ("fact", [fact]),
            ("input", [i["fact"] for i in fact.get("inputs", ())]),
            ("version", fact["other_versions"]),
            ("sighting", fact["sightings"]),
        ):
            for row in rows:
                document = tuple(row[k] for k in _OF_DOCUMENT) if step != "sighting" else ()
                out.add(
                    (role, fact["fact_id"], step, row["fact_id"], *(row[k] for k in _OF_PLACE), *document)
                )
    return out


def _in_sql(con: duckdb.DuckDBPyConnection, period: str, name: str, kind: str) -> set[tuple[Any, ...]]:
    columns = ", ".join(("role", "of_fact_id", "step", "fact_id", *_OF_PLACE, *_OF_DOCUMENT))
    rows = con.execute(
        f"SELECT {columns} FROM marts.figure_trail WHERE company = 'KC' AND period = ? AND name = ? AND kind = ?",
        [period, name, kind],
    ).fetchall()
    return {r if r[2] != "sighting" else r[: 4 + len(_OF_PLACE)] for r in rows}


@pytest.mark.parametrize(
    ("period", "name"),
    [
        ("2025Q1", "gross_margin"),
        ("2025Q1", "revenue_growth_yoy"),
        ("2024Q4", "adjusted_gross_margin_change_qoq"),
        ("2025Q1-TTM", "revenue"),
        ("2024FY", "net_margin"),
        ("2025H1", "revenue"),
        ("2025Q1", "revenues/public_cloud"),
        ("2024FY", "revenues"),
        ("2024FY", "assets"),
        ("2024Q4", "assets"),
        ("2021Q4", "accrued_others_non_current"),
    ],
)
def test_json_and_sql_tell_the_same_trail(con: duckdb.DuckDBPyConnection, period: str, name: str) -> None:
    trail = explain(con, "KC", period, name)
    assert trail["kind"] in ("kpi", "concept")
    flat = _flat(trail)
    assert flat
    assert flat == _in_sql(con, period, name, trail["kind"])


def test_a_derived_fact_shows_what_it_follows_from(con: duckdb.DuckDBPyConnection) -> None:
    figures = con.execute(
        "SELECT DISTINCT period, name FROM marts.figure_trail WHERE step = 'input' ORDER BY ALL LIMIT 5"
    ).fetchall()
    assert figures
    for period, name in figures:
        trail = explain(con, "KC", period, name)
        flat = _flat(trail)
        assert flat == _in_sql(con, period, name, trail["kind"])
        assert sum(1 for row in flat if row[2] == "input") >= 2


def test_every_kpi_of_a_quarter_has_the_same_trail_in_both(con: duckdb.DuckDBPyConnection) -> None:
    names = con.execute("SELECT kpi FROM marts.kpis WHERE company = 'KC' AND period = '2024Q4'").fetchall()
    assert len(names) > 30
    for (name,) in names:
        assert _flat(explain(con, "KC", "2024Q4", name)) == _in_sql(con, "2024Q4", name, "kpi"), name


def test_the_keys_are_the_declared_ones(con: duckdb.DuckDBPyConnection) -> None:
    kpi = explain(con, "KC", "2025Q1", "gross_margin")
    assert set(kpi) == set(KPI_KEYS)
    assert all(set(i) == {"role", "fact"} for i in kpi["inputs"])
    concept = explain(con, "KC", "2021Q4", "accrued_others_non_current")
    assert set(concept) == set(CONCEPT_KEYS)
    facts = [i["fact"] for i in kpi["inputs"]] + concept["facts"]
    for fact in facts:
        assert set(fact) - {"inputs"} == set(FACT_KEYS)
        assert all(set(v) == set(PLAIN_FACT_KEYS) for v in fact["other_versions"])
        assert all(set(s) == set(SIGHTING_KEYS) for s in fact["sightings"])
        assert all(set(r) == set(REVISION_KEYS) for r in fact["revisions"])
    assert any(f["other_versions"] for f in facts)
    assert any(f["sightings"] for f in facts)
    assert any(f["revisions"] for f in facts)
    name, period = con.execute(
        "SELECT kpi, period FROM marts.kpi_absent WHERE company = 'KC' LIMIT 1"
    ).fetchall()[0]
    assert set(explain(con, "KC", period, name)) == set(ABSENT_KEYS)
    json.dumps(jsonable(kpi))


def test_a_trail_ends_at_the_filing(con: duckdb.DuckDBPyConnection) -> None:
    for row in con.execute(
        "SELECT text, document_id, sha256, filing_date, evidence, table_index, span_start FROM marts.figure_trail"
    ).fetchall():
        text, document, sha, filed, evidence, table, span = row
        assert document
        assert sha
        assert filed
        assert evidence
        assert text is None or table is not None or span is not None


@pytest.mark.parametrize(
    ("section", "concept", "unit", "headings"),
    [
        ("Operating expenses", "selling_and_marketing_expense", "CNY", ("Operating expenses",)),
        ("Operating expenses", "foreign_exchange_gain_loss", "CNY", ()),
        ("Operating loss", "interest_expense", "CNY", ()),
        ("Others", "cost_of_revenue", "CNY", ()),
        ("Revenues", "revenues", "CNY", ("Revenues",)),
        ("Non-GAAP net loss", "adjusted_ebitda", "CNY", ()),
        ("Net loss per share > Basic > Net loss per ADS", "earnings_per_ads_basic", "CNY/ADS", ("Net loss per ADS",)),
        ("Net loss per share", "earnings_per_share_diluted", "CNY/share", ("Net loss per share",)),
        (None, "revenues", "CNY", ()),
    ],
)  # fmt: skip
def test_a_row_without_figures_is_no_heading(
    section: str | None, concept: str, unit: str, headings: tuple[str, ...]
) -> None:
    statement = "reconciliation" if concept.startswith("adjusted") else "income"
    assert headings_above(statement, section, concept, None, unit, False) == headings


def test_headings_of_the_balance_sheet_and_the_cash_flow_stay() -> None:
    section = "ASSETS > Non-current assets > Property and equipment, net"
    assert headings_above("balance_sheet", section, "equity_investments", None, "CNY", True) == (
        "ASSETS",
        "Non-current assets",
    )
    section = "CASH FLOWS FROM OPERATING ACTIVITIES > Adjustments to reconcile net loss to net cash"
    kept = headings_above("cash_flow", section, "depreciation_depletion_and_amortization", None, "CNY", False)
    assert kept == tuple(section.split(" > "))
