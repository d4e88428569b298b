"""Shank sway against pendulums in closed form, the virtual athlete and stillness that is no stance."""

from collections.abc import Sequence

import numpy as np
import pytest
from tracks import any_mounting, make_track, virtual_tracks

from distal.analysis.even import Even
from distal.analysis.session import analyze
from distal.analysis.sway import Quiet, QuietFinder, shank_sway
from distal.model import Facts, FloatArray, SessionReport, Side, Track
from distal.units import G
from distal.virtual.motion import Athlete, Rest, Script, Stand, Walk

RATE_HZ, R_M = 100.0, 0.12
DEG = np.pi / 180.0
SIDEWAYS = np.array([0.0, 0.0, 1.0])


def pendulum(ahead: FloatArray, aside: FloatArray) -> Quiet:
    """A sensor R_M above the pivot: x down the shank, y ahead, z aside; angles in rad, exact to second order.

    Leaning ahead by a turns about -z; what is felt along the shank's own y is g a + r a'' in size and sign of
    the pendulum's tangential equation: f = r a'' - g a for a stick that stands on its pivot.
    """
    rates = [np.gradient(angle, 1.0 / RATE_HZ) for angle in (ahead, aside)]
    turns = [np.gradient(rate, 1.0 / RATE_HZ) for rate in rates]
    gyr = np.stack([np.zeros_like(ahead), rates[1], -rates[0]], axis=1)
    felt = [R_M * turn - G * np.sin(angle) for turn, angle in zip(turns, (ahead, aside), strict=True)]
    acc = np.stack([-G * np.cos(ahead) * np.cos(aside), *felt], axis=1)
    return Quiet(0, gyr, acc)


def wave(amplitude_deg: float, hz: float, seconds: float = 40.0, phase: float = 0.0) -> FloatArray:
    t = np.arange(0.0, seconds, 1.0 / RATE_HZ)
    out: FloatArray = amplitude_deg * DEG * np.cos(2 * np.pi * hz * t + phase)
    return out


@pytest.mark.parametrize("hz", [0.1, 0.25, 0.5, 1.0, 2.0])
def test_pendulum_sways_by_its_amplitude_whatever_its_frequency(hz: float) -> None:
    found = shank_sway(pendulum(wave(0.5, hz), wave(0.0, hz)), SIDEWAYS, "motion")
    # gravity alone would read r w^2 / g too much: 193 % at 2 Hz
    assert found.rms_ap_deg == pytest.approx(0.5 / np.sqrt(2), rel=0.012)
    assert found.rms_ml_deg == pytest.approx(0.0, abs=1e-3)
    assert found.mean_velocity_deg_s == pytest.approx(4 * 0.5 * hz, rel=0.02)
    assert found.path_deg == pytest.approx(found.mean_velocity_deg_s * 40.0)
    assert found.median_hz == pytest.approx(hz, abs=1.0 / 40.0)
    assert found.ellipse95_deg2 == pytest.approx(0.0, abs=2e-3)
    # a' = d/dt (g theta + r w^2 theta) in m/s3, half its square over 40 s
    push = (G + R_M * (2 * np.pi * hz) ** 2) * 0.5 * DEG * 2 * np.pi * hz
    assert found.jerk_m2_s5 == pytest.approx(0.5 * push**2 / 2 * 40.0, rel=0.03)


def test_circle_has_the_ellipse_and_the_path_of_a_circle() -> None:
    found = shank_sway(pendulum(wave(0.4, 0.5), wave(0.4, 0.5, phase=-np.pi / 2)), SIDEWAYS, "motion")
    assert found.rms_deg == pytest.approx(0.4, rel=0.01)
    assert found.ellipse95_deg2 == pytest.approx(np.pi * 5.991 * 0.4**2 / 2, rel=0.02)
    assert found.mean_velocity_deg_s == pytest.approx(2 * np.pi * 0.5 * 0.4, rel=0.02)


def test_white_noise_reads_as_the_floor_says(rng: np.random.Generator) -> None:
    n = 6000
    gyr, acc = rng.normal(0.0, 0.003, (n, 3)), rng.normal(0.0, 0.03, (n, 3)) - [G, 0.0, 0.0]
    found = shank_sway(Quiet(0, gyr, acc), SIDEWAYS, "motion")
    assert found.rms_deg == pytest.approx(found.floor_deg, rel=0.35)
    assert found.mean_velocity_deg_s == pytest.approx(found.floor_velocity_deg_s, rel=0.15)


def test_bias_of_the_gyro_is_no_sway() -> None:
    plain = pendulum(wave(0.5, 0.5), wave(0.2, 0.3))
    biased = Quiet(0, plain.gyr + np.array([0.02, -0.015, 0.02]), plain.acc)
    assert shank_sway(biased, SIDEWAYS, "motion").rms_deg == pytest.approx(
        shank_sway(plain, SIDEWAYS, "motion").rms_deg, rel=1e-3
    )


@pytest.fixture(scope="module")
def standing() -> list[Track]:
    return virtual_tracks(Script([Walk(12), Stand(60, sway_deg=0.4), Walk(10)], seed=3).perform(Athlete()))


def test_athlete_stands_between_two_walks(standing: list[Track]) -> None:
    (found,) = analyze(standing, Facts()).sway
    assert found.start_s == pytest.approx(13.0, abs=1.5)
    assert found.end_s == pytest.approx(71.0, abs=1.5)
    for side in ("left", "right"):
        angle = found.legs[side]
        assert angle is not None
        assert angle.axes == "motion"
        assert angle.rms_ap_deg == pytest.approx(0.4, rel=0.15)  # what was drawn for a minute
        assert angle.rms_ml_deg == pytest.approx(0.4 * 0.6, rel=0.15)
        assert angle.floor_deg < 0.05 * angle.rms_deg


