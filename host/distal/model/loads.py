"""What the worn mass does to the body, of a lift, a set, a session. SI units; None is unknown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Literal

from distal.model.basics import Estimate

Joint = Literal["knee", "hip"]
JOINTS: tuple[Joint, Joint] = ("knee", "hip")


@dataclass(frozen=True, slots=True)
class BoutLoad:
    """Mean over the swings of one leg in a bout; intervals with mass, lever and sensor."""

    peak_force_n: Estimate | None = None
    peak_knee_moment_nm: Estimate | None = None
    lateral_force_n: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Force along one axis of the limb: at its largest, signed, and its size added up over the lift."""

    peak_n: float
    impulse_ns: float


@dataclass(frozen=True, slots=True)
class LimbAxes:
    """Force on the worn mass along the limb (to the foot +), outward and forward; None: axis not known."""

    along: Part
    outward: Part | None = None
    forward: Part | None = None


@dataclass(frozen=True, slots=True)
class JointLoad:
    """The worn mass's moment about one joint over a lift, or the code of the reason why it is not known."""

    peak_moment_nm: Estimate | None = None
    impulse_nms: Estimate | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """Load of the worn mass over one lift; None is unknown. See the analysis README for the formulas."""

    about: Joint | None = None
    peak_force_n: float | None = None
    peak_moment_nm: float | None = None
    impulse_nms: float | None = None
    impulse_concentric_nms: float | None = None
    impulse_hold_nms: float | None = None
    impulse_eccentric_nms: float | None = None
    work_concentric_j: float | None = None
    work_eccentric_j: float | None = None
    peak_power_w: float | None = None
    lateral_force_n: float | None = None
    landing_peak_g: float | None = None
    low: "Load | None" = None  # ends of the 95 % interval of each member, where it is known
    high: "Load | None" = None
    reason: str | None = None  # why there is no moment
    # gravity's and inertia's part along the moment: at the instant of its peak, and over the lift
    peak_gravity_nm: float | None = None
    peak_inertia_nm: float | None = None
    impulse_gravity_nms: float | None = None
    impulse_inertia_nms: float | None = None
    peak_concentric_nm: float | None = None  # largest moment in each phase
    peak_hold_nm: float | None = None
    peak_eccentric_nm: float | None = None
    level_nm: float | None = None  # as told, else half of m g r
    above_level_s: float | None = None
    peak_power_lower_w: float | None = None  # the most negative: braking
    mean_power_lift_w: float | None = None
    mean_power_lower_w: float | None = None
    waist_force_n: float | None = None  # the same mass at the waist, held still
    waist_moment_nm: float | None = None  # and its moment about this joint of the leg that is lifted
    limb_moment_nm: float | None = None  # the limb's own part, without the worn mass: largest, over time
    limb_impulse_nms: float | None = None
    axes: LimbAxes | None = None
    joints: Mapping[Joint, JointLoad] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sized:
    """A part: how large, and its errors (half widths): the person's, each leg's, its own."""

    value: float
    n: int
    person: float = 0.0
    legs: Mapping[str, float] = field(default_factory=dict)
    own: float = 0.0

    @property
    def half(self) -> float:
        """All of them."""
        return sqrt(self.person**2 + self.own**2 + sum(leg**2 for leg in self.legs.values()))

    def scaled(self, by: float) -> "Sized":
        """So many times it."""
        legs = {side: by * leg for side, leg in self.legs.items()}
        return Sized(by * self.value, self.n, by * self.person, legs, by * self.own)


@dataclass(frozen=True, slots=True)
class Split:
    """How one quantity divides over named parts; percent is empty where the parts make up no whole."""

    amount: Mapping[str, Estimate | None]
    percent: Mapping[str, Estimate | None]
    coverage: float  # reps of which it is known, as a share of all
    reason: str | None = None  # why parts are not known
    sized: Mapping[str, Sized | None] = field(default_factory=dict)  # the parts, their errors by cause


@dataclass(frozen=True, slots=True)
class Distribution:
    """Where the load of some reps went: side, phase, joint, axis, third -> quantity -> how it divides."""

    reps: int
    splits: Mapping[str, Mapping[str, Split]]
