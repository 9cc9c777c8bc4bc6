"""A bank's `Total operating income`: its revenues, or the income after its expenses."""

import pytest

from kc_pipeline_tests.concepts.lines import concepts, statement

REVENUES = "total_revenues_net_of_interest_expense"


@pytest.mark.parametrize(
    "rows",
    [
        ["Net interest income", "Total operating income", "Administrative expenses", "Profit before tax"],
        ["Interest income", "Interest expense", "Fees", "Operating income", "Personnel expenses", "Profit"],
        ["Net interest income", "Fee and commission expense", "Operating income", "Loan impairment charges",
         "Staff costs", "Total operating expenses", "Profit before tax"],
        ["Interest and similar income", "Interest and similar charges", "Other operating income",
         "Total operating income", "Operating costs", "Profit before tax"],
        ["Net interest income", "Non-interest income", "Total operating income", "Non-interest expenses",
         "Income before income taxes"],
    ],
)  # fmt: skip
def test_a_banks_total_above_its_expenses_is_its_revenues(rows: list[str]) -> None:
    found = dict(zip(rows, concepts(statement("income", rows)), strict=True))
    assert found.get("Total operating income", found.get("Operating income")) == REVENUES


def test_a_total_below_the_expenses_or_of_no_bank_is_the_operating_income() -> None:
    rows = ["Net interest income", "Staff costs", "Operating expenses", "Operating profit"]
    assert concepts(statement("income", rows))[3] == "operating_income_loss"
    rows = ["Revenues", "Gross profit", "Total operating income", "Administrative expenses", "Profit"]
    assert concepts(statement("income", rows))[2] == "operating_income_loss"
    rows = ["Revenues", "Interest income", "Operating income", "Selling expenses", "Profit before tax"]
    assert concepts(statement("income", rows))[2] == "operating_income_loss"


def test_a_banks_total_after_losses_on_loans_is_neither() -> None:
    rows = ["Net interest income", "Provision for credit losses", "Operating income", "Staff costs", "Profit"]
    assert concepts(statement("income", rows))[2] is None


def test_both_totals_of_a_bank_are_told_apart() -> None:
    rows = [
        "Net interest income",
        "Operating income",
        "Operating expenses",
        "Operating profit",
        "Profit before tax",
    ]
    assert concepts(statement("income", rows))[1:4:2] == [REVENUES, "operating_income_loss"]
