"""One recording from connect to the last packet: find the cuffs of a plan, then a Take on them."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from distal.errors import CuffNotFound, LinkError
from distal.hold import Cuffs, cancel
from distal.link.base import KeptSession, Radio, is_called
from distal.link.search import Pair, Search, Wanted
from distal.model import SIDES, Side
from distal.pipeline import Live, Pipeline
from distal.recording import Recorder, check_free
from distal.report.words import words
from distal.take import Listener, OpenRecorder, Plan, Take

__all__ = ["Listener", "Plan", "Session"]
KEPT_AFTER_S = 1.0


class Session:
    """Runs one recording; stop() ends it cleanly from a signal handler or another task."""

    def __init__(
        self,
        radio: Radio,
        out: Path,
        plan: Plan,
        listener: Listener | None = None,
        open_recorder: OpenRecorder = Recorder,
    ) -> None:
        self.out = out
        self.plan = plan
        self.met: dict[str, str] = {}  # id of each cuff of the session -> address where it was heard
        self._radio = radio
        self._listener = listener or Listener()
        self._open_recorder = open_recorder
        self._is_stopped = False
        self._take: Take | None = None
        self._cuffs: Cuffs | None = None

    @property
    def pipeline(self) -> Pipeline:
        """What the messages became. raises RuntimeError before the recording has begun"""
        if self._take is None:
            raise RuntimeError("the session has not begun: run() it first")
        return self._take.pipeline

    @property
    def linked(self) -> dict[str, bool]:
        """Whether the link of each cuff stands, by its id."""
        return {held.cuff: held.is_linked for held in self._cuffs.held} if self._cuffs else {}

    def live(self) -> Live | None:
        """The view of this moment; None before the recording has begun, or when the view has failed."""
        return self._take.live() if self._take else None

    def stop(self) -> None:
        """End the session after the samples taken so far."""
        self._is_stopped = True
        if self._take:
            self._take.stop()

    async def run(self) -> Path:
        """Find, connect, record until the plan's end or stop(); returns the recording.

        raises  CuffNotFound, BluetoothOff, CommandRefused, LinkLost before it starts; RecordingError any time
        """
        check_free(self.out)
        async with Cuffs(self._radio) as cuffs:
            self._cuffs = cuffs
            await self._connect_all(cuffs)
            self._take = Take(cuffs, self.out, self.plan, self._listener, self._open_recorder)
            if self._is_stopped:
                self._take.stop()
            telling = asyncio.create_task(self._tell_kept(cuffs))
            try:
                return await self._take.run()
            finally:
                await cancel([telling])

    async def _tell_kept(self, cuffs: Cuffs) -> None:
        """Say what the cuffs recorded without a host, once the recording has begun."""
        await asyncio.sleep(KEPT_AFTER_S)
        for held in list(cuffs.held):
            with suppress(LinkError):  # it keeps nothing, or the link is others' to tell
                text = kept_note(held.side, (await held.link.kept()).sessions, self._listener.lang)
                if text:
                    self._listener.note(text)

    async def _connect_all(self, cuffs: Cuffs) -> None:
        """Connect to the cuffs of the plan and give each a side."""
        plan = self.plan
        names = [name for name in (plan.left, plan.right) if name]
        wanted = Wanted(names, plan.paired, plan.cuffs, plan.scan_s)
        links = await Search(self._radio, wanted, self._listener.note).run(cuffs.connect)
        try:
            for side, (one, link) in self._choose(links).items():
                cuffs.hold(one, link, side)
                self.met[link.info.cuff] = one.address
        finally:
            kept = [held.link for held in cuffs.held]
            await asyncio.gather(*(link.close() for _, link in links if link not in kept))

    def _choose(self, links: Sequence[Pair]) -> dict[Side, Pair]:
        """Sides: first what the user said, then what the cuffs say, then what is left."""
        chosen: dict[Side, Pair] = {}
        rest = list(links)
        for side, wanted in zip(SIDES, (self.plan.left, self.plan.right), strict=True):
            if wanted:
                match = next((pair for pair in rest if is_called(wanted, pair[1].info.cuff, pair[0])), None)
                if match is None:
                    heard = ", ".join(link.info.cuff for _, link in links)
                    raise CuffNotFound(
                        f"no cuff {wanted} was heard (heard: {heard}). Check the id: distal scan"
                    )
                rest.remove(match)
                chosen[side] = match
        if self.plan.left or self.plan.right:
            rest = []
        for pair in sorted(rest, key=lambda pair: pair[1].info.side is None):
            self._give_side(chosen, pair)
        return chosen

    def _give_side(self, chosen: dict[Side, Pair], pair: Pair) -> None:
        free = [side for side in SIDES if side not in chosen]
        link = pair[1]
        said = link.info.side
        if not free:
            self._listener.note(f"{link.name} is left out: both legs have a cuff")
            return
        side = said if said in free else free[0]
        if side != said:
            why = f"says {said}, which is taken" if said else "does not say its side"
            self._listener.note(f"{link.name} {why}: taken as {side}; name it with --{side} {link.info.cuff}")
        chosen[side] = pair


def kept_note(side: Side, sessions: Sequence[KeptSession], lang: str) -> str | None:
    """What of them was recorded without a host and no host has; None: nothing."""
    alone = [one for one in sessions if one.is_alone and not (one.is_released or one.is_open)]
    minutes = sum(one.count / one.rate_hz for one in alone if one.rate_hz) / 60
    say = words(lang)
    values = {"Side": say.say(f"side.{side.capitalize()}"), "minutes": f"{minutes:.1f}"}
    return say.count("take.keeps", len(alone), **values) if alone else None
