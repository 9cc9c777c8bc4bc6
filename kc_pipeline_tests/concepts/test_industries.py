"""Statements of trades and standards that the sample hardly shows: banks, insurers, property, utilities, IFRS."""

import pytest

from kc_pipeline.concepts import catalogue, map_lines
from kc_pipeline_tests.concepts.lines import Line, concepts, statement


def test_a_banks_income_statement() -> None:
    rows = [
        "Interest income:", "Loans", "Investment securities", "Other", "Total interest income",
        "Interest expense:", "Deposits", "Borrowed funds", "Total interest expense",
        "Net interest income:", "Net interest income",
        "Noninterest income:", "Service charges on deposits", "Other", "Total noninterest income",
        "Noninterest expense:", "Occupancy", "Other", "Total noninterest expense",
    ]  # fmt: skip
    assert concepts(statement("income", rows)) == [
        "interest_and_fee_income_loans", "interest_income_securities", "other_interest_income",
        "total_interest_income", "interest_expense_deposits", "interest_expense_borrowings",
        "total_interest_expense", "net_interest_income", "service_charges_on_deposit_accounts",
        "other_noninterest_income", "noninterest_income", "occupancy_expense", "other_noninterest_expense",
        "noninterest_expense",
    ]  # fmt: skip


def test_a_banks_balance_sheet() -> None:
    rows = [
        "Assets:", "Cash and due from banks", "Interest-bearing deposits", "Securities held to maturity",
        "Loans held for sale", "Total loans", "Allowance for loan losses", "Net loans", "Total assets",
        "Liabilities:", "Noninterest-bearing", "Interest-bearing", "Total deposits", "Subordinated debt",
        "Total liabilities",
    ]  # fmt: skip
    assert concepts(statement("balance_sheet", rows)) == [
        "cash_and_cash_equivalents_at_carrying_value", "interest_bearing_deposits_in_banks",
        "securities_held_to_maturity", "loans_held_for_sale", "loans_and_leases_gross",
        "allowance_for_loan_losses", "loans_and_leases_net", "assets", "deposits_noninterest_bearing",
        "deposits_interest_bearing", "deposits", "subordinated_debt", "liabilities",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "heading", "label", "concept"),
    [
        ("income", "Revenues:", "Net premiums earned", "premiums_earned_net"),
        ("income", "Claims and expenses:", "Amortization of deferred acquisition costs", "deferred_policy_acquisition_cost_amortization"),
        ("balance_sheet", "Liabilities:", "Unearned premium reserves", "unearned_premiums"),
        ("balance_sheet", "Assets:", "Reinsurance recoverables", "reinsurance_recoverables"),
        ("income", "Revenues:", "Rental income", "rental_income"),
        ("income", "Expenses:", "Property operating expenses", "property_operating_expenses"),
        ("balance_sheet", "Assets:", "Investment property", "real_estate_investments"),
        ("income", "Operating expenses:", "Fuel and purchased power", "purchased_power_and_fuel"),
        ("balance_sheet", "Current assets:", "Regulatory assets", "regulatory_assets_current"),
        ("balance_sheet", "Other assets:", "Regulatory assets", "regulatory_assets_noncurrent"),
        ("income", "Revenues:", "Membership and other income", "membership_and_other_income"),
        ("income", "Cost of revenues:", "Traffic acquisition costs", "traffic_acquisition_costs"),
        ("income", "", "Share of results of equity investees", "income_loss_from_equity_method_investments"),
        ("income", "", "Distribution costs", "selling_and_marketing_expense"),
        ("income", "", "Administrative expenses", "general_and_administrative_expense"),
        ("balance_sheet", "Current liabilities:", "Provisions", "provisions_current"),
        ("balance_sheet", "Non-current liabilities:", "Provisions", "provisions_noncurrent"),
        ("balance_sheet", "Equity:", "Share premium", "additional_paid_in_capital"),
        ("balance_sheet", "Equity:", "Share capital", "common_stock_value"),
        ("cash_flow", "Cash flows from operating activities:", "Income tax paid", "income_taxes_paid_operating"),
        ("cash_flow", "Cash flows from financing activities:", "Repayment of lease liabilities", "finance_lease_principal_payments"),
    ],
)  # fmt: skip
def test_standard_rows(kind: str, heading: str, label: str, concept: str) -> None:
    assert concepts(statement(kind, [heading, label] if heading else [label])) == [concept]


