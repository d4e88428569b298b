"""Holes are filled with what a leg did in like moments; what was never seen is a straight line."""

import numpy as np
import pytest
from tracks import any_mounting, make_track

from distal.analysis.even import EvenRate
from distal.analysis.mend import Hole, mend
from distal.model import FloatArray

RATE_HZ = 100.0


def stride(t: FloatArray) -> FloatArray:
    """(n, 6): a movement that comes again each 1.1 s, never twice at the same samples."""
    phase = 2 * np.pi * t / 1.1
    turn = np.stack([np.sin(phase) + np.sin(3 * phase), 0.3 * np.cos(2 * phase), 0.1 * np.sin(phase)], axis=1)
    push = np.stack([9.8 + np.cos(4 * phase), 2 * np.sin(2 * phase), np.cos(3 * phase)], axis=1)
    return np.concatenate([turn, push], axis=1)


def holed(rows: FloatArray, start: int, length: int) -> Hole:
    out = rows.copy()
    out[start : start + length] = np.nan
    return Hole(out, start, length, RATE_HZ)


@pytest.mark.parametrize("length", [1, 9, 18, 30])
def test_movement_that_comes_again_is_filled_as_it_was(length: int) -> None:
    rows = stride(np.arange(500) / RATE_HZ)
    found = mend(holed(rows, 450, length))
    assert np.abs(found - rows[450 : 450 + length]).max() < 0.05


def test_turned_sensor_has_the_same_filling_turned() -> None:
    rows, turn = stride(np.arange(500) / RATE_HZ), any_mounting(4)
    rows += 0.05 * np.random.default_rng(1).standard_normal(rows.shape)
    turned = np.concatenate([rows[:, :3] @ turn.T, rows[:, 3:] @ turn.T], axis=1)
    one, two = (mend(holed(some, 440, 12)) for some in (rows, turned))
    assert np.allclose(two[:, :3], one[:, :3] @ turn.T, rtol=0, atol=1e-9)
    assert np.allclose(two[:, 3:], one[:, 3:] @ turn.T, rtol=0, atol=1e-9)


def test_first_moments_of_a_recording_are_a_straight_line() -> None:
    rows = stride(np.arange(40) / RATE_HZ)
    found = mend(holed(rows, 12, 20))
    assert np.allclose(found, rows[11] + (rows[32] - rows[11]) * np.arange(1, 21)[:, None] / 21)


def test_hole_as_short_as_one_sample_counts_as_felt_and_a_longer_one_does_not() -> None:
    rows = stride(np.arange(500) / RATE_HZ)
    rows[200], rows[300:304] = np.nan, np.nan
    track, even = make_track(rows[:, :3], rows[:, 3:], RATE_HZ), EvenRate(RATE_HZ)
    parts = [even.update(track.gyr, track.acc, track.clipped), even.finish()]
    present = np.concatenate([part.present for part in parts])
    assert list(np.flatnonzero(~present)) == [300, 301, 302, 303]
