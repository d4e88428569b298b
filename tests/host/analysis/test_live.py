"""The live view of a leg: angle without delay, the cue, the count, the load so far; cheap at any length."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from tracks import any_mounting, make_track, rep_angle, swing_limb, virtual_tracks

from distal.analysis.live import LegLive
from distal.analysis.live_angle import RATE, SHOWN_S, AngleWatch
from distal.analysis.live_phase import PhaseWatch
from distal.analysis.session import LiveSummary, SessionAnalysis
from distal.model import Facts, SessionReport, Track
from distal.virtual.motion import Athlete, Reps, Script, Stand, Walk

FACTS = Facts(mass_left_kg=1.0, mass_right_kg=1.0, height_m=1.75)
LEVER_M = 0.246 * 1.75 - 0.08
KNEE = "seated_knee_extension"


def watch(
    tracks: list[Track], facts: Facts = FACTS, every: int = 21
) -> tuple[list[LiveSummary], SessionReport]:
    session = SessionAnalysis(facts, {track.side: track.time.rate_hz for track in tracks})
    times = {track.side: track.time for track in tracks}
    seen = []
    for low in range(0, len(tracks[0].gyr), every):
        for track in tracks:
            rows = slice(low, low + every)
            session.update(track.side, track.gyr[rows], track.acc[rows], track.clipped[rows])
        seen.append(session.live(times))
    return seen, session.finish(times)


@pytest.fixture(scope="module")
def both() -> tuple[list[LiveSummary], SessionReport]:
    """A walk, then four knee extensions with the right leg, then three with the left."""
    moves = [
        Stand(3.0),
        Walk(12.0, cadence_spm=104),
        Stand(1.0),
        Reps(KNEE, reps=4, side="right"),
        Reps(KNEE, reps=3, side="left"),
        Stand(13.0),
    ]
    return watch(virtual_tracks(Script(moves, "test").perform(Athlete())))


def angles(watcher: AngleWatch) -> tuple[np.ndarray, np.ndarray]:
    at, degrees = np.array(watcher.look()).T
    return at, degrees


@pytest.mark.parametrize("rate_hz", [52.0, 104.0, 208.0])
def test_angle_follows_a_hinged_limb(rate_hz: float) -> None:
    truth = rep_angle(rate_hz, 2, 1.4)
    gyr, acc = swing_limb(truth, rate_hz, LEVER_M)
    watcher = AngleWatch(rate_hz)
    watcher.keep(gyr[: int(11 * rate_hz)], acc[: int(11 * rate_hz)])
    at, found = angles(watcher)
    wanted = np.degrees(np.interp(at, np.arange(len(truth)), truth))
    assert np.abs(found - wanted).max() < 6.0
    assert np.abs(found - wanted).mean() < 1.5


def test_angle_is_the_same_however_often_somebody_looks() -> None:
    gyr, acc = swing_limb(rep_angle(100.0, 1, 1.2), 100.0, LEVER_M)
    often, once = AngleWatch(100.0), AngleWatch(100.0)
    found = []
    for low in range(0, 800, 7):
        often.keep(gyr[low : low + 7], acc[low : low + 7])
        found += often.look()
    once.keep(gyr[:805], acc[:805])
    assert found == once.look()


def test_missing_samples_are_a_hole_in_the_angle() -> None:
    gyr, acc = swing_limb(rep_angle(100.0, 1, 1.2), 100.0, LEVER_M)
    gyr[300:400], acc[300:400] = np.nan, np.nan
    watcher = AngleWatch(100.0)
    watcher.keep(gyr, acc)
    at, _ = angles(watcher)
    assert not ((at > 302) & (at < 398)).any()
    assert watcher.shown()[-1][0] > 700


def test_only_the_last_seconds_are_kept() -> None:
    watcher = AngleWatch(100.0)
    rows = np.tile([-9.81, 0.0, 0.0], (100, 1))
    for _ in range(600):
        watcher.keep(np.zeros((100, 3)), rows)
    watcher.look()
    assert len(watcher.shown()) == int(SHOWN_S * RATE)
    assert sum(map(len, watcher._rows)) <= 13 * 100


def phases_of(points: list[tuple[float, float]]) -> list[str | None]:
    watcher, seen = PhaseWatch(), []
    for point in points:
        watcher.update([point])
        if not seen or seen[-1] != watcher.phase:
            seen.append(watcher.phase)
    return seen


def course(*legs: tuple[float, float]) -> list[tuple[float, float]]:
    """Straight ways: (degrees to reach, s it takes) at RATE."""
    t, angle, out = 0.0, 0.0, [(0.0, 0.0)]
    for goal, length_s in legs:
        n = round(length_s * RATE)
        out += [(t + (k + 1) / RATE, angle + (goal - angle) * (k + 1) / n) for k in range(n)]
        t, angle = t + n / RATE, goal
    return out


def test_cue_is_lift_hold_lower_and_then_nothing() -> None:
    assert phases_of(course((0, 2), (80, 1.5), (80, 2), (0, 1.5), (0, 2))) == [
        None,
        "lift",
        "hold",
        "lower",
        None,
    ]


def test_a_stop_on_the_way_up_is_no_hold_of_the_rep() -> None:
    watcher = PhaseWatch()
    watcher.update(course((0, 2), (50, 1), (50, 0.6), (85, 1)))
    assert [phase for phase, _ in watcher.marks] == ["lift"]
    assert watcher.marks[0][1] == pytest.approx(2.0, abs=0.2)


def test_a_leg_that_lies_still_is_not_held_for_ever() -> None:
    assert phases_of(course((0, 1), (90, 2), (90, 20)))[-1] is None


def test_steps_give_no_cue_after_the_first() -> None:
    swing = [(30.0, 0.35), (0.0, 0.4)] * 8
    seen = phases_of(course((0, 1), *swing))
    assert seen.count("lift") == 1


def test_count_names_the_rep_being_done(both: tuple[list[LiveSummary], SessionReport]) -> None:
    seen, report = both
    right, left = ([(one, live.legs[side]) for live in seen for one in [live]] for side in ("right", "left"))
    for side, rows in (("right", right), ("left", left)):
        reps = next(one.reps for one in report.sets if one.side == side)
        for number, rep in enumerate(reps, 1):
            at = rep.top_s
            leg: LegLive = min(rows, key=lambda row: abs(row[1].angle[-1][0] - at) if row[1].angle else 1e9)[
                1
            ]
            if side == "right" and number == 1:
                continue  # the walk before it ended a moment ago
            assert leg.count == number, (side, number)


def test_session_ends_with_every_rep_and_the_load_of_the_report(
    both: tuple[list[LiveSummary], SessionReport],
) -> None:
    seen, report = both
    last = seen[-1]
    assert last.reps == {"left": 3, "right": 4}
    for side in ("left", "right"):
        loads = [rep.load for one in report.sets if one.side == side for rep in one.reps]
        found = last.legs[side].load_nms
        assert found is not None
        assert found.n == len(loads)
        assert found.value == pytest.approx(sum(load.impulse_nms or 0.0 for load in loads), rel=0.1)
        assert found.low < found.value < found.high


def test_walking_is_said_and_has_no_cue(both: tuple[list[LiveSummary], SessionReport]) -> None:
    walking = [live for live in both[0] if live.is_walking]
    assert 8.0 < len(walking) * 21 / 208.0 < 20.0
    assert all(leg.phase is None for live in walking for leg in live.legs.values())
    assert walking[-1].cadence_spm == pytest.approx(104, abs=3)


def test_angle_of_the_view_is_near_the_reports_course(both: tuple[list[LiveSummary], SessionReport]) -> None:
    seen, report = both
    points = dict(point for live in seen for point in live.legs["right"].angle)
    one = next(one for one in report.sets if one.side == "right")
    t, degrees = np.array(one.trace[0]).T
    shown = np.array([[at, deg] for at, deg in points.items() if one.start_s < at < one.end_s])
    off = shown[:, 1] - np.interp(shown[:, 0], t, degrees + 90.0)
    assert np.abs(off).mean() < 3.0


def test_moment_of_a_leg_held_level_is_weight_times_lever() -> None:
    truth = np.full(600, math.pi / 2)
    gyr, acc = swing_limb(truth, 100.0, LEVER_M)
    seen, _ = watch([make_track(gyr, acc, 100.0)])
    moment = seen[-1].legs["right"].moment_nm
    assert moment is not None
    assert moment.value == pytest.approx(1.0 * 9.80665 * LEVER_M, rel=1e-3)
    assert moment.low < moment.value < moment.high


@pytest.mark.parametrize("missing", ["mass_right_kg", "height_m"])
def test_load_is_not_known_without_mass_or_height(missing: str) -> None:
    gyr, acc = swing_limb(rep_angle(100.0, 1, 1.4), 100.0, LEVER_M)
    seen, _ = watch([make_track(gyr, acc, 100.0)], replace(FACTS, **{missing: None}))  # type: ignore[arg-type]
    leg = seen[-1].legs["right"]
    assert leg.moment_nm is None
    assert leg.load_nms is None


def test_a_strange_mounting_is_known_after_the_first_set() -> None:
    turn = any_mounting(3)
    gyr, acc = swing_limb(rep_angle(100.0, 4, 1.4, times=(1.2, 1.0, 1.4, 1.0)), 100.0, LEVER_M, turn)
    rest = np.tile(acc[-1], (600, 1))
    gyr, acc = np.concatenate([gyr, np.zeros((600, 3))]), np.concatenate([acc, rest])
    seen, _ = watch([make_track(gyr, acc, 100.0)])
    assert seen[-1].legs["right"].angle[-1][1] < 12.0
    assert [round(rep.top_deg, -1) for rep in seen[-1].legs["right"].reps] == [80.0] * 4


@pytest.mark.slow
def test_a_long_set_is_counted_in_parts() -> None:
    """The samples that a look goes through do not grow with the set."""
    gyr, acc = swing_limb(rep_angle(100.0, 24, 1.4, times=(1.0, 0.5, 1.2, 0.8)), 100.0, LEVER_M)
    still = np.zeros((1500, 3))
    gyr, acc = np.concatenate([gyr, still]), np.concatenate([acc, np.tile(acc[-1], (1500, 1))])
    seen, report = watch([make_track(gyr, acc, 100.0)], every=50)
    counts = [live.legs["right"].count for live in seen]
    assert [len(one.reps) for one in report.sets] == [24]
    assert max(counts) == 24
    assert all(after >= before - 1 for before, after in itertools.pairwise(counts))
