"""Cell voltage and an honest guess of the charge."""

from micropython import const

from distal_wire import spec

_LOOKS = const(8)  # one reading of the ESP32's converter is off by 30 mV and more

# A LiPo cell that rests or works lightly, about 0.1 C: mV -> %. Straight lines between.
_CURVE = ((3300, 0), (3600, 8), (3700, 20), (3760, 40), (3850, 60), (3980, 80), (4150, 100))


def percent(mv):
    """Charge of a cell at this voltage."""
    low_mv, low = _CURVE[0]
    if mv <= low_mv:
        return low
    for high_mv, high in _CURVE[1:]:
        if mv < high_mv:
            return low + (high - low) * (mv - low_mv) // (high_mv - low_mv)
        low_mv, low = high_mv, high
    return 100


class Battery:
    """`read_uv` gives the voltage at the divider's tap, `ratio` is cell / tap; None: no divider."""

    def __init__(self, read_uv, ratio):
        self.mv = 0  # 0 unknown
        self.pct = spec.UNKNOWN_PCT
        self._read_uv = read_uv
        self._ratio = ratio

    def measure(self):
        """Read the cell anew."""
        if self._read_uv is None:
            return
        total = 0
        for _ in range(_LOOKS):
            total += self._read_uv() // 1000
        self.mv = total * self._ratio // _LOOKS
        self.pct = percent(self.mv)
