"""Only this computer's own pages may talk to the daemon.

A web page from elsewhere can make a browser send requests to 127.0.0.1. Two doors are shut: a name that was
pointed at us (DNS rebinding) shows in `Host`, a form or script of another page shows in `Origin`.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from distal.report.words import Words

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Callable[[], Awaitable[MutableMapping[str, Any]]], Send], Awaitable[None]]

OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


class Guard:
    """ASGI layer before everything else."""

    def __init__(self, app: App, words: Words) -> None:
        self._app, self._words = app, words
        self.is_ending = False  # streams of events end by themselves soon after this is set

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        """Refuse a foreign request, else pass it on with our headers on the answer."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        refusal = refuse(scope["method"], dict(scope["headers"]))
        if refusal:
            return await _answer(send, self._words.say(refusal))
        await self._app(scope, receive, _with_headers(send))


def refuse(method: str, headers: dict[bytes, bytes]) -> str | None:
    """Why a request is foreign, as a key of the words; None if it is our own. Header names are lower case."""
    host = headers.get(b"host", b"").decode("latin-1")
    if _name_of(f"//{host}") not in OWN_NAMES:
        return "daemon.foreign_host"
    if method in ("GET", "HEAD"):
        return None
    origin = headers.get(b"origin")
    if origin is not None and origin.decode("latin-1") != f"http://{host}":
        return "daemon.foreign_page"
    if headers.get(b"sec-fetch-site", b"same-origin") not in (b"same-origin", b"none"):
        return "daemon.foreign_page"
    return None


def _name_of(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


async def _answer(send: Send, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *HEADERS]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode() + b"\n"})


def _with_headers(send: Send) -> Send:
    async def send_more(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *HEADERS]
        await send(message)

    return send_more
