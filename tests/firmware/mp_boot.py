# main.py as it is, with a fake board, for `argv[1]` turns of its loop; then what it left of the heap.
import gc
import sys
import time

time.sleeps_left = int(sys.argv[1])
try:
    import main  # noqa: F401
except SystemExit:
    pass
gc.collect()

import machine  # noqa: E402

print(gc.mem_alloc(), gc.mem_free(), machine.fed[0], machine.imu.registers[0x10])
