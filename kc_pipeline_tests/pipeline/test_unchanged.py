"""A run with nothing new does nothing; whatever is new, damaged or cut off is noticed."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kc_pipeline.config import Settings, load_companies
from kc_pipeline.pipeline import (
    Journal,
    build_and_publish,
    extract_documents,
    ingest,
    unchanged,
    write_briefs,
)
from kc_pipeline.pipeline.journal import RunRecord
from kc_pipeline.pipeline.unchanged import look, looks
from kc_pipeline_tests.conftest import REPO, Bundle, copy_of_published


@pytest.fixture(scope="module")
def finished(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """What a complete run left; tests must not write to it."""
    settings = copy_of_published(bundle, tmp_path_factory.mktemp("finished") / "data")
    write_briefs(settings)
    assert look(settings).reason is None
    return settings


@pytest.fixture
def done(finished: Settings, tmp_path: Path) -> Settings:
    """A private copy of it."""
    shutil.copytree(finished.data, tmp_path / "data")
    return replace(finished, data=tmp_path / "data", warehouse=tmp_path / "data/warehouse/kc.duckdb")


def _overwrite(path: Path) -> None:
    """Change one byte, and put size and times back as they were."""
    before = path.stat()
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _release(at: Settings) -> Path:
    return at.filings / "KC" / "2025Q1-release"


def _brief(at: Settings) -> Path:
    return next(at.briefs.glob("KC/*.html"))


def _object(at: Settings) -> Path:
    return next(p for p in sorted((at.store / "objects").rglob("*")) if p.is_file())


CASES: dict[str, tuple[Callable[[Settings], object], str]] = {
    "a new filing": (
        lambda at: shutil.copytree(_release(at), at.filings / "KC" / "again"),
        "filings/KC/again/manifest.json is new",
    ),
    "a changed document": (
        lambda at: _overwrite(_release(at) / "release.htm"),
        "filings/KC/2025Q1-release/release.htm changed",
    ),
    "a filing taken out": (lambda at: shutil.rmtree(_release(at)), "release.htm is gone"),
    "a changed pack": (lambda at: _overwrite(at.data / "companies/KC/labels.toml"), "labels.toml changed"),
    "no warehouse": (lambda at: at.warehouse.unlink(), "the published warehouse is gone"),
    "a damaged warehouse": (lambda at: _overwrite(at.warehouse), "the published warehouse changed"),
    "a write-ahead file": (
        lambda at: at.warehouse.with_name("kc.duckdb.wal").write_bytes(b"x"),
        "something wrote to the published warehouse",
    ),
    "no brief": (lambda at: _brief(at).unlink(), ".html is gone"),
    "a changed brief": (lambda at: _overwrite(_brief(at)), ".html changed"),
    "a damaged store": (lambda at: _overwrite(_object(at)), "store/objects/"),
    "no store": (lambda at: shutil.rmtree(at.store), "is gone"),
    "something fetched": (lambda at: (at.store / "records" / "new.json").write_text("{}"), "is new"),
    "a run that was killed": (
        lambda at: Journal.open(at.runs, "4711").save(),
        "4711",
    ),
    "a run that failed": (
        lambda at: RunRecord("x", "failed: disk full", "", "").save(at),
        "the last run did not publish",
    ),
    "no seal": (lambda at: at.seal.unlink(), "no run has ended with everything in place"),
    "half a seal": (
        lambda at: at.seal.write_text(at.seal.read_text()[:1000]),
        "no run has ended with everything in place",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_new_damaged_or_cut_off_is_noticed(done: Settings, case: str) -> None:
    change, words = CASES[case]
    change(done)
    assert words in str(look(done).reason)


def test_touched_and_moved_files_are_nothing_new(done: Settings, tmp_path: Path) -> None:
    for path in done.filings.rglob("*"):
        os.utime(path)
    assert look(done).reason is None
    shutil.copytree(done.data, tmp_path / "elsewhere")
    moved = replace(done, data=tmp_path / "elsewhere", warehouse=tmp_path / "elsewhere/warehouse/kc.duckdb")
    assert look(moved).reason is None


def test_code_libraries_and_settings_count(
    done: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "keep_builds" in str(look(replace(done, keep_builds=9)).reason)
    with monkeypatch.context() as patched:
        patched.setattr(unchanged, "version", lambda name: "9.9")
        assert "duckdb was" in str(look(done).reason)
    package = tmp_path / "kc_pipeline"
    shutil.copytree(unchanged.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(unchanged, "PACKAGE", package)
    assert look(done).reason is None
    with (package / "kpis" / "catalogue.toml").open("a") as catalogue:
        catalogue.write("# a formula\n")
    assert look(done).reason == "kc_pipeline/kpis/catalogue.toml changed"


def test_every_dependency_that_shapes_the_result_is_watched(repo: Path) -> None:
    import re
    import tomllib

    declared = tomllib.loads((repo / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.split(r"[<>=~!\[ ]", d)[0] for d in declared}
    # the command line, Dagster's pages and their previews: no figure, no brief
    shows_only = {"click", "dagster", "dagster-webserver", "pandas", "pytz", "tabulate", "tqdm"}
    assert names - shows_only == set(unchanged.SHAPES_THE_RESULT)


def test_an_input_that_may_be_readable_now_is_looked_at_again(
    done: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = RunRecord.load(done.last_run)
    assert record is not None

    def skipped(code: str) -> str | None:
        record.skipped = [{"path": "x", "code": code, "reason": "y"}]
        record.save(done)
        return look(done).reason

    assert skipped("truncated") is None
    assert "unreadable" in str(skipped("unreadable"))
    assert skipped("not_yet") is None
    done.seal.write_text(json.dumps({**json.loads(done.seal.read_text()), "day": "2020-01-01"}))
    assert "2020-01-01" in str(skipped("not_yet"))


def test_a_run_that_leaves_something_out_is_no_ground_to_rest_on(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_published(bundle, tmp_path / "data")
    companies = load_companies(settings.companies_file)
    journal = Journal.open(settings.runs, "part")
    ingest(settings, companies, journal, quarters={"2025Q1"})
    extract_documents(settings, companies, journal, quarters={"2025Q1"})
    build_and_publish(settings, companies, journal, "part")
    write_briefs(settings)
    assert look(settings).reason == "no run has ended with everything in place"


def test_kc_run_with_nothing_new_is_quick_and_says_so(done: Settings) -> None:
    script = """
import sys, time
from kc_pipeline.cli.main import main
sys.argv = ["kc", "run"]
try:
    main()
finally:
    print("loaded", sorted({"dagster", "pandas"} & set(sys.modules)), time.process_time() < 3)
"""
    environment = {k: v for k, v in os.environ.items() if k != "KC_WAREHOUSE"}
    builds = sorted(p.name for p in done.builds.iterdir())
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env={**environment, "KC_DATA": str(done.data)},
        cwd=REPO,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "nothing new:" in ended.stdout
    assert "gross_margin" in ended.stdout
    assert "loaded [] True" in ended.stdout
    assert sorted(p.name for p in done.builds.iterdir()) == builds
    assert [entry["build_id"] for entry in looks(done)] == [
        builds[0].removesuffix(".duckdb").removesuffix(".json")
    ]
