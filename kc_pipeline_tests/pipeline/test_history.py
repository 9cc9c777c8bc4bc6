"""The history of figures in the bundled filings: as of a date, second versions, scopes; and in made-up filings."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from kc_pipeline.config import Settings
from kc_pipeline.lineage import explain, render
from kc_pipeline.warehouse.connect import open_published
from kc_pipeline_tests.conftest import REPO, Bundle, copy_of_data, copy_of_published, run_pipeline


def ask(settings: Settings, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with open_published(settings) as con:
        return con.execute(sql, list(parameters)).fetchall()


def test_facts_as_of_a_date_are_those_first_filed_and_nothing_of_what_came_later(bundle: Bundle) -> None:
    day = "2025-03-31"
    assert ask(
        bundle.settings,
        """SELECT DISTINCT document_id FROM core.facts_as_of(?) WHERE period_end = '2024-12-31'
           AND known_at > '2024-12-31' AND company = 'KC'""",
        day,
    ) == [("KC/2024Q4-release/release",)]
    assert ask(
        bundle.settings,
        "SELECT count(*) FROM core.facts_as_of(?) WHERE known_at > ? OR period_end > '2024-12-31'",
        day,
        day,
    ) == [(0,)]
    assert ask(bundle.settings, "SELECT count(*) FROM core.facts WHERE period_end = '2025-03-31'")[0][0] > 50
    # each figure of the quarter as it was filed first, although some were stated to the thousand a month later
    first = "SELECT fact_id, value FROM core.facts WHERE version = 1 AND period_end = '2024-12-31' AND known_at <= ? ORDER BY 1"
    then = "SELECT fact_id, value FROM core.facts_as_of(?) WHERE period_end = '2024-12-31' ORDER BY 1"
    assert ask(bundle.settings, then, day) == ask(bundle.settings, first, day)
    assets = "SELECT value::BIGINT FROM core.facts_{} WHERE concept = 'assets' AND period_end = '2024-12-31' AND company = 'KC' AND scope = 'consolidated'"
    assert ask(bundle.settings, assets.format(f"as_of('{day}')")) == [(17_593_000_000,)]
    assert ask(bundle.settings, assets.format("latest")) == [(17_592_654_000,)]


RECLASSIFIED = "concept = 'accrued_others_non_current' AND period_end = '2021-12-31'"


def test_the_reclassification_at_the_end_of_2021(bundle: Bundle) -> None:
    assert ask(
        bundle.settings,
        f"""SELECT kind, first_value::BIGINT, later_value::BIGINT, change::BIGINT, first_document_id, later_document_id
            FROM core.revisions WHERE {RECLASSIFIED}""",
    ) == [
        (
            "reclassification",
            45_232_000,
            29_278_000,
            -15_954_000,
            "KC/6-K-2022-12/report",
            "KC/20-F-2022/report",
        ),
    ]
    # what left the line stands in a line that is new in the later document: the siblings' sum is unchanged
    assert ask(
        bundle.settings,
        "SELECT value::BIGINT FROM core.facts WHERE concept = 'unrecognized_tax_benefit' AND period_end = '2021-12-31'",
    ) == [(15_954_000,)]
    value = f"SELECT value::BIGINT FROM core.facts_{{}} WHERE {RECLASSIFIED}"
    assert ask(bundle.settings, value.format("as_of('2023-01-31')")) == [(45_232_000,)]
    assert ask(bundle.settings, value.format("latest")) == [(29_278_000,)]


def test_explain_shows_both_versions_of_a_reclassified_figure(bundle: Bundle) -> None:
    with bundle.connect() as con:
        text = render(explain(con, "KC", "2021Q4", "accrued_others_non_current"))
    assert "reclassification" in text
    for version, value, document in (
        ("version 1 ", "CNY 45.232 million", "KC/6-K-2022-12/report"),
        ("version ", "2 of 2", ""),
        (" = ", "CNY 29.278 million", ""),
        ("document ", "KC/20-F-2022/report", ""),
    ):
        assert any(version in line and value in line and document in line for line in text.splitlines()), text


def test_revenue_of_2024_in_prospectus_and_annual_report_is_a_sighting(bundle: Bundle) -> None:
    fact = """concept = 'revenues' AND segment IS NULL AND period_end = '2024-12-31' AND months = 12
              AND document_id = 'KC/424B5-2025-04/report'"""
    assert ask(
        bundle.settings,
        f"""SELECT f.value::BIGINT, s.document_id, s.value::BIGINT FROM core.facts f JOIN core.sightings s USING (fact_id)
            WHERE {fact.replace("document_id", "f.document_id")} AND s.document_id LIKE 'KC/20-F%'""",
    ) == [(7_785_180_000, "KC/20-F-2024/report", 7_785_200_000)]
    assert ask(
        bundle.settings,
        f"SELECT count(*) FROM core.revisions WHERE first_fact_id IN (SELECT fact_id FROM core.facts WHERE {fact})",
    ) == [(0,)]


def test_no_parent_company_figure_is_one_of_the_group(bundle: Bundle, shared: Path) -> None:
    with (shared / "reference" / "facts.csv").open(encoding="utf-8", newline="") as handle:
        rows = [r for r in csv.DictReader(handle) if r["unit"] == "RMB"]
    parents = {"parent_company", "parent_company_only"}
    mine = {(r["period_end"], abs(D(r["value"]))) for r in rows if r["segment"] in parents}
    group = {(r["period_end"], abs(D(r["value"]))) for r in rows if r["segment"] not in parents}
    found = ask(
        bundle.settings,
        "SELECT scope, period_end::VARCHAR, abs(value) FROM core.facts WHERE unit = 'CNY' AND value <> 0",
    )
    of_scope = {scope: {f[1:] for f in found if f[0] == scope} for scope in ("consolidated", "parent_only")}
    assert len(mine & of_scope["parent_only"]) > 60
    assert not (mine - group) & of_scope["consolidated"]


def test_no_revision_is_a_flip_of_sign(bundle: Bundle) -> None:
    assert (
        ask(
            bundle.settings,
            "SELECT count(*), count(*) FILTER (first_value = -later_value AND first_value <> 0) FROM core.revisions",
        )[0][1]
        == 0
    )
    assert ask(bundle.settings, "SELECT count(*) > 50 FROM core.revisions") == [(True,)]


# ---- altered copies


def test_an_altered_mapping_rule_changes_its_figures_by_mapping_and_revises_nothing(
    bundle: Bundle, tmp_path: Path
) -> None:
    """The rule of one concept is taken out in a copy of the package, which then builds on the same filings."""
    settings = copy_of_published(bundle, tmp_path / "data")
    concept = "individual_income_tax_payable"
    before = ask(settings, "FROM core.revisions ORDER BY ALL")
    affected = ask(settings, "SELECT fact_id FROM core.facts WHERE concept = ? ORDER BY 1", concept)
    assert len(affected) >= 5
    assert ask(settings, "SELECT count(*) FROM core.revisions WHERE concept = ?", concept) == [(0,)]

    shutil.copytree(
        REPO / "kc_pipeline", tmp_path / "copy" / "kc_pipeline", ignore=shutil.ignore_patterns("__pycache__")
    )
    file = tmp_path / "copy" / "kc_pipeline" / "concepts" / "catalogue.toml"
    text = file.read_text(encoding="utf-8")
    block = re.search(rf'name = "{concept}"\n.*?(?=\n\[\[concept\]\]|\Z)', text, re.DOTALL)
    assert block
    altered = re.sub(
        r"labels = '''.*?'''", "labels = '''\nNothing that anyone prints\n'''", block[0], flags=re.DOTALL
    )
    assert altered != block[0]
    file.write_text(text.replace(block[0], altered), encoding="utf-8")

    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path / "copy"),
        "KC_DATA": str(settings.data),
        "KC_WAREHOUSE": str(settings.warehouse),
    }
    program = (
        "import kc_pipeline; from kc_pipeline.config import Settings, load_companies; from kc_pipeline.pipeline import *\n"
        "s = Settings.from_env(); c = load_companies(s.companies_file); j = Journal.open(s.runs, 'second')\n"
        "ingest(s, c, j); extract_documents(s, c, j); build_and_publish(s, c, j, 'second'); print(kc_pipeline.__file__)"
    )

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], env=environment, cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert str(tmp_path / "copy") in run("-c", program)
    changes = ask(settings, "SELECT what, change, id, cause FROM meta.changes ORDER BY id")
    assert {c[3] for c in changes} == {"mapping"}
    assert [(c[2],) for c in changes if c[0] == "fact"] == affected
    assert {c[1] for c in changes if c[0] == "fact"} == {"removed"}
    assert ask(settings, "FROM core.revisions ORDER BY ALL") == before
    said = run("-m", "kc_pipeline.cli", "diff")
    assert f"{len(affected)} facts removed by mapping" in said


def test_an_original_in_a_transcripts_place_with_one_figure_changed_is_one_transcription(
    bundle: Bundle, tmp_path: Path
) -> None:
    settings = copy_of_data(tmp_path / "data", read_by=bundle)
    transcript = settings.filings / "KC" / "2025Q1-release"
    original = settings.filings / "KC" / "2025Q1-original"
    shutil.copytree(transcript, original)
    manifest = json.loads((transcript / "manifest.json").read_text(encoding="utf-8"))
    manifest["documents"][0].update(kind="original", transcript_of=None, note=None)
    (original / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    html = (transcript / "release.htm").read_text(encoding="utf-8")
    plain = re.sub(r' data-[a-z-]+="[^"]*"', "", html)
    row = re.search(r"<tr><td>Interest expense</td>.*?</tr>", plain)
    assert row
    assert "(82.7" in row[0]
    (original / "release.htm").write_text(
        plain.replace(row[0], row[0].replace("(82.7", "(83.7")), encoding="utf-8"
    )
    report = run_pipeline(settings)
    assert not report.quarantined
    columns = "kind, concept, period_end::VARCHAR, first_value::BIGINT, later_value::BIGINT, first_document_id, later_document_id"
    revisions = f"SELECT {columns} FROM core.revisions ORDER BY ALL"
    before, after = ask(bundle.settings, revisions), ask(settings, revisions)
    assert [r for r in after if r not in before] == [
        (
            "transcription", "interest_expense", "2025-03-31", 82_700_000, 83_700_000,
            "KC/2025Q1-release/release", "KC/2025Q1-original/release",
        )
    ]  # fmt: skip
    assert [r for r in before if r not in after] == []
    assert ask(
        settings,
        "SELECT value::BIGINT, evidence FROM core.facts_latest WHERE concept = 'interest_expense' AND period_end = '2025-03-31' AND months = 3",
    ) == [(83_700_000, "original")]


def statement(scale: str, columns: list[str], rows: dict[str, list[str]], remark: str = "") -> str:
    """Return a made-up income statement."""
    head = "".join(f"<td>{c}</td>" for c in ["", *columns])
    currency = "".join("<td>RMB</td>" for _ in columns)
    body = "".join(
        f"<tr><td>{label}</td>{''.join(f'<td>{v}</td>' for v in figures)}</tr>"
        for label, figures in rows.items()
    )
    return (
        "<html><body><p>MADE-UP HOLDINGS LIMITED</p>"
        f"<p>UNAUDITED CONDENSED CONSOLIDATED STATEMENTS OF OPERATIONS{remark}</p><p>(Amounts in {scale} of Renminbi)</p>"
        f"<table><tr>{head}</tr><tr><td></td>{currency}</tr>{body}</table></body></html>"
    )


def filing(settings: Settings, name: str, filed: str, period: str, kind: str, html: str) -> None:
    folder = settings.filings / "MADE" / name
    folder.mkdir(parents=True)
    (folder / f"{kind}.htm").write_text(html, encoding="utf-8")
    document = {
        "file": f"{kind}.htm", "type": kind, "kind": "original", "exhibit": None, "url": None, "transcript_of": None, "note": None,
    }  # fmt: skip
    manifest = {
        "company": "MADE", "form": "6-K", "accession": None, "url": None, "filing_date": filed, "filing_date_precision": "day",
        "accepted_at": None, "period_of_report": period, "documents": [document],
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture
def made_up(tmp_path: Path) -> Settings:
    """Two first reports in thousands, and a restated comparative in millions."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "companies.toml").write_text(
        '[[company]]\nid = "MADE"\nname = "Made-up Holdings Limited"\nreporting_currency = "CNY"\n',
        encoding="utf-8",
    )
    settings = Settings(data=data, warehouse=data / "kc.duckdb", max_document_bytes=1_000_000, keep_builds=3)
    first, later = "Three months ended March 31, 2024", "Three months ended March 31, 2025"

    def rows(*figures: tuple[str, str, str]) -> dict[str, list[str]]:
        labels = ("Total revenues", "Cost of revenues", "Gross profit")
        return {label: [f[i] for f in figures] for i, label in enumerate(labels)}

    old, new = ("1,775,698", "(1,475,698)", "300,000"), ("1,970,005", "(1,650,005)", "320,000")
    restated, again = ("1,700", "(1,450)", "250"), ("1,970", "(1,650)", "320")
    filing(settings, "a", "2024-05-22", "2024-03-31", "release", statement("thousands", [first], rows(old)))
    filing(settings, "b", "2025-05-28", "2025-03-31", "release", statement("thousands", [later], rows(new)))
    filing(
        settings, "c", "2025-09-01", "2025-03-31", "report",
        statement("millions", [f"{first} (As restated)", later], rows(restated, again)),
    )  # fmt: skip
    run_pipeline(settings)
    return settings


