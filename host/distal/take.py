"""One recording on held cuffs, from start to stop. What `record`, `demo` and the daemon share."""

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from distal.calibration import Calibration, choose
from distal.errors import CommandRefused, DistalError, LinkError
from distal.fill import Filler
from distal.hold import Cuffs, Held, cancel
from distal.model import Facts, Received, with_mass
from distal.own import Own
from distal.pipeline import Live, Pipeline
from distal.ranges import unwrap
from distal.recording import Cuff, Recorder, check_free
from distal.report.words import words
from distal.shelf import ENDED
from distal_wire import spec

TICK_S = 0.5
ASK_TIME_S = 60.0  # from round trip to round trip; the first ones follow at once
FIRST_TRIPS = 5
LAST_PACKETS_S = 2.0
STOPS = 3  # times a cuff that is linked is told to stop


@dataclass(frozen=True, slots=True)
class Plan:
    """What to record: which cuffs, for how long, about whom."""

    facts: Facts = field(default_factory=Facts)
    duration_s: float | None = None  # None: until stop()
    left: str | None = None  # id, address or name, or the end of one
    right: str | None = None
    cuffs: int = 2
    scan_s: float = 10.0
    paired: Mapping[str, str | None] = field(default_factory=dict)  # see link.search.Wanted; empty: any cuff
    about: Mapping[str, Any] = field(default_factory=dict)  # kept in the recording, such as the truth
    calibrations: Sequence[Calibration] = ()  # all that are known; those of the session's cuffs are used


@dataclass(frozen=True, slots=True)
class Listener:
    """Who wants to know: `live` once a second, `note` in words when something happens.

    live  None: nobody looks, and the view is made only when it is asked for
    warn  what somebody should do something about; None: as a note
    """

    live: Callable[[Live], None] | None = None
    note: Callable[[str], None] = lambda _text: None
    warn: Callable[[str], None] | None = None
    message: Callable[[Received], None] = lambda _message: None  # after it was kept
    lang: str = "en"  # of both


OpenRecorder = Callable[[Path, Facts, Mapping[str, Any]], Recorder]


