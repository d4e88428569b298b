"""Intervals of walks and runs: how many hold what is true of the person.

Some seconds are cut out of a long walk and looked at alone. True is what the person does all along, so that
few strides are a cause of error as they are for anybody; and people's shanks turn earlier or later about the
contacts of their feet, as in the literature (`people.LAG_S`), which the analysis is not told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from distal.analysis.session import analyze
from distal.model import OTHER, SIDES, FloatArray
from distal.report.contract import to_dict
from distal.validate.athletes import Json, feel_piece, told_of
from distal.validate.contacts import longest_bout
from distal.validate.doubt import draw
from distal.validate.figures import Figure, Section, Target, rounded
from distal.validate.walk_load import KEYS, score
from distal.virtual.motion import KINDS_OF_CASES, Performance, Run, Script, Walk
from distal.virtual.motion.people import some_athlete, some_lag

PEOPLE = {"walk": 160, "slow_walk": 80, "run": 160, "load": 80}
QUICK = 2
PIECE_S, WHOLE_S, EDGE_S = 20.0, 200.0, 20.0  # looked at; walked; of it not looked at, at both ends
EDGE_STRIDES = 4  # of a leg: from standing to full speed
COVERED = Target(0.93, 0.97)
LITERATURE = ("contact_s", "flight_s", "duty_factor")  # single contacts of other methods: told, not judged
Job = tuple[str, int]
Truth = Mapping[str, float]
WORDS = {
    "cadence_spm": "cadence",
    "stride_time_s": "stride time",
    "stance_left_pct": "stance, left",
    "stance_right_pct": "stance, right",
    "double_support_pct": "double support",
    "stride_length_m": "stride length",
    "speed_mps": "speed",
    "method_contact_s": "contact, interval of strides and method",
    "method_flight_s": "flight, interval of strides and method",
    "method_duty_factor": "duty factor, interval of strides and method",
    "contact_s": "contact, with the literature's limits of agreement, which these runners do not have",
    "flight_s": "flight, the same",
    "duty_factor": "duty factor, the same",
    "stride_time_sd_s": "stride time, SD",
    "stride_time_cv_pct": "stride time, CV",
    "stride_length_cv_pct": "stride length, CV",
    "stance_si_pct": "stance, right against left",
    "swing_si_pct": "swing, right against left",
    "swing_log_ratio_pct": "swing, log ratio",
    "stride_length_si_pct": "stride length, right against left",
    "phase_deg": "phase of one leg in the other's stride",
    "pci_pct": "phase coordination index",
}


@dataclass(frozen=True, slots=True)
class Held:
    """One person: for each number the error, the half width, and whether the interval holds the truth."""

    kind: str
    errors: Mapping[str, tuple[float, float, bool]]


def jobs(quick: bool) -> list[Job]:
    """One person each."""
    return [(kind, seed) for kind, n in PEOPLE.items() for seed in range(1, 1 + (QUICK if quick else n))]


def work(_quick: bool, job: Job) -> Held:
    """Score one person."""
    kind, seed = job
    if kind == "load":
        return Held(kind, score(seed))
    rng = np.random.default_rng((seed, 4, *kind.encode()))
    athlete = some_athlete(rng)
    move = KINDS_OF_CASES[kind](kind, rng)[1]
    assert isinstance(move, Walk | Run)
    move = replace(move, duration_s=WHOLE_S, lag=some_lag(rng, kind == "run"))
    performance = Script([move], kind, int(rng.integers(2**31))).perform(athlete)
    start_s = float(rng.uniform(EDGE_S, WHOLE_S - EDGE_S - PIECE_S))
    legs = [feel_piece(performance, side, (seed, k), (start_s, PIECE_S)) for k, side in enumerate(SIDES)]
    facts = told_of(athlete, 1.0)
    facts = replace(facts, cuff_height_m=facts.cuff_height_m - draw(rng, facts.cuff_height_error_m))
    bout = longest_bout(to_dict(analyze(legs, facts))["bouts"])
    found, exact = estimates(bout), truth_of(performance)
    return Held(kind, {key: _score(one, exact[_plain(key, bout)]) for key, one in found.items()})


def _score(one: Json, exact: float) -> tuple[float, float, bool]:
    return one["value"] - exact, (one["high"] - one["low"]) / 2, one["low"] <= exact <= one["high"]


def _plain(key: str, bout: Json) -> str:
    """What is true does not depend on how wide an interval is; in whose stride the other leg's is meant."""
    if key in ("phase_deg", "pci_pct"):
        return f"{key}_{bout['coordination']['reference']}"
    return key.removeprefix("method_")


def estimates(bout: Json) -> dict[str, Json]:
    """Every number of a bout that has an interval."""
    if not bout:
        return {}
    found = dict(bout) | bout["variability"] | (bout["symmetry"] or {})
    found |= {f"stance_{side}_pct": bout["stance_pct"][side] for side in SIDES}
    found |= {f"method_{key}": one for key, one in (bout["method_only"] or {}).items()}
    if bout["coordination"]:
        found |= bout["coordination"]
    return {key: one for key in WORDS if isinstance(one := found.get(key), dict)}


