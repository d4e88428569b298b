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
_head = bytearray(8)
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


def _send(data):
    try:
        _socket.write(data)
    except OSError:
        sys.exit(3)


def _ask(op, a, arg, data):
    """Send a request; return the number of bytes that wait to be received."""
    global waiting, _busy
    if _busy:
        raise OSError(16)  # EBUSY: a foreign radio's handler came in the middle of a call and made one
    _busy = True
    n = 0 if data is None else len(data)
    struct.pack_into("<BBHI", _head, 0, op, a, n, arg)
    _send(_head)
    if n:
        _send(data)
    _receive(_head, 4)
    waiting = _head[1]
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
    global event
    n = _ask(NEXT_EVENT, 0, 0, None) - 1
    if n < 0:
        _finish(event, 0)
        return
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


def sleep_us(us):
    """Sleep on the rig's clock; events are handled on the way, the sleep is not shortened."""
    how = SLEEP_DEAF if handling or _is_heap_locked() else 0
    while True:
        if waiting and not how & SLEEP_DEAF:
            run_handlers()
        _finish(reply, _ask(SLEEP, how, us, None))
        if reply[0]:
            return
        run_handlers()
        how |= SLEEP_ON


call(HELLO, 0, int(uos.getenv("CUFF_INDEX") or 0))
owns_time = bool(reply[0] & FLAG_OWNS_TIME)
reset_cause = reply[1]
unique_id = bytes(reply[2:8])
