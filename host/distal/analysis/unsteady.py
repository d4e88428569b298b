"""How unsteady a rep is: turning that its own movement does not need."""

import numpy as np
from scipy.signal import butter, sosfiltfilt

from distal.model import FloatArray
from distal.units import DEG_PER_RAD

SHAKE_HZ = (3.0, 12.0)  # where tremor and strain show; voluntary movement lies below
LEAST_S = 0.5


def shake_deg_s(gyr: FloatArray, rate_hz: float) -> float | None:
    """RMS turning between 3 and 12 Hz, all axes together; None for a span too short to tell.

    gyr  (n, 3) rad/s, any axes: rotation does not change it
    """
    if len(gyr) < LEAST_S * rate_hz:
        return None
    sos = butter(2, SHAKE_HZ, "band", fs=rate_hz, output="sos")
    quick = sosfiltfilt(sos, gyr, axis=0, padlen=min(len(gyr) - 1, int(rate_hz / 2)))
    return float(np.sqrt(np.einsum("ni,ni->", quick, quick) / len(quick))) * DEG_PER_RAD


def off_axis(gyr: FloatArray) -> float | None:
    """Share of the turning (as power) that is not about the axis that the rep turned most about, 0 to 1."""
    if len(gyr) < 3:
        return None
    powers = np.linalg.eigvalsh(np.einsum("ni,nj->ij", gyr, gyr))
    total = float(powers.sum())
    return 1.0 - float(powers[-1]) / total if total > 0.0 else None
