"""Bugs to plant: each must be found. The old text stands exactly once in its file: drift is noticed."""

from dataclasses import dataclass

from distal.sim.plan import SMALL_FLASH, Fault, FaultPlan, draw

CUFF, HOST, WIRE = "firmware/distal_cuff/", "host/distal/", "protocol/distal_wire/"


def plan(*faults: Fault, seconds: float = 9.0, cuffs: int = 1, **other: object) -> FaultPlan:
    """A short session of one cuff."""
    return FaultPlan(1, seconds, faults, cuffs, **other)  # type: ignore[arg-type]


CALM = plan(seconds=3.035)
DROP = plan(Fault(2.0, "drop"), seconds=12.0)
REBOOT = plan(Fault(2.0, "reboot"))
STALL = plan(Fault(1.5, "stall", seconds=2.5))
AWAY = plan(Fault(1.5, "range", seconds=8.0), seconds=16.0)
GARBLE = plan(Fault(1.5, "garble", seconds=2.0, amount=0.3), seconds=5.0)
KILL = plan(Fault(4.0, "kill", seconds=0.5), seconds=12.0)
RIVAL = plan(Fault(1.5, "rival", seconds=3.0), seconds=10.0, keyed=True)
GARBAGE = plan(seconds=2.0, stranger="garbage", keyed=True)
LONG = plan(seconds=14.0)
LOSS = plan(Fault(1.5, "loss", seconds=12.0, amount=0.6), seconds=20.0, interval_ms=45.0)
BROWN_OUT = plan(Fault(2.0, "brown_out", seconds=1.0, amount=300.0), seconds=12.0)
FULL_FLASH = plan(Fault(28.0, "range", seconds=10.0), seconds=46.0, flash_bytes=SMALL_FLASH // 4)
FULL_RADIO = plan(Fault(2.0, "no_memory", seconds=1.0), seconds=24.0)
FULL_DISK = plan(Fault(2.0, "disk_full", seconds=0.5), seconds=24.0)
STEP = plan(Fault(6.0, "clock_step", amount=8.0), seconds=14.0)
DOUBLE = plan(seconds=2.0, stranger="double", keyed=True)
MEETS = plan(Fault(4.0, "kill", seconds=9.0), seconds=22.0, meets=True)
GARBLE_KILL = plan(
    Fault(1.5, "garble", seconds=3.0, amount=0.5), Fault(12.0, "kill", seconds=0.5), seconds=20.0
)
CUT_HEADER = draw(20105)  # the power goes right after the header of a block


@dataclass(frozen=True)
class Mutant:
    """`found_by`: a plan whose run must break an invariant, or tests that must fail."""

    breaks: str
    file: str
    old: str
    new: str
    found_by: FaultPlan | str


MUTANTS = (
    Mutant(
        "index not counted at an overrun",
        CUFF + "sampler.py",
        "FLAG_OVERRUN\n            packing.put32(self.index, 0, self.index, missed)",
        "FLAG_OVERRUN",
        STALL,
    ),
    Mutant(
        "gyroscope and accelerometer change places in the packet",
        CUFF + "packing.py",
        "(bit - 1) * 6",
        "(2 - bit) * 6",
        CALM,
    ),
    Mutant(
        "what was on the air at the end of a link is not sent again",
        CUFF + "ring.py",
        "min(self._held, self.unsent + _ON_THE_AIR)",
        "self.unsent",
        "tests/firmware/test_firmware.py",  # a fetch would give it back
    ),
    Mutant(
        "ring notices too late that it is full",
        CUFF + "ring.py",
        "if self._held == len(self._buffers):",
        "if self._held > len(self._buffers):",
        AWAY,
    ),
    Mutant(
        "a packet that found no buffer counts as sent",
        CUFF + "radio.py",
        "            self._tried_at = now\n            return False",
        "            self._tried_at = now\n            return True",
        "tests/firmware/test_firmware.py",  # as above
    ),
    Mutant(
        "a lost link is not noticed by the cuff",
        CUFF + "radio.py",
        "_DISCONNECT and data[0] == self._connection:\n            self.is_connected = False",
        "_DISCONNECT and data[0] == self._connection:\n            self.is_connected = True",
        DROP,
    ),
    Mutant(
        "the watchdog is never fed",
        CUFF + "app.py",
        "                self.feed()\n",
        "",
        LONG,
    ),
    Mutant(
        "samples that wait in the FIFO at the stop are left there",
        CUFF + "sampling.py",
        "            self.imu.hold()\n            self._drain()",
        "            self.imu.hold()",
        "tests/firmware/test_firmware.py",
    ),
    Mutant(
        "clock of a packet forgets the packets since the last timestamp",
        CUFF + "sampler.py",
        "        self._lead += count\n",
        "",
        CALM,
    ),
    Mutant(
        "commands are obeyed without the key",
        CUFF + "commands.py",
        "and not self.guard.is_open(link):",
        "and False:",
        RIVAL,
    ),
    Mutant(
        "the checksum of a message is not looked at",
        WIRE + "batch.py",
        'if zlib.crc32(message[:-4]) != int.from_bytes(message[-4:], "little"):',
        "if False:",
        GARBLE,
    ),
    Mutant(
        "packed fields are a bit too narrow",
        WIRE + "packed.py",
        "    while folded >> width:",
        "    while folded >> width + 1:",
        "tests/protocol/test_packed.py",
    ),
    Mutant(
        "Rice codes grow longer than a reader's window",
        CUFF + "rice.py",
        "            if zeros > _ZEROS:\n                return row\n",
        "",
        "tests/firmware/test_squeeze.py",
    ),
    Mutant(
        "damaged headers of flash blocks pass for sound ones",
        CUFF + "store_walk.py",
        "is_here and raw.is_sound(header, 0, _HEADER)",
        "is_here",
        "tests/firmware/test_store.py",
    ),
    Mutant(
        "an earlier index passes for one after the wrap",
        HOST + "clock/counters.py",
        "(value - self.newest + _WRAP // 2) % _WRAP - _WRAP // 2",
        "(value - self.newest) % _WRAP",
        DROP,
    ),
    Mutant(
        "samples that come twice count twice",
        HOST + "grid.py",
        "if packet.end <= self._expected:  # inside a longer one",
        "if False:  # inside a longer one",
        "tests/host/test_streams.py",
    ),
    Mutant(
        "the boot number is ignored",
        HOST + "grid.py",
        "if packet.boot != self._boot and not self._begin(packet):",
        "if self._boot is None and not self._begin(packet):",
        REBOOT,
    ),
    Mutant(
        "a lost link is never made again",
        HOST + "hold.py",
        "            await self._link_again(held)\n",
        "            await asyncio.Event().wait()\n",
        DROP,
    ),
    Mutant(
        "a cuff that is back is not told to go on",
        HOST + "take.py",
        "            self._note_mass(held)\n        await self._start(held)\n",
        "            self._note_mass(held)\n",
        REBOOT,
    ),
    Mutant(
        "left and right are swapped without a word",
        HOST + "link/base.py",
        '{spec.SIDE_LEFT: "left", spec.SIDE_RIGHT: "right"}',
        '{spec.SIDE_LEFT: "right", spec.SIDE_RIGHT: "left"}',
        CALM,
    ),
    Mutant(
        "the recorder never commits",
        HOST + "recording.py",
        "        self._run(self._db.commit)\n",
        "",
        KILL,
    ),
    Mutant(
        "the last index is told one too high",
        HOST + "streams.py",
        'cuff.stop_index = values["index"]',
        'cuff.stop_index = values["index"] + 2',
        CALM,
    ),
    Mutant(
        "a stranger's device keeps our cuffs from recording",
        HOST + "link/search.py",
        "            self._failed.append((found, error))\n",
        "            raise\n",
        GARBAGE,
    ),
    Mutant(
        "holes of a session are not asked for",
        HOST + "fill.py",
        "                return boot, low, high\n",
        "                break\n",
        LOSS,
    ),
    Mutant(
        "the time that a cuff was without power is cut out",
        HOST + "grid.py",
        "        return round(rows), math.hypot",
        "        return 0, math.hypot",
        BROWN_OUT,
    ),
    Mutant(
        "a flash ring that is full writes to its last block for ever",
        CUFF + "store.py",
        "        self._place = seq % self.blocks\n",
        "        self._place = min(seq, self.blocks - 1)\n",
        FULL_FLASH,
    ),
    Mutant(
        "a radio that was full once is never tried again",
        CUFF + "radio.py",
        "(self._wait and time.ticks_diff(now, self._tried_at) < self._wait)",
        "self._wait",
        FULL_RADIO,
    ),
    Mutant(
        "a full disk is passed over in silence",
        HOST + "take.py",
        "            self._failed.set_exception(error)\n"
        "            self._failed.exception()  # another part may tell it before anybody asks for this one\n"
        "            return\n",
        "            return\n",
        FULL_DISK,
    ),
    Mutant(
        "the crystals of the two cuffs are taken to run alike",
        HOST + "clock/fit.py",
        "        return Line(offset_s, slope)\n",
        "        return Line(offset_s, 1.0)\n",
        "tests/host/test_clock_sync.py",
    ),
    Mutant(
        "a jump of the host's clock stays in the session's time",
        HOST + "clock/host.py",
        ".moved(0.0, -math.fsum(self.jumps[: self.era(course)]))",
        ".moved(0.0, 0.0)",
        STEP,
    ),
    Mutant(
        "a device that proves nothing is believed",
        HOST + "link/ble.py",
        "            if self._keys:\n",
        "            if False:\n",
        DOUBLE,
    ),
    Mutant(
        "what a killed session lacks at its end is never fetched",
        HOST + "handover.py",
        "    return part.since, next_one if part.until is None else max(part.until, last)\n",
        "    return part.since, last\n",
        MEETS,
    ),
    Mutant(
        "a little memory is kept with every moment",
        CUFF + "moments.py",
        "        self._message = None\n        if self._sampling.is_on:",
        "        self._message = None\n"
        "        self._button.kept = (bytearray(64), getattr(self._button, 'kept', None))\n"
        "        if self._sampling.is_on:",
        LONG,
    ),
    Mutant(
        "a session without a stop ends with its first block",
        CUFF + "store_read.py",
        "    while last > begin and not _read_block(walk, last, session):\n        last -= 1\n",
        "    _read_block(walk, last, session)\n",
        CUT_HEADER,
    ),
    Mutant(
        "an answer that does not arrive holds up every other hole",
        HOST + "link/fetch.py",
        "                    await self._nudge(asked)\n",
        "",
        GARBLE_KILL,
    ),
    Mutant(
        "the end of a session that did not come is not asked for",
        HOST + "grid.py",
        "                self._holes[self._boot].append((self._expected, end))\n",
        "",
        "tests/host/test_fill.py",
    ),
    Mutant(
        "a cuff that is busy passes for one that fetches nothing",
        HOST + "fill.py",
        "            if error.error == spec.ERROR_BUSY:\n",
        "            if False:\n",
        "tests/host/test_fill.py",
    ),
    Mutant(
        "a cuff that comes back while its session ends is started",
        HOST + "take.py",
        "        if not self._is_over:\n            await self._go_on(held)\n        if self._is_over:",
        "        await self._go_on(held)\n        if False:",
        "tests/host/test_session.py",
    ),
)
