"""One page from bytes through `to_arrow` into staging and facts: every declared column arrives."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from kc_pipeline.concepts import map_lines, vocabulary_of
from kc_pipeline.extraction import read, to_arrow
from kc_pipeline.extraction.model import Evidence, Extraction
from kc_pipeline.lineage import explain, render
from kc_pipeline.schema import arrow_schema, table
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline.warehouse.load import create_schema, load_staging
from kc_pipeline_tests.warehouse.books import KC, Books

PAGE = b"""<html><p>Consolidated Statements of Operations (unaudited, RMB in thousands)</p><table>
<tr><td></td><td>Three months ended March 31, 2025</td></tr>
<tr><td>Revenues</td><td></td></tr>
<tr><td>Public cloud services</td><td>1,353,000</td></tr>
<tr><td>Total revenues</td><td>1,970,000</td></tr>
<tr><td>Cost of revenues</td><td>(1,650,000)</td></tr>
<tr><td>Gross profit</td><td>320,000</td></tr></table>
<p>Reconciliation of GAAP to Non-GAAP results (RMB in thousands)</p><table>
<tr><td></td><td colspan=3>Three months ended March 31, 2025</td></tr>
<tr><td></td><td>GAAP</td><td>Adjustments</td><td>Non-GAAP</td></tr>
<tr><td>Operating loss</td><td>(50,000)</td><td>13,000</td><td>(37,000)</td></tr>
<tr><td>Net loss</td><td>(60,000)</td><td>15,000</td><td>(45,000)</td></tr></table></html>"""
SOURCE = Evidence("A", "wire", "A wire's copy", "https://example.org/a")
RULES = {"unit_rule": "caption", "scale_rule": "scale-of-caption", "period_rule": "duration-of-heading"}


def _loaded(found: Extraction) -> duckdb.DuckDBPyConnection:
    books = Books()
    document = books.document("release", date(2025, 5, 28), kind="transcript")
    tables = {
        name: rows.append_column("document_id", pa.array([document] * rows.num_rows, pa.string()))
        for name, rows in to_arrow(found).items()
    }
    con = duckdb.connect(config={"threads": 1})
    create_schema(con)
    load_staging(
        con,
        pa.Table.from_pylist(books.filings, schema=arrow_schema(table("raw.filings"))),
        pa.Table.from_pylist(books.documents, schema=arrow_schema(table("raw.documents"))),
        tables["lines"],
        tables["stated"],
        tables["commentary"],
        tables["warnings"],
        books.companies,
        tables["definitions"],
    )
    return con


@pytest.fixture(scope="module")
def page() -> Extraction:
    found = read(PAGE)
    found.lines = [
        replace(x, evidence=SOURCE, suspect="some_code", audited=False, **RULES) for x in found.lines
    ]
    return found


def test_every_declared_column_of_a_line_arrives_in_staging(page: Extraction) -> None:
    con = _loaded(page)
    rows = con.execute("SELECT * FROM staging.statement_lines").to_arrow_table().to_pylist()
    assert len(rows) == len(page.lines) == 10
    assert set(rows[0]) == set(table("staging.statement_lines").column_names)
    # the page names no counterparty
    assert [n for n in rows[0] if all(r[n] is None for r in rows)] == ["counterparty"]
    row = next(r for r in rows if r["label"] == "Public cloud services")
    assert row.pop("mapping_rule")
    assert row.pop("table_title").startswith("Consolidated Statements of Operations")
    assert row == {
        "company": "KC",
        "counterparty": None,
        "document_id": "KC/release/doc",
        "table_index": 0,
        "row_index": 2,
        "col_index": 1,
        "statement": "income",
        "scope": "consolidated",
        "section": ["Revenues"],
        "label": "Public cloud services",
        "column_label": "Three months ended March 31, 2025",
        "concept": "revenues",
        "segment": "public_cloud",
        "value": Decimal("1353000000"),
        "unit": "CNY",
        "decimals": -3,
        "period_start": date(2025, 1, 1),
        "period_end": date(2025, 3, 31),
        "months": 3,
        "audited": False,
        "text": "1,353,000",
        "evidence": "copy",
        "grade": "A",
        "source_kind": "wire",
        "source_title": "A wire's copy",
        "source_url": "https://example.org/a",
        "member": None,
        "sign_rule": None,
        "suspect": "some_code",
        **RULES,
    }
    cost = next(r for r in rows if r["label"] == "Cost of revenues")
    assert cost["sign_rule"]
    adjusted = [r["member"] for r in rows if r["label"] == "Net loss"]
    assert adjusted == [None, "Adjustments", "Non-GAAP"]


def test_what_is_handed_over_is_what_is_declared(page: Extraction) -> None:
    later = {
        "company",
        "document_id",
        "concept",
        "segment",
        "counterparty",
        "mapping_rule",
        "sign_rule",
        "evidence",
    }
    declared = set(table("staging.statement_lines").column_names)
    assert set(to_arrow(page)["lines"].column_names) == declared - later
    with pytest.raises(AttributeError):
        to_arrow(Extraction("", "", lines=[object()]))  # type: ignore[list-item]


def test_an_adjusted_column_enters_no_fact_and_the_rules_reach_facts_and_trail(page: Extraction) -> None:
    con = _loaded(page)
    build_facts(con)
    facts = con.execute(
        "SELECT concept, segment, value, unit_rule, scale_rule, period_rule, suspect FROM core.facts ORDER BY value"
    ).fetchall()
    assert [(c, s, int(v)) for c, s, v, *_ in facts] == [
        ("profit_loss", None, -60_000_000),
        ("operating_income_loss", None, -50_000_000),
        ("gross_profit", None, 320_000_000),
        ("revenues", "public_cloud", 1_353_000_000),
        ("cost_of_revenue", None, 1_650_000_000),
        ("revenues", None, 1_970_000_000),
    ]
    assert {f[3:6] for f in facts} == {tuple(RULES.values())}
    assert all("some_code" in f[6] for f in facts)
    told = render(explain(con, "KC", "2025Q1", "gross_profit"))
    assert "unit read by caption, scale read by scale-of-caption, period read by duration-of-heading" in told


def _sheet(*rows: tuple[str, str], unit: str = "RMB") -> bytes:
    body = "".join(f"<tr><td>{label}</td><td>{text}</td></tr>" for label, text in rows)
    title = (
        f"<p>Consolidated Balance Sheets ({unit} in thousands)</p><tr><td></td><td>March 31, 2025</td></tr>"
    )
    return f"<html><table>{title}{body}</table></html>".encode()


def test_unlabelled_totals_are_what_their_figures_prove_and_become_facts() -> None:
    con = _loaded(
        read(
            _sheet(
                ("Current assets", ""), ("Cash and cash equivalents", "40,030"), ("Inventories", "13,000"),
                ("", "53,030"), ("Property, plant and equipment", "90,300"), ("", "143,330"),
                ("Current liabilities", ""), ("Accounts payable", "43,330"), ("Total liabilities", "43,330"),
                ("Total equity", "100,000"), ("Total liabilities and equity", "143,330"),
            )
        )
    )  # fmt: skip
    rows = con.execute(
        "SELECT text, concept, mapping_rule FROM staging.statement_lines WHERE label = '' ORDER BY row_index"
    ).fetchall()
    assert rows == [
        ("53,030", "assets_current", "balance_sheet/assets_current/adds-up"),
        ("143,330", "assets", "balance_sheet/assets/adds-up"),
    ]
    build_facts(con)
    found = con.execute("SELECT value::BIGINT FROM core.facts WHERE concept = 'assets'").fetchall()
    assert found == [(143_330_000,)]


def test_an_unlabelled_total_that_does_not_add_up_is_no_concept_that_its_place_suggests() -> None:
    con = _loaded(
        read(
            _sheet(
                ("Current assets", ""), ("Cash and cash equivalents", "40,030"), ("Inventories", "13,000"),
                ("", "53,031"), ("Property, plant and equipment", "90,300"), ("", "143,331"),
                ("Total liabilities", "43,331"), ("Total equity", "100,000"),
            )
        )
    )  # fmt: skip
    rows = con.execute("SELECT concept FROM staging.statement_lines WHERE label = ''").fetchall()
    assert rows == [(None,), (None,)]


def test_a_figure_taken_off_in_a_label_does_not_make_its_row_gross() -> None:
    con = _loaded(
        read(
            _sheet(
                ("Current assets", ""), ("Inventories", "13,000"),
                ("Property and equipment, net of accumulated depreciation of $21,895", "90,300"),
                ("Total assets", "103,300"), ("Total liabilities", "3,300"), ("Total equity", "100,000"),
                unit="US$",
            )
        )
    )  # fmt: skip
    rows = con.execute(
        "SELECT text, concept FROM staging.statement_lines WHERE label LIKE 'Property%' ORDER BY col_index"
    ).fetchall()
    assert rows == [("90,300", "property_plant_and_equipment_net"), ("21,895", "accumulated_depreciation")]


APART = b"""<html><p>Unaudited Condensed Consolidated Statements of Operations (RMB in thousands)</p><table>
<tr><td></td><td colspan=2>Three months ended March 31, 2025</td></tr>
<tr><td></td><td>Public cloud services</td><td>Total</td></tr>
<tr><td>Revenues</td><td>900</td><td>1,970</td></tr>
<tr><td>Cost of revenues</td><td>(800)</td><td>(1,650)</td></tr>
<tr><td>Gross profit</td><td>100</td><td>320</td></tr></table></html>"""


REPEATS = b"""<html><p>Consolidated statements of income</p><p>(RMB in millions)</p><table>
<tr><td></td><td>Three months ended June 30, 2025</td><td>Three months ended June 30, 2024</td></tr>
<tr><td>Total revenues</td><td>4,514</td><td>4,102</td></tr>
<tr><td>Cost of revenues</td><td>(3,310)</td><td>(3,048)</td></tr>
<tr><td>Operating income</td><td>298</td><td>240</td></tr>
<tr><td>Net income</td><td>211</td><td>166</td></tr></table>
<p>Segment information</p><p>For the three months ended June 30, 2025 (RMB in millions)</p><table>
<tr><td></td><td>Public cloud services</td><td>Devices</td><td>Eliminations</td><td>Consolidated</td></tr>
<tr><td>Total revenues</td><td>1,424</td><td>3,351</td><td>(261)</td><td>4,514</td></tr>
<tr><td>Operating income</td><td>96</td><td>214</td><td>(12)</td><td>298</td></tr></table>
<p>Key operating and financial metrics</p><p>(RMB in millions)</p><table>
<tr><td></td><td colspan=3>Three months ended</td></tr>
<tr><td></td><td>Mar 31, 2025</td><td>Jun 30, 2025</td><td>Jun 30, 2024</td></tr>
<tr><td>Total revenues</td><td>4,002</td><td>4,514</td><td>4,102</td></tr>
<tr><td>Cost of revenues</td><td>(3,000)</td><td>(3,311)</td><td>(3,048)</td></tr></table></html>"""
TOTALS = b"""<html><p>Consolidated balance sheets (RMB in millions)</p><table>
<tr><td></td><td>June 30, 2025</td><td>June 30, 2024</td></tr>
<tr><td>Non-current assets</td><td></td><td></td></tr><tr><td>Investments</td><td>841</td><td>871</td></tr>
<tr><td>Current assets</td><td></td><td></td></tr><tr><td>Trade receivables</td><td>60</td><td>56</td></tr>
<tr><td>Cash and cash equivalents</td><td>117</td><td>300</td></tr><tr><td></td><td>177</td><td>356</td></tr>
<tr><td>Total assets</td><td>1,018</td><td>1,227</td></tr><tr><td>Total liabilities</td><td>518</td><td>627</td></tr>
<tr><td>Total equity</td><td>500</td><td>600</td></tr></table></html>"""
ADJUSTED = b"""<html><p>Adjusted profit &amp; loss statement (RMB in millions)</p><table>
<tr><td></td><td>Three months ended June 30, 2025</td><td>Three months ended June 30, 2024</td></tr>
<tr><td>Revenues</td><td>3,687</td><td>4,065</td></tr><tr><td>Gross profit</td><td>1,232</td><td>1,320</td></tr>
<tr><td>Operating income</td><td>(11)</td><td>40</td></tr><tr><td>Net income</td><td>(143)</td><td>41</td></tr>
</table></html>"""


def test_a_row_of_a_summary_that_repeats_a_statements_row_means_the_same() -> None:
    con = _loaded(read(REPEATS))
    rows = con.execute("""SELECT table_index, label, text, concept FROM staging.statement_lines
