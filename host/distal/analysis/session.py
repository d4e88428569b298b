"""Both legs of a session -> report. Pure: time comes in as data."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

import numpy as np

from distal.analysis.count import doubted
from distal.analysis.coverage import LEAST
from distal.analysis.energy import walking_cost_pct
from distal.analysis.even import RATE_HZ
from distal.analysis.fatigue import fatigue_of
from distal.analysis.fatigue_sets import across_sets
from distal.analysis.gait import Swing
from distal.analysis.impact import feel
from distal.analysis.interval import UNCALIBRATED
from distal.analysis.jump import jumps
from distal.analysis.leg import LegAnalysis
from distal.analysis.live import LegLive, LegView, is_walking
from distal.analysis.load import knee_length_m
from distal.analysis.notices import notices_for
from distal.analysis.recognise import ON_BOTH, STEPPING, is_again, likeness, name_of
from distal.analysis.reps_flight import held_up, that_step
from distal.analysis.reps_loops import Contact
from distal.analysis.reps_pairs import Joined, join_legs
from distal.analysis.reps_sets import LegRep, LegSet
from distal.analysis.stride import LEAST_STRIDE_S, MOST_STRIDE_S, Foot, Walks
from distal.analysis.stride_spread import estimate
from distal.analysis.trust import Session, vouch, walked
from distal.errors import TooShort
from distal.model import (
    OTHER,
    SIDES,
    Basis,
    BoolArray,
    Estimate,
    Event,
    ExerciseSet,
    Facts,
    FloatArray,
    Impact,
    Rep,
    SensorError,
    SessionReport,
    Side,
    Step,
    StepLoad,
    Timebase,
    Track,
)
from distal.units import DEG_PER_RAD

LIVE_STRIDES = 6
STEP_EDGE_S, STEP_APART_S = 1.0, 0.0  # steps of an exercise lie in its set; a swing beside is the same step
JUMP_EDGE_S = 0.3  # a push-off and a landing turn the leg as a swing does


@dataclass(frozen=True, slots=True)
class LiveSummary:
    """What a live view shows; None and 0 while nothing is known."""

    cadence_spm: float | None
    reps: Mapping[Side, int]
    cadence: Estimate | None = None  # the same with its interval
    is_walking: bool = False
    exercise: str | None = None  # as told, or as recognised in the present set
    legs: Mapping[Side, LegLive] = field(default_factory=dict)


class SessionAnalysis:
    """Streaming analysis of one or two legs; index space of each leg until `finish`."""

    def __init__(self, facts: Facts, rates: Mapping[Side, float]) -> None:
        self._facts = facts
        self._rates = dict(rates)
        self._legs: dict[Side, LegAnalysis] = {}
        self._views: dict[Side, LegView] = {}

    def update(self, side: Side, gyr: FloatArray, acc: FloatArray, clipped: BoolArray) -> list[Event]:
        """Samples of one leg, in order; NaN rows are missing."""
        if side not in self._legs:
            self._legs[side] = LegAnalysis(self._rates[side], self._facts, side)
            self._views[side] = LegView(self._legs[side], self._facts)
        return self._legs[side].update(gyr, acc, clipped)

    def live(self, times: Mapping[Side, Timebase] | None = None) -> LiveSummary:
        """Cadence of the last strides, reps by leg with those of the open set, and each leg now."""
        for leg in self._legs.values():
            leg.catch_up()
        strides = [_strides(leg.swings[-LIVE_STRIDES - 1 :]) for leg in self._legs.values()]
        pooled = np.concatenate([np.zeros(0), *strides])
        known = {side: Timebase(0.0, leg.rate_hz) for side, leg in self._legs.items()} | dict(times or {})
        if any([view.renew(known[side]) for side, view in self._views.items()]):
            for side, view in self._views.items():
                others = [(its, known[other]) for other, its in self._views.items() if other != side]
                view.know(known[side], others[0] if others else None)
        legs = {side: view.look(known[side]) for side, view in self._views.items()}
        return LiveSummary(
            120.0 / float(pooled.mean()) if len(pooled) >= 2 else None,
            {side: leg.done for side, leg in legs.items()},
            _cadence(pooled),
            any(is_walking(leg) for leg in self._legs.values()),
            self._facts.exercise or _present_exercise(legs),
            legs,
        )

    def finish(
        self, times: Mapping[Side, Timebase], sensors: Mapping[Side, SensorError] | None = None
    ) -> SessionReport:
        """Close both legs and put them on one time base; `sensors`: of the legs whose cuff is calibrated.

        raises  TooShort without any sample
        """
        for leg in self._legs.values():
            leg.finish()
        if not any(leg.present for leg in self._legs.values()):
            raise TooShort("there is no sample in it. Record again and see that the live line counts up.")
        legs = {side: _Timed(leg, times[side]) for side, leg in self._legs.items()}
        sets = doubted(self._sets(legs), lambda one, at: _turning_of(one, at, legs))
        flights = {side: leg.flights for side, leg in legs.items()}
        reps = _reps_of(sets)
        walks = Walks(
            {side: that_step(leg.feet(reps), held_up(sets, side)) for side, leg in legs.items()}, self._facts
        )
        stepped = [(one.start_s, one.end_s) for one in sets if one.exercise in STEPPING]
        steps = {side: self._steps(legs[side], walks, stepped) if side in legs else () for side in SIDES}
        bouts = walks.bouts()
        impact: dict[Side, Impact | None] = {}
        for side, leg in self._legs.items():
            landed = [landing for _, landing in flights[side]]
            steps[side], impact[side] = feel(steps[side], landed, leg.aside.shocks, times[side])
        coverage = {side: legs[side].coverage if side in legs else None for side in SIDES}
        sensors = sensors or {}
        session = Session(self._legs, times, self._facts, sensors)
        enough = [side for side, share in walked(session, steps).items() if share >= LEAST["cadence"]]
        report = SessionReport(
            coverage=coverage,
            cadence_spm=walks.cadence(enough),
            steps=steps,
            sets=sets,
            wear={},
            notices=notices_for(self._facts, self._legs, coverage, sets),
            mass_kg={side: self._facts.mass_kg(side) for side in SIDES},
            rests_on=Basis(self._facts, {side: sensors.get(side, UNCALIBRATED) for side in self._legs}),
            bouts=bouts,
            jumps=jumps(flights),
            impact=impact,
            walking_cost_pct=self._cost_pct() if bouts else None,
            across_sets=across_sets(sets),
        )
        return vouch(report, session)

    def _cost_pct(self) -> tuple[float, float] | None:
        return walking_cost_pct(self._facts.mass_left_kg, self._facts.mass_right_kg)

    def _sets(self, legs: "Mapping[Side, _Timed]") -> tuple[ExerciseSet, ...]:
        joined = [one for one in join_legs(_Legs(legs, self._facts.exercise in ON_BOTH)) if one.one.reps]
        names = self._names(joined, len(legs) > 1)
        out = [_exercise_set(one, legs, name) for one, name in zip(joined, names, strict=True)]
        return tuple(sorted(out, key=lambda one: one.start_s))

    def _names(self, joined: Sequence[Joined], has_other: bool) -> list[tuple[str, float]]:
        """Sets of a leg that are one movement again have one name."""
        if self._facts.exercise is not None:
            return [(self._facts.exercise, 1.0)] * len(joined)
        like = [likeness(one.one.look, one.lead, one.other if has_other else None) for one in joined]
        return [name_of([like[k] for k, two in enumerate(joined) if _is_again(one, two)]) for one in joined]

    def _steps(self, leg: "_Timed", walks: Walks, stepped: Sequence[tuple[float, float]]) -> tuple[Step, ...]:
        """The swings that lie in no rep, and the steps of exercises made of steps."""
        mass, lever = self._facts.mass_kg(leg.side), knee_length_m(self._facts)
        walked = [
            Step(one.ic_s, one.tc_s, stride_s, bout, _step_load(one.swing, leg.side, mass, lever))
            for one, stride_s, bout in walks.steps(leg.side)
        ]
        placed = [(one, leg.seconds(one.tc), leg.seconds(one.ic)) for x in leg.leg.sets for one in x.contacts]
        made = [
            Step(ic, tc, None, None, _step_load(one, leg.side, mass, lever))
            for one, tc, ic in placed
            if any(low - STEP_EDGE_S < tc and ic < high + STEP_EDGE_S for low, high in stepped)
        ]
        apart = [
            one
            for one in walked
            if not any(a.tc_s < one.ic_s + STEP_APART_S and one.tc_s - STEP_APART_S < a.ic_s for a in made)
        ]
        return tuple(sorted([*apart, *made], key=lambda one: one.ic_s))


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
        return self.leg.turning_between(at, self._time)

    @property
    def flights(self) -> list[tuple[float, float]]:
        """Take-off and landing of the leg's flights, session seconds; none is in a rep without one."""
        stays = [rep.phases for one in self.leg.sets if not one.look.flies for rep in one.reps]
        in_rep = _within((rep.start, rep.end) for rep in stays)
        return [
            (self.seconds(one.takeoff), self.seconds(one.landing))
            for one in self.leg.flights
            if not in_rep(one.takeoff)
        ]

    def feet(self, reps: Sequence[tuple[float, float]]) -> list[Foot]:
        """The leg's swings that lie in no rep and no jump, on the session's clock."""
        is_done = _within([*reps, *((a - JUMP_EDGE_S, b + JUMP_EDGE_S) for a, b in self.flights)])
        return [
            Foot(self.seconds(one.tc), self.seconds(one.ic), self.seconds(one.dip), one)
            for one in self.leg.swings
            if not is_done(self.seconds(one.mid))
        ]

    def span(self, rep: LegRep) -> tuple[float, float]:
        return self.seconds(rep.phases.start), self.seconds(rep.phases.end)


