"""What a person asks of the reading commands: ranges, formats, misspelt names, conflicts and decisions."""

import csv
import io
import json
import os
import zipfile
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from kc_pipeline.cli.common import quarter_range
from kc_pipeline.cli.errors import UsageError
from kc_pipeline.cli.main import cli
from kc_pipeline.sources import judge_document
from kc_pipeline_tests.cli.test_commands import kc  # noqa: F401
from kc_pipeline_tests.conftest import Bundle, copy_of_published


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


FILES = {
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    "an Excel workbook": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "a Word document": zipped("[Content_Types].xml", "word/document.xml"),
    "a PowerPoint presentation": zipped("[Content_Types].xml", "ppt/presentation.xml"),
    "a zip archive": zipped("exhibit.htm"),
    "a damaged zip archive": b"PK\x03\x04" + bytes(100),
    "a document of an old Office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "a picture (PNG)": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "a picture (JPEG)": b"\xff\xd8\xff\xe0" + bytes(100),
    "a picture (WebP)": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    "a gzip archive": b"\x1f\x8b\x08" + bytes(50),
    "an RTF document": b"{\\rtf1\\ansi Revenues 1,000}",
    "empty": b" \n",
    "no document that kc knows": os.urandom(5000).replace(b"<", b"\x01"),
}


@pytest.mark.parametrize("what", FILES)
def test_extract_says_what_a_file_is_that_is_no_html(tmp_path: Path, what: str) -> None:
    file = tmp_path / "release.htm"  # told by the content, not by the name
    file.write_bytes(FILES[what])
    for arguments in ([], ["--format", "json"], ["--why", "0"]):
        result = CliRunner().invoke(cli, ["extract", str(file), *arguments])
        if what.startswith("no document") and arguments == ["--why", "0"]:
            continue  # there is no table 0
        assert isinstance(result.exception, UsageError)
        assert f"{file} is {what}" in str(result.exception)
        assert not result.output
    refusal = judge_document(FILES[what])
    assert refusal is not None
    assert refusal.code in ("not_a_filing", "empty")


def test_extract_of_a_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="folder"):
        CliRunner().invoke(cli, ["extract", str(tmp_path)], catch_exceptions=False)


@pytest.mark.parametrize(
    "page", [b"<html><body>see %PDF-1.4</body></html>", b"Revenues of RMB 1,970.0 million\n"]
)
def test_html_and_text_that_speak_of_other_files_are_read(tmp_path: Path, page: bytes) -> None:
    (tmp_path / "x.pdf").write_bytes(page)
    assert CliRunner().invoke(cli, ["extract", str(tmp_path / "x.pdf")]).exit_code == 0


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("2025q1", ["2025Q1"], ["2024Q4", "2025Q2"]),
        ("2024Q3..2025Q1", ["2024Q3", "2024Q4", "2025Q1"], ["2024Q2", "2025Q2"]),
        ("2025Q1..", ["2025Q1", "2031Q4"], ["2024Q4"]),
        ("..2025Q1", ["2001Q1", "2025Q1"], ["2025Q2"]),
    ],
)
def test_a_range_of_quarters(text: str, inside: list[str], outside: list[str]) -> None:
    span = quarter_range(text)
    assert all(q in span for q in inside)
    assert not any(q in span for q in outside)


@pytest.mark.parametrize("text", ["2025", "2025Q5", "..", "2025Q2..2025Q1", "2025Q1-2025Q2", ""])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--quarter"):
        quarter_range(text)


def test_table_gives_a_range_in_every_format(kc) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    call = ["table", "KC", "gross_margin", "days_sales_outstanding", "--quarter", "2024Q4..2025Q2"]
    header = kc(*call).output.splitlines()[0]
    assert header.split() == ["KC", "2024Q4", "2025Q1", "2025Q2"]
    rows = list(csv.DictReader(io.StringIO(kc(*call, "--format", "csv").output)))
    assert [(r["kpi"], r["period"]) for r in rows] == [
        (k, q) for k in ("gross_margin", "days_sales_outstanding") for q in ("2024Q4", "2025Q1", "2025Q2")
    ]
    assert all((r["value"] == "") == (r["absent"] != "") for r in rows)
    absent = next(r for r in rows if r["kpi"] == "days_sales_outstanding" and r["period"] == "2025Q1")
    assert (absent["absent"], absent["detail"] != "") == ("missing_input", True)
    told = json.loads(kc(*call, "--format", "json").output)
    assert [r["kpi"] for r in told] == [r["kpi"] for r in rows]
    assert [r["origin"] for r in told if r["kpi"] == "gross_margin"][1] in ("derived", "stated")
    assert (
        len(kc("table", "KC", "revenue", "--quarter", "2021Q1..2024Q4").output.splitlines()[0].split()) == 17
    )
    assert (
        len(
            kc("table", "KC", "revenue", "--quarter", "2021Q1..", "--last", "2")
            .output.splitlines()[0]
            .split()
        )
        == 3
    )


