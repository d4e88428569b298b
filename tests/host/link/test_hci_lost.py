"""A controller that is pulled out and plugged in again, over TCP in real time."""

import asyncio

import pytest

pytest.importorskip("bumble")

from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError
from tests.host.link.test_hci import make_peer

from distal.link.hci import Backend, open_backend
from distal.virtual.air import Air, RadioFaults
from distal.virtual.clockloop import run
from distal.virtual.controller import AirController
from distal.virtual.hci_server import HciServer


async def connect(backend: Backend) -> BleakClient:
    found = await BleakScanner.find_device_by_name("peer 0", timeout=5, backend=backend.scanner)
    assert found is not None
    client = BleakClient(found, backend=backend.client)
    await client.connect()
    return client


def test_a_controller_that_comes_back_is_opened_anew() -> None:
    async def main() -> None:
        air = Air(RadioFaults())
        await make_peer(air, 0)
        controllers = [AirController(air, f"dongle {n}", f"F0:00:00:00:00:0{n}") for n in (1, 2)]
        plugged = HciServer(controllers[0])
        port = await plugged.start()
        backend = await open_backend(f"tcp-client:127.0.0.1:{port}")
        backend.terms.timeout_ms = 200.0  # so soon the peer knows that it is alone
        first = await connect(backend)
        await plugged.close()
        while first.is_connected:
            await asyncio.sleep(0.01)
        with pytest.raises(BleakError, match="the controller has gone"):
            await connect(backend)
        again = HciServer(controllers[1])
        await again.start(port)
        client = await connect(backend)
        assert client.is_connected
        await backend.close()
        await again.close()

    run(main(), 1.0)
