"""What recordings hold of a cuff: ranges, what belongs to them, what is gone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from distal.addition import Later
from distal.appending import Appender, is_open
from distal.errors import DataError, RecordingError
from distal.keeping import keep_recording
from distal.model import Facts
from distal.placing import by_recording
from distal.recording import Cuff, Recorder, Recording
from distal.review import load_report
from distal.shelf import ENDED, KEPT, look
from distal.streams import Streams
from distal_wire import spec


def write(path: Path, cuff: Any, packets: Any, **notes: Any) -> Path:
    with Recorder(path, Facts()) as recorder:
        recorder.note_cuff(Cuff(cuff.cuff, "left", "Distal left"))
        recorder.append(cuff.info())
        for packet in packets:
            recorder.append(packet)
        for key, value in notes.items():
            recorder.note(key, value)
    return path


def answer(cuff: Any, op: int, index: int) -> Any:
    fields = {"op": op, "seq": 1, "key": 0, "error": spec.OK, "detail": 0, "index": index, "clock": 1}
    return cuff.message(spec.KIND_RESPONSE, 1.0, **fields)


def test_a_recording_tells_what_it_has_and_where_it_begins_and_ends(fake_cuff: Any, tmp_path: Path) -> None:
    cuff = fake_cuff(first_index=100)
    packets = cuff.packets(10)
    start, stop = answer(cuff, spec.COMMAND_START, 82), answer(cuff, spec.COMMAND_STOP, 300)
    path = write(tmp_path / "a.distal", cuff, [start, *packets[:3], *packets[5:], stop])
    (part,) = look([path], cuff.cuff, {cuff.boot: 0}, pytest.fail)[cuff.boot]
    assert part.has == ((100, 154), (190, 280))
    assert (part.since, part.until, part.is_fetched) == (82, 300, False)
    assert look([path], cuff.cuff, {99: 0}, pytest.fail) == {99: []}
    assert look([path], "another", {cuff.boot: 0}, pytest.fail) == {cuff.boot: []}


def test_a_cuff_out_of_reach_at_the_end_stretches_no_recording(fake_cuff: Any, tmp_path: Path) -> None:
    cuff = fake_cuff()
    packets = cuff.packets(10)
    path = write(tmp_path / "a.distal", cuff, packets, **{ENDED: packets[-1].t_host + 2.0})
    (part,) = look([path], cuff.cuff, {cuff.boot: 0}, pytest.fail)[cuff.boot]
    assert part.until == pytest.approx(180 + 2 * 40000 / 192, abs=1)


@pytest.mark.parametrize(
    "key",
    ["round_trips", "gone", "ended", "kept", "filled", "started", "truth", "placed", "joined", "tap"],
)
@pytest.mark.parametrize("value", [1, True, "x", [1], [[1]], {"a": 1}, {"a1": {"x": [[1, 2]]}}, float("nan")])
def test_a_note_of_the_wrong_shape_is_left_out_and_told(
    key: str, value: Any, fake_cuff: Any, tmp_path: Path
) -> None:
    cuff = fake_cuff()
    path = write(tmp_path / "a.distal", cuff, cuff.packets(10), **{key: value})
    with Recording(path) as recording:
        is_there = key in recording.meta
        assert is_there or f"its note '{key}' is damaged" in recording.damage[0]
    assert not is_there or (key, type(value)) in {("truth", dict), ("ended", int)}
    load_report(path)
    (part,) = look([path], cuff.cuff, {cuff.boot: 0}, pytest.fail)[cuff.boot]
    assert part.has == ((0, 180),)


def test_without_a_clock_of_a_boot_its_packets_come_after_all_others(fake_cuff: Any, tmp_path: Path) -> None:
    cuff = fake_cuff()
    packets = cuff.packets(10)
    path = write(tmp_path / "a.distal", cuff, packets)
    newest_s = max(packet.t_host for packet in packets)
    place = by_recording(path, cuff.cuff, cuff.boot + 1)
    assert newest_s < place(0) == place(40000) < newest_s + 0.01


def test_a_file_that_is_no_recording_is_told_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "b.distal").write_text("no database")
    told: list[str] = []
    assert look([tmp_path / "b.distal"], "a1", {7: 0}, told.append) == {7: []}
    assert len(told) == 1


def test_what_is_added_later_fills_the_hole_and_moves_no_clock(fake_cuff: Any, tmp_path: Path) -> None:
    cuff = fake_cuff()
    packets = cuff.packets(400)
    path = write(tmp_path / "a.distal", cuff, [*packets[:200], *packets[220:300]])
    later = Later(path, cuff.cuff, cuff.boot)
    later.add([*packets[200:220], *packets[300:]], [], None)
    later.close([(7200, 7300)])
    assert not is_open(path)
    (part,) = look([path], cuff.cuff, {cuff.boot: 0}, pytest.fail)[cuff.boot]
    assert (part.has, part.gone) == (((0, 7200),), ((7200, 7300),))
    with Recording(path) as recording:
        times = {message.data: message.t_host for message in recording.received()}
        assert recording.meta["filled"][0]["samples"] == 120 * 18
    late = [times[packet.data] - packet.t_host for packet in packets[300:]]
    assert max(map(abs, late)) < 1e-3
    newest = packets[299].t_host
    assert all(times[packet.data] > newest for packet in packets[200:220])


def test_a_recording_that_is_being_written_is_left_alone(fake_cuff: Any, tmp_path: Path) -> None:
    with Recorder(tmp_path / "a.distal", Facts()) as recorder:
        recorder.append(fake_cuff().info())
        recorder.commit()
        with pytest.raises(RecordingError, match="still being recorded"):
            Appender(tmp_path / "a.distal")


def test_a_recording_of_an_unknown_day_is_no_part_of_a_history(fake_cuff: Any, tmp_path: Path) -> None:
    cuff = fake_cuff()
    path = write(tmp_path / "a.distal", cuff, cuff.packets(60), **{KEPT: {"zero": 0}, "started": None})
    loaded: Any = (None, {}, {"started": None})
    store: Any = type("Store", (), {"limits": lambda self, person: None})()
    with pytest.raises(DataError, match="nobody knows the day"):
        keep_recording(store, None, path, loaded)  # type: ignore[arg-type]


def test_a_tail_fetched_later_stretches_no_clock(
    fake_cuff: Any, tmp_path: Path, rng: np.random.Generator
) -> None:
    """60 s of a cuff that is 40 ppm fast, each packet up to 20 ms late; then ten minutes from its flash."""
    cuff = fake_cuff()
    packets = cuff.packets(60 * 208 // 18 + 600 * 208 // 18)
    clock_s = np.array([packet.t_host for packet in packets])
    late_s = rng.uniform(0.0, 20e-3, len(packets)) * (np.arange(len(packets)) % 7 > 0)
    true_s = (clock_s - clock_s[0]) / (1 + 40e-6)
    came = [
        replace(one, t_host=float(1000.0 + t + d)) for one, t, d in zip(packets, true_s, late_s, strict=True)
    ]
    heard = 60 * 208 // 18
    path = write(tmp_path / "a.distal", cuff, came[:heard])

    def told() -> Any:
        with Recording(path) as recording:
            streams = Streams(recording.sides())
            streams.feed(recording.in_index_order())
            streams.flush()
        return streams.times()["left"], streams.courses(cuff.cuff, cuff.boot)[0]

    before, _ = told()
    later = Later(path, cuff.cuff, cuff.boot)
    later.add(packets[heard:], [], None)
    later.close([])
    after, course = told()
    rows = np.arange(0, heard * 18, 100).tolist()
    assert [after.seconds(row) for row in rows] == [before.seconds(row) for row in rows]
    end_row = (len(packets) - 1) * 18.0
    off = after.seconds(end_row) - true_s[-1]
    assert abs(off) < 2.0 * course.sd_s(float(clock_s[-1])) < 60e-3
    assert course.sd_s(float(clock_s[-1])) > 5 * course.sd_s(float(clock_s[heard // 2]))
