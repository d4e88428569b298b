"""Reps of virtual athletes: counts, phases, range, names, loads, intervals; truth is exact."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from distal.model import SIDES
from distal.validate.athletes import Json, draw
from distal.validate.doubt import DOUBTS, report_in_doubt
from distal.validate.figures import Figure, Section, Target, rounded
from distal.validate.kinds import SETS, STEPPING
from distal.validate.match import spread

EACH, QUICK = 20, 1  # people per exercise
SAME = {"seated_knee_extension": "seated_leg_raise"}  # a shank from hanging to level, thigh on the seat
EDGES = ("start", "top", "lower", "end")
LOADS = ("peak_force_n", "peak_moment_nm", "impulse_nms", "work_concentric_j", "peak_power_w")
IN_DOUBT = {
    "label": "… mass from a label, sensor not calibrated, both off accordingly",
    "weighed": "… mass weighed, sensor calibrated, both off accordingly",
}
MATCHED = 0.5  # of the union of two spans
Job = tuple[str, int]
InSet = tuple[Json, Json]  # a set and one of its reps


@dataclass(slots=True)
class Scored:
    """One person's set."""

    code: str
    wanted: int
    found: int
    steps: int
    named: str | None  # the set that overlaps most; None without one
    matched: int = 0
    sided: bool = False  # that set is on the right side
    confidence: float = 0.0  # how sure the name is said to be
    edges: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # errors, s
    rom: list[float] = field(default_factory=list)  # errors, degrees
    load: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # relative errors
    covered: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))  # interval holds truth
    in_doubt: dict[str, dict[str, list[bool]]] = field(default_factory=dict)  # the same, by name of DOUBTS


def jobs(quick: bool) -> list[Job]:
    """Some people for every exercise."""
    return [(code, seed) for code in SETS for seed in range(1, 1 + (QUICK if quick else EACH))]


def work(_quick: bool, job: Job) -> Scored:
    """Score one person."""
    person = draw(*job)
    out = score(job[0], person.truth, person.report)
    for name, doubt in DOUBTS.items():
        out.in_doubt[name] = score(job[0], person.truth, report_in_doubt(person, doubt)).covered
    return out


def score(code: str, exact: Json, report: Json) -> Scored:
    """A report against exact truth, both with the contract's keys."""
    wanted = [(one, rep) for one in exact["sets"] for rep in one["reps"]]
    found = [(one, rep) for one in report["sets"] for rep in one["reps"]]
    steps = sum(len(report["steps"][side]) for side in SIDES)
    best = _best_set(exact, report)
    out = Scored(code, len(wanted), len(found), steps, None if best is None else str(best["exercise"]))
    out.sided = best is not None and best["side"] == exact["sets"][0]["side"]
    out.confidence = 0.0 if best is None else float(best["confidence"])
    for mine, true in _pairs(found, wanted):
        _compare(out, mine, true)
        out.matched += 1
    return out


def _pairs(found: Sequence[InSet], wanted: Sequence[InSet]) -> list[tuple[Json, Json]]:
    """Found and true reps of one side whose times have half of their union in common: never two for one."""
    near = [
        (mine, true)
        for own, true in wanted
        for one, mine in found
        if _overlap(mine, true) > MATCHED * (_length(mine) + _length(true) - _overlap(mine, true))
        and ("both" in (one["side"], own["side"]) or one["side"] == own["side"])
    ]
    # with `both`, left and right may lie in the same time: one of them is enough
    return list({id(true): (mine, true) for mine, true in near}.values())


def _length(rep: Json) -> float:
    return float(rep["end_s"] - rep["start_s"])


def _overlap(a: Json, b: Json) -> float:
    return float(min(a["end_s"], b["end_s"]) - max(a["start_s"], b["start_s"]))


def _best_set(exact: Json, report: Json) -> Json | None:
    """The found set that overlaps the true one most."""
    true = exact["sets"][0]
    near = [one for one in report["sets"] if _overlap(one, true) > 0]
    return max(near, key=lambda one: _overlap(one, true), default=None)


