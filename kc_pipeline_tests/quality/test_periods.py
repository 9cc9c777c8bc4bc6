"""A document that is not about the period that its manifest claims is kept out; one that is, in whatever words, is not."""

import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kc_pipeline.config import Company
from kc_pipeline.quality import document_failures, run_checks
from kc_pipeline.quality.periods import PERIOD_CHECKS
from kc_pipeline.warehouse.connect import open_published
from kc_pipeline_tests.conftest import Bundle, copy_of_data, run_pipeline
from kc_pipeline_tests.warehouse.books import Books

MARCH, JUNE, YEAR = date(2026, 3, 31), date(2026, 6, 30), date(2025, 12, 31)
LABELS = ("Total revenues", "Cost of revenues", "Gross profit", "Operating loss", "Net loss")
NVIDIA = Company(
    id="NV", name="Chips Inc.", reporting_currency="USD", fiscal_year_end="last Sunday of January"
)
RETAILER = Company(
    id="RE", name="Shops Inc.", reporting_currency="USD", fiscal_year_end="Saturday nearest January 31",
    fiscal_year_named_after="start",
)  # fmt: skip


def books_of(
    claimed: date, *, company: Company | None = None, opening: str = "", **more: Any
) -> tuple[Books, str]:
    books = Books(companies={company.id: company}) if company else Books()
    filed = date(claimed.year + 2, 1, 1)
    document = books.document("x", filed, company=company.id if company else "KC", period=claimed, **more)
    books.documents[-1]["opening"] = opening
    return books, document


def columns(books: Books, document: str, *ends: date | None, months: int = 3, **more: Any) -> None:
    for col, end in enumerate(ends, 1):
        for row, label in enumerate(LABELS):
            books.line(document, label, 100 + row, end or MARCH, months=months, row=row, col=col, **more)
            if end is None:
                books.lines[-1] |= {"period_start": None, "period_end": None}


def reasons(books: Books) -> list[str]:
    con = books.load()
    run_checks(con, "b", "lines", PERIOD_CHECKS)
    return [failure.reason for failure in document_failures(con, "b")]


@pytest.mark.parametrize(
    "ends",
    [(MARCH, YEAR), (MARCH, date(2025, 3, 31)), (date(2025, 6, 30), date(2024, 6, 30)), (date(2027, 6, 30), JUNE)],
    ids=["the quarter before", "another quarter", "another year", "its comparative"],
)  # fmt: skip
def test_columns_of_another_period_are_not_outweighed_by_title_and_prose(ends: tuple[date, ...]) -> None:
    books, document = books_of(JUNE, opening="Second Quarter 2026 Financial Results, June 30, 2026")
    columns(books, document, *ends)
    books.prose(document, "revenues", 27, JUNE)
    (reason,) = reasons(books)
    assert reason.startswith(
        "filings/KC/x/doc.htm: its manifest.json says that it is about the period to 2026-06-30"
    )
    assert str(max(ends)) in reason
    assert "correct period_of_report" in reason


@pytest.mark.parametrize(
    ("claimed", "company", "ends", "months"),
    [
        (JUNE, None, (JUNE, date(2025, 6, 30)), 6),
        (date(2025, 4, 27), NVIDIA, (date(2025, 4, 27), date(2024, 4, 28)), 3),
        (date(2025, 4, 30), NVIDIA, (date(2025, 4, 27), date(2024, 4, 28)), 3),
        (date(2024, 2, 3), RETAILER, (date(2024, 2, 3), date(2023, 1, 28)), 12),
        (YEAR, None, (YEAR, date(2024, 12, 31), date(2023, 12, 31)), 12),
    ],
    ids=["six months only", "January year end", "nominal day", "53 weeks", "annual"],
)
def test_columns_of_the_period_are_let_in(
    claimed: date, company: Company | None, ends: tuple[date, ...], months: int
) -> None:
    books, document = books_of(claimed, company=company)
    columns(books, document, *ends, months=months)
    assert reasons(books) == []


SECOND = [
    "Acme Announces Second Quarter 2026 Unaudited Financial Results",
    "Q2 2026 Earnings Call",
    "2Q26 results",
    "Fourth-quarter outlook. Second quarter and first half of fiscal year 2026",
    "for the six months ended 30 June 2026",
    "Interim results for the first six months of 2026",
    "Stand: 30.06.2026",
    "June 30, 2026",
    "截至2026年6月30日止六个月",
    "2026年第二季度业绩",
]


@pytest.mark.parametrize("opening", SECOND)
def test_prose_alone_names_its_period_where_it_begins(opening: str) -> None:
    books, document = books_of(JUNE, opening=opening)
    books.prose(document, "revenues", 27, MARCH)
    assert reasons(books) == []
    books, document = books_of(MARCH, opening=opening)
    books.prose(document, "revenues", 27, YEAR)
    (reason,) = reasons(books)
    assert "no column, no sentence with a figure and no date or period where it begins" in reason


def test_fiscal_quarters_go_by_the_companys_calendar() -> None:
    for company, claimed, opening in (
        (NVIDIA, date(2025, 4, 27), "First Quarter Fiscal 2026"),
        (NVIDIA, date(2025, 1, 26), "Fourth Quarter and Fiscal 2025"),
        (RETAILER, date(2024, 2, 3), "Fourth quarter and full year 2023 results"),
    ):
        books, document = books_of(claimed, company=company, opening=opening)
        books.prose(document, "revenues", 27, date(2020, 3, 31), unit="USD")
        assert reasons(books) == []
        books, document = books_of(date(claimed.year, 7, 31), company=company, opening=opening)
        books.prose(document, "revenues", 27, date(2020, 3, 31), unit="USD")
        assert len(reasons(books)) == 1


def test_a_sentence_of_the_period_is_enough_where_no_statement_has_dates() -> None:
    books, document = books_of(JUNE, opening="Acme")
    columns(books, document, None)
    assert len(reasons(books)) == 1
    books.prose(document, "revenues", 27, JUNE)
    assert reasons(books) == []


def test_an_edited_copy_under_another_quarter_rewrites_nothing(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_data(tmp_path / "data", read_by=bundle)
    own, copy = (settings.filings / "KC" / name for name in ("2026Q1-release", "2026Q2-release"))
    shutil.copytree(own, copy)
    page = (copy / "release.htm").read_text(encoding="utf-8")
    page = re.sub("first quarter", "second quarter", page, flags=re.IGNORECASE)
    page = re.sub(r">2,(\d{3}\.\d)<", r">3,\1<", re.sub(r">2,(\d{3},\d{3})<", r">3,\1<", page))
    (copy / "release.htm").write_text(page, encoding="utf-8")
    manifest = copy / "manifest.json"
    text = manifest.read_text(encoding="utf-8").replace("2026-03-31", "2026-06-30")
    manifest.write_text(
        re.sub(r'"filing_date": "[^"]+"', '"filing_date": "2026-08-20"', text), encoding="utf-8"
    )
    report = run_pipeline(settings)
    (reason,) = [
        q["reason"] for q in report.quarantined if q["check_name"] == "documents_are_of_their_period"
    ]
    assert reason.startswith("filings/KC/2026Q2-release/release.htm: ")
    assert "2026-06-30" in reason
    assert "2026-03-31" in reason
    figures = "SELECT fact_id, value, version FROM core.facts ORDER BY ALL"
    with bundle.connect() as before, open_published(settings) as after:
        assert after.execute(figures).fetchall() == before.execute(figures).fetchall()
