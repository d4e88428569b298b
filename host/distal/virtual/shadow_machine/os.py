"""The board's `os`: random bytes are the rig's where it owns time, so that a run can be repeated."""

import bus
from uos import *

if bus.owns_time:

    def urandom(n):
        return bytes(bus.reply[: bus.call(bus.RANDOM, 0, n)])
