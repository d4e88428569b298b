"""Messages of all cuffs -> rows of each leg, and how each stream stands. Pure.

Bytes from the air never raise: what cannot be read or placed is counted and told in the notices.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from distal.calibration import Calibration, Correction
from distal.clock import PERIOD_TICKS
from distal.clock.course import Course
from distal.clock.cuff import settle
from distal.clock.fit import ClockReceipt
from distal.clock.host import HostClock
from distal.clock.kept import Anchor, from_dict, with_knocks, with_walls
from distal.clock.sync import Placed, receipt, timebase
from distal.grid import CuffGrid, Packet, Rows, header_lsb
from distal.model import SIDES, Notice, Received, SensorError, Side, SyncReceipt, Timebase, warn
from distal_wire import batch, spec

_Z95 = 1.96
LOW_BATTERY_PCT = 15
_BELIEVED_S = 2.0  # a round trip that seems longer belongs to another boot, or the host's clock jumped
_TELL_BOOT = (spec.KIND_INFO, spec.KIND_STATUS, spec.KIND_MOMENT)
_IMUS = {row[0]: row[1] for row in spec.IMUS}
_SIDES: dict[int, Side] = {spec.SIDE_LEFT: "left", spec.SIDE_RIGHT: "right"}


@dataclass(frozen=True, slots=True)
class LegState:
    """How the stream of one cuff stands."""

    cuff: str
    present: int  # samples that came
    lost: int  # samples known to be missing
    battery_pct: int | None
    taken: int | None  # between the answers to start and stop; None while it runs, or after a reboot
    sync: tuple[ClockReceipt, ...]  # one a clock: boots may share the IMU's
    seconds: float = 0.0  # on the grid, from first to last sample

    @property
    def coverage(self) -> float | None:
        """Samples present / samples on the grid from first to last."""
        total = self.present + self.lost
        return self.present / total if total else None


class _Cuff:
    """What the pipeline knows of one cuff."""

    def __init__(self, cuff: str, side: Side) -> None:
        self.cuff = cuff
        self.side = side
        self.grid: CuffGrid | None = None
        self.boot: int | None = None  # as it said last
        self.start_index: int | None = None
        self.starts: dict[int, int] = {}  # boot -> answer to its first `start`
        self.stop_index: int | None = None
        self.status: dict[str, Any] = {}
        self.first_status: dict[str, Any] = {}
        self.correction: Correction | None = None
        self.packets: Counter[bool] = Counter()  # corrected or not
        self.marks: list[tuple[int, int, int]] = []  # boot, clock, crystal; before the grid is made

    def correct(self, header: Any) -> Correction | None:
        """The correction of a packet: none where its IMU or ranges are not those of the calibration."""
        ranges = int(header["acc_range_g"]), int(header["gyr_range"]) * 125
        found = self.correction
        if found and not found.calibration.fits(_IMUS.get(int(header["imu"])), *ranges):
            found = None
        self.packets[found is not None] += 1
        return found

    def sensor(self) -> SensorError | None:
        """How far its sensor may be off; None: not calibrated, or not for all that it sent."""
        is_whole = self.correction and self.packets[True] and not self.packets[False]
        return self.correction.calibration.error() if self.correction and is_whole else None

    def grown(self, counter: str) -> int:
        """How far a counter of the cuff went up during the session; from 0 when the cuff was reset."""
        now, before = self.status.get(counter, 0), self.first_status.get(counter, 0)
        same_boot = self.status.get("boot") == self.first_status.get("boot")
        return int(now - before if same_boot and now >= before else now)

    def state(self) -> LegState:
        lost = self.grid.counts["lost"] - self.grid.counts["filled"] if self.grid else 0
        taken = None
        rebooted = self.grid is not None and self.grid.counts["boot"]
        if self.start_index is not None and self.stop_index is not None and not rebooted:
            taken = (self.stop_index - self.start_index) % (1 << 32)
        battery = self.status.get("battery_pct", spec.UNKNOWN_PCT)
        return LegState(
            self.cuff,
            self.grid.length - lost if self.grid else 0,
            lost,
            None if battery == spec.UNKNOWN_PCT else battery,
            taken,
            tuple(self.grid.clock.receipts()) if self.grid else (),
            self.grid.length / self.grid.rate_hz if self.grid else 0.0,
        )


class Streams:
    """The streams of a session; feed it every message.

    sides: cuff id -> side, as the session decided; without it the cuffs' own info is asked.
    calibrations: of cuffs; one that does not fit a packet's IMU and ranges is not used for it.
    faults: messages that could not be read, by reason.
    """

    def __init__(
        self, sides: Mapping[str, Side] | None = None, calibrations: Sequence[Calibration] = ()
    ) -> None:
        self.faults: Counter[str] = Counter()
        self._odd: list[Notice] = []
        self._given = dict(sides or {})
        self._corrections = {one.cuff: Correction(one) for one in calibrations}
        self._cuffs: dict[str, _Cuff] = {}
        self._host = HostClock()
        self._heard = 0  # messages so far
        self._ignored: set[str] = set()
        self._trips: list[tuple[str, float, float, int]] = []
        self._anchors: dict[str, dict[int, Anchor]] = {}

    def name_placed(
        self, placed: Mapping[str, Mapping[str, Mapping[str, Any]]], tap: Mapping[str, Any] | None = None
    ) -> None:
        """Say where boots lie that nobody heard, as a recording notes it (shelf.PLACED), before the feed.

        tap  what knocks said of both legs (shelf.TAP)
        """
        found = {cuff: [from_dict(one) for one in boots.values()] for cuff, boots in placed.items()}
        sides = {cuff: self._given[cuff] for cuff in found if cuff in self._given}
        for cuff, anchors in (with_knocks(found, sides, tap) or with_walls(found)).items():
            self._anchors[cuff] = {int(boot): one for boot, one in zip(placed[cuff], anchors, strict=True)}

    def name_side(self, cuff_id: str, side: Side) -> None:
        """Say the side of a cuff that joins later, before its first message is fed."""
        self._given[cuff_id] = side

    def name_calibration(self, calibration: Calibration) -> None:
        """Say the calibration of a cuff that joins later, before its first message is fed."""
        self._corrections[calibration.cuff] = Correction(calibration)

    def feed(self, messages: Sequence[Received]) -> list[tuple[Side, Rows]]:
        """Take messages in the order in which they shall count; returns the rows they made certain."""
        places = self._places(messages)
        decoded = batch.decode([message.data for message in messages])
        self.faults.update(fault.value for _, fault in decoded.faults)
        for at, kind in decoded.others:
            self._take_other(messages[at], kind, places[at])
        packets = self._unwrap(messages, places, decoded)
        settle([cuff.grid.clock for cuff in self._cuffs.values() if cuff.grid])
        for cuff, packet in packets:
            assert cuff.grid is not None
            cuff.grid.add(packet)
        return self._take_rows()

    def _places(self, messages: Sequence[Received]) -> list[int]:
        """Their places in the order of arrival; where none is told, the host's clock tells it among these."""
        places = [-1] * len(messages)
        for at in sorted(range(len(messages)), key=lambda k: messages[k].t_host):
            self._heard += 1
            place = messages[at].place
            places[at] = self._heard if place is None else place
        return places

    def _unwrap(
        self, messages: Sequence[Received], places: Sequence[int], decoded: batch.Decoded
    ) -> list[tuple[_Cuff, Packet]]:
        """Sample packets with endless counters; all arrivals are noted before a row is placed."""
        packets = []
        for i, at in enumerate(decoded.positions.tolist()):
            header = decoded.header[i]
            cuff = self._cuff(messages[at].cuff)
            if cuff is None or not self._accept_rate(cuff, int(header["rate_hz"])):
                continue
            assert cuff.grid is not None
            counts = decoded.counts[decoded.starts[i] : decoded.starts[i + 1]]
            index, clock = cuff.grid.clock.note(header, len(counts), messages[at], places[at])
            worth = header_lsb(header), cuff.correct(header)
            packets.append((cuff, Packet(int(header["boot"]), index, clock, counts, *worth)))
        return packets

    def _accept_rate(self, cuff: _Cuff, rate_hz: int) -> bool:
        """A leg keeps the rate of its first packet; another is counted and left out."""
        if cuff.grid is None or (cuff.grid.nominal_hz != rate_hz and cuff.grid.is_empty):
            cuff.grid = self._new_grid(cuff, rate_hz)
        cuff.grid.start_index, cuff.grid.starts = cuff.start_index, cuff.starts
        if cuff.grid.nominal_hz == rate_hz:
            return True
        self.faults["another sampling rate than before"] += 1
        return False

    def _new_grid(self, cuff: _Cuff, rate_hz: int) -> CuffGrid:
        grid = CuffGrid(rate_hz, self._host)
        grid.clock.anchors = self._anchors.get(cuff.cuff, {})
        for boot, clock, crystal_us in cuff.marks:
            grid.clock.note_mark(boot, clock, crystal_us)
        return grid

    def _take_other(self, message: Received, kind: int, place: int) -> None:
        cuff = self._cuff(message.cuff, message.data if kind == spec.KIND_INFO else None)
        if cuff is None:
            return
        values = batch.read(message.data)
        cuff.boot = values["boot"] if kind in _TELL_BOOT else cuff.boot
        if kind == spec.KIND_INFO and values["rate_hz"] in PERIOD_TICKS:
            cuff.grid = cuff.grid or self._new_grid(cuff, values["rate_hz"])
        elif kind == spec.KIND_MARKED:
            cuff.marks.append((values["boot"], values["clock"], values["crystal_us"]))
            if cuff.grid:
                cuff.grid.clock.note_mark(*cuff.marks[-1])
        elif kind == spec.KIND_STATUS:
            cuff.first_status = cuff.first_status or values
            cuff.status = values
            if cuff.grid and values["clock"]:  # 0: the IMU did not answer
                cuff.grid.clock.note_stamp(values, message.t_host, place)
        elif kind == spec.KIND_MOMENT and cuff.grid and values["clock"]:
            cuff.grid.clock.note_stamp(values, message.t_host, place)
        elif kind == spec.KIND_ORIGIN and cuff.grid:
            cuff.grid.clock.origins[values["boot"]] = values["before"], values["clock"]
        elif kind == spec.KIND_RESPONSE and values["error"] == spec.OK:
            self._take_answer(cuff, values)

    def _take_answer(self, cuff: _Cuff, values: dict[str, Any]) -> None:
        if values["op"] == spec.COMMAND_START:  # later ones of a boot resume after a lost link
            cuff.start_index = values["index"] if cuff.start_index is None else cuff.start_index
            if cuff.boot is not None:
                cuff.starts.setdefault(cuff.boot, values["index"])
        elif values["op"] == spec.COMMAND_STOP:
            cuff.stop_index = values["index"]

    def _cuff(self, cuff_id: str, info: bytes | None = None) -> _Cuff | None:
        """The cuff of a message; None when both legs are taken by others."""
        if cuff_id not in self._cuffs and cuff_id not in self._ignored:
            side = self._given.get(cuff_id) or self._find_side(cuff_id, info)
            if side is None:
                self._ignored.add(cuff_id)
                self._odd.append(warn("extra_cuff", cuff=cuff_id))
            else:
                self._cuffs[cuff_id] = _Cuff(cuff_id, side)
                self._cuffs[cuff_id].correction = self._corrections.get(cuff_id)
        return self._cuffs.get(cuff_id)

    def _find_side(self, cuff_id: str, info: bytes | None) -> Side | None:
        used = {cuff.side for cuff in self._cuffs.values()} | set(self._given.values())
        said = _SIDES.get(batch.read(info)["side"]) if info else None
        free = [side for side in SIDES if side not in used]
        if said in free or not free:
            return said if said in free else None
        self._odd.append(warn("side_unknown", cuff=cuff_id, side=free[0], option=free[0]))
        return free[0]

    def _take_rows(self) -> list[tuple[Side, Rows]]:
        taken = [(cuff.side, cuff.grid.take()) for cuff in self._cuffs.values() if cuff.grid]
        return [(side, rows) for side, rows in taken if rows is not None]

    def flush(self) -> list[tuple[Side, Rows]]:
        """Place what is held back; what the cuffs sampled last and never arrived becomes a gap."""
        for cuff in self._cuffs.values():
            if cuff.grid:
                cuff.grid.flush(cuff.stop_index)
        return self._take_rows()

    def rates(self) -> dict[Side, float]:
        """True sampling rate, Hz, of each leg that is known so far."""
        return {cuff.side: cuff.grid.rate_hz for cuff in self._cuffs.values() if cuff.grid}

    def length_s(self) -> float:
        """Seconds on the grid of the longest leg."""
        return max((c.grid.length / c.grid.rate_hz for c in self._cuffs.values() if c.grid), default=0.0)

    def legs(self) -> dict[Side, LegState]:
        """How the stream of each leg stands."""
        return {cuff.side: cuff.state() for cuff in self._cuffs.values()}

    def boots(self, cuff: str) -> dict[int, int]:
        """Boot -> one past its newest sample that came, oldest boot first."""
        known = self._cuffs.get(cuff)
        return dict(known.grid.ends) if known and known.grid else {}

    def holes(self, cuff: str, boot: int) -> list[tuple[int, int]]:
        """Index ranges of a boot that did not come, oldest first; indices without their wrap."""
        known = self._cuffs.get(cuff)
        return known.grid.holes(boot) if known and known.grid else []

    def courses(self, cuff: str, boot: int) -> list[Course]:
        """The clock of a boot, between jumps of the host's; none where nothing of it could be used."""
        grid = self._cuffs[cuff].grid if cuff in self._cuffs else None
        return grid.clock.courses(boot) if grid else []

    def ends(self) -> dict[str, int]:
        """Cuff id -> one past the newest sample that came."""
        grids = {cuff.cuff: cuff.grid for cuff in self._cuffs.values()}
        return {cuff: grid.end for cuff, grid in grids.items() if grid and not grid.is_empty}

    def times(self) -> dict[Side, Timebase]:
        """Row -> session seconds of each leg; second 0 is the first sample of the earliest-started cuff."""
        placed = self._placed()
        zero_s = min((leg.ends()[0] for leg in placed.values()), default=0.0)
        return {side: timebase(leg.clock, leg.spans, zero_s) for side, leg in placed.items()}

    def sync(self) -> SyncReceipt | None:
        """How well the two legs' clocks agree; None without two legs at the same time."""
        placed = self._placed()
        return receipt(placed, self._late_ms(placed))

    def name_round_trips(self, trips: Sequence[Sequence[Any]]) -> None:
        """Say when cuffs were asked for their clock: (cuff, sent s, answered s, cuff clock), host's clock."""
        self._trips = [(str(cuff), float(sent), float(came), int(clock)) for cuff, sent, came, clock in trips]

    def _late_ms(self, placed: Mapping[Side, Placed]) -> float | None:
        """By how much session time may lag the host's clock: the cuff's was not read before it was asked."""
        sides = {cuff.cuff: cuff.side for cuff in self._cuffs.values() if cuff.side in placed}
        late: dict[Side, list[float]] = {}
        for cuff, sent_s, came_s, clock in self._trips:
            if cuff in sides:
                read_s = placed[sides[cuff]].nearest(clock, came_s)
                late.setdefault(sides[cuff], []).append(read_s - sent_s)
        found = [min(values) for values in late.values()]
        return 1e3 * max(found) if found and max(found) < _BELIEVED_S else None

    def _placed(self) -> dict[Side, Placed]:
        """The clock and the rows of each leg that has some."""
        grids = {
            cuff.side: cuff.grid for cuff in self._cuffs.values() if cuff.grid and not cuff.grid.is_empty
        }
        eras = self._host.eras()
        return {
            side: Placed(grid.leg_clock(eras), grid.spans(), *grid.heard()) for side, grid in grids.items()
        }

    def sensors(self) -> dict[Side, SensorError]:
        """How far the sensor of each calibrated leg may be off."""
        found = {cuff.side: cuff.sensor() for cuff in self._cuffs.values()}
        return {side: error for side, error in found.items() if error}

    def notices(self) -> list[Notice]:
        """What was odd about the streams."""
        found = list(self._odd)
        for reason, count in self.faults.items():
            found.append(warn("bad_packets", n=count, why=reason))
        for cuff in self._cuffs.values():
            found += _stream_warnings(cuff) if cuff.grid else []
            found += _status_warnings(cuff) + _calibration_warnings(cuff)
        return found


