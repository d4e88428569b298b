"""Make `analysis/names.py`: how the sets of virtual people look, by exercise.

    python -m distal.validate.learn_names > names.py
    ruff format names.py

Other people (another seed) than those that `distal validate` draws.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from distal.analysis.recognise import Look
from distal.analysis.reps_pairs import Joined, join_legs
from distal.analysis.rotate import turn_matrices
from distal.analysis.session import SessionAnalysis, legs_of
from distal.model import SIDES, Facts, FloatArray, Side, Timebase, Track
from distal.validate.athletes import RATE_HZ, feel
from distal.virtual.motion import EXERCISES, FLOOR_EXERCISES, population

PEOPLE, SEED = 30, 7_000
TWINS = {"seated_knee_extension": "seated_leg_raise"}
# feet of people who lie fall outwards, those of virtual people do not: a hip turns out by 45 to 60 degrees
ROLLS_OUT = {"supine_straight_leg_raise": (-0.3, 0.8), "prone_hip_extension": (0.0, 1.1)}
ROLLS = 5  # of each set


HEAD = '''"""How sets of virtual people look; units: recognise.py. Made by `distal.validate.learn_names`.

From {people} people an exercise, seed {seed}: under each exercise the means, then the standard deviations of
FEATURES, in hundredths.
"""

FEATURES = (
{features})
TABLE = """\\
'''
FOOT = """_LINES = TABLE.splitlines()
_NUMBERS = [[int(word) / 100 for word in line.split()] for k, line in enumerate(_LINES) if k % 3]
CLOUDS = {
    code: dict(zip(FEATURES, zip(means, spreads, strict=True), strict=True))
    for code, means, spreads in zip(_LINES[::3], _NUMBERS[::2], _NUMBERS[1::2], strict=True)
}
"""


def looks(code: str, people: int = PEOPLE) -> Iterator[dict[str, float]]:
    """Features of every set found, person by person."""
    rng = np.random.default_rng((SEED, *code.encode()))
    for case in population(code, people, SEED):
        for joined in _joined(feel(case.performance, case.number)):
            for roll in rng.uniform(*ROLLS_OUT.get(code, (0.0, 0.0)), ROLLS if code in ROLLS_OUT else 1):
                look = _rolled(joined.one.look, joined.lead, float(roll))
                yield look.features(joined.lead, joined.other)


def _rolled(look: Look, side: Side, roll: float) -> Look:
    """The same set of a leg that has rolled outwards about its long axis, rad."""
    turn = turn_matrices(np.array([[-roll if side == "right" else roll, 0.0, 0.0]]))[0]
    return replace(look, up=turn @ look.up, up_top=turn @ look.up_top, turn=turn @ look.turn)


def _joined(tracks: list[Track]) -> list[Joined]:
    session = SessionAnalysis(Facts(), {track.side: RATE_HZ for track in tracks})
    for track in tracks:
        session.update(track.side, track.gyr, track.acc, track.clipped)
    times = {side: Timebase(0.0, RATE_HZ) for side in SIDES}
    session.finish(times)
    return join_legs(legs_of(session, times))


def main() -> None:
    """Print the module."""
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    for code in (*EXERCISES, *FLOOR_EXERCISES):
        rows[TWINS.get(code, code)] += list(looks(code))
    features = list(next(iter(rows.values()))[0])
    print(
        HEAD.format(people=PEOPLE, seed=SEED, features="".join(f'    "{key}",\n' for key in features)), end=""
    )
    for code, found in sorted(rows.items()):
        values = np.array([[one[key] for key in features] for one in found])
        # median and quartiles: a set that was found wrongly does not bend the cloud
        low, mid, high = np.percentile(values, (25, 50, 75), axis=0)
        print(code, _line(mid), _line((high - low) / 1.349), sep="\n")
    print('"""')
    print(FOOT, end="")


def _line(values: FloatArray) -> str:
    return " ".join(str(round(100 * value)) for value in values.tolist())


if __name__ == "__main__":
    main()
