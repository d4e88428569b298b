"""Exercises of a foot that steps away and comes home, and walking that is none of them."""

from dataclasses import replace

import numpy as np
import pytest
from tracks import any_mounting, virtual_tracks

from distal.analysis.reps_foot import Foot
from distal.analysis.reps_loops import find_loops
from distal.analysis.session import analyze
from distal.model import SIDES, Facts, SessionReport, Side, Track
from distal.virtual.motion import Athlete, FloorReps, Reps, Rest, Script, Sit, Stand, Walk
from distal.virtual.motion.plan import Sides
from distal.virtual.motion.stage import Movement

FACTS = Facts(mass_left_kg=1.0, mass_right_kg=1.0, height_m=1.75)


def perform(*movements: Movement, seed: int = 3) -> tuple[dict, list[Track]]:  # type: ignore[type-arg]
    performance = Script([Stand(4.0), *movements, Stand(4.0)], "steps", seed).perform(Athlete(height_m=1.75))
    return performance.truth(1.0, 1.0), virtual_tracks(performance)


def counts(sets: object) -> list[tuple[str, int]]:
    return sorted((one["side"], len(one["reps"])) for one in sets)  # type: ignore[attr-defined]


def found(report: SessionReport) -> list[tuple[str, int]]:
    return sorted((one.side, len(one.reps)) for one in report.sets)


@pytest.mark.parametrize(
    ("code", "side"),
    [
        ("step_up", "left"),
        ("step_up", "alternating"),
        ("lunge", "right"),
        ("lunge", "alternating"),
        ("step_down", "left"),
        ("split_squat", "right"),
    ],
)
def test_every_rep_is_counted_on_the_leg_that_works(code: str, side: Sides) -> None:
    exact, tracks = perform(FloorReps(code, reps=5, side=side, tempo=(1.9, 0.6, 2.1)))
    report = analyze(tracks, FACTS)
    assert found(report) == counts(exact["sets"])
    wanted = sorted((rep["start_s"], rep["end_s"]) for one in exact["sets"] for rep in one["reps"])
    mine = sorted((rep.start_s, rep.end_s) for one in report.sets for rep in one.reps)
    assert np.abs(np.array(mine) - np.array(wanted)).max() < 0.25


BRISK = FloorReps("step_up", reps=6, side="right", tempo=(1.1, 0.2, 1.1), pause_s=0.05)


@pytest.mark.parametrize("worn", [("left", "right"), ("left",), ("right",)])
def test_step_ups_without_a_pause_are_counted_with_any_cuff(worn: tuple[Side, ...]) -> None:
    _, tracks = perform(BRISK)
    report = analyze([track for track in tracks if track.side in worn], FACTS)
    assert sum(len(one.reps) for one in report.sets) == 6


@pytest.mark.parametrize("side", SIDES)
def test_knock_at_each_landing_turns_no_row_of_step_ups_upside_down(side: Side) -> None:
    """A strap that gives shifts the speed by 0.2 m/s upwards each time, which no foot had."""
    exact, tracks = perform(replace(BRISK, pause_s=0.4))
    track = next(track for track in tracks if track.side == side)
    t = np.arange(len(track.acc)) / track.time.rate_hz
    acc = track.acc.copy()
    for step in exact["steps"][side]:
        since = np.clip(t - step["ic_s"], 0.0, None)
        acc[:, 0] -= 25.0 * np.exp(-since / 0.03) * np.sin(90.0 * since)
    report = analyze([replace(track, acc=acc)], FACTS)
    assert sum(len(one.reps) for one in report.sets) == 6


def test_two_lunges_are_no_change_of_posture() -> None:
    _, tracks = perform(FloorReps("lunge", reps=2, side="left", tempo=(1.9, 0.6, 2.1)))
    assert found(analyze(tracks, FACTS)) == [("left", 2)]


@pytest.mark.parametrize("code", ["step_up", "lunge"])
def test_steps_of_an_exercise_are_steps_and_reps(code: str) -> None:
    exact, tracks = perform(FloorReps(code, reps=5, side="right", tempo=(1.9, 0.6, 2.1)))
    report = analyze(tracks, FACTS)
    assert [one.exercise for one in report.sets] == [code]
    for side in SIDES:
        wanted = [step["ic_s"] for step in exact["steps"][side]]
        mine = [step.ic_s for step in report.steps[side]]
        assert len(mine) == len(wanted)
        assert np.allclose(mine, wanted, atol=0.25)
        assert all(step.bout is None for step in report.steps[side])


