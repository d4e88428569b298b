"""The cuff on the air: advertise, GATT services, notify, indicate. One host at a time.

Facts of MicroPython's `bluetooth` that shape this file: notify queues nothing and says ENOMEM when
there is no room, with no event when room returns; before the MTU exchange it cuts to 20 bytes; handles
of attributes and of connections differ between stacks; writes longer than the buffer are cut.
"""

import time

import bluetooth
from micropython import const

from distal_wire import codec, spec

_CONNECT = const(1)
_DISCONNECT = const(2)
_WRITE = const(3)
_INDICATE_DONE = const(20)
_MTU_EXCHANGED = const(21)

_ENOMEM = const(12)
_INTERVAL_US = const(150000)  # advertising: found within a second or so by any host
_FIRST_MTU = const(23)
_BACK_OFF_MS = const(20)  # doubles up to the longest: a flooded stack stops answering its host
_LONGEST_MS = const(160)
_CONFIRM_MS = const(2000)  # an indication that is not confirmed by then does not hold up the next
_WRITES = const(128)  # bytes that may wait in the attribute, see `_on_irq`: one proof and four commands
_ANSWERS = const(4)

_READ = bluetooth.FLAG_READ


class Inbox:
    """Bytes that the host wrote: the interrupt adds at the head, the loop takes at the tail.

    Each end has one writer, so that an interrupt in the middle of `take` spoils nothing.
    """

    def __init__(self, size):
        self.lost = 0  # bytes that found no room
        self._bytes = bytearray(size)
        self._head = 0  # counts up for ever; so does the tail
        self._tail = 0
        self._fence = 0  # what is before it came over an earlier link

    def add(self, data):
        for byte in data:
            if self._head - self._tail < len(self._bytes):
                self._bytes[self._head % len(self._bytes)] = byte
                self._head += 1
            else:
                self.lost += 1

    def fence(self):
        """What came until now is of no use any more."""
        self._fence = self._head

    def take(self):
        """Everything that is there, as bytes."""
        self._tail = max(self._tail, self._fence)
        size, head = len(self._bytes), self._head
        out = bytes([self._bytes[at % size] for at in range(self._tail, head)])
        self._tail = head
        return out


