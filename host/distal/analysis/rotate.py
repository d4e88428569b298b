"""Orientation from gyro and gravity, for whole windows at once.

Axes: everything is in sensor axes. `up` is the unit direction away from the earth's centre.
Method: the gyro is integrated to a rotation per sample by a prefix product; specific force, turned into
the axes of the window's first sample, is there a constant (gravity) plus motion, so a slow low-pass finds
gravity without following the motion. Turned back it is the fused `up`. Source: the idea of low-passing in
an almost inertial system is Laidig & Seel, VQF, Information Fusion 91 (2023); ours is not recursive.
"""

import numpy as np
from scipy.signal import butter, sosfiltfilt

from distal.model import FloatArray

TILT_BAND_HZ = 0.3  # below: accelerometer, above: gyro. At r = 0.12 m tilt alone over-reads 5 % here


def turn_matrices(angles: FloatArray) -> FloatArray:
    """Rotation vectors (n, 3) in rad -> matrices (n, 3, 3), Rodrigues by unit quaternion."""
    half = np.sqrt(angles[:, 0] ** 2 + angles[:, 1] ** 2 + angles[:, 2] ** 2) / 2.0
    w = np.cos(half)
    x, y, z = (np.sinc(half / np.pi)[:, None] * angles / 2.0).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=1) for row in rows], axis=1)


def integrate_turns(gyr: FloatArray, rate_hz: float) -> FloatArray:
    """gyr (n, 3) rad/s -> (n, 3, 3) matrices that turn sensor axes of sample k into those of sample 0."""
    middle = np.concatenate([np.zeros((1, 3)), (gyr[1:] + gyr[:-1]) / (2.0 * rate_hz)])
    turns = turn_matrices(middle)
    reach = 1
    while reach < len(turns):  # prefix product: log2(n) vectorised steps
        turns = np.concatenate([turns[:reach], turns[:-reach] @ turns[reach:]])
        reach *= 2
    return turns


def rotate(turns: FloatArray, vectors: FloatArray) -> FloatArray:
    """Apply one matrix to one vector per sample."""
    out: FloatArray = np.einsum("nij,nj->ni", turns, vectors)
    return out


def fuse_up(turns: FloatArray, acc: FloatArray, rate_hz: float) -> FloatArray:
    """(n, 3) unit vectors, sensor axes, pointing up. `turns` from `integrate_turns`."""
    fixed = rotate(turns, acc)
    pad = min(len(fixed) - 1, int(3 * rate_hz))
    slow = sosfiltfilt(butter(1, TILT_BAND_HZ, fs=rate_hz, output="sos"), fixed, axis=0, padlen=pad)
    up = rotate(np.swapaxes(turns, 1, 2), slow)
    out: FloatArray = up / np.maximum(np.linalg.norm(up, axis=1), 1e-12)[:, None]
    return out


def unit(vector: FloatArray) -> FloatArray:
    """The vector at length one; zero stays zero."""
    out: FloatArray = vector / max(float(np.sqrt(vector @ vector)), 1e-12)
    return out
