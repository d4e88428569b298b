"""What a virtual cuff feels: a recording played back, or an athlete whose motion is known exactly.

    performance = scripts.demo().perform(Athlete(height_m=1.75))
    performance.left, performance.right      # Motions for two cuffs
    performance.truth(mass_left_kg=1, mass_right_kg=1)

A Motion has `duration_s` and `sample(t) -> (gyr, acc)`. Nothing here knows how `distal.analysis` works.
"""

from distal.virtual.motion import scripts
from distal.virtual.motion.body import Athlete, random_mounting
from distal.virtual.motion.exercises import EXERCISES, Reps
from distal.virtual.motion.floor import FLOOR_EXERCISES, FloorReps
from distal.virtual.motion.jump import Jumps
from distal.virtual.motion.leg import LegMotion
from distal.virtual.motion.people import KINDS_OF_CASES, Case, population
from distal.virtual.motion.recorded import CsvMotion, read_motion
from distal.virtual.motion.rest import Rest, Sit, Stand
from distal.virtual.motion.run import Run
from distal.virtual.motion.script import Performance, Script
from distal.virtual.motion.sensor import Sensor, Taken, take
from distal.virtual.motion.walk import Corner, Limp, Walk
from distal.virtual.motion.wearing import LOOSE, TISSUE, Spring, Wearing

__all__ = [
    "EXERCISES",
    "FLOOR_EXERCISES",
    "KINDS_OF_CASES",
    "LOOSE",
    "TISSUE",
    "Athlete",
    "Case",
    "Corner",
    "CsvMotion",
    "FloorReps",
    "Jumps",
    "LegMotion",
    "Limp",
    "Performance",
    "Reps",
    "Rest",
    "Run",
    "Script",
    "Sensor",
    "Sit",
    "Spring",
    "Stand",
    "Taken",
    "Walk",
    "Wearing",
    "population",
    "random_mounting",
    "read_motion",
    "scripts",
    "take",
]
