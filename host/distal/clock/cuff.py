"""The clocks of one cuff: of each boot, as its messages come, against the one host of all cuffs. Pure.

Boots share one clock where the IMU's went on while the processor began anew (message `origin`). A boot that
nobody heard has a clock of its own: see `kept`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from distal.clock.counters import TICK_S, Unwrap
from distal.clock.course import Course
from distal.clock.fit import ClockReceipt, HostFit
from distal.clock.host import Eras, HostClock
from distal.clock.kept import Anchor, ticks_since
from distal.clock.sync import LegClock
from distal.model import Received
from distal.ranges import WRAP, unwrap

_NO_CRYSTAL, _NO_STAMP = -1, -2  # in place of a moment's crystal


class Boot:
    """What belongs to one boot of a cuff: its counters, and its clock against the host's.

    root    the first of the boots that share the IMU's clock
    zero    what the root's clock was when this one's own was 0, ticks
    fit     None until something of it counts
    anchor  nobody heard this boot; marks: clock and crystal of it
    """

    def __init__(self, number: int, anchor: Anchor | None) -> None:
        self.number = number
        self.index = Unwrap()
        self.clock = Unwrap()
        self.root, self.zero = number, 0
        self.fit: HostFit | None = None
        self.late: list[Noted] = []
        self.anchor = anchor
        self.marks: list[tuple[int, int]] = []
        self.packets = 0  # of those that nobody heard
        self._span = (0, 0)  # clock at its first and past its last sample

    def cuff_s(self, clock: int) -> float:
        """Cuff time, s, of a clock of this boot without wraps."""
        return (clock + self.zero) * TICK_S

    def take(self, clock: int, end: int) -> None:
        """Note a packet that nobody heard when it was sampled."""
        first, last = self._span if self.packets else (clock, end)
        self._span = min(first, clock), max(last, end)
        self.packets += 1

    def courses(self) -> list[Course]:
        """The clock that it shares, in order; none where nothing of it could be used."""
        if self.anchor is None:
            return self.fit.courses() if self.fit else []
        first, end = self._span
        zero = unwrap(self.anchor.zero, first)
        marks = ticks_since(self.anchor.zero, self.marks)
        return [self.anchor.course(marks, end - zero, zero * TICK_S)]

    def session(self, eras: Eras) -> Course | None:
        """From cuff time to session time."""
        courses = self.courses()
        if not courses:
            return None
        return courses[0] if self.anchor else eras.session(courses)


@dataclass(frozen=True, slots=True)
class Noted:
    """A message that came: place among those of all cuffs; crystal us, or a mark."""

    place: int
    t_host: float
    clock: int
    crystal: int
    boot: Boot


class CuffClock:
    """Note every message of a cuff; then ask for the clocks of its boots.

    origins  boot -> the one before, and its clock at this one's 0
    anchors  of boots that nobody heard
    """

    def __init__(self, period: int, host: HostClock) -> None:
        """period: ticks from sample to sample."""
        self.boots: dict[int, Boot] = {}
        self.origins: dict[int, tuple[int, int]] = {}
        self.anchors: Mapping[int, Anchor] = {}
        self._period = period
        self._host = host
        self._noted: list[Noted] = []

    def note(self, header: Mapping[str, int], samples: int, came: Received, place: int) -> tuple[int, int]:
        """Note a packet's arrival; returns its index and clock without their wraps."""
        boot = self._boot(int(header["boot"]))
        index, clock = boot.index(int(header["index"])), boot.clock(int(header["clock"]))
        if boot.anchor:
            boot.take(clock, clock + samples * self._period)
            return index, clock
        noted = Noted(place, came.t_host, clock + (samples - 1) * self._period, _NO_STAMP, boot)
        (boot.late if came.is_late else self._noted).append(noted)
        return index, clock

    def note_stamp(self, values: Mapping[str, int], t_host: float, place: int) -> None:
        """Note a message that is stamped when it is sent (status, moment) and waits for no full packet."""
        boot = self._boot(values["boot"])
        crystal = values.get("crystal_us", _NO_CRYSTAL)
        self._noted.append(Noted(place, t_host, boot.clock(values["clock"]), crystal, boot))

    def note_mark(self, number: int, clock: int, crystal_us: int) -> None:
        """Note clock and crystal of a boot that nobody heard."""
        self._boot(number).marks.append((clock, crystal_us))

    def _boot(self, number: int) -> Boot:
        if number not in self.boots:
            self.boots[number] = Boot(number, self.anchors.get(number))
        return self.boots[number]

    def take_noted(self) -> list[Noted]:
        """What arrived since the last call.

        What was handed over later counts only where nothing else tells the clock of its boot.
        """
        known = {noted.boot.number for noted in self._noted}
        for boot in self.boots.values():
            if boot.late and not boot.fit and boot.number not in known:
                self._noted += boot.late
            boot.late = []
        found, self._noted = self._noted, []
        return found

    def fit(self, one: Noted) -> None:
        """Give an arrival to the clock of its boot."""
        if one.boot.anchor:
            return
        fit = one.boot.fit or self._new_fit(one.boot, one.clock)
        cuff_s = one.boot.cuff_s(one.clock)
        if one.crystal >= 0:
            fit.add_moment(cuff_s, one.crystal, one.boot.number)
        fit.add(cuff_s, one.t_host, one.crystal != _NO_STAMP, one.place)

    def _new_fit(self, boot: Boot, begin: int) -> HostFit:
        """The clock of a boot that begins then: that of the one before where it went on, or its own."""
        known = [one for one in self.boots.values() if one.fit]
        number, clock = self.origins.get(boot.number, (None, 0))
        before = next((one for one in known if one.number == number), None)
        if before and before.fit and before.clock.newest is not None:
            # one that went back is believed in nothing
            passed = (begin + clock - before.clock.newest + WRAP // 2) % WRAP - WRAP // 2
            if passed >= 0:
                boot.root, boot.fit = before.root, before.fit
                boot.zero = before.zero + before.clock.newest + passed - begin
                boot.fit.reboot(boot.cuff_s(begin))
                return boot.fit
        boot.fit = self._host.new_fit(known[-1].fit if known else None)
        return boot.fit

    # ---- what came out

    def courses(self, number: int) -> list[Course]:
        """The clock of a boot by its own count, in order; none where nothing of it could be used."""
        boot = self.boots.get(number)
        return [course.moved(-boot.zero * TICK_S, 0.0) for course in boot.courses()] if boot else []

    def leg_clock(self, boots: Iterable[int], eras: Eras | None = None) -> LegClock:
        """The clocks of some boots in session time; eras: of the host's clock, if they were asked for."""
        eras = eras or self._host.eras()
        roots = {self.boots[boot].root: self.boots[boot] for boot in boots}
        found = {root: boot.session(eras) for root, boot in roots.items()}
        return LegClock({root: course for root, course in found.items() if course})

    def heard(self, boots: Iterable[int]) -> tuple[int, bool]:
        """Messages behind the clocks of some boots, and whether the crystal of each was told."""
        some = [self.boots[boot] for boot in dict.fromkeys(boots)]
        fits = self._fits(some)
        marked = all(boot.marks for boot in some if boot.anchor)
        count = sum(fit.count for fit in fits) + sum(boot.packets for boot in some)
        return count, marked and all(fit.has_crystal for fit in fits)

    def receipts(self) -> list[ClockReceipt]:
        """How well each clock is known."""
        return [fit.receipt() for fit in self._fits(self.boots.values()) if fit.count]

    @staticmethod
    def _fits(boots: Iterable[Boot]) -> list[HostFit]:
        """The clocks of boots, each once."""
        return list(dict.fromkeys(boot.fit for boot in boots if boot.fit))


def settle(clocks: Sequence[CuffClock]) -> None:
    """Give what arrived to the clocks of all cuffs, in the order in which the host heard it."""
    noted = [(one, clock) for clock in clocks for one in clock.take_noted()]
    for one, clock in sorted(noted, key=lambda row: row[0].place):
        clock.fit(one)
