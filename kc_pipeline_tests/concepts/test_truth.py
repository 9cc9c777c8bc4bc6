"""The mapper against what issuers tagged, and against the reference's figures of Kingsoft Cloud."""

import csv
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from kc_pipeline.concepts import agrees, map_lines, sign_lines, vocabulary_of
from kc_pipeline.config import load_companies
from kc_pipeline_tests.concepts.harvest import Row, harvest

KINDS = ("balance_sheet", "income", "cash_flow")

# What is reached, per folder: the share of rows mapped per statement, and the share of mapped rows that agree.
FLOORS: dict[str, tuple[float, float, float, float]] = {
    "10-K": (0.960, 0.954, 0.932, 0.995),
    "10-Q": (0.955, 0.919, 0.935, 0.995),
    "8-K": (0.998, 0.948, 0.998, 0.995),
    "nvidia": (0.993, 0.998, 0.985, 0.995),
}


@pytest.fixture(scope="module")
def rows(shared: Path) -> dict[str, list[Row]]:
    """Each number tagged with a us-gaap element, mapped by the label beside it; by folder."""
    out: dict[str, list[Row]] = defaultdict(list)
    for truth in sorted((shared / "realdocs").glob("*/*.truth.json")):
        html = next(p for p in truth.parent.glob(truth.name.replace(".truth.json", ".htm*")))
        document = sorted(harvest(html), key=lambda r: (r.table, r.row))
        map_lines(document)
        out[truth.parent.name] += [r for r in document if r.element.startswith("us-gaap:")]
    return out


def test_every_folder_with_us_gaap_truth_has_a_floor(rows: dict[str, list[Row]]) -> None:
    assert {folder for folder, of_folder in rows.items() if of_folder} == set(FLOORS)


@pytest.mark.parametrize("folder", FLOORS)
def test_mapped_rows_agree_with_their_element(rows: dict[str, list[Row]], folder: str) -> None:
    mapped = [r for r in rows[folder] if r.concept]
    wrong = Counter((r.concept, r.element, r.label) for r in mapped if not agrees(r.concept or "", r.element))
    assert 1 - sum(wrong.values()) / len(mapped) >= FLOORS[folder][3], wrong.most_common(20)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("folder", FLOORS)
def test_most_rows_are_mapped(rows: dict[str, list[Row]], folder: str, kind: str) -> None:
    of_kind = [r for r in rows[folder] if r.statement == kind]
    assert len(of_kind) > 100
    assert sum(1 for r in of_kind if r.concept) / len(of_kind) >= FLOORS[folder][KINDS.index(kind)]


@pytest.mark.parametrize(("kind", "floor"), list(zip(KINDS, (0.96, 0.94, 0.94), strict=True)))
def test_most_rows_of_all_folders_are_mapped(rows: dict[str, list[Row]], kind: str, floor: float) -> None:
    of_kind = [r for of_folder in rows.values() for r in of_folder if r.statement == kind]
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
    own = vocabulary_of(load_companies(repo / "data" / "companies.toml")["KC"])
    verdict: Counter[str] = Counter()
    failures = []
    for path in filings:
        lines = read(path.read_bytes()).lines
        map_lines(lines, own.synonyms, own.concepts)
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
