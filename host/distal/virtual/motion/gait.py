"""One stride of walking as curves: how the shank turns and how the ankle travels.

The shapes are drawn by hand after what shank sensors show in slow and normal walking (swing peak of 200 to
400 deg/s, a quick dip at initial contact, a slow forward roll in stance, a fast one up to terminal contact)
and after the rockers of the foot (Perry, Gait Analysis: heel, ankle, forefoot). No recording is in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from scipy.interpolate import CubicSpline

from distal.model import SIDES, FloatArray, Side
from distal.units import RAD_PER_DEG
from distal.virtual.motion.curve import Constant, Curve, Path, glide, ramp, smooth

# Share of a stride since initial contact -> how fast the shank turns, degrees per stride (foot forward
# counts up). Terminal contact is at TC; before it the leg stands, after it the leg swings. The fastest roll
# comes before it: by 28 to 105 ms, 47 in the middle, at 12 shanks of people against their own feet.
TC = 0.65
_SPEED = (
    (0.0, -75), (0.008, -100), (0.018, -96), (0.032, -70), (0.055, -66), (0.085, -76), (0.13, -74),
    (0.20, -62), (0.30, -58), (0.38, -66), (0.445, -100), (0.52, -155), (0.577, -205), (0.61, -230),
    (0.64, -185), (0.667, -95), (0.70, 40), (0.745, 220), (0.79, 350), (0.84, 415), (0.875, 395),
    (0.91, 290), (0.94, 150), (0.96, 50), (0.975, -10), (0.99, -50), (1.0, -75),
)  # fmt: skip
STANCE_PHASES = np.concatenate([np.linspace(0, 0.06, 9)[:-1], np.linspace(0.06, TC - 0.05, 12), [TC - 0.025]])
SWING_PHASES = np.concatenate([np.linspace(TC, 0.95, 15), [0.97, 0.985]])
LANDING_DEG = 17.0  # the foot is this far ahead of the knee when it lands


def _make_angles() -> tuple[FloatArray, FloatArray]:
    """Integral of the speeds over a fine grid of the stride: (phases, angles in rad); it closes."""
    phase, speed = np.array(_SPEED, np.float64).T
    fine = np.linspace(0, 1, 2001)
    # the swing is scaled so that a stride ends at the angle it began with
    rate = np.interp(fine, phase, speed)
    step = np.diff(fine, prepend=0.0)
    forward, backward = (rate * step)[rate > 0].sum(), (rate * step)[rate < 0].sum()
    rate = np.where(rate > 0, rate * -backward / forward, rate)
    return fine, (LANDING_DEG + np.cumsum(rate * step)) * RAD_PER_DEG


_PHASE, _ANGLE = _make_angles()

Ground = Literal["level", "up", "down"]
# On stairs: pitch of the shank in degrees at shares of the stride, after the knee and hip curves of
# Riener, Rabuffetti & Frigo 2002 (Gait & Posture 15:32); going up the foot lands under a bent knee
_STAIRS = {
    "up": ((0.0, -8), (0.1, -15), (0.25, -18), (0.4, -16), (0.55, -15), (0.65, -30), (0.75, -58), (0.84, -50),
           (0.93, -22), (1.0, -8)),
    "down": ((0.0, 6), (0.1, 0), (0.25, -8), (0.4, -24), (0.55, -46), (0.65, -62), (0.72, -60), (0.82, -28),
             (0.92, 2), (1.0, 6)),
}  # fmt: skip


def pitch_at(phase: FloatArray, ground: Ground) -> FloatArray:
    """Pitch of the shank over the drawn stride, rad."""
    if ground == "level":
        return np.interp(phase, _PHASE, _ANGLE)
    at, degrees = np.array(_STAIRS[ground], np.float64).T
    return RAD_PER_DEG * np.asarray(CubicSpline(at, degrees, bc_type="periodic")(phase))


@dataclass(frozen=True, slots=True)
class Tread:
    """One stay of a foot on the floor, and how far its shank leans at both ends (1 is a full stride)."""

    ic_s: float
    tc_s: float
    place_m: float  # where the ankle stands, along the way
    front: float  # size of the lean at ic
    back: float  # size of the lean at tc
    aside_m: float = 0.0  # to the left
    up_m: float = 0.0
    heading: float = 0.0  # rad, to the left


@dataclass(frozen=True, slots=True)
class Lag:
    """How much later than the foot's contacts the shank turns as it does at a contact, s; people differ."""

    ic_s: float = 0.0
    tc_s: float = 0.0

    def of(self, tread: Tread) -> Tread:
        """The stay as the shank's turning shows it."""
        return replace(tread, ic_s=tread.ic_s + self.ic_s, tc_s=tread.tc_s + self.tc_s)


