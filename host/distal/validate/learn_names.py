"""Make `analysis/names.py`: how the sets of virtual people look, by exercise.

    python -m distal.validate.learn_names > names.py
    ruff format names.py

Other people (another seed) than those that `distal validate` draws.
"""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from distal.analysis.reps_pairs import Joined, join_legs
from distal.analysis.session import SessionAnalysis, legs_of
from distal.model import SIDES, Facts, FloatArray, Timebase, Track
from distal.validate.athletes import RATE_HZ, feel
from distal.virtual.motion import EXERCISES, FLOOR_EXERCISES, population

PEOPLE, SEED = 30, 7_000
TWINS = {"seated_knee_extension": "seated_leg_raise"}
DIGITS = 3


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
    for case in population(code, people, SEED):
        for joined in _joined(feel(case.performance, case.number)):
            yield joined.one.look.features(joined.lead, joined.other)


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
    for code in (*EXERCISES, *FLOOR_EXERCISES, "jump", "hop"):
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
