"""A CSV of one sensor -> Track on an even time grid. Every mistake in the file is one line of text."""

import csv
import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import isotonic_regression

from distal.errors import DataError, TooShort
from distal.model import BoolArray, FloatArray, Placement, Side, Timebase, Track
from distal.units import RAD_PER_DEG, G

ACC = ("ax", "ay", "az")
GYR = ("gx", "gy", "gz")
MIN_ROWS = 8
MAX_HOURS = 48.0
_RATE_HZ = (5.0, 4000.0)
# full scales of common sensors; scale and calibration move the end by a few percent
FULL_ACC = tuple(g * G for g in (2, 4, 8, 16, 32))
FULL_GYR = tuple(dps * RAD_PER_DEG for dps in (125, 250, 500, 1000, 2000, 4000))
NEAR_FULL = 0.03
BEYOND = 1e5  # no sensor reads so far, in m/s2 nor rad/s: the cell is damaged
LEAST_GRAVITY, IN_G = (
    6.5,
    (0.8, 1.25),
)  # medians, m/s2: below the first no leg comes unless gravity was removed
MOST_TURNING = 25.0  # rad/s, passed in more than one sample of a hundred by no leg
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A track and what was odd about its file, in words."""

    track: Track
    warnings: tuple[str, ...]


def read_csv(path: Path, side: Side, placement: Placement = "ankle") -> Track:
    """Read `time_s, ax, ay, az [, gx, gy, gz]` (m/s2, rad/s), plain or gzipped; see load_csv."""
    return load_csv(path, side, placement).track


def load_csv(path: Path, side: Side, placement: Placement = "ankle") -> Loaded:
    """Read a CSV; also say what was ignored or is missing.

    Rows go to the nearest place of an even grid, so jitter is tolerated and missing rows become NaN rows.
    Session time of the track is the file's own time_s. Without gyroscope columns gyr is all NaN.
    raises  DataError with one line that says what is wrong, where, and what to do
    """
    names, table = _read_table(path)
    time_s, warnings = _check_time(path, table[:, names.index("time_s")]), _warn_columns(path, names)
    acc = table[:, [names.index(name) for name in ACC]]
    gyr = np.full_like(acc, np.nan)
    if _has_gyr(names):
        gyr = table[:, [names.index(name) for name in GYR]]
    _drop_beyond(path, acc, gyr, warnings)
    if not np.isfinite(acc).any():
        raise DataError(f"{path}: ax, ay, az hold no number at all. Export the acceleration in m/s2.")
    _warn_units(path, acc, gyr, warnings)
    return Loaded(_to_track(path, side, time_s, gyr, acc), tuple(warnings))


def _read_table(path: Path) -> tuple[list[str], FloatArray]:
    lines = read_text(path).splitlines()
    at = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")), None)
    if at is None:
        raise DataError(
            f"{path}: the file is empty. It needs the columns time_s, ax, ay, az and one row a sample."
        )
    names = [name.strip() for name in next(csv.reader([lines[at]]))]
    _check_names(path, names)
    rows = _parse_rows(path, names, lines, at + 1)
    if len(rows) < MIN_ROWS:
        raise TooShort(
            f"{path}: {len(rows)} rows of samples, at least {MIN_ROWS} are needed. Export a longer piece."
        )
    return names, rows


def read_text(path: Path) -> str:
    """The text of a file, plain or gzipped. raises DataError with one line that says what to do"""
    try:
        data = path.read_bytes()
        if data.startswith(_GZIP):
            data = gzip.decompress(data)
        elif path.suffix == ".gz":
            raise DataError(f"{path}: the name ends in .gz but it is no gzip file. Rename it or pack it.")
        return data.decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file. Check the name.") from None
    except IsADirectoryError:
        raise DataError(f"{path}: is a folder. Name the CSV file in it.") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not text. Give a CSV file, plain or gzipped.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DataError(f"{path}: the gzip file is cut short or damaged. Copy it again.") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}). Check that you may open it.") from None


def _check_names(path: Path, names: list[str]) -> None:
    missing = [name for name in ("time_s", *ACC) if name not in names]
    if missing:
        found = ", ".join(names)[:80]
        text = f"{path}: no column {', '.join(missing)} (found: {found}). "
        text += "Needed: time_s, ax, ay, az, better also gx, gy, gz."
        raise DataError(text)
    double = [name for name in ("time_s", *ACC, *GYR) if names.count(name) > 1]
    if double:
        raise DataError(f"{path}: column {', '.join(double)} is there twice. Keep one.")


def _parse_rows(path: Path, names: list[str], lines: list[str], at: int) -> FloatArray:
    """Rows as floats, columns as in the file; other columns may hold anything."""
    used = [i for i, name in enumerate(names) if name in ("time_s", *ACC, *GYR)]
    table = []
    for number, cells in enumerate(csv.reader(lines[at:]), start=at + 1):
        if not cells:
            continue
        try:
            row = [np.nan] * len(names)
            for i in used:
                row[i] = float(cells[i]) if cells[i].strip() else np.nan
        except IndexError:
            text = f"{path}: line {number} has {len(cells)} of {len(names)} columns. Complete or remove it."
            raise DataError(text) from None
        except ValueError:
            raise DataError(
                f"{path}: line {number}: {cells[i]!r} is not a number. Correct or remove it."
            ) from None
        table.append(row)
    return np.array(table, np.float64).reshape(-1, len(names))


def _check_time(path: Path, time_s: FloatArray) -> FloatArray:
    """Times must exist and increase; the line of the first that does not is named as row (first row is 1)."""
    bad = np.flatnonzero(~np.isfinite(time_s))
    if len(bad):
        raise DataError(f"{path}: time_s is missing in row {bad[0] + 1}. Fill it in, or remove that row.")
    bad = np.flatnonzero(np.diff(time_s) <= 0)
    if len(bad):
        how = "goes back" if time_s[bad[0] + 1] < time_s[bad[0]] else "repeats"
        text = f"{path}: time_s {how} at row {bad[0] + 2}. Sort the rows by time_s, or remove that one."
        raise DataError(text)
    return time_s


def _has_gyr(names: list[str]) -> bool:
    return all(name in names for name in GYR)


def _warn_columns(path: Path, names: list[str]) -> list[str]:
    known = ("time_s", *ACC, *(GYR if _has_gyr(names) else ()))
    extra = [name or "(no name)" for name in names if name not in known]
    warnings = [f"{path.name}: ignored columns {', '.join(extra)}."] if extra else []
    if not _has_gyr(names):
        text = "no gx, gy, gz: without angular rates there are no reps, no steps and no load over a lift."
        warnings.append(f"{path.name}: {text}")
    return warnings


def _drop_beyond(path: Path, acc: FloatArray, gyr: FloatArray, warnings: list[str]) -> None:
    """Cells that no sensor can have written are missing samples, counted."""
    beyond = (np.abs(acc) > BEYOND).any(axis=1) | (np.abs(gyr) > BEYOND).any(axis=1)
    if beyond.any():
        acc[beyond], gyr[beyond] = np.nan, np.nan
        rows = f"values beyond any sensor in {beyond.sum()} row(s), the first is {np.argmax(beyond) + 1}"
        warnings.append(f"{path.name}: {rows}. They count as missing.")


def _warn_units(path: Path, acc: FloatArray, gyr: FloatArray, warnings: list[str]) -> None:
    """Say what looks like another unit, do not guess."""
    size = float(np.nanmedian(np.linalg.norm(acc, axis=1)))
    if IN_G[0] < size < IN_G[1]:
        warnings.append(f"{path.name}: acceleration looks like g (median {size:.2f}); m/s2 is expected.")
    elif size < LEAST_GRAVITY:
        text = f"acceleration without gravity (median {size:.2f} m/s2)."
        warnings.append(f"{path.name}: {text} Export it raw, not as linear acceleration.")
    turning = np.linalg.norm(gyr, axis=1)
    if (np.nan_to_num(turning) > MOST_TURNING).mean() > 0.01:
        warnings.append(f"{path.name}: turning looks like degrees/s; gx, gy, gz are expected in rad/s.")


def _to_track(path: Path, side: Side, time_s: FloatArray, gyr: FloatArray, acc: FloatArray) -> Track:
    rate_hz, places = _even_grid(path, time_s)
    n = int(places[-1]) + 1
    start_s = float(np.median(time_s - places / rate_hz))
    clipped: BoolArray = np.zeros(n, np.bool_)
    clipped[places.astype(np.int64)] = _at_limit(acc, FULL_ACC) | _at_limit(gyr, FULL_GYR)
    broken = ~(np.isfinite(gyr).all(axis=1) & np.isfinite(acc).all(axis=1))
    if not np.isnan(gyr).all():
        gyr[broken], acc[broken] = np.nan, np.nan  # a sample is whole or missing
    return Track(side, Timebase(start_s, rate_hz), _spread(gyr, places, n), _spread(acc, places, n), clipped)


def _at_limit(values: FloatArray, full: tuple[float, ...]) -> BoolArray:
    """Rows at the end of a sensor's range.

    That is an extreme met twice running near a usual full scale, or three times running in two places at
    any value beyond 0.75 of the smallest full scale: a peak of a moving leg never repeats to the last digit.
    """
    out: BoolArray = np.zeros(len(values), np.bool_)
    for column in values.T:
        known = column[np.isfinite(column)]
        for extreme in (known.min(), known.max()) if len(known) else ():
            at = column == extreme
            twice, thrice = at[1:] & at[:-1], at[2:] & at[1:-1] & at[:-2]
            places = int(thrice[:1].sum()) + int((thrice[1:] & ~thrice[:-1]).sum())
            is_full = any(abs(abs(extreme) / scale - 1.0) < NEAR_FULL for scale in full)
            if (is_full and twice.any()) or (places > 1 and abs(extreme) > 0.75 * full[0]):
                out |= at
    return out


def _spread(values: FloatArray, places: FloatArray, n: int) -> FloatArray:
    out = np.full((n, 3), np.nan)
    out[places.astype(np.int64)] = values
    return out


def _even_grid(path: Path, time_s: FloatArray) -> tuple[float, FloatArray]:
    """Rate, Hz, and each row's place on the grid; two rows never share a place."""
    steps = np.diff(time_s)
    median_s = float(np.median(steps))
    _check_rate(path, time_s, median_s)
    step_s = _sharpen_step(time_s, median_s)
    places = _places(time_s, step_s)
    for _ in range(2):
        step_s = float(np.polyfit(places, time_s - time_s[0], 1)[0])
        places = _places(time_s, step_s)
    return _plain_rate(1.0 / step_s, len(time_s)), places


