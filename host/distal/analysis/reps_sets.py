"""The sets in a span of movement: which lifts belong together, what they are called, what they load."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from distal.analysis.even import RATE_HZ, Even
from distal.analysis.flight import find_flights
from distal.analysis.gait import Swing
from distal.analysis.load import Arm, Phases, hip_length_m, knee_length_m, rep_load, smooth_span
from distal.analysis.recognise import ABOUT_KNEE, LOWERED_FIRST, STRAIGHT, Look, outward, recognise
from distal.analysis.reps import Lift, find_lifts, follow, main_tilt, moved, tilt_way
from distal.analysis.reps_flight import lifts_of_flights
from distal.analysis.reps_limb import QUIET, SLOW, SLOW_HZ, Limb, rise_of, see_limb, turn_vector, turned
from distal.analysis.smooth import ldlj, sparc
from distal.analysis.spans import Span, part_of
from distal.analysis.traces import shift_course, thin_course
from distal.model import Facts, FloatArray, Load, Pace, Side, Trace
from distal.units import DEG_PER_RAD

LEAST_SOLO = 0.26  # rad = 15 degrees: a single excursion smaller than this is a fidget, not a set
LEAST_SET = 0.07  # rad = 4 degrees: so is a row of them
SOLO_REST_S, SOLO_REST = 0.4, 0.17  # s, rad/s = 10 degrees/s: a lone rep begins and ends at rest
SOLO_BACK = 0.25  # of its rise: and ends where it began
CALF_RISE_M = 0.025  # a heel goes up 5 cm and more; a shank that leans lowers the cuff by 1 cm
LEAST_FLIGHTS = 2  # one alone may be a stumble
LONG_S, MOST = 120.0, 0.9  # a long set that fills its span needs no second look
SHANK_M = 0.4  # a rise counts as the turning of a shank that would lift as much
CARRIED = 2.5  # rise / turning: hip to ankle is 2.2 shanks, so more is carrying
FRAME_S = 3.0
QUIET_NEAR_S, TURNED_OVER = 12.0, 0.6
FIRM = 0.8  # share explained by a joint that truly stays in place
LEAST_TURN = 0.05  # rad = 3 degrees: less does not show where a lift begins
EDGE_S = 2.0  # rest kept around a set
LIES = 0.56  # sine of the elevation: the leg of someone who lies
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
    pace: Pace | None = None


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

    def with_reps(self, reps: tuple[LegRep, ...]) -> "LegSet":
        """The same set with other reps."""
        return replace(self, reps=reps)


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
        flights = find_flights(span.even)
        if len(flights) >= LEAST_FLIGHTS:
            limb = see_limb(span.even)
            jumps = _part(lifts_of_flights(limb, flights), limb)
            return [self._measure(limb, one, span) for one in jumps if _is_framed(one, limb)]
        first = see_limb(span.even)
        for rough in _sets_in(first, span.start, swings):
            close, core = _around(span, rough)
            if len(span.even) > LONG_S * RATE_HZ and len(close.even) > MOST * len(span.even):
                sets.append(self._measure(first, _measured_best(rough, first), span))
                continue
            # a second look at the set alone: lying down or turning round beside it bent the lever
            limb = see_limb(close.even, core)
            found = _sets_in(limb, close.start, swings)
            sets += [self._measure(limb, _measured_best(one, limb), close) for one in found]
        return sets

    def _measure(self, limb: Limb, lifts: list[Lift], span: Span) -> LegSet:
        look = _look(limb, lifts)
        if self._facts.exercise is not None:
            exercise, confidence = self._facts.exercise, 1.0
        else:
            exercise, confidence = recognise(look, self._side)
        arm = replace(self._arm(limb, look, exercise), outward=outward(look, exercise, self._side))
        smooth = smooth_span(span.even)
        turns = [turned(limb, lift.start, lift.top) for lift in lifts]
        usual = float(np.median([rom for rom, _ in turns]))
        reps = []
        for lift, (rom, roll) in zip(lifts, turns, strict=True):
            phases = _phases(lift)
            reps.append(
                LegRep(
                    phases=phases.shift(span.start),
                    top=_fine(lift.top) + span.start,
                    rom=rom,
                    roll=roll,
                    top_elevation=float(limb.elevation[round(lift.top)]),
                    swept=_swept(limb, lift),
                    flags=_flags((rom, roll), phases, span.even, usual),
                    pace=_pace(limb, lift, arm),
                    load=rep_load(smooth, phases, arm, self._facts.mass_kg(self._side)),
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
        )

    def _arm(self, limb: Limb, look: Look, exercise: str) -> Arm:
        """Which joint the load is about: from posture and lever, or from the exercise when it was told."""
        told = self._facts.exercise
        knee, hip = knee_length_m(self._facts), hip_length_m(self._facts)
        nothing = Arm(None, None, limb.lever.axis)
        if (told or exercise) in ABOUT_KNEE:
            return Arm("knee", knee, limb.lever.axis)
        if hip is None:
            return nothing
        is_straight = (
            limb.is_hinged
            and not limb.stands
            and limb.lever.length_m >= STRAIGHT_LEG * hip
            and abs(look.rest) < LIES
        )
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


def _is_lowered_first(limb: Limb, lifts: list[Lift], told: str | None) -> bool:
    """A shank that turns about the ankle without rising lets the body down first."""
    if told is not None:
        return told in LOWERED_FIRST
    rise = rise_of(limb)
    risen = np.median([rise[round(x.top)] - rise[round(x.start)] for x in lifts])
    return limb.is_hinged and limb.stands and float(risen) < CALF_RISE_M


def _sets_in(limb: Limb, start: int, swings: Sequence[Swing]) -> list[list[Lift]]:
    """Lifts that belong together, on the way that carries them best."""
    for way in _ways(limb):
        lifts = _without_steps(find_lifts(way), start, swings)
        groups = []
        for group in _part(lifts, limb):
            one = _right_way_up(group, way, limb)
            if _is_set(one, limb) and (len(one) > 2 or not _beside_walk(one, start, swings)):
                groups.append(one)
        if groups:
            return groups
    return []


def _ways(limb: Limb) -> Iterator[FloatArray]:
    """Signals in which reps may be closed excursions, rad; the likeliest first."""
    if limb.is_hinged and not limb.stands:
        yield limb.elevation
        return
    rise = rise_of(limb) / SHANK_M
    tilt = main_tilt(limb)
    spans = [float(np.subtract(*np.percentile(way, (95, 5)))) for way in (rise, tilt)]
    # a limb that is carried up rises more than any turning of it explains
    yield from (rise, tilt) if spans[0] > CARRIED * spans[1] else (tilt, rise)


def _right_way_up(lifts: list[Lift], way: FloatArray, limb: Limb) -> list[Lift]:
    """Turn the way over when the quiet before and after the lifts looks like their tops, not their starts."""
    if len(lifts) < 2:
        return lifts
    low = np.median([way[round(x.start)] for x in lifts])
    high = np.median([way[round(x.top)] for x in lifts])
    rests = []
    reach = int(QUIET_NEAR_S * SLOW_HZ)
    first, last = round(lifts[0].start), round(lifts[-1].end)
    for part in (slice(max(first - reach, 0), first + 1), slice(last, last + reach)):
        # a hold before an upside-down lift is quiet, too: look far away, but not in another posture
        like = np.abs(way[part] - (low + high) / 2.0) < 0.8 * (high - low)
        at = np.flatnonzero((limb.calm[part] > QUIET) & like) + part.start
        if len(at) == 0:
            return lifts
        rests.append(at[:25] if part.start < first else at[-25:])
    before, after = rests
    if min(float(np.median(way[at])) for at in rests) < low + TURNED_OVER * (high - low):
        return lifts
    begin, stop = int(before[0]), int(after[-1]) + 1
    found = find_lifts(-way[begin:stop])
    return [moved(lift, begin) for lift in found] or lifts


def _measured_best(lifts: list[Lift], limb: Limb) -> list[Lift]:
    """The lifts on the angle of their own way out, where the limb turns enough to show it."""
    way = tilt_way(limb, lifts)
    if way is None or np.median([way[round(x.top)] - way[round(x.start)] for x in lifts]) < LEAST_TURN:
        return lifts
    return follow(way, lifts)


def _is_set(lifts: list[Lift], limb: Limb) -> bool:
    """A row of lifts, or one or two that are large, begin and end at rest and come all the way back."""
    if len(lifts) > 2:
        firm = limb.is_hinged and not limb.stands
        return max(lift.rise for lift in lifts) >= LEAST_SET and (firm or _is_framed(lifts, limb))
    return all(lift.rise >= LEAST_SOLO and _is_closed(lift, limb) for lift in lifts)


def _is_framed(lifts: list[Lift], limb: Limb) -> bool:
    """Whether it is quiet before and after: what no joint explains has to begin and end at rest."""
    first, last, near = round(lifts[0].start), round(lifts[-1].end), int(FRAME_S * SLOW_HZ)
    before, after = limb.calm[max(first - near, 0) : first + 1], limb.calm[last : last + near]
    return bool((before > QUIET).sum() > SOLO_REST_S * SLOW_HZ < (after > QUIET).sum())


def _is_closed(lift: Lift, limb: Limb) -> bool:
    first, last = round(lift.start), round(lift.end)
    near = int(SOLO_REST_S * SLOW_HZ)
    speed = np.sqrt(np.einsum("ni,ni->n", limb.gyr, limb.gyr))
    around = [speed[max(first - near, 0) : first + 1].mean(), speed[last : last + near].mean()]
    moved = limb.up[max(first - near, 0)] @ limb.up[min(last + near, len(limb.up) - 1)]
    return max(around) < SOLO_REST and float(np.arccos(min(moved, 1.0))) < SOLO_BACK * lift.rise


def _around(span: Span, lifts: list[Lift]) -> tuple[Span, tuple[int, int]]:
    """The part of a span that holds these lifts and a little rest, and where in it they are (SLOW_HZ)."""
    edge = EDGE_S * RATE_HZ
    low = max(int(_fine(lifts[0].start) - edge), 0) // SLOW * SLOW
    high = min(int(_fine(lifts[-1].end) + edge), len(span.even))
    core = (round(lifts[0].start) - low // SLOW, round(lifts[-1].end) - low // SLOW + 1)
    return Span(span.start + low, part_of(span.even, low, high)), core


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


def _trace(limb: Limb, reps: int, start: int) -> Trace:
    pieces = thin_course(limb.elevation * DEG_PER_RAD, limb.present, reps)
    return shift_course(pieces, SLOW, start + _fine(0.0))


def _phases(lift: Lift) -> Phases:
    return Phases(_fine(lift.start), _fine(lift.hold_start), _fine(lift.hold_end), _fine(lift.end))


def _look(limb: Limb, lifts: list[Lift]) -> Look:
    starts, tops = (
        [min(round(getattr(x, key)), len(limb.up) - 1) for x in lifts] for key in ("start", "top")
    )
    rise = rise_of(limb)
    between = np.diff([lift.top for lift in lifts]) / SLOW_HZ
    flies = all(np.isinf(lift.rise) for lift in lifts)
    sine = np.sin(limb.elevation)
    return Look(
        up=limb.up[starts].mean(axis=0),
        up_top=limb.up[tops].mean(axis=0),
        turn=np.mean([turn_vector(limb, a, b) for a, b in zip(starts, tops, strict=True)], axis=0),
        axis=limb.lever.axis,
        rest=float(np.median(sine[starts])),
        top=float(np.median(sine[tops])),
        lever_m=limb.lever.length_m,
        rise_m=float(np.median(rise[tops] - rise[starts])),
        hinged=limb.is_hinged,
        stands=limb.stands,
        flight_s=float(np.median(between)) if flies and len(between) else 0.0,
    )


def _pace(limb: Limb, lift: Lift, arm: Arm) -> Pace | None:
    """Speed and smoothness of both ways; holds are left out."""
    cuts = [round(x) for x in (lift.start, lift.hold_start, lift.hold_end, lift.end)]
    ways = [limb.gyr[cuts[0] : cuts[1] + 1], limb.gyr[cuts[2] : cuts[3] + 1]]
    out, back = (np.sqrt(np.einsum("ni,ni->n", rows, rows)) for rows in ways)
    if len(out) < 2 or len(back) < 2:
        return None
    lift_mps = None
    if arm.length_m is not None:
        lift_mps = arm.length_m * float(np.linalg.norm(np.cross(ways[0], arm.axis), axis=1).mean())
    return Pace(
        mean_out_deg_s=float(out.mean()) * DEG_PER_RAD,
        mean_back_deg_s=float(back.mean()) * DEG_PER_RAD,
        peak_out_deg_s=float(out.max()) * DEG_PER_RAD,
        peak_back_deg_s=float(back.max()) * DEG_PER_RAD,
        sparc_out=sparc(out, SLOW_HZ),
        sparc_back=sparc(back, SLOW_HZ),
        ldlj_out=ldlj(out, SLOW_HZ),
        ldlj_back=ldlj(back, SLOW_HZ),
        mean_lift_mps=lift_mps,
    )


def _flags(turn: tuple[float, float], phases: Phases, span: Even, usual: float) -> tuple[str, ...]:
    low, high = int(phases.start), int(phases.end) + 1
    rom, roll = turn
    flags = []
    if not span.present[low:high].all():
        flags.append("gap")
    if span.clipped[low:high].any():
        flags.append("clipped")
    if rom < 0.6 * usual:
        flags.append("partial")
    if abs(roll) > 0.5 and abs(roll) > 0.5 * rom:
        flags.append("off_axis")
    return tuple(flags)


def _swept(limb: Limb, lift: Lift) -> float:
    """How far the limb turned in all, rad: what a companion movement has little of."""
    rows = limb.gyr[round(lift.start) : round(lift.end) + 1]
    return float(np.linalg.norm(rows, axis=1).sum() / SLOW_HZ)
