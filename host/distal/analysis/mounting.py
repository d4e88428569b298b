"""How the board sits in a cuff: one rest standing, then the leg swung ahead and back.

Cuff axes: x along the limb to the foot, z outward (away from the other leg), y = z x x. Standing, specific
force points up, so x is against it. The leg turns about an axis that points to the person's right while it
goes ahead, which is the first way it goes; outward is right on the right leg and left on the left.
"""

import numpy as np

from distal.analysis.calibrate_rests import BLOCK_S, find_rests
from distal.analysis.rotate import unit
from distal.calibration import Matrix
from distal.errors import Unsteady
from distal.model import FloatArray, Side
from distal.units import RAD_PER_DEG

SWING_S = 8.0  # after the rest
LEAST_TURNING = 40.0 * RAD_PER_DEG  # rad/s at the peak
LEAST_SHARE = 0.8  # of all turning about one axis
LEAST_LEVEL = 0.9  # sine of the angle between that axis and the vertical
DO = "Stand still for 2 s with the cuff on, then swing that leg straight ahead and back, ahead first."


def find_mounting(gyr: FloatArray, acc: FloatArray, rate_hz: float, side: Side) -> Matrix:
    """Rows: the cuff's x, y, z in sensor axes. gyr rad/s, acc m/s2, (n, 3), NaN where missing.

    raises  Unsteady, ending with what to do
    error   2 degrees of a virtual leg's cuff, worn any way (test_mounting.py)
    """
    rests = find_rests(gyr, acc, rate_hz)
    if not rests:
        raise Unsteady(f"there is no rest in it. {DO}")
    end = round(rests[0].end * BLOCK_S * rate_hz)
    swing = gyr[end : end + round(SWING_S * rate_hz)] - rests[0].gyr
    down = -unit(rests[0].acc)
    right = _right(swing[np.isfinite(swing).all(axis=1)], down, rate_hz)
    z = right if side == "right" else -right
    rows = np.array([down, np.cross(z, down), z])
    x, y, outward = (tuple(row) for row in rows.tolist())
    return x, y, outward


def _right(swing: FloatArray, down: FloatArray, rate_hz: float) -> FloatArray:
    """The person's right: the axis of the swing, level, signed by its first way."""
    if not len(swing) or np.linalg.norm(swing, axis=1).max() < LEAST_TURNING:
        raise Unsteady(f"the leg did not swing after the rest. {DO}")
    power, axes = np.linalg.eigh(np.einsum("ni,nj->ij", swing, swing))
    axis = axes[:, -1]
    if power[-1] < LEAST_SHARE * power.sum():
        raise Unsteady(f"the leg turned about more than one axis. {DO}")
    level = axis - (axis @ down) * down
    if np.linalg.norm(level) < LEAST_LEVEL:
        raise Unsteady(f"the leg did not swing about a level axis. {DO}")
    angle = np.cumsum(swing @ axis) / rate_hz
    first = angle[np.abs(angle) > 0.3 * np.abs(angle).max()][0]
    return unit(level) * (1.0 if first > 0 else -1.0)
