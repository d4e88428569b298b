"""Which ports are boards, and what is said when one cannot be used."""

import errno
import fcntl
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import serial

from distal.device import boards
from distal.device.boards import (
    BOARD_CHIPS,
    CHIPS,
    Board,
    boards_among,
    check_port,
    default_board,
    only_board,
)
from distal.errors import ManyBoards, NoBoard, PortBusy, PortDenied
from distal_wire import spec

S3 = Board("/dev/ttyACM0", "ESP32 (its own USB)")
CH340 = Board("/dev/ttyUSB0", "CH340 serial adapter")


@dataclass
class Port:
    """What pyserial says of a port."""

    device: str
    vid: int | None
    pid: int | None
    serial_number: str | None = None


def test_boards_are_told_from_other_ports_by_their_usb_numbers() -> None:
    ports = [
        Port("/dev/ttyUSB0", 0x1A86, 0x7523),
        Port("/dev/ttyS0", None, None),
        Port("/dev/ttyACM1", 0x1D50, 0x6018),  # a debug probe
        Port("/dev/ttyACM0", 0x303A, 0x1001, "24:0A:C4:00:12:34"),
    ]
    assert boards_among(ports) == [Board(S3.port, S3.what, "24:0A:C4:00:12:34"), CH340]


@pytest.mark.parametrize(
    ("vendor", "product"),
    [(0x303A, 0x4001), (0x2886, 0x0056), (0x1A86, 0x55D4), (0x10C4, 0xEA60), (0x0403, 0x6001)],
)
def test_every_usual_adapter_is_known(vendor: int, product: int) -> None:
    assert boards_among([Port("COM3", vendor, product)])


def test_one_board_needs_no_choice() -> None:
    assert only_board([S3]) == S3


def test_no_board_says_which_cable_and_which_buttons() -> None:
    with pytest.raises(NoBoard, match=r"carries data.*hold BOOT.*--port NAME"):
        only_board([])


def test_several_boards_are_named() -> None:
    with pytest.raises(ManyBoards, match=r"/dev/ttyACM0 .*, /dev/ttyUSB0 \(CH340.*--port"):
        only_board([S3, CH340])


def test_every_board_of_the_wire_has_a_chip_and_every_chip_a_board() -> None:
    assert list(BOARD_CHIPS) == [name for _, name in spec.BOARDS]
    assert [default_board(chip) for chip in CHIPS] == [
        "generic",
        "xiao_esp32c3",
        "xiao_esp32s3",
        "xiao_esp32c6",
    ]


def test_a_port_that_is_not_there_is_no_board(tmp_path: Path) -> None:
    with pytest.raises(NoBoard, match=r"cannot be opened .*Plug the board in"):
        check_port(str(tmp_path / "ttyACM0"))


@pytest.mark.skipif(sys.platform == "win32", reason="ptys and locks of POSIX")
def test_a_port_that_another_program_holds_is_busy() -> None:
    host, slave = os.openpty()
    try:
        check_port(os.ttyname(slave))
        fcntl.flock(slave, fcntl.LOCK_EX)  # what pyserial, esptool and mpremote do
        with pytest.raises(PortBusy, match="is in use"):
            check_port(os.ttyname(slave))
    finally:
        os.close(host)
        os.close(slave)


@pytest.mark.skipif(sys.platform == "win32", reason="there a refusal means that the port is busy")
def test_a_port_without_permission_names_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: serial.Serial) -> None:
        raise serial.SerialException(errno.EACCES, "could not open port /dev/ttyACM0: Permission denied")

    monkeypatch.setattr(serial.Serial, "open", refuse)
    with pytest.raises(PortDenied, match=r"usermod -aG dialout"):
        check_port("/dev/ttyACM0")


def test_ports_are_listed_by_pyserial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: [Port("COM4", 0x10C4, 0xEA60)])
    assert boards.find_boards() == [Board("COM4", "CP210x serial adapter")]
