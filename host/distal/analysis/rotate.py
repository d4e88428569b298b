"""Orientation from gyro and gravity, for whole windows at once.

Axes: everything is in sensor axes. `up` is the unit direction away from the earth's centre.
Method: the gyro is integrated to a rotation per sample by a prefix product; specific force, turned into
the axes of the window's first sample, is there a constant (gravity) plus motion, so a slow low-pass finds
gravity without following the motion; calm samples count more. Turned back it is the fused `up`. Source:
the idea of low-passing in an almost inertial system is Laidig & Seel, VQF, Information Fusion 91 (2023);
ours is not recursive.
"""

import numpy as np
from scipy.signal import sosfiltfilt

from distal.analysis.filters import butterworth
from distal.model import FloatArray

TILT_BAND_HZ = 0.3  # below: accelerometer, above: gyro. At r = 0.12 m tilt alone over-reads 5 % here
# when calm samples count more there is time: in 1.6 s a gyro drifts 0.1 degrees at 0.06 degrees/s
CALM_BAND_HZ = 0.1


def turn_matrices(angles: FloatArray) -> FloatArray:
    """Rotation vectors (n, 3) in rad -> matrices (n, 3, 3), Rodrigues by unit quaternion."""
    return _matrices(_quaternions(angles))


def _quaternions(angles: FloatArray) -> FloatArray:
    """Rotation vectors (n, 3) -> (n, 4), scalar first."""
    half = np.sqrt(angles[:, 0] ** 2 + angles[:, 1] ** 2 + angles[:, 2] ** 2) / 2.0
    vector = np.sinc(half / np.pi)[:, None] * angles / 2.0
    return np.concatenate([np.cos(half)[:, None], vector], axis=1)


def _matrices(turns: FloatArray) -> FloatArray:
    """Unit quaternions (n, 4) -> (n, 3, 3)."""
    w, x, y, z = turns.T
    out = np.empty((len(turns), 3, 3))
    out[:, 0, 0], out[:, 0, 1], out[:, 0, 2] = (
        1 - 2 * (y * y + z * z),
        2 * (x * y - w * z),
        2 * (x * z + w * y),
    )
    out[:, 1, 0], out[:, 1, 1], out[:, 1, 2] = (
        2 * (x * y + w * z),
        1 - 2 * (x * x + z * z),
        2 * (y * z - w * x),
    )
    out[:, 2, 0], out[:, 2, 1], out[:, 2, 2] = (
        2 * (x * z - w * y),
        2 * (y * z + w * x),
        1 - 2 * (x * x + y * y),
    )
    return out


def integrate_turns(gyr: FloatArray, rate_hz: float) -> FloatArray:
    """gyr (n, 3) rad/s -> (n, 3, 3) matrices that turn sensor axes of sample k into those of sample 0.

    A prefix product in two levels: inside blocks, all blocks at once, then across the blocks.
    """
    n = len(gyr)
    size = max(int(np.sqrt(n)), 1)
    blocks = -(-n // size)
    middle = np.zeros((blocks * size, 3))
    middle[1:n] = (gyr[1:] + gyr[:-1]) / (2.0 * rate_hz)
    turns = np.ascontiguousarray(_quaternions(middle).reshape(blocks, size, 4).transpose(1, 2, 0))
    for k in range(1, size):
        turns[k] = _product(turns[k - 1], turns[k])
    lead = np.zeros((4, blocks))
    lead[0] = 1.0
    for k in range(1, blocks):
        lead[:, k] = _product(lead[:, k - 1], turns[-1, :, k - 1])
    whole = _product(lead[:, None, :], turns.transpose(1, 0, 2))  # (4, size, blocks)
    return _matrices(whole.transpose(2, 1, 0).reshape(-1, 4)[:n])


def _product(one: FloatArray, two: FloatArray) -> FloatArray:
    """Quaternions (4, ...): first `two`, then `one`."""
    a, b, c, d = one
    w, x, y, z = two
    return np.stack(
        [
            a * w - b * x - c * y - d * z,
            a * x + b * w + c * z - d * y,
            a * y - b * z + c * w + d * x,
            a * z + b * y - c * x + d * w,
        ]
    )


def rotate(turns: FloatArray, vectors: FloatArray) -> FloatArray:
    """Apply one matrix to one vector per sample."""
    out: FloatArray = np.einsum("nij,nj->ni", turns, vectors)
    return out


def fuse_up(turns: FloatArray, acc: FloatArray, rate_hz: float, calm: FloatArray | None = None) -> FloatArray:
    """(n, 3) unit vectors, sensor axes, pointing up. `turns` from `integrate_turns`.

    calm  (n,) > 0: how much a sample counts as a witness of gravity; None: all alike
    """
    fixed = rotate(turns, acc)
    pad = min(len(fixed) - 1, int(3 * rate_hz))
    band = TILT_BAND_HZ if calm is None else CALM_BAND_HZ
    calm = np.ones(len(fixed)) if calm is None else calm
    rows = np.concatenate([fixed * calm[:, None], calm[:, None]], axis=1)
    slow = sosfiltfilt(butterworth(1, band, rate_hz), rows, axis=0, padlen=pad)
    up = np.einsum("nji,nj->ni", turns, slow[:, :3])  # its length is without meaning
    out: FloatArray = up / np.maximum(lengths(up), 1e-12)[:, None]
    return out


def lengths(rows: FloatArray) -> FloatArray:
    """(n, 3) vectors -> (n,); several times faster than numpy's norm along so short an axis."""
    x, y, z = rows.T
    out: FloatArray = np.sqrt(x * x + y * y + z * z)
    return out


def unit(vector: FloatArray) -> FloatArray:
    """The vector at length one; zero stays zero."""
    out: FloatArray = vector / max(float(np.sqrt(vector @ vector)), 1e-12)
    return out
