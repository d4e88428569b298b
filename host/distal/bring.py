"""Brings what a cuff keeps into recordings, some seconds of samples at a time.

What was written stays: an interrupted run goes on where it was, a repeated one finds nothing to do.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from distal import handover, shelf
from distal.addition import Addition, Fresh, Joined, Later, Origin
from distal.clock import PERIOD_TICKS
from distal.clock.kept import Anchor
from distal.errors import CommandRefused, LinkError
from distal.handover import Parts, Want
from distal.hold import Cuffs, Held
from distal.joining import Shelved, home_of
from distal.link.base import Fetched, Kept
from distal.meeting import Meeting
from distal.model import Facts, Received, Side
from distal.ranges import WRAP, Range, joined, total, unwrap, within, without
from distal.recording import Cuff
from distal_wire import batch, spec

CHUNK = 4096  # samples of one fetch, 20 s: whoever else fetches from this cuff has a turn in between
COMPARING = "reading the cuff's clocks, a minute at most ..."
TRIES = 3  # for samples that a cuff says it sent and that did not arrive whole
ASKED = 6  # times for an answer, over as many links
PAUSE_S = 1.0
READINGS, READ_S = 20, 0.2  # of the clocks before it is looked where sessions belong
SURE_S, COMPARE_S = 10e-3, 60.0  # two crystals are compared so long, where what they may differ by matters
LINK_LOOK_S = 0.2
Answer = TypeVar("Answer")
_SAMPLES = bytes([spec.KIND_SAMPLES])
_MARKED = bytes([spec.KIND_MARKED])


def wall_offset() -> float:
    """The wall clock less the loop's, s: it stays while nobody sets the one and the computer is awake."""
    return time.time() - asyncio.get_running_loop().time()


Tell = Callable[[Want, int, int], None]  # samples fetched so far, of so many


@dataclass(frozen=True, slots=True)
class Target:
    """Where to: recordings of a folder, or `only` one of them; and what is known of who wore the cuff."""

    folder: Path
    only: Path | None = None
    every: bool = False  # also sessions that a host began and no recording here speaks of
    facts: Facts = field(default_factory=Facts)
    side: Side | None = None
    about: Mapping[str, Any] = field(default_factory=dict)  # kept in new recordings
    apart: bool = False  # each leg a recording of its own


