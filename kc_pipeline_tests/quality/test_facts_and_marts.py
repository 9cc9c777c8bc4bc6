"""Checks on facts, history and KPIs: each fails on the thing it is there for, and judges nothing without input."""

from datetime import date
from typing import Any

import duckdb
import pytest

from kc_pipeline.quality import CATALOGUE, run_checks
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import Books

MAY = date(2025, 5, 28)
BY_NAME = {c.name: c for c in CATALOGUE}


def judge(con: duckdb.DuckDBPyConnection, name: str) -> dict[str, Any]:
    (result,) = run_checks(con, "b1", BY_NAME[name].stage, [BY_NAME[name]])
    return result


def build(books: Books) -> duckdb.DuckDBPyConnection:
    con = books.load()
    build_facts(con)
    return con


def release(**more: Any) -> tuple[Books, str]:
    books = Books()
    document = books.document("2025Q1-release", MAY, **more)
    books.line(document, "Total revenues", 1970000, months=3)
    books.line(document, "Cost of revenues", -1651000, months=3)
    return books, document


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("UPDATE core.facts SET document_id = 'KC/none/doc'", "not in raw.documents"),
        ("UPDATE raw.documents SET status = 'quarantined'", "is quarantined"),
        ("UPDATE raw.documents SET sha256 = 'short'", "no SHA-256"),
        ("UPDATE core.facts SET text = ''", "text as printed is empty"),
        ("UPDATE core.facts SET row_index = NULL", "neither a cell nor a span"),
        (
            "UPDATE raw.documents SET kind = 'transcript'",
            "evidence original from a document of kind transcript",
        ),
    ],
)
def test_a_fact_without_provenance_blocks_the_build(change: str, message: str) -> None:
    con = build(release()[0])
    assert judge(con, "facts_have_provenance")["status"] == "passed"
    con.execute(change)
    failed = judge(con, "facts_have_provenance")
    assert (failed["status"], failed["severity"], failed["failing_rows"]) == ("failed", "block_build", 2)
    assert message in failed["message"]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("facts_are_in_the_reporting_currency", "UPDATE core.facts SET unit = 'USD'"),
        ("versions_count_up", "UPDATE core.facts SET version = 2"),
        ("history_points_to_facts", "UPDATE core.sightings SET fact_id = 'none'"),
        ("no_revision_is_a_flip_of_sign", "UPDATE core.revisions SET later_value = -first_value"),
        (
            "no_parent_only_figure_is_consolidated",
            "UPDATE staging.statement_lines SET table_title = 'Parent company only'",
        ),
    ],
)
def test_what_must_never_be_blocks_the_build(name: str, change: str) -> None:
    books, document = release()
    books.prose(document, "revenues", 19700)
    books.line(books.document("2025Q2-release", date(2025, 8, 20)), "Total revenues", 1990000, months=3)
    con = build(books)
    assert judge(con, name)["status"] == "passed"
    con.execute(change)
    failed = judge(con, name)
    assert (failed["status"], failed["severity"]) == ("failed", "block_build")


def test_transcribed_figures_name_their_source() -> None:
    con = build(release()[0])
    assert judge(con, "transcribed_facts_name_their_source")["status"] == "not_evaluable"
    con = build(release(kind="transcript")[0])
    assert judge(con, "transcribed_facts_name_their_source")["failing_rows"] == 2


def test_prose_against_table_warns_with_both_places() -> None:
    books, document = release()
    assert judge(build(books), "prose_agrees_with_tables")["status"] == "not_evaluable"
    books.prose(document, "revenues", 19700)
    assert judge(build(books), "prose_agrees_with_tables")["status"] == "passed"
    books.prose(document, "cost_of_revenue", 17000, span=500)
    failed = judge(build(books), "prose_agrees_with_tables")
    assert (failed["status"], failed["severity"], failed["judged_rows"]) == ("failed", "warn", 2)
    assert failed["message"] == (
        "cost_of_revenue 2025-01-01 to 2025-03-31: text at character 500 prints 17000, "
        "table 0 row 1 column 2 prints -1,651,000"
    )


