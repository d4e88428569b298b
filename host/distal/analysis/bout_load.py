"""Load of the worn mass in walking: mean over the swings of a bout, with all that is known to err."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import hypot

import numpy as np

from distal.analysis.interval import ACROSS, UNCALIBRATED, arm_m, method
from distal.analysis.stride_spread import estimate
from distal.model import SIDES, Basis, BoutLoad, Estimate, SessionReport, Side, StepLoad

LEAST_SWINGS = 3


@dataclass(frozen=True, slots=True)
class _Errs:
    """Half widths that all swings share: a share of the value, and what is added per unit."""

    share: float
    added: float


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
    force = _Errs(hypot(share, method("peak_force")), mass * sensor.bias_mps2)
    moment = None
    if arm is not None:
        turned = _Errs(
            hypot(share, method("peak_moment"), arm[1] / arm[0]), force.added * ACROSS["knee"] * arm[0]
        )
        moment = _mean(swings, lambda one: one.peak_knee_moment_nm, turned)
    return BoutLoad(
        _mean(swings, lambda one: one.peak_force_n, force),
        moment,
        _mean(swings, lambda one: one.lateral_force_n, force),
    )


def _mean(
    swings: Sequence[StepLoad], pick: Callable[[StepLoad], float | None], errs: _Errs
) -> Estimate | None:
    found = estimate(np.array([value for one in swings if (value := pick(one)) is not None]))
    if found is None:
        return None
    half = hypot(found.high - found.value, errs.share * found.value, errs.added)
    return Estimate(found.value, found.value - half, found.value + half, found.n)
