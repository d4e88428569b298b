"""What a report may say: flags, intervals and nulls for its numbers, and how the cuffs sat.

Runs once at the end, over steps and sets in session seconds; it measures nothing but wear and sway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from distal.analysis.bout_load import with_bout_loads
from distal.analysis.coverage import LEAST, Marks, share_of
from distal.analysis.distribution import distributed
from distal.analysis.interval import UNCALIBRATED, Lifted, bounds, sure_joints
from distal.analysis.leg import LegAnalysis
from distal.analysis.sway_spans import StillLeg, find_stances
from distal.analysis.wear import Hinge
from distal.analysis.wear_notices import lost_notices, wear_notices
from distal.analysis.wear_words import judge_wear, leg_axes
from distal.model import (
    JOINTS,
    SIDES,
    ExerciseSet,
    Facts,
    JointLoad,
    Load,
    Notice,
    Rep,
    SensorError,
    SessionReport,
    Side,
    Stance,
    Step,
    Times,
    Wear,
    warn,
)
from distal.units import DEG_PER_RAD

# The knee bends and a cuff at the shank cannot see it: work would read 17 % high (virtual people, validate)
HIDDEN_KNEE = frozenset({"prone_hip_extension"})


@dataclass(frozen=True, slots=True)
class Session:
    """Both legs of a session and what was said about them."""

    legs: Mapping[Side, LegAnalysis]
    times: Times
    facts: Facts
    sensors: Mapping[Side, SensorError] = field(default_factory=dict)

    def present(self, side: Side, low_s: float, high_s: float) -> float:
        """Share of a leg's samples that are there between two session times."""
        return self.legs[side].holes.present(*self._ends(side, low_s, high_s))

    def flags(self, side: Side, low_s: float, high_s: float) -> tuple[str, ...]:
        """`gap`, `clipped`: what happened to a leg's samples between two session times."""
        ends, leg = self._ends(side, low_s, high_s), self.legs[side]
        marks: dict[str, Marks] = {"gap": leg.holes, "clipped": leg.clips}
        return tuple(word for word, marked in marks.items() if marked.any(*ends))

    def _ends(self, side: Side, low_s: float, high_s: float) -> tuple[float, float]:
        time = self.times[side]
        return time.index(low_s), time.index(high_s)


def walked(session: Session, steps: Mapping[Side, Sequence[Step]]) -> dict[Side, float]:
    """Share of the samples that are there in the strides of each leg; 1 without any stride."""
    out: dict[Side, float] = {}
    for side, leg in session.legs.items():
        time = session.times[side]
        ends = [(one.ic_s, one.stride_s) for one in steps[side] if one.stride_s]
        share = share_of([(time.index(ic - s), time.index(ic)) for ic, s in ends], leg.holes)
        out[side] = 1.0 if share is None else share
    return out


def vouch(report: SessionReport, session: Session) -> SessionReport:
    """The report with flags, intervals, wear, sway and their warnings."""
    steps = {side: _flagged(session, side, report.steps[side]) for side in SIDES}
    sets = tuple(_sure_set(session, one) for one in report.sets)
    wear = {side: _wear(session, side, sets) for side in SIDES}
    share = walked(session, steps)
    notices: list[Notice] = [*wear_notices(wear, sets), *lost_notices(share, steps, sets)]
    left_out = max((leg.aside.quiet.left_out for leg in session.legs.values()), default=0)
    if left_out:
        notices.append(warn("sway_left_out", n=left_out))
    sway = _stances(session, steps, sets)
    sure = replace(report, steps=steps, sets=sets, wear=wear, sway=sway, notices=(*report.notices, *notices))
    return distributed(with_bout_loads(sure))


def _flagged(session: Session, side: Side, steps: Sequence[Step]) -> tuple[Step, ...]:
    out = []
    for step in steps:
        low = step.tc_s if step.stride_s is None else step.ic_s - step.stride_s
        found = session.flags(side, low, step.ic_s)
        out.append(replace(step, flags=(*step.flags, *found)) if found else step)
    return tuple(out)


