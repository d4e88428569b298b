"""Frozen records that cross the borders between parts of the host. SI units."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")
Placement = Literal["ankle", "shank", "foot"]


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it came over the air, before anything has looked into it."""

    cuff: str  # cuff id in hex, or the address while the id is not known
    t_host: float  # s, monotonic clock of the host at arrival
    data: bytes


@dataclass(frozen=True, slots=True)
class Facts:
    """What was said about the person and the wearing; None is unknown."""

    placement: Placement = "ankle"
    exercise: str | None = None
    mass_left_kg: float | None = None
    mass_right_kg: float | None = None
    body_mass_kg: float | None = None
    height_m: float | None = None
    sex: Literal["f", "m"] | None = None
    cuff_height_m: float = 0.08  # centre of the worn mass above the ankle joint

    def mass_kg(self, side: Side) -> float | None:
        """The worn mass of one leg."""
        return self.mass_left_kg if side == "left" else self.mass_right_kg


@dataclass(frozen=True, slots=True)
class Timebase:
    """Sample index of one leg -> session seconds: t = start_s + index / rate_hz."""

    start_s: float
    rate_hz: float

    def seconds(self, index: float) -> float:
        """Session time of a (fractional) sample index."""
        return self.start_s + index / self.rate_hz


@dataclass(frozen=True, slots=True)
class Track:
    """All samples of one leg on an even time grid; NaN rows are samples that are missing.

    gyr rad/s and acc m/s2 (specific force), both (n, 3) in sensor axes; clipped (n,) marks samples
    with a value at the end of its scale.
    """

    side: Side
    time: Timebase
    gyr: FloatArray
    acc: FloatArray
    clipped: BoolArray


Times = Mapping[Side, Timebase]
