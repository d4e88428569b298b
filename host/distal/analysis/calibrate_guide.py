"""What somebody who turns a cuff from side to side should do next. Pure: samples in, a state out."""

from dataclasses import dataclass

import numpy as np

from distal.analysis.calibrate_fit import FACES, apart, missing, seen
from distal.analysis.calibrate_rests import BLOCK_S, Rests, cut
from distal.model import FloatArray
from distal.units import G

NEAR = np.cos(np.deg2rad(35.0))


@dataclass(frozen=True, slots=True)
class Step:
    """Where a calibration stands.

    up       the face that is up now, None while it moves or lies between two
    is_done  the rest that lasts now is long enough
    seen     faces that have been up at rest
    absent   directions that are still needed, by name; empty: enough
    """

    up: str | None
    is_done: bool
    seen: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        """Whether a calibration can be made."""
        return not self.absent

    @property
    def turn_over(self) -> bool:
        """Whether the side that lies below now is needed, so that upside down is the next."""
        return self.up is not None and _opposite(self.up) in self.absent


class Guide:
    """Feed it samples; ask it for the step."""

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._size = max(round(BLOCK_S * rate_hz), 2)
        self._rests = Rests()
        self._left = (np.zeros((0, 3)), np.zeros((0, 3)))
        self._now: FloatArray | None = None

    def update(self, gyr: FloatArray, acc: FloatArray) -> Step:
        """Take more samples; returns where it stands."""
        gyr, acc = (np.concatenate(pair) for pair in zip(self._left, (gyr, acc), strict=True))
        whole = len(acc) // self._size * self._size
        self._left = gyr[whole:], acc[whole:]
        blocks = cut(gyr[:whole], acc[:whole], self._rate_hz)
        self._rests.update(blocks)
        if len(blocks.acc):
            self._now = blocks.acc[-1] if blocks.quiet[-1] else None
        return self.step()

    def step(self) -> Step:
        """Where it stands."""
        now = self._rests.now()
        rests = [rest.acc for rest in self._rests.found] + ([now.acc] if now else [])
        acc = np.array(rests).reshape(-1, 3)
        faces = seen(acc)[0] if len(acc) else ()
        absent = missing(apart(acc) if len(acc) else acc)
        return Step(_face(self._now), now is not None, faces, tuple(absent))


def _face(acc: FloatArray | None) -> str | None:
    if acc is None or np.linalg.norm(acc) < 0.5 * G:
        return None
    near = {name: float(acc @ v / np.linalg.norm(acc)) for name, v in FACES}
    best = max(near, key=lambda name: near[name])
    return best if near[best] > NEAR else None


def _opposite(face: str) -> str:
    return ("−" if face[0] == "+" else "+") + face[1:]
