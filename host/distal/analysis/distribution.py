"""Where the load of a set and of a session went: side, phase, joint, axis, early and late. Pure.

Amounts are sums over reps of what was done, so their interval is that of mass, lever, sensor and method, not
a spread between reps. Three kinds of error: the person's (how long the segments are: in all reps), a leg's
(its mass, cuff, sensor: in all its reps), and a part's own (where phases begin, the method). Of a percentage
only what moves its parts against each other is left: p = a / sum, dp = (da - p sum of all da) / sum.
A rep whose load is not known is in no part; `coverage` says how many are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot, inf, sqrt
from typing import Literal

from distal.analysis.interval import method, segment_share
from distal.model import (
    JOINTS,
    SIDES,
    Distribution,
    Estimate,
    ExerciseSet,
    Facts,
    Load,
    Rep,
    SessionReport,
    Side,
    Sized,
    Split,
)

PHASES = ("lift", "hold", "lower")
THIRDS = ("early", "middle", "late")
AXES = ("along", "outward", "forward")
LEAST_THIRDS = 6  # reps: two in each third
# half widths of how long a phase or a rep is, s: alike in all reps, and rep by rep (`distal validate load`)
LONG_S = {"lift": 0.06, "hold": 0.10, "lower": 0.10, "rep": 0.12}
LONG_REP_S = 0.12
IMPULSES = {"lift": "impulse_concentric_nms", "hold": "impulse_hold_nms", "lower": "impulse_eccentric_nms"}
PEAKS = {"lift": "peak_concentric_nm", "hold": "peak_hold_nm", "lower": "peak_eccentric_nm"}
TIMES = {"lift": "concentric_s", "hold": "hold_s", "lower": "eccentric_s"}
OWN, OWN_LEG = 0.03, 0.02  # of the method's error what each rep, and each leg, has by itself
TURNED = 0.06  # rad: how far an axis found from motion lies from the leg's own


@dataclass(frozen=True, slots=True)
class Done:
    """A rep and the leg that did it; `both` where it is not known which of two."""

    rep: Rep
    side: Side | Literal["both"]

    @property
    def load(self) -> Load:
        """The rep's."""
        return self.rep.load


def distributed(report: SessionReport) -> SessionReport:
    """The report with the distribution of every set, and of the session when there is a set."""
    facts = report.rests_on.facts
    worn = [side for side in SIDES if report.coverage.get(side) is not None]
    sets = tuple(replace(one, distribution=_of([one], worn, facts)) for one in report.sets)
    return replace(report, sets=sets, distribution=_of(sets, worn, facts) if sets else None)


def _of(sets: Sequence[ExerciseSet], worn: Sequence[Side], facts: Facts) -> Distribution:
    """Of all their reps; what both legs did at once is two reps, one of each leg."""
    reps = [one for some in sets for one in _done(some)]
    reps.sort(key=lambda one: one.rep.start_s)
    return Distribution(len(reps), {"side": _sides(reps, worn, facts), **_splits(reps, facts)})


def _done(one: ExerciseSet) -> list[Done]:
    known = one.legs
    if not known:
        return [Done(rep, one.side) for rep in one.reps]
    return [Done(rep, side) for side, reps in known.items() for rep in reps]


def _splits(reps: Sequence[Done], facts: Facts) -> dict[str, dict[str, Split]]:
    return {
        "phase": {
            "impulse_nms": _phase_impulse(reps, facts),
            "time_s": _phase_time(reps),
            "peak_moment_nm": _phase_peak(reps, facts),
        },
        "joint": {key: _joints(reps, key, facts) for key in ("impulse_nms", "peak_moment_nm")},
        "axis": {"impulse_ns": _axes(reps)},
        "third": {"impulse_nms": _thirds(reps, facts)},
    }


# -- parts of what was done ---------------------------------------------------


def _known(reps: Sequence[Done]) -> list[Done]:
    return [one for one in reps if one.load.impulse_nms is not None]


def _why(reps: Sequence[Done]) -> str | None:
    """The reason that most reps without a moment have."""
    found = [one.load.reason for one in reps if one.load.reason]
    return max(sorted(set(found)), key=found.count, default=None)


def _half(load: Load, key: str) -> float:
    low, high = (None if end is None else getattr(end, key) for end in (load.low, load.high))
    return 0.0 if low is None or high is None else float(high - low) / 2.0


def _sum(reps: Sequence[Done], key: str, facts: Facts) -> Sized:
    """A member of the loads added up."""
    rows = [(one, float(getattr(one.load, key) or 0.0), _half(one.load, key)) for one in reps]
    return _added([(one, value, half, segment_share(one.load.about, facts)) for one, value, half in rows])


