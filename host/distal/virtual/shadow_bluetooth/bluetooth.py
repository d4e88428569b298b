"""The board's `bluetooth`, peripheral role, by calls to the rig: as the ESP32 port with NimBLE.

Twin: `virtual/gatt_board.py`, same op numbers (a test compares both files).
Nothing in `gatts_notify` allocates.
"""

import errno
import struct

import bus
from micropython import const

FLAG_BROADCAST = const(0x0001)
FLAG_READ = const(0x0002)
FLAG_WRITE_NO_RESPONSE = const(0x0004)
FLAG_WRITE = const(0x0008)
FLAG_NOTIFY = const(0x0010)
FLAG_INDICATE = const(0x0020)
FLAG_AUTHENTICATED_SIGNED_WRITE = const(0x0040)
FLAG_AUX_WRITE = const(0x0100)
FLAG_READ_ENCRYPTED = const(0x0200)
FLAG_READ_AUTHENTICATED = const(0x0400)
FLAG_READ_AUTHORIZED = const(0x0800)
FLAG_WRITE_ENCRYPTED = const(0x1000)
FLAG_WRITE_AUTHENTICATED = const(0x2000)
FLAG_WRITE_AUTHORIZED = const(0x4000)

BOOT = const(0x40)
ACTIVE = const(0x41)
CONFIG = const(0x42)
NAME = const(0x43)
ADVERTISE = const(0x44)
ADVERTISE_STOP = const(0x45)
REGISTER = const(0x46)
READ = const(0x47)
WRITE = const(0x48)
NOTIFY = const(0x49)
INDICATE = const(0x4A)
SET_BUFFER = const(0x4B)
DISCONNECT = const(0x4C)
PAIR = const(0x4D)
READ_ANSWER = const(0x4E)
EVENT_IRQ = const(0x40)
ENTRY_SERVICE = const(1)
ENTRY_CHARACTERISTIC = const(2)
ENTRY_DESCRIPTOR = const(3)
ADVERTISE_CONNECTABLE = const(1)
ADVERTISE_DATA = const(2)
ADVERTISE_RESPONSE = const(4)

_READ_REQUEST = const(4)
_SETTINGS = ("mtu", "bond", "mitm", "le_secure", "io", "addr_mode", "rxbuf")
_LAYOUTS = {1: "<HB", 2: "<HB", 3: "<HH", 4: "<HH", 20: "<HHB", 21: "<HH", 27: "<HHHHB", 28: "<HBBBB"}


class UUID:
    def __init__(self, value):
        if isinstance(value, int):
            self._bytes = struct.pack("<H", value)
        elif isinstance(value, str):
            digits = value.replace("-", "")
            if len(digits) != 32:
                raise ValueError("invalid UUID")
            self._bytes = bytes([int(digits[i : i + 2], 16) for i in range(30, -1, -2)])
        else:
            self._bytes = bytes(value)
            if len(self._bytes) not in (2, 4, 16):
                raise ValueError("invalid UUID")

    def __iter__(self):  # bytes(uuid) iterates: MicroPython knows no __bytes__
        return iter(self._bytes)

    def __len__(self):
        return len(self._bytes)

    def __getitem__(self, index):
        return self._bytes[index]

    def __eq__(self, other):
        return isinstance(other, UUID) and self._bytes == other._bytes

    def __hash__(self):
        return hash(self._bytes)

    def __repr__(self):
        digits = "".join(["%02x" % byte for byte in reversed(self._bytes)])
        if len(digits) < 32:
            return "UUID(0x%s)" % digits
        parts = digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]
        return "UUID('%s')" % "-".join(parts)


