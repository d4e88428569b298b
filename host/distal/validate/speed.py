"""How long the analysis takes: an hour of one cuff at once, in blocks as live, packet by packet."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from distal.analysis.session import SessionAnalysis, analyze
from distal.model import Facts, Track
from distal.validate.athletes import RATE_HZ, feel
from distal.validate.figures import Figure, Section, Target
from distal.virtual.motion import Athlete, Reps, Script, Stand, Walk
from distal.virtual.motion.stage import Movement

HOUR_S, QUICK_S, PIECE_S = 3600.0, 60.0, 300.0
BLOCK_S, PACKET, TIMES = 0.5, 18, 3
KINDS = ("walking", "reps", "mixed")
FACTS = Facts(mass_left_kg=1.0, mass_right_kg=1.0, height_m=1.75)


@dataclass(slots=True)
class Timed:
    """One kind of hour."""

    kind: str
    at_once_s: float  # for an hour
    block_us: float  # per sample
    packet_us: float


def jobs(quick: bool) -> list[tuple[str, bool]]:
    """One kind each, one after another."""
    return [(kind, quick) for kind in KINDS]


def work(_quick: bool, job: tuple[str, bool]) -> Timed:
    """Time one kind. The hour is some minutes over and over."""
    kind, quick = job
    leg = _hour(kind, QUICK_S if quick else HOUR_S)
    whole = min(_time(lambda: analyze([leg], FACTS)) for _ in range(1 if quick else TIMES))
    n = len(leg.gyr)
    share = HOUR_S * RATE_HZ / n
    part = _cut(leg, 0, min(n, int(600 * RATE_HZ)))
    return Timed(kind, whole * share, _stream(part, int(BLOCK_S * RATE_HZ)), _stream(part, PACKET))


def _hour(kind: str, seconds: float) -> Track:
    piece = min(PIECE_S, seconds)
    walk, stand = Walk(piece if kind == "walking" else piece / 3), Stand(5.0)
    one = Reps("seated_knee_extension", reps=max(3, int(piece / 3 / 4)))
    every: dict[str, list[Movement]] = {
        "walking": [walk],
        "reps": [one, one, one],
        "mixed": [stand, walk, stand, one],
    }
    leg = feel(Script(every[kind], kind).perform(Athlete()), 1)[1]
    n = int(seconds * leg.time.rate_hz)
    gyr, acc = (np.resize(x, (n, 3)) for x in (leg.gyr, leg.acc))
    return replace(leg, gyr=gyr, acc=acc, clipped=np.zeros(n, np.bool_))


def _cut(leg: Track, start: int, end: int) -> Track:
    return replace(leg, gyr=leg.gyr[start:end], acc=leg.acc[start:end], clipped=leg.clipped[start:end])


def _stream(leg: Track, block: int) -> float:
    """Microseconds per sample of update() in blocks, the end included."""
    parts = [_cut(leg, k, k + block) for k in range(0, len(leg.gyr), block)]

    def run() -> None:
        session = SessionAnalysis(FACTS, {leg.side: leg.time.rate_hz})
        for part in parts:
            session.update(part.side, part.gyr, part.acc, part.clipped)
        session.finish({leg.side: leg.time})

    return 1e6 * min(_time(run) for _ in range(2)) / len(leg.gyr)


def _time(call: Callable[[], object]) -> float:
    begin = time.process_time()
    call()
    return time.process_time() - begin


def section(results: Sequence[Timed]) -> Section:
    """One row a kind and a way."""
    figures: list[Figure] = []
    for one in results:
        figures += [
            Figure(
                f"{one.kind}_hour_s",
                f"{one.kind}: an hour of one cuff at 208 Hz, everything",
                one.at_once_s,
                "s",
                None,
                Target(at_most=0.5),
            ),
            Figure(
                f"{one.kind}_block_us",
                f"… in blocks of {BLOCK_S:g} s, a sample",
                one.block_us,
                "µs",
                None,
                Target(at_most=1),
            ),
            Figure(
                f"{one.kind}_packet_us",
                f"… packet by packet ({PACKET} samples), a sample",
                one.packet_us,
                "µs",
                None,
                Target(at_most=10),
            ),
        ]
    note = "processor time, best of some runs, virtual athletes; depends on the machine"
    return Section("speed", "Speed of the analysis", note, figures)
