"""What a cuff's numbers are worth: a calibration, its JSON, and how rows are corrected by it. Pure.

true acc = acc_matrix (acc - acc_bias), true gyr = gyr - gyr_bias, in sensor axes and SI units; then both are
turned by `mounting`, where it is known, into the cuff's axes (x along the limb to the foot, z outward).
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import numpy as np

from distal.errors import DataError
from distal.model import FloatArray, SensorError
from distal.units import G

Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]
NONE: Triple = (0.0, 0.0, 0.0)
EYE: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
# Between two calibrations: gravity differs by 0.27 % from the standard over the Earth (9.780 at the equator,
# 9.832 at the poles), and an accelerometer's offset walks by some 0.2 mg per kelvin (allowance for 20 K)
GRAVITY = 0.0027
WALK_MPS2 = 0.004 * G


@dataclass(frozen=True, slots=True)
class Calibration:
    """One IMU's errors as measured; halves are half widths of 95 % intervals. None is not known."""

    acc_bias: Triple  # m/s2
    acc_matrix: Matrix
    gyr_bias: Triple  # rad/s
    acc_bias_half: Triple
    acc_scale_half: Triple
    gyr_bias_half: Triple
    cross_half: float  # of the elements beside the diagonal, share; near 0.6 % the data say nothing of them
    residual_mps2: float  # rms of what one gravity leaves unexplained
    method: Literal["rests", "tumble"]
    points: int  # rests, or moments of a tumble
    faces: tuple[str, ...]  # of the six: which were up
    coverage: float  # share of 26 directions (faces, edges, corners of a cube) that were seen
    cuff: str | None = None
    imu: str | None = None
    acc_range_g: int | None = None
    gyr_range_dps: int | None = None
    made: str = ""  # ISO date and time, UTC
    temperature_c: float | None = None
    mounting: Matrix | None = None  # sensor axes -> cuff axes

    def fits(self, imu: str | None, acc_range_g: int, gyr_range_dps: int) -> bool:
        """Whether it was made with this IMU at these ranges; what is not known of it fits all."""
        mine = (self.imu, self.acc_range_g, self.gyr_range_dps)
        return all(a in (None, b) for a, b in zip(mine, (imu, acc_range_g, gyr_range_dps), strict=True))

    @property
    def scale(self) -> Triple:
        """The sensor's own scale: what it reads for 1 m/s2 along each axis."""
        x, y, z = (1.0 / self.acc_matrix[i][i] for i in range(3))
        return x, y, z

    def error(self) -> SensorError:
        """How far a sensor corrected by this may still be off, later and elsewhere."""
        scale = float(np.hypot(max(self.acc_scale_half), GRAVITY))
        return SensorError(scale, float(np.hypot(max(self.acc_bias_half), WALK_MPS2)), self.made)

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON; floats come back bit for bit."""
        return asdict(self)


def from_dict(values: Mapping[str, Any]) -> Calibration:
    """A calibration from its JSON; unknown keys are left out. raises DataError when it is none"""
    names = {one.name for one in fields(Calibration)}
    try:
        known = {key: _frozen(value) for key, value in values.items() if key in names}
        found = Calibration(**known)
        _check(found)
    except (TypeError, ValueError, AttributeError) as error:
        raise DataError(f"this is no calibration ({error}). Make one with: distal calibrate") from None
    return found


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


def _check(found: Calibration) -> None:
    for key, shape in (("acc_bias", (3,)), ("acc_matrix", (3, 3)), ("gyr_bias", (3,)), ("mounting", (3, 3))):
        value = getattr(found, key)
        if value is None and key == "mounting":
            continue
        array = np.asarray(value, np.float64)
        if array.shape != shape or not np.isfinite(array).all():
            raise ValueError(f"{key} is not {' x '.join(map(str, shape))} numbers")


class Correction:
    """A calibration made ready for rows."""

    def __init__(self, calibration: Calibration) -> None:
        self.calibration = calibration
        self._turn = None if calibration.mounting is None else np.array(calibration.mounting)
        matrix = np.array(calibration.acc_matrix)
        self._matrix = matrix if self._turn is None else self._turn @ matrix
        self._acc_bias, self._gyr_bias = np.array(calibration.acc_bias), np.array(calibration.gyr_bias)

    def apply(self, gyr: FloatArray, acc: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(n, 3) rad/s and m/s2, NaN rows stay; the same bits however the rows are cut (einsum, no BLAS)."""
        acc = np.einsum("ij,nj->ni", self._matrix, acc - self._acc_bias)
        gyr = gyr - self._gyr_bias
        return (gyr if self._turn is None else np.einsum("ij,nj->ni", self._turn, gyr)), acc


def choose(
    known: Iterable[Calibration], cuff: str, imu: str | None, ranges: tuple[int, int]
) -> Calibration | None:
    """The newest calibration that fits a cuff with this IMU at these ranges (g, deg/s)."""
    return newest(one for one in known if one.cuff == cuff and one.fits(imu, *ranges))


def newest(known: Iterable[Calibration]) -> Calibration | None:
    """The last one made; of two made at once the later in the list."""
    return next(reversed(sorted(known, key=lambda one: one.made)), None)
