"""The sets in a span of movement: which lifts belong together, what they are called, what they load."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distal.analysis.even import RATE_HZ, Even
from distal.analysis.gait import Swing
from distal.analysis.load import Arm, Phases, hip_length_m, knee_length_m, rep_load, smooth_span
from distal.analysis.recognise import ABOUT_KNEE, STRAIGHT, Look, recognise
from distal.analysis.reps import SLOW, SLOW_HZ, Lift, Limb, find_lifts, see_limb
from distal.analysis.spans import Span, part_of
from distal.model import Facts, Load, Side

LEAST_SOLO = 0.26  # rad = 15 degrees: a single excursion smaller than this is a fidget, not a set
LEAST_SET = 0.07  # rad = 4 degrees: so is a row of them
LEAST_EXPLAINED = 0.4  # of the motion by a fixed joint: walking about and fidgets have none
EDGE_S = 2.0  # rest kept around a set
LIES = 0.6  # rad from level: the leg of someone who lies
STRAIGHT_LEG = 0.6  # fitted lever / straight leg: below, the knee bends and the hip's lever is not known
OTHER_POSE = 0.5  # rad: rests this far apart belong to different exercises
WALK_NEAR_S = 4.0
REST_S = 12.0  # a pause this long parts two sets


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


@dataclass(frozen=True, slots=True)
class LegSet:
    """Reps of one leg without a rest."""

    exercise: str
    confidence: float
    reps: tuple[LegRep, ...]


class SetFinder:
    """Finds sets in one leg's spans; keeps nothing from span to span."""

    def __init__(self, facts: Facts, side: Side) -> None:
        self._facts = facts
        self._side = side

    def find(self, span: Span, swings: Sequence[Swing]) -> list[LegSet]:
        """The sets in a span of movement; `swings` of the leg known by now."""
        if len(span.even) < 3 * RATE_HZ:
            return []
        sets = []
        for rough in self._sets_in(see_limb(span.even), span.start, swings):
            # a second look at the set alone: lying down or turning round beside it bent the lever
            close = _around(span, rough)
            limb = see_limb(close.even)
            if limb.lever.explained > LEAST_EXPLAINED:
                sets += [self._measure(limb, one, close) for one in self._sets_in(limb, close.start, swings)]
        return sets

    def _sets_in(self, limb: Limb, start: int, swings: Sequence[Swing]) -> list[list[Lift]]:
        """Lifts that belong together; a lone one beside walking is a step that was not seen as one."""
        groups = _part(_without_steps(find_lifts(limb), start, swings), limb)
        return [
            one for one in groups if _is_set(one) and (len(one) > 2 or not _beside_walk(one, start, swings))
        ]

    def _measure(self, limb: Limb, lifts: list[Lift], span: Span) -> LegSet:
        look = _look(limb, lifts)
        if self._facts.exercise is not None:
            exercise, confidence = self._facts.exercise, 1.0
        else:
            exercise, confidence = recognise(look, self._side)
        arm = self._arm(limb, look, exercise)
        smooth = smooth_span(span.even)
        usual = float(np.median([lift.rom for lift in lifts]))
        reps = []
        for lift in lifts:
            phases = _phases(lift)
            reps.append(
                LegRep(
                    phases=phases.shift(span.start),
                    top=_fine(lift.top) + span.start,
                    rom=lift.rom,
                    roll=lift.roll,
                    top_elevation=float(limb.elevation[round(lift.top)]),
                    swept=_swept(limb, lift),
                    flags=_flags(lift, phases, span.even, usual),
                    load=rep_load(smooth, phases, arm, self._facts.mass_kg(self._side)),
                )
            )
        return LegSet(exercise, confidence, tuple(reps))

    def _arm(self, limb: Limb, look: Look, exercise: str) -> Arm:
        """Which joint the load is about: from posture and lever, or from the exercise when it was told."""
        told = self._facts.exercise
        knee, hip = knee_length_m(self._facts), hip_length_m(self._facts)
        nothing = Arm(None, None, limb.lever.axis)
        if (told or exercise) in ABOUT_KNEE:
            return Arm("knee", knee, limb.lever.axis)
        if hip is None:
            return nothing
        is_straight = limb.lever.length_m >= STRAIGHT_LEG * hip and abs(look.rest) < LIES
        if told in STRAIGHT or (told is None and is_straight):
            return Arm("hip", hip, limb.lever.axis)
        return nothing


