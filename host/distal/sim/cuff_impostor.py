"""A device with our service that is no cuff of ours; runs on a virtual board. Its name says what it plays.

garbage   its info and its notifications are random bytes
stranger  an honest cuff's info, of another id; samples of its own, unasked
double    the info of the cuff whose id follows in the name, damaged packets
"""

import binascii
import json
import os
import time

import bluetooth

from distal_cuff import messages
from distal_cuff.settings import Settings
from distal_wire import codec, spec

with open("cuff.json") as file:
    name = json.load(file)["name"]
part, _, twin = name.partition(" ")
settings = Settings()
cuff_id = (binascii.unhexlify(twin) if twin else b"\x02\xd1\x57\xff\xff\xff") + b"\0\0"
info = messages.info(7, cuff_id, settings, (1, 1, 1, 64))
if part == "garbage":
    info = os.urandom(len(info))
ble = bluetooth.BLE()
ble.active(True)
ble.config(mtu=spec.MIN_MTU, gap_name="Distal")
members = (
    (bluetooth.UUID(spec.STREAM), bluetooth.FLAG_NOTIFY),
    (bluetooth.UUID(spec.CONTROL), bluetooth.FLAG_WRITE | bluetooth.FLAG_INDICATE),
    (bluetooth.UUID(spec.INFO_VALUE), bluetooth.FLAG_READ),
)
((stream, control, info_value),) = ble.gatts_register_services(((bluetooth.UUID(spec.SERVICE), members),))
ble.gatts_set_buffer(control, 128)
ble.gatts_set_buffer(info_value, len(info))
ble.gatts_write(info_value, info)
peer = None


def on_irq(event, data):
    global peer
    if event == 1:
        peer = data[0]
    elif event == 2:
        peer = None
        advertise()


def advertise():
    service = b"\x02\x01\x06\x11\x07" + bytes(bluetooth.UUID(spec.SERVICE))
    ble.gap_advertise(100000, service, resp_data=b"\x07\x09Distal")


def packet(number):
    """A sample packet whose checksum is wrong, or right where it is its own."""
    message = bytearray(os.urandom(codec.message_size(spec.KIND_SAMPLES, 18)))
    if part != "garbage":
        values = (7, number * 18, number * 3456, 208, 18, 0, 0, 1, 32, 16)
        codec.write_fields(message, spec.KIND_SAMPLES, *values)
    if part == "stranger":
        from distal_cuff import packing

        packing.seal(message, len(message) - 4)
    return message


ble.irq(on_irq)
advertise()
number = 0
while True:
    if peer is not None:
        try:
            ble.gatts_notify(peer, stream, packet(number))
            ble.gatts_indicate(peer, control, os.urandom(20))
            number += 1
        except OSError:
            pass
    time.sleep_ms(80)
