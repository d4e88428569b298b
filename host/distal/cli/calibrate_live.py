"""A guided calibration: records one cuff through a session and says what to do next."""

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.analysis.calibrate_guide import Guide, Step
from distal.analysis.mounting import DO, SWING_S
from distal.model import Received
from distal.session import Listener, Plan, Session
from distal.streams import Streams

if TYPE_CHECKING:
    from distal.link.base import Radio

TUMBLE_S = 60.0
WORN_S = 6.0 + SWING_S
MOST_S = 600.0


def record_guided(given: dict[str, Any], is_shown: bool) -> Path:
    """Record one cuff until enough is known; returns the recording. raises CuffNotFound, LinkLost, ..."""
    path = given["out"] or Path(tempfile.mkdtemp(prefix="distal-calibrate-")) / "calibrate.distal"
    asyncio.run(_record(path, given, Told(is_shown)))
    return path


async def _record(path: Path, given: dict[str, Any], told: "Told") -> None:
    from distal.cli.options import known_id
    from distal.cli.record import stopping_on_interrupt
    from distal.device.keys import CuffStore
    from distal.link.ble import open_radio

    store = CuffStore()
    given = {**given, "cuff": known_id(store, given["cuff"])}
    async with open_radio(store.key_of) as radio:
        session = Guided(radio, path, given, told, store.addresses()).session
        try:
            with stopping_on_interrupt(session):
                await session.run()
        finally:
            store.meet(session.met)
    told.end()


class Guided:
    """A session of one cuff that ends by itself; Ctrl-C ends it with what there is."""

    def __init__(
        self,
        radio: "Radio",
        path: Path,
        given: dict[str, Any],
        told: "Told",
        paired: Mapping[str, str | None],
    ) -> None:
        fixed_s = WORN_S if given["mounting"] else TUMBLE_S if given["method"] == "tumble" else None
        plan = Plan(duration_s=fixed_s or MOST_S, left=given["cuff"], cuffs=1, paired=paired)
        listener = Listener(note=told.note, message=self._take)
        self.session = Session(radio, path, plan, listener)
        self._told, self._streams, self._is_guided = told, Streams(), fixed_s is None
        self._guide: Guide | None = None
        told.note(_begin(given))

    def _take(self, message: Received) -> None:
        rows = self._streams.feed([message])
        if not self._is_guided:
            self._told.count(self._streams.length_s())
            return
        for side, part in rows:
            self._guide = self._guide or Guide(self._streams.rates()[side])
            step = self._guide.update(part.gyr, part.acc)
            self._told.step(step)
            if step.is_enough:
                self.session.stop()


def _begin(given: dict[str, Any]) -> str:
    if given["mounting"]:
        return DO
    if given["method"] == "tumble":
        return f"Turn the cuff slowly to all sides, over each of its six faces, for {TUMBLE_S:.0f} s."
    return "Lay the cuff still on one side, on something firm. Then on the others; 2 s each, in any order."


class Told:
    """What the person reads: one line, rewritten on a terminal; elsewhere a line when something changes."""

    def __init__(self, is_wanted: bool) -> None:
        self._is_wanted = is_wanted
        self._is_terminal = sys.stderr.isatty()
        self._shown = ""
        self._open = False

    def note(self, text: str) -> None:
        """A line of its own."""
        if self._is_wanted:
            self.end()
            click.echo(text, err=True)

    def step(self, step: Step) -> None:
        """Where the calibration stands."""
        self._line(words(step))

    def count(self, seconds: float) -> None:
        """How long it has been recorded."""
        self._line(f"{5 * int(seconds / 5)} s")

    def _line(self, text: str) -> None:
        if not self._is_wanted or text == self._shown:
            return
        self._shown = text
        self._open = self._is_terminal
        click.echo(f"\r{text:<79}" if self._is_terminal else text, err=True, nl=not self._is_terminal)

    def end(self) -> None:
        """Leave the line."""
        if self._open:
            click.echo(err=True)
            self._open = False


def words(step: Step) -> str:
    """Where it stands and what to do next."""
    seen = len(step.seen)
    if step.is_enough:
        return f"{seen} sides: enough."
    now = "moving" if step.up is None else f"{step.up} is up"
    if not step.is_done:
        return (
            f"{seen} of 6 sides; {now}: lay it still ..."
            if step.up is None
            else f"{seen} of 6 sides; {now}: hold ..."
        )
    after = "turn it upside down" if step.turn_over else "lay it on another side"
    return f"{seen} of 6 sides; {now}: done. Next {after} (missing: {' '.join(step.absent)} up)."
