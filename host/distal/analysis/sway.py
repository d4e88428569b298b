"""Shank sway: quiet stance found in the samples, and how the shank tilts in it.

Tilt comes from the gyro above `CROSS_HZ` and from gravity below: an accelerometer alone over-reads the tilt
of a pendulum of length r by r w^2 / g, 12 % at 0.5 Hz for r = 0.12 m. What is left of it here is at most
r (2 pi CROSS_HZ)^2 / 2 g, 1 % for r = 0.12 m. It is the sway of the *shank*, near the pivot, not of the
centre of mass; there are no norms for it. Path and velocity grow with band and noise, so both are stated.
Sources: Prieto 1996 (measures), Mancini 2012 (jerk; theirs is of the trunk).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.fft import dct, idct, next_fast_len

from distal.analysis.even import RATE_HZ, Even, join, part_of
from distal.analysis.rotate import unit
from distal.model import BoolArray, FloatArray, SwayAngle
from distal.units import DEG_PER_RAD, RAD_PER_DEG, G

BAND_HZ = (0.02, 3.5)  # slower is drift, faster is tremor
CROSS_HZ = 0.2
NOISE_HZ = (5.0, 8.0)  # above sway, within the band of a 25 Hz sensor; tremor makes the floor read high
CHI2_95 = 5.991  # 95 % of a chi squared with two degrees of freedom
LEAST_S = 20.0  # sway below 0.1 Hz needs two periods
LISTED_S = 10.0  # shorter stillness is not worth a line
MOST_S = 600  # a longer stretch is told by its first ten minutes: a cuff may lie still for a day
KEPT_S = 1800.0  # of all stretches together: a day needs no more memory than its first half hour of stillness
TURNING = 10.0 * RAD_PER_DEG  # rad/s: faster is a movement. Sway of 1 degree at 1 Hz peaks at 6.3 degrees/s
LEANS = 8.0 * RAD_PER_DEG  # from where the span began: stance on both feet leaves about this for the ankle
OFF_G = 1.0  # m/s2: more is no rest. An uncalibrated sensor is off by 0.4
SECOND = int(RATE_HZ)
_MEAN = np.full(SECOND, 1.0 / SECOND)
FLOOR_N = 60 * SECOND  # a minute tells the noise


@dataclass(frozen=True, slots=True)
class Quiet:
    """Stillness of one leg: samples [start, start + len(gyr)) at RATE_HZ."""

    start: int
    gyr: FloatArray
    acc: FloatArray


class QuietFinder:
    """Collects stretches of at least LISTED_S in which the shank hardly turns. Streaming, in seconds."""

    def __init__(self) -> None:
        self.found: list[Quiet] = []
        self.left_out = 0  # stretches that came when KEPT_S were full of the shortest that tell anything
        self._rest: list[Even] = []
        self._second = 0  # seconds judged
        self._run: list[tuple[FloatArray, FloatArray]] = []
        self._passed = 0  # seconds of the run that are not kept
        self._up = np.zeros(3)

    def update(self, even: Even) -> None:
        """Take samples at RATE_HZ."""
        self._rest.append(even)
        have = sum(len(part) for part in self._rest)
        if have < SECOND:
            return
        whole = have // SECOND
        rows = join(self._rest)
        self._rest = [part_of(rows, whole * SECOND, have)] if have % SECOND else []
        self._judge(rows.gyr[: whole * SECOND], rows.acc[: whole * SECOND], rows.present[: whole * SECOND])

    def finish(self) -> None:
        """The end of the samples."""
        self._close()

    def _judge(self, gyr: FloatArray, acc: FloatArray, present: BoolArray) -> None:
        gyr, acc = gyr.reshape(-1, SECOND, 3), acc.reshape(-1, SECOND, 3)
        turning = np.sqrt(gyr[:, :, 0] ** 2 + gyr[:, :, 1] ** 2 + gyr[:, :, 2] ** 2)
        fastest = turning.reshape(len(gyr), 4, -1).mean(axis=2).max(axis=1)
        up = _MEAN @ acc
        size = np.sqrt(up[:, 0] ** 2 + up[:, 1] ** 2 + up[:, 2] ** 2)
        there = present.reshape(-1, SECOND).mean(axis=1) >= 0.1  # a second that is lost parts two spans
        still = (fastest < TURNING) & (np.abs(size - G) < OFF_G) & there
        for k in range(len(gyr)):
            if still[k]:
                self._add(gyr[k], acc[k], up[k] / size[k])
            else:
                self._close()
            self._second += 1

    def _add(self, gyr: FloatArray, acc: FloatArray, up: FloatArray) -> None:
        if self._run and float(up @ self._up) < np.cos(LEANS):
            self._close()
        if not self._run:
            self._up = up
        if len(self._run) < MOST_S + 2:
            self._run.append((gyr, acc))
        else:
            self._passed += 1

    def _close(self) -> None:
        run, self._run = self._run[1:-1], []  # a movement fades in and out within a second
        passed, self._passed = self._passed, 0
        if len(run) >= LISTED_S:
            gyr, acc = (np.concatenate([part[i] for part in run]) for i in (0, 1))
            self.found.append(Quiet((self._second - 1 - passed - len(run)) * SECOND, gyr, acc))
            self._make_room()

    def _make_room(self) -> None:
        """Halve the longest stretches: each keeps its beginning, and none below LEAST_S."""
        while sum(len(one.gyr) for one in self.found) > KEPT_S * RATE_HZ:
            k = max(range(len(self.found)), key=lambda i: len(self.found[i].gyr))
            n = len(self.found[k].gyr)
            if n <= LEAST_S * RATE_HZ:
                self.found.pop()
                self.left_out += 1
                return
            rows = slice(max(n // 2, round(LEAST_S * RATE_HZ)))
            # copies: a view would hold on to what is cut off
            self.found[k] = Quiet(
                self.found[k].start, self.found[k].gyr[rows].copy(), self.found[k].acc[rows].copy()
            )


def shank_sway(
    quiet: Quiet, sideways: FloatArray | None, axes: Literal["motion", "as_worn"] | None
) -> SwayAngle:
    """Measures of the tilt of one shank; `sideways` is the mediolateral axis in sensor axes, if known.

    error    amplitude within 1 % for r <= 0.12 m, frequency within a bin of 1 / (2 T) (test_sway.py)
    """
    quiet = _quick(quiet)
    up = unit(quiet.acc.mean(axis=0))
    across = _across(up, sideways)
    plane: list[FloatArray] = [unit(np.cross(across, up)), across]  # forward and back, sideways
    n = len(quiet.gyr)
    tilts = [_in_band(_tilt(quiet, up, axis)) for axis in plane]
    speeds = np.stack([np.diff(idct(tilt, norm="ortho")) for tilt in tilts])
    # by Parseval: a cosine of n samples has as much energy as its part, its derivative w^2 as much
    ap, ml = (float(tilt @ tilt) / n for tilt in tilts)
    both = float(tilts[0] @ tilts[1]) / n
    pushes = [_in_band(_parts(np.einsum("ni,i->n", quiet.acc, axis))) for axis in plane]
    jerks = sum(float(((push * 2.0 * np.pi * _bins_hz(n)) ** 2).sum()) / RATE_HZ for push in pushes)
    path = float(np.sqrt((speeds**2).sum(axis=0)).sum()) * DEG_PER_RAD
    floor, floor_velocity = _floor(quiet, up)
    return SwayAngle(
        rms_deg=float(np.sqrt(ap + ml)) * DEG_PER_RAD,
        rms_ap_deg=None if axes is None else float(np.sqrt(ap)) * DEG_PER_RAD,
        rms_ml_deg=None if axes is None else float(np.sqrt(ml)) * DEG_PER_RAD,
        path_deg=path,
        mean_velocity_deg_s=path * RATE_HZ / len(quiet.gyr),
        ellipse95_deg2=CHI2_95 * np.pi * float(np.sqrt(max(ap * ml - both**2, 0.0))) * DEG_PER_RAD**2,
        jerk_m2_s5=jerks / 2.0,
        median_hz=_median_hz(tilts),
        floor_deg=floor * DEG_PER_RAD,
        floor_velocity_deg_s=floor_velocity * DEG_PER_RAD,
        axes=axes,
    )


def _quick(quiet: Quiet) -> Quiet:
    """Cut to a length of small factors, at most some percent shorter: transforms of others take long."""
    n = len(quiet.gyr)
    while n > 1 and next_fast_len(n, real=True) != n:
        n -= 1
    return Quiet(quiet.start, quiet.gyr[:n], quiet.acc[:n])


def _across(up: FloatArray, sideways: FloatArray | None) -> FloatArray:
    """A unit vector across gravity: the mediolateral axis, or any when it is not known."""
    near = np.eye(3)[int(np.argmin(np.abs(up)))] if sideways is None else sideways
    return unit(near - up * float(near @ up))


def _tilt(quiet: Quiet, up: FloatArray, e: FloatArray) -> FloatArray:
    """Parts of the angle of gravity's up towards `e`, rad: slow from gravity, fast from the gyro.

    Small angles: with up fixed on earth, d(up . e)/dt = -w . (up x e) in sensor axes.
    """
    other = np.cross(up, e)
    along, side, high = (np.einsum("ni,i->n", quiet.acc, axis) for axis in (e, other, up))
    leaning = np.arctan2(along, np.hypot(side, high))
    turning: FloatArray = np.einsum("ni,i->n", quiet.gyr, other)
    rate = turning.mean() - turning
    turned = np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / (2.0 * RATE_HZ))])
    apart = _parts(leaning - turned) / (1.0 + (_bins_hz(len(turned)) / CROSS_HZ) ** 4)
    return _parts(turned) + apart


def _bins_hz(n: int) -> FloatArray:
    """Frequencies of a cosine transform of n samples: half periods fit, so the ends need no taper."""
    out: FloatArray = np.arange(n, dtype=np.float64) * (RATE_HZ / (2.0 * n))
    return out


def _without_line(values: FloatArray) -> FloatArray:
    t = np.arange(len(values), dtype=np.float64) - (len(values) - 1) / 2.0
    middle = values - values.mean()
    out: FloatArray = middle - t * float(t @ middle) / max(float(t @ t), 1e-12)
    return out


def _parts(values: FloatArray) -> FloatArray:
    """Cosine transform of what is left without the straight line through them."""
    out: FloatArray = dct(_without_line(values), norm="ortho")
    return out


def _in_band(parts: FloatArray) -> FloatArray:
    """The parts with zeros outside BAND_HZ."""
    hz = _bins_hz(len(parts))
    out: FloatArray = np.where((hz < BAND_HZ[0]) | (hz > BAND_HZ[1]), 0.0, parts)
    return out


def _median_hz(tilts: list[FloatArray]) -> float:
    """Frequency below which half of the power lies, both directions together."""
    power = tilts[0] ** 2 + tilts[1] ** 2
    total = np.cumsum(power)
    if total[-1] <= 0.0:
        return 0.0
    k = int(np.searchsorted(total, total[-1] / 2.0))
    before = float(total[k - 1]) if k else 0.0
    part = (float(total[-1]) / 2.0 - before) / max(float(power[k]), 1e-300)
    return float((k - 0.5 + part) * RATE_HZ / (2.0 * len(power)))


def _floor(quiet: Quiet, up: FloatArray) -> tuple[float, float]:
    """rms angle (rad) and mean speed (rad/s) of white noise like that in NOISE_HZ, both directions."""
    plane = np.eye(3) - np.outer(up, up)
    turning, pushing = (_density(rows[:FLOOR_N] @ plane) for rows in (quiet.gyr, quiet.acc))
    by_gyr = turning / (2.0 * np.pi) ** 2 * (1.0 / CROSS_HZ - 1.0 / BAND_HZ[1])
    by_acc = pushing / G**2 * (CROSS_HZ - BAND_HZ[0])
    speed = np.sqrt(turning / 2.0 * (BAND_HZ[1] - CROSS_HZ)) * np.sqrt(np.pi / 2.0)
    return float(np.sqrt(by_gyr + by_acc)), float(speed)


def _density(rows: FloatArray) -> float:
    """Power per Hz of (n, 3), summed over the axes, from the median in NOISE_HZ."""
    hz = _bins_hz(len(rows))
    near = (hz >= NOISE_HZ[0]) & (hz <= NOISE_HZ[1])
    parts = dct(rows, axis=0, norm="ortho")[near] ** 2
    # three axes carry two directions: the sum over them is what a rotation leaves alone
    return float(np.median(parts.sum(axis=1))) / (2.0 * float(np.log(2.0))) * 4.0 / RATE_HZ
