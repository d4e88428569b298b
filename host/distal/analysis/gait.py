"""Swings of one leg: mid-swing, initial contact (ic) and terminal contact (tc).

Signal: pitch rate s = gyr . m, m = the leg's mediolateral axis, pointing so that swing is positive.
m and its sign come from the motion itself: m is the strongest axis of turning across gravity (slow part
only, so that the ringing of a contact cannot win); its sign makes fast turning and forward speed go
together. Sources: Aminian 2002, Salarian 2004 (mid-swing peak, minima on both sides).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks, lfilter

from distal.analysis.even import RATE_HZ, Even, vertex
from distal.analysis.rotate import unit
from distal.model import FloatArray, Placement

PAGE_S = 4.0  # events are looked for page by page ...
BEFORE_S = 6.0  # ... with this much context, so that the axis stands on several strides
AHEAD_S = 4.0
SLOW = 4  # axis and sign are found on 25 Hz: slow enough to leave the ringing out


@dataclass(frozen=True, slots=True)
class Swing:
    """One swing; positions are fractional samples at `RATE_HZ`."""

    tc: float
    mid: float
    ic: float
    peak: float  # rad/s at mid-swing
    axis: FloatArray  # m, sensor axes
    bridged: bool  # samples were missing between tc and ic
    force: float  # largest |f| of the swing, m/s2: times the worn mass it is a force
    across: float  # largest part of f across the leg: times mass and lever it is a moment about the knee
    lateral: float  # part of f along m, at its largest magnitude, signed


@dataclass(slots=True)
class _State:
    gyr: FloatArray = field(default_factory=lambda: np.zeros((0, 3)))
    acc: FloatArray = field(default_factory=lambda: np.zeros((0, 3)))
    present: FloatArray = field(default_factory=lambda: np.zeros(0))
    first: int = 0  # index of gyr[0]
    page: int = 0  # index where the next page begins
    last_ic: float = -1e9
    sign: FloatArray = field(default_factory=lambda: np.zeros(3))  # evidence for the direction of m


class StepFinder:
    """Streaming; delay of a swing: at most PAGE_S + AHEAD_S after its ic."""

    def __init__(self, placement: Placement) -> None:
        late, early = FOOT_SHIFT_S if placement == "foot" else (0.0, 0.0)
        self._ic_shift, self._tc_shift = late * RATE_HZ, early * RATE_HZ
        self._state = _State()

    def update(self, even: Even) -> list[Swing]:
        """Take samples at RATE_HZ, return the swings that have become certain."""
        state = self._state
        state.gyr = np.concatenate([state.gyr, even.gyr])
        state.acc = np.concatenate([state.acc, even.acc])
        state.present = np.concatenate([state.present, even.present])
        out: list[Swing] = []
        while state.first + len(state.gyr) >= state.page + int((PAGE_S + AHEAD_S) * RATE_HZ):
            out += self._turn_page(state.page + int(PAGE_S * RATE_HZ))
        return out

    def finish(self) -> list[Swing]:
        """The swings of what is left."""
        return self._turn_page(self._state.first + len(self._state.gyr))

    def _turn_page(self, stop: int) -> list[Swing]:
        state = self._state
        low = max(state.page - int(BEFORE_S * RATE_HZ) - state.first, 0)
        high = min(stop + int(AHEAD_S * RATE_HZ) - state.first, len(state.gyr))
        out = self._find(low, high, stop)
        state.page = stop
        drop = max(stop - int(BEFORE_S * RATE_HZ) - state.first, 0)
        state.gyr, state.acc = state.gyr[drop:], state.acc[drop:]
        state.present = state.present[drop:]
        state.first += drop
        return out

    def _find(self, low: int, high: int, stop: int) -> list[Swing]:
        """Swings with their middle between the page's begin and `stop`, seen in rows [low, high)."""
        state = self._state
        gyr, acc = state.gyr[low:high], state.acc[low:high]
        slow_gyr, slow_acc = _slow(gyr), _slow(acc)
        speed2 = np.einsum("ni,ni->n", slow_gyr, slow_gyr)
        if len(speed2) < 10 or speed2.max() < LEAST_PEAK**2:
            return []
        found = _find_axis(slow_gyr, slow_acc, speed2)
        state.sign = 0.9 * state.sign + found.evidence
        axis = found.axis if state.sign @ found.axis >= 0 else -found.axis
        pitch = np.convolve(np.einsum("ni,i->n", gyr, axis), KERNEL, "same")
        offset = state.first + low
        out = []
        for tc, mid, ic, peak in _cut_swings(pitch):
            if not (state.page <= mid + offset < stop and mid + offset > state.last_ic):
                continue
            rows = slice(int(tc), int(ic) + 1)
            bridged = not state.present[low:high][rows].all()
            felt = _feel(acc[rows], found.up, axis)
            tc, ic = tc + self._tc_shift, ic + self._ic_shift
            out.append(Swing(tc + offset, mid + offset, ic + offset, peak, axis, bridged, *felt))
            state.last_ic = ic + offset
        return out


def _feel(acc: FloatArray, up: FloatArray, axis: FloatArray) -> tuple[float, float, float]:
    """force, across, lateral of a swing; `up` at mid-stance is the leg's long axis."""
    size2 = np.einsum("ni,ni->n", acc, acc)
    along = np.einsum("ni,i->n", acc, up)
    sideways = np.einsum("ni,i->n", acc, axis)
    across = float(np.sqrt(np.maximum(size2 - along**2, 0.0).max()))
    return float(np.sqrt(size2.max())), across, float(sideways[np.argmax(np.abs(sideways))])


