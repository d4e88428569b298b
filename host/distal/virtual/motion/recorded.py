"""Motion from a recording: a CSV played back to a virtual cuff."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distal.csvfile import read_text
from distal.errors import DataError, TooShort
from distal.model import FloatArray
from distal.units import G

COLUMNS = ("time_s", "ax", "ay", "az", "gx", "gy", "gz")
MAX_GAP_S = 0.25  # a longer hole is bridged too, and reported: half a swing fits into it
MIN_DIRECTION = 1.0  # m/s2; below, the specific force points nowhere


@dataclass(frozen=True, slots=True)
class Bridge:
    """A hole in the recording that was filled by a straight line; seconds of the motion."""

    start_s: float
    end_s: float


class CsvMotion:
    """Samples of a real sensor as a motion: straight lines between rows, held pose before and after.

    A recording may begin or end in the middle of a movement. A held pose feels gravity alone, so the first
    and last direction of the specific force are held at 1 g.
    """

    def __init__(
        self, time_s: FloatArray, acc: FloatArray, gyr: FloatArray, max_gap_s: float = MAX_GAP_S
    ) -> None:
        """time_s (n,) increasing, s; acc (n, 3) m/s2 specific force; gyr (n, 3) rad/s; n >= 2.

        The motion's time 0 is the first row; `start_s` keeps the file's own time of it.
        """
        self.start_s = float(time_s[0])
        self._t, self._acc, self._gyr = time_s - time_s[0], acc, gyr
        self._before, self._after = _at_rest(acc[0]), _at_rest(acc[-1])
        wide = np.flatnonzero(np.diff(time_s) > max_gap_s)
        self.bridges = tuple(Bridge(float(self._t[k]), float(self._t[k + 1])) for k in wide)

    @property
    def duration_s(self) -> float:
        """First to last row."""
        return float(self._t[-1])

    def sample(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Times (n,) in s -> gyr (n, 3) rad/s and acc (n, 3) m/s2."""
        t = np.asarray(t, np.float64)
        ends = zip(self._acc.T, self._before, self._after, strict=True)
        acc = np.column_stack([np.interp(t, self._t, *end) for end in ends])
        columns = [np.interp(t, self._t, column, left=0.0, right=0.0) for column in self._gyr.T]
        return np.column_stack(columns), acc

    def mounted(self, rotation: FloatArray) -> "CsvMotion":
        """The same motion in a sensor turned by a (3, 3) rotation: from the old axes to the new."""
        turned = CsvMotion(self._t + self.start_s, self._acc @ rotation.T, self._gyr @ rotation.T)
        turned.bridges = self.bridges
        return turned


def _at_rest(acc: FloatArray) -> FloatArray:
    """The specific force (3,) of a sensor that lies still as `acc` points; a free fall is left as it is."""
    size = float(np.linalg.norm(acc))
    return acc * (G / size) if size > MIN_DIRECTION else acc


def read_motion(path: Path | str, max_gap_s: float = MAX_GAP_S) -> CsvMotion:
    """Read `time_s, ax, ay, az, gx, gy, gz` (m/s2, rad/s), plain or gzipped; other columns are ignored.

    Rows may be missing, and a row with an empty or NaN value counts as missing: time_s is true.
    raises  DataError with one line that says what is wrong and what to do
    """
    path = Path(path)
    lines = [line for line in read_text(path).splitlines() if line.strip() and not line.startswith("#")]
    table = _parse(path, lines)
    table = table[np.isfinite(table).all(axis=1)]
    if len(table) < 2:
        raise TooShort(
            f"{path}: {len(table)} complete rows, a motion needs at least 2. Export a longer piece."
        )
    time_s = table[:, 0]
    back = np.flatnonzero(np.diff(time_s) <= 0)
    if len(back):
        text = f"{path}: time_s does not increase after {time_s[back[0]]:g} s. Sort the rows by time_s."
        raise DataError(text)
    return CsvMotion(time_s, table[:, 1:4], table[:, 4:7], max_gap_s)


def _parse(path: Path, lines: list[str]) -> FloatArray:
    """The seven columns in order, (n, 7); an empty cell is NaN."""
    names = [name.strip() for name in lines[0].split(",")] if lines else []
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        text = f"{path}: no column {', '.join(missing)}. A motion needs {', '.join(COLUMNS)}."
        raise DataError(text)
    use = [names.index(name) for name in COLUMNS]
    if len(lines) < 2:
        return np.empty((0, len(COLUMNS)))
    read: dict[int | str, Callable[[str], float]] = dict.fromkeys(use, _number)
    try:
        return np.loadtxt(lines[1:], np.float64, delimiter=",", usecols=use, ndmin=2, converters=read)
    except ValueError as error:
        reason = str(error).split(";")[0].rstrip(".")
        raise DataError(f"{path}: {reason}. Correct or remove that line.") from None


def _number(cell: str) -> float:
    return float(cell) if cell.strip() else np.nan
