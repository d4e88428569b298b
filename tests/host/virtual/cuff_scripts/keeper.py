# A cuff that only keeps packets: the firmware's flash ring on the board's partition.
import os
import struct
import time

import machine

from boards import store_device
from distal_cuff import packing
from distal_cuff.store import Store
from distal_wire import codec, spec

device = store_device(spec.STORE_LABEL)
if device is None:
    print("no ring")
else:
    boot = int.from_bytes(os.urandom(2), "little")
    begin = time.ticks_us()
    store = Store(device, boot, (machine.unique_id() + bytes(8))[:8])
    print("mounted", store.blocks, store.held, time.ticks_diff(time.ticks_us(), begin))
    packet = bytearray(244)
    index = 0
    store.mark(spec.MARK_START, 3, 0, 0, 0)
    while True:
        fields = (1, 1, boot, index, index * 192, 208, 18, 0, 0, 1, 32, 16)
        struct.pack_into(codec.struct_format(spec.SAMPLES), packet, 0, *fields)
        packing.seal(packet, 240)
        assert store.append(packet, 244)
        index += 18
        store.step(time.ticks_ms())
        time.sleep_ms(86)
