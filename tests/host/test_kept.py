"""When a kept session was: readings of clocks carried back, by hand and with simulated crystals."""

import math

import numpy as np
import pytest

from distal.analysis.apart import without_unsure
from distal.clock.kept import (
    CRYSTALS,
    PACE,
    SWING,
    WALL_S,
    Anchor,
    from_dict,
    ticks_since,
    to_dict,
    with_walls,
)
from distal.joining import Shelved, Stretch, home_of
from distal.link.base import Kept, KeptSession
from distal.meeting import Meeting
from distal.model import (
    Bout,
    Coordination,
    Estimate,
    Received,
    SessionReport,
    Side,
    Spread,
    SyncReceipt,
)
from distal_wire import parse, spec

HZ = spec.CLOCK_HZ
HOUR = 3600


def anchor(**other: object) -> Anchor:
    """Read 100 s after the session began, at second 1000, by exact clocks."""
    values: dict[str, object] = {
        "zero": 5000,
        "ticks": 100 * HZ,
        "crystal_us": 400_000_000,
        "at_s": 1000.0,
        "error_s": 0.01,
        "pace": 1.0,
        "pace_error": SWING,
        "rate": 0.0,
        "rate_error": 0.0,
        "offset_s": 0.0,
        **other,
    }
    return Anchor(**values)  # type: ignore[arg-type]


def test_the_crystal_tells_where_the_imu_wandered() -> None:
    """An IMU 1 % slow in the session, exact at the meeting: marks put right what is 1 s off without them."""
    zero, length = 0, 99 * HZ  # 100 s of the session are 99 of the IMU's
    marks = [(0, 2**32 - 50_000_000), (length, 50_000_000)]
    read = anchor(zero=zero, ticks=length + 200 * HZ, crystal_us=250_000_000)
    course = read.course(marks, length)
    assert course.at_host_s.tolist() == pytest.approx([700.0, 800.0])
    assert read.course([], length).at_host_s.tolist() == pytest.approx([701.0, 800.0])
    assert course.kept


def test_a_wrong_mark_is_left_out() -> None:
    marks = [(0, 300_000_000), (50 * HZ, 123), (99 * HZ, 399_000_000)]
    course = anchor().course(marks, 99 * HZ)
    assert course.at_host_s.tolist() == pytest.approx([900.0, 999.0])


def test_how_sure_it_is_falls_with_the_time_that_passed() -> None:
    """40 ppm of the IMU, 30 of the crystals; a crystal's warmth is 5, nothing in minutes."""
    for age_s, exact in ((600, False), (3 * HOUR, False), (3 * HOUR, True)):
        us = (age_s * 1_000_000) % 2**32 if exact else None
        read = anchor(ticks=age_s * HZ, crystal_us=us, rate_error=0.0 if exact else CRYSTALS, error_s=0.0)
        error_s = read.course([(0, 0)] if exact else [], HZ).error_s[0]
        by_imu = math.sqrt(2) * SWING
        expected = 5e-6 * age_s if exact else math.hypot(CRYSTALS, by_imu) * age_s
        assert error_s == pytest.approx(expected, rel=0.02), age_s


def test_after_a_restart_the_marks_tell_how_fast_the_clock_ran() -> None:
    """Nothing was read at the meeting: without marks the pace is 1 % unsure."""
    read = anchor(crystal_us=None, pace_error=PACE, error_s=0.0)
    marks = [(0, 0), (50 * HZ, 50_500_000)]
    assert read.course(marks, 50 * HZ).at_host_s.tolist() == pytest.approx([899.0, 949.5])
    assert read.course(marks, 50 * HZ).error_s[1] < 0.003
    assert read.course([], 50 * HZ).error_s[1] == pytest.approx(0.5, rel=0.01)


