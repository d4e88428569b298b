"""The cuffs this computer may command: one JSON file of their keys, for its owner's eyes only.

A key is 32 random bytes, written as hex. It is drawn when a cuff is provisioned and lies in two places:
here and in the cuff's `cuff.json`. Who has it may command the cuff.
"""

import json
import os
import secrets
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from distal.errors import KeyStoreError

FORMAT = 1
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class KnownCuff:
    """A cuff and what this computer knows of it."""

    cuff: str  # id in hex, as `distal info` shows it
    key: str | None = field(default=None, repr=False)  # 64 hex digits; None: none is known
    name: str | None = None
    side: str | None = None
    mass_g: int | None = None
    board: str | None = None
    address: str | None = None  # where this computer heard it last


def new_key() -> str:
    """32 bytes from the system's random numbers, as hex."""
    return secrets.token_hex(KEY_BYTES)


def config_folder() -> Path:
    """Where this platform keeps settings; DISTAL_CONFIG names another folder."""
    own = os.environ.get("DISTAL_CONFIG")
    if own:
        return Path(own)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "distal"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "distal"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "distal"


class CuffStore:
    """Read and written whole each time: it is small, and other programs use it too."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or config_folder() / "cuffs.json"

    def all(self) -> list[KnownCuff]:
        """Every cuff, by id. raises KeyStoreError"""
        return [KnownCuff(cuff, **facts) for cuff, facts in sorted(self._load().items())]

    def get(self, cuff: str) -> KnownCuff | None:
        """The cuff with that id, None if it is not known."""
        return next((known for known in self.all() if known.cuff == cuff), None)

    def key_of(self, cuff: str) -> bytes | None:
        """The key of the cuff with that id, None if none is known. raises KeyStoreError"""
        known = self.get(cuff)
        return bytes.fromhex(known.key) if known and known.key else None

    def find(self, text: str) -> list[KnownCuff]:
        """Those that go by that id, the end of one, or that name."""
        wanted = text.lower()
        return [
            known
            for known in self.all()
            if known.cuff.endswith(wanted) or (known.name or "").lower() == wanted
        ]

    def addresses(self) -> dict[str, str | None]:
        """Id of every cuff -> where it was heard last, if that is known."""
        return {known.cuff: known.address for known in self.all()}

    def meet(self, addresses: Mapping[str, str]) -> None:
        """Remember where cuffs that are known were heard."""
        for known in self.all():
            address = addresses.get(known.cuff)
            if address and address != known.address:
                self.put(replace(known, address=address))

    def put(self, known: KnownCuff) -> None:
        """Add a cuff or replace what was known of it. raises KeyStoreError"""
        cuffs = self._load()
        facts = {name: value for name, value in asdict(known).items() if value is not None}
        cuffs[facts.pop("cuff")] = facts
        self._save(cuffs)

    def forget(self, cuff: str) -> bool:
        """Remove a cuff and its key; False if it was not known."""
        cuffs = self._load()
        was_known = cuffs.pop(cuff, None) is not None
        if was_known:
            self._save(cuffs)
        return was_known

    def _load(self) -> dict[str, dict[str, Any]]:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise KeyStoreError(f"{self.path} cannot be read ({error}). Check who owns it.") from error
        try:
            stored = json.loads(text)
            return _checked(stored)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise KeyStoreError(
                f"{self.path} is damaged or from a newer Distal ({error}). It holds your cuffs' keys:"
                " mend it, or move it away and provision the cuffs again."
            ) from error

    def _save(self, cuffs: dict[str, dict[str, Any]]) -> None:
        """The file is whole at every moment; only its owner may read it."""
        text = json.dumps({"format": FORMAT, "cuffs": cuffs}, indent=1, sort_keys=True) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self.path, text)
        except OSError as error:
            raise KeyStoreError(
                f"{self.path} cannot be written ({error}). Check the folder's rights."
            ) from error


def write_whole(path: Path, text: str) -> None:
    """Write a settings file that is whole at every moment and its owner's alone. raises OSError"""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")  # mkstemp gives 0600
    with suppress(FileNotFoundError):
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        finally:
            os.unlink(name)


def _checked(stored: dict[str, Any]) -> dict[str, dict[str, Any]]:
    if stored["format"] != FORMAT:
        raise ValueError(f"format {stored['format']}")
    cuffs: dict[str, dict[str, Any]] = stored["cuffs"]
    for cuff, facts in cuffs.items():
        known = KnownCuff(cuff, **facts)
        if known.key is not None and len(bytes.fromhex(known.key)) != KEY_BYTES:
            raise ValueError(f"the key of {cuff} is not {KEY_BYTES} bytes")
    return cuffs


def with_key(known: KnownCuff | None, cuff: str, fresh: bool = False) -> KnownCuff:
    """What is known of a cuff, with its key; a new one if there is none or a fresh one is wanted."""
    known = known or KnownCuff(cuff)
    return replace(known, key=new_key()) if fresh or not known.key else known