def _within(spans: Iterable[tuple[float, float]]) -> Callable[[float], bool]:
    """Tells of a time whether it lies inside one of some spans, their ends left out."""
    ordered = sorted(spans)
    starts, ends = [a for a, _ in ordered], list(accumulate((b for _, b in ordered), max))

    def is_inside(t: float) -> bool:
        begun = bisect_left(starts, t)
        return begun > 0 and t < ends[begun - 1]

    return is_inside


def _is_again(one: Joined, two: Joined) -> bool:
    return one is two or (
        (one.lead, one.side) == (two.lead, two.side) and is_again(one.one.look, two.one.look)
    )


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


def _turning_of(one: ExerciseSet, at: tuple[float, float], legs: Mapping[Side, _Timed]) -> float:
    """Mean turning of the leg that works in a set, rad/s."""
    lead = one.lead or next((side for side in SIDES if one.side in (side, "both") and side in legs), None)
    return legs[lead].turning(at) if lead is not None else 0.0


def _reps_of(sets: Sequence[ExerciseSet]) -> list[tuple[float, float]]:
    return [(rep.start_s, rep.end_s) for one in sets for rep in one.reps]


def legs_of(session: SessionAnalysis, times: Mapping[Side, Timebase]) -> _Legs:
    """The legs of a finished session as `join_legs` wants to see them."""
    return _Legs({side: _Timed(leg, times[side]) for side, leg in session._legs.items()}, False)


