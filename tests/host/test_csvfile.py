"""CSV files as people export them: true time, gaps, and one line for each mistake."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from distal.csvfile import load_csv, read_csv
from distal.errors import DataError
from distal.model import FloatArray

HEAD = "time_s,ax,ay,az,gx,gy,gz"


def write(path: Path, time_s: FloatArray, head: str = HEAD, digits: int = 4) -> Path:
    """Row i holds i in ax."""
    width = len(head.split(",")) - 1
    lines = [",".join([f"{t:.{digits}f}", str(i), *["0.5"] * (width - 1)]) for i, t in enumerate(time_s)]
    path.write_text("\n".join([head, *lines]) + "\n")
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "left.csv"


@pytest.mark.parametrize("rate_hz", [25.0, 100.0, 128.0, 204.8, 40000 / 192])
def test_rounded_times_give_the_sensors_rate(path: Path, rate_hz: float) -> None:
    track = read_csv(write(path, 3.0 + np.arange(20_000) / rate_hz), "left")
    assert track.time.rate_hz == pytest.approx(rate_hz, rel=1e-7)
    assert track.time.start_s == pytest.approx(3.0, abs=1e-4)
    assert len(track.acc) == 20_000
    assert not np.isnan(track.acc).any()


def test_missing_rows_are_nan_on_the_true_grid(path: Path) -> None:
    keep = np.ones(1000, bool)
    keep[100:117] = keep[500] = False
    track = read_csv(write(path, (np.arange(1000) / 100)[keep]), "right")
    assert track.side == "right"
    assert len(track.acc) == 1000
    assert np.array_equal(np.isnan(track.acc[:, 0]), ~keep)
    assert np.array_equal(np.isnan(track.gyr[:, 0]), ~keep)


def test_long_hole_does_not_slip_the_grid(path: Path) -> None:
    time_s = np.concatenate([np.arange(500), np.arange(7811, 9000)]) / 128
    track = read_csv(write(path, time_s), "left")
    assert np.flatnonzero(~np.isnan(track.acc[:, 0]))[500] == 7811


def test_jitter_of_a_third_of_a_step_is_tolerated(path: Path, rng: np.random.Generator) -> None:
    time_s = (np.arange(3000) + rng.uniform(-0.33, 0.33, 3000)) / 50
    track = read_csv(write(path, time_s), "left")
    assert track.time.rate_hz == pytest.approx(50, rel=1e-4)
    assert not np.isnan(track.acc).any()
    assert len(track.acc) == 3000


def test_wild_jitter_never_joins_two_rows(path: Path, rng: np.random.Generator) -> None:
    time_s = np.sort((np.arange(2000) + rng.uniform(-0.6, 0.6, 2000)) / 50)
    track = read_csv(write(path, time_s, digits=6), "left")
    assert (~np.isnan(track.acc[:, 0])).sum() == 2000
    assert len(track.acc) < 2010


def test_gzip_is_read_whatever_its_name(path: Path) -> None:
    write(path, np.arange(100) / 100)
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert len(read_csv(path, "left").acc) == 100


def test_windows_line_ends_and_byte_order_mark_are_read(path: Path) -> None:
    write(path, np.arange(100) / 100)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(read_csv(path, "left").acc) == 100


def test_columns_are_found_by_name_and_others_ignored_aloud(path: Path) -> None:
    rows = "\n".join(f"x{i},1,2,{i / 100},9,4,5,6" for i in range(50))
    path.write_text("note,ax,ay,time_s,az,gx,gy,gz\n" + rows)
    loaded = load_csv(path, "left")
    assert loaded.track.acc[0] == pytest.approx([1, 2, 9])
    assert loaded.track.gyr[0] == pytest.approx([4, 5, 6])
    assert loaded.warnings == ("left.csv: ignored columns note.",)


def test_without_gyroscope_the_rates_are_unknown_not_zero(path: Path) -> None:
    loaded = load_csv(write(path, np.arange(100) / 100, "time_s,ax,ay,az"), "left")
    assert np.isnan(loaded.track.gyr).all()
    assert not np.isnan(loaded.track.acc).any()
    assert "no gx, gy, gz" in loaded.warnings[0]


def test_acceleration_in_g_is_told(path: Path) -> None:
    path.write_text(HEAD + "\n" + "\n".join(f"{i / 100},0,0,1,0,0,0" for i in range(50)))
    assert "looks like g" in load_csv(path, "left").warnings[0]


@pytest.mark.parametrize(
    ("row", "text"),
    [("3,0.2,1,0,0,0", "without gravity"), ("9.8,0,0,57,0,0", "degrees/s")],
)
def test_what_no_leg_can_do_is_told(path: Path, row: str, text: str) -> None:
    path.write_text(HEAD + "\n" + "\n".join(f"{i / 100},{row}" for i in range(50)))
    assert text in load_csv(path, "left").warnings[0]


def test_value_beyond_any_sensor_is_one_missing_sample(path: Path) -> None:
    rows = [f"{i / 100},9.8,0,0,0,0,0" for i in range(50)]
    rows[10] = "0.10,1e300,0,0,0,0,0"
    path.write_text("\n".join([HEAD, *rows]))
    loaded = load_csv(path, "left")
    assert np.flatnonzero(np.isnan(loaded.track.acc[:, 0])).tolist() == [10]
    assert "in 1 row(s), the first is 11." in loaded.warnings[0]


def test_incomplete_sample_is_a_missing_one(path: Path) -> None:
    rows = [f"{i / 100},1,2,3,4,5,6" for i in range(50)]
    rows[10] = "0.10,1,2,,4,5,6"
    path.write_text("\n".join([HEAD, *rows]))
    track = read_csv(path, "left")
    assert np.isnan(track.acc[10]).all()
    assert np.isnan(track.gyr[10]).all()


ROWS = [f"{i / 100:.2f},1,2,3,4,5,6" for i in range(20)]
MISTAKES = {
    "empty": ("", "the file is empty"),
    "only a head": (HEAD, "0 rows"),
    "three rows": ("\n".join([HEAD, *ROWS[:3]]), "3 rows"),
    "no head": ("\n".join(ROWS), "no column time_s"),
    "wrong columns": ("\n".join(["t,x,y,z", *ROWS]), "found: t, x, y, z"),
    "column twice": ("\n".join(["time_s,ax,ax,ay,az,gx,gy", *ROWS]), "ax is there twice"),
    "time goes back": ("\n".join([HEAD, *ROWS[:9], ROWS[3], *ROWS[9:]]), "time_s goes back at row 10"),
    "time repeats": ("\n".join([HEAD, *ROWS[:9], ROWS[8], *ROWS[9:]]), "time_s repeats at row 10"),
    "time missing": ("\n".join([HEAD, *ROWS[:9], ",1,2,3,4,5,6"]), "time_s is missing in row 10"),
    "not a number": ("\n".join([HEAD, *ROWS[:9], "0.09,1,two,3,4,5,6"]), "line 11: 'two'"),
    "short row": ("\n".join([HEAD, *ROWS[:9], "0.09,1"]), "line 11 has 2 of 7 columns"),
    "all nan": (
        "\n".join([HEAD, *[f"{i / 100},nan,nan,nan,nan,nan,nan" for i in range(20)]]),
        "no number at all",
    ),
    "milliseconds": ("\n".join([HEAD, *[f"{i * 10},1,2,3,4,5,6" for i in range(20)]]), "Give seconds"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_one_line_that_names_file_and_place(path: Path, mistake: str) -> None:
    content, words = MISTAKES[mistake]
    path.write_text(content)
    with pytest.raises(DataError) as raised:
        read_csv(path, "left")
    text = str(raised.value)
    assert words in text
    assert text.startswith(str(path))
    assert text.endswith(".")
    assert "\n" not in text


def test_no_file_folder_binary_and_broken_gzip_are_told(tmp_path: Path) -> None:
    packed = gzip.compress(b"time_s,ax,ay,az\n" * 1000)
    cases = {
        "none.csv": (None, "no such file"),
        "binary.csv": (bytes(range(256)), "is not text"),
        "plain.csv.gz": (b"time_s,ax", "no gzip file"),
        "cut.csv.gz": (packed[: len(packed) // 2], "cut short"),
        "bad.csv.gz": (packed[:20] + b"\0\0\0\0" + packed[24:], "damaged"),
    }
    for name, (content, words) in cases.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=words):
            read_csv(tmp_path / name, "left")
    with pytest.raises(DataError, match="is a folder"):
        read_csv(tmp_path, "left")


@pytest.mark.parametrize("limit", [16 * 9.80665, 24.0])
def test_peaks_cut_off_are_marked_as_clipped(path: Path, limit: float) -> None:
    t = np.arange(400) / 100.0
    push = np.clip(200.0 * np.sin(2 * np.pi * t), -limit, limit)
    rows = [f"{a:.2f},{b!r},0.5,9.8,0.1,0.2,0.3" for a, b in zip(t.tolist(), push.tolist(), strict=True)]
    path.write_text("\n".join([HEAD, *rows]))
    clipped = read_csv(path, "left").clipped
    assert list(clipped) == list(np.abs(push) == limit)


def test_rest_and_a_lone_peak_are_not_clipped(path: Path) -> None:
    push = [9.81] * 30 + [9.81 + 0.5 * i for i in range(10)] + [9.81] * 30
    path.write_text("\n".join([HEAD, *[f"{i / 100},0.0,0.0,{x},0.0,0.0,0.0" for i, x in enumerate(push)]]))
    assert not read_csv(path, "left").clipped.any()
