"""What may happen to two cuffs and their host: steps and sleeps of its clock, reboots, wraps. Seeded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tests.arrivals import PERIOD, TICK_HZ, Air, Cuff

from distal.clock.cuff import CuffClock, settle
from distal.clock.host import HostClock
from distal.clock.sync import Placed, Span, receipt, timebase
from distal.model import SIDES, Received, SyncReceipt

SAMPLES = 18
RATE_HZ = TICK_HZ / PERIOD
WRAP = 2**32
INTERVALS_S = (0.0075, 0.015, 0.030, 0.045)


@dataclass(frozen=True)
class Reboot:
    """A cuff was silent for so long; did its IMU's clock go on (message `origin`)?"""

    at_s: float
    silent_s: float
    is_told: bool


@dataclass(frozen=True)
class Life:
    """steps (at s, by s) of the host's clock; sleeps (at s, for s) of its computer: its clock stands."""

    air: Air
    steps: tuple[tuple[float, float], ...] = ()
    sleeps: tuple[tuple[float, float], ...] = ()
    reboots: tuple[tuple[Reboot, ...], tuple[Reboot, ...]] = ((), ())
    wrap_in_s: float = 5.0

    def host_s(self, a: np.ndarray) -> np.ndarray:
        """The host's clock at true times."""
        set_s = sum((by_s * (a >= at_s) for at_s, by_s in self.steps), np.zeros_like(a))
        slept_s = sum((for_s * (a >= at_s + for_s) for at_s, for_s in self.sleeps), np.zeros_like(a))
        return a + set_s - slept_s + 500.0

    def is_heard(self, a: np.ndarray) -> np.ndarray:
        """Nothing arrives at a host that sleeps."""
        asleep = [(a >= at_s) & (a < at_s + for_s) for at_s, for_s in self.sleeps]
        return ~np.any(asleep, axis=0) if asleep else np.ones(len(a), np.bool_)


