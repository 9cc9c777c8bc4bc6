"""meta.changes: what a build changed against the published one, and why."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kc_pipeline.warehouse.changes import record_changes
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import Books, values

VERSIONS = {"extractor_version": "1", "mapping_version": "m", "formula_version": "f", "rule_version": "r"}


def books_with(amounts: Mapping[str, int], content: str | None = None) -> Books:
    books = Books()
    for number, (name, amount) in enumerate(amounts.items(), start=1):
        document = books.document(name, date(2025, number, 1), content=content and f"{name} {content}")
        books.line(document, "Total assets", amount, date(2024, 3 * number, 28))
    return books


def built(
    path: Path | None,
    books: Books,
    build: str,
    *,
    kpi: float | None = None,
    observed: float | None = None,
    **versions: str,
) -> duckdb.DuckDBPyConnection:
    """Build facts, with one KPI that rests on the oldest fact and one anomaly on it."""
    con = duckdb.connect()
    if path is not None:
        con.execute(f"ATTACH '{path}' AS kc")
        con.execute("USE kc")
    books.load(con)
    build_facts(con)
    known = {**VERSIONS, **versions}
    con.execute(
        f"""INSERT INTO meta.builds BY NAME SELECT '{build}' AS build_id, 'h' AS inputs_hash, 'c' AS code_version,
            TIMESTAMPTZ '2025-06-01' AS started_at, 0 AS documents, 0 AS parsed, 'published' AS verdict,
            {", ".join(f"'{v}' AS {k}" for k, v in known.items())}"""
    )
    if kpi is not None:
        con.execute(
            f"""INSERT INTO marts.kpis BY NAME SELECT 'KC' AS company, '2025Q1' AS period, 'quarter' AS period_type,
                DATE '2025-03-31' AS period_end, '2025Q1' AS calendar_quarter, 'total' AS kpi, {kpi} AS value,
                'CNY' AS unit, 'reported' AS origin"""
        )
        con.execute(
            """INSERT INTO marts.kpi_inputs SELECT 'KC', '2025Q1', 'total', 'assets', min_by(fact_id, period_end)
               FROM core.facts"""
        )
    if observed is not None:
        con.execute(
            f"""INSERT INTO marts.anomalies BY NAME SELECT 'a' AS anomaly_id, 'KC' AS company, '2025Q1' AS period,
                DATE '2025-03-31' AS period_end, 'jump' AS rule, 's' AS story_id, 't' AS theme, 'red' AS tone, 'low' AS severity, 'total' AS metric,
                {observed} AS observed, 'pure' AS unit, 'x' AS explanation, ['no such fact'] AS evidence,
                [] AS history_evidence, DATE '2025-06-01' AS known_at"""
        )
    return con


def changes(previous: Path, con: duckdb.DuckDBPyConnection, build: str = "b2") -> list[tuple[Any, ...]]:
    written = record_changes(con, build, previous)
    found = values(
        con, "SELECT what, change, old_value, new_value, cause FROM meta.changes ORDER BY what, new_value"
    )
    assert written == len(found)
    return found


@pytest.fixture
def previous(tmp_path: Path) -> Path:
    path = tmp_path / "kc.duckdb"
    con = built(path, books_with({"one": 100, "two": 200}), "b1", kpi=5, observed=1)
    con.execute("USE memory")
    con.execute("DETACH kc")
    con.close()
    return path


def test_the_first_build_changes_nothing() -> None:
    con = built(None, books_with({"one": 100}), "b1")
    assert record_changes(con, "b1", None) == 0


def test_the_same_build_again_changes_nothing(previous: Path) -> None:
    assert changes(previous, built(None, books_with({"one": 100, "two": 200}), "b2", kpi=5, observed=1)) == []


def test_a_new_document_adds_its_facts(previous: Path) -> None:
    con = built(None, books_with({"one": 100, "two": 200, "three": 300}), "b2", kpi=5, observed=1)
    assert changes(previous, con) == [("fact", "added", None, 300_000, "new_document")]


def test_a_document_that_went_takes_its_facts_and_the_kpis_on_them_along(previous: Path) -> None:
    con = built(None, books_with({"two": 200}), "b2", observed=1)
    found = changes(previous, con)
    assert ("kpi", "removed", 5, None, "new_document") in found
    assert ("fact", "removed", 100_000, None, "new_document") in found


def test_changed_bytes_are_a_new_document_and_the_kpi_takes_its_inputs_cause(previous: Path) -> None:
    con = built(
        None,
        books_with({"one": 110, "two": 200}, content="new"),
        "b2",
        kpi=6,
        observed=1,
        extractor_version="2",
    )
    assert changes(previous, con) == [
        ("fact", "changed", 100_000, 110_000, "new_document"),
        ("kpi", "changed", 5, 6, "new_document"),
    ]


def kept_out(books: Books, name: str) -> Books:
    next(d for d in books.documents if d["document_id"] == f"KC/{name}/doc")["status"] = "quarantined"
    return books


def test_what_a_quarantine_takes_or_gives_back_is_called_quarantine(tmp_path: Path, previous: Path) -> None:
    both = {"one": 100, "two": 200}
    con = built(None, kept_out(books_with(both), "one"), "b2", observed=1)
    taken = changes(previous, con)
    assert ("fact", "removed", 100_000, None, "quarantine") in taken
    assert ("kpi", "removed", 5, None, "quarantine") in taken
    assert {c[-1] for c in taken} == {"quarantine"}

    path = tmp_path / "kept_out.duckdb"
    built(path, kept_out(books_with(both), "one"), "b1", observed=1).close()
    con = built(None, books_with(both), "b2", kpi=5, observed=1)
    assert ("fact", "added", None, 100_000, "quarantine") in changes(path, con)
    con = built(None, books_with(both, content="new"), "b3", kpi=5, observed=1)
    assert ("fact", "added", None, 100_000, "new_document") in changes(path, con, "b3")


def test_new_bytes_that_are_kept_out_are_a_quarantine(previous: Path) -> None:
    con = built(None, kept_out(books_with({"one": 110, "two": 200}, content="new"), "one"), "b2", observed=1)
    assert ("fact", "removed", 100_000, None, "quarantine") in changes(previous, con)


def test_a_repeat_that_becomes_the_fact_of_a_figure_has_the_cause_of_what_went(tmp_path: Path) -> None:
    def twice() -> Books:
        books = books_with({"one": 100, "two": 200})
        books.line("KC/two/doc", "Total assets", 100, date(2024, 3, 28), col=3)
        return books

    path = tmp_path / "twice.duckdb"
    built(path, twice(), "b1", observed=1).close()
    con = built(None, kept_out(twice(), "one"), "b2", observed=1, mapping_version="new")
    found = [c for c in changes(path, con) if c[0] == "fact"]
    assert sorted(found) == [
        ("fact", "added", None, 100_000, "quarantine"),
        ("fact", "removed", 100_000, None, "quarantine"),
    ]


@pytest.mark.parametrize(
    ("version", "cause"), [("extractor_version", "extractor"), ("mapping_version", "mapping")]
)
def test_our_own_doing_is_named(previous: Path, version: str, cause: str) -> None:
    con = built(None, books_with({"one": 110, "two": 200}), "b2", kpi=6, observed=1, **{version: "new"})
    assert changes(previous, con) == [
        ("fact", "changed", 100_000, 110_000, cause),
        ("kpi", "changed", 5, 6, cause),
    ]


def test_a_formula_and_a_rule_are_causes_where_no_fact_changed(previous: Path) -> None:
    con = built(None, books_with({"one": 100, "two": 200}), "b2", kpi=7, observed=1, formula_version="new")
    assert changes(previous, con) == [("kpi", "changed", 5, 7, "formula")]
    con = built(None, books_with({"one": 100, "two": 200}), "b3", kpi=5, observed=2, rule_version="new")
    assert changes(previous, con, "b3") == [("anomaly", "changed", 1, 2, "rule")]


def test_a_change_without_a_changed_version_is_our_code(previous: Path) -> None:
    con = built(None, books_with({"one": 110, "two": 200}), "b2", kpi=5, observed=1)
    assert changes(previous, con) == [("fact", "changed", 100_000, 110_000, "code")]


def test_a_file_that_is_no_warehouse_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    duckdb.connect(str(path)).close()
    con = built(None, books_with({"one": 100}), "b1")
    with pytest.raises(ValueError, match=r"core\.facts"):
        record_changes(con, "b1", path)
