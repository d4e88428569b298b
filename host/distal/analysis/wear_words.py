"""From what `WearWatch` collected to findings: side, upside-down, twist, slid, loose; each with evidence.

Nothing that counts or measures uses the drawn axes, so a finding here explains a cuff and changes no number.
Thresholds: a cuff is round, and people put it on within some 30 degrees. Half way between right and wrong,
plus or minus a quarter of the way, nothing is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distal.analysis.rotate import unit
from distal.analysis.wear import Contacts, Hinge, WearWatch
from distal.model import FloatArray, Side, Wear
from distal.units import DEG_PER_RAD

LEAST_CONTACTS = 6  # three strides of each of two walks across a room
ALONG = 0.5  # cosine of 60 degrees: x lies along the leg at all
NEAR = 45.0  # degrees about the leg: nearer is this side, beyond 135 the other, between is not known
TWISTED = 30.0  # degrees: worth a word
SURE = 0.7  # from here a finding is worth a warning
RUNS_S = 0.86  # a stride of 140 steps/min: a runner's shank turns fast both ways, so forward is less sure
SLID = 15.0  # degrees; turning of the axes within a walk stays below 8 in people (README)
SLIDE_CONTACTS = 8  # and a fifth of all, at each end of the session
# Ringing around the leg at 10-25 Hz as a share of all turning above 5 Hz: 0.02 to 0.32 in 83 real recordings
# of sensors that sat (shank and foot), 0.81 in the one that did not. Half: the strap's own motion is most.
RINGS = 0.5
MOSTLY = 1.7  # all turning above 5 Hz over all below: at most 0.94 in those recordings of sensors that sat
HIDES = 1.0  # the same energies: the sign of the swing is taken from the leg's own turning
RATTLES = 0.03  # of the energy below 5 Hz; cuffs that sit have 0.04 to 0.9, sensor noise has 1e-5
LEAST_RATE_HZ = 75.0  # 25 Hz of band and half as much again
FRONT = {"seated_leg_raise", "seated_knee_extension", "supine_straight_leg_raise", "standing_hip_flexion"}
BACK = {"prone_hip_extension", "standing_hip_extension", "standing_knee_flexion", "donkey_kick"}


@dataclass(frozen=True, slots=True)
class Worn:
    """Where the leg is in sensor axes: unit vector to the foot and the person's right; None is not known."""

    foot: FloatArray | None
    right: FloatArray | None
    is_signed: bool  # False: `right` may as well be left
    sure: float  # 0 to 1
    source: str  # in words


def leg_axes(watch: WearWatch, lifts: Sequence[Hinge]) -> Worn:
    """What motion tells about the leg: walking first, else lifts about a known joint."""
    n = sum(one.n for one in watch.contacts)
    if n >= LEAST_CONTACTS:
        up = unit(_sum(watch.contacts, "up"))
        sum_right = _sum(watch.contacts, "right")
        right = unit(sum_right - up * float(sum_right @ up))
        sure = min(n / 20.0, 1.0) * float(np.sqrt(sum_right @ sum_right)) / n
        if watch.strides_s and float(np.median(watch.strides_s)) < RUNS_S:
            sure *= 0.6
        return Worn(-up, right, True, sure, f"{n} steps")
    return _from_lifts(lifts)


def _from_lifts(hinges: Sequence[Hinge]) -> Worn:
    known = [one for one in hinges if one.foot is not None]
    if not known:
        return Worn(None, None, False, 0.0, "no walking and no lifts")
    best = max(known, key=lambda one: one.n)
    assert best.foot is not None
    words = f"{best.n} lifts ({best.exercise.replace('_', ' ')})"
    if best.exercise not in FRONT | BACK:
        return Worn(best.foot, None, False, 0.5, words)
    turning = best.turning if best.exercise in FRONT else -best.turning
    right = unit(turning - best.foot * float(turning @ best.foot))
    sure = (SURE if best.is_told else 0.5) * min(best.n / 3.0, 1.0)
    return Worn(best.foot, right, best.is_told, sure, words)


def judge_wear(watch: WearWatch, lifts: Sequence[Hinge], side: Side, is_foot: bool, rate_hz: float) -> Wear:
    """Findings for one leg from its steps or its own lifts; `side` is the one that was told."""
    loose, loose_sure, loose_words = _loose(watch.contacts, rate_hz)
    slid, slid_words = _slid(watch.contacts)
    if is_foot:
        words = ["worn on the foot, where the drawn axes do not apply"]
        found = Wear()
    else:
        found, words = _placed(leg_axes(watch, lifts), side)
        if loose or (watch.contacts and ringing(watch.contacts)[1] > HIDES):
            words.append("its own swinging hides which way is forward")
            kept = {key: value for key, value in found.confidence.items() if key == "upside_down"}
            found = Wear(upside_down=found.upside_down, confidence=kept)
    words += [part for part in (slid_words, loose_words) if part]
    sure = dict(found.confidence) | ({"loose": loose_sure} if loose is not None else {})
    if slid is not None:
        sure["slid_deg"] = 0.8
    return Wear(found.side, found.upside_down, found.twist_deg, loose, "; ".join(words), slid, sure)


