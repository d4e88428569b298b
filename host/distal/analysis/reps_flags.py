"""What is odd about a rep, each flag from its own evidence. A flagged rep stays in the list and counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distal.analysis.even import RATE_HZ, Even
from distal.analysis.load import Phases
from distal.analysis.rotate import lengths
from distal.model import FloatArray

SMALL = 0.6  # of the set's usual range: a partial rep
BROKEN, SOON, STAYS_S = (
    0.45,
    0.75,
    0.3,
)  # of the usual range, and back after this share of the usual way out, at once
HELD_S, MOSTLY = 8.0, 0.7  # a hold this long that is this share of a rep: an isometric effort
TURNED = 0.5  # rad, and share of the range: turned about itself
# a touch is felt for 50 ms, a limb that is moved changes over 130 ms and more; a rep shakes by some m/s2
TOUCH, TOUCH_N, TIMES = 5.0, 13, 6.0  # m/s2; samples; of what three quarters of the rep stay below
AFTER_S, BEFORE_S = 0.25, 0.3  # the put-down of the rep before, and of this one, are no touch


@dataclass(frozen=True, slots=True)
class Turned:
    """A rep: its phases in samples of its span, and how far the limb turned, and about itself, rad."""

    phases: Phases
    rom: float
    roll: float

    @property
    def out(self) -> float:
        """Samples of the way out."""
        return self.phases.hold_start - self.phases.start

    @property
    def hold_s(self) -> float:
        """At the turning point."""
        return (self.phases.hold_end - self.phases.hold_start) / RATE_HZ


def flags_of(reps: Sequence[Turned], even: Even, is_swung: bool) -> list[tuple[str, ...]]:
    """Flags of every rep of a set; is_swung: the limb hangs from hip or knee, nothing should touch it."""
    usual = float(np.median([rep.rom for rep in reps]))
    whole = [rep.out for rep in reps if rep.rom >= SMALL * usual]
    out = float(np.median(whole)) if whole else 0.0
    jolt = jolts(even.acc) if is_swung else None
    return [tuple(_flags(rep, even, (usual, out), jolt)) for rep in reps]


def _flags(rep: Turned, even: Even, usual: tuple[float, float], jolt: FloatArray | None) -> list[str]:
    low, high = int(rep.phases.start), int(rep.phases.end) + 1
    length_s = (rep.phases.end - rep.phases.start) / RATE_HZ
    broke = rep.rom < BROKEN * usual[0] and rep.out < SOON * usual[1] and rep.hold_s < STAYS_S
    found = {
        "gap": not even.present[low:high].all(),
        "clipped": bool(even.clipped[low:high].any()),
        "aborted": broke,
        "partial": rep.rom < SMALL * usual[0] and not broke,
        "isometric": rep.hold_s >= HELD_S and rep.hold_s >= MOSTLY * length_s,
        "contact": jolt is not None and touches(jolt, low, high),
        "off_axis": abs(rep.roll) > TURNED and abs(rep.roll) > TURNED * rep.rom,
    }
    return [name for name, holds in found.items() if holds]


def jolts(acc: FloatArray) -> FloatArray:
    """(n - TOUCH_N + 1,) m/s2: how far samples are from the mean of the TOUCH_N around each.

    acc  (n, 3) at RATE_HZ; without the first and last that have fewer around them
    """
    if len(acc) < TOUCH_N:
        return np.zeros(0)
    window = np.full(TOUCH_N, 1.0 / TOUCH_N)
    slow = np.stack([np.convolve(column, window, "valid") for column in acc.T], axis=1)
    brief = acc[TOUCH_N // 2 : TOUCH_N // 2 + len(slow)] - slow
    return lengths(brief)


def touches(jolt: FloatArray, low: int, high: int) -> bool:
    """Whether something knocked against the limb within a rep, samples [low, high); jolt: its `jolts`."""
    first, last = low + int(AFTER_S * RATE_HZ), high - int(BEFORE_S * RATE_HZ)
    if last - first < 2 * TOUCH_N:
        return False
    size = jolt[max(first - TOUCH_N, 0) : last + 1]
    hardest = float(size.max())
    return hardest > TOUCH and hardest > TIMES * float(np.percentile(size, 75))
