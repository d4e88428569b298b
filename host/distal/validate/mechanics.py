"""Limbs whose load is known in closed form, and what the analysis makes of what a sensor on them feels.

Angles are written out as sines, so that rates, accelerations, forces and moments follow by hand; nothing is
taken from the code that is measured. Limb axes: x along it to the foot, which hangs at angle zero, y ahead,
z to the person's right. The truth is sampled far finer than the sensor.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from distal.analysis.even import RATE_HZ, Even
from distal.analysis.lifts import Lifts
from distal.analysis.load import RING2, Felt, feel
from distal.analysis.load_arm import Arm
from distal.analysis.load_rep import Worn, turning
from distal.model import FloatArray
from distal.units import RAD_PER_DEG, G
from distal.virtual.motion.body import random_mounting

MASS_KG, SHANK_M, THIGH_M = 1.5, 0.35, 0.43
FINE_HZ = 2000.0
EDGE_S = 1.0  # left out at both ends: a filter has no past there
KEYS = ("peak_force_n", "peak_moment_nm", "impulse_nms", "work_concentric_j", "work_eccentric_j")


@dataclass(frozen=True, slots=True)
class Wave:
    """An angle: middle + size * sin(2 pi hz t + phase), rad."""

    middle: float
    size: float = 0.0
    hz: float = 1.0
    phase: float = 0.0

    def at(self, t: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Angle, rate, acceleration."""
        w = 2.0 * np.pi * self.hz
        turn = w * t + self.phase
        return (
            self.middle + self.size * np.sin(turn),
            self.size * w * np.cos(turn),
            -self.size * w * w * np.sin(turn),
        )


@dataclass(frozen=True, slots=True)
class Swing:
    """A shank, hung from a thigh that may swing too; both angles from hanging. None: the joint is fixed.

    spin_rad_s  the whole turns about the vertical through the joint
    offset_m    worn mass -> sensor, limb axes
    seconds     of it that are looked at
    """

    name: str
    shank: Wave
    thigh: Wave | None = None
    spin_rad_s: float = 0.0
    offset_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    mounting: FloatArray = field(default_factory=lambda: np.eye(3))
    seconds: float = 8.0