def _placed(worn: Worn, side: Side) -> tuple[Wear, list[str]]:
    """Upside-down, side and twist from the axes of the leg."""
    if worn.foot is None:
        return Wear(), [f"{worn.source}: motion does not tell how the cuff sits"]
    off = float(np.arccos(np.clip(worn.foot[0], -1.0, 1.0))) * DEG_PER_RAD
    words = [f"{worn.source}: x points {off:.0f}° from the foot"]
    if abs(worn.foot[0]) < ALONG:
        return Wear(), [*words, "so it lies across the leg, and z tells no side"]
    sure = {"upside_down": worn.sure}
    upside_down = bool(worn.foot[0] < 0.0)
    if worn.right is None:
        return Wear(upside_down=upside_down, confidence=sure), words
    twist = _twist(worn, side)
    words.append(f"z lies {abs(twist):.0f}° from where outward is on the {side} leg")
    other: Side = "right" if side == "left" else "left"
    found = side if abs(twist) < NEAR else other if abs(twist) > 180.0 - NEAR else None
    if not worn.is_signed:  # the exercise was recognised by its posture, so the lift may go front or back
        words.append("lifts tell left from right only when the exercise is said")
        found = None
    if found is not None:
        sure["side"] = worn.sure * (1.0 if min(abs(twist), 180.0 - abs(twist)) < TWISTED else 0.6)
    if abs(twist) > 90.0:
        twist -= float(np.copysign(180.0, twist))
    sure["twist_deg"] = worn.sure
    return Wear(found, upside_down, twist, None, None, None, sure), words


def _twist(worn: Worn, side: Side) -> float:
    """Turn about the leg, right-handed about the foot's direction, that takes z to outward, degrees."""
    assert worn.foot is not None
    assert worn.right is not None
    outward = worn.right if side == "right" else -worn.right
    lateral = np.array([0.0, 0.0, 1.0])
    lateral = unit(lateral - worn.foot * float(lateral @ worn.foot))
    turned = float(np.cross(lateral, outward) @ worn.foot)
    return float(np.arctan2(turned, lateral @ outward)) * DEG_PER_RAD


def _slid(contacts: list[Contacts]) -> tuple[float | None, str]:
    """Turn of the leg's axes in the cuff between the first and the last third of the walking, degrees."""
    n = sum(one.n for one in contacts)
    least = max(SLIDE_CONTACTS, n // 5)
    early, late = _first(contacts, least), _first(contacts[::-1], least)
    if not contacts or len(early) + len(late) > len(contacts):
        return None, ""
    if float(_sum(early, "right") @ _sum(late, "right")) <= 0.0:
        return None, "forward was not the same way round early and late"
    ups = [unit(_sum(part, "up")) for part in (early, late)]
    rights = [unit(_sum(part, "right")) for part in (early, late)]
    angles = [float(np.arccos(np.clip(a @ b, -1.0, 1.0))) * DEG_PER_RAD for a, b in (ups, rights)]
    return max(angles), f"its axes moved {max(angles):.0f}° on the leg from early to late in {n} steps"


def _first(contacts: list[Contacts], least: int) -> list[Contacts]:
    """As many groups from the front as hold so many contacts."""
    sums = np.cumsum([one.n for one in contacts])
    return contacts[: int(np.searchsorted(sums, least)) + 1]


def _loose(contacts: list[Contacts], rate_hz: float) -> tuple[bool | None, float, str]:
    """Whether the cuff rings around the leg after contacts."""
    n = sum(one.n for one in contacts)
    if rate_hz < LEAST_RATE_HZ:
        return None, 0.0, f"{rate_hz:.0f} Hz is too slow to see a loose strap ring"
    if n < LEAST_CONTACTS:
        return None, 0.0, ""
    rings, rattles = ringing(contacts)
    loose = (rings > RINGS and rattles > RATTLES) or rattles > MOSTLY
    words = f"{100 * rings:.0f} % of the turning above 5 Hz is the cuff's own, around the leg at 10 to 25 Hz"
    words += f" ({100 * RINGS:.0f} % and more: loose)"
    if rattles > MOSTLY:
        words = (
            f"turning above 5 Hz has {rattles:.1f} times the energy of the leg's own (over {MOSTLY:g}: loose)"
        )
    nearest = max(rings / RINGS, rattles / MOSTLY, 1e-6)
    far = abs(float(np.log(nearest))) / float(np.log(1.4))
    return loose, float(min(n / 20.0, 1.0) * min(0.5 + 0.5 * far, 1.0)), words


def ringing(contacts: list[Contacts]) -> tuple[float, float]:
    """Turning around the leg at 10-25 Hz / all above 5 Hz; all above 5 Hz / all below, as energies."""
    up = unit(_sum(contacts, "up"))
    slow, middle, fast = (_sum(contacts, band) for band in ("slow", "middle", "fast"))
    above = float(np.trace(middle) + np.trace(fast))
    return float(up @ fast @ up) / max(above, 1e-12), above / max(float(np.trace(slow)), 1e-12)


def _sum(contacts: list[Contacts], key: str) -> FloatArray:
    out: FloatArray = np.sum([getattr(one, key) for one in contacts], axis=0)
    return out
