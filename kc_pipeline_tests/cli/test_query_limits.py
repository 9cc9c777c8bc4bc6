"""`kc sql` under attack: what it writes to, and queries that would never end."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from kc_pipeline.cli.errors import UsageError
from kc_pipeline.cli.main import cli
from kc_pipeline.warehouse.contents import content_hash
from kc_pipeline.warehouse.history import database_of, kept_builds
from kc_pipeline.warehouse.publish import restore
from kc_pipeline_tests.conftest import REPO, Bundle, copy_of_published

SMALL = ["--max-seconds", "1", "--max-rows", "50000", "--max-memory", "300"]

# What each would take without limits: hours, terabytes, or (where DuckDB hears no interrupt) both in one call.
BOMBS = {
    "cross joins": "select count(*) from range(100000) a, range(100000) b, range(100000) c",
    "rows": "select * from range(1000000000000)",
    "recursion": "with recursive t as (select 1 as n union all select n + 1 from t) select count(*) from t",
    "repeat": "select length(repeat(repeat('x', 100000000), 40))",
    "padding": "select length(lpad('x', 2000000000, 'y'))",
    "format": "select length(printf('%2000000000d', 1))",
    "list of lists": "select len([[y for y in range(100000)] for x in range(100000)])",
    "range as a list": "select count(*) from (select unnest(range(2000000000)))",
    "list": "select len(list(i)) from range(10000000000) t(i)",
    "string_agg": "select length(string_agg(i::varchar || repeat('x', 1000), ',')) from range(100000000) t(i)",
    "window": "select sum(r) from (select row_number() over (order by hash(i)) r from range(5000000000) t(i))",
    "sort": "select * from range(3000000000) t(i) order by hash(i)",
    "columns": "select "
    + ", ".join(f"repeat('x', 100000) || i as c{n}" for n in range(500))
    + " from range(1000000) t(i)",
    "distinct": "select count(distinct hash(i)) from range(10000000000) t(i)",
    "regex": "select count(*) from range(100000000) t(i)"
    " where regexp_matches(repeat('a', 100000), '(a|aa|aaa)*(a?){900}b' || (i - i))",
    "edit distance": "select levenshtein(repeat('ab', 400000), repeat('ba', 400000))",
    "nesting": "select " + "(" * 900 + "1" + "+1)" * 900,
    "joins": "select count(*) from "
    + ", ".join(f"range(10) t{n}(a{n})" for n in range(60))
    + " where "
    + " and ".join(f"a{n} = a{n + 1}" for n in range(59)),
}


def test_every_bomb_ends_with_one_clear_message(bundle: Bundle, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "KC_WAREHOUSE"} | {
        "KC_DATA": str(bundle.settings.data),
        "TMPDIR": str(tmp_path),
    }

    def set_off(query: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kc_pipeline.cli", "sql", *SMALL, query]
        return subprocess.run(command, env=environment, cwd=REPO, capture_output=True, text=True, timeout=120)

    with ThreadPoolExecutor(4) as pool:
        ended = dict(zip(BOMBS, pool.map(set_off, BOMBS.values()), strict=True))
    wrong = {
        name: (done.returncode, done.stdout[:200], done.stderr[-500:])
        for name, done in ended.items()
        if done.returncode != 2 or done.stdout or "--max-" not in done.stderr or done.stderr.count("\n") != 1
    }
    assert not wrong
    assert not list(tmp_path.iterdir()), "what was spilled is cleared away"


def test_limits_can_be_lifted(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KC_DATA", str(bundle.settings.data))
    monkeypatch.delenv("KC_WAREHOUSE", raising=False)
    query = ["sql", "select i from range(60000) t(i)", "--format", "csv"]
    refused = CliRunner().invoke(cli, [*query, *SMALL])
    assert isinstance(refused.exception, UsageError)
    assert "more than 50,000 rows" in str(refused.exception)
    for lifted in (["--max-rows", "0"], ["--max-rows", "60000"], ["--max-seconds", "0", "--max-memory", "0"]):
        assert CliRunner().invoke(cli, [*query, *lifted]).output.count("\n") == 60_001


def test_nothing_is_written_over_the_warehouse(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = copy_of_published(bundle, tmp_path / "data")
    monkeypatch.setenv("KC_DATA", str(at.data))
    monkeypatch.delenv("KC_WAREHOUSE", raising=False)
    link, name = tmp_path / "link.csv", tmp_path / "name.csv"
    link.symlink_to(at.warehouse)
    os.link(at.warehouse, name)
    (tmp_path / "folder").symlink_to(at.data, target_is_directory=True)
    kept = database_of(at, kept_builds(at)[0].build_id)
    paths = [
        at.warehouse,
        kept,
        link,
        name,
        tmp_path / "folder" / "companies.toml",
        tmp_path / "other" / ".." / "data" / "new.csv",
        at.warehouse.with_name("kc.duckdb.wal"),
    ]
    before = {p: p.read_bytes() for p in at.data.rglob("*") if p.is_file()}
    sql = ["sql", "select 1 as a", "--format"]
    calls = [[*sql, "csv", "--out", str(p)] for p in paths]
    calls += [
        [*sql, "parquet", "--out", str(at.warehouse)],
        ["brief", "KC", "2025Q1", "--as-of", "latest", "--out", str(at.warehouse)],
    ]
    for call in calls:
        result = CliRunner().invoke(cli, call)
        assert isinstance(result.exception, UsageError), call
        assert "data folder" in str(result.exception)
    assert {p: p.read_bytes() for p in at.data.rglob("*") if p.is_file()} == before


def test_an_answer_is_written_whole_or_not_at_all(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KC_DATA", str(bundle.settings.data))
    monkeypatch.delenv("KC_WAREHOUSE", raising=False)
    out, second = tmp_path / "answer.csv", tmp_path / "second.csv"
    out.write_text("kept\n")
    os.link(out, second)
    for form in ("csv", "parquet"):
        call = ["sql", "select i from range(60000) t(i)", "--format", form, "--out", str(out)]
        assert isinstance(CliRunner().invoke(cli, [*call, *SMALL]).exception, UsageError)
        assert out.read_text() == "kept\n"
    assert (
        CliRunner().invoke(cli, ["sql", "select 1 as a", "--format", "csv", "--out", str(out)]).exit_code == 0
    )
    assert out.read_text() == "a\n1\n"
    assert second.read_text() == "kept\n", "the name was given to a new file, no file was written over"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["answer.csv", "second.csv"]


def test_a_kept_build_outlives_the_published_file(bundle: Bundle, tmp_path: Path) -> None:
    at = copy_of_published(bundle, tmp_path / "data")
    kept = kept_builds(at)[0]
    restore(at, kept.build_id)  # published anew, as a run does it
    at.warehouse.chmod(0o600)
    at.warehouse.write_bytes(b"overwritten by something else")
    assert content_hash(database_of(at, kept.build_id)) == kept.tables
    restore(at, kept.build_id)
    assert content_hash(at.warehouse) == kept.tables