def _exercise_set(joined: Joined, legs: Mapping[Side, _Timed], name: tuple[str, float]) -> ExerciseSet:
    one, leg = joined.one, legs[joined.lead]
    first = one.is_lowered_first
    reps = [_rep(rep, leg, first) for rep in one.reps]
    reps += [_rep(rep, legs[OTHER[joined.lead]], first) for rep in joined.more]
    reps.sort(key=lambda rep: rep.start_s)
    trace = tuple(tuple((leg.seconds(at), deg) for at, deg in piece) for piece in one.trace)
    made = ExerciseSet(*name, joined.side, reps[0].start_s, reps[-1].end_s, tuple(reps), trace)
    if joined.partner is not None:
        other = legs[OTHER[joined.lead]]
        partner = tuple(_rep(rep, other, first) for rep in joined.partner.reps)
        made = replace(made, lead=joined.lead, partner=partner)
    return replace(made, fatigue=fatigue_of(made))


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
        pace=rep.pace,
    )


def _present_exercise(legs: Mapping[Side, LegLive]) -> str | None:
    """Of the leg whose reps are the newest."""
    done = [(leg.reps[-1].end_s, leg.exercise) for leg in legs.values() if leg.reps]
    return max(done)[1] if done else None


def _cadence(strides: FloatArray) -> Estimate | None:
    """Of both legs, steps/min, from their last strides."""
    mean = estimate(strides) if len(strides) >= LIVE_STRIDES else None
    if mean is None or mean.low <= 0.0:
        return None
    return Estimate(120.0 / mean.value, 120.0 / mean.high, 120.0 / mean.low, mean.n)


def _strides(swings: Sequence[Swing]) -> FloatArray:
    """Stride times in s, only plausible ones; the even rate is near enough for a live view."""
    times = np.diff([swing.ic for swing in swings]) / RATE_HZ
    out: FloatArray = times[(times >= LEAST_STRIDE_S) & (times <= MOST_STRIDE_S)]
    return out


def _step_load(swing: Swing | Contact, side: Side, mass_kg: float | None, lever_m: float | None) -> StepLoad:
    if mass_kg is None:
        return StepLoad()
    outward = swing.lateral if side == "right" else -swing.lateral  # m points to the person's right
    moment = None if lever_m is None else mass_kg * lever_m * swing.across
    return StepLoad(mass_kg * swing.force, moment, mass_kg * outward)


def analyze(
    tracks: Sequence[Track], facts: Facts, sensors: Mapping[Side, SensorError] | None = None
) -> SessionReport:
    """Whole tracks at once: update(all) and finish(). raises TooShort without any sample"""
    session = SessionAnalysis(facts, {track.side: track.time.rate_hz for track in tracks})
    for track in tracks:
        session.update(track.side, track.gyr, track.acc, track.clipped)
    return session.finish({track.side: track.time for track in tracks}, sensors)