def _added(rows: Sequence[tuple[Done, float, float, float]]) -> Sized:
    """Sum of (rep, value, half width, share of it that is the person's).

    The method errs alike in all reps, as the person's segments do; a little of it rep by rep.
    """
    person, own, legs = 0.0, 0.0, dict[str, float]()
    for one, value, half, share in rows:
        common = hypot(share, method("impulse")) * value
        person += common
        own += (OWN * value) ** 2
        mine = hypot(sqrt(max(half**2 - common**2, 0.0)), OWN_LEG * value)
        legs[one.side] = legs.get(one.side, 0.0) + mine
    return Sized(sum(value for _, value, _, _ in rows), len(rows), person, legs, sqrt(own))


def split_of(
    parts: Mapping[str, Sized | None], coverage: float, why: str | None, whole: bool = True
) -> Split:
    """Amounts, and percentages of their sum when all are known and they make up a whole."""
    amount = {name: None if one is None else _sure(one) for name, one in parts.items()}
    known = {name: one for name, one in parts.items() if one is not None}
    total = sum(one.value for one in known.values())
    percent: dict[str, Estimate | None] = {}
    if whole:
        is_whole = len(known) == len(parts) and total > 0.0
        percent = {name: _share(known, name, total) if is_whole else None for name in parts}
    return Split(amount, percent, coverage, why if len(known) < len(parts) else None, dict(parts))


def _sure(one: Sized) -> Estimate:
    return Estimate(one.value, max(one.value - one.half, 0.0), one.value + one.half, one.n)


def _share(parts: Mapping[str, Sized], name: str, total: float) -> Estimate:
    one, share = parts[name], parts[name].value / total
    errors = [((1.0 - share) if key == name else share) * other.own for key, other in parts.items()]
    for side in {side for other in parts.values() for side in other.legs}:
        errors.append(one.legs.get(side, 0.0) - share * sum(x.legs.get(side, 0.0) for x in parts.values()))
    half = 100.0 * sqrt(sum(error**2 for error in errors)) / total
    value = 100.0 * share
    return Estimate(value, max(value - half, 0.0), min(value + half, 100.0), sum(x.n for x in parts.values()))


def _coverage(known: Sequence[Done], reps: Sequence[Done]) -> float:
    return len(known) / len(reps) if reps else 0.0


# -- phases -------------------------------------------------------------------


def _long_s(reps: Sequence[Done], what: str) -> float:
    """Half width of the seconds that reps or phases of them lasted in all."""
    n = len(reps)
    return hypot(LONG_S[what] * n, LONG_REP_S * sqrt(n))


def _phase_impulse(reps: Sequence[Done], facts: Facts) -> Split:
    known = _known(reps)
    if not known:
        return split_of(dict.fromkeys(PHASES), 0.0, _why(reps))
    long_s = sum(one.rep.end_s - one.rep.start_s for one in known)
    mean = sum(one.load.impulse_nms or 0.0 for one in known) / max(long_s, 1e-9)
    parts: dict[str, Sized | None] = {}
    for name, key in IMPULSES.items():
        one = _sum(known, key, facts)
        own = 0.0 if one.value == 0.0 else hypot(one.own, mean * _long_s(known, name))
        parts[name] = replace(one, own=own)
    return split_of(parts, _coverage(known, reps), None)


def _phase_time(reps: Sequence[Done]) -> Split:
    parts: dict[str, Sized | None] = {}
    for name, key in TIMES.items():
        value = sum(float(getattr(one.rep, key)) for one in reps)
        parts[name] = Sized(value, len(reps), own=_long_s(reps, name) if value > 0.0 else 0.0)
    return split_of(parts, 1.0 if reps else 0.0, None)


def _phase_peak(reps: Sequence[Done], facts: Facts) -> Split:
    """Mean of the reps' largest moments in each phase."""
    known = _known(reps)
    parts = {
        name: _mean([one for one in known if getattr(one.load, key) is not None], key, facts)
        for name, key in PEAKS.items()
    }
    return split_of(parts, _coverage(known, reps), _why(reps) or "not_held", whole=False)


def _mean(reps: Sequence[Done], key: str, facts: Facts) -> Sized | None:
    return _sum(reps, key, facts).scaled(1.0 / len(reps)) if reps else None


# -- joints and axes ----------------------------------------------------------


