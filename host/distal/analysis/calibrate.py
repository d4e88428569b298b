"""Six rests or a slow tumble -> what an IMU's numbers are worth. Pure; any order, any orientation.

Rests are used where they know enough, because nothing moves there; else every moment of slow turning. A
moment counts less the faster it turns: the point about which a hand turns it wanders.
Gyro offset: the mean over the rests; without a rest from how gravity's direction moved against the turning,
u' + w x u = b x u (least squares).
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from distal.analysis.calibrate_fit import (
    GOAL_BIAS,
    GOAL_SCALE,
    TABLE_SD,
    Fitted,
    Moments,
    apart,
    fit,
    missing,
    seen,
)
from distal.analysis.calibrate_rests import BLOCK_S, Found, cut, find_rests
from distal.analysis.lever import cross_matrices, swing_matrices
from distal.calibration import Calibration, Matrix, Triple
from distal.errors import MissingDirections, TooShort, Unsteady
from distal.model import FloatArray
from distal.units import DEG_PER_RAD, RAD_PER_DEG, G

Method = Literal["rests", "tumble"]
SHORT_S = 0.04  # blocks of a tumble: at 1.5 rad/s a mean over 3.4 degrees reads 0.015 % low
MOST_TURNING = 1.5  # rad/s; faster moments are left out
HAND_SD = 0.006 * G  # of a moment in a calm hand
WANDER_M = 0.03  # by which the point of turning moves about
LEAST_MOMENTS = 100
MOST_RESIDUAL = 0.020 * G  # rms; more is no gravity alone
WRONG_SCALE = (0.7, 1.4)  # of 1 g at rest: outside it is the wrong range or unit
NUMBERS = 6  # bias and scale
LEAST_RESTS = 3  # who rested it so often did not mean to tumble it
PRIOR_N = 4  # residuals' worth of belief in TABLE_SD, because six rests leave none over
USELESS = 4.0  # times the goal; such a calibration would be hardly better than none
LEAST_GYR_HALF = 0.02 * RAD_PER_DEG
LONE_GYR_HALF = 0.1 * RAD_PER_DEG  # a single rest: nothing to compare it with


@dataclass(frozen=True, slots=True)
class Samples:
    """What a cuff read: gyr rad/s, acc m/s2, (n, 3), as its datasheet scales them; NaN rows are missing."""

    gyr: FloatArray
    acc: FloatArray
    rate_hz: float


def calibrate(samples: Samples, method: Method | None = None) -> Calibration:
    """Bias, scale, cross-axis where the data know it, gyro offset; without method the better one is taken.

    raises  TooShort without samples, MissingDirections when more directions are needed (says which),
            Unsteady when it moved too fast or is not read as one gravity
    error   0.2 % and 2 mg, each axis, of a +-1 % and +-40 mg sensor: all of 300 drawn (test_calibrate.py)
    source  see calibrate_fit
    """
    if not np.isfinite(samples.acc).all(axis=1).any():
        raise TooShort("there is no sample in it. Record again while the cuff is turned to all sides.")
    rests = find_rests(samples.gyr, samples.acc, samples.rate_hz)
    if method == "rests" or (method is None and _knows_enough(rests)):
        return _by_rests(rests)
    try:
        return _by_tumble(samples, rests)
    except Unsteady:
        if method is None and len(rests) >= LEAST_RESTS:  # it was laid down, not turned: say which side lacks
            return _by_rests(rests)
        raise


def _knows_enough(rests: list[Found]) -> bool:
    return len(rests) >= 6 and not missing(apart(np.array([rest.acc for rest in rests])))


def _by_rests(rests: list[Found]) -> Calibration:
    acc = np.array([rest.acc for rest in rests]).reshape(-1, 3)
    _check_directions(acc)
    gyr, gyr_half = _rest_gyr(rests)
    moments = Moments(acc, np.full(len(acc), TABLE_SD), np.zeros_like(acc))
    return _build(_scaled(moments), moments, "rests", (gyr, gyr_half))


def _by_tumble(samples: Samples, rests: list[Found]) -> Calibration:
    slow = _moments(samples)
    moments = slow.moments
    if len(moments.acc) < LEAST_MOMENTS:
        lowest = f"{MOST_TURNING * DEG_PER_RAD:.0f} degrees a second"
        raise Unsteady(
            f"there are too few slow moments in it. Turn the cuff slower than {lowest} for half a minute,"
            " or lay it down for 2 s on each of six sides."
        )
    _check_directions(moments.acc)
    fitted = _scaled(moments)
    turning = _tumble_gyr(fitted, slow) or (_rest_gyr(rests) if rests else None)
    if turning is None:
        raise Unsteady("it turned too fast to know the gyro's offset. Lay the cuff down for 2 s at the end.")
    return _build(fitted, moments, "tumble", turning)


@dataclass(frozen=True, slots=True)
class _Slow:
    """Slow moments, their turning (n, 3), their places among all blocks, and a block's length in s.

    swing  (n, 3, 3): times r it is what turning about a point r away adds; 0 where it is not known
    """

    moments: Moments
    gyr: FloatArray
    places: NDArray[np.intp]
    block_s: float
    swing: FloatArray


def _moments(samples: Samples) -> _Slow:
    blocks = cut(samples.gyr, samples.acc, samples.rate_hz, SHORT_S)
    speed2 = np.einsum("ni,ni->n", blocks.gyr, blocks.gyr)
    length = np.linalg.norm(blocks.acc, axis=1)
    with np.errstate(invalid="ignore"):
        kept = np.flatnonzero((speed2 < MOST_TURNING**2) & (np.abs(length / G - 1.0) < 0.25))
    sd = np.hypot(HAND_SD, WANDER_M * speed2[kept])
    acc, swing = blocks.acc[kept], np.nan_to_num(swing_matrices(blocks.gyr, 1.0 / blocks.block_s))[kept]
    along = np.einsum("ni,nij->nj", acc / np.linalg.norm(acc, axis=1)[:, None], swing)
    return _Slow(Moments(acc, sd, along), blocks.gyr[kept], kept, blocks.block_s, swing)


def _check_directions(acc: FloatArray) -> None:
    if not len(acc):
        raise MissingDirections([name for name in ("+x", "−x", "+y", "−y", "+z", "−z")], ())
    size = float(np.median(np.linalg.norm(acc, axis=1))) / G
    if not WRONG_SCALE[0] < size < WRONG_SCALE[1]:
        raise Unsteady(
            f"it reads {size:.2f} g at rest: another part or range than it says, or not m/s2. Check it."
        )
    absent = missing(apart(acc))
    if absent:
        raise MissingDirections(absent, seen(acc)[0])


def _scaled(moments: Moments) -> Fitted:
    """The fit, and how much worse the residuals are than believed, neighbours that are alike taken as one."""
    fitted = fit(moments)
    scaled = fitted.residual / moments.sd
    n = len(scaled)
    alike = _alike(scaled) if n >= LEAST_MOMENTS else 1.0
    free = max(n - NUMBERS, 0) / alike
    factor = (float(scaled @ scaled) / alike + PRIOR_N) / (free + PRIOR_N) * alike
    return replace(fitted, factor=max(factor, 0.25))


def _alike(values: FloatArray) -> float:
    """1 + 2 x the sum of autocorrelations up to the first that is not positive."""
    n = len(values)
    spectrum = np.abs(np.fft.rfft(values - values.mean(), 2 * n)) ** 2
    r = np.fft.irfft(spectrum)[: n // 4]
    r = r / max(float(r[0]), 1e-12)
    end = int(np.argmax(r <= 0.0)) or len(r)
    return float(2.0 * r[:end].sum() - 1.0)


def _rest_gyr(rests: list[Found]) -> tuple[FloatArray, FloatArray]:
    """Offset and half width, rad/s; the median is not moved by a rest in the hand."""
    values = np.array([rest.gyr for rest in rests])
    middle: FloatArray = np.median(values, axis=0)
    if len(rests) == 1:
        return middle, np.full(3, LONE_GYR_HALF)
    spread = 1.4826 * np.median(np.abs(values - middle), axis=0)
    return middle, np.maximum(1.96 * 1.25 * spread / np.sqrt(len(rests)), LEAST_GYR_HALF)


def _tumble_gyr(fitted: Fitted, slow: _Slow) -> tuple[FloatArray, FloatArray] | None:
    """Offset from gravity's own movement over BLOCK_S; None: too few blocks follow one another."""
    lag = round(BLOCK_S / slow.block_s)
    true = (slow.moments.acc - fitted.bias) @ fitted.matrix.T - slow.swing @ fitted.reach
    up = true / np.linalg.norm(true, axis=1)[:, None]
    whole = np.flatnonzero(slow.places[lag:] - slow.places[:-lag] == lag)
    if len(whole) < LEAST_MOMENTS:
        return None
    cross = np.cross(slow.gyr, up)
    right = (up[whole + lag] - up[whole]) / (lag * slow.block_s) + _spans(cross, lag)[whole]
    mean_up = _spans(up, lag)[whole]
    basis = -cross_matrices(mean_up)
    offset = np.linalg.lstsq(basis.reshape(-1, 3), right.reshape(-1), rcond=None)[0]
    left = (right.reshape(-1) - basis.reshape(-1, 3) @ offset).reshape(-1, 3)
    spread = float(np.sqrt((left**2).mean())) * np.sqrt(2.0 * lag / len(whole))
    return offset, np.full(3, max(1.96 * spread, LEAST_GYR_HALF))