def test_another_first_sample_moves_nothing() -> None:
    read = anchor()
    assert read.shifted(5000 + 10 * HZ).begin()[0] == pytest.approx(read.begin()[0] + 10.0)
    assert read.shifted((5000 - HZ) % 2**32).begin()[0] == pytest.approx(read.begin()[0] - 1.0)
    assert from_dict(to_dict(read)) == read


def test_marks_come_in_order_once_and_over_the_wrap() -> None:
    readings = [(HZ, 7), (2**32 - HZ, 5), (HZ, 7), (0, 6)]
    assert ticks_since(2**32 - 2 * HZ, readings) == [(HZ, 5), (3 * HZ, 7)]


def test_two_wall_clocks_are_less_sure_than_one() -> None:
    """The same computer, awake, its clock slewed by 10 ms; or another day."""
    near = with_walls({"a": [anchor(offset_s=5.0)], "b": [anchor(offset_s=5.01)]})
    far = with_walls({"a": [anchor(offset_s=5.0)], "b": [anchor(offset_s=7.0)]})
    assert math.hypot(*(found[0].error_s for found in near.values())) == pytest.approx(0.0173, rel=0.01)
    assert math.hypot(*(found[0].error_s for found in far.values())) == pytest.approx(WALL_S, rel=0.01)


# ---- a meeting

NOW_S = 5000.0
SESSION = KeptSession(7, 0, 1000, 0, 208, None, is_open=False, is_alone=True, is_released=False)


def kept(boot: int = 7, up_s: int = 20 * HOUR) -> Kept:
    return Kept(boot, up_s, 4096, 0, 0, 0, 0, 0, "motion", 5, ())


def heard(since_s: np.ndarray, clock_s: float, boot: int = 7, skew: float = 0.0) -> Meeting:
    """Moments at seconds after NOW_S, `clock_s` on the cuff's clock at NOW_S; each up to 20 ms late."""
    meeting, late = Meeting(), np.random.default_rng(3).uniform(0, 0.02, len(since_s))
    for since, delay in zip(since_s.tolist(), late.tolist(), strict=True):
        clock = round((clock_s + since * (1 + skew)) * HZ) % 2**32
        us = round((clock_s + since) * 1e6) % 2**32
        fields = {"boot": boot, "clock": clock, "crystal_us": us, "presses": 0, "flags": 0}
        meeting.hear(Received("a1", NOW_S + since + delay, parse.build(spec.KIND_MOMENT, **fields)))
    return meeting


@pytest.mark.parametrize("age_s", [60, 10 * HOUR, 40 * HOUR])
def test_a_session_of_this_boot_is_found_over_every_wrap_of_its_clock(age_s: int) -> None:
    """Its age in whole seconds tells which turn of the clock it was, 29.8 h each."""
    clock_s = 100 * HOUR
    session = KeptSession(7, 0, 1000, round((clock_s - age_s) * HZ) % 2**32, 208, age_s, False, True, False)
    found = heard(np.arange(0, 6, 0.15), clock_s).anchor(session, kept(), NOW_S, 1e9)
    assert found
    begin_s, error_s = found.begin()
    assert begin_s == pytest.approx(1e9 + NOW_S - age_s, abs=0.03)
    assert abs(begin_s - (1e9 + NOW_S - age_s)) < 3 * error_s < 8e-5 * age_s * 3 + 0.2


def test_the_clock_of_the_boot_before_bridges_a_restart() -> None:
    meeting = heard(np.arange(0, 6, 0.15), 50.0, boot=8)
    assert meeting.anchor(SESSION, kept(8, 50), NOW_S, 0.0) is None
    origin = parse.build(spec.KIND_ORIGIN, boot=8, before=7, clock=200 * HZ)
    meeting.hear(Received("a1", NOW_S, origin))
    found = meeting.anchor(SESSION, kept(8, 50), NOW_S, 0.0)
    assert found
    assert found.crystal_us is None
    assert found.begin()[0] == pytest.approx(NOW_S - 250.0, abs=0.03)


