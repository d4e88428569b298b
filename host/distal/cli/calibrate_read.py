"""Recordings and CSV files -> samples for a calibration, as the datasheet scales them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distal.analysis.calibrate import Samples
from distal.csvfile import load_csv
from distal.errors import DataError, LinkError
from distal.link.base import read_info
from distal.model import Side
from distal.recording import Cuff, Recording
from distal.streams import Streams


@dataclass(frozen=True, slots=True)
class Source:
    """Samples of one cuff, whose they are (keys of a Calibration), its side in the session, its own word."""

    samples: Samples
    whose: dict[str, Any]
    side: Side | None = None
    said: Side | None = None


def read_sources(path: Path, cuff: str | None) -> list[Source]:
    """Every cuff of a recording, or the one of that id; the one sensor of a CSV. raises DataError"""
    if path.suffix != ".csv" and not path.name.endswith(".csv.gz"):
        return _of_recording(path, cuff)
    track = load_csv(path, "left").track
    if not np.isfinite(track.gyr).any():
        raise DataError(f"{path}: no gx, gy, gz. A calibration needs turning rates to tell a rest.")
    return [Source(Samples(track.gyr, track.acc, track.time.rate_hz), {"cuff": cuff})]


def _of_recording(path: Path, wanted: str | None) -> list[Source]:
    with Recording(path) as recording:
        cuffs = [one for one in recording.cuffs() if wanted is None or one.cuff.endswith(wanted.lower())]
        messages = recording.in_index_order()
    if not cuffs:
        raise DataError(f"{path}: no cuff {wanted or ''} in it. See: distal info {path}")
    out = []
    for one in cuffs:
        streams = Streams({one.cuff: "left"})
        rows = streams.feed([message for message in messages if message.cuff == one.cuff]) + streams.flush()
        gyr = np.concatenate([np.zeros((0, 3)), *(part.gyr for _, part in rows)])
        acc = np.concatenate([np.zeros((0, 3)), *(part.acc for _, part in rows)])
        samples = Samples(gyr, acc, streams.rates().get("left", 208.0))
        out.append(Source(samples, *_whose(one)))
    return out


def _whose(cuff: Cuff) -> tuple[dict[str, Any], Side | None, Side | None]:
    try:
        info = read_info(cuff.info)
    except LinkError:
        return {"cuff": cuff.cuff}, cuff.side, None
    ranges = {"acc_range_g": info.acc_range_g, "gyr_range_dps": info.gyr_range_dps}
    return {"cuff": cuff.cuff, "imu": info.imu, **ranges}, cuff.side, info.side
