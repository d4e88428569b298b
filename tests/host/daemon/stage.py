"""Two virtual cuffs with the real firmware, a daemon that knows them, and what a test does to both."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np

from distal.daemon.config import Config
from distal.daemon.daemon import Daemon
from distal.daemon.logs import make_log
from distal.daemon.state import State
from distal.device.keys import CuffStore, KnownCuff
from distal.errors import BluetoothOff
from distal.link.base import Found, Keys
from distal.link.ble import BleRadio
from distal.virtual.rig import VirtualRig


class Leg:
    """At rest until a test says otherwise; then it turns at 100 deg/s."""

    duration_s = 1e6

    def __init__(self) -> None:
        self.is_moving = False

    def sample(self, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        gyr, acc = np.zeros((len(t), 3)), np.zeros((len(t), 3))
        acc[:, 0] = -9.80665
        if self.is_moving:
            gyr[:, 2] = np.radians(100)
        return gyr, acc


class Radio(BleRadio):
    """The rig's, until the stage has none."""

    def __init__(self, stage: "Stage", keys: Keys) -> None:
        super().__init__(stage.rig.backend, keys)
        self._stage = stage

    async def scan(self, *terms: Any) -> list[Found]:
        if not self._stage.has_radio:
            raise BluetoothOff("it is switched off. Switch it on.")
        return await super().scan(*terms)


class Stage:
    """Two virtual cuffs, a daemon that knows them, and what a test does to them."""

    def __init__(self, rig: VirtualRig, legs: list[Leg], folder: Path, **settings: Any) -> None:
        self.rig, self.legs, self.folder = rig, legs, folder
        self.has_radio, self.opened = True, 0
        self.store = CuffStore(folder / "cuffs.json")
        for cuff in rig.cuffs:
            key = cuff.setup.key.hex() if cuff.setup.key else None
            self.store.put(KnownCuff(cuff.cuff, key, cuff.setup.name, cuff.setup.side, 1000))
        self.sessions = folder / "sessions"
        config = Config.model_validate({**settings, "recordings": {"folder": self.sessions}})
        self.log = open(folder / "log.jsonl", "a", encoding="utf-8")  # noqa: SIM115  closed by `stage`
        self.daemon = Daemon(config, self.open_radio, self.store, make_log(self.log))

    @asynccontextmanager
    async def open_radio(self, keys: Keys) -> AsyncIterator[BleRadio]:
        self.opened += 1
        if not self.has_radio:
            raise BluetoothOff("no adapter. Plug it in.")
        yield Radio(self, keys)

    async def until(self, what: Callable[[State], bool], seconds: float = 60.0) -> State:
        """Wait for a state. Fails with the messages when it does not come."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not what(self.daemon.state()):
            assert loop.time() < end, self.daemon.state()
            await asyncio.sleep(0.1)
        return self.daemon.state()

    async def linked(self) -> State:
        return await self.until(lambda now: [one.link for one in now.cuffs] == ["linked"] * len(self.legs))

    async def phase(self, phase: str, seconds: float = 60.0) -> State:
        return await self.until(lambda now: now.phase == phase, seconds)

    def texts(self) -> list[str]:
        return [message.text for message in self.daemon.state().messages]

    def recordings(self) -> list[Path]:
        return sorted(self.sessions.glob("*.distal"))


Act = Callable[[Stage], Coroutine[Any, Any, None]]
Play = Callable[..., Stage]
