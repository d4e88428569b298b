"""Are blocks of reps that were done too fast, or too low, told from the correct ones by their own numbers?"""

from collections.abc import Mapping, Sequence
from statistics import median

from distal.validate.contacts import Json

APART = 0.8  # the middle rep of a block must be less by a fifth: one rep split in two changes no middle
KINDS = ("correct", "fast", "low_amplitude")


def blocks(reps: Sequence[Json], exact: Json) -> Mapping[str, list[Json]]:
    """Reps by block: thirds in order when all were counted, else by the hand-marked rep that is nearest."""
    third = exact["rep_count"] // 3
    if len(reps) == exact["rep_count"]:
        return {kind: list(reps[third * k : third * (k + 1)]) for k, kind in enumerate(KINDS)}
    marks = {one["type"]: (one["start_s"] + one["end_s"]) / 2.0 for one in _marked(exact)}
    out: dict[str, list[Json]] = {kind: [] for kind in KINDS}
    for rep in reps:
        middle = (rep["start_s"] + rep["end_s"]) / 2.0
        out[min(marks, key=lambda kind: abs(marks[kind] - middle))].append(rep)
    return out


def _marked(exact: Json) -> list[Json]:
    """One marked rep of each block, the middle one where all are marked."""
    found = exact.get("selected_templates") or exact.get("reps") or []
    of = {kind: [one for one in found if one["type"] == kind] for kind in KINDS}
    return [some[len(some) // 2] for some in of.values() if some]


def fast_is_told(reps: Sequence[Json], exact: Json) -> bool:
    """By how long a rep lasts."""
    parts = blocks(reps, exact)
    return _before(*([one["end_s"] - one["start_s"] for one in parts[key]] for key in ("fast", "correct")))


def low_is_told(reps: Sequence[Json], exact: Json) -> bool:
    """By how far a rep goes."""
    parts = blocks(reps, exact)
    return _before(*([one["rom_deg"] for one in parts[key]] for key in ("low_amplitude", "correct")))


def _before(small: Sequence[float], large: Sequence[float]) -> bool:
    return bool(small and large) and median(small) <= APART * median(large)
