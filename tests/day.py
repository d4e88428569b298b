"""Two cuffs for as long as asked, in virtual time, held against every sample that their sensors took.

Whatever counts starts just before its wrap: index, cuff clock, crystal, both kinds of ticks. What would grow
with the length of a session (samples, messages) lies on disk, so that memory tells of the product alone.
"""

import asyncio
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from distal import sim
from distal.link.ble import BleRadio
from distal.recording import Recording
from distal.session import Listener, Plan, Session
from distal.virtual import clockloop
from distal.virtual.bus import WRAP_US
from distal.virtual.lsm6dso32 import Lsm6dso32
from distal.virtual.rig import CuffSetup, ImuFaults, RadioFaults, VirtualRig
from distal_wire import batch, spec

Floats = NDArray[np.float64]
Counts = NDArray[np.int16]
SCRIPT = Path(sim.__file__).parent / "cuff_wraps.py"
WRAP_IN_S = 9.0  # after a cuff's boot: a few seconds into the session
FIRST_INDEX = 2**32 - 1500  # as cuff_wraps.py sets it
RATE_HZ = int(os.environ.get("DISTAL_RATE", "208"))
SLOT_TICKS = dict(spec.PERIOD_TICKS)[RATE_HZ]
DRIFT_PPM = (25.0, -30.0)  # of the sensors' clocks
CRYSTAL_PPM = (8.0, -5.0)
AWAY_EVERY_S, AWAY_S = 600.0, 3.0  # the supervision timeout is 4 s: the link outlives it
TOLD_EVERY_S = 600.0
LOOK_S = 60.0


@dataclass(frozen=True, slots=True)
class MostlyStill:
    """A leg that swings like a pendulum for a minute in twenty, and rests in between."""

    phase: float = 0.0
    duration_s: float = 1e9

    def sample(self, t: Floats) -> tuple[Floats, Floats]:
        """See virtual.lsm6dso32.Motion."""
        turn = 2 * np.pi * np.clip(t, 0.0, None) + self.phase
        share = np.where((t > 5.0) & (t % 1200.0 < 65.0), 1.0, 0.0)
        gyr = np.stack([np.sin(turn), 2 * np.cos(turn), 0.5 * np.sin(2 * turn)], 1) * share[:, None]
        acc = np.stack([np.sin(turn), np.cos(turn), 0.5 * np.sin(turn)], 1) * share[:, None]
        acc[:, 2] += 9.80665
        return gyr, acc


class SensorFile:
    """What a sensor took, on disk: counts of every sample, and when every 208th was taken."""

    def __init__(self, sensor: Lsm6dso32, path: Path) -> None:
        self.path = path
        self.instants: list[float] = []
        self._taken = 0
        self._file: BinaryIO = path.open("wb")
        sensor.on_stored = self._keep

    def _keep(self, instants: Floats, gyr: Counts, acc: Counts) -> None:
        self._file.write(np.hstack([gyr, acc]).astype("<i2").tobytes())
        self.instants += instants[-self._taken % 208 :: 208].tolist()
        self._taken += len(instants)

    def counts(self) -> Counts:
        """(n, 6), from the disk."""
        self._file.close()
        return np.memmap(self.path, "<i2", "r").reshape(-1, 6)


@dataclass
class Look:
    """How things stand at one moment."""

    hours: float
    host_mb: float
    heap: list[int]  # bytes that each cuff's firmware holds


@dataclass
class Day:
    """What a run left behind. `wraps`: how often each counter went round, of both cuffs together."""

    path: Path
    looks: list[Look]
    taken: list[int]
    sync_ms: tuple[float, float]  # p95 of left against right: true, and as the receipt says
    problems: list[str] = field(default_factory=list)
    wraps: dict[str, int] = field(default_factory=dict)
    lost: int = 0


def run_day(
    seconds: float, folder: Path, tell: Callable[[str], None] = lambda _text: None, real_s: float = math.inf
) -> Day:
    """Record so long, or until so much real time is over; then hold the recording against the truth."""
    day, logs, cuffs = clockloop.run(_record(seconds, folder, tell, real_s), math.inf)
    for place, (cuff, log) in enumerate(zip(cuffs, logs, strict=True)):
        _check(day, place, cuff, log.counts())
    return day


