"""What `make demo` shows: the script's steps and reps, each leg's own, found as they were done."""

from pathlib import Path

from distal.analysis.session import analyze
from distal.csvfile import read_csv
from distal.model import SIDES, Facts
from distal.virtual.motion import scripts


def test_demo_is_counted_as_it_was_done(tmp_path: Path) -> None:
    demo = scripts.demo().perform()
    tracks = []
    for side in SIDES:
        demo.write_csv(tmp_path / f"{side}.csv", side)
        tracks.append(read_csv(tmp_path / f"{side}.csv", side))
    report = analyze(tracks, Facts(mass_left_kg=1.0, mass_right_kg=1.0, height_m=1.75))
    truth = demo.truth(1.0, 1.0)
    for side in SIDES:
        assert len(report.steps[side]) == len(truth["steps"][side])
        assert [len(one.reps) for one in report.sets if one.side == side] == [
            len(one["reps"]) for one in truth["sets"] if one["side"] == side
        ]
