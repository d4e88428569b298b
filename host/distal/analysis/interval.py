"""How far a load may be off: mass, lever and sensor, carried to each member of a load.

Every cause is a half width that holds in 95 of 100 cases; independent causes add up as squares. A relative
cause scales the value; the bias of the accelerometer does not: it adds m b to a force, m b l to a moment,
m b l T to its time integral, m b times the way to work. Not in it: a joint that moves, a knee that bends.

Sources: label of a weight, 5 %, one that was weighed, 1 %, or as told (`model.MASS_ERROR`); shank and thigh
from body height, 6 %: residual SD of tibia and femur given stature is 12 mm, from the regressions of Trotter
& Gleser 1952 (2.52 tibia + 78.62 +- 3.37 cm, 2.38 femur + 61.41 +- 3.27 cm) at a stature SD of 66 mm; cuff
height 2 cm, or as told; an LSM6DSO32 that nobody calibrated: scale 1 %, bias 40 mg (allowances, not measured
here); one that is: the calibration's own intervals, local gravity and ageing (`calibration.py`). The scale
of a gyro is never calibrated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import hypot, pi, sin

from distal.analysis.load import SHANK, THIGH, hip_length_m, knee_length_m
from distal.model import Estimate, Facts, Joint, JointLoad, Load, SensorError, Side
from distal.units import G

SEGMENT = 0.06  # of shank or thigh: body height tells no more
TURNING = 0.01  # of turning rate: the gyro's scale
UNCALIBRATED = SensorError(scale=0.01, bias_mps2=0.04 * G)  # bias along any direction
# Of the bias this much stays across; where a limb hangs it turns the found axis along (test_interval.py)
ACROSS = {"knee": 0.5, "hip": 1.0}
# Where a rep begins, filters, peaks: 95 % of the errors of virtual people told exactly (`validate`, README)
METHOD = {"peak_force": 0.015, "lateral_force": 0.03, "peak_power": 0.07, "mean_power": 0.08}
METHOD |= {"impulse": 0.06, "work": 0.08, "peak": 0.035}  # peak: of a moment
JERK_PEAK = 1.875  # peak / mean speed of a minimum-jerk movement: Flash & Hogan 1985
TILT = 0.03  # rad, of up: what gravity gets too much, inertia gets too little
LIMB = 0.20  # of the limb's own part: see `segments.py`
SIGNED = frozenset({"lateral_force_n", "peak_inertia_nm", "impulse_inertia_nms", "peak_gravity_nm"})
NEGATIVE = frozenset({"work_eccentric_j", "peak_power_lower_w", "mean_power_lower_w"})


@dataclass(frozen=True, slots=True)
class Lifted:
    """What bounds need to know of a lift: durations of lift, hold, lower in s, range in rad, sensor."""

    side: Side
    up_s: float
    hold_s: float
    down_s: float
    rom: float
    sensor: SensorError = UNCALIBRATED


def lever_m(load: Load, facts: Facts) -> tuple[float, float] | None:
    """Joint -> worn mass and the half width of its interval, m; None when it is not known."""
    return None if load.about is None else arm_m(load.about, facts)


def arm_m(about: Joint, facts: Facts) -> tuple[float, float] | None:
    """Joint -> worn mass of a straight limb, and the half width of its interval, m."""
    length = knee_length_m(facts) if about == "knee" else hip_length_m(facts)
    if length is None or facts.height_m is None or length <= 0.0:
        return None
    # who has long shanks for the height has long thighs, too: their errors add up plainly
    share = SHANK + THIGH if about == "hip" else SHANK
    return length, hypot(facts.cuff_height_error_m, SEGMENT * share * facts.height_m)


@cache
def method(key: str) -> float:
    """The method's own share of a member's error, 95 % half width."""
    return next(share for name, share in METHOD.items() if key.startswith(name))


def segment_share(about: Joint | None, facts: Facts) -> float:
    """What of a lever's error is the person's, in both legs alike: half width as a share of the lever."""
    arm = None if about is None else arm_m(about, facts)
    if arm is None or facts.height_m is None:
        return 0.0
    return SEGMENT * (SHANK + THIGH if about == "hip" else SHANK) * facts.height_m / arm[0]


def level_error(facts: Facts, side: Side) -> float:
    """Half width of a moment beside a level, as a share; half of m g r errs along with the moment."""
    plain = hypot(method("peak_moment"), UNCALIBRATED.scale, UNCALIBRATED.bias_mps2 / G)
    arm = arm_m("knee", facts)
    if facts.level_nm is None or arm is None:
        return plain
    return hypot(plain, facts.mass_error(side), arm[1] / arm[0])


def _force_added(facts: Facts, lifted: Lifted) -> float:
    """m/s2 that adds to any part of f: bias, and an offset of the worn mass that is not known exactly."""
    speed = JERK_PEAK * lifted.rom / max(min(lifted.up_s, lifted.down_s), 0.2)
    turned = hypot(speed * speed, 2.0 * pi * lifted.rom / max(min(lifted.up_s, lifted.down_s), 0.2) ** 2)
    return hypot(lifted.sensor.bias_mps2, facts.cuff_offset_error_m * turned / 2.0)


def halves(load: Load, facts: Facts, lifted: Lifted) -> dict[str, float]:
    """Member of the load -> half width of its 95 % interval; only members whose causes are known."""
    mass = facts.mass_kg(lifted.side)
    if mass is None:
        return {}
    sure = hypot(facts.mass_error(lifted.side), lifted.sensor.scale)
    added = {"peak_force_n": 1.0, "lateral_force_n": 1.0}
    share = {key: hypot(sure, method(key)) for key in added}
    lever = lever_m(load, facts)
    if lever is not None:
        length, half = lever
        turned = _turned(ACROSS[load.about or "hip"] * length, lifted)
        added |= turned
        for key in turned:  # members that hang on the lever
            turning = TURNING if "power" in key or key.startswith("work") else 0.0
            share[key] = hypot(sure, method(key), turning, half / length)
    more = _force_added(facts, lifted)
    out = {
        key: hypot(share[key] * value, mass * more * added[key])
        for key in added
        if (value := getattr(load, key)) is not None
    }
    if load.waist_force_n is not None:
        out["waist_force_n"] = facts.mass_error(lifted.side) * load.waist_force_n
    return out | _split(load, lifted, out) | _limb(load)


def _turned(reach: float, lifted: Lifted) -> dict[str, float]:
    """Members of a moment -> what 1 m/s2 of bias adds to each, per kg."""
    way = 2.0 * reach * sin(min(lifted.rom, 3.1) / 2.0)
    up_s, down_s = max(lifted.up_s, 0.1), max(lifted.down_s, 0.1)
    return {
        **dict.fromkeys(PEAKS, reach),
        "impulse_nms": reach * (lifted.up_s + lifted.hold_s + lifted.down_s),
        "impulse_concentric_nms": reach * lifted.up_s,
        "impulse_hold_nms": reach * lifted.hold_s,
        "impulse_eccentric_nms": reach * lifted.down_s,
        "work_concentric_j": way,
        "work_eccentric_j": way,
        "peak_power_w": JERK_PEAK * way / up_s,
        "peak_power_lower_w": JERK_PEAK * way / down_s,
        "mean_power_lift_w": way / up_s,
        "mean_power_lower_w": way / down_s,
    }


PEAKS = ("peak_moment_nm", "peak_concentric_nm", "peak_hold_nm", "peak_eccentric_nm")


def _split(load: Load, lifted: Lifted, known: Mapping[str, float]) -> dict[str, float]:
    """Gravity and inertia: a share of the whole's interval each, and what a tilt moves between them."""
    out = {}
    for whole, names in (
        ("peak_moment_nm", ("peak_gravity_nm", "peak_inertia_nm")),
        ("impulse_nms", ("impulse_gravity_nms", "impulse_inertia_nms")),
    ):
        value = getattr(load, whole)
        for name in names:
            part = getattr(load, name)
            if value and part is not None and whole in known:
                out[name] = hypot(known[whole] * part / value, TILT * value)
    return out


