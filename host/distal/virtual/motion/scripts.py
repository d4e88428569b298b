"""Scripts by name."""

from collections.abc import Callable

from distal.errors import DataError
from distal.virtual.motion.exercises import EXERCISES, Reps
from distal.virtual.motion.floor import FLOOR_EXERCISES, FloorReps
from distal.virtual.motion.jump import Jumps
from distal.virtual.motion.rest import Rest, Sit, Stand
from distal.virtual.motion.run import Run
from distal.virtual.motion.script import Script
from distal.virtual.motion.stage import Movement
from distal.virtual.motion.walk import Corner, Limp, Walk


def demo() -> Script:
    """For `distal demo`, about 45 s: stand, walk, sit, knee extensions right then left, stand."""
    quick = (0.9, 0.4, 1.1)
    movements: list[Movement] = [
        Stand(2.5),
        Walk(13.0, cadence_spm=104),
        Stand(1.0),
        Reps("seated_knee_extension", reps=4, side="right", tempo=quick, pause_s=0.6),
        Reps("seated_knee_extension", reps=4, side="left", tempo=quick, pause_s=0.6),
        Stand(1.5),
    ]
    return Script(movements, "demo")


def walk() -> Script:
    """A minute of walking between two stands."""
    return Script([Stand(5.0), Walk(60.0), Stand(5.0)], "walk")


def slow_walk() -> Script:
    """A minute at 0.8 m/s, uneven, as after an injury."""
    slow = Walk(60.0, cadence_spm=80, speed_mps=0.8, variability=0.05, asymmetry=0.12)
    return Script([Stand(5.0), slow, Stand(5.0)], "slow_walk")


def run() -> Script:
    """Walk, half a minute of running, walk."""
    return Script([Stand(4.0), Walk(10.0), Run(30.0), Walk(10.0), Stand(4.0)], "run")


def u_turn() -> Script:
    """Some 10 m, a U-turn, 10 m back."""
    return Script([Stand(4.0), Walk(24.0, corners=[Corner(0.5, 180.0)]), Stand(4.0)], "u_turn")


def limp() -> Script:
    """A minute at 0.4 m/s after a stroke that weakened the right leg, with a turn to the left."""
    slow = Walk(
        60.0,
        cadence_spm=58,
        speed_mps=0.4,
        variability=0.04,
        limp=Limp("right"),
        corners=[Corner(0.5, 90, 6)],
    )
    return Script([Stand(5.0), slow, Stand(5.0)], "limp")


def stairs() -> Script:
    """A dozen steps up, and down again."""
    up = Walk(11.0, cadence_spm=90, speed_mps=0.42, rise_m=0.17)
    down = Walk(10.0, cadence_spm=100, speed_mps=0.47, rise_m=-0.17)
    return Script([Stand(3.0), up, Stand(3.0), down, Stand(3.0)], "stairs")


def stand() -> Script:
    """Half a minute of quiet standing."""
    return Script([Stand(30.0)], "stand")


def leg_day() -> Script:
    """Stand, walk, then a set of the main exercises on each side."""
    codes = ("seated_knee_extension", "supine_straight_leg_raise", "sidelying_hip_abduction")
    lying: list[Movement] = [
        part
        for code in codes
        for side in ("right", "left")
        for part in (Reps(code, reps=6, side="left" if side == "left" else "right"), Rest(4.0, "sitting"))
    ]
    return Script([Stand(5.0), Walk(20.0), Sit(4.0), *lying, Stand(3.0)], "leg_day")


SCRIPTS: dict[str, Callable[[], Script]] = {
    "demo": demo, "walk": walk, "slow_walk": slow_walk, "run": run, "u_turn": u_turn, "limp": limp,
    "stairs": stairs, "stand": stand, "leg_day": leg_day,
}  # fmt: skip

JUMPS = {"jump": Jumps("jump"), "hop": Jumps("hop", reps=10, height_m=0.08)}


def by_name(name: str) -> Script:
    """A named script; the code of an exercise gives two sets of it, right then left."""
    if name in SCRIPTS:
        return SCRIPTS[name]()
    if name in EXERCISES:
        return Script([Reps(name, side="right"), Reps(name, side="left")], name)
    if name in FLOOR_EXERCISES:
        sets = [FloorReps(name, side="right"), FloorReps(name, side="left")]
        return Script([Stand(3.0), sets[0], Stand(3.0), sets[1], Stand(3.0)], name)
    if name in JUMPS:
        return Script([Stand(3.0), JUMPS[name], Stand(3.0)], name)
    known = ", ".join([*SCRIPTS, *EXERCISES, *FLOOR_EXERCISES, *JUMPS])
    raise DataError(f"unknown script {name!r}. Known: {known}.")
