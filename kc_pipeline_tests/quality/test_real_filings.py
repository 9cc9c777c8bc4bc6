"""The blocking checks on real filings: silent on the issuer's figures, loud on a changed one."""

import hashlib
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from kc_pipeline.config import Company
from kc_pipeline.extraction import read, to_arrow
from kc_pipeline.quality import document_failures, run_checks
from kc_pipeline.schema import arrow_schema, table
from kc_pipeline.warehouse.load import create_schema, load_staging
from kc_pipeline_tests.warehouse.books import Books

SAMPLE = 3  # every third exhibit, small ones only: seconds, not minutes
LARGEST = 400_000


@pytest.fixture(scope="module")
def staged(shared: Path) -> duckdb.DuckDBPyConnection:
    """A build with a sample of real filings, each under a company of its own."""
    files = sorted((shared / "realdocs" / "6-K").glob("*.htm"))[::SAMPLE]
    files += sorted((shared / "realdocs" / "8-K").glob("*.htm"))[::SAMPLE]
    books = Books(companies={})
    parts: dict[str, list[pa.Table]] = {name: [] for name in ("lines", "stated", "commentary", "warnings")}
    for number, path in enumerate(f for f in files if f.stat().st_size <= LARGEST):
        data = path.read_bytes()
        tables = to_arrow(read(data))
        units = Counter(u for u in tables["lines"]["unit"].to_pylist() if len(u) == 3 and u != "ADS")
        if not units:
            continue
        company = f"R{number}"
        books.companies[company] = Company(
            id=company, name=path.stem, reporting_currency=units.most_common(1)[0][0]
        )
        ends = Counter(e for e in tables["lines"]["period_end"].to_pylist() if e is not None)
        newest = max(e for e, n in ends.items() if n >= 0.1 * ends.total())
        document = books.document(
            path.stem,
            date(2024, 1, 1),
            company=company,
            period=newest,
            content=hashlib.sha256(data).hexdigest(),
        )
        for name, rows in parts.items():
            ids = pa.array([document] * tables[name].num_rows, pa.string())
            rows.append(tables[name].append_column("document_id", ids))
    con = duckdb.connect()
    create_schema(con)
    load_staging(
        con,
        pa.Table.from_pylist(books.filings, schema=arrow_schema(table("raw.filings"))),
        pa.Table.from_pylist(books.documents, schema=arrow_schema(table("raw.documents"))),
        pa.concat_tables(parts["lines"]),
        pa.concat_tables(parts["stated"]),
        pa.concat_tables(parts["commentary"]),
        pa.concat_tables(parts["warnings"]),
        books.companies,
    )
    return con


def test_no_real_filing_fails_a_blocking_check(staged: duckdb.DuckDBPyConnection) -> None:
    results = {r["check_name"]: r for r in run_checks(staged, "real", "lines")}
    assert document_failures(staged, "real") == []
    assert results["balance_sheet_balances"]["judged_rows"] >= 10
    assert results["section_totals_add_up"]["judged_rows"] >= 100


def test_a_changed_total_is_found_in_every_balance_sheet_that_can_be_judged(
    staged: duckdb.DuckDBPyConnection,
) -> None:
    judged = """SELECT DISTINCT document_id FROM staging.statement_lines l WHERE statement = 'balance_sheet'
        AND concept = 'assets' AND EXISTS (SELECT 1 FROM staging.statement_lines o WHERE o.document_id = l.document_id
          AND o.table_index = l.table_index AND o.concept = 'liabilities_and_stockholders_equity'
          AND o.period_end = l.period_end AND o.unit = l.unit AND o.column_label = l.column_label)"""
    staged.execute("BEGIN")
    changed = {d for (d,) in staged.execute(judged).fetchall()}
    staged.execute(
        "UPDATE staging.statement_lines SET value = value * 1.01 WHERE statement = 'balance_sheet' AND concept = 'assets'"
    )
    run_checks(staged, "changed", "lines")
    failed = {f.document_id for f in document_failures(staged, "changed")}
    staged.execute("ROLLBACK")
    assert len(changed) >= 5
    assert changed <= failed
