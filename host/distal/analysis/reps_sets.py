"""The sets in a span of movement: which lifts belong together, what they are called, what they load."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from distal.analysis.even import RATE_HZ, part_of
from distal.analysis.flight import Flight
from distal.analysis.gait import Swing
from distal.analysis.load import Phases, feel, hip_length_m, knee_length_m
from distal.analysis.load_arm import Arm, Told, placed
from distal.analysis.load_rep import rep_loads, worn
from distal.analysis.recognise import ABOUT_KNEE, ABOUT_SHANK, LOWERED_FIRST, STRAIGHT, Look, recognise
from distal.analysis.reps import Lift
from distal.analysis.reps_find import (
    LIES,
    fine,
    is_firm,
    lies,
    measured_best,
    sets_in,
    steps_in,
    that_stay,
)
from distal.analysis.reps_flags import Turned, flags_of
from distal.analysis.reps_flight import lifts_of_flights, series
from distal.analysis.reps_foot import Foot, see_foot
from distal.analysis.reps_limb import (
    QUIET,
    SLOW,
    SLOW_HZ,
    Limb,
    rise_of,
    see_limb,
    thigh_turned,
    turn_vectors,
    turned,
)
from distal.analysis.reps_loops import SHANK_M, Contact, contacts_of, find_loops
from distal.analysis.reps_pace import paces_of
from distal.analysis.rotate import lengths, unit
from distal.analysis.spans import Span, bouts
from distal.analysis.traces import shift_course, thin_course
from distal.model import Facts, FloatArray, Load, Pace, Side, Trace
from distal.units import DEG_PER_RAD

CALF_RISE_M = 0.025  # a heel goes up 5 cm and more; a shank that leans lowers the cuff by 1 cm
CALF_LEAN = 0.13  # rad: a heel that goes up leans the shank less, a deadlift more
STEP_UP_M = 0.08  # lower is a lunge
LONG_S, MOST = 120.0, 0.9  # a long set that fills its span needs no second look
EDGE_S = 2.0  # rest kept around a set
LEAST_S = 3.0  # a shorter span holds no set
HANGS, SHORT_M = -0.9, 0.5  # sine of the elevation of a shank that hangs; knee to ankle is shorter
STRAIGHT_LEG = 0.6  # fitted lever / straight leg: below, the knee bends and the hip's lever is not known


@dataclass(frozen=True, slots=True)
class LegRep:
    """One rep in samples at RATE_HZ; angles in rad; swept = turning of the limb, for comparing legs."""

    phases: Phases
    top: float
    rom: float
    roll: float
    top_elevation: float
    swept: float
    flags: tuple[str, ...]
    load: Load
    pace: Pace | None = None
    away_m: float = 0.0  # of a step: how far the foot goes


@dataclass(frozen=True, slots=True)
class LegSet:
    """Reps of one leg without a rest."""

    exercise: str
    confidence: float
    reps: tuple[LegRep, ...]
    look: Look
    stands: bool
    is_lowered_first: bool  # the way out lowers the body: a squat
    trace: Trace = ()  # (sample at RATE_HZ, elevation in degrees)
    steps: bool = False  # each rep is a foot that goes away and comes home
    contacts: tuple[Contact, ...] = ()  # then; positions at RATE_HZ

    def with_reps(self, reps: tuple[LegRep, ...]) -> "LegSet":
        """The same set with other reps."""
        return replace(self, reps=reps)


class SetFinder:
    """Finds sets in one leg's spans; keeps nothing from span to span."""

    def __init__(self, facts: Facts, side: Side) -> None:
        self._facts = facts
        self._side: Side = side
        self._right: FloatArray | None = None  # of the person, sensor axes

    def find(self, span: Span, swings: Sequence[Swing], flights: Sequence[Flight] = ()) -> list[LegSet]:
        """The sets in a span of movement; `swings` and `flights` of the leg known by now."""
        if len(span.even) < LEAST_S * RATE_HZ:
            return []
        self._right = _right_of(swings)
        limb = see_limb(span.even)
        jumped = self._jumps(limb, span, flights)
        if not jumped:
            return self._stays(limb, span, swings)
        out = list(jumped)
        for piece in _beside(span, jumped):
            out += self._stays(see_limb(piece.even), piece, swings)
        return sorted(out, key=lambda one: one.reps[0].phases.start)

    def _jumps(self, limb: Limb, span: Span, flights: Sequence[Flight]) -> list[LegSet]:
        stood = _stood(limb)
        lifts = [lifts_of_flights(limb, one, span.start) for one in series(flights)]
        # a leg that is thrown up and falls, about a hip or knee that stays, feels nothing for a moment, too
        flown = [one for one in lifts if not is_firm(see_limb(span.even, _core(limb, one)))]
        return [self._measure(limb, one, span, stood) for one in flown]

    def _stays(self, limb: Limb, span: Span, swings: Sequence[Swing]) -> list[LegSet]:
        """Sets without a flight."""
        stood, foot = _stood(limb), self._foot(limb)
        found = self._found(limb, foot, span.start, swings)
        if foot is not None:
            loops = find_loops(foot)
            stepped = steps_in(limb, foot, loops, found)
            if stepped:
                contacts = contacts_of(foot, limb, loops)
                return [
                    _with_contacts(self._measure(limb, one, span, stood), contacts, span) for one in stepped
                ]
        return [one for rough in found for one in self._swung(limb, rough, span, swings, stood)]

    def _foot(self, limb: Limb) -> Foot | None:
        return None if is_firm(limb) else see_foot(limb, self._facts.cuff_height_m)

    def _found(self, limb: Limb, foot: Foot | None, start: int, swings: Sequence[Swing]) -> list[list[Lift]]:
        found = sets_in(limb, start, swings)
        return found if foot is None or lies(limb) else that_stay(foot, found)

    def _swung(
        self, limb: Limb, rough: list[Lift], span: Span, swings: Sequence[Swing], stood: FloatArray
    ) -> list[LegSet]:
        """A set whose foot does not step, seen again by itself: what lies beside it bent the lever."""
        close, core = _around(span, rough)
        if len(span.even) > LONG_S * RATE_HZ and len(close.even) > MOST * len(span.even):
            return [self._measure(limb, measured_best(rough, limb), span, stood)]
        near = see_limb(close.even, core)
        found = self._found(near, self._foot(near), close.start, swings)
        return [self._measure(near, measured_best(one, near), close, stood) for one in found]

    def _measure(self, limb: Limb, lifts: list[Lift], span: Span, stood: FloatArray) -> LegSet:
        look = replace(_look(limb, lifts), lean=_lean(limb, lifts, stood))
        if self._facts.exercise is not None:
            exercise, confidence = self._facts.exercise, 1.0
        else:
            exercise, confidence = recognise(look, self._side)
        arm = placed(self._arm(limb, look), look, Told(self._facts, self._side, self._right))
        felt = feel(span.even, limb.up, self._facts.cuff_offset_m)
        carried = worn(self._facts, self._side)
        angles = thigh_turned if exercise in ABOUT_SHANK else turned
        turns = [part.tolist() for part in angles(limb, *_ways(lifts))]
        seen = [Turned(_phases(lift), *turn) for lift, *turn in zip(lifts, *turns, strict=True)]
        swung = limb.is_hinged and not (limb.stands or lifts[0].is_step or lifts[0].flies)
        flags = flags_of(seen, span.even, swung)
        paces = paces_of(limb, lifts, arm, span.even.gyr)
        loads = rep_loads(felt, [rep.phases for rep in seen], arm, carried)
        reps = []
        for lift, rep, flag, pace, load in zip(lifts, seen, flags, paces, loads, strict=True):
            reps.append(
                LegRep(
                    phases=rep.phases.shift(span.start),
                    top=fine(lift.top) + span.start,
                    rom=rep.rom,
                    roll=rep.roll,
                    top_elevation=float(limb.elevation[round(lift.top)]),
                    swept=_swept(limb, lift),
                    flags=flag,
                    pace=pace,
                    away_m=lift.rise * SHANK_M if lift.is_step else 0.0,
                    load=load,
                )
            )
        return LegSet(
            exercise,
            confidence,
            tuple(reps),
            look,
            limb.stands,
            _is_lowered_first(limb, lifts, self._facts.exercise),
            _trace(limb, len(lifts), span.start),
            lifts[0].is_step,
        )

    def _arm(self, limb: Limb, look: Look) -> Arm:
        """Which joint the load is about: from posture and lever, or from the exercise when it was told."""
        told = self._facts.exercise
        knee, hip = knee_length_m(self._facts), hip_length_m(self._facts)
        swings = limb.is_hinged and not limb.stands
        hangs = swings and look.rest < HANGS and limb.lever.length_m < SHORT_M
        if told in ABOUT_KNEE or (told is None and hangs):
            return Arm("knee", knee, limb.lever.axis)
        is_long = hip is not None and limb.lever.length_m >= STRAIGHT_LEG * hip
        is_straight = swings and is_long and abs(look.rest) < LIES
        if hip is not None and (told in STRAIGHT or (told is None and is_straight)):
            return Arm("hip", hip, limb.lever.axis)
        return Arm(None, None, limb.lever.axis, reason="closed_chain" if limb.stands else None)


