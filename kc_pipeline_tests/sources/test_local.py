import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from kc_pipeline.config import Company
from kc_pipeline.sources import Discovery, SourceChangedError, discover, judge_document, judge_extraction
from kc_pipeline_tests.sources.test_manifest import manifest

HTML = b"<html><body><table><tr><td>Revenues</td><td>1,970,025</td></tr></table></body></html>\n"
COMPANIES = {c: Company(id=c, name=c, reporting_currency="CNY") for c in ("KC", "GDS")}
MAX = 1000


def filing(root: Path, name: str, data: bytes | None = HTML, company: str = "KC", **changes: Any) -> Path:
    folder = root / "filings" / company / name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(manifest(**{"company": company, **changes})))
    if data is not None:
        (folder / "release.htm").write_bytes(data)
    return folder


def look(root: Path) -> Discovery:
    return discover(root / "filings", COMPANIES, max_bytes=MAX)


def the_one_reason(root: Path) -> tuple[str, str, str]:
    """What was skipped, where exactly one input is bad and a good filing lies beside it."""
    filing(root, "2024Q4-release", filing_date="2025-03-19", period_of_report="2024-12-31")
    out = look(root)
    assert [f.filing_id for f in out.found] == ["KC/2024Q4-release"]
    assert len(out.skipped) == 1
    skipped = out.skipped[0]
    assert "\n" not in skipped.reason
    return skipped.path, skipped.code, skipped.reason


def test_filings_are_found_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("2025Q1-release", "2024Q1-release", "2024Q4-release"):
        filing(tmp_path, name)
    filing(tmp_path, "2025Q1-release", company="GDS")
    out = look(tmp_path)
    assert [f.document_id for f in out.found] == [
        "GDS/2025Q1-release/release",
        "KC/2024Q1-release/release",
        "KC/2024Q4-release/release",
        "KC/2025Q1-release/release",
    ]
    assert out.skipped == []
    first = out.found[0]
    assert first.path == "filings/GDS/2025Q1-release/release.htm"
    assert first.read() == HTML
    assert (first.size, first.quarter) == (len(HTML), "2025Q1")


def test_a_filing_may_hold_several_documents_and_one_bad_one_costs_only_itself(tmp_path: Path) -> None:
    documents = [
        {"file": f"{name}.htm", "type": "release", "kind": "original"}
        for name in ("release", "tables", "cut")
    ]
    folder = filing(tmp_path, "2025Q1-release", documents=documents)
    (folder / "tables.htm").write_bytes(HTML)
    (folder / "cut.htm").write_bytes(HTML[:40])
    out = look(tmp_path)
    assert [f.document_id for f in out.found] == ["KC/2025Q1-release/release", "KC/2025Q1-release/tables"]
    assert [(s.path, s.code) for s in out.skipped] == [("filings/KC/2025Q1-release/cut.htm", "truncated")]


def noise(size: int) -> bytes:
    return random.Random(7).randbytes(size)


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"", "empty", "is empty"),
        (b" \n\r\n", "empty", "is empty"),
        (HTML[:-10], "truncated", "no closing </html>"),
        (HTML + HTML[:30], "truncated", "no closing </html>"),
        (b"<table><tr><td>1</td></tr></table>", "truncated", "no closing </html>"),
        (HTML + b" " * MAX, "too_large", "over the limit"),
        (b"\x89PNG\r\n\x1a\n" + noise(200), "not_a_filing", "PNG"),
        (b"%PDF-1.7 ...", "not_a_filing", "PDF"),
        (noise(900), "not_a_filing", "binary"),
        (b"Call the auditors, revenue < plan & costs > plan.", "not_a_filing", "without any HTML markup"),
        (b'{"company": "KC"}', "not_a_filing", "without any HTML markup"),
    ],
)
def test_a_document_that_cannot_be_taken_up_is_told_once(
    tmp_path: Path, data: bytes, code: str, says: str
) -> None:
    filing(tmp_path, "2025Q1-release", data)
    path, found, reason = the_one_reason(tmp_path)
    assert (path, found) == ("filings/KC/2025Q1-release/release.htm", code)
    assert says in reason


def test_the_size_is_judged_before_reading(tmp_path: Path) -> None:
    folder = filing(tmp_path, "2025Q1-release", None)
    with (folder / "release.htm").open("wb") as file:
        file.truncate(1 << 40)  # a sparse terabyte: reading it would never end
    assert the_one_reason(tmp_path)[1] == "too_large"


def test_a_pipe_in_place_of_a_document_is_not_waited_for(tmp_path: Path) -> None:
    folder = filing(tmp_path, "2025Q1-release", None)
    os.mkfifo(folder / "release.htm")
    assert the_one_reason(tmp_path)[1] == "unreadable"


