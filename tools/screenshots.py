"""Drives the Dagster UI in a real browser: looks at the graph, a table's metadata and plot, its checks, and
materialises once; keeps what it saw as pictures.

    python -m tools.screenshots OUT_DIR [--browser /usr/bin/chromium]

Works on a private copy of the bundled data. `look_around` is also what the browser test runs.
"""

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parents[1]
PATIENCE = 120_000  # milliseconds for a page or a run


def browser_path() -> str | None:
    """Return an installed chromium; None where there is none."""
    return next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)


def free_port() -> int:
    """Return a port of the loopback interface that nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def dagster_ui(data: Path) -> Iterator[str]:
    """Run `kc ui` over a data folder and give its address.

    Raises:
        RuntimeError: if the UI does not answer within two minutes.
    """
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if k not in ("DAGSTER_HOME", "KC_WAREHOUSE")}
    log = data / "ui.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "kc_pipeline.cli", "ui", "--port", str(port)],
            env={**environment, "KC_DATA": str(data)},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=REPO,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(120):
            if process.poll() is not None:
                raise RuntimeError(f"kc ui ended:\n{log.read_text(errors='replace')[-2000:]}")
            try:
                urllib.request.urlopen(f"{address}/server_info", timeout=2)
                break
            except OSError:
                time.sleep(1)
        else:
            raise RuntimeError("kc ui does not answer")
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:  # the daemon may take its time over a run that has just ended
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def look_at_what_is_there(page: Any, address: str, out: Path) -> dict[str, Any]:
    """Look at partitions, checks, the job's history and a look that found nothing new."""
    seen: dict[str, Any] = {}
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/assets/store/filings?view=partitions")
    page.get_by_text("GDS/2025Q1").first.click()
    page.get_by_text("transcripts").first.wait_for()  # its own counts
    page.wait_for_timeout(1500)
    seen["partitions"] = page.locator("body").inner_text()
    page.screenshot(path=out / "partitions.png")

    page.goto(f"{address}/assets/staging/statement_lines?view=checks")
    page.get_by_text("balance_sheet_balances").first.wait_for()
    page.get_by_text("Passed").first.wait_for()
    page.get_by_text("Failed", exact=True).first.click()
    page.wait_for_timeout(1500)
    seen["checks"] = page.locator("body").inner_text()
    page.screenshot(path=out / "checks.png")

    page.goto(f"{address}/locations/kc_pipeline/jobs/quarterly_refresh/runs")
    page.get_by_text("Success").first.wait_for()
    page.wait_for_timeout(1500)
    seen["history"] = page.locator("body").inner_text()
    page.screenshot(path=out / "job-history.png")

    page.goto(f"{address}/assets/warehouse/published?view=events")
    page.get_by_text("nothing new").first.wait_for()
    page.wait_for_timeout(1500)
    seen["looks"] = page.locator("body").inner_text()
    page.screenshot(path=out / "nothing-new.png")
    return seen


def look_around(page: Any, address: str, out: Path) -> dict[str, Any]:
    """Visit the places that an analyst visits, keep pictures, and return what was seen."""
    seen = look_at_what_is_there(page, address, out)
    page.goto(f"{address}/assets/marts/kpis?view=events")
    page.get_by_text("margins_over_time_KC").first.wait_for()
    page.locator("tr", has_text="margins_over_time_KC").get_by_text("Show Markdown").click()
    image = page.locator("img[src^='data:image/']").first
    image.wait_for()
    seen["plot_width"] = image.evaluate("node => node.naturalWidth")
    page.wait_for_timeout(1000)
    page.screenshot(path=out / "kpis-plot.png")

    page.goto(f"{address}/assets/marts/kpis?view=overview")
    column = page.locator("tr", has_text="computed_value").first
    column.get_by_text("From core.facts_latest").wait_for()  # descriptions come after the names
    seen["column"] = column.inner_text()
    column.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    page.screenshot(path=out / "columns.png")
    page.get_by_role("button", name="Materialize").first.click()
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_timeout(4000)  # the launch is a request of its own; leaving the page earlier cancels it
    page.goto(f"{address}/runs")
    page.get_by_text("Success").nth(1).wait_for()
    seen["runs_succeeded"] = page.get_by_text("Success").count()
    page.wait_for_timeout(1000)
    page.screenshot(path=out / "runs.png")

    page.goto(f"{address}/asset-groups")
    page.get_by_text("quality").first.wait_for()
    page.wait_for_timeout(2000)
    page.mouse.click(1000, 200, button="right")
    page.get_by_text("Expand all groups").last.click()
    page.get_by_text("anomalies").first.wait_for()
    page.set_viewport_size({"width": 2000, "height": 1900})
    page.reload()  # the groups stay open, and the graph is fitted into the window
    page.get_by_text("anomalies").first.wait_for()
    page.wait_for_timeout(2000)
    page.screenshot(path=out / "asset-graph.png")
    seen["groups"] = page.get_by_text("anomalies").count()
    return seen


def _spoil_total_assets(release: Path) -> None:
    """Raise the first printed figure of the row `Total assets`, so that the balance sheet does not balance."""
    text = release.read_text(encoding="utf-8")
    row = re.search(r"<tr[^>]*>(?:(?!</tr>).)*?Total assets.*?</tr>", text, re.DOTALL)
    figure = re.search(r">(\d{1,3}(?:,\d{3})+)<", row[0]) if row else None
    if row is None or figure is None:
        raise ValueError(f"{release}: no figure in a row Total assets")
    raised = f">{int(figure[1].replace(',', '')) + 1000:,}<"
    release.write_text(text.replace(row[0], row[0].replace(f">{figure[1]}<", raised, 1), 1), encoding="utf-8")


def prepare(target: Path) -> Path:
    """Copy the bundled data, damage one document, and run three times: a build, a build by force, nothing new.

    Returns:
        The data folder.
    """
    data = target / "data"
    data.mkdir()
    shutil.copy(REPO / "data" / "companies.toml", data)
    for folder in ("companies", "filings"):
        shutil.copytree(REPO / "data" / folder, data / folder)
    _spoil_total_assets(data / "filings" / "KC" / "2023Q1-release" / "release.htm")
    for option in ((), ("--force",), ()):
        publish(data, *option)
    return data


def publish(data: Path, *options: str) -> None:
    """Publish a data folder by `kc run`; what it skips or keeps out it says in its own record."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DAGSTER_HOME", "KC_WAREHOUSE")}
    done = subprocess.run(
        [sys.executable, "-m", "kc_pipeline.cli", "run", *options],
        env={**environment, "KC_DATA": str(data)},
        check=False,
        capture_output=True,
        text=True,
        cwd=REPO,
    )
    if done.returncode not in (0, 3):
        raise RuntimeError(
            f"kc run ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--browser", default=browser_path())
    arguments = parser.parse_args()
    if arguments.browser is None:
        sys.exit("no chromium found; install Debian's package or name one with --browser")
    from playwright.sync_api import sync_playwright

    arguments.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        dagster_ui(prepare(Path(folder))) as address,
        sync_playwright() as p,
    ):
        browser = p.chromium.launch(executable_path=arguments.browser, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1600, "height": 950})
        print(look_around(page, address, arguments.out))
        brief = next((Path(folder) / "data" / "briefs").rglob("*.html"))
        page.goto(brief.as_uri())
        page.screenshot(path=arguments.out / "brief.png")
        browser.close()


if __name__ == "__main__":
    main()
