"""Virtual people: drawn by kind and number, felt as a cuff's sensor would feel them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from distal.analysis.session import analyze
from distal.model import SIDES, Facts, FloatArray, Side, Timebase, Track
from distal.report.contract import to_dict
from distal.units import RAD_PER_DEG, G
from distal.virtual.motion import Athlete, Performance, Script, population

Json = dict[str, Any]
RATE_HZ = 6666.67 / 32  # "208" of the cuff's IMU
# LSM6DSO32 at 2000 dps and 32 g (DS13607 tables 2, 3): counts; noise over half the rate; offsets calibrated
GYR_LSB, ACC_LSB = 0.070 * RAD_PER_DEG, 0.976e-3 * G
GYR_NOISE, ACC_NOISE = 0.04 * RAD_PER_DEG, 3e-3 * G
GYR_OFFSET, ACC_OFFSET = 0.3 * RAD_PER_DEG, 5e-3 * G
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
    case = next(iter(population(kind, 1, seed)))
    return Person(case.performance, case.truth(), told_of(case.performance.athlete, case.mass_kg), seed)


def perform(script: Script, athlete: Athlete, seed: int, mass_kg: float) -> Person:
    """Carry out a script with the same mass on both legs."""
    performance = script.perform(athlete)
    return Person(performance, performance.truth(mass_kg, mass_kg), told_of(athlete, mass_kg), seed)


def told_of(athlete: Athlete, mass_kg: float) -> Facts:
    """What is told of a person: all of it true."""
    return Facts(
        mass_left_kg=mass_kg,
        mass_right_kg=mass_kg,
        height_m=athlete.height_m,
        cuff_height_m=athlete.cuff_height_m,
    )


def feel(performance: Performance, seed: int, rate_hz: float = RATE_HZ) -> list[Track]:
    """Both legs with noise, offsets and counts of the cuff's IMU."""
    return [
        _feel(performance, side, np.random.default_rng((seed, k)), rate_hz) for k, side in enumerate(SIDES)
    ]


def feel_leg(performance: Performance, side: Side, seed: int, rate_hz: float = RATE_HZ) -> Track:
    """One leg alone."""
    return _feel(performance, side, np.random.default_rng((seed, SIDES.index(side))), rate_hz)


def feel_piece(
    performance: Performance, side: Side, seed: tuple[int, ...], span: tuple[float, float]
) -> Track:
    """One leg from an instant on for some seconds, on a clock of its own that begins with 0."""
    t = span[0] + np.arange(int(span[1] * RATE_HZ)) / RATE_HZ
    return _sense(performance, side, np.random.default_rng(seed), (t, RATE_HZ))


def _feel(performance: Performance, side: Side, rng: np.random.Generator, rate_hz: float) -> Track:
    t = np.arange(int(performance.duration_s * rate_hz)) / rate_hz
    return _sense(performance, side, rng, (t, rate_hz))


def _sense(
    performance: Performance, side: Side, rng: np.random.Generator, grid: tuple[FloatArray, float]
) -> Track:
    motion, (t, rate_hz) = performance.motion(side), grid
    parts = [motion.sample(t[k : k + PIECE]) for k in range(0, len(t), PIECE)]
    gyr, acc = (np.concatenate(column) for column in zip(*parts, strict=True))
    gyr += rng.normal(0.0, GYR_OFFSET, 3) + rng.normal(0.0, GYR_NOISE, gyr.shape)
    acc += rng.normal(0.0, ACC_OFFSET, 3) + rng.normal(0.0, ACC_NOISE, acc.shape)
    gyr, acc = np.round(gyr / GYR_LSB) * GYR_LSB, np.round(acc / ACC_LSB) * ACC_LSB
    return Track(side, Timebase(0.0, rate_hz), gyr, acc, np.zeros(len(t), np.bool_))
