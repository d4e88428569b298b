"""How unsteady a rep is: turning that its own movement does not need."""

from collections.abc import Sequence

import numpy as np

from distal.analysis.filters import butterworth, powers_without_delay
from distal.model import FloatArray
from distal.units import DEG_PER_RAD

SHAKE_HZ = (3.0, 12.0)  # where tremor and strain show; voluntary movement lies below
EDGES_HZ, ORDER = (2.8, 13.0), 5  # of a filter that is whole where tremor lies, 8 to 12 Hz
LEAST_S = 0.5


def shake_deg_s(reps: Sequence[FloatArray], rate_hz: float) -> list[float | None]:
    """RMS turning of each rep between 3 and 12 Hz, all axes together; None for a rep too short to tell.

    reps  (n, 3) rad/s each, any axes: rotation does not change it
    """
    known = [k for k, gyr in enumerate(reps) if len(gyr) >= LEAST_S * rate_hz]
    sos = butterworth(ORDER, EDGES_HZ, rate_hz, "band")
    powers = powers_without_delay(sos, [reps[k] for k in known], int(rate_hz / 2))
    out: list[float | None] = [None] * len(reps)
    for k, power in zip(known, powers, strict=True):
        out[k] = float(np.sqrt(power / len(reps[k]))) * DEG_PER_RAD
    return out


def off_axes(reps: Sequence[FloatArray]) -> list[float | None]:
    """Share of each rep's turning (as power) that is not about the axis it turned most about, 0 to 1.

    reps  (n, 3) rad/s each; None for one without turning
    """
    powers = np.linalg.eigvalsh(np.array([gyr.T @ gyr for gyr in reps]))
    totals = powers.sum(axis=1)
    return [
        1.0 - most / total if len(gyr) >= 3 and total > 0.0 else None
        for gyr, most, total in zip(reps, powers[:, -1].tolist(), totals.tolist(), strict=True)
    ]
