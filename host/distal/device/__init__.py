"""From a bare board to a cuff: find it on USB, write MicroPython, install the firmware, give it a key."""