def _compare(out: Scored, mine: Json, true: Json) -> None:
    lowered_first = abs(true["start_s"] + true["concentric_s"] - true["top_s"]) > 1e-3
    found, exact_at = edges(mine, lowered_first), edges(true, lowered_first)
    for key in EDGES:
        out.edges[key].append(found[key] - exact_at[key])
    out.rom.append(mine["rom_deg"] - true["rom_deg"])
    for key in LOADS:
        value, exact = mine["load"].get(key), true["load"].get(key)
        if value is None or not exact or mine["load"]["about"] != true["load"]["about"]:
            continue
        out.load[key].append(value / exact - 1)
        low, high = ((mine["load"].get(end) or {}).get(key) for end in ("low", "high"))
        if low is not None and high is not None:
            out.covered[key].append(min(low, high) <= exact <= max(low, high))


def edges(rep: Json, lowered_first: bool) -> dict[str, float]:
    """The four borders of the three phases. In a squat the load goes down first."""
    out_s = rep["eccentric_s" if lowered_first else "concentric_s"]
    start, top = rep["start_s"], rep["start_s"] + out_s
    return dict(zip(EDGES, (start, top, top + rep["hold_s"], rep["end_s"]), strict=True))


def section(cases: Sequence[Scored]) -> Section:
    """Over all exercises; by exercise and the confusion table in the details."""
    figures = [*_counted(cases), *_timed(cases), *_recognised(cases), *_loaded(cases)]
    details = {
        "by_exercise": _by_exercise(cases),
        "confusion": confusion(cases),
        "reliability": reliability(cases),
    }
    codes = len({one.code for one in cases})
    note = f"{codes} exercises, people of all sizes, tempos, holds and tremor; truth exact"
    return Section("virtual_reps", "Reps of virtual athletes", note, figures, details)


def _counted(cases: Sequence[Scored]) -> list[Figure]:
    n, quiet = len(cases), [one for one in cases if one.code not in STEPPING]
    exact = _share(one.found == one.wanted for one in cases)
    near = _share(abs(one.found - one.wanted) <= 1 for one in cases)
    steps = sum(one.steps for one in quiet)
    wanted, matched = sum(one.wanted for one in cases), sum(one.matched for one in cases)
    return [
        Figure("exact", "sets with every rep counted", exact, "", n, Target(at_least=0.95)),
        Figure("within_one", "sets within one rep", near, "", n, Target(at_least=0.99)),
        Figure("matched", "reps found in their place", matched / wanted if wanted else None, "", wanted),
        Figure("steps", "false steps in exercises without steps", steps, "", len(quiet), Target(0, 0)),
    ]


def _timed(cases: Sequence[Scored]) -> list[Figure]:
    offs = [1e3 * x for one in cases for errors in one.edges.values() for x in errors]
    rom, mae = [x for one in cases for x in one.rom], spread(offs).mae
    return [
        Figure(
            "boundaries_ms", "phase boundaries, mean error size", mae, "ms", len(offs), Target(at_most=50)
        ),
        *(_edge(cases, key) for key in EDGES),
        Figure("rom_deg", "range, mean error size", spread(rom).mae, "°", len(rom), Target(at_most=2)),
        Figure("rom_worst_deg", "range, 95 % of errors below", _p95(rom), "°", len(rom)),
    ]


def _alike(name: str | None) -> str | None:
    return SAME.get(name, name) if name else None


def _recognised(cases: Sequence[Scored]) -> list[Figure]:
    n = len(cases)
    alike = _share(_alike(one.named) == _alike(one.code) for one in cases)
    named = _share(one.named == one.code for one in cases)
    wrong = _share(one.named not in (None, "unknown", one.code) for one in cases)
    sided = _share(one.sided for one in cases)
    return [
        Figure("named", "sets with the right name, not told", named, "", n, Target(at_least=0.9)),
        Figure("named_alike", "… the two seated raises, one movement, taken as one", alike, "", n),
        Figure("misnamed", "sets with a wrong name (the rest is unknown)", wrong, "", n),
        Figure(
            "confidence_gap",
            "how sure a name is said to be, beside how often it is right",
            _gap(cases),
            "",
            n,
        ),
        Figure("sided", "sets on the right side", sided, "", n),
    ]


