"""A virtual controller offered over TCP (H4), as a dongle would be offered over USB."""

import asyncio

from bumble.transport.common import PacketParser

from distal.errors import VirtualError
from distal.virtual.controller import AirController


class HciServer:
    """Serves one controller to one host at a time; a host that goes leaves it reset."""

    def __init__(self, controller: AirController) -> None:
        self._controller = controller
        self._server: asyncio.Server | None = None
        self._guests: set[_Guest] = set()

    async def start(self, tcp_port: int = 0, host: str = "127.0.0.1") -> int:
        """Listen; returns the TCP port. Raises VirtualError when it is taken."""
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                lambda: _Guest(self._controller, self._guests), host, tcp_port
            )
        except OSError as error:
            text = f"cannot listen on {host}:{tcp_port} ({error.strerror}); choose another port"
            raise VirtualError(text) from error
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Drop the host and listen no more."""
        if self._server:
            self._server.close()
        for guest in list(self._guests):
            guest.drop()
        await asyncio.sleep(0)  # transports close in the next turn of the loop


class _Guest(asyncio.Protocol):
    """One host's connection: packets in, packets out."""

    def __init__(self, controller: AirController, guests: "set[_Guest]") -> None:
        self._controller, self._guests = controller, guests
        self._parser = PacketParser(controller)
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self._guests:
            transport.close()
            return
        self._guests.add(self)
        self._transport = transport
        self._controller.set_packet_sink(self)

    def data_received(self, data: bytes) -> None:
        if self._transport:
            self._parser.feed_data(data)

    def on_packet(self, packet: bytes) -> None:
        """From the controller."""
        if self._transport and not self._transport.is_closing():
            self._transport.write(packet)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport:
            self._controller.silence()
            self._controller.set_packet_sink(None)
            self._guests.discard(self)

    def drop(self) -> None:
        """End it at once."""
        if self._transport:
            self._transport.abort()
