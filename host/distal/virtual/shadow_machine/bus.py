"""The rig, seen from the cuff: one TCP connection, one call at a time.

Request `<BBHI`: op, a, n, arg, then n bytes. Reply `<BBH`: status, waiting events, n, then n bytes.
Twin: `virtual/bus.py`, same numbers. Nothing in `call` and `read` allocates.
"""

import socket
import struct
import sys

import micropython
import uos
from micropython import const

HELLO = const(0x01)
TIME = const(0x02)
SLEEP = const(0x03)
NEXT_EVENT = const(0x04)
RESET = const(0x05)
RANDOM = const(0x06)
I2C_SCAN = const(0x08)
I2C_READ = const(0x09)
I2C_WRITE = const(0x0A)
PIN_MODE = const(0x10)
PIN_READ = const(0x11)
PIN_WRITE = const(0x12)
PIN_IRQ = const(0x13)
ADC_READ = const(0x18)
WDT_START = const(0x1C)
WDT_FEED = const(0x1D)
FLASH_INFO = const(0x20)
FLASH_READ = const(0x21)
FLASH_WRITE = const(0x22)
FLASH_ERASE = const(0x23)

FLAG_OWNS_TIME = const(0x01)
FLAG_TURNS = const(0x02)
TIMED = const(0x80)
NO_ANSWER = const(0x01)
SLEEP_ON = const(0x01)
SLEEP_DEAF = const(0x02)
EVENT_PIN = const(0x01)
MODE_OUTPUT = const(0x01)
MODE_PULL_UP = const(0x02)
EDGE_RISING = const(0x01)
EDGE_FALLING = const(0x02)
CAUSE_POWER_ON = const(0x01)
CAUSE_HARD = const(0x02)
CAUSE_WATCHDOG = const(0x03)

reply = bytearray(512)  # of the last `call`: the longest is an attribute's value
event = bytearray(32)  # body of the event that a handler looks at; grows at need
waiting = 0  # events the rig holds for us
handling = False  # a handler runs: no other may start
has_irq = False  # a pin was asked to tell of its edges

_busy = False  # between a request and the end of its reply
_out = bytearray(64)  # requests that need no answer, then the one that does
_level = 0  # bytes in it
_head = bytearray(13)
_head_size = 4  # 13 when replies say more
_room = 0  # calls that may go without an answer
_is_fresh = False  # the time of the last reply is that of the next call
_timed = 0  # TIMED when that time was taken
_code = bytearray(1)
_handlers = {}


def _open():
    host, port = (uos.getenv("DISTAL_BUS") or "127.0.0.1:6600").split(":")
    connection = socket.socket()
    connection.connect(socket.getaddrinfo(host, int(port))[0][-1])
    connection.setsockopt(6, 1, 1)  # TCP_NODELAY: every call waits for its answer
    return connection


_socket = _open()


def _receive(buffer, n):
    try:
        if _socket.readinto(buffer, n) == n:
            return
    except OSError:
        pass
    sys.exit(3)  # the rig is gone: never stay behind alone, whatever the firmware does with an OSError


def _send(data, n):
    try:
        _socket.write(data, n)
    except OSError:
        sys.exit(3)


def _ask(op, a, arg, data):
    """Send a request; return the number of bytes that wait to be received."""
    global waiting, _busy, _level, _timed, _is_fresh, _room
    if _busy:
        raise OSError(16)  # EBUSY: a foreign radio's handler came in the middle of a call and made one
    _busy = True
    n = 0 if data is None else len(data)
    struct.pack_into("<BBHI", _out, _level, op | _timed, a, n, arg)
    _send(_out, _level + 8)
    _level = _timed = 0
    if n:
        _send(data, n)
    _receive(_head, _head_size)
    waiting = _head[1]
    _room = _head[4]
    _is_fresh = _room > 0
    if _head[0]:
        _busy = False
        raise OSError(_head[0])
    return _head[2] | _head[3] << 8


