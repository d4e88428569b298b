"""One LED says what the cuff does: (period, part of it that is lit), both ms."""

ADVERTISING = (2000, 20)
CONNECTED = (1000, 20)
STREAMING = (4000, 20)
FAULT = (250, 125)  # no IMU, or it does not read 1 g at rest
IDENTIFY = (100, 50)


class Led:
    """Blinks a code. `pin` may be None: then nothing is lit; `lit` is the level that lights it."""

    def __init__(self, pin, lit=1):
        self._pin = pin
        self._lit = lit
        self._is_on = None

    def show(self, code, now):
        """Set the pin as the code wants it at ticks `now`."""
        is_on = now % code[0] < code[1]
        if self._pin is not None and is_on != self._is_on:
            self._is_on = is_on
            self._pin.value(self._lit if is_on else 1 - self._lit)
