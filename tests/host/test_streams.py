"""Packets to rows: every sample once, in order, or its absence stated. Sample i carries i in its counts."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from distal.model import FloatArray, Received
from distal.report.words import words
from distal.streams import Streams
from distal_wire import spec
from distal_wire.parse import build

RATE_HZ = 40000 / 192
START, STOP = spec.COMMAND_START, spec.COMMAND_STOP


def rows_of(streams: Streams, messages: list[Received], at_once: bool = False) -> FloatArray:
    """All rows of the left leg as numbers of samples; NaN for a missing one."""
    groups = [messages] if at_once else [[message] for message in messages]
    parts = [rows for group in groups for _, rows in streams.feed(group)]
    parts += [rows for _, rows in streams.flush()]
    return np.concatenate([rows.gyr[:, 0] for rows in parts]) / np.deg2rad(0.070)


@pytest.fixture
def streams() -> Streams:
    return Streams()


def expected(n: int, *missing: tuple[int, int]) -> FloatArray:
    rows = np.arange(n, dtype=float)
    for start, end in missing:
        rows[start:end] = np.nan
    return rows


def same(found: FloatArray, wanted: FloatArray) -> bool:
    return found.shape == wanted.shape and np.allclose(found, wanted, atol=1e-6, equal_nan=True)


def test_clean_stream_comes_through_whole(streams: Streams, fake_cuff: Any) -> None:
    cuff = fake_cuff()
    assert same(rows_of(streams, [cuff.info(), *cuff.packets(10)]), expected(180))
    state = streams.legs()["left"]
    assert (state.present, state.lost, state.coverage) == (180, 0, 1.0)
    assert streams.notices() == []


def test_counts_become_si_units(streams: Streams, fake_cuff: Any) -> None:
    """1000 counts: 70 deg/s at 2000 dps, 0.976 g at 32 g (DS13607 table 3)."""
    (side, rows), *_ = streams.feed([fake_cuff().packet(1000, count=1)])
    assert side == "left"
    assert rows.gyr[0] == pytest.approx([np.deg2rad(70.0)] * 3)
    assert rows.acc[0] == pytest.approx([0.976 * 9.80665] * 3)
    assert not rows.clipped[0]


@pytest.mark.parametrize("at_once", [True, False])
def test_packed_packets_give_the_same_rows(streams: Streams, fake_cuff: Any, at_once: bool) -> None:
    cuff = fake_cuff()
    packets = [cuff.packet(53 * i, 53, encoding=spec.ENCODING_PACKED) for i in range(12)]
    assert same(rows_of(streams, packets, at_once), expected(636))
    assert streams.legs()["left"].lost == 0


def test_packed_packets_fill_what_raw_ones_left_out(streams: Streams, fake_cuff: Any) -> None:
    """Kept packets come again with other borders: every sample counts once, whichever came first."""
    cuff = fake_cuff()
    packed = [cuff.packet(50 * i, 50, encoding=spec.ENCODING_PACKED) for i in range(2)]
    raw = [cuff.packet(18 * i) for i in (0, 2, 4)]
    rows = rows_of(streams, [raw[0], raw[1], raw[2], packed[1], packed[0]])
    assert same(rows, expected(100))


def test_the_longer_of_two_packets_with_one_beginning_is_kept(streams: Streams, fake_cuff: Any) -> None:
    cuff = fake_cuff()
    both = [cuff.packet(36), cuff.packet(36, 60, encoding=spec.ENCODING_PACKED), cuff.packet(36, 10)]
    rows = rows_of(streams, [cuff.packet(0), *both])
    assert same(rows, expected(96, (18, 36)))
    assert streams.legs()["left"].present == 78


def test_lost_packet_becomes_one_gap(streams: Streams, fake_cuff: Any) -> None:
    packets = fake_cuff().packets(10)
    del packets[4]
    assert same(rows_of(streams, packets), expected(180, (72, 90)))
    assert streams.legs()["left"].coverage == pytest.approx(0.9)
    assert [notice.code for notice in streams.notices()] == ["side_unknown", "stream_gap"]


def test_swapped_packets_are_put_in_order(streams: Streams, fake_cuff: Any) -> None:
    packets = fake_cuff().packets(10)
    packets[3], packets[5] = packets[5], packets[3]
    assert same(rows_of(streams, packets), expected(180))


def test_repeat_changes_nothing(streams: Streams, fake_cuff: Any) -> None:
    packets = fake_cuff().packets(10)
    assert same(rows_of(streams, [*packets, *packets]), expected(180))
    assert streams.legs()["left"].lost == 0


def test_packet_after_its_gap_is_late_live_and_placed_in_index_order(fake_cuff: Any) -> None:
    packets = fake_cuff().packets(20)
    late = [*packets[:3], *packets[4:], packets[3]]
    live = Streams()
    assert same(rows_of(live, late), expected(360, (54, 72)))
    assert "stream_late" in [notice.code for notice in live.notices()]
    assert same(rows_of(Streams(), packets), expected(360))


def test_overlapping_packet_adds_only_what_is_new(streams: Streams, fake_cuff: Any) -> None:
    cuff = fake_cuff()
    packets = [cuff.packet(0, 10), cuff.packet(5, 18), cuff.packet(23, 18)]
    assert same(rows_of(streams, packets), expected(41))


@pytest.mark.parametrize("first", [2**32 - 40, 2**30 - 7])
def test_index_and_clock_wrap_unseen(streams: Streams, fake_cuff: Any, first: int) -> None:
    cuff = fake_cuff(first_index=first, first_clock=2**32 - 10_000)
    assert same(rows_of(streams, cuff.packets(10)), expected(180))
    assert streams.times()["left"].rate_hz == pytest.approx(RATE_HZ)


def test_samples_before_the_first_packet_are_a_gap(streams: Streams, fake_cuff: Any) -> None:
    cuff = fake_cuff(first_index=500)
    messages = [cuff.info(), cuff.answer(START, 500), *cuff.packets(5, start=18)]
    assert same(rows_of(streams, messages), expected(108, (0, 18)))
    assert streams.times()["left"].start_s == 0.0


def test_samples_after_the_last_packet_are_a_gap(streams: Streams, fake_cuff: Any) -> None:
    cuff = fake_cuff()
    messages = [cuff.info(), cuff.answer(START, 0), *cuff.packets(5), cuff.answer(STOP, 100)]
    assert same(rows_of(streams, messages), expected(100, (90, 100)))
    state = streams.legs()["left"]
    assert (state.taken, state.present, state.lost) == (100, 90, 10)


def test_pause_of_sampling_is_a_gap_of_its_length(streams: Streams, fake_cuff: Any) -> None:
    """The index stands still while sampling does, the clock runs on: 192 000 ticks are 4.8 s, 1000 rows."""
    cuff = fake_cuff()
    packets = cuff.packets(5) + [cuff.packet(90 + 18 * i, pause_ticks=192_000) for i in range(5)]
    found = rows_of(streams, packets)
    assert len(found) == 1180
    assert np.isnan(found[90:1090]).all()
    assert found[1090] == pytest.approx(90)
    assert "stream_pause" in [notice.code for notice in streams.notices()]


def test_reboot_goes_on_at_its_place_in_time(streams: Streams, fake_cuff: Any) -> None:
    """New boot, index and clock from 0; arrives 10 s after the first boot's first sample."""
    before, after = fake_cuff(), fake_cuff(boot=8, first_clock=0)
    later = [Received(m.cuff, m.t_host + 10.0, m.data) for m in after.packets(5)]
    found = rows_of(streams, [*before.packets(5), *later])
    assert found[:90] == pytest.approx(np.arange(90))
    again = int(np.flatnonzero(~np.isnan(found[90:]))[0]) + 90
    assert again == pytest.approx(10.0 * RATE_HZ, abs=2)
    assert found[again:] == pytest.approx(np.arange(90))