IN_STEP: Mapping[Side, Lag] = {side: Lag() for side in SIDES}


@dataclass(frozen=True, slots=True)
class Shape:
    """What does not change from stride to stride in one walk."""

    size: float  # of all leans
    tilt_deg: float = 3.0
    yaw_deg: float = 5.0
    ground: Ground = "level"


def shank_angles(treads: list[Tread], shape: Shape, span: tuple[float, float]) -> dict[str, Curve]:
    """pitch, tilt and yaw in rad over the span; upright and at rest at both ends of it."""
    times, phases, sizes = [], [], []
    for k, tread in enumerate(treads):
        part = STANCE_PHASES / TC
        times.append(tread.ic_s + part * (tread.tc_s - tread.ic_s))
        phases.append(STANCE_PHASES)
        # the change of size comes while the shank is about upright, where it changes the angle least
        sizes.append(tread.front + (tread.back - tread.front) * ramp((part - 0.1) / 0.6))
        if k + 1 < len(treads):
            swing = (SWING_PHASES - TC) / (1 - TC)
            times.append(tread.tc_s + swing * (treads[k + 1].ic_s - tread.tc_s))
            phases.append(SWING_PHASES)
            sizes.append(tread.back + (treads[k + 1].front - tread.back) * ramp((swing - 0.1) / 0.6))
    t, phase = np.concatenate(times), np.concatenate(phases)
    size = shape.size * np.concatenate(sizes)
    around = 2 * np.pi * phase
    waves = {
        "pitch": pitch_at(phase, shape.ground),
        "tilt": shape.tilt_deg * RAD_PER_DEG * np.sin(around + 0.7),
        "yaw": shape.yaw_deg * RAD_PER_DEG * (np.sin(around - 0.4) + 0.4 * np.sin(2 * around)),
    }
    before, after = np.linspace(span[0], treads[0].ic_s, 8)[:-1], np.linspace(treads[-1].tc_s, span[1], 8)
    all_t = np.concatenate([before, t, after])
    return {name: smooth(all_t, np.pad(size * wave, (7, 8))) for name, wave in waves.items()}


LOADED, HEEL_OFF = 0.14, 0.62  # share of stance: the foot is flat from, to
ROLL_IN_M, ROLL_OUT_M = 0.03, 0.13  # the ankle comes forward over the heel, and over the toes
# The ankle in swing, share of the swing: value, first and second derivative by that share.
# Ahead: share of the way from leaving to landing. Upwards: m, in a swing of full size.
_AHEAD = ((0.0, 0.0, 0.71, 2.8), (0.45, 0.49, 1.35, 0.0), (0.8, 0.90, 0.9, -2.8), (1.0, 1.0, 0.21, -2.8))
_UPWARD = (
    (0.0, 0.095, 0.39, -1.0), (0.22, 0.148, 0.06, -1.7), (0.5, 0.112, -0.27, 0.6),
    (0.8, 0.044, -0.15, 0.6), (1.0, 0.015, -0.14, 0.0),
)  # fmt: skip
Knot = tuple[float, float, float, float]  # s, then m, m/s, m/s2


def ankle_travel(treads: list[Tread], span: tuple[float, float]) -> tuple[Curve, Curve, Curve]:
    """Ahead, to the left and upwards, m. The foot is fixed while it is flat; it never slips."""
    return tuple(_travel(treads, span, axis) for axis in range(3))  # type: ignore[return-value]


def _travel(treads: list[Tread], span: tuple[float, float], axis: int) -> Curve:
    knots = [_stand(span[0], treads[0], axis)]
    for old, new in pairwise(treads):
        heel_off_s = old.ic_s + HEEL_OFF * (old.tc_s - old.ic_s)
        flat_s = new.ic_s + LOADED * (new.tc_s - new.ic_s)
        swing = _swing_upward(old, new) if axis == 2 else _swing_level(old, new, axis)
        knots += [_stand(heel_off_s, old, axis), *swing, _stand(flat_s, new, axis)]
    knots.append(_stand(span[1], treads[-1], axis))
    return Curve(*np.array(knots).T)