@pytest.mark.parametrize(
    ("arguments", "hints"),
    [
        (("table", "Kingsoft"), ["did you mean KC?"]),
        (("table", "K"), ["there are:", "KC"]),
        (("explain", "KX", "2025Q1", "revenue"), ["KC"]),
        (("brief", "kingsoft cloud", "2025Q1"), ["did you mean KC?"]),
        (("flags", "Kingsoft"), ["did you mean KC?"]),
        (("table", "KC", "gros-margin"), ["did you mean gross_margin"]),
        (("table", "KC", "Gross Margn"), ["did you mean gross_margin"]),
        (("explain", "KC", "2025Q1", "revenues/publc_cloud"), ["did you mean revenues/public_cloud"]),
        (("table", "KC", "--quarter", "2035Q1.."), ["quarters in the warehouse", "2026Q1"]),
        (("run", "--company", "Kingsoft"), ["did you mean KC?"]),
    ],
)
def test_a_misspelt_name_is_answered_with_what_there_is(kc, arguments, hints) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    result = kc(*arguments)
    assert isinstance(result.exception, UsageError)
    assert all(hint in str(result.exception) for hint in hints), str(result.exception)


def test_explain_names_conflicts_and_what_waits_for_a_decision(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = copy_of_published(bundle, tmp_path / "data")
    at.warehouse.chmod(0o600)
    with duckdb.connect(str(at.warehouse)) as con:
        con.execute(
            """INSERT INTO core.conflicts BY NAME
               SELECT fact_id, figure_id, company, 'KC/2025Q2-release/release' AS document_id, concept, segment,
                 period_start, period_end, unit, 'lesser_place' AS kind, value + 5000000 AS value, decimals,
                 5000000 AS deviation, 50000 AS allowed, 'prose' AS statement, 10 AS span_start, 20 AS span_end,
                 '1,975.0' AS text, evidence
               FROM core.facts_latest WHERE company = 'KC' AND concept = 'revenues' AND segment IS NULL
                 AND period_end = DATE '2025-03-31' AND months = 3"""
        )
        con.execute(
            """INSERT INTO meta.quarantine BY NAME
               SELECT (SELECT max(build_id) FROM meta.builds) AS build_id, company, document_id, sha256,
                 'balance_sheet_balances' AS check_name, 'assets differ by 5' AS reason
               FROM raw.documents WHERE document_id = 'KC/2025Q1-release/release'"""
        )
        con.execute("CHECKPOINT")
    monkeypatch.setenv("KC_DATA", str(at.data))
    monkeypatch.delenv("KC_WAREHOUSE", raising=False)

    def told(*arguments: str) -> str:
        return CliRunner().invoke(cli, ["explain", "KC", *arguments]).output

    for name in ("revenue", "revenues", "gross_margin"):
        shown = told("2025Q1", name)
        assert "CONFLICT    CNY 1,975.0 million, printed '1,975.0' in KC/2025Q2-release/release" in shown
        assert "it stands where it cannot outweigh this figure" in shown
        assert "WAITS       KC/2025Q1-release/release is kept out until somebody decides" in shown
        assert "assets differ by 5" in shown
    assert "WAITS" in told("2025Q1", "current_ratio"), "also where the figure is absent"
    assert "WAITS" not in told("2025Q2", "revenue")
    trail = json.loads(told("2025Q1", "revenue", "--format", "json"))
    assert trail["waiting"][0]["check_name"] == "balance_sheet_balances"
    assert trail["inputs"][0]["fact"]["conflicts"][0]["kind"] == "lesser_place"


def test_the_warehouse_holds_the_title_of_each_document(kc) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    told = json.loads(kc("sql", "select title, transcript_of from raw.documents", "--format", "json").output)
    assert all(d["title"] for d in told)
    assert all(d["title"].startswith("Incomplete transcript of ") for d in told if d["transcript_of"])


def test_flags_give_a_range_in_every_format(kc) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    call = ["flags", "KC", "--quarter", "2024Q4..2025Q2"]
    told = json.loads(kc(*call, "--format", "json").output)
    rows = list(csv.DictReader(io.StringIO(kc(*call, "--format", "csv").output)))
    assert [r["anomaly_id"] for r in rows] == [t["anomaly_id"] for t in told]
    assert {t["period"] for t in told} <= {"2024Q4", "2024FY", "2025Q1", "2025Q2"}
    assert "2025Q1" in {t["period"] for t in told}
    assert {t["company"] for t in told} == {"KC"}
    shown = kc(*call).output
    assert "KC 2025Q1" in shown
    assert "KC 2025Q3" not in shown
    one = json.loads(kc("flags", "KC", "--quarter", "2025Q1", "--format", "json").output)
    assert one == [t for t in told if t["period"] == "2025Q1"]
    why = json.loads(
        kc("flags", "KC", "--quarter", "2025Q1", "--why", "gross_margin", "--format", "json").output
    )
    assert all(v["rule"] and v["words"] for v in why)


def test_a_misspelt_command_is_answered_with_the_closest() -> None:
    result = CliRunner().invoke(cli, ["tabel"])
    assert result.exit_code == 2
    assert "did you mean table?" in result.output
