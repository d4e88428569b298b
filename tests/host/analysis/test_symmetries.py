"""What must not depend on who looks: legs swapped, time turned round, mass doubled, other rates, noise."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tracks import G, make_track, virtual_tracks

from distal.analysis.session import analyze
from distal.model import Facts, Rep, SessionReport, Side, Track
from distal.report.contract import to_dict
from distal.virtual.motion import Athlete, Reps, Script, Sit, Stand, Walk

FACTS = Facts("ankle", "seated_knee_extension", 1.0, 2.0, 70.0, 1.75)
RATES_HZ = (25.0, 52.0, 104.0, 208.0, 416.0)
# across the sagittal plane, in drawn axes (x to the foot, z outward): force and turning of the mirrored leg
MIRROR_ACC, MIRROR_GYR = np.array([1.0, -1.0, 1.0]), np.array([-1.0, 1.0, -1.0])
# what has a direction to the right or to the left: it turns its sign
SIGNED = {"turn_deg", "stance_si_pct", "swing_si_pct", "stride_length_si_pct", "swing_log_ratio_pct"}
SIGNED |= {"roll_deg", "twist_deg"}  # turns about the long axis
OTHER: dict[str, Any] = {"left": "right", "right": "left", "both": "both"}


@pytest.fixture(scope="module")
def session() -> list[Track]:
    """A stand, a walk, a set of each leg."""
    sets = [Reps("seated_knee_extension", reps=3, side=side) for side in ("right", "left")]
    return virtual_tracks(
        Script([Stand(24), Walk(14), Sit(3), *sets, Sit(3)], seed=6).perform(Athlete()), 104.0
    )


@pytest.fixture(scope="module")
def lifts() -> list[Track]:
    lift = Reps("seated_knee_extension", reps=6, side="right", tempo=(1.0, 0.8, 1.8))
    return virtual_tracks(Script([Sit(4), lift, Sit(4)], seed=6).perform(Athlete()), 208.0)


def mirrored(tracks: list[Track]) -> list[Track]:
    """The person in a mirror: each leg is the other one."""
    return [
        make_track(one.gyr * MIRROR_GYR, one.acc * MIRROR_ACC, one.time.rate_hz, OTHER[one.side])
        for one in reversed(tracks)
    ]


def swapped(value: Any, key: str = "") -> Any:
    """A report in which left is right and right is left."""
    if key == "confidence":
        return value
    if isinstance(value, dict):
        found = {OTHER.get(name, name): swapped(inner, name) for name, inner in value.items()}
        if key in SIGNED and value.get("value") is not None:
            found |= {"value": -value["value"], "low": -value["high"], "high": -value["low"]}
        return found
    if isinstance(value, list):
        return [swapped(one) for one in value]
    if key in ("side", "reference"):
        return OTHER.get(value, value)
    return -value if key in SIGNED and value is not None else value


def differences(one: Any, two: Any, path: str = "") -> list[str]:
    """Paths at which two reports differ by more than 1 in 100 000; words that name a side are left out."""
    if isinstance(one, dict) and isinstance(two, dict):
        keys = sorted(one.keys() | two.keys())
        return [text for key in keys for text in differences(one.get(key), two.get(key), f"{path}/{key}")]
    if isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        return [text for k in range(len(one)) for text in differences(one[k], two[k], f"{path}/{k}")]
    if path.endswith(("/evidence", "/text")) or one == two:
        return []
    if isinstance(one, float | int) and isinstance(two, float | int):
        return [] if two == pytest.approx(one, rel=1e-5, abs=2e-4) else [f"{path}: {one} {two}"]
    return [f"{path}: {one!r} {two!r}"]


def reps_of(report: SessionReport) -> list[Rep]:
    return [rep for one in report.sets for rep in one.reps]


def test_mirrored_person_gives_the_swapped_report(session: list[Track]) -> None:
    other = replace(FACTS, mass_left_kg=2.0, mass_right_kg=1.0)
    plain, mirror = to_dict(analyze(session, FACTS)), to_dict(analyze(mirrored(session), other))
    assert {one["side"] for one in plain["sets"]} == {"left", "right"}
    assert len(plain["steps"]["left"]) > 5
    assert [text for text in differences(swapped(plain), mirror) if "/variability/" not in text] == []


def test_mirrored_person_has_the_same_variability(session: list[Track]) -> None:
    one, two = (to_dict(analyze(tracks, FACTS)) for tracks in (session, mirrored(session)))
    assert differences(one["bouts"][0]["variability"], two["bouts"][0]["variability"]) == []


def test_film_that_runs_backwards_has_the_same_reps_lifted_and_lowered_the_other_way(
    lifts: list[Track],
) -> None:
    """Turning changes its sign, force does not; work done on the mass becomes work done by it."""
    back = [make_track(-one.gyr[::-1], one.acc[::-1], one.time.rate_hz, one.side) for one in lifts]
    forth_reps, back_reps = reps_of(analyze(lifts, FACTS)), reps_of(analyze(back, FACTS))[::-1]
    assert len(forth_reps) == len(back_reps) == 6
    for forth, back_rep in zip(forth_reps, back_reps, strict=True):
        assert back_rep.concentric_s == pytest.approx(forth.eccentric_s, abs=0.01)
        assert back_rep.eccentric_s == pytest.approx(forth.concentric_s, abs=0.01)
        assert back_rep.hold_s == pytest.approx(forth.hold_s, abs=0.01)
        assert back_rep.rom_deg == pytest.approx(forth.rom_deg, abs=0.2)
        there, again = forth.load, back_rep.load
        assert again.work_concentric_j == pytest.approx(-(there.work_eccentric_j or 0.0), rel=0.01)
        assert again.work_eccentric_j == pytest.approx(-(there.work_concentric_j or 0.0), rel=0.01)
        assert again.peak_moment_nm == pytest.approx(there.peak_moment_nm, rel=0.01)
        assert again.impulse_nms == pytest.approx(there.impulse_nms, rel=0.01)


def loads(report: Any) -> list[dict[str, Any]]:
    """Every load of a report: of reps, swings, sets, bouts, and of the session."""
    steps = [one["load"] for side in ("left", "right") for one in report["steps"][side]]
    groups = [one["load"] for one in (*report["sets"], *report["bouts"])]
    return (
        [one["load"] for each in report["sets"] for one in each["reps"]]
        + steps
        + groups
        + [report["distribution"]]
    )


def doubled(load: dict[str, Any]) -> dict[str, Any]:
    """A load with twice the mass: g, seconds, shares, the limb itself and names stay."""
    return {
        key: value
        if value is None or key in SAME
        else doubled(value)
        if isinstance(value, dict)
        else 2 * value
        for key, value in load.items()
    }


SAME = {"about", "landing_peak_g", "reason", "above_level_s", "time_s", "percent", "coverage", "reps", "n"}
SAME |= {"limb_moment_nm", "limb_impulse_nms"}


def test_twice_the_mass_is_twice_the_load_and_changes_nothing_else(session: list[Track]) -> None:
    heavy = replace(FACTS, mass_left_kg=2.0, mass_right_kg=4.0)
    one, two = to_dict(analyze(session, FACTS)), to_dict(analyze(session, heavy))
    assert len(loads(one)) > 15
    assert differences([doubled(load) for load in loads(one)], loads(two)) == []
    for report in (one, two):
        for load in loads(report):
            load.clear()
        for key in ("mass", "mass_kg", "walking_cost_pct"):
            report.pop(key, None)
    assert differences(one, two) == []


@pytest.mark.parametrize(
    "code", ["seated_knee_extension", "standing_hip_abduction", "supine_straight_leg_raise"]
)
def test_rate_changes_no_count_and_no_range(code: str) -> None:
    performance = Script([Stand(4), Walk(12), Reps(code, reps=4, side="right"), Stand(4)], seed=6).perform(
        Athlete()
    )
    facts = replace(FACTS, exercise=code)
    found = {rate: analyze(virtual_tracks(performance, rate), facts) for rate in RATES_HZ}
    truth = performance.truth()
    for report in found.values():
        assert [(one.side, len(one.reps)) for one in report.sets] == [("right", 4)]
        for side in ("left", "right"):
            assert len(report.steps[side]) == len(truth["steps"][side])  # type: ignore[index]
    for rep in range(4):
        ranges = [reps_of(report)[rep].rom_deg for report in found.values()]
        assert max(ranges) - min(ranges) < 1.0


def randomised(track: Track, seed: int, side: Side = "right", seconds: float = 120.0) -> Track:
    """The spectrum of a movement, the order of nobody."""
    rate, rng = track.time.rate_hz, np.random.default_rng(seed)
    n, parts = int(rate * seconds), []
    for values in (track.gyr, track.acc):
        size = np.abs(np.fft.rfft(np.resize(values - values.mean(axis=0), (n, 3)), axis=0))
        parts.append(np.fft.irfft(size * np.exp(2j * np.pi * rng.random(size.shape)), n, axis=0))
    return make_track(parts[0], parts[1] + [-G, 0.0, 0.0], rate, side)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_noise_with_the_spectrum_of_lifts_makes_no_rep_and_no_bout(lifts: list[Track], seed: int) -> None:
    report = analyze([randomised(lifts[1], seed)], FACTS)
    assert reps_of(report) == []
    assert report.bouts == ()
    assert report.cadence_spm is None


def test_noise_with_the_spectrum_of_lifts_makes_no_step(lifts: list[Track]) -> None:
    assert [len(analyze([randomised(lifts[1], k)], FACTS).steps["right"]) for k in range(3)] == [0, 0, 0]


def test_noise_with_the_spectrum_of_a_walk_makes_no_step(session: list[Track]) -> None:
    assert analyze([randomised(session[1], 1)], FACTS).steps["right"] == ()
