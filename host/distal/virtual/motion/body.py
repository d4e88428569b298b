"""The virtual athlete's body: lengths, postures, and the two ways a leg hangs together.

Axes of every part in upright standing: x ahead, y to the left, z up, for both legs. The cuff's nominal axes:
x along the limb towards the foot, z outward, y completes the right-handed set (forward on the right leg,
backward on the left); at rest standing it reads -g on x. Angles in degrees, as people say them: flexion,
abduction and outward rotation count up on both sides.
"""

from dataclasses import dataclass, field, fields, replace

import numpy as np

from distal.model import FloatArray, Side
from distal.units import RAD_PER_DEG
from distal.virtual.motion.chain import STILL, Chain, Shift, Turn, X, Y, Z
from distal.virtual.motion.curve import Constant, Path, glide
from distal.virtual.motion.wearing import Wearing

# Segment lengths as a share of the height (Winter, Biomechanics and Motor Control, fig. 4.1)
THIGH_SHARE, SHANK_SHARE = 0.245, 0.246
OUTWARD: dict[Side, float] = {"left": 1.0, "right": -1.0}  # sign of y away from the other leg
# From the shank's axes to those of a cuff worn as drawn
NOMINAL: dict[Side, FloatArray] = {
    side: np.array([[0.0, 0.0, -1.0], [-out, 0.0, 0.0], [0.0, out, 0.0]]) for side, out in OUTWARD.items()
}


@dataclass(frozen=True, slots=True)
class Athlete:
    """Who moves, and how the cuffs are worn.

    mounting: side -> (3, 3) rotation from the shank's axes to the sensor's; none is the nominal one.
    wearing: side -> what is wrong with how that leg's cuff is worn.
    is_swapped: the cuff named left is on the right leg, and the other way round.
    body_mass_kg: said in the truth; nothing depends on it.
    sensor_offset_m: from the worn mass's centre, which lies on the shank's long axis, to the sensor.
    """

    height_m: float = 1.75
    cuff_height_m: float = 0.08  # of the worn mass's centre above the ankle joint
    sensor_offset_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    mounting: dict[Side, FloatArray] = field(default_factory=dict)
    wearing: dict[Side, Wearing] = field(default_factory=dict)
    is_swapped: bool = False
    body_mass_kg: float | None = None

    @property
    def thigh_m(self) -> float:
        """Hip to knee."""
        return THIGH_SHARE * self.height_m

    @property
    def shank_m(self) -> float:
        """Knee to ankle."""
        return SHANK_SHARE * self.height_m

    @property
    def knee_to_mass_m(self) -> float:
        """Knee to the worn mass's centre."""
        return self.shank_m - self.cuff_height_m


@dataclass(frozen=True, slots=True)
class Angles:
    """Pelvis and joints of one leg, degrees. All zero: standing upright."""

    recline: float = 0.0  # trunk leant back; 90 lies on the back, -90 is a trunk level and face down
    roll: float = 0.0  # about the body's own long axis; lying, +90 puts the left side down
    hip_flexion: float = 0.0
    hip_abduction: float = 0.0
    hip_rotation: float = 0.0  # outward
    knee_flexion: float = 0.0

    @property
    def shank_pitch(self) -> float:
        """Of the shank in the plane of walking, trunk upright: the foot ahead of the knee counts up."""
        return self.hip_flexion - self.knee_flexion


JOINTS = tuple(item.name for item in fields(Angles))


@dataclass(frozen=True, slots=True)
class Posture:
    """A way to be at rest, both legs alike."""

    name: str
    angles: Angles

    @property
    def is_upright(self) -> bool:
        """Trunk above the hips."""
        return self.angles.recline == 0.0


STANDING = Posture("standing", Angles())
SITTING = Posture("sitting", Angles(hip_flexion=90, knee_flexion=90))
SUPINE = Posture("supine", Angles(recline=90))
PRONE = Posture("prone", Angles(recline=90, roll=180))
LYING_LEFT = Posture("lying_left", Angles(recline=90, roll=90))
LYING_RIGHT = Posture("lying_right", Angles(recline=90, roll=-90))
KNEELING = Posture("kneeling", Angles(recline=-90, hip_flexion=90, knee_flexion=90))
CURLED_LEFT = Posture("curled_left", Angles(recline=90, roll=90, hip_flexion=45, knee_flexion=90))
CURLED_RIGHT = Posture("curled_right", replace(CURLED_LEFT.angles, roll=-90))
POSTURES = {
    posture.name: posture
    for posture in (
        STANDING, SITTING, SUPINE, PRONE, LYING_LEFT, LYING_RIGHT, KNEELING, CURLED_LEFT, CURLED_RIGHT,
    )
}  # fmt: skip


def radians(degrees: float) -> Constant:
    """A joint that does not move."""
    return Constant(degrees * RAD_PER_DEG)


def hang_from_hip(athlete: Athlete, side: Side, paths: dict[str, Path]) -> Chain:
    """A leg whose hip is fixed at the origin; ends at the worn mass's centre. `paths` by name of JOINTS."""
    out = OUTWARD[side]
    return Chain(
        (
            Turn(Y, paths["recline"], -1.0),
            Turn(Z, paths["roll"]),
            Turn(Y, paths["hip_flexion"], -1.0),
            Turn(X, paths["hip_abduction"], out),
            Turn(Z, paths["hip_rotation"], out),
            Shift((0.0, 0.0, -athlete.thigh_m)),
            Turn(Y, paths["knee_flexion"]),
            Shift((0.0, 0.0, -athlete.knee_to_mass_m)),
        )
    )


@dataclass(frozen=True, slots=True)
class Sole:
    """How a shank leans over its foot, rad, and how the ankle travels, m in earth axes."""

    pitch: Path  # the foot ahead of the knee counts up
    tilt: Path = STILL  # the foot outward of the knee counts up
    yaw: Path = STILL  # toes outward
    ankle: tuple[Path, Path, Path] = (STILL, STILL, STILL)
    heading: Path = STILL  # which way the foot walks, to the left counts up


def stand_on_ankle(athlete: Athlete, side: Side, sole: Sole) -> Chain:
    """A leg that is led by its foot; ends at the worn mass's centre."""
    out = OUTWARD[side]
    links = (
        Turn(Z, sole.heading),
        Turn(Z, sole.yaw, out),
        Turn(Y, sole.pitch, -1.0),
        Turn(X, sole.tilt, out),
        Shift((0.0, 0.0, athlete.cuff_height_m)),
    )
    return Chain(links, sole.ankle)


def change_angles(span: tuple[float, float], old: Angles, new: Angles) -> dict[str, Path]:
    """All joints from old to new in one minimum-jerk glide."""
    paths: dict[str, Path] = {}
    for name in JOINTS:
        first, last = getattr(old, name), getattr(new, name)
        moves = glide(list(span), [first * RAD_PER_DEG, last * RAD_PER_DEG])
        paths[name] = radians(first) if first == last else moves
    return paths


def random_mounting(seed: int) -> FloatArray:
    """A rotation (3, 3) drawn evenly from all: a cuff put on any way round (quaternion of four normals)."""
    w, x, y, z = _unit(np.random.default_rng(seed).standard_normal(4))
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def _unit(vector: FloatArray) -> FloatArray:
    out: FloatArray = vector / np.linalg.norm(vector)
    return out
