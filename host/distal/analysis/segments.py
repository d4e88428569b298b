"""The limb's own part: masses, centres and radii of thigh and shank with foot, from body mass and sex.

Shares of body mass, of segment length from the upper joint, and radius about the centre across the limb.
Sources: Winter 2009, table 4.1 (thigh; foot and leg) where the sex is not given; de Leva 1996 for f and m
(thigh; shank from knee to ankle joint centre, radii of the sagittal plane), its foot as a point below the
ankle by half of the ankle's height (Winter: .039 of the body's). Lengths are Winter's shares of body height.
The two tables differ by up to 12 %, living legs by more: `LIMB` is the half width given to the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distal.analysis.load import SHANK, THIGH, Felt, cross, moment_of
from distal.model import Facts, FloatArray

LIMB = 0.20
FOOT_BELOW = 0.039 / 2.0 / SHANK  # of the shank's length, under the ankle


@dataclass(frozen=True, slots=True)
class Segment:
    """A rigid part of the leg: mass, upper joint to its centre, radius of gyration across its length."""

    mass_kg: float
    centre_m: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class OwnLeg:
    """A leg without what it wears."""

    thigh: Segment
    shank: Segment  # with the foot
    thigh_m: float


# sex -> (mass, centre, radius) of thigh; of shank; of foot, all as shares
LEVA = {
    "f": ((0.1478, 0.3612, 0.369), (0.0481, 0.4352, 0.267), 0.0129),
    "m": ((0.1416, 0.4095, 0.329), (0.0433, 0.4395, 0.251), 0.0137),
}
WINTER = ((0.100, 0.433, 0.323), (0.061, 0.606, 0.416))


def own_leg(facts: Facts) -> OwnLeg | None:
    """The leg of a person; None without body mass or height."""
    if facts.body_mass_kg is None or facts.height_m is None:
        return None
    thigh, shank = WINTER if facts.sex is None else _leva(facts.sex)
    lengths = THIGH * facts.height_m, SHANK * facts.height_m
    parts = [
        Segment(share * facts.body_mass_kg, centre * length, radius * length)
        for (share, centre, radius), length in zip((thigh, shank), lengths, strict=True)
    ]
    return OwnLeg(parts[0], parts[1], lengths[0])


def _leva(sex: str) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Thigh, and shank and foot as one."""
    thigh, (mass, centre, radius), foot = LEVA[sex]
    below, whole = 1.0 + FOOT_BELOW, mass + foot
    middle = (mass * centre + foot * below) / whole
    spread = mass * (radius**2 + (centre - middle) ** 2) + foot * (below - middle) ** 2
    return thigh, (whole, middle, float(np.sqrt(spread / whole)))


def limb_moment_nm(
    felt: Felt, axis: FloatArray, at_m: float, parts: Sequence[tuple[float, Segment]]
) -> FloatArray:
    """(n, 3) N.m of the limb itself about its upper end.

    axis   unit, along the limb away from the joint; at_m: joint -> the point where `felt` is
    parts  (distance from the joint at which it begins, segment)
    """
    total = np.zeros_like(felt.acc)
    for begins, one in parts:
        centre = (begins + one.centre_m) * axis
        way = np.broadcast_to(centre - at_m * axis, felt.acc.shape)
        acc = felt.acc + cross(felt.turning, way) + cross(felt.gyr, cross(felt.gyr, way))
        there = Felt(felt.gyr, acc, felt.turning, felt.up)
        total += moment_of(there, centre, one.mass_kg, (axis, (one.radius_m**2, 0.0)))
    return total
