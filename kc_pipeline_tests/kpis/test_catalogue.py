"""The catalogue is complete, consistent, and refuses what contradicts itself."""

import csv
import sys
from pathlib import Path

import pytest

from kc_pipeline import concepts
from kc_pipeline.kpis import CatalogueError, catalogue, formula_version
from kc_pipeline.kpis.catalogue import complete, parse, unknown_terms

pytestmark = pytest.mark.usefixtures("kc_pack")

CONTRACT = """
revenue revenue_growth_yoy revenue_growth_qoq gross_margin adjusted_gross_margin operating_margin
adjusted_operating_margin net_margin adjusted_ebitda_margin public_cloud_growth_yoy
enterprise_cloud_growth_yoy enterprise_cloud_growth_qoq public_cloud_share enterprise_cloud_share
ai_share_of_public_cloud ai_gross_billing_growth_yoy ai_gross_billing_growth_qoq ecosystem_share
ecosystem_growth_yoy rnd_ratio sga_ratio capex_intensity cash_and_equivalents current_ratio
debt_to_equity days_sales_outstanding
"""

# Stated figures of measures that no document of the reference gives as an amount.
NO_KPI = {
    "adjusted_general_and_administrative_expenses_growth_qoq",
    "computing_and_storage_gross_billings_growth_yoy",
    "core_services_gross_billings_growth_yoy",
}

SMALL = """
instants = ["assets"]
[[amount]]
name = "revenue"
group = "g"
any_of = [["revenues"]]
growth = ["qoq"]
description = "Revenues"
source = "s"
[[ratio]]
name = "margin"
group = "g"
numerator = "profit"
denominator = "revenue"
description = "Profit / revenues"
source = "s"
"""

TURNOVER = """[[amount]]
name = "turnover"
group = "g"
any_of = [["sold", "-taxes/east"]]
description = "Turnover"
source = "s"
"""


def test_the_names_of_the_contract_are_there() -> None:
    missing = [n for n in CONTRACT.split() if n not in catalogue().kpis]
    assert not missing
    for margin in (n for n, k in catalogue().kpis.items() if k.kind == "ratio" and n.endswith("_margin")):
        assert f"{margin}_change_qoq" in catalogue().kpis
        assert f"{margin}_change_yoy" in catalogue().kpis


def test_every_stated_ratio_of_the_reference_has_a_kpi(shared: Path) -> None:
    stated = {alias for k in catalogue().kpis.values() for alias in k.stated_as}
    with (shared / "reference" / "concepts.csv").open(encoding="utf-8") as lines:
        names = {row["concept"] for row in csv.DictReader(lines) if row["use"] == "ratio"}
    assert names - stated == NO_KPI


def test_kpis_are_described_and_name_their_inputs() -> None:
    for kpi in catalogue().kpis.values():
        assert kpi.description
        assert kpi.source
        assert kpi.formula
        assert kpi.inputs
        assert kpi.period_types
        assert kpi.direction in ("higher", "lower", "neutral")


def test_every_term_of_a_kpi_is_a_concept() -> None:
    assert unknown_terms(catalogue(), concepts.catalogue()) == []


def test_a_term_that_is_no_concept_is_named() -> None:
    small = parse(SMALL.replace('"profit"', '"turnover"') + TURNOVER)
    assert unknown_terms(small, {"revenues", "assets"}) == ["sold", "taxes"]
    assert unknown_terms(small, {"revenues", "sold", "taxes"}) == ["assets"]
    with pytest.raises(CatalogueError, match="no concepts: sold, taxes"):
        complete(small, {"revenues", "assets"})


def test_a_catalogue_with_an_unknown_term_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules[parse.__module__]
    text = SMALL.replace('"profit"', '"turnover"') + TURNOVER
    monkeypatch.setattr(module, "source_text", lambda: text)
    with pytest.raises(CatalogueError, match="no concepts: sold, taxes"):
        module.general.__wrapped__()


def test_concepts_agree_with_the_concept_catalogue_on_what_is_a_balance() -> None:
    known = concepts.catalogue().concepts
    for name in {t.concept for k in catalogue().of_kind("amount") for terms in k.alternatives for t in terms}:
        assert (known[name].period_type == "instant") == (name in catalogue().instants), name