def draw_life(rng: np.random.Generator, seconds: float) -> Life:
    """Some of everything within so long."""
    places = rng.uniform(2.0, seconds - 6.0, 8)
    steps = [
        (float(at), float(rng.choice([-30, -0.4, 0.4, 3, 40]) * rng.uniform(0.8, 1.2))) for at in places[:3]
    ]
    sleeps = [(float(places[3]), float(rng.uniform(3.0, 60.0)))]
    reboots = [Reboot(float(at), float(rng.uniform(0.8, 3.0)), bool(rng.random() < 0.5)) for at in places[4:]]
    kept = rng.integers(0, 3, 4).tolist()
    sides = [sorted(reboots[k::2], key=lambda one: one.at_s)[: kept[k]] for k in (0, 1)]
    air = Air(seconds, float(rng.choice(INTERVALS_S)), float(rng.choice([0.0, 0.1, 0.3])))
    steps, sleeps = sorted(steps[: kept[2]]), sleeps[: kept[3] // 2]
    return Life(
        air, tuple(steps), tuple(sleeps), (tuple(sides[0]), tuple(sides[1])), rng.uniform(1.0, seconds)
    )


class Lived:
    """One cuff's messages as the host hears them, boot by boot."""

    def __init__(self, cuff: Cuff, reboots: Sequence[Reboot], life: Life, host: HostClock) -> None:
        self.clock = CuffClock(PERIOD, host)
        self._cuff, self._life = cuff, life
        self._edges = [0.0, *(one.at_s + one.silent_s for one in reboots)]
        self._ends = [*(one.at_s for one in reboots), np.inf]
        first = WRAP - int(life.wrap_in_s * TICK_HZ)
        self.zeros = [first]  # of each boot: ticks of its clock when the cuff's true count was 0
        for number, one in enumerate(reboots, start=1):
            begin = round(float(cuff.clock(np.array(one.at_s + 0.4 * one.silent_s))) * TICK_HZ)
            self.zeros.append(-begin)
            if one.is_told:
                self.clock.origins[number] = (number - 1, (begin + self.zeros[-2]) % WRAP)

    def boots_of(self, t: np.ndarray) -> np.ndarray:
        """Boot at true times; -1 while it is silent."""
        boot = np.searchsorted(self._edges, t, "right") - 1
        return np.where(t < np.array(self._ends)[boot], boot, -1)

    def rows(self) -> list[tuple[float, float, int, int, int, int]]:
        """(true arrival, by the host's clock, boot, clock, kind, crystal) of what is heard."""
        cuff = self._cuff
        boot = self.boots_of(cuff.t)
        # what waited when the cuff began anew, or when the link was lost, is gone
        heard = (boot >= 0) & (self.boots_of(cuff.a) == boot) & self._life.is_heard(cuff.a)
        heard &= (cuff.kind < 2) | cuff.air.crystal
        ticks = np.round(cuff.x * TICK_HZ).astype(np.int64) + np.array(self.zeros)[boot]
        crystal = (cuff.crystal(cuff.t) * 1e6).astype(np.int64) + 977_000_000 * boot
        columns = (cuff.a, self._life.host_s(cuff.a), boot, ticks % WRAP, cuff.kind, crystal % WRAP)
        return list(zip(*(one[heard].tolist() for one in columns), strict=True))

    def note(self, row: tuple[float, float, int, int, int, int], place: int) -> None:
        _, host_s, boot, clock, kind, crystal_us = row
        if kind == 0:
            header = {"boot": boot, "index": place, "clock": (clock - (SAMPLES - 1) * PERIOD) % WRAP}
            self.clock.note(header, SAMPLES, Received("c", host_s, b""), place)
        else:
            moment = {"crystal_us": crystal_us} if kind == 2 else {}
            self.clock.note_stamp({"boot": boot, "clock": clock, **moment}, host_s, place)

    def placed(self) -> Placed:
        """Rows counted by true time."""
        spans = []
        for number, boot in self.clock.boots.items():
            begin_s = self._edges[number]
            end_s = min(self._ends[number], self._cuff.air.seconds)
            true = float(self._cuff.clock(np.array(begin_s))) * TICK_HZ + self.zeros[number]
            newest = boot.clock.newest or 0
            clock = newest + (round(true) - newest + WRAP // 2) % WRAP - WRAP // 2
            start, end = round(begin_s * RATE_HZ), round(end_s * RATE_HZ)
            spans.append(Span(start, end, boot.root, clock + boot.zero, PERIOD, boot.zero))
        boots = list(self.clock.boots)
        return Placed(self.clock.leg_clock(boots), spans, *self.clock.heard(boots))


def drawn(seed: int, seconds: float) -> tuple[np.ndarray, SyncReceipt | None]:
    """The life of a seed."""
    rng = np.random.default_rng(seed)
    return live(rng, draw_life(rng, seconds))


def live(rng: np.random.Generator, life: Life) -> tuple[np.ndarray, SyncReceipt | None]:
    """Left minus right, ms, where both sampled, and what the receipt says of it; None: nobody can tell."""
    host = HostClock()
    legs = [Lived(Cuff(rng, life.air), reboots, life, host) for reboots in life.reboots]
    rows = sorted(((row, k) for k, leg in enumerate(legs) for row in leg.rows()), key=lambda one: one[0][0])
    for place, (row, k) in enumerate(rows):
        legs[k].note(row, place)
    settle([leg.clock for leg in legs])
    placed = {side: leg.placed() for side, leg in zip(SIDES, legs, strict=True)}
    found = receipt(placed)
    t = np.arange(0.5, life.air.seconds - 3.0, 0.25)
    both = np.all([np.isin(leg.boots_of(t), list(leg.clock.boots)) for leg in legs], axis=0)
    told = [_told(leg, placed[side], t[both]) for leg, side in zip(legs, SIDES, strict=True)]
    return 1e3 * (told[0] - told[1]), found


def _told(leg: Lived, placed: Placed, t: np.ndarray) -> np.ndarray:
    """Session time of true instants."""
    base = timebase(placed.clock, placed.spans)
    out = []
    for at, number in zip(t, leg.boots_of(t), strict=True):
        span = placed.spans[list(leg.clock.boots).index(int(number))]
        ticks = float(leg._cuff.clock(np.array(at))) * TICK_HZ
        cuff_s = (
            span.clock + ticks - float(leg._cuff.clock(np.array(leg._edges[number]))) * TICK_HZ
        ) / TICK_HZ
        out.append(base.seconds(span.row(cuff_s)))
    return np.array(out)