class BLE:
    _only = None

    def __new__(cls):
        if cls._only is None:
            cls._only = object.__new__(cls)
            cls._only._boot()
        return cls._only

    def _boot(self):
        self._handler = None
        self._is_active = False
        self._settings = {"gap_name": b"MPY ESP32", "mtu": 256}
        bus.call(BOOT)
        self._mac = bytes(bus.reply[:6])
        bus.listen(EVENT_IRQ, self._on_irq)

    def _check(self):
        if not self._is_active:
            raise OSError(errno.ENODEV)

    def active(self, on=None):
        if on is not None:
            bus.call(ACTIVE, 1 if on else 0)
            self._is_active = bool(on)
        return self._is_active

    def config(self, *names, **values):
        if names:
            if names[0] == "mac":
                self._check()
                return 0, self._mac
            if names[0] in self._settings or names[0] in _SETTINGS:
                return self._settings.get(names[0], 0)
            raise ValueError("unknown config param")
        for name, value in values.items():
            if name == "gap_name":
                value = value.encode() if isinstance(value, str) else bytes(value)
                bus.call(NAME, 0, 0, value)
            elif name in _SETTINGS:
                bus.call(CONFIG, _SETTINGS.index(name), int(value))
            else:
                raise ValueError("unknown config param")
            self._settings[name] = value

    def irq(self, handler):
        self._handler = handler

    def _on_irq(self, event, n):
        irq = event[0]
        data = struct.unpack_from(_LAYOUTS[irq], event, 1)
        if irq <= 2:  # a view of a buffer that is used again, as on a board
            data += (memoryview(event)[4:10],)
        if irq == _READ_REQUEST:
            error = self._handler(irq, data) if self._handler else 0
            bus.call(READ_ANSWER, error or 0, data[0] | data[1] << 16)
        elif self._handler:
            self._handler(irq, data)

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
        self._check()
        if interval_us is None:
            bus.call(ADVERTISE_STOP)
            return
        how = ADVERTISE_CONNECTABLE if connectable else 0
        payload = b""
        for bit, data in ((ADVERTISE_DATA, adv_data), (ADVERTISE_RESPONSE, resp_data)):
            if data is not None:
                how |= bit
                data = data.encode() if isinstance(data, str) else bytes(data)
                payload += bytes((len(data),)) + data
        bus.call(ADVERTISE, how, interval_us, payload)

    def gap_disconnect(self, conn_handle):
        self._check()
        bus.call(DISCONNECT, 0, conn_handle)
        return bool(bus.reply[0])

    def gap_pair(self, conn_handle):
        self._check()
        bus.call(PAIR, 0, conn_handle)

    def gatts_register_services(self, services):
        self._check()
        table = bytearray()
        for uuid, characteristics in services:
            _entry(table, ENTRY_SERVICE, uuid, 0)
            for characteristic in characteristics:
                _entry(table, ENTRY_CHARACTERISTIC, characteristic[0], characteristic[1])
                for descriptor in characteristic[2] if len(characteristic) > 2 else ():
                    _entry(table, ENTRY_DESCRIPTOR, descriptor[0], descriptor[1])
        n = bus.call(REGISTER, 0, 0, table)
        handles = iter(struct.unpack_from("<%dH" % (n // 2), bus.reply))
        return tuple([_handles_of(characteristics, handles) for _, characteristics in services])

    def gatts_read(self, value_handle):
        self._check()
        return bytes(bus.reply[: bus.call(READ, 0, value_handle)])

    def gatts_write(self, value_handle, data, send_update=False):
        self._check()
        bus.call(WRITE, 1 if send_update else 0, value_handle, data)

    def gatts_notify(self, conn_handle, value_handle, data=None):
        if not self._is_active:
            raise OSError(errno.ENODEV)
        bus.call(NOTIFY, 0 if data is None else 1, conn_handle | value_handle << 16, data)

    def gatts_indicate(self, conn_handle, value_handle, data=None):
        self._check()
        bus.call(INDICATE, 0 if data is None else 1, conn_handle | value_handle << 16, data)

    def gatts_set_buffer(self, value_handle, size, append=False):
        self._check()
        bus.call(SET_BUFFER, 1 if append else 0, value_handle | size << 16)


def _entry(table, kind, uuid, flags):
    table += struct.pack("<BBH", kind, len(uuid), flags)
    table += bytes(uuid)


def _handles_of(characteristics, handles):
    own = []
    for characteristic in characteristics:
        own.append(next(handles))
        for _ in characteristic[2] if len(characteristic) > 2 else ():
            own.append(next(handles))
    return tuple(own)
