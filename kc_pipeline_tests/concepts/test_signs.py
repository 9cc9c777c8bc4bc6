"""From the printed sign to the concept's."""

from decimal import Decimal

import pytest

from kc_pipeline.concepts import sign_lines, sign_rule
from kc_pipeline.figures import IN_LABEL
from kc_pipeline_tests.concepts.lines import Line, statement


@pytest.mark.parametrize(
    ("concept", "label", "row", "costs", "expected"),
    [
        ("cost_of_revenue", "Cost of revenues", "negative", "negative", (-1, "expense/parentheses")),
        ("cost_of_revenue", "Cost of revenues", "positive", "positive", (1, None)),
        ("interest_expense", "Interest expense", "negative", "positive", (-1, "expense/parentheses")),
        ("general_and_administrative_expense", "General and administrative", "mixed", "positive", (1, None)),
        ("income_tax_expense_benefit", "Income tax expense", "negative", "negative", (-1, "expense/parentheses")),
        ("income_tax_expense_benefit", "Income tax expense", "positive", "negative", (-1, "expense/parentheses")),
        ("income_tax_expense_benefit", "Income tax expense (benefit)", "negative", "positive", (1, None)),
        ("income_tax_expense_benefit", "Income tax benefit (expense)", "negative", "positive", (-1, "expense/label-benefit")),
        ("income_tax_expense_benefit", "Income tax benefit", "positive", "positive", (-1, "expense/label-benefit")),
        ("income_tax_expense_benefit", "Provision for income taxes", "positive", "positive", (1, None)),
        ("profit_loss", "Net loss", "negative", "negative", (1, None)),
        ("profit_loss", "Net loss", "positive", "positive", (-1, "loss/label")),
        ("profit_loss", "Net loss", "mixed", "positive", (1, None)),
        ("profit_loss", "Net (loss) income", "positive", "positive", (1, None)),
        ("income_loss_before_income_taxes", "Loss before income taxes", "positive", "positive", (-1, "loss/label")),
        ("income_loss_before_income_taxes", "Income before provision for income taxes", "positive", "x", (1, None)),
        ("gross_profit", "Gross profit", "negative", "negative", (1, None)),
        ("gross_profit", "Gross loss", "positive", "unknown", (-1, "loss/label")),
        ("foreign_exchange_gain_loss", "Foreign exchange gain (loss)", "negative", "negative", (1, None)),
        ("foreign_exchange_gain_loss", "Foreign exchange loss (gain)", "negative", "positive", (-1, "gain/label-expense")),
        ("foreign_exchange_gain_loss", "Foreign exchange loss", "positive", "positive", (-1, "loss/label")),
        ("foreign_exchange_gain_loss", "Foreign exchange loss", "negative", "negative", (1, None)),
        ("other_income_net", "Other (income) expense, net", "positive", "positive", (-1, "gain/label-expense")),
        ("other_income_net", "Other income (expense), net", "negative", "positive", (1, None)),
        ("interest_income", "Interest income", "negative", "positive", (-1, "gain/parentheses")),
        ("treasury_stock_value", "Treasury stock, at cost", "positive", "unknown", (-1, "equity/treasury")),
        ("treasury_stock_value", "Treasury shares", "negative", "unknown", (1, None)),
        ("retained_earnings_accumulated_deficit", "Accumulated deficit", "negative", "unknown", (1, None)),
        ("retained_earnings_accumulated_deficit", "Accumulated deficit", "positive", "unknown", (-1, "loss/label")),
        ("retained_earnings_accumulated_deficit", "Retained earnings", "positive", "unknown", (1, None)),
        ("assets", "Total assets", "positive", "unknown", (1, None)),
    ],
)  # fmt: skip
def test_rules_in_tables(
    concept: str, label: str, row: str, costs: str, expected: tuple[int, str | None]
) -> None:
    assert sign_rule(concept, "income", label, row=row, costs=costs) == expected  # type: ignore[arg-type]


def test_payments_are_positive_outflows_and_totals_keep_the_printed_sign() -> None:
    capex = "payments_to_acquire_property_plant_and_equipment"
    assert sign_rule(capex, "cash_flow", "Purchases of property and equipment", row="negative") == (
        -1,
        "outflow/parentheses",
    )
    total = "net_cash_provided_by_used_in_operating_activities"
    assert sign_rule(total, "cash_flow", "Net cash used in operating activities", row="positive") == (1, None)
    assert sign_rule(total, "prose", "net cash used in operating activities", row="positive") == (
        -1,
        "outflow/label",
    )


def test_a_loss_in_prose_is_negative() -> None:
    assert sign_rule("adjusted_operating_income_loss", "prose", "adjusted operating loss") == (
        -1,
        "loss/label",
    )
    assert sign_rule("adjusted_operating_income_loss", "prose", "adjusted operating profit") == (1, None)


def test_a_stated_ratio_keeps_its_sign() -> None:
    assert sign_rule("some_growth_yoy", "prose", "net loss growth", row="negative") == (1, None)


def _signed(costs: int) -> list[tuple[str | None, Decimal]]:
    lines = statement(
        "income", ["Total revenues", "Cost of revenues", "Gross profit", "Income tax expense", "Net loss"]
    )
    for line, value in zip(lines, [100, 90 * costs, 10, 3 * costs, -50], strict=True):
        line.value = Decimal(value)
    signs = sign_lines(lines)
    return [(x.concept, x.value * m) for x, (m, _) in zip(lines, signs, strict=True)]


def test_both_ways_of_printing_costs_give_the_same_facts() -> None:
    assert _signed(-1) == _signed(1)
    assert dict(_signed(-1))["income_tax_expense_benefit"] == 3


def test_a_tax_benefit_between_costs_in_parentheses_is_negative() -> None:
    lines = [Line("income", (), label, Decimal(value), row=i, concept=concept)
             for i, (label, value, concept) in enumerate([
                 ("Cost of revenues", -90, "cost_of_revenue"),
                 ("Income tax expense", 5, "income_tax_expense_benefit"),
             ])]  # fmt: skip
    assert sign_lines(lines)[1] == (-1, "expense/parentheses")


def test_a_bracketed_figure_in_a_label_is_turned_by_itself_and_leaves_the_row_alone() -> None:
    """One column's count behind a bracket, the other's not; the row's own figures are printed without signs."""
    inside = f"June 30, 2023 {IN_LABEL}"
    issued = "common_stock_shares_issued"
    lines = [
        Line("balance_sheet", (), "Common stock, shares issued", Decimal(-132), concept=issued, col=7, column_label=inside),
        Line("balance_sheet", (), "Common stock, shares issued", Decimal(134), concept=issued, col=8, column_label=inside),
        Line("balance_sheet", (), "Treasury stock (132 and 134 shares)", Decimal(5), concept="treasury_stock_value"),
    ]  # fmt: skip
    assert sign_lines(lines) == [(-1, "label/parentheses"), (1, None), (-1, "equity/treasury")]
