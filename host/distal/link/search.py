"""Which of the cuffs in reach are meant: those named, else those paired with this computer, else any."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from distal.errors import BluetoothOff, CuffLocked, CuffNotFound, LinkError
from distal.link.base import Found, Link, Radio, is_called

Pair = tuple[Found, Link]
Connect = Callable[[Found], Awaitable[Link]]
NOTHING_HEARD = "no cuff was heard. Wake the cuffs (move them), bring them closer, try again."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for. `paired`: id of each cuff of this computer -> its address, if that is known."""

    names: Sequence[str] = ()  # ids or their ends, addresses, names
    paired: Mapping[str, str | None] = field(default_factory=dict)
    count: int = 2
    scan_s: float = 10.0

    def candidates(self) -> dict[str, str | None]:
        """The paired cuffs that may be meant."""
        if not self.names:
            return dict(self.paired)
        return {cuff: address for cuff, address in self.paired.items() if self.is_named(cuff)}

    def is_named(self, cuff: str, found: Found | None = None) -> bool:
        """Whether one of the names is meant for a cuff."""
        return any(is_called(name, cuff, found) for name in self.names)

    def addresses(self) -> frozenset[str]:
        """Where the meant cuffs are heard; empty when that is not known of all of them."""
        candidates = self.candidates()
        heard = {address for address in candidates.values() if address}
        is_sure = len(heard) == len(candidates) >= len(self.names)
        return frozenset(heard) if is_sure else frozenset()


class Search:
    """Scans and connects; cuffs that are not meant are left alone."""

    def __init__(self, radio: Radio, wanted: Wanted, note: Callable[[str], None]) -> None:
        self._radio = radio
        self._wanted = wanted
        self._note = note
        self._refused: list[CuffLocked] = []
        self._failed: list[tuple[Found, LinkError]] = []  # of devices that may be no cuffs at all

    async def run(self, connect: Connect) -> list[Pair]:
        """Links to the cuffs that are meant. raises CuffNotFound, CuffLocked, LinkError"""
        links: list[Pair] = []
        found = await self._hear()
        try:
            await self._try_all(found, connect, links)
            again, self._failed = self._failed, []  # any connection may fail once
            await self._try_all([one for one, _ in again], connect, links)
            if self._failed and not self._is_enough(links):
                raise self._failed[0][1]
        except BaseException:
            for _, link in links:
                await link.close()
            raise
        if not links:
            raise self._none_of(found)
        return links

    async def _try_all(self, found: Sequence[Found], connect: Connect, links: list[Pair]) -> None:
        """Add the links to those that are meant, until they are enough."""
        for one in found:
            if self._is_enough(links):
                return
            link = await self._try(one, connect)
            if link:
                links.append((one, link))

    async def _hear(self) -> list[Found]:
        """Those to try, the likeliest first."""
        wanted, sure = self._wanted, self._wanted.addresses()
        if sure:
            heard = await self._radio.scan(wanted.scan_s, len(wanted.names) or wanted.count, sure)
            return [one for one in heard if one.address in sure]
        needs_all = wanted.names or wanted.paired
        heard = await self._radio.scan(wanted.scan_s, None if needs_all else wanted.count)
        known = {address for address in wanted.paired.values() if address}
        return sorted(heard, key=lambda one: one.address not in known)

    def _is_enough(self, links: Collection[Pair]) -> bool:
        if self._wanted.names:
            met = [(found, link.info.cuff) for found, link in links]
            return all(
                any(is_called(name, cuff, found) for found, cuff in met) for name in self._wanted.names
            )
        return len(links) >= self._wanted.count

    async def _try(self, found: Found, connect: Connect) -> Link | None:
        """A link to the cuff if it is meant. A stranger's is left alone, whatever it says."""
        wanted = self._wanted
        self._note(f"connecting to {found.name}")
        try:
            link = await connect(found)
        except CuffLocked as error:
            if wanted.is_named(error.cuff, found) or error.cuff in wanted.paired:
                raise
            self._refused.append(error)
            self._note(f"{found.name} ({error.cuff}) is left alone: it obeys another computer")
            return None
        except BluetoothOff:
            raise
        except LinkError as error:
            # anybody may advertise our service: one that fails must not keep the others from recording
            self._failed.append((found, error))
            self._note(f"{found.name} ({found.address}) is left alone: {error}")
            return None
        cuff = link.info.cuff
        if wanted.names or not wanted.paired or cuff in wanted.paired:
            return link
        await link.close()
        self._note(f"{found.name} ({cuff}) is left alone: it is not paired with this computer")
        return None

    def _none_of(self, found: Sequence[Found]) -> LinkError:
        if self._wanted.paired and not self._wanted.names:
            text = "none of this computer's cuffs was heard. Wake them (move them), bring them closer"
            return CuffNotFound(f"{text}; to use another one, name it: --left ID, or pair it: distal pair")
        if self._refused:
            return self._refused[0]
        if self._wanted.names and not found:
            names = " and ".join(self._wanted.names)
            return CuffNotFound(
                f"{names} was not heard. Wake it (move it), bring it closer; see: distal scan"
            )
        return CuffNotFound(NOTHING_HEARD)
