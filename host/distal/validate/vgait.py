"""Steps of virtual athletes: contacts, cadence and its interval, stride length, speed; truth is exact."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from distal.analysis.session import analyze
from distal.model import SIDES, Track
from distal.report.contract import to_dict
from distal.validate.athletes import Json, Person, draw, feel
from distal.validate.contacts import Contacts, Tally, f1_figure, stride_figure
from distal.validate.figures import Figure, Section, Target
from distal.validate.kinds import GAITS
from distal.validate.match import TOLERANCE_S, Counts, match, spread

EACH, QUICK = 40, 1
PIECE_S = 15.0  # of a walk, whose interval should hold the cadence of the whole walk
Job = tuple[str, int]


@dataclass(slots=True)
class Walked:
    """One person's walk."""

    kind: str
    counts: Counts = field(default_factory=Counts)
    tally: Tally = field(default_factory=Tally)
    cadence_error: float | None = None
    covered: list[bool] = field(default_factory=list)  # pieces whose cadence interval holds the walk's
    lengths: list[tuple[float, float]] = field(default_factory=list)  # found, true
    speeds: list[tuple[float, float]] = field(default_factory=list)
    reps: int = 0


def jobs(quick: bool) -> list[Job]:
    """Some people for every way of walking."""
    return [(kind, seed) for kind in GAITS for seed in range(1, 1 + (QUICK if quick else EACH))]


def work(_quick: bool, job: Job) -> Walked:
    """Score one person."""
    person, out = draw(*job), Walked(job[0])
    legs = feel(person.performance, person.seed)
    report = to_dict(analyze(legs, person.facts))
    for side in SIDES:
        _score(out, report["steps"][side], person.truth["steps"][side])
    true = person.truth["cadence_spm"]["value"]
    if report["cadence_spm"]:
        out.cadence_error = report["cadence_spm"]["value"] - true
    out.covered = _pieces(person, legs, true)
    out.reps = sum(len(one["reps"]) for one in report["sets"])
    return out


def _score(out: Walked, steps: Sequence[Json], exact: Sequence[Json]) -> None:
    found, wanted = [step["ic_s"] for step in steps], [step["ic_s"] for step in exact]
    pairs = match(found, wanted, TOLERANCE_S)
    out.counts += Counts(len(pairs), len(found), len(wanted))
    out.tally.add(steps, Contacts(wanted, [step["tc_s"] for step in exact]))
    for i, j in pairs:
        for key, pairs_of in (("stride_length_m", out.lengths), ("speed_mps", out.speeds)):
            mine, true = steps[i].get(key), exact[j].get(key)
            if mine is not None and true:
                pairs_of.append((mine, true))


def _pieces(person: Person, legs: Sequence[Track], true: float) -> list[bool]:
    """Does the interval of a piece hold the whole walk's cadence? Steps are drawn alike all along a walk."""
    rate_hz = legs[0].time.rate_hz
    size, out = int(PIECE_S * rate_hz), []
    begin = int(person.truth["steps"]["left"][1]["ic_s"] * rate_hz)
    for k in range(begin, len(legs[0].gyr) - size - int(6 * rate_hz), size):
        piece = [_cut(leg, k, k + size) for leg in legs]
        cadence = to_dict(analyze(piece, person.facts))["cadence_spm"]
        if cadence and cadence["low"] is not None:
            out.append(cadence["low"] <= true <= cadence["high"])
    return out


def _cut(leg: Track, start: int, end: int) -> Track:
    return replace(leg, gyr=leg.gyr[start:end], acc=leg.acc[start:end], clipped=leg.clipped[start:end])


def section(cases: Sequence[Walked]) -> Section:
    """Over all walks."""
    whole = Tally()
    for one in cases:
        whole.join(one.tally)
    counts = sum((one.counts for one in cases), Counts())
    cadence = spread([one.cadence_error for one in cases if one.cadence_error is not None])
    covered = [flag for one in cases for flag in one.covered]
    length, speed = (
        spread([100 * (a / b - 1) for one in cases for a, b in getattr(one, key)])
        for key in ("lengths", "speeds")
    )
    ic, tc = (spread([1e3 * x for x in errors]) for errors in (whole.ic, whole.tc))
    figures = [
        f1_figure("all", "over everything", counts, Target(at_least=0.978)),
        Figure("ic_bias_ms", "initial contact, bias", ic.bias, "ms", ic.n),
        Figure("ic_mad_ms", "initial contact, MAD", ic.mad, "ms", ic.n),
        Figure("tc_bias_ms", "terminal contact, bias", tc.bias, "ms", tc.n),
        Figure("tc_mad_ms", "terminal contact, MAD", tc.mad, "ms", tc.n),
        stride_figure(whole),
        Figure("cadence_mae_spm", "cadence of a walk, mean error size", cadence.mae, "steps/min", cadence.n),
        Figure(
            "cadence_coverage",
            f"cadence intervals (95 %) of {PIECE_S:g} s that hold the walk's",
            float(np.mean(covered)) if covered else None,
            "",
            len(covered),
            Target(0.93, 0.97),
        ),
        Figure("stride_length_pct", "stride length, mean error size", length.mae, "%", length.n),
        Figure("stride_bias_pct", "stride length, bias", length.bias, "%", length.n),
        Figure("speed_pct", "speed of a stride, mean error size", speed.mae, "%", speed.n),
        Figure("reps", "false reps", sum(one.reps for one in cases), "", len(cases), Target(0, 0)),
    ]
    note = "people of all sizes, slow to quick, even and uneven, starts and stops included"
    return Section("virtual_gait", "Walks of virtual athletes", note, figures)
