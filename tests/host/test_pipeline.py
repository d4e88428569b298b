"""Live, replay and report are one object: the same bytes give the same bits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from distal.errors import DataError
from distal.model import Event, Facts, Received, SessionReport
from distal.pipeline import Pipeline
from distal.recording import Cuff, Recorder, Recording
from distal.virtual.motion import Athlete, Reps, Script, Stand
from distal_wire import parse, spec

SIDES: dict[str, Any] = {"a1b2c3d4e5f6": "left", "0f0f0f0f0f0f": "right"}
FACTS = Facts(mass_left_kg=1.0, mass_right_kg=1.0, height_m=1.75)


def play(messages: list[Received], at_once: bool = False) -> tuple[SessionReport, list[Event]]:
    pipeline = Pipeline(FACTS, SIDES)
    events: list[Event] = []
    for group in [messages] if at_once else [[message] for message in messages]:
        events += pipeline.feed_all(group)
    return pipeline.finish(), events


@pytest.fixture(scope="module")
def clean() -> list[Received]:
    """Three knee extensions, both cuffs, jittered arrivals, in order of arrival."""
    script = Script([Stand(2.0), Reps("seated_knee_extension", reps=3, side="right"), Stand(2.0)])
    performance = script.perform(Athlete(height_m=1.75))
    rng = np.random.default_rng(4)
    messages = []
    for cuff, side in SIDES.items():
        messages += _packets(cuff, performance.motion(side), rng)
    return sorted(messages, key=lambda message: message.t_host)


def _packets(cuff: str, motion: Any, rng: np.random.Generator) -> list[Received]:
    n = int(motion.duration_s * 40000 / 192) // 18 * 18
    gyr, acc = motion.sample(np.arange(n) * 192 / 40000)
    counts = np.column_stack([np.rad2deg(gyr) / 0.070, acc / 9.80665 / 0.976e-3])
    counts = np.clip(np.round(counts), -32768, 32767).astype(int)
    return [_packet(cuff, start, counts[start : start + 18], rng) for start in range(0, n, 18)]


def _packet(cuff: str, start: int, counts: Any, rng: np.random.Generator) -> Received:
    samples = [dict(zip(("gx", "gy", "gz", "ax", "ay", "az"), row, strict=True)) for row in counts.tolist()]
    head = {
        "boot": 3,
        "index": start,
        "clock": start * 192,
        "rate_hz": 208,
        "count": len(samples),
        "encoding": 0,
    }
    scale = {"flags": 0, "imu": 1, "acc_range_g": 32, "gyr_range": 16}
    data = parse.build(spec.KIND_SAMPLES, **head, **scale, samples=samples)
    return Received(cuff, 50.0 + (start + 17) * 192 / 40000 + rng.uniform(0.002, 0.03), data)


def spoil(messages: list[Received], rng: np.random.Generator) -> list[Received]:
    """Lose, repeat, swap and flip."""
    out = [message for message in messages if rng.random() > 0.05]
    for _ in range(20):
        at = int(rng.integers(0, len(out) - 1))
        out[at], out[at + 1] = out[at + 1], out[at]
        out.insert(int(rng.integers(0, len(out))), out[at])
        data = bytearray(out[at].data)
        data[int(rng.integers(0, len(data)))] ^= 1 << int(rng.integers(0, 8))
        out.insert(at, Received(out[at].cuff, out[at].t_host, bytes(data)))
    return out


def test_clean_session_gives_its_reps(clean: list[Received]) -> None:
    report, _ = play(clean)
    assert [(one.side, len(one.reps)) for one in report.sets] == [("right", 3)]
    assert report.coverage == {"left": 1.0, "right": 1.0}
    assert [notice.code for notice in report.notices if notice.code.startswith("stream")] == []


def test_spoilt_session_is_counted_and_never_raises(clean: list[Received], rng: np.random.Generator) -> None:
    report, _ = play(spoil(clean, rng))
    codes = [notice.code for notice in report.notices]
    assert "bad_packets" in codes
    assert "stream_gap" in codes
    assert all(share is not None and 0.85 < share < 1.0 for share in report.coverage.values())


def test_replay_in_order_of_arrival_repeats_the_live_view_bit_for_bit(
    clean: list[Received], rng: np.random.Generator, tmp_path: Path
) -> None:
    messages = spoil(clean, rng)
    with Recorder(tmp_path / "one.distal", FACTS) as recorder:
        for message in messages:
            recorder.append(message)
    with Recording(tmp_path / "one.distal") as recording:
        again = play(list(recording.received()))
    assert again == play(messages)


def test_report_in_index_order_equals_live_when_nothing_was_lost(
    clean: list[Received], tmp_path: Path
) -> None:
    with Recorder(tmp_path / "one.distal", FACTS) as recorder:
        for cuff, side in SIDES.items():
            recorder.note_cuff(Cuff(cuff, side, side))
        for message in clean:
            recorder.append(message)
    with Recording(tmp_path / "one.distal") as recording:
        assert play(recording.in_index_order(), at_once=True)[0] == play(clean)[0]


def test_late_packets_are_missing_live_and_there_in_the_report(clean: list[Received], tmp_path: Path) -> None:
    late = [*clean[:100], *clean[120:], *clean[100:120]]
    with Recorder(tmp_path / "one.distal", FACTS) as recorder:
        for message in late:
            recorder.append(message)
    with Recording(tmp_path / "one.distal") as recording:
        report, _ = play(recording.in_index_order(), at_once=True)
    assert report.coverage == {"left": 1.0, "right": 1.0}
    assert play(late)[0].coverage["left"] != 1.0


def test_live_view_counts_reps_while_they_happen(clean: list[Received]) -> None:
    pipeline = Pipeline(FACTS, SIDES)
    seen = set()
    for message in clean:
        pipeline.feed(message)
        seen.add(pipeline.live().reps.get("right", 0))
    assert max(seen) == 3
    assert pipeline.live().legs["right"].coverage == 1.0


def test_session_without_a_sample_is_told(fake_cuff: Any) -> None:
    pipeline = Pipeline(Facts())
    pipeline.feed(fake_cuff().info())
    assert pipeline.live().t == 0.0
    with pytest.raises(DataError, match="no samples"):
        pipeline.finish()
