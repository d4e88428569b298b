"""Warnings of the analysis: a code for programs, a text that says what to do."""

from collections.abc import Mapping, Sequence

from distal.analysis.leg import LegAnalysis
from distal.model import SIDES, ExerciseSet, Facts, Notice, Side

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
        only = next(iter(legs))
        out.append(
            Notice(
                "one_leg",
                f"Only the {only} leg was worn: steps of the other leg and movement that goes along with it"
                " cannot be told apart. Wear both cuffs to compare sides.",
            )
        )
    return tuple(out) + _fact_notices(facts, sets)


def _leg_notices(side: Side, leg: LegAnalysis, coverage: float | None) -> list[Notice]:
    out = []
    if coverage is not None and coverage < LOW_COVERAGE:
        out.append(
            Notice(
                "low_coverage",
                f"{side.capitalize()}: only {100 * coverage:.0f} % of the samples are there."
                " Times stay true, counts may be low; keep the phone or computer nearer.",
            )
        )
    if leg.present and not leg.has_gyr:
        out.append(
            Notice(
                "no_gyro",
                f"{side.capitalize()}: no turning rate (gx, gy, gz), so no steps and no reps."
                " Record with the gyroscope on.",
            )
        )
    if leg.clipped:
        out.append(
            Notice(
                "clipped",
                f"{side.capitalize()}: {leg.clipped} samples are at the end of the sensor's range."
                " Peaks read low there; use a wider range.",
            )
        )
    return out


def _fact_notices(facts: Facts, sets: Sequence[ExerciseSet]) -> tuple[Notice, ...]:
    out = []
    if sets and facts.mass_left_kg is None and facts.mass_right_kg is None:
        out.append(Notice("no_mass", "Load is not known without the worn mass. Give it with --mass."))
    elif sets and facts.height_m is None:
        out.append(
            Notice(
                "no_height", "Turning load on a joint needs the lever. Give the body height with --height."
            )
        )
    if any(one.exercise == "unknown" for one in sets):
        out.append(
            Notice(
                "unknown_exercise", "An exercise was not recognised. Name it with --exercise for its load."
            )
        )
    if any(one.exercise == "prone_hip_extension" for one in sets):
        out.append(
            Notice(
                "knee_bends",
                "Lying prone the knee bends, which one cuff cannot see: no turning load is given there."
                " Read force and range instead.",
            )
        )
    return tuple(out)
