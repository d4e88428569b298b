"""A board on a pty: a boot ROM for esptool and a real MicroPython REPL for mpremote behind one port.

Which of the two answers follows from what the host says: a SLIP packet begins with 0xC0, which no REPL
command does. The REPL is the unix port's own raw REPL, untouched. Two things it has no word for are
bridged here: where a board restarts inside itself (Ctrl-D, `machine.reset()`), the unix port ends
its process, so a new one is started; and a board runs `main.py` when it is switched on.
"""

import contextlib
import os
import pty
import select
import shutil
import subprocess
import sys
import termios
import threading
import tty
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.host.device.boot_rom import BootRom, Faults

# A session of its own with the console as its terminal: then Ctrl-C interrupts a running main.py.
# One that comes before MicroPython listens is lost, as on a board that boots.
STARTER = "import os, sys, fcntl, signal, termios; signal.signal(2, signal.SIG_IGN); os.setsid()"
STARTER += "; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
RESET_CODE = 3  # what machine.py exits with
RAW = b"raw REPL; CTRL-B to exit\r\n"


HERE = Path(__file__).resolve().parent
FAKES = HERE.parents[1] / "firmware" / "fakes"
HEAP = "heapsize=400K"  # what a C3 leaves to MicroPython, in words twice as wide


def make_board(micropython: str, folder: Path) -> "FakeBoard":
    """A new board: empty flash, MicroPython that answers, an IMU and a radio that are fakes."""
    modules, files = folder / "modules", folder / "files"
    files.mkdir()
    shutil.copytree(HERE / "board_modules", modules)
    shutil.copy(FAKES / "machine.py", modules / "fake_machine.py")
    for name in ("fake_imu.py", "bluetooth.py"):
        shutil.copy(FAKES / name, modules / name)
    # the current folder is the board's file system, as "/" is on a board
    environment = {"MICROPYPATH": f":{modules}:.frozen", "PATH": "/usr/bin:/bin"}
    made = FakeBoard([micropython, "-X", HEAP], files, environment)
    made.modules = modules
    return made


def write_image(path: Path, noise: bytes) -> Path:
    """A whole image for an ESP32-C3: header, partition table, noise."""
    data = bytearray(noise)
    data[:16] = b"\xe9\x03\x02\x20" + bytes(8) + b"\x05\x00\x00\x00"
    data[0x8000:0x8002] = b"\xaa\x50"
    path.write_bytes(data)
    return path


class FakeBoard:
    """`port` is its path; the files of the cuff are in `folder`."""

    def __init__(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._command, self.folder, self._environment = command, folder, dict(environment)
        self._host, slave = pty.openpty()
        tty.setraw(slave)
        self._kept = slave  # a pty whose last reader closes would end; a board's port does not
        self.port = os.ttyname(slave)
        self.rom = BootRom(self._send)
        self.modules = folder
        self.resets = 0
        self._turned = threading.Condition()
        self.is_alive = True  # MicroPython starts
        self._process: subprocess.Popen[bytes] | None = None
        self._console = -1
        self._in_rom = False
        self._wake, self._waker = os.pipe()
        self._thread = threading.Thread(target=self._serve)

    def insert(self, chip: int = 5, **faults: Any) -> None:
        """Another chip on the board, or one with faults."""
        self.rom = BootRom(self._send, chip, Faults(**faults))

    def await_resets(self, number: int) -> bool:
        """Whether it was restarted so often, now or in a moment: `machine.reset()` gives no answer."""
        with self._turned:
            return self._turned.wait_for(lambda: self.resets >= number, 10.0)

    def __enter__(self) -> "FakeBoard":
        self._power_on()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.write(self._waker, b"x")
        self._thread.join()
        self._end_process()
        for number in (self._wake, self._waker):
            os.close(number)
        self._unplug()

    def _unplug(self) -> None:
        for number in (self._host, self._kept):
            with contextlib.suppress(OSError):
                os.close(number)
        self._host = self._kept = -1

    def _send(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._host, data) :]

    def _serve(self) -> None:
        while True:
            watched = [number for number in (self._host, self._console, self._wake) if number >= 0]
            ready = select.select(watched, [], [])[0]
            if self._wake in ready:
                return
            if self._console in ready:
                self._pass_console()
            if self._host in ready:
                self._take(os.read(self._host, 4096))
            if self.rom.is_unplugged and self._host >= 0:
                self._unplug()
                return

    def _take(self, data: bytes) -> None:
        """Bytes from the host: for the ROM or for the REPL."""
        if data[:1] == b"\xc0":
            self._in_rom = True
        elif self._in_rom and self.rom.is_between_packets:
            self._in_rom = False
            self._power_on()  # esptool's reset line does not exist on a pty
        if self._in_rom:
            self.rom.feed(data)
        elif self._process:
            os.write(self._console, data)

    def _pass_console(self) -> None:
        try:
            self._send(os.read(self._console, 4096))
        except OSError:  # the other end of its pty has closed: it has ended
            self._restart()

    def _restart(self) -> None:
        assert self._process
        code = self._process.wait()
        self._end_process()
        if code == RESET_CODE:
            self._power_on()
            with self._turned:
                self.resets += 1
                self._turned.notify_all()
            return
        self._start([])
        self._send(b"MPY: soft reboot\r\n")
        os.write(self._console, b"\x01")
        self._send(RAW + self._read_console(RAW))

    def _read_console(self, text: bytes) -> bytes:
        """What follows `text` on the console."""
        seen = b""
        while text not in seen:
            seen += os.read(self._console, 4096)
        return seen.split(text, 1)[1]

    def _power_on(self) -> None:
        self._end_process()
        if self.is_alive:
            self._start(["-i", "main.py"] if (self.folder / "main.py").exists() else [])

    def _start(self, arguments: list[str]) -> None:
        self._console, slave = pty.openpty()
        tty.setraw(slave)
        settings = termios.tcgetattr(slave)
        settings[3] |= termios.ISIG | termios.NOFLSH
        termios.tcsetattr(slave, termios.TCSANOW, settings)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", STARTER, *self._command, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=self.folder,
            env=self._environment,
        )
        os.close(slave)

    def _end_process(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            os.close(self._console)
            self._process, self._console = None, -1
