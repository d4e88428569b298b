"""Boards on USB: which ports they are, which chip a board has, whether a port may be opened."""

import errno
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from distal.errors import ManyBoards, NoBoard, PortBusy, PortDenied
from distal_wire import spec

# (USB vendor, product or None for any of that vendor, what it is)
USB = (
    (0x303A, 0x1001, "ESP32 (its own USB)"),
    (0x303A, None, "Espressif board"),
    (0x2886, None, "Seeed board"),
    (0x1A86, None, "CH340 serial adapter"),
    (0x10C4, None, "CP210x serial adapter"),
    (0x0403, None, "FTDI serial adapter"),
)


@dataclass(frozen=True, slots=True)
class Chip:
    """What differs between the chips that a cuff can be built on."""

    name: str  # as esptool prints it
    image_id: int  # in the header of an image, esp_app_format.h of ESP-IDF
    offset: int  # where the image begins in flash
    machine: str  # in MicroPython's sys.implementation._machine


CHIPS = (
    Chip("ESP32", 0, 0x1000, "ESP32"),
    Chip("ESP32-C3", 5, 0, "ESP32C3"),
    Chip("ESP32-S3", 9, 0, "ESP32S3"),
    Chip("ESP32-C6", 13, 0, "ESP32C6"),
)
# board of spec.BOARDS -> its chip; generic: any
BOARD_CHIPS = {
    "generic": None,
    "xiao_esp32s3": "ESP32-S3",
    "xiao_esp32c3": "ESP32-C3",
    "xiao_esp32c6": "ESP32-C6",
}


@dataclass(frozen=True, slots=True)
class Board:
    """A serial port that a board may be behind."""

    port: str
    what: str
    serial: str | None = None


def find_boards() -> list[Board]:
    """Ports of this computer that look like a board, in the order of their names."""
    from serial.tools import list_ports

    return boards_among(list_ports.comports())


def boards_among(ports: Iterable[Any]) -> list[Board]:
    """Those of pyserial's ports whose USB numbers are in the table."""
    found = []
    for port in ports:
        what = _describe(port.vid, port.pid)
        if what:
            found.append(Board(port.device, what, port.serial_number))
    return sorted(found, key=lambda board: board.port)


def _describe(vendor: int | None, product: int | None) -> str | None:
    for known_vendor, known_product, what in USB:
        if vendor == known_vendor and known_product in (None, product):
            return what
    return None


def only_board(found: Sequence[Board]) -> Board:
    """The one that is plugged in. raises NoBoard, ManyBoards"""
    if not found:
        raise NoBoard(
            "no board is plugged in. Use a USB cable that carries data, not one for charging; if the board is"
            " new, hold BOOT, press RESET, release BOOT. A port that is not recognised: --port NAME"
        )
    if len(found) > 1:
        names = ", ".join(f"{board.port} ({board.what})" for board in found)
        raise ManyBoards(
            f"several boards are plugged in: {names}. Choose one with --port, or unplug the rest."
        )
    return found[0]


def default_board(chip: Chip) -> str:
    """The board of ours that has this chip; generic if none has."""
    return next((board for board, name in BOARD_CHIPS.items() if name == chip.name), spec.BOARDS[0][1])


def check_port(port: str) -> None:
    """Open and close it. raises NoBoard, PortDenied, PortBusy"""
    import serial

    probe = serial.Serial(exclusive=True)
    probe.port = port
    probe.dtr = probe.rts = False  # both at rest: the usual circuit then does not reset the board
    try:
        probe.open()
        probe.close()
    except OSError as error:  # pyserial's SerialException is one
        raise _refusal(port, error) from error


def _refusal(port: str, error: OSError) -> NoBoard | PortBusy | PortDenied:
    number = error.errno
    if number in (errno.EBUSY, errno.EAGAIN) or (sys.platform == "win32" and os.path.exists(port)):
        return PortBusy(
            f"{port} is in use. Close what has it open (serial monitor, IDE, mpremote), then again."
        )
    if number in (errno.EACCES, errno.EPERM):
        return PortDenied(
            f"no permission to open {port}. On Linux: sudo usermod -aG dialout $USER, then log out and in"
            " (Arch: group uucp)."
        )
    return NoBoard(
        f"{port} cannot be opened ({error.strerror or error}). Plug the board in; see: distal flash"
    )
