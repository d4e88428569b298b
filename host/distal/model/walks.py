"""Steps, bouts, jumps. Session seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from distal.model.basics import Estimate, Side
from distal.model.loads import BoutLoad


@dataclass(frozen=True, slots=True)
class StepLoad:
    """Load of the worn mass in one swing; None is unknown."""

    peak_force_n: float | None = None
    peak_knee_moment_nm: float | None = None
    lateral_force_n: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One initial contact and the swing before it. Session seconds."""

    ic_s: float
    tc_s: float
    stride_s: float | None
    bout: int | None
    load: StepLoad
    impact_g: float | None = None  # peak of |f| - 1 g around the contact, at the sensor's rate
    flags: tuple[str, ...] = ()  # gap: samples are missing in the stride; clipped: at the sensor's limit


@dataclass(frozen=True, slots=True)
class Impact:
    """Impact exposure of one leg: a stimulus, never bone load. g above rest; dose: sum of fourth powers.

    under_read_pct  how much too small a 20 ms shock may be read for the sampling rate alone
    """

    steps: int
    landings: int
    median_g: float
    p95_g: float
    bands: Mapping[str, int]  # low, medium, high
    dose_g4: float
    clipped: int
    under_read_pct: float


@dataclass(frozen=True, slots=True)
class Spread:
    """How much strides of a bout differ; None below ten strides."""

    stride_time_sd_s: Estimate | None
    stride_time_cv_pct: Estimate | None
    stride_length_cv_pct: Estimate | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Right against left, positive = right larger: SI in percent, and 100 ln(right / left)."""

    stance_si_pct: Estimate | None
    swing_si_pct: Estimate | None
    stride_length_si_pct: Estimate | None
    swing_log_ratio_pct: Estimate | None


@dataclass(frozen=True, slots=True)
class Coordination:
    """How evenly the legs take turns."""

    phase_deg: Estimate | None  # 180 is even
    pci_pct: Estimate
    reference: Side  # the leg with the longer mean swing


@dataclass(frozen=True, slots=True)
class RunTimes:
    """On the floor and in the air while running."""

    contact_s: Estimate | None
    flight_s: Estimate | None
    duty_factor: Estimate | None


@dataclass(frozen=True, slots=True)
class Bout:
    """Walking or running without a stop. Session seconds; None is unknown or does not apply."""

    start_s: float
    end_s: float
    running: bool
    steps: Mapping[Side, int]
    cadence_spm: Estimate | None
    stride_time_s: Estimate | None
    stance_pct: Mapping[Side, Estimate | None]
    double_support_pct: Estimate | None
    stride_length_m: Estimate | None
    speed_mps: Estimate | None
    contact_s: Estimate | None  # running only, as flight_s and duty_factor
    flight_s: Estimate | None
    duty_factor: Estimate | None
    turn_deg: float | None  # left positive
    variability: Spread
    symmetry: Difference | None
    coordination: Coordination | None
    load: Mapping[Side, BoutLoad | None] = field(default_factory=dict)
    # Of running, with intervals of strides and this method alone, without what limits of agreement in the
    # literature add: to hold against other runs of the same person, not against a force plate.
    method_only: RunTimes | None = None


@dataclass(frozen=True, slots=True)
class Jump:
    """A flight. Session seconds; height from its time, g t^2 / 8."""

    side: Literal["left", "right", "both"]
    takeoff_s: float
    landing_s: float
    flight_s: Estimate
    height_m: Estimate
    contact_s: Estimate | None  # from the landing before, when it is less than a second ago
    rsi: Estimate | None  # reactive strength index, height / contact, m/s
