import json
from datetime import date
from typing import Any

import pytest

from kc_pipeline.sources import ManifestError, read_manifest


def manifest(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "company": "KC",
        "form": "6-K",
        "accession": None,
        "url": None,
        "filing_date": "2025-05-28",
        "filing_date_precision": "day",
        "accepted_at": None,
        "period_of_report": "2025-03-31",
        "documents": [
            {
                "file": "release.htm",
                "type": "release",
                "kind": "transcript",
                "exhibit": "99.1",
                "url": None,
                "transcript_of": "the release of 2025-05-28",
                "note": None,
            }
        ],
    }
    return {**base, **changes}


def read(raw: Any) -> Any:
    return read_manifest(json.dumps(raw).encode(), "filings/KC/x/manifest.json")


def test_a_full_manifest_is_read() -> None:
    m = read(manifest(accession="0001104659-25-053312", accepted_at="2025-05-28T06:01:02-04:00"))
    assert (m.filing_date, m.period_of_report, m.quarter) == (date(2025, 5, 28), date(2025, 3, 31), "2025Q1")
    assert m.documents[0].stem == "release"
    assert m.accepted_at.utcoffset().total_seconds() == -4 * 3600


def test_a_byte_order_mark_is_no_error() -> None:
    assert read_manifest(b"\xef\xbb\xbf" + json.dumps(manifest()).encode(), "m").company == "KC"


def test_a_52_53_week_quarter_that_ends_in_april_belongs_to_march() -> None:
    assert read(manifest(period_of_report="2025-04-02")).quarter == "2025Q1"


def document(**changes: Any) -> list[dict[str, Any]]:
    return [{**manifest()["documents"][0], **changes}]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (manifest(extra=1), "extra is not a field"),
        ({k: v for k, v in manifest().items() if k != "filing_date"}, "filing_date is missing"),
        (manifest(filing_date="28 May 2025"), "filing_date must be an ISO date"),
        (manifest(filing_date=1748390400), "filing_date must be an ISO date"),
        (manifest(filing_date="2025-02-30"), "filing_date"),
        (
            manifest(filing_date="2025-03-30"),
            "period_of_report 2025-03-31 is after the filing_date 2025-03-30",
        ),
        (
            manifest(period_of_report="2000-12-31"),
            "period_of_report 2000-12-31 is before 2001-03-31: older filings are not taken up",
        ),
        (
            manifest(accepted_at="2024-05-28T18:30:00-04:00"),
            "accepted_at 2024-05-28T18:30:00-04:00 is more than 7 days from the filing_date 2025-05-28",
        ),
        (manifest(filing_date_precision="week"), "filing_date_precision must be 'day' or 'month_estimated'"),
        (manifest(accession="1104659-25-053312"), "accession must look like"),
        (manifest(accepted_at="2025-05-28T06:01:02"), "accepted_at"),
        (manifest(documents=[]), "documents must name at least one"),
        (
            manifest(documents=document(file="../other/release.htm")),
            "documents[0].file must be the plain name",
        ),
        (manifest(documents=document(kind="copy")), "documents[0].kind must be 'original' or 'transcript'"),
        (manifest(documents=document(type="slides")), "documents[0].type must be"),
        (manifest(documents=document() + document(file="release.html")), "names two documents 'release'"),
        (manifest(company=""), "company must not be empty"),
        ([], "must be a JSON object"),
    ],
)
def test_the_first_problem_is_told_with_file_and_field(raw: Any, says: str) -> None:
    with pytest.raises(ManifestError) as raised:
        read(raw)
    assert str(raised.value).startswith("filings/KC/x/manifest.json: ")
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b'{"company": "KC", "company": "GDS"}', "'company' stands there twice"),
        (b"[" * 100_000, "m: "),
    ],
)
def test_what_is_not_json_is_told(data: bytes, says: str) -> None:
    with pytest.raises(ManifestError, match=says):
        read_manifest(data, "m")
