"""Impact of steps and landings as the shank feels it: peak acceleration, bands, a stored dose. A stimulus.

It stands neither for the force on the ground nor for the load on the bone: peak tibial acceleration did not
follow tibial bone load in level running (Zandbergen and others 2023). A strap and a worn mass change it, too:
compare only the same person with the same cuff in the same place.
Bands: IMU Step's low, medium, high (science notes of the project). Dose: sum of the fourth powers, after the
daily stress stimulus of Carter, Whalen and Beaupre (1988 to 1990, from memory); roots are for display only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import cos, pi

import numpy as np
from numpy.typing import NDArray

from distal.model import BoolArray, FloatArray, Impact, Step, Timebase
from distal.units import G

LEAST_G = 0.5  # above rest: less is the swing of a leg
BANDS_G = (6.0, 21.0)  # low below, medium between, high above
BEFORE_S, AFTER_S = 0.03, 0.075  # around a contact: the shock's peak follows it within 50 to 75 ms
POWER = 4
SHOCK_S = 0.02  # length of a short heel shock, half a sine: what the rate's under-reading is told for


class ShockWatch:
    """Local peaks of |f| - 1 g at the sensor's own rate; O(1) memory a peak, any chunking alike.

    delay  one sample
    """

    def __init__(self) -> None:
        self._seen = 0
        self._tail = np.zeros(0)
        self._tail_hit = np.zeros(0, np.bool_)
        self._at: list[NDArray[np.int64]] = []
        self._size: list[FloatArray] = []
        self._hit: list[BoolArray] = []

    def update(self, acc: FloatArray, clipped: BoolArray) -> None:
        """acc (n, 3) m/s2, NaN where missing."""
        size = np.sqrt(acc[:, 0] ** 2 + acc[:, 1] ** 2 + acc[:, 2] ** 2) / G - 1.0
        size = np.concatenate([self._tail, np.where(size < np.inf, size, -np.inf)])
        hit = np.concatenate([self._tail_hit, clipped])
        first = self._seen - len(self._tail)
        here = size[1:-1]
        peaks = np.flatnonzero((here >= LEAST_G) & (here > size[:-2]) & (here >= size[2:])) + 1
        if len(peaks):
            self._at.append(peaks + first)
            self._size.append(size[peaks])
            self._hit.append(hit[peaks - 1] | hit[peaks] | hit[peaks + 1])
        self._seen += len(acc)
        self._tail, self._tail_hit = size[-2:], hit[-2:]

    def peaks(self) -> tuple[NDArray[np.int64], FloatArray, BoolArray]:
        """Sample index, size in g, whether a value stood at the sensor's limit."""
        if not self._at:
            return np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.bool_)
        return np.concatenate(self._at), np.concatenate(self._size), np.concatenate(self._hit)


def shocks_g(
    peaks: tuple[NDArray[np.int64], FloatArray, BoolArray], at: Sequence[float], rate_hz: float
) -> list[tuple[float, bool] | None]:
    """The largest peak around each contact (sample), and whether one was clipped; None without one."""
    index, size, hit = peaks
    contacts = np.asarray(at, dtype=np.float64)
    lows = np.searchsorted(index, contacts - BEFORE_S * rate_hz).tolist()
    highs = np.searchsorted(index, contacts + AFTER_S * rate_hz, "right").tolist()
    sizes, hits = size.tolist(), hit.tolist()
    return [
        (max(sizes[low:high]), any(hits[low:high])) if low < high else None
        for low, high in zip(lows, highs, strict=True)
    ]


def under_read_pct(rate_hz: float) -> float:
    """How much too small the peak of a 20 ms shock may be read for the sampling rate alone, at worst."""
    return 100.0 * (1.0 - cos(min(pi / (2.0 * SHOCK_S * rate_hz), pi / 2.0)))


def impact_of(steps: Iterable[Step], landings_g: Sequence[float], rate_hz: float) -> Impact | None:
    """Exposure of one leg: its steps, and landings of jumps and reps apart; None without any."""
    felt = [step for step in steps if step.impact_g is not None]
    sizes = np.array([step.impact_g for step in felt] + list(landings_g), np.float64)
    if not len(sizes):
        return None
    low, high = BANDS_G
    bands: Mapping[str, int] = {
        "low": int((sizes < low).sum()),
        "medium": int(((sizes >= low) & (sizes < high)).sum()),
        "high": int((sizes >= high).sum()),
    }
    return Impact(
        steps=len(felt),
        landings=len(landings_g),
        median_g=float(np.median(sizes)),
        p95_g=float(np.quantile(sizes, 0.95)),
        bands=bands,
        dose_g4=float((sizes**POWER).sum()),
        clipped=sum("impact_clipped" in step.flags for step in felt),
        under_read_pct=under_read_pct(rate_hz),
    )


def feel(
    steps: Sequence[Step], landings_s: Sequence[float], watch: ShockWatch, time: Timebase
) -> tuple[tuple[Step, ...], Impact | None]:
    """The steps with the shock of each, and the leg's exposure. landings_s: session s, of jumps and hops

    Reps put down on floor or mat have their own landing in their load.
    """
    peaks = watch.peaks()
    rate_hz = time.rate_hz
    felt = shocks_g(peaks, [time.index(step.ic_s) for step in steps], rate_hz)
    found = tuple(_felt(step, shock) for step, shock in zip(steps, felt, strict=True))
    landed = shocks_g(peaks, [time.index(at) for at in landings_s], rate_hz)
    return found, impact_of(found, [shock[0] for shock in landed if shock], rate_hz)


def _felt(step: Step, shock: tuple[float, bool] | None) -> Step:
    if shock is None:
        return step
    flags = (*step.flags, "impact_clipped") if shock[1] else step.flags
    return replace(step, impact_g=shock[0], flags=flags)
