"""Speed and smoothness of the ways of reps, holds left out; steadiness of the whole. A set at once."""

from collections.abc import Sequence

import numpy as np

from distal.analysis.even import RATE_HZ
from distal.analysis.load import cross
from distal.analysis.load_arm import Arm
from distal.analysis.reps import Lift
from distal.analysis.reps_find import fine
from distal.analysis.reps_limb import SLOW_HZ, Limb
from distal.analysis.rotate import lengths
from distal.analysis.smooth import ldlj, sparcs
from distal.analysis.unsteady import off_axes, shake_deg_s
from distal.model import FloatArray, Pace
from distal.units import DEG_PER_RAD


def paces_of(limb: Limb, lifts: Sequence[Lift], arm: Arm, fine_gyr: FloatArray) -> list[Pace | None]:
    """Of each lift, None where a way is too short; fine_gyr (n, 3) rad/s: the limb's span at RATE_HZ."""
    speed = lengths(limb.gyr)
    outs = [speed[round(one.start) : round(one.hold_start) + 1] for one in lifts]
    backs = [speed[round(one.hold_end) : round(one.end) + 1] for one in lifts]
    whole = [fine_gyr[round(fine(one.start)) : round(fine(one.end)) + 1] for one in lifts]
    ways = zip(outs, backs, strict=True)
    smooth = zip(sparcs(outs, SLOW_HZ), sparcs(backs, SLOW_HZ), strict=True)
    steady = zip(shake_deg_s(whole, RATE_HZ), off_axes(whole), strict=True)
    rows = zip(ways, smooth, steady, _lift_mps(limb, lifts, arm), strict=True)
    return [_pace(*row) for row in rows]


def _lift_mps(limb: Limb, lifts: Sequence[Lift], arm: Arm) -> list[float | None]:
    """Mean speed of the worn mass on the way out."""
    if arm.length_m is None:
        return [None] * len(lifts)
    across = lengths(cross(limb.gyr, np.broadcast_to(arm.axis, limb.gyr.shape)))
    ways = [across[round(one.start) : round(one.hold_start) + 1] for one in lifts]
    return [arm.length_m * float(way.mean()) for way in ways]


def _pace(
    ways: tuple[FloatArray, FloatArray],
    smooth: tuple[float | None, float | None],
    steady: tuple[float | None, float | None],
    lift_mps: float | None,
) -> Pace | None:
    out, back = ways
    if len(out) < 2 or len(back) < 2:
        return None
    return Pace(
        mean_out_deg_s=float(out.mean()) * DEG_PER_RAD,
        mean_back_deg_s=float(back.mean()) * DEG_PER_RAD,
        peak_out_deg_s=float(out.max()) * DEG_PER_RAD,
        peak_back_deg_s=float(back.max()) * DEG_PER_RAD,
        sparc_out=smooth[0],
        sparc_back=smooth[1],
        ldlj_out=ldlj(out, SLOW_HZ),
        ldlj_back=ldlj(back, SLOW_HZ),
        mean_lift_mps=lift_mps,
        shake_deg_s=steady[0],
        off_axis=steady[1],
    )
