"""Bouts of walking and running from the swings of both legs: times, distances, spread, symmetry.

A bout is at least LEAST_BOUT swings of a leg in a row, walked or run throughout; bouts of both legs that
overlap are one. Strides with a contact that a hole hides, or with a swing missing, are left out of means.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from distal.analysis.contact_error import LITERATURE_S, ContactError, contact_error
from distal.analysis.gait import Swing
from distal.analysis.stride_spread import at_least_zero, compare, coordination, estimate, spread, widened
from distal.model import SIDES, Bout, Estimate, Facts, Placement, RunTimes, Side
from distal.units import DEG_PER_RAD

LEAST_BOUT = 3  # swings of one leg that make walking
BOUT_GAP_S = 2.5  # strides of the slowest walkers
RUN_STRIDE_S = 0.86  # 140 steps/min: people walk below it and run above (Novacheck 1998)
RUN_DUTY = 0.5  # running has a flight: a foot is on the floor for less than half of the stride
RUN_TC_S = (
    0.029  # the dip of pitch comes this much after toe-off (Fadillioglu 2020: 29 +- 11 ms, running too)
)
LEAST_STRIDE_S, MOST_STRIDE_S = 0.4, 2.2
SKIPPED = 1.5  # a stride this much longer than the usual one holds a swing that was not seen
# Length: part of its error that more strides do not make smaller. Above the ankle its mean size was 2 % in
# 236 patients (Bertoli 2018), a stride's own included; at shank and foot up to 10 % in five people.
SLIP = {"foot": 0.08, "ankle": 0.04, "shank": 0.12}
# On stairs a bent knee moves what a shank shows by up to 0.1 s: late going up, early going down (virtual
# people). Two low stairs rise by 0.24 m; level strides of people read 0.20 m at most, their stairs 0.30 m.
CLIMBS_M = 0.24


@dataclass(frozen=True, slots=True)
class Foot:
    """One swing on the session's clock. dip_s: fastest backward turning before it."""

    tc_s: float
    ic_s: float
    dip_s: float
    swing: Swing


@dataclass(frozen=True, slots=True)
class Chain:
    """Swings [low, high) of a leg that follow each other in one kind of gait."""

    low: int
    high: int
    running: bool


def chains(feet: Sequence[Foot]) -> list[Chain]:
    """The walked and run stretches of one leg."""
    runs = _is_run(feet)
    out: list[Chain] = []
    low = 0
    for k in range(1, len(feet) + 1):
        ends = k == len(feet) or feet[k].ic_s - feet[k - 1].ic_s > BOUT_GAP_S or runs[k] != runs[low]
        if ends:
            if k - low >= LEAST_BOUT:
                out.append(Chain(low, k, runs[low]))
            low = k
    return out


def _is_run(feet: Sequence[Foot]) -> list[bool]:
    """Whether each swing belongs to running: majority of it and its two neighbours."""
    raw = []
    for old, new in pairwise(feet):
        stride = new.ic_s - old.ic_s
        raw.append(stride < RUN_STRIDE_S and new.dip_s - RUN_TC_S - old.ic_s < RUN_DUTY * stride)
    raw = [raw[0], *raw] if raw else [False] * len(feet)
    votes = [raw[max(k - 1, 0) : k + 2] for k in range(len(raw))]
    return [2 * sum(vote) > len(vote) for vote in votes]


def join_chains(legs: Mapping[Side, Sequence[Foot]]) -> list[dict[Side, list[Chain]]]:
    """Chains of both legs that overlap in time and kind, in order of time."""
    spans = [
        (feet[chain.low].tc_s, feet[chain.high - 1].ic_s, chain, side)
        for side, feet in legs.items()
        for chain in chains(feet)
    ]
    groups: list[tuple[float, bool, dict[Side, list[Chain]]]] = []
    for start, end, chain, side in sorted(spans, key=lambda span: span[:2]):
        k = next((i for i, g in enumerate(groups) if g[0] > start and g[1] == chain.running), None)
        if k is None:
            groups.append((end, chain.running, {side: [chain]}))
        else:
            groups[k][2].setdefault(side, []).append(chain)
            groups[k] = (max(groups[k][0], end), chain.running, groups[k][2])
    return [group for _, _, group in groups]


@dataclass(frozen=True, slots=True)
class Stride:
    """ic to ic of one foot."""

    start_s: float
    time_s: float
    stance: float  # share of time_s
    length_m: float | None
    swing_s: float


