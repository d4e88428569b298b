"""How smooth a movement element is: spectral arc length, log dimensionless jerk. One way at a time.

Speed is a size, so >= 0: the turning of the way out or back, never the signed rate of a whole rep (mean 0).
"""

import numpy as np

from distal.analysis.filters import slope
from distal.model import FloatArray

CUT_HZ, LEAST_SHARE, PAD_LEVEL = 10.0, 0.05, 4  # defaults of the authors' code
LEAST_SAMPLES = 4


def sparc(speed: FloatArray, rate_hz: float) -> float | None:
    """Spectral arc length of a speed profile, dimensionless, negative; nearer 0 is smoother.

    None for a profile that is too short or does not move.
    source   Balasubramanian et al., J NeuroEng Rehabil 12:112 (2015): arc length of the amplitude spectrum
             divided by its value at 0 Hz, up to the last frequency (at most 10 Hz) that has 5 % of it
    """
    if len(speed) < LEAST_SAMPLES or float(speed.sum()) <= 0.0:
        return None
    points = 2 ** (int(np.ceil(np.log2(len(speed)))) + PAD_LEVEL)
    bins = np.fft.rfft(speed, points)[: int(CUT_HZ * points / rate_hz) + 1]
    share = np.abs(bins)
    share /= share[0]
    last = len(share) - 1 - int((share[::-1] >= LEAST_SHARE).argmax())
    if last < 1:
        return None
    steps = np.hypot(1.0 / last, share[1 : last + 1] - share[:last])
    return -float(steps.sum())


def ldlj(speed: FloatArray, rate_hz: float) -> float | None:
    """Log dimensionless jerk of a speed profile; nearer 0 is smoother. None as in `sparc`.

    LDLJ = -ln(T^3 / v_peak^2 * integral of v''^2 dt). A minimum-jerk reach has -ln(204.8) = -5.32.
    source   Balasubramanian et al. 2012, IEEE TBME 59:2126; for velocity: Melendez-Calderon et al. 2021
    """
    if len(speed) < LEAST_SAMPLES or float(speed.max()) <= 0.0:
        return None
    bend = slope(slope(speed)) * rate_hz**2
    duration_s = len(speed) / rate_hz
    size = duration_s**3 / float(speed.max()) ** 2 * float(bend @ bend) / rate_hz
    return -float(np.log(size)) if size > 0.0 else None
