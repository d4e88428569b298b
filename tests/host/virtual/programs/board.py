"""Runs on MicroPython: touches every part of the board once and prints what it finds."""

import os
import sys
import time

import machine

print("id", machine.unique_id().hex(), "cause", machine.reset_cause())
print("random", os.urandom(4).hex())
i2c = machine.I2C(0, scl=machine.Pin(6), sda=machine.Pin(5), freq=400_000)
print("scan", i2c.scan())
try:
    i2c.readfrom_mem(0x11, 0, 1)
except OSError as error:
    print("absent", error.errno)
print("adc", machine.ADC(machine.Pin(1), atten=machine.ADC.ATTN_11DB).read_uv())

led = machine.Pin(21, machine.Pin.OUT, value=1)
print("led", led.value(), led())
button = machine.Pin(2, machine.Pin.IN, machine.Pin.PULL_UP)
edges = []


def pressed(pin):
    edges.append((pin.id, time.ticks_ms()))
    time.sleep_ms(3)  # a handler may sleep; no other handler runs meanwhile


button.irq(pressed, machine.Pin.IRQ_RISING)
print("button", button.value())
start = time.ticks_ms()
time.sleep_ms(100)
print("slept", time.ticks_diff(time.ticks_ms(), start), "edges", len(edges))
print("edge after", [time.ticks_diff(at, start) for _, at in edges])

before = time.ticks_us()
i2c.readfrom_mem(0x6A, 0x78, 237)
print("burst_us", time.ticks_diff(time.ticks_us(), before))
spins = 0
before = time.ticks_ms()
while time.ticks_diff(time.ticks_ms(), before) < 20:  # a loop without a sleep comes to an end too
    spins += 1
print("spun", spins > 100)
time.sleep(0.25)
time.sleep_us(1500)
sys.exit(4)
