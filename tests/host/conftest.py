"""Messages as a cuff would send them, made with construct (not with the code under test)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from distal.model import Received
from distal_wire import parse, spec

PERIOD_TICKS = 192
RATE_HZ = 40000 / 192


@dataclass
class FakeCuff:
    """Builds the messages of one cuff: sample i carries i in every count, so that a row tells its index."""

    cuff: str = "a1b2c3d4e5f6"
    side: int = spec.SIDE_LEFT
    boot: int = 7
    first_index: int = 0
    first_clock: int = 1000
    skew: float = 0.0  # cuff clock is fast by that share
    delay: Callable[[int], float] = field(default=lambda _i: 0.01)  # s between a packet's last sample and us

    def message(self, kind: int, t_host: float, **fields: Any) -> Received:
        return Received(self.cuff, t_host, parse.build(kind, **fields))

    def info(self, **other: Any) -> Received:
        fields: dict[str, Any] = {
            "boot": self.boot,
            "cuff_id": bytes.fromhex(self.cuff).ljust(8, b"\0"),
            "side": self.side,
            "board": 0,
            "imu": 1,
            "firmware_major": 0,
            "firmware_minor": 1,
            "firmware_patch": 0,
            "rate_hz": 208,
            "acc_range_g": 32,
            "gyr_range": 16,
            "mass_g": 1000,
            "ring_slots": 64,
            "encodings": 1,
        }
        return self.message(spec.KIND_INFO, 100.0, **{**fields, **other})

    def answer(self, op: int, index: int, t_host: float = 100.0, **other: Any) -> Received:
        fields: dict[str, Any] = {
            "op": op,
            "seq": 1,
            "key": 0,
            "error": 0,
            "detail": 0,
            "index": index,
            "clock": 0,
        }
        return self.message(spec.KIND_RESPONSE, t_host, **{**fields, **other})

    def status(self, **other: Any) -> Received:
        fields: dict[str, Any] = {
            "boot": self.boot,
            "index": 0,
            "clock": 0,
            "battery_mv": 3900,
            "battery_pct": 80,
            "flags": 1,
            "ring_fill": 0,
            "lost": 0,
            "overruns": 0,
            "no_buffer": 0,
            "imu_errors": 0,
            "bad_commands": 0,
        }
        return self.message(spec.KIND_STATUS, 100.0, **{**fields, **other})

    def packet(self, start: int, count: int = 18, pause_ticks: int = 0, encoding: int = 0) -> Received:
        """Samples start .. start + count since the first; arrival by `skew` and `delay`."""
        clock = self.first_clock + start * PERIOD_TICKS + pause_ticks
        end_ticks = (start + count - 1) * PERIOD_TICKS + pause_ticks
        t_host = 100.0 + end_ticks / 40000 / (1 + self.skew) + self.delay(start)
        samples = [
            dict.fromkeys(("gx", "gy", "gz", "ax", "ay", "az"), i % 30000)
            for i in range(start, start + count)
        ]
        return self.message(
            spec.KIND_SAMPLES,
            t_host,
            boot=self.boot,
            index=(self.first_index + start) % 2**32,
            clock=clock % 2**32,
            rate_hz=208,
            count=count,
            encoding=encoding,
            flags=0,
            imu=1,
            acc_range_g=32,
            gyr_range=16,
            samples=samples,
        )

    def packets(self, n: int, start: int = 0) -> list[Received]:
        return [self.packet(start + 18 * i) for i in range(n)]


@pytest.fixture
def still_csv(tmp_path: Path) -> Path:
    """Ten seconds of a sensor at rest."""
    path = tmp_path / "still.csv"
    t = np.arange(1000) / 100
    rows = np.column_stack([t, *np.tile([[-9.81], [0.0], [0.0], [0.0], [0.0], [0.0]], len(t))])
    np.savetxt(path, rows, "%.4f", ",", header="time_s,ax,ay,az,gx,gy,gz", comments="")
    return path


@pytest.fixture
def fake_cuff() -> type[FakeCuff]:
    return FakeCuff
