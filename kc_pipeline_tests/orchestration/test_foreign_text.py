"""A filing full of pictures, links and scripts, in a real browser: nothing of it is loaded, followed or run."""

import json
import os
import re
import shutil
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kc_pipeline_tests.conftest import REPO
from tools.screenshots import browser_path, dagster_ui, publish

QUARTERS = ("2025Q1", "2025Q4", "2026Q1")
NEWEST = "2026Q1"
SHOWN = (
    "staging/commentary",
    "staging/statement_lines",
    "core/facts",
    "raw/documents",
    "brief/quarterly_briefs",
)

ATTACK = """<!doctype html><title>attack</title><body><script>
const ui = "{ui}", query = "mutation {{ launchPipelineExecution(executionParams: {{}}) {{ __typename }} }}";
const say = what => document.body.append(what + ";");
const tries = [
  fetch(`${{ui}}/graphql?query=${{encodeURIComponent(query)}}`, {{mode: "no-cors"}}),
  fetch(`${{ui}}/graphql?query=${{encodeURIComponent(query)}}`, {{mode: "no-cors", method: "POST"}}),
  fetch(`${{ui}}/graphql`, {{method: "POST", headers: {{"content-type": "application/json"}}, body: JSON.stringify({{query}})}}),
  fetch(`${{ui}}/report_asset_materialization/core/facts`, {{mode: "no-cors", method: "POST"}}),
].map(sent => sent.catch(() => 0));
const socket = new Promise(done => {{
  const open = new WebSocket(ui.replace("http", "ws") + "/graphql", "graphql-ws");
  open.onopen = () => {{ say("socket opened"); done(); }};
  open.onerror = done;
}});
Promise.all([...tries, socket]).then(() => say("done"));
</script>"""


@contextmanager
def loopback() -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """Serve `pages` on a port of the loopback interface; yields its address, the log of paths, and the pages."""
    log: list[str] = []
    pages: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path)
            if page is None:
                log.append(self.path)
            self.send_response(200 if page else 404)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write((page or "").encode())

        do_POST = do_HEAD = do_OPTIONS = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", log, pages
    finally:
        server.shutdown()
        server.server_close()


def hostile(at: str) -> str:
    """Return text that every careless reader of Markdown or HTML turns into a request to `at`."""
    return (
        f"![a]({at}/image.png) [b]({at}/link) <{at}/auto> {at}/bare ![c][d] <img src={at}/img.png> "
        f'<script src="{at}/s.js"></script> <iframe src={at}/frame></iframe> [e](javascript:fetch(`{at}/js`)) '
        f"<svg onload=fetch('{at}/svg')> `</code><img src={at}/code.png>` &lt;img src={at}/entity.png&gt;"
    )


def filings(data: Path, at: str) -> None:
    """Lay a few of the bundled filings into a data folder; the newest is full of what `hostile` returns."""
    data.mkdir()
    shutil.copy(REPO / "data" / "companies.toml", data)
    shutil.copytree(REPO / "data" / "companies", data / "companies")
    for quarter in QUARTERS:
        name = f"{quarter}-release"
        shutil.copytree(REPO / "data" / "filings" / "KC" / name, data / "filings" / "KC" / name)
    page = data / "filings" / "KC" / f"{NEWEST}-release" / "release.htm"
    text, bad = page.read_text(encoding="utf-8"), escape(hostile(at))
    said = f"<p>Mr. Tao Zou, Chief Executive Officer of Kingsoft Cloud, commented, “We grow {bad} and go on.”</p>"
    row = f"<tr><td>Other {bad}</td><td>&nbsp;</td></tr>"
    text = text.replace("<body>", f"<body><p>[d]: {at}/reference.png</p>", 1).replace(
        "</title>", f" {bad}</title>", 1
    )
    text = re.sub(r'data-source-url="[^"]*"', f'data-source-url="{at}/source.png"', text)
    text = re.sub(r"(<td[^>]*>)(Other [a-z ]+|Interest income)(</td>)", rf"\1\2 {bad}\3", text)
    text = text.replace("</table>", f"{row}</table>").replace("</body>", f"{said}</body>", 1)
    page.chmod(0o644)
    page.write_text(text, encoding="utf-8")


