"""A web server inside the loop that runs already, for as long as a with-statement lasts."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from distal.daemon.guard import App, Guard
from distal.errors import DaemonError

GRACE_S = 3  # a browser holds its event stream open: it ends within a second, or is cut after so long


class _Server(uvicorn.Server):
    """uvicorn that leaves the signals to its owner."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: App, address: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve `app` until the block is left; gives the URL. Port 0: a free one.

    raises  DaemonError when the port is taken
    """
    door = open_door(address, port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[door]))
    try:
        while not server.started and not running.done():
            await asyncio.sleep(0.01)
        yield url_of(door)
    finally:
        if isinstance(app, Guard):
            app.is_ending = True
        server.should_exit = True
        await asyncio.gather(running, return_exceptions=True)
        door.close()


def open_door(address: str, port: int) -> socket.socket:
    """A listening socket. raises DaemonError"""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((address, port))
    except OSError as error:
        door.close()
        text = f"cannot listen on {address} port {port} ({error.strerror}). Does another daemon run?"
        raise DaemonError(f"{text} Else choose another port: distal daemon --port N") from error
    return door


def url_of(door: socket.socket) -> str:
    """The address to type into a browser."""
    host, port = door.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