def _setups() -> list[CuffSetup]:
    stamp = 2**32 - int(WRAP_IN_S * spec.CLOCK_HZ)
    return [
        CuffSetup(
            MostlyStill(float(place)),
            side=side,
            mass_g=1000,
            rate_hz=RATE_HZ,
            imu=ImuFaults(seed=1 + place, drift_ppm=DRIFT_PPM[place], timestamp_start=stamp),
            ticks_us=WRAP_US - int(WRAP_IN_S * 1e6),
            script=SCRIPT,
        )
        for place, side in enumerate(("left", "right"))  # type: ignore[arg-type]
    ]


async def _record(
    seconds: float, folder: Path, tell: Callable[[str], None], real_s: float
) -> tuple[Day, list[SensorFile], list[str]]:
    loop = asyncio.get_running_loop()
    async with VirtualRig(_setups(), RadioFaults(loss=0.05, seed=1)) as rig:
        for place, cuff in enumerate(rig.cuffs):
            cuff.port.clock.set_drift(CRYSTAL_PPM[place])
        logs = [SensorFile(cuff.imu, folder / f"taken{place}") for place, cuff in enumerate(rig.cuffs)]
        path = folder / "day.distal"
        session = Session(BleRadio(rig.backend), path, Plan(duration_s=seconds, cuffs=2), Listener())
        looks: list[Look] = []
        beside = [
            asyncio.create_task(_walk_away(rig)),
            asyncio.create_task(_watch(rig, session, looks, _Telling(tell, real_s))),
        ]
        try:
            await session.run()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
        rig.check()
        looks.append(_look(rig, loop.time() - clockloop.START_S))
        day = Day(path, looks, [cuff.taken for cuff in rig.cuffs], _sync(session, logs))
        day.problems += [cuff.interpreter.console() for cuff in rig.cuffs if cuff.interpreter.console()]
        return day, logs, [cuff.cuff for cuff in rig.cuffs]


async def _walk_away(rig: VirtualRig) -> None:
    while True:
        for cuff in rig.cuffs:
            await asyncio.sleep(AWAY_EVERY_S)
            cuff.move_out_of_range()
            await asyncio.sleep(AWAY_S)
            cuff.move_into_range()


class _Telling:
    """Says how things stand, and how long that took in real time."""

    def __init__(self, tell: Callable[[str], None], real_s: float) -> None:
        self._tell, self._limit_s, self._begun = tell, real_s, time.monotonic()

    def tell(self, look: Look) -> None:
        faster = look.hours * 3600 / (time.monotonic() - self._begun)
        heaps = " and ".join(f"{heap / 1000:.1f}" for heap in look.heap)
        self._tell(f"{look.hours:.2f} h, {faster:.1f} x real: host {look.host_mb:.1f} MB, cuffs {heaps} kB")

    @property
    def is_over(self) -> bool:
        return time.monotonic() - self._begun > self._limit_s


async def _watch(rig: VirtualRig, session: Session, looks: list[Look], telling: _Telling) -> None:
    """Look at the page once a minute, tell how things stand, end when the real time is over."""
    minute = 0
    while not telling.is_over:
        await asyncio.sleep(LOOK_S)
        minute += 1
        session.live()
        if minute * LOOK_S % TOLD_EVERY_S == 0:
            looks.append(_look(rig, minute * LOOK_S))
            telling.tell(looks[-1])
    session.stop()


def _look(rig: VirtualRig, seconds: float) -> Look:
    heaps = [(cuff.folder / "heap.txt").read_text().split() for cuff in rig.cuffs]
    return Look(seconds / 3600, _resident_mb(), [int(heap[-1]) for heap in heaps])


