"""What must hold for any samples at all: no crash, a valid contract, nothing invented."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tracks import any_mounting, make_track, virtual_tracks

from distal.analysis.session import analyze
from distal.errors import TooShort
from distal.model import SIDES, BoolArray, Facts, FloatArray, Side, Timebase, Track
from distal.report.contract import to_dict
from distal.report.text import render
from distal.units import G
from distal.virtual.motion import Athlete, Reps, Script, Sit, Stand, Walk

FACTS = Facts(mass_left_kg=1.0, mass_right_kg=2.0, height_m=1.75, body_mass_kg=70.0)
WORN = ("wear", "notices", "axes")
KEYS = {"version", "coverage", "cadence_spm", "steps", "sets", "wear", "sway", "warnings"}


def checked(tracks: list[Track], facts: Facts = FACTS) -> dict[str, Any]:
    """The contract of a report, or of nothing when there is no sample; strict JSON either way."""
    try:
        report = analyze(tracks, facts)
    except TooShort:
        return {}
    assert render(report)
    found = to_dict(report)
    assert set(found) >= KEYS
    again: dict[str, Any] = json.loads(json.dumps(found, allow_nan=False))
    return again


def track_of(gyr: FloatArray, acc: FloatArray, rate_hz: float = 104.0, side: Side = "right") -> Track:
    return make_track(gyr, acc, rate_hz, side)


@pytest.fixture(scope="module")
def moving() -> list[Track]:
    """A walk, then reps sitting."""
    script = Script(
        [Stand(25), Walk(15), Sit(3), Reps("seated_knee_extension", reps=4, side="right")], seed=6
    )
    return virtual_tracks(script.perform(Athlete()), 104.0)


def turned(track: Track, turn: FloatArray) -> Track:
    return make_track(track.gyr @ turn.T, track.acc @ turn.T, track.time.rate_hz, track.side)


def numbers(found: Any, path: str = "") -> dict[str, Any]:
    """Every number and word of a report by its path; how a cuff sits is what a mounting changes."""
    if is_dataclass(found):
        found = {one.name: getattr(found, one.name) for one in fields(found)}
    if isinstance(found, Mapping):
        parts = [numbers(value, f"{path}/{key}") for key, value in found.items() if key not in WORN]
    elif isinstance(found, tuple):
        parts = [numbers(one, f"{path}/{i}") for i, one in enumerate(found)]
    else:
        return {path: found}
    return {key: value for part in parts for key, value in part.items()}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_mounting_changes_no_event_and_no_metric(moving: list[Track], seed: int) -> None:
    """Names stay to whom they were told: which exercise it is may need the drawn axes."""
    facts = Facts("ankle", "seated_knee_extension", 1.0, 2.0, 70.0, 1.75)
    plain = numbers(analyze(moving, facts))
    other = numbers(analyze([turned(one, any_mounting(seed)) for one in moving], facts))
    assert plain.keys() == other.keys()
    assert len(plain) > 500
    for key, value in plain.items():
        if isinstance(value, float):
            assert other[key] == pytest.approx(value, rel=1e-6, abs=1e-9), key
        else:
            assert other[key] == value, key


def test_phase_randomised_movement_has_no_rep_and_no_bout(
    rng: np.random.Generator, moving: list[Track]
) -> None:
    """The spectrum of a person, the order of nobody."""
    n = 104 * 180
    for seed in range(3):
        noise = np.random.default_rng(seed)
        rows = []
        for values in (moving[1].gyr, moving[1].acc):
            size = np.abs(np.fft.rfft(np.resize(values - values.mean(axis=0), (n, 3)), axis=0))
            phase = noise.uniform(0, 2 * np.pi, size.shape)
            rows.append(np.fft.irfft(size * np.exp(1j * phase), n, axis=0))
        report = analyze([track_of(rows[0], rows[1] + [-G, 0.0, 0.0])], Facts())
        assert sum(len(one.reps) for one in report.sets) == 0


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 30, 100])
@pytest.mark.parametrize("rate_hz", [25.0, 208.33])
def test_very_short_input_gives_an_empty_contract(n: int, rate_hz: float) -> None:
    rows = np.tile([-G, 0.0, 0.0], (n, 1))
    found = checked([track_of(np.zeros((n, 3)), rows, rate_hz)])
    assert (found == {}) == (n == 0)
    if n:
        assert found["sets"] == []
        assert found["steps"] == {"left": [], "right": []}


def constant(n: int, gyr: float, acc: float) -> Track:
    return track_of(np.full((n, 3), gyr), np.full((n, 3), acc))


@pytest.mark.parametrize(
    ("gyr", "acc"),
    [(0.0, 0.0), (0.0, 5.66), (0.1, 5.66), (30.0, 300.0), (1e9, 1e9), (1e300, -1e300), (0.0, 1e-300)],
)
def test_constant_input_moves_nothing(gyr: float, acc: float) -> None:
    found = checked([constant(3000, gyr, acc)])
    assert found == {} or (found["sets"] == [] and not found["steps"]["right"])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e20, 1e308])
@pytest.mark.parametrize("where", ["gyr", "acc", "both"])
def test_wild_values_are_missing_samples(moving: list[Track], value: float, where: str) -> None:
    one = moving[1]
    gyr, acc = one.gyr.copy(), one.acc.copy()
    for rows, name in ((gyr, "gyr"), (acc, "acc")):
        if where in (name, "both"):
            rows[1000:1400:7, 1] = value
            rows[4000:4300] = value
    assert checked([make_track(gyr, acc, 104.0)])


def test_gyro_of_nan_makes_no_rep_no_step_no_sway(moving: list[Track]) -> None:
    found = checked([make_track(np.full_like(one.gyr, np.nan), one.acc, 104.0, one.side) for one in moving])
    assert found["sets"] == []
    assert found["sway"] == []
    assert found["steps"] == {"left": [], "right": []}
    assert any(one["code"] == "no_gyro" for one in found["warnings"])


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_one_dead_gyro_axis_never_crashes(moving: list[Track], axis: int) -> None:
    for value in (np.nan, 0.0):
        gyr = moving[1].gyr.copy()
        gyr[:, axis] = value
        assert checked([make_track(gyr, moving[1].acc, 104.0)])


def test_all_clipped_is_told_and_never_crashes(moving: list[Track]) -> None:
    tracks = [
        Track(
            one.side,
            one.time,
            np.clip(one.gyr, -0.5, 0.5),
            np.clip(one.acc, -3, 3),
            np.ones(len(one.gyr), bool),
        )
        for one in moving
    ]
    found = checked(tracks)
    assert any(one["code"] == "clipped" for one in found["warnings"])


def test_all_missing_is_too_short() -> None:
    nothing = np.full((500, 3), np.nan)
    with pytest.raises(TooShort):
        analyze([track_of(nothing, nothing)], FACTS)


def test_other_leg_all_missing_does_not_harm(moving: list[Track]) -> None:
    nothing = np.full_like(moving[0].gyr, np.nan)
    found = checked([make_track(nothing, nothing, 104.0, "left"), moving[1]])
    assert found["coverage"]["left"] in (None, 0.0)
    assert len(found["sets"]) == 1


def test_legs_that_started_apart_and_at_other_rates(moving: list[Track]) -> None:
    left = Track("left", Timebase(-3.0, 52.0), moving[0].gyr[::2], moving[0].acc[::2], moving[0].clipped[::2])
    assert checked([left, moving[1]])["cadence_spm"] is not None


FLOATS = st.floats(allow_nan=True, allow_infinity=True, width=64)
SANE = st.floats(-40.0, 40.0, width=32)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data(), n=st.integers(0, 600), rate_hz=st.sampled_from([25.0, 100.0, 208.33, 416.0]))
def test_random_arrays_never_crash(data: st.DataObject, n: int, rate_hz: float) -> None:
    values = data.draw(arrays.arrays(np.float64, (n, 6), elements=FLOATS, fill=SANE))
    clipped: BoolArray = data.draw(arrays.arrays(np.bool_, n))
    track = Track("left", Timebase(0.0, rate_hz), values[:, :3], values[:, 3:], clipped)
    checked([track])


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([1e-6, 0.1, 1.0, 10.0, 1e3]))
def test_random_walks_of_any_size_never_crash(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(200, 3000))
    gyr, acc = (np.cumsum(rng.normal(0.0, scale * 0.05, (n, 3)), axis=0) for _ in range(2))
    acc[:, 0] -= G
    for at in rng.integers(0, n, 5):
        acc[at : at + int(rng.integers(1, 200))] = np.nan
    cuts = [track_of(gyr, acc, float(rng.choice([25.0, 104.0, 416.0])), side) for side in SIDES]
    checked(cuts)


@pytest.mark.parametrize("side", SIDES)
def test_load_without_a_mass_is_null_not_zero(moving: list[Track], side: Side) -> None:
    facts = Facts(
        mass_left_kg=1.0 if side == "left" else None, mass_right_kg=1.0 if side == "right" else None
    )
    for one in checked(moving, facts)["sets"]:
        known = {rep["load"]["peak_force_n"] is not None for rep in one["reps"]}
        assert known == {one["side"] == side}
