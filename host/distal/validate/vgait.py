"""Steps and bouts of virtual athletes: contacts, cadence, length, speed, contact, flight; truth is exact."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from distal.model import SIDES
from distal.validate.athletes import Json, draw
from distal.validate.contacts import Contacts, Tally, f1_figure, longest_bout, number, stride_figure
from distal.validate.figures import Figure, Section, Target, rounded
from distal.validate.kinds import GAITS
from distal.validate.match import TOLERANCE_S, Counts, match, spread

EACH, QUICK = 12, 1
# of the longest bout; both legs' stance, no flight in walking
ESTIMATES = {
    "stride_length_m": "stride length of a bout",
    "speed_mps": "speed of a bout",
    "double_support_pct": "double support",
    "contact_s": "running: contact",
    "flight_s": "running: flight",
    "duty_factor": "running: duty factor",
}
Job = tuple[str, int]


@dataclass(slots=True)
class Walked:
    """One person's walk or run."""

    kind: str
    counts: Counts = field(default_factory=Counts)
    tally: Tally = field(default_factory=Tally)
    cadence_error: float | None = None
    errors: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # relative
    reps: int = 0


def jobs(quick: bool) -> list[Job]:
    """Some people for every way of going."""
    return [(kind, seed) for kind in GAITS for seed in range(1, 1 + (QUICK if quick else EACH))]


def work(_quick: bool, job: Job) -> Walked:
    """Score one person."""
    person, out = draw(*job), Walked(job[0])
    report = person.report
    for side in SIDES:
        _score(out, report["steps"][side], person.truth["steps"][side])
    true = number(person.truth["cadence_spm"])
    found = number(report["cadence_spm"])
    if found is not None and true is not None:
        out.cadence_error = found - true
    _compare(out, longest_bout(report.get("bouts", [])), longest_bout(person.truth.get("bouts", [])))
    out.reps = sum(len(one["reps"]) for one in report["sets"])
    return out


def _score(out: Walked, steps: Sequence[Json], exact: Sequence[Json]) -> None:
    found, wanted = [step["ic_s"] for step in steps], [step["ic_s"] for step in exact]
    out.counts += Counts(len(match(found, wanted, TOLERANCE_S)), len(found), len(wanted))
    out.tally.add(steps, Contacts(wanted, [step["tc_s"] for step in exact]))


def _compare(out: Walked, mine: Json, true: Json) -> None:
    """Estimates of the longest bout."""
    for key in ESTIMATES:
        exact, value = _exact(true, key), number(mine.get(key))
        if value is not None and exact:
            out.errors[key].append(value / exact - 1)


def _exact(bout: Json, key: str) -> Any:
    """The same quantity from the truth's own keys."""
    if bout.get(key) is not None or "speed_mps" not in bout:
        return bout.get(key)
    stride_s = bout["contact_s"] / bout["duty_factor"] if bout.get("duty_factor") else None
    if key == "stride_length_m":
        return bout["speed_mps"] * stride_s if stride_s and bout["speed_mps"] is not None else None
    if key == "double_support_pct":
        return 100 * bout["double_support_s"] / stride_s if stride_s else None
    return bout.get(key)


def section(cases: Sequence[Walked]) -> Section:
    """Over all people; by way of going in the details."""
    whole, counts = _total(cases)
    cadence = spread([one.cadence_error for one in cases if one.cadence_error is not None])
    ic, tc = (spread([1e3 * x for x in errors]) for errors in (whole.ic, whole.tc))
    reps = sum(one.reps for one in cases)
    figures = [
        f1_figure("all", "over everything", counts, Target(at_least=0.978)),
        Figure("ic_bias_ms", "initial contact, bias", ic.bias, "ms", ic.n),
        Figure("ic_mad_ms", "initial contact, MAD", ic.mad, "ms", ic.n),
        Figure("tc_bias_ms", "terminal contact, bias", tc.bias, "ms", tc.n),
        Figure("tc_mad_ms", "terminal contact, MAD", tc.mad, "ms", tc.n),
        stride_figure(whole),
        Figure("cadence_mae_spm", "cadence, mean error size", cadence.mae, "steps/min", cadence.n),
        *(_estimate(cases, key, words) for key, words in ESTIMATES.items()),
        Figure("reps", "false reps", reps, "", len(cases), Target(0, 0)),
    ]
    note = f"{len({one.kind for one in cases})} ways of going, people of all sizes, starts and stops included"
    return Section(
        "virtual_gait", "Walks and runs of virtual athletes", note, figures, {"by_way": _rows(cases)}
    )


def _total(cases: Sequence[Walked]) -> tuple[Tally, Counts]:
    whole = Tally()
    for one in cases:
        whole.join(one.tally)
    return whole, sum((one.counts for one in cases), Counts())


def _estimate(cases: Sequence[Walked], key: str, words: str) -> Figure:
    one = spread([100 * x for case in cases for x in case.errors[key]])
    return Figure(f"{key}_pct", f"{words}, mean error size", one.mae, "%", one.n)


def _rows(cases: Sequence[Walked]) -> dict[str, Json]:
    rows = {}
    for kind in dict.fromkeys(one.kind for one in cases):
        mine = [one for one in cases if one.kind == kind]
        whole, counts = _total(mine)
        rows[kind] = {
            "people": len(mine),
            "f1": rounded(counts.f1),
            "ic_bias_ms": rounded(_ms(spread(whole.ic).bias)),
            "ic_mad_ms": rounded(_ms(spread(whole.ic).mad)),
            "speed_pct": rounded(spread([100 * x for one in mine for x in one.errors["speed_mps"]]).mae),
            "reps": sum(one.reps for one in mine),
        }
    return rows


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else 1e3 * seconds