def test_the_same_figure_printed_twice_in_disagreement_warns() -> None:
    books, document = release()
    assert judge(build(books), "repeated_figures_agree")["status"] == "not_evaluable"
    books.line(document, "Total revenues", 1970000, months=3, table=1)
    assert judge(build(books), "repeated_figures_agree")["status"] == "passed"
    books.lines[-1]["value"] += 5_000_000
    failed = judge(build(books), "repeated_figures_agree")
    assert failed["status"] == "failed"
    assert "table 1 row 0 column 2" in failed["message"]


def test_opposite_signs_suspects_and_lesser_places_warn() -> None:
    books = Books()
    one, two = books.document("one", date(2025, 5, 1)), books.document("two", MAY)
    books.line(one, "Gross profit", 300, months=3)
    books.line(two, "Gross profit", -300, months=3)
    books.line(one, "Total assets", 300)
    books.line(two, "Total assets", 400, statement="other", table=1)
    con = build(books)
    assert judge(con, "no_figure_meets_its_opposite")["failing_rows"] == 1
    assert "opposite_sign" in judge(con, "no_fact_is_suspect")["message"]
    con.execute("UPDATE core.conflicts SET kind = 'lesser_place'")
    assert judge(con, "lesser_places_agree_with_statements")["failing_rows"] == 1


def pairs(**changed: int) -> Books:
    books = Books()
    document = books.document("one", MAY)
    rows = {"Restricted cash": 14255, "Cash and cash equivalents": 519583, "Total current assets": 1268900, "Total assets": 2410923}  # fmt: skip
    own = {"Restricted cash": 97897, "Cash and cash equivalents": 3568288, "Total current assets": 8714303, "Total assets": 16557258}  # fmt: skip
    for row, (label, translated) in enumerate(rows.items()):
        books.line(document, label, own[label], row=row, col=2)
        books.line(
            document, label, changed.get(label.replace(" ", "_"), translated), row=row, col=5, unit="USD"
        )
    return books


def test_translations_follow_the_rate_that_most_pairs_imply() -> None:
    name = "translations_follow_one_rate"
    assert judge(build(pairs()), name)["status"] == "passed"
    failed = judge(build(pairs(Total_assets=2411923)), name)
    assert (failed["status"], failed["severity"], failed["failing_rows"]) == ("failed", "warn", 1)
    assert "total assets" in failed["message"].lower()
    assert "6.8676" in failed["message"]
    few = pairs()
    few.lines = few.lines[:4]
    assert judge(build(few), name)["status"] == "not_evaluable"


def test_every_expected_quarter_is_there_or_named() -> None:
    name = "expected_quarters_are_there"
    books = Books()
    books.document("2024Q4-release", date(2025, 3, 19), period=date(2024, 12, 31))
    books.document("2025Q1-release", MAY)
    assert judge(books.load(), name)["judged_rows"] == 2
    books.document("2025Q4-release", date(2026, 3, 25), period=date(2025, 12, 31))
    books.documents[1]["status"] = "quarantined"
    failed = judge(books.load(), name)
    assert [f["message"][:6] for f in failed["failures"]] == ["2025Q1", "2025Q2", "2025Q3"]
    assert "was accepted" in failed["failures"][0]["message"]
    assert judge(Books().load(), name)["status"] == "not_evaluable"


def test_unmapped_labels_unread_tables_and_undated_lines_warn() -> None:
    books, document = release()
    books.line(document, "Nobody knows this row", 1, months=3)
    books.line(document, "Gross profit", 319000, statement="income")
    books.warnings.append(
        {"document_id": document, "table_index": 7, "code": "unread_table", "message": "no period"}
    )
    books.warnings.append(
        {"document_id": document, "table_index": 8, "code": "total_mismatch", "message": "off by 3"}
    )
    con = books.load()
    assert "1 of 4 figures in primary statements (25.0 %)" in judge(con, "labels_map_to_concepts")["message"]
    assert judge(con, "statement_tables_are_read")["failures"][0]["table_index"] == 7
    assert judge(con, "readings_are_not_contradicted")["failures"][0]["table_index"] == 8
    assert "a flow without the length of its period" in judge(con, "mapped_lines_have_periods")["message"]


