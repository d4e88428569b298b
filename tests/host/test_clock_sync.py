"""Left against right: seeded arrivals with known truth, jumps of the host's clock, bent time bases."""

import numpy as np
import pytest
from tests.arrivals import Air, Cuff, Message, compare, heard_by_one_host, pair, span_of

from distal.clock.anchors import on_events
from distal.clock.course import Course
from distal.clock.crystal import Crystal
from distal.clock.edges import line_between
from distal.clock.host import Eras
from distal.clock.hull import Line
from distal.clock.sync import LegClock, Placed, receipt, timebase
from distal.model import Timebase


@pytest.mark.parametrize("interval_s", [0.0075, 0.015, 0.030, 0.045])
def test_ten_minutes_of_packets_put_left_and_right_within_a_quarter_millisecond(interval_s: float) -> None:
    runs = [compare(pair(seed, Air(interval_s=interval_s))) for seed in (1,)]
    rms = np.sqrt(np.mean([np.mean(error**2) for error, _ in runs]))
    assert rms <= 0.25
    for error, found in runs:
        assert np.quantile(np.abs(error), 0.95) <= found.p95_ms
        assert found.method.endswith("IMU by crystal")


def test_without_the_crystal_and_without_host_delay_it_holds_as_well() -> None:
    error, found = compare(pair(3, Air(crystal=False, host_ms=0.0, imu_skew=0.0)))
    assert np.sqrt(np.mean(error**2)) <= 0.45
    assert np.quantile(np.abs(error), 0.95) <= found.p95_ms
    assert "crystal" not in found.method


def session_clock(part: list[Message], *steps: tuple[float, float]) -> tuple[Course, Eras]:
    """Cuff time -> session time, of one cuff alone."""
    (fit,), eras = heard_by_one_host([part], steps)
    return eras.session(fit.courses()), eras


@pytest.mark.parametrize("by_s", [-90.0, 3600.0])
def test_a_host_clock_that_jumped_is_taken_out_on_both_legs_alike(by_s: float) -> None:
    error, _ = compare(pair(4, Air(seconds=300.0)), (140.0, by_s))
    assert np.abs(error).max() < 1.5


def test_a_jump_leaves_session_time_even() -> None:
    cuff = Cuff(np.random.default_rng(5), Air(seconds=300.0, wander_ppm=0.0))
    clock, eras = session_clock(cuff.messages(), (150.0, 1000.0))
    assert eras.jumps == pytest.approx((1000.0,), abs=2e-3)
    base = timebase(LegClock({7: clock}), [span_of(cuff)])
    before, after = (base.seconds(span_of(cuff).row(float(cuff.clock(np.array(t))))) for t in (100.0, 250.0))
    assert after - before == pytest.approx(150.0, abs=5e-3)


@pytest.mark.parametrize("by_s", [-0.25, 37.1])
def test_a_jump_while_one_cuff_was_off_holds_for_its_next_boot(by_s: float) -> None:
    left, right = pair(11, Air(seconds=40.0))
    parts = [left.messages(), right.messages((-1.0, 18.0)), right.messages((23.0, 50.0))]
    fits, eras = heard_by_one_host(parts, [(20.0, by_s)])
    clocks = [eras.session(fit.courses()) for fit in fits]
    for t, boot in ((9.0, 1), (30.0, 2)):
        x = [float(cuff.clock(np.array(t))) for cuff in (left, right)]
        assert clocks[0].host_s(x[0]) - clocks[boot].host_s(x[1]) == pytest.approx(0.0, abs=6e-3)


def test_a_cuffs_own_jump_parts_no_legs() -> None:
    """Its clock went back by 5 s at once: to the host that looks like its own."""
    left, right = pair(12, Air(seconds=40.0))
    left.x = np.where(left.t > 20.0, left.x - 5.0, left.x)
    fits, eras = heard_by_one_host([left.messages(), right.messages()])
    assert eras.jumps == pytest.approx((0.0,), abs=6e-3)
    x = left.clock(np.array(30.0)) - 5.0, right.clock(np.array(30.0))
    one, other = (eras.session(fit.courses()).host_s(float(at)) for fit, at in zip(fits, x, strict=True))
    assert one == pytest.approx(other, abs=6e-3)


