"""The JSON contract as a table: what every key holds, and what must hold between them.

A kind is written as: "num", "int", "str", "bool", "time" (number, seconds); "?" behind it: or null;
a dict: an object with at least these keys; a list of one: a list of such; `maybe(x)`: x or null.
"""

import math
from collections.abc import Iterator
from typing import Any

from distal.exercises import EXERCISES

SIDES = ("left", "right")


def maybe(kind: Any) -> tuple[str, Any]:
    return ("maybe", kind)


def by_side(kind: Any) -> dict[str, Any]:
    return dict.fromkeys(SIDES, kind)


ESTIMATE = {"value": "num", "low": "num?", "high": "num?", "n": "int"}
RANGE = {"value": "num", "low": "num", "high": "num"}
LOAD = {
    "about": "str?",
    "peak_force_n": "num?",
    "peak_moment_nm": "num?",
    "impulse_nms": "num?",
    "impulse_by_phase_nms": {"concentric": "num?", "hold": "num?", "eccentric": "num?"},
    "work_concentric_j": "num?",
    "work_eccentric_j": "num?",
    "peak_power_w": "num?",
    "lateral_force_n": "num?",
    "landing_peak_g": "num?",
    "low": maybe({}),
    "high": maybe({}),
}
REP = {
    **dict.fromkeys(("start_s", "top_s", "end_s", "concentric_s", "hold_s", "eccentric_s"), "time"),
    **dict.fromkeys(("rom_deg", "roll_deg", "top_deg"), "num"),
    "flags": ["str"],
    "load": LOAD,
}
STEP_LOAD = dict.fromkeys(("peak_force_n", "peak_knee_moment_nm", "lateral_force_n"), "num?")
STEP = {
    "ic_s": "time",
    "tc_s": "time",
    "stride_s": "time?",
    "bout": "int?",
    "flags": ["str"],
    "load": STEP_LOAD,
}
SWAY_KEYS = (
    "rms_deg",
    "path_deg",
    "mean_velocity_deg_s",
    "ellipse95_deg2",
    "jerk_m2_s5",
    "median_hz",
    "floor_deg",
)
WEAR = {
    "side": "str?",
    "upside_down": "bool?",
    "twist_deg": "num?",
    "loose": "bool?",
    "evidence": "str?",
    "slid_deg": "num?",
}
CONTRACT = {
    "version": {"contract": "int", "analysis": "int"},
    "coverage": by_side("num?"),
    "cadence_spm": maybe(ESTIMATE),
    "steps": by_side([STEP]),
    "sets": [
        {
            "exercise": "str",
            "confidence": "num",
            "side": "str",
            "start_s": "time",
            "end_s": "time",
            "reps": [REP],
            "fatigue": maybe({"says": "str", "velocity_loss_pct": maybe(ESTIMATE), "changes": {}}),
        }
    ],
    "wear": by_side(maybe(WEAR)),
    "sway": [{"start_s": "time", "end_s": "time", **by_side(maybe(dict.fromkeys(SWAY_KEYS, "num?")))}],
    "warnings": [{"code": "str", "text": "str"}],
    "bouts": [{"start_s": "time", "end_s": "time", "running": "bool", "cadence_spm": maybe(ESTIMATE)}],
    "jumps": [{"takeoff_s": "time", "landing_s": "time", "flight_s": ESTIMATE, "height_m": ESTIMATE}],
    "mass": by_side(maybe({**RANGE, "known": "str"})),
    "cuff_height_m": RANGE,
    "sensor": by_side(maybe({"scale_error": "num", "bias_error_mps2": "num"})),
    "sync": maybe({}),
}
TYPES: dict[str, tuple[type, ...]] = {
    "num": (int, float),
    "time": (int, float),
    "int": (int,),
    "str": (str,),
    "bool": (bool,),
}


def strange(value: Any, kind: Any = CONTRACT, path: str = "") -> Iterator[str]:
    """What is not as the table says: a path and a sentence each."""
    if isinstance(kind, tuple):
        yield from () if value is None else strange(value, kind[1], path)
    elif isinstance(kind, dict):
        if not isinstance(value, dict):
            yield f"{path} is no object"
            return
        yield from (f"{path}/{key} is missing" for key in kind if key not in value)
        for key in kind.keys() & value.keys():
            yield from strange(value[key], kind[key], f"{path}/{key}")
    elif isinstance(kind, list):
        if not isinstance(value, list):
            yield f"{path} is no list"
            return
        for n, one in enumerate(value):
            yield from strange(one, kind[0], f"{path}/{n}")
    elif not (value is None and kind.endswith("?")) and not _is(value, kind.rstrip("?")):
        yield f"{path} is {value!r}, not {kind}"


def _is(value: Any, kind: str) -> bool:
    if kind != "bool" and isinstance(value, bool):
        return False
    return isinstance(value, TYPES[kind]) and not (isinstance(value, float) and not math.isfinite(value))


def untrue(report: dict[str, Any]) -> Iterator[str]:
    """What contradicts itself, or the meaning of a key."""
    for n, one in enumerate(report["sets"]):
        where = f"set {n}"
        if one["exercise"] not in EXERCISES and one["exercise"] != "unknown":
            yield f"{where}: {one['exercise']} is no code"
        if one["side"] not in (*SIDES, "both"):
            yield f"{where}: side {one['side']}"
        times = [rep["start_s"] for rep in one["reps"]]
        if times != sorted(times) or not one["reps"]:
            yield f"{where}: reps are not in order of time, or none"
        for k, rep in enumerate(one["reps"]):
            yield from (f"{where} rep {k}: {text}" for text in _untrue_rep(rep))
    if [one["start_s"] for one in report["sets"]] != sorted(one["start_s"] for one in report["sets"]):
        yield "sets are not in order of time"
    for side in SIDES:
        yield from (f"{side}: {text}" for text in _untrue_steps(report, side))


def _untrue_rep(rep: dict[str, Any]) -> Iterator[str]:
    parts = rep["concentric_s"] + rep["hold_s"] + rep["eccentric_s"]
    if abs(parts - (rep["end_s"] - rep["start_s"])) > 2e-4:
        yield f"phases make {parts}"
    if not rep["start_s"] <= rep["top_s"] <= rep["end_s"] or min(rep["concentric_s"], rep["eccentric_s"]) < 0:
        yield "times are not in order"
    load = rep["load"]
    if (load["work_concentric_j"] or 0) < 0 or (load["work_eccentric_j"] or 0) > 0:
        yield "work has the wrong sign"
    if load["about"] not in (None, "knee", "hip"):
        yield f"about {load['about']}"
    if load["about"] is None and load["peak_moment_nm"] is not None:
        yield "a moment about no joint"
    for key in load["low"] or {}:
        value = load.get(key)
        if value is not None and not load["low"][key] <= value <= load["high"][key]:
            yield f"{key} lies outside its interval"


def _untrue_steps(report: dict[str, Any], side: str) -> Iterator[str]:
    steps = report["steps"][side]
    at = [one["ic_s"] for one in steps]
    if at != sorted(at):
        yield "steps are not in order of time"
    if any(one["tc_s"] >= one["ic_s"] for one in steps):
        yield "a swing ends before it begins"
    if any(one["bout"] is not None and one["bout"] >= len(report["bouts"]) for one in steps):
        yield "a step of no bout"
    if report["coverage"][side] is None and (steps or report["wear"][side]):
        yield "an absent leg has results"
    if report["mass"][side] is None and any(one["load"]["peak_force_n"] is not None for one in steps):
        yield "a load without a mass"
