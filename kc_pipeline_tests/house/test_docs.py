"""Docs say what the declarations say; every command has help and a line in the README."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from kc_pipeline.cli.main import COMMANDS, HELP, cli
from tools.write_docs import wanted


def test_the_generated_parts_are_up_to_date() -> None:
    stale = [
        str(p) for p, text in wanted().items() if not p.is_file() or p.read_text(encoding="utf-8") != text
    ]
    assert not stale, "run `make docs`"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name: str) -> None:
    shown = CliRunner().invoke(cli, [name, "--help"])
    assert shown.exit_code == 0
    assert "Usage:" in shown.output
    assert HELP[name].endswith(".")


def test_links_in_the_docs_lead_somewhere(repo: Path) -> None:
    import re

    missing = []
    for page in [repo / "README.md", repo / "CONTRIBUTING.md", *(repo / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                missing.append(f"{page.relative_to(repo)} -> {target}")
    assert not missing


def test_the_guide_for_contributors_names_what_there_is(repo: Path) -> None:
    import re

    guide = (repo / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:kc_pipeline|tools|data)/[\w/.]+)`", guide)
    paths += [f"kc_pipeline_tests/{p}" for p in re.findall(r"`(\w+/test_\w+\.py)`", guide)]
    targets = re.findall(r"^([a-z0-9-]+):", (repo / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(paths) > 12
    assert [p for p in paths if not (repo / p).exists()] == []
    assert set(re.findall(r"`make ([a-z0-9-]+)", guide)) <= set(targets)
    assert set(re.findall(r"`kc ([a-z]+)", guide)) <= set(COMMANDS)


def test_reading_commands_do_not_load_dagster() -> None:
    code = (
        "import sys, kc_pipeline.cli.sql, kc_pipeline.cli.read, kc_pipeline.cli.status, kc_pipeline.cli.extract;"
        "import kc_pipeline.brief, kc_pipeline.lineage, kc_pipeline.warehouse.connect;"
        "print([m for m in ('dagster', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
