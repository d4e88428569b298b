"""In the air: a limb that neither stands nor swings feels nearly nothing."""

import numpy as np

from distal.analysis.even import RATE_HZ, Even
from distal.model import BoolArray
from distal.units import G

FALLS = 4.0  # m/s2: at most what is felt in the air; the turning of a shank adds 2
SWINGS = 3.0  # rad/s: a leg that swings this fast is running or stepping, not jumping
# a flight begins with a push and ends with a landing; a leg that is let fall has neither
PUSH_S, LAND_S, PUSH, LAND = 0.4, 0.2, 1.2 * G, 1.5 * G
LEAST_FLIGHT_S, MOST_FLIGHT_S = 0.12, 1.0  # 2 cm and 1.2 m of height


def in_air(even: Even) -> BoolArray:
    """(n,) whether a sample lies in a free fall of a leg that does not swing."""
    felt = np.einsum("ni,ni->n", even.acc, even.acc)
    turning = np.einsum("ni,ni->n", even.gyr, even.gyr)
    out: BoolArray = (felt < FALLS**2) & (turning < SWINGS**2)
    return out


def find_flights(even: Even) -> list[tuple[int, int]]:
    """Take-off and landing of every flight, samples at RATE_HZ."""
    free = np.concatenate([[False], in_air(even), [False]])
    edges = np.flatnonzero(free[1:] != free[:-1]).reshape(-1, 2)
    felt = np.sqrt(np.einsum("ni,ni->n", even.acc, even.acc))
    low, high = LEAST_FLIGHT_S * RATE_HZ, MOST_FLIGHT_S * RATE_HZ
    found = [(int(a), int(b)) for a, b in edges if low <= b - a <= high]
    push, land = int(PUSH_S * RATE_HZ), int(LAND_S * RATE_HZ)
    return [
        (a, b)
        for a, b in found
        if felt[max(a - push, 0) : a].max(initial=0.0) > PUSH and felt[b : b + land].max(initial=0.0) > LAND
    ]
