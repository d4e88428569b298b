"""How messages of one cuff arrive: packets and stamps wait for the loop, the radio's event, the host. Seeded.

Truth is kept: the crystal wanders by +-2 ppm on its own, the IMU's oscillator by more; both are known here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from distal.clock.fit import HostFit
from distal.clock.host import Eras, HostClock
from distal.clock.sync import LegClock, Placed, Span, receipt, timebase
from distal.model import SIDES, SyncReceipt

FILL_S = 0.0864  # 18 samples at 208.33 Hz
TICK_HZ = 40000
WAIT_S = 0.105  # firmware/distal_cuff/moments.py, and a turn of its loop
PERIOD = 192
TURN_S = (2.4e-3, 0.7e-3)  # on the air, with the answer: a packet, a stamp


@dataclass(frozen=True)
class Air:
    """The conditions of one link."""

    seconds: float = 600.0
    interval_s: float = 0.030
    loss: float = 0.1
    host_ms: float = 0.6  # half-normal delay of the host; one in twenty waits some 4 ms more
    joins: bool = True  # what becomes ready while an event goes on is sent in it
    crystal: bool = True  # `moment` messages come
    imu_skew: float = 0.01  # at most
    cuff_ppm: float = 40.0  # at most
    wander_ppm: float = 2.0


class Message(NamedTuple):
    """True arrival, cuff time, s."""

    a: float
    x: float
    is_stamp: bool
    crystal_us: int | None


class Wander:
    """A clock that is off by a constant and wanders as a slow sine."""

    def __init__(self, rng: np.random.Generator, skew: float, ppm: float) -> None:
        self._skew, self._phase = skew, rng.uniform(0, 2 * np.pi)
        self._period = rng.uniform(900, 3600)
        self._swing = ppm * 1e-6 * self._period / (2 * np.pi)

    def __call__(self, t: np.ndarray) -> np.ndarray:
        turn = 2 * np.pi * t / self._period + self._phase
        return t * (1 + self._skew) + self._swing * (np.sin(turn) - np.sin(self._phase))


class Cuff:
    """One cuff's messages: cuff time `x`, arrival `a`, `kind` 0 packet, 1 status, 2 moment."""

    def __init__(self, rng: np.random.Generator, air: Air) -> None:
        self.air = air
        self.crystal = Wander(rng, rng.uniform(-1, 1) * air.cuff_ppm * 1e-6, air.wander_ppm)
        ratio = Wander(rng, rng.uniform(-1, 1) * air.imu_skew, 20.0 if air.crystal else 0.0)
        self.clock = lambda t: ratio(self.crystal(t))
        grid = np.linspace(-2, air.seconds + 2, int(air.seconds) + 5)
        packets = np.arange(1, int(air.seconds / FILL_S * 0.98)) * FILL_S + rng.uniform(0, FILL_S)
        taken = np.interp(packets, self.clock(grid), grid)
        steps = rng.uniform(0, 0.01) + np.cumsum(rng.uniform(0.01, 0.0115, int(air.seconds * 100)))
        drained = self._next(steps, taken + 0.0048) + 0.003
        waits = WAIT_S + (29 * np.arange(int(air.seconds / WAIT_S)) & 63) * 1e-3
        moments = np.append(0.57, 0.57 + np.cumsum(waits))
        stamps = [
            self._next(steps, at[at < air.seconds - 2]) for at in (np.arange(0.2, air.seconds, 1.0), moments)
        ]
        t = np.concatenate([taken, *stamps])
        ready = np.concatenate([drained, *stamps])
        kind = np.repeat([0, 1, 2], [len(taken), *map(len, stamps)])
        order = np.argsort(ready)
        self.t, self.kind = t[order], kind[order]
        self.a = self._arrive(rng, ready[order])
        self.x = np.round(self.clock(self.t) * TICK_HZ) / TICK_HZ

    @staticmethod
    def _next(steps: np.ndarray, t: np.ndarray) -> np.ndarray:
        """The first turn of the cuff's loop after each instant."""
        return steps[np.minimum(np.searchsorted(steps, t), len(steps) - 1)]

    def _arrive(self, rng: np.random.Generator, ready: np.ndarray) -> np.ndarray:
        """When the host sees what is ready then: an event takes one message after another, while it lasts."""
        interval_s = self.air.interval_s * (1 + rng.uniform(-20e-6, 20e-6))
        first_s = rng.uniform(0, interval_s)
        turns = np.where(self.kind == 0, *TURN_S)
        heard = rng.random(2 * len(ready)) >= self.air.loss
        arrived, event, at, said = np.empty(len(ready)), 0, 0, 0
        while at < len(ready):
            event = max(event + 1, int(np.ceil((ready[at] - first_s) / interval_s)))
            now = begin = first_s + event * interval_s
            while at < len(ready) and ready[at] <= (now if self.air.joins else begin):
                said += 1
                if now + turns[at] > begin + interval_s or not heard[said % len(heard)]:
                    break  # it is said again in the next event
                now = arrived[at] = now + turns[at]
                at += 1
        slow = (rng.random(len(ready)) < 0.05) * rng.exponential(4e-3, len(ready))
        host = np.abs(rng.normal(0, 1, len(ready))) * self.air.host_ms * 1e-3 + slow * (self.air.host_ms > 0)
        return np.asarray(np.maximum.accumulate(arrived + host))

    def messages(self, between: tuple[float, float] = (-np.inf, np.inf)) -> list[Message]:
        """What arrives between two instants."""
        crystal_us = (self.crystal(self.t) * 1e6).astype(np.int64) & 0xFFFFFFFF
        heard = (between[0] <= self.a) & (self.a < between[1]) & ((self.kind < 2) | self.air.crystal)
        rows = zip(*(one[heard].tolist() for one in (self.a, self.x, self.kind, crystal_us)), strict=True)
        return [Message(a, x, kind > 0, us if kind == 2 else None) for a, x, kind, us in rows]

    def fit(self, *steps: tuple[float, float]) -> HostFit:
        """Of all that arrives, alone."""
        (fit,), _ = heard_by_one_host([self.messages()], steps)
        return fit


