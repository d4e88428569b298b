import numpy as np
import pytest
from tracks import G, any_mounting, make_track, rep_angle, swing_limb, virtual_tracks

from distal.analysis.load import moment_nm
from distal.analysis.session import analyze
from distal.model import Facts, FloatArray, Rep, SessionReport
from distal.units import DEG_PER_RAD
from distal.virtual.motion import Athlete, Reps, Script, Stand, scripts

FACTS = Facts(mass_left_kg=2.0, mass_right_kg=2.0, height_m=1.75)
KNEE_M = 0.246 * 1.75 - 0.08


def seated(rate_hz: float = 100.0, mounting: FloatArray | None = None, facts: Facts = FACTS) -> SessionReport:
    gyr, acc = swing_limb(rep_angle(rate_hz, 5, 1.35, 0.05), rate_hz, KNEE_M, mounting)
    return analyze([make_track(gyr, acc, rate_hz)], facts)


def reps_of(report: SessionReport) -> list[Rep]:
    return [rep for one in report.sets for rep in one.reps]


@pytest.mark.parametrize("rate_hz", [25.0, 52.0, 100.0, 208.33, 416.0])
def test_pendulum_reps_have_their_exact_times_and_range(rate_hz: float) -> None:
    reps = reps_of(seated(rate_hz))
    assert len(reps) == 5
    for k, rep in enumerate(reps):
        start = 4.0 + 4.7 * k
        assert rep.start_s == pytest.approx(start, abs=0.08 + 1.0 / rate_hz)
        assert rep.end_s == pytest.approx(start + 3.2, abs=0.08 + 1.0 / rate_hz)
        assert start + 0.8 < rep.top_s < start + 2.1
        assert rep.rom_deg == pytest.approx(1.30 * DEG_PER_RAD, abs=1.0)
        assert rep.concentric_s + rep.hold_s + rep.eccentric_s == pytest.approx(rep.end_s - rep.start_s)
        assert rep.hold_s > 0.9


def test_mounting_changes_nothing() -> None:
    for wanted, found in zip(reps_of(seated()), reps_of(seated(mounting=any_mounting(4))), strict=True):
        for key in ("start_s", "top_s", "end_s", "rom_deg"):
            assert getattr(found, key) == pytest.approx(getattr(wanted, key), rel=1e-6)
        for key in ("peak_force_n", "peak_moment_nm", "impulse_nms", "work_concentric_j", "peak_power_w"):
            assert getattr(found.load, key) == pytest.approx(getattr(wanted.load, key), rel=1e-6)


def test_mirrored_leg_gives_the_mirrored_report() -> None:
    gyr, acc = swing_limb(rep_angle(100.0, 5, 1.35, 0.05), 100.0, KNEE_M)
    mirror = np.array([1.0, 1.0, -1.0])  # across the sagittal plane: turning is a pseudovector
    track = make_track(-gyr * mirror, acc * mirror, side="left")
    for wanted, found in zip(reps_of(seated()), reps_of(analyze([track], FACTS)), strict=True):
        assert found.start_s == pytest.approx(wanted.start_s, abs=1e-6)
        assert found.rom_deg == pytest.approx(wanted.rom_deg, rel=1e-6)
        assert found.load.peak_moment_nm == pytest.approx(wanted.load.peak_moment_nm, rel=1e-6)


def test_load_is_linear_in_mass_and_lifts_the_height() -> None:
    one = reps_of(seated(facts=Facts(mass_right_kg=1.0, height_m=1.75)))[2].load
    two = reps_of(seated())[2].load
    for key in ("peak_force_n", "peak_moment_nm", "impulse_nms", "work_concentric_j", "work_eccentric_j"):
        assert getattr(two, key) == pytest.approx(2.0 * getattr(one, key), rel=1e-9)
    # holding still near level: M = m g l sin(angle); the way up ends there
    held = 2.0 * G * KNEE_M * np.sin(1.35)
    assert two.impulse_hold_nms / reps_of(seated())[2].hold_s == pytest.approx(held, rel=0.02)
    # total work of a rep from rest to rest is zero; the way up lifts m g (cos a - cos b) l net
    assert two.work_concentric_j + two.work_eccentric_j == pytest.approx(0.0, abs=0.05)
    lifted = 2.0 * G * KNEE_M * (np.cos(0.05) - np.cos(1.35))
    assert two.work_concentric_j == pytest.approx(lifted, rel=0.05)


