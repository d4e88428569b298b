"""Swings of one leg: mid-swing, initial contact (ic) and terminal contact (tc), in a stream.

Signal: pitch rate s = gyr . m, m = the leg's mediolateral axis, pointing so that swing is positive
(`gait_axis`); its peaks and dips are the swings (`gait_swing`; Aminian 2002, Salarian 2004); `gait_travel`
says how far the leg went. Work goes page by page on a fixed grid, many pages at once when they are there:
the bits do not depend on how the samples came.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from numpy.typing import NDArray

from distal.analysis.even import RATE_HZ, Even
from distal.analysis.gait_axis import SLOW, Axes, along, find_axes, slow
from distal.analysis.gait_pivot import Pivot, find_pivots
from distal.analysis.gait_swing import (
    APART_S,
    FOOT,
    LEAST_PEAK,
    SHANK,
    Cut,
    cut,
    extrema,
    is_weak,
    likely,
    pick_mids,
    smooth,
)
from distal.analysis.gait_travel import REACH, Around, Travel, measure
from distal.analysis.holes import There, closed
from distal.analysis.plausible import BLOCK, blocks_of, hidden_much, is_body, stands
from distal.model import BoolArray, FloatArray, Placement

PAGE_S = 2.0  # events are looked for page by page ...
BEFORE_S = 6.0  # ... with this much context, so that the axis stands on several strides
AHEAD_S = 2.0
MARGIN_S = 1.2  # of pitch before the page: a swing that ends in it
PAGE, BEFORE, AHEAD, MARGIN = (int(x * RATE_HZ) for x in (PAGE_S, BEFORE_S, AHEAD_S, MARGIN_S))
AT_ONCE = 64  # pages; more would only take memory
SIGN_FADE = 0.95  # per page: a leg keeps its sign, a cuff turned on the leg finds its new one in a minute
USUAL = 5  # swings whose contacts say where a contact hidden by a hole was
# A shank that carries the body leans as far as the ankle bends, some 40 degrees; in 2 300 rests of people who
# walk it leaned 37 at most. A leg held out level leans 90.
UPRIGHT = 0.87  # rad
# `way_back` of a hinge is 1; of walking it was below 0.05 in 99 % of 1 900 swings of 11 people, but where a
# closing step is hardly carried forward while it turns forward, it is a large number
HINGED = 0.5, 2.0
WHIRLED = 7.0  # rad/s = 400 deg/s: a runner's leg, of no known length; legs on a hinge turn half as fast
STAYS_M, STAYS_PEAK = 0.04, 1.5  # closing steps go 0.05 m; stepping on the spot swings faster
WAYS, LATELY_S, USUAL_PEAK = 3, 6.0, 0.6  # swings that tell the usual way; a foot that settles jerks less
AHEAD_M = 0.2  # of a weak swing with no clear one near; at 0.3 m/s after a stroke 0.3 m and more
SHANK_SKEW = 0.5  # skewness of pitch rate was 0.6 to 1.4 on 11 of 12 shanks, evidence of speed 0.1 to 0.5
MID_SHANK_M = 0.21  # ankle joint -> sensor worn mid-shank: half of 0.246 of 1.70 m (Winter)
LEVERS_M = 0.05, 0.40  # just above the ankle to just below the knee
ROCKS, PRIOR = 24, 1.0  # swings that say how high a sensor sits; weight of MID_SHANK_M beside them
SHORT_HOLE = 0.25 * RATE_HZ  # so much of a swing may be filled and its way still be judged by
_NEAR_MID = np.arange(-REACH, REACH)


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
    dip: float = 0.0  # fastest backward turning before the swing
    seen: bool = True  # samples were there at both contacts
    length_m: float | None = None  # of the stride; None where a hole hides it
    rise_m: float | None = None
    turn: float | None = None  # rad about the vertical during the stride, left positive
    way_m: float | None = None  # the length, also through short holes: to judge a step by, not to tell
    way_back: float = 0.0  # see `gait_travel`
    lean: float = 0.0  # rad, see `gait_travel`


@dataclass(slots=True)
class _State:
    coming: list[Even] = field(default_factory=list)  # not in rows yet
    end: int = 0  # one past the last sample that came
    rows: FloatArray = field(default_factory=lambda: np.zeros((6, 0)))  # gyr, acc
    slow: FloatArray = field(default_factory=lambda: np.zeros((6, 0)))  # the same at SLOW_HZ
    hidden: BoolArray = field(
        default_factory=lambda: np.zeros(0, dtype=bool)
    )  # the same: samples are missing
    present: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    clipped: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    first: int = 0  # index of rows[:, 0]
    page: int = 0  # index where the next page begins
    last_ic: float = -1e9
    sign: tuple[float, float, float] = (0.0, 0.0, 0.0)  # evidence for the direction of m
    swings: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=12))  # mid, peak
    landing: deque[float] = field(default_factory=lambda: deque(maxlen=USUAL))  # ic - mid
    ways: deque[tuple[float, float, float]] = field(
        default_factory=lambda: deque(maxlen=WAYS)
    )  # mid, way, peak
    rocks: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=ROCKS))
    leaving: deque[float] = field(default_factory=lambda: deque(maxlen=USUAL))  # tc - mid


class _Found(NamedTuple):
    """A swing's place before it is measured."""

    window: int
    mid: int  # sample of the stream
    cut: Cut  # in samples of the stream
    tc: float
    ic: float
    seen: bool
    turn: float | None = None  # of a pivot, which has no plane of swing to be measured in
    is_weak: bool = False


