"""A MicroPython image: a file that was checked before it goes anywhere near a board."""

import hashlib
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from distal.device.boards import CHIPS, Chip
from distal.errors import ImageError

MAGIC = 0xE9  # first byte of an Espressif image
CHIP_ID_AT = 12
PARTITIONS_AT = 0x8000  # in flash
PARTITIONS_MAGIC = b"\xaa\x50"
MAX_BYTES = 16 << 20
DOWNLOADS = "https://micropython.org/download/"
URL = "https://micropython.org/resources/firmware/{build}-{date}-v{version}.bin"


@dataclass(frozen=True, slots=True)
class Pinned:
    """A published image. Without its checksum it is not fetched: what cannot be checked is not trusted."""

    chip: str
    build: str
    version: str
    date: str
    sha256: str | None = None

    @property
    def url(self) -> str:
        """Where it is published."""
        return URL.format(build=self.build, date=self.date, version=self.version)


# The publisher lists no checksums. These were taken by others who fetched the files: that of ESP32_GENERIC
# stands alike in several unrelated projects, the other three in one of these (Warblet's open starter).
# None of these images has been flashed by us. A wrong checksum refuses the file, it never lets one pass.
PINNED = (
    Pinned(
        "ESP32",
        "ESP32_GENERIC",
        "1.28.0",
        "20260406",
        "cd7820d02c35d34dd403b44263129c6a511b350aea8446c229890753fe240784",
    ),
    Pinned(
        "ESP32-C3",
        "ESP32_GENERIC_C3",
        "1.28.0",
        "20260406",
        "c749c22b6fe00cb8211a3b227ed6c0ce9babb518fd8f5a661f7496eb878fa895",
    ),
    Pinned(
        "ESP32-S3",
        "ESP32_GENERIC_S3",
        "1.28.0",
        "20260406",
        "8c6039d40024cae3c6b04bb434f77901548f5487df9789af15548c54f9e11d7f",
    ),
    Pinned(
        "ESP32-C6",
        "ESP32_GENERIC_C6",
        "1.28.0",
        "20260406",
        "d338042d2dd87a00dad2163071f44bf67da1401e1d1d0686f2bb2e336e78f0e6",
    ),
)


@dataclass(frozen=True, slots=True)
class Image:
    """A whole image and the chip it is for."""

    path: Path
    chip: Chip
    size: int
    sha256: str


def read_image(path: Path, sha256: str | None = None) -> Image:
    """Read and check an image. raises ImageError with what to do"""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ImageError(
            f"{path} cannot be read: {error.strerror}. Give another file with --image."
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    if sha256 and digest != sha256.lower():
        raise ImageError(f"{path} is not the file that was meant: its SHA-256 is {digest}. Get it again.")
    return Image(path, _chip_of(path, data), len(data), digest)


def _chip_of(path: Path, data: bytes) -> Chip:
    if data[:4] == b"UF2\n":
        raise ImageError(f"{path} is a .uf2 file. Take the .bin of the same version from {DOWNLOADS}")
    if len(data) < CHIP_ID_AT + 2 or data[0] != MAGIC or len(data) > MAX_BYTES:
        raise ImageError(f"{path} is no image for an ESP32. Take a .bin from {DOWNLOADS}")
    number = int.from_bytes(data[CHIP_ID_AT : CHIP_ID_AT + 2], "little")
    chip = next((chip for chip in CHIPS if chip.image_id == number), None)
    if chip is None:
        known = ", ".join(chip.name for chip in CHIPS)
        raise ImageError(f"{path} is for another chip (number {number}). A cuff's is one of {known}.")
    at = PARTITIONS_AT - chip.offset
    if data[at : at + 2] != PARTITIONS_MAGIC:
        raise ImageError(
            f"{path} is only a part (an .app-bin is for updates). Take the .bin from {DOWNLOADS}"
        )
    return chip


def pinned_for(chip: str) -> Pinned:
    """The row of that chip. raises ImageError"""
    for pinned in PINNED:
        if pinned.chip == chip:
            return pinned
    raise ImageError(f"no image is pinned for {chip}. Give one with --image; they are at {DOWNLOADS}")


def fetch(pinned: Pinned, folder: Path) -> Image:
    """Download a pinned image, once, and check it. raises ImageError"""
    path = folder / pinned.url.rsplit("/", 1)[1]
    if not pinned.sha256:
        raise ImageError(
            f"no checksum is known for {path.name}, so it is not fetched. Download {pinned.url} yourself"
            " and give the file with --image."
        )
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_download(pinned.url))
    try:
        return read_image(path, pinned.sha256)
    except ImageError:
        path.unlink(missing_ok=True)  # else it would be found again next time
        raise


def _download(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            data: bytes = answer.read(MAX_BYTES + 1)
            return data
    except OSError as error:
        raise ImageError(f"{url} cannot be fetched ({error}). Download it elsewhere, use --image.") from error
