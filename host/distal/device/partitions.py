"""Room for the flash ring in a MicroPython image: its partition table gets a `distal` partition.

Why so: on a stock MicroPython all flash behind the program is the file system's. LittleFS notes its number
of blocks and refuses to mount with another, so a cuff cannot give it less later (`_boot.py` mounts it
before any file of ours runs). A ring in a file would be rewritten from the place of each change on. So the
table is changed before the first boot, which then formats `vfs` at its new size. MicroPython 1.26 and newer
make `vfs` themselves only where the table has none (micropython pull request 17337).
Format of a table: ESP-IDF, "Partition Tables". Never tried on a physical board.
"""

import hashlib
import struct
from dataclasses import dataclass

from distal.device.image import PARTITIONS_AT, PARTITIONS_MAGIC
from distal_wire import spec

ROW = struct.Struct("<2sBBII16sI")
TABLE_BYTES = 0xC00
MD5_HEAD = b"\xeb\xeb" + b"\xff" * 14
DATA, FAT, UNDEFINED = 1, 0x81, 0x06  # type and subtypes
VFS = "vfs"
VFS_BYTES = 0x80000  # our files take about 200 kB
LEAST_RING = 0x40000
BLOCK = 4096
FLASH_SIZE_AT = 3  # high half of that byte of an image: 1 MB << n
HAS_DIGEST_AT, HEADER_BYTES, DIGEST_BYTES = 23, 24, 32


@dataclass(frozen=True, slots=True)
class Partition:
    """One row of the table."""

    type: int
    subtype: int
    offset: int
    size: int
    label: str
    flags: int = 0

    @property
    def end(self) -> int:
        """Where the next one may begin."""
        return self.offset + self.size


def read_table(table: bytes) -> list[Partition] | None:
    """The rows of a table; None when it is none, or its checksum is wrong."""
    found: list[Partition] = []
    for at in range(0, len(table) - ROW.size + 1, ROW.size):
        row = table[at : at + ROW.size]
        if row[:2] == PARTITIONS_MAGIC:
            _, kind, subtype, offset, size, label, flags = ROW.unpack(row)
            found.append(Partition(kind, subtype, offset, size, _text(label), flags))
        elif row[:16] == MD5_HEAD:
            return found if row[16:] == hashlib.md5(table[:at]).digest() else None
        else:
            return found if row == b"\xff" * ROW.size else None
    return None


def write_table(rows: list[Partition]) -> bytes:
    """A table with its checksum, as it lies in flash."""
    table = b"".join(
        ROW.pack(PARTITIONS_MAGIC, row.type, row.subtype, row.offset, row.size, row.label.encode(), row.flags)
        for row in rows
    )
    return (table + MD5_HEAD + hashlib.md5(table).digest()).ljust(TABLE_BYTES, b"\xff")


def with_ring(image: bytes, image_offset: int, flash_bytes: int | None = None) -> bytes | None:
    """The image with room for the ring; None where there is none, or the table is not understood.

    flash_bytes  of the board, when it is known. The boot loader refuses a table that goes beyond the size
                 in the image's header, 4 MB in the generic images: it is raised where the board has more.
    """
    at = PARTITIONS_AT - image_offset
    rows = read_table(image[at : at + TABLE_BYTES])
    if rows is None or any(row.label == spec.STORE_LABEL for row in rows):
        return None
    flash = flash_bytes or _flash_of(image)
    image = _for_flash(image, flash)
    changed = _with_ring(rows, min(flash, _flash_of(image)))
    if changed is None:
        return None
    return image[:at] + write_table(changed) + image[at + TABLE_BYTES :]


def _flash_of(image: bytes) -> int:
    return 1 << 20 << (image[FLASH_SIZE_AT] >> 4)


def _for_flash(image: bytes, flash: int) -> bytes:
    """The image with that flash size in its header and its digest made anew; as it was if that is unclear.

    As esptool's --flash-size does it. Layout: ESP-IDF, "App Image Format"; the boot loader comes first.
    """
    size = flash.bit_length() - 21
    end = _boot_loader_end(image)
    if flash <= _flash_of(image) or flash != 1 << 20 << size or end is None:
        return image
    if hashlib.sha256(image[:end]).digest() != image[end : end + DIGEST_BYTES]:
        return image
    byte = image[FLASH_SIZE_AT] & 0x0F | size << 4
    head = image[:FLASH_SIZE_AT] + bytes([byte]) + image[FLASH_SIZE_AT + 1 : end]
    return head + hashlib.sha256(head).digest() + image[end + DIGEST_BYTES :]


def _boot_loader_end(image: bytes) -> int | None:
    """Where the digest of the first image stands; None when it has none."""
    if image[HAS_DIGEST_AT] != 1:
        return None
    at = HEADER_BYTES
    for _ in range(image[1]):
        if at + 8 > PARTITIONS_AT:
            return None
        at += 8 + int.from_bytes(image[at + 4 : at + 8], "little")
    end = (at | 15) + 1  # a checksum ends the last 16 bytes
    return end if end + DIGEST_BYTES <= PARTITIONS_AT else None


def _with_ring(rows: list[Partition], flash: int) -> list[Partition] | None:
    others = [row for row in rows if row.label != VFS]
    files = next((row for row in rows if row.label == VFS), None)
    begin = files.offset if files else -(-max((row.end for row in others), default=flash) // BLOCK) * BLOCK
    is_last = all(row.end <= begin for row in others)
    end = flash if is_last or not files else files.end
    ring = (end - begin - VFS_BYTES) // BLOCK * BLOCK
    if ring < LEAST_RING or end > flash:
        return None
    return [
        *others,
        Partition(DATA, FAT, begin, VFS_BYTES, VFS),
        Partition(DATA, UNDEFINED, begin + VFS_BYTES, ring, spec.STORE_LABEL),
    ]


def _text(label: bytes) -> str:
    return label.rstrip(b"\0").decode("ascii", "replace")
