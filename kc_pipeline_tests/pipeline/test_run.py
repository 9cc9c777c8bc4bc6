"""What a run does with wrong inputs, changed inputs, failures and repetition."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from kc_pipeline.cli.main import cli
from kc_pipeline.config import load_companies
from kc_pipeline.pipeline import RunRecord
from kc_pipeline.pipeline.journal import unended
from kc_pipeline.pipeline.run import BuildFailedError
from kc_pipeline.warehouse.connect import open_published
from kc_pipeline.warehouse.contents import content_hash
from kc_pipeline_tests.conftest import Bundle, copy_of_data, copy_of_published, run_pipeline


def _record(bundle_settings) -> RunRecord:  # type: ignore[no-untyped-def]
    record = RunRecord.load(bundle_settings.last_run)
    assert record is not None
    return record


def spoil_total_assets(release: Path) -> None:
    """Raise the first printed figure of the row `Total assets` by 1,000 (thousand)."""
    text = release.read_text(encoding="utf-8")
    row = re.search(r"<tr[^>]*>(?:(?!</tr>).)*?Total assets.*?</tr>", text, re.DOTALL)
    assert row
    figure = re.search(r">(\d{1,3}(?:,\d{3})+)<", row[0])
    assert figure
    changed = f"{int(figure[1].replace(',', '')) + 1000:,}"
    spoilt = row[0].replace(f">{figure[1]}<", f">{changed}<", 1)
    release.write_text(text.replace(row[0], spoilt, 1), encoding="utf-8")


def test_a_document_that_does_not_add_up_is_kept_out_and_the_rest_is_as_before(
    bundle: Bundle, tmp_path: Path
) -> None:
    settings = copy_of_data(tmp_path / "data", read_by=bundle)
    spoil_total_assets(settings.filings / "KC" / "2023Q1-release" / "release.htm")
    report = run_pipeline(settings)
    assert [q["document_id"] for q in report.quarantined] == ["KC/2023Q1-release/release"]
    reason = report.quarantined[0]["reason"]
    assert "1,000" in reason.replace(" ", "") or "1000000" in reason.replace(",", ""), reason
    assert report.quarantined[0]["table_index"] is not None
    # what follows from a figure that was kept out is gone with it
    facts = """SELECT fact_id, value FROM core.facts f WHERE document_id <> 'KC/2023Q1-release/release'
        AND fact_id NOT IN (SELECT i.fact_id FROM core.fact_inputs i JOIN core.facts u ON u.fact_id = i.input_fact_id
          WHERE u.document_id = 'KC/2023Q1-release/release') ORDER BY 1"""
    versions_before = "SELECT count(*) FROM core.facts WHERE document_id = 'KC/2023Q1-release/release'"
    with bundle.connect() as before, open_published(settings) as after:
        assert after.execute(versions_before).fetchone() == (0,)
        assert after.execute("SELECT document_id FROM meta.quarantine").fetchall() == [
            ("KC/2023Q1-release/release",)
        ]
        kept = dict(after.execute(facts).fetchall())
        for fact_id, value in before.execute(facts).fetchall():
            assert kept[fact_id] == value


RELATIVE = """<html><body><p>Kingsoft Corporation Limited announces first quarter 2025 results. Its associate Kingsoft Cloud
is not consolidated.</p><p><b>Unaudited Condensed Consolidated Statements of Profit or Loss</b> (All amounts in millions of RMB)</p>
<table><tr><td></td><td>Three Months Ended March 31, 2025</td></tr><tr><td></td><td>RMB</td></tr>
<tr><td>Total revenues</td><td>2,338.0</td></tr><tr><td>Cost of revenues</td><td>(400.0)</td></tr>
<tr><td>Gross profit</td><td>1,938.0</td></tr></table></body></html>"""


def test_another_companys_release_is_kept_out(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_data(tmp_path / "data", read_by=bundle)
    folder = settings.filings / "KC" / "2025Q1-other"
    shutil.copytree(settings.filings / "KC" / "2025Q1-release", folder)
    text = (folder / "release.htm").read_text(encoding="utf-8")
    for own, other in (
        ("Kingsoft Cloud", "Rain Cloud"),
        ("NASDAQ: KC", "NASDAQ: RC"),
        ("HKEX: 3896", "HKEX: 1"),
    ):
        text = re.sub(own, other, text, flags=re.IGNORECASE)
    (folder / "release.htm").write_text(text, encoding="utf-8")
    # a relative's own release, which names the company, would take the place of the transcript of that quarter
    relative = settings.filings / "KC" / "2025Q1-relative"
    shutil.copytree(settings.filings / "KC" / "2025Q1-release", relative)
    manifest = json.loads((relative / "manifest.json").read_text(encoding="utf-8"))
    manifest["documents"][0] |= {"kind": "original", "transcript_of": None}
    (relative / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (relative / "release.htm").write_text(RELATIVE, encoding="utf-8")
    report = run_pipeline(settings)
    reasons = {q["document_id"]: q["reason"] for q in report.quarantined}
    assert set(reasons) == {"KC/2025Q1-other/release", "KC/2025Q1-relative/release"}
    assert "“kingsoft cloud”" in reasons["KC/2025Q1-other/release"]
    assert "Rain Cloud" in reasons["KC/2025Q1-other/release"]
    assert (
        "2 of its 2 figures that other documents of KC of the same period"
        in reasons["KC/2025Q1-relative/release"]
    )
    assert report.superseded == []
    kept_out = {c["check_name"]: c["kept_out"] for c in report.checks if c["kept_out"]}
    assert set(kept_out) == {"documents_name_their_company", "documents_agree_with_the_others"}
    with bundle.connect() as before, open_published(settings) as after:
        facts = "SELECT fact_id, value FROM core.facts ORDER BY 1"
        assert after.execute(facts).fetchall() == before.execute(facts).fetchall()


def test_a_second_run_parses_nothing_and_publishes_the_same_tables(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_published(bundle, tmp_path / "data")
    first = content_hash(settings.warehouse)
    assert _record(settings).parsed > 0
    report = run_pipeline(settings, "second")
    assert _record(settings).parsed == 0
    assert content_hash(settings.warehouse) == first
    assert report.changes == {}


def test_two_machines_with_the_same_filings_publish_the_same_tables(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_data(tmp_path / "elsewhere")
    run_pipeline(settings)
    assert content_hash(settings.warehouse) == content_hash(bundle.settings.warehouse)


def test_wrong_inputs_are_named_and_the_rest_is_published(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_data(tmp_path / "data", read_by=bundle)
    inbox = settings.filings / "KC"
    good = inbox / "2025Q1-release"

    def add(name: str, document: bytes, manifest: str | None = None) -> None:
        folder = inbox / name
        shutil.copytree(good, folder)
        (folder / "release.htm").write_bytes(document)
        if manifest is not None:
            (folder / "manifest.json").write_text(manifest, encoding="utf-8")

    whole = (good / "release.htm").read_bytes()
    add("a-recipe", b"<html><body><p>Take two eggs.</p></body></html>")
    add("b-empty", b"")
    add("c-truncated", whole[: len(whole) // 2])
    add("d-large", whole.replace(b"</body>", b"<p>" + b"x" * 60_000_000 + b"</p></body>"))
    add("e-manifest", whole, manifest='{"company": "KC", "form": 6}')
    report = run_pipeline(settings)
    skipped = {s["path"]: s["code"] for s in _record(settings).skipped}
    assert {p.split("/")[2]: code for p, code in skipped.items()} == {
        "a-recipe": "not_a_filing",
        "b-empty": "empty",
        "c-truncated": "truncated",
        "d-large": "too_large",
        "e-manifest": "bad_manifest",
    }
    assert len(report.skipped) == 5
    with bundle.connect() as before, open_published(settings) as after:
        count = "SELECT count(*) FROM core.facts"
        assert after.execute(count).fetchone() == before.execute(count).fetchone()
        assert after.execute("SELECT count(*) FROM meta.skipped").fetchone() == (5,)


def test_changed_bytes_under_an_unchanged_manifest_are_read_and_the_old_ones_stay(
    bundle: Bundle, tmp_path: Path
) -> None:
    settings = copy_of_published(bundle, tmp_path / "data")
    release = settings.filings / "KC" / "2025Q1-release" / "release.htm"
    old = release.read_bytes()
    assert b"RMB525 million" in old
    release.write_bytes(old.replace(b"RMB525 million", b"RMB526 million"))
    report = run_pipeline(settings, "second")
    with open_published(settings) as con:
        value = con.execute(
            "SELECT value::BIGINT FROM core.facts_latest WHERE concept = 'ai_gross_billing' AND period_end = '2025-03-31'"
        ).fetchone()
    assert value == (526_000_000,)
    assert report.changes.get("fact changed", 0) >= 1
    stored = [p.read_bytes() for p in (settings.store / "objects").rglob("*") if p.is_file()]
    assert old in stored


def test_a_build_that_fails_leaves_the_published_file_untouched(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = copy_of_published(bundle, tmp_path / "data")
    before = settings.warehouse.read_bytes()
    kept = set(settings.builds.glob("*.duckdb*"))
    assert kept

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("kc_pipeline.pipeline.build.compute", fails)
    with pytest.raises(BuildFailedError, match="the disk is full"):
        run_pipeline(settings, "second")
    assert settings.warehouse.read_bytes() == before
    record = _record(settings)
    assert record.verdict == "failed: the disk is full"
    assert not record.published
    with open_published(settings) as con:
        assert con.execute("SELECT count(*) > 0 FROM marts.kpis").fetchone() == (True,)
    assert set(settings.builds.glob("*.duckdb*")) == kept  # the private file of the failed build is gone


def test_a_build_whose_documents_are_all_kept_out_is_not_published(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_published(bundle, tmp_path / "data")
    for identity in (settings.data / "companies").glob("*/company.toml"):
        declared = identity.read_text(encoding="utf-8")
        declared = re.sub(r'^name = ".*"$', 'name = "Somebody Else Limited"', declared, flags=re.M)
        declared = re.sub(r"^(?:aliases|cik|tickers) = .*$", "", declared, flags=re.M)
        identity.write_text(declared, encoding="utf-8")
    before = settings.warehouse.read_bytes()
    with pytest.raises(BuildFailedError, match="every document was kept out, among them "):
        run_pipeline(settings)
    assert settings.warehouse.read_bytes() == before


def test_a_failed_check_of_the_build_stops_the_publish(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kc_pipeline.pipeline import build

    settings = copy_of_published(bundle, tmp_path / "data")
    before = settings.warehouse.read_bytes()
    compute = build.compute

    def doubles(con, *arguments, **keywords) -> None:  # type: ignore[no-untyped-def]
        compute(con, *arguments, **keywords)
        con.execute("INSERT INTO marts.kpis SELECT * FROM marts.kpis WHERE company = 'KC' LIMIT 1")

    monkeypatch.setattr(build, "compute", doubles)
    with pytest.raises(BuildFailedError, match="not published") as caught:
        run_pipeline(settings, "second")
    assert settings.warehouse.read_bytes() == before
    failed = [c for c in caught.value.checks if c["status"] == "failed" and c["severity"] == "block_build"]
    # the message names company, period and figure
    assert ["company KC" in c["message"] and "period 20" in c["message"] for c in failed] == [True]


def test_a_figure_with_two_facts_in_one_place_is_named_and_left_out_alone(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kc_pipeline.pipeline import build

    settings = copy_of_published(bundle, tmp_path / "data")
    make = build.build_facts
    figure = "concept = 'revenues' AND segment = 'public_cloud' AND period_end = '2024-09-30' AND months = 3"

    def doubles(con) -> dict[str, int]:  # type: ignore[no-untyped-def]
        counts = make(con)
        con.execute(f"INSERT INTO core.facts SELECT * FROM core.facts WHERE {figure}")
        return counts

    monkeypatch.setattr(build, "build_facts", doubles)
    report = run_pipeline(settings, "second")
    with bundle.connect() as before, open_published(settings) as after:
        left = f"SELECT document_id FROM core.facts WHERE {figure}"
        (document,) = before.execute(left).fetchone() or ("",)
        assert after.execute(left).fetchall() == []
        derived = f"""SELECT fact_id FROM core.facts WHERE origin = 'derived' AND figure_id IN (
            SELECT f.figure_id FROM core.fact_inputs i JOIN core.facts f USING (fact_id)
            WHERE i.input_fact_id IN (SELECT fact_id FROM core.facts WHERE {figure}))"""
        gone = before.execute(derived).fetchall()
        assert gone
        kept = "SELECT * EXCLUDE (suspect, version) FROM core.facts ORDER BY fact_id"
        expected = f"""SELECT * EXCLUDE (suspect, version) FROM core.facts WHERE ({figure}) IS NOT TRUE
            AND NOT list_contains({[g[0] for g in gone]}::VARCHAR[], fact_id) ORDER BY fact_id"""
        assert set(after.execute(kept).fetchall()) ^ set(before.execute(expected).fetchall()) == set()
        newest = "SELECT count(*) - count(DISTINCT figure_id), count(*) FROM core.facts_latest"
        figures = after.execute("SELECT count(DISTINCT figure_id) FROM core.facts").fetchone() or (0,)
        assert after.execute(newest).fetchone() == (0, *figures)
        assert after.execute(
            "SELECT count(*) FROM raw.documents WHERE status = 'quarantined'"
        ).fetchone() == (0,)
    (reason,) = [
        q["reason"] for q in report.quarantined if document in q["reason"] and "share" in q["reason"]
    ]
    assert reason.startswith("KC revenues/public_cloud 2024-07-01 to 2024-09-30 in CNY: 2 facts")


def test_what_was_damaged_or_left_by_a_killed_run_is_put_right_and_said(
    bundle: Bundle, tmp_path: Path
) -> None:
    settings = copy_of_published(bundle, tmp_path / "data")
    stored = next((settings.store / "objects").rglob("*?" * 32))
    record = next((settings.store / "records" / "KC" / "2024Q2-release").rglob("*.json"))
    for path, data in ((stored, b"x" * stored.stat().st_size), (record, record.read_bytes()[:40])):
        path.chmod(0o644)
        path.write_bytes(data)
    killed = """import os, signal, sys
