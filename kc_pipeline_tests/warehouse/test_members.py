"""The one unknown member of a complete list of segments, on hand-made filings."""

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from kc_pipeline.config import Company, following
from kc_pipeline.kpis import compute
from kc_pipeline.quality import run_checks
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import Books, values

END, NEXT = date(2025, 3, 31), date(2025, 6, 30)
SHOPS = {"online": "Online", "stores": "Stores", "services": "Services"}
DERIVED = "FROM core.facts WHERE origin = 'derived'"


def shop(**more: Any) -> Company:
    segments = [{"id": i, "labels": [label]} for i, label in SHOPS.items()]
    return Company.model_validate(
        {
            "id": "SHOP",
            "name": "Shop plc",
            "reporting_currency": "GBP",
            "fiscal_year_end": "--03-31",
            "segments": segments,
            "segments_add_up_to": ["revenues"],
            **more,
        }
    )


def books(figures: dict[str, Any], company: Company | None = None, **more: Any) -> Books:
    out = Books(companies={"SHOP": company or shop()})
    document = out.document("q1", date(2025, 5, 20), company="SHOP")
    add(out, document, figures, **more)
    return out


def add(out: Books, document: str, figures: dict[str, Any], end: date = END, **more: Any) -> None:
    for label, value in figures.items():
        section = [] if label == "Total revenues" else ["Revenues:"]
        out.line(document, label, value, end, **{"months": 3, "unit": "GBP", "section": section} | more)


def built(out: Books) -> duckdb.DuckDBPyConnection:
    con = out.load()
    build_facts(con)
    return con


def test_the_one_unknown_segment_is_what_the_whole_leaves() -> None:
    con = built(books({"Online": 300, "Services": 50, "Total revenues": 1000}))
    assert values(con, f"SELECT segment, value, decimals, half_units, label, known_at, text, evidence {DERIVED}") == [
        (
            "stores", 650_000, -3, 3, "revenues - revenues/online - revenues/services", date(2025, 5, 20), None,
            "original",
        )
    ]  # fmt: skip
    assert values(
        con,
        "SELECT f.segment, i.weight FROM core.fact_inputs i JOIN core.facts f ON f.fact_id = i.input_fact_id ORDER BY 1 NULLS FIRST",
    ) == [(None, 1), ("online", -1), ("services", -1)]
    (check,) = (
        r
        for r in run_checks(con, "b", "facts")
        if r["check_name"] == "derived_facts_follow_from_reported_ones"
    )
    assert check["status"] == "passed"


def test_a_stated_nil_is_known() -> None:
    con = built(books({"Online": 300, "Services": 0, "Total revenues": 1000}))
    assert values(con, f"SELECT segment, value {DERIVED}") == [("stores", 700_000)]


@pytest.mark.parametrize(
    ("figures", "declared", "why"),
    [
        ({"Online": 300, "Total revenues": 1000}, {}, "two are unknown"),
        ({"Online": 300, "Services": 50}, {}, "the whole is unknown"),
        ({"Online": 300, "Services": 50, "Total revenues": 1000}, {"segments_add_up_to": []}, "the list may be incomplete"),
        ({"Online": 600, "Services": 399, "Total revenues": 1000}, {}, "1 is within the rounding of three figures"),
        (
            {"Online": 300, "Services": 50, "Total revenues": 1000},
            {"segments": [{"id": i, "labels": [n], "valid_from": date(2025, 2, 1)} for i, n in SHOPS.items()]},
            "the list begins inside the quarter",
        ),
        (
            {"Online": 300, "Services": 50, "Total revenues": 1000},
            {"breaks": [{"measures": ["revenues/stores"], "break_date": date(2025, 2, 1), "kind": "segment_change", "effect": "block", "note": "n", "wording": "w", "source": "s"}]},
            "the segment changes inside the quarter",
        ),
    ],
)  # fmt: skip
def test_nothing_is_derived_where(figures: dict[str, Any], declared: dict[str, Any], why: str) -> None:
    assert values(built(books(figures, shop(**declared))), f"SELECT segment, value {DERIVED}") == [], why


