"""Which cuffs the daemon wants, and on which leg: settings first, then pairing, then what the cuff says."""

from collections.abc import Callable

from distal.daemon.config import CuffsPart
from distal.device.keys import CuffStore, KnownCuff
from distal.errors import KeyStoreError
from distal.link.base import Info
from distal.model import SIDES, Facts, Side, with_mass


class Roster:
    """Reads the paired cuffs anew each time: `distal pair` may run beside the daemon.

    tell  called with the reason when the file cannot be read; what was last read holds
    """

    def __init__(self, part: CuffsPart, store: CuffStore, tell: Callable[[str], None]) -> None:
        self._part = part
        self._store = store
        self._tell = tell
        self._told: str | None = None
        self._read_at: tuple[int, int] | None = (0, 0)  # of no file yet
        self._known: list[KnownCuff] = []

    def known(self) -> list[KnownCuff]:
        """The paired cuffs; the file is read again when it has changed."""
        stamp = self._stamp()
        if stamp == self._read_at:
            return self._known
        self._read_at = stamp
        try:
            self._known = self._store.all()
            self._told = None
        except KeyStoreError as error:
            self._complain(error)
        return self._known

    def _complain(self, error: KeyStoreError) -> None:
        """Once for each reason."""
        if self._told != str(error):
            self._told = str(error)
            self._tell(self._told)

    def _stamp(self) -> tuple[int, int] | None:
        try:
            about = self._store.path.stat()
        except OSError:
            return None
        return about.st_mtime_ns, about.st_ino

    def is_paired(self, cuff: str) -> bool:
        """Whether that cuff may be held."""
        return not self._part.only_paired or any(one.cuff == cuff for one in self.known())

    def key_of(self, cuff: str) -> bytes | None:
        """The key that a cuff obeys, None if none is known."""
        key = next((one.key for one in self.known() if one.cuff == cuff), None)
        return bytes.fromhex(key) if key else None

    def side_of(self, cuff: str, info: Info | None = None) -> Side | None:
        """The leg of a cuff; None where nobody says it."""
        wanted = zip(SIDES, (self._part.left, self._part.right), strict=True)
        for side, ending in wanted:
            if ending and cuff.endswith(ending.lower()):
                return side
        paired = next((one.side for one in self.known() if one.cuff == cuff), None)
        said = [side for side in SIDES if side == paired]
        return said[0] if said else (info.side if info else None)

    def count(self, linked: set[str]) -> int:
        """How many cuffs are wanted beside those that are linked."""
        free = len(SIDES) - len(linked)
        if not self._part.only_paired:
            return free
        return min(free, sum(one.cuff not in linked for one in self.known()))

    def addresses(self, linked: set[str]) -> frozenset[str] | None:
        """Where the cuffs beside those are heard; None when that is not known of each."""
        missing = [one for one in self.known() if one.cuff not in linked]
        places = frozenset(one.address for one in missing if one.address)
        is_sure = self._part.only_paired and len(places) == len(missing)
        return places if is_sure else None

    def meet(self, cuff: str, address: str) -> None:
        """Remember where a cuff was heard: then cuffs of others need not be asked who they are."""
        try:
            self._store.meet({cuff: address})
        except KeyStoreError as error:
            self._complain(error)

    def masses(self, facts: Facts) -> Facts:
        """The worn masses that pairing knows, where the settings say nothing."""
        for one in self.known():
            side = self.side_of(one.cuff)
            if one.mass_g and side:
                facts = with_mass(facts, side, one.mass_g)
        return facts
