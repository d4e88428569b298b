"""What the recordings of a folder hold of a cuff, by boot and index."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distal.clock import sample_rate
from distal.clock.kept import Anchor, from_dict
from distal.errors import RecordingError
from distal.joining import Shelved, Stretch
from distal.model import Received
from distal.ranges import Range, joined, unwrap
from distal.recording import Cuff, Recording
from distal_wire import batch, spec

SUFFIX = ".distal"
# notes in a recording's meta; the keys are a contract between programs of different age
KEPT = "kept"  # it was fetched whole: {"cuff", "boot", "started", "error_s", "t_host"}
GONE = "gone"  # what a cuff said it has no more: {cuff: {boot: [[first, end], ...]}}
FILLED = "filled"  # what came at a later meeting: [{"when", "cuff", "boot", "samples", "t_host"}, ...]
ENDED = "ended"  # t_host at which it was ended while a cuff was out of reach
# where the boots lie that nobody heard: {cuff: {boot: clock.kept.Anchor with t_host of its zero}}
PLACED = "placed"
TAP = "tap"  # what knocks said: see tap.evidence
JOINED = "joined"  # what the other cuff recorded meanwhile came, too: [as KEPT, ...]
_SAMPLES = bytes([spec.KIND_SAMPLES])
_RECENT = 500  # messages; the newest packet of a cuff is among the last that came
_TELL_BOOT = (spec.KIND_INFO, spec.KIND_STATUS, spec.KIND_MOMENT)


@dataclass(frozen=True, slots=True)
class Part:
    """What one recording has of one boot; indices without their wrap, all near one index.

    gone      asked for, and the cuff said that it has it no more
    since     the first index that it speaks of
    until     one past the last one; None: it does not say, its host was killed or the cuff started anew
    """

    path: Path
    has: tuple[Range, ...]
    gone: tuple[Range, ...]
    since: int
    until: int | None
    is_fetched: bool  # whole, from a session without a host

    @property
    def end(self) -> int:
        """One past the last index that it has an answer for."""
        return max(high for _, high in (*self.has, *self.gone))


def recordings(folder: Path) -> list[Path]:
    """The recordings of a folder by name."""
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file())


def look(
    paths: Iterable[Path], cuff: str, near: Mapping[int, int], tell: Callable[[str], None]
) -> dict[int, list[Part]]:
    """Boot -> what recordings have of it, the earliest first; `near`: boot -> an index of it.

    tell  called for each file that cannot be read
    """
    found: dict[int, list[Part]] = {boot: [] for boot in near}
    for path in paths:
        try:
            with Recording(path) as recording:
                for boot, part in _parts(recording, cuff, near):
                    found[boot].append(part)
        except RecordingError as error:
            tell(f"left out: {error}")
    for parts in found.values():
        parts.sort(key=lambda part: part.since)
    return found


def _parts(recording: Recording, cuff: str, near: Mapping[int, int]) -> list[tuple[int, Part]]:
    if cuff not in {one.cuff for one in recording.cuffs()}:
        return []
    packets = {boot: recording.packets(cuff, boot) for boot in near}
    if not any(packets.values()):
        return []
    meta = recording.meta
    is_fetched = KEPT in meta
    told = _Told(cuff, () if is_fetched else list(recording.received()))
    parts = []
    for boot in [boot for boot in near if packets[boot]]:
        starts = [(unwrap(first, near[boot]), count) for first, count in packets[boot]]
        has = joined((first, first + count) for first, count in starts)
        gone = meta.get(GONE, {}).get(cuff, {}).get(str(boot), [])
        lost = joined((unwrap(low, near[boot]), unwrap(high, near[boot])) for low, high in gone)
        since = min(has[0][0], unwrap(told.starts.get(boot, has[0][0]), has[0][0]))
        until = told.until(boot, has[-1][1], meta.get(ENDED))
        parts.append((boot, Part(recording.path, tuple(has), tuple(lost), since, until, is_fetched)))
    return parts


def shelved(paths: Iterable[Path], tell: Callable[[str], None]) -> list[Shelved]:
    """The recordings that were fetched and whose time is known. tell: called for each that cannot be read"""
    found = []
    for path in paths:
        try:
            with Recording(path) as recording:
                stretches = tuple(_stretches(recording))
        except RecordingError as error:
            tell(f"left out: {error}")
            continue
        if stretches:
            found.append(Shelved(path, stretches))
    return found


def _stretches(recording: Recording) -> Iterator[Stretch]:
    placed: dict[str, dict[str, dict[str, Any]]] = recording.meta.get(PLACED, {})
    cuffs = [one for one in recording.cuffs() if one.cuff in placed]
    if {one.cuff for one in recording.cuffs()} != set(placed):
        return  # a leg whose time nobody knows is in it
    for cuff in cuffs:
        for boot, values in placed[cuff.cuff].items():
            has = recording.packets(cuff.cuff, int(boot))
            if has:
                ranges = [(unwrap(low, has[0][0]), unwrap(low, has[0][0]) + count) for low, count in has]
                samples = max(high for _, high in ranges) - min(low for low, _ in ranges)
                yield stretch_of(cuff, int(boot), from_dict(values), samples / values["rate_hz"])


def stretch_of(cuff: Cuff, boot: int, anchor: Anchor, seconds: float) -> Stretch:
    """Where a session of a cuff lies that lasted so long."""
    begin_s, error_s = anchor.begin()
    return Stretch(cuff.cuff, cuff.side, cuff.name, boot, begin_s, begin_s + seconds, error_s)


class _Told:
    """Answers to start and stop of one cuff, by boot, and when its newest packet came."""

    def __init__(self, cuff: str, messages: Sequence[Received] = ()) -> None:
        self.starts: dict[int, int] = {}
        self.stops: dict[int, int] = {}
        self._messages = [message for message in messages if message.cuff == cuff]
        self._boot: int | None = None
        for message in self._messages:
            if message.data[:1] != _SAMPLES and not batch.check(message.data):
                self._hear(message.data)

    def _hear(self, data: bytes) -> None:
        if data[0] in _TELL_BOOT:
            self._boot = int.from_bytes(data[2:4], "little")
        elif data[0] == spec.KIND_RESPONSE and self._boot is not None:
            values = batch.read(data)
            if values["error"] == spec.OK and values["op"] == spec.COMMAND_START:
                self.starts.setdefault(self._boot, values["index"])
            elif values["error"] == spec.OK and values["op"] == spec.COMMAND_STOP:
                self.stops[self._boot] = values["index"]

    def until(self, boot: int, last: int, ended_s: float | None) -> int | None:
        """One past the last index that belongs to the recording, near `last`; None: nobody knows."""
        if boot in self.stops:
            return unwrap(self.stops[boot], last)
        if ended_s is None or boot != self._boot:
            return None
        end, heard_s, rate_hz = self._newest(boot, last)
        return end + max(0, round((ended_s - heard_s) * rate_hz))

    def _newest(self, boot: int, last: int) -> tuple[int, float, float]:
        """One past the newest sample that came, when it came, samples a second."""
        recent = self._messages[-_RECENT:]
        decoded = batch.decode([message.data for message in recent])
        found = [
            (unwrap(int(row["index"]), last) + int(row["count"]), recent[place].t_host, int(row["rate_hz"]))
            for place, row in zip(decoded.positions.tolist(), decoded.header, strict=True)
            if row["boot"] == boot
        ]
        end, heard_s, rate_hz = max(found, default=(last, math.inf, spec.PERIOD_TICKS[0][0]))
        return end, heard_s, sample_rate(rate_hz)


def span_of(parts: Sequence[Part]) -> list[Range]:
    """Everything that some recording has, or knows to be gone."""
    return joined(one for part in parts for one in (*part.has, *part.gone))
