"""Frozen records that cross the borders between parts of the host. SI units."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    flags: tuple[str, ...] = ()  # gap: samples are missing in the stride; clipped: at the sensor's limit


@dataclass(frozen=True, slots=True)
class Load:
    """Load of the worn mass over one lift; None is unknown. See the analysis README for the formulas."""

    about: Literal["knee", "hip"] | None = None
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


@dataclass(frozen=True, slots=True)
class Rep:
    """One repetition. Session seconds; the three phases sum to end - start."""

    start_s: float
    top_s: float
    end_s: float
    concentric_s: float
    hold_s: float
    eccentric_s: float
    rom_deg: float
    roll_deg: float
    top_deg: float  # elevation of the limb at the top: -90 hanging, 0 level
    flags: tuple[str, ...]
    load: Load
    pace: "Pace | None" = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast and how smooth a rep was; None is unknown. Out: from start to top, back: from top to end."""

    mean_out_deg_s: float
    mean_back_deg_s: float
    peak_out_deg_s: float
    peak_back_deg_s: float
    sparc_out: float | None
    sparc_back: float | None
    ldlj_out: float | None
    ldlj_back: float | None
    mean_lift_mps: float | None = None  # speed of the worn mass on the way out, joint fixed
    shake_deg_s: float | None = None  # RMS turning at 3 to 12 Hz
    off_axis: float | None = None  # share of the turning that is not about the rep's own axis, 0 to 1


# The course of a limb, straight between (session s, elevation in degrees); a gap parts two pieces.
Trace = tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """How one kind of value went on over reps, sets or sessions, by a line through all of them."""

    kind: str  # lift_speed, rep_time, range, hold, smoothness, shake, off_axis
    unit: str
    start: float | None  # the line at the first one
    change: Estimate | None  # from first to last
    says: Literal["rises", "falls", "no_sign", "too_few"]


@dataclass(frozen=True, slots=True)
class Fatigue:
    """How a set went on. signs: the lift slowed beyond doubt; task_changed: another tempo or height."""

    says: Literal["signs", "no_sign", "too_few", "task_changed"]
    velocity_loss_pct: Estimate | None
    changes: tuple[Change, ...]
    changed_at: int | None  # number of the rep from which the task was another


@dataclass(frozen=True, slots=True)
class ExerciseSet:
    """Reps without a rest; `trace` is their course, for drawing."""

    exercise: str
    confidence: float
    side: Literal["left", "right", "both"]
    start_s: float
    end_s: float
    reps: tuple[Rep, ...]
    trace: Trace = ()
    fatigue: Fatigue | None = None


@dataclass(frozen=True, slots=True)
class Wear:
    """How a cuff seems to be worn, beside the drawn way (x to the foot, z outward); None is not known."""

    side: Side | None = None
    upside_down: bool | None = None
    twist_deg: float | None = None  # turn about x that takes z to where outward was found, -90 to 90
    loose: bool | None = None
    evidence: str | None = None
    slid_deg: float | None = None  # how far the cuff turned on the leg from early to late in the session
    confidence: Mapping[str, float] = field(default_factory=dict)  # key of the above -> 0 to 1


@dataclass(frozen=True, slots=True)
class SwayAngle:
    """Sway of one shank in a span of quiet stance; degrees, s, Hz. ap: forward and back, ml: sideways."""

    rms_deg: float  # both directions together
    rms_ap_deg: float | None
    rms_ml_deg: float | None
    path_deg: float
    mean_velocity_deg_s: float
    ellipse95_deg2: float
    jerk_m2_s5: float
    median_hz: float
    floor_deg: float  # rms that the sensor's noise alone would show, at most
    floor_velocity_deg_s: float
    axes: Literal["motion", "as_worn"] | None  # where ap and ml come from


@dataclass(frozen=True, slots=True)
class Stance:
    """A span of quiet stance. Session seconds; a leg is None with its reason in words."""

    start_s: float
    end_s: float
    legs: Mapping[Side, SwayAngle | None]
    band_hz: tuple[float, float]
    confidence: float
    reason: str | None


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


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning: a code for programs, a text that ends with what to do."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class SessionReport:
    """Everything the analysis knows about a session."""

    coverage: Mapping[Side, float | None]
    cadence_spm: Estimate | None
    steps: Mapping[Side, tuple[Step, ...]]
    sets: tuple[ExerciseSet, ...]
    wear: Mapping[Side, Wear | None]
    notices: tuple[Notice, ...]
    mass_kg: Mapping[Side, float | None]
    sway: tuple[Stance, ...] = ()
    bouts: tuple[Bout, ...] = ()
    jumps: tuple[Jump, ...] = ()
    rests_on: Basis = field(default_factory=Basis)
    sync: SyncReceipt | None = None
