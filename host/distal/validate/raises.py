"""Four leg raises at the ankle: reps counted, boundaries, names, the still leg (leg_raises)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from distal.model import SIDES, Facts, Side, Track
from distal.validate.blocks import fast_is_told, low_is_told
from distal.validate.contacts import Json
from distal.validate.figures import Figure, Section, Target
from distal.validate.match import spread
from distal.validate.recordings import names, report_on, tracks, truth

GROUP = "leg_raises"


@dataclass(slots=True)
class Raises:
    """Scores of one session."""

    name: str
    code: str
    wanted: int
    found: int
    still: int  # reps on the leg that did not do the exercise
    steps: int
    told: int | None = None  # reps found when the exercise was told
    fast: bool | None = None  # the block that was too fast is told from the correct one, exercise told
    low: bool | None = None  # and the one that was too low
    names: Counter[str] = field(default_factory=Counter)  # reps by the name of their set
    start: list[float] = field(default_factory=list)  # errors of labelled boundaries, s
    end: list[float] = field(default_factory=list)


def jobs(folder: Path) -> list[str]:
    """One session each."""
    return names(folder, GROUP)


def work(folder: Path, name: str) -> Raises:
    """Score one session without telling the exercise; its reps are counted once more with telling."""
    legs, exact = tracks(folder, GROUP, name, "ankle"), truth(folder, GROUP, name)
    out = score(legs, exact, name)
    told = report_on(legs, Facts(exercise=exact["code"]))["sets"]
    reps = [rep for one in told if one["side"] in (exact["moving_side"], "both") for rep in one["reps"]]
    out.told, out.fast, out.low = len(reps), fast_is_told(reps, exact), low_is_told(reps, exact)
    return out


def score(legs: Sequence[Track], exact: Json, name: str) -> Raises:
    """Any tracks of a session against its truth."""
    report = report_on(legs, Facts())
    moving: Side = exact["moving_side"]
    sets = [one for one in report["sets"] if one["side"] in (moving, "both")]
    reps = [rep for one in sets for rep in one["reps"]]
    still = sum(len(one["reps"]) for one in report["sets"] if one["side"] not in (moving, "both"))
    steps = sum(len(report["steps"][side]) for side in SIDES)
    out = Raises(name, exact["code"], exact["rep_count"], len(reps), still, steps)
    for one in sets:
        out.names[one["exercise"]] += len(one["reps"])
    _compare(out, reps, exact.get("reps", []))
    return out


def _compare(out: Raises, reps: Sequence[Json], labels: Sequence[Json]) -> None:
    """Boundaries of the rep that overlaps a label the most."""
    for label in labels:
        overlaps = [min(rep["end_s"], label["end_s"]) - max(rep["start_s"], label["start_s"]) for rep in reps]
        if overlaps and max(overlaps) > 0:
            rep = reps[overlaps.index(max(overlaps))]
            out.start.append(rep["start_s"] - label["start_s"])
            out.end.append(rep["end_s"] - label["end_s"])


def section(sessions: Sequence[Raises]) -> Section:
    """Counts over sessions; boundaries without the prone sessions, whose labels include bending the knee."""
    n = len(sessions)
    exact = sum(one.found == one.wanted for one in sessions)
    near = sum(abs(one.found - one.wanted) <= 1 for one in sessions)
    reps = sum(one.found for one in sessions)
    named = sum(one.names[one.code] for one in sessions)
    told = sum(one.told == one.wanted for one in sessions)
    figures = [
        Figure("exact", "sessions with every rep counted", exact, "", n, Target(at_least=_share(n, 14 / 16))),
        Figure("within_one", "sessions within one rep", near, "", n, Target(at_least=n)),
        Figure("told_exact", "sessions with every rep counted, exercise told", told, "", n),
        Figure("still", "reps on the still leg", sum(one.still for one in sessions), "", n, Target(0, 0)),
        Figure("steps", "false steps", sum(one.steps for one in sessions), "", n, Target(0, 0)),
        Figure("named", "reps with the right name, not told", named / reps if reps else None, "", reps),
        *_blocks(sessions),
        *_boundaries(sessions),
    ]
    rows = {
        one.name: {"wanted": one.wanted, "found": one.found, "still": one.still, "names": dict(one.names)}
        for one in sessions
    }
    note = f"{n} sessions of 9 or 30 reps: held, too fast, too low; the other leg stays still"
    return Section(GROUP, "Leg raises of people", note, figures, {"sessions": rows})


def _blocks(sessions: Sequence[Raises]) -> list[Figure]:
    """Prone, range tells nothing: neither does the recordings' own truth."""
    fast = [one.fast for one in sessions if one.fast is not None]
    low = [one.low for one in sessions if one.low is not None and not one.code.startswith("prone")]
    words = "sessions whose too {} block is told from the correct one by {}"
    return [
        Figure("fast_told", words.format("fast", "tempo"), sum(fast), "", len(fast), Target(len(fast))),
        Figure(
            "low_told", words.format("low", "range, prone apart"), sum(low), "", len(low), Target(len(low))
        ),
    ]


def _share(n: int, share: float) -> int:
    return int(n * share + 0.999)


def _boundaries(sessions: Sequence[Raises]) -> list[Figure]:
    out = []
    for kind, some in (
        ("", [one for one in sessions if not one.code.startswith("prone")]),
        ("prone_", [one for one in sessions if one.code.startswith("prone")]),
    ):
        where = " (prone: the labels include bending the knee)" if kind else ""
        for key in ("start", "end"):
            one = spread([1e3 * x for session in some for x in getattr(session, key)])
            what = f"rep {key} against hand labels, mean error size{where}"
            out.append(Figure(f"{kind}{key}_mae_ms", what, one.mae, "ms", one.n))
    return out
