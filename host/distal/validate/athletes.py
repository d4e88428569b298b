"""Virtual people: drawn by kind and number, felt as a cuff's sensor would feel them."""

from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np

from distal.analysis.session import analyze
from distal.model import SIDES, Facts, FloatArray, Side, Timebase, Track
from distal.report.contract import to_dict
from distal.units import RAD_PER_DEG, G
from distal.virtual.motion import EXERCISES, Athlete, Performance, Reps, Script, Stand, Walk

Json = dict[str, Any]
RATE_HZ = 6666.67 / 32  # "208" of the cuff's IMU
# LSM6DSO32 at 2000 dps and 32 g (DS13607 tables 2, 3): counts; noise over half the rate; offsets calibrated
GYR_LSB, ACC_LSB = 0.070 * RAD_PER_DEG, 0.976e-3 * G
GYR_NOISE, ACC_NOISE = 0.04 * RAD_PER_DEG, 3e-3 * G
GYR_OFFSET, ACC_OFFSET = 0.3 * RAD_PER_DEG, 5e-3 * G
WORN_DEG = 8.0  # how far from its nominal axes a cuff is put on, standard deviation about each axis
PIECE = 60_000  # samples that are asked of the athlete at once: memory


@dataclass(frozen=True, slots=True)
class Person:
    """Who moved, what is exactly true, and what is told to the analysis."""

    performance: Performance
    truth: Json
    facts: Facts
    seed: int

    @property
    def report(self) -> Json:
        """What the analysis says of it."""
        return to_dict(analyze(feel(self.performance, self.seed), self.facts))


def draw(kind: str, seed: int) -> Person:
    """One person of a kind; the same seed gives the same bits."""
    rng = np.random.default_rng((seed, crc32(kind.encode())))
    athlete = Athlete(
        height_m=float(np.clip(rng.normal(1.71, 0.09), 1.5, 1.95)),
        cuff_height_m=float(rng.uniform(0.05, 0.12)),
        mounting={side: _worn(rng) for side in SIDES},
    )
    script = Script([Stand(4.0), *_movements(kind, rng)], kind, seed)
    return perform(script, athlete, seed, float(rng.choice([0.5, 1.0, 1.5, 2.0, 3.0])))


def perform(script: Script, athlete: Athlete, seed: int, mass_kg: float) -> Person:
    """Carry out a script with the same mass on both legs."""
    performance = script.perform(athlete)
    facts = Facts(
        mass_left_kg=mass_kg,
        mass_right_kg=mass_kg,
        height_m=athlete.height_m,
        cuff_height_m=athlete.cuff_height_m,
    )
    return Person(performance, performance.truth(mass_kg, mass_kg), facts, seed)


def _worn(rng: np.random.Generator) -> FloatArray:
    x, y, z = rng.normal(0.0, WORN_DEG * RAD_PER_DEG, 3)
    return _about(0, x) @ _about(1, y) @ _about(2, z)


def _about(axis: int, angle: float) -> FloatArray:
    out = np.eye(3)
    i, j = (k for k in range(3) if k != axis)
    out[i, i] = out[j, j] = np.cos(angle)
    out[i, j], out[j, i] = -np.sin(angle), np.sin(angle)
    return out


def _movements(kind: str, rng: np.random.Generator) -> list[Any]:
    if kind in EXERCISES:
        return [_set(kind, rng), Stand(4.0)]
    return [_walk(kind, rng), Stand(4.0)]


def _set(code: str, rng: np.random.Generator) -> Reps:
    """Sets as people do them: 5 to 12 reps, quick to slow, held or not, most or all of the range."""
    side: Side = "left" if rng.random() < 0.5 else "right"
    tempo = (
        float(rng.uniform(0.7, 2.0)),
        float(rng.choice([0.0, 0.5, 1.0, 3.0])),
        float(rng.uniform(0.8, 2.5)),
    )
    return Reps(
        code,
        reps=int(rng.integers(5, 13)),
        side=side,
        tempo=tempo,
        pause_s=float(rng.uniform(0.3, 2.0)),
        range_deg=EXERCISES[code].range_deg * float(rng.uniform(0.75, 1.05)),
        variability=float(rng.uniform(0.02, 0.10)),
        slowing=float(rng.uniform(0.0, 0.5)),
        companion=float(rng.choice([0.0, 0.1, 0.25])),
        tremor_deg=float(rng.uniform(0.1, 0.4)),
    )


def _walk(kind: str, rng: np.random.Generator) -> Walk:
    slow = kind == "walk_slow"
    cadence = float(rng.uniform(70, 92) if slow else rng.uniform(92, 132))
    return Walk(
        60.0,
        cadence_spm=cadence,
        speed_mps=float(rng.uniform(0.5, 0.8)) if slow else None,
        variability=float(rng.uniform(0.03, 0.06) if slow else rng.uniform(0.015, 0.04)),
        asymmetry=float(rng.uniform(-0.15, 0.15)) if slow else 0.0,
        first="left" if rng.random() < 0.5 else "right",
    )


def feel(performance: Performance, seed: int, rate_hz: float = RATE_HZ) -> list[Track]:
    """Both legs with noise, offsets and counts of the cuff's IMU."""
    return [
        _feel(performance, side, np.random.default_rng((seed, k)), rate_hz) for k, side in enumerate(SIDES)
    ]


def _feel(performance: Performance, side: Side, rng: np.random.Generator, rate_hz: float) -> Track:
    motion = performance.motion(side)
    t = np.arange(int(performance.duration_s * rate_hz)) / rate_hz
    parts = [motion.sample(t[k : k + PIECE]) for k in range(0, len(t), PIECE)]
    gyr, acc = (np.concatenate(column) for column in zip(*parts, strict=True))
    gyr += rng.normal(0.0, GYR_OFFSET, 3) + rng.normal(0.0, GYR_NOISE, gyr.shape)
    acc += rng.normal(0.0, ACC_OFFSET, 3) + rng.normal(0.0, ACC_NOISE, acc.shape)
    gyr, acc = np.round(gyr / GYR_LSB) * GYR_LSB, np.round(acc / ACC_LSB) * ACC_LSB
    return Track(side, Timebase(0.0, rate_hz), gyr, acc, np.zeros(len(t), np.bool_))
