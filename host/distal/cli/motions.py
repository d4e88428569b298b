"""What virtual cuffs shall do: a script by name, or CSV files."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from distal.model import SIDES, Facts, FloatArray, Side
from distal.virtual.lsm6dso32 import Motion
from distal.virtual.motion import Athlete, read_motion, scripts
from distal.virtual.rig import CuffSetup, ImuFaults

SCRIPT_MASS_KG = 1.0  # of a scripted session when none is given, so that there is a load to show
HEIGHT_M = 1.75


@dataclass(frozen=True, slots=True)
class Moves:
    """Cuffs to simulate, how long they move, what is known of the wearer, and the truth if there is one."""

    setups: list[CuffSetup]
    duration_s: float
    facts: Facts
    truth: dict[str, Any] | None


class Delayed:
    """A motion that begins later: two files keep their common time."""

    def __init__(self, motion: Motion, delay_s: float) -> None:
        self._motion, self._delay_s = motion, delay_s

    @property
    def duration_s(self) -> float:
        """The wait included."""
        return self._motion.duration_s + self._delay_s

    def sample(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """As the motion's, held still while it waits."""
        return self._motion.sample(t - self._delay_s)


def load_moves(left: Path | None, right: Path | None, script: str | None, facts: Facts) -> Moves:
    """Read the files, or perform the script (`demo` without a name). raises DataError"""
    if script and (left or right):
        raise click.UsageError("a script or CSV files, not both.")
    return _from_files(left, right, facts) if left or right else _from_script(script or "demo", facts)


def _from_files(left: Path | None, right: Path | None, facts: Facts) -> Moves:
    pairs = zip(SIDES, (left, right), strict=True)
    read = {side: read_motion(path) for side, path in pairs if path}
    begin_s = min(motion.start_s for motion in read.values())
    motions = {side: Delayed(motion, motion.start_s - begin_s) for side, motion in read.items()}
    duration_s = max(motion.duration_s for motion in motions.values())
    return Moves([_setup(side, motions[side], facts) for side in motions], duration_s, facts, None)


def _from_script(name: str, facts: Facts) -> Moves:
    facts = replace(
        facts,
        height_m=facts.height_m or HEIGHT_M,
        mass_left_kg=SCRIPT_MASS_KG if facts.mass_left_kg is None else facts.mass_left_kg,
        mass_right_kg=SCRIPT_MASS_KG if facts.mass_right_kg is None else facts.mass_right_kg,
    )
    athlete = Athlete(height_m=facts.height_m or HEIGHT_M, cuff_height_m=facts.cuff_height_m)
    performance = scripts.by_name(name).perform(athlete)
    truth = performance.truth(facts.mass_left_kg, facts.mass_right_kg)
    setups = [_setup(side, performance.motion(side), facts) for side in SIDES]
    return Moves(setups, performance.duration_s, facts, truth)


def _setup(side: Side, motion: Motion, facts: Facts) -> CuffSetup:
    mass_g = round(1000 * (facts.mass_kg(side) or 0.0))
    return CuffSetup(motion, side, mass_g, f"Distal {side}", imu=ImuFaults(seed=1 + SIDES.index(side)))
