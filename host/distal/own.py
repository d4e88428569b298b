"""Which packets belong to a recording: over the same link others may fetch what came before it."""

from distal.model import Received
from distal.ranges import unwrap
from distal_wire import batch, spec

_BOOT = slice(2, 4)  # of a packet, as spec.SAMPLES has it
_INDEX = slice(4, 8)
_COUNT_AT = 14


class Own:
    """Knows the boots of a recording and where it begins in each: the answer to start says it."""

    def __init__(self) -> None:
        self._starts: dict[tuple[str, int], int] = {}
        self._early: dict[tuple[str, int], list[Received]] = {}

    def expect(self, cuff: str, boot: int) -> None:
        """That cuff, in that boot, is about to be started: its packets may come before its answer."""
        if (cuff, boot) not in self._starts:
            self._early.setdefault((cuff, boot), [])

    def is_begun(self, cuff: str, boot: int) -> bool:
        """Whether that cuff was started in that boot."""
        return (cuff, boot) in self._starts

    def began(self, cuff: str, boot: int, index: int) -> list[Received]:
        """It was started, its first sample is that; returns what came before the answer and is ours."""
        self._starts.setdefault((cuff, boot), index)
        return [message for message in self._early.pop((cuff, boot), []) if self.has(message)]

    def has(self, message: Received) -> bool:
        """Whether a message belongs to the recording; one that waits for the answer to start comes later."""
        data = message.data
        if data[:1] != bytes([spec.KIND_SAMPLES]) or batch.check(data):
            return True  # what is said of the cuff, and damage, is kept as it comes
        key = message.cuff, int.from_bytes(data[_BOOT], "little")
        if key in self._early:
            self._early[key].append(message)
            return False
        if key not in self._starts:
            return False
        first = int.from_bytes(data[_INDEX], "little")
        return unwrap(first, self._starts[key]) + data[_COUNT_AT] > self._starts[key]
