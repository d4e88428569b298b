"""When a packet that was handed over later would have arrived, had the link stood: by the cuff's clock.

Arrivals say how the clocks of cuff and host go together. What comes hours late says nothing of that, so a
recording keeps such packets where the cuff's own clock puts them, and says so.
"""

from collections.abc import Callable
from pathlib import Path

from distal.order import in_index_order
from distal.ranges import WRAP, unwrap
from distal.recording import Recording
from distal.streams import Streams
from distal_wire import spec

Place = Callable[[int], float]  # cuff clock of a packet's last sample, ticks -> host seconds
TICK_S = 1.0 / spec.CLOCK_HZ
BY_CUFF = "the cuff's own clock; no message came while it was taken"
BY_RECORDING = "the clocks of the recording, carried on"
_LATER_S = 1e-3


def since(clock: int, zero: int) -> int:
    """Ticks from one reading of a 32-bit clock to another, either way."""
    return unwrap(clock, zero) - zero


def by_cuff(zero: int, slope: float, at_s: float = 0.0) -> Place:
    """The first sample is at `at_s`; slope: true seconds a second of the cuff's clock."""
    return lambda clock: at_s + since(clock, zero) * TICK_S * slope


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
