"""The reading commands on the published bundle, as a user calls them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kc_pipeline.cli.common import company_id
from kc_pipeline.cli.errors import KNOWN_ERRORS, UsageError
from kc_pipeline.cli.main import cli
from kc_pipeline.pipeline.journal import RunRecord
from kc_pipeline_tests.conftest import Bundle, copy_of_data


@pytest.fixture
def kc(bundle: Bundle, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("KC_DATA", str(bundle.settings.data))
    monkeypatch.delenv("KC_WAREHOUSE", raising=False)

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments))

    return call


def test_sql_answers_in_every_format(kc, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    query = "SELECT value FROM marts.kpis WHERE company = 'KC' AND period = '2025Q1' AND kpi = 'revenue'"
    assert kc("sql", query).output.split()[-1] == "1970000000"
    assert kc("sql", query, "--format", "csv").output == "value\n1970000000\n"
    assert json.loads(kc("sql", query, "--format", "json").output) == [{"value": 1970000000}]
    out = tmp_path / "kpis.parquet"
    assert kc("sql", query, "--format", "parquet", "--out", str(out)).exit_code == 0
    import pyarrow.parquet as pq

    assert pq.read_table(out).num_rows == 1


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM core.facts",
        "COPY (SELECT 1) TO '/tmp/kc-must-not-exist.csv'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "ATTACH '/tmp/other.duckdb'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT 1; SELECT 2",
    ],
)
def test_sql_can_neither_write_nor_touch_files(kc, query: str) -> None:  # type: ignore[no-untyped-def]
    result = kc("sql", query)
    assert isinstance(result.exception, KNOWN_ERRORS)
    assert not Path("/tmp/kc-must-not-exist.csv").exists()


def test_explain_ends_at_the_true_source(kc) -> None:  # type: ignore[no-untyped-def]
    shown = kc("explain", "KC", "2025Q1", "capital_expenditures").output
    assert "CNY 605 million" in shown
    assert "transcript, grade B" in shown
    assert "digest of 2025Q1 call" in shown
    assert "https://reportify.cn/transcripts/1125256560872919040" in shown
    assert "characters" in shown
    assert "'RMB605 million'" in shown


def test_explain_leads_from_a_margin_to_both_cells(kc) -> None:  # type: ignore[no-untyped-def]
    trail = json.loads(kc("explain", "KC", "2025Q1", "gross_margin_change_qoq", "--format", "json").output)
    places = {(i["fact"]["concept"], i["fact"]["period_end"]) for i in trail["inputs"]}
    assert {
        ("gross_profit", "2025-03-31"),
        ("gross_profit", "2024-12-31"),
        ("revenues", "2025-03-31"),
        ("revenues", "2024-12-31"),
    } <= places
    for item in trail["inputs"]:
        fact = item["fact"]
        assert fact["text"]
        assert fact["document_id"]
        assert (fact["table_index"] is None) != (fact["span_start"] is None)


def test_explain_takes_a_segment_and_says_what_is_absent(kc) -> None:  # type: ignore[no-untyped-def]
    assert "CNY 1,353.5 million" in kc("explain", "KC", "2025Q1", "revenues/public_cloud").output
    absent = kc("explain", "KC", "2025Q1", "days_sales_outstanding").output
    assert "absent" in absent
    assert "accounts_receivable" in absent


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("explain", "XX", "2025Q1", "revenue"), "KC"),
        (("explain", "KC", "2031Q1", "revenue"), "2026Q1"),
        (("explain", "KC", "2025Q1", "gros_margin"), "gross_margin"),
        (("brief", "KC", "2031Q1"), "2031Q1"),
        (("brief", "KC", "2025Q1", "--as-of", "yesterday"), "2025-05-28"),
        (("table", "KC", "gros_margin"), "gros_margin"),
        (("table", "XX"), "XX"),
        (("flags", "XX"), "XX"),
        (("flags", "KC", "--why", "gross_margin"), "--quarter"),
        (("flags", "KC", "--quarter", "2025Q1", "--why", "weather"), "weather"),
        (("flags", "KC", "--quarter", "2031Q1"), "2026Q1"),
        (("flags", "--quarter", "2025Q9"), "2025Q9"),
        (("explain", "KC", "2025Q1 TTM", "revenue"), "2025Q1-TTM"),
        (("sql", "SELECT nothing FROM nowhere"), "nowhere"),
        (("diff", "no-such-build"), "no-such-build"),
    ],
)
def test_a_wrong_call_is_one_clear_message(kc, arguments: tuple[str, ...], hint: str) -> None:  # type: ignore[no-untyped-def]
    result = kc(*arguments)
    assert isinstance(result.exception, KNOWN_ERRORS)
    assert hint in str(result.exception)


def test_table_marks_what_was_read_computed_and_stated(kc) -> None:  # type: ignore[no-untyped-def]
    shown = kc("table", "KC", "revenue", "revenue_growth_yoy", "adjusted_gross_margin", "--last", "4").output
    header, *rows = [line for line in shown.splitlines() if line.strip()]
    assert header.split() == ["KC", "2025Q2", "2025Q3", "2025Q4", "2026Q1"]
    assert "CNY 2,703.732 million" in shown  # read to the thousand, shown to the thousand
    assert " c" in next(r for r in rows if r.startswith("revenue_growth_yoy"))
    assert " s" in next(r for r in rows if r.startswith("adjusted_gross_margin"))


def test_what_must_be_known_before_quoting_is_shown(kc) -> None:  # type: ignore[no-untyped-def]
    growth = kc("explain", "KC", "2021Q4", "enterprise_cloud_growth_yoy").output
    assert "REMARK      not organic" in growth
    margin = kc("explain", "KC", "2023Q3", "adjusted_net_margin").output
    assert "-0.221 pure  CONTRADICTS the computed value" in margin
    for period, name in (("2025Q1", "gross_margin"), ("2025Q1", "adjusted_operating_margin_change_yoy")):
        shown = kc("explain", "KC", period, name).output
        assert "  stated  " in shown
        assert "CONTRADICTS" not in shown
    table = kc("table", "KC", "revenue_growth_yoy", "--last", "99").output
    assert "38.3 % c !" in table
    assert "!: revenue_growth_yoy 2021Q4: not organic" in table


def test_status_names_the_checks_that_failed(kc) -> None:  # type: ignore[no-untyped-def]
    status = kc("status").output
    where = "(KC/2023Q3-release/release)"
    assert f"failed     warn stated_ratios_agree_with_computed {where}: adjusted_net_margin 2023Q3" in status


def test_flags_and_status(kc) -> None:  # type: ignore[no-untyped-def]
    flags = kc("flags", "KC", "--quarter", "2025Q1").output
    assert "HIGH margin (" in flags
    full = kc("flags", "KC", "--quarter", "2025Q1", "--full").output
    assert "so the fall is counter-seasonal" in full
    assert len(full) > len(flags)
    why = kc("flags", "KC", "--quarter", "2025Q2", "--why", "gross_margin").output
    assert (
        "margin_against_season: 1.9 points below the median of its history; threshold 2.0 points down" in why
    )
    assert "margin_compression_qoq of gross_margin, counter-seasonal" in flags
    status = kc("status", "--coverage").output
    assert "published" in status
    assert "2026Q1-release" in status
    assert "revenue_growth_yoy" in status


def test_without_a_warehouse_every_reading_command_says_what_to_run(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kc_pipeline.cli", "sql", "SELECT 1"],
        env={"KC_DATA": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "kc run" in done.stderr
    assert "Traceback" not in done.stderr


def test_run_refuses_an_unknown_company_and_quarter(tmp_path: Path, repo: Path) -> None:
    for option in (("--company", "XX"), ("--quarter", "2025-Q1")):
        done = subprocess.run(
            [sys.executable, "-m", "kc_pipeline.cli", "run", *option],
            env={"KC_DATA": str(repo / "data"), "DAGSTER_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2, done.stderr
        assert option[1] in done.stderr


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_extract_reads_a_release_in_every_format(repo: Path, form: str) -> None:
    release = repo / "data" / "filings" / "KC" / "2025Q1-release" / "release.htm"
    result = CliRunner().invoke(cli, ["extract", str(release), "--format", form])
    assert result.exit_code == 0, result.exception
    assert "1970000000" in result.output
    assert "2025-03-31" in result.output
    assert "0.228" in result.output or "2.28" in result.output  # stated in prose


def test_a_figure_of_the_parent_company_alone_is_called_so(kc) -> None:  # type: ignore[no-untyped-def]
    shown = kc("explain", "KC", "2022Q4", "assets").output
    assert shown.count("assets") >= 2
    assert "[scope parent_only: not the group]" in shown


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        (("explain", "kc", "2025q1", "Gross_Margin"), ("explain", "KC", "2025Q1", "gross_margin")),
        (("flags", "kc", "--quarter", "2025q1"), ("flags", "KC", "--quarter", "2025Q1")),
        (("table", "Kc", "REVENUE"), ("table", "KC", "revenue")),
        (("brief", "kc", "2025q1"), ("brief", "KC", "2025Q1")),
    ],
)
def test_the_case_in_which_names_are_typed_does_not_matter(kc, typed, written) -> None:  # type: ignore[no-untyped-def]
    assert kc(*written).exit_code == 0
    assert kc(*typed).output == kc(*written).output


def test_two_companies_that_differ_in_case_only_are_told_apart() -> None:
    assert company_id(["kc", "KC"], "KC") == "KC"
    assert company_id(["kc", "KC"], "Kc") == "Kc"
    assert company_id(["KC"], "nobody") == "nobody"


def test_a_run_that_breaks_off_is_one_message_and_stands_in_the_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = copy_of_data(tmp_path / "data")
    monkeypatch.setenv("KC_DATA", str(at.data))
    monkeypatch.delenv("KC_WAREHOUSE", raising=False)

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device", str(at.data / "dagster"))

    monkeypatch.setattr("kc_pipeline.orchestration.instance.ensure_instance", full)
    result = CliRunner().invoke(cli, ["run"])
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "NOT PUBLISHED: failed: OSError: [Errno 28] No space left on device" in result.output
    assert "there is no published warehouse" in result.output
    status = CliRunner().invoke(cli, ["status"])
    assert "failed: OSError: [Errno 28] No space left on device" in status.output

    record = RunRecord.load(at.last_run)
    assert record is not None
    record.remarks = ["a step after the publish failed: no room for the briefs"]
    record.save(at)
    assert "remark     a step after the publish failed: no room" in CliRunner().invoke(cli, ["status"]).output

    monkeypatch.setattr("kc_pipeline.pipeline.journal.write_atomically", full)
    again = CliRunner().invoke(cli, ["run"])
    assert (again.exit_code, type(again.exception)) == (1, SystemExit)
    assert "`kc status` cannot tell: [Errno 28]" in again.output


def test_a_damaged_dagster_database_is_named_and_the_run_goes_on(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = copy_of_data(tmp_path / "data", read_by=bundle)
    monkeypatch.setenv("KC_DATA", str(at.data))
    for name in ("KC_WAREHOUSE", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    database = at.data / "dagster" / "history" / "runs.db"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    result = CliRunner().invoke(cli, ["run"])
    assert result.exit_code == 3, result.output
    remedy = f"mv {database.parent} {database.parent}.damaged"
    for output in (result.output, CliRunner().invoke(cli, ["status"]).output):
        assert f"{database}: Dagster's database is damaged (file is not a database)" in output
        assert remedy in output
    ui = CliRunner().invoke(cli, ["ui"])
    assert isinstance(ui.exception, UsageError)
    assert remedy in str(ui.exception)


def test_a_file_that_cannot_be_written_is_one_line(bundle: Bundle, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kc_pipeline.cli", "brief", "KC", "2025Q1", "--out", str(tmp_path / "no" / "x.md")],
        env={**os.environ, "KC_DATA": str(bundle.settings.data), "KC_WAREHOUSE": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no folder" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_quarter_of_which_nothing_is_known_keeps_its_column() -> None:
    from kc_pipeline.cli.read import every_quarter

    assert every_quarter({"2024Q4", "2024Q3", "2025Q3"}) == ["2024Q3", "2024Q4", "2025Q1", "2025Q2", "2025Q3"]
    assert every_quarter([]) == []