def _limb(load: Load) -> dict[str, float]:
    own = {key: getattr(load, key) for key in ("limb_moment_nm", "limb_impulse_nms")}
    return {key: LIMB * value for key, value in own.items() if value is not None}


def bounds(load: Load, facts: Facts, lifted: Lifted) -> tuple[Load, Load]:
    """Lower and upper ends of the 95 % interval of every member; None where it is not known.

    A size stays >= 0 and work keeps its sign: what is lifted is not lowered by an uncertain scale.
    Those of the time above a level are known already.
    """
    half = halves(load, facts, lifted)
    ends = []
    for sign, given in ((-1.0, load.low), (1.0, load.high)):
        moved = {key: getattr(load, key) + sign * size for key, size in half.items()}
        for key in moved.keys() - SIGNED:
            moved[key] = min(moved[key], 0.0) if key in NEGATIVE else max(moved[key], 0.0)
        above_s = None if given is None else given.above_level_s
        ends.append(Load(about=load.about, above_level_s=above_s, **moved))
    return ends[0], ends[1]


def sure_joints(load: Load, facts: Facts, lifted: Lifted) -> dict[Joint, JointLoad]:
    """Moments about knee and hip with mass, lever and sensor in their intervals."""
    mass = facts.mass_kg(lifted.side)
    out: dict[Joint, JointLoad] = {}
    for joint, one in load.joints.items():
        arm = arm_m(joint, facts)
        if mass is None or arm is None or one.peak_moment_nm is None or one.impulse_nms is None:
            out[joint] = one
            continue
        share = hypot(facts.mass_error(lifted.side), lifted.sensor.scale, arm[1] / arm[0])
        reach = mass * _force_added(facts, lifted) * ACROSS[joint] * arm[0]
        whole_s = lifted.up_s + lifted.hold_s + lifted.down_s
        out[joint] = JointLoad(
            _wider(one.peak_moment_nm, hypot(share, method("peak_moment")), reach),
            _wider(one.impulse_nms, hypot(share, method("impulse")), reach * whole_s),
        )
    return out


def _wider(one: Estimate, share: float, added: float) -> Estimate:
    half = hypot(one.high - one.value, share * one.value, added)
    return Estimate(one.value, max(one.value - half, 0.0), one.value + half, one.n)
