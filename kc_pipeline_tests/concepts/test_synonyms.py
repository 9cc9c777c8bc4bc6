"""Other names of common rows, and the places in which they have a meaning."""

import pytest

from kc_pipeline_tests.concepts.lines import concepts, statement

LOANS = "loans_due_to_related_parties"


def test_loans_of_related_parties_are_told_apart_from_other_amounts_and_by_their_term() -> None:
    lines = statement(
        "balance_sheet",
        [
            "Current liabilities:",
            "Amounts due to related parties",
            "Loans due to related parties",
            "Total current liabilities",
            "Non-current liabilities:",
            "Loans due to related parties",
            "Amounts due to related parties",
            "Total non-current liabilities",
        ],
    )
    assert concepts(lines) == [
        "amounts_due_to_related_parties_current",
        f"{LOANS}_current",
        "liabilities_current",
        f"{LOANS}_noncurrent",
        "amounts_due_to_related_parties_noncurrent",
        "liabilities_noncurrent",
    ]


@pytest.mark.parametrize(
    ("label", "concept"),
    [
        ("Loans due to related parties, current", f"{LOANS}_current"),
        ("Loans due to related parties, non-current", f"{LOANS}_noncurrent"),
        ("Debt due after one year", "long_term_debt_noncurrent"),
        ("Tax assets", None),
    ],
)
def test_balance_sheet(label: str, concept: str | None) -> None:
    assert concepts(statement("balance_sheet", ["Non-current liabilities:", label])) == [concept]


@pytest.mark.parametrize(
    ("label", "concept"),
    [
        ("Research, development and engineering", "research_and_development_expense"),
        ("Selling, marketing and administrative expenses", "selling_general_and_administrative_expense"),
        ("Total non-operating income (expense), net", "nonoperating_income_expense"),
        ("Total cost", None),
    ],
)
def test_income(label: str, concept: str | None) -> None:
    assert concepts(statement("income", [label])) == [concept]


@pytest.mark.parametrize(
    ("heading", "label", "concept"),
    [
        ("Financing activities:", "Dividends to shareholders", "payments_of_dividends"),
        (
            "Financing activities:",
            "Short-term borrowings (repayments) – net",
            "net_change_in_short_term_debt",
        ),
        (
            "Financing activities:",
            "Net change in short-term debt with maturities of 3 months or less",
            "net_change_in_short_term_debt",
        ),
        (
            "Investing activities:",
            "Proceeds from divestitures – net",
            "proceeds_from_divestiture_of_businesses",
        ),
        ("Investing activities:", "Total investing activities", "net_cash_provided_by_used_in_investing_activities"),
        (
            "Changes in operating assets and liabilities:",
            "Accounts payable and other current liabilities",
            "change_in_accounts_payable_and_accrued_liabilities",
        ),
        ("Financing activities:", "Accounts payable and other current liabilities", None),
    ],
)  # fmt: skip
def test_cash_flow(heading: str, label: str, concept: str | None) -> None:
    assert concepts(statement("cash_flow", [heading, label]))[-1] == concept


def test_results_per_share_of_continuing_operations_are_not_those_of_the_whole() -> None:
    rows = [
        "Earnings per share - basic:",
        ("Continuing operations", "USD/share"),
        ("Discontinued operations", "USD/share"),
        ("Net income", "USD/share"),
        "Earnings per share - assuming dilution:",
        ("Continuing operations", "USD/share"),
        ("Discontinued operations", "USD/share"),
        ("Net income", "USD/share"),
    ]
    assert concepts(statement("income", rows)) == [
        f"{name}_{way}"
        for way in ("basic", "diluted")
        for name in (
            "continuing_operations_per_share",
            "discontinued_operations_per_share",
            "earnings_per_share",
        )
    ]


def test_options_added_to_an_average_are_no_average_of_all_shares() -> None:
    rows = ["Basic shares:", ("Add: Weighted-average stock options", "shares")]
    assert concepts(statement("income", rows)) == [None]


@pytest.mark.parametrize(
    ("kind", "label", "unit", "concept"),
    [
        (
            "income",
            "Add — Incremental shares under stock-based compensation plans",
            "shares",
            "dilutive_shares",
        ),
        ("income", "Outstanding options of no dilutive effect", "shares", None),
        (
            "cash_flow",
            "Business acquired, net of cash acquired",
            "USD",
            "payments_to_acquire_businesses",
        ),
        (
            "cash_flow",
            "Net borrowings (repayments) of short-term debt and other",
            "USD",
            "net_change_in_short_term_debt",
        ),
    ],
)
def test_dilution_and_flows(kind: str, label: str, unit: str, concept: str | None) -> None:
    heading = {
        "payments_to_acquire_businesses": "Investing activities:",
        "net_change_in_short_term_debt": "Financing activities:",
    }.get(str(concept))
    rows: list[str | tuple[str, str]] = [*([heading] if heading else []), (label, unit)]
    assert concepts(statement(kind, rows)) == [concept]
