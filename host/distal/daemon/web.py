"""The daemon over HTTP: the live page, the state as JSON and as a stream of events, start and stop."""

import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from distal import __version__
from distal.daemon.guard import App, Guard
from distal.daemon.page import POLICY, asset, index
from distal.daemon.source import Refused, Source, StoredSession
from distal.daemon.state import State, to_dict
from distal.report.words import Words, words

FAST_S = 0.1  # between two events while recording
SLOW_S = 1.0
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class StartWish(BaseModel):
    """What `POST /start` may say."""

    model_config = ConfigDict(extra="forbid")
    exercise: str | None = Field(None, max_length=40, description="If known; else it is recognised.")


def make_app(source: Source, lang: str = "en") -> App:
    """The whole HTTP side of a source, in a language; an ASGI app."""
    app = FastAPI(
        title="Distal daemon",
        version=__version__,
        description="Records sessions of smart ankle weights. This computer only. Not a medical device.",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
    )
    guard = Guard(app, words(lang))
    _add_page(app, lang)
    _add_state(app, source, guard)
    _add_commands(app, source)
    _add_sessions(app, source, words(lang))
    _add_watch(app, source)
    return guard


def _add_page(app: FastAPI, lang: str) -> None:
    @app.get("/", response_class=HTMLResponse, summary="The live page.")
    def page() -> HTMLResponse:
        return HTMLResponse(index(lang), headers={"content-security-policy": POLICY})

    @app.get("/page/{name}", response_class=Response, summary="A file of the page.")
    def page_file(name: str) -> Response:
        found = asset(name)
        if found is None:
            raise HTTPException(404)
        return Response(found[0], media_type=found[1])


def _add_state(app: FastAPI, source: Source, guard: Guard) -> None:
    @app.get("/state", summary="The state of this moment.")
    async def state() -> dict[str, Any]:
        return to_dict(source.state())

    @app.get("/events", response_class=StreamingResponse, summary="Server-sent events named `state`.")
    async def events() -> StreamingResponse:
        return StreamingResponse(_events(source, guard), media_type="text/event-stream")


async def _events(source: Source, guard: Guard) -> AsyncIterator[str]:
    """At once, then on each change and at least each second; ten a second while a session runs."""
    yield f"retry: {1000 * SLOW_S:.0f}\n\n"  # so soon a browser comes back to a daemon that started anew
    while not guard.is_ending:
        state = source.state()
        yield as_event(state)
        await source.wait_change(FAST_S if state.phase == "recording" else SLOW_S)


def as_event(state: State) -> str:
    """One server-sent event."""
    data = json.dumps(to_dict(state), allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return f"event: state\ndata: {data}\n\n"


def _add_commands(app: FastAPI, source: Source) -> None:
    @app.post("/start", summary="Begin a session.", responses={409: {"description": "Not now."}})
    async def start(wish: StartWish | None = None) -> dict[str, Any]:
        return _follow(source, lambda: source.start("command", wish.exercise if wish else None))

    @app.post("/stop", summary="End the session.", responses={409: {"description": "None runs."}})
    async def stop() -> dict[str, Any]:
        return _follow(source, lambda: source.stop("command"))


def _follow(source: Source, step: Any) -> dict[str, Any]:
    try:
        step()
    except Refused as refusal:
        raise HTTPException(409, str(refusal)) from refusal
    return to_dict(source.state())


def _add_sessions(app: FastAPI, source: Source, words: Words) -> None:
    @app.get("/sessions", summary="What is recorded, newest first.")
    def sessions() -> list[dict[str, Any]]:
        return [_listed(one) for one in source.sessions()]

    @app.get("/sessions/{name}.json", response_class=FileResponse, summary="The report as JSON.")
    def report_json(name: str) -> FileResponse:
        return FileResponse(_found(_session(source, name, words).json, words), media_type="application/json")

    @app.get("/sessions/{name}", response_class=FileResponse, summary="The report as a page.")
    def report_html(name: str) -> FileResponse:
        return FileResponse(_found(_session(source, name, words).html, words), media_type="text/html")


def _listed(one: StoredSession) -> dict[str, Any]:
    return {"name": one.name, "when": one.when, "recording": str(one.recording), "report": bool(one.html)}


def _session(source: Source, name: str, words: Words) -> StoredSession:
    """By its name among those that are there: a path from the address bar reaches no other file."""
    for one in source.sessions():
        if one.name == name:
            return one
    raise HTTPException(404, words.say("daemon.no_session", name=name))


def _found(path: Any, words: Words) -> Any:
    if path is None:
        raise HTTPException(404, words.say("daemon.no_report"))
    return path


def _add_watch(app: FastAPI, source: Source) -> None:
    @app.get("/healthz", summary="200 when all is well, 503 with reasons.")
    async def healthz() -> JSONResponse:
        reasons = source.health().reasons
        about = {"ok": not reasons, "reasons": list(reasons), "version": __version__}
        return JSONResponse(about, 503 if reasons else 200)

    @app.get("/metrics", response_class=Response, summary="Counters for Prometheus.")
    async def metrics() -> Response:
        return Response(source.metrics(), media_type=METRICS_TYPE)
