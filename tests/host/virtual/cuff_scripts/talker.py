"""A small cuff of the tests' own: counts in notifications, repeats what it is told, floods on demand."""

import time

import bluetooth
from micropython import const

_CONNECT = const(1)
_DISCONNECT = const(2)
_WRITE = const(3)
_DONE = const(20)
_NAME = b"Distal talker"
_COUNT = "77d80002-5e1d-45fc-9ff2-ace950e41fb5"
_SAY = "77d80003-5e1d-45fc-9ff2-ace950e41fb5"
_KEEP = "77d80004-5e1d-45fc-9ff2-ace950e41fb5"
_SECRET = "77d80005-5e1d-45fc-9ff2-ace950e41fb5"

ble = bluetooth.BLE()
ble.active(True)
ble.config(mtu=256, gap_name=_NAME)
READ, SEND, TELL = bluetooth.FLAG_READ, bluetooth.FLAG_WRITE, bluetooth.FLAG_INDICATE
members = (
    (bluetooth.UUID(_COUNT), bluetooth.FLAG_NOTIFY),
    (bluetooth.UUID(_SAY), SEND | bluetooth.FLAG_WRITE_NO_RESPONSE | TELL),
    (bluetooth.UUID(_KEEP), READ | SEND),
    (bluetooth.UUID(_SECRET), READ | bluetooth.FLAG_READ_ENCRYPTED),
)
((COUNT, SAY, KEEP, SECRET),) = ble.gatts_register_services(((bluetooth.UUID(0xFE00), members),))
ble.gatts_set_buffer(SAY, 100)
ble.gatts_write(KEEP, b"kept" * 60)
events = bytearray()
peer = None
refused = 0
order = b""
advertised = bytes((2, 1, 6, 3, 3, 0x00, 0xFE, len(_NAME) + 1, 9)) + _NAME


def on_irq(irq, data):
    global peer, order
    events.append(irq)
    if irq == _CONNECT:
        peer = data[0]
    elif irq == _DISCONNECT:
        peer = None
        advertise()
    elif irq == _WRITE and data[1] == SAY:
        order = ble.gatts_read(SAY)


def advertise():
    ble.gap_advertise(100_000, advertised, resp_data=b"\x05\xff\x34\x12ok")


def notify(number, size):
    """Send a number and a filling; whether it was accepted."""
    try:
        ble.gatts_notify(peer, COUNT, number.to_bytes(4, "little") + bytes(size - 4))
        return True
    except OSError as error:
        if error.errno != 12:
            raise
        return False


def count(until, size, pause_ms):
    """Numbers from 0; one that finds no room waits for its turn."""
    global refused
    number = 0
    while number < until and peer is not None:
        if notify(number, size):
            number += 1
        else:
            refused += 1
            time.sleep_ms(20)
        if pause_ms:
            time.sleep_ms(pause_ms)


def obey(text):
    """`count UNTIL SIZE PAUSE`, `events`, `refused`, `bye`, anything else comes back."""
    words = text.split()
    if words and words[0] == b"count":
        count(*[int(word) for word in words[1:]])
    elif words and words[0] == b"refused":
        ble.gatts_indicate(peer, SAY, str(refused).encode())
    elif words and words[0] == b"events":
        ble.gatts_indicate(peer, SAY, bytes(events))
    elif words and words[0] == b"bye":
        ble.gap_disconnect(peer)
    else:
        ble.gatts_indicate(peer, SAY, text)


ble.irq(on_irq)
advertise()
while True:
    if order and peer is not None:
        text, order = order, b""
        obey(text)
    time.sleep_ms(10)