def test_without_a_clock_whole_seconds_remain() -> None:
    session = KeptSession(7, 0, 1000, 77, 208, 30, False, True, False)
    found = Meeting().anchor(session, kept(), NOW_S, 0.0)
    assert found
    assert found.begin() == pytest.approx((NOW_S - 30.5, 0.5), abs=0.32)
    assert Meeting().anchor(SESSION, kept(8), NOW_S, 0.0) is None


# ---- whom it joins


def stretch(side: Side, begin_s: float, end_s: float, error_s: float = 0.1, **other: object) -> Stretch:
    values: dict[str, object] = {"cuff": side, "name": f"Anna {side}", "boot": 1, **other}
    return Stretch(side=side, begin_s=begin_s, end_s=end_s, error_s=error_s, **values)  # type: ignore[arg-type]


def shelf(*stretches: Stretch) -> Shelved:
    from pathlib import Path

    return Shelved(Path(f"{stretches[0].cuff}.distal"), stretches)


def test_a_leg_joins_the_other_where_both_surely_overlap() -> None:
    left = shelf(stretch("left", 0, 100))
    assert home_of(stretch("right", 50, 150), "right", [left]) == left.path
    assert home_of(stretch("right", 96, 150), "right", [left]) == "none"
    assert home_of(stretch("right", 50, 150, 30.0), "right", [left]) == "none"
    assert home_of(stretch("left", 50, 150, cuff="b"), "left", [left]) == "none"
    assert home_of(None, "right", [left]) == "time"
    assert home_of(stretch("right", 50, 150), None, [left]) == "side"


def test_a_second_session_follows_the_first_within_two_hours() -> None:
    left, right = stretch("left", 0, 20000), stretch("right", 0, 100)
    again = {"boot": 2}
    assert home_of(stretch("right", 200, 300, **again), "right", [shelf(left, right)]) != "none"
    assert home_of(stretch("right", 9000, 9100, **again), "right", [shelf(left, right)]) == "none"
    later = stretch("right", 200, 300)
    assert home_of(stretch("right", 0, 100, **again), "right", [shelf(left, later)]) == "none"


def test_of_two_wearers_the_name_decides() -> None:
    anna, ben = stretch("left", 0, 100), stretch("left", 0, 100, cuff="b", name="Ben left")
    both = [shelf(anna), shelf(ben)]
    assert home_of(stretch("right", 0, 100, name="Ben right"), "right", both) == both[1].path
    assert home_of(stretch("right", 0, 100, name="Cuff 7"), "right", both) == "many"


# ---- what a report may tell then


@pytest.mark.parametrize(
    ("p95_ms", "heard", "turns", "support", "codes"),
    [
        (9.0, False, True, True, []),
        (40.0, False, False, True, ["legs_unsure"]),
        (60.0, False, False, False, ["legs_far"]),
        (60.0, True, True, True, []),
    ],
)
def test_what_needs_both_legs_on_one_clock_is_told_only_where_they_agree(
    p95_ms: float, heard: bool, turns: bool, support: bool, codes: list[str]
) -> None:
    one = Estimate(1.0, 0.9, 1.1, 20)
    stance: dict[Side, Estimate | None] = {"left": one, "right": one}
    known = Coordination(one, one, "left")
    spread = Spread(one, one, one)
    bout = Bout(0, 60, False, {}, one, one, stance, one, one, one, None, None, None, 0.0, spread, None, known)
    report = SessionReport({}, None, {}, (), {}, (), {}, bouts=(bout,))
    sync = SyncReceipt(0.0, 0.0, 1.0, p95_ms, "", 60.0, {}, heard=heard)
    found = without_unsure(report, sync)
    (left,) = found.bouts
    assert (left.coordination is not None, left.double_support_pct is not None) == (turns, support)
    assert (left.stance_pct, left.cadence_spm) == (bout.stance_pct, bout.cadence_spm)
    assert [notice.code for notice in found.notices] == codes
