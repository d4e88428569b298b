"""What the worn mass asked in a set, member by member: mean of its reps, what all share in the interval."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from distal.model import SIDES, Bout, Estimate, Load, Rep, SessionReport, Side
from distal.report.look import known, with_sensor
from distal.report.spread import Spread, spread

Pick = Callable[[Load], float | None]
# name -> kind of quantity, and how it is read
MEMBERS: Mapping[str, tuple[str, Pick]] = {
    "peak": ("moment", lambda one: one.peak_moment_nm),
    "gravity": ("moment", lambda one: one.peak_gravity_nm),
    "inertia": ("moment", lambda one: one.peak_inertia_nm),
    "own": ("moment", lambda one: one.limb_moment_nm),
    "waist": ("moment", lambda one: one.waist_moment_nm),
    "waist_force": ("force", lambda one: one.waist_force_n),
    "force": ("force", lambda one: one.peak_force_n),
    "sideways": ("force", lambda one: one.lateral_force_n),
    "power_up": ("power", lambda one: one.peak_power_w),
    "power_down": ("power", lambda one: one.peak_power_lower_w),
    "work_up": ("work", lambda one: one.work_concentric_j),
    "work_down": ("work", lambda one: one.work_eccentric_j),
    "above": ("time", lambda one: one.above_level_s),
    "landing": ("shock", lambda one: one.landing_peak_g),
}
SWING = ("force", "moment", "sideways")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a set's load: a kind of quantity, its mean and interval over the reps that have it."""

    name: str
    kind: str
    found: Spread
    n: int


def members(reps: Sequence[Rep]) -> dict[str, Member]:
    """Those that are known, by name."""
    out = {}
    for name, (kind, pick) in MEMBERS.items():
        have = [rep for rep in reps if known([pick(rep.load)])]
        between = spread(known([pick(rep.load) for rep in have]))
        if between is not None:
            wide = with_sensor(have, pick, between)
            out[name] = Member(name, kind, wide or between, len(have))
    return out


def swing_loads(report: SessionReport) -> dict[Side, dict[str, Estimate | None]]:
    """Mean load of a swing of each leg in the walk with the most steps; empty where no mass was told."""
    walks = [bout for bout in report.bouts if any(bout.load.get(side) for side in SIDES)]
    if not walks:
        return {}
    longest = max(walks, key=lambda one: sum(one.steps.values()))
    return {side: _swing(longest, side) for side in SIDES}


def _swing(bout: Bout, side: Side) -> dict[str, Estimate | None]:
    found = bout.load.get(side)
    if found is None:
        return dict.fromkeys(SWING)
    values = (found.peak_force_n, found.peak_knee_moment_nm, found.lateral_force_n)
    return dict(zip(SWING, values, strict=True))