def strides_of(feet: Sequence[Foot], some: Sequence[Chain]) -> list[Stride]:
    """The strides whose both ends are known."""
    out = []
    for chain in some:
        times = [b.ic_s - a.ic_s for a, b in pairwise(feet[chain.low : chain.high])]
        usual = float(np.median(times))
        for (old, new), time in zip(pairwise(feet[chain.low : chain.high]), times, strict=True):
            is_sound = LEAST_STRIDE_S <= time <= MOST_STRIDE_S and usual / SKIPPED < time < SKIPPED * usual
            if old.swing.seen and new.swing.seen and is_sound:
                tc = new.dip_s - RUN_TC_S if chain.running else new.tc_s
                length = None if chain.running else new.swing.length_m
                out.append(Stride(old.ic_s, time, (tc - old.ic_s) / time, length, new.ic_s - tc))
    return out


def summarise(
    group: Mapping[Side, Sequence[Chain]], legs: Mapping[Side, Sequence[Foot]], placement: Placement
) -> Bout:
    """Everything that is said about one bout."""
    by_leg = {side: strides_of(legs[side], group[side]) for side in SIDES if side in group}
    feet = {
        side: [one for chain in group[side] for one in legs[side][chain.low : chain.high]] for side in by_leg
    }
    running = next(iter(group.values()))[0].running
    error = contact_error(placement, running)
    pooled = sorted((one for some in by_leg.values() for one in some), key=lambda one: one.start_s)
    time = _stride_time(by_leg)
    length, speed = _distance(pooled, SLIP[placement])
    is_plain = not running and _rise(feet) < CLIMBS_M
    runs = _run_times(pooled, LITERATURE_S) if running else RunTimes(None, None, None)
    return Bout(
        start_s=min(one.tc_s for some in feet.values() for one in some),
        end_s=max(one.ic_s for some in feet.values() for one in some),
        running=running,
        steps={side: len(feet.get(side, ())) for side in SIDES},
        cadence_spm=None if time is None else _inverse(time, 120.0),
        stride_time_s=time,
        stance_pct={side: _stance(by_leg.get(side, ()), error) if is_plain else None for side in SIDES},
        double_support_pct=_double_support(feet, time, error) if is_plain else None,
        stride_length_m=length,
        speed_mps=speed,
        contact_s=runs.contact_s,
        flight_s=runs.flight_s,
        duty_factor=runs.duty_factor,
        turn_deg=_turn(feet),
        variability=spread(by_leg, error),
        symmetry=compare(by_leg, error),
        coordination=coordination(
            {side: [one.ic_s for one in some] for side, some in feet.items()}, by_leg, error
        ),
        method_only=_run_times(pooled, error.stance_s) if running else None,
    )


def _stride_time(by_leg: Mapping[Side, Sequence[Stride]]) -> Estimate | None:
    """Mean over both legs. Their strides are made of the same steps, so two legs are no surer than one."""
    legs = [np.array([one.time_s for one in some]) for some in by_leg.values()]
    parts = [part for times in legs if (part := estimate(times)) is not None]
    if not parts:
        return estimate(np.concatenate([*legs, np.zeros(0)]))
    n = sum(len(times) for times in legs)
    mean = sum(float(times.sum()) for times in legs) / n
    half = sum(part.n * (part.high - part.value) for part in parts) / sum(part.n for part in parts)
    return Estimate(mean, mean - half, mean + half, n)


def _stance(strides: Sequence[Stride], error: ContactError) -> Estimate | None:
    """Share of a stride that one leg stands, %."""
    if not strides:
        return None
    off_s = float(np.hypot(error.stance_s, error.apart_s / 2))
    mean_s = float(np.mean([one.time_s for one in strides]))
    return widened(estimate(np.array([100 * one.stance for one in strides])), 100 * off_s / mean_s)


def _double_support(
    feet: Mapping[Side, Sequence[Foot]], time: Estimate | None, error: ContactError
) -> Estimate | None:
    """As `double_support`; a person's two stances are off alike, so their overlap is off by twice that."""
    if time is None:
        return None
    return at_least_zero(widened(double_support(feet), 100 * 2 * error.stance_s / time.value))


def _run_times(strides: Sequence[Stride], off_s: float) -> RunTimes:
    """Contact, flight and their share in running; off_s: half width of what all strides are off alike."""
    times = np.array([one.time_s for one in strides])
    contact = np.array([one.stance * one.time_s for one in strides])
    if len(times) == 0:
        return RunTimes(None, None, None)
    return RunTimes(
        at_least_zero(widened(estimate(contact), off_s)),
        at_least_zero(widened(estimate(times / 2 - contact), off_s)),
        at_least_zero(widened(estimate(contact / times), off_s / float(times.mean()))),
    )


