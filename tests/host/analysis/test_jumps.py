"""Jumps and hops: every one counted, its height inside its interval, and none where there is none."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from distal.analysis.session import analyze
from distal.errors import DataError
from distal.model import Facts, SessionReport, Track
from distal.units import G
from distal.validate.athletes import feel
from distal.virtual.motion import Jumps, Performance, Run, Script, Stand, Walk

SETS = {
    "countermovement jumps": Jumps("jump", reps=4, height_m=0.28, crouch_m=0.01),
    "squat jumps": Jumps("jump", reps=3, height_m=0.22, held_s=1.5),
    "hops on both legs": Jumps("hop", reps=9, height_m=0.09),
    "hops on the left leg": Jumps("hop", reps=8, height_m=0.07, side="left"),
}


def perform(*movements: Any) -> Performance:
    return Script([Stand(3.0), *movements, Stand(3.0)]).perform()


def report_of(performance: Performance) -> SessionReport:
    return analyze(feel(performance, 1), Facts())


@pytest.mark.parametrize("kind", SETS)
def test_every_jump_is_a_rep_and_its_height_lies_in_its_interval(kind: str) -> None:
    jumps = SETS[kind]
    performance = perform(jumps)
    report = report_of(performance)
    (one,) = report.sets
    assert (one.exercise, one.side, len(one.reps)) == (jumps.code, jumps.side, jumps.reps)
    exact = performance.truth()["jumps"]
    assert len(report.jumps) == len(exact)
    for mine, true in zip(report.jumps, exact, strict=True):
        assert mine.takeoff_s == pytest.approx(true["takeoff_s"], abs=0.04)
        assert mine.height_m.low <= true["height_m"] <= mine.height_m.high
        assert (mine.contact_s is None) == (true["contact_s"] is None)


def test_a_hop_is_surer_to_the_side_on_which_a_ringing_strap_does_not_err() -> None:
    report = report_of(perform(Jumps("hop", reps=6, height_m=0.09)))
    for one in report.jumps[1:]:
        assert one.contact_s is not None
        assert one.flight_s.value - one.flight_s.low > one.flight_s.high - one.flight_s.value
        assert one.contact_s.high - one.contact_s.value > one.contact_s.value - one.contact_s.low
    (single, *_) = report_of(perform(Jumps(reps=1))).jumps
    assert single.flight_s.high - single.flight_s.low < 0.02


def test_jumps_between_two_walks_are_jumps_and_the_walks_stay_walks() -> None:
    performance = perform(Walk(8.0), Jumps(reps=3), Walk(8.0))
    report = report_of(performance)
    assert [len(one.reps) for one in report.sets] == [3]
    assert len(report.bouts) == 2
    truth = performance.truth()["steps"]
    assert [len(report.steps[side]) for side in ("left", "right")] == [
        pytest.approx(len(truth[side]), abs=1) for side in ("left", "right")
    ]


def test_a_walk_and_a_run_have_no_jumps() -> None:
    report = report_of(perform(Walk(8.0), Run(10.0), Walk(8.0)))
    assert report.jumps == ()
    assert report.sets == ()


def test_hole_in_a_series_of_hops_loses_the_hops_in_it_at_most() -> None:
    performance = perform(Jumps("hop", reps=14, height_m=0.09))
    inside = [x for x in performance.truth()["jumps"] if x["landing_s"] > 5.5 and x["takeoff_s"] < 8.5]
    report = analyze([_with_hole(track, 6.0, 8.0) for track in feel(performance, 1)], Facts())
    reps = sum(len(one.reps) for one in report.sets)
    assert 14 - len(inside) <= reps <= 14
    assert {one.exercise for one in report.sets} == {"hop"}


def test_foot_that_is_held_up_while_the_other_hops_takes_no_step() -> None:
    report = report_of(perform(SETS["hops on the left leg"]))
    assert report.steps["right"] == ()


def test_soft_landing_amid_hops_is_a_hop() -> None:
    performance = perform(Jumps("hop", reps=9, height_m=0.09))
    lands = performance.truth()["jumps"][4]["landing_s"]
    soft = [_softened(track, lands) for track in feel(performance, 1)]
    assert [len(one.reps) for one in analyze(soft, Facts()).sets] == [9]


def _softened(track: Track, lands_s: float) -> Track:
    """With no more than 2 g around a landing."""
    acc = track.acc.copy()
    rows = slice(*(int((lands_s + edge) * track.time.rate_hz) for edge in (-0.02, 0.15)))
    size = np.linalg.norm(acc[rows], axis=1, keepdims=True)
    acc[rows] *= np.minimum(1.0, 2.0 * G / size)
    return replace(track, acc=acc)


def test_hop_that_one_cuff_lost_is_told_by_the_other() -> None:
    performance = perform(Jumps("hop", reps=9, height_m=0.09))
    one = performance.truth()["jumps"][4]
    left, right = feel(performance, 1)
    holed = _with_hole(left, one["takeoff_s"] - 0.05, one["landing_s"] + 0.05)
    assert [len(one.reps) for one in analyze([holed, right], Facts()).sets] == [9]


def _with_hole(track: Track, low: float, high: float) -> Track:
    gyr, acc = track.gyr.copy(), track.acc.copy()
    rows = slice(int(low * track.time.rate_hz), int(high * track.time.rate_hz))
    gyr[rows] = acc[rows] = np.nan
    return replace(track, gyr=gyr, acc=acc)


def test_jumps_of_an_unknown_kind_are_refused_with_those_that_are_known() -> None:
    with pytest.raises(DataError, match="jump, hop"):
        Jumps(3)  # type: ignore[arg-type]
