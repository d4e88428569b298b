"""Left against right through steps and sleeps of the host's clock, reboots and wraps: within the receipt."""

import numpy as np
import pytest
from tests.arrivals import Air
from tests.lives import Life, Reboot, drawn, live

from distal.clock.sync import TORN

AIR = Air(seconds=22.0, interval_s=0.030)
# what happens -> how far left and right may be apart, ms
LIVES = {
    "two steps within 1.5 s and a brown-out right after": (
        Life(AIR, ((9.0, 24.0), (10.2, 40.0)), reboots=((Reboot(10.9, 1.5, False),), ())),
        20.0,
    ),
    "steps in the silence of a reboot that the sensor outlived": (
        Life(AIR, ((8.6, -0.4), (9.0, 37.0)), reboots=((Reboot(8.0, 2.5, True),), ())),
        20.0,
    ),
    "a reboot within the first two seconds": (Life(AIR, reboots=((), (Reboot(1.4, 2.0, True),))), 5.0),
    "a computer that sleeps while a cuff begins anew": (
        Life(AIR, sleeps=((7.0, 6.0),), reboots=((Reboot(8.0, 2.0, False),), ())),
        20.0,
    ),
    "one sensor's clock alone goes on over a sleep; the other was heard too shortly to know its rate": (
        Life(AIR, sleeps=((2.1, 14.0),), reboots=((Reboot(3.3, 1.4, True),), (Reboot(8.0, 2.0, False),))),
        60.0,  # 1 % of 6 s
    ),
    "a step back right after the begin": (
        Life(AIR, ((2.0, -33.0),), reboots=((Reboot(2.4, 1.5, False),), ())),
        20.0,
    ),
}


@pytest.mark.parametrize("name", LIVES)
def test_left_and_right_stay_together_and_within_the_receipt(name: str) -> None:
    life, most_ms = LIVES[name]
    error, found = live(np.random.default_rng(3), life)
    assert found is not None
    assert np.quantile(np.abs(error), 0.95) <= min(found.p95_ms, most_ms)
    assert TORN not in found.method


def test_a_jump_that_nobodys_clock_went_on_over_is_told() -> None:
    """The computer sleeps, and meanwhile both cuffs begin anew without power."""
    reboots = ((Reboot(9.0, 2.0, False),), (Reboot(6.5, 1.0, False),))
    error, found = live(np.random.default_rng(3), Life(AIR, sleeps=((6.0, 8.0),), reboots=reboots))
    assert found is not None
    assert TORN in found.method
    assert np.quantile(np.abs(error), 0.95) <= 3.0 * found.p95_ms
    assert found.p95_ms > 1000.0


@pytest.mark.parametrize("seed", [5, 14])
def test_a_drawn_life_stays_within_its_receipt(seed: int) -> None:
    error, found = drawn(seed, 20.0)
    assert found is not None
    assert np.quantile(np.abs(error), 0.95) <= found.p95_ms
