"""How long a cell lasts. An estimate from makers' figures, not a measurement.

    python power/model.py      prints the table of docs/power.md

Sources: radio and processor, Espressif's BLE application note and a board-level C3 measurement
(robdobson.com, 2023-11); IMU, LSM6DSO32 datasheet; deep sleep, forum.seeedstudio.com/t/276444 (PPK2, 3.8 V);
divider, 2 x 220 kOhm.
Rows marked * rest on an assumed processor current. Measure your board and put the figures here.
"""

from dataclasses import dataclass

CELLS_MAH = (200, 250, 400, 500)
USABLE = 0.85  # of the capacity: the regulator gives up before the cell is empty, and cells age
IMU_MA = 0.55
IMU_WAKE_MA = 0.02  # accelerometer alone, low power; remembered: verify against the datasheet
DIVIDER_MA = 3.8 / 440  # 3.8 V over 440 kOhm


@dataclass(frozen=True)
class Mode:
    """One way to use the cuff."""

    name: str
    awake_ma: float
    awake_share: float = 1.0
    asleep_ma: float = 0.0
    imu_ma: float = IMU_MA

    def current_ma(self) -> float:
        own = self.awake_ma * self.awake_share + self.asleep_ma * (1 - self.awake_share)
        return own + self.imu_ma + DIVIDER_MA

    def hours(self, cell_mah: float) -> float:
        return cell_mah * USABLE / self.current_ma()


MODES = (
    Mode("C3 streams, stock MicroPython", 27.0),
    Mode("S3 streams, 80 MHz *", 28.0),
    Mode("C6 streams, 160 MHz *", 30.0),
    Mode("S3 streams, 240 MHz *", 45.0),
    Mode("C3 streams, own build with light sleep, a quarter awake *", 27.0, 0.25, 2.3),
    Mode("logs to flash, radio off, a tenth awake *", 25.0, 0.10, 0.5),
    Mode("S3 waits in deep sleep for a motion", 0.0, 0.0, 0.012, IMU_WAKE_MA),
)


def lasts(hours: float) -> str:
    return f"{hours:.1f} h" if hours < 100 else f"{hours / 24:.0f} d"


def table() -> str:
    head = ["| mode | mA | " + " | ".join(f"{mah} mAh" for mah in CELLS_MAH) + " |", "|---" * 6 + "|"]
    rows = [
        f"| {mode.name} | {mode.current_ma():.3g} | "
        + " | ".join(lasts(mode.hours(mah)) for mah in CELLS_MAH)
        + " |"
        for mode in MODES
    ]
    return "\n".join(head + rows)


if __name__ == "__main__":
    print(table())
