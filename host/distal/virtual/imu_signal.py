"""What an IMU's converters put out: motion at an instant, plus noise and bias, rounded and clipped."""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from distal.units import DEG_PER_RAD, G

Floats = NDArray[np.float64]
Counts = NDArray[np.int16]  # (n, 3)
Part = Literal["LSM6DSO32", "LSM6DSO"]

# Full-scale code -> mg per LSB (DS13607 table 3, DS12140 table 2)
ACC_MG: dict[Part, tuple[float, float, float, float]] = {
    "LSM6DSO32": (0.122, 0.976, 0.244, 0.488),  # 4, 32, 8, 16 g
    "LSM6DSO": (0.061, 0.488, 0.122, 0.244),  # 2, 16, 4, 8 g
}
# CTRL2_G bits 3:1 -> mdps per LSB; FS_125 (bit 0 of the code) wins over FS_G
GYR_MDPS = (8.75, 4.375, 17.5, 4.375, 35.0, 4.375, 70.0, 4.375)


class Motion(Protocol):
    """What the chip feels. In its own axes; outside 0..duration the pose is held still."""

    @property
    def duration_s(self) -> float:
        """Length of the motion."""

    def sample(self, t: Floats) -> tuple[Floats, Floats]:
        """Times (n,) in s -> angular rate (n, 3) in rad/s, specific force (n, 3) in m/s2."""


class World:
    """The motion's clock, shared by both legs: it begins with the first FIFO and rewinds with the last."""

    def __init__(self) -> None:
        self.start: float | None = None  # loop seconds of the motion's time 0
        self._running: set[int] = set()

    def begin(self, who: int, first_sample: float) -> None:
        """A FIFO was switched on; its first sample comes at `first_sample`, in loop seconds."""
        if not self._running:
            self.start = first_sample
        self._running.add(who)

    def end(self, who: int) -> None:
        """A FIFO was switched off."""
        self._running.discard(who)
        if not self._running:
            self.start = None

    def motion_time(self, t: Floats) -> Floats:
        """Loop seconds -> seconds of the motion; before it begins, a moment before 0."""
        return np.full_like(t, -1.0) if self.start is None else t - self.start


@dataclass(frozen=True, slots=True)
class ImuFaults:
    """How a chip differs from an ideal one. Defaults: the typical values of DS13607 table 3."""

    seed: int = 1
    gyr_noise_mdps: float = 3.8  # per sqrt(Hz)
    acc_noise_ug: float = 120.0  # per sqrt(Hz)
    gyr_bias_dps: tuple[float, float, float] = (0.0, 0.0, 0.0)
    acc_bias_mg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    gyr_scale: tuple[float, float, float] = (1.0, 1.0, 1.0)  # what it shows for 1
    acc_scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    acc_cross: tuple[float, float, float] = (0.0, 0.0, 0.0)  # of x in y and y in x; of x and z; of y and z
    drift_ppm: float = 0.0  # of the chip's oscillator; above 0 it is fast
    temperature_c: float = 30.0
    timestamp_start: int = 0  # of the timestamp counter when it is switched on or set back
    part: Part = "LSM6DSO32"  # "LSM6DSO": the wrong chip on the board, same id and other scale


class Converters:
    """Gyroscope and accelerometer of one chip."""

    def __init__(self, motion: Motion, world: World, faults: ImuFaults, stream: int = 0) -> None:
        """Two `stream`s of one seed give independent noise."""
        self._motion, self._world, self._faults = motion, world, faults
        self._random = np.random.default_rng((faults.seed, stream))
        self._noise: Floats = np.zeros((0, 6))  # drawn and not used
        self.gyr_code = self.acc_code = 0  # full scale, as in CTRL2_G and CTRL1_XL

    def counts(self, t: Floats, rate_hz: float) -> tuple[Counts, Counts]:
        """Angular rate and specific force at loop seconds `t`, as the registers hold them.

        Noise has the density's power up to half the rate; any cutting of `t` draws the same noise.
        """
        out = self.look_ahead(t, rate_hz)
        self.use(len(t))
        return out

    def use(self, n: int) -> None:
        """So many of the samples that were looked at have been taken: their noise is spent."""
        self._noise = self._noise[n:]

    def look_ahead(self, t: Floats, rate_hz: float) -> tuple[Counts, Counts]:
        """As `counts`, of samples that may never be taken."""
        missing = len(t) - len(self._noise)
        if missing > 0:
            self._noise = np.concatenate([self._noise, self._random.standard_normal((missing, 6))])
        gyr, acc = self._motion.sample(self._world.motion_time(t))
        noise = self._noise[: len(t)] * np.sqrt(rate_hz / 2)
        faults = self._faults
        gyr_mdps = gyr * np.multiply(faults.gyr_scale, DEG_PER_RAD * 1e3) + np.multiply(
            faults.gyr_bias_dps, 1e3
        )
        acc_mg = np.einsum("nj,ij->ni", acc * (1e3 / G), _acc_matrix(faults)) + np.array(faults.acc_bias_mg)
        gyr_mdps += noise[:, :3] * faults.gyr_noise_mdps
        acc_mg += noise[:, 3:] * (faults.acc_noise_ug * 1e-3)
        return (
            _convert(gyr_mdps, GYR_MDPS[self.gyr_code]),
            _convert(acc_mg, ACC_MG[faults.part][self.acc_code]),
        )


def _acc_matrix(faults: ImuFaults) -> Floats:
    xy, xz, yz = faults.acc_cross
    x, y, z = faults.acc_scale
    return np.array([[x, xy, xz], [xy, y, yz], [xz, yz, z]])


def _convert(value: Floats, lsb: float) -> Counts:
    return np.clip(np.rint(value / lsb), -32768, 32767).astype(np.int16)
