"""The daemon as a program, in real time over a lent radio: killed, out of reach, without a radio, stopped."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.system.conftest import two_cuffs

from distal.device.keys import CuffStore, KnownCuff
from distal.recording import Recording
from distal.virtual import clockloop
from distal.virtual.rig import VirtualRig
from distal_wire import batch

State = dict[str, Any]


class Program:
    """A running `distal daemon`, asked over HTTP."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, web: httpx.AsyncClient) -> None:
        self.process, self.url, self.web = process, url, web

    async def state(self) -> State:
        state: State = (await self.web.get(self.url + "state")).json()
        return state

    async def until(self, what: Callable[[State], bool], seconds: float = 30.0) -> State:
        state: State = {}
        for _ in range(int(seconds / 0.1)):
            state = await self.state()
            if what(state):
                return state
            await asyncio.sleep(0.1)
        pytest.fail(f"not within {seconds} s: {state}")

    async def linked(self) -> State:
        return await self.until(lambda now: [one["link"] for one in now["cuffs"]] == ["linked"] * 2)

    async def post(self, path: str) -> None:
        (await self.web.post(self.url + path)).raise_for_status()

    async def end(self, number: int) -> int:
        self.process.send_signal(number)
        await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode


@asynccontextmanager
async def daemon(folder: Path, hci_port: int) -> AsyncIterator[Program]:
    """`distal daemon` with its settings in `folder`; killed at the end if it still runs."""
    environment = {
        **os.environ,
        "DISTAL_CONFIG": str(folder),
        "DISTAL_HCI": f"tcp-client:127.0.0.1:{hci_port}",
    }
    command = [sys.executable, "-m", "distal.cli", "daemon", "--port", "0"]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE, env=environment)
    assert process.stderr
    try:
        async for line in process.stderr:
            said = json.loads(line)
            if said["event"] == "serving":
                async with httpx.AsyncClient(timeout=10) as web:
                    yield Program(process, said["url"], web)
                return
        pytest.fail("the daemon did not start")
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def settle(folder: Path, rig: VirtualRig) -> Path:
    """Settings and paired cuffs; returns the folder of the sessions."""
    (folder / "daemon.toml").write_text(f'[recordings]\nfolder = "{folder}/sessions"\n')
    store = CuffStore(folder / "cuffs.json")
    for cuff in rig.cuffs:
        store.put(KnownCuff(cuff.cuff, side=cuff.setup.side))
    return folder / "sessions"


def assert_whole(path: Path, never_lost: str) -> None:
    """The file is undamaged; the samples of the cuff that was always linked are there without a hole.

    The other one's are too in virtual time (tests/host/daemon): here its memory races a busy computer.
    """
    with Recording(path) as recording:
        rows = list(recording.received())
        assert recording.damage == []
    for cuff in {row.cuff for row in rows}:
        decoded = batch.decode([row.data for row in rows if row.cuff == cuff])
        assert decoded.faults == ()
        found = {int(row["index"]) + i for row in decoded.header for i in range(row["count"])}
        assert len(found) > 2 * 208
        assert cuff != never_lost or found == set(range(max(found) + 1))


@pytest.mark.slow
def test_cuff_loss_and_kill_cost_nothing_that_was_saved(tmp_path: Path) -> None:
    async def live() -> None:
        async with VirtualRig(two_cuffs()) as rig:
            sessions, port = settle(tmp_path, rig), await rig.serve_hci()
            async with daemon(tmp_path, port) as program:
                await program.linked()
                await program.post("start")
                await asyncio.sleep(1.0)
                rig.cuffs[0].move_out_of_range()
                await program.until(lambda now: now["cuffs"][0]["link"] == "lost")
                assert (await program.state())["phase"] == "recording"
                rig.cuffs[0].move_into_range()
                await program.linked()
                await asyncio.sleep(1.5)
                await program.end(signal.SIGKILL)
            (path,) = sessions.glob("*.distal")
            assert_whole(path, rig.cuffs[1].cuff)
            async with daemon(tmp_path, port) as program:
                state = await program.until(lambda now: len(now["reports"]) == 1)
                assert any("cut off" in one["text"] for one in state["messages"])
                report = (await program.web.get(program.url + f"sessions/{path.stem}.json")).json()
                assert report["coverage"]["right"] == 1.0
                await program.linked()
                await program.post("start")
                await asyncio.sleep(1.0)
                assert await program.end(signal.SIGTERM) == 0
            assert len(list(sessions.glob("*.json"))) == 2  # the session that ran was saved

    clockloop.run(live())