@pytest.mark.parametrize("by_s", [-0.3, 0.4, 25.0])
def test_a_lone_cuff_tells_a_jump_of_the_hosts_clock_from_time(by_s: float) -> None:
    cuff = Cuff(np.random.default_rng(13), Air(seconds=14.0, wander_ppm=0.0))
    clock, eras = session_clock(cuff.messages(), (8.0, by_s))
    x = cuff.clock(np.array([5.0, 11.0])).tolist()
    assert clock.host_s(x[1]) - clock.host_s(x[0]) == pytest.approx(6.0, abs=6e-3)
    assert eras.jumps == pytest.approx([by_s], abs=0.02)


@pytest.mark.parametrize("at_s", [1.5, 10.2])
def test_a_step_right_after_the_begin_and_right_before_the_end_of_a_boot_is_seen(at_s: float) -> None:
    """Before the crystal is known; and with 1.8 s to go."""
    cuff = Cuff(np.random.default_rng(21), Air(seconds=14.0, interval_s=0.045, wander_ppm=0.0))
    clock, eras = session_clock(cuff.messages((-1.0, 12.0)), (at_s, 27.7))
    assert eras.jumps == pytest.approx([27.7], abs=0.05)
    x = cuff.clock(np.array([1.0, 11.5])).tolist()
    assert clock.host_s(x[1]) - clock.host_s(x[0]) == pytest.approx(10.5, abs=0.05)


def test_packets_that_wait_out_a_lost_link_are_no_jump() -> None:
    cuff = Cuff(np.random.default_rng(14), Air(seconds=40.0, wander_ppm=0.0))
    for at in (8.0, 20.0, 30.0):
        away = (cuff.a > at) & (cuff.a < at + 4.5)
        cuff.a[away] = at + 4.5 + np.arange(away.sum()) * 2.5e-3
    assert len(cuff.fit().courses()) == 1


def test_the_receipt_tells_offset_and_drift_between_the_clocks() -> None:
    air = Air(seconds=300.0, crystal=False, imu_skew=0.0, wander_ppm=0.0)
    cuffs = pair(6, air)
    _, found = compare(cuffs)
    late = np.array([10.0, 290.0])
    left, right = (cuff.clock(late) for cuff in cuffs)
    assert found.drift_ppm == pytest.approx((np.ptp(right) / np.ptp(left) - 1) * 1e6, abs=6.0)
    assert found.offset_s == pytest.approx(0.0, abs=0.1)
    assert found.span_s == pytest.approx(294.0, abs=3.0)


def test_one_leg_has_no_receipt() -> None:
    cuff = Cuff(np.random.default_rng(1), Air(seconds=30.0))
    fit = cuff.fit()
    assert receipt({"left": Placed(LegClock({7: fit.courses()[0]}), [span_of(cuff)], 1, True)}) is None


def test_arrivals_go_back_to_their_events_and_never_before() -> None:
    rng = np.random.default_rng(8)
    event = 3.0 + 0.030 * np.unique(rng.integers(0, 500, 200))
    is_stamp = rng.random(len(event)) < 0.3
    late = np.abs(rng.normal(0, 0.6e-3, len(event)))
    found = on_events(event + late, is_stamp)
    assert found.rhythm is not None
    assert found.rhythm.interval_s == pytest.approx(0.030)
    assert found.is_sure.mean() > 0.95
    assert np.abs(found.host_s - event)[found.is_sure].max() < 0.2e-3