def _core(limb: Limb, lifts: list[Lift]) -> tuple[int, int]:
    edge = EDGE_S * SLOW_HZ
    return max(int(lifts[0].start - edge), 0), min(int(lifts[-1].end + edge), len(limb.up))


def _beside(span: Span, jumped: Sequence[LegSet]) -> list[Span]:
    """What is left of a span before, between and after its jumps."""
    marks = [(int(one.reps[0].phases.start), int(one.reps[-1].phases.end) + 1) for one in jumped]
    lows = [span.start, *(high for _, high in marks)]
    highs = [*(low for low, _ in marks), span.start + len(span.even)]
    return [
        Span(low, part_of(span.even, low - span.start, high - span.start))
        for low, high in zip(lows, highs, strict=True)
        if high - low >= LEAST_S * RATE_HZ
    ]


def _right_of(swings: Sequence[Swing]) -> FloatArray | None:
    """Where the person's right is in sensor axes, (3,), from walking; None without a walk."""
    walks = bouts(list(swings))
    axes = [one.axis for one in swings if any(low <= one.tc and one.ic <= high for low, high in walks)]
    return unit(np.sum(axes, axis=0)) if axes else None


def _with_contacts(one: LegSet, contacts: list[Contact], span: Span) -> LegSet:
    placed = (replace(x, tc=span.start + fine(x.tc), ic=span.start + fine(x.ic)) for x in contacts)
    first, last = one.reps[0].phases.start - RATE_HZ, one.reps[-1].phases.end + RATE_HZ
    return replace(one, contacts=tuple(x for x in placed if first < x.tc < last))


