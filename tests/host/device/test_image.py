"""Files that are an image, and files that are not."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from distal.device import image as images
from distal.device.boards import CHIPS
from distal.device.image import PINNED, Pinned, fetch, pinned_for, read_image
from distal.errors import ImageError


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def publisher(image: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pinned]:
    """The image on a web server of this computer, under the name of a published one."""
    pinned = Pinned("ESP32-C3", "BUILD", "9.9", "20990101", hashlib.sha256(image.read_bytes()).hexdigest())
    folder = image.parent / "served"
    folder.mkdir()
    (folder / "BUILD-20990101-v9.9.bin").write_bytes(image.read_bytes())
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        monkeypatch.setattr(
            images, "URL", f"http://127.0.0.1:{server.server_port}/{images.URL.rsplit('/', 1)[1]}"
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield pinned
        server.shutdown()
        thread.join()


def test_an_image_tells_its_chip(image: Path) -> None:
    read = read_image(image)
    assert (read.chip.name, read.size) == ("ESP32-C3", image.stat().st_size)


def test_the_image_of_an_esp32_begins_4_kb_later_in_flash(image: Path) -> None:
    data = bytearray(image.read_bytes())
    data[12:14], data[0x7000:0x7002] = b"\0\0", b"\xaa\x50"
    image.write_bytes(data)
    assert read_image(image).chip.offset == 0x1000


@pytest.mark.parametrize(
    ("place", "data", "says"),
    [
        (0, b"UF2\n", "is a .uf2 file"),
        (0, b"\x7fELF", "is no image for an ESP32"),
        (12, b"\x10\x00", "for another chip .number 16"),
        (0x8000, b"\xff\xff", "only a part .an .app-bin"),
    ],
)
def test_what_is_no_whole_image_is_refused(image: Path, place: int, data: bytes, says: str) -> None:
    whole = bytearray(image.read_bytes())
    whole[place : place + len(data)] = data
    image.write_bytes(whole)
    with pytest.raises(ImageError, match=says):
        read_image(image)


def test_a_file_that_is_missing_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="cannot be read"):
        read_image(tmp_path / "none.bin")
    (tmp_path / "empty.bin").touch()
    with pytest.raises(ImageError, match="is no image"):
        read_image(tmp_path / "empty.bin")


def test_a_file_with_another_checksum_is_refused(image: Path) -> None:
    assert read_image(image, hashlib.sha256(image.read_bytes()).hexdigest().upper())
    with pytest.raises(ImageError, match="not the file that was meant"):
        read_image(image, "00" * 32)


def test_every_chip_has_a_pinned_image_of_one_version() -> None:
    assert {pinned_for(chip.name).version for chip in CHIPS} == {PINNED[0].version}
    assert all(pinned.sha256 is None or len(bytes.fromhex(pinned.sha256)) == 32 for pinned in PINNED)


def test_a_fetched_image_is_checked_and_kept(publisher: Pinned, tmp_path: Path) -> None:
    fetched = fetch(publisher, tmp_path / "images")
    assert fetched.sha256 == publisher.sha256
    (tmp_path / "served" / fetched.path.name).unlink()
    assert fetch(publisher, tmp_path / "images") == fetched


def test_a_fetched_image_with_another_checksum_is_thrown_away(publisher: Pinned, tmp_path: Path) -> None:
    other = Pinned(publisher.chip, publisher.build, publisher.version, publisher.date, "00" * 32)
    with pytest.raises(ImageError, match="not the file that was meant"):
        fetch(other, tmp_path / "images")
    assert list((tmp_path / "images").iterdir()) == []


def test_an_image_whose_checksum_nobody_knows_is_not_fetched(publisher: Pinned, tmp_path: Path) -> None:
    unknown = Pinned(publisher.chip, publisher.build, publisher.version, publisher.date)
    with pytest.raises(ImageError, match=r"no checksum is known .*Download http.*--image"):
        fetch(unknown, tmp_path / "images")


def test_without_a_network_the_way_out_is_named(publisher: Pinned, tmp_path: Path) -> None:
    gone = Pinned(publisher.chip, "GONE", publisher.version, publisher.date, publisher.sha256)
    with pytest.raises(ImageError, match=r"cannot be fetched .*use --image"):
        fetch(gone, tmp_path / "images")