@pytest.mark.parametrize(("kind", "status"), [("transcript", "passed"), ("original", "failed")])
def test_only_a_transcript_may_be_of_sentences_alone(kind: str, status: str) -> None:
    books = Books()
    document = books.document("one", date(2025, 5, 28), kind=kind)
    books.warnings.append(
        {
            "document_id": document,
            "table_index": None,
            "code": "no_statement",
            "message": "none was recognised",
        }
    )
    assert judge(books.load(), "statement_tables_are_read")["status"] == status


def kpi(con: duckdb.DuckDBPyConnection, stated: str, low: str, high: str, origin: str = "derived") -> None:
    con.execute("DELETE FROM marts.kpis; DELETE FROM marts.kpi_inputs")
    con.execute(
        f"""INSERT INTO marts.kpis BY NAME SELECT 'KC' AS company, '2025Q1' AS period, 'quarter' AS period_type,
            DATE '2025-03-31' AS period_end, '2025Q1' AS calendar_quarter, 'gross_margin' AS kpi, {low} AS value,
            {low} AS low, {high} AS high, {stated} AS stated_value, {low} AS computed_value, 'pure' AS unit,
            '{origin}' AS origin"""
    )
    con.execute(
        """INSERT INTO marts.kpi_inputs SELECT 'KC', '2025Q1', 'gross_margin', 'stated', fact_id FROM core.facts
           WHERE concept = 'gross_margin'"""
    )


@pytest.mark.parametrize(
    ("stated", "status"), [("0.162", "passed"), ("0.1625", "passed"), ("0.163", "failed")]
)
def test_a_stated_ratio_is_held_against_the_computed_interval(stated: str, status: str) -> None:
    books, document = release()
    books.prose(document, "gross_margin", 162, decimals=3, unit="pure")
    con = build(books)
    name = "stated_ratios_agree_with_computed"
    assert judge(con, name)["status"] == "not_evaluable"
    kpi(con, stated, "0.1620", "0.1621")
    assert judge(con, name)["status"] == status


def test_kpis_and_anomalies_lead_to_facts() -> None:
    books, document = release()
    books.prose(document, "gross_margin", 162, decimals=3, unit="pure")
    con = build(books)
    names = ("kpis_rest_on_facts", "kpi_inputs_are_facts", "anomalies_rest_on_facts")
    assert {judge(con, n)["status"] for n in names} == {"not_evaluable"}
    kpi(con, "0.162", "0.162", "0.162")
    con.execute(
        """INSERT INTO marts.anomalies BY NAME SELECT 'a' AS anomaly_id, 'KC' AS company, '2025Q1' AS period,
           DATE '2025-03-31' AS period_end, 'r' AS rule, 's' AS story_id, 't' AS theme, 'red' AS tone, 'low' AS severity, 'gross_margin' AS metric,
           1 AS observed, 'pure' AS unit, 'x' AS explanation, [fact_id] AS evidence, [] AS history_evidence,
           DATE '2025-05-28' AS known_at FROM core.facts WHERE concept = 'revenues'"""
    )
    assert {judge(con, n)["status"] for n in names} == {"passed"}
    con.execute("UPDATE marts.kpi_inputs SET fact_id = 'none'")
    assert judge(con, "kpi_inputs_are_facts")["failing_rows"] == 1
    con.execute("DELETE FROM marts.kpi_inputs")
    assert "rests on no fact" in judge(con, "kpis_rest_on_facts")["message"]
    con.execute("UPDATE marts.anomalies SET evidence = ['none']")
    assert "is no fact" in judge(con, "anomalies_rest_on_facts")["message"]
    con.execute("UPDATE marts.anomalies SET evidence = []")
    assert "has no evidence" in judge(con, "anomalies_rest_on_facts")["message"]
