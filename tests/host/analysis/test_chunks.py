"""One contract for every streaming algorithm: the same bits however the samples are cut."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tracks import any_mounting, make_track, rep_angle, swing_limb, virtual_tracks

from distal.analysis.even import EvenRate
from distal.analysis.gait import StepFinder
from distal.analysis.leg import LegAnalysis
from distal.analysis.session import SessionAnalysis
from distal.analysis.spans import SpanFinder
from distal.analysis.sway import QuietFinder
from distal.analysis.wear import WearWatch
from distal.model import Facts, Track
from distal.virtual.motion import Athlete, Script, Stand, scripts

FACTS = Facts(mass_left_kg=1.0, mass_right_kg=1.0, height_m=1.75)
Run = Callable[[Track, list[int]], Any]


def cuts_of(track: Track, cuts: list[int]) -> Any:
    edges = [0, *cuts, len(track.gyr)]
    for low, high in itertools.pairwise(edges):
        yield track.gyr[low:high], track.acc[low:high], track.clipped[low:high]


def run_even(track: Track, cuts: list[int]) -> Any:
    even = EvenRate(track.time.rate_hz)
    parts = [even.update(*rows) for rows in cuts_of(track, cuts)] + [even.finish()]
    return [
        np.concatenate([getattr(part, key) for part in parts]).tobytes() for key in ("gyr", "acc", "present")
    ]


def run_steps(track: Track, cuts: list[int]) -> Any:
    even, steps, found = EvenRate(track.time.rate_hz), StepFinder("ankle"), []
    for rows in cuts_of(track, cuts):
        found += steps.update(even.update(*rows))
    return repr(found + steps.update(even.finish()) + steps.finish())


def run_spans(track: Track, cuts: list[int]) -> Any:
    even, spans, found = EvenRate(track.time.rate_hz), SpanFinder(), []
    for rows in cuts_of(track, cuts):
        found += spans.update(even.update(*rows), [])
    found += spans.update(even.finish(), []) + spans.finish([])
    return [(span.start, span.even.acc.tobytes()) for span in found]


def run_quiet(track: Track, cuts: list[int]) -> Any:
    even, quiet = EvenRate(track.time.rate_hz), QuietFinder()
    for rows in cuts_of(track, cuts):
        quiet.update(even.update(*rows))
    quiet.update(even.finish())
    quiet.finish()
    assert quiet.found
    return [(one.start, one.gyr.tobytes(), one.acc.tobytes()) for one in quiet.found]


def run_wear(track: Track, cuts: list[int]) -> Any:
    even, steps, watch = EvenRate(track.time.rate_hz), StepFinder("ankle"), WearWatch()
    for rows in cuts_of(track, cuts):
        part = even.update(*rows)
        watch.update(part, steps.update(part))
    part = even.finish()
    watch.update(part, steps.update(part) + steps.finish())
    watch.finish()
    assert watch.contacts
    return [(one.up.tobytes(), one.fast.tobytes()) for one in watch.contacts]


def run_leg(track: Track, cuts: list[int]) -> Any:
    leg = LegAnalysis(track.time.rate_hz, FACTS, track.side)
    events = [event for rows in cuts_of(track, cuts) for event in leg.update(*rows)]
    return repr((events + leg.finish(), leg.sets, leg.swings, leg.present))


def run_session(track: Track, cuts: list[int]) -> Any:
    session = SessionAnalysis(FACTS, {track.side: track.time.rate_hz})
    for rows in cuts_of(track, cuts):
        session.update(track.side, *rows)
        session.live()
    return repr(session.finish({track.side: track.time}))


@pytest.fixture(scope="module")
def track() -> Track:
    """Walking, sitting and reps of a virtual leg, with holes and a strange mounting."""
    right, still = (
        virtual_tracks(script.perform(Athlete()))[1] for script in (scripts.demo(), Script([Stand(15)]))
    )
    turn = any_mounting(3)
    gyr, acc = (np.concatenate(rows) @ turn.T for rows in ((right.gyr, still.gyr), (right.acc, still.acc)))
    for low, length in ((700, 30), (2500, 9), (5000, 400)):
        gyr[low : low + length] = np.nan
        acc[low : low + length] = np.nan
    return make_track(gyr, acc, right.time.rate_hz)


@pytest.mark.parametrize("run", [run_even, run_steps, run_spans, run_quiet, run_wear, run_leg, run_session])
def test_any_cutting_gives_the_same_bits(run: Run, track: Track) -> None:
    rng = np.random.default_rng(5)
    whole = run(track, [])
    assert run(track, sorted(rng.integers(0, len(track.gyr), 60).tolist())) == whole
    assert run(track, list(range(18, len(track.gyr), 18))[:200]) == whole


def test_single_samples_give_the_same_bits() -> None:
    gyr, acc = swing_limb(rep_angle(50.0, 3, 1.2), 50.0, 0.35)
    track = make_track(gyr, acc, 50.0)
    assert run_leg(track, list(range(1, len(gyr)))) == run_leg(track, [])


def test_contacts_are_certain_within_their_delay(track: Track) -> None:
    leg = LegAnalysis(track.time.rate_hz, FACTS, track.side)
    for at in range(0, len(track.gyr) - 18, 18):
        for event in leg.update(
            track.gyr[at : at + 18], track.acc[at : at + 18], track.clipped[at : at + 18]
        ):
            if event.kind == "ic":
                assert at + 18 - event.index < 5.2 * track.time.rate_hz
