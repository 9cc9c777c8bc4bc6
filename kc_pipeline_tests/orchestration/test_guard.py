"""What the guard before the Dagster UI lets through: the UI's own pages and programs, no other page."""

import asyncio
from typing import Any

import pytest

from kc_pipeline.orchestration.guard import Guard

HERE = "127.0.0.1:3000"
JSON = {"content-type": "application/json"}
OWN = {"origin": f"http://{HERE}", "sec-fetch-site": "same-origin", "sec-fetch-dest": "empty"}
MUTATION = b"query=mutation{launchRun}"


def answer(
    method: str, path: str, headers: dict[str, str], query: bytes = b"", kind: str = "http"
) -> tuple[list[dict[str, Any]], bool]:
    """Return what the guard sends, and whether the app behind it was asked."""
    asked, sent = [], []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope)
        await send({"type": f"{kind}.response.start", "status": 200, "headers": [(b"x-app", b"1")]})

    async def receive() -> dict[str, Any]:
        return {"type": f"{kind}.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": kind,
        "path": path,
        "query_string": query,
        "headers": [(k.encode(), v.encode()) for k, v in {"host": HERE, **headers}.items()],
    } | ({"method": method} if kind == "http" else {})
    asyncio.run(Guard(app, hosts=["dagster.intern"])(scope, receive, send))
    return sent, bool(asked)


@pytest.mark.parametrize(
    ("method", "path", "headers", "query"),
    [
        ("GET", "/", {}, b""),
        (
            "GET",
            "/assets/core/facts",
            {"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"},
            b"view=checks",
        ),
        ("GET", "/server_info", {"host": "localhost:3000"}, b""),
        ("GET", "/server_info", {"host": "[::1]:3000"}, b""),
        ("GET", "/server_info", {"host": "192.168.1.5:3000"}, b""),
        ("GET", "/server_info", {"host": "dagster.intern"}, b""),
        ("GET", "/graphql", {}, b""),
        ("POST", "/graphql", {**OWN, **JSON}, b""),
        ("POST", "/graphql", JSON, b""),
        ("POST", "/graphql", {"content-type": "application/json; charset=utf-8"}, b""),
        ("POST", "/report_asset_materialization/core/facts", JSON, b""),
    ],
)
def test_own_pages_and_programs_pass(method: str, path: str, headers: dict[str, str], query: bytes) -> None:
    sent, asked = answer(method, path, headers, query)
    assert asked
    added = dict(sent[0]["headers"])
    assert added[b"x-frame-options"] == b"DENY"
    assert b"img-src 'self' data: blob:;" in added[b"content-security-policy"]
    assert b"frame-ancestors 'none'" in added[b"content-security-policy"]
    assert added[b"x-app"] == b"1"


@pytest.mark.parametrize(
    ("method", "path", "headers", "query", "status"),
    [
        ("GET", "/graphql", {}, MUTATION, 405),
        ("GET", "/graphql", OWN, MUTATION, 405),  # a picture in the UI's own page
        ("GET", "/graphql/", {}, MUTATION, 405),
        ("HEAD", "/graphql", {}, MUTATION, 405),
        ("GET", "/graphql", {"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"}, MUTATION, 405),
        ("POST", "/graphql", {"content-type": "text/plain"}, MUTATION, 415),
        ("POST", "/graphql", {}, MUTATION, 415),
        ("POST", "/graphql", {**JSON, "origin": "http://evil.example"}, b"", 403),
        ("POST", "/graphql", {**JSON, "origin": "http://127.0.0.1:4000"}, b"", 403),
        ("POST", "/graphql", {**JSON, "origin": "null"}, b"", 403),
        ("POST", "/graphql", {**JSON, "sec-fetch-site": "same-site"}, b"", 403),
        ("POST", "/report_asset_check/core/facts", {"origin": "http://evil.example"}, b"", 403),
        ("POST", "/report_asset_check/core/facts", {"sec-fetch-site": "cross-site"}, b"", 403),
        ("GET", "/", {"sec-fetch-site": "cross-site", "sec-fetch-dest": "iframe"}, b"", 403),
        ("GET", "/logs/x", {"sec-fetch-site": "cross-site", "sec-fetch-dest": "image"}, b"", 403),
        ("GET", "/", {"host": "rebound.evil.example:3000"}, b"", 403),
        ("POST", "/graphql", {**JSON, "host": "evil.example", "origin": "http://evil.example"}, b"", 403),
        ("GET", "/", {"host": "localhost.evil.example"}, b"", 403),
        ("GET", "/", {"host": "localhost@evil.example"}, b"", 403),
        ("GET", "/", {"host": ""}, b"", 403),
        ("GET", "/", {"host": "localhost:x"}, b"", 403),
    ],
)
def test_other_pages_and_names_are_refused(
    method: str, path: str, headers: dict[str, str], query: bytes, status: int
) -> None:
    sent, asked = answer(method, path, headers, query)
    assert not asked
    assert sent[0]["status"] == status
    assert sent[1]["body"].endswith(b"\n")


def test_a_socket_is_for_the_uis_own_pages() -> None:
    assert answer("", "/graphql", {"origin": f"http://{HERE}"}, kind="websocket")[1]
    sent, asked = answer("", "/graphql", {"origin": "http://evil.example"}, kind="websocket")
    assert not asked
    assert sent == [{"type": "websocket.close", "code": 1008, "reason": sent[0]["reason"]}]


def test_dagsters_webserver_answers_through_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    from dagster_webserver.webserver import DagsterWebserver

    from kc_pipeline.orchestration.webserver import put_guard_before

    monkeypatch.setattr(DagsterWebserver, "build_middleware", DagsterWebserver.build_middleware)
    put_guard_before(["dagster.intern"])
    first = DagsterWebserver.build_middleware(object())[0]  # type: ignore[arg-type]
    assert (first.cls, first.kwargs) == (Guard, {"hosts": ["dagster.intern"]})
