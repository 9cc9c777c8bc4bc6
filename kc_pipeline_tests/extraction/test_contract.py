"""The public functions: JSON and Arrow forms, purity, the bundled transcripts, the ground truth."""

import csv
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from kc_pipeline.extraction import extract, read, to_arrow, to_dict
from kc_pipeline.schema.tables import table as declared
from kc_pipeline_tests.extraction.pages import page, row, table

HTML = page(
    table(
        row("", "December 31, 2023", "December 31, 2022"),
        row("Total assets", "RMB1,234.5", "1,000.0"),
        row("Total liabilities", "(3.5)", "—"),
    ),
    "<p>Consolidated Balance Sheets</p><p>(in millions)</p>",
)
LINE_KEYS = {
    "statement", "section", "label", "concept", "value", "unit", "decimals", "period_start", "period_end", "months", "audited", "table", "row", "col", "text",
}  # fmt: skip


def test_json_contract() -> None:
    out = to_dict(extract(HTML))
    assert list(out) == ["document", "lines", "stated", "commentary", "definitions", "warnings"]
    assert set(out["document"]) >= {"sha256", "title"}
    line = out["lines"][0]
    assert set(line) >= LINE_KEYS
    assert (line["value"], line["unit"], line["decimals"]) == ("1234500000", "CNY", -5)
    assert (line["period_start"], line["period_end"], line["months"]) == (None, "2023-12-31", None)
    assert (line["statement"], line["table"], line["row"], line["col"], line["text"]) == (
        "balance_sheet",
        0,
        1,
        1,
        "RMB1,234.5",
    )
    assert [x["value"] for x in out["lines"][2:]] == ["-3500000", "0"]
    assert json.loads(json.dumps(out)) == out


def test_arrow_columns_are_those_of_the_staging_tables() -> None:
    arrow = to_arrow(read(HTML))
    assert list(arrow) == ["lines", "stated", "commentary", "definitions", "warnings", "page"]
    for name, relation in (
        ("lines", "staging.statement_lines"),
        ("stated", "staging.stated_figures"),
        ("commentary", "staging.commentary"),
        ("definitions", "staging.definitions"),
        ("page", "raw.documents"),
    ):
        assert set(arrow[name].column_names) <= {c.name for c in declared(relation).columns}
    lines = arrow["lines"]
    assert lines.schema.field("value").type == pa.decimal128(38, 8)
    assert lines.column("value").to_pylist() == [
        Decimal(1_234_500_000),
        Decimal(1_000_000_000),
        Decimal(-3_500_000),
        Decimal(0),
    ]
    assert lines.column("section").to_pylist() == [[], [], [], []]


def test_arrow_forms_of_an_empty_document_have_all_columns() -> None:
    assert to_arrow(read(b""))["lines"].num_rows == 0
    assert to_arrow(read(b""))["lines"].schema == to_arrow(read(HTML))["lines"].schema


def test_same_bytes_same_extraction() -> None:
    assert to_dict(read(HTML)) == to_dict(read(HTML))


def test_every_figure_that_a_transcript_prints_in_a_table_is_read(repo: Path) -> None:
    folders = sorted((repo / "data" / "filings" / "KC").glob("*-release"))
    assert len(folders) >= 25
    missing = []
    for folder in folders:
        found = read(next(folder.glob("*.htm")).read_bytes())
        have = Counter(
            (abs(x.value), x.unit, str(x.period_end), x.evidence.grade if x.evidence else None)
            for x in found.lines
        )
        cells = Counter((x.table, x.row, x.col) for x in found.lines)
        assert max(cells.values(), default=1) == 1
        with (folder / "figures.csv").open(newline="") as handle:
            for figure in csv.DictReader(handle):
                if figure["place"] == "table":
                    key = (
                        abs(Decimal(figure["value"])),
                        figure["unit"],
                        figure["period_end"],
                        figure["grade"],
                    )
                    if not have[key]:
                        missing.append((folder.name, figure["concept"], figure["segment"], figure["printed"]))
    assert missing == []


@pytest.mark.parametrize(
    "name", ["10-Q/aapl-0000320193-23-000077", "10-Q/hd-0000354950-23-000185", "nvidia/FY2024-Q2-10-Q"]
)
def test_tagged_numbers_of_a_real_quarterly_report_are_read_exactly(shared: Path, name: str) -> None:
    folder = shared / "realdocs"
    truth = json.loads((folder / f"{name}.truth.json").read_text())["truth"]
    have = Counter(
        (x.value, str(x.period_end), x.months) for x in read((folder / f"{name}.htm").read_bytes()).lines
    )
    missed = []
    for t in truth:
        if t["kind"] == "cash_flow" and t["months"] is None:
            continue
        key = (Decimal(t["value"]), t["end"], t["months"])
        if have[key] > 0:
            have[key] -= 1
        else:
            missed.append(t)
    assert missed == []


def test_excerpt_of_a_release_with_renminbi_and_dollar_columns(shared: Path) -> None:
    found = read((shared / "realdocs" / "6-K" / "atour-2024Q4-excerpt.htm").read_bytes())
    by_unit = Counter(x.unit for x in found.lines)
    assert by_unit["CNY"] == 2 * by_unit["USD"]
    assert {x.statement for x in found.lines} == {"income"}
    assert not found.warnings