def _spans(values: FloatArray, lag: int) -> FloatArray:
    """Mean over each span of `lag` steps by trapezes, (n - lag, 3)."""
    pairs = (values[1:] + values[:-1]) / 2.0
    total = np.concatenate([np.zeros((1, 3)), np.cumsum(pairs, axis=0)])
    out: FloatArray = (total[lag:] - total[:-lag]) / lag
    return out


def _build(
    fitted: Fitted, moments: Moments, method: Method, turning: tuple[FloatArray, FloatArray]
) -> Calibration:
    rms = float(np.sqrt((fitted.residual**2).mean()))
    if rms > MOST_RESIDUAL:
        raise Unsteady(
            f"the moments do not agree on one gravity (they differ by {1e3 * rms / G:.0f} mg). Move slower,"
            " or lay the cuff on something firm and let go of it."
        )
    half = fitted.halves()
    if (half[:3] > USELESS * GOAL_BIAS).any() or (half[3:6] > USELESS * GOAL_SCALE).any():
        raise Unsteady(
            f"it is too shaky: bias would be known to {1e3 * half[:3].max() / G:.1f} mg only. Turn slower and"
            " longer, or lay the cuff down for 2 s on each of six sides."
        )
    faces, share = seen(moments.acc)
    return Calibration(
        acc_bias=_triple(fitted.bias),
        acc_matrix=_matrix(fitted.matrix),
        gyr_bias=_triple(turning[0]),
        acc_bias_half=_triple(half[:3]),
        acc_scale_half=_triple(half[3:6]),
        gyr_bias_half=_triple(turning[1]),
        cross_half=float(half[6:9].max()),
        residual_mps2=rms,
        method=method,
        points=len(moments.acc),
        faces=faces,
        coverage=share,
    )


def _triple(values: FloatArray) -> Triple:
    x, y, z = values.tolist()
    return x, y, z


def _matrix(values: FloatArray) -> Matrix:
    return _triple(values[0]), _triple(values[1]), _triple(values[2])
