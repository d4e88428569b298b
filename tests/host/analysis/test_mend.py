"""Holes are filled with what a leg did in like moments; what was never seen is a straight line."""

import numpy as np
import pytest
from tracks import any_mounting, make_track, swing_limb, virtual_tracks

from distal.analysis.holes import bridged
from distal.analysis.mend import Hole, mend
from distal.analysis.rotate import integrate_turns
from distal.analysis.session import analyze
from distal.model import Facts, FloatArray
from distal.virtual.motion import Athlete, Script, Stand, Walk

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


def test_single_lost_samples_hide_no_contact_and_longer_holes_do() -> None:
    walk = virtual_tracks(Script([Stand(3), Walk(12), Stand(3)], seed=2).perform(Athlete()), 104.0)[0]
    rng, found = np.random.default_rng(1), []
    for share, run in ((0.0, 1), (0.05, 1), (0.1, 9)):
        gone = np.repeat(rng.random(len(walk.gyr) // run + 1) < share, run)[: len(walk.gyr), None]
        gyr, acc = (np.where(gone, np.nan, rows) for rows in (walk.gyr, walk.acc))
        found.append(analyze([make_track(gyr, acc, 104.0, "left")], Facts()).steps["left"])
    whole, singles, packets = ([one.stride_s is not None for one in steps] for steps in found)
    assert len(whole) == len(singles) == len(packets)
    assert sum(singles) == sum(whole)
    assert sum(packets) < sum(whole)
    for steps in found[1:]:
        assert np.abs([a.ic_s - b.ic_s for a, b in zip(steps, found[0], strict=True)]).max() < 0.05


def test_held_hole_of_a_lift_carries_gravity_from_one_side_to_the_other() -> None:
    t = np.arange(1200) / RATE_HZ
    turn = any_mounting(2)
    gyr, acc = (rows @ turn.T for rows in swing_limb(0.5 - 0.5 * np.cos(2 * np.pi * t / 4.0), RATE_HZ, 0.4))
    present = np.ones(len(t), dtype=bool)
    present[330:402] = False
    held = gyr.copy(), acc.copy()
    held[0][~present], held[1][~present] = 0.0, acc[329]
    filled, force = bridged(*held, present)
    before, after = (rows / np.linalg.norm(rows) for rows in (force[328], force[403]))

    def off(turning: FloatArray) -> float:
        carried = integrate_turns(turning[328:404], RATE_HZ)[-1].T @ before
        return float(np.degrees(np.arccos(np.clip(carried @ after, -1.0, 1.0))))

    assert off(held[0]) > 10.0
    assert off(filled) < 3.0
    assert np.array_equal(filled[present], gyr[present])


def test_hole_of_two_seconds_stays_as_it_was_held() -> None:
    rows, present = np.ones((600, 3)), np.ones(600, dtype=bool)
    present[200:400] = False
    assert bridged(rows, rows, present)[0] is rows
