"""The truth of a performance under the key names of `distal analyze --json`, from rigid-body mechanics.

Load is that of the worn mass alone, a point mass on the shank's long axis at the cuff's height:
F = m f, M = r x F about the joint that stays in place, P = F . v. Quadrature is Simpson's rule on a grid
of about 1 ms that has the rep's own instants as borders.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.integrate import simpson

from distal.model import SIDES, FloatArray, Side
from distal.units import DEG_PER_RAD, G
from distal.virtual.motion.body import OUTWARD, Athlete
from distal.virtual.motion.chain import ACC, EARTH_X, EARTH_Z, FELT, POSITION, VELOCITY, X, Y, Z
from distal.virtual.motion.leg import LegMotion
from distal.virtual.motion.stage import Bout, Joint, JumpMark, RepMark, SetMark, StepMark

Json = dict[str, Any]  # what json.dumps takes
GRID_S = 0.001
SHORTEST_S, LONGEST_S = 0.4, 2.2  # strides that count for cadence
NO_LOAD = (
    "peak_force_n", "peak_moment_nm", "impulse_nms", "work_concentric_j", "work_eccentric_j",
    "peak_power_w", "lateral_force_n", "landing_peak_g",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Worn:
    """A leg and what it carries; mass None is unknown."""

    athlete: Athlete
    motion: LegMotion
    mass_kg: float | None


def write_steps(bouts: Sequence[Bout], legs: dict[Side, Worn]) -> dict[str, list[Json]]:
    """Every initial contact with the terminal contact that began its swing. Exercises have no bout."""
    steps: dict[str, list[Json]] = {side: [] for side in SIDES}
    number = 0
    for bout in bouts:
        last: dict[Side, float] = {}
        index = None if bout.kind == "exercise" else number
        number += index is not None
        for step in bout.steps:
            before = last.get(step.side)
            last[step.side] = step.ic_s
            steps[step.side].append(_write_step(step, before, legs) | {"bout": index})
    return steps


def write_bouts(bouts: Sequence[Bout]) -> list[Json]:
    """Walks, runs and stairs: when, how fast, and the means of contact, flight and double support."""
    return [_write_bout(bout) for bout in bouts if bout.kind != "exercise"]


def _write_bout(bout: Bout) -> Json:
    feet = {side: [step for step in bout.steps if step.side == side] for side in SIDES}
    pairs = {side: list(pairwise(steps)) for side, steps in feet.items()}
    strides = [pair for side in SIDES for pair in pairs[side]]
    stride_s = sum(new.ic_s - old.ic_s for old, new in strides)
    stance_s = sum(new.tc_s - old.ic_s for old, new in strides)
    way_m = sum(new.way_m or 0.0 for _, new in strides)
    both_s = max(0.0, 2 * stance_s - stride_s)  # of two stances in a stride, what is more than the stride
    return {
        "kind": bout.kind,
        "running": bout.kind == "run",
        "start_s": min(step.tc_s for step in bout.steps),
        "end_s": bout.steps[-1].ic_s,
        "steps": {side: len(steps) for side, steps in feet.items()},
        "cadence_spm": 120 * len(strides) / stride_s,
        "stride_time_s": stride_s / len(strides),
        "stride_length_m": way_m / len(strides),
        "speed_mps": way_m / stride_s,
        "turn_deg": sum(step.turn_deg for step in bout.steps) / len(SIDES),
        "stance_pct": {side: _stance_pct(own) for side, own in pairs.items()},
        "duty_factor": stance_s / stride_s,
        "contact_s": stance_s / len(strides),
        "flight_s": max(0.0, stride_s / 2 - stance_s) / len(strides),
        "double_support_s": both_s / len(strides),
        "double_support_pct": 100 * both_s / stride_s,
    }


def _stance_pct(strides: list[tuple[StepMark, StepMark]]) -> float | None:
    shares = [(new.tc_s - old.ic_s) / (new.ic_s - old.ic_s) for old, new in strides]
    return 100 * float(np.mean(shares)) if shares else None


def _write_step(step: StepMark, before: float | None, legs: dict[Side, Worn]) -> Json:
    """Stance is from the initial contact before to this swing; a first step has none."""
    stride_s = None if before is None else step.ic_s - before
    return {
        "ic_s": step.ic_s,
        "tc_s": step.tc_s,
        "stride_s": stride_s,
        "swing_s": step.ic_s - step.tc_s,
        "stance_s": None if before is None else step.tc_s - before,
        "stride_length_m": step.way_m,
        "speed_mps": step.way_m / stride_s if stride_s and step.way_m is not None else None,
        "turn_deg": step.turn_deg,
        "load": _step_load(step, legs[step.side]),
    }


def write_cadence(steps: dict[str, list[Json]]) -> Json | None:
    """120 over the mean stride time in bouts, both legs; exact, so its interval is a point."""
    inside = [step["stride_s"] for side in SIDES for step in steps[side] if step["bout"] is not None]
    strides = [stride_s for stride_s in inside if stride_s and SHORTEST_S <= stride_s <= LONGEST_S]
    if not strides:
        return None
    value = 120 / float(np.mean(strides))
    return {"value": value, "low": value, "high": value, "n": len(strides)}


def write_set(mark: SetMark, legs: dict[Side, Worn]) -> Json:
    """One set with all its reps. Both at once: the mean range, and the load of the right leg."""
    working = [legs[side] for side in SIDES if mark.side in (side, "both")]
    return {
        "exercise": mark.exercise,
        "side": mark.side,
        "about": mark.about,
        "start_s": mark.reps[0].start_s,
        "end_s": mark.reps[-1].end_s,
        "reps": [_write_rep(rep, mark, working) for rep in mark.reps],
    }


def _write_rep(rep: RepMark, mark: SetMark, legs: list[Worn]) -> Json:
    out_s, back_s = rep.top_s - rep.start_s, rep.end_s - rep.lower_s
    return {
        "start_s": rep.start_s,
        "top_s": rep.top_s,
        "end_s": rep.end_s,
        "concentric_s": back_s if mark.is_lowered_first else out_s,
        "hold_s": rep.lower_s - rep.top_s,
        "eccentric_s": out_s if mark.is_lowered_first else back_s,
        "rom_deg": float(np.mean([_range_deg(mark, leg.motion, rep) for leg in legs])),
        "top_deg": float(np.mean([_elevation_deg(leg.motion, rep.top_s) for leg in legs])),
        "flags": list(rep.flags),
        "load": _rep_load(rep, mark.about, legs[-1]) | {"landing_peak_g": _landing_g(rep, legs[-1])},
    }


LANDING_S = 0.15  # how long after the touch the largest peak is looked for


def _landing_g(rep: RepMark, leg: Worn) -> float | None:
    if rep.landing_s is None:
        return None
    t = np.arange(rep.landing_s, rep.landing_s + LANDING_S, GRID_S)
    return float(np.linalg.norm(leg.motion.state(t, FELT)[ACC], axis=0).max()) / G


def write_jump(jump: JumpMark) -> Json:
    """A flight; rsi is the reactive strength index, height over contact time (m/s)."""
    contact_s = jump.contact_s
    return {
        "side": jump.side,
        "takeoff_s": jump.takeoff_s,
        "landing_s": jump.landing_s,
        "flight_s": jump.landing_s - jump.takeoff_s,
        "height_m": jump.height_m,
        "contact_s": contact_s,
        "rsi": jump.height_m / contact_s if contact_s else None,
    }


# In these the knee is bent and the shank turns about itself: the limb that goes up is the thigh
THIGH_LIFTS = ("fire_hydrant",)


def _range_deg(mark: SetMark, motion: LegMotion, rep: RepMark) -> float:
    """Angle between the directions of the limb's long axis at start and top."""
    limb = X if mark.exercise in THIGH_LIFTS else Z
    axis = motion.state(np.array([rep.start_s, rep.top_s]))[EARTH_X : EARTH_Z + 1, limb]  # in earth axes
    first, last = axis.T
    return float(np.arctan2(np.linalg.norm(np.cross(first, last)), first @ last)) * DEG_PER_RAD


