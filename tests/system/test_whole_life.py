"""One cuff's whole life: a bare board is flashed, paired, worn, reported on, and its mass is corrected."""

import asyncio
import json
import math
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from tests.host.device.fake_board import make_board, write_image
from tests.host.device.told import QUICK

from distal.cli import cli
from distal.daemon.config import Config
from distal.daemon.daemon import Daemon, running
from distal.daemon.logs import make_log
from distal.device import install
from distal.device.keys import CuffStore
from distal.link import ble
from distal.link.base import Keys
from distal.model import Received
from distal.recording import Recording
from distal.virtual import clockloop
from distal.virtual.motion import Athlete, Reps, Rest, Script
from distal.virtual.rig import CuffSetup, VirtualRig

pytestmark = pytest.mark.slow
REPS = 3
LIFTS = Script(
    [Rest(4.0, "sitting"), Reps("seated_knee_extension", reps=REPS, side="left"), Rest(4.0, "sitting")]
)
DONE = LIFTS.perform(Athlete())


class Life:
    """One cuff, one computer, one settings folder; commands are typed as a stranger types them."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch = folder, patch
        self.files = folder / "files"  # of the board, from flashing on
        self.sessions = folder / "sessions"
        patch.setenv("DISTAL_CONFIG", str(folder / "settings"))
        patch.setenv("ESPTOOL_CFGFILE", str(folder / "esptool.cfg"))
        (folder / "esptool.cfg").write_text("[esptool]\nconnect_attempts = 1\n")

    def type(self, *arguments: object) -> Result:
        done = CliRunner().invoke(cli, [str(one) for one in arguments])
        assert done.exit_code == 0, done.output
        return done

    def flash(self, micropython: str) -> str:
        """A bare board on USB becomes a cuff that is said to weigh 2 kg; returns its id."""
        patience = (QUICK.back_s, QUICK.settle_s, QUICK.try_s)
        self.patch.setattr(install.Patience.__init__, "__defaults__", patience)
        noise = np.random.default_rng(1).integers(0, 256, 34_000, "uint8").tobytes()
        image = write_image(self.folder / "micropython.bin", noise)
        with make_board(micropython, self.folder) as board:
            options = ("--port", board.port, "--image", image, "--no-stub", "--yes", "--json")
            done = self.type("flash", "--side", "left", "--mass", 2, *options)
            assert board.rom.flash[: image.stat().st_size] == image.read_bytes()
        cuff: str = json.loads(done.stdout)["cuff"]
        return cuff

    def setup(self, cuff: str) -> CuffSetup:
        """The flashed files on a leg: same firmware, same cuff.json, same chip."""
        where = {"files": self.files, "unique_id": bytes.fromhex(cuff), "board": "xiao_esp32c3"}
        return CuffSetup(DONE.left, **where)  # type: ignore[arg-type]

    def pair(self, cuff: str) -> Any:
        @asynccontextmanager
        async def open_radio(keys: Keys | None = None) -> AsyncIterator[ble.BleRadio]:
            async with VirtualRig([self.setup(cuff)]) as rig:
                await asyncio.sleep(1.0)
                yield ble.BleRadio(rig.backend, keys)
                rig.check()

        with self.patch.context() as patch:
            patch.setattr(ble, "open_radio", open_radio)
            patch.setattr(asyncio, "run", lambda coro: clockloop.run(coro, math.inf))
            return json.loads(self.type("pair", cuff[-4:], "--json").stdout)["paired"][0]

    def wear(self, cuff: str) -> Path:
        """A session of the daemon, begun and ended by the cuff's button; returns its recording."""

        async def main() -> None:
            async with VirtualRig([self.setup(cuff)]) as rig:
                config = Config.model_validate(
                    {"recordings": {"folder": self.sessions}, "wearer": {"height_m": 1.75}}
                )

                @asynccontextmanager
                async def open_radio(keys: Keys) -> AsyncIterator[ble.BleRadio]:
                    yield ble.BleRadio(rig.backend, keys)

                daemon = Daemon(config, open_radio, CuffStore(), make_log(log))
                async with running(daemon):
                    await _until(lambda: daemon.state().phase == "ready")
                    await asyncio.sleep(2.0)
                    await rig.cuffs[0].press_button()
                    await _until(lambda: daemon.state().phase == "recording")
                    await asyncio.sleep(DONE.duration_s + 1.0)
                    await rig.cuffs[0].press_button()
                    await _until(lambda: daemon.state().phase == "ready")
                rig.check()

        with open(self.folder / "log.jsonl", "w", encoding="utf-8") as log:
            clockloop.run(main(), speed=math.inf)
        (path,) = self.sessions.glob("*.distal")
        return path


async def _until(what: Any, seconds: float = 60.0) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not what():
        assert loop.time() < end, "it did not come"
        await asyncio.sleep(0.1)


def packets(path: Path) -> list[Received]:
    with Recording(path) as recording:
        return list(recording.received())


def loads(report: Any) -> list[float]:
    keys = ("peak_force_n", "peak_moment_nm", "impulse_nms", "work_concentric_j", "peak_power_w")
    return [one["load"][key] for one in report["sets"][0]["reps"] for key in keys]


def test_a_board_becomes_a_cuff_is_paired_worn_reported_and_corrected(
    micropython: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform != "linux":
        pytest.skip("mpremote knows ptys on Linux only")
    life = Life(tmp_path, monkeypatch)
    cuff = life.flash(micropython)
    assert [one.name for one in life.files.rglob("*.py")] == ["main.py"]  # the rest runs as it was compiled
    assert life.pair(cuff) | {"address": None} == {
        "cuff": cuff,
        "name": "Distal left",
        "side": "left",
        "mass_kg": 2.0,
        "address": None,
        "proof": "key",
    }
    path = life.wear(cuff)
    before = json.loads(path.with_suffix(".json").read_text())
    assert before["coverage"] == {"left": 1.0, "right": None}
    assert before["mass_kg"]["left"] == 2.0
    assert [(one["side"], len(one["reps"])) for one in before["sets"]] == [("left", REPS)]
    assert "Not a medical device." in path.with_suffix(".html").read_text()
    received = packets(path)
    life.type("facts", path, "--mass", 1, "--note", "read the wrong label")
    after = json.loads(life.type("report", path, "--json", "--html", tmp_path / "again.html").stdout)
    assert packets(path) == received
    assert loads(after) == pytest.approx([value / 2 for value in loads(before)], rel=1e-5)
    assert [one["rom_deg"] for one in after["sets"][0]["reps"]] == [
        one["rom_deg"] for one in before["sets"][0]["reps"]
    ]
    assert "1.0 kg" in (tmp_path / "again.html").read_text()
