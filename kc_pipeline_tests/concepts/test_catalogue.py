"""The catalogue holds together, and its names are those of the reference."""

import csv
from pathlib import Path

import pytest

from kc_pipeline.concepts import agrees, catalogue, growth_metric, mapping_version, parse_metric, share_metric
from kc_pipeline.concepts.catalogue import load_catalogue
from kc_pipeline.concepts.index import index_for
from kc_pipeline.concepts.metrics import metric_row
from kc_pipeline.schema.tables import TABLES

pytestmark = pytest.mark.usefixtures("kc_pack")


def test_parents_lead_to_a_total_without_a_circle() -> None:
    declared = catalogue()
    for c in declared.concepts.values():
        seen = set()
        node = c
        while node.parent:
            assert node.name not in seen, f"circle through {node.name}"
            seen.add(node.name)
            node = declared.concepts[node.parent]


@pytest.mark.parametrize(
    ("leaf", "total"),
    [
        ("goodwill", "assets"),
        ("short_term_bank_loans", "liabilities_and_stockholders_equity"),
        ("idc_costs", "profit_loss"),
        ("selling_and_marketing_expense", "profit_loss"),
        ("payments_to_acquire_property_plant_and_equipment", "cash_period_increase"),
    ],
)
def test_statement_totals_are_reached(leaf: str, total: str) -> None:
    declared = catalogue()
    node = declared.concepts[leaf]
    while node.parent and node.name != total:
        node = declared.concepts[node.parent]
    assert node.name == total


def test_children_and_weights_of_gross_profit() -> None:
    assert {c.name: c.weight for c in catalogue().children("gross_profit")} == {
        "revenues": 1,
        "cost_of_revenue": -1,
    }


def test_no_label_means_two_things_in_one_place() -> None:
    for label, rules in index_for(()).exact.items():
        for i, a in enumerate(rules):
            for b in rules[i + 1 :]:
                same_place = a.statements & b.statements and (
                    (not a.blocks and not b.blocks) or a.blocks & b.blocks
                )
                same_measure = a.concept.measure == b.concept.measure and a.phrase.segment == b.phrase.segment
                assert not (same_place and same_measure and a.concept.name != b.concept.name), (
                    label, a.concept.name, b.concept.name,
                )  # fmt: skip


def test_rows_have_the_columns_of_core_concepts() -> None:
    table = next(t for t in TABLES if t.qualified == "core.concepts")
    rows = catalogue().rows_for_core_concepts()
    assert all(tuple(r) == table.column_names for r in rows)
    required = [c.name for c in table.columns if c.required]
    assert all(r[name] for r in rows for name in required)
    assert len({r["concept"] for r in rows}) == len(rows)


def test_a_metric_that_is_not_listed_gets_a_row_too() -> None:
    row = metric_row("adjusted_gross_margin_change_qoq")
    assert (row["basis"], row["statement"], row["period_type"]) == ("non_gaap", "ratio", "duration")
    assert tuple(row) == next(t for t in TABLES if t.qualified == "core.concepts").column_names


@pytest.mark.parametrize(
    "damage",
    [
        'kind = "no_such_kind"\nname = "a"\ndescription = "something"',
        'kind = "x"\nname = "a"\ndescription = "something"\nparent = "nowhere"',
        'kind = "x"\nname = "a"\ndescription = "something"\nunknown_field = 1',
        'kind = "x"\nname = "a"\ndescription = "something"\nparent = "a"',
        'kind = "x"\nname = "a"\ndescription = "something"\nparent = "b"\n'
        '[[concept]]\nkind = "x"\nname = "b"\ndescription = "something"\nparent = "a"',
        'kind = "x"\nname = "a"\ndescription = "something"\nparent = "b"\n'
        '[[concept]]\nkind = "x"\nname = "b"\ndescription = "something"\nperiod = "instant"',
        'kind = "x"\nname = "a"\ndescription = "something"\nweight = 2',
    ],
)
def test_a_damaged_catalogue_is_refused(damage: str) -> None:
    text = f'heading_words = ""\nsegment = []\n[kind.x]\nstatement = "income"\n[[concept]]\n{damage}\n'
    with pytest.raises(ValueError, match=r"kind|parent|unknown_field|Extra|weight"):
        load_catalogue(text)


def test_elements_agree_with_or_without_their_prefix() -> None:
    assert agrees("revenues", "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax")
    assert agrees("goodwill", "Goodwill")
    assert not agrees("revenues", "us-gaap:CostOfRevenue")
    assert not agrees("no_such_concept", "us-gaap:Revenues")


def test_the_version_is_stable_within_a_process() -> None:
    assert mapping_version() == mapping_version()
    assert len(mapping_version()) == 16


@pytest.mark.parametrize(
    ("concept", "segment", "comparison", "name"),
    [
        ("revenues", None, "yoy", "revenue_growth_yoy"),
        ("revenues", "public_cloud", "qoq", "public_cloud_growth_qoq"),
        ("revenues", "enterprise_cloud", "yoy", "enterprise_cloud_growth_yoy"),
        ("ecosystem_revenue", None, "yoy", "ecosystem_growth_yoy"),
        ("ai_gross_billing", None, "yoy", "ai_gross_billing_growth_yoy"),
        ("gross_margin", None, "change_yoy", "gross_margin_change_yoy"),
        ("gross_margin", None, "yoy", "gross_margin_change_yoy"),
        ("gross_margin", "public_cloud", "change_qoq", "public_cloud_gross_margin_change_qoq"),
        ("adjusted_gross_profit", None, "qoq", "adjusted_gross_profit_growth_qoq"),
    ],
)
def test_names_of_growth_and_back(concept: str, segment: str | None, comparison: str, name: str) -> None:
    assert growth_metric(concept, segment, comparison) == name
    parsed = parse_metric(name)
    assert parsed is not None
    assert (parsed.concept, parsed.segment) == (concept, segment)


def test_comparisons_without_a_name() -> None:
    assert growth_metric("revenues", None, "sideways") is None
    assert parse_metric("frobnication_growth_yoy") is None
    assert share_metric("revenues", "public_cloud") == "public_cloud_share"
    assert share_metric("ai_gross_billing", None) == "ai_share_of_public_cloud"
    assert share_metric("goodwill", None) is None


def test_every_name_of_the_reference_is_known(shared: Path) -> None:
    rows = list(csv.DictReader((shared / "reference" / "concepts.csv").open(encoding="utf-8")))
    wanted = {r["concept"] for r in rows if r["use"] in ("statement", "key_figure", "note")}
    assert not wanted - set(catalogue().concepts)
    ratios = {r["concept"] for r in rows if r["use"] == "ratio"} - set(catalogue().concepts)
    assert {r for r in ratios if parse_metric(r) is None} == set()