def test_a_restated_comparative_in_millions_changes_what_is_known_from_its_day_on(made_up: Settings) -> None:
    assert ask(
        made_up,
        """SELECT concept, kind, first_value::BIGINT, later_value::BIGINT, first_document_id, later_document_id, materiality
           FROM core.revisions ORDER BY 1""",
    ) == [
        (
            "cost_of_revenue",
            "restatement",
            1_475_698_000,
            1_450_000_000,
            "MADE/a/release",
            "MADE/c/report",
            "below_threshold",
        ),
        (
            "gross_profit",
            "restatement",
            300_000_000,
            250_000_000,
            "MADE/a/release",
            "MADE/c/report",
            "material",
        ),
        (
            "revenues",
            "restatement",
            1_775_698_000,
            1_700_000_000,
            "MADE/a/release",
            "MADE/c/report",
            "below_threshold",
        ),
    ]
    revenue = (
        "SELECT value::BIGINT FROM core.facts_{} WHERE concept = 'revenues' AND period_end = '2024-03-31'"
    )
    assert ask(made_up, revenue.format("as_of('2025-08-31')")) == [(1_775_698_000,)]
    for now in ("as_of('2025-09-01')", "latest"):
        assert ask(made_up, revenue.format(now)) == [(1_700_000_000,)]


def test_growth_takes_both_terms_as_known_at_one_date(made_up: Settings) -> None:
    def kpi(relation: str, period: str, name: str) -> float:
        (row,) = ask(
            made_up, f"SELECT value::DOUBLE FROM {relation} WHERE period = ? AND kpi = ?", period, name
        )
        return float(row[0])

    before, now = "marts.kpis_as_of('2025-08-31')", "marts.kpis"
    assert kpi(before, "2025Q1", "revenue_growth_yoy") == pytest.approx(1_970_005 / 1_775_698 - 1, abs=1e-9)
    assert kpi(now, "2025Q1", "revenue_growth_yoy") == pytest.approx(1_970.005 / 1_700 - 1, abs=1e-9)
    assert kpi(before, "2024Q1", "gross_margin") == pytest.approx(300_000 / 1_775_698, abs=1e-9)
    assert kpi(now, "2024Q1", "gross_margin") == pytest.approx(250 / 1_700, abs=1e-9)
    assert kpi(before, "2025Q1", "gross_margin") == kpi(now, "2025Q1", "gross_margin")
