# Run by MicroPython: microseconds of the flash ring's own work; the flash itself is memory and takes no time.
import gc
import time

import micropython

from distal_cuff import packing
from distal_cuff.store import Store
from distal_cuff.store_read import Range

ROUNDS = 1500
BLOCKS = 120


@micropython.viper
def both(to: ptr8, at: int, source: ptr8, count: int):  # noqa: F821
    i = 0
    while i < count:
        to[at + i] = int(to[at + i]) & int(source[i])
        i += 1


class Memory:
    """As fast as this interpreter can copy."""

    def __init__(self):
        self.data = bytearray(BLOCKS * 4096)

    def ioctl(self, op, arg):
        if op == 6:
            for at in range(arg * 4096, arg * 4096 + 4096):
                self.data[at] = 255
        return BLOCKS if op == 4 else 4096

    def readblocks(self, number, buffer, offset):
        at = number * 4096 + offset
        buffer[:] = self.data[at : at + len(buffer)]

    def writeblocks(self, number, buffer, offset):
        both(self.data, number * 4096 + offset, buffer, len(buffer))


def took(call, times):
    begin = time.ticks_us()
    for _ in range(times):
        call()
    return time.ticks_diff(time.ticks_us(), begin) / times


flash = Memory()
for place in range(BLOCKS):
    flash.ioctl(6, place)
gc.collect()
before = gc.mem_alloc()
store = Store(flash, 1, b"12345678")
gc.collect()
heap = gc.mem_alloc() - before
store._erased = BLOCKS  # what an erase takes is the flash's own time
packet = bytearray(244)
packet[0] = packet[1] = packet[2] = 1
packet[14] = 18
index = bytearray(4)
spent = 0
for _ in range(ROUNDS):
    packing.put32(packet, 4, index, 0)
    packing.put32(index, 0, index, 18)
    packing.seal(packet, 240)
    begin = time.ticks_us()
    store.append(packet, 244)
    spent += time.ticks_diff(time.ticks_us(), begin)
mount_us = took(lambda: Store(flash, 2, b"12345678"), 20)
find_us = took(lambda: Range(store, 1, 18 * (ROUNDS // 2), 99999), 100)
wanted = Range(store, 1, 0, 99999999)
count = 0
begin = time.ticks_us()
while wanted.next():
    count += 1
read_us = time.ticks_diff(time.ticks_us(), begin) / count
print(spent / ROUNDS, mount_us / BLOCKS, find_us, read_us, heap, ROUNDS - count)
