# Run by MicroPython: the firmware's own flash ring, after sessions and a power cut, as a file.
#   mp_image.py FILE BLOCKS PACKETS [CUT]   prints the packets that were confirmed, as hex
import sys

from nor import NorFlash, PowerCut
from store_bench import packet, store_on

from distal_wire import spec

name, blocks, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
flash = NorFlash(4096 * blocks)
store = store_on(flash, 1)
store.mark(spec.MARK_START, 2, 0, 0, 0)
half = count // 2
for i in range(count):
    if i == half:
        store.mark(spec.MARK_STOP, 2, 18 * i, 0, 0)
        store = store_on(flash, 2)
        store.mark(spec.MARK_START, 1, 0, 0, 0)
    boot, index = (1, 18 * i) if i < half else (2, 18 * (i - half))
    message = packet(boot, index, 18, 244 - i % 5 * 24)
    if len(sys.argv) > 4 and i == count - 1:
        flash.cut_in = int(sys.argv[4])
    try:
        store.append(message, len(message))
        print(message.hex())
    except PowerCut:
        break
    store.step(300 * i)
with open(name, "wb") as file:
    file.write(flash.data)
