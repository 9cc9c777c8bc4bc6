"""Identities inside one statement table: what fails, what it says, and what cannot be judged."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kc_pipeline.quality import CATALOGUE, run_checks
from kc_pipeline_tests.warehouse.books import Books

MARCH = date(2023, 3, 31)
TOTALS = (
    ("Total current assets", 10000), ("Total non-current assets", 5000), ("Total assets", 15000),
    ("Total current liabilities", 6000), ("Total non-current liabilities", 1000), ("Total liabilities", 7000),
    ("Total equity", 8000), ("Total liabilities and equity", 15000),
)  # fmt: skip
INCOME = (("Total revenues", 1864), ("Cost of revenues", -1670), ("Gross profit", 194))


def check(books: Books, name: str) -> dict[str, Any]:
    (result,) = run_checks(books.load(), "b1", "lines", [c for c in CATALOGUE if c.name == name])
    return result


def table_of(rows: Any, *, months: int | None = None, **changed: int) -> Books:
    books = Books()
    document = books.document("2023Q1-release", date(2023, 5, 31))
    for label, amount in rows:
        books.line(document, label, changed.get(label.replace(" ", "_"), amount), MARCH, months=months)
    return books


BALANCE = (
    ("current_and_noncurrent_assets_add_up", "Total_assets"),
    ("current_and_noncurrent_liabilities_add_up", "Total_non-current_liabilities"),
    ("balance_sheet_balances", "Total_liabilities_and_equity"),
)


@pytest.mark.parametrize(("name", "changed"), BALANCE)
def test_one_changed_figure_fails_the_check_that_it_breaks(name: str, changed: str) -> None:
    assert check(table_of(TOTALS), name)["status"] == "passed"
    failed = check(table_of(TOTALS, **{changed: 15100}), name)
    assert (failed["status"], failed["severity"], failed["judged_rows"]) == ("failed", "block_document", 1)
    assert failed["failures"][0]["document_id"] == "KC/2023Q1-release/doc"
    assert failed["failures"][0]["table_index"] == 0


def test_the_message_names_statement_date_table_figures_difference_and_tolerance() -> None:
    failed = check(table_of(TOTALS, Total_assets=15100), "current_and_noncurrent_assets_add_up")
    assert failed["message"] == (
        "balance sheet at 2023-03-31, table 0: total current assets 10,000 + total non-current assets 5,000 = 15,000, "
        "printed total assets 15,100: difference 100, allowed 2.5 (CNY thousand)"
    )
    assert failed["failures"][0]["deviation"] == Decimal(-100_000)
    assert failed["failures"][0]["allowed"] == Decimal(2_500)


@pytest.mark.parametrize(("total", "status"), [(15002, "passed"), (15003, "failed")])
def test_the_tolerance_is_half_of_each_last_digit_and_one_unit_of_the_coarsest(
    total: int, status: str
) -> None:
    assert (
        check(table_of(TOTALS, Total_assets=total), "current_and_noncurrent_assets_add_up")["status"]
        == status
    )


@pytest.mark.parametrize("name", [name for name, _ in BALANCE])
def test_an_absent_addend_is_not_zero(name: str) -> None:
    found = check(table_of([("Total assets", 15000), ("Total liabilities", 7000)]), name)
    assert (found["status"], found["judged_rows"], found["failing_rows"]) == ("not_evaluable", 0, 0)


def test_figures_of_different_tables_columns_or_units_are_no_identity() -> None:
    books = Books()
    document = books.document("one", date(2023, 5, 31))
    books.line(document, "Total current assets", 10000, MARCH, table=0)
    books.line(document, "Total non-current assets", 5000, MARCH, table=0)
    books.line(document, "Total assets", 99999, MARCH, table=1)
    books.line(document, "Total assets", 88888, date(2022, 12, 31), table=0, col=4)
    books.line(document, "Total assets", 77777, MARCH, table=0, col=6, unit="USD")
    assert check(books, "current_and_noncurrent_assets_add_up")["status"] == "not_evaluable"


def test_gross_profit_is_judged_with_the_costs_sign_however_it_is_printed() -> None:
    name = "gross_profit_is_revenues_less_cost"
    assert check(table_of(INCOME, months=3), name)["status"] == "passed"
    assert check(table_of(INCOME, months=3, Cost_of_revenues=1670), name)["status"] == "passed"
    failed = check(table_of(INCOME, months=3, Gross_profit=294), name)
    assert failed["message"] == (
        "income statement 2023-01-01 to 2023-03-31, table 0: total revenues 1,864 - cost of revenues 1,670 = 194, "
        "printed gross profit 294: difference 100, allowed 2.5 (CNY thousand)"
    )


def test_a_row_between_cost_and_gross_profit_makes_it_another_sum() -> None:
    rows = (*INCOME[:2], ("Something else", -50), ("Gross profit", 144))
    assert check(table_of(rows, months=3), "gross_profit_is_revenues_less_cost")["status"] == "not_evaluable"


def segments(public: int, enterprise: int, others: int | None) -> Books:
    rows = [
        ("Public cloud services", public),
        ("Enterprise cloud services", enterprise),
        ("Total revenues", 1970),
    ]
    if others is not None:
        rows.insert(2, ("Others", others))
    books = Books()
    document = books.document("one", date(2023, 5, 31))
    for label, amount in rows:
        section = [] if label.startswith("Total") else ["Revenues:"]
        books.line(document, label, amount, MARCH, months=3, section=section)
    return books


def test_segments_are_judged_only_where_every_one_is_known() -> None:
    assert check(segments(1353, 616, 1), "segments_add_up")["status"] == "passed"
    assert check(segments(1353, 500, None), "segments_add_up")["status"] == "not_evaluable"
    failed = check(segments(1353, 516, 1), "segments_add_up")
    assert failed["status"] == "failed"
    assert "difference 100" in failed["message"]
    assert "enterprise_cloud 516" in failed["message"]


def test_only_accepted_documents_are_judged() -> None:
    books = table_of(TOTALS, Total_assets=15100)
    books.documents[0]["status"] = "superseded"
    assert check(books, "current_and_noncurrent_assets_add_up")["status"] == "not_evaluable"