def _resident_mb() -> float:
    """Memory of this process; Linux only, 0 elsewhere."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * 4096 / 1e6


def _sync(session: Session, logs: list[SensorFile]) -> tuple[float, float]:
    """Left against right at every second: p95 of the truth, and the receipt's; ms."""
    streams = session.pipeline.streams
    times, receipt = streams.times(), streams.sync()
    assert receipt
    late = []
    for side, log in zip(("left", "right"), logs, strict=True):
        told = np.array([times[side].seconds(208 * k) for k in range(len(log.instants))])  # type: ignore[index]
        late.append((np.array(log.instants), told - np.array(log.instants)))
    (t_left, e_left), (t_right, e_right) = late
    apart = np.abs(e_left - np.interp(t_left, t_right, e_right)) * 1e3
    return float(np.quantile(apart, 0.95)), receipt.p95_ms


# ---- the recording against the truth


def _check(day: Day, place: int, cuff: str, truth: Counts) -> None:
    """Every sample once at its index, its clock right, whatever went round in between."""
    seen = np.zeros(len(truth) + 1, np.bool_)
    walk = _Walk(place, truth, seen)
    part: list[tuple[bytes, float]] = []
    with Recording(day.path) as recording:
        for message in recording.received():
            if message.cuff == cuff:
                part.append((message.data, message.t_host))
            if len(part) >= 4096:
                walk.take(part)
                part = []
    walk.take(part)
    day.problems += [f"cuff {place}: {text}, {n} times" for text, n in walk.wrong.items()]
    # one may be taken between the last look and the switch
    day.lost += int((~seen[: len(truth) - 1]).sum())
    for name, n in walk.wraps.items():
        day.wraps[name] = day.wraps.get(name, 0) + n


class _Walk:
    """Goes through the messages of one cuff in their order of arrival."""

    def __init__(self, place: int, truth: Counts, seen: NDArray[np.bool_]) -> None:
        self.wrong: dict[str, int] = {}
        self.wraps: dict[str, int] = {}
        self._place, self._truth, self._seen = place, truth, seen
        self._clock: int | None = None  # of sample 0
        self._last: dict[str, int] = {}
        self._stands: float | None = None

    def _say(self, text: str) -> None:
        self.wrong[text] = self.wrong.get(text, 0) + 1

    def take(self, messages: list[tuple[bytes, float]]) -> None:
        data = [one for one, _ in messages]
        decoded = batch.decode(data)
        if decoded.faults:
            self._say("a damaged message")
        for i, header in enumerate(decoded.header):
            self._packet(header, decoded.counts[decoded.starts[i] : decoded.starts[i + 1]])
        for at, kind in decoded.others:
            if kind == spec.KIND_MOMENT:
                self._moment(batch.read(data[at]))

    def _packet(self, header: np.void, counts: Counts) -> None:
        index, clock = int(header["index"]), int(header["clock"])
        self._note("index", index)
        self._note("cuff clock", clock)
        row = (index - FIRST_INDEX) % 2**32
        if self._clock is None:
            self._clock = clock - row * SLOT_TICKS
        if (clock - self._clock - row * SLOT_TICKS) % 2**32:
            self._say("the clock of a packet is not that of its samples")
        if not np.array_equal(self._truth[row : row + len(counts)], counts):
            self._say("samples that were not taken at their index")
        self._seen[row : row + len(counts)] = True

    def _moment(self, values: dict[str, int]) -> None:
        """Crystal and sensor clock keep their ratio: they are read within a millisecond."""
        if not values["clock"]:
            return
        crystal = self._unwrapped("crystal", values["crystal_us"])
        clock = self._unwrapped("stamp", values["clock"])
        crystal_s = crystal * 1e-6 / (1 + CRYSTAL_PPM[self._place] * 1e-6)
        clock_s = clock / spec.CLOCK_HZ / (1 + DRIFT_PPM[self._place] * 1e-6)
        self._stands = crystal_s - clock_s if self._stands is None else self._stands
        if abs(crystal_s - clock_s - self._stands) > 1e-3:
            self._say("crystal and sensor clock came apart")

    def _unwrapped(self, name: str, value: int) -> int:
        self._note(name, value)
        return value + (self.wraps.get(name, 0) << 32)

    def _note(self, name: str, value: int) -> None:
        """Count the times that a counter of 32 bits went round."""
        before = self._last.get(name, value)
        if value < before and before - value > 2**31:
            self.wraps[name] = self.wraps.get(name, 0) + 1
        if (value - before) % 2**32 < 2**31:
            self._last[name] = value
