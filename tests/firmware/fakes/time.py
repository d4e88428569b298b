"""The cuff's `time`, turned by the test: nothing waits, ticks keep 30 bits as on a board."""

from utime import *  # noqa: F403

MASK = 0x3FFFFFFF
now_ms = 0
sleeps_left = -1  # SystemExit when it comes to 0: ends App.run


def ticks_ms():
    return now_ms & MASK


def ticks_us():
    return now_ms * 1000 & MASK


def ticks_add(ticks, delta):
    return (ticks + delta) & MASK


def ticks_diff(end, start):
    return ((end - start + 0x20000000) & MASK) - 0x20000000


def sleep_ms(ms):
    global now_ms, sleeps_left
    now_ms += ms
    sleeps_left -= 1
    if sleeps_left == 0:
        raise SystemExit
