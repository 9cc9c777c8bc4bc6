"""What a pack declares counts for its company: in prose, labels and KPIs, and for no other."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from kc_pipeline import concepts, kpis
from kc_pipeline.cli.main import cli
from kc_pipeline.config import Company, ConfigurationError, Settings, following
from kc_pipeline.pipeline import RunRecord
from kc_pipeline.warehouse.connect import open_published
from kc_pipeline_tests.conftest import run_pipeline

OWN = """
[[concepts]]
name = "harvest_value"
kind = "operating_amount"
description = "What the harvest is worth at market prices."
labels = '''
Harvest at market prices
'''

[[amounts]]
name = "harvest_value"
group = "revenue"
any_of = [["harvest_value"]]
growth = ["yoy"]
description = "Value of the harvest"
source = "the issuer's releases"

[[phrases]]
metric = "harvest_value"
phrases = ["harvest value"]
"""
PAGE = """<html><title>{name} Announces First Quarter 2025 Results</title><body>
<h1>{name} Announces First Quarter 2025 Results</h1><p>May 15, 2025 - {name} today announced its unaudited financial
results for the first quarter ended March 31, 2025.</p><h2>First Quarter 2025 Financial Results</h2>
<p>Harvest value was US$12.5 million, compared with US$10.0 million in the same quarter of 2024.</p>
<p>CONSOLIDATED STATEMENTS OF OPERATIONS (in thousands of US dollars)</p><table><tr><td></td>
<td colspan="2">Three Months Ended March 31,</td></tr><tr><td></td><td>2024</td><td>2025</td></tr>
<tr><td>Total revenues</td><td>900</td><td>1,000</td></tr><tr><td>Cost of revenues</td><td>500</td><td>600</td></tr>
<tr><td>Gross profit</td><td>400</td><td>400</td></tr></table></html>"""
NAMES = {"FARM": "Green Farm Inc.", "MILL": "Old Mill Inc."}


@pytest.fixture
def two(tmp_path: Path) -> Settings:
    """Two companies with the same words in their releases, one of which declares a measure of its own."""
    data = tmp_path / "data"
    for company, name in NAMES.items():
        pack = data / "companies" / company
        pack.mkdir(parents=True)
        (pack / "company.toml").write_text(f'name = "{name}"\nreporting_currency = "USD"\n', encoding="utf-8")
        folder = data / "filings" / company / "2025Q1-release"
        folder.mkdir(parents=True)
        (folder / "release.htm").write_text(PAGE.format(name=name), encoding="utf-8")
        manifest = {
            "company": company, "form": "8-K", "filing_date": "2025-05-15", "filing_date_precision": "day",
            "period_of_report": "2025-03-31",
            "documents": [{"file": "release.htm", "type": "release", "kind": "original"}],
        }  # fmt: skip
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (data / "companies" / "FARM" / "own.toml").write_text(OWN, encoding="utf-8")
    return Settings(data=data, warehouse=data / "kc.duckdb", max_document_bytes=1_000_000, keep_builds=2)


def _read(settings: Settings) -> tuple[int, int]:
    """Run; return how many documents were read and how many were known."""
    run_pipeline(settings)
    record = RunRecord.load(settings.last_run)
    assert record is not None
    return record.parsed, record.from_cache


def test_a_measure_of_ones_own_is_nobody_elses(two: Settings) -> None:
    assert _read(two) == (2, 0)
    with open_published(two) as con:
        found = con.execute(
            "SELECT company, kpi, value FROM marts.kpis WHERE kpi LIKE 'harvest%' AND period = '2025Q1' ORDER BY ALL"
        ).fetchall()
        absent = con.execute("SELECT company FROM marts.kpi_absent WHERE kpi LIKE 'harvest%'").fetchall()
    assert [(c, k, float(v)) for c, k, v in found] == [
        ("FARM", "harvest_value", 12_500_000.0),
        ("FARM", "harvest_value_growth_yoy", 0.25),
    ]
    assert "MILL" not in {c for (c,) in absent}


def test_only_documents_whose_words_changed_are_read_again(two: Settings) -> None:
    assert _read(two) == (2, 0)
    assert _read(two) == (0, 2)
    own = two.data / "companies" / "FARM" / "own.toml"
    own.write_text(OWN.replace('["harvest value"]', '["harvest value", "crop value"]'), encoding="utf-8")
    assert _read(two) == (1, 1)
    own.write_text(OWN.replace("Value of the harvest", "The harvest's value"), encoding="utf-8")
    assert _read(two) == (0, 2), "a description of a KPI is no word of reading, and the first reading is kept"


def test_extract_reads_a_lone_document_by_the_words_of_the_company_that_it_names(two: Settings) -> None:
    metrics = {}
    for company in NAMES:
        page = two.filings / company / "2025Q1-release" / "release.htm"
        result = CliRunner().invoke(
            cli, ["extract", str(page), "--format", "json"], env={"KC_DATA": str(two.data)}
        )
        assert result.exit_code == 0, result.output
        metrics[company] = {s["metric"] for s in json.loads(result.output)["stated"]}
    assert "harvest_value" in metrics["FARM"]
    assert "harvest_value" not in metrics["MILL"]


def _company(company: str, **declared: object) -> Company:
    return Company.model_validate({"id": company, "name": company, "reporting_currency": "USD", **declared})


def _concept(**more: object) -> dict[str, object]:
    return {"name": "harvest_value", "kind": "operating_amount", "description": "What it is worth.", **more}


def _amount(**more: object) -> dict[str, object]:
    entry = {
        "name": "harvest",
        "group": "x",
        "any_of": [["harvest_value"]],
        "description": "x",
        "source": "x",
    }
    return {**entry, **more}


def test_two_packs_may_declare_the_same_in_the_same_way() -> None:
    both = [
        _company(i, concepts=[_concept(labels=f"Harvest of {i}")], amounts=[_amount()]) for i in ("A", "B")
    ]
    with following(both):
        assert "harvest_value" in concepts.catalogue()
        assert kpis.catalogue().kpis["harvest"].specific
    assert "harvest_value" not in concepts.catalogue()
    assert "harvest" not in kpis.catalogue().kpis


@pytest.mark.parametrize(
    ("first", "second", "asked", "said"),
    [
        ({"concepts": [_concept()]}, {"concepts": [_concept(additive=False)]}, concepts.catalogue, "company B: concepts: harvest_value: another pack"),
        (
            {"concepts": [_concept()], "amounts": [_amount()]},
            {"concepts": [_concept()], "amounts": [_amount(direction="higher")]},
            kpis.catalogue,
            "company B: amounts: harvest: another pack",
        ),
    ],
)  # fmt: skip
def test_two_packs_that_mean_two_things_by_one_name_are_refused(
    first: dict[str, object], second: dict[str, object], asked: Callable[[], object], said: str
) -> None:
    with (
        following([_company("A", **first), _company("B", **second)]),
        pytest.raises(ConfigurationError, match=said),
    ):
        asked()