def _sharpen_step(time_s: FloatArray, step_s: float) -> float:
    """The median step is blind to gaps but rounded and jittery; over twice the rows it is half as wrong.

    Each pass is good enough to count the steps (missing ones too) of the next.
    """
    lag = 8
    while lag < len(time_s):
        span_s = time_s[lag:] - time_s[:-lag]
        step_s = float(np.median(span_s / np.maximum(np.rint(span_s / step_s), 1.0)))
        lag *= 2
    return step_s


def _places(time_s: FloatArray, step_s: float) -> FloatArray:
    """Strictly increasing whole numbers nearest to the times: jitter cannot join two rows."""
    number = np.arange(len(time_s))
    ahead = (time_s - time_s[0]) / step_s - number
    fitted = isotonic_regression(ahead - np.median(ahead[:32])).x
    places = np.rint(fitted) + number
    return np.asarray(places - places[0], np.float64)


def _plain_rate(rate_hz: float, n: int) -> float:
    """Take 100 for 99.9999: rounded times hide the sensor's own rate, the grid must not slip by it."""
    plain = round(rate_hz, 1)
    return plain if abs(rate_hz / plain - 1.0) < min(1e-4, 0.25 / n) else rate_hz


def _check_rate(path: Path, time_s: FloatArray, step_s: float) -> None:
    hours = (time_s[-1] - time_s[0]) / 3600
    rate_hz = 1.0 / step_s
    if not _RATE_HZ[0] <= rate_hz <= _RATE_HZ[1]:
        text = f"{path}: time_s steps by {step_s:g} s ({rate_hz:.4g} Hz); 5 to 4000 Hz is read. Give seconds."
        raise DataError(text)
    if hours > MAX_HOURS:
        raise DataError(f"{path}: time_s spans {hours:.0f} h, at most {MAX_HOURS:.0f} are read. Cut it up.")
