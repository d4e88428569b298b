"""Jumps and hops of virtual athletes: how many, how long in the air, how high."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from distal.validate.athletes import Json, draw
from distal.validate.contacts import number
from distal.validate.figures import Figure, Section
from distal.validate.kinds import JUMPS
from distal.validate.match import match, spread

EACH, QUICK = 20, 1
Job = tuple[str, int]
KEYS = ("flight_s", "height_m", "contact_s")


@dataclass(slots=True)
class Jumped:
    """One person."""

    wanted: int
    found: int  # reps of all sets
    errors: dict[str, list[float]] = field(default_factory=lambda: {key: [] for key in KEYS})


def jobs(quick: bool) -> list[Job]:
    """Some people a kind."""
    return [(kind, seed) for kind in JUMPS for seed in range(1, 1 + (QUICK if quick else EACH))]


def work(_quick: bool, job: Job) -> Jumped:
    """Score one person."""
    person = draw(*job)
    report, exact = person.report, person.truth
    out = Jumped(len(exact["jumps"]), sum(len(one["reps"]) for one in report["sets"]))
    found: list[Json] = sorted(report.get("jumps") or [], key=lambda one: one["takeoff_s"])
    pairs = match([one["takeoff_s"] for one in found], [one["takeoff_s"] for one in exact["jumps"]])
    for i, j in pairs:
        for key in KEYS:
            mine, true = number(found[i].get(key)), exact["jumps"][j].get(key)
            if mine is not None and true is not None:
                out.errors[key].append(mine - true)
    return out


def section(cases: Sequence[Jumped]) -> Section:
    """Over all people."""
    n = len(cases)
    exact = sum(one.found == one.wanted for one in cases)
    near = sum(abs(one.found - one.wanted) <= 1 for one in cases)
    flight, height, contact = (
        spread([scale * x for one in cases for x in one.errors[key]])
        for key, scale in zip(KEYS, (1e3, 1e2, 1e3), strict=True)
    )
    figures = [
        Figure("exact", "people whose every jump was counted", exact / n if n else None, "", n),
        Figure("within_one", "… within one", near / n if n else None, "", n),
        Figure("flight_ms", "time in the air, mean error size", flight.mae, "ms", flight.n),
        Figure("flight_bias_ms", "time in the air, bias", flight.bias, "ms", flight.n),
        Figure("height_cm", "height, mean error size", height.mae, "cm", height.n),
        Figure("contact_ms", "time on the floor between hops, mean error size", contact.mae, "ms", contact.n),
    ]
    note = "jumps of 10 to 42 cm, hops of 4 to 12 cm on one leg or both"
    return Section("virtual_jumps", "Jumps of virtual athletes", note, figures)
