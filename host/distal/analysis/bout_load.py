"""Load of the worn mass in walking: mean over the swings of a bout, with all that is known to err."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import hypot

import numpy as np

from distal.analysis.interval import ACROSS, UNCALIBRATED, arm_m, method
from distal.analysis.stride_spread import estimate
from distal.model import SIDES, Basis, BoutLoad, Estimate, SessionReport, Side, StepLoad

LEAST_SWINGS = 3
# What the peak of a swing may really be below and above what is felt, m/s2: a strap on soft tissue rings
# on from toe-off into the swing, and how the leg is braked at its end is smoothed. 95 % of 160 legs of
# virtual people (`validate`), without what mass, lever and sensor add.
SWING = {"force": (6.3, 0.0), "moment": (2.8, 11.0), "lateral": (1.5, 0.0)}


@dataclass(frozen=True, slots=True)
class _Errs:
    """Half widths that all swings share: a share of the value, what is added, and what is to one side."""

    share: float
    added: float
    below: float
    above: float

    @classmethod
    def of(cls, kind: str, share: float, unit: float, bias: float) -> "_Errs":
        """unit: kg, or kg m, that turns m/s2 into the quantity; bias: of the accelerometer, m/s2"""
        below, above = SWING[kind]
        return cls(share, unit * bias, unit * below, unit * above)


def with_bout_loads(report: SessionReport) -> SessionReport:
    """The report with the mean load of each leg's swings in every bout; `steps[].bout` counts in `bouts`."""
    bouts = []
    for number, bout in enumerate(report.bouts):
        swings = {
            side: [x.load for x in report.steps.get(side, ()) if x.bout == number and "gap" not in x.flags]
            for side in SIDES
        }
        bouts.append(replace(bout, load={side: _load(swings[side], report.rests_on, side) for side in SIDES}))
    return replace(report, bouts=tuple(bouts))


def _load(swings: Sequence[StepLoad], basis: Basis, side: Side) -> BoutLoad | None:
    facts = basis.facts
    mass = facts.mass_kg(side)
    if mass is None or len(swings) < LEAST_SWINGS:
        return None
    sensor, arm = basis.sensors.get(side, UNCALIBRATED), arm_m("knee", facts)
    share = hypot(facts.mass_error(side), sensor.scale)
    pressed = hypot(share, method("peak_force"))
    moment = None
    if arm is not None:
        turned = hypot(share, method("peak_moment"), arm[1] / arm[0])
        errs = _Errs.of("moment", turned, mass * arm[0], sensor.bias_mps2 * ACROSS["knee"])
        moment = _mean(swings, lambda one: one.peak_knee_moment_nm, errs)
    return BoutLoad(
        _mean(swings, lambda one: one.peak_force_n, _Errs.of("force", pressed, mass, sensor.bias_mps2)),
        moment,
        _mean(swings, lambda one: one.lateral_force_n, _Errs.of("lateral", pressed, mass, sensor.bias_mps2)),
    )


def _mean(
    swings: Sequence[StepLoad], pick: Callable[[StepLoad], float | None], errs: _Errs
) -> Estimate | None:
    found = estimate(np.array([value for one in swings if (value := pick(one)) is not None]))
    if found is None:
        return None
    half = hypot(found.high - found.value, errs.share * found.value, errs.added)
    low, high = found.value - hypot(half, errs.below), found.value + hypot(half, errs.above)
    return Estimate(found.value, low, high, found.n)
