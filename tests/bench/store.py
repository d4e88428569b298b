"""The flash ring on the cuff, under the real interpreter of this computer. What flash takes is not in it."""

import os
import subprocess
from pathlib import Path

from tests.bench.cuff import PERIOD_US
from tests.bench.row import Row

import distal_wire
from distal.virtual.interpreter import find_micropython, firmware_folder

GROUP = "flash ring on the cuff"
SCRIPT = Path(__file__).with_name("mp_store.py")
START_US = 1e6  # a start may take a second
BLOCKS = 1024  # 4 MB


def rows() -> list[Row]:
    """Time to keep a packet, to read one back, to find a range, to start with 4 MB; heap of the ring."""
    wire = Path(distal_wire.__file__).parent.parent
    environment = {**os.environ, "MICROPYPATH": f"{firmware_folder()}:.frozen:{wire}"}
    command = [*find_micropython(), "-X", "heapsize=2000wK", str(SCRIPT)]
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    append, header, find, read, heap, missing = map(float, printed.split())
    if missing:
        raise RuntimeError(f"{missing:.0f} packets were not read back in the benchmark")
    return [
        Row(
            GROUP,
            "keep a packet, flash not counted",
            append,
            "µs",
            append / PERIOD_US,
            "time between packets, 208 Hz",
        ),
        Row(GROUP, "read a packet back, checked", read, "µs", read / append, "keeping it"),
        Row(GROUP, "find a range", find, "µs", find / append, "keeping a packet"),
        Row(
            GROUP,
            "start with 4 MB, flash not counted",
            header * BLOCKS,
            "µs",
            header * BLOCKS / START_US,
            "1 s",
        ),
        Row(GROUP, "heap of the ring", heap, "B", heap / 100_000, "100 kB"),
    ]
