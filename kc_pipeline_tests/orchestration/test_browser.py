"""The Dagster UI in a real browser: checks, plot, and one materialisation by hand."""

import os
from pathlib import Path

import pytest

from tools.screenshots import browser_path, dagster_ui, look_around, prepare


@pytest.mark.browser
@pytest.mark.slow
def test_an_analyst_sees_checks_and_plot_and_materialises_once(tmp_path: Path) -> None:
    chromium = browser_path()
    if chromium is None:
        assert not os.environ.get("CI"), "chromium must be there in CI; `make test` installs it"
        pytest.skip("no chromium; `apt-get install chromium` to run this test")
    from playwright.sync_api import sync_playwright

    with dagster_ui(prepare(tmp_path)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1600, "height": 950})
        seen = look_around(page, address, tmp_path)
        browser.close()
    assert "Missing (0)" not in seen["partitions"]  # a quarter in between of which there is no filing
    assert "Failed (0)" in seen["partitions"]
    assert {"KC/2019Q4", "GDS/2024Q2"} <= set(seen["partitions"].split())
    assert "Unsynced" not in seen["partitions"]
    assert "2001Q1" not in seen["partitions"]
    assert {"Succeeded", "Failed", "Skipped"} <= set(seen["checks"].split())
    assert seen["history"].count("Success") == 2  # the third found nothing new
    assert "kc/because: nothing has been published yet" in seen["history"]
    assert "nothing new" in seen["looks"]
    assert seen["plot_width"] > 400
    assert "The value computed from amounts" in seen["column"]
    assert "From core.facts_latest: value" in seen["column"]
    assert seen["runs_succeeded"] >= 2
    assert seen["groups"] > 0
    assert (tmp_path / "asset-graph.png").stat().st_size > 10_000
