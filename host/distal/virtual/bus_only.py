"""The bus alone, for interpreters that somebody else starts: real time, their own clock and radio.

    async with serve_bus([left_motion, right_motion], 7700) as served:
        await asyncio.Event().wait()

Each interpreter says by CUFF_INDEX which motion it wears; see README.md for its MICROPYPATH.
"""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from distal.errors import VirtualError
from distal.virtual import bus
from distal.virtual.bus import BusClock, Port
from distal.virtual.lsm6dso32 import ADDRESS, ImuFaults, Lsm6dso32, Motion, World
from distal.virtual.peripherals import Peripherals

XIAO_S3_INT1 = 3  # GPIO of D2, see hardware/
NO_SUCH_CUFF = bus.REPLY.pack(errno.ENXIO, 0, 0)


class ForeignCuff:
    """Peripherals of one interpreter that keeps its own time."""

    def __init__(self, index: int, motion: Motion, world: World) -> None:
        loop = asyncio.get_running_loop()
        self.port = Port(index, BusClock(loop, owns_time=False))
        self.board = Peripherals(self.port, loop)
        self.imu = Lsm6dso32(motion, world, ImuFaults(seed=1 + index))
        self.board.i2c.chips[ADDRESS] = self.imu
        self.board.pins.connect(XIAO_S3_INT1, self.imu)

    def power_on(self) -> None:
        """A board that was just switched on: what an interpreter finds when it comes."""
        self.board.restart(bus.CAUSE_POWER_ON)
        self.imu.power_on(self.port.clock.now())


class BusServer:
    """Ordinary asyncio streams in front of the ports' handlers."""

    def __init__(self, cuffs: Sequence[ForeignCuff]) -> None:
        self.cuffs = cuffs
        self.tcp_port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from its hello to its end."""
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await self._serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the interpreter ended; it may come back
        finally:
            self._tasks.discard(task)
            writer.close()

    async def close(self) -> None:
        """Drop the interpreters that are still there; they end by themselves."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await _request(reader)
        index = hello[2]
        if hello[0] != bus.HELLO or index >= len(self.cuffs):
            writer.write(NO_SUCH_CUFF)
            return
        cuff = self.cuffs[index]
        cuff.power_on()
        writer.write(cuff.port.reply(cuff.port.answer(*hello)))
        try:
            while True:
                writer.write(cuff.port.reply(cuff.port.answer(*await _request(reader))))
        finally:
            cuff.power_on()  # its FIFO is off: the motion can rewind


async def _request(reader: asyncio.StreamReader) -> tuple[int, int, int, bytes]:
    op, a, n, arg = bus.REQUEST.unpack(await reader.readexactly(bus.REQUEST.size))
    return op, a, arg, await reader.readexactly(n) if n else b""


@asynccontextmanager
async def serve_bus(
    motions: Sequence[Motion], tcp_port: int = 0, host: str = "127.0.0.1"
) -> AsyncIterator[BusServer]:
    """Serve one cuff per motion on one TCP port (0: any, see `.tcp_port`).

    Raises VirtualError when the port is taken. Needs real time.
    """
    world = World()
    served = BusServer([ForeignCuff(index, motion, world) for index, motion in enumerate(motions)])
    try:
        server = await asyncio.start_server(served.serve, host, tcp_port)
    except OSError as error:
        text = f"cannot listen on {host}:{tcp_port} ({error.strerror}); choose another port"
        raise VirtualError(text) from error
    served.tcp_port = int(server.sockets[0].getsockname()[1])
    try:
        yield served
    finally:
        server.close()
        await served.close()
