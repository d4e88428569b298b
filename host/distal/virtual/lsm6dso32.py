"""LSM6DSO32 at register level: what an I2C master sees, from a motion and a clock.

Lazy: samples are made when somebody looks, for the instants at which the chip would have taken them.
Numbers: ST DS13607 (LSM6DSO32) and AN5473. Not modelled: embedded functions, sensor hub, INT2, filters
and their settling, self-test, FIFO compression and stop-on-watermark, FIFO modes 3, 4, 7 (as continuous).
"""

import struct
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from distal.virtual.imu_ahead import Ahead, Slots
from distal.virtual.imu_fifo import MODE_BYPASS, TAG_ACC, TAG_GYR, TAG_TIMESTAMP, TAGS, WORD, Fifo, Words
from distal.virtual.imu_signal import Converters, Counts, Floats, ImuFaults, Motion, World

__all__ = ["ADDRESS", "ImuFaults", "Lsm6dso32", "Motion", "World"]

Ints = NDArray[np.int64]

TICK_HZ = 40_000  # of the timestamp: 25 us
ADDRESS = 0x6A  # 0x6B with SA0 high

FIFO_CTRL1, FIFO_CTRL2, FIFO_CTRL3, FIFO_CTRL4, INT1_CTRL, WHO_AM_I = 0x07, 0x08, 0x09, 0x0A, 0x0D, 0x0F
PIN_CTRL, CTRL1_XL, CTRL2_G, CTRL3_C, CTRL9_XL, CTRL10_C = 0x02, 0x10, 0x11, 0x12, 0x18, 0x19
STATUS, OUT_TEMP, OUT_GYR, OUT_ACC, OUT_END = 0x1E, 0x20, 0x22, 0x28, 0x2E
FIFO_STATUS1, FIFO_STATUS2, TIMESTAMP0, TIMESTAMP2, FREQ_FINE = 0x3A, 0x3B, 0x40, 0x42, 0x63
FIFO_DATA_OUT_TAG = 0x78

SW_RESET, IF_INC, TIMESTAMP_EN = 0x01, 0x04, 0x20
INT1_WATERMARK, INT1_OVERRUN, INT1_FULL = 0x08, 0x10, 0x20

# DS13607 section 8, register address map: values after reset where they are not 0
RESET_VALUES = {PIN_CTRL: 0x3F, WHO_AM_I: 0x6C, CTRL3_C: IF_INC, CTRL9_XL: 0xE0}
WRITABLE = frozenset(
    (0x01, 0x02, *range(0x07, 0x0F), *range(0x10, 0x1A), *range(0x56, 0x60), 0x62, *range(0x70, 0x76))
)

# One oscillator, divided: 6666.67 Hz and halves of it. ODR or BDR code -> ticks between samples.
ODR_TICKS = (0, 3072, 1536, 768, 384, 192, 96, 48, 24, 12, 6)
TIMESTAMP_EVERY = (0, 1, 8, 32)  # DEC_TS_BATCH code -> slots from one timestamp to the next


