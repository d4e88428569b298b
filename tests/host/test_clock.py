"""The clock against closed forms: a known line, jitter that only delays, counters that wrap."""

import numpy as np
import pytest

from distal.clock import Unwrap, sample_rate
from distal.clock.fit import BLOCK_S, HostFit


def test_nominal_208_is_the_chips_divider() -> None:
    assert sample_rate(208) == pytest.approx(6666.67 / 32, rel=1e-6)


def test_counter_goes_on_over_the_wrap() -> None:
    unwrap = Unwrap()
    assert [unwrap(v) for v in (2**32 - 2, 2**32 - 1, 0, 5)] == [2**32 - 2, 2**32 - 1, 2**32, 2**32 + 5]


def test_older_value_after_the_wrap_is_understood() -> None:
    unwrap = Unwrap()
    assert [unwrap(v) for v in (2**32 - 2, 3, 2**32 - 1)] == [2**32 - 2, 2**32 + 3, 2**32 - 1]


def test_constant_delay_gives_the_exact_line() -> None:
    fit = HostFit()
    for cuff_s in np.arange(0.0, 60.0, 0.0864):
        fit.add(cuff_s, 500.0 + cuff_s * 1.00004 + 0.012)
    line = fit.line()
    assert line.slope == pytest.approx(1.00004, abs=1e-9)
    assert line.host_s(30.0) == pytest.approx(500.0 + 30.0 * 1.00004 + 0.012, abs=1e-7)


@pytest.mark.parametrize("interval_s", [0.0075, 0.015, 0.045])
def test_two_cuffs_agree_despite_connection_events_and_jitter(
    rng: np.random.Generator, interval_s: float
) -> None:
    """10 min, 40 ppm apart; arrivals wait for the next event, plus host jitter. Left against right."""
    errors = []
    for skew in (40e-6, -40e-6):
        cuff_s = np.arange(0.0, 600.0, 0.0864)
        true_s = cuff_s / (1 + skew)
        phase_s = rng.uniform(0, interval_s)
        sent_s = (np.floor((true_s - phase_s) / interval_s) + 1) * interval_s + phase_s
        arrived_s = sent_s + np.abs(rng.normal(0, 0.6e-3, len(sent_s)))
        fit = HostFit()
        for a, b in zip(cuff_s, arrived_s, strict=True):
            fit.add(a, b)
        line = fit.line()
        errors.append(line.slope * cuff_s + line.offset_s - true_s)
    assert np.abs(errors[0] - errors[1]).max() < 0.5e-3


def test_late_packets_never_move_the_line(rng: np.random.Generator) -> None:
    quiet, noisy = HostFit(), HostFit()
    for i, cuff_s in enumerate(np.arange(0.0, 100.0, 0.1)):
        quiet.add(cuff_s, cuff_s + 0.01)
        noisy.add(cuff_s, cuff_s + 0.01 + (rng.exponential(0.2) if i % 5 else 0.0))
    assert noisy.line().slope == pytest.approx(quiet.line().slope, abs=1e-9)
    assert noisy.line().offset_s == pytest.approx(quiet.line().offset_s, abs=1e-7)


def test_short_start_keeps_the_nominal_rate() -> None:
    fit = HostFit()
    fit.add(0.0, 10.03)
    fit.add(0.1, 10.11)
    assert fit.line().slope == 1.0
    assert fit.line().host_s(0.1) == pytest.approx(10.11)


def test_receipt_tells_the_scatter_above_the_line() -> None:
    fit = HostFit()
    for i in range(1000):
        fit.add(i * 0.1, i * 0.1 + (0.02 if i % 2 else 0.0))
    receipt = fit.receipt()
    assert receipt.packets == 1000
    assert receipt.skew_ppm == pytest.approx(0.0, abs=0.1)
    assert receipt.delay_p95_ms == pytest.approx(20.0, abs=0.1)


def test_memory_stays_flat_over_a_day() -> None:
    fit = HostFit()
    for i in range(100_000):
        fit.add(i * 0.864, i * 0.864 * 1.00001 + 0.01 + (i % 7) * 1e-3)
    (course,) = fit.courses()
    assert len(course.cuff_s) <= 86400 / BLOCK_S + 2
    assert len(fit._delays) <= 4096
    assert len(fit._open) <= 1.5 * BLOCK_S / 0.864


def test_backlog_at_the_start_does_not_bend_the_line() -> None:
    """A cuff that streamed already hands over 5 s at once; the next 30 s arrive in time."""
    fit = HostFit()
    for i in range(400):
        cuff_s = i * 0.0864
        fit.add(cuff_s, max(5.0, cuff_s + 0.02))
    assert fit.line().slope == pytest.approx(1.0, abs=1e-6)
    assert fit.line().host_s(8.0) == pytest.approx(8.02, abs=1e-6)
