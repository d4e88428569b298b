"""Runs on MicroPython: ticks that wrap while it sleeps."""

import time

before_us, before_ms = time.ticks_us(), time.ticks_ms()
time.sleep_ms(2000)
after_us, after_ms = time.ticks_us(), time.ticks_ms()
print("wrapped", after_us < before_us, after_ms < before_ms)
print("passed", time.ticks_diff(after_us, before_us) // 1000, time.ticks_diff(after_ms, before_ms))
print("sums", time.ticks_add(0x3FFFFFFF, 1), time.ticks_add(0, -1) == 0x3FFFFFFF)
print("signs", time.ticks_diff(0, 0x3FFFFFFF), time.ticks_diff(0x3FFFFFFF, 0), time.ticks_diff(0x20000000, 0))
print("seconds", time.time())
