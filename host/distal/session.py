"""One recording from connect to the last packet: what `record`, `demo` and a daemon share."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from distal.errors import CommandRefused, CuffNotFound, LinkError
from distal.link.base import INBOX_SIZE, Found, Inbox, Link, Radio, is_meant
from distal.model import SIDES, Facts, Received, Side
from distal.pipeline import Live, Pipeline
from distal.recording import Cuff, Recorder, check_free
from distal_wire import spec

TICK_S = 0.5
RETRY_S = 1.0
LAST_PACKETS_S = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to record: which cuffs, for how long, about whom."""

    facts: Facts = field(default_factory=Facts)
    duration_s: float | None = None  # None: until stop()
    left: str | None = None  # id, address or name, or the end of one
    right: str | None = None
    cuffs: int = 2
    scan_s: float = 10.0
    about: Mapping[str, Any] = field(default_factory=dict)  # kept in the recording, such as the truth


@dataclass(frozen=True, slots=True)
class Listener:
    """Who wants to know: `live` once a second, `note` in words when something happens."""

    live: Callable[[Live], None] = lambda _live: None
    note: Callable[[str], None] = lambda _text: None


class _Leg:
    """One cuff of the session and its present link."""

    def __init__(self, found: Found, link: Link, side: Side) -> None:
        self.found = found
        self.link = link
        self.side = side
        self.stop_index: int | None = None


