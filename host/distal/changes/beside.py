"""With the mass beside without it: does the person compensate, is the leg less steady, is the walk another?

The baseline is the person's own sessions of the same exercise and leg without a worn mass. A told mass of 0
and no told mass both count as none: a session whose mass was forgotten is a wrong baseline, so tell it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

import numpy as np
from scipy.special import stdtrit

from distal.analysis.form import LEAST_REPEATS, Compared, compare
from distal.changes.tasks import SAME_KG, WHOLE, Task, kinds_of, told, values_of
from distal.model import Estimate

# what tells compensation and instability; what a mass must change (power) is left out
FORM = ("rom_deg", "lift_deg_s", "shake_deg_s", "off_axis", "sparc_out", "rep_s")
_SURE = 0.975


@dataclass(frozen=True, slots=True)
class Loaded:
    """One kind of value with the mass beside without it.

    newest      the newest session with the mass beside the unloaded repeats
    difference  loaded minus unloaded, means of sessions, 95 %; None with fewer than four of either
    says        of the difference where there is one, else of the newest
    """

    task: Task
    kind: str
    unit: str
    newest: Compared
    difference: Estimate | None
    says: Literal["higher", "lower", "same", "unknown"]


def loaded(sessions: Sequence[Mapping[str, Any]]) -> list[Loaded]:
    """Every exercise, leg and mass, and walking, that were also done without a mass. Oldest first."""
    series = {key: seen.values for key, seen in values_of(sessions).items()}
    out = []
    for (task, kind), values in series.items():
        exercise, side, mass = task
        if mass is None or mass <= SAME_KG or kind not in (*FORM, *WHOLE.get(exercise, ())):
            continue
        bare = [
            value
            for (other, at), seen in series.items()
            if (other[0], other[1], at) == (exercise, side, kind) and (other[2] or 0.0) <= SAME_KG
            for value in seen
        ]
        out.append(_beside((task, kind), bare, values))
    return out


def _beside(of: tuple[Task, str], bare: Sequence[float], with_mass: Sequence[float]) -> Loaded:
    what = kinds_of(of[0])[of[1]]
    newest = told(compare(with_mass[-1], bare), what)
    if min(len(bare), len(with_mass)) < LEAST_REPEATS:
        return Loaded(*of, what.unit, newest, None, newest.says)
    difference = welch(bare, with_mass)
    if difference.low <= 0.0 <= difference.high or abs(difference.value) < what.least:
        return Loaded(*of, what.unit, newest, difference, "same")
    return Loaded(*of, what.unit, newest, difference, "higher" if difference.value > 0 else "lower")


def welch(one: Sequence[float], two: Sequence[float]) -> Estimate:
    """Mean of `two` minus mean of `one` with the 95 % interval of unequal spreads; two of each at least."""
    parts = [(float(np.mean(x)), float(np.var(x, ddof=1)) / len(x), len(x)) for x in (one, two)]
    (m0, v0, n0), (m1, v1, n1) = parts
    spread = v0 + v1
    freedom = spread**2 / max(v0**2 / (n0 - 1) + v1**2 / (n1 - 1), 1e-30)
    half = float(stdtrit(max(freedom, 1.0), _SURE)) * sqrt(spread)
    return Estimate(m1 - m0, m1 - m0 - half, m1 - m0 + half, n0 + n1)
