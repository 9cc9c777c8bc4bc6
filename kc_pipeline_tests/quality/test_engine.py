"""The engine: three outcomes and errors, results of one build replaced, quarantine."""

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from kc_pipeline.quality import (
    CATALOGUE,
    SEVERITIES,
    STAGES,
    Check,
    document_failures,
    quarantine,
    run_checks,
)
from kc_pipeline.quality.model import identity, violations
from kc_pipeline.schema import TABLES, table
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import Books, values

END = date(2023, 3, 31)


def rows(*deviations: int) -> str:
    selected = [
        f"SELECT 'KC' AS company, NULL::VARCHAR AS document_id, {i} AS table_index, {d}::DECIMAL(38,8) AS deviation,"
        f" 2::DECIMAL(38,8) AS allowed, 'off by {d}' AS message"
        for i, d in enumerate(deviations)
    ]
    return " UNION ALL ".join(selected) if selected else rows(0) + " LIMIT 0"


def made(name: str, sql: str) -> Check:
    return identity(name, name, "core.facts", "warn", "facts", sql, "nothing there", "two")


def run(*checks: Check) -> list[dict[str, Any]]:
    return run_checks(Books().load(), "b1", "facts", checks)


def test_passing_needs_judged_rows() -> None:
    passed, failed, nothing = run(made("p", rows(0, 2, -2)), made("f", rows(0, 3, -5)), made("n", rows()))
    assert (passed["status"], passed["judged_rows"], passed["failing_rows"]) == ("passed", 3, 0)
    assert (failed["status"], failed["judged_rows"], failed["failing_rows"]) == ("failed", 3, 2)
    assert failed["largest_deviation"] == Decimal(5)
    assert failed["message"] == "off by 3 (and 1 more)"
    assert (nothing["status"], nothing["message"]) == ("not_evaluable", "nothing there")


def test_a_check_that_raises_is_an_error_and_the_others_go_on() -> None:
    broken = violations("x", "x", "core.facts", "warn", "facts", "SELECT nonsense", "SELECT 1", "-")
    error, passed = run(broken, made("p", rows(0)))
    assert error["status"] == "error"
    assert "nonsense" in error["message"]
    assert passed["status"] == "passed"


def test_results_and_failures_are_written_and_replaced() -> None:
    con = Books().load()
    for sql in (rows(3, 4), rows(5), rows(0)):
        run_checks(con, "b1", "facts", [made("c", sql)])
    run_checks(con, "b2", "facts", [made("c", rows(3))])
    assert values(con, "SELECT build_id, status, failing_rows FROM meta.check_results ORDER BY 1") == [
        ("b1", "passed", 0),
        ("b2", "failed", 1),
    ]
    assert values(con, "SELECT build_id, seq, message FROM meta.check_failures") == [("b2", 0, "off by 3")]


def test_an_unknown_stage_severity_or_relation_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown stage"):
        run_checks(Books().load(), "b1", "later")
    with pytest.raises(ValueError, match="unknown severity"):
        violations("x", "x", "core.facts", "fatal", "facts", "SELECT 1", "SELECT 1", "-")


def test_the_catalogue_names_each_check_once_and_knows_its_relation() -> None:
    names = [c.name for c in CATALOGUE]
    assert len(names) == len(set(names))
    for check in CATALOGUE:
        assert check.severity in SEVERITIES
        assert check.stage in STAGES
        assert check.title
        assert check.lacking
        assert table(check.relation)


def test_every_check_of_an_empty_build_says_not_evaluable_or_knows_why_not() -> None:
    con = Books().load()
    build_facts(con)
    results = [r for stage in STAGES for r in run_checks(con, "b1", stage)]
    known = {"schema_is_as_declared", "grain_of_core_concepts"}
    assert {r["check_name"] for r in results if r["status"] == "passed"} == known
    assert {r["status"] for r in results} == {"passed", "not_evaluable"}


def balance(books: Books, document: str, total: int) -> None:
    for label, amount in (
        ("Total current assets", 10000),
        ("Total non-current assets", 5000),
        ("Total assets", total),
    ):
        books.line(document, label, amount, END)


