"""Shank against foot of the same leg, people after a stroke on a treadmill (stroke).

No optical truth here: two sensors on one leg, looked at apart, must tell the same strides.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from distal.model import SIDES, Facts, Placement
from distal.validate.contacts import Json, longest_bout, number
from distal.validate.figures import Figure, Section, Target
from distal.validate.match import match, spread
from distal.validate.recordings import names, report_on, tracks, truth

GROUP = "stroke"
MS = 1e3
FAR_S = 0.3  # shank and foot mark a slow contact at times that differ by more than a healthy one's


@dataclass(slots=True)
class Leg:
    """One leg: steps at shank and foot, stride times side by side, what `wear` says of the shank."""

    name: str
    shank: int
    foot: int
    strides: list[tuple[float, float]] = field(default_factory=list)  # shank, foot
    loose: bool | None = None
    speed: tuple[float, float] | None = None  # found at the shanks, belt, m/s; of the person


def jobs(folder: Path) -> list[str]:
    """One person each."""
    return names(folder, GROUP)


def work(folder: Path, name: str) -> list[Leg]:
    """Both legs of one person."""
    places: tuple[Placement, Placement] = ("shank", "foot")
    shank, foot = (report_on(tracks(folder, GROUP, name, place), Facts(placement=place)) for place in places)
    belt = truth(folder, GROUP, name).get("treadmill_speed_m_s")
    legs = []
    for side in SIDES:
        upper, lower = shank["steps"][side], foot["steps"][side]
        leg = Leg(f"{name} {side}", len(upper), len(lower), _side_by_side(upper, lower))
        leg.loose = (shank["wear"][side] or {}).get("loose")
        speed = number(longest_bout(shank.get("bouts", [])).get("speed_mps"))
        leg.speed = (speed, belt) if speed is not None and belt else None
        legs.append(leg)
    return legs


def _side_by_side(upper: list[Json], lower: list[Json]) -> list[tuple[float, float]]:
    pairs = match([s["ic_s"] for s in upper], [s["ic_s"] for s in lower], FAR_S)
    both = [(upper[i]["stride_s"], lower[j]["stride_s"]) for i, j in pairs]
    return [(a, b) for a, b in both if a and b and max(a, b) <= 2.2]


def section(people: Sequence[list[Leg]]) -> Section:
    """Counts by leg, Bland-Altman of stride times, loose straps."""
    legs = [leg for person in people for leg in person]
    agree = sum(abs(leg.shank - leg.foot) <= 1 for leg in legs)
    apart = [MS * (a - b) for leg in legs for a, b in leg.strides]
    one = spread(apart)
    half = None if one.sd is None else 1.96 * one.sd
    flagged = [leg.name for leg in legs if leg.loose]
    speeds = [100 * (pair[0] / pair[1] - 1) for pair in dict.fromkeys(leg.speed for leg in legs) if pair]
    speed = spread(speeds)
    figures = [
        Figure(
            "legs_within_one",
            "legs with the same count at shank and foot, ± 1",
            agree,
            "",
            len(legs),
            Target(at_least=len(legs)),
        ),
        Figure("stride_bias_ms", "stride time, shank minus foot, bias", one.bias, "ms", one.n),
        Figure("stride_low_ms", "… lower 95 % limit of agreement", _add(one.bias, half, -1), "ms", one.n),
        Figure("stride_high_ms", "… upper 95 % limit of agreement", _add(one.bias, half, 1), "ms", one.n),
        Figure("stride_mad_ms", "… MAD", one.mad, "ms", one.n),
        Figure("loose_flagged", "cuffs said to be loose (P03 left is)", len(flagged), "", len(legs)),
        Figure(
            "speed_mae_pct",
            "speed at the shanks against the belt, mean error size",
            speed.mae,
            "%",
            speed.n,
        ),
    ]
    rows = {leg.name: {"shank": leg.shank, "foot": leg.foot, "loose": leg.loose} for leg in legs}
    note = f"{len(people)} people after a stroke; the foot sensor is the other view of the same leg"
    return Section(GROUP, "Shank against foot after a stroke", note, figures, {"legs": rows})


def _add(bias: float | None, half: float | None, sign: int) -> float | None:
    return None if bias is None or half is None else bias + sign * half