def _elevation_deg(motion: LegMotion, t: float) -> float:
    """Of the long axis above level: -90 hanging."""
    up = motion.state(np.array([t]))[EARTH_Z, Z, 0]
    return float(np.arcsin(np.clip(-up, -1.0, 1.0))) * DEG_PER_RAD


def joint_to_mass(state: FloatArray, about: Joint, athlete: Athlete) -> FloatArray:
    """r (3, n), m, shank axes. The hip is the origin of the chain."""
    r: FloatArray = state[POSITION].copy()
    if about == "knee":
        r[:] = [[0.0], [0.0], [-athlete.knee_to_mass_m]]
    return r


def _rep_load(rep: RepMark, about: Joint | None, leg: Worn) -> Json:
    load: Json = dict.fromkeys(NO_LOAD)
    if leg.mass_kg is None or about is None:
        return load | {"about": about}
    parts = [_phase(span, about, leg) for span in _phases(rep)]
    for name in ("peak_force_n", "peak_moment_nm", "peak_power_w"):
        load[name] = max(part[name] for part in parts)
    for name in ("impulse_nms", "work_concentric_j", "work_eccentric_j"):
        load[name] = sum(part[name] for part in parts)
    load["impulse_by_phase_nms"] = _by_phase(rep, [part["impulse_nms"] for part in parts])
    load["lateral_force_n"] = max((part["lateral_force_n"] for part in parts), key=abs)
    return load | {"about": about}


