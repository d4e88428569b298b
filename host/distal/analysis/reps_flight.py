"""Jumps and hops as reps: one a flight, from rest to rest; in a series from landing to landing."""

from collections.abc import Sequence
from dataclasses import dataclass

from distal.analysis.even import RATE_HZ
from distal.analysis.flight import HOP_S, Flight, is_hop, runs
from distal.analysis.reps import Lift
from distal.analysis.reps_limb import QUIET, SLOW, SLOW_HZ, Limb
from distal.analysis.stride import Foot
from distal.model import ExerciseSet, Side

CALM_S = 0.2
STANDS_S = 2.0  # a jump begins and ends at rest within this time of the flight
REST_S = 12.0  # a pause this long parts two sets
HELD_S, ALONE_S = 4.0, 2.0  # around hops the other foot is lifted and put down; a walk has more than that
SURE_S = 0.25  # one flight alone is a jump when it is 8 cm high; a shorter one may be a stumble


@dataclass(frozen=True, slots=True)
class Series:
    """Flights of one set, in order."""

    code: str  # jump or hop
    flights: tuple[Flight, ...]


def series(flights: Sequence[Flight]) -> list[Series]:
    """Flights of one kind without a rest between them. One alone has to be sure."""
    out: list[Series] = []
    for k, one in enumerate(flights):
        code = "hop" if is_hop(flights, k) else "jump"
        near = bool(out) and one.takeoff - out[-1].flights[-1].landing < REST_S * RATE_HZ
        if near and out[-1].code == code:
            out[-1] = Series(code, (*out[-1].flights, one))
        else:
            out.append(Series(code, (one,)))
    return [one for one in out if len(one.flights) > 1 or _length_s(one.flights[0]) >= SURE_S]


def _length_s(flight: Flight) -> float:
    return (flight.landing - flight.takeoff) / RATE_HZ


def lifts_of_flights(limb: Limb, one: Series, start: int) -> list[Lift]:
    """One rep a flight; the top is the middle of it. start: of the limb's span, at RATE_HZ"""
    marks = [((x.takeoff - start) / SLOW, (x.landing - start) / SLOW) for x in one.flights]
    lifts = []
    for k, (off, on) in enumerate(marks):
        before = marks[k - 1][1] if k else 0.0
        after = marks[k + 1][0] if k + 1 < len(marks) else len(limb.calm) - 1.0
        brief = HOP_S * SLOW_HZ if one.code == "hop" else 0.0
        begin = before if k and off - before < brief else _leaves_rest(limb, before, off)
        end = on if after - on < brief and k + 1 < len(marks) else _finds_rest(limb, on, after)
        top = (off + on) / 2.0
        lifts.append(Lift(begin, top, end, top, top, on - off, flies=one.code))
    return lifts


def _leaves_rest(limb: Limb, before: float, off: float) -> float:
    """The end of the last calm before take-off, or half way to the landing before it."""
    low = max(int(before) + 1, int(off - STANDS_S * SLOW_HZ), 0)
    calm = _calm(limb, low, int(off))
    return float(calm[-1][1]) if calm else max(off - SLOW_HZ, (before + off) / 2.0, 0.0)


def _finds_rest(limb: Limb, on: float, after: float) -> float:
    calm = _calm(limb, int(on), min(int(after), int(on + STANDS_S * SLOW_HZ)))
    return float(calm[0][0]) if calm else min(on + SLOW_HZ, (on + after) / 2.0)


def _calm(limb: Limb, low: int, high: int) -> list[tuple[int, int]]:
    """Stretches of standing still: where a shank turns round it is calm for a moment only."""
    found = runs(limb.calm[low:high] > QUIET)
    return [(low + a, low + b) for a, b in found if b - a >= CALM_S * SLOW_HZ]


def held_up(sets: Sequence[ExerciseSet], side: Side) -> list[tuple[float, float]]:
    """When a leg is held up, with its lifting and putting down, session s: around hops on the other one."""
    return [
        (one.start_s - HELD_S, one.end_s + HELD_S)
        for one in sets
        if one.exercise == "hop" and one.side not in (side, "both")
    ]


def that_step(feet: Sequence[Foot], held: Sequence[tuple[float, float]]) -> list[Foot]:
    """Swings without those of a leg that is only lifted or put down: alone, around hops on the other leg."""
    out = []
    for k, foot in enumerate(feet):
        is_held = any(low < foot.tc_s and foot.ic_s < high for low, high in held)
        near = [
            abs(one.ic_s - foot.ic_s) < ALONE_S for one in (*feet[max(k - 1, 0) : k], *feet[k + 1 : k + 2])
        ]
        if not is_held or any(near):
            out.append(foot)
    return out