@pytest.mark.parametrize("clock", [1000, 2**32 - 5 * 192])  # the old clock may wrap while nobody reads it
def test_what_a_reboot_cost_is_exact_where_the_clock_went_on(
    streams: Streams, fake_cuff: Any, clock: int
) -> None:
    """The new boot's packets arrive half a second late: by the host's clock 104 samples more were lost."""
    before, after = fake_cuff(first_clock=clock), fake_cuff(boot=8, first_clock=0)
    values = {"boot": 8, "before": before.boot, "clock": (clock + (90 + 300) * 192) % 2**32}
    origin = Received(before.cuff, 10.0, build(spec.KIND_ORIGIN, **values))
    later = [Received(m.cuff, m.t_host + 10.5, m.data) for m in after.packets(80)]
    found = rows_of(streams, [*before.packets(5), origin, *later])
    assert same(found, np.concatenate([np.arange(90), np.full(300, np.nan), np.arange(80 * 18)]))
    told = next(notice.values for notice in streams.notices() if notice.code == "stream_boot")
    assert (told["lost"], told["sure"]) == (300, 1)


@pytest.mark.parametrize("boot", [99, None])  # one that nobody knows; the one before, whose clock went back
def test_clock_that_cannot_have_gone_on_says_nothing(
    streams: Streams, fake_cuff: Any, boot: int | None
) -> None:
    before, after = fake_cuff(first_clock=1000), fake_cuff(boot=8, first_clock=0)
    origin = Received(before.cuff, 10.0, build(spec.KIND_ORIGIN, boot=8, before=boot or before.boot, clock=0))
    later = [Received(m.cuff, m.t_host + 10.0, m.data) for m in after.packets(5)]
    found = rows_of(streams, [*before.packets(5), origin, *later])
    assert int(np.isnan(found).sum()) + 90 == pytest.approx(10.0 * RATE_HZ, abs=2)


