"""How the cuffs are worn, how somebody stood, and all that is known of a session."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from distal.model.basics import Basis, Estimate, Side, SyncReceipt
from distal.model.lifts import AcrossSets, ExerciseSet
from distal.model.loads import Distribution
from distal.model.walks import Bout, Impact, Jump, Step


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
    """A span of quiet stance. Session seconds; a leg is None with its reason among the reasons."""

    start_s: float
    end_s: float
    legs: Mapping[Side, SwayAngle | None]
    band_hz: tuple[float, float]
    confidence: float
    reasons: "tuple[Notice, ...]"


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning: a code for programs; its sentence is the catalogue's (`warn.CODE`), filled with `values`.

    text  the sentence itself, where it was not ours to write: a file's own damage
    """

    code: str
    text: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


def warn(code: str, **values: object) -> Notice:
    """A warning that the catalogue puts in words."""
    return Notice(code, values=values)


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
    impact: Mapping[Side, Impact | None] = field(default_factory=dict)
    walking_cost_pct: tuple[float, float] | None = None  # range from the literature, no measurement
    distribution: Distribution | None = None
    across_sets: tuple[AcrossSets, ...] = ()