def test_the_taxes_of_other_comprehensive_income_are_not_the_income_tax() -> None:
    rows = ["Net income", "Other comprehensive income (loss)", "Income tax benefit"]
    assert concepts(statement("income", rows))[2] is None


def test_a_short_label_completes_its_heading() -> None:
    lines = [
        Line("balance_sheet", ("Current liabilities", "Accounts payable"), "Trade", months=None),
        Line("balance_sheet", ("Current liabilities", "Accounts payable"), "Other", months=None, row=1),
        Line("balance_sheet", ("Current liabilities", "Frobnication"), "Trade", months=None, row=2),
    ]
    map_lines(lines)
    assert concepts(lines) == ["accounts_payable_current", "accounts_payable_other_current", None]
    assert lines[0].mapping_rule is not None
    assert lines[0].mapping_rule.endswith("-with-heading")


def test_figures_that_stand_in_labels() -> None:
    lines = statement(
        "balance_sheet",
        [
            "Shareholders' equity:",
            ("Common stock, par value", "USD/share"),
            ("Preferred stock, par value", "USD/share"),
            ("Common stock, shares authorized", "shares"),
            ("Class A, shares issued", "shares"),
            ("Common stock and additional paid-in capital, shares outstanding", "shares"),
            ("Preferred stock, shares issued", "shares"),
            ("Treasury stock at cost, shares held", "shares"),
            ("Book value per common share", "USD/share"),
        ],
    )
    assert concepts(lines) == [
        "common_stock_par_value", "preferred_stock_par_value", "common_stock_shares_authorized",
        "common_stock_shares_issued", "common_stock_shares_outstanding", "preferred_stock_shares_issued",
        "treasury_stock_shares", None,
    ]  # fmt: skip


def test_the_cost_of_revenues_without_its_name() -> None:
    rows = ["Total revenues", "Cost of products", "Total costs and expenses", "", "General and administrative expense",
            "Research and development expense", "Loss from operations"]  # fmt: skip
    assert concepts(statement("income", rows))[:4] == [
        "revenues", "cost_of_product_revenue", "cost_of_revenue", "gross_profit",
    ]  # fmt: skip
    after = ["Total revenues", "Cost of products", "General and administrative expense",
             "Research and development expense", "Total costs and expenses", "", "Loss from operations"]  # fmt: skip
    assert concepts(statement("income", after))[4:6] == ["costs_and_expenses", None]


def _note(heading: str = "") -> list[Line]:
    section = (heading,) if heading else ()
    rows = [
        ("Net income", "USD"),
        ("Weighted average shares outstanding - basic", "shares"),
        ("Dilutive instruments", "shares"),
        ("Weighted average shares outstanding - diluted", "shares"),
        ("Basic earnings per share", "USD/share"),
        ("Diluted earnings per share attributable to Frobnication Inc. - diluted", "USD/share"),
        ("Operating income", "USD"),
    ]
    return [Line("other", section, label, unit=unit, row=i) for i, (label, unit) in enumerate(rows)]


def test_a_note_on_earnings_per_share_speaks_like_an_income_statement() -> None:
    lines = _note()
    map_lines(lines)
    assert concepts(lines) == [
        "profit_loss",
        "weighted_average_number_of_shares_outstanding_basic",
        "dilutive_shares",
        "weighted_average_number_of_diluted_shares_outstanding",
        "earnings_per_share_basic",
        "earnings_per_share_diluted",
        None,  # no row of such a note
    ]
    map_lines(table := [x for x in _note() if "eighted" not in x.label])
    assert concepts(table) == [None] * len(table)


@pytest.mark.parametrize("heading", ["As previously reported", "Pro forma", "Historical Frobnication Ltd."])
def test_another_state_of_the_group_is_not_the_group(heading: str) -> None:
    lines = _note(heading)
    map_lines(lines)
    assert concepts(lines) == [None] * len(lines)


def test_every_declared_concept_is_described_and_reachable() -> None:
    for c in catalogue().concepts.values():
        assert len(c.description) > 8, c.name
        assert c.label, c.name
