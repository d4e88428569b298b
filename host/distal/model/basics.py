"""What everything else is made of: messages, facts, time bases, tracks, estimates. SI units."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")
OTHER: Mapping[Side, Side] = {"left": "right", "right": "left"}
Placement = Literal["ankle", "shank", "foot"]


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it came over the air, before anything has looked into it."""

    cuff: str  # cuff id in hex, or the address while the id is not known
    t_host: float  # s, monotonic clock of the host at arrival
    data: bytes
    is_late: bool = False  # handed over after the recording had ended: `t_host` is no arrival
    place: int | None = field(default=None, compare=False)  # in the order of arrival, as a recording keeps it


MassKnown = Literal["label", "weighed"]
MASS_ERROR: Mapping[MassKnown, float] = {"label": 0.05, "weighed": 0.01}  # of the mass, 95 % half width


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
    mass_left_known: MassKnown = "label"
    mass_right_known: MassKnown = "label"
    mass_left_error: float | None = None  # share of the mass, 95 % half width; None: as it is known
    mass_right_error: float | None = None
    cuff_height_error_m: float = 0.02  # 95 % half width
    # sensor -> centre of the worn mass, sensor axes as drawn (x to the foot, z outward), and how sure it is
    cuff_offset_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    cuff_offset_error_m: float = 0.02
    level_nm: float | None = None  # time with more turning load is counted; None: half of m g r

    def __post_init__(self) -> None:
        """A list, as JSON has it, becomes a tuple: facts are compared."""
        x, y, z = self.cuff_offset_m
        object.__setattr__(self, "cuff_offset_m", (float(x), float(y), float(z)))

    def mass_kg(self, side: Side) -> float | None:
        """The worn mass of one leg."""
        return self.mass_left_kg if side == "left" else self.mass_right_kg

    def mass_known(self, side: Side) -> MassKnown:
        """Where the worn mass of one leg comes from."""
        return self.mass_left_known if side == "left" else self.mass_right_known

    def mass_error(self, side: Side) -> float:
        """Half width of the mass's 95 % interval, as a share of it."""
        told = self.mass_left_error if side == "left" else self.mass_right_error
        return MASS_ERROR[self.mass_known(side)] if told is None else told


def with_mass(facts: Facts, side: Side, grams: int) -> Facts:
    """The worn mass of a leg, where none was said."""
    if facts.mass_kg(side) is not None:
        return facts
    kg = grams / 1000
    return replace(facts, mass_left_kg=kg) if side == "left" else replace(facts, mass_right_kg=kg)


@dataclass(frozen=True, slots=True)
class SensorError:
    """How far an IMU may be off: 95 % half widths; `made`: date of its calibration, None without one."""

    scale: float  # of acceleration, share
    bias_mps2: float
    made: str | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a report rests on beside the samples: what was said, and how good each leg's sensor is."""

    facts: Facts = field(default_factory=Facts)
    sensors: Mapping[Side, SensorError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timebase:
    """Sample index of one leg -> session seconds.

    Even: t = start_s + index / rate_hz. A clock that drifts, a pause or a reboot bend it: then it is straight
    between `bends`, (index, session seconds) in order, and goes on beyond them as at their ends.
    """

    start_s: float
    rate_hz: float
    bends: tuple[tuple[float, float], ...] = ()

    def seconds(self, index: float) -> float:
        """Session time of a (fractional) sample index."""
        if len(self.bends) < 2:
            return self.start_s + index / self.rate_hz
        (x0, y0), (x1, y1) = self._around(index, 0)
        return y0 + (index - x0) * (y1 - y0) / (x1 - x0)

    def index(self, t: float) -> float:
        """(Fractional) sample index of a session time."""
        if len(self.bends) < 2:
            return (t - self.start_s) * self.rate_hz
        (x0, y0), (x1, y1) = self._around(t, 1)
        return x0 + (t - y0) * (x1 - x0) / (y1 - y0)

    def _around(self, value: float, axis: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """The two bends whose straight line holds at a value of index (0) or time (1)."""
        after = bisect_left(self.bends, value, key=lambda bend: bend[axis])
        after = min(max(after, 1), len(self.bends) - 1)
        return self.bends[after - 1], self.bends[after]


@dataclass(frozen=True, slots=True)
class SyncReceipt:
    """How well the clocks of the two legs agree, and how that is known.

    offset_s   right cuff's clock minus left's, at the first instant that both recorded
    drift_ppm  how much faster the right cuff's clock runs
    p50_ms, p95_ms  error of a time on one leg against the other's: not more in so many of a hundred cases
    heard      a host heard the cuffs meanwhile; else their own crystals tell
    late_ms    session time may lag the host's clock by up to so much, the same for both legs; None: not asked
    """

    offset_s: float
    drift_ppm: float
    p50_ms: float
    p95_ms: float
    method: str
    span_s: float
    packets: Mapping[Side, int]
    late_ms: float | None = None
    heard: bool = True


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


EventKind = Literal["tc", "ic", "rep", "set"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something the analysis has become certain of. Positions are fractional sample indices of the leg."""

    kind: EventKind
    side: Side
    index: float  # when: contact, top of the rep, start of the set
    end: float  # a contact: the same; a rep or a set: its end


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval and the number of observations behind it."""

    value: float
    low: float
    high: float
    n: int
