"""Mechanics of the worn mass: closed forms, parts that add up, joints, the limb's own part, the unknown."""

from dataclasses import replace

import numpy as np
import pytest
from tracks import G, make_track, rep_angle, swing_limb, virtual_tracks

from distal.analysis.lifts import Lifts
from distal.analysis.load import RING2, Felt, moment_of
from distal.analysis.load_arm import Arm, hip_arm
from distal.analysis.load_rep import LEVEL, Worn, turning
from distal.analysis.segments import WINTER, Segment, limb_moment_nm, own_leg
from distal.analysis.session import analyze
from distal.model import Facts, Load, SessionReport
from distal.report.contract import to_dict
from distal.validate.mechanics import KEYS, MASS_KG, Swing, cases, found, truth
from distal.virtual.motion import Athlete, Reps, Script, Stand, Walk

HEIGHT_M = 1.75
KNEE_M, THIGH_M = 0.246 * HEIGHT_M - 0.08, 0.245 * HEIGHT_M
FACTS = Facts(mass_left_kg=2.0, mass_right_kg=2.0, height_m=HEIGHT_M, exercise="seated_knee_extension")
X, Y, Z = np.eye(3)


def seated(facts: Facts = FACTS, top: float = 1.35) -> SessionReport:
    gyr, acc = swing_limb(rep_angle(100.0, 5, top, 0.05), 100.0, KNEE_M)
    return analyze([make_track(gyr, acc, 100.0)], facts)


def middle(report: SessionReport) -> Load:
    return report.sets[0].reps[2].load


@pytest.mark.parametrize("swing", cases(), ids=lambda swing: swing.name)
def test_force_moment_impulse_and_work_are_those_of_the_closed_form(swing: Swing) -> None:
    true, mine = truth(swing), found(swing)
    for key in KEYS:
        assert mine[key] == pytest.approx(true[key], rel=0.005, abs=1e-9)


@pytest.mark.parametrize("swing", cases()[::5], ids=lambda swing: swing.name)
def test_gravity_and_inertia_add_up_and_load_is_linear_in_mass(swing: Swing) -> None:
    one, two = found(swing), found(swing, 2.0 * MASS_KG)
    assert one["peak_gravity_nm"] + one["peak_inertia_nm"] == pytest.approx(one["peak_moment_nm"], rel=1e-12)
    whole = one["impulse_gravity_nms"] + one["impulse_inertia_nms"]
    assert whole == pytest.approx(one["impulse_nms"], rel=1e-12)
    for key in KEYS:
        assert two[key] == pytest.approx(2.0 * one[key], rel=1e-12, abs=1e-12)


def test_moment_about_a_moving_knee_needs_no_motion_of_the_knee() -> None:
    """What the accelerometer measures has the knee's acceleration in it already."""
    fixed, moving = cases()[0], next(one for one in cases() if one.thigh is not None)
    assert fixed.thigh is None
    assert found(moving)["impulse_nms"] == pytest.approx(truth(moving)["impulse_nms"], rel=0.005)


def test_held_still_nothing_is_inertia() -> None:
    load = middle(seated())
    held = 2.0 * G * KNEE_M * np.sin(1.35)
    assert load.peak_hold_nm == pytest.approx(held, rel=0.02)
    assert load.peak_gravity_nm + load.peak_inertia_nm == pytest.approx(load.peak_moment_nm)
    # over a rep from rest to rest the pushes and the brakes nearly cancel
    assert abs(load.impulse_inertia_nms) < 0.03 * load.impulse_nms


def test_time_above_the_level_is_that_of_the_angle() -> None:
    load = middle(seated())
    assert load.level_nm == pytest.approx(LEVEL * 2.0 * G * KNEE_M)
    way = rep_angle(1000.0, 1, 1.35, 0.05)
    bend = np.gradient(np.gradient(way, 1e-3), 1e-3)
    moment = G * KNEE_M * np.sin(way) + (KNEE_M**2 + RING2[0]) * bend
    beyond = np.count_nonzero(np.abs(moment) > LEVEL * G * KNEE_M) / 1000.0
    assert load.above_level_s == pytest.approx(beyond, abs=0.06)
    assert load.low.above_level_s <= load.above_level_s <= load.high.above_level_s
    told = middle(seated(replace(FACTS, level_nm=100.0)))
    assert (told.level_nm, told.above_level_s) == (100.0, 0.0)


def test_power_lifts_and_lowers() -> None:
    load = middle(seated())
    assert load.peak_power_w > load.mean_power_lift_w > 0.0
    assert load.peak_power_lower_w < load.mean_power_lower_w < 0.0
    raised = 2.0 * G * KNEE_M * (np.cos(0.05) - np.cos(1.35))
    assert load.mean_power_lift_w * 1.0 == pytest.approx(raised, rel=0.06)  # the lift takes 1 s


