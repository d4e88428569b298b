"""Samples of many packets at once with numpy: what every encoding does alike.

Sample t of every packet is computed at once: a few wide operations instead of many narrow ones.
Packets are sorted by count, so those that have ended are simply the tail that is left out.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from distal_wire import codec, spec

_PAD = 32  # bytes behind the last packet, so that reading whole words never leaves the data
_AXES = len(spec.SAMPLE)

Int64 = NDArray[np.int64]
Out = NDArray[np.int16]


class Work:
    """Arrays that every sweep uses again: getting fresh memory would cost more than filling it."""

    def __init__(self, packets: int, samples: int) -> None:
        self.rows = np.empty((samples, _AXES, packets), np.int16)
        self.turned = np.empty((packets, samples, _AXES), np.int16)


class Sweep(ABC):
    """Packets in order of falling count."""

    WORK: type[Work] = Work

    def __init__(self, packets: list[bytes], counts: Int64, work: Work) -> None:
        self._n, self._counts, self._work = len(packets), counts, work
        self._data = np.frombuffer(b"".join(packets) + bytes(_PAD), np.uint8)
        sizes = np.fromiter(map(len, packets), np.int64, self._n)
        ends = np.cumsum(sizes)
        self._start = ends - sizes + codec.HEADER_SIZE
        self._end = ends - codec.SEAL_SIZE
        self._words = _words(self._data)

    @abstractmethod
    def run(self) -> None:
        """Unpack all rows into work.rows, (sample, axis, packet)."""

    @abstractmethod
    def whole(self) -> NDArray[np.bool_]:
        """Which payloads end where they should, with no bit set that means nothing."""

    def write(self, first: Int64, out: Out) -> None:
        """Copy each packet's samples to where they belong: packets of one count as items of one size."""
        samples, n = int(self._counts[0]), self._n
        turned = self._work.turned
        np.copyto(turned[:n, :samples], self._work.rows[:samples, :, :n].transpose(2, 0, 1))
        borders = np.flatnonzero(np.diff(self._counts)) + 1
        for low, high in zip([0, *borders.tolist()], [*borders.tolist(), n], strict=True):
            count = int(self._counts[low])
            item = np.dtype((np.void, codec.SAMPLE_SIZE * count))
            at, step = low * turned.strides[0], turned.strides[0]
            source: NDArray[Any] = np.ndarray((high - low,), item, turned, at, (step,))
            target: NDArray[Any] = np.ndarray((len(out) - count + 1,), item, out, 0, (codec.SAMPLE_SIZE,))
            target[first[low:high]] = source


def _words(data: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """The 64 bits from every second byte on: four times the bytes, so that one aligned read is enough."""
    count = (len(data) - 8) // 2
    overlapping: NDArray[np.uint64] = np.ndarray((count,), "<u8", data, 0, (2,))
    return np.ascontiguousarray(overlapping)
