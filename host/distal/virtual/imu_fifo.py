"""FIFO of the LSM6DSO family: 512 words of one tag byte and six data bytes (DS13607 section 6)."""

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint8]  # (n, 7)

DEPTH = 512  # words: 3 kB without compression
WORD = 7
TAG_GYR, TAG_ACC, TAG_TIMESTAMP = 1, 2, 4

MODE_BYPASS = 0
MODE_STOP_WHEN_FULL = 1


def tag_byte(sensor: int, slot: int) -> int:
    """TAG_SENSOR << 3 | TAG_CNT << 1 | parity; the eight bits hold an even number of ones."""
    bits = sensor << 3 | (slot & 3) << 1
    return bits | bits.bit_count() & 1


TAGS = np.array([[tag_byte(s, slot) for slot in range(4)] for s in range(32)], dtype=np.uint8)


class Fifo:
    """Words in order of arrival, flags as in FIFO_STATUS2."""

    def __init__(self) -> None:
        self.mode = MODE_BYPASS
        self.watermark = 0
        self.latched = False  # FIFO_OVR_LATCHED: a word was lost since this was last looked at
        self.lost = 0  # words overwritten or refused since power on: truth for tests
        self._overrun = False
        self._words: Words = np.empty((0, WORD), dtype=np.uint8)

    def __len__(self) -> int:
        return len(self._words)

    def clear(self) -> None:
        """Bypass mode and reset empty it."""
        self._words = self._words[:0]
        self._overrun = self.latched = False

    def append(self, words: Words) -> None:
        """Store new words; when full, the oldest go, or in FIFO mode the newest."""
        joined = np.concatenate([self._words, words])
        excess = len(joined) - DEPTH
        if excess > 0:
            self._overrun = self.latched = True
            self.lost += excess
            joined = joined[:DEPTH] if self.mode == MODE_STOP_WHEN_FULL else joined[excess:]
        self._words = joined

    def status(self) -> bytes:
        """FIFO_STATUS1 and 2 as they stand."""
        n = len(self)
        flags = (n >= self.watermark > 0) << 7 | self._overrun << 6 | (n >= DEPTH) << 5 | self.latched << 3
        return bytes((n & 0xFF, flags | n >> 8))

    def read(self, offset: int, count: int) -> bytes:
        """`count` bytes from FIFO_DATA_OUT_TAG + offset on; the address goes round within the seven.

        A word leaves when its last byte is read. An empty FIFO gives zeros.
        """
        end = offset + count
        block = self._words[: -(-end // WORD)].tobytes()
        if end >= WORD and len(self):
            self._words = self._words[end // WORD :]
            self._overrun = False
        return block.ljust(end, b"\0")[offset:end]