@dataclass(frozen=True, slots=True)
class Survey:
    """What a cuff keeps, what is here of it, and what is wanted.

    asked_s, offset_s  the host's clock at the answer, and its wall clock less that
    """

    kept: Kept
    parts: Parts
    wants: tuple[Want, ...]
    asked_s: float
    offset_s: float

    @property
    def when(self) -> datetime:
        """At the answer."""
        return datetime.fromtimestamp(self.asked_s + self.offset_s, UTC).astimezone()


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a Want. `missing`: the cuff has it no more; `left`: it did not arrive, ask again."""

    path: Path | None  # None: nothing came, so no recording was begun
    want: Want
    samples: int
    missing: int
    left: int


class Catch:
    """A hold.Watcher that keeps the packets and marks of one cuff until they are asked for."""

    def __init__(self, cuff: str) -> None:
        self.meeting = Meeting()
        self._cuff = cuff
        self._packets: list[Received] = []
        self._marks: list[Received] = []

    def received(self, message: Received) -> None:
        """Take it if it is of that cuff."""
        if message.cuff == self._cuff and message.data[:1] == _SAMPLES:
            self._packets.append(message)
        elif message.cuff == self._cuff and message.data[:1] == _MARKED:
            self._marks.append(message)
        elif message.cuff == self._cuff:
            self.meeting.hear(message)

    async def linked(self, held: Held) -> None:
        """Nothing to do."""

    def lost(self, held: Held) -> None:
        """Nothing to do."""

    def back(self, held: Held) -> None:
        """Nothing to do."""

    def take_marks(self, boot: int) -> list[Received]:
        """The good marks of that boot; all others are forgotten."""
        marks, self._marks = self._marks, []
        return [one for one in marks if not batch.check(one.data) and batch.read(one.data)["boot"] == boot]

    def take(self, boot: int, ranges: Sequence[Range]) -> tuple[list[Received], list[Range]]:
        """The packets that hold samples of the ranges, and what they hold; all others are forgotten."""
        packets, self._packets = self._packets, []
        decoded = batch.decode([packet.data for packet in packets])
        found, has = [], []
        for place, row in zip(decoded.positions.tolist(), decoded.header, strict=True):
            first = unwrap(int(row["index"]), ranges[0][0])
            span = first, first + int(row["count"])
            if row["boot"] == boot and total(without(ranges, [span])) < total(ranges):
                found.append(packets[place])
                has.append(span)
        return found, joined(has)


class Bring:
    """One held cuff. `tell` hears how far a fetch is, `note` what else happens."""

    def __init__(
        self, cuffs: Cuffs, held: Held, target: Target, tell: Tell, note: Callable[[str], None]
    ) -> None:
        self.patience_s = 60.0  # for a link that was lost
        self.held, self.target = held, target
        self._cuffs = cuffs
        self._tell, self._note = tell, note
        self._catch = Catch(held.cuff)

    async def __aenter__(self) -> "Bring":
        self._cuffs.watch(self._catch)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._cuffs.unwatch(self._catch)

    async def survey(self, is_list: bool = False) -> Survey:
        """Ask what it keeps, and look what is here and where new sessions belong. raises LinkError

        is_list  not where they belong: that needs seconds, for the cuff's clocks
        """
        kept = await self._again(lambda: self.held.link.kept())
        self._cuffs.hand_over()
        survey = await self._look(kept, asyncio.get_running_loop().time(), wall_offset())
        if any(want.part is None for want in survey.wants) and not is_list:
            survey = await self._find_homes(survey)
        if self.target.only and not is_list:
            survey = replace(survey, wants=tuple(want for want in survey.wants if want.part or want.joins))
        return survey

    async def _look(self, kept: Kept, asked_s: float, offset_s: float) -> Survey:
        near = {session.boot: session.first for session in kept.sessions}
        look = (shelf.recordings(self.target.folder), self.held.cuff, near, self._note)
        parts = await asyncio.to_thread(shelf.look, *look)
        wanted, only = handover.wants(kept, parts, self.target.every), self.target.only
        if only:
            wanted = [want for want in wanted if not want.part or want.part.path.samefile(only)]
        return Survey(kept, parts, tuple(wanted), asked_s, offset_s)

    async def _find_homes(self, survey: Survey) -> Survey:
        for _ in range(READINGS):
            if not self._catch.meeting.is_read(survey.kept.boot):
                await self._read_clocks()
        others: list[Shelved] = []
        if not self.target.apart:
            paths = [self.target.only] if self.target.only else shelf.recordings(self.target.folder)
            others = await asyncio.to_thread(shelf.shelved, paths, self._note)
        return replace(survey, wants=tuple(self._with_home(survey, want, others) for want in survey.wants))

    def _with_home(self, survey: Survey, want: Want, others: Sequence[Shelved]) -> Want:
        """A session that no recording has: the one of the other leg that it joins."""
        if want.part:
            return want
        anchor, cuff = self._anchor(survey, want), self._cuff()
        first, last = want.ranges[0][0], want.ranges[-1][1]
        seconds = (last - first) / want.session.rate_hz
        new = shelf.stretch_of(cuff, want.session.boot, anchor, seconds) if anchor else None
        return replace(want, home=home_of(new, cuff.side, others))

    def _anchor(self, survey: Survey, want: Want) -> Anchor | None:
        """Where the session lies in time, as far as is known by now."""
        meeting, session = self._catch.meeting, want.session
        anchor = meeting.anchor(session, survey.kept, survey.asked_s, survey.offset_s)
        into = (want.ranges[0][0] - session.first) * PERIOD_TICKS[session.rate_hz]
        return anchor.shifted((session.clock + into) % WRAP) if anchor else None

    def _cuff(self) -> Cuff:
        link = self.held.link
        return Cuff(self.held.cuff, self.target.side, link.name, link.info_bytes)

    async def fetch(self, survey: Survey, want: Want) -> Brought:
        """Fetch one Want and write it. raises LinkError, RecordingError: what came before is written"""
        addition = self._addition(survey, want)
        samples = left = 0
        lost: list[Range] = []
        try:
            for span in _chunks(want.ranges):
                open_ranges, gone = await self._chunk(addition, want.session.boot, span)
                lost += gone
                samples += span[1] - span[0] - total(open_ranges)
                left += total(open_ranges) - total(gone)
                self._tell(want, samples + total(lost), want.count)
            await self._compare_clocks(survey, want)
        finally:
            addition.close(lost, self._anchor(survey, want))
        return Brought(addition.path, want, samples, total(lost), left)

    async def _compare_clocks(self, survey: Survey, want: Want) -> None:
        """For an old session the cuff's crystal is compared with ours for up to a minute."""
        if want.part and not want.session.is_alone:
            return  # a host heard it: its recording tells the time
        meeting, boot, told = self._catch.meeting, survey.kept.boot, False
        while meeting.is_read(boot) and meeting.length_s(boot) < COMPARE_S and self.held.is_linked:
            anchor = self._anchor(survey, want)
            if anchor is None or anchor.drift_s() < SURE_S:
                return
            if not told:
                told = True
                self._note(COMPARING)
            await self._read_clocks()

    async def _read_clocks(self) -> None:
        """Ask again what it keeps: that makes the cuff tell its clocks."""
        await asyncio.sleep(READ_S)
        with suppress(LinkError):
            await self.held.link.kept()
        self._cuffs.hand_over()

    def _addition(self, survey: Survey, want: Want) -> Addition:
        if want.part:
            return Later(want.part.path, self.held.cuff, want.session.boot)
        target, anchor = self.target, self._anchor(survey, want)
        origin = Origin(self._cuff(), target.facts, survey.kept, survey.when, target.about, anchor)
        if want.joins:
            return Joined(want.joins, origin, want)
        return Fresh(target.folder, origin, want)

    async def _chunk(self, addition: Addition, boot: int, span: Range) -> tuple[list[Range], list[Range]]:
        """What of the span did not come, and what of that the cuff has no more."""
        lacks = [span]
        for _ in range(TRIES):
            low, high = lacks[0][0], lacks[-1][1]
            answer = await self._again(partial(self._ask_range, boot, low, high))
            self._cuffs.hand_over()
            packets, has = self._catch.take(boot, lacks)
            pace = self._catch.meeting.pace(boot)
            addition.add(packets, self._catch.take_marks(boot), pace)
            lacks = list(without(lacks, has))
            gone = within(lacks, (low, unwrap(answer.end, high)))
            if total(gone) <= answer.missing:
                return lacks, gone
        return lacks, []

    async def release(self, survey: Survey) -> int:
        """Tell the cuff what is safely on disk; how many of its sessions. raises LinkError"""
        fresh = await self._look(survey.kept, survey.asked_s, survey.offset_s)
        found = handover.releasable(survey.kept, fresh.parts)
        for boot, end in found.items():
            await self._again(partial(self._ask_release, boot, end))
        return len(found)

    async def _ask_range(self, boot: int, low: int, high: int) -> Fetched:
        return await self.held.link.fetch(boot, low % WRAP, high - low)

    async def _ask_release(self, boot: int, end: int) -> None:
        await self.held.link.release(boot, end % WRAP)

    async def _again(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Ask until there is an answer, over a new link if it must be. raises LinkError"""
        for number in range(1, ASKED + 1):
            try:
                return await ask()
            except CommandRefused as error:
                if error.error != spec.ERROR_BUSY or number == ASKED:
                    raise
                await asyncio.sleep(PAUSE_S)  # the end of an earlier fetch did not reach the cuff yet
            except LinkError:
                if number == ASKED or not await self._is_linked_again():
                    raise
        raise AssertionError("the last try returns or raises")

    async def _is_linked_again(self) -> bool:
        loop = asyncio.get_running_loop()
        end = loop.time() + self.patience_s
        while not self.held.is_linked and loop.time() < end:
            await asyncio.sleep(LINK_LOOK_S)
        return self.held.is_linked


def _chunks(ranges: Sequence[Range]) -> list[Range]:
    """Ranges in pieces that one fetch asks for."""
    return [(at, min(at + CHUNK, high)) for low, high in ranges for at in range(low, high, CHUNK)]