class Lsm6dso32:
    """One chip. `t` is loop seconds everywhere and must not run backwards."""

    def __init__(self, motion: Motion, world: World, faults: ImuFaults | None = None) -> None:
        """Powered on, all registers at their reset values."""
        self.faults = faults or ImuFaults()
        self.world = world
        self.fifo = Fifo()
        self.taken = 0  # slots put into the FIFO since power on, lost ones too: truth for tests
        self.on_stored: Callable[[Floats, Counts, Counts], None] = _ignore  # instants, gyr, acc of new slots
        self._stored = Converters(motion, world, self.faults)
        self._ahead = Ahead()
        self._shown = Converters(motion, world, self.faults, stream=1)
        self._hz = TICK_HZ * (1 + self.faults.drift_ppm * 1e-6)
        self._since = (0.0, 0.0)  # loop seconds and ticks from which on the oscillator runs at `_hz`
        self._registers = bytearray(128)
        self._rise_slot = -1  # at which INT1 will rise if nobody reads; -1: not known
        self._slot_ticks = 0  # between two slots of the FIFO; 0: it does not fill
        self._reset(0)

    def power_on(self, t: float) -> None:
        """Power was off and came back: all registers at their reset values, the FIFO empty."""
        self._reset(self._tick(t))

    # ---- what the master does

    def read(self, register: int, count: int, t: float) -> bytes:
        """Bytes from `register` on."""
        self._advance(self._tick(t))
        if register >= FIFO_DATA_OUT_TAG:
            self._rise_slot = -1
            return self.fifo.read(register - FIFO_DATA_OUT_TAG, count)
        if not self._registers[CTRL3_C] & IF_INC:
            return self._look(register, 1, self._tick(t)) * count
        return self._look(register, count, self._tick(t))

    def write(self, register: int, data: bytes, t: float) -> None:
        """Bytes into registers from `register` on; read-only ones ignore them."""
        tick = self._tick(t)
        self._advance(tick)
        self._rise_slot = -1
        for address, value in enumerate(data, register):
            self._write_one(address, value, tick)

    def level(self, t: float) -> int:
        """INT1: FIFO watermark, overrun and full, as INT1_CTRL routes them. Active high."""
        self._advance(self._tick(t))
        flags, routed = self.fifo.status()[1], self._registers[INT1_CTRL]
        return int(any(routed & source and flags & flag for source, flag in _INT1_FLAGS))

    def next_rise(self, t: float) -> float | None:
        """When the watermark will raise INT1 if nobody reads; None: it is high, or never."""
        self._advance(self._tick(t))
        missing = self.fifo.watermark - len(self.fifo)
        if not (self._registers[INT1_CTRL] & INT1_WATERMARK and self._slot_ticks and missing > 0):
            return None
        if self._rise_slot < 0:
            self._rise_slot = self._slot + self._slots_until(missing)
        return self._seconds(self._origin + self._rise_slot * self._slot_ticks)

    def _slots_until(self, words: int) -> int:
        """How many slots from now on bring so many words; every slot brings one at least."""
        every = self._timestamp_every()
        gyr, acc = (batch // self._slot_ticks if batch else 0 for batch in self._batch)
        slots = 0
        while words > 0:
            slots += 1
            words -= bool(gyr and (self._slot + slots) % gyr == 0)
            words -= bool(acc and (self._slot + slots) % acc == 0)
            words -= bool(every and (self._slots_stored + slots - 1) % every == 0)
        return slots

    def _timestamp_every(self) -> int:
        """Slots from one timestamp in the FIFO to the next; 0: none."""
        is_on = self._registers[CTRL10_C] & TIMESTAMP_EN
        return TIMESTAMP_EVERY[self._registers[FIFO_CTRL4] >> 6] if is_on else 0

    def instant(self, stamp: int) -> float:
        """Loop seconds at which the timestamp counter stood at `stamp`: truth for latencies."""
        return self._seconds(self._zero_tick + stamp)

    def set_drift(self, ppm: float, t: float) -> None:
        """From now on the oscillator runs so far off: a chip that warms up."""
        self._advance(self._tick(t))
        since_s, since_ticks = self._since
        self._since = t, since_ticks + (t - since_s) * self._hz
        self._hz = TICK_HZ * (1 + ppm * 1e-6)

    # ---- registers

    def _reset(self, tick: int) -> None:
        self._registers[:] = bytes(128)
        for register, value in RESET_VALUES.items():
            self._registers[register] = value
        self._registers[FREQ_FINE] = round(self.faults.drift_ppm / 1500) & 0xFF  # steps of 0.15 %
        self._shown_ticks = {OUT_GYR: 0, OUT_ACC: 0}
        self._read_ticks = {OUT_GYR: 0, OUT_ACC: 0}
        self._zero_tick = tick
        self._configure_rates(tick)

    def _write_one(self, register: int, value: int, tick: int) -> None:
        if register == TIMESTAMP2 and value == 0xAA:
            self._zero_tick = tick - self.faults.timestamp_start
        if register not in WRITABLE:
            return
        changed = self._registers[register] ^ value
        self._registers[register] = value
        if register == CTRL3_C and value & SW_RESET:
            self._reset(tick)
        elif register in (CTRL1_XL, CTRL2_G):
            self._configure_scales()
            if changed & 0xF0:
                self._configure_rates(tick)
        elif register == CTRL10_C and changed & value & TIMESTAMP_EN:
            self._zero_tick = tick - self.faults.timestamp_start
        elif FIFO_CTRL1 <= register <= FIFO_CTRL4:
            self._configure_fifo(tick)

    def _configure_scales(self) -> None:
        for converters in (self._stored, self._shown):
            converters.acc_code = self._registers[CTRL1_XL] >> 2 & 3
            converters.gyr_code = self._registers[CTRL2_G] >> 1 & 7

    def _configure_rates(self, tick: int) -> None:
        """A new ODR starts the sample clock anew."""
        self._origin = tick
        self._slot = 0
        self._odr = {
            OUT_GYR: _ticks(self._registers[CTRL2_G] >> 4),
            OUT_ACC: _ticks(self._registers[CTRL1_XL] >> 4),
        }
        self._configure_scales()
        self._configure_fifo(tick)

    def _configure_fifo(self, tick: int) -> None:
        control, was_filling = self._registers, self._slot_ticks > 0
        self.fifo.watermark = control[FIFO_CTRL1] | (control[FIFO_CTRL2] & 1) << 8
        self.fifo.mode = control[FIFO_CTRL4] & 7
        self._batch = (
            _batch_ticks(self._odr[OUT_GYR], control[FIFO_CTRL3] >> 4),
            _batch_ticks(self._odr[OUT_ACC], control[FIFO_CTRL3] & 15),
        )
        is_on = self.fifo.mode != MODE_BYPASS
        self._slot_ticks = min([ticks for ticks in self._batch if ticks and is_on], default=0)
        if self._slot_ticks:
            self._slot = (tick - self._origin) // self._slot_ticks
        if not is_on:
            self.fifo.clear()
            self._slots_stored = 0
        self._tell_world(was_filling)

    def _tell_world(self, was_filling: bool) -> None:
        if self._slot_ticks and not was_filling:
            self.world.begin(id(self), self._seconds(self._origin + (self._slot + 1) * self._slot_ticks))
        elif was_filling and not self._slot_ticks:
            self.world.end(id(self))

    # ---- time

    def _tick(self, t: float) -> int:
        """Oscillator ticks at loop time t; a millionth of a tick forgives rounding at a sample's instant."""
        since_s, since_ticks = self._since
        return int(since_ticks + (t - since_s) * self._hz + 1e-6)

    def _seconds(self, tick: float) -> float:
        """Loop time of oscillator ticks since the drift changed last, or later."""
        since_s, since_ticks = self._since
        return since_s + (tick - since_ticks) / self._hz

    def _advance(self, tick: int) -> None:
        """Fill the FIFO up to now."""
        if not self._slot_ticks:
            return
        coming = (tick - self._origin) // self._slot_ticks - self._slot
        if coming > 0:
            self._store(coming)

    def _store(self, n: int) -> None:
        course = (
            *(self._since, self._hz, self._origin, self._zero_tick, self.world.start),
            *(self._slot_ticks, self._slots_stored - self._slot),
            bytes(self._registers[FIFO_CTRL1 : CTRL10_C + 1]),
        )
        new = self._ahead.take(self._slot, n, course, self._coming)
        self._stored.use(n)
        self.fifo.append(new.words[new.present])
        self._slot += n
        self._slots_stored += n
        self.taken += n
        self.on_stored(new.instants, new.gyr, new.acc)

    def _coming(self, n: int) -> Slots:
        """The next n slots, as things stand."""
        coming = np.arange(1, n + 1)
        ticks = self._origin + (self._slot + coming) * self._slot_ticks
        since_s, since_ticks = self._since
        instants: Floats = (since_s + (ticks - since_ticks) / self._hz).astype(np.float64)
        gyr, acc = self._stored.look_ahead(instants, TICK_HZ / self._slot_ticks)
        words = np.zeros((n, 3, WORD), dtype=np.uint8)
        words[:, :, 0] = TAGS[[TAG_GYR, TAG_ACC, TAG_TIMESTAMP]][:, (self._slots_stored + coming - 1) & 3].T
        words[:, 0, 1:] = _bytes(gyr.astype("<i2"))
        words[:, 1, 1:] = _bytes(acc.astype("<i2"))
        words[:, 2, 1:5] = _bytes(((ticks - self._zero_tick) & 0xFFFFFFFF).astype("<u4")[:, None])
        words[:, 2, 6] = self._registers[FIFO_CTRL3]
        return Slots(instants, gyr, acc, words, self._present(coming))

    def _present(self, coming: Ints) -> NDArray[np.bool_]:
        """(n, 3): which of gyr, acc, timestamp the slots hold that come `coming` slots from now."""
        out = np.zeros((len(coming), 3), dtype=np.bool_)
        for column, batch in enumerate(self._batch):
            if batch:
                out[:, column] = (self._slot + coming) % (batch // self._slot_ticks) == 0
        every = self._timestamp_every()
        if every:
            out[:, 2] = (self._slots_stored + coming - 1) % every == 0
        return out

    # ---- output registers

    def _look(self, register: int, count: int, tick: int) -> bytes:
        """Bring the output registers in the range up to date, then read it."""
        touched = range(register, register + count)
        if STATUS in touched:
            self._registers[STATUS] = self._status(tick)
        if register < OUT_END and touched.stop > OUT_TEMP:
            self._show(touched, tick)
        if register <= FIFO_STATUS2 and touched.stop > FIFO_STATUS1:
            self._registers[FIFO_STATUS1 : FIFO_STATUS2 + 1] = self.fifo.status()
        if (
            register < TIMESTAMP0 + 4
            and touched.stop > TIMESTAMP0
            and self._registers[CTRL10_C] & TIMESTAMP_EN
        ):
            struct.pack_into("<I", self._registers, TIMESTAMP0, tick - self._zero_tick & 0xFFFFFFFF)
        if FIFO_STATUS2 in touched:
            self.fifo.latched = False
        return bytes(self._registers[register : register + count]).ljust(count, b"\0")

    def _newest(self, output: int, tick: int) -> int:
        """Tick of the newest sample of one output; 0: none yet."""
        period = self._odr[output]
        ready = period and tick >= self._origin + period
        return tick - (tick - self._origin) % period if ready else 0

    def _status(self, tick: int) -> int:
        """STATUS_REG: TDA, GDA, XLDA."""
        new = [self._newest(out, tick) > self._read_ticks[out] for out in (OUT_GYR, OUT_ACC)]
        return new[0] << 1 | new[1] | 0x04 * any(self._odr.values())

    def _show(self, touched: range, tick: int) -> None:
        struct.pack_into("<h", self._registers, OUT_TEMP, round((self.faults.temperature_c - 25) * 256))
        for column, output in enumerate((OUT_GYR, OUT_ACC)):
            newest = self._newest(output, tick)
            if touched.start < output + 6 and touched.stop > output and newest:
                self._read_ticks[output] = newest
                if newest > self._shown_ticks[output]:
                    self._shown_ticks[output] = newest
                    counts = self._shown.counts(
                        np.array([self._seconds(newest)]), TICK_HZ / self._odr[output]
                    )
                    self._registers[output : output + 6] = counts[column].astype("<i2").tobytes()


_INT1_FLAGS = ((INT1_WATERMARK, 0x80), (INT1_OVERRUN, 0x40), (INT1_FULL, 0x20))


def _ticks(code: int) -> int:
    return ODR_TICKS[code] if code < len(ODR_TICKS) else 0


def _batch_ticks(odr_ticks: int, code: int) -> int:
    """Ticks between stored samples: a batch cannot be faster than its sensor."""
    return max(odr_ticks, _ticks(code)) if odr_ticks and _ticks(code) else 0


def _ignore(_instants: Floats, _gyr: Counts, _acc: Counts) -> None:
    """Nobody compares."""


def _bytes(values: NDArray[np.generic]) -> Words:
    """Rows of little-endian numbers -> rows of bytes."""
    return np.ascontiguousarray(values).view(np.uint8)