def test_packets_of_the_boot_before_are_late(streams: Streams, fake_cuff: Any) -> None:
    before, after = fake_cuff(), fake_cuff(boot=8, first_clock=0)
    found = rows_of(streams, [*before.packets(5), *after.packets(5), before.packet(90)])
    assert np.nansum(found == 90) == 0


def test_flipped_bit_is_counted_and_left_out(streams: Streams, fake_cuff: Any) -> None:
    packets = fake_cuff().packets(10)
    data = bytearray(packets[4].data)
    data[100] ^= 4
    packets[4] = Received(packets[4].cuff, packets[4].t_host, bytes(data))
    assert same(rows_of(streams, packets), expected(180, (72, 90)))
    assert streams.faults == {"damaged (CRC)": 1}


def test_packet_hours_ahead_is_not_believed(streams: Streams, fake_cuff: Any) -> None:
    cuff = fake_cuff()
    found = rows_of(streams, [*cuff.packets(5), cuff.packet(20_000_000), *cuff.packets(5, start=90)])
    assert np.isnan(found).sum() == 0
    assert "stream_unbelievable" in [notice.code for notice in streams.notices()]


def test_another_rate_is_counted_and_left_out(streams: Streams, fake_cuff: Any) -> None:
    cuff = fake_cuff()
    packets = cuff.packets(3)
    from distal_wire import parse

    fields = dict(parse.parse(packets[2].data))
    fields.pop("_io")
    other = parse.build(fields.pop("kind"), **{**fields, "rate_hz": 104})
    found = rows_of(streams, [*packets[:2], Received(cuff.cuff, 101.0, other)])
    assert same(found, expected(36))
    assert sum(streams.faults.values()) == 1


def test_clock_skew_shows_in_the_rate(streams: Streams, fake_cuff: Any) -> None:
    cuff = fake_cuff(skew=50e-6)
    streams.feed(cuff.packets(300))
    assert streams.times()["left"].rate_hz == pytest.approx(RATE_HZ * (1 + 50e-6), rel=1e-8)


