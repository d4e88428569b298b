"""Load: mechanics in closed form, and where it went in virtual people's sessions with a set on each leg."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from distal.validate.athletes import Json
from distal.validate.doubt import DOUBTS
from distal.validate.figures import Figure, Section, Target, rounded
from distal.validate.load_people import CODES, someone, told, truth
from distal.validate.mechanics import KEYS, MASS_KG, cases, found
from distal.validate.mechanics import truth as exact

EACH, QUICK = 12, 1  # people for each exercise and doubt
PARTS = ("side impulse_nms", "phase impulse_nms", "phase time_s", "third impulse_nms", "axis impulse_ns")
WORDS = {
    "side impulse_nms": "load, left and right",
    "phase impulse_nms": "load in lift, hold, lower",
    "phase time_s": "time in lift, hold, lower",
    "third impulse_nms": "load early, middle, late",
    "axis impulse_ns": "force along, outward, forward",
}
Job = tuple[str, int, str]  # exercise, person, doubt; or the name of a case in closed form


@dataclass(slots=True)
class Scored:
    """One session, or one case in closed form."""

    name: str
    doubt: str = ""
    counted: bool = True
    off: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # %, points of a share
    amount: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))  # interval holds truth
    share: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))


def jobs(quick: bool) -> list[Job]:
    """All cases in closed form as one, then people."""
    each = QUICK if quick else EACH
    people = [(code, seed, doubt) for code in CODES for seed in range(1, 1 + each) for doubt in DOUBTS]
    return [("mechanics", 0, ""), *people]


def work(_quick: bool, job: Job) -> list[Scored]:
    """Score one job."""
    code, seed, doubt = job
    return [_mechanics(k) for k in range(len(cases()))] if not doubt else [_person(code, seed, doubt)]


def _mechanics(k: int) -> Scored:
    """One limb whose load is known; errors in %."""
    swing = cases()[k]
    true, mine, twice = exact(swing), found(swing), found(swing, 2.0 * MASS_KG)
    out = Scored(swing.name)
    for key in KEYS:
        scale = abs(true[key]) if abs(true[key]) > 1e-6 else 1.0
        out.off[key.split("_")[0] if key.startswith(("work", "impulse")) else key].append(
            100.0 * abs(mine[key] - true[key]) / scale
        )
        out.off["linear"].append(abs(twice[key] - 2.0 * mine[key]) / max(abs(2.0 * mine[key]), 1e-9))
    for whole, kind in (("peak_moment_nm", "peak"), ("impulse_nms", "impulse")):
        unit = "nms" if kind == "impulse" else "nm"
        parts = mine[f"{kind}_gravity_{unit}"] + mine[f"{kind}_inertia_{unit}"]
        out.off["additive"].append(abs(parts / mine[whole] - 1.0))
    if swing.thigh is None and true["work_concentric_j"] > 1e-6:
        both = mine["work_concentric_j"] + mine["work_eccentric_j"]
        out.off["balance"].append(100.0 * abs(both) / mine["work_concentric_j"])
    return out


def _person(code: str, seed: int, doubt: str) -> Scored:
    person = someone(code, seed, DOUBTS[doubt])
    report, true = told(person, DOUBTS[doubt]), truth(person)
    wanted = sum(len(one["reps"]) for one in person.sets)
    out = Scored(code, doubt, sum(len(one["reps"]) for one in report["sets"]) == wanted)
    for by, row in (report["distribution"] or {}).items():
        for key, split in row.items() if isinstance(row, dict) else ():
            if f"{by} {key}" in true:
                _compare(out, f"{by} {key}", split, true[f"{by} {key}"])
    return out


def _compare(out: Scored, key: str, split: Json, true: Mapping[str, float]) -> None:
    whole = sum(true.values())
    for part, value in true.items():
        amount, percent = split["amount"][part], split["percent"].get(part)
        if amount is None or (value == 0.0 and amount["value"] == 0.0):
            continue  # a phase that is not there is no interval that holds
        out.amount[key].append(amount["low"] <= value <= amount["high"])
        if percent is not None:
            share = 100.0 * value / whole
            out.off[key].append(percent["value"] - share)
            out.share[key].append(percent["low"] <= share <= percent["high"])


def section(results: Sequence[Sequence[Scored]]) -> Section:
    """Mechanics first, then the distribution by what it divides."""
    every = [one for some in results for one in some]
    closed = [one for one in every if not one.doubt]
    people = [one for one in every if one.doubt]
    sound = [one for one in people if one.counted]
    figures = [*_closed(closed), *_divided(sound, len(people)), *_sure(sound)]
    note = (
        f"{len(closed)} limbs in closed form (pendulum, constant turn, hold, two links; mounted any way,"
        f" sensor 5 cm off); {len(CODES)} exercises, a set on each leg, told as people tell"
    )
    return Section("load", "Load of the worn mass", note, figures, {"by_exercise": _by_exercise(people)})


def _closed(closed: Sequence[Scored]) -> list[Figure]:
    n = len(closed)
    rows = {
        "peak_force_n": ("force_pct", "closed form: peak force, worst", Target(at_most=0.5)),
        "peak_moment_nm": ("moment_pct", "closed form: peak moment, worst", Target(at_most=0.5)),
        "impulse": ("impulse_pct", "closed form: impulse, worst", Target(at_most=0.5)),
        "work": ("work_pct", "closed form: work, worst", Target(at_most=0.5)),
        "balance": ("balance_pct", "closed form: W+ and W- together, of W+, worst", Target(at_most=1)),
    }
    out = [
        Figure(key, words, _worst(closed, member), "%", n, target)
        for member, (key, words, target) in rows.items()
    ]
    additive, linear = (_worst(closed, key) for key in ("additive", "linear"))
    words = "closed form: gravity and inertia together, off the whole by, worst"
    out.append(Figure("additive", words, additive, "", n, Target(at_most=1e-9)))
    words = "closed form: twice the mass, off twice the load by, worst"
    out.append(Figure("linear", words, linear, "", n, Target(at_most=1e-9)))
    return out


def _worst(cases: Sequence[Scored], key: str) -> float | None:
    return max((abs(x) for one in cases for x in one.off[key]), default=None)


def _divided(people: Sequence[Scored], whole: int) -> list[Figure]:
    """Weighed and calibrated: what is left is the method's own error."""
    some = [one for one in people if one.doubt == "weighed"]
    out = [Figure("counted", "sessions with every rep counted", len(people) / max(whole, 1), "", whole)]
    for key in PARTS:
        off = [abs(x) for one in some for x in one.off[key]]
        name, what = key.replace(" ", "_"), f"share of {WORDS[key]}"
        mean = float(np.mean(off)) if off else None
        out.append(Figure(f"{name}_mae", f"{what}: mean error size", mean, "%", len(off), Target(at_most=2)))
        most = float(np.percentile(off, 95)) if off else None
        out.append(Figure(f"{name}_p95", "… 95 % of errors below", most, "%", len(off)))
    return out