def _beside_walk(lifts: list[Lift], start: int, swings: Sequence[Swing]) -> bool:
    low, high = start + _fine(lifts[0].start), start + _fine(lifts[-1].end)
    near = WALK_NEAR_S * RATE_HZ
    return any(low - near < swing.mid < high + near for swing in swings)


def _without_steps(lifts: list[Lift], start: int, swings: Sequence[Swing]) -> list[Lift]:
    """Excursions that are swings of walking are no reps; when most are, none is."""
    mids = np.array([swing.mid for swing in swings if swing.mid >= start])
    stepped = [bool(((mids > start + x.start * SLOW) & (mids < start + x.end * SLOW)).any()) for x in lifts]
    return [] if sum(stepped) > len(lifts) / 2 else lifts


def _is_set(lifts: list[Lift]) -> bool:
    return max(lift.rise for lift in lifts) >= (LEAST_SET if len(lifts) > 2 else LEAST_SOLO)


def _around(span: Span, lifts: list[Lift]) -> Span:
    """The part of a span that holds these lifts and a little rest."""
    edge = EDGE_S * RATE_HZ
    low = max(int(_fine(lifts[0].start) - edge), 0) // SLOW * SLOW
    high = min(int(_fine(lifts[-1].end) + edge), len(span.even))
    return Span(span.start + low, part_of(span.even, low, high))


def _part(lifts: list[Lift], limb: Limb) -> list[list[Lift]]:
    """Lifts with less than REST_S between them that start from a like pose belong together."""
    groups: list[list[Lift]] = []
    for lift in lifts:
        last = groups[-1][-1] if groups else lift
        moved = abs(limb.elevation[round(lift.start)] - limb.elevation[round(last.start)])
        if groups and lift.start - last.end < REST_S * SLOW_HZ and moved < OTHER_POSE:
            groups[-1].append(lift)
        else:
            groups.append([lift])
    return groups


def _fine(position: float) -> float:
    """Position at SLOW_HZ -> position at RATE_HZ: a slow sample sits amid the SLOW it was made of."""
    return position * SLOW + (SLOW - 1) / 2


def _phases(lift: Lift) -> Phases:
    return Phases(_fine(lift.start), _fine(lift.hold_start), _fine(lift.hold_end), _fine(lift.end))


def _look(limb: Limb, lifts: list[Lift]) -> Look:
    starts = [round(lift.start) for lift in lifts]
    rest = float(np.median(limb.elevation[starts]))
    top = float(np.median([limb.elevation[round(lift.top)] for lift in lifts]))
    lever = limb.lever
    return Look(rest, top, limb.up[starts].mean(axis=0), lever.axis, lever.explained, lever.length_m)


def _flags(lift: Lift, phases: Phases, span: Even, usual: float) -> tuple[str, ...]:
    low, high = int(phases.start), int(phases.end) + 1
    flags = []
    if not span.present[low:high].all():
        flags.append("gap")
    if span.clipped[low:high].any():
        flags.append("clipped")
    if lift.rom < 0.6 * usual:
        flags.append("partial")
    if abs(lift.roll) > 0.5 and abs(lift.roll) > 0.5 * lift.rom:
        flags.append("off_axis")
    return tuple(flags)


def _swept(limb: Limb, lift: Lift) -> float:
    """How far the limb turned in all, rad: what a companion movement has little of."""
    rows = limb.gyr[round(lift.start) : round(lift.end) + 1]
    return float(np.linalg.norm(rows, axis=1).sum() / SLOW_HZ)
