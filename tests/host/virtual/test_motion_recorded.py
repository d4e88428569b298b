"""A recording played back to a virtual cuff."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from distal.errors import DataError, TooShort
from distal.units import G
from distal.virtual.motion import CsvMotion, random_mounting, read_motion

HEADER = "time_s,ax,ay,az,gx,gy,gz\n"


@pytest.fixture
def csv_path(tmp_path: Path) -> Path:
    """Rows at 2.0, 2.1, 2.2 and, after a hole, 3.2 s."""
    path = tmp_path / "leg.csv"
    rows = ["2.0,0,0,9,1,0,0", "2.1,1,0,9,2,0,0", "2.2,2,0,9,3,0,0", "3.2,4,0,9,5,0,0"]
    path.write_text(HEADER + "\n".join(rows) + "\n")
    return path


def test_rows_are_joined_by_straight_lines_on_the_true_time_grid(csv_path: Path) -> None:
    motion = read_motion(csv_path)
    assert motion.start_s == 2.0
    assert motion.duration_s == pytest.approx(1.2)
    gyr, acc = motion.sample(np.array([0.0, 0.05, 0.2, 0.7]))
    assert acc[:, 0] == pytest.approx([0, 0.5, 2, 3])
    assert acc[:, 2] == pytest.approx([9, 9, 9, 9])
    assert gyr[:, 0] == pytest.approx([1, 1.5, 3, 4])


def test_hole_longer_than_the_limit_is_bridged_and_reported(csv_path: Path) -> None:
    (bridge,) = read_motion(csv_path).bridges
    assert (bridge.start_s, bridge.end_s) == pytest.approx((0.2, 1.2))
    assert read_motion(csv_path, max_gap_s=1.5).bridges == ()


def test_pose_is_held_before_and_after_without_turning(csv_path: Path) -> None:
    gyr, acc = read_motion(csv_path).sample(np.array([-1.0, 5.0]))
    # a still leg feels gravity and nothing else, also where the file begins or ends in a movement
    np.testing.assert_allclose(acc, [[0, 0, G], np.array([4, 0, 9]) * G / np.hypot(4, 9)])
    assert gyr.tolist() == [[0, 0, 0], [0, 0, 0]]


def test_incomplete_rows_count_as_missing(tmp_path: Path) -> None:
    path = tmp_path / "leg.csv"
    path.write_text(HEADER + "0,0,0,9,0,0,0\n0.1,nan,0,9,0,0,0\n0.2,,0,9,0,0,0\n0.3,3,0,9,0,0,0\n")
    _, acc = read_motion(path).sample(np.array([0.1, 0.2]))
    assert acc[:, 0] == pytest.approx([1, 2])


def test_gzip_other_columns_and_any_order_are_read(tmp_path: Path) -> None:
    path = tmp_path / "leg.csv.gz"
    text = "gx,gy,gz,note,ax,ay,az,time_s\n1,2,3,start,4,5,6,0\n1,2,3,,4,5,6,1\n"
    path.write_bytes(gzip.compress(text.encode()))
    gyr, acc = read_motion(str(path)).sample(np.array([0.5]))
    assert gyr.tolist() == [[1, 2, 3]]
    assert acc.tolist() == [[4, 5, 6]]


def test_mounting_turns_both_vectors(csv_path: Path) -> None:
    plain = read_motion(csv_path)
    rotation = random_mounting(9)
    turned = plain.mounted(rotation)
    t = np.linspace(-0.5, 1.5, 20)
    for seen, given in zip(turned.sample(t), plain.sample(t), strict=True):
        assert seen == pytest.approx(given @ rotation.T)
    assert (turned.start_s, turned.bridges) == (plain.start_s, plain.bridges)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no column time_s"),
        (b"time_s,ax,ay,az\n0,0,0,9\n1,0,0,9\n", "no column gx, gy, gz"),
        (HEADER.encode(), "0 complete rows"),
        (HEADER.encode() + b"0,0,0,9,0,0,0\n", "1 complete rows"),
        (HEADER.encode() + b"0,nan,0,9,0,0,0\n1,nan,0,9,0,0,0\n", "0 complete rows"),
        (HEADER.encode() + b"0,0,0,9,0,0,0\n1,x,0,9,0,0,0\n", "'x'"),
        (HEADER.encode() + b"0,0,0,9,0,0,0\n1,0\n", "line"),
        (HEADER.encode() + b"0,0,0,9,0,0,0\n0,0,0,9,0,0,0\n", "does not increase after 0 s"),
        (b"\x1f\x8bgarbage", "damaged"),
        (b"\xff\xfe\x00\x01", "not text"),
    ],
)
def test_every_mistake_in_a_file_is_one_clear_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "leg.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=says) as caught:
        read_motion(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.csv: no such file"):
        read_motion(tmp_path / "nowhere.csv")


def test_two_rows_are_enough() -> None:
    assert CsvMotion(np.array([0.0, 1.0]), np.zeros((2, 3)), np.zeros((2, 3))).duration_s == 1.0
    assert issubclass(TooShort, DataError)


def test_real_shank_plays_back_at_its_own_samples(real_data: Path) -> None:
    path = real_data / "treadmill" / "slow_left_shank.csv.gz"
    motion = read_motion(path)
    table = np.loadtxt(gzip.decompress(path.read_bytes()).decode().splitlines()[1:], delimiter=",")
    gyr, acc = motion.sample(table[5:-5, 0] - table[0, 0])
    assert acc == pytest.approx(table[5:-5, 1:4], abs=1e-6)
    assert gyr == pytest.approx(table[5:-5, 4:7], abs=1e-6)
    truth = json.loads((real_data / "treadmill" / "slow_truth.json").read_text())
    assert motion.duration_s > truth["steps"][-1]["ic_imu_s"] - 25
