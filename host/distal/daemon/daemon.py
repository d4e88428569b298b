"""The daemon: owns the tasks. Links cuffs, begins and ends sessions, writes reports, knows its own state."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from distal.daemon import stored
from distal.daemon.config import Config
from distal.daemon.ears import Ears
from distal.daemon.fetch import Fetcher
from distal.daemon.journal import Journal
from distal.daemon.logs import make_log
from distal.daemon.metrics import Metrics
from distal.daemon.parts import Parts, Run
from distal.daemon.room import PatientRecorder
from distal.daemon.roster import Roster
from distal.daemon.rules import Rules, Wish
from distal.daemon.seek import OpenRadio, Seeker, What
from distal.daemon.source import Health, Refused, StoredSession
from distal.daemon.state import State
from distal.daemon.view import View, low_disk
from distal.device.calibrations import known_calibrations
from distal.device.keys import CuffStore
from distal.errors import DistalError, PeopleError
from distal.hold import Cuffs, cancel
from distal.keeping import Wearer, find_wearer
from distal.link.ble import open_radio
from distal.model import Facts
from distal.people.limits import Breach
from distal.pipeline import Live
from distal.report.words import words
from distal.review import Loaded, load_report
from distal.take import Listener, Plan, Take

BEAT_S = 0.5
PATIENCE_S = 60.0  # so long a lost cuff is called directly, then a scan must hear it first
SAVE_S = 120.0  # a clean stop waits so long for the report
REPORTS_S = 30.0  # files that others change in the folder are seen after so long
LONGEST_PAUSE_S = 60.0


class Daemon:
    """Records sessions of the paired cuffs. `run()` ends after `close()`; a source.Source for the page."""

    def __init__(
        self,
        config: Config,
        open_radio: OpenRadio = open_radio,
        store: CuffStore | None = None,
        log: Any = None,
    ) -> None:
        self._journal, metrics = Journal(log or make_log(), config.server.lang), Metrics()
        self._rules = Rules(60 * config.start.rest_min)
        ears = Ears(self._journal, metrics, self._rules, self._on_wish)
        roster = Roster(config.cuffs, store or CuffStore(), self._on_bad_store)
        self._parts = Parts(config, self._journal, metrics, ears, roster)
        self._folder = config.recordings.folder
        self._view = View(self._parts)
        self._fetcher = Fetcher(self._parts, self._save, self._known_wearer)
        self._open_radio = open_radio
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()

    @property
    def config(self) -> Config:
        """The settings."""
        return self._parts.config

    # ---- tasks

    async def run(self) -> None:
        """Work until close(). raises DaemonError when the folder cannot be written to"""
        stored.make_folder(self._folder, self._journal.words)
        failures = 0
        while not self._closing.is_set():
            try:
                await self._work()
            except Exception as error:  # outermost loop: whatever it was, the next try starts clean
                failures += 1
                self._note_fault(error)
                pause_s = min(LONGEST_PAUSE_S, 2.0**failures)
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await self._closing.wait()

    def close(self) -> None:
        """End the session that runs, save it, stop."""
        if self._parts.run and not self._parts.run.is_saving:
            self._end(self._parts.run, "daemon.ends.close")
        self._closing.set()
        self._journal.pulse()

    def _note_fault(self, error: Exception) -> None:
        self._parts.run = None
        self._parts.fault = (asyncio.get_running_loop().time(), repr(error))
        self._parts.metrics.faults.inc()
        self._journal.log.error("fault", exc_info=error)
        self._journal.say("stop", "daemon.fault", why=repr(error))

    async def _work(self) -> None:
        async with Cuffs(None, PATIENCE_S) as self._parts.cuffs:
            self._parts.cuffs.watch(self._parts.ears)
            self._parts.cuffs.watch(self._fetcher)
            seeker = Seeker(self._parts.cuffs, self._parts.roster, self._open_radio, self._on_seek)
            self._parts.seeker = seeker
            wanting = await self._close_unfinished()
            if self.config.cuffs.only_paired and not self._parts.roster.known():
                self._journal.say("warning", "daemon.nobody")
            kinds = (seeker.run(), self._sessions(), self._beat(), self._parts.cuffs.broken())
            others = (self._fetcher.run(), self._make_reports(wanting))
            parts = [asyncio.create_task(part) for part in (*kinds, *others)]
            try:
                await self._until_closed(parts)
            finally:
                self._parts.cuffs.unwatch(self._fetcher)
                self._parts.cuffs.unwatch(self._parts.ears)  # links that we end ourselves are no news
                await cancel(parts)

    async def _until_closed(self, parts: list[asyncio.Task[None]]) -> None:
        """Wait for close() and the end of saving; a part that fails ends it at once."""
        closing = asyncio.create_task(self._saved_after_close())
        try:
            waiting = {closing, *parts}
            while closing in waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for part in done:
                    part.result()
        finally:
            await cancel([closing])

    async def _saved_after_close(self) -> None:
        await self._closing.wait()
        loop = asyncio.get_running_loop()
        end = loop.time() + SAVE_S
        while self._parts.run and loop.time() < end:
            await self._journal.wait(BEAT_S)

    async def _sessions(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._parts.run:
                await self._record(self._parts.run)

    async def _record(self, run: Run) -> None:
        self._set_recording(True)
        try:
            await run.take.run()
        except DistalError as error:
            self._journal.say("stop", "daemon.failed", name=run.name, why=error)
        finally:
            self._set_recording(False)
        run.is_saving = True
        self._journal.pulse()
        if run.recorder and run.recorder.given_up:
            self._journal.say("stop", "daemon.given_up", n=run.recorder.given_up)
        if run.take.out.exists():
            await self._save(run.take.out, run.wearer)
        self._parts.run = None
        self._fetcher.wake()
        self._journal.pulse()

    def _set_recording(self, is_recording: bool) -> None:
        self._parts.ears.is_recording = is_recording
        if self._parts.seeker:
            self._parts.seeker.is_recording = is_recording

    async def _save(self, path: Path, wearer: Wearer | None = None) -> None:
        """Read a recording once, off the loop: links and page must not wait. Report, and wearer's history."""
        try:
            loaded = await asyncio.to_thread(load_report, path)
        except DistalError as error:
            self._journal.say("warning", "daemon.bare", name=path.stem, why=error)
            return
        try:
            await asyncio.to_thread(stored.write_report, path, loaded, self.config.server.lang)
        except OSError as error:
            self._journal.say("warning", "daemon.bare", name=path.stem, why=error)
        else:
            self._journal.say("note", "daemon.saved", name=path.stem)
        await self._look_at_reports()
        if wearer:
            await self._keep(path, wearer, loaded)

    async def _keep(self, path: Path, wearer: Wearer, loaded: Loaded) -> None:
        """Into the wearer's history."""
        try:
            await asyncio.to_thread(wearer.keep, path, loaded)
        except DistalError as error:
            self._journal.say("warning", "daemon.not_kept", name=path.stem, why=error)
        else:
            self._journal.say("note", "daemon.kept", name=path.stem)

    async def _close_unfinished(self) -> list[Path]:
        told: list[tuple[str, str]] = []
        wanting = await asyncio.to_thread(
            stored.unfinished, self._folder, lambda key, name: told.append((key, name))
        )
        for key, name in told:
            self._journal.say("warning", key, name=name)
        await self._look_at_reports()
        return wanting

    async def _make_reports(self, wanting: list[Path]) -> None:
        for path in wanting:
            await self._save(path)

    async def _look_at_reports(self) -> None:
        self._parts.reports = await asyncio.to_thread(stored.reports, self._folder)
        self._journal.pulse()

    async def _beat(self) -> None:
        """What nobody tells us: time that passes."""
        loop = asyncio.get_running_loop()
        looked = loop.time()
        while True:
            await asyncio.sleep(BEAT_S)
            if self._parts.run and self._parts.ears.is_recording:
                self._tell_limits(self._view.passed())
                self._end_when_due(self._parts.run, loop.time())
            elif self._parts.cuffs:
                await self._parts.ears.settle_old(self._parts.cuffs.held)
            if loop.time() - looked >= REPORTS_S:
                looked = loop.time()
                await self._look_at_reports()

    def _end_when_due(self, run: Run, now: float) -> None:
        start, limits = self.config.start, self.config.limits
        if run.is_ending:
            return
        if start.motion and self._rules.has_rested(now):
            self._end(run, "daemon.ends.rest", start.rest_min)
        elif now - run.begun_s >= 60 * limits.longest_min:
            self._end(run, "daemon.ends.limit", limits.longest_min)

    # ---- what others tell us

    def _on_wish(self, wish: Wish) -> None:
        """The button begins and ends; movement begins."""
        if not getattr(self.config.start, wish):
            return
        try:
            if wish == "button" and self._parts.run:
                self.stop("button")
            elif not self._parts.run:
                self.start(wish)
        except Refused as refusal:
            self._journal.say("warning", "daemon.refused", why=refusal)

    def _on_seek(self, what: What, about: str) -> None:
        held = self._parts.held(about) if what == "found" else None
        if held:
            side = self._journal.words.say(f"side.{held.side.capitalize()}")
            self._journal.say("note", "daemon.linked", Side=side)
        elif what == "key":
            self._journal.tell("warning", about, "daemon.key")
        elif what == "left_out":
            self._journal.say("warning", "daemon.left_out", name=about)
        elif what == "no_radio":
            self._journal.say("stop", "daemon.no_radio", why=about)
        elif what == "radio_back":
            self._journal.say("note", "daemon.radio_back")

    def _on_bad_store(self, why: str) -> None:
        self._journal.say("stop", "daemon.keys", why=why)

    def _on_full(self, why: str | None) -> None:
        if why is None:
            self._journal.say("note", "daemon.room")
        else:
            self._journal.say("stop", "daemon.full", why=why)

    # ---- source.Source

    def start(self, by: str, exercise: str | None = None) -> None:
        """Begin a session. raises Refused"""
        said = self._journal.words
        if self._parts.run:
            raise Refused(said.say("daemon.saving" if self._parts.run.is_saving else "daemon.runs"))
        if exercise is not None and not said.has(f"exercise.{exercise}"):
            raise Refused(said.say("daemon.no_exercise", exercise=exercise))
        if self._parts.cuffs is None or self._closing.is_set() or not self._parts.linked():
            raise Refused(said.say("daemon.no_cuff"))
        low = low_disk(self._parts)
        if low:
            raise Refused(low)
        now = datetime.now().astimezone()
        path = stored.new_path(self._folder, now)
        warned = partial(self._journal.tell, "warning")
        # looked at although no page may be open: one that opens late must not wait for hours of view
        listener = Listener(live=_seen, warn=warned, lang=self.config.server.lang)
        facts = self._parts.roster.masses(self.config.wearer.facts(exercise))
        known = known_calibrations(warned)
        wearer = self._find_wearer()
        facts = wearer.facts(facts) if wearer else facts
        about = {**stored.about(by), **(wearer.about() if wearer else {})}
        plan = Plan(facts, about=about, calibrations=known)
        take = Take(self._parts.cuffs, path, plan, listener, self._open_recorder)
        begun_s = asyncio.get_running_loop().time()
        watch = wearer.watch() if wearer else None
        self._parts.run = Run(path.stem, take, now, begun_s, wearer=wearer, watch=watch)
        self._rules.begun(begun_s)
        self._parts.metrics.sessions.labels(by).inc()
        self._journal.say("note", f"daemon.begun.{by}", name=path.stem)
        self._tell_limits(wearer.before(facts) if wearer else [])
        self._wake.set()

    def _find_wearer(self) -> Wearer | None:
        """Whose limits hold. raises Refused when the name is unknown: limits must not fall away silently"""
        name = self.config.wearer.person
        try:
            return find_wearer(name, datetime.now().date()) if name else None
        except PeopleError as error:
            raise Refused(str(error)) from error

    def _known_wearer(self) -> Wearer | None:
        """Who wears the cuffs, for what they recorded alone; a name that nobody has is told and left out."""
        try:
            return self._find_wearer()
        except Refused as refusal:
            self._journal.tell("warning", str(refusal), "wearer")
            return None

    def _tell_limits(self, breaches: Sequence[Breach]) -> None:
        for breach in breaches:
            self._journal.tell("stop", self._journal.words.notice(breach.notice()), "limit")

    def _open_recorder(self, path: Path, facts: Facts, about: Mapping[str, Any]) -> PatientRecorder:
        recorder = PatientRecorder(path, facts, about, self._on_full)
        if self._parts.run:
            self._parts.run.recorder = recorder
        return recorder

    def stop(self, by: str) -> None:
        """End the session. raises Refused"""
        if not self._parts.run or self._parts.run.is_saving:
            key = "daemon.saving" if self._parts.run else "daemon.runs_not"
            raise Refused(self._journal.words.say(key))
        self._end(self._parts.run, f"daemon.ends.{by}")

    def _end(self, run: Run, why: str, minutes: float = 0.0) -> None:
        if not run.is_ending:
            run.is_ending = True
            self._journal.say("note", why, name=run.name, minutes=f"{minutes:g}")
        run.take.stop()

    def state(self) -> State:
        """The state of this moment."""
        return self._view.state()

    async def wait_change(self, timeout_s: float) -> None:
        """Until something has changed, or so long."""
        await self._journal.wait(timeout_s)

    def sessions(self) -> list[StoredSession]:
        """What is recorded, newest first."""
        return stored.sessions(self._folder)

    def health(self) -> Health:
        """What is wrong, if anything."""
        return self._view.health()

    def metrics(self) -> bytes:
        """Counters as Prometheus reads them."""
        return self._view.metrics()


def _seen(_live: Live) -> None:
    """The page asks for the view by itself."""


@asynccontextmanager
async def running(daemon: Daemon) -> AsyncIterator[Daemon]:
    """A daemon beside whatever else the loop does; leaving the block stops it cleanly.

    raises  DaemonError
    """
    stored.make_folder(daemon.config.recordings.folder, words(daemon.config.server.lang))
    task = asyncio.create_task(daemon.run())
    try:
        yield daemon
    finally:
        daemon.close()
        await task