def test_second_zero_is_the_first_sample_of_the_earlier_cuff(streams: Streams, fake_cuff: Any) -> None:
    left = fake_cuff()
    right = fake_cuff(cuff="0f0f0f0f0f0f", side=spec.SIDE_RIGHT)
    later = [Received(m.cuff, m.t_host + 0.25, m.data) for m in right.packets(100)]
    streams.feed([left.info(), right.info(), *left.packets(100), *later])
    times = streams.times()
    assert times["left"].start_s == 0.0
    assert times["right"].start_s == pytest.approx(0.25, abs=1e-6)


def test_two_cuffs_of_one_side_get_one_leg_each(streams: Streams, fake_cuff: Any) -> None:
    streams.feed([fake_cuff(cuff=six * 6).info() for six in ("a1", "b2", "c3")])
    assert {side: leg.cuff for side, leg in streams.legs().items()} == {"left": "a1" * 6, "right": "b2" * 6}
    assert [notice.code for notice in streams.notices()] == ["side_unknown", "extra_cuff"]


def test_given_sides_overrule_the_cuffs(fake_cuff: Any) -> None:
    streams = Streams({"a1b2c3d4e5f6": "right"})
    streams.feed([fake_cuff().info()])
    assert list(streams.legs()) == ["right"]


def test_status_gives_battery_and_what_grew(streams: Streams, fake_cuff: Any) -> None:
    cuff = fake_cuff()
    streams.feed([cuff.info(), cuff.status(lost=100), cuff.status(lost=103, battery_pct=9)])
    assert streams.legs()["left"].battery_pct == 9
    texts = {notice.code: words().notice(notice) for notice in streams.notices()}
    assert "3 samples" in texts["cuff_lost"]
    assert "9 %" in texts["battery_low"]


def test_live_one_by_one_equals_all_at_once(fake_cuff: Any) -> None:
    packets = fake_cuff().packets(40)
    del packets[20:22]
    one, many = rows_of(Streams(), packets), rows_of(Streams(), packets, at_once=True)
    assert one.tobytes() == many.tobytes()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_loss_repeat_and_swap_is_stated_to_the_sample(fake_cuff: Any, data: st.DataObject) -> None:
    packets = fake_cuff().packets(30)
    kept = sorted(data.draw(st.sets(st.integers(0, 29), min_size=1)))
    order = list(kept)
    for at in data.draw(st.lists(st.integers(0, len(order) - 1), max_size=5)):
        order[at : at + 2] = reversed(order[at : at + 2])
    for at in data.draw(st.lists(st.integers(0, len(kept) - 1), max_size=5)):
        order.append(kept[at])
    streams = Streams()
    found = rows_of(streams, [packets[i] for i in order])
    present = found[~np.isnan(found)]
    base = present[0]
    assert np.all(np.diff(present) > 0)
    assert np.allclose(found[~np.isnan(found)], base + np.flatnonzero(~np.isnan(found)), atol=1e-6)
    state = streams.legs()["left"]
    assert state.present == len(present)
    assert state.lost == int(np.isnan(found).sum())


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.lists(st.binary(max_size=260), max_size=5), flip=st.integers(0, 243 * 8), at=st.integers(0, 9))
def test_bytes_from_the_air_never_raise(fake_cuff: Any, junk: list[bytes], flip: int, at: int) -> None:
    packets = fake_cuff().packets(10)
    bad = bytearray(packets[at].data)
    bad[flip // 8] ^= 1 << flip % 8
    messages = [*packets, *(Received("ff", 101.0, data) for data in (*junk, bytes(bad)))]
    streams = Streams()
    rows_of(streams, messages)
    assert sum(streams.faults.values()) >= 1


def test_packet_inside_a_longer_one_adds_nothing(streams: Streams, fake_cuff: Any) -> None:
    """Packets of a fetch are cut at other places than live ones; both wait for the one before them."""
    cuff = fake_cuff()
    parts = [cuff.packet(start, count) for start, count in ((0, 18), (36, 18), (40, 5), (18, 18), (54, 18))]
    assert same(rows_of(streams, [cuff.info(), *parts]), expected(72))