LEAST_PEAK = 0.6  # rad/s = 34 deg/s: mid-swing of the slowest walkers
CLEAR_PEAK, LONELY_S = 0.9, 3.0
LEAST_SHARE = 0.2  # of the strong swings around: turning and stopping take short steps
TURNS_BACK = 0.3  # rad/s: at a contact the leg no longer swings faster than this
LONGEST_S = 0.85  # tc to ic: a slow swing; lifting a leg in an exercise takes longer
BOUNCE_S, BOUNCE_SHARE = 0.5, 0.5
# On the instep the minima of pitch lie outside the swing: ic late, tc early. Means over hand-checked and
# optical events of 6 people (README); at the shank no sound reference was at hand, so nothing is added.
FOOT_SHIFT_S = (-0.045, 0.036)


def _kernel(width_s: float) -> FloatArray:
    """Hann window of unit sum: a zero-phase low-pass, -6 dB at about 1 / width_s."""
    n = int(width_s * RATE_HZ) | 1
    window = np.hanning(n + 2)[1:-1]
    out: FloatArray = window / window.sum()
    return out


KERNEL = _kernel(0.11)


def _slow(rows: FloatArray) -> FloatArray:
    n = len(rows) // SLOW * SLOW
    out: FloatArray = rows[:n].reshape(-1, SLOW, 3).mean(axis=1)
    return out


@dataclass(frozen=True, slots=True)
class _Axis:
    axis: FloatArray
    evidence: FloatArray
    up: FloatArray


def _find_axis(gyr: FloatArray, acc: FloatArray, speed2: FloatArray) -> _Axis:
    """Mediolateral axis (either way round), evidence for its sign (a vector along it), up in stance.

    Forward is up x m. Over a stride the leg is fast when it goes forward and slow when it stands, so
    forward speed (from specific force, freed of pitch) and turning speed squared rise together.
    """
    rate = RATE_HZ / SLOW
    calm = speed2 <= np.partition(speed2, len(speed2) // 5)[len(speed2) // 5]
    up = unit(acc[calm].mean(axis=0))  # a mean, not a median: it turns with the axes
    across = np.eye(3) - np.outer(up, up)
    axis = np.linalg.eigh(across @ (gyr.T @ gyr) @ across)[1][:, -1]
    forward = np.cross(up, axis)
    pitch = lfilter([1 / rate], [1, -np.exp(-1 / (1.5 * rate))], gyr @ axis)
    pitch = pitch - pitch[calm].mean()
    push = np.cos(pitch) * (acc @ forward) - np.sin(pitch) * (acc @ up)
    speed = lfilter([1 / rate], [1, -np.exp(-1 / (0.7 * rate))], push - push.mean())
    speed = speed - speed.mean()
    score = float(speed @ speed2) / max(float(np.sqrt((speed @ speed) * (speed2 @ speed2))), 1e-12)
    return _Axis(axis, axis * score, up)


def _cut_swings(pitch: FloatArray) -> list[tuple[float, float, float, float]]:
    """(tc, mid, ic, peak) of every swing in a window."""
    strong = np.sort(pitch[pitch > LEAST_PEAK])
    if len(strong) == 0:
        return []
    least = max(LEAST_PEAK, LEAST_SHARE * float(strong[int(0.9 * len(strong))]))
    mids = find_peaks(pitch, height=least, distance=int(0.35 * RATE_HZ))[0]
    lows = find_peaks(-pitch, height=-TURNS_BACK)[0]
    if len(lows) < 2 or len(mids) == 0:
        return []
    mids = _drop_bounces(mids, pitch[mids])
    mids = _drop_lonely(mids, pitch[mids])
    after = np.searchsorted(lows, mids)
    out = []
    for mid, k in zip(mids.tolist(), after.tolist(), strict=True):
        if 0 < k < len(lows) and lows[k] - lows[k - 1] <= LONGEST_S * RATE_HZ:
            tc, ic = vertex(pitch, lows[k - 1]), vertex(pitch, lows[k])
            out.append((tc, vertex(pitch, mid), ic, float(pitch[mid])))
    return out


def _drop_bounces(mids: NDArray[np.int64], peaks: FloatArray) -> NDArray[np.int64]:
    """Leave out the small forward jerk that follows a contact."""
    gaps = np.diff(mids)
    small = np.zeros(len(mids), dtype=bool)
    small[1:] = (gaps < BOUNCE_S * RATE_HZ) & (peaks[1:] < BOUNCE_SHARE * peaks[:-1])
    return mids[~small]


def _drop_lonely(mids: NDArray[np.int64], peaks: FloatArray) -> NDArray[np.int64]:
    """A weak swing counts only near a clear one: the slowest walkers have both, a fidget has not."""
    clear = mids[peaks >= CLEAR_PEAK]
    if len(clear) == 0:
        return clear
    after = np.minimum(np.searchsorted(clear, mids), len(clear) - 1)
    before = np.maximum(after - 1, 0)
    away = np.minimum(np.abs(clear[after] - mids), np.abs(clear[before] - mids))
    near: NDArray[np.int64] = mids[away <= LONELY_S * RATE_HZ]
    return near