def test_moment_of_gravity_and_of_inertia_add_up() -> None:
    gyr, acc = swing_limb(rep_angle(100.0, 2, 1.2), 100.0, KNEE_M)
    angle = rep_angle(100.0, 2, 1.2)
    gravity = np.stack([-G * np.cos(angle), G * np.sin(angle), np.zeros_like(angle)], axis=1)
    arm, still = KNEE_M * np.array([1.0, 0.0, 0.0]), np.zeros_like(gyr)
    whole = moment_nm(2.0 * acc, gyr, arm, 2.0)
    parts = moment_nm(2.0 * gravity, still, arm, 2.0) + moment_nm(2.0 * (acc - gravity), gyr, arm, 2.0)
    assert np.allclose(whole, parts, atol=1e-9)


def test_long_hold_is_no_rest() -> None:
    gyr, acc = swing_limb(rep_angle(50.0, 6, 1.2, times=(1.0, 6.0, 1.0, 1.0)), 50.0, KNEE_M)
    reps = reps_of(analyze([make_track(gyr, acc, 50.0)], FACTS))
    assert len(reps) == 6
    assert all(rep.hold_s > 5.5 for rep in reps)


def test_hole_between_reps_keeps_the_set_and_hole_in_a_rep_flags_it() -> None:
    gyr, acc = swing_limb(rep_angle(100.0, 5, 1.35), 100.0, KNEE_M)
    for low, high in ((735, 850), (1430, 1455)):  # the first rest; the lift of the third rep
        gyr[low:high] = np.nan
        acc[low:high] = np.nan
    report = analyze([make_track(gyr, acc)], FACTS)
    assert len(report.sets) == 1
    assert [("gap" in rep.flags) for rep in report.sets[0].reps] == [False, False, True, False, False]


def test_companion_movement_of_the_other_leg_is_no_set() -> None:
    tracks = []
    for side, top in (("right", 1.35), ("left", 0.35)):
        gyr, acc = swing_limb(rep_angle(100.0, 5, top), 100.0, KNEE_M)
        tracks.append(make_track(gyr, acc, side=side))  # type: ignore[arg-type]
    assert [one.side for one in analyze(tracks, FACTS).sets] == ["right"]
    assert "one_leg" in [notice.code for notice in analyze(tracks[1:], FACTS).notices]


def test_noise_and_quiet_give_no_reps_and_no_steps(rng: np.random.Generator) -> None:
    acc = np.tile([0.0, 0.0, G], (60 * 208, 1)) + rng.normal(0.0, 0.05, (60 * 208, 3))
    report = analyze([make_track(rng.normal(0.0, 0.02, acc.shape), acc, 208.0)], FACTS)
    assert report.sets == ()
    assert report.steps["right"] == ()
    assert report.cadence_spm is None


def test_phase_randomised_movement_gives_no_reps(rng: np.random.Generator) -> None:
    angle = rep_angle(100.0, 12, 1.35)
    rows = np.concatenate(swing_limb(angle, 100.0, KNEE_M), axis=1)
    turns = np.fft.rfft(rows - rows.mean(axis=0), axis=0)
    turns = np.abs(turns) * np.exp(1j * rng.uniform(0.0, 2 * np.pi, turns.shape))
    mixed = np.fft.irfft(turns, len(rows), axis=0) + rows.mean(axis=0)
    report = analyze([make_track(mixed[:, :3], mixed[:, 3:])], FACTS)
    assert reps_of(report) == []


@pytest.mark.parametrize(
    "code", ["seated_knee_extension", "supine_straight_leg_raise", "sidelying_hip_abduction"]
)
def test_virtual_athlete_gets_every_rep_with_range_and_moment(code: str) -> None:
    performance = Script([Stand(4.0), Reps(code, reps=6, side="right"), Stand(3.0)], code).perform(
        Athlete(height_m=1.75)
    )
    wanted = [rep for one in performance.truth(2.0, 2.0)["sets"] for rep in one["reps"]]
    found = reps_of(
        analyze(
            virtual_tracks(performance), Facts(exercise=code, mass_left_kg=2, mass_right_kg=2, height_m=1.75)
        )
    )
    assert len(found) == len(wanted)
    for rep, exact in zip(found, wanted, strict=True):
        assert rep.start_s == pytest.approx(exact["start_s"], abs=0.1)
        assert rep.end_s == pytest.approx(exact["end_s"], abs=0.1)
        assert rep.rom_deg == pytest.approx(exact["rom_deg"], abs=1.0)
        assert rep.load.peak_moment_nm == pytest.approx(exact["load"]["peak_moment_nm"], rel=0.03)


def test_demo_script_is_understood() -> None:
    performance = scripts.demo().perform(Athlete(height_m=1.75))
    exact, report = performance.truth(), analyze(virtual_tracks(performance), FACTS)
    assert [(one.side, len(one.reps)) for one in report.sets] == [
        (one["side"], len(one["reps"])) for one in exact["sets"]
    ]
    for side in ("left", "right"):
        assert len(report.steps[side]) == len(exact["steps"][side])
