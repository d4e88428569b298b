"""Means with intervals, spread, symmetry and coordination of strides.

One sign: positive = right larger. SI = 100 (R - L) / ((R + L) / 2) (Robinson 1987); log ratio =
100 ln(R / L) (Plotnik 2005). Phase = 360 step time / stride time of the leg with the longer mean swing;
PCI = CV(phase) + 100 mean |phase - 180| / 180 (Plotnik 2007).
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from scipy.special import gammaincinv, stdtrit

from distal.model import Coordination, Difference, Estimate, FloatArray, Side, Spread

LEAST_STRIDES = 10  # of each leg: below it symmetry and coordination are not said (science: pitfalls)
Z = 0.975


class StrideLike(Protocol):
    """What is compared."""

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


def _deviation(groups: Sequence[FloatArray], scale: float) -> Estimate | None:
    """Standard deviation about the groups' own means times `scale`, with the interval of normal samples."""
    some = [one for one in groups if len(one) > 1]
    count, n = sum(len(one) for one in some), sum(effective_n(one) for one in some)
    if count < LEAST_STRIDES:
        return None
    squares = sum(float(((one - one.mean()) ** 2).sum()) for one in some)
    sd, free = float(np.sqrt(squares / (count - len(some)))), n - len(some)
    low, high = (sd * float(np.sqrt(free / (2.0 * gammaincinv(free / 2.0, q)))) for q in (Z, 1 - Z))
    return Estimate(scale * sd, scale * low, scale * high, count)


def spread(legs: Mapping[Side, Sequence[StrideLike]]) -> Spread:
    """SD and CV from stride to stride, each leg about its own mean."""
    times = [np.array([one.time_s for one in some]) for some in legs.values()]
    lengths = [np.array([x for one in some if (x := one.length_m) is not None]) for some in legs.values()]
    mean_s, mean_m = _mean(times), _mean(lengths)
    return Spread(
        stride_time_sd_s=_deviation(times, 1.0),
        stride_time_cv_pct=_deviation(times, 100 / mean_s) if mean_s > 0 else None,
        stride_length_cv_pct=_deviation(lengths, 100 / mean_m) if mean_m > 0 else None,
    )


def _mean(groups: Sequence[FloatArray]) -> float:
    n = sum(len(one) for one in groups)
    return sum(float(one.sum()) for one in groups) / n if n else 0.0


def compare(legs: Mapping[Side, Sequence[StrideLike]]) -> Difference | None:
    """Right against left of stance, swing and stride length; None without ten strides of each."""
    if min(len(legs.get("left", ())), len(legs.get("right", ()))) < LEAST_STRIDES:
        return None
    left, right = legs["left"], legs["right"]
    stance = [np.array([one.stance * one.time_s for one in some]) for some in (left, right)]
    swing = [np.array([one.swing_s for one in some]) for some in (left, right)]
    length = [np.array([x for one in some if (x := one.length_m) is not None]) for some in (left, right)]
    return Difference(
        stance_si_pct=_index(*stance),
        swing_si_pct=_index(*swing),
        stride_length_si_pct=_index(*length),
        swing_log_ratio_pct=_log_ratio(*swing),
    )


def _index(left: FloatArray, right: FloatArray) -> Estimate | None:
    pair = estimate(left), estimate(right)
    if pair[0] is None or pair[1] is None or min(len(left), len(right)) < LEAST_STRIDES:
        return None
    a, b = pair[0], pair[1]
    half = float(np.hypot(a.high - a.value, b.high - b.value))
    middle = (a.value + b.value) / 2
    if middle <= 2 * half:  # a denominator that may be zero
        return None
    value, half = 100 * (b.value - a.value) / middle, 100 * half / middle
    return Estimate(value, value - half, value + half, a.n + b.n)


def _log_ratio(left: FloatArray, right: FloatArray) -> Estimate | None:
    if min(left.min(), right.min()) <= 0:
        return None
    a, b = estimate(np.log(left)), estimate(np.log(right))
    if a is None or b is None:
        return None
    value, half = 100 * (b.value - a.value), 100 * float(np.hypot(a.high - a.value, b.high - b.value))
    return Estimate(value, value - half, value + half, a.n + b.n)


def coordination(
    contacts: Mapping[Side, Sequence[float]], legs: Mapping[Side, Sequence[StrideLike]]
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
    low, high = off.low + wobble.low, off.high + wobble.high
    return Coordination(estimate(phase), Estimate(off.value + wobble.value, low, high, len(phase)), lead)