def _by_phase(rep: RepMark, impulses: list[float]) -> Json:
    """The exercises that have a load are lifted first."""
    instants = {"concentric": rep.top_s - rep.start_s, "hold": rep.lower_s - rep.top_s}
    instants["eccentric"] = rep.end_s - rep.lower_s
    given = iter(impulses)
    return {name: next(given) if seconds > 0 else 0.0 for name, seconds in instants.items()}


def _phases(rep: RepMark) -> list[tuple[float, float]]:
    instants = [rep.start_s, rep.top_s, rep.lower_s, rep.end_s]
    return [(a, b) for a, b in pairwise(instants) if b > a]


def _phase(span: tuple[float, float], about: Joint, leg: Worn) -> dict[str, float]:
    """Load over one smooth part of a rep."""
    t = np.linspace(*span, 2 * int(np.ceil((span[1] - span[0]) / GRID_S / 2)) + 1)
    state = leg.motion.state(t)
    force = (leg.mass_kg or 0.0) * state[ACC]
    moment = np.linalg.norm(np.cross(joint_to_mass(state, about, leg.athlete), force, axis=0), axis=0)
    power = (force * state[VELOCITY]).sum(axis=0)
    lateral = OUTWARD[leg.motion.side] * force[Y]
    return {
        "peak_force_n": float(np.linalg.norm(force, axis=0).max()),
        "peak_moment_nm": float(moment.max()),
        "impulse_nms": float(simpson(moment, x=t)),
        "work_concentric_j": float(simpson(np.maximum(power, 0), x=t)),
        "work_eccentric_j": float(simpson(np.minimum(power, 0), x=t)),
        "peak_power_w": float(power.max()),
        "lateral_force_n": float(lateral[np.abs(lateral).argmax()]),
    }


def _step_load(step: StepMark, leg: Worn) -> Json:
    """Of one swing; the knee's moment is exact although the knee moves, because F is what is measured."""
    names = ("peak_force_n", "peak_knee_moment_nm", "lateral_force_n")
    if leg.mass_kg is None:
        return dict.fromkeys(names)
    t = np.linspace(step.tc_s, step.ic_s, int((step.ic_s - step.tc_s) / GRID_S) + 2)
    force = leg.mass_kg * leg.motion.state(t)[ACC]
    lateral = OUTWARD[step.side] * force[Y]
    return {
        "peak_force_n": float(np.linalg.norm(force, axis=0).max()),
        "peak_knee_moment_nm": leg.athlete.knee_to_mass_m * float(np.hypot(force[X], force[Y]).max()),
        "lateral_force_n": float(lateral[np.abs(lateral).argmax()]),
    }
