"""The mapper against what issuers tagged, and against the reference's figures of Kingsoft Cloud."""

import csv
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from kc_pipeline.concepts import agrees, map_lines, sign_lines
from kc_pipeline_tests.concepts.harvest import Row, harvest


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[Row]:
    """Each number tagged with a us-gaap element, mapped by the label beside it."""
    out: list[Row] = []
    for truth in sorted((shared / "realdocs").glob("*/*.truth.json")):
        html = next(p for p in truth.parent.glob(truth.name.replace(".truth.json", ".htm*")))
        document = sorted(harvest(html), key=lambda r: (r.table, r.row))
        map_lines(document)
        out += document
    return [r for r in out if r.element.startswith("us-gaap:")]


def test_mapped_rows_agree_with_their_element(rows: list[Row]) -> None:
    mapped = [r for r in rows if r.concept]
    wrong = Counter((r.concept, r.element, r.label) for r in mapped if not agrees(r.concept or "", r.element))
    assert 1 - sum(wrong.values()) / len(mapped) >= 0.995, wrong.most_common(20)


@pytest.mark.parametrize(("kind", "floor"), [("balance_sheet", 0.96), ("income", 0.95), ("cash_flow", 0.97)])
def test_most_rows_are_mapped(rows: list[Row], kind: str, floor: float) -> None:
    of_kind = [r for r in rows if r.statement == kind]
    assert len(of_kind) > 1000
    assert sum(1 for r in of_kind if r.concept) / len(of_kind) >= floor


def test_transcribed_releases_get_the_references_concepts_and_signs(shared: Path, repo: Path) -> None:
    filings = sorted((repo / "data" / "filings" / "KC").rglob("*release*.htm*"))
    if not filings:
        pytest.skip("no transcribed releases in data/filings")
    from kc_pipeline.extraction import read

    known: dict[tuple[str, Decimal], set[tuple[str, str | None, Decimal]]] = defaultdict(set)
    with (shared / "reference" / "facts.csv").open(encoding="utf-8") as file:
        for r in csv.DictReader(file):
            if r["best"] == "yes" and r["use"] in ("statement", "key_figure") and r["value"]:
                value = Decimal(r["value"])
                known[r["period_end"], abs(value)].add((r["concept"], r["segment"] or None, value))
    verdict: Counter[str] = Counter()
    failures = []
    for path in filings:
        lines = read(path.read_bytes()).lines
        map_lines(lines)
        for line, (sign, _) in zip(lines, sign_lines(lines), strict=True):
            facts = known.get((str(line.period_end), abs(line.value)))
            if not facts or not line.value or line.scope != "consolidated":
                continue
            if line.concept is None:
                verdict["unmapped"] += 1
            elif (line.concept, line.segment, line.value * sign) in facts:
                verdict["right"] += 1
            else:
                verdict["wrong"] += 1
                failures.append((path.parent.name, line.label, line.text, line.concept, line.segment, facts))
    assert verdict["right"] > 100
    assert verdict["wrong"] == 0, failures[:5]
    assert verdict["unmapped"] <= 0.02 * verdict["right"]
