"""When a packet that was handed over later would have arrived, had the link stood: by the cuff's clock.

Arrivals say how the clocks of cuff and host go together. What comes hours late says nothing of that, so a
recording keeps such packets where the cuff's own clock puts them, and says so.
"""

from collections.abc import Callable
from pathlib import Path

from distal.clock.crystal import Crystal
from distal.model import Received
from distal.order import in_index_order
from distal.ranges import WRAP, unwrap
from distal.recording import Recording
from distal.streams import Streams
from distal_wire import batch, spec

Place = Callable[[int], float]  # cuff clock of a packet's last sample, ticks -> host seconds
TICK_S = 1.0 / spec.CLOCK_HZ
BY_CUFF = "the cuff's own clock; no message came while it was taken"
BY_RECORDING = "the clocks of the recording, carried on"
_LATER_S = 1e-3


def since(clock: int, zero: int) -> int:
    """Ticks from one reading of a 32-bit clock to another, either way."""
    return unwrap(clock, zero) - zero


def by_cuff(zero: int, slope: float) -> Place:
    """From the session's first sample on; slope: true seconds a second of the cuff's clock."""
    return lambda clock: since(clock, zero) * TICK_S * slope


def by_recording(path: Path, cuff: str, boot: int) -> Place:
    """Where the clocks of a recording put it; in the middle of it: after all that came, to move no clock.

    So, too, when it knows no clock of that boot: samples of another rate have none.
    """
    with Recording(path) as recording:
        messages, sides = in_index_order(list(recording.received())), recording.sides()
    streams = Streams(sides)
    streams.feed(messages)
    latest = max(message.t_host for message in messages if message.cuff == cuff) + _LATER_S
    courses = streams.courses(cuff, boot)
    if not courses:
        return lambda _clock: latest
    course = courses[-1]
    newest_s = float(course.cuff_s[-1])
    zero = round(newest_s / TICK_S)

    def place(clock: int) -> float:
        ahead_s = since(clock, zero % WRAP) * TICK_S
        return latest if ahead_s <= 0 else max(course.host_s(newest_s + ahead_s), 0.0)

    return place


class Pace:
    """How fast a cuff's clock runs, from the moments of a link; 1 where they do not tell."""

    def __init__(self) -> None:
        self._crystal: dict[int, Crystal] = {}
        self._seen: dict[int, int] = {}

    def hear(self, message: Received) -> None:
        """Take a message of the cuff."""
        if message.data[:1] != bytes([spec.KIND_MOMENT]) or batch.check(message.data):
            return
        values = batch.read(message.data)
        if values["clock"]:
            zero = self._seen.setdefault(values["boot"], values["clock"])
            crystal = self._crystal.setdefault(values["boot"], Crystal())
            crystal.add(since(values["clock"], zero) * TICK_S, values["crystal_us"])

    def slope(self, boot: int) -> float | None:
        """Crystal seconds a second of the cuff's clock in that boot; None: not known."""
        crystal = self._crystal.get(boot)
        return crystal.line()[0] if crystal and crystal.is_known else None
