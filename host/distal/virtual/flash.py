"""The virtual cuff's flash ring on the bus: NOR flash with its times, its wear and its power cuts."""

import errno
import struct
from collections.abc import Callable

from distal.virtual import bus
from distal.virtual.bus import Answer, Port
from distal.virtual.nor import NorFlash, PowerCut

# W25Q64JV, AC characteristics: sector erase 45 ms, 400 at most; page program 0.4 ms, 3 at most.
ERASE_S = 0.045
PAGE_S = 0.0004
READ_S = 20e-6  # of the call; then 40 MHz on two lines
READ_BYTE_S = 0.1e-6
PAGE = 256


class FlashChip:
    """Serves `nor` on the port; the cuff waits as long as the chip takes.

    on_cut  called when the power fails in a write or an erase (`nor.cut_in`), before anything is answered
    """

    def __init__(self, port: Port, nor: NorFlash | None) -> None:
        self._port = port
        self.nor = nor
        self.erase_s = ERASE_S
        self.on_cut: Callable[[], None] = _nothing
        port.handle(bus.FLASH_INFO, bus.FLASH_ERASE, self._serve)

    def _serve(self, op: int, a: int, arg: int, payload: bytes) -> Answer:
        if self.nor is None:
            return b"" if op == bus.FLASH_INFO else errno.ENODEV
        try:
            return self._act(self.nor, op, arg & 0xFFFFFF, a | arg >> 24 << 8, payload)
        except PowerCut:
            self.on_cut()
            return errno.EIO
        except OSError as error:
            return error.errno or errno.EIO

    def _act(self, nor: NorFlash, op: int, at: int, count: int, payload: bytes) -> bytes:
        clock = self._port.clock
        if op == bus.FLASH_INFO:
            return struct.pack("<IH", len(nor.data), nor.block)
        if op == bus.FLASH_READ:
            clock.charge(READ_S + count * READ_BYTE_S)
            buffer = bytearray(count)
            nor.readblocks(at // nor.block, buffer, at % nor.block)
            return bytes(buffer)
        if op == bus.FLASH_WRITE:
            clock.charge(PAGE_S * -(-len(payload) // PAGE))
            nor.writeblocks(at // nor.block, payload, at % nor.block)
            return b""
        clock.charge(self.erase_s)
        nor.ioctl(6, at)
        return b""


def _nothing() -> None:
    """Nobody asked to hear of a power cut."""