def test_force_along_the_limb_and_ahead_is_gravitys() -> None:
    """Level, gravity is all ahead (up is ahead of a shank that is level); hanging, all along."""
    axes = middle(seated()).axes
    assert -2.0 * G * 1.15 < axes.along.peak_n < -2.0 * G  # the swing pulls, too
    assert axes.forward.peak_n == pytest.approx(2.0 * G * np.sin(1.35), rel=0.12)
    assert abs(axes.outward.peak_n) < 0.5


def test_waist_loads_no_joint_of_the_lifted_leg() -> None:
    load = middle(seated())
    assert load.waist_moment_nm == 0.0
    assert load.waist_force_n == pytest.approx(2.0 * G)


def test_seated_hip_carries_thigh_and_shank_and_says_how_sure_the_thigh_is() -> None:
    hip = middle(seated()).joints["hip"]
    assert hip.peak_moment_nm is not None
    level = 2.0 * G * (THIGH_M + KNEE_M * np.sin(1.35))
    assert hip.peak_moment_nm.value == pytest.approx(level, rel=0.03)
    knee = middle(seated()).joints["knee"].peak_moment_nm
    assert knee is not None
    assert knee.value == pytest.approx(middle(seated()).peak_moment_nm)


def test_hanging_thigh_of_a_standing_knee_flexion_is_upright() -> None:
    rows = np.tile(X, (3, 1))
    felt = Felt(0 * rows, G * rows, 0 * rows, -np.tile(X, (3, 1)))
    arm = Arm("knee", KNEE_M, Y, thigh="hanging", thigh_m=THIGH_M, knee_m=KNEE_M, hinge=Z)
    found_arm = hip_arm(arm, felt)
    assert found_arm is not None
    assert found_arm[0] == pytest.approx(THIGH_M * X + KNEE_M * Y)


def test_straight_leg_has_knee_and_hip_by_their_levers() -> None:
    script = Script([Reps("supine_straight_leg_raise", reps=4, side="right")], "lifts")
    facts = replace(FACTS, exercise="supine_straight_leg_raise")
    report = analyze(virtual_tracks(script.perform(Athlete(height_m=HEIGHT_M))), facts)
    load = report.sets[0].reps[1].load
    knee, hip = load.joints["knee"].impulse_nms, load.joints["hip"].impulse_nms
    assert load.about == "hip"
    assert hip.value == pytest.approx(load.impulse_nms)
    assert knee.value / hip.value == pytest.approx(KNEE_M / (KNEE_M + THIGH_M), rel=0.02)


def test_what_the_model_does_not_hold_for_is_null_with_its_reason() -> None:
    assert middle(seated(replace(FACTS, mass_right_kg=None))).reason == "no_mass"
    short = middle(seated(replace(FACTS, height_m=None)))
    assert (short.reason, short.peak_moment_nm, short.joints["hip"].reason) == (
        "no_height",
        None,
        "no_height",
    )
    assert short.peak_force_n is not None
    prone = middle(seated(replace(FACTS, exercise="prone_hip_extension")))
    assert (prone.reason, prone.joints["knee"].reason) == ("knee_bends", "knee_bends")
    assert middle(seated(replace(FACTS, exercise="squat"))).reason == "closed_chain"


def test_thigh_that_is_not_seen_gives_no_hip() -> None:
    rows = np.tile(X, (4, 1))
    felt = Felt(0 * rows, G * rows, 0 * rows, rows)
    load = turning(Lifts(felt, np.array([[0, 2, 2, 4]])), Arm("knee", KNEE_M, Y), Worn(1.0))
    (joints,) = load["joints"]
    assert joints["hip"].reason == "thigh_unseen"
    assert joints["knee"].peak_moment_nm.value == pytest.approx(G * KNEE_M)


def test_limbs_own_part_held_level_is_its_weight_at_its_centre() -> None:
    rows = np.tile(X, (5, 1))
    felt = Felt(0 * rows, G * rows, 0 * rows, rows)
    own = limb_moment_nm(felt, Y, KNEE_M, [(0.0, Segment(4.0, 0.25, 0.1))])
    assert np.linalg.norm(own, axis=1) == pytest.approx(4.0 * G * 0.25)


def test_limbs_own_part_is_that_of_a_swinging_rod() -> None:
    """About its upper end: m g c sin a + (m c^2 + m k^2) a''."""
    t = np.arange(0.0, 4.0, 0.01)
    angle = 0.8 * np.sin(2.0 * np.pi * 0.5 * t)
    rate, bend = 0.8 * np.pi * np.cos(np.pi * t), -0.8 * np.pi**2 * np.sin(np.pi * t)
    none = np.zeros_like(t)
    acc = np.stack([-G * np.cos(angle) - KNEE_M * rate**2, G * np.sin(angle) + KNEE_M * bend, none], axis=1)
    gyr, turned = np.stack([none, none, rate], axis=1), np.stack([none, none, bend], axis=1)
    up = np.stack([-np.cos(angle), np.sin(angle), none], axis=1)
    rod = Segment(4.0, 0.25, 0.12)
    own = limb_moment_nm(Felt(gyr, acc, turned, up), X, KNEE_M, [(0.0, rod)])[:, 2]
    inertia = rod.mass_kg * (rod.centre_m**2 + rod.radius_m**2)
    assert own == pytest.approx(rod.mass_kg * G * rod.centre_m * np.sin(angle) + inertia * bend)


