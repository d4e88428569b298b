"""Building a packet on the cuff, under the real interpreter of this computer."""

import os
import subprocess
from pathlib import Path

from tests.bench.row import Row

import distal_wire
from distal.virtual.interpreter import find_micropython, firmware_folder

GROUP = "packet on the cuff"
SCRIPT = Path(__file__).with_name("mp_packet.py")
I2C_US_PER_BYTE = 22.5  # 400 kHz, 9 bits a byte
PERIOD_US = 18 * 192 * 25  # one packet's samples at 208 Hz


def rows() -> list[Row]:
    """Time of one packet of 18 samples beside a byte copy, the I2C transfer and the time there is."""
    wire = Path(distal_wire.__file__).parent.parent
    environment = {**os.environ, "MICROPYPATH": f"{firmware_folder()}:.frozen:{wire}"}
    command = [*find_micropython(), str(SCRIPT)]
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    packet, copy, crc, size, wrong = map(float, printed.split())
    if wrong:
        raise RuntimeError(f"{wrong:.0f} samples went wrong in the benchmark")
    transfer = size * I2C_US_PER_BYTE
    return [
        Row(GROUP, "copy of 244 bytes (limit)", copy, "µs", 1.0, "copy"),
        Row(GROUP, "FIFO words → sealed packet", packet, "µs", packet / copy, "copy"),
        Row(GROUP, "of it CRC-32", crc, "µs", crc / copy, "copy"),
        Row(
            GROUP,
            "FIFO words → sealed packet",
            packet,
            "µs",
            packet / transfer,
            "its I2C transfer at 400 kHz",
        ),
        Row(
            GROUP,
            "FIFO words → sealed packet",
            packet,
            "µs",
            packet / PERIOD_US,
            "time between packets, 208 Hz",
        ),
    ]
