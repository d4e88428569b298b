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

from dataclasses import dataclass, replace
from math import hypot, sin

from distal.analysis.load import SHANK, THIGH, hip_length_m, knee_length_m
from distal.model import Facts, Load, SensorError, Side
from distal.units import G

SEGMENT = 0.06  # of shank or thigh: body height tells no more
TURNING = 0.01  # of turning rate: the gyro's scale
UNCALIBRATED = SensorError(scale=0.01, bias_mps2=0.04 * G)  # bias along any direction
# Of the bias this much stays across; where a limb hangs it turns the found axis along (test_interval.py)
ACROSS = {"knee": 0.5, "hip": 1.0}
# Where a rep begins, filters, peaks: 95 % of the errors of virtual people told exactly (`validate`, README)
METHOD = {"peak_force": 0.015, "lateral_force": 0.03, "peak_moment": 0.035, "impulse": 0.06, "work": 0.08}
METHOD |= {"peak_power": 0.07}
JERK_PEAK = 1.875  # peak / mean speed of a minimum-jerk movement: Flash & Hogan 1985


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
    length = {"knee": knee_length_m, "hip": hip_length_m}.get(load.about or "", lambda _: None)(facts)
    if length is None or facts.height_m is None or length <= 0.0:
        return None
    # who has long shanks for the height has long thighs, too: their errors add up plainly
    share = SHANK + THIGH if load.about == "hip" else SHANK
    return length, hypot(facts.cuff_height_error_m, SEGMENT * share * facts.height_m)


def method(key: str) -> float:
    """The method's own share of a member's error, 95 % half width."""
    return next(share for name, share in METHOD.items() if key.startswith(name))


def halves(load: Load, facts: Facts, lifted: Lifted) -> dict[str, float]:
    """Member of the load -> half width of its 95 % interval; only members whose causes are known."""
    mass = facts.mass_kg(lifted.side)
    if mass is None:
        return {}
    added = {"peak_force_n": 1.0, "lateral_force_n": 1.0}
    sure = hypot(facts.mass_error(lifted.side), lifted.sensor.scale)
    share = {key: hypot(sure, method(key)) for key in added}
    lever = lever_m(load, facts)
    if lever is not None:
        length, half = lever
        reach = ACROSS[load.about or "hip"] * length
        way = 2.0 * reach * sin(min(lifted.rom, 3.1) / 2.0)
        whole_s = lifted.up_s + lifted.hold_s + lifted.down_s
        added |= {
            "peak_moment_nm": reach,
            "impulse_nms": reach * whole_s,
            "impulse_concentric_nms": reach * lifted.up_s,
            "impulse_hold_nms": reach * lifted.hold_s,
            "impulse_eccentric_nms": reach * lifted.down_s,
            "work_concentric_j": way,
            "work_eccentric_j": way,
            "peak_power_w": JERK_PEAK * way / max(lifted.up_s, 0.1),
        }
        for key in added.keys() - share.keys():  # members that hang on the lever
            turning = TURNING if key.startswith(("work", "peak_power")) else 0.0
            share[key] = hypot(sure, method(key), turning, half / length)
    known = {key: getattr(load, key) for key in added}
    return {
        key: hypot(share[key] * value, mass * lifted.sensor.bias_mps2 * added[key])
        for key, value in known.items()
        if value is not None
    }


def bounds(load: Load, facts: Facts, lifted: Lifted) -> tuple[Load, Load]:
    """Lower and upper ends of the 95 % interval of every member; None where it is not known.

    A size stays >= 0 and work keeps its sign: what is lifted is not lowered by an uncertain scale.
    """
    half = halves(load, facts, lifted)
    ends = []
    for sign in (-1.0, 1.0):
        moved = {key: getattr(load, key) + sign * size for key, size in half.items()}
        for key in moved.keys() - {"lateral_force_n"}:
            moved[key] = min(moved[key], 0.0) if key == "work_eccentric_j" else max(moved[key], 0.0)
        ends.append(replace(Load(about=load.about), **moved))
    return ends[0], ends[1]
