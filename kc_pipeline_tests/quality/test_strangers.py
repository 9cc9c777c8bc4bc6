"""Documents that name the company and are not its own: nothing agrees, or the money is another."""

from datetime import date
from typing import Any

import pytest

from kc_pipeline.quality import CATALOGUE, document_failures, quarantine, run_checks
from kc_pipeline_tests.warehouse.books import Books, values

FIRST, SECOND = date(2024, 12, 31), date(2025, 3, 31)
CHECKS = [
    c
    for c in CATALOGUE
    if c.name in ("documents_agree_with_the_others", "statements_are_in_the_reporting_currency")
]
LABELS = ("Total revenues", "Cost of revenues", "Gross profit", "Operating loss", "Net loss")


def release(books: Books, name: str, columns: dict[date, tuple[Any, ...]], **more: Any) -> str:
    document = books.document(name, date(2025, 5, 28), period=max(columns))
    for label, *figures in zip(LABELS, *columns.values(), strict=False):
        row = LABELS.index(label)
        for col, (end, figure) in enumerate(zip(columns, figures, strict=True), 1):
            if figure is not None:
                books.line(document, label, figure, end, months=3, row=row, col=col, **more)
    return document


def kept_out(books: Books) -> list[tuple[str, str]]:
    con = books.load()
    run_checks(con, "b", "lines", CHECKS)
    quarantine(con, "b", document_failures(con, "b"), CHECKS)
    found = values(con, "SELECT DISTINCT document_id, check_name FROM meta.quarantine ORDER BY ALL")
    return [(str(d), str(c)) for d, c in found]


OWN = {FIRST: (2232, -1800, 432, -100, -200), SECOND: (1970, -1650, 320, -232, -316)}


def test_another_companys_figures_for_the_same_quarter_are_kept_out() -> None:
    books = Books()
    release(books, "before", {FIRST: OWN[FIRST]})
    release(books, "own", OWN)
    other = release(books, "other", {SECOND: (2338, -400, 1938, None, None)})
    assert kept_out(books) == [(other, "documents_agree_with_the_others")]


def test_the_message_names_both_sides() -> None:
    books = Books()
    release(books, "before", {FIRST: OWN[FIRST]})
    release(books, "own", OWN)
    release(books, "other", {SECOND: (2338, -400, 1938, None, None)})
    con = books.load()
    run_checks(con, "b", "lines", CHECKS)
    (failure,) = document_failures(con, "b")
    assert failure.reason.startswith(
        "3 of its 3 figures that other documents of KC of the same period print are different in all of those, 2 of them"
    )
    assert "revenues to 2025-03-31 is 2,338,000 here and 1,970,000 in KC/own/doc" in failure.reason


@pytest.mark.parametrize("changed", [1, 3, 5])
def test_a_restatement_is_let_in(changed: int) -> None:
    books = Books()
    release(books, "own", OWN)
    restated = tuple(x + 50 if i < changed else x for i, x in enumerate(OWN[SECOND]))
    release(books, "later", {SECOND: restated})
    assert kept_out(books) == []


def test_comparatives_may_all_be_restated() -> None:
    books = Books()
    release(books, "own", OWN)
    later = date(2026, 3, 31)
    release(
        books, "later", {SECOND: tuple(x + 50 for x in OWN[SECOND]), later: (2703, -2300, 403, -165, -200)}
    )
    assert kept_out(books) == []


def test_a_scale_that_was_read_wrongly_is_kept_out() -> None:
    books = Books()
    release(books, "before", {FIRST: OWN[FIRST]})
    release(books, "own", OWN)
    thousandth = release(books, "again", {SECOND: OWN[SECOND]}, decimals=0)
    assert kept_out(books) == [(thousandth, "documents_agree_with_the_others")]


def test_less_precise_figures_agree() -> None:
    books = Books()
    release(books, "own", {SECOND: (1_970_123, -1_650_456, 319_667)})
    release(books, "millions", {SECOND: (1970, -1650, 320)}, decimals=-6)
    assert kept_out(books) == []


def test_one_figure_is_too_little_to_judge() -> None:
    books = Books()
    release(books, "own", OWN)
    release(books, "short", {SECOND: (2338,)})
    assert kept_out(books) == []


def test_a_transcript_that_was_superseded_still_speaks_against_a_stranger() -> None:
    books = Books()
    release(books, "before", {FIRST: OWN[FIRST]})
    own = release(books, "own", OWN)
    other = release(books, "other", {SECOND: (2338, -400, 1938, None, None)})
    next(d for d in books.documents if d["document_id"] == own)["status"] = "superseded"
    assert kept_out(books) == [(other, "documents_agree_with_the_others")]


def test_statements_in_another_currency_only_are_kept_out() -> None:
    books = Books()
    release(books, "own", OWN)
    other = release(books, "dollars", {date(2023, 12, 31): (272, -228, 44)}, unit="USD")
    assert kept_out(books) == [(other, "statements_are_in_the_reporting_currency")]


def test_a_translation_beside_the_reporting_currency_is_let_in() -> None:
    books = Books()
    document = release(books, "own", OWN)
    books.line(document, "Total revenues", 271, SECOND, months=3, row=0, col=5, unit="USD")
    assert kept_out(books) == []
