"""From the register to the disk: nothing invented, nothing lost without a word."""

import asyncio

import numpy as np
import pytest
from tests.system.conftest import Record, Swing, two_cuffs

from distal.errors import CommandRefused
from distal.virtual.rig import CuffSetup, ImuFaults, RadioFaults, VirtualRig
from distal_wire import batch, spec


def assert_whole(indices: list[np.ndarray], taken: list[int]) -> None:
    """Each sample that the IMU took is there once."""
    for found, count in zip(indices, taken, strict=True):
        assert np.array_equal(np.unique(found), np.arange(count))


def test_every_sample_taken_is_in_the_recording_once(record: Record) -> None:
    outcome = record()
    assert all(count > 8 * 208 for count in outcome.taken)
    assert_whole(outcome.indices(), outcome.taken)
    assert all(len(np.unique(found)) == len(found) for found in outcome.indices())


def test_a_session_is_the_same_byte_for_byte_when_repeated(record: Record) -> None:
    assert record(3.0).packets() == record(3.0).packets()


def test_radio_loss_costs_no_sample(record: Record) -> None:
    outcome = record(faults=RadioFaults(loss=0.3, seed=5))
    assert_whole(outcome.indices(), outcome.taken)


def test_a_leg_out_of_range_for_seconds_costs_no_sample(record: Record) -> None:
    async def walk_away(rig: VirtualRig) -> None:
        await asyncio.sleep(4.0)
        rig.cuffs[0].move_out_of_range()
        await asyncio.sleep(4.5)
        rig.cuffs[0].move_into_range()

    outcome = record(16.0, happen=walk_away, setups=[two_cuffs()[0]])
    assert any("out of reach" in note for note in outcome.notes)
    assert any("is back" in note for note in outcome.notes)
    assert_whole(outcome.indices(), outcome.taken)


def test_a_reboot_begins_a_new_stream_and_the_session_goes_on(record: Record) -> None:
    async def trip(rig: VirtualRig) -> None:
        await asyncio.sleep(6.0)
        rig.cuffs[1].reboot()

    outcome = record(20.0, happen=trip)
    messages = outcome.packets()[sorted(outcome.packets())[1]]
    boots = batch.decode(messages).header["boot"]
    assert len(set(boots.tolist())) == 2
    assert any("is back" in note for note in outcome.notes)


def test_recorded_counts_are_the_motion_to_the_last_bit_but_one(record: Record) -> None:
    quiet = ImuFaults(gyr_noise_mdps=0.0, acc_noise_ug=0.0)
    outcome = record(4.0, setups=[CuffSetup(Swing(), side="left", imu=quiet)])
    decoded = batch.decode(next(iter(outcome.packets().values())))
    t = (np.arange(outcome.taken[0])) * 192 / spec.CLOCK_HZ
    gyr, acc = Swing().sample(t)
    acc_lsb, gyr_lsb = batch.lsb(1, 32, 16)
    wanted = np.hstack([np.degrees(gyr) / gyr_lsb, acc / 9.80665 / acc_lsb])
    assert np.abs(decoded.counts - wanted).max() <= 1.0


def test_a_small_mtu_is_refused_in_words_the_user_can_act_on(record: Record) -> None:
    async def narrow(rig: VirtualRig) -> None:
        rig.backend.terms.mtu = None

    with pytest.raises(CommandRefused, match="packets of 23 bytes") as caught:
        record(2.0, happen=narrow)
    assert caught.value.error == spec.ERROR_SMALL_MTU
    assert caught.value.detail == 23