class StepFinder:
    """Streaming; delay of a swing: at most PAGE_S + AHEAD_S after its ic."""

    def __init__(self, placement: Placement, cuff_height_m: float = 0.08) -> None:
        self._rule = FOOT if placement == "foot" else SHANK
        self._lever_m = {"foot": 0.0, "shank": MID_SHANK_M, "ankle": cuff_height_m}[placement]
        self._fits_lever = placement == "shank"  # of a cuff at the ankle it is told
        self._pivots = placement == "foot"  # a shank never rests: where it went is not known so well
        self._skew = 0.0 if placement == "foot" else SHANK_SKEW
        self._state = _State()

    def update(self, even: Even) -> list[Swing]:
        """Take samples at RATE_HZ, return the swings that have become certain."""
        state = self._state
        state.coming.append(even)
        state.end += len(even)
        if self._ready() <= 0:
            return []
        self._join()
        out: list[Swing] = []
        while (pages := self._ready()) > 0:
            out += self._turn(min(pages, AT_ONCE), PAGE + AHEAD)
        return out

    def finish(self) -> list[Swing]:
        """The swings of what is left."""
        self._join()
        left = self._state.end - self._state.page
        return self._turn(1, left) if left > 0 else []

    def _ready(self) -> int:
        return (self._state.end - self._state.page - AHEAD) // PAGE

    def _join(self) -> None:
        """What has come after what is kept."""
        state = self._state
        if not state.coming:
            return
        fresh = np.concatenate([np.concatenate([one.gyr.T, one.acc.T]) for one in state.coming], axis=1)
        state.present = np.concatenate([state.present, *(one.present for one in state.coming)])
        state.clipped = np.concatenate([state.clipped, *(one.clipped for one in state.coming)])
        state.rows = np.concatenate([state.rows, fresh], axis=1)
        done = SLOW * state.slow.shape[1]
        state.slow = np.concatenate([state.slow, slow(state.rows[:, done:])], axis=1)
        gone = ~state.present[done : SLOW * state.slow.shape[1]].reshape(-1, SLOW).all(axis=1)
        state.hidden = np.concatenate([state.hidden, gone])
        state.coming.clear()

    def _turn(self, pages: int, reach: int) -> list[Swing]:
        """Look through pages, each seen up to `reach` samples from its begin."""
        state = self._state
        if state.page < BEFORE:
            pages = 1  # the first pages have less before them: windows of another size
        low = max(state.page - BEFORE, 0)
        size = state.page - low + reach
        out = self._find(pages, low, size, reach)
        state.page += pages * PAGE if reach == PAGE + AHEAD else reach
        drop = max(state.page - BEFORE - state.first, 0)
        if drop and reach == PAGE + AHEAD:
            state.rows, state.present = state.rows[:, drop:], state.present[drop:]
            state.clipped = state.clipped[drop:]
            state.slow, state.hidden = state.slow[:, drop // SLOW :], state.hidden[drop // SLOW :]
            state.first += drop
        return out

    def _find(self, pages: int, low: int, size: int, reach: int) -> list[Swing]:
        """Swings of the pages whose windows of `size` samples begin at `low`, low + PAGE, ..."""
        state = self._state
        if size // SLOW < 10:
            return []
        calm = state.slow[:, (low - state.first) // SLOW :]
        speed2 = (calm[:3] * calm[:3]).sum(axis=0)
        speeds = _windows(speed2[None], pages, size // SLOW, PAGE // SLOW)[:, 0]
        busy = np.flatnonzero(speeds.max(axis=1) >= LEAST_PEAK**2)
        if len(busy) == 0:
            return []
        windows = _windows(calm, pages, size // SLOW, PAGE // SLOW)[busy]
        hidden = state.hidden[(low - state.first) // SLOW :]
        lost = sliding_window_view(hidden, size // SLOW)[:: PAGE // SLOW][busy] if hidden.any() else None
        axes = self._signed(find_axes(windows[:, :3], windows[:, 3:], self._skew, lost))
        begin = max(size - reach - MARGIN, 0)  # of the pitch, in the window
        rows, there = state.rows[:, low - state.first :], There(closed(state.present[low - state.first :]))
        near = _windows(rows[:3, begin:], pages, size - begin, PAGE)[busy]
        pitch = smooth(along(near, axes.axis))
        found: list[_Found] = []
        for k, (mids, peaks, lows) in enumerate(extrema(pitch)):
            start = low + int(busy[k]) * PAGE + begin
            page = low + int(busy[k]) * PAGE + size - reach
            stop = page + (PAGE if reach == PAGE + AHEAD else reach)
            recent = [(at - start, peak) for at, peak in state.swings]
            chosen = pick_mids(mids, peaks, recent)
            course = pitch[k].tolist() if chosen else []
            cuts: list[Cut | Pivot] = [cut(course, mids[j], lows, self._rule) for j in chosen]
            known = [*recent, *((mids[j], peaks[j]) for j in chosen)]
            if self._pivots:
                cuts += find_pivots(windows[k], begin // SLOW, known)
                cuts.sort(key=lambda one: one.mid)
            for one in cuts:
                if page <= one.mid + start < stop:
                    placed = self._place(one, k, start, there, start - low)
                    if placed is not None:
                        found.append(placed._replace(is_weak=is_weak(one.mid, one.peak, known)))
        doubt = hidden_much(~state.present[low - state.first :] | state.clipped[low - state.first :], size)
        found = _of_a_body(found, calm, doubt, busy, windows)
        return self._measure(found, rows, there, axes, low)

    def _signed(self, axes: Axes) -> Axes:
        """Axes that all point to the person's right, by the evidence so far."""
        x, y, z = self._state.sign
        flips = []
        for (a, b, c), (u, v, w) in zip(axes.evidence.tolist(), axes.axis.tolist(), strict=True):
            x, y, z = SIGN_FADE * x + a, SIGN_FADE * y + b, SIGN_FADE * z + c
            flips.append(-1.0 if x * u + y * v + z * w < 0 else 1.0)
        self._state.sign = (x, y, z)
        return Axes(axes.axis * np.array(flips)[:, None], axes.up, axes.evidence)

    def _place(self, one: Cut | Pivot, window: int, start: int, there: There, begin: int) -> _Found | None:
        """A swing in samples of the stream.

        start, begin  where sample 0 of the cut is in the stream, and in `there`
        """
        if isinstance(one, Cut):
            return self._contacts(one, window, start, there, begin)
        if one.tc + start <= self._state.last_ic or there.lost(one.tc + begin, one.ic + begin) > 0:
            return None
        self._state.last_ic = one.ic + start
        mid = one.mid + start
        made = Cut(one.tc, one.mid, one.ic, one.peak, None)
        return _Found(window, mid, made, one.tc + start, one.ic + start, True, one.turn)

    def _contacts(self, one: Cut, window: int, start: int, there: There, begin: int) -> _Found | None:
        """As its dips say; contacts that a hole hides stand where they usually do."""
        state = self._state
        mid = one.mid
        ic_seen = one.ic is not None and there.near(one.ic + begin, begin)
        tc_seen = one.tc is not None and there.near(one.tc + begin, begin)
        if (one.ic is None or one.tc is None) and there.all(max(mid - 60, 0) + begin, mid + 60 + begin):
            return None  # no hole hides it: this is no swing
        ic, tc = one.ic, one.tc
        if not ic_seen:
            ic = likely(ic, mid, state.landing)
        if not tc_seen:
            tc = likely(tc, mid, state.leaving)
        if ic is None or tc is None or ic + start <= state.last_ic + APART_S * RATE_HZ:
            return None
        if ic_seen and tc_seen:
            state.landing.append(ic - mid)
            state.leaving.append(tc - mid)
        state.last_ic = ic + start
        state.swings.append((mid + start, one.peak))
        return _Found(window, mid + start, one, tc + start, ic + start, ic_seen and tc_seen)

    def _measure(
        self, found: list[_Found], rows: FloatArray, there: There, axes: Axes, low: int
    ) -> list[Swing]:
        if not found:
            return []
        mids = np.array([one.mid for one in found]) - low
        window = np.array([one.window for one in found])
        near = _around(rows, mids)
        tc = np.array([one.tc for one in found]) - low - mids + REACH
        ic = np.array([one.ic for one in found]) - low - mids + REACH
        around = Around(near[:, :3], near[:, 3:], axes.axis[window], axes.up[window], tc, ic, self._lever_m)
        travel = measure(around, self._fits_lever)
        if self._fits_lever:
            travel = replace(travel, length_m=self._fitted(travel))
        travels = _rows(travel)
        swings = [
            _swing(one, axis, there.lost(one.tc - low, one.ic - low), travel)
            for one, axis, travel in zip(found, around.axis, travels, strict=True)
        ]
        weak = [one.is_weak for one in found]
        return [
            one
            for one, is_it in zip(swings, weak, strict=True)
            if _goes_somewhere(one, self._way(one), is_it)
        ]

    def _way(self, swing: Swing) -> float | None:
        """How far it goes, or usually goes: one of the usual size that is measured wrong is a step, too."""
        if swing.way_m is None:
            return None
        self._state.ways.append((swing.mid, swing.way_m, swing.peak))
        lately = [one for one in self._state.ways if swing.mid - one[0] <= LATELY_S * RATE_HZ]
        way, peak = (sorted(column)[len(lately) // 2] for column in list(zip(*lately, strict=True))[1:])
        is_usual = len(lately) == WAYS and swing.peak >= USUAL_PEAK * peak
        return max(swing.way_m, way) if is_usual else swing.way_m

    def _fitted(self, travel: Travel) -> FloatArray:
        """Lengths with the lever that the last stances show, one swing after another."""
        out = []
        for length, per_lever, rocking in zip(
            travel.length_m.tolist(), travel.per_lever.tolist(), travel.rocking.tolist(), strict=True
        ):
            rocks = self._state.rocks
            rocks.append((rocking[0], rocking[1]))
            together, alone = (sum(one[k] for one in rocks) for k in (0, 1))
            lever = (together + PRIOR * self._lever_m) / (alone + PRIOR)
            out.append(length + (min(max(lever, LEVERS_M[0]), LEVERS_M[1]) - self._lever_m) * per_lever)
        return np.array(out)


def _of_a_body(
    found: list[_Found], calm: FloatArray, doubt: BoolArray, busy: NDArray[np.int64], windows: FloatArray
) -> list[_Found]:
    """Those in whose window turning and force belong together, and those of which that cannot be said."""
    if not found:
        return found
    some = sorted({one.window for one in found})
    starts, length = busy[some] * (PAGE // SLOW), windows.shape[2]
    is_one = is_body(blocks_of(calm), starts // BLOCK, length // BLOCK) & stands(windows[some])
    kept = dict(zip(some, (is_one | doubt[SLOW * starts]).tolist(), strict=True))
    return [one for one in found if kept[one.window]]


def _goes_somewhere(swing: Swing, way_m: float | None, is_weak: bool) -> bool:
    """A leg that swings to and fro on a joint takes no step; nor does a weak one that does not go ahead."""
    if way_m is None:
        return not is_weak
    # said of swings that come back only
    hinged = HINGED[0] < swing.way_back < HINGED[1] and swing.peak < WHIRLED
    stays = way_m < (AHEAD_M if is_weak else STAYS_M if swing.peak < STAYS_PEAK else -np.inf)
    return not (hinged or stays or swing.lean > UPRIGHT)


def _rows(travel: Travel) -> list[tuple[float, ...]]:
    parts = (travel.length_m, travel.rise_m, travel.turn, travel.way_back, travel.lean, *travel.felt.T)
    return list(zip(*(part.tolist() for part in parts), strict=True))


def _swing(one: _Found, axis: FloatArray, lost: float, travel: tuple[float, ...]) -> Swing:
    length, rise, turn, way_back, lean, force, across, lateral = travel
    if one.turn is not None:
        felt = Swing(one.tc, float(one.mid), one.ic, one.cut.peak, axis, False, force, across, lateral)
        return replace(felt, dip=one.tc, turn=one.turn)
    whole = lost == 0
    dip = one.tc if one.cut.dip is None else one.cut.dip - one.cut.mid + one.mid
    return Swing(
        one.tc,
        float(one.mid),
        one.ic,
        one.cut.peak,
        axis,
        not whole,
        force,
        across,
        lateral,
        dip,
        one.seen,
        length if whole else None,
        rise if whole else None,
        turn if whole else None,
        length if lost <= SHORT_HOLE else None,
        way_back,
        lean,
    )


def _around(rows: FloatArray, mids: NDArray[np.int64]) -> FloatArray:
    """(m, n) -> (k, m, 2 REACH): REACH samples on both sides of each; the first and the last are held."""
    most = rows.shape[1] - 2 * REACH
    if mids.min() < REACH or mids.max() - REACH > most:
        at = np.minimum(np.maximum(mids[:, None] + _NEAR_MID, 0), rows.shape[1] - 1)
        return np.ascontiguousarray(rows[:, at].swapaxes(0, 1))
    return _windows(rows, most + 1, 2 * REACH, 1)[mids - REACH]


def _windows(rows: FloatArray, count: int, size: int, step: int) -> FloatArray:
    """(m, n) -> (count, m, size): views of rows[:, k step : k step + size]."""
    if count == 1:  # as a leg is read live: making strides takes longer than all else here
        return rows[None, :, :size]
    along_rows, along_samples = rows.strides
    shape, strides = (count, len(rows), size), (step * along_samples, along_rows, along_samples)
    return as_strided(rows, shape, strides, writeable=False)
