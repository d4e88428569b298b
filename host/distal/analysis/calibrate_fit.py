"""The sphere on which gravity lies -> bias and scale of an accelerometer, and how well they are known.

Model: |M (f - b)| = g + u (w' x r + w x (w x r)) for every slow moment. f is what is read, u its direction,
b the bias, M symmetric: scale on its diagonal, cross-axis beside it (which way the axes point is not asked,
so M holds no turn), r from the point about which a hand turns it to the sensor, nothing at rest. Cross-axis
and r are believed to be small (CROSS_SD, REACH_SD): few directions leave them near 0 and widen the intervals.
Gauss-Newton; residuals beyond 2.5 SD count less (Huber). Source: the multi-position test without reference
directions, Shin & El-Sheimy 2002 (Zeitschrift fuer Vermessungswesen 127), linearised by us; r is ours.
"""

from dataclasses import dataclass

import numpy as np

from distal.model import FloatArray
from distal.units import G

PASSES = 12
HUBER = 2.5
# what is believed of an uncalibrated part before anything is measured; only says which direction is missing
LIKELY_BIAS, LIKELY_SCALE = 0.08 * G, 0.03
CROSS_SD = 0.002  # of an element beside the diagonal, before anything is measured
REACH_SD = 0.05  # m, each axis
TABLE_SD = 0.0007 * G  # of a rest: noise of its mean, a table that gives, the IMU's own unevenness
GOAL_BIAS, GOAL_SCALE = 0.002 * G, 0.002  # half widths to reach
PAIRS = ((0, 1), (0, 2), (1, 2))
SIGNS = "+−"


@dataclass(frozen=True, slots=True)
class Moments:
    """Readings of slow moments: acc (n, 3) m/s2, their SD (n,) along gravity, how r adds to it (n, 3)."""

    acc: FloatArray
    sd: FloatArray
    swing: FloatArray


@dataclass(frozen=True, slots=True)
class Fitted:
    """b (3,), M (3, 3), residuals (n,), m/s2, and what the moments tell of (b, diagonal, pairs, r), (12, 12).

    factor: how much more the residuals vary than the moments' SD says.
    """

    bias: FloatArray
    matrix: FloatArray
    reach: FloatArray  # r, m
    residual: FloatArray
    information: FloatArray
    factor: float = 1.0

    def halves(self) -> FloatArray:
        """Half widths of 95 % intervals: b (m/s2), diagonal and pairs of M, r (m)."""
        covariance = np.linalg.inv(self.information / self.factor + PRIOR)
        out: FloatArray = 1.96 * np.sqrt(np.diag(covariance))
        return out


def directions() -> list[tuple[str, FloatArray]]:
    """The 26 directions of a cube, faces first, with their names: which axes point up."""
    found = []
    for x, y, z in np.ndindex(3, 3, 3):
        v = np.array([x, y, z]) - 1
        if v.any():
            name = "".join(
                f"{SIGNS[int(k < 0)]}{axis}" for axis, k in zip("xyz", v.tolist(), strict=True) if k
            )
            order = int(np.abs(v).sum()), name[1:], name[0] != "+"  # faces first: +x −x +y −y +z −z
            found.append((order, name, v / np.sqrt((v * v).sum())))
    return [(name, v) for _, name, v in sorted(found, key=lambda one: one[0])]


CUBE = directions()
FACES = CUBE[:6]


PRIOR = np.diag(1.0 / np.array([LIKELY_BIAS] * 3 + [LIKELY_SCALE] * 3 + [CROSS_SD] * 3 + [REACH_SD] * 3) ** 2)
WEAK = PRIOR * np.repeat([1e-6, 1.0], 6)[:, None]  # bias and scale are left to the data