@pytest.mark.parametrize("sex", ["f", "m", None])
def test_segments_are_those_of_the_tables(sex: str | None) -> None:
    leg = own_leg(Facts(body_mass_kg=70.0, height_m=HEIGHT_M, sex=sex))  # type: ignore[arg-type]
    assert leg is not None
    # both tables: thigh 10 to 15 % of the body, shank and foot 5.7 to 6.1 %, centre near 60 % of the shank
    assert 7.0 - 1e-9 <= leg.thigh.mass_kg <= 10.4
    assert 3.9 < leg.shank.mass_kg < 4.31
    assert leg.shank.centre_m / (0.246 * HEIGHT_M) == pytest.approx(WINTER[1][1], rel=0.07)
    assert own_leg(Facts(height_m=HEIGHT_M)) is None


def test_limbs_own_part_stands_apart_with_its_interval() -> None:
    bare, known = middle(seated()), middle(seated(replace(FACTS, body_mass_kg=70.0)))
    assert bare.limb_moment_nm is None
    assert known.peak_moment_nm == bare.peak_moment_nm
    assert known.low.limb_moment_nm < known.limb_moment_nm < known.high.limb_moment_nm


@pytest.mark.parametrize("off", [(0.05, 0.0, 0.0), (-0.05, 0.0, 0.0), (0.0, 0.05, -0.05)])
def test_told_offset_of_the_sensor_is_taken_off(off: tuple[float, float, float]) -> None:
    """The whole way from samples, a fast set; `off` from the worn mass: ahead, to the left, up."""
    reps = Reps("seated_knee_extension", reps=4, side="right", tempo=(0.6, 0.5, 0.6))
    plain, moved = (
        virtual_tracks(Script([reps], "lifts").perform(Athlete(height_m=HEIGHT_M, sensor_offset_m=x)))
        for x in ((0.0, 0.0, 0.0), off)
    )
    want = middle(analyze(plain, FACTS)).peak_force_n
    ahead, left, up = off
    told = replace(FACTS, cuff_offset_m=(up, -ahead, left))  # to the centre: to the foot, ahead, outward
    assert middle(analyze(moved, told)).peak_force_n == pytest.approx(want, rel=0.01)
    if up:
        assert middle(analyze(moved, FACTS)).peak_force_n != pytest.approx(want, rel=0.02)


def test_offset_that_is_not_known_widens_the_interval() -> None:
    sure, unsure = (middle(seated(replace(FACTS, cuff_offset_error_m=error))) for error in (0.0, 0.05))
    assert unsure.high.peak_force_n > sure.high.peak_force_n
    assert unsure.peak_force_n == sure.peak_force_n


def test_ring_turns_with_the_limb() -> None:
    rows = np.zeros((4, 3))
    felt = Felt(rows, rows, np.tile(Z, (4, 1)), rows)
    assert moment_of(felt, X, 3.0, (X, RING2))[0] == pytest.approx(3.0 * RING2[0] * Z)


def test_bout_has_the_load_of_its_swings_with_intervals() -> None:
    done = Script([Stand(3.0), Walk(14.0, cadence_spm=105.0), Stand(3.0)], "walk").perform(
        Athlete(height_m=HEIGHT_M)
    )
    report = analyze(virtual_tracks(done), replace(FACTS, exercise=None))
    load = report.bouts[0].load["right"]
    swings = [step["load"] for step in done.truth(2.0, 2.0)["steps"]["right"]]
    mean = float(np.mean([one["peak_force_n"] for one in swings]))
    assert load.peak_force_n.low < mean < load.peak_force_n.high
    assert load.peak_knee_moment_nm.low < load.peak_knee_moment_nm.value < load.peak_knee_moment_nm.high
    assert load.lateral_force_n.n == load.peak_force_n.n >= 8
    assert to_dict(report)["bouts"][0]["load"]["right"]["peak_force_n"]["n"] == load.peak_force_n.n


def test_contract_has_every_part() -> None:
    load = to_dict(seated(replace(FACTS, body_mass_kg=70.0)))["sets"][0]["reps"][2]["load"]
    parts = load["peak_moment_parts_nm"]
    assert parts["gravity"] + parts["inertia"] == pytest.approx(load["peak_moment_nm"], abs=1e-4)
    assert load["joints"]["hip"]["impulse_nms"]["low"] < load["joints"]["hip"]["impulse_nms"]["value"]
    assert load["axes"]["along"]["impulse_ns"] > 0.0
    assert load["waist"] == {"force_n": pytest.approx(2.0 * G, rel=1e-5), "moment_nm": 0.0}
    assert {"limb_moment_nm", "above_level_s", "mean_power_lift_w"} <= load["low"].keys()