def graphql(address: str, query: str) -> Any:
    request = urllib.request.Request(
        f"{address}/graphql", json.dumps({"query": query}).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]


def told_by_a_check(data: Path, text: str) -> None:
    """Report a failed check of statement lines whose message and failing rows hold a text."""
    import dagster as dg

    from kc_pipeline.orchestration.checks import FAILING, check_event
    from kc_pipeline.orchestration.tables import asset_key

    row: dict[str, Any] = dict.fromkeys(
        ("kept_out", "tolerance", "largest_deviation", "judged_rows", "failing_rows"), None
    )
    row |= {"status": "failed", "severity": "warn", "relation": "staging.statement_lines", "message": text}
    row |= {"check_name": "balance_sheet_balances", "failures": [dict.fromkeys(FAILING, text)]}
    event = check_event({**row, "judged_rows": 1, "failing_rows": 1, "kept_out": []}, asset_key)
    assert isinstance(event, dg.AssetCheckResult)
    with dg.DagsterInstance.from_config(str(data / "dagster")) as instance:
        instance.report_runless_asset_event(
            dg.AssetCheckEvaluation(
                asset_key=asset_key(row["relation"]),
                check_name=row["check_name"],
                passed=False,
                severity=event.severity,
                description=event.description,
                metadata=event.metadata,
            )
        )


@pytest.mark.browser
@pytest.mark.slow
def test_nothing_of_a_hostile_filing_is_loaded(tmp_path: Path) -> None:
    chromium = browser_path()
    if chromium is None:
        assert not os.environ.get("CI"), "chromium must be there in CI; `make test` installs it"
        pytest.skip("no chromium; `apt-get install chromium` to run this test")
    from playwright.sync_api import sync_playwright

    with loopback() as (at, log, pages), sync_playwright() as playwright:
        data = tmp_path / "data"
        filings(data, at)
        publish(data)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1600, "height": 950})
        page.set_default_timeout(120_000)
        brief = next((data / "briefs" / "KC").glob(f"{NEWEST}.html"))
        page.goto(brief.as_uri())
        assert "![a](" in page.inner_text("body"), "the text is there, as text"
        assert page.locator("a, img, script, iframe, svg").count() == 0
        assert page.evaluate("fetch('data:text/plain,x').then(() => 'loaded', () => 'refused')") == "refused"

        told_by_a_check(data, hostile(at))
        with dagster_ui(data) as ui:
            runs = "{ runsOrError { ... on Runs { results { runId } } } }"
            before = graphql(ui, runs)
            shown = ""
            for asset in SHOWN:
                page.goto(f"{ui}/assets/{asset}?view=events")
                buttons = page.get_by_text("Show Markdown")
                buttons.first.wait_for()
                for n in range(buttons.count()):
                    buttons.nth(n).click()
                    dialog = page.get_by_role("dialog").last
                    dialog.wait_for()
                    page.wait_for_timeout(500)
                    shown += dialog.inner_text()
                    assert (
                        dialog.locator(f"[src*='{at}'], [href*='{at}'], [href^='javascript']").count() == 0
                    ), asset
                    page.keyboard.press("Escape")
                    dialog.wait_for(state="hidden")
            assert "![a](" in shown, "the filing's text was shown"
            page.goto(f"{ui}/assets/staging/statement_lines?view=checks&checkDetail=balance_sheet_balances")
            page.get_by_text("![a](").first.wait_for()
            assert page.locator(f"[src*='{at}'], [href*='{at}'], [href^='javascript']").count() == 0
            assert not log, "nothing was asked for, neither by the brief nor by the UI"

            pages["/attack"] = ATTACK.format(ui=ui)
            page.goto(f"{at}/attack")
            page.get_by_text("done").wait_for()
            assert "socket opened" not in page.inner_text("body")
            page.goto(f"{ui}/runs")  # the UI itself still works
            page.get_by_text("Success").first.wait_for()
            assert graphql(ui, runs) == before
            assert graphql(ui, "{ assetNodes { assetMaterializations(limit: 9) { runId } } }") is not None
        browser.close()
        assert [p for p in log if p != "/favicon.ico"] == []