def _sure(people: Sequence[Scored]) -> list[Figure]:
    out = []
    for doubt, words in (("label", "told from a label"), ("weighed", "weighed and calibrated")):
        some = [one for one in people if one.doubt == doubt]
        amounts = [x for one in some for held in one.amount.values() for x in held]
        shares = [x for one in some for held in one.share.values() for x in held]
        for key, what, held in (("amount", "amounts", amounts), ("share", "shares", shares)):
            text = f"intervals (95 %) of {what} that hold the truth, {words}"
            target = Target(0.93, 0.97) if held else None
            out.append(Figure(f"{key}_{doubt}", text, _mean(held), "", len(held), target))
    return out


def _mean(flags: Iterable[bool]) -> float | None:
    kept = list(flags)
    return sum(kept) / len(kept) if kept else None


def _by_exercise(people: Sequence[Scored]) -> dict[str, Json]:
    rows: dict[str, Json] = {}
    for code in dict.fromkeys(one.name for one in people):
        mine = [one for one in people if one.name == code]
        off = {key: [abs(x) for one in mine if one.counted for x in one.off[key]] for key in PARTS}
        held = [
            x for one in mine for some in (one.amount, one.share) for flags in some.values() for x in flags
        ]
        rows[code] = {
            "sessions": len(mine),
            "counted": sum(one.counted for one in mine),
            **{f"{key.replace(' ', '_')}_mae": rounded(float(np.mean(x))) for key, x in off.items() if x},
            "held": rounded(_mean(held)),
        }
    return rows
