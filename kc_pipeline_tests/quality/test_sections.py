"""Section totals, judged by the proof of another column."""

from datetime import date
from typing import Any

from kc_pipeline.quality import run_checks
from kc_pipeline.quality.sections import SECTION_CHECKS
from kc_pipeline_tests.warehouse.books import Books

NOW, BEFORE = date(2023, 3, 31), date(2022, 12, 31)
ROWS = (
    ("Cash and cash equivalents", 3568288, 3419166),
    ("Restricted cash", 97897, 114560),
    ("Accounts receivable, net", 2232702, 2402430),
    ("Total current assets", 5898887, 5936156),
)


def sheet(rows: Any, *, kind: str = "original", first_row: int = 1) -> Books:
    """Return one table with two columns; None is an empty cell."""
    books = Books()
    document = books.document("one", date(2023, 5, 31), kind=kind)
    for row, (label, *cells) in enumerate(rows, start=first_row):
        for col, (end, amount) in enumerate(zip((NOW, BEFORE), cells, strict=True)):
            if amount is not None:
                books.line(document, label, amount, end, row=row, col=2 + col, section=["Current assets"])
    return books


def judge(books: Books) -> dict[str, Any]:
    (result,) = run_checks(books.load(), "b1", "lines", SECTION_CHECKS)
    return result


def changed(row: int, column: int, amount: int | None) -> list[tuple[Any, ...]]:
    out = [list(r) for r in ROWS]
    out[row][column] = amount
    return [tuple(r) for r in out]


def test_both_columns_prove_the_section() -> None:
    found = judge(sheet(ROWS))
    assert (found["status"], found["judged_rows"]) == ("passed", 2)


def test_a_changed_addend_fails_by_the_other_columns_proof() -> None:
    for kind in ("original", "transcript"):
        found = judge(sheet(changed(1, 1, 98897), kind=kind))
        assert (found["status"], found["failing_rows"], found["judged_rows"]) == ("failed", 1, 2)
        assert found["message"] == (
            "balance sheet at 2023-03-31, table 0: the 3 rows above total current assets (rows 1 to 3) = 5,899,887, "
            "printed 5,898,887: difference 1,000, allowed 3 (CNY thousand)"
        )


def test_an_empty_cell_is_not_zero() -> None:
    found = judge(sheet(changed(1, 1, None)))
    assert (found["status"], found["judged_rows"]) == ("passed", 1)


def test_a_sum_that_holds_in_no_column_is_not_judged() -> None:
    rows = [*ROWS[:1], *ROWS[2:]]
    assert judge(sheet(rows))["status"] == "not_evaluable"
    assert judge(sheet(changed(3, 1, 6000000)[:1] + changed(3, 2, 6000000)[2:]))["status"] == "not_evaluable"


def test_a_row_that_only_the_judged_column_prints_counts_inside_the_section() -> None:
    rows = [
        ROWS[0],
        ROWS[1],
        ("Short-term investments", 1000, None),
        ROWS[2],
        ("Total current assets", 5899887, 5936156),
    ]
    assert judge(sheet(rows))["judged_rows"] == 2
    rows[-1] = ("Total current assets", 5898887, 5936156)
    assert judge(sheet(rows))["status"] == "failed"


def test_a_row_above_the_section_that_is_nil_where_it_was_proven_leaves_it_open() -> None:
    rows = [("Redeemable interests", 1970, 0), *ROWS]
    found = judge(sheet(rows))
    assert (found["status"], found["judged_rows"]) == ("passed", 1)


def test_a_gap_in_a_transcripts_rows_is_not_judged() -> None:
    books = sheet(changed(1, 1, 98897), kind="transcript")
    for line in books.lines:
        line["row_index"] += line["row_index"] > 2
    assert judge(books)["status"] == "not_evaluable"


def test_a_transcripts_income_statement_is_not_judged() -> None:
    """Its rows may be missing altogether: an impairment known for one quarter only."""
    books = sheet(changed(1, 1, 98897), kind="transcript")
    for line in books.lines:
        line["statement"] = "income"
    assert judge(books)["status"] == "not_evaluable"


def test_an_earlier_total_is_an_addend_where_no_total_stands_between() -> None:
    rows = [*ROWS, ("Goodwill", 4605724, 4605724), ("Total assets", 10504611, 10541880)]
    assert judge(sheet(rows))["judged_rows"] == 4
    rows[-1] = ("Total assets", 10504611, 10641880)
    found = judge(sheet(rows))
    assert found["failing_rows"] == 1
    assert "total assets" in found["message"]