def _joints(reps: Sequence[Done], key: str, facts: Facts) -> Split:
    """Sums of impulses, means of peaks; knee and hip are no parts of one whole."""
    parts: dict[str, Sized | None] = {}
    why, least = None, len(reps)
    for joint in JOINTS:
        of = [(one, one.load.joints[joint]) for one in reps if joint in one.load.joints]
        found = [(one, size) for one, load in of if (size := getattr(load, key)) is not None]
        least = min(least, len(found))
        if not found:
            why = max([load.reason or "" for _, load in of], default="") or _why(reps)
            parts[joint] = None
            continue
        share = segment_share(joint, facts)
        sized = _added([(one, x.value, (x.high - x.low) / 2.0, share) for one, x in found])
        parts[joint] = sized if key.startswith("impulse") else sized.scaled(1.0 / sized.n)
    return split_of(parts, least / len(reps) if reps else 0.0, why, whole=False)


def _axes(reps: Sequence[Done]) -> Split:
    """Sizes along the axes over time; their shares say which way it pulled most."""
    known = [one for one in reps if one.load.axes is not None]
    full = [one for one in known if one.load.axes and one.load.axes.outward and one.load.axes.forward]
    parts: dict[str, Sized | None] = {}
    for name in AXES:
        of = known if name == "along" else full
        parts[name] = _axis(of, name) if of else None
    return split_of(parts, _coverage(full, reps), "axis_unknown" if known else _why(reps))


def _axis(reps: Sequence[Done], name: str) -> Sized:
    """An axis that is turned takes from the others what it feels of them: alike in all reps of a leg."""
    rows, turned = [], dict[str, float]()
    for one in reps:
        axes, load = one.load.axes, one.load
        parts = {key: getattr(axes, key).impulse_ns for key in AXES if getattr(axes, key) is not None}
        others = sqrt(sum(size**2 for key, size in parts.items() if key != name))
        turned[one.side] = turned.get(one.side, 0.0) + TURNED * others
        share = _half(load, "peak_force_n") / (load.peak_force_n or inf)
        rows.append((one, parts[name], share * parts[name], 0.0))
    sized = _added(rows)
    lasted = sum(one.rep.end_s - one.rep.start_s for one in reps)
    long_s = _long_s(reps, "rep") / max(lasted, 1e-9) * sized.value
    own = sqrt(sized.own**2 + sum(moved**2 for moved in turned.values()))
    return replace(sized, person=long_s, own=own)


# -- early and late, left and right -------------------------------------------


def _thirds(reps: Sequence[Done], facts: Facts) -> Split:
    """Mean load of a rep in the first, middle and last third of them: thirds need not have as many."""
    known, n = _known(reps), len(_known(reps))
    if n < LEAST_THIRDS:
        return split_of(
            dict.fromkeys(THIRDS), _coverage(known, reps), "too_few_reps" if known else _why(reps)
        )
    cuts = [0, round(n / 3), n - round(n / 3), n]
    parts = {
        name: _mean(known[a:b], "impulse_nms", facts)
        for name, a, b in zip(THIRDS, cuts, cuts[1:], strict=False)
    }
    return split_of(parts, _coverage(known, reps), None)


def _sides(reps: Sequence[Done], worn: Sequence[Side], facts: Facts) -> dict[str, Split]:
    alone = {side: [one for one in reps if one.side == side] for side in SIDES}
    known = {side: _known(alone[side]) for side in SIDES}
    both = any(one.side == "both" for one in reps)
    # a leg that rested carried nothing, which is known; one without a cuff, or in a set of both, is not
    rested = {side: not alone[side] and side in worn and not both for side in SIDES}
    why = "both_at_once" if both else "no_cuff" if len(worn) < len(SIDES) else _why(reps)
    impulse: dict[str, Sized | None] = {}
    times: dict[str, Sized | None] = {}
    for side in SIDES:
        none = Sized(0.0, 0) if rested[side] else None
        impulse[side] = _sum(known[side], "impulse_nms", facts) if known[side] else none
        times[side] = _side_time(alone[side]) if alone[side] else none
    peaks: dict[str, Sized | None] = {side: _mean(known[side], "peak_moment_nm", facts) for side in SIDES}
    share = sum(len(some) for some in known.values()) / len(reps)
    timed = sum(len(some) for some in alone.values()) / len(reps)
    return {
        "impulse_nms": split_of(impulse, share, why),
        "time_s": split_of(times, timed, why),
        "peak_moment_nm": split_of(peaks, share, why or "rested", whole=False),
    }


def _side_time(reps: Sequence[Done]) -> Sized:
    return Sized(sum(one.rep.end_s - one.rep.start_s for one in reps), len(reps), own=_long_s(reps, "rep"))
