"""The holes in a leg's samples, filled in order as soon as enough of what follows is known.

A hole of up to `margin` samples is filled from what lies around it; a longer one holds the last sample, not
turning: to wait for its end would delay every event.
"""

from collections import deque

import numpy as np

from distal.analysis.mend import AROUND_S, PAST_S, Hole, mend
from distal.analysis.rotate import integrate_turns, unit
from distal.model import BoolArray, FloatArray

HELD, MOST = 50, 150  # samples at 100 Hz: longer than what is filled at once; half a lift
NEAR = 10  # samples
SHORT = 3  # samples at 100 Hz: filled to the noise of a contact
SHORT_S = 0.03  # filled well enough to be compared with
NEAR_CONTACT = 3  # samples around a contact that must be there

RATE_HZ = 100.0  # of `even`
_ONES = np.ones(6)  # a product with them adds up rows several times faster than a sum


class Holes:
    """Streaming; the rows are the owner's, who tells when some are added at the end or dropped in front."""

    def __init__(self, rate_hz: float, margin: int) -> None:
        self._rate_hz = rate_hz
        self._margin = margin
        self._gone: BoolArray = np.zeros(0, dtype=bool)  # one a row of the owner's
        self._unsure: BoolArray = np.zeros(0, dtype=bool)  # filled from far
        self._done = 0  # rows whose holes are decided
        self._past: deque[FloatArray] = deque()  # rows that were dropped
        self._kept = 0  # in _past

    def add(self, rows: FloatArray) -> None:
        """Rows (n, 6) come in, NaN where missing."""
        gone: BoolArray = np.isnan(rows @ _ONES)
        self._gone = np.concatenate([self._gone, gone])
        self._unsure = np.concatenate([self._unsure, gone])

    def forget(self, rows: FloatArray, drop: int) -> None:
        """The first rows are dropped by their owner."""
        unsure, past = self._unsure[:drop], rows[:drop]
        self._past.append(np.where(unsure[:, None], np.nan, past) if unsure.any() else past)
        self._kept += drop
        while self._kept - len(self._past[0]) >= PAST_S * self._rate_hz:
            self._kept -= len(self._past.popleft())
        self._gone, self._unsure = self._gone[drop:], self._unsure[drop:]
        self._done -= drop

    def fill(self, rows: FloatArray, decided: int) -> BoolArray:
        """Fill holes that begin before row `decided`, in place; returns (n,) True where there was none."""
        while (start := self._next(decided)) is not None:
            ahead = self._gone[start : start + self._margin]
            length = int(np.argmin(ahead)) if not ahead.all() else len(ahead)
            goes_on = start == 0 or bool(self._gone[start - 1])
            if goes_on or length == len(ahead):
                length = min(length, decided - start)
                rows[start : start + length] = rows[start - 1] if start else 0.0
                rows[start : start + length, :3] = 0.0
            else:
                rows[start : start + length] = mend(self._around(rows, start, length))
                self._unsure[start : start + length] = length > SHORT_S * self._rate_hz
            self._done = start + length
        self._done = max(self._done, decided)
        return self._gone

    def _next(self, decided: int) -> int | None:
        ahead = self._gone[self._done : decided]
        return self._done + int(np.argmax(ahead)) if ahead.any() else None

    def _around(self, rows: FloatArray, start: int, length: int) -> Hole:
        """What was felt in the seconds before a hole and, as far as is known in time, after it."""
        most = int(PAST_S * self._rate_hz)
        low = max(start - most, 0)
        near = np.where(self._unsure[low:start, None], np.nan, rows[low:start])
        past = near if low or not self._past else np.concatenate([*self._past, near])[-most:]
        stop = min(start + length + int(AROUND_S * self._rate_hz) + 1, start + self._margin)
        after = np.where(self._gone[start:stop, None], np.nan, rows[start:stop])
        joined = np.concatenate([past, after])
        joined[len(past) - 1] = rows[start - 1]
        return Hole(joined, len(past), length, self._rate_hz)


def bridged(gyr: FloatArray, acc: FloatArray, present: BoolArray) -> tuple[FloatArray, FloatArray]:
    """The same rows (n, 3) at RATE_HZ with straight lines over holes that were held, of up to MOST_S.

    What a limb does there is not known, but what it has done when it is seen again is: a steady turning is
    added that carries gravity from where it was felt before the hole to where it is felt after it.
    """
    edges = np.flatnonzero(np.diff(np.pad(present, 1, constant_values=True))).reshape(-1, 2)
    long = [(a, b) for a, b in edges.tolist() if HELD < b - a <= MOST and a > 0 and b < len(present)]
    if not long:
        return gyr, acc
    gyr, acc = gyr.copy(), acc.copy()
    for low, high in long:
        part = (np.arange(1, high - low + 1) / (high - low + 1))[:, None]
        for rows in (gyr, acc):
            rows[low:high] = rows[low - 1] + (rows[high] - rows[low - 1]) * part
        before, after = (unit(acc[max(k, 0) : k + NEAR].mean(axis=0)) for k in (low - NEAR, high))
        turn = integrate_turns(gyr[low - 1 : high + 1], RATE_HZ)[-1]
        gyr[low:high] += np.cross(after, turn.T @ before) * RATE_HZ / (high - low)
    return gyr, acc


def closed(present: BoolArray) -> BoolArray:
    """(n,) what is there, and what is missing for so short that its filling hides no contact."""
    if present.all():
        return present
    edges = np.flatnonzero(np.diff(np.pad(present, 1, constant_values=True)))
    out = present.copy()
    for low, high in edges.reshape(-1, 2).tolist():
        if high - low <= SHORT:
            out[low:high] = True
    return out


class There:
    """Which samples of a stretch are there; nearly always all of them."""

    def __init__(self, present: BoolArray) -> None:
        self._end = len(present)
        self._lost = None if present.all() else np.concatenate([[0], np.cumsum(~present)])

    def all(self, low: int, high: int) -> bool:
        """Whether all in [low, high) are, of those that the stretch has."""
        if self._lost is None:
            return True
        low, high = max(low, 0), min(high, self._end)
        return low >= high or bool(self._lost[low] == self._lost[high])

    def lost(self, low: float, high: float) -> float:
        """How many are missing from one position to another; inf where the stretch does not reach so far."""
        if int(high) >= self._end:
            return np.inf
        if self._lost is None:
            return 0
        return int(self._lost[int(high) + 1] - self._lost[max(int(low), 0)])

    def near(self, at: float, least: int) -> bool:
        """Whether those around a contact are; none before `least` is asked."""
        return self.all(max(int(at) - NEAR_CONTACT, least), int(at) + NEAR_CONTACT + 1)
