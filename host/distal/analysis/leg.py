"""One leg: samples in, events out, in the index space of that leg's samples."""

from dataclasses import dataclass

import numpy as np

from distal.analysis.even import RATE_HZ, Even, EvenRate
from distal.analysis.gait import StepFinder, Swing
from distal.analysis.load import Arm, Phases, hip_length_m, knee_length_m, rep_load, smooth_span
from distal.analysis.recognise import ABOUT_KNEE, STRAIGHT, Look, recognise
from distal.analysis.reps import SLOW, SLOW_HZ, Lift, Limb, find_lifts, see_limb
from distal.analysis.spans import Span, SpanFinder, part_of
from distal.model import BoolArray, Event, Facts, FloatArray, Load, Side

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


class LegAnalysis:
    """Streaming analysis of one leg. NaN rows are missing samples; any chunking gives the same bits.

    delay: contacts PAGE_S + AHEAD_S + BRIDGE_S; reps when their set has ended (PAUSE_S + LAG_S)
    """

    def __init__(self, rate_hz: float, facts: Facts, side: Side) -> None:
        self._even = EvenRate(rate_hz)
        self._steps = StepFinder(facts.placement)
        self._spans = SpanFinder()
        self._facts = facts
        self.side: Side = side
        self._scale = rate_hz / RATE_HZ  # samples of the leg per even sample
        self.seen = 0
        self.present = 0
        self.first_present: int | None = None
        self.last_present = -1
        self.has_gyr = False
        self.clipped = 0
        self.swings: list[Swing] = []
        self.sets: list[LegSet] = []

    def update(self, gyr: FloatArray, acc: FloatArray, clipped: BoolArray) -> list[Event]:
        """gyr rad/s, acc m/s2 (n, 3), clipped (n,); returns what has become certain."""
        self._count(gyr, acc, clipped)
        known: BoolArray = np.isfinite(gyr.sum(axis=1)) | ~np.isfinite(acc.sum(axis=1))
        gyr = np.where(known[:, None], gyr, 0.0)  # an accelerometer alone still counts as present
        even = self._even.update(gyr, acc, clipped)
        swings = self._steps.update(even)
        return self._note(swings, self._spans.update(even, swings))

    def finish(self) -> list[Event]:
        """The end of the samples."""
        even = self._even.finish()
        swings = self._steps.update(even)
        spans = self._spans.update(even, swings)
        last = self._steps.finish()
        return self._note(swings + last, spans + self._spans.finish(last))

    def index(self, position: float) -> float:
        """Even position -> sample index of the leg."""
        return position * self._scale

    def pending_reps(self) -> int:
        """Reps of the span that is still open (they may change until it ends)."""
        span = self._spans.pending()
        return sum(len(one.reps) for one in self._sets_of(span)) if span else 0

    def _count(self, gyr: FloatArray, acc: FloatArray, clipped: BoolArray) -> None:
        there = np.flatnonzero(np.isfinite(acc.sum(axis=1)))
        if len(there):
            if self.first_present is None:
                self.first_present = self.seen + int(there[0])
            self.last_present = self.seen + int(there[-1])
            self.has_gyr = self.has_gyr or bool(np.isfinite(gyr[there]).any())
        self.present += len(there)
        self.clipped += int(np.count_nonzero(clipped))
        self.seen += len(acc)

    def _note(self, swings: list[Swing], spans: list[Span]) -> list[Event]:
        self.swings += swings
        events = []
        for swing in swings:
            for kind, at in (("tc", swing.tc), ("ic", swing.ic)):
                events.append(Event(kind, self.side, self.index(at), self.index(at)))  # type: ignore[arg-type]
        for span in spans:
            for one in self._sets_of(span):
                self.sets.append(one)
                events += self._set_events(one)
        return events

    def _set_events(self, one: LegSet) -> list[Event]:
        reps = [Event("rep", self.side, self.index(r.top), self.index(r.phases.end)) for r in one.reps]
        start, end = one.reps[0].phases.start, one.reps[-1].phases.end
        return [*reps, Event("set", self.side, self.index(start), self.index(end))]

    def _sets_of(self, span: Span) -> list[LegSet]:
        """The sets in a span of movement."""
        if len(span.even) < 3 * RATE_HZ or not self.has_gyr:
            return []
        sets = []
        for rough in self._sets_in(see_limb(span.even), span.start):
            # a second look at the set alone: lying down or turning round beside it bent the lever
            close = _around(span, rough)
            limb = see_limb(close.even)
            if limb.lever.explained > LEAST_EXPLAINED:
                sets += [self._measure(limb, one, close) for one in self._sets_in(limb, close.start)]
        return sets

    def _sets_in(self, limb: Limb, start: int) -> list[list[Lift]]:
        """Lifts that belong together; a lone one beside walking is a step that was not seen as one."""
        groups = _part(self._without_steps(find_lifts(limb), start), limb)
        return [one for one in groups if _is_set(one) and (len(one) > 2 or not self._beside_walk(one, start))]

    def _beside_walk(self, lifts: list[Lift], start: int) -> bool:
        low, high = start + _fine(lifts[0].start), start + _fine(lifts[-1].end)
        near = WALK_NEAR_S * RATE_HZ
        return any(low - near < swing.mid < high + near for swing in self.swings)

    def _without_steps(self, lifts: list[Lift], start: int) -> list[Lift]:
        """Excursions that are swings of walking are no reps; when most are, none is."""
        mids = np.array([swing.mid for swing in self.swings if swing.mid >= start])
        stepped = [
            bool(((mids > start + x.start * SLOW) & (mids < start + x.end * SLOW)).any()) for x in lifts
        ]
        return [] if sum(stepped) > len(lifts) / 2 else lifts

    def _measure(self, limb: Limb, lifts: list[Lift], span: Span) -> LegSet:
        look = _look(limb, lifts)
        if self._facts.exercise is not None:
            exercise, confidence = self._facts.exercise, 1.0
        else:
            exercise, confidence = recognise(look, self.side)
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
                    load=rep_load(smooth, phases, arm, self._facts.mass_kg(self.side)),
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
