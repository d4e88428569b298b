"""Runs on MicroPython: ends in the way its argument names."""

import sys
import time

import bus
import machine

time.sleep_ms(10)
print("boot cause", machine.reset_cause())
if machine.reset_cause() != machine.PWRON_RESET:
    time.sleep_ms(60_000)
elif sys.argv[1] == "raise":
    raise ValueError("a bug of the firmware")
elif sys.argv[1] == "hang":
    while True:
        pass
elif sys.argv[1] == "reset":
    machine.reset()
elif sys.argv[1] == "starve":
    watchdog = machine.WDT(timeout=500)
    time.sleep_ms(400)
    watchdog.feed()
    time.sleep_ms(60_000)
elif sys.argv[1] == "handler":
    bus.listen(0x20, lambda event, n: print("event", n, bytes(event[:n])) or 1 // 0)
    time.sleep_ms(50)
    print("goes on")