def test_mounting_changes_no_step_of_an_exercise() -> None:
    _, tracks = perform(FloorReps("step_up", reps=3, side="right", tempo=(1.9, 0.6, 2.1)))
    turn = any_mounting(5)
    turned = [Track(t.side, t.time, t.gyr @ turn.T, t.acc @ turn.T, t.clipped) for t in tracks]
    one, two = (
        [
            (rep.start_s, rep.top_s, rep.end_s, rep.rom_deg)
            for x in analyze(some, FACTS).sets
            for rep in x.reps
        ]
        for some in (tracks, turned)
    )
    assert np.allclose(one, two, rtol=1e-6)


@pytest.mark.parametrize("step_m", [0.12, 0.2, 0.3])
def test_shuffling_makes_no_reps(step_m: float) -> None:
    few = [Walk(7.0, 70.0, 70 / 60 * step_m, variability=0.05), Stand(3.0)]
    _, tracks = perform(*few, *few)
    assert analyze(tracks, FACTS).sets == ()


def test_gravity_of_noise_does_not_stay_up() -> None:
    """Channels that know nothing of each other: no rep, not even a lone one."""
    rng = np.random.default_rng(8)
    _, tracks = perform(Reps("seated_leg_raise", reps=6, side="right"))
    rows = np.concatenate([tracks[1].gyr, tracks[1].acc], axis=1)
    rows = np.resize(rows, (6 * len(rows), 6))
    spectrum = np.abs(np.fft.rfft(rows - rows.mean(axis=0), axis=0))
    mixed = np.fft.irfft(spectrum * np.exp(2j * np.pi * rng.random(spectrum.shape)), len(rows), axis=0)
    mixed += rows.mean(axis=0)
    track = Track("right", tracks[1].time, mixed[:, :3], mixed[:, 3:], np.zeros(len(mixed), np.bool_))
    assert sum(len(one.reps) for one in analyze([track], FACTS).sets) == 0


def test_what_a_told_exercise_or_a_walk_says_of_outward_holds_for_any_mounting() -> None:
    """Without either the sign of the lateral force is open: null, not a guess from how the cuff was worn."""
    _, tracks = perform(Walk(8.0, 100.0, 1.2), Sit(3.0), Reps("seated_leg_raise", reps=4, side="right"))
    turn = any_mounting(9)
    turned = [Track(t.side, t.time, t.gyr @ turn.T, t.acc @ turn.T, t.clipped) for t in tracks]
    one, two = (
        [rep.load.lateral_force_n for x in analyze(some, FACTS).sets for rep in x.reps]
        for some in (tracks, turned)
    )
    assert len(one) == 4
    assert None not in one
    assert np.allclose(one, two, rtol=1e-6)  # type: ignore[arg-type]
    _, alone = perform(Reps("seated_leg_raise", reps=4, side="right"))
    assert {rep.load.lateral_force_n for x in analyze(alone, FACTS).sets for rep in x.reps} == {None}


@pytest.mark.parametrize("landing_mps", [0.0, 0.3])
def test_a_hold_ends_when_the_limb_leaves_it(landing_mps: float) -> None:
    work = Reps("prone_hip_extension", 5, "right", (1.5, 1.2, 1.8), landing_mps=landing_mps)
    exact, tracks = perform(work)
    for mine, true in zip(
        (rep for one in analyze(tracks, FACTS).sets for rep in one.reps),
        (rep for one in exact["sets"] for rep in one["reps"]),
        strict=True,
    ):
        lowered = mine.end_s - mine.eccentric_s
        assert lowered == pytest.approx(true["top_s"] + true["hold_s"], abs=0.12)
        assert mine.start_s == pytest.approx(true["start_s"], abs=0.05)


def test_sets_that_are_one_movement_again_have_one_name() -> None:
    sets = [Reps("supine_straight_leg_raise", 4, "right", range_deg=size) for size in (45.0, 18.0)]
    _, tracks = perform(sets[0], Rest(15.0, "supine"), sets[1])
    assert [one.exercise for one in analyze(tracks, FACTS).sets] == ["supine_straight_leg_raise"] * 2


def to_and_fro(homes: np.ndarray) -> Foot:
    """A foot that stands at each home, then at a place farther from it than a step errs; it ends away."""
    at = np.stack([homes, 0.5 + 4.0 * homes], axis=1).ravel()
    stands = [(20 * k, 20 * k + 9) for k in range(len(at))]
    x = np.interp(np.arange(20 * len(at) - 10), np.ravel(stands), np.repeat(at, 2))
    return Foot(x[:, None] * [1.0, 0.0, 0.0], np.array([0.0, 0.0, 1.0]), stands, [])


def test_last_step_that_leads_nowhere_is_no_loop() -> None:
    rng = np.random.default_rng(1)
    assert max(len(find_loops(to_and_fro(rng.normal(0.0, 0.05, 6)))) for _ in range(40)) == 5
