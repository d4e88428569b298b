"""Whole sessions in virtual time: real firmware, radio, bleak, recording."""

import asyncio
import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from distal.link.ble import BleRadio
from distal.recording import Recording
from distal.session import Listener, Plan, Session
from distal.virtual.clockloop import run
from distal.virtual.rig import CuffSetup, RadioFaults, VirtualRig
from distal_wire import batch


@dataclass(frozen=True)
class Swing:
    """A leg that swings like a pendulum, every axis in motion, in closed form."""

    duration_s: float = 60.0
    phase: float = 0.0

    def sample(self, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        turn = 2 * np.pi * np.clip(t, 0, self.duration_s) + self.phase
        gyr = np.stack([np.sin(turn), 2 * np.cos(turn), 0.5 * np.sin(2 * turn)], 1)
        acc = np.stack([np.sin(turn), np.cos(turn), 9.80665 + 0.5 * np.sin(turn)], 1)
        still = (t < 0) | (t > self.duration_s)
        gyr[still] = 0.0
        return gyr, acc


@dataclass
class Outcome:
    """What a session left behind."""

    path: Path
    taken: list[int]  # by the IMUs between start and stop
    notes: list[str]

    def packets(self) -> dict[str, list[bytes]]:
        """Messages of each cuff in order of arrival."""
        found: dict[str, list[bytes]] = {}
        with Recording(self.path) as recording:
            for received in recording.received():
                found.setdefault(received.cuff, []).append(received.data)
        return found

    def indices(self) -> list[np.ndarray]:
        """Sample numbers of each cuff's good packets, repeats included."""
        decoded = [batch.decode(messages) for _, messages in sorted(self.packets().items())]
        assert all(not part.faults for part in decoded)
        return [
            np.concatenate([np.arange(row["count"]) + int(row["index"]) for row in part.header])
            for part in decoded
        ]


Happen = Callable[[VirtualRig], Coroutine[Any, Any, None]]
Record = Callable[..., Outcome]


def two_cuffs() -> list[CuffSetup]:
    return [
        CuffSetup(Swing(), side="left", mass_g=1000),
        CuffSetup(Swing(phase=1.0), side="right", mass_g=1000),
    ]


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Record a session with virtual cuffs; `happen(rig)` runs beside it."""
    return record_in(tmp_path)


def record_in(folder: Path) -> Record:
    """As `record`, into any folder."""

    def record_session(
        seconds: float = 8.0,
        faults: RadioFaults | None = None,
        happen: Happen | None = None,
        setups: list[CuffSetup] | None = None,
    ) -> Outcome:
        notes: list[str] = []

        async def main() -> Outcome:
            out = folder / f"session{len(list(folder.glob('*.distal')))}.distal"
            async with VirtualRig(setups or two_cuffs(), faults) as rig:
                plan = Plan(duration_s=seconds, cuffs=len(rig.cuffs))
                session = Session(BleRadio(rig.backend), out, plan, Listener(note=notes.append))
                await _beside(session.run(), happen(rig) if happen else None)
                rig.check()
                return Outcome(out, [cuff.taken for cuff in rig.cuffs], notes)

        return run(main(), speed=math.inf)

    return record_session


async def _beside(session: Coroutine[Any, Any, object], happen: Coroutine[Any, Any, None] | None) -> None:
    beside = asyncio.ensure_future(happen) if happen else None
    try:
        await session
    finally:
        if beside:
            beside.cancel()
            await asyncio.gather(beside, return_exceptions=True)
