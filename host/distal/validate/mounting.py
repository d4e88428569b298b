"""How a cuff is worn: any rotation changes nothing; wearing, clipping and holes are named."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from distal.analysis.session import analyze
from distal.model import Facts, FloatArray, Placement, SessionReport, Side, Track
from distal.units import RAD_PER_DEG, G
from distal.validate import mocap, raises, stroke, treadmill, walks
from distal.validate.damage import hide
from distal.validate.figures import Figure, Section, Target
from distal.validate.recordings import tracks, truth

SAMPLE = 4  # recordings of each group that are turned: enough to see, quick enough to wait for
NOMINAL_ONLY = {"exercise", "confidence", "wear", "notices"}  # may use the nominal axes, and say so
UPSIDE_DOWN = np.diag([-1.0, -1.0, 1.0])  # x towards the foot becomes x towards the knee, z stays outward
TWIST_DEG = 40.0
CLIP_G, CLIP_RADPS = 2.0, 250 * RAD_PER_DEG  # small enough that walking and lifting reach them
CLIPPED_SHARE = 0.001  # of the samples: a lone one needs no warning
SAME = 1e-6  # relative: the project's contract
EVENTS = (".ic_s", ".tc_s", ".start_s", ".top_s", ".end_s", ".takeoff_s", ".landing_s")
LEAST_CHANGE = 1e-9  # what is shown at least: below it is the arithmetic of one processor
HOLE_S = 2.0
Job = tuple[str, str, Placement]


@dataclass(slots=True)
class Worn:
    """What became of one recording."""

    group: str
    name: str
    moved: float = 0.0  # largest relative change of any number under a rotation, a rep's lateral force apart
    where: str = ""  # of that change
    lateral: float = 0.0  # the same of a rep's lateral force
    same: bool = True  # as many events as before
    legs: int = 0
    told: dict[str, int] = field(default_factory=dict)  # legs for which each wearing was recognised
    said: dict[str, int] = field(default_factory=dict)  # the same when the exercise was told
    false: int = 0  # legs worn as nominal and called otherwise, told or not
    clips: bool = False  # the smaller scale is reached at all
    clipped: bool = False  # a warning names the clipping
    hole: bool = False  # a hole at rest or between steps leaves everything else as it is


def jobs(folder: Path) -> list[Job]:
    """Some recordings of each group, spread over the people."""
    every: list[tuple[str, list[str], Placement]] = [
        (walks.GROUP, walks.jobs(folder), "foot"),
        (mocap.GROUP, mocap.jobs(folder), "foot"),
        (treadmill.GROUP, [name for name, place in treadmill.jobs(folder) if place == "shank"], "shank"),
        (stroke.GROUP, stroke.jobs(folder), "shank"),
        (raises.GROUP, raises.jobs(folder), "ankle"),
    ]
    picked = [
        (group, found if group == raises.GROUP else _spread(found), place) for group, found, place in every
    ]
    return [(group, name, place) for group, found, place in picked for name in found]


def _spread(found: Sequence[str]) -> list[str]:
    step = max(1, len(found) // SAMPLE)
    return list(found)[::step][:SAMPLE]


def work(folder: Path, job: Job) -> Worn:
    """Turn, swap, clip one recording, and look."""
    group, name, place = job
    legs = tracks(folder, group, name, place)
    facts = Facts(placement=place, mass_left_kg=1.0, mass_right_kg=1.0, height_m=1.75)
    worn = Worn(group, name, legs=len(legs))
    plain = analyze(legs, facts)
    other = [turn(leg, random_turn(k + 1)) for k, leg in enumerate(legs)]
    worn.same, changes = compare(plain, analyze(other, facts))
    if group == raises.GROUP:  # what follows from a name, joint and trend, is compared under the true one
        said = replace(facts, exercise=truth(folder, group, name)["code"])
        known = analyze(legs, said)
        _, changes = compare(known, analyze(other, said))
        worn.told, worn.said = _recognised(legs, facts, plain), _recognised(legs, said, known)
        worn.false = sum(
            _is_miscalled(leg.side, one.wear.get(leg.side)) for leg in legs for one in (plain, known)
        )
    worn.lateral = max((x for key, x in changes.items() if _is_lateral(key)), default=0.0)
    rest = {key: x for key, x in changes.items() if not _is_lateral(key)}
    worn.where = max(sorted(rest), key=rest.__getitem__, default="")
    worn.moved = rest.get(worn.where, 0.0)
    small = [clip(leg) for leg in legs]
    worn.clips = any(leg.clipped.mean() > CLIPPED_SHARE for leg in small)
    worn.clipped = worn.clips and "clipped" in _codes(analyze(small, facts))
    worn.hole = _bears_hole(legs, facts, plain)
    return worn


def turn(track: Track, matrix: FloatArray) -> Track:
    """The same leg felt by a sensor that sits another way round."""
    return replace(track, gyr=track.gyr @ matrix.T, acc=track.acc @ matrix.T)


def random_turn(seed: int) -> FloatArray:
    """A rotation drawn evenly (QR of normals, made proper)."""
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))
    q = q * np.sign(np.diag(r))
    return np.asarray(q * np.linalg.det(q))


def clip(track: Track) -> Track:
    """A sensor with a smaller scale; its clipped samples are marked, as a cuff marks them."""
    gyr, acc = np.clip(track.gyr, -CLIP_RADPS, CLIP_RADPS), np.clip(track.acc, -CLIP_G * G, CLIP_G * G)
    values = np.hstack([np.abs(gyr) / CLIP_RADPS, np.abs(acc) / (CLIP_G * G)])
    return replace(track, gyr=gyr, acc=acc, clipped=np.asarray((values >= 1.0).any(axis=1)))


def _recognised(legs: Sequence[Track], facts: Facts, plain: SessionReport) -> dict[str, int]:
    """Legs for which each way of wearing is told; `plain` is the report as they were worn."""
    twist = _about_x(TWIST_DEG)
    cases: dict[str, tuple[list[Track], Callable[[Side, Any], bool]]] = {
        "upside_down": ([turn(leg, UPSIDE_DOWN) for leg in legs], lambda _side, one: one.upside_down is True),
        "swapped": (
            [replace(leg, side=_other(leg.side)) for leg in legs],
            lambda side, one: one.side == _other(side),
        ),
        "twisted": (
            [turn(leg, twist) for leg in legs],
            lambda side, one: _differs(plain.wear.get(side), one, TWIST_DEG),
        ),
        "nominal": (list(legs), lambda side, one: one.side == side and one.upside_down is False),
    }
    out = {}
    for name, (some, is_told) in cases.items():
        report = plain if name == "nominal" else analyze(some, facts)
        out[name] = sum(is_told(leg.side, report.wear.get(leg.side)) for leg in some)
    return out


def _is_miscalled(side: Side, one: Any) -> bool:
    return one is not None and (one.upside_down is True or one.side == _other(side))


def _differs(before: Any, after: Any, by_deg: float) -> bool:
    """The twist changed by what was put in, within 15 degrees."""
    if before is None or after is None or before.twist_deg is None or after.twist_deg is None:
        return False
    return bool(abs(abs(after.twist_deg - before.twist_deg) - by_deg) <= 15.0)


def _about_x(angle_deg: float) -> FloatArray:
    c, s = np.cos(angle_deg * RAD_PER_DEG), np.sin(angle_deg * RAD_PER_DEG)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def _other(side: Side) -> Side:
    return "right" if side == "left" else "left"


def _codes(report: SessionReport) -> set[str]:
    return {notice.code for notice in report.notices}


def _bears_hole(legs: Sequence[Track], facts: Facts, plain: SessionReport) -> bool:
    """A hole takes no event that lies far from it."""
    leg = legs[0]
    middle = len(leg.gyr) // 2
    half = int(HOLE_S * leg.time.rate_hz / 2)
    gone = np.zeros(len(leg.gyr), np.bool_)
    gone[middle - half : middle + half] = True
    low, high = (leg.time.seconds(k) for k in (middle - half, middle + half))
    after = analyze([hide(leg, gone), *legs[1:]], facts)
    far = [_far_contacts(report, leg.side, low, high) for report in (plain, after)]
    reps = [_far_reps(report, low, high) for report in (plain, after)]
    return abs(far[0] - far[1]) <= 1 and abs(reps[0] - reps[1]) <= 1


def _far_contacts(report: SessionReport, side: Side, low: float, high: float) -> int:
    return sum(not low - 1.5 <= step.ic_s <= high + 1.5 for step in report.steps[side])


def _far_reps(report: SessionReport, low: float, high: float) -> int:
    spans = [(rep.start_s, rep.end_s) for one in report.sets for rep in one.reps]
    return sum(end < low - 1.0 or start > high + 1.0 for start, end in spans)


def _is_lateral(key: str) -> bool:
    """Of a rep: its sign needs the front of the leg, which lifts alone do not tell."""
    return key.startswith(".sets") and key.endswith("lateral_force_n")


def compare(a: SessionReport, b: SessionReport) -> tuple[bool, dict[str, float]]:
    """Same events? And how far each number moved, relative; one that is there only once moved infinitely."""
    first, second = dict(numbers(a)), dict(numbers(b))
    times = ({key for key in one if key.endswith(EVENTS)} for one in (first, second))
    both = {
        key: _relative(key, first[key], second[key]) if key in first and key in second else float("inf")
        for key in first.keys() | second.keys()
    }
    return next(times) == next(times), both


def _relative(key: str, a: float, b: float) -> float:
    """Below 1e-3 (N, s) or one degree the size itself is noise: no turn is a sum of +90 and -90."""
    return abs(a - b) / max(abs(a), abs(b), 1.0 if key.endswith("_deg") else 1e-3)


def numbers(value: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Every number in a report with its path; what needs the nominal axes is left out."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return
    if isinstance(value, int | float):
        yield path, float(value)
    elif is_dataclass(value):
        for one in fields(value):
            if one.name not in NOMINAL_ONLY:
                yield from numbers(getattr(value, one.name), f"{path}.{one.name}")
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from numbers(part, f"{path}.{key}")
    elif isinstance(value, tuple | list):
        for k, part in enumerate(value):
            yield from numbers(part, f"{path}.{k}")


def section(cases: Sequence[Worn]) -> Section:
    """Rotation over all recordings; wearing over the leg raises, whose nominal axes are known."""
    figures = [*_turned(cases), *_told([one for one in cases if one.told]), *_hurt(cases)]
    odd = [
        one for one in cases if not one.same or one.moved > SAME or not one.hole or one.clips != one.clipped
    ]
    rows = {
        f"{one.group}/{one.name}": {
            "same": one.same,
            "moved": float(f"{one.moved:.1g}"),
            "where": one.where,
            "hole": one.hole,
            "clipped": one.clipped,
        }
        for one in odd
    }
    note = "real recordings turned, swapped, clipped and cut; side and axes from motion and gravity"
    return Section("mounting", "Worn any way", note, figures, {"odd": rows})


def _turned(cases: Sequence[Worn]) -> list[Figure]:
    n, same = len(cases), sum(one.same for one in cases)
    moved = max((one.moved for one in cases), default=0.0)
    lateral = sum(one.lateral <= SAME for one in cases)
    words = "… largest relative change of any number, lateral force of reps apart"
    return [
        Figure("same_events", "same events after any rotation, recordings", same, "", n, Target(n, n)),
        Figure("moved", words, max(moved, LEAST_CHANGE), "", n, Target(at_most=SAME)),
        Figure("lateral_same", "… lateral force of reps the same, recordings", lateral, "", n, Target(n, n)),
    ]


def _told(worn: Sequence[Worn]) -> list[Figure]:
    legs, false = sum(one.legs for one in worn), sum(one.false for one in worn)
    words = {
        "nominal": "as drawn: side and way up",
        "upside_down": "upside-down",
        "swapped": "on the other leg",
        "twisted": "twisted by 40° (told within 15°)",
    }
    return [
        *(
            Figure(
                f"{key}_told", f"legs worn {text}: recognised", sum(one.told[key] for one in worn), "", legs
            )
            for key, text in words.items()
        ),
        *(
            Figure(
                f"{key}_said", f"… {text}, exercise told", sum(one.said.get(key, 0) for one in worn), "", legs
            )
            for key, text in words.items()
        ),
        Figure("nominal_false", "legs worn as nominal and called otherwise", false, "", legs, Target(0, 0)),
    ]


def _hurt(cases: Sequence[Worn]) -> list[Figure]:
    n, clips = len(cases), sum(one.clips for one in cases)
    told, borne = sum(one.clipped for one in cases), sum(one.hole for one in cases)
    return [
        Figure("clipped_told", "clipped recordings: warned", told, "", clips, Target(clips, clips)),
        Figure("hole_borne", "2 s hole: events away from it are kept (± 1)", borne, "", n, Target(n, n)),
    ]