@pytest.mark.parametrize("skew", [-60e-6, 0.0, 120e-6])
def test_the_rhythm_is_followed_whatever_comes_behind_what_in_an_event(
    rng: np.random.Generator, skew: float
) -> None:
    """Short ones lie 0.7 ms after their event or 2.4 ms behind a long one, now and then more often."""
    event = 0.045 * np.unique(rng.integers(0, 330, 160)) * (1 + skew)
    is_stamp = rng.random(len(event)) < 0.5
    behind = rng.random(len(event)) < np.where(event < 7.0, 0.1, 0.6)
    late = np.where(is_stamp, 0.7e-3 + 2.4e-3 * behind, 2.4e-3)
    found = on_events(event + late, is_stamp)
    off = found.event_s - event
    assert np.ptp(off) < 0.25e-3
    assert found.rhythm is not None
    assert found.rhythm.skew == pytest.approx(skew, abs=12e-6)


def test_packets_that_come_evenly_by_themselves_are_no_grid() -> None:
    even = np.arange(200) * 0.08625
    found = on_events(even, np.zeros(200, bool))
    assert found.rhythm is None
    assert np.array_equal(found.host_s, even)


def test_the_crystal_is_followed_over_its_wrap() -> None:
    crystal = Crystal()
    for second in range(120):
        crystal.add(second * 1.02, (2**32 - 60_000_000 + second * 1_000_000) % 2**32)
    slope, _ = crystal.line()
    assert slope == pytest.approx(1 / 1.02, abs=1e-9)
    assert crystal.seconds(119 * 1.02) - crystal.seconds(100 * 1.02) == pytest.approx(19.0, abs=1e-6)


def test_an_interrupted_moment_is_left_out() -> None:
    crystal = Crystal()
    for second in range(30):
        crystal.add(float(second), second * 1_000_000 + (8000 if second == 17 else 0))
    assert crystal.seconds(15.0) == pytest.approx(15.0, abs=5e-6)


@pytest.mark.parametrize("joins", [True, False])
def test_a_message_behind_others_of_its_event_is_read_as_the_radio_does_it(
    rng: np.random.Generator, joins: bool
) -> None:
    """A third of them comes behind a long one: ready up to 2.5 ms after the event began, or before it."""
    interval_s, at = 0.045, np.linspace(0.0, 400.0, 4000)
    turn_s = np.where(rng.random(4000) < 0.33, 2.5e-3, 0.0)
    most_s = turn_s if joins else 0.0
    wait_s = rng.uniform(-most_s, interval_s, 4000)
    stamps = np.column_stack([at, wait_s, wait_s + turn_s, np.full(4000, interval_s)])
    found = line_between(stamps, Line(1e-4, 1.0), 150e-6)
    assert found is not None
    assert found.line.host_s(200.0) - 200.0 == pytest.approx(0.0, abs=0.05e-3)


def test_a_bent_time_base_is_its_own_inverse() -> None:
    base = Timebase(0.0, 100.0, ((0.0, 0.0), (100.0, 1.0), (200.0, 2.5), (300.0, 3.5)))
    for index in (-10.0, 0.0, 50.0, 100.0, 137.0, 250.0, 320.0):
        assert base.index(base.seconds(index)) == pytest.approx(index)
    assert base.seconds(150.0) == pytest.approx(1.75)
    assert base.seconds(400.0) == pytest.approx(4.5)


def test_the_same_arrivals_give_the_same_clock_to_the_bit() -> None:
    cuff = Cuff(np.random.default_rng(9), Air(seconds=90.0))
    one, other = cuff.fit(), cuff.fit()
    other.courses()  # looking changes nothing
    assert all(
        np.array_equal(a.at_host_s, b.at_host_s) for a, b in zip(one.courses(), other.courses(), strict=True)
    )


def test_messages_that_all_waited_long_give_no_line_between_edges(rng: np.random.Generator) -> None:
    """As after an outage over a bad radio: nothing came near the event it was meant for."""
    interval_s = 0.03
    delays = interval_s * (5.0 + 20.0 * rng.random(40))
    delays[7] = 0.4 * interval_s
    stamps = np.column_stack([np.linspace(0.0, 25.0, 40), delays, delays, np.full(40, interval_s)])
    assert line_between(stamps, Line(0.0, 1.0), 150e-6) is None