def _sure_set(session: Session, one: ExerciseSet) -> ExerciseSet:
    """Flags of either leg's samples; the load of a rep is of the leg that did it."""
    sides: list[Side] = [side for side in SIDES if one.side in (side, "both") and side in session.legs]
    if one.lead is not None:
        sides.sort(key=lambda side: side != one.lead)
    hides = one.exercise in HIDDEN_KNEE
    reps, partner = (
        tuple(_sure_rep(session, of, _without_joint(rep) if hides else rep) for rep in some)
        for some, of in ((one.reps, sides), (one.partner, sides[1:]))
    )
    return replace(one, reps=reps, partner=partner)


def _without_joint(rep: Rep) -> Rep:
    """The load that needs no lever."""
    load = rep.load
    why = load.reason or "knee_bends"
    alone = Load(
        peak_force_n=load.peak_force_n,
        lateral_force_n=load.lateral_force_n,
        landing_peak_g=load.landing_peak_g,
        waist_force_n=load.waist_force_n,
        axes=load.axes,
        reason=why,
        joints={joint: JointLoad(reason=why) for joint in JOINTS},
    )
    return replace(rep, load=alone)


def _sure_rep(session: Session, sides: Sequence[Side], rep: Rep) -> Rep:
    """The rep, of the first of `sides`, with intervals of its load; without one where samples are missing."""
    if min(session.present(side, rep.start_s, rep.end_s) for side in sides) < LEAST["load"]:
        return replace(rep, load=Load(reason="too_few_samples"), flags=(*rep.flags, "too_few_samples"))
    parts = rep.concentric_s, rep.hold_s, rep.eccentric_s
    sensor = session.sensors.get(sides[0], UNCALIBRATED)
    lifted = Lifted(sides[0], *parts, rep.rom_deg / DEG_PER_RAD, sensor)
    low, high = bounds(rep.load, session.facts, lifted)
    joints = sure_joints(rep.load, session.facts, lifted)
    return replace(rep, load=replace(rep.load, low=low, high=high, joints=joints))


def _wear(session: Session, side: Side, sets: Sequence[ExerciseSet]) -> Wear | None:
    leg = session.legs.get(side)
    if leg is None:
        return None
    lifts = _own_lifts(session, side, sets)
    return judge_wear(leg.aside.wear, lifts, side, session.facts.placement == "foot", leg.rate_hz)


def _own_lifts(session: Session, side: Side, sets: Sequence[ExerciseSet]) -> list[Hinge]:
    """Lifts that the leg did: what goes along with the other leg's tells nothing of how its cuff sits."""
    leg, time = session.legs[side], session.times[side]
    own = [(one.start_s, one.end_s) for one in sets if one.side in (side, "both")]
    return [
        one
        for one in leg.aside.wear.hinges
        if any(low <= time.seconds(leg.index(one.at)) <= high for low, high in own)
    ]


def _stances(
    session: Session, steps: Mapping[Side, Sequence[Step]], sets: Sequence[ExerciseSet]
) -> tuple[Stance, ...]:
    """Quiet stance of all legs outside reps and swings."""
    seated = [(r.start_s, r.end_s) for one in sets if one.exercise.startswith("seated") for r in one.reps]
    busy = [(rep.start_s, rep.end_s) for one in sets for rep in one.reps]
    busy += [(step.tc_s, step.ic_s) for side in SIDES for step in steps[side]]
    still = {
        side: StillLeg(
            leg.aside.quiet.found,
            leg_axes(leg.aside.wear, _own_lifts(session, side, sets)),
            leg.holes,
            session.times[side],
        )
        for side, leg in session.legs.items()
        if leg.has_gyr
    }
    return find_stances(still, busy, seated)