def test_quarantine_keeps_the_document_out_and_the_rest_is_judged_again() -> None:
    books = Books()
    good, bad = (
        books.document("good", date(2023, 5, 1), period=END),
        books.document("bad", date(2023, 5, 31), period=END),
    )
    balance(books, good, 15000)
    balance(books, bad, 15100)
    con = books.load()
    run_checks(con, "b1", "lines")
    failures = document_failures(con, "b1")
    assert [(f.document_id, f.table_index, f.deviation) for f in failures] == [(bad, 0, Decimal(-100_000))]
    assert "difference 100, allowed 2.5" in failures[0].reason
    assert quarantine(con, "b1", failures) == failures
    found = values(con, "SELECT document_id, check_name, table_index, length(sha256) FROM meta.quarantine")
    assert found == [(bad, "current_and_noncurrent_assets_add_up", 0, 64)]
    assert values(con, "SELECT status FROM raw.documents ORDER BY document_id") == [
        ("quarantined",),
        ("accepted",),
    ]
    blocked = values(
        con, "SELECT status FROM meta.check_results WHERE check_name = 'current_and_noncurrent_assets_add_up'"
    )
    assert blocked == [("passed",)]
    build_facts(con)
    assert values(con, "SELECT DISTINCT document_id FROM core.facts") == [(good,)]


def test_nothing_failing_quarantines_nothing() -> None:
    con = Books().load()
    assert quarantine(con, "b1", document_failures(con, "b1")) == []


def test_a_quarantined_original_gives_its_place_back_to_the_transcript() -> None:
    books = Books()
    transcript = books.document(
        "transcript", date(2023, 5, 31), period=END, kind="transcript", status="superseded"
    )
    original = books.document("original", date(2023, 5, 31), period=END)
    balance(books, transcript, 15000)
    balance(books, original, 15100)
    con = books.load()
    run_checks(con, "b1", "lines")
    quarantine(con, "b1", document_failures(con, "b1"))
    assert values(con, "SELECT document_id, status FROM raw.documents ORDER BY 1") == [
        (original, "quarantined"),
        (transcript, "accepted"),
    ]


def test_a_transcript_that_comes_back_is_checked_too() -> None:
    books = Books()
    transcript = books.document(
        "transcript", date(2023, 5, 31), period=END, kind="transcript", status="superseded"
    )
    original = books.document("original", date(2023, 5, 31), period=END)
    balance(books, transcript, 15200)
    balance(books, original, 15100)
    con = books.load()
    run_checks(con, "b1", "lines")
    written = quarantine(con, "b1", document_failures(con, "b1"))
    assert [f.document_id for f in written] == [original, transcript]
    assert values(con, "SELECT DISTINCT status FROM raw.documents") == [("quarantined",)]


def test_a_duplicate_of_a_declared_key_is_found_in_every_table() -> None:
    for declared in (t for t in TABLES if not t.is_view and t.key and t.schema != "meta"):
        con = duckdb.connect()
        from kc_pipeline.warehouse.load import create_schema

        create_schema(con)
        columns = ", ".join(c.name for c in declared.columns if c.required)
        fill = ", ".join(
            "'x'" if c.type == "VARCHAR" else "[]" if c.type.endswith("[]") else "DATE '2025-01-01'" if c.type == "DATE"
            else "true" if c.type == "BOOLEAN" else "1"
            for c in declared.columns if c.required
        )  # fmt: skip
        name = f"grain_of_{declared.schema}_{declared.name}"
        (check,) = [c for c in CATALOGUE if c.name == name]
        for expected in ("passed", "failed"):
            con.execute(f"INSERT INTO {declared.qualified} ({columns}) VALUES ({fill})")
            (result,) = run_checks(con, "b1", check.stage, [check])
            assert (name, result["status"]) == (name, expected)


def test_a_changed_column_is_not_the_declared_schema() -> None:
    con = Books().load()
    (check,) = [c for c in CATALOGUE if c.name == "schema_is_as_declared"]
    con.execute("ALTER TABLE core.sightings ALTER value TYPE DOUBLE")
    con.execute("ALTER TABLE core.revisions ADD COLUMN guess VARCHAR")
    (result,) = run_checks(con, "b1", check.stage, [check])
    messages = [f["message"] for f in result["failures"]]
    assert result["status"] == "failed"
    assert len(messages) == 2
    assert any("core.sightings.value" in m and "DOUBLE" in m for m in messages)
    assert any("core.revisions.guess" in m and "declared nothing" in m for m in messages)
