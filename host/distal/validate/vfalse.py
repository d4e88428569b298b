"""An hour of what is no exercise: not one rep may be found in it, nor one step in what is no walking."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from distal.analysis.session import analyze
from distal.model import SIDES, FloatArray, Track
from distal.report.contract import to_dict
from distal.units import G
from distal.validate.athletes import draw, feel, perform
from distal.validate.figures import Figure, Section, Target
from distal.virtual.motion import Athlete, Script, Stand, Walk

HOUR_S, QUICK_S = 3600.0, 60.0
PART_S = 600.0  # an hour is analysed in parts: memory, and a fresh start for every part
KINDS = ("walking", "standing", "noise", "joint_noise")
WORDS = {
    "walking": "an hour of walking, 75 to 125 steps/min",
    "standing": "an hour of quiet standing",
    "noise": "an hour of phase-randomised exercise, each channel by itself",
    "joint_noise": "an hour of phase-randomised exercise, channels together",
}
Job = tuple[str, int]


@dataclass(slots=True)
class Hour:
    """A part of an hour."""

    kind: str
    seconds: float
    reps: int
    steps: int


def jobs(quick: bool) -> list[Job]:
    """Parts of each hour."""
    parts = 1 if quick else int(HOUR_S / PART_S)
    return [(kind, part) for kind in KINDS for part in range(parts)]


def work(quick: bool, job: Job) -> Hour:
    """One part of an hour."""
    kind, part = job
    seconds = QUICK_S if quick else PART_S
    person = perform(_script(kind, part, seconds), Athlete(), part, 1.0)
    legs = feel(person.performance, part)
    if "noise" in kind:
        legs = [scramble(leg, seconds, part, kind == "joint_noise") for leg in _exercise(part)]
    report = to_dict(analyze(legs, person.facts))
    reps = sum(len(one["reps"]) for one in report["sets"])
    return Hour(kind, seconds, reps, sum(len(report["steps"][side]) for side in SIDES))


def _script(kind: str, part: int, seconds: float) -> Script:
    if kind == "walking":
        return Script([Walk(seconds, cadence_spm=75.0 + 10.0 * (part % 6))], kind, part)
    return Script([Stand(seconds if kind == "standing" else 5.0)], kind, part)


def _exercise(part: int) -> list[Track]:
    codes = (
        "seated_leg_raise",
        "supine_straight_leg_raise",
        "standing_knee_flexion",
        "sidelying_hip_abduction",
    )
    return feel(draw(codes[part % len(codes)], 900 + part).performance, part)


def scramble(track: Track, seconds: float, seed: int, together: bool) -> Track:
    """The same spectrum with random phases (Theiler 1992); `together` keeps what channels have in common
    (Prichard & Theiler 1994). The mean, gravity, stays."""
    rng = np.random.default_rng((seed, SIDES.index(track.side)))
    n = int(seconds * track.time.rate_hz)
    both = np.hstack([track.gyr, track.acc])
    mean = both.mean(axis=0)
    mean[3:] *= G / np.linalg.norm(mean[3:])
    whole = np.resize(both - both.mean(axis=0), (n, 6))  # repeated up to the length wanted
    out = _random_phases(whole, rng, together) + mean
    return replace(track, gyr=out[:, :3], acc=out[:, 3:], clipped=np.zeros(n, np.bool_))


def _random_phases(values: FloatArray, rng: np.random.Generator, together: bool) -> FloatArray:
    spectrum = np.fft.rfft(values, axis=0)
    shape = (len(spectrum), 1 if together else values.shape[1])
    phases = np.exp(2j * np.pi * rng.random(shape))
    phases[0] = 1.0
    return np.asarray(np.fft.irfft(spectrum * phases, len(values), axis=0))


def section(hours: Sequence[Hour]) -> Section:
    """Counts by kind."""
    figures = []
    for kind in KINDS:
        mine = [one for one in hours if one.kind == kind]
        minutes = round(sum(one.seconds for one in mine) / 60)
        target = None if kind == "joint_noise" else Target(0, 0)
        figures.append(
            Figure(f"{kind}_reps", f"{WORDS[kind]}: reps", sum(one.reps for one in mine), "", minutes, target)
        )
        if kind != "walking":
            figures.append(
                Figure(f"{kind}_steps", "… steps", sum(one.steps for one in mine), "", minutes, Target(0, 0))
            )
    note = "n is minutes; both legs worn"
    return Section("virtual_false", "An hour of no exercise", note, figures)
