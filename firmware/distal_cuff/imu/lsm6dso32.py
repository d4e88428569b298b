"""ST LSM6DSO32 and LSM6DSO on I2C: identify, configure, drain the FIFO.

Registers and codes as in ST's lsm6dso32_reg.h and lsm6dso_reg.h. WHO_AM_I is the same for both parts,
so `cuff.json` says which one is soldered; the rest check finds out if it says the wrong one.
"""

import time

from micropython import const

WORD_SIZE = const(7)

_FIFO_CTRL1 = const(0x07)  # ..CTRL4 at 0x0A
_FIFO_CTRL3 = const(0x09)
_FIFO_CTRL4 = const(0x0A)
_INT1_CTRL = const(0x0D)
_WHO_AM_I = const(0x0F)
_CTRL1_XL = const(0x10)
_CTRL2_G = const(0x11)
_CTRL3_C = const(0x12)
_CTRL10_C = const(0x19)
_OUTX_L_G = const(0x22)
_FIFO_STATUS1 = const(0x3A)
_TIMESTAMP0 = const(0x40)
# User offsets X, Y, Z: nothing adds them unless CTRL7_G says so. Three bytes that live exactly as long as the
# chip's clock does: both are cleared when it is reset or loses its power, and by nothing else
_NOTE = const(0x73)
_FIFO_DATA_OUT_TAG = const(0x78)

_ID = const(0x6C)
_RESET = const(0x01)
_BDU_IF_INC = const(0x44)
_TIMESTAMP_EN = const(0x20)
_INT1_FIFO_TH = const(0x08)
_BYPASS = const(0x80)  # timestamps of every 8th slot, FIFO off
_CONTINUOUS = const(0x86)
_OVERRAN = const(0x48)  # FIFO_STATUS2: FIFO_OVR_IA, FIFO_OVR_LATCHED
_LEVEL_HIGH = const(0x03)
_SIGNED = const(0xA5)

# ODR codes; the rates are those of spec.PERIOD_TICKS
RATES = {104: 4, 208: 5, 416: 6}
GYR_RANGES = {125: 1, 250: 0, 500: 2, 1000: 4, 2000: 6}
ACC_RANGES = {
    "LSM6DSO32": {4: 0, 8: 2, 16: 3, 32: 1},
    "LSM6DSO": {2: 0, 4: 2, 8: 3, 16: 1},
}
_BURST = const(16)  # words at most


class Lsm6dso32:
    """Every method raises OSError when the chip does not answer or is another one."""

    def __init__(self, i2c, sleep_ms, part="LSM6DSO32", address=0x6A):
        self.overran = False  # as of the last `waiting`
        self.before = None  # (boot, clock) as in spec.ORIGIN, when the chip was found signed
        self.words = bytearray(_BURST * WORD_SIZE)  # what `read` brought
        self.motion = bytearray(12)  # what `read_motion` brought: gyr x y z, acc x y z, int16
        self.acc_ranges = ACC_RANGES[part]
        self._i2c = i2c
        self._sleep_ms = sleep_ms
        self._address = address
        self._rate = 0
        self._byte = bytearray(1)
        self._level = bytearray(2)
        view = memoryview(self.words)
        # each size has its view: a slice in the loop would allocate, a second burst costs three bytes more
        self._views = tuple([view[: words * WORD_SIZE] for words in range(_BURST + 1)])

    def configure(self, rate_hz, acc_range_g, gyr_range_dps, watermark):
        """Identify, reset and run at these settings with an empty FIFO that is off; takes 0.1 s."""
        if self._read(_WHO_AM_I) != _ID:
            raise OSError("WHO_AM_I 0x%02x" % self._byte[0])
        signed = self._look_back()
        self._write(_CTRL3_C, _RESET)
        for _ in range(10):  # 50 us on the chip: one I2C write later it is over
            if not self._read(_CTRL3_C) & _RESET:
                break
            self._sleep_ms(2)
        self._rate = RATES[rate_hz]
        self._write(_CTRL3_C, _BDU_IF_INC)
        self._write(_CTRL10_C, _TIMESTAMP_EN)
        self.before = signed and (signed[0], self._at_zero(signed[1], signed[2]))
        self._write(_CTRL1_XL, self._rate << 4 | self.acc_ranges[acc_range_g] << 2)
        self._write(_CTRL2_G, self._rate << 4 | GYR_RANGES[gyr_range_dps] << 1)
        self._write(_FIFO_CTRL1, watermark & 0xFF)
        self._write(_FIFO_CTRL1 + 1, watermark >> 8)
        self._write(_INT1_CTRL, _INT1_FIFO_TH)
        self._sleep_ms(80)  # the gyroscope needs 70 ms from power-down

    def sign(self, boot):
        """The chip's clock is that of this boot."""
        self._write(_NOTE, boot & 0xFF)
        self._write(_NOTE + 1, boot >> 8)
        self._write(_NOTE + 2, _SIGNED)

    def _look_back(self):
        """(boot, its clock, ticks_us then) of the boot that signed; None: its clock is gone."""
        note = bytearray(3)
        self._i2c.readfrom_mem_into(self._address, _NOTE, note)
        if note[2] != _SIGNED:
            return None
        return note[0] | note[1] << 8, self._clock(), time.ticks_us()

    def _at_zero(self, clock, ticks):
        """What a clock that stood at `clock` at ticks_us `ticks` said when the chip's present one was 0."""
        now = self._clock()
        return (clock + time.ticks_diff(time.ticks_us(), ticks) // 25 - now) & 0xFFFFFFFF

    def _clock(self):
        stamp = bytearray(4)
        self.read_clock(stamp)
        return int.from_bytes(stamp, "little")

    def start(self):
        """Switch the FIFO on, empty."""
        self._write(_FIFO_CTRL4, _BYPASS)
        self._write(_FIFO_CTRL3, self._rate << 4 | self._rate)
        self._write(_FIFO_CTRL4, _CONTINUOUS)

    def hold(self):
        """Take no more samples; those in the FIFO stay to be read."""
        self._write(_FIFO_CTRL3, 0)

    def stop(self):
        """Switch the FIFO off; what is in it is gone."""
        self._write(_FIFO_CTRL4, _BYPASS)

    def waiting(self):
        """Words in the FIFO; sets `overran`."""
        level = self._level
        self._i2c.readfrom_mem_into(self._address, _FIFO_STATUS1, level)
        self.overran = level[1] & _OVERRAN != 0
        return level[0] | (level[1] & _LEVEL_HIGH) << 8

    def read(self, at_most):
        """Read one burst of FIFO words into `words`; returns how many."""
        words = at_most if at_most < _BURST else _BURST
        self._i2c.readfrom_mem_into(self._address, _FIFO_DATA_OUT_TAG, self._views[words])
        return words

    def read_clock(self, stamp):
        """Read the timestamp registers into 4 bytes, 25 us a tick, little-endian."""
        self._i2c.readfrom_mem_into(self._address, _TIMESTAMP0, stamp)

    def read_motion(self):
        """Read the newest sample into `motion`."""
        self._i2c.readfrom_mem_into(self._address, _OUTX_L_G, self.motion)
        return self.motion

    def _read(self, register):
        self._i2c.readfrom_mem_into(self._address, register, self._byte)
        return self._byte[0]

    def _write(self, register, value):
        self._byte[0] = value
        self._i2c.writeto_mem(self._address, register, self._byte)
