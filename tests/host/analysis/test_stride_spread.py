"""Intervals of strides: what all strides are off alike, what measuring adds to their spread."""

from dataclasses import dataclass

import numpy as np
import pytest

from distal.analysis.contact_error import LITERATURE_S, RUNNING, WALKING, ContactError
from distal.analysis.stride_spread import at_least_zero, compare, coordination, estimate, spread, widened
from distal.model import Estimate, Side

NONE = ContactError(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
ANKLE = WALKING["ankle"]


@dataclass(frozen=True)
class OneStride:
    start_s: float
    time_s: float
    swing_s: float
    length_m: float | None = 1.2

    @property
    def stance(self) -> float:
        return 1.0 - self.swing_s / self.time_s


def legs(n: int, seed: int = 1) -> dict[Side, list[OneStride]]:
    """Left and right half a stride apart; swings scatter for themselves."""
    rng = np.random.default_rng(seed)
    starts: dict[Side, float] = {"left": 0.0, "right": 0.55}

    def stride(start_s: float) -> OneStride:
        return OneStride(start_s, 1.1 + 0.02 * rng.standard_normal(), 0.40 + 0.01 * rng.standard_normal())

    return {side: [stride(start + 1.1 * k) for k in range(n)] for side, start in starts.items()}


def half(one: Estimate | None) -> float:
    assert one is not None
    return (one.high - one.low) / 2


def test_what_all_strides_are_off_does_not_shrink_with_their_number() -> None:
    few, many = (widened(estimate(np.random.default_rng(2).normal(1.0, 0.05, n)), 0.03) for n in (20, 5000))
    assert half(few) > half(many) == pytest.approx(0.03, rel=0.01)


def test_a_quantity_that_is_never_negative_has_no_interval_below_zero() -> None:
    assert at_least_zero(Estimate(1.0, -2.0, 4.0, 9)) == Estimate(1.0, 0.0, 4.0, 9)
    assert at_least_zero(None) is widened(None, 1.0) is None


def test_legs_are_compared_with_what_their_contacts_are_off_against_each_other() -> None:
    bare, whole = compare(legs(60), NONE), compare(legs(60), ANKLE)
    assert bare is not None
    assert whole is not None
    assert bare.swing_si_pct is not None
    assert whole.swing_si_pct is not None
    assert whole.swing_si_pct.value == bare.swing_si_pct.value
    added = 100 * ANKLE.apart_s / 0.40
    assert half(whole.swing_si_pct) == pytest.approx(np.hypot(half(bare.swing_si_pct), added), rel=0.02)
    assert half(whole.swing_log_ratio_pct) == pytest.approx(half(whole.swing_si_pct), rel=0.02)


def test_spread_reaches_down_and_up_by_what_measuring_adds_or_takes() -> None:
    bare, whole = (spread(legs(60), error).stride_time_sd_s for error in (NONE, ANKLE))
    assert bare is not None
    assert whole is not None
    assert whole.value == bare.value
    assert whole.low == pytest.approx(np.sqrt(max(bare.low**2 - ANKLE.jitter_s**2, 0.0)))
    assert whole.high == pytest.approx(np.hypot(bare.high, ANKLE.jitter_s))


def test_a_shift_of_one_leg_moves_the_phase_and_never_the_index_below_zero() -> None:
    some = legs(40)
    contacts: dict[Side, list[float]] = {"left": np.arange(41) * 1.1, "right": 0.55 + np.arange(41) * 1.1}  # type: ignore[dict-item]
    found = coordination(contacts, some, ANKLE)
    assert found is not None
    assert half(found.phase_deg) == pytest.approx(360 * ANKLE.shift_s / 1.1, rel=0.02)
    assert found.pci_pct.low == 0.0


def test_what_legs_share_is_no_difference_between_them() -> None:
    rng, sides = np.random.default_rng(5), legs(60)
    shared = 0.2 * rng.standard_normal(60)
    long: dict[Side, list[OneStride]] = {
        side: [OneStride(x.start_s, x.time_s, x.swing_s, 1.2 + y) for x, y in zip(some, shared, strict=True)]
        for side, some in sides.items()
    }
    found = compare(long, NONE)
    assert found is not None
    assert found.stride_length_si_pct is not None
    assert half(found.stride_length_si_pct) < 1e-6


def test_running_alone_is_surer_than_the_literature_of_single_contacts() -> None:
    assert RUNNING.stance_s < LITERATURE_S / 4