def truth_of(performance: Performance) -> Truth:
    """What is true of the whole walk, standing up to speed and stopping apart."""
    steps = performance.truth()["steps"]
    legs = {side: _strides(steps[side][EDGE_STRIDES:-EDGE_STRIDES]) for side in SIDES}
    time, stance, way = (np.concatenate([legs[side][k] for side in SIDES]).mean() for k in range(3))
    swing = {side: (legs[side][0] - legs[side][1]).mean() for side in SIDES}
    sd, way_sd = (float(np.sqrt(np.mean([legs[side][k].var() for side in SIDES]))) for k in (0, 2))
    out = {
        "cadence_spm": 120 / time,
        "stride_time_s": time,
        "double_support_pct": 100 * max(0.0, 2 * stance / time - 1),
        "stride_length_m": way,
        "speed_mps": way / time,
        "contact_s": stance,
        "flight_s": max(0.0, time / 2 - stance),
        "duty_factor": stance / time,
        "stride_time_sd_s": sd,
        "stride_time_cv_pct": 100 * sd / time,
        "stride_length_cv_pct": 100 * way_sd / way,
        "stance_si_pct": _index(legs["left"][1].mean(), legs["right"][1].mean()),
        "swing_si_pct": _index(swing["left"], swing["right"]),
        "swing_log_ratio_pct": 100 * np.log(swing["right"] / swing["left"]),
        "stride_length_si_pct": _index(legs["left"][2].mean(), legs["right"][2].mean()),
    }
    out |= {f"stance_{side}_pct": 100 * (legs[side][1] / legs[side][0]).mean() for side in SIDES}
    for side in SIDES:
        phase = _phases([one["ic_s"] for one in steps[side]], [one["ic_s"] for one in steps[OTHER[side]]])
        out[f"phase_deg_{side}"] = phase.mean()
        out[f"pci_pct_{side}"] = 100 * (phase.std() / phase.mean() + np.abs(phase - 180).mean() / 180)
    return {key: float(value) for key, value in out.items()}


def _strides(steps: Sequence[Json]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Time, stance and way of every stride of one leg."""
    rows = [(b["ic_s"] - a["ic_s"], b["tc_s"] - a["ic_s"], b["stride_length_m"]) for a, b in pairwise(steps)]
    time, stance, way = np.array(rows).T
    return time, stance, way


def _index(left: float, right: float) -> float:
    return 200 * (right - left) / (right + left)


def _phases(own: Sequence[float], other: Sequence[float]) -> FloatArray:
    """Where in the own strides the other foot lands, degrees."""
    ends = np.array(own[EDGE_STRIDES:-EDGE_STRIDES])
    at = np.array(other)[np.searchsorted(other, ends[:-1])]
    out: FloatArray = 360 * (at - ends[:-1]) / np.diff(ends)
    return out


def section(people: Sequence[Held]) -> Section:
    """Over all people; walking and running apart."""
    figures, rows = [], {}
    told = [one for person in people if person.kind == "load" for one in person.errors.items()]
    for key in KEYS:
        some = [one for name, one in told if name.startswith(key)]
        words = f"walking, told as people tell: load, {key.rsplit('_', 1)[0].replace('_', ' ')}"
        figures.append(_figure(f"load_{key}", words, [one[2] for one in some], COVERED))
        rows[f"load_{key}"] = _row(some)
    for going, kinds in (("walking", ("walk", "slow_walk")), ("running", ("run",))):
        mine = [one.errors for one in people if one.kind in kinds]
        for key, words in WORDS.items():
            some = [errors[key] for errors in mine if key in errors]
            if some:
                target = None if key in LITERATURE else COVERED
                held = [one[2] for one in some]
                figures.append(_figure(f"{going}_{key}", f"{going}: {words}", held, target))
                rows[f"{going}_{key}"] = _row(some)
    note = (
        f"{PIECE_S:g} s cut out of a long walk or run; true is what the person does all along; contacts"
        " differ between people as in the literature, cuffs sit on soft tissue and not just where was told"
    )
    title = "Intervals (95 %) that hold the truth, walks and runs of virtual athletes"
    return Section("virtual_intervals", title, note, figures, {"errors": rows})


def _figure(key: str, what: str, flags: Sequence[bool], target: Target | None) -> Figure:
    return Figure(key, what, sum(flags) / len(flags), "", len(flags), target)


def _row(some: Sequence[tuple[float, float, bool]]) -> Json:
    """The true error beside what is said of it."""
    error, half = (np.array([one[k] for one in some]) for k in (0, 1))
    return {
        "bias": rounded(float(error.mean())),
        "sd": rounded(float(error.std())),
        "half_width": rounded(float(np.median(half))),
    }
