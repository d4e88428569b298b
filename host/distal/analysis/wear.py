"""How a cuff sits on the leg, collected while it is worn. `wear_words` turns it into findings.

Drawn way: x along the limb towards the foot, z outward. Walking tells where up and the person's right are in
sensor axes (mean specific force in mid-stance; the axis the leg swings about, signed by forward speed), lifts
tell what the leg turns about. A strap that does not hold lets the cuff swing *around* the limb after each
contact: bone cannot turn about its own length at 10 Hz and more, so energy there is the strap's resonance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distal.analysis.even import RATE_HZ, Even, join
from distal.analysis.gait import Swing
from distal.analysis.reps_sets import LegSet
from distal.analysis.rotate import unit
from distal.analysis.spans import Span
from distal.model import FloatArray
from distal.units import RAD_PER_DEG

BEFORE, AFTER = 60, 40  # samples around a contact: swing and landing; one second, so bins are 1 Hz apart
STANDS = slice(BEFORE + 15, BEFORE + 40)  # 0.15 to 0.4 s after it the shank passes the vertical
GROUP = 8  # contacts looked at together: about 10 s of walking
SLOW, MIDDLE, FAST = slice(1, 5), slice(5, 10), slice(10, 26)  # bins, Hz
EVERY, THEN = 64, 4  # the first contacts are all looked at, then each fourth: nothing is left to learn
PAUSE_S = 2.5  # longer is no stride
KEEP_S = 30.0  # swings are known 9 s after they happened
HANGS = -50.0 * RAD_PER_DEG  # elevation of a limb that hangs
LEVEL = 35.0 * RAD_PER_DEG  # and of one that lies


@dataclass(frozen=True, slots=True)
class Contacts:
    """GROUP contacts: sums of unit up and of the swing axis, and turning energy (3, 3) by band."""

    n: int
    up: FloatArray
    right: FloatArray
    slow: FloatArray
    middle: FloatArray
    fast: FloatArray


@dataclass(frozen=True, slots=True)
class Hinge:
    """What lifts say: the hinge (turning on the way up) and the limb's end towards the foot, sensor axes."""

    exercise: str
    turning: FloatArray
    foot: FloatArray | None
    n: int
    is_told: bool  # the exercise was said, not recognised
    at: float  # position of the first lift's top


class WearWatch:
    """Streaming; swings may come up to KEEP_S late."""

    def __init__(self) -> None:
        self.contacts: list[Contacts] = []
        self.hinges: list[Hinge] = []
        self.strides_s: list[float] = []  # from contact to contact, without pauses
        self._parts: list[Even] = []
        self._first = 0  # position of the first row kept
        self._length = 0  # rows kept
        self._seen = 0  # swings
        self._last = -1e9  # position of the last contact
        self._late: list[Swing] = []  # their second is not over yet
        self._rows: list[tuple[FloatArray, FloatArray]] = []  # windows (k, 100, 6) and swing axes (k, 3)
        self._waiting = 0  # windows in _rows

    def update(self, even: Even, swings: Sequence[Swing]) -> None:
        """Take samples at RATE_HZ and the swings known by now."""
        self._parts.append(even)
        self._length += len(even)
        looked_at = [swing for k, swing in enumerate(swings, self._seen) if k < EVERY or k % THEN == 0]
        self._seen += len(swings)
        for swing in swings:
            apart_s = (swing.ic - self._last) / RATE_HZ
            self.strides_s += [apart_s] if apart_s < PAUSE_S else []
            self._last = swing.ic
        if looked_at or self._late:
            self._cut([*self._late, *looked_at])
        while self._parts and self._length - len(self._parts[0]) > KEEP_S * RATE_HZ:
            gone = self._parts.pop(0)
            self._first += len(gone)
            self._length -= len(gone)

    def lifts(self, span: Span, one: LegSet) -> None:
        """Take a set with the samples it was found in."""
        turning, foot, n = np.zeros(3), np.zeros(3), 0
        for rep in one.reps:
            low, high = (int(x) - span.start for x in (rep.phases.start, rep.phases.hold_start))
            rows, rest = span.even.gyr[max(low, 0) : high], span.even.acc[max(low - 25, 0) : low + 5]
            if len(rows) < 5 or len(rest) < 5:
                continue
            way, up = rows.sum(axis=0), unit(rest.mean(axis=0))
            lies = rep.top_elevation - rep.rom
            # hanging, the foot is down; lying, it is the end that turning about the hinge lifts
            foot += -up if lies < HANGS else unit(np.cross(up, way)) if abs(lies) < LEVEL else 0.0
            turning, n = turning + unit(way), n + 1
        if n:
            known = float(foot @ foot) > (0.5 * n) ** 2
            told = one.confidence >= 1.0
            at = one.reps[0].top
            self.hinges.append(Hinge(one.exercise, turning, unit(foot) if known else None, n, told, at))

    def finish(self) -> None:
        """Look at the contacts that make no full group."""
        self._group(last=True)

    def _cut(self, swings: list[Swing]) -> None:
        """Keep the second around each contact that is complete and has no hole."""
        end = self._first + self._length
        self._late = [swing for swing in swings if int(swing.ic) + AFTER > end]
        ready = [swing for swing in swings if int(swing.ic) + AFTER <= end]
        ready = [swing for swing in ready if int(swing.ic) - BEFORE >= self._first]
        if not ready:
            return
        first, skip = self._first, 0  # only the parts that are looked at
        while first + len(self._parts[skip]) <= int(ready[0].ic) - BEFORE:
            first += len(self._parts[skip])
            skip += 1
        even = join(self._parts[skip:])
        at = np.array([int(swing.ic) - first for swing in ready])
        rows = at[:, None] + np.arange(-BEFORE, AFTER)
        whole = even.present[rows].all(axis=1)
        windows = np.concatenate([even.gyr[rows[whole]], even.acc[rows[whole]]], axis=2)
        axes = np.array([swing.axis for swing in ready])[whole]
        self._rows.append((windows, axes))
        self._waiting += len(windows)
        if self._waiting >= GROUP:
            self._group(last=False)

    def _group(self, last: bool) -> None:
        if not self._rows:
            return
        windows, axes = (np.concatenate([part[i] for part in self._rows]) for i in (0, 1))
        stop = len(windows) if last else len(windows) // GROUP * GROUP
        for at in range(0, stop, GROUP):
            high = min(at + GROUP, stop)
            self.contacts.append(_look(windows[at:high], axes[at:high]))
        self._rows = [(windows[stop:], axes[stop:])]
        self._waiting = len(windows) - stop


def _look(windows: FloatArray, axes: FloatArray) -> Contacts:
    """One group: directions, and energy by band with a Hann taper."""
    up = windows[:, STANDS, 3:].mean(axis=1)
    up = up / np.maximum(np.sqrt(np.einsum("ni,ni->n", up, up)), 1e-9)[:, None]
    gyr = windows[:, :, :3]
    taper = np.hanning(BEFORE + AFTER)[:, None]
    bins = np.fft.rfft((gyr - gyr.mean(axis=1, keepdims=True)) * taper, axis=1)
    slow, middle, fast = (
        np.einsum("nki,nkj->ij", bins[:, band], bins[:, band].conj()).real for band in (SLOW, MIDDLE, FAST)
    )
    return Contacts(len(windows), up.sum(axis=0), axes.sum(axis=0), slow, middle, fast)
