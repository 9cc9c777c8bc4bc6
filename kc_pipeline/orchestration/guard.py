"""Keeps other pages in the browser from using the Dagster UI: ASGI middleware, no Dagster in it.

Dagster's webserver believes whoever reaches its port: it takes mutations by GET, from any origin and under any host
name. A page elsewhere (or a picture in a document) could then start runs. docs/decisions has the rules and why.
"""

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_SAME = ("same-origin", "none")
_GRAPHQL_BODIES = ("application/json", "application/graphql")
# Beside the policy of Dagster's own pages (a browser holds to both): nothing is loaded from elsewhere, no page frames it.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self' ws://{host} wss://{host}; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class Guard:
    """Refuses what does not come from the UI's own pages or from a program, and adds headers to what is answered.

    A browser says where a request comes from (`Origin`, `Sec-Fetch-Site`); programs such as curl say nothing and pass.
    A host name other than localhost or an address must be in `hosts`: another one that leads here is somebody else's
    (DNS rebinding).
    """

    def __init__(self, app: App, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._hosts = {h.lower() for h in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = _headers(scope)
        status, reason = refusal(scope, headers, self._hosts)
        if not reason:
            await self._app(scope, receive, _with_headers(send, headers["host"]))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
        else:
            kind = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": status, "headers": kind})
            await send({"type": "http.response.body", "body": f"{reason}\n".encode()})


def refusal(scope: Scope, headers: dict[str, str], hosts: Collection[str]) -> tuple[int, str]:
    """Return the status and the reason for which a request is refused; (0, "") for one that may pass."""
    host = headers.get("host", "")
    if not _is_ours(host, hosts):
        return 403, "this host name is not the UI's own; start it with `kc ui --allow-host NAME` to use one"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return 403, "requests from pages of another origin are refused"
    opened = scope.get("method") == "GET" and headers.get("sec-fetch-dest") == "document"
    if headers.get("sec-fetch-site", "none") not in _SAME and not opened:
        return 403, "requests from pages of another site are refused"
    if scope["type"] == "http" and scope["path"].rstrip("/").endswith("/graphql"):
        if scope["method"] != "POST":
            return (405, "GraphQL is answered by POST only") if scope.get("query_string") else (0, "")
        if headers.get("content-type", "").partition(";")[0].strip().lower() not in _GRAPHQL_BODIES:
            return 415, "GraphQL is answered for application/json only"
    return 0, ""


def _headers(scope: Scope) -> dict[str, str]:
    """Return headers by name; one that comes twice is joined, as no valid host or origin is."""
    out: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        out[key] = f"{out[key]}, {text}" if key in out else text
    return out


def _is_ours(host: str, hosts: Collection[str]) -> bool:
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not name or parts.netloc != host or parts.username is not None:
        return False
    if name == "localhost" or name in hosts:
        return True
    try:
        return bool(ip_address(name))
    except ValueError:
        return False


def _with_headers(send: Send, host: str) -> Send:
    async def sent(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            policy = _POLICY.format(host=host).encode("latin-1")
            added = [(b"content-security-policy", policy), (b"x-frame-options", b"DENY")]
            message = {**message, "headers": [*message.get("headers", ()), *added]}
        await send(message)

    return sent
