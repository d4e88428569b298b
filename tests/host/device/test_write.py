"""The real esptool against a boot ROM on a pty."""

from pathlib import Path

import pytest
from tests.host.device import boot_rom
from tests.host.device.fake_board import FakeBoard
from tests.host.device.told import Told, job

from distal.device import flash
from distal.device.boards import CHIPS
from distal.device.image import read_image
from distal.errors import BoardSilent, ImageError, WriteFailed, WrongChip

C3 = CHIPS[1]
ALWAYS = tuple(range(100))


def write(board: FakeBoard, path: Path) -> Told:
    told = Told()
    flash.write(job(board.port), C3, read_image(path), told)
    return told


@pytest.mark.parametrize(("number", "name"), [(5, "ESP32-C3"), (9, "ESP32-S3")])
def test_the_chip_and_its_flash_are_identified(board: FakeBoard, number: int, name: str) -> None:
    board.insert(number)
    chip, flash_bytes = flash.identify(board.port, use_stub=False)
    assert (chip.name, flash_bytes) == (name, 4 << 20)
    assert boot_rom.FLASH_BEGIN not in board.rom.commands


def test_a_chip_that_no_cuff_can_have_is_named(board: FakeBoard) -> None:
    board.insert(16)
    with pytest.raises(WrongChip, match=r"ESP32-H2; .* one of ESP32, ESP32-C3"):
        flash.identify(board.port, use_stub=False)


def test_a_board_outside_its_boot_loader_is_told_to_enter_it(board: FakeBoard) -> None:
    board.insert(is_mute=True)
    with pytest.raises(BoardSilent, match="Hold BOOT, press RESET"):
        flash.identify(board.port, use_stub=False)


def test_every_byte_arrives_and_is_verified(board: FakeBoard, image: Path) -> None:
    told = write(board, image)
    assert board.rom.flash[: image.stat().st_size] == image.read_bytes()
    assert board.rom.flash[image.stat().st_size :].strip(b"\xff") == b""
    assert boot_rom.FLASH_MD5 in board.rom.commands
    assert told.shares == sorted(told.shares)
    assert told.shares[-1] == 1.0


def test_noise_on_the_line_costs_a_block_which_is_sent_again(board: FakeBoard, image: Path) -> None:
    board.insert(noise=(7, 20))
    write(board, image)
    assert board.rom.flash[: image.stat().st_size] == image.read_bytes()
    assert board.rom.blocks == -(-image.stat().st_size // 1024) + 2


def test_a_line_that_is_all_noise_fails(board: FakeBoard, image: Path) -> None:
    board.insert(noise=ALWAYS)
    with pytest.raises(WriteFailed, match="was not written"):
        write(board, image)


def test_worn_flash_is_found_by_its_md5(board: FakeBoard, image: Path) -> None:
    board.insert(worn=(3,))
    with pytest.raises(WriteFailed, match="MD5 of file does not match"):
        write(board, image)


def test_a_board_unplugged_while_writing_is_told_as_such(board: FakeBoard, image: Path) -> None:
    board.insert(unplugged_after=10)
    with pytest.raises(WriteFailed, match=r"was unplugged\. Nothing is broken"):
        write(board, image)


def test_an_image_for_another_chip_is_refused(board: FakeBoard, image: Path) -> None:
    board.insert(9)
    with pytest.raises(ImageError, match="is for an ESP32-C3 and the board has an ESP32-S3"):
        flash._write_micropython(job(board.port, image=read_image(image)), Told())
    assert board.rom.blocks == 0


def test_an_image_larger_than_the_flash_is_refused(board: FakeBoard, image: Path) -> None:
    board.insert(flash_id=0x1440C8)  # 1 MB
    with image.open("ab") as file:
        file.truncate((1 << 20) + 1)
    with pytest.raises(ImageError, match="the flash has 1 MB"):
        flash._write_micropython(job(board.port, image=read_image(image)), Told())
