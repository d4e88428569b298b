"""NOR flash as a block device: programming clears bits, only an erase sets them, power can fail at any byte.

Read by both interpreters: the same model is the virtual cuff's flash, and that of the power-cut tests
under MicroPython. Interface and meaning are those of `esp32.Partition`: `writeblocks` with an offset
programs without erasing, without one it erases first; `ioctl` 4 counts blocks, 5 sizes them, 6 erases.
"""


class PowerCut(Exception):
    """The power failed in the middle of this operation."""


class NorFlash:
    """`size` bytes in blocks of `block`, all erased."""

    def __init__(self, size: int, block: int = 4096, seed: int = 1) -> None:
        if size % block:
            raise ValueError("the size must be a whole number of blocks")
        self.block = block
        self.data = bytearray(b"\xff" * size)
        self.erases = [0] * (size // block)  # of each block: its wear
        self.programmed = 0  # bytes, also those that change nothing
        self.cut_in = -1  # bytes of programming or erasing until the power fails; -1: never
        self._random = seed or 1

    def readblocks(self, number: int, buffer: bytearray, offset: int = 0) -> None:
        """Fill `buffer` from that block on."""
        at = self._at(number, offset, len(buffer))
        buffer[:] = self.data[at : at + len(buffer)]

    def writeblocks(self, number: int, buffer: bytes, offset: int = -1) -> None:
        """Program; without an offset erase before."""
        if offset < 0:
            for place in range(len(buffer) // self.block):
                self.erase(number + place)
            offset = 0
        self.program(self._at(number, offset, len(buffer)), buffer)

    def ioctl(self, op: int, arg: int) -> int:
        """4: how many blocks; 5: bytes of one; 6: erase block `arg`. Others do nothing."""
        if op == 4:
            return len(self.erases)
        if op == 5:
            return self.block
        if op == 6:
            self.erase(arg)
        return 0

    def program(self, at: int, data: bytes) -> None:
        """Clear the bits that are 0 in `data`. A cut leaves a prefix, and of its next byte any part."""
        done = self._until_cut(len(data))
        self.programmed += done
        self._clear(at, data[:done])
        if done < len(data):
            if self._draw() & 1:
                self._clear(at + done, bytes([data[done] | self._draw() & 0xFF]))
            raise PowerCut()

    def erase(self, number: int) -> None:
        """Set all bits of a block. A cut leaves its first bytes set and random bits of the others."""
        at = self._at(number, 0, self.block)
        done = self._until_cut(self.block)
        self.erases[number] += 1
        self.data[at : at + done] = b"\xff" * done
        if done < self.block:
            mixed = [
                byte | self._draw() & self._draw() & 0xFF for byte in self.data[at + done : at + self.block]
            ]
            self.data[at + done : at + self.block] = bytes(mixed)
            raise PowerCut()

    def flip(self, at: int, bit: int) -> None:
        """One bit turns over, as age or radiation does."""
        self.data[at] ^= 1 << bit

    def _at(self, number: int, offset: int, count: int) -> int:
        at = number * self.block + offset
        if number < 0 or offset < 0 or at + count > len(self.data):
            raise OSError(22)
        return at

    def _until_cut(self, count: int) -> int:
        if self.cut_in < 0:
            return count
        done = min(count, self.cut_in)
        self.cut_in -= count
        if self.cut_in < 0:
            self.cut_in = -1  # the power is back for what comes after
            return done
        return count

    def _clear(self, at: int, data: bytes) -> None:
        """AND, as one large number: the cuff's interpreter is slow at single bytes."""
        end = at + len(data)
        both = int.from_bytes(self.data[at:end], "little") & int.from_bytes(data, "little")
        self.data[at:end] = both.to_bytes(len(data), "little")

    def _draw(self) -> int:
        """xorshift32 (Marsaglia 2003): the same in both interpreters."""
        self._random ^= self._random << 13 & 0xFFFFFFFF
        self._random ^= self._random >> 17
        self._random ^= self._random << 5 & 0xFFFFFFFF
        return self._random