def heard_by_one_host(
    parts: Sequence[Sequence[Message]],
    steps: Sequence[tuple[float, float]] = (),
    clocks: Sequence[int] | None = None,
) -> tuple[list[HostFit], Eras]:
    """The clocks of boots whose messages one host hears, one after another.

    steps   (at s, by s) of the host's clock
    clocks  of each boot: the first boot whose IMU's clock it goes on with, else itself
    """
    host, clocks = HostClock(), clocks or range(len(parts))
    fits: dict[int, HostFit] = {}
    rows = [(one, k) for k, part in enumerate(parts) for one in part]
    rows.sort(key=lambda row: (row[0].a, row[0].x))
    for place, (one, k) in enumerate(rows):
        if clocks[k] not in fits:
            fits[clocks[k]] = host.new_fit()
        fit = fits[clocks[k]]
        host_s = one.a + sum(by_s for at_s, by_s in steps if one.a >= at_s)
        if one.crystal_us is not None:
            fit.add_moment(one.x, one.crystal_us, k)
        fit.add(one.x, host_s, one.is_stamp, place)
    return [fits[clock] for clock in clocks], host.eras()


def span_of(cuff: Cuff, boot: int = 7) -> Span:
    """Rows over all of a cuff's packets."""
    x = cuff.x[cuff.kind == 0]
    first, last = round(x[0] * TICK_HZ), round(x[-1] * TICK_HZ)
    return Span(0, (last - first) // PERIOD, boot, first, PERIOD)


def compare(cuffs: list[Cuff], *steps: tuple[float, float]) -> tuple[np.ndarray, SyncReceipt]:
    """Left minus right error, ms, at each second, and what the receipt says of it."""
    fits, eras = heard_by_one_host([cuff.messages() for cuff in cuffs], steps)
    legs = {
        side: Placed(LegClock({7: eras.session(fit.courses())}), [span_of(cuff)], fit.count, fit.has_crystal)
        for side, cuff, fit in zip(SIDES, cuffs, fits, strict=True)
    }
    found = receipt(legs)
    assert found is not None
    t = np.arange(1.0, cuffs[0].air.seconds - 3.0)
    errors = []
    for side, cuff in zip(SIDES, cuffs, strict=True):
        span = legs[side].spans[0]
        base = timebase(legs[side].clock, [span])
        errors.append([base.seconds(span.row(x)) for x in cuff.clock(t)] - t)
    return 1e3 * (errors[0] - errors[1]), found


def pair(seed: int, air: Air) -> list[Cuff]:
    rng = np.random.default_rng(seed)
    return [Cuff(rng, air) for _ in SIDES]