def test_growth_that_an_issuer_states_finds_its_kpi() -> None:
    stated = {alias for k in catalogue().kpis.values() for alias in k.stated_as}
    for kpi in catalogue().of_kind("growth"):
        first = catalogue().kpis[kpi.of or ""].alternatives[0]
        if len(first) == 1:
            name = concepts.growth_metric(first[0].concept, first[0].segment, kpi.name[-3:])
            assert name in stated, (kpi.name, name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('numerator = "profit"', 'numerator = "revenue"'), "same amount"),
        (('numerator = "profit"', 'parts = ["revenue"]'), "same amount"),
        (('numerator = "profit"', ""), "either a numerator or parts"),
        (("", ""), "profit, which is no declared amount"),
        (('"revenues"]]', '"revenues", "assets"]]'), "balances at a day"),
        (('"revenues"]]', '"Revenues!"]]'), "not a term"),
        (("description =", "descriptoin ="), "descriptoin"),
        (('name = "margin"', 'name = "revenue"'), "profit"),
        (("instants", "[instants"), "TOML|Expected|Invalid"),
    ],
)
def test_a_wrong_entry_is_refused_by_name(change: tuple[str, str], message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        parse(SMALL.replace(*change))


def test_a_name_declared_twice_is_refused() -> None:
    twice = (
        SMALL.replace('numerator = "profit"', 'numerator = "revenue_two"')
        + SMALL.split("\n[[ratio]]")[0].split("\n", 2)[2]
    )
    with pytest.raises(CatalogueError, match="revenue is declared twice"):
        parse(twice)


def test_the_version_is_a_hash_that_stays() -> None:
    assert formula_version() == formula_version()
    assert len(formula_version()) == 12


# What the issue asks of the catalogue, by family: at least these.
FAMILIES = {
    "growth": "revenue_growth_yoy revenue_growth_qoq revenue_cagr_3y cost_of_revenue_growth_yoy",
    "mix and concentration": "public_cloud_share enterprise_cloud_share other_share revenue_concentration",
    "margins": "gross_margin adjusted_gross_margin operating_margin adjusted_operating_margin pretax_margin net_margin "
    "parent_net_margin adjusted_net_margin adjusted_ebitda_margin public_cloud_gross_margin",
    "gap": "gross_margin_gap operating_margin_gap net_margin_gap ebitda_operating_gap",
    "cost structure": "cost_ratio idc_cost_ratio depreciation_cost_ratio solution_cost_ratio fulfillment_cost_ratio "
    "other_cost_ratio rnd_ratio sales_ratio admin_ratio sga_ratio opex_ratio adjusted_opex_ratio sbc_ratio",
    "operating leverage": "incremental_gross_margin incremental_operating_margin incremental_adjusted_ebitda_margin",
    "cash flow": "ocf_margin free_cash_flow free_cash_flow_margin cash_conversion cash_runway",
    "capital intensity": "capex_intensity capex_with_leases_intensity depreciation_ratio capex_to_depreciation",
    "balance sheet": "net_cash current_ratio quick_ratio debt_to_equity debt_to_ebitda interest_cover",
    "working capital": "days_sales_outstanding days_payable_outstanding",
    "returns": "return_on_assets return_on_equity return_on_capital_employed asset_turnover revenue_per_property",
    "credit losses": "credit_loss_ratio credit_losses_to_receivables",
    "leases": "free_cash_flow_after_leases ebitda_less_capex_and_leased_assets ebitda_less_operating_income "
    "finance_cost_ratio",
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_complete(family: str) -> None:
    assert not [n for n in FAMILIES[family].split() if n not in catalogue().kpis]


def test_flows_are_judged_in_quarters_halves_years_and_trailing_years() -> None:
    for kpi in catalogue().kpis.values():
        flows = {t.concept for a in kpi.alternatives for t in a} - catalogue().instants
        if kpi.kind == "amount" and flows and kpi.unit == "currency":
            assert {"quarter", "half", "year", "ttm"} <= set(kpi.period_types), kpi.name


def test_what_is_paid_for_is_named_by_its_direction() -> None:
    assert catalogue().kpis["gross_margin"].direction == "higher"
    assert catalogue().kpis["sga_ratio"].direction == "lower"
    assert catalogue().kpis["revenue_concentration"].direction == "neutral"
