"""`distal recover` on images that the firmware wrote under its own interpreter."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from distal.cli import cli
from distal.recording import Recording
from distal.recover import BLOCK, Recovered, read_dump

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE_TESTS = ROOT / "tests" / "firmware"
FOLDERS = [FIRMWARE_TESTS / "fakes", FIRMWARE_TESTS, ROOT / "firmware", ROOT / "protocol"]
Image = Callable[..., tuple[bytes, list[bytes]]]
CUFF = "02d157a10001"


@pytest.fixture
def image(micropython: str, tmp_path: Path) -> Image:
    """`image(blocks, packets, cut)` gives the flash and the packets that `append` confirmed."""
    nor = ROOT / "host" / "distal" / "virtual"
    environment = {**os.environ, "MICROPYPATH": ":".join([*map(str, FOLDERS), ".frozen", str(nor)])}

    def make(*numbers: int) -> tuple[bytes, list[bytes]]:
        script = [micropython, "-X", "heapsize=1000wK", str(FIRMWARE_TESTS / "mp_image.py"), "flash.bin"]
        done = subprocess.run(
            [*script, *map(str, numbers)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return (tmp_path / "flash.bin").read_bytes(), [bytes.fromhex(line) for line in done.stdout.split()]

    return make


def packets_of(found: Recovered) -> list[bytes]:
    return [packet.data for stream in found.streams for packet in stream.packets]


def test_every_packet_comes_back_once_as_it_was(image: Image) -> None:
    data, kept = image(16, 100)
    found = read_dump(data)
    assert packets_of(found) == kept
    assert (found.cuff, found.damage, found.gave_way, found.torn) == (CUFF, (), 0, 0)
    assert [(one.boot, one.reason, one.is_stopped) for one in found.sessions] == [
        (1, "button", True),
        (2, "host", False),
    ]


def test_what_gave_way_is_counted_to_the_sample(image: Image) -> None:
    data, kept = image(8, 400)
    found = read_dump(data)
    assert packets_of(found) == kept[-len(packets_of(found)) :]
    assert found.gave_way == found.lost == 400 * 18 - found.samples


def test_cut_write_is_told_and_costs_nothing_before_it(image: Image) -> None:
    untouched, kept = image(16, 90, 0)
    seen = 0
    for cut in range(30, 512, 40):
        data, confirmed = image(16, 90, cut)
        found = read_dump(data)
        packets = packets_of(found)
        assert packets[:89] == confirmed[:89] == kept
        assert len(packets) >= len(confirmed)
        if data != untouched and len(packets) == 89:
            seen += 1
            assert len(found.damage) == 1
            assert "newest" in found.damage[0]
    assert seen > 2


def test_flipped_bits_are_told_to_the_sample(image: Image, rng: np.random.Generator) -> None:
    data, kept = image(16, 100)
    for _ in range(40):
        broken = bytearray(data)
        at = int(rng.integers(47, BLOCK - 300))
        broken[BLOCK + at] ^= 1 << int(rng.integers(8))
        found = read_dump(bytes(broken))
        lost = [packet for packet in kept if packet not in packets_of(found)]
        assert len(packets_of(found)) == 99
        assert len(lost) == 1
        assert [text for text in found.damage if "18 samples of" in text]


def test_packets_of_a_block_without_header_are_salvaged(image: Image) -> None:
    data, kept = image(16, 100)
    found = read_dump(data[:BLOCK] + b"\x00" * 47 + data[BLOCK + 47 :])
    assert packets_of(found) == kept
    assert len(found.salvaged) > 10
    assert [text for text in found.damage if "samples" in text] == []
    assert found.torn == 1


def test_block_that_is_gone_altogether_is_told_to_the_sample(image: Image) -> None:
    data, kept = image(16, 100)
    found = read_dump(data[:BLOCK] + b"\x00" * BLOCK + data[2 * BLOCK :])
    lost = [packet for packet in kept if packet not in packets_of(found)]
    assert f"{18 * len(lost)} samples of" in found.damage[1]
    assert [end - first for stream in found.streams for first, end in stream.missing] == [18 * len(lost)]


def test_dump_of_the_whole_flash_serves_as_well(image: Image, rng: np.random.Generator) -> None:
    data, kept = image(16, 100)
    program = rng.bytes(64 * BLOCK)
    found = read_dump(program + data + b"\xff" * 8 * BLOCK + program[: BLOCK // 2])
    assert packets_of(found) == kept
    assert found.torn == 0


def test_dump_that_was_cut_short_gives_what_it_has(image: Image) -> None:
    data, kept = image(16, 100)
    cut = read_dump(data[: 2 * BLOCK + 1000])
    found = packets_of(cut)
    assert found == kept[: len(found)]
    assert len(found) > 32
    assert "14 of 16 blocks are not in it" in cut.damage[0]
    assert not [text for text in cut.damage if "power failed" in text]


def test_recording_holds_the_packets_in_order_on_the_cuffs_own_clock(image: Image, tmp_path: Path) -> None:
    data, kept = image(16, 100)
    (tmp_path / "dump.bin").write_bytes(data)
    result = CliRunner().invoke(cli, ["recover", str(tmp_path / "dump.bin"), "--side", "left"])
    assert result.exit_code == 0, result.output
    assert "Wrote 100 packets, 1800 samples" in result.output
    with Recording(tmp_path / "dump.distal") as recording:
        rows = list(recording.received())
        assert [row.data for row in rows] == kept
        assert recording.sides() == {CUFF: "left"}
    steps = np.diff([row.t_host for row in rows])
    assert np.allclose(np.delete(steps, 49), 18 * 192 / 40_000, atol=1e-9)
    assert (tmp_path / "dump.bin").read_bytes() == data


def test_one_session_can_be_chosen_and_side_comes_from_the_known_cuffs(
    image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, kept = image(16, 100)
    monkeypatch.setenv("DISTAL_CONFIG", str(tmp_path))
    (tmp_path / "cuffs.json").write_text(json.dumps({"format": 1, "cuffs": {CUFF: {"side": "right"}}}))
    (tmp_path / "dump.bin").write_bytes(data)
    out = tmp_path / "second.distal"
    arguments = ["recover", str(tmp_path / "dump.bin"), "--session", "2", "--out", str(out), "--json"]
    said = json.loads(CliRunner().invoke(cli, arguments).stdout)
    assert said["written"] == {"packets": 50, "samples": 900}
    with Recording(out) as recording:
        assert [row.data for row in recording.received()] == kept[50:]
        assert recording.sides() == {CUFF: "right"}


def test_file_that_is_no_dump_is_one_clear_error(tmp_path: Path, rng: np.random.Generator) -> None:
    (tmp_path / "photo.bin").write_bytes(rng.bytes(50_000))
    result = CliRunner().invoke(cli, ["recover", str(tmp_path / "photo.bin")])
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert "no packet of a cuff is in this dump" in result.output


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "is empty"), (b"\xff" * 9000, "is erased: nothing was kept")]
)
def test_dump_with_nothing_in_it_says_so(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "dump.bin").write_bytes(content)
    result = CliRunner().invoke(cli, ["recover", str(tmp_path / "dump.bin")])
    assert result.exit_code == 2
    assert words in result.output


def test_list_writes_nothing(image: Image, tmp_path: Path) -> None:
    data, _ = image(8, 20)
    (tmp_path / "dump.bin").write_bytes(data)
    result = CliRunner().invoke(cli, ["recover", str(tmp_path / "dump.bin"), "--list"])
    assert "session 1: boot 1, samples 0 to 180" in result.output
    assert not (tmp_path / "dump.distal").exists()