def _motion(swing: Swing, t: FloatArray, point: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Turning rate, specific force at a point of the shank (from the knee), up; (n, 3), limb axes."""
    angle, rate, bend = swing.shank.at(t)
    sin, cos, none = np.sin(angle), np.cos(angle), np.zeros_like(t)
    up = np.stack([-cos, sin, none], axis=1)
    gyr = np.stack([none, none, rate], axis=1) + swing.spin_rad_s * up
    # rate of the rate in the limb's own axes: spin is carried round by the swing
    turned = np.stack([none, none, bend], axis=1) + swing.spin_rad_s * rate[:, None] * np.stack(
        [sin, cos, none], axis=1
    )
    acc = G * up + np.cross(turned, point) + np.cross(gyr, np.cross(gyr, point))
    if swing.thigh is not None:
        above, rate1, bend1 = swing.thigh.at(t)
        along = THIGH_M * np.stack([-(rate1**2), bend1], axis=1)  # of the knee, along and ahead of the thigh
        off = above - angle  # from the shank's axes to the thigh's
        acc[:, 0] += along[:, 0] * np.cos(off) - along[:, 1] * np.sin(off)
        acc[:, 1] += along[:, 0] * np.sin(off) + along[:, 1] * np.cos(off)
    return gyr, acc, up


def truth(swing: Swing) -> dict[str, float]:
    """Members of the load of the worn mass about the knee, by hand."""
    t = np.arange(EDGE_S, EDGE_S + swing.seconds, 1.0 / FINE_HZ)
    arm = np.array([SHANK_M, 0.0, 0.0])
    gyr, acc, _ = _motion(swing, t, arm)
    across, along = RING2
    inertia = MASS_KG * np.array([along, across, across])
    step = 1e-4  # the ring's own part: the change of its angular momentum, seen from outside
    before, after = (_motion(swing, t + sign * step, arm)[0] * inertia for sign in (-1.0, 1.0))
    ring = (after - before) / (2 * step) + np.cross(gyr, gyr * inertia)
    moment = np.linalg.norm(np.cross(arm, MASS_KG * acc) + ring, axis=1)
    power = MASS_KG * np.einsum("ni,ni->n", acc, np.cross(gyr, arm))
    return {
        "peak_force_n": MASS_KG * float(np.linalg.norm(acc, axis=1).max()),
        "peak_moment_nm": float(moment.max()),
        "impulse_nms": float(moment.sum()) / FINE_HZ,
        "work_concentric_j": float(np.maximum(power, 0.0).sum()) / FINE_HZ,
        "work_eccentric_j": float(np.minimum(power, 0.0).sum()) / FINE_HZ,
    }


def found(swing: Swing, mass_kg: float = MASS_KG) -> dict[str, float]:
    """The same from what a sensor feels, through the analysis; the offset and the axis are told."""
    felt, arm = felt_by(swing), Arm("knee", SHANK_M, swing.mounting[:, 0])
    n = round(EDGE_S * RATE_HZ), round((EDGE_S + swing.seconds) * RATE_HZ)
    lift = felt.cut(*n)
    end = len(lift.acc)
    load = turning(Lifts(lift, np.array([[0, end, end, end]])), arm, Worn(mass_kg))
    force = mass_kg * float(np.linalg.norm(lift.acc, axis=1).max())
    return {
        "peak_force_n": force,
        **{key: values[0] for key, values in load.items() if isinstance(values[0], float)},
    }


def felt_by(swing: Swing) -> Felt:
    """What the worn mass feels, from the sensor's samples."""
    t = np.arange(0.0, swing.seconds + 2 * EDGE_S, 1.0 / RATE_HZ)
    place = np.array([SHANK_M, 0.0, 0.0]) + np.array(swing.offset_m)
    gyr, acc, up = (rows @ swing.mounting.T for rows in _motion(swing, t, place))
    there = np.ones(len(t), np.bool_)
    x, y, z = (-swing.mounting @ np.array(swing.offset_m)).tolist()
    return feel(Even(gyr, acc, there, ~there), up, (x, y, z))


DEG = RAD_PER_DEG
FALL = Wave(45 * DEG, 45 * DEG, 0.25, -np.pi / 2)  # from hanging to level and back in 4 s, whole swings


def cases() -> list[Swing]:
    """Everything that is measured, once as drawn and once each with a turned and a displaced sensor."""
    plain = [
        Swing("static hold, level", Wave(90 * DEG)),
        Swing("static hold, half way", Wave(40 * DEG)),
        Swing("rigid pendulum, slow", FALL),
        Swing("rigid pendulum, fast", Wave(0.0, 60 * DEG, 0.7), seconds=10 / 0.7),
        Swing("constant turn about the vertical", Wave(60 * DEG), spin_rad_s=4.0),
        Swing("turn and swing at once", Wave(50 * DEG, 25 * DEG, 0.5), spin_rad_s=2.0),
        Swing("two-link swing", Wave(30 * DEG, 40 * DEG, 0.5), Wave(20 * DEG, 25 * DEG, 0.5, 0.6)),
        Swing("two-link swing, fast", Wave(10 * DEG, 45 * DEG, 1.0), Wave(10 * DEG, 25 * DEG, 1.0, 0.9)),
    ]  # fmt: skip
    return [one for k, swing in enumerate(plain) for one in _worn_otherwise(swing, k)]


def _worn_otherwise(swing: Swing, k: int) -> list[Swing]:
    turned = replace(swing, name=f"{swing.name}; mounted any way", mounting=random_mounting(k + 1))
    offsets = ((0.05, 0.0, 0.0), (-0.05, 0.0, 0.0), (0.0, 0.05, -0.05))
    return [
        swing,
        turned,
        *(replace(turned, name=f"{swing.name}; sensor {_cm(off)} off", offset_m=off) for off in offsets),
    ]


def _cm(offset: tuple[float, float, float]) -> str:
    return " ".join(f"{100 * part:+.0f}" for part in offset) + " cm"
