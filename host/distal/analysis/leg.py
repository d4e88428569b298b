"""One leg: samples in, events out, in the index space of that leg's samples."""

from collections.abc import Sequence

import numpy as np

from distal.analysis.aside import Aside
from distal.analysis.coverage import Marks, believable, is_whole, still_where_silent
from distal.analysis.even import RATE_HZ, EvenRate
from distal.analysis.flight import Flight, FlightFinder
from distal.analysis.gait import PAGE, StepFinder, Swing
from distal.analysis.live_angle import AngleWatch
from distal.analysis.live_sets import OpenSets
from distal.analysis.recognise import STEPPING
from distal.analysis.reps_sets import LegSet, SetFinder
from distal.analysis.spans import SECOND, Span, SpanFinder
from distal.model import BoolArray, Event, Facts, FloatArray, Side, Timebase

AT_ONCE = 16384  # samples of a long recording: more would leave the near memory of the processor


class LegAnalysis:
    """Streaming analysis of one leg. NaN rows are missing samples; any chunking gives the same bits.

    delay: contacts PAGE_S + AHEAD_S + BRIDGE_S; reps PAUSE_S + LAG_S + PAGE_S after their set has ended
    """

    def __init__(self, rate_hz: float, facts: Facts, side: Side) -> None:
        self._even = EvenRate(rate_hz)
        self._flights = FlightFinder()
        self._steps = StepFinder(facts.placement, facts.cuff_height_m)
        self._spans = SpanFinder(walks=facts.exercise not in STEPPING)
        self._finder = SetFinder(facts, side)
        self.side: Side = side
        self._scale = rate_hz / RATE_HZ  # samples of the leg per even sample
        self.rate_hz = rate_hz
        self.aside = Aside()
        self.holes, self.clips = Marks(), Marks()
        self.seen = 0
        self.present = 0
        self.first_present: int | None = None
        self.last_present = -1
        self.has_gyr = False
        self.clipped = 0
        self.swings: list[Swing] = []
        self.flights: list[Flight] = []
        self.sets: list[LegSet] = []
        self.angle = AngleWatch(rate_hz)
        self._open = OpenSets()
        self._inbox: list[tuple[FloatArray, FloatArray, BoolArray]] = []  # not looked at yet
        self._looked = 0  # samples looked at
        self._made = 0  # samples at RATE_HZ made of them
        self._told: list[Event] = []  # not returned yet
        self._due_page, self._due_second = self._due(PAGE), self._due(SECOND)

    def _due(self, size: int) -> int:
        """Samples after which the next piece of `size` at RATE_HZ is full."""
        return self._even.needs((self._made // size + 1) * size)

    def update(self, gyr: FloatArray, acc: FloatArray, clipped: BoolArray) -> list[Event]:
        """gyr rad/s, acc m/s2 (n, 3), clipped (n,); returns what has become certain.

        No contact is ever certain before a page is full, so nothing is computed before.
        """
        self._inbox.append((gyr, acc, clipped))
        self.angle.keep(gyr, acc)
        self.seen += len(acc)
        if self.seen >= self._due_page:
            self._look()
        told, self._told = self._told, []
        return told

    def catch_up(self) -> None:
        """For a live view: look at each full second. What becomes certain is returned by the next update."""
        if self.seen >= self._due_second:
            self._look()

    def _look(self) -> None:
        """At all that came since the last look, in parts that stay in the processor's near memory."""
        gyr, acc, clipped = (
            parts[0] if len(parts) == 1 else np.concatenate(parts) for parts in zip(*self._inbox, strict=True)
        )
        self._inbox.clear()
        for low in range(0, len(acc), AT_ONCE):
            part = slice(low, low + AT_ONCE)
            self._told += self._take(gyr[part], acc[part], clipped[part])
        self._due_page, self._due_second = self._due(PAGE), self._due(SECOND)

    def _take(self, gyr: FloatArray, acc: FloatArray, clipped: BoolArray) -> list[Event]:
        is_clean = is_whole(gyr, acc)
        if not is_clean:
            gyr, acc = believable(gyr, acc)
        self._count(gyr, acc, clipped, is_clean)
        if not is_clean:
            gyr = still_where_silent(gyr, acc)
        even = self._even.update(gyr, acc, clipped)
        self._made += len(even)
        swings = self._steps.update(even)
        flights = self._flights.update(even)
        self.flights += flights
        self.aside.update(acc, clipped, even, swings)
        return self._note(swings, self._spans.update(even, swings, flights))

    def finish(self) -> list[Event]:
        """The end of the samples."""
        if self._inbox:
            self._look()
        even = self._even.finish()
        swings = self._steps.update(even)
        flights = self._flights.update(even)
        self.flights += flights
        spans = self._spans.update(even, swings, flights)
        last = self._steps.finish()
        nothing = np.zeros((0, 3)), np.zeros(0, np.bool_)
        self.aside.update(*nothing, even, swings + last)
        self.aside.finish()
        return self._told + self._note(swings + last, spans + self._spans.finish(last))

    def index(self, position: float) -> float:
        """Even position -> sample index of the leg."""
        return position * self._scale

    @property
    def turning(self) -> Sequence[float]:
        """Mean turning of every second at RATE_HZ, rad/s."""
        return self._spans.turning

    def turning_between(self, at: tuple[float, float], time: Timebase) -> float:
        """Mean turning, rad/s, between two instants in session s, by whole seconds."""
        first, last = (int((t - time.start_s) * time.rate_hz / self.index(RATE_HZ)) for t in at)
        seconds = self.turning[max(first, 0) : last + 1]
        return sum(seconds) / max(len(seconds), 1)

    def pending_sets(self) -> list[LegSet]:
        """Sets of the span that is still open (they may change until it ends)."""
        self._open.look(self._spans, self._sets_of)
        return self._open.sets

    def _sets_of(self, span: Span) -> list[LegSet]:
        if not self.has_gyr:
            return []
        stop = span.start + len(span.even)
        near = [one for one in self.flights if span.start < one.takeoff and one.landing < stop]
        return self._finder.find(span, self.swings, near)

    def _count(self, gyr: FloatArray, acc: FloatArray, clipped: BoolArray, is_clean: bool) -> None:
        missing: BoolArray = np.zeros(len(acc), np.bool_) if is_clean else ~np.isfinite(acc.sum(axis=1))
        there = np.flatnonzero(~missing)
        if len(there):
            if self.first_present is None:
                self.first_present = self._looked + int(there[0])
            self.last_present = self._looked + int(there[-1])
            self.has_gyr = self.has_gyr or is_clean or bool(np.isfinite(gyr[there]).any())
        self.present += len(there)
        self.holes.update(missing)
        self.clips.update(clipped)
        self.clipped += int(np.count_nonzero(clipped))
        self._looked += len(acc)

    def _note(self, swings: list[Swing], spans: list[Span]) -> list[Event]:
        self.swings += swings
        events = []
        for swing in swings:
            for kind, at in (("tc", swing.tc), ("ic", swing.ic)):
                events.append(Event(kind, self.side, self.index(at), self.index(at)))  # type: ignore[arg-type]
        if spans:
            self._open.close()
        for span in spans:
            for one in self._sets_of(span):
                self.sets.append(one)
                self.aside.wear.lifts(span, one)
                events += self._set_events(one)
        return events

    def _set_events(self, one: LegSet) -> list[Event]:
        reps = [Event("rep", self.side, self.index(r.top), self.index(r.phases.end)) for r in one.reps]
        start, end = one.reps[0].phases.start, one.reps[-1].phases.end
        return [*reps, Event("set", self.side, self.index(start), self.index(end))]