def test_a_segment_of_another_time_is_not_waited_for() -> None:
    segments = [{"id": i, "labels": [label]} for i, label in SHOPS.items()]
    segments.append({"id": "travel", "labels": ["Travel"], "valid_to": date(2024, 12, 31)})
    con = built(books({"Online": 300, "Services": 50, "Total revenues": 1000}, shop(segments=segments)))
    assert values(con, f"SELECT segment, value {DERIVED}") == [("stores", 650_000)]


def test_a_reported_figure_takes_its_place_and_a_revision_its_turn() -> None:
    out = books({"Online": 300, "Services": 50, "Total revenues": 1000})
    later = out.document("q2", date(2025, 8, 20), company="SHOP", period=NEXT)
    add(out, later, {"Stores": 651})
    con = built(out)
    assert values(con, "SELECT origin, value, version FROM core.facts WHERE segment = 'stores' ORDER BY version") == [
        ("derived", 650_000, 1), ("reported", 651_000, 2),
    ]  # fmt: skip

    out = books({"Online": 300, "Services": 50, "Total revenues": 1000})
    later = out.document("q2", date(2025, 8, 20), company="SHOP", period=NEXT)
    add(out, later, {"Total revenues": 1100})  # the segments are still those of the first vintage
    con = built(out)
    assert values(con, f"SELECT value, known_at {DERIVED}") == [(650_000, date(2025, 5, 20))]
    add(out, later, {"Online": 320, "Services": 50})
    assert values(built(out), f"SELECT value, known_at {DERIVED} ORDER BY version") == [
        (650_000, date(2025, 5, 20)), (730_000, date(2025, 8, 20)),
    ]  # fmt: skip


def test_the_interval_holds_all_roundings() -> None:
    out = books({"Online": 300, "Total revenues": 1000})
    add(out, "SHOP/q1/doc", {"Services": 0}, decimals=-6)
    (found,) = values(built(out), f"SELECT value, decimals, half_units {DERIVED}")
    assert found == (700_000, -6, Decimal("1.1"))


def test_a_column_under_a_segments_name_is_that_segments() -> None:
    """As an issuer prints a note: segments side by side, each the heading of its rows, for two periods."""
    out = Books(companies={"SHOP": shop()})
    document = out.document("q1", date(2025, 5, 20), company="SHOP")
    for col, (member, value) in enumerate({"Online": 300, "Stores": 650, "Services": 50}.items(), 2):
        for row, end in ((1, END), (3, date(2024, 3, 31))):
            more = {"member": member, "section": [str(end), member], "statement": "segment", "col": col}
            out.line(document, "Revenue", value + row, end, months=3, unit="GBP", row=row, **more)
    con = built(out)
    found = "SELECT segment, value FROM core.facts WHERE concept = 'revenues' AND period_end = '2025-03-31' ORDER BY value"
    assert values(con, found) == [("services", 51_000), ("online", 301_000), ("stores", 651_000)]


def test_a_figure_of_a_counterparty_is_not_the_wholes() -> None:
    """A label of its own for the revenues from one party: the concept with the counterparty, beside the whole."""
    named = {
        "name": "sales_to_parent",
        "kind": "note_revenue",
        "description": "Sales to the parent.",
        "labels": "Sales to Parent Group",
    }
    declared = {
        "concepts": [named | {"means": "revenues", "counterparty": "parent"}],
        "counterparties": [{"id": "parent", "labels": ["Parent Group"]}],
    }
    company = shop(**declared)
    with following([company]):
        out = books({"Total revenues": 1000}, company)
        add(out, "SHOP/q1/doc", {"Sales to Parent Group": 400}, section=[], statement="other", table=1)
        con = built(out)
        compute(con)
    assert values(con, "SELECT concept, counterparty, value FROM core.facts ORDER BY value") == [
        ("revenues", "parent", 400_000), ("revenues", None, 1_000_000),
    ]  # fmt: skip
    found = "SELECT kpi, value FROM marts.kpis WHERE kpi IN ('revenue', 'parent_revenue', 'parent_share') AND period = '2025Q4'"
    assert {k: round(v, 2) for k, v in values(con, found)} == {
        "revenue": 1_000_000, "parent_revenue": 400_000, "parent_share": Decimal("0.40"),
    }  # fmt: skip