class Walks:
    """The bouts of a session and the steps in and out of them."""

    def __init__(self, legs: Mapping[Side, Sequence[Foot]], facts: Facts) -> None:
        self._legs = dict(legs)
        self._placement = facts.placement
        self._groups = join_chains(legs)

    def bouts(self) -> tuple[Bout, ...]:
        """In order of their begin."""
        return tuple(summarise(group, self._legs, self._placement) for group in self._groups)

    def steps(self, side: Side) -> list[tuple[Foot, float | None, int | None]]:
        """Swing, stride to the ic before in the same bout (None where a hole hides one), bout."""
        feet = self._legs[side]
        out: list[tuple[Foot, float | None, int | None]] = [(one, None, None) for one in feet]
        for number, group in enumerate(self._groups):
            for chain in group.get(side, ()):
                for k in range(chain.low, chain.high):
                    new = feet[k]
                    is_known = k > chain.low and new.swing.seen and feet[k - 1].swing.seen
                    stride = new.ic_s - feet[k - 1].ic_s if is_known else None
                    shown = replace(new, tc_s=new.dip_s - RUN_TC_S) if chain.running else new
                    out[k] = (shown, stride, number)
        return out

    def cadence(self, sides: Sequence[Side]) -> Estimate | None:
        """120 / mean stride time inside bouts, these legs pooled; the spread is that within bouts."""
        parts = []
        for group in self._groups:
            by_leg = {side: strides_of(self._legs[side], group.get(side, ())) for side in sides}
            if (part := _stride_time(by_leg)) is not None:
                parts.append(part)
        n = sum(part.n for part in parts)
        if n == 0:
            return None
        mean = sum(part.n * part.value for part in parts) / n
        half = float(np.sqrt(sum((part.n * (part.high - part.value)) ** 2 for part in parts))) / n
        return _inverse(Estimate(mean, mean - half, mean + half, n), 120.0)


def _inverse(time: Estimate, over: float) -> Estimate:
    return Estimate(over / time.value, over / time.high, over / max(time.low, 1e-3), time.n)


def _distance(strides: Sequence[Stride], slip: float) -> tuple[Estimate | None, Estimate | None]:
    known = [(one.length_m, one.time_s) for one in strides if one.length_m is not None]
    lengths = np.array([length for length, _ in known])
    times = np.array([time for _, time in known])
    length, speed = estimate(lengths), estimate(lengths / times)
    return (
        None if length is None else widened(length, slip * length.value),
        None if speed is None else widened(speed, slip * speed.value),
    )


def double_support(feet: Mapping[Side, Sequence[Foot]]) -> Estimate | None:
    """Share of a stride with both feet on the floor, %; needs both legs on one clock."""
    if len(feet) < 2:
        return None
    shares = []
    for side, other in (("left", "right"), ("right", "left")):
        own, ics = feet[side], np.array([one.ic_s for one in feet[other]])  # type: ignore[index]
        tcs = np.array([one.tc_s for one in feet[other]])  # type: ignore[index]
        for old, new in pairwise(own):
            stride = new.ic_s - old.ic_s
            leaves, lands = tcs[(tcs > old.ic_s) & (tcs < new.tc_s)], ics[(ics > old.ic_s) & (ics < new.tc_s)]
            if len(leaves) == 1 and len(lands) == 1 and leaves[0] < lands[0] and stride <= MOST_STRIDE_S:
                shares.append(100 * (leaves[0] - old.ic_s + new.tc_s - lands[0]) / stride)
    return estimate(np.array(shares))


def _rise(feet: Mapping[Side, Sequence[Foot]]) -> float:
    """How far a leg goes up or down in a stride, m, middle of all."""
    known = [one.swing.rise_m for some in feet.values() for one in some if one.swing.rise_m is not None]
    return abs(float(np.median(known))) if known else 0.0


def _turn(feet: Mapping[Side, Sequence[Foot]]) -> float | None:
    """How far the legs turned about the vertical, mean of the legs, left positive."""
    turns: list[float] = []
    for some in feet.values():
        known = [one.swing.turn for one in some if one.swing.turn is not None]
        if known:
            turns.append(float(np.sum(known)) * len(some) / len(known))
    return float(np.mean(turns)) * DEG_PER_RAD if turns else None
