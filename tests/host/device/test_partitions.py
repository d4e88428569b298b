"""Room for the flash ring in the partition table of an image."""

import functools
import hashlib
import operator
import struct
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.host.device.told import job

from distal.device import flash
from distal.device.boards import CHIPS
from distal.device.image import read_image
from distal.device.partitions import Partition, read_table, with_ring, write_table

NVS = Partition(1, 2, 0x9000, 0x6000, "nvs")
PHY = Partition(1, 1, 0xF000, 0x1000, "phy_init")
APP = Partition(0, 0, 0x10000, 0x1F0000, "factory")
FILES = Partition(1, 0x81, 0x200000, 0x200000, "vfs")
OLD = [NVS, PHY, APP, FILES]  # MicroPython's partitions-4MiB.csv before 1.26
NEW = [NVS, PHY, APP]  # partitions-4MiBplus.csv from then on
C3 = CHIPS[1]


def image_of(rows: list[Partition], rng: np.random.Generator, size_code: int = 2) -> bytes:
    """A boot loader of two segments with checksum and digest, a partition table, noise."""
    segments = [rng.bytes(1000), rng.bytes(404)]
    loader = b"\xe9\x02\x02" + bytes([size_code << 4]) + bytes(8) + b"\x05" + bytes(10) + b"\x01"
    loader += b"".join(struct.pack("<II", 0x40380000, len(part)) + part for part in segments)
    checksum = functools.reduce(operator.xor, b"".join(segments), 0xEF)
    loader += bytes(15 - len(loader) % 16) + bytes([checksum])
    data = bytearray(rng.bytes(0x11000))
    data[: len(loader) + 32] = loader + hashlib.sha256(loader).digest()
    data[0x8000:0x8C00] = write_table(rows)
    return bytes(data)


def rows_of(image: bytes | None) -> list[Partition]:
    assert image
    rows = read_table(image[0x8000:0x8C00])
    assert rows
    return rows


@pytest.mark.parametrize("rows", [OLD, NEW])
def test_the_file_system_gets_half_a_megabyte_and_the_ring_the_rest(
    rows: list[Partition], rng: np.random.Generator
) -> None:
    image = image_of(rows, rng)
    changed = with_ring(image, 0)
    assert changed
    assert rows_of(changed) == [
        *NEW,
        Partition(1, 0x81, 0x200000, 0x80000, "vfs"),
        Partition(1, 0x06, 0x280000, 0x180000, "distal"),
    ]
    assert changed[:0x8000] + changed[0x8C00:] == image[:0x8000] + image[0x8C00:]
    assert len(changed) == len(image)


def test_nothing_reaches_beyond_the_flash(rng: np.random.Generator) -> None:
    assert rows_of(with_ring(image_of(NEW, rng), 0, 4 << 20))[-1].end == 4 << 20
    assert rows_of(with_ring(image_of(NEW, rng, 3), 0))[-1].end == 8 << 20
    assert rows_of(with_ring(image_of(NEW, rng, 3), 0, 4 << 20))[-1].end == 4 << 20


def test_a_board_with_more_flash_than_the_image_says_gets_all_of_it(rng: np.random.Generator) -> None:
    """esptool's own reader finds the header, the checksum and the digest in order."""
    changed = with_ring(image_of(NEW, rng), 0, 8 << 20)
    assert rows_of(changed)[-1] == Partition(1, 0x06, 0x280000, 0x580000, "distal")
    assert changed
    assert changed[3] == 0x30
    told = describe(changed)
    assert "Flash size: 8MB" in told
    assert "(valid)" in told.split("Checksum:")[1].splitlines()[0]
    assert "(valid)" in told.split("Validation hash:")[1].splitlines()[0]


def describe(image: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.bin"
        path.write_bytes(image)
        command = [sys.executable, "-m", "esptool", "--chip", "esp32c3", "image-info", str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_an_image_whose_digest_is_unclear_keeps_its_size(rng: np.random.Generator) -> None:
    image = bytearray(image_of(NEW, rng))
    image[40] ^= 1
    assert rows_of(with_ring(bytes(image), 0, 8 << 20))[-1].end == 4 << 20


def test_a_table_without_room_or_with_a_ring_or_damaged_stays(rng: np.random.Generator) -> None:
    assert with_ring(image_of(NEW, rng, 1), 0) is None
    assert with_ring(with_ring(image_of(NEW, rng), 0) or b"", 0) is None
    damaged = bytearray(image_of(OLD, rng))
    damaged[0x8005] ^= 1
    assert with_ring(bytes(damaged), 0) is None


def test_the_checksum_row_is_the_md5_of_the_rows_before_it(rng: np.random.Generator) -> None:
    table = write_table(rows_of(with_ring(image_of(NEW, rng), 0)))
    assert table[5 * 32 : 5 * 32 + 16] == b"\xeb\xeb" + b"\xff" * 14
    assert table[5 * 32 + 16 : 6 * 32] == hashlib.md5(table[: 5 * 32]).digest()
    assert table[6 * 32 :] == b"\xff" * (0xC00 - 6 * 32)


@pytest.mark.parametrize(
    ("use_stub", "keep_files", "has_ring"), [(True, False, 1), (True, True, 0), (False, False, 0)]
)
def test_the_table_changes_only_where_the_whole_flash_is_erased(
    tmp_path: Path, rng: np.random.Generator, use_stub: bool, keep_files: bool, has_ring: int
) -> None:
    """A file system that stays would be refused at another size."""
    path = tmp_path / "micropython.bin"
    path.write_bytes(image_of(OLD, rng))
    wanted = replace(job(""), use_stub=use_stub, keep_files=keep_files)
    folder = tmp_path / "prepared"
    folder.mkdir()
    prepared = flash.with_room(wanted, C3, read_image(path), 4 << 20, folder)
    labels = [row.label for row in rows_of(prepared.path.read_bytes())]
    assert labels.count("distal") == has_ring
    assert path.read_bytes() != prepared.path.read_bytes() or not has_ring
