"""Virtual people who tire, shake, compensate or work one leg more: found at their size, and silence without.

Fatigue is lift speed that falls along the set, shaking is tremor of 8 to 12 Hz, compensation a slow sway of
the leg out of its plane that comes with the mass, asymmetry a range that differs between the legs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from distal.analysis.session import analyze
from distal.changes import changes, loaded, verdicts
from distal.model import ExerciseSet, Facts, SessionReport, Side
from distal.people.history import figures_of, summary_of
from distal.units import DEG_PER_RAD
from distal.validate.athletes import feel_leg
from distal.validate.figures import Figure, Section, Target
from distal.validate.load_people import CODES
from distal.virtual.motion import EXERCISES, Athlete, Performance, Reps, Rest, Script
from distal.virtual.motion.people import some_athlete

EACH = {"steady": 1000, "tiring": 120, "shaking": 120, "uneven": 80, "unchanged": 60, "compensating": 40}
QUICK = {"steady": 6, "tiring": 4, "shaking": 3, "uneven": 2, "unchanged": 1, "compensating": 1}
TIRED_PCT = 15.0  # speed lost along the set that must be found
SESSIONS = 5  # a person's own sessions before the one that is judged
RATE_HZ = 104.0
Job = tuple[str, int]
Scores = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scored:
    """One set or one person: what was done to them, what came out."""

    kind: str
    found: Scores


def jobs(quick: bool) -> list[Job]:
    """So many of each kind."""
    return [(kind, seed) for kind, n in (QUICK if quick else EACH).items() for seed in range(1, n + 1)]


def work(_quick: bool, job: Job) -> Scored:
    """Score one."""
    kind, seed = job
    rng = np.random.default_rng((91, seed, *kind.encode()))
    return Scored(kind, KINDS[kind](rng, seed))


def _steady(rng: np.random.Generator, seed: int) -> Scores:
    one = _set_of(*_performed(rng, _reps(rng), seed), seed)
    if one is None or one.fatigue is None:
        return {"says": None, "held": {}}
    known = {change.kind: change.change for change in one.fatigue.changes if change.change is not None}
    return {"says": one.fatigue.says, "held": {k: x.low <= 0.0 <= x.high for k, x in known.items()}}


def _tiring(rng: np.random.Generator, seed: int) -> Scores:
    performance, reps = _performed(rng, _reps(rng, slowing=float(rng.uniform(0.2, 0.7))), seed)
    one = _set_of(performance, reps, seed)
    true = _loss_pct([rep["rom_deg"] / rep["concentric_s"] for rep in _truth(performance)])
    if one is None or one.fatigue is None or one.fatigue.velocity_loss_pct is None:
        return {"true": true, "says": None}
    loss = one.fatigue.velocity_loss_pct
    return {"true": true, "loss": loss.value, "says": one.fatigue.says}


def _shaking(rng: np.random.Generator, seed: int) -> Scores:
    """The same set without tremor tells what the tremor alone turns."""
    lift, athlete = _reps(rng, shake_deg=float(rng.uniform(0.05, 0.4))), some_athlete(rng)
    shaken, still = (_perform(one, athlete, seed) for one in (lift, replace(lift, shake_deg=0.0)))
    one = _set_of(shaken, lift, seed)
    if one is None:
        return {}
    own = [rep.pace.shake_deg_s for rep in one.reps if rep.pace and rep.pace.shake_deg_s is not None]
    return {"true": float(np.mean(_shakes(shaken, still, "right"))), "found": float(np.mean(own))}


def _uneven(rng: np.random.Generator, seed: int) -> Scores:
    """One leg goes less far: by how much, of its mean with the other."""
    athlete, less = some_athlete(rng), float(rng.uniform(0.6, 1.0))
    code = str(rng.choice(CODES))
    usual = EXERCISES[code].range_deg * 0.9
    sizes: dict[str, tuple[float, float]] = {}
    for side, size in (("left", usual * less), ("right", usual)):
        lift = _reps(rng, code=code, side=side, range_deg=size)
        performance = _perform(lift, athlete, seed)
        one = _set_of(performance, lift, seed)
        if one is None:
            return {}
        true = float(np.mean([rep["rom_deg"] for rep in _truth(performance)]))
        sizes[side] = true, float(np.mean([rep.rom_deg for rep in one.reps]))
    true, found = (100.0 * (r - x) / ((r + x) / 2.0) for x, r in zip(*sizes.values(), strict=True))
    return {"true": true, "found": found}


def _unchanged(rng: np.random.Generator, seed: int) -> Scores:
    """The same task with the same mass, six times."""
    lift, athlete = _reps(rng), some_athlete(rng)
    rows = [_session(_again(lift, rng), athlete, (100 * seed + k, 1.5)) for k in range(SESSIONS + 1)]
    return {"says": verdicts(changes(rows))[0].says}


def _compensating(rng: np.random.Generator, seed: int) -> Scores:
    """Without the mass a steady leg; with it the leg sways out of its plane."""
    lift, athlete = _reps(rng, code="seated_knee_extension"), some_athlete(rng)
    bare = [_session(_again(lift, rng), athlete, (100 * seed + k, 0.0)) for k in range(SESSIONS)]
    swayed = _again(lift, rng, tremor_deg=float(rng.uniform(4.0, 8.0)))
    same = {one.kind: one.says for one in loaded([*bare, _session(_again(lift, rng), athlete, (seed, 2.0))])}
    moved = {one.kind: one.says for one in loaded([*bare, _session(swayed, athlete, (seed, 2.0))])}
    return {"same": same.get("off_axis"), "moved": moved.get("off_axis")}


KINDS: dict[str, Callable[[np.random.Generator, int], Scores]] = {
    "steady": _steady,
    "tiring": _tiring,
    "shaking": _shaking,
    "uneven": _uneven,
    "unchanged": _unchanged,
    "compensating": _compensating,
}


# -- people -------------------------------------------------------------------


def _reps(rng: np.random.Generator, code: str | None = None, **changes: Any) -> Reps:
    code = code or str(rng.choice(CODES))
    usual = {
        "side": "right",
        "reps": int(rng.integers(8, 13)),
        "tempo": (float(rng.uniform(0.8, 1.4)), float(rng.uniform(0.0, 0.6)), float(rng.uniform(0.8, 1.4))),
        "pause_s": float(rng.uniform(0.6, 1.2)),
        "variability": float(rng.uniform(0.03, 0.08)),
        "range_deg": EXERCISES[code].range_deg * float(rng.uniform(0.85, 1.1)),
    }
    return Reps(code, **{**usual, **changes})


def _again(lift: Reps, rng: np.random.Generator, tremor_deg: float | None = None) -> Reps:
    """The same task on another day."""
    usual = EXERCISES[lift.code].range_deg if lift.range_deg is None else lift.range_deg
    size, sway = usual * float(rng.normal(1.0, 0.04)), abs(float(rng.normal(1.0, 0.3)))
    tempo = [part * float(rng.normal(1.0, 0.06)) for part in lift.tempo]
    return Reps(
        lift.code,
        lift.reps,
        lift.side,
        (tempo[0], tempo[1], tempo[2]),
        pause_s=lift.pause_s,
        variability=lift.variability,
        range_deg=size,
        tremor_deg=sway if tremor_deg is None else tremor_deg,
    )


def _performed(rng: np.random.Generator, lift: Reps, seed: int) -> tuple[Performance, Reps]:
    return _perform(lift, some_athlete(rng), seed), lift


def _perform(lift: Reps, athlete: Athlete, seed: int) -> Performance:
    rest = lift.posture.name
    return Script([Rest(4.0, rest), lift, Rest(3.0, rest)], lift.code, seed).perform(athlete)


def _report(performance: Performance, lift: Reps, told: tuple[int, float]) -> SessionReport:
    seed, mass = told
    side: Side = "left" if lift.side == "left" else "right"
    facts = Facts(
        exercise=lift.code, height_m=performance.athlete.height_m, mass_left_kg=mass, mass_right_kg=mass
    )
    return analyze([feel_leg(performance, side, seed, RATE_HZ)], facts)


def _set_of(performance: Performance, lift: Reps, seed: int) -> ExerciseSet | None:
    """None where the reps were not counted: that is another section's matter."""
    sets = _report(performance, lift, (seed, 1.5)).sets
    return sets[0] if len(sets) == 1 and len(sets[0].reps) == lift.reps else None


