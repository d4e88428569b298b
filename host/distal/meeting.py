"""What a link tells of its cuff's clocks: where in time lies what the cuff kept. Pure."""

import math

from distal.clock import TICK_S
from distal.clock.crystal import Crystal
from distal.clock.fit import HostFit
from distal.clock.kept import AGE_S, CRYSTALS, PACE, SWING, Anchor
from distal.link.base import Kept, KeptSession
from distal.model import Received
from distal.ranges import WRAP, unwrap
from distal_wire import batch, spec

ENOUGH = 16  # readings
_LEAST_S, _MOST_S = 2.0, 200.0  # half of the time over which the rate at the meeting was found


class Meeting:
    """What the messages of one link tell of its cuff's clocks."""

    def __init__(self) -> None:
        self._clocks: dict[int, _Clock] = {}
        self._origins: dict[int, tuple[int, int]] = {}  # boot -> the one before, its clock at this one's 0

    def hear(self, message: Received) -> None:
        """Take a message of the cuff."""
        kind = message.data[:1]
        if kind not in _TELL or batch.check(message.data):
            return
        values = batch.read(message.data)
        if kind == _ORIGIN:
            self._origins[values["boot"]] = values["before"], values["clock"]
        elif values["clock"]:
            clock = self._clocks.setdefault(values["boot"], _Clock())
            clock.add(values["clock"], values.get("crystal_us"), message.t_host)

    def is_read(self, boot: int) -> bool:
        """The clocks of that boot were read often enough."""
        clock = self._clocks.get(boot)
        return clock is not None and clock.count >= ENOUGH and clock.crystal.is_known

    def length_s(self, boot: int) -> float:
        """From the first reading to the last one."""
        clock = self._clocks.get(boot)
        return clock.length_s if clock else 0.0

    def pace(self, boot: int) -> float | None:
        """Crystal seconds a second of the cuff's clock in that boot; None: not known."""
        clock = self._clocks.get(boot)
        return clock.crystal.line()[0] if clock and clock.crystal.is_known else None

    def anchor(self, session: KeptSession, kept: Kept, asked_s: float, offset_s: float) -> Anchor | None:
        """Where that session lies; None: in an earlier boot, and nothing tells its time.

        asked_s   host's clock when it said what it keeps
        offset_s  wall clock less that one
        """
        clock = self._clocks.get(kept.boot)
        if clock is None or clock.read is None:
            return _by_age(session, asked_s + offset_s, offset_s)
        at_s, error_s, rate, rate_error = clock.reading()
        since_s = clock.read_s - asked_s
        if session.boot == kept.boot:
            if session.age_s is None:
                return None
            near = round((session.age_s + since_s) / clock.pace / TICK_S)
            ticks, us = unwrap(clock.read - session.clock, near), clock.read_us
        else:
            before, at_zero = self._origins.get(kept.boot, (None, 0))
            if before != session.boot:
                return None
            up = unwrap(clock.read, round((kept.up_s + since_s) / clock.pace / TICK_S))
            # less than one turn of its clock ago, 29.8 h: older ones the cuff cannot tell
            ticks, us = up + (at_zero - session.clock) % WRAP, None
        return Anchor(
            session.clock, ticks, us, at_s + offset_s, error_s, *clock.paced, rate, rate_error, offset_s
        )


_ORIGIN = bytes([spec.KIND_ORIGIN])
_TELL = (bytes([spec.KIND_MOMENT]), bytes([spec.KIND_STATUS]), _ORIGIN)


class _Clock:
    """One boot's clock against the host's and against the crystal."""

    def __init__(self) -> None:
        self.crystal = Crystal()
        self.read: int | None = None  # the newest moment: clock without wraps, crystal, arrival
        self.read_us = 0
        self.read_s = 0.0
        self.count = 0
        self._fit = HostFit()
        self._heard: list[float] = []  # first and last place of the clock, s

    @property
    def length_s(self) -> float:
        """From the first reading to the last one."""
        return self._heard[-1] - self._heard[0] if self._heard else 0.0

    @property
    def paced(self) -> tuple[float, float]:
        """Pace and its standard error."""
        return self.pace, SWING if self.crystal.is_known else PACE

    @property
    def pace(self) -> float:
        return self.crystal.line()[0] if self.crystal.is_known else 1.0

    def add(self, clock: int, crystal_us: int | None, t_host: float) -> None:
        self.count += 1
        full = unwrap(clock, clock if self.read is None else self.read)
        at_s = full * TICK_S
        if crystal_us is not None:
            self.crystal.add(at_s, crystal_us)
            self._fit.add_moment(at_s, crystal_us)
            if self.read is None or full > self.read:
                self.read, self.read_us, self.read_s = full, crystal_us, t_host
        self._fit.add(at_s, t_host, is_stamp=True)
        self._heard = [(self._heard or [at_s])[0], max([at_s, *self._heard[1:]])]

    def reading(self) -> tuple[float, float, float, float]:
        """When the newest moment was: host's clock, error; rate of the crystal there, error."""
        assert self.read is not None
        course, at_s = self._fit.courses()[-1], self.read * TICK_S
        error_s = course.sd_s(at_s)
        half_s = min(max(self.length_s / 2, _LEAST_S), _MOST_S)
        tilt = math.hypot(error_s / half_s, 0.0 if self.crystal.is_known else PACE)
        # what was measured and what is known of crystals, each by its weight
        weight = CRYSTALS**2 / (CRYSTALS**2 + tilt**2)
        rate = (course.slopes[1] / self.pace - 1.0) * weight
        return course.host_s(at_s), error_s, rate, CRYSTALS * math.sqrt(1.0 - weight)


def _by_age(session: KeptSession, at_s: float, offset_s: float) -> Anchor | None:
    """A cuff whose IMU does not answer tells no more than whole seconds."""
    if session.age_s is None:
        return None
    ticks = round((session.age_s + AGE_S) / TICK_S)
    return Anchor(session.clock, ticks, None, at_s, AGE_S, 1.0, PACE, 0.0, CRYSTALS, offset_s)
