"""Means with intervals, spread, symmetry and coordination of strides.

One sign: positive = right larger. SI = 100 (R - L) / ((R + L) / 2) (Robinson 1987); log ratio =
100 ln(R / L) (Plotnik 2005). Phase = 360 step time / stride time of the leg with the longer mean swing;
PCI = CV(phase) + 100 mean |phase - 180| / 180 (Plotnik 2007).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from scipy.special import gammaincinv, stdtrit

from distal.analysis.contact_error import ContactError
from distal.model import SIDES, Coordination, Difference, Estimate, FloatArray, Side, Spread

LEAST_STRIDES = 10  # of each leg: below it symmetry and coordination are not said (science: pitfalls)
Z = 0.975


class StrideLike(Protocol):
    """What is compared."""

    @property
    def start_s(self) -> float: ...
    @property
    def time_s(self) -> float: ...
    @property
    def stance(self) -> float: ...
    @property
    def swing_s(self) -> float: ...
    @property
    def length_m(self) -> float | None: ...


def effective_n(values: FloatArray) -> float:
    """Independent values that tell as much about the mean: strides go with the ones before.

    n / (1 + 2 sum of autocorrelations up to their first negative one); never more than n.
    """
    n = len(values)
    off = values - values.mean()
    power = float(off @ off)
    if n < 4 or power == 0.0:
        return float(n)
    total = 1.0
    for lag in range(1, n // 3 + 1):
        r = float(off[lag:] @ off[:-lag]) / power
        if r <= 0:
            break
        total += 2.0 * r
    return max(n / total, 2.0)


def estimate(values: FloatArray) -> Estimate | None:
    """Mean with its 95 % interval (Student's t on the effective n); None below two values."""
    if len(values) < 2:
        return None
    mean, n = float(values.mean()), effective_n(values)
    half = float(stdtrit(max(n - 1.0, 1.0), Z) * values.std(ddof=1) / np.sqrt(n))
    return Estimate(mean, mean - half, mean + half, len(values))


def widened(one: Estimate | None, by: float) -> Estimate | None:
    """With an error of this half width that more strides do not make smaller."""
    if one is None:
        return None
    low, high = (float(np.hypot(end - one.value, by)) for end in (one.low, one.high))
    return Estimate(one.value, one.value - low, one.value + high, one.n)


def at_least_zero(one: Estimate | None) -> Estimate | None:
    """Of a quantity that is never negative."""
    return None if one is None else Estimate(one.value, max(one.low, 0.0), one.high, one.n)


def _deviation(groups: Sequence[FloatArray], scale: float, jitter: float = 0.0) -> Estimate | None:
    """Standard deviation about the groups' own means times `scale`, with the interval of normal samples.

    jitter: SD that measuring adds to these values, or takes; how much of it they have is not known
    """
    some = [one for one in groups if len(one) > 1]
    count, n = sum(len(one) for one in some), sum(effective_n(one) for one in some)
    if count < LEAST_STRIDES:
        return None
    squares = sum(float(((one - one.mean()) ** 2).sum()) for one in some)
    sd, free = float(np.sqrt(squares / (count - len(some)))), n - len(some)
    low, high = (sd * float(np.sqrt(free / (2.0 * gammaincinv(free / 2.0, q)))) for q in (Z, 1 - Z))
    low, high = float(np.sqrt(max(low**2 - jitter**2, 0.0))), float(np.hypot(high, jitter))
    return Estimate(scale * sd, scale * low, scale * high, count)


def spread(legs: Mapping[Side, Sequence[StrideLike]], error: ContactError) -> Spread:
    """SD and CV from stride to stride, each leg about its own mean."""
    times = [np.array([one.time_s for one in some]) for some in legs.values()]
    lengths = [np.array([x for one in some if (x := one.length_m) is not None]) for some in legs.values()]
    mean_s, mean_m = _mean(times), _mean(lengths)
    return Spread(
        stride_time_sd_s=_deviation(times, 1.0, error.jitter_s),
        stride_time_cv_pct=_deviation(times, 100 / mean_s, error.jitter_s) if mean_s > 0 else None,
        stride_length_cv_pct=_deviation(lengths, 100 / mean_m, error.jitter_m) if mean_m > 0 else None,
    )


def _mean(groups: Sequence[FloatArray]) -> float:
    n = sum(len(one) for one in groups)
    return sum(float(one.sum()) for one in groups) / n if n else 0.0


def compare(legs: Mapping[Side, Sequence[StrideLike]], error: ContactError) -> Difference | None:
    """Right against left of stance, swing and stride length; None without ten strides of each."""
    if min(len(legs.get("left", ())), len(legs.get("right", ()))) < LEAST_STRIDES:
        return None
    pairs = neighbours(legs["left"], legs["right"])
    swings = _Sides(legs, pairs, lambda one: one.swing_s)
    return Difference(
        stance_si_pct=_index(_Sides(legs, pairs, lambda one: one.stance * one.time_s), error.apart_s),
        swing_si_pct=_index(swings, error.apart_s),
        stride_length_si_pct=_index(_Sides(legs, pairs, lambda one: one.length_m), error.apart_m),
        swing_log_ratio_pct=_log_ratio(swings, error.apart_s),
    )


def neighbours(
    left: Sequence[StrideLike], right: Sequence[StrideLike]
) -> list[tuple[StrideLike, StrideLike]]:
    """Each left stride with the right one that begins in it: they share a step, which is no difference."""
    starts = np.array([one.start_s for one in right])
    at = np.searchsorted(starts, [one.start_s for one in left]).tolist()
    found = [(one, right[k]) for one, k in zip(left, at, strict=True) if k < len(right)]
    return [(one, two) for one, two in found if two.start_s < one.start_s + one.time_s]


class _Sides:
    """One quantity of both legs: all of a leg, and of neighbours; strides without it are left out."""

    def __init__(
        self,
        legs: Mapping[Side, Sequence[StrideLike]],
        pairs: Sequence[tuple[StrideLike, StrideLike]],
        pick: Callable[[StrideLike], float | None],
    ) -> None:
        self.left, self.right = (
            np.array([x for one in legs[side] if (x := pick(one)) is not None]) for side in SIDES
        )
        both = [(pick(one), pick(two)) for one, two in pairs]
        self.apart = np.array([b - a for a, b in both if a is not None and b is not None])

    @property
    def middle(self) -> float:
        """Mean of the legs' means."""
        return float(self.left.mean() + self.right.mean()) / 2

    def half(self, alike: float) -> float | None:
        """Of the interval of right minus left; alike: half width of what all strides are off."""
        apart = estimate(self.apart)
        if apart is None or min(len(self.left), len(self.right), len(self.apart)) < LEAST_STRIDES:
            return None
        return float(np.hypot(apart.high - apart.value, alike))


def _index(sides: _Sides, alike: float) -> Estimate | None:
    half = sides.half(alike)
    if half is None or sides.middle <= 2 * half:  # a denominator that may be zero
        return None
    value = 100 * float(sides.right.mean() - sides.left.mean()) / sides.middle
    half = 100 * half / sides.middle
    return Estimate(value, value - half, value + half, len(sides.left) + len(sides.right))


def _log_ratio(sides: _Sides, alike: float) -> Estimate | None:
    half = sides.half(alike)
    if half is None or min(sides.left.min(), sides.right.min()) <= 0:
        return None
    value = 100 * float(np.log(sides.right).mean() - np.log(sides.left).mean())
    half = 100 * half / sides.middle  # d ln x = dx / x
    return Estimate(value, value - half, value + half, len(sides.left) + len(sides.right))


def _sum(one: Estimate, two: Estimate) -> Estimate:
    """Of two that err independently."""
    below, above = (
        float(np.hypot(a, b))
        for a, b in ((one.value - one.low, two.value - two.low), (one.high - one.value, two.high - two.value))
    )
    value = one.value + two.value
    return Estimate(value, value - below, value + above, one.n)


def coordination(
    contacts: Mapping[Side, Sequence[float]], legs: Mapping[Side, Sequence[StrideLike]], error: ContactError
) -> Coordination | None:
    """Phase of the other leg's contact in the stride of the leg with the longer mean swing; PCI."""
    if min(len(legs.get("left", ())), len(legs.get("right", ()))) < LEAST_STRIDES:
        return None
    swing = {side: float(np.mean([one.swing_s for one in some])) for side, some in legs.items()}
    lead: Side = "left" if swing["left"] > swing["right"] else "right"
    own, other = np.array(contacts[lead]), np.array(contacts["right" if lead == "left" else "left"])
    phases = []
    for start, stop in zip(own[:-1].tolist(), own[1:].tolist(), strict=True):
        inside = other[(other > start) & (other < stop)]
        if len(inside) == 1:
            phases.append(360 * float(inside[0] - start) / (stop - start))
    phase = np.array(phases)
    if len(phase) < LEAST_STRIDES:
        return None
    off = estimate(100 * np.abs(phase - 180) / 180)
    wobble = _deviation([phase], 100 / float(phase.mean()))
    if off is None or wobble is None:
        return None
    turns = error.shift_s / float(np.mean([one.time_s for one in legs[lead]]))  # 1 is 360 degrees
    index = at_least_zero(widened(_sum(off, wobble), 200 * turns))
    assert index is not None
    return Coordination(widened(estimate(phase), 360 * turns), index, lead)