def test_mounting_changes_no_sway(standing: list[Track]) -> None:
    turn = any_mounting(8)
    turned = [make_track(o.gyr @ turn.T, o.acc @ turn.T, o.time.rate_hz, o.side) for o in standing]
    (plain,), (other,) = analyze(standing, Facts()).sway, analyze(turned, Facts()).sway
    for side in ("left", "right"):
        a, b = plain.legs[side], other.legs[side]
        assert a is not None
        assert b is not None
        for key in (
            "rms_deg",
            "rms_ap_deg",
            "rms_ml_deg",
            "path_deg",
            "ellipse95_deg2",
            "jerk_m2_s5",
            "floor_deg",
        ):
            assert getattr(b, key) == pytest.approx(getattr(a, key), rel=1e-6)


def sway_of(script: Script, sides: tuple[Side, ...] = ("left", "right")) -> SessionReport:
    tracks = [track for track in virtual_tracks(script.perform(Athlete())) if track.side in sides]
    return analyze(tracks, Facts())


def test_stillness_without_end_is_told_by_ten_minutes_where_it_began(rng: np.random.Generator) -> None:
    finder = QuietFinder()
    for block in range(4):
        n = 30_000
        gyr, acc = rng.normal(0.0, 0.001, (n, 3)), rng.normal(0.0, 0.01, (n, 3))
        acc[:, 0] -= G
        gyr[: 5000 if block == 0 else 0] += 2.0  # turns for 50 s, then rests for 19 min
        finder.update(Even(gyr, acc, np.ones(n, np.bool_), np.zeros(n, np.bool_)))
    finder.finish()
    assert [(one.start, len(one.gyr)) for one in finder.found] == [(5100, 60_000)]


def stretches(seconds: Sequence[int], rng: np.random.Generator) -> QuietFinder:
    """So many seconds of stillness each, two seconds of turning before each."""
    finder = QuietFinder()
    for length in (*seconds, 0):
        n = 100 * (length + 2)
        gyr, acc = rng.normal(0.0, 0.001, (n, 3)), np.tile([-G, 0.0, 0.0], (n, 1))
        gyr[:200] += 2.0
        finder.update(Even(gyr, acc, np.ones(n, np.bool_), np.zeros(n, np.bool_)))
    finder.finish()
    return finder


def test_many_stretches_of_stillness_share_half_an_hour_and_all_keep_their_beginning(
    rng: np.random.Generator,
) -> None:
    finder = stretches([602] * 4 + [32], rng)
    assert [one.start for one in finder.found] == [300 + 60_400 * k for k in range(5)]
    assert sum(len(one.gyr) for one in finder.found) <= 180_000
    assert len(finder.found[-1].gyr) == 3000
    assert all(one.gyr.base is None for one in finder.found[:2])  # what was cut off is free


def test_stretches_that_come_too_late_are_counted(rng: np.random.Generator) -> None:
    finder = stretches([22] * 92, rng)
    assert (len(finder.found), finder.left_out) == (90, 2)


def test_short_stance_is_told_without_numbers() -> None:
    (found,) = sway_of(Script([Walk(10), Stand(18), Walk(10)])).sway
    assert found.legs == {"left": None, "right": None}
    assert [(why.code, why.values["least"]) for why in found.reasons] == [("sway_short", 20.0)]


@pytest.mark.parametrize("where", ["supine", "sitting"])
def test_lying_or_sitting_still_is_no_stance(where: str) -> None:
    assert sway_of(Script([Walk(10), Rest(40, where)])).sway == ()


def test_cuff_on_a_table_does_not_stand(rng: np.random.Generator) -> None:
    n = 208 * 60
    gyr, acc = rng.normal(0.0, 0.002, (n, 3)), rng.normal(0.0, 0.02, (n, 3)) - [G, 0.0, 0.0]
    assert analyze([make_track(gyr, acc, 208.0)], Facts()).sway == ()


def test_one_cuff_says_that_the_other_foot_was_not_seen() -> None:
    (found,) = sway_of(Script([Walk(10), Stand(40), Walk(10)]), ("right",)).sway
    assert found.legs["right"] is not None
    assert [why.code for why in found.reasons] == ["sway_one_cuff"]


def test_stance_full_of_holes_has_no_numbers(standing: list[Track], rng: np.random.Generator) -> None:
    lossy = []
    for one in standing:
        lost = np.repeat(rng.random(len(one.gyr) // 18 + 1) < 0.25, 18)[: len(one.gyr), None]
        gyr, acc = (np.where(lost, np.nan, rows) for rows in (one.gyr, one.acc))
        lossy.append(make_track(gyr, acc, 208.0, one.side))
    spans = [one for one in analyze(lossy, Facts()).sway if one.end_s - one.start_s > 20.0]
    assert spans
    for one in spans:
        assert one.legs == {"left": None, "right": None}
        assert "sway_coverage" in [why.code for why in one.reasons]


def test_an_hour_of_quiet_standing_has_no_rep_and_no_step() -> None:
    tracks = virtual_tracks(Script([Stand(600)], seed=9).perform(Athlete()), 104.0)
    long = [make_track(np.tile(o.gyr, (6, 1)), np.tile(o.acc, (6, 1)), 104.0, o.side) for o in tracks]
    report = analyze(long, Facts())
    assert report.sets == ()
    assert report.steps == {"left": (), "right": ()}
