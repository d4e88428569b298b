"""Intervals of what the worn mass asks in walking: told as people tell, sensors that nobody calibrated."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from distal.analysis.interval import UNCALIBRATED
from distal.analysis.session import analyze
from distal.model import SIDES, Side
from distal.report.contract import to_dict
from distal.validate.athletes import Json, feel_piece, told_of
from distal.validate.contacts import longest_bout
from distal.validate.doubt import DOUBTS, felt, told
from distal.virtual.motion import KINDS_OF_CASES, Performance, Script, Walk
from distal.virtual.motion.people import some_athlete

WHOLE_S, START_S, PIECE_S = 34.0, 7.0, 20.0
KEYS = ("peak_force_n", "peak_knee_moment_nm", "lateral_force_n")
Scored = Mapping[str, tuple[float, float, bool]]


def score(seed: int) -> Scored:
    """One person: for each member of a leg's load the error, the half width, whether it holds the truth."""
    rng = np.random.default_rng((seed, 5))
    athlete, mass_kg = some_athlete(rng), float(rng.uniform(0.5, 2.5))
    walk = KINDS_OF_CASES["walk"]("walk", rng)[1]
    assert isinstance(walk, Walk)
    script = Script([replace(walk, duration_s=WHOLE_S)], "load", int(rng.integers(2**31)))
    performance = script.perform(athlete)
    facts = told(told_of(athlete, mass_kg), DOUBTS["label"], rng)
    legs = [feel_piece(performance, side, (seed, k), (START_S, PIECE_S)) for k, side in enumerate(SIDES)]
    report = to_dict(analyze([felt(leg, UNCALIBRATED, rng) for leg in legs], facts))
    load = longest_bout(report["bouts"]).get("load", {})
    out = {}
    for side in SIDES:
        for key, exact in _truth(performance, side, mass_kg).items():
            one = (load.get(side) or {}).get(key)
            if one is not None:
                out[f"{key}_{side}"] = _held(one, exact)
    return out


def _held(one: Json, exact: float) -> tuple[float, float, bool]:
    return one["value"] - exact, (one["high"] - one["low"]) / 2, one["low"] <= exact <= one["high"]


def _truth(performance: Performance, side: Side, mass_kg: float) -> Mapping[str, float]:
    """Means over the swings that were looked at."""
    steps = performance.truth(mass_kg, mass_kg)["steps"][side]
    seen = [one["load"] for one in steps if one["tc_s"] > START_S and one["ic_s"] < START_S + PIECE_S]
    return {key: float(np.mean([one[key] for one in seen])) for key in KEYS}