from pathlib import Path
from kc_pipeline.pipeline import Journal
journal = Journal.open(Path(sys.argv[1]), "killed")
journal.begin("reading documents")
os.kill(os.getpid(), signal.SIGKILL)"""
    subprocess.run([sys.executable, "-c", killed, str(settings.runs)], check=False)
    (settings.runs / "cut.json").write_text("{", encoding="utf-8")
    (journal,) = [j for j in unended(settings) if j.path.stem == "killed"]
    assert "was killed or broke off (reading documents)" in journal.words

    run_pipeline(settings, "second")
    mended = "\n".join(_record(settings).mended)
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == stored.name
    assert f"{stored}: stored document was damaged; put right" in mended
    assert f"{record}: record of a stored document cannot be read" in mended
    assert "cleared up after run killed" in mended
    assert "cleared up after run cut" in mended
    assert unended(settings) == []
    with bundle.connect() as before, open_published(settings) as after:
        assert content_hash(before) == content_hash(after)


def test_a_running_run_keeps_its_journal(bundle: Bundle, tmp_path: Path) -> None:
    from kc_pipeline.pipeline import Journal, ingest

    settings = copy_of_published(bundle, tmp_path / "data")
    running = Journal.open(settings.runs, "running")
    running.begin("building the warehouse")
    ingest(settings, load_companies(settings.companies_file), Journal.open(settings.runs, "other"))
    assert [j.running for j in unended(settings)] == [True, True]
    assert running.words.endswith("is running (building the warehouse)")


def test_the_verdict_of_each_run_is_kept_under_its_id(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_published(bundle, tmp_path / "data")
    run_pipeline(settings, "second")
    for company in settings.filings.iterdir():
        shutil.rmtree(company)
    with pytest.raises(BuildFailedError):
        run_pipeline(settings, "third")
    verdicts = [RunRecord.of(settings, name) for name in ("test", "second", "third")]
    assert [r.verdict.split(":")[0] for r in verdicts if r] == ["published", "published", "failed"]
    assert _record(settings) == verdicts[-1]


def test_the_brief_of_a_quarter_that_was_taken_away_goes(bundle: Bundle, tmp_path: Path) -> None:
    from kc_pipeline.pipeline import write_briefs

    settings = copy_of_published(bundle, tmp_path / "data")
    newest = write_briefs(settings)
    own = settings.briefs / "KC" / "notes.md"
    kept = settings.briefs / "KC" / "2024Q4.md"
    for path in (own, kept):
        path.write_text("a user's", encoding="utf-8")
    shutil.rmtree(settings.filings / "KC" / "2026Q1-release")
    run_pipeline(settings, "second")
    left = write_briefs(settings)
    folder = settings.briefs / "KC"
    assert [p.name for p in newest if p.parent == folder] == ["2026Q1.md", "2026Q1.html"]
    assert [p.name for p in left if p.parent == folder] == ["2025Q4.md", "2025Q4.html"]
    assert sorted(folder.iterdir()) == sorted([own, kept, *(p for p in left if p.parent == folder)])


def test_the_newest_briefs_are_written(bundle: Bundle) -> None:
    from kc_pipeline.pipeline import write_briefs

    written = write_briefs(bundle.settings)
    own = [p for p in written if p.parent.name == "KC"]
    assert [p.name for p in own] == ["2026Q1.md", "2026Q1.html"]
    assert {p.parent.name for p in written} == set(load_companies(bundle.settings.companies_file))
    text = own[0].read_text(encoding="utf-8")
    assert "None of its figures was read in the issuer's own document" in text


def test_a_lost_cache_and_a_narrow_run_do_not_shrink_the_warehouse(bundle: Bundle, tmp_path: Path) -> None:
    from kc_pipeline.pipeline import Journal, build_and_publish, extract_documents

    settings = copy_of_published(bundle, tmp_path / "data")
    before = content_hash(settings.warehouse)
    shutil.rmtree(settings.extracted)
    companies = load_companies(settings.companies_file)
    journal = Journal.open(settings.runs, "second")
    extract_documents(settings, companies, journal, quarters={"2025Q1"})
    build_and_publish(settings, companies, journal, "second")
    assert content_hash(settings.warehouse) == before


def test_damaged_files_of_the_last_run_do_not_stop_the_next_one(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_published(bundle, tmp_path / "data")
    before = content_hash(settings.warehouse)
    settings.warehouse.chmod(0o644)
    settings.warehouse.unlink()
    settings.warehouse.write_bytes(b"not a database")
    settings.last_run.write_text("{", encoding="utf-8")
    assert RunRecord.load(settings.last_run) is None
    report = run_pipeline(settings, "second")
    assert any("cannot be read" in remark for remark in report.remarks)
    assert content_hash(settings.warehouse) == before


def test_an_original_without_a_statement_does_not_cost_the_transcripts_figures(
    bundle: Bundle, tmp_path: Path
) -> None:
    settings = copy_of_data(tmp_path / "data", read_by=bundle)
    transcript = settings.filings / "KC" / "2025Q1-release"
    original = settings.filings / "KC" / "2025Q1-original"
    original.mkdir()
    manifest = json.loads((transcript / "manifest.json").read_text(encoding="utf-8"))
    manifest["documents"][0].update(kind="original", transcript_of=None, note=None)
    (original / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (original / "release.htm").write_text(
        "<html><body><p>Total revenues were RMB1,970.0 million in the first quarter of 2025.</p></body></html>",
        encoding="utf-8",
    )
    run_pipeline(settings)
    with open_published(settings) as con:
        status = dict(
            con.execute(
                "SELECT document_id, status FROM raw.documents WHERE filing_id LIKE '%2025Q1%'"
            ).fetchall()
        )
    assert status["KC/2025Q1-release/release"] == "accepted"


def test_a_period_that_has_not_ended_is_said_and_not_taken_up(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_data(tmp_path / "data", read_by=bundle)
    folder = settings.filings / "KC" / "2026Q1-release"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest |= {"period_of_report": "2999-03-31", "filing_date": "2999-05-27"}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    run_pipeline(settings)
    assert [s["path"] for s in _record(settings).skipped] == ["filings/KC/2026Q1-release/release.htm"]
    assert "2999-03-31, after today" in _record(settings).skipped[0]["reason"]


def test_a_filing_dated_after_today_is_said_and_not_taken_up(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_data(tmp_path / "data", read_by=bundle)
    folder = settings.filings / "KC" / "2026Q1-release"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(
        json.dumps(manifest | {"filing_date": "2999-05-27"}), encoding="utf-8"
    )
    run_pipeline(settings)
    assert [(s["code"], s["reason"]) for s in _record(settings).skipped] == [
        ("not_yet", "its filing date is 2999-05-27, after today")
    ]
    with open_published(settings) as con:
        assert con.execute("SELECT count(*) FROM core.facts WHERE known_at > current_date").fetchone() == (0,)
        assert con.execute(
            "SELECT count(*) FROM raw.documents WHERE filing_id LIKE '%2026Q1%'"
        ).fetchone() == (0,)


REWRITES = """<html><body><p>Kingsoft Cloud announces second quarter 2026 results.</p>
<p><b>Unaudited Condensed Consolidated Statements of Comprehensive Loss</b> (All amounts in millions of RMB)</p>
<table><tr><td></td><td>Three Months Ended March 31, 2026</td><td>Three Months Ended June 30, 2026</td></tr>
<tr><td></td><td>RMB</td><td>RMB</td></tr>
<tr><td>Total revenues</td><td>2,903.7</td><td>3,000.0</td></tr><tr><td>Cost of revenues</td><td>(2,503.7)</td><td>(2,600.0)</td></tr>
<tr><td>Gross profit</td><td>400.0</td><td>400.0</td></tr></table></body></html>"""


def test_a_later_document_that_changes_a_quarters_figure_is_told(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = copy_of_published(bundle, tmp_path / "data")
    monkeypatch.setenv("KC_DATA", str(settings.data))
    monkeypatch.delenv("KC_WAREHOUSE", raising=False)
    for form in ("6-K", "6-K/A"):
        _file_second_quarter(settings.filings / "KC" / "2026Q2-release", form)
        run_pipeline(settings, form.replace("/", ""))
        status, diff = (CliRunner().invoke(cli, [command]).output for command in ("status", "diff"))
        (said,) = [line for line in status.splitlines() if "changed_figures_are_explained" in line]
        assert ("KC/2026Q2-release/release" in said) == (form == "6-K")
        if form == "6-K":
            changed = "revenues 2026-03-31 3 months CNY KC/2026Q2-release/release: 2703732000 in KC/2026Q1-release/release -> 2903700000 (unexplained)"
            assert f"  figure changed: KC {changed}" in diff
            with open_published(settings) as con:
                failing = "SELECT message FROM meta.check_failures WHERE check_name = 'changed_figures_are_explained' AND document_id LIKE 'KC/2026Q2%'"
                messages = [m for (m,) in con.execute(failing).fetchall()]
            assert any("material: revenues 2026-01-01 to 2026-03-31 was 2,703.7" in m for m in messages)


def _file_second_quarter(folder: Path, form: str) -> None:
    folder.mkdir(exist_ok=True)
    document = {"file": "release.htm", "type": "release", "kind": "original", "exhibit": "99.1", "url": None}
    manifest = {
        "company": "KC", "form": form, "accession": None, "url": None, "filing_date": "2026-08-20", "filing_date_precision": "day",
        "accepted_at": None, "period_of_report": "2026-06-30", "documents": [document],
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "release.htm").write_text(REWRITES, encoding="utf-8")
