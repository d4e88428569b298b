"""The boot ROM of an ESP32-C3 or S3 as esptool meets it: SLIP packets, registers, a flash of its own.

Commands and answers after Espressif's "Serial Protocol" page for the ROM loader (no stub): an answer is
0x01, command, length, value, data, then two bytes of status and two that are reserved.
"""

import hashlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

FLASH_BEGIN, FLASH_DATA, FLASH_END = 0x02, 0x03, 0x04
SYNC, WRITE_REG, READ_REG = 0x08, 0x09, 0x0A
SPI_SET_PARAMS, SPI_ATTACH = 0x0B, 0x0D
FLASH_MD5, SECURITY_INFO = 0x13, 0x14
INVALID_MESSAGE, BAD_CHECKSUM = 0x05, 0x07  # status codes of the ROM

SPI_BASE = 0x60002000  # of C3, S3 and their successors
SPI_CMD, SPI_USR2, SPI_W0 = SPI_BASE, SPI_BASE + 0x20, SPI_BASE + 0x58
SPI_START = 1 << 18
SFDP = 0x50444653
MAC_REGISTERS = {5: 0x60008844, 9: 0x60007044}
MAC = 0x3412F0E1


@dataclass
class Faults:
    """What goes wrong, counted in blocks of flash data."""

    noise: tuple[int, ...] = ()  # these arrive with a bit turned over
    worn: tuple[int, ...] = ()  # these are stored with a bit turned over
    unplugged_after: int | None = None
    is_mute: bool = False  # as a board that is not in its boot loader
    flash_id: int = 0x1640C8  # a 4 MB GigaDevice chip


@dataclass
class BootRom:
    """Feed it what the host sends; `answer` sends back. `chip`: 5 is an ESP32-C3, 9 an S3."""

    answer: Callable[[bytes], None]
    chip: int = 5
    faults: Faults = field(default_factory=Faults)
    flash: bytearray = field(default_factory=lambda: bytearray(b"\xff" * 0x400000))
    blocks: int = 0  # that arrived, refused ones too
    commands: set[int] = field(default_factory=set)
    is_unplugged: bool = False

    def __post_init__(self) -> None:
        self._slip = bytearray()
        self._registers: dict[int, int] = {MAC_REGISTERS.get(self.chip, 0): MAC}
        self._at = 0
        self._commands: dict[int, Callable[[bytes, int], None]] = {
            SYNC: self._sync,
            READ_REG: self._read_register,
            WRITE_REG: self._write_register,
            SECURITY_INFO: self._tell_chip,
            FLASH_BEGIN: self._begin,
            FLASH_DATA: self._store,
            FLASH_MD5: self._tell_md5,
            SPI_ATTACH: lambda data, _: self._reply(SPI_ATTACH),
            SPI_SET_PARAMS: lambda data, _: self._reply(SPI_SET_PARAMS),
            FLASH_END: lambda data, _: self._reply(FLASH_END),
        }

    @property
    def is_between_packets(self) -> bool:
        return not self._slip

    def feed(self, data: bytes) -> None:
        """Bytes from the host, cut anywhere."""
        for packet in self._packets(data):
            _, op, _, checksum = struct.unpack_from("<BBHI", packet)
            self.commands.add(op)
            handle = self._commands.get(op)
            if handle is None:
                self._reply(op, status=INVALID_MESSAGE)
            else:
                handle(packet[8:], checksum)

    def _packets(self, data: bytes) -> Iterator[bytes]:
        for byte in data:
            if byte != 0xC0:
                self._slip.append(byte)
                continue
            packet = bytes(self._slip).replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")
            self._slip.clear()
            if len(packet) >= 8 and packet[0] == 0:
                yield packet

    def _reply(self, op: int, value: int = 0, data: bytes = b"", status: int = 0) -> None:
        data += bytes((status != 0, status, 0, 0))
        packet = struct.pack("<BBHI", 1, op, len(data), value) + data
        if self.faults.is_mute:
            return
        self.answer(b"\xc0" + packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0")

    def _sync(self, data: bytes, _: int) -> None:
        for _i in range(8):  # the ROM repeats itself; a value of 0 would mean a stub
            self._reply(SYNC, 0x20120707)

    def _read_register(self, data: bytes, _: int) -> None:
        (address,) = struct.unpack("<I", data)
        self._reply(READ_REG, self._registers.get(address, 0))

    def _write_register(self, data: bytes, _: int) -> None:
        address, value = struct.unpack_from("<II", data)
        self._registers[address] = value
        if address == SPI_CMD and value & SPI_START:
            command = self._registers.get(SPI_USR2, 0) & 0xFF
            self._registers[SPI_W0] = {0x9F: self.faults.flash_id, 0x5A: SFDP}.get(command, 0)
            self._registers[SPI_CMD] = 0  # done
        self._reply(WRITE_REG)

    def _tell_chip(self, data: bytes, _: int) -> None:
        self._reply(SECURITY_INFO, data=struct.pack("<IB7sII", 0, 0, bytes(7), self.chip, 3))

    def _begin(self, data: bytes, _: int) -> None:
        erased, _count, _size, self._at = struct.unpack_from("<IIII", data)
        self.flash[self._at : self._at + erased] = b"\xff" * erased
        self._reply(FLASH_BEGIN)

    def _store(self, data: bytes, checksum: int) -> None:
        size, sequence = struct.unpack_from("<II", data)
        block = bytearray(data[16 : 16 + size])
        number, self.blocks = self.blocks, self.blocks + 1
        if self.faults.unplugged_after is not None and number >= self.faults.unplugged_after:
            self.is_unplugged = True
            return
        if number in self.faults.noise:
            block[0] ^= 1
        if checksum != _checksum(block):
            self._reply(FLASH_DATA, status=BAD_CHECKSUM)
            return
        if number in self.faults.worn:
            block[0] ^= 1
        place = self._at + sequence * size
        self.flash[place : place + size] = block
        self._reply(FLASH_DATA)

    def _tell_md5(self, data: bytes, _: int) -> None:
        place, size = struct.unpack_from("<II", data)
        digest = hashlib.md5(self.flash[place : place + size]).hexdigest()
        self._reply(FLASH_MD5, data=digest.encode())


def _checksum(block: bytes | bytearray) -> int:
    total = 0xEF
    for byte in block:
        total ^= byte
    return total