class Radio:
    """`names` = (manufacturer, model, serial, firmware), as spec.DEVICE_FIELDS."""

    def __init__(self, title, names):
        self.mtu = _FIRST_MTU
        self.is_connected = False
        self.links = 0  # connections since boot: tells a new link from the last
        self._link = 0  # the one that `step` knows
        self.no_buffer = 0
        self.inbox = Inbox(256)
        self._connection = None
        self._is_advertising = False
        self._wait = 0  # ms of the present back-off
        self._tried_at = 0
        self._answers = []  # responses that wait for their turn
        self._is_unconfirmed = False
        self._indicated_at = 0
        self._ble = bluetooth.BLE()
        self._ble.active(True)
        self._ble.config(mtu=spec.MIN_MTU, gap_name=title)
        self._ble.irq(self._on_irq)
        self._register(names)
        self._payloads = _advertisement(title)

    def step(self, now):
        """What is due at ticks `now`: advertise again, send the next response."""
        if self._link != self.links or not self.is_connected:
            self._forget_link()
        if not self.is_connected and not self._is_advertising:
            self._advertise()
        if self._is_unconfirmed and time.ticks_diff(now, self._indicated_at) > _CONFIRM_MS:
            self._is_unconfirmed = False
        if self._answers and not self._is_unconfirmed and self.is_connected:
            self._indicate(now)

    def notify(self, message, now):
        """Send on `stream`; False: no room, keep it and try again."""
        if not self.is_connected or (self._wait and time.ticks_diff(now, self._tried_at) < self._wait):
            return False
        try:
            self._ble.gatts_notify(self._connection, self._stream, message)
        except OSError as error:
            if error.errno == _ENOMEM:
                self.no_buffer = min(65535, self.no_buffer + 1)
            self._wait = min(_LONGEST_MS, 2 * self._wait or _BACK_OFF_MS)
            self._tried_at = now
            return False
        self._wait = 0
        return True

    def offer(self, message):
        """Send on `kept`, where live messages would find room at once; False: no room now."""
        if not self.is_connected or self._wait:
            return False
        try:
            self._ble.gatts_notify(self._connection, self._kept, message)
        except OSError as error:
            if error.errno == _ENOMEM:
                self.no_buffer = min(65535, self.no_buffer + 1)
            return False
        return True

    def respond(self, response):
        """Send on `control`, after those that wait. Oldest first; a host that never reads loses them."""
        if len(self._answers) < _ANSWERS:
            self._answers.append(response)

    def is_answering(self):
        """Whether a response waits or is not confirmed yet."""
        return bool(self._answers) or self._is_unconfirmed

    def drop(self):
        """End the link."""
        if self.is_connected:
            self._ble.gap_disconnect(self._connection)

    def show_info(self, info):
        """Value of the info characteristic."""
        self._ble.gatts_write(self._info, info)

    def show_battery(self, pct):
        """Value of the battery level characteristic."""
        self._ble.gatts_write(self._battery, bytes((pct,)))

    def _register(self, names):
        ours = (
            (bluetooth.UUID(spec.STREAM), bluetooth.FLAG_NOTIFY),
            (bluetooth.UUID(spec.CONTROL), bluetooth.FLAG_WRITE | bluetooth.FLAG_INDICATE),
            (bluetooth.UUID(spec.INFO_VALUE), _READ),
            (bluetooth.UUID(spec.KEPT_VALUE), bluetooth.FLAG_NOTIFY),
        )
        battery = ((bluetooth.UUID(spec.BATTERY_LEVEL), _READ),)
        facts = tuple([(bluetooth.UUID(number), _READ) for number, _ in spec.DEVICE_FIELDS])
        services = (
            (bluetooth.UUID(spec.SERVICE), ours),
            (bluetooth.UUID(spec.BATTERY_SERVICE), battery),
            (bluetooth.UUID(spec.DEVICE_SERVICE), facts),
        )
        handles = self._ble.gatts_register_services(services)
        self._stream, self._control, self._info, self._kept = handles[0]
        self._battery = handles[1][0]
        self._ble.gatts_set_buffer(self._control, _WRITES, True)
        self._ble.gatts_set_buffer(self._info, codec.message_size(spec.KIND_INFO))
        for handle, name in zip(handles[2], names):
            self._ble.gatts_set_buffer(handle, len(name))
            self._ble.gatts_write(handle, name)

    def _advertise(self):
        try:
            self._ble.gap_advertise(_INTERVAL_US, self._payloads[0], resp_data=self._payloads[1])
            self._is_advertising = True
        except OSError:
            pass  # the stack still ends the last link: the next step tries again

    def _indicate(self, now):
        self._indicated_at = now
        self._is_unconfirmed = True  # before the call: its end may be told inside of it
        try:
            self._ble.gatts_indicate(self._connection, self._control, self._answers[0])
            self._answers.pop(0)
        except OSError:  # no room, or the last one is on its way: the next step tries again
            self._is_unconfirmed = False

    def _on_irq(self, event, data):
        """May come between any two bytecodes of the loop: it sets flags and copies, no more."""
        if event == _CONNECT:
            self.mtu = _FIRST_MTU
            self._connection = data[0]
            self._is_advertising = False
            self.inbox.fence()
            self.links += 1
            self.is_connected = True
        elif event == _DISCONNECT and data[0] == self._connection:
            self.is_connected = False
        elif event == _WRITE and data[1] == self._control:
            # with append, writes that come before this line are joined, not lost
            self.inbox.add(self._ble.gatts_read(self._control))
        elif event == _MTU_EXCHANGED and data[0] == self._connection:
            self.mtu = data[1]
        elif event == _INDICATE_DONE and data[0] == self._connection:
            self._is_unconfirmed = False

    def _forget_link(self):
        self._link = self.links
        self._answers.clear()
        self._is_unconfirmed = False
        self._wait = 0


def _advertisement(title):
    """Advertising data (flags, our service) and scan response (name): 31 bytes each at most."""
    flags = b"\x02\x01\x06"  # general discoverable, no classic Bluetooth
    service = b"\x11\x07" + bytes(bluetooth.UUID(spec.SERVICE))  # complete list of 128-bit services
    name = title.encode()[:29]
    return flags + service, bytes((len(name) + 1, 9)) + name
