"""The page `docs/a-new-company.md`, run from its first line to its last."""

import json
import os
import re
import shlex
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
_FILE = re.compile(r"`([\w/.-]+\.(?:toml|htm))`:\n\n$")


def _kc(folder: Path, command: str) -> str:
    words = [sys.executable, "-m", "kc_pipeline.cli", *shlex.split(command)[1:]]
    env = {**os.environ, "KC_DATA": str(folder / "shop")}
    env.pop("KC_WAREHOUSE", None)
    env.pop("DAGSTER_HOME", None)
    env["PYTHONPATH"] = os.pathsep.join(p or os.getcwd() for p in sys.path)
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def shop(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Do what the page says, block by block; return what each command printed."""
    folder = tmp_path_factory.mktemp("page")
    page = (repo / "docs" / "a-new-company.md").read_text(encoding="utf-8")
    printed: dict[str, str] = {"folder": str(folder)}
    for match in _BLOCK.finditer(page):
        if match[1] in ("toml", "html"):
            named = _FILE.search(page, 0, match.start())
            if named:  # the others are examples of what may be added
                path = folder / named[1]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(match[2], encoding="utf-8")
            continue
        for command in match[2].splitlines():
            if command.startswith("kc "):
                printed[command] = _kc(folder, command)
    return printed


def test_the_page_gives_a_company_with_figures_of_its_segments(shop: dict[str, str]) -> None:
    table = {line.split()[0]: line.split()[1:] for line in shop["kc table SHOP"].splitlines() if line.split()}
    assert table["SHOP"][-1] == "2025Q4"
    assert "1,000.000" in table["revenue"]
    assert "32.5" in " ".join(table["online_share"])
    # 100,000 / 1,000,000 x 90 days
    assert "9.0" in " ".join(table["days_sales_outstanding"])
    assert "30.0" in shop["kc explain SHOP 2025Q4 online_growth_yoy"]  # 325,000 / 250,000 - 1
    brief = shop["kc brief SHOP 2025Q4"]
    assert "| Online revenue | USD 325.000 million" in brief
    assert "Days sales outstanding" in brief
    assert "contradicted" not in brief
    for words in ("cloud", "ecosystem", "AI "):
        assert words not in brief
        assert words not in shop["kc table SHOP"]


def test_its_fiscal_year_and_manifest_are_what_pack_and_document_say(shop: dict[str, str]) -> None:
    found = json.loads(
        (Path(shop["folder"]) / "shop/filings/SHOP/2025-03-31-release/manifest.json").read_text()
    )
    assert (found["period_of_report"], found["filing_date"]) == ("2025-03-31", "2025-05-15")
    assert found["documents"][0]["kind"] == "original"
    rows = _kc(
        Path(shop["folder"]),
        "kc sql --format csv \"SELECT kpi, value FROM marts.kpis WHERE kpi = 'stores_share' AND period = '2025Q4'\"",
    )
    assert Decimal(rows.split()[-1].split(",")[-1]) == Decimal("0.612")