@pytest.mark.parametrize(
    ("changes", "place", "code", "says"),
    [
        ({"filing_date": "2025-03-01"}, "/manifest.json", "bad_manifest", "is after the filing_date"),
        ({"company": "GDS"}, "/manifest.json", "bad_manifest", "lies in the folder of 'KC'"),
        ({"company": "XYZ"}, "/manifest.json", "unknown_company", "'XYZ' is not declared in companies.toml"),
        ({"documents": manifest()["documents"] * 2}, "/manifest.json", "bad_manifest", "two documents"),
    ],
)
def test_a_wrong_manifest_is_told_once(
    tmp_path: Path, changes: dict[str, Any], place: str, code: str, says: str
) -> None:
    folder = filing(tmp_path, "2025Q1-release")
    (folder / "manifest.json").write_text(json.dumps(manifest(**changes)))
    path, found, reason = the_one_reason(tmp_path)
    assert (path, found) == (f"filings/KC/2025Q1-release{place}", code)
    assert says in reason


def test_a_named_document_that_is_absent(tmp_path: Path) -> None:
    filing(tmp_path, "2025Q1-release", None)
    path, code, reason = the_one_reason(tmp_path)
    assert (path, code) == ("filings/KC/2025Q1-release/release.htm", "missing_document")
    assert "release.htm" in reason


def test_a_folder_without_manifest(tmp_path: Path) -> None:
    (tmp_path / "filings" / "KC" / "2025Q1-release").mkdir(parents=True)
    (tmp_path / "filings" / "KC" / "2025Q1-release" / "release.htm").write_bytes(HTML)
    assert the_one_reason(tmp_path)[:2] == ("filings/KC/2025Q1-release", "no_manifest")


@pytest.mark.parametrize("place", ["filings/note.htm", "filings/KC/note.htm"])
def test_a_lone_file_in_the_inbox(tmp_path: Path, place: str) -> None:
    (tmp_path / "filings" / "KC").mkdir(parents=True)
    (tmp_path / place).write_bytes(HTML)
    assert the_one_reason(tmp_path)[:2] == (place, "no_manifest")


def test_a_company_that_is_not_declared(tmp_path: Path) -> None:
    filing(tmp_path, "2025Q1-release", company="NVDA")
    assert the_one_reason(tmp_path)[:2] == ("filings/NVDA", "unknown_company")


def test_an_html_file_that_no_manifest_names_is_told(tmp_path: Path) -> None:
    folder = filing(tmp_path, "2025Q1-release")
    (folder / "exhibit2.htm").write_bytes(HTML)
    (folder / "figures.csv").write_text("a list for readers\n")
    out = look(tmp_path)
    assert len(out.found) == 1
    assert [(s.path, s.code) for s in out.skipped] == [
        ("filings/KC/2025Q1-release/exhibit2.htm", "not_in_manifest")
    ]


def test_hidden_names_are_left_alone(tmp_path: Path) -> None:
    filing(tmp_path, "2025Q1-release")
    (tmp_path / "filings" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "filings" / "KC" / ".partial").mkdir()
    assert look(tmp_path).skipped == []


def test_an_inbox_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="filings"):
        look(tmp_path)


def test_bytes_that_change_after_they_were_found_are_not_passed_on(tmp_path: Path) -> None:
    folder = filing(tmp_path, "2025Q1-release")
    found = look(tmp_path).found[0]
    (folder / "release.htm").write_bytes(HTML.replace(b"1,970", b"1,971"))
    with pytest.raises(SourceChangedError, match="changed"):
        found.read()


@pytest.mark.parametrize(
    "data",
    [
        HTML.upper(),
        HTML.decode().encode("utf-16"),
        b"<HTML\nxmlns='x'>" + HTML[6:-1].replace(b"</html>", b"</HTML >") + b"\n</TEXT></DOCUMENT>",
        b"<DOCUMENT>\n<TYPE>EX-99.1\n<TEXT>\n<PRE>Revenues 1,970</PRE>\n</TEXT>\n</DOCUMENT>\n",
        HTML.replace(b"1,970", b"1\x00,970\xff"),
    ],
    ids=["capitals", "utf-16", "wrapped", "sgml-text", "nul"],
)
def test_unusual_but_complete_documents_are_taken_up(data: bytes) -> None:
    assert judge_document(data) is None


def test_every_real_document_is_taken_up_and_every_half_of_one_is_not(shared: Path) -> None:
    files = sorted((shared / "realdocs" / "6-K").glob("*.htm*"))
    assert len(files) > 50
    for file in files:
        data = file.read_bytes()
        excerpt = file.name == "atour-2024Q4-excerpt.htm"
        refusal = judge_document(data)
        assert (refusal is None) != excerpt, (file.name, refusal)
        half = judge_document(data[: len(data) // 2])
        assert half is not None, file.name
        assert half.code == "truncated", file.name


def test_a_page_without_a_figure_is_no_filing() -> None:
    refusal = judge_extraction(0, 0)
    assert refusal is not None
    assert refusal.code == "not_a_filing"
    assert judge_extraction(1, 0) is None
    assert judge_extraction(0, 1) is None
