"""Runs on a MicroPython that keeps its own time: samples for half a second, by the interrupt pin."""

import time

import bus
import machine

i2c = machine.I2C(0)
status = bytearray(2)
edges = 0


def rose(pin):
    global edges
    edges += 1


machine.Pin(3, machine.Pin.IN).irq(rose, machine.Pin.IRQ_RISING)
for register, value in (
    (0x12, 0x01),
    (0x12, 0x44),
    (0x10, 0x54),
    (0x11, 0x5C),
    (0x07, 16),
    (0x0D, 0x08),
    (0x09, 0x55),
    (0x0A, 0x06),
):
    i2c.writeto_mem(0x6A, register, bytes((value,)))
words = seen = 0
began_us = time.ticks_us()
began = time.ticks_ms()
while time.ticks_diff(time.ticks_ms(), began) < 500:
    time.sleep_ms(10)
    if edges == seen:
        continue
    seen = edges
    i2c.readfrom_mem_into(0x6A, 0x3A, status)
    level = status[0] | (status[1] & 3) << 8
    i2c.readfrom_mem(0x6A, 0x78, 7 * level)
    words += level
passed_ms = time.ticks_diff(time.ticks_us(), began_us) // 1000
print("owned", bus.owns_time)
print("id", machine.unique_id().hex())
# milliseconds are cut off: 500 of them may be 499.001 ms
print("clock", 499 <= passed_ms < 5000 and time.ticks_us() < 1 << 30)
print("words", words)
print("edges", edges)
print("overrun", status[1] >> 3 & 1)
