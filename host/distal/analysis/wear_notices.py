"""Warnings about how cuffs sit and about numbers that lost samples took away."""

from collections.abc import Mapping, Sequence

from distal.analysis.coverage import LEAST
from distal.analysis.wear_words import SLID, SURE, TWISTED
from distal.model import SIDES, ExerciseSet, Notice, Side, Step, Wear, warn


def wear_notices(wear: Mapping[Side, Wear | None], sets: Sequence[ExerciseSet]) -> list[Notice]:
    """What to change about the wearing, for findings that are sure enough."""
    worn = {side: one for side, one in wear.items() if one is not None}
    turned = [side for side in SIDES if side in worn and _is_other(worn[side], side)]
    out = [notice for side in SIDES if side in worn for notice in _leg_notices(side, worn[side])]
    if len(turned) == len(SIDES):
        out.append(warn("sides_swapped"))
    elif turned:
        out.append(warn("side_unlike", side=turned[0]))
    clipped = sum("clipped" in rep.flags for one in sets for rep in one.reps)
    if clipped:
        out.append(warn("clipped_reps", n=clipped))
    return out


def _is_other(wear: Wear, side: Side) -> bool:
    return wear.side is not None and wear.side != side and wear.confidence.get("side", 0.0) >= SURE


def _leg_notices(side: Side, wear: Wear) -> list[Notice]:
    sure, twist, slid = wear.confidence, wear.twist_deg, wear.slid_deg
    out = []
    if wear.loose and sure.get("loose", 0.0) >= SURE:
        out.append(warn("loose", side=side))
    if wear.upside_down and sure.get("upside_down", 0.0) >= SURE:
        out.append(warn("upside_down", side=side))
    if twist is not None and abs(twist) > TWISTED and sure.get("twist_deg", 0.0) >= SURE:
        out.append(warn("twisted", side=side, deg=abs(twist)))
    if slid is not None and slid > SLID:
        out.append(warn("slid", side=side, deg=slid))
    return out


def lost_notices(
    walked: Mapping[Side, float], steps: Mapping[Side, Sequence[Step]], sets: Sequence[ExerciseSet]
) -> list[Notice]:
    """Which metric is null or poorer because samples are missing, on which leg, and how many are there."""
    out = []
    for side, share in walked.items():
        if share < LEAST["cadence"]:
            values = {"percent": 100 * share, "least": 100 * LEAST["cadence"]}
            out.append(warn("cadence_coverage", side=side, **values))
    for side in SIDES:
        n = sum("gap" in step.flags for step in steps.get(side, ()))
        if n:
            out.append(warn("stride_gaps", side=side, n=n, whole=len(steps[side])))
    for one in sets:
        few = sum("too_few_samples" in rep.flags for rep in one.reps)
        if few:
            values = {"n": few, "whole": len(one.reps), "least": 100 * LEAST["load"]}
            out.append(warn("load_coverage", side=one.side, **values))
    return out
