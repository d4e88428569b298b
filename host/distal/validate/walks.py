"""Feet of people who walk 10 m, turn and walk back; foot strikes checked by hand (walk_uturn)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from distal.model import SIDES, Facts, Side, Track
from distal.validate.contacts import Contacts, Json, Tally, f1_figure, stride_figure, timing
from distal.validate.figures import Figure, Section, Target, rounded
from distal.validate.match import Counts, count_in
from distal.validate.recordings import names, report_on, tracks, truth

GROUP = "walk_uturn"
FACTS = Facts(placement="foot")
EVER = 1e9
REGIONS = ("walk", "straight", "turn", "after", "all")


@dataclass(slots=True)
class Walk:
    """Scores of one walk."""

    name: str
    counts: dict[str, Counts] = field(default_factory=lambda: dict.fromkeys(REGIONS, Counts()))
    tally: Tally = field(default_factory=Tally)
    cadence_error: float | None = None  # of the report's own value


def jobs(folder: Path) -> list[str]:
    """One walk each."""
    return names(folder, GROUP)


def work(folder: Path, name: str) -> Walk:
    """Score one walk."""
    return score(tracks(folder, GROUP, name, "foot"), truth(folder, GROUP, name), name)


def score(legs: Sequence[Track], exact: Json, name: str) -> Walk:
    """Any tracks of a walk against its truth."""
    report, walk = report_on(legs, FACTS), Walk(name)
    span = exact["walk_start_s"], exact["walk_end_s"]
    for side in SIDES:
        steps, wanted = report["steps"][side], contacts(exact, side)
        found = [step["ic_s"] for step in steps]
        for region, spans in regions(exact).items():
            walk.counts[region] += count_in(found, wanted.ic, spans)
        walk.tally.add(steps, wanted, span)
    strides = walk.tally.true_strides
    if report["cadence_spm"] and strides:
        walk.cadence_error = report["cadence_spm"]["value"] - 120 * len(strides) / sum(strides)
    return walk


def contacts(exact: Json, side: Side) -> Contacts:
    """True contacts of one foot."""
    events = sorted(exact[f"{side}_events_s"], key=lambda event: event[1])
    return Contacts([strike for _, strike in events], [off for off, _ in events])


def regions(exact: Json) -> dict[str, list[tuple[float, float]]]:
    """Time spans by region. After the walk counts only where somebody marked the shuffles there."""
    start, end = float(exact["walk_start_s"]), float(exact["walk_end_s"])
    turn = float(exact.get("uturn_start_s") or end), float(exact.get("uturn_end_s") or end)
    marked = any(strike > end for side in SIDES for _, strike in exact[f"{side}_events_s"])
    return {
        "walk": [(start, end)],
        "straight": [(start, turn[0]), (turn[1], end)],
        "turn": [turn] if turn[1] > turn[0] else [],
        "after": [(end + 1e-6, EVER)] if marked else [],
        "all": [(-EVER, EVER)],
    }


def total(walks: Sequence[Walk]) -> Walk:
    """All walks as one."""
    whole = Walk("all")
    for walk in walks:
        for region in REGIONS:
            whole.counts[region] += walk.counts[region]
        whole.tally.join(walk.tally)
    return whole


def section(walks: Sequence[Walk]) -> Section:
    """Figures over all walks, and F1 by walk."""
    whole = total(walks)
    figures = [
        f1_figure("walk", "within the walk", whole.counts["walk"], Target(at_least=0.987)),
        f1_figure("straight", "walking straight", whole.counts["straight"]),
        f1_figure("turn", "in turns", whole.counts["turn"]),
        f1_figure("after", "after the walk, where marked", whole.counts["after"]),
        f1_figure("all", "over everything", whole.counts["all"], Target(at_least=0.978)),
        *timing("ic", whole.tally.ic, mad=Target(at_most=8)),
        *timing("tc", whole.tally.tc),
        stride_figure(whole.tally),
        Figure(
            "cadence_error_spm", "cadence of matching strides, error", whole.tally.cadence_error, "steps/min"
        ),
        _worst_cadence(walks),
    ]
    rows = {walk.name: {region: rounded(walk.counts[region].f1) for region in REGIONS} for walk in walks}
    note = (
        f"{len(walks)} walks of people with a sensor on each foot, U-turns and stops; strikes checked by hand"
    )
    return Section(GROUP, "Steps at the foot", note, figures, {"f1": rows})


def _worst_cadence(walks: Sequence[Walk]) -> Figure:
    sizes = [abs(walk.cadence_error) for walk in walks if walk.cadence_error is not None]
    worst = max(sizes, default=None)
    return Figure(
        "cadence_worst_spm",
        "report's cadence against the marked strides, worst walk",
        worst,
        "steps/min",
        len(sizes),
    )