def _stood(limb: Limb) -> FloatArray:
    """`up` where the span is calm at first, (3,); zero when it never is."""
    calm = np.flatnonzero(limb.calm > QUIET)[: int(SLOW_HZ / 2)]
    return unit(limb.up[calm].sum(axis=0))


def _lean(limb: Limb, lifts: list[Lift], stood: FloatArray) -> float:
    """Of a limb that stands; who has lain down does not lean."""
    if not stood.any() or (limb.is_hinged and not limb.stands):
        return 0.0
    # the end nearer to standing: which of both is the rest may have been taken the wrong way round
    ends = (unit(limb.up[_at(limb, lifts, key)].sum(axis=0)) for key in ("start", "top"))
    return min(float(np.arccos(np.clip(stood @ end, -1.0, 1.0))) for end in ends)


def _ways(lifts: list[Lift]) -> tuple[FloatArray, FloatArray]:
    """Starts and tops."""
    return np.array([lift.start for lift in lifts]), np.array([lift.top for lift in lifts])


def _at(limb: Limb, lifts: list[Lift], key: str) -> list[int]:
    return [min(round(getattr(lift, key)), len(limb.up) - 1) for lift in lifts]


def _is_lowered_first(limb: Limb, lifts: list[Lift], told: str | None) -> bool:
    """A shank that leans without rising, or a foot that steps on the floor: the body goes down first."""
    if told is not None:
        return told in LOWERED_FIRST
    if lifts[0].flies:
        return False
    if lifts[0].is_step:
        return float(np.median([lift.up_m for lift in lifts])) < STEP_UP_M
    swings = limb.is_hinged and not limb.stands
    rise = rise_of(limb)
    risen = np.median([rise[round(x.top)] - rise[round(x.start)] for x in lifts])
    leans = np.median(turned(limb, *_ways(lifts))[0])
    return not swings and float(risen) < CALF_RISE_M and float(leans) > CALF_LEAN


def _around(span: Span, lifts: list[Lift]) -> tuple[Span, tuple[int, int]]:
    """The part of a span that holds these lifts and a little rest, and where in it they are (SLOW_HZ)."""
    edge = EDGE_S * RATE_HZ
    low = max(int(fine(lifts[0].start) - edge), 0) // SLOW * SLOW
    high = min(int(fine(lifts[-1].end) + edge), len(span.even))
    core = (round(lifts[0].start) - low // SLOW, round(lifts[-1].end) - low // SLOW + 1)
    return Span(span.start + low, part_of(span.even, low, high)), core


def _trace(limb: Limb, reps: int, start: int) -> Trace:
    pieces = thin_course(limb.elevation * DEG_PER_RAD, limb.present, reps)
    return shift_course(pieces, SLOW, start + fine(0.0))


def _phases(lift: Lift) -> Phases:
    return Phases(fine(lift.start), fine(lift.hold_start), fine(lift.hold_end), fine(lift.end))


def _look(limb: Limb, lifts: list[Lift]) -> Look:
    starts, tops = (_at(limb, lifts, key) for key in ("start", "top"))
    rise = rise_of(limb)
    sine = np.sin(limb.elevation)
    return Look(
        up=limb.up[starts].mean(axis=0),
        up_top=limb.up[tops].mean(axis=0),
        turn=turn_vectors(limb, np.array(starts), np.array(tops)).mean(axis=0),
        axis=limb.lever.axis,
        rest=float(np.median(sine[starts])),
        top=float(np.median(sine[tops])),
        lever_m=limb.lever.length_m,
        rise_m=float(np.median([x.up_m for x in lifts] if lifts[0].is_step else rise[tops] - rise[starts])),
        hinged=limb.is_hinged,
        stands=limb.stands,
        flies=lifts[0].flies,
        away_m=float(np.median([x.rise for x in lifts])) * SHANK_M if lifts[0].is_step else 0.0,
    )


def _swept(limb: Limb, lift: Lift) -> float:
    """How far the limb turned in all, rad: what a companion movement has little of."""
    rows = limb.gyr[round(lift.start) : round(lift.end) + 1]
    return float(lengths(rows).sum() / SLOW_HZ)
