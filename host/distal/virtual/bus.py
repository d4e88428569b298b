"""The wire between one MicroPython and the rig: calls, events, and the cuff's clock.

Request `<BBHI`: op, a, n, arg, then n bytes. Reply `<BBH`: status (0, else errno), waiting events, n,
then n bytes. Twin: `shadow_machine/bus.py`, same numbers (a test compares both files).
Ops up to 0x3F are this folder's, from 0x40 the radio's.

Fewer turns: where HELLO says FLAG_TURNS, each later reply has `<BII` behind its head: how many calls may
go without an answer now, and what TIME would say next, in us and ms. The cuff then uses that time and says
so by TIMED in its next op, and calls with NO_ANSWER go along with the next one that needs an answer.
"""

import asyncio
import errno
import os
import struct
from collections import deque
from collections.abc import Callable

# ---- ops: a and arg, -> reply
HELLO = 0x01  # arg CUFF_INDEX -> flags, reset cause, unique id (6 bytes)
TIME = 0x02  # a: 0 us, 1 ms, 2 seconds since boot -> u32; ticks keep 30 bits
SLEEP = 0x03  # a: SLEEP_* bits, arg us -> 1 when due; 0 when an event waits, with FLAG_TURNS that event
NEXT_EVENT = 0x04  # -> code, body; empty when none waits
RESET = 0x05  # the cuff is about to leave
RANDOM = 0x06  # arg number of bytes -> bytes
I2C_SCAN = 0x08  # -> addresses
I2C_READ = 0x09  # a address, arg register | count << 8 -> bytes
I2C_WRITE = 0x0A  # a address, arg register, bytes
PIN_MODE = 0x10  # a pin, arg MODE_* bits
PIN_READ = 0x11  # a pin -> level
PIN_WRITE = 0x12  # a pin, arg level
PIN_IRQ = 0x13  # a pin, arg EDGE_* bits, 0 off
ADC_READ = 0x18  # a pin -> u32 uV
WDT_START = 0x1C  # arg ms
WDT_FEED = 0x1D
FLASH_INFO = 0x20  # -> u32 bytes of the ring's partition, u16 bytes of a block; empty: there is none
FLASH_READ = 0x21  # a count & 255, arg address | count >> 8 << 24 -> bytes
FLASH_WRITE = 0x22  # arg address, bytes to program
FLASH_ERASE = 0x23  # arg block

# ---- values
FLAG_OWNS_TIME = 0x01  # of HELLO: `time` asks the rig
FLAG_TURNS = 0x02  # of HELLO: replies are long ones, calls may go without an answer
TIMED = 0x80  # of an op: the cuff took the time from the last reply before this call
NO_ANSWER = 0x01  # in `a`, of ops that answer nothing and use no `a`: WDT_FEED
SLEEP_ON = 0x01  # go on with the sleep that an event cut short
SLEEP_DEAF = 0x02  # inside a handler: events do not end this sleep
MODE_OUTPUT = 0x01
MODE_PULL_UP = 0x02
EVENT_PIN = 0x01  # body: pin, level
EDGE_RISING = 0x01
EDGE_FALLING = 0x02
CAUSE_POWER_ON = 0x01  # machine.PWRON_RESET and the two others of the ESP32 port
CAUSE_HARD = 0x02
CAUSE_WATCHDOG = 0x03

REQUEST = struct.Struct("<BBHI")
REPLY = struct.Struct("<BBH")
LONG_REPLY = struct.Struct("<BBHBII")
TICKS_MASK = (1 << 30) - 1  # ticks wrap as on a board: small ints of a 32-bit MicroPython

# Both ticks_us and ticks_ms wrap here: 2^30 ms is a whole number of 2^30 us.
WRAP_US = 1000 << 30

# Cuff time of one call: without it, a loop that only asks for the time would never end.
CALL_S = 5e-6

Answer = bytes | int
Function = Callable[[int, int, int, bytes], Answer]


class BusClock:
    """The cuff's own time: the loop's, plus what calls have cost since its last sleep."""

    def __init__(self, loop: asyncio.AbstractEventLoop, start_us: int = 0, owns_time: bool = True) -> None:
        self._loop = loop
        self._ahead = loop.time()
        self.boot = loop.time()
        self.start_us = start_us
        self.owns_time = owns_time
        self.drift_ppm = 0.0  # of the processor's crystal; above 0 it is fast
        self._drifted_us = 0.0  # what earlier drifts have added since boot
        self._since = loop.time()
        self.is_virtual = bool(getattr(loop, "is_virtual", False))

    def now(self) -> float:
        """Loop seconds as this cuff sees them; never before the loop's own."""
        return max(self._ahead, self._loop.time())

    def charge(self, seconds: float) -> None:
        """What the cuff just did took that long. A cuff that owns its time pays by itself."""
        if self.owns_time:
            self._ahead = self.now() + seconds

    def lead(self) -> float:
        """Seconds that the cuff is ahead of the loop."""
        return self._ahead - self._loop.time()

    def microseconds(self, later: float = 0.0) -> int:
        """Since boot, plus the start value; not masked. `later`: as it will be in so many seconds."""
        now = self.now() + later
        drifted_us = self._drifted_us + (now - self._since) * self.drift_ppm
        return self.start_us + round((now - self.boot) * 1e6 + drifted_us)

    def set_drift(self, ppm: float) -> None:
        """From now on the crystal runs so far off."""
        now = self.now()
        self._drifted_us += (now - self._since) * self.drift_ppm
        self._since, self.drift_ppm = now, ppm

    def restart(self) -> None:
        """The cuff boots now."""
        self._ahead = self.boot = self._since = self._loop.time()
        self._drifted_us = 0.0


