"""Shank and foot on a treadmill with an optical gait system (treadmill).

The two clocks carry an unknown constant, so contacts are judged by scatter; stride times need no common
clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from distal.model import SIDES, Facts, Placement
from distal.validate.contacts import STRIDE_S, Json, longest_bout, number
from distal.validate.figures import Figure, Section, Target
from distal.validate.match import Counts, match, spread
from distal.validate.recordings import names, report_on, tracks, truth

GROUP = "treadmill"
PLACEMENTS: tuple[Placement, Placement] = ("shank", "foot")
EDGE_S = 20.0  # the first and last 20 s hold implausible rows


@dataclass(slots=True)
class Belt:
    """Scores of one placement of one recording."""

    placement: Placement
    counts: Counts = field(default_factory=Counts)
    contacts: dict[str, list[float]] = field(default_factory=dict)  # errors by side, s
    strides: list[tuple[float, float]] = field(default_factory=list)  # found, true
    length: tuple[float, float] | None = None  # found, true: mean stride, m
    speed: tuple[float, float] | None = None  # found, belt, m/s


def jobs(folder: Path) -> list[tuple[str, Placement]]:
    """One recording and placement each."""
    return [(name, place) for name in names(folder, GROUP) for place in PLACEMENTS]


def work(folder: Path, job: tuple[str, Placement]) -> Belt:
    """Score one placement."""
    name, placement = job
    exact = truth(folder, GROUP, name)
    report, belt = (
        report_on(tracks(folder, GROUP, name, placement), Facts(placement=placement)),
        Belt(placement),
    )
    times = [step["ic_imu_s"] for step in exact["steps"]]
    low, high = min(times) + EDGE_S, max(times) - EDGE_S
    for side in SIDES:
        rows = sorted((row for row in exact["steps"] if row["side"] == side), key=lambda row: row["ic_imu_s"])
        rows = [row for row in rows if low <= row["ic_imu_s"] <= high]
        steps = [step for step in report["steps"][side] if low - 0.25 <= step["ic_s"] <= high + 0.25]
        _compare(belt, steps, rows)
    bout = longest_bout(report.get("bouts", []))
    length, speed = (number(bout.get(key)) for key in ("stride_length_m", "speed_mps"))
    true = [
        row["stride_length_m"]
        for row in exact["steps"]
        if low <= row["ic_imu_s"] <= high
        and row.get("stride_length_m")
        and STRIDE_S[0] <= (row.get("stride_time_s") or 0.0) <= STRIDE_S[1]
    ]
    belt.length = (length, sum(true) / len(true)) if length is not None and true else None
    belt.speed = (speed, exact["speed_kmh"] / 3.6) if speed is not None and exact.get("speed_kmh") else None
    return belt


def _compare(belt: Belt, steps: list[Json], rows: list[Json]) -> None:
    found, wanted = [step["ic_s"] for step in steps], [row["ic_imu_s"] for row in rows]
    pairs = match(found, wanted)
    belt.counts += Counts(len(pairs), len(found), len(wanted))
    belt.contacts.setdefault(rows[0]["side"] if rows else "", []).extend(
        found[i] - wanted[j] for i, j in pairs
    )
    for i, j in pairs:
        mine, row = steps[i], rows[j]
        true_s = row.get("stride_time_s")
        if mine["stride_s"] and true_s and STRIDE_S[0] <= true_s <= STRIDE_S[1]:
            belt.strides.append((mine["stride_s"], true_s))


def section(belts: Sequence[Belt]) -> Section:
    """Both placements side by side."""
    figures = [figure for placement in PLACEMENTS for figure in _figures(placement, belts)]
    note = "3.0 km/h; stride times and lengths from an optical system, constant between the clocks unknown"
    return Section(GROUP, "Stride times against an optical treadmill", note, figures)


def _figures(placement: Placement, belts: Sequence[Belt]) -> list[Figure]:
    mine = [belt for belt in belts if belt.placement == placement]
    counts = sum((belt.counts for belt in mine), Counts())
    contacts = [spread([1e3 * x for x in side]) for belt in mine for side in belt.contacts.values()]
    strides = [pair for belt in mine for pair in belt.strides]
    cadence = _cadence_error(strides)
    stride = spread([1e3 * (a - b) for a, b in strides])
    lengths = [100 * (belt.length[0] / belt.length[1] - 1) for belt in mine if belt.length]
    length = max(lengths, key=abs, default=None)
    speeds = [100 * (belt.speed[0] / belt.speed[1] - 1) for belt in mine if belt.speed]
    speed = max(speeds, key=abs, default=None)
    rows = [
        Figure("f1", "step F1", counts.f1, "", counts.wanted),
        Figure(
            "cadence_error_spm",
            "cadence of matching strides, error",
            cadence,
            "steps/min",
            len(strides),
            Target(-0.3, 0.3),
        ),
        Figure("stride_mae_ms", "stride time, mean error size", stride.mae, "ms", stride.n),
        Figure(
            "ic_mad_ms",
            "initial contact, MAD, worse leg",
            max((one.mad for one in contacts if one.mad is not None), default=None),
            "ms",
            sum(one.n for one in contacts),
        ),
        Figure("length_error_pct", "mean stride length, error", length, "%", len(lengths)),
        Figure("speed_error_pct", "speed against the belt, error", speed, "%", len(speeds)),
    ]
    return [
        Figure(f"{placement}_{one.key}", f"{placement}: {one.what}", one.value, one.unit, one.n, one.target)
        for one in rows
    ]


def _cadence_error(strides: Sequence[tuple[float, float]]) -> float | None:
    if not strides:
        return None
    mine, true = sum(a for a, _ in strides), sum(b for _, b in strides)
    return 120 * len(strides) * (1 / mine - 1 / true)
