"""The LED says what the cuff does: (period, part of it that is lit) in ms, and the colour if it has one."""

from micropython import const

RED = const(1)
GREEN = const(2)
BLUE = const(4)
WHITE = const(7)

ADVERTISING = (2000, 20, BLUE)
CONNECTED = (1000, 20, BLUE)
STREAMING = (4000, 20, GREEN)
ALONE = (1000, 250, GREEN)  # recording, and no host takes the samples
FAULT = (250, 125, RED)  # no IMU, or it does not read 1 g at rest
PAIRING = (1000, 500, BLUE)  # the button was held: a new key may be set
IDENTIFY = (100, 50, WHITE)


class Led:
    """Blinks a code. `pin` may be None: then nothing is lit; `lit` is the level that lights it."""

    def __init__(self, pin, lit=1):
        self._outputs = []  # (pin, level that lights it, colours that it is lit for)
        self._shown = None
        if pin is not None:
            self.add(pin, lit, WHITE)

    def add(self, pin, lit, colour):
        """One more light, for codes of that colour; dark until its turn."""
        self._outputs.append((pin, lit, colour))

    def show(self, code, now):
        """Set the pins as the code wants them at ticks `now`."""
        shown = code[2] if now % code[0] < code[1] else 0
        if shown == self._shown:
            return
        self._shown = shown
        for pin, lit, colour in self._outputs:
            pin.value(lit if shown & colour else 1 - lit)
