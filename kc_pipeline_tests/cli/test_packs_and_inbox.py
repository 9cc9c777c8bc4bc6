"""Packs begun and checked, and documents put into the inbox, by command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kc_pipeline.cli.main import cli


def _call(data: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, list(words), env={"KC_DATA": str(data), "KC_WAREHOUSE": ""})


def _release(folder: Path, body: str = "") -> Path:
    path = folder / "release.htm"
    path.write_text(
        "<html><title>Acme Inc. \x1b[31mResults</title><body><p>FORM 10-Q</p><p>Acme Inc., May 15, 2025</p>"
        "<p>CONSOLIDATED STATEMENTS OF OPERATIONS (in thousands of US dollars)</p><table><tr><td></td>"
        "<td>Three Months Ended March 31, 2025</td></tr><tr><td>Total revenues</td><td>1,000</td></tr>"
        f"<tr><td>Cost of revenues</td><td>600</td></tr><tr><td>Gross profit</td><td>400</td></tr></table>{body}</html>",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    made = _call(tmp_path / "data", "company", "new", "ACME", "--name", "Acme Inc.", "--currency", "usd")
    assert made.exit_code == 0, made.output
    return tmp_path / "data"


def test_a_skeleton_is_sound_and_nothing_is_written_that_is_not(acme: Path) -> None:
    assert "ACME: sound" in _call(acme, "company", "check").output
    for words, said in (
        (("ACME", "--name", "x", "--currency", "USD"), "is there already"),
        (("B", "--name", "x", "--currency", "yuan"), "ISO 4217"),
        (("B", "--currency", "USD"), "the registered name is missing; give --name"),
        (("../B", "--name", "x", "--currency", "USD"), "letters, digits"),
        (("B", "--name", "x", "--currency", "USD", "--cik", "12a"), "at most ten digits"),
        (("B", "--name", "x", "--currency", "USD", "--fiscal-year-end", "spring"), "fiscal_year_end"),
    ):
        refused = _call(acme, "company", "new", *words)
        assert said in str(refused.exception), words
    assert [p.name for p in (acme / "companies").iterdir()] == ["ACME"]


def test_check_names_every_fault_of_what_a_pack_refers_to(acme: Path) -> None:
    pack = acme / "companies" / "ACME"
    (pack / "more.toml").write_text(
        'table = ["revenu"]\n[[synonyms]]\nlabel = "Sales"\nconcept = "revenue"\nsegment = "shops"\n'
        '[[headlines]]\nkpi = "gross_margins"\nlabel = "x"\n[[phrases]]\nmetric = "fun"\nphrases = ["fun"]\n'
        '[[concepts]]\nname = "sold_to_bob"\nkind = "operating_amount"\ndescription = "Sold to Bob"\n'
        'means = "revenues"\ncounterparty = "bob"\n',
        encoding="utf-8",
    )
    result = _call(acme, "company", "check", "acme")
    assert result.exit_code == 2
    lines = [line.removeprefix(f"{pack / 'more.toml'}: ") for line in result.output.splitlines()]
    assert sorted(lines) == [
        "concepts.0.counterparty: 'bob' is no counterparty of the pack; correct it, or declare it in the pack",
        "headlines.0.kpi: there is no KPI 'gross_margins'; did you mean gross_margin?",
        "phrases.0.metric: there is no measure 'fun'; correct it, or declare it in the pack",
        "synonyms.0.concept: there is no measure 'revenue'; did you mean revenues?",
        "synonyms.0.segment: 'shops' is no segment of the pack; correct it, or declare it in the pack",
        "table: there is no KPI 'revenu'; did you mean revenue?",
    ]


def test_own_concepts_and_kpis_that_cannot_be_are_told(acme: Path) -> None:
    pack = acme / "companies" / "ACME"
    for text, said in (
        ('[[concepts]]\nname = "revenues"\nkind = "operating_amount"\ndescription = "Something"\n', "general catalogue"),
        ('[[concepts]]\nname = "fun"\nkind = "joy"\ndescription = "Something"\n', "there is no kind 'joy'"),
        ('[[amounts]]\nname = "fun"\ngroup = "x"\nany_of = [["fun"]]\ndescription = "x"\nsource = "x"\n', "is no concept"),
        ('[[ratios]]\nname = "fun"\ngroup = "x"\nnumerator = "fun"\ndenominator = "revenue"\ndescription = "x"\nsource = "x"\n', "no declared amount"),
        ('[[amounts]]\nname = "revenue"\ngroup = "x"\nany_of = [["revenues"]]\ndescription = "x"\nsource = "x"\n', "is a general KPI"),
    ):  # fmt: skip
        (pack / "more.toml").write_text(text, encoding="utf-8")
        result = _call(acme, "company", "check")
        assert (result.exit_code, said in result.output) == (2, True), (text, result.output)


def test_a_broken_pack_does_not_hide_the_faults_of_another(acme: Path) -> None:
    (acme / "companies" / "BAD").mkdir()
    (acme / "companies" / "BAD" / "company.toml").write_text("name = 1\n", encoding="utf-8")
    (acme / "companies" / "ACME" / "more.toml").write_text('table = ["fun"]\n', encoding="utf-8")
    result = _call(acme, "company", "check")
    assert result.exit_code == 2
    assert "BAD" in result.output
    assert "there is no KPI 'fun'" in result.output


def test_add_takes_what_the_document_says_and_names_the_rest(acme: Path, tmp_path: Path) -> None:
    page = _release(tmp_path)
    refused = _call(acme, "add", str(page), "--company", "acme")
    assert str(refused.exception) == (
        f"{page}: does not say its kind (--kind original|transcript), filing date (--filing-date 2025-05-28); "
        "its beginning names 2025-05-15, 2025-03-31; nothing was written"
    )
    assert not (acme / "filings").exists()
    done = _call(
        acme, "add", str(page), "--company", "acme", "--kind", "original", "--filing-date", "2025-05-20"
    )
    assert done.exit_code == 0, done.output
    assert "\x1b" not in done.output
    found = json.loads((acme / "filings/ACME/2025-03-31-report/manifest.json").read_text())
    assert (found["form"], found["period_of_report"]) == ("10-Q", "2025-03-31")
    again = _call(
        acme, "add", str(page), "--company", "ACME", "--kind", "original", "--filing-date", "2025-05-20"
    )
    assert "is in the inbox already" in str(again.exception)


def test_add_writes_nothing_that_would_not_be_taken_up(acme: Path, tmp_path: Path) -> None:
    page = _release(tmp_path)
    given = ("--company", "ACME", "--kind", "original")
    for more, said in (
        (("--filing-date", "2025-01-01"), "a period cannot be reported before it ends"),
        (("--filing-date", "yesterday"), "must be an ISO date"),
        (("--filing-date", "2025-05-20", "--period", "March"), "--period March: wants a day"),
        (("--filing-date", "2025-05-20", "--name", "../x"), "plain name of a folder"),
    ):
        assert said in str(_call(acme, "add", str(page), *given, *more).exception), more
    page.write_text("<html><body>Other Corp results</body></html>", encoding="utf-8")
    assert "names none of “acme”" in str(_call(acme, "add", str(page), *given).exception)
    page.write_bytes(b"")
    assert "empty" in str(_call(acme, "add", str(page), *given).exception)
    assert "there is no company X; there are: ACME" in str(
        _call(acme, "add", str(page), "--company", "X").exception
    )
    assert not (acme / "filings" / "ACME").exists()


def test_add_asks_at_a_terminal_for_what_it_does_not_know(acme: Path, tmp_path: Path) -> None:
    page = _release(tmp_path)
    ours, theirs = os.openpty()
    env = {
        **os.environ,
        "KC_DATA": str(acme),
        "PYTHONPATH": os.pathsep.join(p or os.getcwd() for p in sys.path),
    }
    words = [sys.executable, "-m", "kc_pipeline.cli", "add", str(page), "--company", "ACME"]
    running = subprocess.Popen(words, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env)
    os.close(theirs)
    os.write(ours, b"original\n2025-05-20\n")
    told, _ = running.communicate(timeout=120)
    os.close(ours)
    assert running.returncode == 0, told
    assert b"The kind" in told
    assert b"The filing date (it names 2025-05-15" in told
    found = json.loads((acme / "filings/ACME/2025-03-31-report/manifest.json").read_text())
    assert (found["filing_date"], found["documents"][0]["kind"]) == ("2025-05-20", "original")