class Take:
    """Starts the cuffs, keeps all that comes, stops them; stop() may be called at any time.

    A cuff that is linked again, or for the first time, while it runs takes part from then on.
    """

    def __init__(
        self,
        cuffs: Cuffs,
        out: Path,
        plan: Plan,
        listener: Listener | None = None,
        open_recorder: OpenRecorder = Recorder,
    ) -> None:
        self.out = out
        self.pipeline: Pipeline
        self._cuffs = cuffs
        self._plan = plan
        self._listener = listener or Listener()
        self._warn = self._listener.warn or self._listener.note
        self._open_recorder = open_recorder
        self._recorder: Recorder
        self._facts = plan.facts
        self._own = Own()
        self._parts: set[str] = set()  # ids of the cuffs that take part
        self._stops: dict[str, int] = {}  # cuff -> one past its last sample, as it answered to stop
        self._stopping = asyncio.Event()
        self._is_over = False  # the cuffs are told to stop, or were
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._has_view = True
        self._has_streams = True
        self._trips: list[tuple[str, float, float, int]] = []  # cuff, sent, answered, cuff clock between

    def stop(self) -> None:
        """End the recording after the samples taken so far."""
        self._stopping.set()

    async def run(self) -> Path:
        """Record until the plan's end or stop(); returns the recording.

        raises  CommandRefused before it starts; RecordingError any time
        """
        check_free(self.out)
        for held in self._cuffs.held:
            self._facts = fill_mass(self._facts, held)
        self.pipeline = Pipeline(self._facts, {held.cuff: held.side for held in self._cuffs.held})
        try:
            with self._open_recorder(self.out, self._facts, self._plan.about) as self._recorder:
                await self._watch()
        except CommandRefused:
            self.out.unlink(missing_ok=True)  # nothing was sampled: the name stays free for the next try
            raise
        return self.out

    async def _watch(self) -> None:
        self._cuffs.watch(self)
        try:
            for held in self._cuffs.held:
                self._admit(held)
                if held.is_linked:
                    self._take_info(held)
            await self._record()
        finally:
            self._cuffs.unwatch(self)
        if self._failed.done():
            self._failed.result()

    def _admit(self, held: Held) -> None:
        self._parts.add(held.cuff)
        info = held.link.info
        self._recorder.note_cuff(Cuff(held.cuff, held.side, held.link.name, held.link.info_bytes))
        ranges = info.acc_range_g, info.gyr_range_dps
        calibration = choose(self._plan.calibrations, held.cuff, info.imu, ranges)
        if calibration:
            self._recorder.note_calibration(calibration)
            self.pipeline.streams.name_calibration(calibration)

    def _take_info(self, held: Held) -> None:
        """A link that stood before us has told its info to others."""
        now = asyncio.get_running_loop().time()
        self.received(Received(held.cuff, now, held.link.info_bytes))

    async def _record(self) -> None:
        """Start the cuffs, keep all that comes, stop them. A part that fails ends the recording."""
        ticking = asyncio.create_task(self._tick())
        filler = Filler(self._cuffs, self.pipeline.streams, self._listener.note)
        filling = asyncio.create_task(filler.run())
        asking = asyncio.create_task(self._ask_times())
        linked = [held for held in self._cuffs.held if held.is_linked]
        try:
            await asyncio.gather(*(self._begin(held) for held in linked))
            self._listener.note("recording")
            await self._until_done(ticking, filling, asking)
        finally:
            await cancel([ticking, filling, asking])
            self._is_over = True
            # after an error too: a cuff must not go on sampling for nobody
            await asyncio.gather(*(self._stop_cuff(held) for held in self._cuffs.held))
            if not self._failed.done():
                await self._take_last()
        if not self._failed.done():
            # a cuff that is just coming back: nobody stops it later
            await self._wait_for(lambda: self._parts <= set(self._stops))
            self._note_end()
            self._follow(self.pipeline.settle)
            await filler.finish()
            self._follow(self._note_clocks)

    async def _ask_times(self) -> None:
        """Round trips tell how late packets are: the cuff's clock is read between question and answer."""
        for number in itertools.count():
            await asyncio.sleep(TICK_S if number < FIRST_TRIPS else ASK_TIME_S)
            for held in self._cuffs.held:
                if held.is_linked and held.cuff in self._parts:
                    with suppress(LinkError):  # a lost link is others' to tell
                        answer = await held.link.command(spec.COMMAND_ECHO)
                        self._trips.append((held.cuff, answer.t_sent, answer.t_host, answer.clock))

    def _note_end(self) -> None:
        """A cuff out of reach goes on without us: what it takes from here on is not of this recording."""
        if set(self._stops) < self._parts:
            self._recorder.note(ENDED, asyncio.get_running_loop().time())

    def _note_clocks(self) -> None:
        """Keep the round trips, and how well the legs' clocks agree by all that came."""
        self._recorder.note("round_trips", self._trips)
        self.pipeline.streams.name_round_trips(self._trips)
        sync = self.pipeline.streams.sync()
        if sync:
            self._recorder.note("sync", asdict(sync))

    async def _until_done(self, *running: asyncio.Task[None]) -> None:
        """Wait for the plan's end, stop(), or a part that failed."""
        stopping = asyncio.create_task(self._wait_stop())
        broken = asyncio.create_task(self._cuffs.broken())
        parts: Sequence[asyncio.Future[None]] = (*running, broken, self._failed)
        try:
            await asyncio.wait(
                [*parts, stopping], timeout=self._plan.duration_s, return_when=asyncio.FIRST_COMPLETED
            )
            for part in parts:
                if part.done():
                    part.result()
        finally:
            await cancel([stopping, broken])

    async def _wait_stop(self) -> None:
        await self._stopping.wait()

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            for _ in range(2):
                due += TICK_S
                await asyncio.sleep(due - loop.time())
                self._recorder.flush()
            show = self._listener.live
            if show:
                self._look(show)

    # ---- what the held cuffs tell: see hold.Watcher

    def received(self, message: Received) -> None:
        """To disk first, then to the pipeline."""
        if message.cuff in self._parts and self._own.has(message):
            self._keep(message)

    def _keep(self, message: Received) -> None:
        if self._failed.done():
            return
        try:
            self._recorder.append(message)
        except DistalError as error:
            self._failed.set_exception(error)
            self._failed.exception()  # another part may tell it before anybody asks for this one
            return
        self._follow(lambda: self.pipeline.feed(message))
        self._view(lambda: self._listener.message(message))

    async def linked(self, held: Held) -> None:
        """Let a cuff go on where it was, or join; after the end, stop. raises LinkError"""
        if not self._is_over:
            await self._go_on(held)
        if self._is_over:  # it may have ended meanwhile
            await self._stop_late(held)

    async def _go_on(self, held: Held) -> None:
        if held.cuff not in self._parts:
            self.pipeline.streams.name_side(held.cuff, held.side)
            self._admit(held)
            self._take_info(held)
            self._note_mass(held)
        await self._start(held)

    async def _begin(self, held: Held) -> None:
        """The first start. A link that fails in it is made again, as any other. raises CommandRefused"""
        link = held.link
        try:
            await self._start(held)
        except CommandRefused:
            raise
        except LinkError:
            await link.close()

    async def _start(self, held: Held) -> None:
        """Begin, or go on. raises LinkError, CommandRefused"""
        boot = held.link.info.boot
        self._own.expect(held.cuff, boot)
        answer = await held.link.command(spec.COMMAND_START)
        for message in self._own.began(held.cuff, boot, answer.index):
            self._keep(message)

    def _note_mass(self, held: Held) -> None:
        facts = fill_mass(self._facts, held)
        if facts != self._facts:
            self._facts = facts
            self._recorder.note_facts(facts)

    def lost(self, held: Held) -> None:
        """Say it; the link is made again by who holds it."""
        self._warn(self._say("take.lost", held))

    def back(self, held: Held) -> None:
        """Say it."""
        self._listener.note(self._say("daemon.back", held))

    def _say(self, key: str, held: Held, **values: object) -> str:
        say = words(self._listener.lang).say
        return say(key, Side=say(f"side.{held.side.capitalize()}"), **values)

    # ---- the view and the end

    def live(self) -> Live | None:
        """The view of this moment; None when it has failed or has not begun."""
        found: list[Live] = []
        self._look(found.append)
        return found[0] if found else None

    def _look(self, show: Callable[[Live], None]) -> None:
        self._view(lambda: show(self.pipeline.live()))

    def _view(self, step: Callable[[], object]) -> None:
        """Do one step of the live view; its fault ends the view and nothing else."""
        if self._has_view:
            self._follow(step)

    def _follow(self, step: Callable[[], object]) -> None:
        """The same, or one that tells what is missing: that goes on without a view."""
        if not self._has_streams:
            return
        try:
            step()
        except Exception as error:  # outermost loop of a recording: a fault of analysis must not end it
            self._has_streams = self._has_view
            self._has_view = False
            self.pipeline.end_analysis()
            self._warn(words(self._listener.lang).say("take.view_ended", why=repr(error)))

    async def _stop_cuff(self, held: Held) -> None:
        """It answers after its last packet: over a bad radio that may take longer than a command has."""
        error: LinkError | None = None
        for _ in range(STOPS):
            try:
                answer = await held.link.command(spec.COMMAND_STOP)
                self._stops[held.cuff] = answer.index
                return
            except LinkError as fault:
                error = fault
            if not held.is_linked:
                break
        self._warn(self._say("take.no_stop", held, why=error))

    async def _stop_late(self, held: Held) -> None:
        """It was out of reach at the end. One that began anew since then does not sample for us."""
        if held.cuff in self._stops or not self._own.is_begun(held.cuff, held.link.info.boot):
            return
        answer = await held.link.command(spec.COMMAND_STOP)
        self._stops[held.cuff] = answer.index
        self._follow(self.pipeline.settle)
        self._listener.note(self._say("take.stopped", held))

    async def _take_last(self) -> None:
        """The answer to stop comes after the last packet; give a stack that reorders a moment."""
        await self._wait_for(self._is_complete)

    async def _wait_for(self, is_so: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + LAST_PACKETS_S
        while loop.time() < end and not is_so():
            await asyncio.sleep(0.05)

    def _is_complete(self) -> bool:
        ends = self.pipeline.streams.ends()
        are_known = all(cuff in ends for cuff in self._stops)
        return are_known and all(
            unwrap(index, ends[cuff]) <= ends[cuff] for cuff, index in self._stops.items()
        )


def fill_mass(facts: Facts, held: Held) -> Facts:
    """What a cuff says it weighs, where nothing else was said."""
    grams = held.link.info.mass_g
    return with_mass(facts, held.side, grams) if grams else facts