def _finish(buffer, n):
    """Take the rest of the reply."""
    global _busy
    if n:
        _receive(buffer, n)
    _busy = False


def call(op, a=0, arg=0, data=None):
    """Ask the rig. Returns n; the answer is `bus.reply[:n]`. Raises OSError."""
    if waiting and not handling:
        run_handlers()
    n = _ask(op, a, arg, data)
    _finish(reply, n)
    return n


def read_into(buffer, op, a=0, arg=0):
    """As `call`; the answer fills `buffer`."""
    if waiting and not handling:
        run_handlers()
    n = _ask(op, a, arg, None)
    _finish(buffer, n)
    return n


def tell(op):
    """As `call` without arguments, of an op that answers nothing: may go along with the next call."""
    global _level, _timed, _is_fresh, _room
    if waiting and not handling:
        run_handlers()
    if _busy or not _room or _level + 16 > len(_out):
        call(op)
        return
    struct.pack_into("<BBHI", _out, _level, op | _timed, NO_ANSWER, 0, 0)
    _level += 8
    _timed = 0
    _room -= 1
    _is_fresh = False


def ticks(unit):
    """What TIME says, 0 us, 1 ms, 2 seconds; from the last reply where it holds that."""
    global _timed, _is_fresh, _room
    if waiting and not handling:
        run_handlers()
    if _is_fresh and unit < 2 and not _busy:
        _is_fresh = False
        _timed = TIMED
        _room -= 1
        source, at = _head, 5 + 4 * unit
    else:
        _finish(reply, _ask(TIME, unit, 0, None))
        source, at = reply, 0
    return source[at] | source[at + 1] << 8 | source[at + 2] << 16 | source[at + 3] << 24


def listen(code, handler):
    """`handler(event, n)` gets each event of this code; its body is event[:n]."""
    _handlers[code] = handler


def _is_heap_locked():
    micropython.heap_lock()
    return micropython.heap_unlock() > 0


def run_handlers(look=False):
    """Handle what waits, as a board does between two bytecodes; not where the heap is locked.

    `look`: ask the rig first, there may be more than it said last.
    """
    global handling
    if handling or _is_heap_locked():
        return
    handling = True
    try:
        while waiting or look:
            look = False
            _handle_one()
    finally:
        handling = False


def _handle_one():
    n = _ask(NEXT_EVENT, 0, 0, None) - 1
    if n < 0:
        _finish(event, 0)
    else:
        _take_event(n)


def _take_event(n):
    """Read an event whose body has n bytes, and handle it."""
    global event
    _receive(_code, 1)
    if n > len(event):
        event = bytearray(n)
    _finish(event, n)
    handler = _handlers.get(_code[0])
    try:
        if handler:
            handler(event, n)
    except Exception as error:  # as micropython.schedule: printed, the program goes on
        sys.print_exception(error)


def _handle_told(n):
    """Handle the event that came with the answer to a sleep."""
    global handling
    handling = True
    try:
        _take_event(n)
    finally:
        handling = False


def sleep_us(us):
    """Sleep on the rig's clock; events are handled on the way, the sleep is not shortened."""
    how = SLEEP_DEAF if handling or _is_heap_locked() else 0
    while True:
        if waiting and not how & SLEEP_DEAF:
            run_handlers()
        n = _ask(SLEEP, how, us, None)
        _receive(reply, 1)
        if n > 1:
            _handle_told(n - 2)
        else:
            _finish(reply, 0)
            if reply[0]:
                return
        run_handlers()
        how |= SLEEP_ON


call(HELLO, 0, int(uos.getenv("CUFF_INDEX") or 0))
owns_time = bool(reply[0] & FLAG_OWNS_TIME)
if reply[0] & FLAG_TURNS:
    _head_size = 13
reset_cause = reply[1]
unique_id = bytes(reply[2:8])