WHERE table_index > 0 AND member IS NULL AND segment IS NULL ORDER BY ALL""").fetchall()
    assert rows == [
        (1, "Operating income", "298", "operating_income_loss"),
        (1, "Total revenues", "4,514", "revenues"),
        (2, "Cost of revenues", "(3,000)", None),  # one of its figures is another than the statement's
        (2, "Cost of revenues", "(3,048)", None),
        (2, "Cost of revenues", "(3,311)", None),
        (2, "Total revenues", "4,002", "revenues"),
        (2, "Total revenues", "4,102", "revenues"),
        (2, "Total revenues", "4,514", "revenues"),
    ]


@pytest.mark.parametrize(("data", "rules"), [(REPEATS, 6), (TOTALS, 7), (ADJUSTED, 0)])
def test_staging_maps_tables_as_the_command_that_extracts_does(data: bytes, rules: int) -> None:
    found = read(data)
    con = _loaded(found)
    map_lines(found.lines, vocabulary_of(KC).synonyms)
    want = sorted((x.table, x.row, x.col, str(x.concept), str(x.mapping_rule)) for x in found.lines)
    rows = con.execute("""SELECT table_index, row_index, col_index, concept::VARCHAR, mapping_rule
FROM staging.statement_lines""").fetchall()
    assert sorted((*r[:3], str(r[3]), str(r[4])) for r in rows) == want
    assert len({x.mapping_rule for x in found.lines if x.mapping_rule}) == rules


@pytest.mark.parametrize("data", [PAGE, APART])
def test_staging_gives_each_column_the_meaning_that_the_mapper_gives_its_line(data: bytes) -> None:
    found = read(data)
    # two statements side by side: the same row means another thing in each
    found.lines = [replace(x, statement="cash_flow" if x.member else x.statement) for x in found.lines]
    con = _loaded(found)
    map_lines(found.lines, vocabulary_of(KC).synonyms)
    want = {(x.table, x.row, x.col): (x.concept, x.mapping_rule) for x in found.lines}
    rows = con.execute(
        "SELECT table_index, row_index, col_index, concept, mapping_rule FROM staging.statement_lines"
    ).fetchall()
    assert {tuple(r[:3]): tuple(r[3:]) for r in rows} == want
    assert len({m for x in found.lines if (m := x.mapping_rule)}) > 2
