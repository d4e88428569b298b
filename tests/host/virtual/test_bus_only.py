"""Foreign interpreters on the bus: real time, their own clock, folder A alone."""

import asyncio
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from distal.errors import VirtualError
from distal.units import G
from distal.virtual import bus
from distal.virtual.bus_only import serve_bus
from distal.virtual.clockloop import run
from distal.virtual.interpreter import find_micropython, firmware_folder, micropython_path

PROGRAMS = Path(__file__).parent / "programs"


class Still:
    duration_s = 60.0

    def sample(self, t: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        acc = np.zeros((len(t), 3))
        acc[:, 2] = G
        return np.zeros_like(acc), acc


async def foreign(tcp_port: int, index: int, program: str) -> str:
    """A MicroPython started by somebody else; what it printed."""
    own = {
        "MICROPYPATH": micropython_path(firmware_folder(), radio=False),
        "DISTAL_BUS": f"127.0.0.1:{tcp_port}",
        "CUFF_INDEX": str(index),
    }
    process = await asyncio.create_subprocess_exec(
        *find_micropython(),
        str(PROGRAMS / program),
        env={**os.environ, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 20)
    return output.decode()


@pytest.mark.usefixtures("micropython")
def test_foreign_cuffs_sample_in_real_time_on_one_port() -> None:
    async def main() -> None:
        async with serve_bus([Still(), Still()]) as served:
            prints = await asyncio.gather(*(foreign(served.tcp_port, k, "foreign.py") for k in range(2)))
        for index, text in enumerate(prints):
            facts = dict(line.split(" ", 1) for line in text.splitlines())
            assert facts["owned"] == "False", text
            assert facts["id"] == bus.unique_id(index).hex()
            assert facts["clock"] == "True"
            # 0.5 s at 208.33 Hz is 104 slots of two words, seen 16 at a time; a busy machine takes longer
            assert 190 <= int(facts["words"]) < 800
            assert int(facts["edges"]) >= 3
            assert facts["overrun"] == "0"
        assert all(not len(cuff.imu.fifo) for cuff in served.cuffs)  # gone: their power is off

    run(main(), 1.0)


async def ask(tcp_port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", tcp_port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize(("op", "index"), [(bus.HELLO, 5), (bus.TIME, 0)])
def test_stranger_is_refused(op: int, index: int) -> None:
    async def main() -> bytes:
        async with serve_bus([Still()]) as served:
            return await ask(served.tcp_port, bus.REQUEST.pack(op, 0, 0, index))

    assert run(main(), 1.0) == b"\x06\x00\x00\x00"  # ENXIO


def test_taken_port_is_told() -> None:
    async def main() -> None:
        async with serve_bus([Still()]) as served:
            with pytest.raises(VirtualError, match="choose another port"):
                async with serve_bus([Still()], served.tcp_port):
                    pass

    run(main(), 1.0)


def test_end_of_the_server_ends_its_connections() -> None:
    async def main() -> bytes:
        async with serve_bus([Still()]) as served:
            reader, writer = await asyncio.open_connection("127.0.0.1", served.tcp_port)
            writer.write(bus.REQUEST.pack(bus.HELLO, 0, 0, 0))
            await reader.readexactly(4 + 8)
        rest = await reader.read()
        writer.close()
        return rest

    assert run(main(), 1.0) == b""
