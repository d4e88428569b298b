"""What the shadow of `bluetooth` promises by itself: UUIDs, errors, one BLE. Prints `ok`."""

import bluetooth
import micropython
from bluetooth import BLE, UUID

TEXT = "77d80002-5e1d-45fc-9ff2-ace950e41fb5"


def refuses(error, function, *arguments):
    try:
        function(*arguments)
    except error:
        return True
    return False


assert bytes(UUID(0x180F)) == b"\x0f\x18"
assert bytes(UUID(TEXT)) == bytes(UUID(bytes(UUID(TEXT))))
assert bytes(UUID(TEXT))[0] == 0xB5
assert len(bytes(UUID(TEXT))) == 16
assert UUID(TEXT) == UUID(TEXT.upper())
assert UUID(0x180F) != UUID(0x180A)
assert hash(UUID(0x180F)) == hash(UUID(b"\x0f\x18"))
assert repr(UUID(0x180F)) == "UUID(0x180f)"
assert repr(UUID(TEXT)) == "UUID('" + TEXT + "')"
assert refuses(ValueError, UUID, "77d80002")
assert refuses(ValueError, UUID, b"abc")

ble = BLE()
assert ble is bluetooth.BLE()
assert not ble.active()
assert refuses(OSError, ble.gap_advertise, 100_000)
ble.active(True)
kind, address = ble.config("mac")
assert kind == 0
assert len(address) == 6
ble.config(mtu=247)
assert ble.config("mtu") == 247
assert refuses(ValueError, ble.config, "colour")
table = (
    (UUID(0x180F), ((UUID(0x2A19), bluetooth.FLAG_READ),)),
    (UUID(TEXT), ((UUID(0x2A00), bluetooth.FLAG_NOTIFY, ((UUID(0x2901), bluetooth.FLAG_READ),)),)),
)
(battery,), (value, descriptor) = ble.gatts_register_services(table)
assert battery < value < descriptor
ble.gatts_write(descriptor, "text")
assert ble.gatts_read(descriptor) == b"text"
assert refuses(OSError, ble.gatts_notify, 1, value, b"nobody is there")

# a notification allocates nothing but its error
buffer = bytearray(244)
micropython.heap_lock()
try:
    ble.gatts_notify(1, value, buffer)
except OSError:
    pass
except MemoryError:
    micropython.heap_unlock()
    raise
micropython.heap_unlock()
print("ok")
