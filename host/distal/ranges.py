"""Ranges of sample indices, [first, end): joined, cut, taken off each other. Pure."""

from collections.abc import Iterable, Iterator

Range = tuple[int, int]
WRAP = 1 << 32


def unwrap(index: int, near: int) -> int:
    """A 32-bit index without its wrap: the one that lies nearest."""
    return near + (index - near + WRAP // 2) % WRAP - WRAP // 2


def joined(ranges: Iterable[Range]) -> list[Range]:
    """In order; those that touch are one."""
    found: list[Range] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], high)
        elif low < high:
            found.append((low, high))
    return found


def within(ranges: Iterable[Range], span: Range) -> list[Range]:
    """Parts of `ranges` that lie in `span`."""
    cut = [(max(low, span[0]), min(high, span[1])) for low, high in ranges]
    return [(low, high) for low, high in cut if low < high]


def without(ranges: Iterable[Range], gone: Iterable[Range]) -> Iterator[Range]:
    """Parts of `ranges` that lie in none of `gone`."""
    taken = sorted(gone)
    for low, high in ranges:
        for start, end in taken:
            if start < high and end > low:
                if low < start:
                    yield low, start
                low = max(low, end)
        if low < high:
            yield low, high


def total(ranges: Iterable[Range]) -> int:
    """How many indices lie in ranges that do not overlap."""
    return sum(high - low for low, high in ranges)
