"""The virtual cuff's flash: NOR semantics, the firmware's ring on it, power cuts by the rig."""

import asyncio
import math
from pathlib import Path

import numpy as np
import pytest

from distal.model import FloatArray
from distal.recover import read_dump
from distal.virtual.nor import NorFlash, PowerCut


class Still:
    """Lying on a table."""

    duration_s = 3600.0

    def sample(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        return np.zeros((len(t), 3)), np.tile([0.0, 0.0, 9.81], (len(t), 1))


SCRIPT = Path(__file__).parent / "cuff_scripts" / "keeper.py"


def test_programming_clears_bits_and_only_an_erase_sets_them() -> None:
    flash = NorFlash(8192)
    flash.writeblocks(0, b"\xf0", 10)
    flash.writeblocks(0, b"\x3c", 10)
    assert flash.data[10] == 0x30
    flash.ioctl(6, 0)
    assert flash.data == b"\xff" * 8192
    assert flash.erases == [1, 0]


def test_write_without_offset_erases_first() -> None:
    flash = NorFlash(8192)
    flash.writeblocks(1, bytes(4096), 0)
    flash.writeblocks(1, b"\x55" * 4096)
    assert flash.data[4096:] == b"\x55" * 4096
    assert flash.erases == [0, 1]


@pytest.mark.parametrize("cut", [0, 1, 100, 255])
def test_cut_write_leaves_a_prefix_and_part_of_one_byte(cut: int) -> None:
    flash = NorFlash(4096)
    flash.cut_in = cut
    with pytest.raises(PowerCut):
        flash.program(0, bytes(256))
    assert flash.data[:cut] == bytes(cut)
    assert flash.data[cut + 1 :] == b"\xff" * (4095 - cut)
    flash.program(0, b"\0")  # the power is back


def test_cut_erase_leaves_no_bit_cleared_that_was_set() -> None:
    flash = NorFlash(4096)
    flash.program(0, b"\x5a" * 4096)
    flash.cut_in = 1000
    with pytest.raises(PowerCut):
        flash.erase(0)
    assert flash.data[:1000] == b"\xff" * 1000
    assert all(byte & 0x5A == 0x5A for byte in flash.data)
    assert len(set(flash.data[1000:])) > 4


def test_nothing_lies_outside() -> None:
    flash = NorFlash(4096)
    with pytest.raises(OSError, match="22"):
        flash.readblocks(0, bytearray(2), 4095)


@pytest.mark.usefixtures("micropython")
def test_ring_of_a_virtual_cuff_outlives_a_power_cut_in_a_write() -> None:
    pytest.importorskip("bumble")
    from distal.virtual.clockloop import run
    from distal.virtual.rig import CuffSetup, VirtualRig

    async def main() -> None:
        setup = CuffSetup(Still(), script=SCRIPT)
        async with VirtualRig([setup]) as rig:
            (cuff,) = rig.cuffs
            await asyncio.sleep(20)
            cuff.cut_power_in(700)
            await asyncio.sleep(2)
            assert not cuff.interpreter.is_running
            assert cuff.flash.nor
            before = read_dump(bytes(cuff.flash.nor.data))
            assert before.samples >= 18 * 200
            assert len(before.damage) == 1
            cuff.power_on()
            await asyncio.sleep(5)
            after = read_dump(bytes(cuff.flash.nor.data))
            assert after.streams[0].boot == before.streams[0].boot
            assert after.streams[0].packets == before.streams[0].packets
            assert after.streams[1].samples > 18 * 40
            assert after.cuff == cuff.cuff
            assert "mounted 384" in cuff.interpreter.console()

    run(main(), math.inf)
