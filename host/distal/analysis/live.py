"""What a live view shows of one leg: angle, phase, reps of the present set, load. 10 times a second."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distal.analysis.coverage import LEAST
from distal.analysis.even import RATE_HZ
from distal.analysis.gait import Swing
from distal.analysis.interval import Lifted, bounds
from distal.analysis.leg import LegAnalysis
from distal.analysis.live_angle import AS_DRAWN
from distal.analysis.live_phase import Mark, Phase, PhaseWatch
from distal.analysis.load import hip_length_m, knee_length_m, moment_nm
from distal.analysis.recognise import LOWERED_FIRST, ON_BOTH
from distal.analysis.reps_pairs import COMPANION, LONE
from distal.analysis.reps_sets import LegRep, LegSet
from distal.model import Estimate, Facts, FloatArray, Load, Timebase
from distal.units import DEG_PER_RAD

WALKS_S = 6.5  # s since the last known contact: a swing is known 4.5 s late
RECENT = 4  # sets of the other leg that may lie beside a rep
MOST_REPS = 60  # a set of more is drawn by its last ones
FIRST_DEG = 25.0  # a first excursion that is smaller may be sitting down
LIKE = 0.5  # of the set's usual range: so much is one of its reps
UNSURE_S = 12.0  # by then the reps of an excursion are found, or it was none
UPSIDE_DOWN = 120.0  # degrees: no leg rests like that, a cuff may

Turned = tuple[float, float, float]  # a rep: start and end in session s, how far the limb turned


@dataclass(frozen=True, slots=True)
class LiveRep:
    """A rep of the present set. Session seconds; degrees, 0 hanging, 90 level."""

    start_s: float
    top_s: float
    end_s: float
    top_deg: float
    rom_deg: float


@dataclass(frozen=True, slots=True)
class LegLive:
    """One leg now. Session seconds; degrees, 0 hanging, 90 level; a hole in the samples has no points."""

    angle: tuple[tuple[float, float], ...]  # the last 8 s
    phase: Phase | None  # None: rests, walks, or not known
    marks: tuple[Mark, ...]  # phases of the rep being done, each with its start
    count: int  # number of the rep being done; at rest those done
    reps: tuple[LiveRep, ...]  # of the present set, or of the last one; those that are certain
    exercise: str | None  # as recognised; None before the first set
    about: str | None  # the joint that the moment is about
    moment_nm: Estimate | None  # of the worn mass, now
    load_nms: Estimate | None  # moment over time of all reps so far, n of them
    done: int  # reps of the session so far; companion movement left out


@dataclass(frozen=True, slots=True)
class _Known:
    """What only a new look at the sets changes."""

    one: LegSet | None = None
    reps: tuple[LiveRep, ...] = ()
    done: int = 0
    load: Estimate | None = None


class LegView:
    """Looks at a leg again and again; computes only what is new."""

    def __init__(self, leg: LegAnalysis, facts: Facts) -> None:
        self.leg = leg
        self._facts = facts
        self._phases = PhaseWatch()
        self._sums = _Sums(leg, facts)
        self._known = _Known()
        self._pending: list[LegSet] | None = None  # as they were when the rest was computed
        self.recent: list[Turned] = []  # the last reps, for the other leg to compare itself with

    def renew(self, time: Timebase) -> bool:
        """Look at the sets; whether there is something new. `time` turns samples into session seconds."""
        pending = self.leg.pending_sets()
        if pending is self._pending:
            return False
        self._pending = pending
        sets = [*self.leg.sets[-RECENT:], *pending]
        reps = [rep for one in sets for rep in one.reps][-MOST_REPS:]
        self.recent = [_turned(rep, self.leg, time) for rep in reps]
        return True

    def know(self, time: Timebase, beside: "tuple[LegView, Timebase] | None") -> None:
        """Reps and load anew; beside: the other leg."""
        leg = self.leg
        place = _Place(leg, time, beside, self._facts.exercise in ON_BOTH)
        sets = [mine for one in (*leg.sets[-1:], *leg.pending_sets()) if (mine := place.own(one))]
        one = sets[-1] if sets else None
        if one is not None and one.look.hinged:
            leg.angle.axis = one.look.axis
        reps = tuple(_live_rep(rep, leg, time) for rep in one.reps) if one else ()
        self._known = _Known(one, reps, *self._sums.so_far(place))

    def look(self, time: Timebase) -> LegLive:
        """The leg now."""
        leg, known = self.leg, self._known
        fresh = leg.angle.look()
        self._turn_over(fresh)
        self._phases.update([(time.seconds(at), deg) for at, deg in fresh])
        about, arm = self._arm(known.one)
        walks = is_walking(leg)
        marks = () if walks else _named(self._phases.marks, known.one, self._facts)
        return LegLive(
            angle=tuple((time.seconds(at), deg) for at, deg in leg.angle.shown()),
            phase=marks[-1][0] if marks else None,
            marks=marks,
            count=len(known.reps) if walks else self._count(known.reps, time.seconds(leg.seen)),
            reps=known.reps[-MOST_REPS:],
            exercise=known.one.exercise if known.one else None,
            about=about,
            moment_nm=self._moment(about, arm),
            load_nms=known.load,
            done=known.done,
        )

    def _count(self, reps: Sequence[LiveRep], now_s: float) -> int:
        """Certain reps of the present set, those that look like reps after them, and the one being done."""
        goes_on = bool(reps) and now_s - reps[-1].end_s < UNSURE_S
        since = reps[-1].end_s - 0.5 if goes_on else now_s - UNSURE_S
        least = LIKE * float(np.median([rep.rom_deg for rep in reps])) if goes_on else FIRST_DEG
        likely = [way for begun, end, way in self._phases.done if begun > since and now_s - end < UNSURE_S]
        fresh = sum(way >= least for way in likely) + bool(self._phases.marks)
        return fresh + (len(reps) if goes_on or not fresh else 0)

    def _turn_over(self, fresh: Sequence[tuple[float, float]]) -> None:
        """Before any set was seen: a leg that hangs upwards wears its cuff upside down."""
        drawn = self.leg.angle.axis is AS_DRAWN
        if drawn and fresh and min(deg for _, deg in fresh) > UPSIDE_DOWN:
            self.leg.angle.axis = -AS_DRAWN

    def _arm(self, one: LegSet | None) -> tuple[str | None, float | None]:
        """The joint and the way from it: the knee, until a set says that it is the hip or cannot say."""
        about = "knee" if one is None else one.reps[-1].load.about
        length = {"knee": knee_length_m, "hip": hip_length_m}.get(about or "", lambda _: None)(self._facts)
        return about, length

    def _moment(self, about: str | None, length_m: float | None) -> Estimate | None:
        now, mass = self.leg.angle.now(), self._facts.mass_kg(self.leg.side)
        if now is None or mass is None or length_m is None:
            return None
        gyr, acc = (_at_rate(rows, self.leg.rate_hz) for rows in now)
        size = np.linalg.norm(moment_nm(mass * acc, gyr, length_m * self.leg.angle.axis, mass), axis=1)
        value = float(size.mean())
        load = Load(about=about, peak_moment_nm=value)  # type: ignore[arg-type]
        low, high = bounds(load, self._facts, Lifted(self.leg.side, 0.0, 0.0, 0.0, 0.0))
        return _estimate(value, low.peak_moment_nm, high.peak_moment_nm, 1)


@dataclass(frozen=True, slots=True)
class _Place:
    """A leg in time, with the other one beside it."""

    leg: LegAnalysis
    time: Timebase
    beside: tuple[LegView, Timebase] | None
    told: bool  # an exercise of both legs

    def own(self, one: LegSet) -> LegSet | None:
        """The set without companion movement; None when that was all, or a change of posture of both legs."""
        reps = tuple(rep for rep in one.reps if not self._goes_along(rep))
        return one.with_reps(reps) if reps and not self._is_change(reps) else None

    def _goes_along(self, rep: LegRep) -> bool:
        """Whether the other leg turned much more at the same time."""
        start, end, swept = _turned(rep, self.leg, self.time)
        recent = self.beside[0].recent if self.beside else []
        return any(swept < COMPANION * s and min(end, b) > max(start, a) for a, b, s in recent)

    def _is_change(self, reps: Sequence[LegRep]) -> bool:
        """One or two lone excursions while the other leg turns as well, as `join_legs` sees it."""
        if self.beside is None or self.told or len(reps) > LONE:
            return False
        first, last = (_turned(rep, self.leg, self.time) for rep in (reps[0], reps[-1]))
        whole, (other, time) = (first[0], last[1]), self.beside
        mine = self.leg.turning_between(whole, self.time)
        return other.leg.turning_between(whole, time) > COMPANION * mine


class _Sums:
    """Reps and their moment over time so far; closed sets are added up once."""

    def __init__(self, leg: LegAnalysis, facts: Facts) -> None:
        self.leg, self._facts = leg, facts
        self._closed = 0
        self._sum = np.zeros(5)  # value, low, high, reps with a load, reps

    def so_far(self, place: _Place) -> tuple[int, Estimate | None]:
        """Reps and load; no load without mass or height, or when that of no rep is known."""
        for one in self.leg.sets[self._closed :]:
            self._sum += self._of(place.own(one))
            self._closed += 1
        total = sum((self._of(place.own(one)) for one in self.leg.pending_sets()), self._sum.copy())
        value, low, high, known, reps = total.tolist()
        is_said = self._facts.mass_kg(self.leg.side) is not None and self._facts.height_m is not None
        load = Estimate(value, low, high, int(known)) if is_said and (known or not reps) else None
        return int(reps), load

    def _of(self, one: LegSet | None) -> FloatArray:
        return sum((self._rep(rep) for rep in one.reps), np.zeros(5)) if one else np.zeros(5)

    def _rep(self, rep: LegRep) -> FloatArray:
        """Errors of mass and lever are the same in every rep, so ends add up as they are."""
        leg, marks = self.leg, rep.phases
        there = leg.holes.present(leg.index(marks.start), leg.index(marks.end))
        if rep.load.impulse_nms is None or there < LEAST["load"]:
            return np.array([0.0, 0.0, 0.0, 0.0, 1.0])
        cuts = [marks.start, marks.hold_start, marks.hold_end, marks.end]
        up, hold, down = (float(x) for x in np.diff(cuts) / RATE_HZ)
        low, high = bounds(rep.load, self._facts, Lifted(leg.side, up, hold, down, rep.rom))
        value = rep.load.impulse_nms
        return np.array([value, low.impulse_nms or 0.0, high.impulse_nms or value, 1.0, 1.0])


def _named(marks: Sequence[Mark], one: LegSet | None, facts: Facts) -> tuple[Mark, ...]:
    """A squat lowers first: what leads the limb away from its rest lets the body down."""
    first = facts.exercise in LOWERED_FIRST or (one is not None and one.exercise in LOWERED_FIRST)
    other: dict[Phase, Phase] = {"lift": "lower", "hold": "hold", "lower": "lift"}
    return tuple((other[phase], t) for phase, t in marks) if first else tuple(marks)


def _turned(rep: LegRep, leg: LegAnalysis, time: Timebase) -> Turned:
    start, end = (time.seconds(leg.index(x)) for x in (rep.phases.start, rep.phases.end))
    return start, end, rep.swept


def is_walking(leg: LegAnalysis) -> bool:
    """Whether the last contact is known to be near, in a row of steps."""
    swings = leg.swings[-2:]
    return (
        len(swings) == 2
        and leg.seen - leg.index(swings[0].ic) < WALKS_S * leg.rate_hz
        and not _in_rep(leg, swings[-1])
    )


def _in_rep(leg: LegAnalysis, swing: Swing) -> bool:
    sets = [*leg.sets[-1:], *leg.pending_sets()]
    return any(rep.phases.start < swing.mid < rep.phases.end for one in sets for rep in one.reps)


def _live_rep(rep: LegRep, leg: LegAnalysis, time: Timebase) -> LiveRep:
    start, top, end = (time.seconds(leg.index(x)) for x in (rep.phases.start, rep.top, rep.phases.end))
    return LiveRep(start, top, end, 90.0 + rep.top_elevation * DEG_PER_RAD, rep.rom * DEG_PER_RAD)


def _at_rate(rows: FloatArray, rate_hz: float) -> FloatArray:
    """Rows at any rate -> rows at RATE_HZ."""
    at = np.arange(0.0, len(rows) - 1 + 1e-9, rate_hz / RATE_HZ)
    index = np.arange(len(rows))
    return np.stack([np.interp(at, index, rows[:, k]) for k in range(rows.shape[1])], axis=1)


def _estimate(value: float, low: float | None, high: float | None, n: int) -> Estimate | None:
    return None if low is None or high is None else Estimate(value, low, high, n)