def _calibration_warnings(cuff: _Cuff) -> list[Notice]:
    if not (cuff.correction and cuff.packets[False]):
        return []
    return [warn("calibration_unfit", side=cuff.side)]


def _stream_warnings(cuff: _Cuff) -> list[Notice]:
    assert cuff.grid is not None
    counts = cuff.grid.counts
    found = {kind: counts[kind] for kind in ("pause", "late", "unbelievable")}
    out = [warn("stream_gap", side=cuff.side, n=counts["lost"], holes=counts["gap"])] if counts["gap"] else []
    if cuff.grid.reboots:
        lost, doubt = zip(*cuff.grid.reboots, strict=True)
        sure = math.ceil(_Z95 * math.hypot(*doubt))
        out.append(warn("stream_boot", side=cuff.side, n=len(lost), lost=sum(lost), sure=sure))
    return out + [warn(f"stream_{kind}", side=cuff.side, n=n) for kind, n in found.items() if n]


def _status_warnings(cuff: _Cuff) -> list[Notice]:
    """What a cuff says of itself; counters count from its first word in this session."""
    status, side = cuff.status, cuff.side
    battery = status.get("battery_pct", spec.UNKNOWN_PCT)
    out = [warn("imu_rest", side=side)] if status.get("flags", 0) & spec.STATUS_REST_FAILED else []
    grown = {"imu_errors": cuff.grown("imu_errors"), "cuff_lost": cuff.grown("lost")}
    out += [warn(code, side=side, n=n) for code, n in grown.items() if n]
    return out + ([warn("battery_low", side=side, percent=battery)] if battery <= LOW_BATTERY_PCT else [])
