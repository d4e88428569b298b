"""What a cuff cannot find out by itself, given to it; and the proof that it then works."""

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from distal.device.install import About, Patience, ask, await_port, restart
from distal.device.tools import run_tool
from distal.errors import BoardFull, BoardSilent, CuffNotFound
from distal.link.base import INBOX_SIZE, Radio
from distal_wire import spec

ACC_RANGES_G = {"LSM6DSO32": 32, "LSM6DSO": 16}  # the widest: an ankle needs it
MIN_FREE_HEAP = 32_000  # ring of 5 s at 208 Hz (16 kB), buffers and the radio, see firmware/README.md
ANSWER_S, ANSWERS = 1.0, 8  # to Ctrl-C; a loop in sleep_ms answers at once
LOOP = "distal_cuff/app.py"  # in the traceback of a cuff that runs

CHECK = """
import gc, json
import distal_wire.codec
from distal_cuff import app, battery, button, control, led, radio, rest, ring, sampler, sampling
from distal_cuff.imu import lsm6dso32
from distal_cuff.messages import VERSION
from distal_cuff.settings import Settings
from distal_wire import spec
settings = Settings()
__import__("boards." + settings.board)
with open("cuff.json") as file:
    stored = json.load(file)
gc.collect()
print("DISTAL " + json.dumps({
    "firmware": ".".join([str(part) for part in VERSION]), "wire": spec.VERSION,
    "free_heap": gc.mem_free(), "board": settings.board, "side": settings.side,
    "mass_g": settings.mass_g, "name": settings.name, "imu": settings.imu,
    "rate_hz": settings.rate_hz, "key": stored.get("key"),
}))
"""


@dataclass(frozen=True, slots=True)
class Provision:
    """What goes into cuff.json beside the key."""

    board: str
    side: str | None
    mass_g: int  # worn, cuff included; 0 unknown
    name: str | None = None
    imu: str = spec.IMUS[0][1]
    rate_hz: int = 208


@dataclass(frozen=True, slots=True)
class Checked:
    """What the cuff said of itself once it was installed."""

    firmware: str
    free_heap: int


def cuff_json(provision: Provision, key: str) -> str:
    """The file that `distal_cuff.settings` reads."""
    facts = {
        "board": provision.board,
        "side": provision.side,
        "mass_g": provision.mass_g,
        "name": provision.name,
        "imu": provision.imu,
        "rate_hz": provision.rate_hz,
        "acc_range_g": ACC_RANGES_G[provision.imu],
        "gyr_range_dps": 2000,
        "key": key,
    }
    return json.dumps({name: value for name, value in facts.items() if value is not None})


def check(port: str, provision: Provision, key: str) -> Checked:
    """Import the firmware on the board and read back what it was given. raises BoardSilent, BoardFull"""
    said = ask(port, CHECK)
    expected = {**json.loads(cuff_json(provision, key)), "wire": spec.VERSION}
    wrong = [name for name, value in said.items() if name in expected and value != expected[name]]
    if wrong:
        raise BoardSilent(f"the cuff read back another {', '.join(wrong)} than was written. Flash it again.")
    if said["free_heap"] < MIN_FREE_HEAP:
        raise BoardFull(
            f"the firmware leaves {said['free_heap'] >> 10} kB of memory, too little to stream. Use a"
            " MicroPython build with fewer modules, or a board with more memory."
        )
    return Checked(said["firmware"], said["free_heap"])


def start_and_watch(port: str, patience: Patience) -> None:
    """Restart the cuff; a while later its loop must be running. raises BoardSilent

    Ctrl-C ends main.py with a traceback that names the place it was at: in its loop, or still on the way
    there, then it gets more time. No traceback: it had ended by itself. At last the cuff is restarted.
    """
    for longer in (1, 3, 9):
        restart(port)
        time.sleep(patience.settle_s * longer)
        port = await_port(port, patience.back_s)
        said = _interrupt(port)
        if "KeyboardInterrupt" not in said:
            raise BoardSilent(
                f"main.py does not run: {_why(port)}. Check the board's wiring, flash it again."
            )
        if LOOP in said:
            restart(port)
            return
    raise BoardSilent("main.py does not reach its loop. Check the board's wiring, flash it again.")


def _interrupt(port: str) -> str:
    """Everything the board says until its prompt comes; Ctrl-C is said again when nothing does."""
    import serial

    said = b""
    try:
        with serial.Serial(port, 115200, timeout=ANSWER_S) as line:
            for _ in range(ANSWERS):
                line.write(b"\r\x03")
                said += line.read_until(b">>> ")
                if said.endswith(b">>> "):
                    break
    except OSError as error:
        raise BoardSilent(f"{port} went away when the cuff was restarted ({error}). Try again.") from error
    return said.decode("utf-8", "replace")


def _why(port: str) -> str:
    """What ended main.py: run it once more, to see."""
    return run_tool("mpremote", ["connect", port, "exec", "import main"], ANSWER_S * ANSWERS).last


async def hear(radio: Radio, about: About, seconds: float = 15.0) -> str:
    """The name of that cuff on the air, after it told its id over Bluetooth. raises CuffNotFound"""
    for found in await radio.scan(seconds):
        with suppress(CuffNotFound):
            link = await radio.connect(found, asyncio.Queue(INBOX_SIZE))
            try:
                if link.info.cuff == about.cuff:
                    return found.name
            finally:
                await link.close()
    raise CuffNotFound(
        "the cuff is flashed, but was not heard over Bluetooth. Bring it closer; see: distal scan"
    )


def write_json(folder: Path, text: str) -> Path:
    """The file to copy, readable by its owner alone: it holds the key."""
    path = folder / "cuff.json"
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path
