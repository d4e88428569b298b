"""A recording -> the knocks in it, beside what its packets say of the clocks."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from distal.analysis.knocks import LEAST, KnockReading, read_knocks
from distal.errors import DataError
from distal.grid import Rows
from distal.model import SIDES, Side, SyncReceipt, Track
from distal.recording import Recording
from distal.shelf import PLACED, TAP
from distal.streams import Streams

AGAIN = "Knock the two cuffs against each other 5 to 10 times, a second apart."


def load_sync(path: Path, by_tap: bool = True) -> tuple[SyncReceipt | None, Mapping[Side, Track]]:
    """The sync receipt of a recording and the samples of its legs. raises RecordingError

    by_tap  with what knocks said earlier of legs that nobody heard
    """
    with Recording(path) as recording:
        streams = Streams(recording.sides())
        for calibration in recording.calibrations():
            streams.name_calibration(calibration)
        streams.name_placed(recording.meta.get(PLACED, {}), recording.meta.get(TAP) if by_tap else None)
        parts = streams.feed(recording.in_index_order()) + streams.flush()
        streams.name_round_trips(recording.meta.get("round_trips") or [])
    rows: dict[Side, list[Rows]] = {}
    for side, part in parts:
        rows.setdefault(side, []).append(part)
    times = streams.times()
    return streams.sync(), {side: _track(side, times[side], rows[side]) for side in rows}


def _track(side: Side, time: Any, parts: list[Rows]) -> Track:
    gyr, acc = np.concatenate([one.gyr for one in parts]), np.concatenate([one.acc for one in parts])
    return Track(side, time, gyr, acc, np.concatenate([one.clipped for one in parts]))


def load_knocks(path: Path) -> tuple[SyncReceipt | None, KnockReading]:
    """The receipt and the knocks of a recording. raises RecordingError; DataError without three knocks"""
    sync, tracks = load_sync(path, by_tap=False)
    if set(tracks) != set(SIDES):
        raise DataError(f"{path} has samples of one leg only. Record both cuffs. {AGAIN}")
    is_far = sync is not None and not sync.heard
    reading = read_knocks(tracks, 1e-3 * sync.p95_ms) if sync and is_far else read_knocks(tracks)
    if reading.right_later_ms is None:
        n = len(reading.knocks)
        raise DataError(f"{n} {'knock' if n == 1 else 'knocks'} found in {path}, {LEAST} are needed. {AGAIN}")
    return sync, reading


def evidence(sync: SyncReceipt | None, reading: KnockReading) -> dict[str, Any]:
    """What is kept in the recording and printed: plain types.

    agree  the knocks' interval and the receipt's p95 about zero overlap; None when either is not known
    """
    found = reading.right_later_ms
    agree = None
    if found and sync:
        agree = bool(found.low <= sync.p95_ms and found.high >= -sync.p95_ms)
    return {
        "right_later_ms": None if found is None else asdict(found),
        "knocks": [asdict(one) for one in reading.knocks],
        "courses_g": {side: [round(value, 3) for value in reading.courses[side]] for side in SIDES},
        "agree": agree,
    }