def fit(moments: Moments) -> Fitted:
    """Least squares; the directions must tell bias and scale apart (see `missing`)."""
    found = np.zeros(12)
    for _ in range(PASSES):
        residual, rows = _model(moments, found)
        soft = _huber(residual / moments.sd) / moments.sd**2
        normal = (rows * soft[:, None]).T @ rows + WEAK
        found = found - np.linalg.solve(normal, (rows * soft[:, None]).T @ residual + WEAK @ found)
    residual, rows = _model(moments, found)
    rows = rows / moments.sd[:, None]
    return Fitted(found[:3], _symmetric(found), found[9:], residual, rows.T @ rows)


def _model(moments: Moments, found: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Residuals (n,) and how they move with each of the twelve numbers (n, 12)."""
    matrix = _symmetric(found)
    length = np.linalg.norm((moments.acc - found[:3]) @ matrix.T, axis=1)
    rows = _rows(moments.acc, found[:3], matrix)
    return length - G - moments.swing @ found[9:], np.column_stack([rows, -moments.swing])


def _symmetric(found: FloatArray) -> FloatArray:
    matrix = np.eye(3) + np.diag(found[3:6])
    for (i, j), value in zip(PAIRS, found[6:9].tolist(), strict=True):
        matrix[i, j] = matrix[j, i] = value
    return matrix


def _rows(acc: FloatArray, bias: FloatArray, matrix: FloatArray) -> FloatArray:
    """(n, 9): how the length moves with b, the diagonal of M and its pairs."""
    free = acc - bias
    true = free @ matrix.T
    unit = true / np.linalg.norm(true, axis=1)[:, None]
    cross = [unit[:, i] * free[:, j] + unit[:, j] * free[:, i] for i, j in PAIRS]
    out: FloatArray = np.column_stack([-unit @ matrix, unit * free, *cross])
    return out


def _huber(scaled: FloatArray) -> FloatArray:
    out: FloatArray = HUBER / np.maximum(np.abs(scaled), HUBER)
    return out


def missing(acc: FloatArray) -> list[str]:
    """Directions to add, by name, until bias and scale can be known to the goal; empty: enough are there.

    acc  (n, 3) readings, one a direction. Each further one is where the length is least known.
    """
    ups = np.array([v for _, v in CUBE])
    to_add = _rows(G * ups, np.zeros(3), np.eye(3))[:, :6]
    rows = _rows(acc, np.zeros(3), np.eye(3))[:, :6] if len(acc) else np.zeros((0, 6))
    information = rows.T @ rows / TABLE_SD**2 + PRIOR[:6, :6]
    out: list[str] = []
    while len(out) < len(CUBE):
        covariance = np.linalg.inv(information)
        half = 1.96 * np.sqrt(np.diag(covariance))
        if (half[:3] <= GOAL_BIAS).all() and (half[3:] <= GOAL_SCALE).all():
            break
        unsure = np.einsum("ni,ij,nj->n", to_add, covariance, to_add)
        best = int(np.argmax(np.round(unsure / unsure.max(), 6)))  # of equals a face, the first
        out.append(CUBE[best][0])
        information = information + np.outer(to_add[best], to_add[best]) / TABLE_SD**2
    return out


def apart(acc: FloatArray, angle_deg: float = 20.0) -> FloatArray:
    """One reading of each direction: the first of those within `angle_deg` of each other."""
    units = acc / np.linalg.norm(acc, axis=1)[:, None]
    kept: list[int] = []
    least = np.cos(np.deg2rad(angle_deg))
    for k, unit in enumerate(units):
        if not kept or (units[kept] @ unit).max() < least:
            kept.append(k)
    out: FloatArray = acc[kept]
    return out


def seen(acc: FloatArray) -> tuple[tuple[str, ...], float]:
    """Faces that were up (within 35 degrees), and the share of the 26 directions seen (within 25)."""
    units = acc / np.linalg.norm(acc, axis=1)[:, None]
    near = {name: float((units @ v).max()) for name, v in CUBE}
    faces = tuple(name for name, _ in FACES if near[name] > np.cos(np.deg2rad(35.0)))
    share = sum(value > np.cos(np.deg2rad(25.0)) for value in near.values()) / len(CUBE)
    return faces, float(share)
