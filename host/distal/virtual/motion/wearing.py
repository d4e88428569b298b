"""How a cuff sits on the leg when it does not sit as drawn: links after the worn mass's centre.

A strap or the soft tissue under it is a damped spring: the sensor rings against the shank, driven by the
shank's own specific force, u'' + 2 d w u' + w^2 u = -f. The equation is solved exactly for a force that is a
straight line between knots; the quintic curve through place, speed and acceleration at the knots is what
moves the sensor, so that what it feels is exact for that curve.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.signal import cont2discrete, lfilter

from distal.model import FloatArray
from distal.units import RAD_PER_DEG
from distal.virtual.motion.chain import ACC, Link, Slide, Turn, X, Y, Z
from distal.virtual.motion.curve import Constant, Curve, Path, glide

KNOT_S = 0.004  # 16 in one period at 15 Hz


@dataclass(frozen=True, slots=True)
class Spring:
    """A resonance of the sensor against the shank: a loose strap, or soft tissue.

    turn_rad_per_m  the cuff also rocks and twists when it is shifted: about one over the leg's radius, halved
    """

    hz: float = 8.0
    damping: float = 0.08  # of critical
    turn_rad_per_m: float = 10.0


# A strap that flops (broad ringing at 5 to 20 Hz in slow walking), and the ordinary give of skin and muscle
LOOSE = (Spring(7.0, 0.10, 18.0), Spring(14.0, 0.08, 40.0))
TISSUE = (Spring(11.0, 0.30, 25.0),)


@dataclass(frozen=True, slots=True)
class Wearing:
    """One cuff on its leg.

    twist_deg  turn about the sensor's x that takes its z to outward; 0 as drawn
    slid_deg   how much twist_deg grows from the start to the end of the motion
    slid_m     how far the cuff slips down the leg in that time
    """

    is_upside_down: bool = False  # x towards the knee, z still outward
    twist_deg: float = 0.0
    slid_deg: float = 0.0
    slid_m: float = 0.0
    springs: tuple[Spring, ...] = ()

    @property
    def is_loose(self) -> bool:
        """A spring that rings for more than some periods."""
        return any(spring.damping < 0.2 for spring in self.springs)

    @property
    def flip(self) -> FloatArray:
        """(3, 3): half a turn about z when upside down."""
        return np.diag([-1.0, -1.0, 1.0]) if self.is_upside_down else np.eye(3)


Felt = Callable[[FloatArray], FloatArray]  # times -> state of the worn mass's centre, rows up to ACC


def straps(wearing: Wearing, duration_s: float, felt: Felt) -> tuple[Link, ...]:
    """From the worn mass's centre to the sensor's place on the leg, in shank axes."""
    way = -1.0 if wearing.is_upside_down else 1.0  # the sensor's x points up then
    links: list[Link] = []
    if wearing.twist_deg or wearing.slid_deg:
        ends = [
            way * angle * RAD_PER_DEG for angle in (wearing.twist_deg, wearing.twist_deg + wearing.slid_deg)
        ]
        links.append(Turn(Z, glide([0.0, duration_s], ends) if wearing.slid_deg else Constant(ends[0])))
    if wearing.slid_m:
        still = Constant(0.0)
        links.append(Slide((still, still, glide([0.0, duration_s], [0.0, -wearing.slid_m]))))
    for spring in wearing.springs:
        links += _ringing(spring, duration_s, felt)
    return tuple(links)


def _ringing(spring: Spring, duration_s: float, felt: Felt) -> list[Link]:
    """Shifted along all axes; rocked by the shift ahead, twisted by the shift aside."""
    t = np.linspace(0.0, duration_s, int(duration_s / KNOT_S) + 2)
    force = felt(t)[ACC]
    force = force - force[:, :1]  # the sag under gravity of the first pose is how the cuff sits
    shift = tuple(_solve(spring, t, along) for along in force)
    rock = Scaled(shift[X], spring.turn_rad_per_m)
    twist = Scaled(shift[Y], spring.turn_rad_per_m)
    return [Slide((shift[X], shift[Y], shift[Z])), Turn(Y, rock), Turn(Z, twist)]


def _solve(spring: Spring, t: FloatArray, force: FloatArray) -> Curve:
    """u and u' by the exact step of the linear system (first-order hold), u'' from its equation."""
    w = 2 * np.pi * spring.hz
    a = np.array([[0.0, 1.0], [-w * w, -2 * spring.damping * w]])
    system = (a, np.array([[0.0], [-1.0]]), np.eye(2), np.zeros((2, 1)))
    ad, bd, cd, dd, _ = cont2discrete(system, float(t[1] - t[0]), method="foh")
    # two states as two filters with the same poles
    poles = np.array([1.0, -np.trace(ad), np.linalg.det(ad)])
    u, v = (lfilter(_zeros(ad, bd, cd[row], float(dd[row, 0])), poles, force) for row in range(2))
    bend = -force - 2 * spring.damping * w * v - w * w * u
    u[0] = v[0] = bend[0] = 0.0
    v[-1] = bend[-1] = 0.0  # held after the end
    return Curve(t, np.asarray(u), np.asarray(v), np.asarray(bend))


def _zeros(a: FloatArray, b: FloatArray, row: FloatArray, direct: float) -> FloatArray:
    """Numerator of row (zI - a)^-1 b + direct, highest power first."""
    adjoint = np.array([[-a[1, 1], a[0, 1]], [a[1, 0], -a[0, 0]]])
    poles = np.array([1.0, -np.trace(a), np.linalg.det(a)])
    first, last = float(row @ b[:, 0]), float(row @ adjoint @ b[:, 0])
    out: FloatArray = direct * poles + np.array([0.0, first, last])
    return out


@dataclass(frozen=True, slots=True)
class Scaled:
    """A curve times a number."""

    path: Path
    by: float

    def at(self, t: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Value and derivatives, all scaled."""
        x, v, a = self.path.at(t)
        return self.by * x, self.by * v, self.by * a
