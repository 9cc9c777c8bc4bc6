"""Text of documents does not drive the terminal, whatever the command; CSV and JSON stay exact."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from kc_pipeline.cli.main import COMMANDS, cli
from kc_pipeline.pipeline.journal import RunRecord
from kc_pipeline_tests.conftest import REPO, Bundle, copy_of_published

HOSTILE = "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example/\x07link\x1b]8;;\x07 \x9b2J \u202egnp\u2066 over\rwrite\x08\x7f"
DRIVES = set("\x1b\x07\x08\r\x7f\x9b\u202e\u2066")

FOREIGN = {
    "core.facts": ("label", "text", "section", "column_label", "source_title", "source_url", "suspect"),
    "core.sightings": ("text",),
    "core.companies": ("name",),
    "raw.documents": ("title", "path", "url"),
    "staging.commentary": ("speaker", "title", "text"),
    "marts.kpis": ("remark", "formula"),
    "marts.kpi_absent": ("detail",),
    "marts.anomalies": ("explanation",),
    "meta.check_results": ("message",),
}

CALLS = [
    ["explain", "KC", "2025Q1", "gross_margin"],
    ["explain", "KC", "2025Q1", "revenues/public_cloud"],
    ["explain", "KC", "2025Q1", "interest_cover"],
    ["brief", "KC", "2025Q1", "--as-of", "latest"],
    ["brief", "KC", "2025Q1", "--as-of", "latest", "--format", "html"],
    ["flags"],
    ["table", "KC"],
    ["diff"],
    ["status", "--coverage"],
    ["sql", "select label, text from core.facts where label is not null limit 3"],
    ["extract", "FILE"],
    ["extract", "FILE", "--why", "0,1"],
]


@pytest.fixture(scope="module")
def hostile(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published warehouse and a run's record in which every text that a document brings is hostile."""
    at = copy_of_published(bundle, tmp_path_factory.mktemp("hostile") / "data")
    at.warehouse.chmod(0o600)
    with duckdb.connect(str(at.warehouse)) as con:
        for table, columns in FOREIGN.items():
            for column in columns:
                con.execute(f"UPDATE {table} SET {column} = coalesce({column}, '') || ?", [HOSTILE])
        con.execute(
            """INSERT INTO meta.changes BY NAME SELECT build_id, 'fact' AS what, fact_id AS id, ? AS detail,
               'added' AS change, 'new_document' AS cause FROM core.facts, meta.builds LIMIT 1""",
            [HOSTILE],
        )
        con.execute("CHECKPOINT")
    RunRecord(
        "run",
        f"failed: {HOSTILE}",
        "2026-01-01",
        "2026-01-01",
        skipped=[{"path": HOSTILE, "code": "x", "reason": HOSTILE}],
        quarantined=[{"document_id": HOSTILE, "reason": HOSTILE}],
        remarks=[HOSTILE],
    ).save(at)
    page = f"""<html><title>{HOSTILE}</title><table><tr><td>(in RMB thousands)</td><td>Three months ended
      March 31, 2025</td></tr><tr><td>Revenues {HOSTILE}</td><td>1,000</td></tr>
      <tr><td>Cost of revenues</td><td>(900)</td></tr></table></html>"""
    (at.data.parent / "page.html").write_text(page, encoding="utf-8")
    return at.data


@pytest.fixture
def here(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KC_DATA", str(hostile))
    monkeypatch.delenv("KC_WAREHOUSE", raising=False)
    return hostile


def test_every_reading_command_is_called() -> None:
    assert {call[0] for call in CALLS} >= set(COMMANDS) - {"run", "ui", "add", "company"}  # these write


@pytest.mark.parametrize("call", CALLS, ids=lambda call: " ".join(call[:2]))
def test_no_command_hands_on_what_drives_a_terminal(here: Path, call: list[str]) -> None:
    call = [str(here.parent / "page.html") if word == "FILE" else word for word in call]
    result = CliRunner().invoke(cli, call, color=True)
    assert result.exit_code == 0, result.output
    assert not DRIVES & set(
        result.output.replace("\x1b[34m", "").replace("\x1b[31mfailed", "").replace("\x1b[0m", "")
    )
    assert "\x1b[31mred" not in result.output
    if call[0] not in ("table", "brief"):
        assert "\\x1b[31mred" in result.output, "it is shown, not dropped"


def test_json_and_csv_stay_exact(here: Path) -> None:
    query = ["sql", "select label from core.facts where label is not null limit 1"]
    asjson = CliRunner().invoke(cli, [*query, "--format", "json"]).output
    assert not DRIVES & set(asjson)
    assert json.loads(asjson)[0]["label"].endswith(HOSTILE)
    trail = CliRunner().invoke(cli, ["explain", "KC", "2025Q1", "revenue", "--format", "json"]).output
    assert not DRIVES & set(trail)
    assert json.loads(trail)["inputs"][0]["fact"]["label"].endswith(HOSTILE)
    done = subprocess.run(
        [sys.executable, "-m", "kc_pipeline.cli", *query, "--format", "csv"],
        cwd=REPO,
        capture_output=True,
        check=True,
    )
    rows = list(csv.reader(io.StringIO(done.stdout.decode(), newline="")))
    assert rows[1][0].endswith(HOSTILE)


def test_csv_on_a_terminal_is_made_harmless(here: Path) -> None:
    query = "select label from core.facts where label is not null limit 1"
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "kc_pipeline.cli", "sql", query, "--format", "csv"],
        cwd=REPO,
        stdout=theirs,
        stderr=theirs,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode().replace("\r\n", "\n")
    os.close(ours)
    assert "\\x1b[31mred" in shown
    assert not DRIVES & set(shown)


def test_an_error_message_is_harmless(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kc_pipeline.cli", "extract", f"{tmp_path}/none{HOSTILE}"],
        cwd=REPO,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert not DRIVES & set(done.stderr.decode())
