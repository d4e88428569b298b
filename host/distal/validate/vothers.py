"""Reps of virtual people unlike those of the other sections: one thing about each is far out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from distal.analysis.session import analyze
from distal.model import SIDES
from distal.report.contract import to_dict
from distal.validate.athletes import RATE_HZ, Person, feel, perform
from distal.validate.figures import Figure, Section
from distal.validate.kinds import SETS, STEPPING
from distal.validate.vreps import Scored, confusion, score
from distal.virtual.motion import Athlete, Script
from distal.virtual.motion.body import random_mounting
from distal.virtual.motion.exercises import Reps
from distal.virtual.motion.floor import FloorReps
from distal.virtual.motion.people import KINDS_OF_CASES, some_athlete
from distal.virtual.motion.wearing import LOOSE, Wearing

EACH = 2  # people per exercise and oddity
SEED = 40_000  # no other section draws from it
Chance = np.random.Generator
Change = Callable[[Any, Chance], Any]
Job = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Oddity:
    """What is far out: of the person, of the set, of the sampling."""

    words: str
    athlete: Change | None = None
    reps: Change | None = None
    rate_hz: float = RATE_HZ


def _any_size(one: Athlete, rng: Chance) -> Athlete:
    return replace(one, height_m=float(rng.choice([1.45, 1.52, 1.95, 2.05])))


def _loose(one: Athlete, rng: Chance) -> Athlete:
    return replace(one, wearing={side: Wearing(springs=LOOSE) for side in SIDES})


def _turned(one: Athlete, rng: Chance) -> Athlete:
    return replace(one, mounting={side: random_mounting(int(rng.integers(2**31))) for side in SIDES})


def _slow(one: Any, rng: Chance) -> Any:
    return replace(one, reps=5, tempo=(float(rng.uniform(2.5, 4.0)), 0.0, float(rng.uniform(2.5, 4.0))))


def _fast(one: Any, rng: Chance) -> Any:
    """0.8 s a rep and more; steps take their time."""
    slower = 2.0 if one.code in (*STEPPING, "step_up") else 1.0
    out, back = (slower * float(rng.uniform(0.4, 0.6)) for _ in range(2))
    return replace(one, reps=12, tempo=(out, 0.0, back), pause_s=float(rng.uniform(0.0, 0.3)))


def _tired(one: Any, rng: Chance) -> Any:
    return replace(one, reps=14, slowing=float(rng.uniform(0.6, 1.2)), fading=float(rng.uniform(0.3, 0.5)))


def _trembling(one: Any, rng: Chance) -> Any:
    return replace(one, shake_deg=float(rng.uniform(0.1, 0.3)))


def _uneven(one: Any, rng: Chance) -> Any:
    return replace(one, reps=12, variability=float(rng.uniform(0.15, 0.25)))


def _few(one: Any, rng: Chance) -> Any:
    return replace(one, reps=int(rng.integers(2, 4)), odd={})


ODDITIES = {
    "size": Oddity("1.45 to 2.05 m tall", athlete=_any_size),
    "slow": Oddity("5 to 8 s a rep, no hold", reps=_slow),
    "fast": Oddity("0.8 to 1.2 s a rep, hardly a pause", reps=_fast),
    "tired": Oddity("14 reps, the last half as large and twice as long", reps=_tired),
    "tremor": Oddity("tremor of 0.1 to 0.3 degrees", reps=_trembling),
    "uneven": Oddity("reps differ by 15 to 25 %", reps=_uneven),
    "few": Oddity("2 or 3 reps", reps=_few),
    "loose": Oddity("a strap that flops", athlete=_loose),
    "turned": Oddity("cuffs turned any way", athlete=_turned),
    "52 Hz": Oddity("sampled at 52 Hz", rate_hz=RATE_HZ / 4),
    "104 Hz": Oddity("sampled at 104 Hz", rate_hz=RATE_HZ / 2),
    "416 Hz": Oddity("sampled at 416 Hz", rate_hz=RATE_HZ * 2),
}


@dataclass(frozen=True, slots=True)
class Other:
    """One person's score, and what was odd."""

    oddity: str
    scored: Scored


def jobs(quick: bool) -> list[Job]:
    """Some people for every exercise and oddity; quick: each exercise and each oddity at least once."""
    if quick:
        odd, codes = list(ODDITIES), list(SETS)
        turns = range(max(len(odd), len(codes)))
        return [(odd[turn % len(odd)], codes[turn % len(codes)], 1) for turn in turns]
    return [(odd, code, seed) for odd in ODDITIES for code in SETS for seed in range(1, 1 + EACH)]


def draw_other(odd: str, code: str, seed: int) -> Person:
    """One such person; the same numbers give the same bits."""
    rng = np.random.default_rng((SEED, seed, *code.encode(), *odd.encode()))
    one = ODDITIES[odd]
    athlete = some_athlete(rng)
    movements = [_changed(part, one, rng) for part in KINDS_OF_CASES[code](code, rng)]
    athlete = one.athlete(athlete, rng) if one.athlete else athlete
    script = Script(movements, f"{code} {odd} {seed}", seed=int(rng.integers(2**31)))
    return perform(script, athlete, seed, float(rng.uniform(0.5, 2.5)))


def _changed(movement: Any, one: Oddity, rng: Chance) -> Any:
    is_set = isinstance(movement, Reps | FloorReps)
    return one.reps(movement, rng) if one.reps and is_set else movement


def work(_quick: bool, job: Job) -> Other:
    """Score one person."""
    odd, code, _ = job
    person = draw_other(*job)
    legs = feel(person.performance, person.seed, ODDITIES[odd].rate_hz)
    return Other(odd, score(code, person.truth, to_dict(analyze(legs, person.facts))))


def section(cases: Sequence[Other]) -> Section:
    """By oddity; no target, so that it is not tuned to."""
    figures = [figure for odd in ODDITIES for figure in _figures(odd, cases)]
    rows = {odd: confusion([one.scored for one in cases if one.oddity == odd]) for odd in ODDITIES}
    note = "one thing about each is far out; all exercises; "
    note += "their steps, lunges and squats were seen in making it"
    return Section("virtual_others", "Reps of virtual people who are far out", note, figures, rows)


def _figures(odd: str, cases: Sequence[Other]) -> list[Figure]:
    mine = [one.scored for one in cases if one.oddity == odd]
    n = len(mine)
    exact = sum(one.found == one.wanted for one in mine)
    near = sum(abs(one.found - one.wanted) <= 1 for one in mine)
    named = sum(one.named == one.code for one in mine)
    wrong = sum(one.named not in (None, "unknown", one.code) for one in mine)
    key = odd.replace(" ", "_")
    return [
        Figure(f"{key}_exact", f"{ODDITIES[odd].words}: every rep counted", exact / n if n else None, "", n),
        Figure(f"{key}_within_one", "… within one", near / n if n else None, "", n),
        Figure(f"{key}_named", "… with the right name", named / n if n else None, "", n),
        Figure(f"{key}_misnamed", "… with a wrong one", wrong / n if n else None, "", n),
    ]
