"""How smooth a movement element is: spectral arc length, log dimensionless jerk. One way at a time.

Speed is a size, so >= 0: the turning of the way out or back, never the signed rate of a whole rep (mean 0).
"""

from collections.abc import Sequence

import numpy as np

from distal.analysis.filters import slope
from distal.model import FloatArray

CUT_HZ, LEAST_SHARE, PAD_LEVEL = 10.0, 0.05, 4  # defaults of the authors' code
LEAST_SAMPLES = 4


def sparcs(speeds: Sequence[FloatArray], rate_hz: float) -> list[float | None]:
    """Spectral arc length of speed profiles, dimensionless, negative; nearer 0 is smoother.

    None for a profile that is too short or does not move.
    source   Balasubramanian et al., J NeuroEng Rehabil 12:112 (2015): arc length of the amplitude spectrum
             divided by its value at 0 Hz, up to the last frequency (at most 10 Hz) that has 5 % of it
    """
    points = [2 ** (int(np.ceil(np.log2(max(len(speed), 1)))) + PAD_LEVEL) for speed in speeds]
    known = [len(speed) >= LEAST_SAMPLES and float(speed.sum()) > 0.0 for speed in speeds]
    out: list[float | None] = [None] * len(speeds)
    for size in set(points):
        alike = [k for k in range(len(speeds)) if known[k] and points[k] == size]
        for k, arc in zip(alike, _arcs([speeds[k] for k in alike], size, rate_hz), strict=True):
            out[k] = -arc if arc > 0.0 else None
    return out


def _arcs(speeds: Sequence[FloatArray], points: int, rate_hz: float) -> list[float]:
    """Of profiles whose transforms are equally long; 0 for one without any course up to CUT_HZ."""
    rows = np.zeros((len(speeds), points))
    for row, speed in zip(rows, speeds, strict=True):
        row[: len(speed)] = speed
    share = np.abs(np.fft.rfft(rows)[:, : int(CUT_HZ * points / rate_hz) + 1])
    share /= share[:, :1]
    last = share.shape[1] - 1 - (share[:, ::-1] >= LEAST_SHARE).argmax(axis=1)
    steps = np.hypot(1.0 / np.maximum(last, 1)[:, None], np.diff(share, axis=1))
    steps *= np.arange(steps.shape[1]) < last[:, None]
    arcs: list[float] = steps.sum(axis=1).tolist()
    return arcs


def ldlj(speed: FloatArray, rate_hz: float) -> float | None:
    """Log dimensionless jerk of a speed profile; nearer 0 is smoother. None as in `sparcs`.

    LDLJ = -ln(T^3 / v_peak^2 * integral of v''^2 dt). A minimum-jerk reach has -ln(204.8) = -5.32.
    source   Balasubramanian et al. 2012, IEEE TBME 59:2126; for velocity: Melendez-Calderon et al. 2021
    """
    if len(speed) < LEAST_SAMPLES or float(speed.max()) <= 0.0:
        return None
    bend = slope(slope(speed)) * rate_hz**2
    duration_s = len(speed) / rate_hz
    size = duration_s**3 / float(speed.max()) ** 2 * float(bend @ bend) / rate_hz
    return -float(np.log(size)) if size > 0.0 else None
