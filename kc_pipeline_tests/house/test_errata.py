"""The list of truth numbers that their page contradicts is exact, small, and left out of the score."""

import json
from pathlib import Path
from typing import Any

from kc_pipeline.extraction import extract
from tools.errata import Erratum, errata, without_errata
from tools.score import Score, against_truth, documents, group_of, scored, summary

LISTED = Erratum("10-Q/a", 0, "us-gaap:Revenues", "1,234", "2024-12-31", "the column is headed 2025")
SHARE = 0.002

PAGE = b"""<html><body><p>Acme Corp. Consolidated Balance Sheets (in thousands of US$)</p><table>
<tr><td></td><td>December 31, 2024</td><td>December 31, 2023</td></tr>
<tr><td>Cash and cash equivalents</td><td>$1,234</td><td>$1,100</td></tr>
<tr><td>Total assets</td><td>$5,000</td><td>$4,900</td></tr>
<tr><td>Total liabilities</td><td>$2,000</td><td>$1,900</td></tr>
<tr><td>Total liabilities and equity</td><td>$5,000</td><td>$4,900</td></tr></table></body></html>"""


def number(element: str, text: str, end: str, value: str) -> dict[str, Any]:
    return {
        "table": 0, "kind": "balance_sheet", "concept": f"us-gaap:{element}", "text": text, "end": end,
        "months": None, "value": value, "unit": "iso4217:USD",
    }  # fmt: skip


TRUTH = [
    number("Cash", "1,234", "2024-12-31", "1234000"),
    number("Cash", "1,100", "2022-12-31", "1100000"),  # tagged a year too early
]


def test_each_entry_is_one_truth_number_and_they_are_few(shared: Path) -> None:
    truth = {}
    for path, folder in documents(shared / "realdocs"):
        beside = path.with_name(f"{path.stem}.truth.json")
        if beside.exists():
            truth[f"{folder}/{path.stem}"] = scored(json.loads(beside.read_text())["truth"])
    numbers = sum(len(rows) for rows in truth.values())
    for entry in errata():
        assert sum(map(entry.means, truth[entry.document])) == entry.times, entry
        assert len(entry.reason) > 20, entry
    assert len(set(errata())) == len(errata()) < SHARE * numbers


def test_a_listed_number_is_not_counted() -> None:
    out = extract(PAGE)
    counted = Score("a", "10-Q", 1, 0.0)
    against_truth(counted, TRUTH, out)
    assert (counted.truth, counted.exact, counted.wrong, counted.errata) == (2, 1, 1, 0)
    left_out = Score("a", "10-Q", 1, 0.0)
    listed = Erratum(
        "10-Q/a", 0, "us-gaap:Cash", "1,100", "2022-12-31", "the column is headed December 31, 2023"
    )
    against_truth(left_out, TRUTH, out, [listed])
    assert (left_out.truth, left_out.exact, left_out.wrong, left_out.errata) == (1, 1, 0, 1)


def test_an_entry_means_no_other_number() -> None:
    assert without_errata(TRUTH, [LISTED]) == TRUTH


def test_the_score_is_printed_by_group_and_low_documents_are_named() -> None:
    good = Score("good", "6-K", 1, 0.0, truth=100, exact=100, tables=4)
    low = Score("low", "8-K-banks", 1, 0.0, truth=100, exact=96, wrong=2, tables=4, warned=1)
    small = Score("small", "10-K", 1, 0.0, truth=99, exact=50, tables=1, errata=3)
    unknown = Score("unknown", "8-K", 1, 0.0, primary=200, primary_warned=3, columns=10, columns_null=1)
    lines = summary([good, low, small, unknown])
    assert [x.split() for x in lines[1:4]] == [
        ["10-K", "1", "99", "0.50505", "0.00000", "0.0000", "3"],
        ["releases", "2", "200", "0.98000", "0.01000", "0.1250", "0"],
        ["TOTAL", "3", "299", "0.82274", "0.00669", "0.1111", "3"],
    ]
    assert lines[4:6] == [
        "documents of 100 numbers or more under 97%: 1",
        "  8-K-banks/low: 100 numbers, exact 0.9600, wrong 2",
    ]
    assert "of 200 lines of primary statements 0.0150 carry a warning; of 10 columns 0.1000" in lines[6]


def test_every_folder_with_documents_is_read(tmp_path: Path) -> None:
    for name in ("10-K/a.htm", "other-gaap/b.html", "8-K-text/c.txt", "companyfacts/d.json", "INDEX.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [f"{folder}/{path.name}" for path, folder in documents(tmp_path)] == [
        "10-K/a.htm", "8-K-text/c.txt", "other-gaap/b.html",
    ]  # fmt: skip
    assert [group_of(f) for f in ("6-K", "8-K-text", "10-K", "new")] == [
        "releases",
        "releases",
        "10-K",
        "new",
    ]
