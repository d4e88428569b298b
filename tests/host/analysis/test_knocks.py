"""Knocks of two cuffs: known lag, other mounting, noise, a gap, blows that only one felt."""

import numpy as np
import pytest

from distal.analysis.knocks import read_knocks
from distal.model import SIDES, Side, Timebase, Track
from distal.units import G
from distal.virtual.motion.knocks import Knocks

RATE_HZ = 208.333
TIMES = tuple(2.0 + 1.1 * k for k in range(10))


def track(side: Side, motion: Knocks, start_s: float, rng: np.random.Generator) -> Track:
    """The motion as a cuff samples it from `start_s` on, with the chip's noise."""
    t = start_s + np.arange(int((motion.duration_s - start_s) * RATE_HZ)) / RATE_HZ
    gyr, acc = motion.sample(t)
    acc = acc + rng.normal(0, 120e-6 * G * np.sqrt(RATE_HZ / 2), acc.shape)
    return Track(side, Timebase(start_s, RATE_HZ), gyr, acc, np.zeros(len(t), np.bool_))


def pair(rng: np.random.Generator, lag_s: float = 0.0, right: Knocks | None = None) -> dict[Side, Track]:
    left = Knocks(TIMES, 15.0)
    right = right or Knocks(TIMES, 15.0, lag_s, direction=(0.0, -0.8, 0.6))
    return {"left": track("left", left, 0.0013, rng), "right": track("right", right, 0.0037, rng)}


@pytest.mark.parametrize("lag_ms", [0.0, 0.4, -3.0, 8.0])
def test_the_lag_of_ten_knocks_is_found_to_a_tenth_of_a_millisecond(
    rng: np.random.Generator, lag_ms: float
) -> None:
    reading = read_knocks(pair(rng, lag_ms * 1e-3))
    found = reading.right_later_ms
    assert found is not None
    assert found.n == 10
    assert found.value == pytest.approx(lag_ms, abs=0.1)
    assert found.low <= found.value <= found.high


def test_a_blow_that_one_cuff_alone_felt_does_not_count(rng: np.random.Generator) -> None:
    reading = read_knocks(pair(rng, right=Knocks(TIMES[:4], 15.0)))
    assert [round(one.at_s, 1) for one in reading.knocks] == pytest.approx(TIMES[:4], abs=0.06)


def test_a_knock_with_missing_samples_is_left_out(rng: np.random.Generator) -> None:
    tracks = pair(rng)
    hole = int((TIMES[3] - 0.05) * RATE_HZ)
    tracks["right"].acc[hole : hole + 20] = np.nan
    assert len(read_knocks(tracks).knocks) == 9


def test_two_knocks_give_no_interval(rng: np.random.Generator) -> None:
    motions = Knocks(TIMES[:2], 15.0)
    tracks = {side: track(side, motions, 0.0, rng) for side in SIDES}
    reading = read_knocks(tracks)
    assert len(reading.knocks) == 2
    assert reading.right_later_ms is None


def test_a_far_lag_is_found_where_the_knocks_agree_on_one(rng: np.random.Generator) -> None:
    """Half a second, and knocks as a hand makes them; evenly spaced ones fit in two ways and tell nothing."""
    uneven = tuple(np.cumsum([2.0, 1.1, 0.8, 1.4, 0.9, 1.2]).tolist())
    left, right = Knocks(uneven, 12.0), Knocks(uneven, 12.0, 0.5, direction=(0.0, -0.8, 0.6))
    tracks: dict[Side, Track] = {
        "left": track("left", left, 0.0, rng),
        "right": track("right", right, 0.0, rng),
    }
    assert read_knocks(tracks).right_later_ms is None
    found = read_knocks(tracks, 2.0).right_later_ms
    assert found is not None
    assert found.value == pytest.approx(500.0, abs=0.2)
    assert read_knocks(pair(rng, 0.6), 2.0).right_later_ms is None