def _loaded(cases: Sequence[Scored]) -> list[Figure]:
    held = {name: _held(cases, name) for name in DOUBTS}
    both = [flag for flags in held.values() for flag in flags]
    words, target = "load intervals (95 %) that hold the truth", Target(0.93, 0.97) if both else None
    return [
        *(_load(cases, key) for key in LOADS),
        Figure("load_coverage", words, _share(both), "", len(both), target),
        *(
            Figure(f"load_coverage_{name}", IN_DOUBT[name], _share(held[name]), "", len(held[name]))
            for name in held
        ),
    ]


def _held(cases: Sequence[Scored], name: str) -> list[bool]:
    """Whether each interval held the truth, all members of all reps."""
    return [flag for one in cases for flags in one.in_doubt.get(name, {}).values() for flag in flags]


def _share(flags: Iterable[bool]) -> float | None:
    kept = list(flags)
    return sum(kept) / len(kept) if kept else None


def _p95(values: Sequence[float]) -> float | None:
    return float(np.percentile(np.abs(values), 95)) if len(values) else None


def _edge(cases: Sequence[Scored], key: str) -> Figure:
    words = {"start": "start", "top": "end of the way out", "lower": "end of the hold", "end": "end"}
    one = spread([1e3 * x for case in cases for x in case.edges[key]])
    return Figure(f"{key}_ms", f"… {words[key]}", one.mae, "ms", one.n)


def _load(cases: Sequence[Scored], key: str) -> Figure:
    """The worn mass's load where the joint is known: within so many % in 95 of 100 reps."""
    errors = [100 * x for one in cases for x in one.load[key]]
    words = key.rsplit("_", 1)[0].replace("_", " ")
    return Figure(f"{key}_pct", f"{words}: 95 % of reps within", _p95(errors), "%", len(errors))


def _by_exercise(cases: Sequence[Scored]) -> Mapping[str, Json]:
    rows: dict[str, Json] = {}
    for code in dict.fromkeys(one.code for one in cases):
        mine = [one for one in cases if one.code == code]
        offs = [1e3 * x for one in mine for errors in one.edges.values() for x in errors]
        rows[code] = {
            "sets": len(mine),
            "exact": sum(one.found == one.wanted for one in mine),
            "within_one": sum(abs(one.found - one.wanted) <= 1 for one in mine),
            "boundaries_ms": rounded(spread(offs).mae),
            "rom_deg": rounded(spread([x for one in mine for x in one.rom]).mae),
            "named": sum(one.named == code for one in mine),
            "moment_pct": rounded(_p95([100 * x for one in mine for x in one.load["peak_moment_nm"]])),
            "steps": sum(one.steps for one in mine),
        }
    return rows


TENTHS = ((0.0, 0.55), (0.55, 0.65), (0.65, 0.75), (0.75, 0.85), (0.85, 1.0))


def reliability(cases: Sequence[Scored]) -> Mapping[str, Json]:
    """Names by how sure they are said to be: a confidence of 0.8 should be right in 80 of 100 sets."""
    named = [one for one in cases if one.named not in (None, "unknown")]
    rows: dict[str, Json] = {}
    for low, high in TENTHS:
        mine = [one for one in named if low < one.confidence <= high]
        if mine:
            said = sum(one.confidence for one in mine) / len(mine)
            right = _share(one.named == one.code for one in mine)
            rows[f"{low:.2f} to {high:.2f}"] = {
                "sets": len(mine), "said": rounded(said), "right": rounded(right),
            }  # fmt: skip
    return rows


def _gap(cases: Sequence[Scored]) -> float | None:
    """Mean distance of said and right over the rows of `reliability`, by sets."""
    rows = reliability(cases).values()
    n = sum(row["sets"] for row in rows)
    return sum(row["sets"] * abs(row["said"] - row["right"]) for row in rows) / n if n else None


def confusion(cases: Sequence[Scored]) -> Mapping[str, Mapping[str, int]]:
    """True exercise -> name given -> sets; `none` where no set was found."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for one in cases:
        table[one.code][one.named or "none"] += 1
    return {code: dict(names) for code, names in table.items()}
