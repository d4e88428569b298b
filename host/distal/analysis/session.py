"""Both legs of a session -> report. Pure: time comes in as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from distal.analysis.even import RATE_HZ
from distal.analysis.gait import Swing
from distal.analysis.leg import LegAnalysis
from distal.analysis.load import knee_length_m
from distal.analysis.notices import notices_for
from distal.analysis.recognise import ON_BOTH
from distal.analysis.reps_pairs import Joined, join_legs
from distal.analysis.reps_sets import LegRep, LegSet
from distal.analysis.spans import bouts
from distal.errors import TooShort
from distal.model import (
    SIDES,
    BoolArray,
    Estimate,
    Event,
    ExerciseSet,
    Facts,
    FloatArray,
    Rep,
    SessionReport,
    Side,
    Step,
    StepLoad,
    Timebase,
    Track,
    Wear,
)
from distal.units import DEG_PER_RAD

LEAST_STRIDE_S, MOST_STRIDE_S = 0.4, 2.2
LIVE_STRIDES = 6


@dataclass(frozen=True, slots=True)
class LiveSummary:
    """What a live view shows; None and 0 while nothing is known."""

    cadence_spm: float | None
    reps: Mapping[Side, int]


class SessionAnalysis:
    """Streaming analysis of one or two legs; index space of each leg until `finish`."""

    def __init__(self, facts: Facts, rates: Mapping[Side, float]) -> None:
        self._facts = facts
        self._rates = dict(rates)
        self._legs: dict[Side, LegAnalysis] = {}

    def update(self, side: Side, gyr: FloatArray, acc: FloatArray, clipped: BoolArray) -> list[Event]:
        """Samples of one leg, in order; NaN rows are missing."""
        if side not in self._legs:
            self._legs[side] = LegAnalysis(self._rates[side], self._facts, side)
        return self._legs[side].update(gyr, acc, clipped)

    def live(self) -> LiveSummary:
        """Cadence of the last strides and reps by leg, the open set included."""
        strides = [_strides(leg.swings[-LIVE_STRIDES - 1 :]) for leg in self._legs.values()]
        pooled = np.concatenate([np.zeros(0), *strides])
        reps = {
            side: leg.pending_reps() + sum(len(s.reps) for s in leg.sets) for side, leg in self._legs.items()
        }
        most = max(reps.values(), default=0)
        shown = {side: n if n > most / 2 else 0 for side, n in reps.items()}
        return LiveSummary(120.0 / float(pooled.mean()) if len(pooled) >= 2 else None, shown)

    def finish(self, times: Mapping[Side, Timebase]) -> SessionReport:
        """Close both legs and put them on one time base. raises TooShort without any sample"""
        if not any(leg.present for leg in self._legs.values()):
            raise TooShort("there is no sample in it. Record again and see that the live line counts up.")
        for leg in self._legs.values():
            leg.finish()
        legs = {side: _Timed(leg, times[side]) for side, leg in self._legs.items()}
        sets = self._sets(legs)
        steps = {side: self._steps(legs[side], sets) if side in legs else () for side in SIDES}
        coverage = {side: legs[side].coverage if side in legs else None for side in SIDES}
        return SessionReport(
            coverage=coverage,
            cadence_spm=_cadence([step for side in SIDES for step in steps[side]]),
            steps=steps,
            sets=sets,
            wear={side: Wear() if side in legs else None for side in SIDES},
            notices=notices_for(self._facts, self._legs, coverage, sets),
            mass_kg={side: self._facts.mass_kg(side) for side in SIDES},
        )

    def _sets(self, legs: "Mapping[Side, _Timed]") -> tuple[ExerciseSet, ...]:
        joined = join_legs(_Legs(legs, self._facts.exercise in ON_BOTH))
        out = [_exercise_set(one, legs[one.lead]) for one in joined if one.one.reps]
        return tuple(sorted(out, key=lambda one: one.start_s))

    def _steps(self, leg: "_Timed", sets: tuple[ExerciseSet, ...]) -> tuple[Step, ...]:
        """Swings that lie in no rep, as steps."""
        reps = [(rep.start_s, rep.end_s) for one in sets for rep in one.reps]
        inside = [any(a < leg.seconds(s.mid) < b for a, b in reps) for s in leg.leg.swings]
        swings = [swing for swing, drop in zip(leg.leg.swings, inside, strict=True) if not drop]
        walks = bouts(swings)
        mass, lever = self._facts.mass_kg(leg.side), knee_length_m(self._facts)
        out: list[Step] = []
        for k, swing in enumerate(swings):
            bout = next((i for i, (a, b) in enumerate(walks) if a <= swing.ic <= b), None)
            near = k > 0 and bout is not None and swings[k - 1].ic >= walks[bout][0]
            stride = leg.seconds(swing.ic) - leg.seconds(swings[k - 1].ic) if near else None
            load = _step_load(swing, leg.side, mass, lever)
            out.append(Step(leg.seconds(swing.ic), leg.seconds(swing.tc), stride, bout, load))
        return tuple(out)


class _Timed:
    """One leg with its time base."""

    def __init__(self, leg: LegAnalysis, time: Timebase) -> None:
        self.leg = leg
        self.side = leg.side
        self._time = time

    @property
    def coverage(self) -> float | None:
        first = self.leg.first_present
        return None if first is None else self.leg.present / (self.leg.last_present - first + 1)

    def seconds(self, position: float) -> float:
        """Session seconds of a position at RATE_HZ."""
        return self._time.seconds(self.leg.index(position))

    def turning(self, at: tuple[float, float]) -> float:
        """Mean turning, rad/s, between two instants, by whole seconds."""
        first, last = (
            int((t - self._time.start_s) * self._time.rate_hz / self.leg.index(RATE_HZ)) for t in at
        )
        seconds = self.leg.turning[max(first, 0) : last + 1]
        return sum(seconds) / max(len(seconds), 1)

    def span(self, rep: LegRep) -> tuple[float, float]:
        return self.seconds(rep.phases.start), self.seconds(rep.phases.end)


@dataclass(frozen=True, slots=True)
class _Legs:
    """Both legs as `join_legs` wants to see them."""

    legs: Mapping[Side, _Timed]
    told: bool

    def sets(self, side: Side) -> Sequence[LegSet]:
        return self.legs[side].leg.sets if side in self.legs else ()

    def place(self, side: Side, rep: LegRep) -> tuple[float, float]:
        return self.legs[side].span(rep)

    def turning(self, side: Side, at: tuple[float, float]) -> float:
        return self.legs[side].turning(at) if side in self.legs else 0.0


def _reps_of(sets: Sequence[ExerciseSet]) -> list[tuple[float, float]]:
    return [(rep.start_s, rep.end_s) for one in sets for rep in one.reps]


def _exercise_set(joined: Joined, leg: _Timed) -> ExerciseSet:
    one = joined.one
    reps = tuple(_rep(rep, leg, one.is_lowered_first) for rep in one.reps)
    return ExerciseSet(one.exercise, one.confidence, joined.side, reps[0].start_s, reps[-1].end_s, reps)


def _rep(rep: LegRep, leg: _Timed, is_lowered_first: bool) -> Rep:
    marks = rep.phases
    start, hold, lower, end = (
        leg.seconds(x) for x in (marks.start, marks.hold_start, marks.hold_end, marks.end)
    )
    return Rep(
        start_s=start,
        top_s=leg.seconds(rep.top),
        end_s=end,
        concentric_s=end - lower if is_lowered_first else hold - start,
        hold_s=lower - hold,
        eccentric_s=hold - start if is_lowered_first else end - lower,
        rom_deg=rep.rom * DEG_PER_RAD,
        roll_deg=rep.roll * DEG_PER_RAD,
        top_deg=rep.top_elevation * DEG_PER_RAD,
        flags=rep.flags,
        load=rep.load,
    )


def _strides(swings: Sequence[Swing]) -> FloatArray:
    """Stride times in s, only plausible ones; the even rate is near enough for a live view."""
    times = np.diff([swing.ic for swing in swings]) / RATE_HZ
    out: FloatArray = times[(times >= LEAST_STRIDE_S) & (times <= MOST_STRIDE_S)]
    return out


def _cadence(steps: Sequence[Step]) -> Estimate | None:
    """120 / mean stride time inside bouts, with the 95 % interval of that mean."""
    inside = [s.stride_s for s in steps if s.bout is not None and s.stride_s is not None]
    times = np.array([t for t in inside if LEAST_STRIDE_S <= t <= MOST_STRIDE_S])
    if len(times) < 2:
        return None
    mean = float(times.mean())
    half = 1.96 * float(times.std(ddof=1)) / float(np.sqrt(len(times)))
    return Estimate(120.0 / mean, 120.0 / (mean + half), 120.0 / max(mean - half, 1e-3), len(times))


def _step_load(swing: Swing, side: Side, mass_kg: float | None, lever_m: float | None) -> StepLoad:
    if mass_kg is None:
        return StepLoad()
    outward = swing.lateral if side == "right" else -swing.lateral  # m points to the person's right
    moment = None if lever_m is None else mass_kg * lever_m * swing.across
    return StepLoad(mass_kg * swing.force, moment, mass_kg * outward)


def analyze(tracks: Sequence[Track], facts: Facts) -> SessionReport:
    """Whole tracks at once: update(all) and finish(). raises TooShort without any sample"""
    session = SessionAnalysis(facts, {track.side: track.time.rate_hz for track in tracks})
    for track in tracks:
        session.update(track.side, track.gyr, track.acc, track.clipped)
    return session.finish({track.side: track.time for track in tracks})
