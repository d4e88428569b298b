"""Warnings about how cuffs sit and about numbers that lost samples took away."""

from collections.abc import Mapping, Sequence

from distal.analysis.coverage import LEAST
from distal.analysis.wear_words import SLID, SURE, TWISTED
from distal.model import SIDES, ExerciseSet, Notice, Side, Step, Wear

SAME = "Counts, times and loads do not depend on it; names of exercises may."
CLIPPED = "a peak in it is at the sensor's limit and reads low. Use a wider range."


def wear_notices(wear: Mapping[Side, Wear | None], sets: Sequence[ExerciseSet]) -> list[Notice]:
    """What to change about the wearing, for findings that are sure enough."""
    worn = {side: one for side, one in wear.items() if one is not None}
    turned = [side for side in SIDES if side in worn and _is_other(worn[side], side)]
    out = [notice for side in SIDES if side in worn for notice in _leg_notices(side, worn[side])]
    if len(turned) == len(SIDES):
        text = (
            "Left and right seem to be swapped: z points inward on both. Exchange the cuffs, or their sides."
        )
        out.append(Notice("sides_swapped", text))
    elif turned:
        side = turned[0]
        text = (
            f"{side.capitalize()}: z points inward. Is it on the other leg, or turned half round? Check it."
        )
        out.append(Notice("side_unlike", f"{text} {SAME}"))
    clipped = sum("clipped" in rep.flags for one in sets for rep in one.reps)
    if clipped:
        out.append(Notice("clipped_reps", f"{clipped} of the reps are flagged `clipped`: {CLIPPED}"))
    return out


def _is_other(wear: Wear, side: Side) -> bool:
    return wear.side is not None and wear.side != side and wear.confidence.get("side", 0.0) >= SURE


def _leg_notices(side: Side, wear: Wear) -> list[Notice]:
    name, sure = side.capitalize(), wear.confidence
    out = []
    if wear.loose and sure.get("loose", 0.0) >= SURE:
        text = f"{name}: the cuff is loose ({_reason(wear, 'urning above 5 Hz')}). Tighten the strap;"
        out.append(Notice("loose", f"{text} peaks and contacts of this leg are less sure."))
    if wear.upside_down and sure.get("upside_down", 0.0) >= SURE:
        out.append(
            Notice("upside_down", f"{name}: the cuff is upside-down. Turn its x towards the foot. {SAME}")
        )
    twist = wear.twist_deg
    if twist is not None and abs(twist) > TWISTED and sure.get("twist_deg", 0.0) >= SURE:
        text = f"{name}: the cuff is turned {abs(twist):.0f}° around the leg. Turn z outward. {SAME}"
        out.append(Notice("twisted", text))
    if wear.slid_deg is not None and wear.slid_deg > SLID:
        text = f"{name}: the cuff moved {wear.slid_deg:.0f}° on the leg during the session. Tighten the strap"
        out.append(Notice("slid", f"{text} and compare early with late with care."))
    return out


def _reason(wear: Wear, mark: str) -> str:
    """The part of the evidence that holds this mark."""
    parts = [part for part in (wear.evidence or "").split("; ") if mark in part]
    return parts[0].split(" (")[0] if parts else "it rings after contacts"


def lost_notices(
    walked: Mapping[Side, float], steps: Mapping[Side, Sequence[Step]], sets: Sequence[ExerciseSet]
) -> list[Notice]:
    """Which metric is null or poorer because samples are missing, on which leg, and how many are there."""
    out = []
    for side, share in walked.items():
        if share < LEAST["cadence"]:
            text = (
                f"{side.capitalize()}: {100 * share:.0f} % of the samples of its strides are there, cadence"
            )
            text += (
                f" needs {100 * LEAST['cadence']:.0f} %: its strides are left out. Keep the computer near."
            )
            out.append(Notice("cadence_coverage", text))
    for side in SIDES:
        n = sum("gap" in step.flags for step in steps.get(side, ()))
        if n:
            whole = len(steps[side])
            text = f"{side.capitalize()}: {n} of {whole} strides have missing samples (flag `gap`)."
            out.append(Notice("stride_gaps", text))
    for one in sets:
        few = sum("too_few_samples" in rep.flags for rep in one.reps)
        if few:
            text = f"{one.side.capitalize()}: {few} of {len(one.reps)} reps of a set have less than"
            text += f" {100 * LEAST['load']:.0f} % of their samples: no load is given for them."
            out.append(Notice("load_coverage", text))
    return out
