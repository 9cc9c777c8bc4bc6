"""Staging: what extraction hands over, with company, evidence, concept and sign."""

from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from kc_pipeline.concepts import vocabulary_of
from kc_pipeline.config import Company
from kc_pipeline.schema import TABLES
from kc_pipeline.warehouse.load import create_schema
from kc_pipeline_tests.warehouse.books import KC, Books, values

A_COPY = {"grade": "A", "source_kind": "wire", "source_title": "copy", "source_url": "https://a"}
FROM_CALL = {"grade": "B", "source_kind": "transcript", "source_title": "digest", "source_url": "https://b"}
FROM_SITE = {"grade": "B", "source_kind": "third_party", "source_title": "site", "source_url": "https://c"}


def test_every_declared_relation_is_there_and_commented() -> None:
    con = duckdb.connect()
    create_schema(con)
    commented = {
        f"{s}.{n}"
        for s, n in con.execute(
            """SELECT schema_name, table_name FROM duckdb_tables() WHERE comment IS NOT NULL
               UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE comment IS NOT NULL"""
        ).fetchall()
    }
    assert {t.qualified for t in TABLES} <= commented
    assert values(con, "FROM core.facts_as_of('2025-03-31')") == []


def test_evidence_follows_the_documents_kind_and_the_figures_own_marks() -> None:
    books = Books()
    original = books.document("original", date(2025, 5, 28))
    transcript = books.document("transcript", date(2025, 5, 29), kind="transcript")
    books.line(original, "Total assets", 10, source=FROM_SITE)
    for row, source in enumerate((A_COPY, FROM_CALL, FROM_SITE, None)):
        books.line(transcript, "Total assets", 10, row=row, source=source)
        books.prose(transcript, "revenues", 10, span=100 + row, source=source)
    con = books.load()
    found = values(con, "SELECT evidence FROM staging.statement_lines ORDER BY document_id, row_index")
    assert [e for (e,) in found] == ["original", "copy", "call", "third_party", "third_party"]
    found = values(con, "SELECT seq, evidence FROM staging.stated_figures ORDER BY seq")
    assert found == [(0, "copy"), (1, "call"), (2, "third_party"), (3, "third_party")]


def test_rows_are_mapped_by_statement_section_and_the_companys_segments() -> None:
    books = Books()
    document = books.document("release", date(2025, 5, 28))
    books.line(document, "Prepayments and other assets", 1, section=["Current assets:"])
    books.line(document, "Total current assets", 2, section=["Current assets:"])
    books.line(document, "Prepayments and other assets", 3, section=["Non-current assets:"])
    books.line(document, "Public cloud services", 4, months=3, table=1, section=["Revenues:"])
    books.line(document, "Nobody knows this row", 5, months=3, table=1)
    found = values(
        books.load(),
        "SELECT concept, segment, mapping_rule IS NULL FROM staging.statement_lines ORDER BY table_index, row_index",
    )
    assert found == [
        ("prepayments_and_other_assets_current", None, False),
        ("assets_current", None, False),
        ("prepayments_and_other_assets_noncurrent", None, False),
        ("revenues", "public_cloud", False),
        (None, None, True),
    ]


def test_the_same_bytes_mean_what_each_companys_own_labels_say() -> None:
    other = Company.model_validate(
        {
            "id": "OT", "name": "Other", "reporting_currency": "CNY",
            "synonyms": [{"label": "Streaming", "concept": "revenues"}],
        }
    )  # fmt: skip
    books = Books(companies={"KC": KC, "OT": other})
    for company in ("KC", "OT"):
        document = books.document("release", date(2025, 5, 28), company=company, content="same bytes")
        books.line(document, "Streaming", 4, months=3)
    found = values(books.load(), "SELECT company, concept FROM staging.statement_lines ORDER BY company")
    assert found == [("KC", None), ("OT", "revenues")]


def test_a_segments_label_is_a_synonym_for_any_measure() -> None:
    assert [(s.label, s.concept, s.segment) for s in vocabulary_of(KC).synonyms] == [
        ("Public cloud services", None, "public_cloud"),
        ("Enterprise cloud services", None, "enterprise_cloud"),
        ("Others", None, "others"),
        ("kingsoft cloud", None, None),  # its own name, which says nothing in a heading
    ]


def test_costs_in_parentheses_keep_the_printed_sign_and_name_the_rule_that_turns_it() -> None:
    books = Books()
    document = books.document("release", date(2025, 5, 28))
    books.line(document, "Total revenues", 100, months=3)
    books.line(document, "Cost of revenues", -80, months=3)
    books.line(document, "Gross profit", 20, months=3)
    found = values(
        books.load(), "SELECT value, sign_rule IS NOT NULL FROM staging.statement_lines ORDER BY row_index"
    )
    assert found == [(100_000, False), (-80_000, True), (20_000, False)]


def test_a_column_of_a_segment_gets_the_segment_and_any_other_member_stays_apart() -> None:
    books = Books()
    document = books.document("release", date(2025, 5, 28))
    books.line(document, "Gross profit", 20, months=3, col=2, member="Public cloud services")
    books.line(document, "Gross profit", 30, months=3, row=0, col=4, member="Adjustments")
    books.line(document, "Gross profit", 50, months=3, row=0, col=6, member="")
    found = values(books.load(), "SELECT segment, member FROM staging.statement_lines ORDER BY col_index")
    assert found == [("public_cloud", None), (None, "Adjustments"), (None, None)]


def test_stated_metrics_beyond_the_catalogue_become_concepts() -> None:
    books = Books()
    document = books.document("release", date(2025, 5, 28))
    books.prose(document, "revenue_growth_yoy", Decimal("109"), decimals=3, unit="pure", comparison="yoy")
    con = books.load()
    assert values(con, "SELECT basis FROM core.concepts WHERE concept = 'revenue_growth_yoy'") == [("gaap",)]
    assert values(con, "SELECT count(*) > 100 FROM core.concepts") == [(True,)]


def test_columns_that_nothing_declares_are_refused() -> None:
    books = Books()
    document = books.document("release", date(2025, 5, 28))
    books.line(document, "Total assets", 10)
    lines = pa.Table.from_pylist([{**books.lines[0], "guess": 1}])
    empty = Books()
    empty.document("release", date(2025, 5, 28))
    from kc_pipeline.schema import arrow_schema, table
    from kc_pipeline.warehouse.load import load_staging
    from kc_pipeline_tests.warehouse.books import SAID, STATED, WARNINGS

    con = duckdb.connect()
    create_schema(con)
    with pytest.raises(ValueError, match="guess"):
        load_staging(
            con,
            pa.Table.from_pylist(empty.filings, schema=arrow_schema(table("raw.filings"))),
            pa.Table.from_pylist(empty.documents, schema=arrow_schema(table("raw.documents"))),
            lines,
            STATED.empty_table(),
            SAID.empty_table(),
            WARNINGS.empty_table(),
            {"KC": KC},
        )


def test_a_document_of_an_unknown_company_is_refused() -> None:
    books = Books(companies={})
    books.document("release", date(2025, 5, 28))
    with pytest.raises(KeyError):
        books.load()