class Port:
    """One cuff's end of the bus. Others hang their ops on it with `handle`."""

    def __init__(self, index: int, clock: BusClock, chip: bytes | None = None) -> None:
        self.index = index
        self.clock = clock
        self.unique_id = chip or unique_id(index)
        self.reset_cause = CAUSE_POWER_ON
        self.calls = 0
        self.saves_turns = False  # set by a server that sends long replies
        self.wake: Callable[[], None] = _nothing  # set by the server: ends a sleep
        self.on_reset: Callable[[int], None] = _ignore_cause  # the cuff restarts itself; argument CAUSE_*
        self._functions: dict[int, Function] = {}
        self._events: deque[bytes] = deque()
        self._random = 0x9E3779B9 + index
        for op, function in self._own().items():
            self.handle(op, op, function)

    def handle(self, first_op: int, last_op: int, function: Function) -> None:
        """`function(op, a, arg, payload)` serves these ops; it returns reply bytes or an errno."""
        for op in range(first_op, last_op + 1):
            self._functions[op] = function

    def post(self, code: int, body: bytes = b"") -> None:
        """Queue an event for the cuff and end its sleep."""
        self._events.append(bytes((code,)) + body)
        self.wake()

    def restart(self, cause: int) -> None:
        """Forget what a cuff forgets when it boots. `cause` is CAUSE_*."""
        self._events.clear()
        self.reset_cause = cause
        self.clock.restart()

    @property
    def waiting(self) -> int:
        """Events that the cuff has not fetched."""
        return len(self._events)

    def answer(self, op: int, a: int, arg: int, payload: bytes) -> Answer:
        """Serve one call; the cuff pays CALL_S for it, and for the time that it took before."""
        if op & TIMED:
            op ^= TIMED
            self.pay_time()
        self.calls += 1
        self.clock.charge(CALL_S)
        function = self._functions.get(op)
        return function(op, a, arg, payload) if function else errno.EOPNOTSUPP

    def pay_time(self) -> None:
        """The cuff took the time from the last reply."""
        self.calls += 1
        self.clock.charge(CALL_S)

    def reply(self, answer: Answer) -> bytes:
        """An answer as it goes over the wire."""
        waiting = min(self.waiting, 255)
        if isinstance(answer, int):
            return REPLY.pack(answer, waiting, 0)
        return REPLY.pack(0, waiting, len(answer)) + answer

    def long_reply(self, answer: Answer, lead_s: float) -> bytes:
        """As `reply`, with what saves turns until the cuff is `lead_s` ahead of the loop."""
        waiting = min(len(self._events), 255)
        clock = self.clock
        room = max(0, min(int((lead_s - max(clock.lead(), 0.0)) / CALL_S) - 1, 255))
        us = clock.microseconds(CALL_S)
        ticks = us & TICKS_MASK, us // 1000 & TICKS_MASK
        if isinstance(answer, int):
            return LONG_REPLY.pack(answer, waiting, 0, room, *ticks)
        return LONG_REPLY.pack(0, waiting, len(answer), room, *ticks) + answer

    def _own(self) -> dict[int, Function]:
        return {
            HELLO: self._hello,
            TIME: self._time,
            NEXT_EVENT: self._next_event,
            RESET: self._reset,
            RANDOM: self._random_bytes,
        }

    def _hello(self, op: int, a: int, arg: int, payload: bytes) -> Answer:
        flags = FLAG_OWNS_TIME if self.clock.owns_time else 0
        flags |= FLAG_TURNS if self.saves_turns else 0
        return bytes((flags, self.reset_cause)) + self.unique_id

    def _time(self, op: int, a: int, arg: int, payload: bytes) -> Answer:
        now_us = self.clock.microseconds()
        seconds = (now_us - self.clock.start_us) // 1_000_000
        return struct.pack("<I", (now_us & TICKS_MASK, now_us // 1000 & TICKS_MASK, seconds)[a])

    def _next_event(self, op: int, a: int, arg: int, payload: bytes) -> Answer:
        return self._events.popleft() if self._events else b""

    def _reset(self, op: int, a: int, arg: int, payload: bytes) -> Answer:
        self.on_reset(arg)
        return b""

    def _random_bytes(self, op: int, a: int, arg: int, payload: bytes) -> Answer:
        """In virtual time the same bytes in every run: xorshift32 (Marsaglia 2003), one step a byte."""
        if not self.clock.is_virtual:
            return os.urandom(arg)
        out = bytearray()
        for _ in range(arg):
            self._random ^= self._random << 13 & 0xFFFFFFFF
            self._random ^= self._random >> 17
            self._random ^= self._random << 5 & 0xFFFFFFFF
            out.append(self._random & 0xFF)
        return bytes(out)


def unique_id(index: int) -> bytes:
    """Six bytes as an ESP32 gives: a locally administered address, one per cuff."""
    return bytes((0x02, 0xD1, 0x57, 0xA1, index >> 8, index & 0xFF))


def _nothing() -> None:
    """Nobody sleeps yet."""


def _ignore_cause(_cause: int) -> None:
    """Nobody restarts this cuff."""
