"""Cuffs worn wrong by virtual walkers: what `wear` says, against how they were put on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from distal.model import SIDES, Side
from distal.validate.athletes import Json, perform
from distal.validate.figures import Figure, Section, Target
from distal.virtual.motion import Athlete, Script, Stand, Walk
from distal.virtual.motion.people import some_athlete
from distal.virtual.motion.wearing import LOOSE, TISSUE, Wearing

EACH, QUICK = 10, 1
WALK_S, NEAR_DEG = 40.0, 15.0
TWIST_DEG, SLID_DEG = 40.0, 30.0
HOW = {
    "nominal": Wearing(springs=TISSUE),
    "upside_down": Wearing(is_upside_down=True, springs=TISSUE),
    "swapped": Wearing(springs=TISSUE),
    "twisted": Wearing(twist_deg=TWIST_DEG, springs=TISSUE),
    "loose": Wearing(springs=LOOSE),
    "sliding": Wearing(slid_deg=SLID_DEG, springs=TISSUE),
}
WORDS = {
    "nominal": "as drawn: nothing odd is said",
    "upside_down": "upside-down: said",
    "swapped": "on the other leg: said",
    "twisted": f"twisted by {TWIST_DEG:g}°: said within {NEAR_DEG:g}°",
    "loose": "loose strap: said",
    "sliding": f"sliding by {SLID_DEG:g}°: said within {NEAR_DEG:g}°",
}
Job = tuple[str, int]


@dataclass(slots=True)
class Put:
    """One walker, both legs."""

    how: str
    legs: int
    right: int  # legs for which the right thing is said
    odd: int  # legs said to be loose, upside-down or swapped that are not


def jobs(quick: bool) -> list[Job]:
    """Some walkers a wearing."""
    return [(how, seed) for how in HOW for seed in range(1, 1 + (QUICK if quick else EACH))]


def work(_quick: bool, job: Job) -> Put:
    """Score one walker."""
    how, seed = job
    rng = np.random.default_rng((seed, 77))
    athlete: Athlete = replace(
        some_athlete(rng), wearing=dict.fromkeys(SIDES, HOW[how]), is_swapped=how == "swapped"
    )
    walk = Walk(WALK_S, cadence_spm=float(rng.uniform(85, 120)))
    report = perform(Script([Stand(3.0), walk, Stand(3.0)], how, seed), athlete, seed, 1.0).report
    found = {side: report["wear"][side] or {} for side in SIDES}
    right = sum(_is_right(how, side, one) for side, one in found.items())
    odd = sum(_odd(how, side, one) for side, one in found.items())
    return Put(how, len(found), right, odd)


def _other(side: Side) -> Side:
    return "right" if side == "left" else "left"


def _is_right(how: str, side: Side, one: Json) -> bool:
    twist, slid = one.get("twist_deg"), one.get("slid_deg")
    said = {
        "nominal": one.get("side") == side and one.get("upside_down") is False and not one.get("loose"),
        "upside_down": one.get("upside_down") is True,
        "swapped": one.get("side") == _other(side),
        "twisted": twist is not None and abs(twist - TWIST_DEG) <= NEAR_DEG,
        "loose": one.get("loose") is True,
        "sliding": slid is not None and abs(abs(slid) - SLID_DEG) <= NEAR_DEG,
    }
    return said[how]


def _odd(how: str, side: Side, one: Json) -> bool:
    """Something is said that is not so."""
    on = _other(side) if how == "swapped" else side
    return (
        (one.get("loose") is True and how != "loose")
        or (one.get("upside_down") is True and how != "upside_down")
        or one.get("side") not in (on, None)
    )


def section(people: Sequence[Put]) -> Section:
    """Legs by wearing."""
    figures = []
    for how, words in WORDS.items():
        mine = [one for one in people if one.how == how]
        legs, right = sum(one.legs for one in mine), sum(one.right for one in mine)
        figures.append(Figure(f"{how}_told", f"legs worn {words}", right, "", legs))
    legs, odd = sum(one.legs for one in people), sum(one.odd for one in people)
    figures.append(
        Figure("false", "legs of which something is said that is not so", odd, "", legs, Target(0, 0))
    )
    note = "40 s of walking, cuffs some degrees askew on soft tissue; each worn wrong in one way"
    return Section("virtual_wear", "Wearing, virtual athletes", note, figures)
