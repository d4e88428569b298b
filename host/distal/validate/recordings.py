"""Other people's recordings and their truths: where they are, how they are read."""

import json
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from distal.analysis.session import analyze
from distal.csvfile import read_csv
from distal.errors import DataError
from distal.model import SIDES, Facts, Placement, Track
from distal.report.contract import to_dict

Json = dict[str, Any]
DEFAULT = Path("..") / "shared" / "data"  # beside the repository


def find_data(given: Path | None = None) -> Path:
    """Folder of the recordings: given, else DISTAL_DATA, else ../shared/data. raises DataError when absent"""
    folder = given or Path(os.environ.get("DISTAL_DATA") or DEFAULT)
    if not folder.is_dir():
        text = f"no recordings at {folder}: name their folder with --data or DISTAL_DATA"
        raise DataError(f"{text}, or run `distal validate virtual`, which needs none.")
    return folder


def names(folder: Path, group: str) -> list[str]:
    """Recordings of one group, as they have a truth file; in order. raises DataError when there is none"""
    found = sorted(path.name.removesuffix("_truth.json") for path in (folder / group).glob("*_truth.json"))
    if not found:
        raise DataError(f"no *_truth.json in {folder / group}: check the folder of the recordings (--data).")
    return found


@lru_cache(maxsize=64)
def truth(folder: Path, group: str, name: str) -> Json:
    """What is known about a recording. Not to be changed."""
    path = folder / group / f"{name}_truth.json"
    try:
        found: Json = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise DataError(f"{path}: is no JSON (line {error.lineno}). Copy it again.") from None
    return found


@lru_cache(maxsize=16)
def tracks(folder: Path, group: str, name: str, placement: Placement) -> tuple[Track, ...]:
    """The legs that were recorded, left first, on their true time grids."""
    paths = [(side, folder / group / f"{name}_{side}_{placement}.csv.gz") for side in SIDES]
    found = tuple(read_csv(path, side, placement) for side, path in paths if path.is_file())
    if not found:
        raise DataError(
            f"no {name}_left_{placement}.csv.gz nor _right_ in {folder / group}. Copy them again."
        )
    return found


def report_on(legs: Sequence[Track], facts: Facts) -> Json:
    """The contract's object for some legs."""
    return to_dict(analyze(legs, facts))