class Session:
    """Runs one recording; stop() ends it cleanly from a signal handler or another task."""

    def __init__(self, radio: Radio, out: Path, plan: Plan, listener: Listener | None = None) -> None:
        self.out = out
        self.plan = plan
        self.pipeline: Pipeline
        self._radio = radio
        self._listener = listener or Listener()
        self._inbox: Inbox = asyncio.Queue(INBOX_SIZE)
        self._stopping = asyncio.Event()
        self._legs: list[_Leg] = []
        self._recorder: Recorder
        self._has_view = True

    def stop(self) -> None:
        """End the session after the samples taken so far."""
        self._stopping.set()

    async def run(self) -> Path:
        """Find, connect, record until the plan's end or stop(); returns the recording.

        raises  CuffNotFound, BluetoothOff, CommandRefused, LinkLost before it starts; RecordingError any time
        """
        check_free(self.out)
        try:
            await self._connect_all()
            sides = {leg.link.info.cuff: leg.side for leg in self._legs}
            facts = _fill_masses(self.plan.facts, self._legs)
            self.pipeline = Pipeline(facts, sides)
            with Recorder(self.out, facts, self.plan.about) as self._recorder:
                for leg in self._legs:
                    cuff = Cuff(leg.link.info.cuff, leg.side, leg.link.name, leg.link.info_bytes)
                    self._recorder.note_cuff(cuff)
                await self._record()
        except CommandRefused:
            self.out.unlink(missing_ok=True)  # nothing was sampled: the name stays free for the next try
            raise
        finally:
            await asyncio.gather(*(leg.link.close() for leg in self._legs))
        return self.out

    async def _connect_all(self) -> None:
        """Connect to the cuffs of the plan and give each a side."""
        named = bool(self.plan.left or self.plan.right)
        found = await self._radio.scan(self.plan.scan_s, None if named else self.plan.cuffs)
        if not found:
            raise CuffNotFound("no cuff was heard. Wake the cuffs (move them), bring them closer, try again.")
        links = []
        try:
            for one in found if named else found[: self.plan.cuffs]:
                self._listener.note(f"connecting to {one.name}")
                links.append((one, await self._radio.connect(one, self._inbox)))
            self._legs = self._choose(links)
        finally:
            kept = [leg.link for leg in self._legs]
            await asyncio.gather(*(link.close() for _, link in links if link not in kept))

    def _choose(self, links: Sequence[tuple[Found, Link]]) -> list[_Leg]:
        """Sides: first what the user said, then what the cuffs say, then what is left."""
        chosen: dict[Side, _Leg] = {}
        rest = list(links)
        for side, wanted in zip(SIDES, (self.plan.left, self.plan.right), strict=True):
            if wanted:
                match = next((pair for pair in rest if is_meant(pair[0], pair[1].info, wanted)), None)
                if match is None:
                    heard = ", ".join(link.info.cuff for _, link in links)
                    raise CuffNotFound(
                        f"no cuff {wanted} was heard (heard: {heard}). Check the id: distal scan"
                    )
                rest.remove(match)
                chosen[side] = _Leg(*match, side)
        if self.plan.left or self.plan.right:
            rest = []
        for found, link in sorted(rest, key=lambda pair: pair[1].info.side is None):
            self._give_side(chosen, found, link)
        return list(chosen.values())

    def _give_side(self, chosen: dict[Side, _Leg], found: Found, link: Link) -> None:
        free = [side for side in SIDES if side not in chosen]
        said = link.info.side
        if not free:
            self._listener.note(f"{link.name} is left out: both legs have a cuff")
            return
        side = said if said in free else free[0]
        if side != said:
            why = f"says {said}, which is taken" if said else "does not say its side"
            self._listener.note(f"{link.name} {why}: taken as {side}; name it with --{side} {link.info.cuff}")
        chosen[side] = _Leg(found, link, side)

    async def _record(self) -> None:
        """Start the cuffs, keep all that comes, stop them. A part that fails ends the session."""
        writer = asyncio.create_task(self._write())
        others = [asyncio.create_task(self._tick())]
        try:
            await asyncio.gather(*(leg.link.command(spec.COMMAND_START) for leg in self._legs))
            self._listener.note("recording")
            others += [asyncio.create_task(self._keep_linked(leg)) for leg in self._legs]
            await self._until_done([writer, *others])
        finally:
            await _cancel(others)
            # after an error too: a cuff must not go on sampling for nobody
            await asyncio.gather(*(self._stop_leg(leg) for leg in self._legs))
            if not writer.done():
                await self._take_last()
            await _cancel([writer])
        while not self._inbox.empty():
            self._take(self._inbox.get_nowait())

    async def _until_done(self, parts: Sequence[asyncio.Task[None]]) -> None:
        """Wait for the plan's end, stop(), or a part that failed."""
        stopping = asyncio.create_task(self._wait_stop())
        try:
            await asyncio.wait(
                [*parts, stopping], timeout=self.plan.duration_s, return_when=asyncio.FIRST_COMPLETED
            )
            for part in parts:
                if part.done():
                    part.result()
        finally:
            await _cancel([stopping])

    async def _wait_stop(self) -> None:
        await self._stopping.wait()

    async def _write(self) -> None:
        while True:
            self._take(await self._inbox.get())

    def _take(self, received: Received) -> None:
        """To disk first, then to the pipeline."""
        self._recorder.append(received)
        self._view(lambda: self.pipeline.feed(received))

    def _view(self, step: Callable[[], object]) -> None:
        """Do one step of the live view; its fault ends the view and nothing else."""
        if not self._has_view:
            return
        try:
            step()
        except Exception as error:  # outermost loop of a recording: a fault of analysis must not end it
            self._has_view = False
            self._listener.note(f"the live view stopped ({error!r}); the recording goes on")

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            for _ in range(2):
                due += TICK_S
                await asyncio.sleep(due - loop.time())
                self._recorder.flush()
            self._view(lambda: self._listener.live(self.pipeline.live()))

    async def _keep_linked(self, leg: _Leg) -> None:
        """Connect again whenever the link ends, for as long as the session runs."""
        while True:
            await leg.link.lost.wait()
            self._listener.note(f"{leg.side} cuff out of reach; it keeps its samples, bring it closer")
            await self._reconnect(leg)
            self._listener.note(f"{leg.side} cuff is back")

    async def _reconnect(self, leg: _Leg) -> None:
        while leg.link.lost.is_set():
            await asyncio.sleep(RETRY_S)
            try:
                link = await self._radio.connect(leg.found, self._inbox)
            except LinkError:
                continue  # still out of reach: that was said once
            leg.link = link
            try:
                await link.command(spec.COMMAND_START)
            except LinkError:
                await link.close()

    async def _stop_leg(self, leg: _Leg) -> None:
        try:
            answer = await leg.link.command(spec.COMMAND_STOP)
            leg.stop_index = answer.index
        except LinkError as error:
            self._listener.note(f"{leg.side} cuff did not answer to stop: {error}")

    async def _take_last(self) -> None:
        """The answer to stop comes after the last packet; give a stack that reorders a moment."""
        loop = asyncio.get_running_loop()
        end = loop.time() + LAST_PACKETS_S
        while loop.time() < end and not self._is_complete():
            await asyncio.sleep(0.05)

    def _is_complete(self) -> bool:
        ends = self.pipeline.streams.ends()
        return all(
            leg.stop_index is None or ends.get(leg.link.info.cuff, 0) >= leg.stop_index for leg in self._legs
        )


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _fill_masses(facts: Facts, legs: Sequence[_Leg]) -> Facts:
    """What the cuffs say they weigh, where nothing else was said."""
    for leg in legs:
        grams = leg.link.info.mass_g
        if grams and facts.mass_kg(leg.side) is None:
            kg = grams / 1000
            facts = (
                replace(facts, mass_left_kg=kg) if leg.side == "left" else replace(facts, mass_right_kg=kg)
            )
    return facts