def _session(lift: Reps, athlete: Athlete, told: tuple[int, float]) -> dict[str, Any]:
    """As the history has it."""
    report = _report(_perform(lift, athlete, told[0]), lift, told)
    sets = [
        {"exercise": one.exercise, "side": one.side, "reps": len(one.reps), "figures": figures_of(one)}
        for one in report.sets
    ]
    return {"at_s": 86400.0 * told[0], "sets": sets, "summary": summary_of(report)}


# -- truth --------------------------------------------------------------------


def _truth(performance: Performance) -> list[dict[str, Any]]:
    return list(performance.truth(1.5, 1.5)["sets"][0]["reps"])


def _loss_pct(speeds: Sequence[float]) -> float:
    """From first to last by the line through all, percent of the first."""
    x = np.arange(len(speeds))
    slope, start = np.polyfit(x, speeds, 1)
    return float(-100.0 * (len(x) - 1) * slope / start)


def _shakes(shaken: Performance, still: Performance, side: Side) -> list[float]:
    """RMS of the turning that the tremor alone adds in each rep, deg/s."""
    out = []
    for rep in _truth(shaken):
        t = np.arange(rep["start_s"], rep["end_s"], 1.0 / 400.0)
        own = shaken.motion(side).sample(t)[0] - still.motion(side).sample(t)[0]
        out.append(DEG_PER_RAD * float(np.sqrt((own**2).sum() / len(t))))
    return out


