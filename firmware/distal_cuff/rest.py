"""The rest check: a cuff that lies still must read 1 g. And whether it lies still.

An LSM6DSO in place of an LSM6DSO32 reads 0.5 g or 2 g and nothing else gives it away. The gyroscope
says when the cuff rests, since it is right in either case.
"""

import math

import micropython
from micropython import const

_ENOUGH = const(8)  # looks in a row; at ten a second the cuff has been still for 0.8 s
_ONE_G_UG = const(1000000)
_ACC_LSB_UG = 30.5  # per g of range, spec.IMUS
_GYR_LSB_UDPS = const(35)  # per deg/s of range, spec.IMUS
_STILL_UDPS = const(6000000)  # an uncalibrated gyroscope at rest is off by less
# A leg that moves turns faster; standing sways with 5 deg/s and less
_MOVING_UDPS = const(20000000)
_BEGIN = const(3)  # looks above that with less than a second between them: a knock at the cuff is one
_FORGET = const(10)  # looks
_END = const(50)  # looks without movement: 5 s


@micropython.viper
def loudest(motion: ptr8) -> int:  # noqa: F821
    """Largest |count| of the three angular rates."""
    most = 0
    i = 0
    while i < 6:
        value = int(motion[i]) | (int(motion[i + 1]) << 8)
        if value >= 32768:
            value = 65536 - value
        if value > most:
            most = value
        i += 2
    return most


@micropython.viper
def square(motion: ptr8) -> int:  # noqa: F821
    """Sum of squares of the accelerations in units of 4 counts: stays below 2**30."""
    total = 0
    i = 6
    while i < 12:
        value = int(motion[i]) | (int(motion[i + 1]) << 8)
        if value >= 32768:
            value = 65536 - value
        value >>= 2
        total += value * value
        i += 2
    return total


class RestCheck:
    """Judges only what it has seen at rest; a cuff that moves is neither right nor wrong."""

    def __init__(self):
        self.has_failed = False
        self.is_moving = False
        self._loud = 0  # looks that saw movement
        self._calm = 0  # looks since the last of them
        self._seen = 0  # of the last judgement, see `square`
        self._last = 0
        self._still = 0
        self.set_ranges(32, 2000)

    def set_ranges(self, acc_range_g, gyr_range_dps):
        """The counts mean something else from now on."""
        self._one_g = int(_ONE_G_UG / (_ACC_LSB_UG * acc_range_g)) >> 2
        self._quiet = _STILL_UDPS // (_GYR_LSB_UDPS * gyr_range_dps)
        self._moving = _MOVING_UDPS // (_GYR_LSB_UDPS * gyr_range_dps)
        self._still = 0

    def look(self, motion):
        """Take one sample: 12 bytes, gyr and acc; about ten a second."""
        turning = loudest(motion)
        self._follow(turning > self._moving)
        seen = square(motion)
        is_steady = abs(seen - self._last) <= self._last >> 4  # |a| within 3 %
        self._last = seen
        if not is_steady or turning > self._quiet:
            self._still = 0
            return
        self._still += 1
        if self._still >= _ENOUGH:
            one = self._one_g * self._one_g
            self._seen = seen
            # 3/4 g to 4/3 g: tells 1 g from 0.5 and 2 g, whatever offset an honest part has
            self.has_failed = seen * 16 < one * 9 or seen * 9 > one * 16

    def _follow(self, is_loud):
        """Movement begins after some looks that saw it, and ends after many that did not."""
        if is_loud:
            self._calm = 0
            self._loud = min(self._loud + 1, _BEGIN)
            if self._loud == _BEGIN:
                self.is_moving = True
            return
        self._calm += 1
        if self._calm >= (_END if self.is_moving else _FORGET):
            self._calm = self._loud = 0
            self.is_moving = False

    def milli_g(self):
        """|a| of the last judgement."""
        return min(65535, int(1000 * math.sqrt(self._seen) / self._one_g))