def _stand(t: float, tread: Tread, axis: int) -> Knot:
    return t, (tread.place_m, tread.aside_m, tread.up_m)[axis], 0.0, 0.0


def _swing_level(old: Tread, new: Tread, axis: int) -> list[Knot]:
    """The ankle leaves ahead of where it stood and lands behind where it will stand, along the heading."""
    part = np.sin if axis else np.cos
    leaves = _stand(0.0, old, axis)[1] + ROLL_OUT_M * old.back * float(part(old.heading))
    lands = _stand(0.0, new, axis)[1] - ROLL_IN_M * new.front * float(part(new.heading))
    swing_s, way = new.ic_s - old.tc_s, lands - leaves
    return [
        (old.tc_s + u * swing_s, leaves + x * way, v * way / swing_s, a * way / swing_s**2)
        for u, x, v, a in _AHEAD
    ]


def _swing_upward(old: Tread, new: Tread) -> list[Knot]:
    """The size glides from the leaving to the landing one: product rule for the derivatives."""
    swing_s, rise = new.ic_s - old.tc_s, new.up_m - old.up_m
    grow = glide([0.0, 1.0], [old.back, new.front])
    # up the stairs the foot is first lifted, down it is first brought ahead
    climb = glide([0.0, 0.8] if rise > 0 else [0.2, 1.0], [old.up_m, new.up_m])
    u, x, v, a = np.array(_UPWARD).T
    (s, ds, dds), (y, dy, ddy) = grow.at(u), climb.at(u)
    speed, bend = ds * x + s * v + dy, dds * x + 2 * ds * v + s * a + ddy
    rows = np.stack([old.tc_s + u * swing_s, y + s * x, speed / swing_s, bend / swing_s**2], axis=1)
    return [(t, place, pace, push) for t, place, pace, push in rows.tolist()]


def headings(treads: list[Tread], span: tuple[float, float]) -> Path:
    """Which way the shank points, rad: it turns from before its swing to after it."""
    if all(tread.heading == treads[0].heading for tread in treads):
        return Constant(treads[0].heading)
    times, values = [span[0]], [treads[0].heading]
    for old, new in pairwise(treads):
        times += [old.tc_s - 0.2 * (old.tc_s - old.ic_s), new.ic_s + 0.15 * (new.tc_s - new.ic_s)]
        values += [old.heading, new.heading]
    return glide([*times, span[1]], [*values, values[-1]])


def swing_out(treads: list[Tread], span: tuple[float, float], degrees: float) -> Path:
    """Circumduction: the shank tilts outward in every swing, rad."""
    if not degrees:
        return Constant(0.0)
    times = [span[0]]
    for old, new in pairwise(treads):
        times += [old.tc_s, 0.55 * old.tc_s + 0.45 * new.ic_s, new.ic_s]
    values = [0.0, *[0.0, degrees * RAD_PER_DEG, 0.0] * (len(treads) - 1), 0.0]
    return glide([*times, span[1]], values)


SHOCK_HZ, SHOCK_FADE_S, SHOCK_S = 17.0, 0.03, 0.15


def shock(contacts: FloatArray, peaks: FloatArray, end_s: float) -> Curve:
    """A short damped ringing of the shank after each contact, m; `peaks` of its acceleration, m/s2."""
    local = np.arange(0, SHOCK_S, 0.0025)
    ring = np.sin(2 * np.pi * SHOCK_HZ * local) * np.exp(-local / SHOCK_FADE_S)
    ring *= ramp(local / 0.02) * ramp((local[-1] - local) / 0.03)
    one = np.stack(smooth(local, ring).at(local))  # at rest at both ends: rings are joined by stillness
    one /= np.abs(one[2]).max()
    point = (peaks[:, None] * one[:, None, :]).reshape(3, -1)
    t = (contacts[:, None] + local).ravel()
    return Curve(np.append(t, max(end_s, t[-1] + 0.01)), *np.pad(point, ((0, 0), (0, 1))))
