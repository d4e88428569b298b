"""A source that a test turns by hand."""

import asyncio
import math
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.host.daemon.stage import Act, Leg, Play, Stage

from distal.daemon.daemon import running
from distal.daemon.source import Health, Refused, StoredSession
from distal.daemon.state import CuffState, LegLive, LiveState, SessionState, State
from distal.daemon.web import make_app
from distal.model import Side
from distal.virtual import clockloop
from distal.virtual.rig import CuffSetup, VirtualRig

Ask = Callable[..., httpx.Response]


class HandSource:
    """Shows the state it was given and remembers what was asked."""

    def __init__(self) -> None:
        self.now = State("ready", cuffs=(CuffState("a1", "Distal left", "left", "linked", 80),))
        self.asked: list[tuple[str, str | None]] = []
        self.stored: list[StoredSession] = []
        self.reasons: tuple[str, ...] = ()
        self._changed = asyncio.Event()

    def state(self) -> State:
        return self.now

    def change(self, state: State) -> None:
        self.now = state
        self._changed.set()

    async def wait_change(self, timeout_s: float) -> None:
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), timeout_s)
        except TimeoutError:
            return

    def start(self, by: str, exercise: str | None = None) -> None:
        if self.now.phase == "recording":
            raise Refused("A session runs already.")
        self.asked.append((by, exercise))
        live = LiveState(1.5, None, exercise, {"left": LegLive(2, ((0.5, -90.0),))})
        self.change(State("recording", SessionState("one", "2026-11-22T05:06:00+01:00", 1.5), live))

    def stop(self, by: str) -> None:
        if self.now.phase != "recording":
            raise Refused("No session runs.")
        self.change(State("saving"))

    def sessions(self) -> list[StoredSession]:
        return self.stored

    def health(self) -> Health:
        return Health(self.reasons)

    def metrics(self) -> bytes:
        return b"distal_packets_total 3.0\n"


@pytest.fixture
def source() -> HandSource:
    return HandSource()


@pytest.fixture
def stored(source: HandSource, tmp_path: Path) -> HandSource:
    """With one finished session, and one whose report is not there yet."""
    page, data = tmp_path / "one.html", tmp_path / "one.json"
    page.write_text("<h1>report</h1>")
    data.write_text('{"sets": []}')
    source.stored = [
        StoredSession("two", tmp_path / "two.distal", "2026-11-23T05:06:00+01:00", None, None),
        StoredSession("one", tmp_path / "one.distal", "2026-11-22T05:06:00+01:00", page, data),
    ]
    return source


@pytest.fixture
def ask(source: HandSource) -> Ask:
    """Send one request to the app as a browser on this computer would."""

    def send(method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(make_app(source))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8377") as client:
                return await client.request(method, path, headers=headers, **more)

        return asyncio.run(go())

    return send


def run(coro: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coro)


@pytest.fixture
def play(tmp_path: Path) -> Play:
    return play_on(tmp_path)


def play_on(folder: Path) -> Play:
    """Run a daemon on two cuffs while `act(stage)` runs, then stop it cleanly."""

    def go(
        act: Act,
        sides: tuple[Side, ...] = ("left", "right"),
        key: bytes | None = None,
        before: Callable[[Stage], None] = lambda _: None,
        **settings: Any,
    ) -> Stage:
        async def main() -> Stage:
            legs = [Leg() for _ in sides]
            setups = [
                CuffSetup(leg, side, 1000, f"Distal {side}", key=key)
                for leg, side in zip(legs, sides, strict=True)
            ]
            async with VirtualRig(setups) as rig:
                stage = Stage(rig, legs, folder, **settings)
                before(stage)
                with stage.log:
                    async with running(stage.daemon):
                        await act(stage)
            return stage

        return clockloop.run(main(), speed=math.inf)

    return go
