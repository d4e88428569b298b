"""Jumps and hops of virtual athletes: how many, how long in the air, how high."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from distal.model import SIDES
from distal.validate.athletes import Json, draw
from distal.validate.contacts import number
from distal.validate.figures import Figure, Section, Target
from distal.validate.kinds import JUMPS
from distal.validate.match import match, spread

EACH, QUICK = 20, 1
Job = tuple[str, int]
KEYS = ("flight_s", "height_m", "contact_s")
# with a target: of height and what comes of it the interval also has 5 cm for landing on bent knees; virtual
# people's bend by 2 cm at most
HELD = {"flight_s": Target(0.93, 0.97), "contact_s": Target(0.93, 0.97), "height_m": None, "rsi": None}


@dataclass(slots=True)
class Jumped:
    """One person."""

    wanted: int
    found: int  # reps of all sets
    kind: str = ""
    named: bool = False  # all sets jump or hop, as they were
    extra_steps: int = 0  # more than there were
    errors: dict[str, list[float]] = field(default_factory=lambda: {key: [] for key in KEYS})
    held: dict[str, list[bool]] = field(default_factory=lambda: {key: [] for key in HELD})


def jobs(quick: bool) -> list[Job]:
    """Some people a kind."""
    return [(kind, seed) for kind in JUMPS for seed in range(1, 1 + (QUICK if quick else EACH))]


def work(_quick: bool, job: Job) -> Jumped:
    """Score one person."""
    person = draw(*job)
    report, exact = person.report, person.truth
    out = Jumped(len(exact["jumps"]), sum(len(one["reps"]) for one in report["sets"]), job[0])
    out.named = {one["exercise"] for one in report["sets"]} == {one["exercise"] for one in exact["sets"]}
    steps, true_steps = (sum(len(one["steps"][side]) for side in SIDES) for one in (report, exact))
    out.extra_steps = max(steps - true_steps, 0)
    found: list[Json] = sorted(report.get("jumps") or [], key=lambda one: one["takeoff_s"])
    pairs = match([one["takeoff_s"] for one in found], [one["takeoff_s"] for one in exact["jumps"]])
    for i, j in pairs:
        for key in KEYS:
            mine, true = number(found[i].get(key)), exact["jumps"][j].get(key)
            if mine is not None and true is not None:
                out.errors[key].append(mine - true)
        for key in HELD:
            mine, true = found[i].get(key), exact["jumps"][j].get(key)
            if mine is not None and true is not None:
                out.held[key].append(mine["low"] <= true <= mine["high"])
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
        Figure(
            "exact",
            "people whose every jump was counted",
            exact / n if n else None,
            "",
            n,
            Target(at_least=0.9),
        ),
        Figure("within_one", "… within one", near / n if n else None, "", n),
        Figure("named", "… all called jump or hop, as they were", _share(one.named for one in cases), "", n),
        Figure("steps", "false steps", sum(one.extra_steps for one in cases), "", n),
        Figure("flight_ms", "time in the air, mean error size", flight.mae, "ms", flight.n),
        Figure("flight_bias_ms", "time in the air, bias", flight.bias, "ms", flight.n),
        Figure("height_cm", "height, mean error size", height.mae, "cm", height.n),
        Figure("contact_ms", "time on the floor between hops, mean error size", contact.mae, "ms", contact.n),
        *(_held(cases, key) for key in HELD),
    ]
    note = "jumps of 10 to 42 cm, also from a squat and between walks; hops of 4 to 12 cm on one leg or both"
    rows = {kind: _row([one for one in cases if one.kind == kind]) for kind in JUMPS}
    return Section("virtual_jumps", "Jumps of virtual athletes", note, figures, {"by_kind": rows})


def _row(cases: Sequence[Jumped]) -> Json:
    return {
        "people": len(cases),
        "exact": sum(one.found == one.wanted for one in cases),
        "within_one": sum(abs(one.found - one.wanted) <= 1 for one in cases),
        "steps": sum(one.extra_steps for one in cases),
    }


def _held(cases: Sequence[Jumped], key: str) -> Figure:
    flags = [flag for one in cases for flag in one.held[key]]
    words = {"flight_s": "time in the air", "contact_s": "time on the floor", "height_m": "height"}
    more = "" if HELD[key] else " (wider: real people land on bent knees)"
    what = f"intervals of {words.get(key, 'reactive strength')} that hold the truth{more}"
    return Figure(f"{key}_held", what, _share(flags), "", len(flags), HELD[key])


def _share(flags: Iterable[bool]) -> float | None:
    kept = list(flags)
    return sum(kept) / len(kept) if kept else None
