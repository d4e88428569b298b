"""Has the person changed? The newest session of a task beside that person's own earlier ones. Pure.

Sessions are repeats of a task when exercise, side and worn mass are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

import numpy as np
from scipy.stats import t as student

from distal.analysis.form import LEAST_REPEATS, Compared, compare
from distal.analysis.trend import fit_line
from distal.model import Estimate

KINDS = {
    "rom_deg": "deg",
    "rep_s": "s",
    "lift_deg_s": "deg/s",
    "shake_deg_s": "deg/s",
    "off_axis": "",
    "velocity_loss_pct": "%",
}
WALKING = {"stride_time_s": "s", "stride_length_m": "m", "stride_time_cv_pct": "%"}
SAME_KG = 0.1  # masses nearer than this are the same load

Task = tuple[str, str, float | None]  # exercise, side, worn mass


@dataclass(frozen=True, slots=True)
class TaskChange:
    """One kind of value of a task: the newest beside the earlier ones, and the course over all sessions.

    trend  change a session with its 95 % interval; None below six sessions
    """

    task: Task
    kind: str
    unit: str
    newest: Compared
    trend: Estimate | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """Walking with the mass beside walking without it: difference of the means of sessions."""

    kind: str
    unit: str
    difference: Estimate | None  # loaded minus unloaded, 95 %
    says: Literal["higher", "lower", "same", "unknown"]


def changes(sessions: Sequence[Mapping[str, Any]]) -> list[TaskChange]:
    """For every task and kind with a value in the newest session of that task. Oldest session first."""
    values: dict[tuple[Task, str], list[float]] = {}
    for row in sessions:
        for key, found in _session_means(row).items():
            values.setdefault(key, []).append(found)
    out = []
    for (task, kind), seen in values.items():
        line = fit_line(seen)
        trend = None
        if line:
            trend = Estimate(line.slope, line.slope - line.half, line.slope + line.half, line.n)
        out.append(TaskChange(task, kind, KINDS[kind], compare(seen[-1], seen[:-1]), trend))
    return out


def _session_means(row: Mapping[str, Any]) -> dict[tuple[Task, str], float]:
    """Task and kind -> mean over the sets of one session, each with the weight of its reps."""
    sums: dict[tuple[Task, str], list[tuple[float, int]]] = {}
    for one in row["sets"]:
        task = (one["exercise"], one["side"], _mass(row, one["side"]))
        for kind in KINDS:
            value = one["figures"].get(kind)
            if value is not None and one["reps"]:
                sums.setdefault((task, kind), []).append((value, one["reps"]))
    return {key: sum(v * n for v, n in found) / sum(n for _, n in found) for key, found in sums.items()}


def _mass(row: Mapping[str, Any], side: str) -> float | None:
    """The worn mass, to steps that count as the same."""
    masses = row["summary"]["mass_kg"]
    known = masses.get("left" if side == "both" else side)
    return None if known is None else round(round(known / SAME_KG) * SAME_KG, 3)


def loaded(sessions: Sequence[Mapping[str, Any]]) -> list[Loaded]:
    """Loaded against unloaded walking, by sessions: Welch's interval of the difference of means."""
    out = []
    for kind, unit in WALKING.items():
        groups: tuple[list[float], list[float]] = ([], [])
        for row in sessions:
            value = row["summary"].get(kind)
            if value is not None:
                masses = [mass or 0.0 for mass in row["summary"]["mass_kg"].values()]
                groups[max(masses, default=0.0) > SAME_KG].append(value)
        out.append(_difference(kind, unit, *groups))
    return out


def _difference(kind: str, unit: str, bare: Sequence[float], with_mass: Sequence[float]) -> Loaded:
    if min(len(bare), len(with_mass)) < LEAST_REPEATS:
        return Loaded(kind, unit, None, "unknown")
    parts = [(float(np.mean(x)), float(np.var(x, ddof=1)) / len(x), len(x)) for x in (bare, with_mass)]
    (m0, v0, n0), (m1, v1, n1) = parts
    spread = v0 + v1
    freedom = spread**2 / max(v0**2 / (n0 - 1) + v1**2 / (n1 - 1), 1e-30)
    half = float(student.ppf(0.975, max(freedom, 1.0))) * sqrt(spread)
    difference = Estimate(m1 - m0, m1 - m0 - half, m1 - m0 + half, n0 + n1)
    if difference.low <= 0.0 <= difference.high:
        return Loaded(kind, unit, difference, "same")
    return Loaded(kind, unit, difference, "higher" if difference.value > 0 else "lower")


WORDS = {
    "higher": "changed, higher",
    "lower": "changed, lower",
    "same": "same as before",
    "unknown": "not known",
}


def render(found: Sequence[TaskChange], walks: Sequence[Loaded]) -> str:
    """One line a value; a task that was done too seldom says so once."""
    lines: list[str] = []
    for task in dict.fromkeys(one.task for one in found):
        mine = [one for one in found if one.task == task]
        exercise, side, mass = task
        load = "no mass known" if mass is None else f"{mass:g} kg"
        lines.append(f"{exercise}, {side}, {load}")
        if all(one.newest.says == "unknown" for one in mine):
            lines.append(f"  not known: {LEAST_REPEATS} earlier sessions of it are needed")
            continue
        lines += [_line(one) for one in mine]
    lines += [_walk_line(one) for one in walks]
    return "\n".join(lines) + "\n"


def _line(one: TaskChange) -> str:
    usual = one.newest.usual
    held = f"before: {usual.low:.3g} to {usual.high:.3g}" if usual else "too few before"
    return f"  {one.kind:<18} {one.newest.value:>8.3g} {one.unit:<6} {WORDS[one.newest.says]} ({held})"


def _walk_line(one: Loaded) -> str:
    if one.difference is None:
        return f"loaded walking, {one.kind}: not known ({LEAST_REPEATS} sessions with and without are needed)"
    span = f"{one.difference.value:+.3g} ({one.difference.low:+.3g} to {one.difference.high:+.3g}) {one.unit}"
    return f"loaded walking, {one.kind}: {span}, {WORDS[one.says]}"