# -- figures ------------------------------------------------------------------


def section(results: Sequence[Scored]) -> Section:
    """By what was done to the people."""
    of = {kind: [one.found for one in results if one.kind == kind] for kind in KINDS}
    figures = [
        *_tired(of["steady"], of["tiring"]),
        _error("shake_pct", "shaking (3 to 12 Hz), 95 % of sets within", of["shaking"], 100.0),
        _error("uneven_pct", "range, right against left (SI), 95 % of people within", of["uneven"], None),
        *_changed(of["unchanged"], of["compensating"]),
    ]
    note = f"{len(CODES)} exercises whose lever is known; exercise told; one cuff"
    title = "Tiring, steadiness and form, virtual athletes"
    return Section("virtual_form", title, note, figures)


def _tired(steady: Sequence[Scores], tiring: Sequence[Scores]) -> list[Figure]:
    judged = [one["says"] for one in steady if one["says"] in ("signs", "no_sign", "task_changed")]
    alarms = judged.count("signs") / max(len(judged), 1)
    known = [one for one in tiring if "loss" in one]
    tired = [one for one in known if one["true"] >= TIRED_PCT]
    told = sum(one["says"] == "signs" for one in tired) / len(tired) if tired else None
    off = [one["loss"] - one["true"] for one in known]
    return [
        Figure("alarms", "unchanged sets said to tire", alarms, "", len(judged), Target(at_most=0.05)),
        *_held(steady),
        Figure("tired_told", f"sets that lost {TIRED_PCT:g} % of speed or more: told", told, "", len(tired)),
        Figure("loss_pct", "speed lost in a set, mean error size", _mean(np.abs(off)), "%", len(off)),
        Figure("loss_bias_pct", "… mean error", _mean(off), "%", len(off)),
    ]


def _held(steady: Sequence[Scores]) -> list[Figure]:
    """Intervals of the change from first rep to last, in sets that were asked to stay as they began."""
    flags: dict[str, list[bool]] = {}
    for one in steady:
        for kind, holds in one["held"].items():
            flags.setdefault(kind, []).append(holds)
    return [
        Figure(
            f"held_{kind}",
            f"… intervals (95 %) of the change of {kind.replace('_', ' ')} that hold none",
            _mean(some),
            "",
            len(some),
            Target(0.93, 0.97),
        )
        for kind, some in flags.items()
    ]


def _error(key: str, what: str, rows: Sequence[Scores], relative: float | None) -> Figure:
    known = [one for one in rows if "found" in one]
    off = [
        abs(one["found"] - one["true"]) * (relative / abs(one["true"]) if relative else 1.0) for one in known
    ]
    return Figure(key, what, float(np.quantile(off, 0.95)) if off else None, "%", len(off))


def _changed(unchanged: Sequence[Scores], swayed: Sequence[Scores]) -> list[Figure]:
    n = len(unchanged)
    better = sum(one["says"] == "improved" for one in unchanged) / max(n, 1)
    any_ = sum(one["says"] in ("improved", "worse", "mixed") for one in unchanged) / max(n, 1)
    told = sum(one["moved"] == "higher" for one in swayed) / max(len(swayed), 1)
    false = sum(one["same"] in ("higher", "lower") for one in swayed) / max(len(swayed), 1)
    return [
        Figure("improved", "unchanged people said to have improved", better, "", n, Target(at_most=0.05)),
        Figure("changed", "unchanged people said to be better or worse", any_, "", n),
        Figure("sway_told", "people who compensate with the mass: told", told, "", len(swayed)),
        Figure("sway_false", "people who do not: said to", false, "", len(swayed)),
    ]


def _mean(values: Any) -> float | None:
    found = np.asarray(values)
    return float(found.mean()) if len(found) else None
