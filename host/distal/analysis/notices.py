"""Warnings of the analysis: a code for programs, and what its sentence needs."""

from collections.abc import Mapping, Sequence

from distal.analysis.leg import LegAnalysis
from distal.model import SIDES, ExerciseSet, Facts, Notice, Side, warn

LOW_COVERAGE = 0.9


def notices_for(
    facts: Facts,
    legs: Mapping[Side, LegAnalysis],
    coverage: Mapping[Side, float | None],
    sets: Sequence[ExerciseSet],
) -> tuple[Notice, ...]:
    """What the reader has to know before trusting the numbers."""
    out = []
    for side in SIDES:
        if side in legs:
            out += _leg_notices(side, legs[side], coverage[side])
    if len(legs) == 1:
        out.append(warn("one_leg", side=next(iter(legs))))
    return tuple(out) + _fact_notices(facts, sets)


def _leg_notices(side: Side, leg: LegAnalysis, coverage: float | None) -> list[Notice]:
    out = []
    if coverage is not None and coverage < LOW_COVERAGE:
        out.append(warn("low_coverage", side=side, percent=100 * coverage))
    if leg.present and not leg.has_gyr:
        out.append(warn("no_gyro", side=side))
    if leg.clipped:
        out.append(warn("clipped", side=side, n=leg.clipped))
    return out


def _fact_notices(facts: Facts, sets: Sequence[ExerciseSet]) -> tuple[Notice, ...]:
    out = []
    if sets and facts.mass_left_kg is None and facts.mass_right_kg is None:
        out.append(warn("no_mass"))
    elif sets and facts.height_m is None:
        out.append(warn("no_height"))
    if any(one.exercise == "unknown" for one in sets):
        out.append(warn("unknown_exercise"))
    for one in sets:
        low, high = one.reps_between or (len(one.reps), len(one.reps))
        if low < high:
            out.append(warn("count_open", n=len(one.reps), least=low, whole=high, seconds=one.start_s))
    if any(one.exercise == "prone_hip_extension" for one in sets):
        out.append(warn("knee_bends"))
    return tuple(out)
