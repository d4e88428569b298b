"""Many cuffs that nobody heard, their clocks drawn: what the receipt says of left and right holds."""

import math

import numpy as np
import pytest
from tests.host.test_kept import HZ, kept

from distal.link.base import KeptSession
from distal.meeting import Meeting
from distal.model import FloatArray, Received
from distal_wire import parse, spec

RUNS = 40
BASE_S = 200 * 3600.0  # since boot
NOW_S = 1000.0


class Cuff:
    """Its clocks at true seconds, 0 the meeting: in the session, warmer, both run otherwise."""

    def __init__(self, rng: np.random.Generator, age_s: float) -> None:
        self._age_s = age_s
        self._imu = rng.uniform(-0.02, 0.02), rng.normal(0, 20e-6)
        self._crystal = rng.uniform(-40e-6, 40e-6), rng.normal(0, 3.5e-6)

    def _at(self, t: float, rates: tuple[float, float]) -> float:
        cool_s = -0.2 * self._age_s
        warm_s = t - cool_s / 2 if t < cool_s else t * t / (2 * cool_s) if t < 0 else 0.0
        return BASE_S + t * (1 + rates[0]) + rates[1] * warm_s

    def clock(self, t: float) -> int:
        return round(self._at(t, self._imu) * HZ)

    def crystal(self, t: float) -> int:
        return round(self._at(t, self._crystal) * 1e6) % 2**32


def met(rng: np.random.Generator, cuff: Cuff, seconds: float) -> Meeting:
    """Moments that wait for connection events of 30 ms, one in ten for the next one."""
    meeting, t, phase = Meeting(), 0.0, rng.uniform(0, 1)
    while t < seconds:
        t += rng.uniform(0.1, 0.5)
        late_s = (-(t + phase)) % 0.03 + 0.03 * (rng.random() < 0.1) + rng.uniform(0, 0.5e-3)
        fields = {"boot": 7, "clock": cuff.clock(t) % 2**32, "crystal_us": cuff.crystal(t)}
        data = parse.build(spec.KIND_MOMENT, **fields, presses=0, flags=0)
        meeting.hear(Received("a1", NOW_S + t + late_s, data))
    return meeting


def leg(rng: np.random.Generator, age_s: int, length_s: int, meet_s: float) -> tuple[FloatArray, FloatArray]:
    """How wrong the time of a session is from begin to end, s, and how sure it is said to be."""
    cuff = Cuff(rng, age_s)
    zero = cuff.clock(-age_s)
    session = KeptSession(7, 0, 1000, zero % 2**32, 208, age_s, False, True, False)
    found = met(rng, cuff, meet_s).anchor(session, kept(), NOW_S, 0.0)
    assert found
    minutes = range(-age_s, length_s - age_s + 1, 60)
    marks = [(cuff.clock(t) - zero, cuff.crystal(t)) for t in minutes]
    course = found.course(marks, cuff.clock(length_s - age_s) - zero)
    at = np.linspace(-age_s, length_s - age_s, 11).tolist()
    cuff_s = [(cuff.clock(t) - zero) / HZ for t in at]
    off = [course.host_s(x) - NOW_S - t for x, t in zip(cuff_s, at, strict=True)]
    return np.array(off), np.array([course.sd_s(x) for x in cuff_s])


@pytest.mark.parametrize(
    ("age_s", "length_s", "meet_s"),
    [(120, 60, 4.0), (3600, 3000, 60.0), (3 * 3600, 3600, 90.0), (24 * 3600, 3600, 120.0)],
)
def test_the_receipt_of_a_session_without_a_host_holds(age_s: int, length_s: int, meet_s: float) -> None:
    rng, held, true_s = np.random.default_rng(age_s), 0, []
    for _ in range(RUNS):
        (left, left_sd), (right, right_sd) = (leg(rng, age_s, length_s, meet_s) for _ in range(2))
        apart_s = float(np.quantile(np.abs(left - right), 0.95))
        held += apart_s <= 2.5 * float(np.quantile(np.hypot(left_sd, right_sd), 0.95))
        true_s.append(apart_s)
    assert held >= math.ceil(0.95 * RUNS)
    assert np.median(true_s) < 0.01 + 25e-6 * age_s
