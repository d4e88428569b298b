"""The recorder may be killed at any moment: what was committed is there, the file opens, `analyze` works."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from distal.recording import Recording
from distal_wire import batch

DISTAL = [sys.executable, "-m", "distal.cli"]
KILLS = 10 if os.environ.get("DISTAL_SOAK") else 3
COMMIT_S = 1.0  # the recorder's promise


@pytest.fixture(scope="module")
def hci() -> Iterator[str]:
    """Two virtual cuffs in another process, in real time; the transport that reaches them."""
    command = [*DISTAL, "simulate", "walk", "--hci-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as cuffs:
        assert cuffs.stdout
        told = ""
        for line in cuffs.stdout:
            told += line
            found = re.search(r"DISTAL_HCI=(\S+)", told)
            if found:
                break
        else:
            pytest.fail(f"distal simulate did not start: {told}")
        yield found.group(1)
        cuffs.send_signal(signal.SIGINT)
        cuffs.communicate(timeout=20)


def record_and_kill(path: Path, hci: str, after_s: float) -> None:
    """Kill `distal record` so long after it said that it records."""
    command = [*DISTAL, "record", "--mass", "1", "--out", str(path)]
    # a folder of settings of its own: whoever runs this may have paired cuffs
    environment = {**os.environ, "DISTAL_HCI": hci, "DISTAL_CONFIG": str(path.parent / "settings")}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as recorder:
        assert recorder.stderr
        said = ""
        for line in recorder.stderr:
            said += line
            if line.strip() == "recording":
                break
        else:
            pytest.fail(f"distal record did not start: {said}")
        time.sleep(after_s)
        recorder.kill()
        recorder.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("number", range(KILLS))
def test_killed_recorder_leaves_a_whole_recording(number: int, hci: str, tmp_path: Path) -> None:
    path = tmp_path / "killed.distal"
    after_s = random.Random(number).uniform(COMMIT_S + 0.5, 4.0)
    record_and_kill(path, hci, after_s)
    with Recording(path) as recording:
        rows = list(recording.received())
        assert recording.damage == []
        assert len(recording.cuffs()) == 2
    assert rows[-1].t_host - rows[0].t_host > after_s - COMMIT_S - 0.5
    for cuff in {row.cuff for row in rows}:
        decoded = batch.decode([row.data for row in rows if row.cuff == cuff])
        assert decoded.faults == ()
        ends = decoded.header["index"].astype(int) + decoded.header["count"]
        assert (decoded.header["index"][1:] == ends[:-1]).all()
    done = subprocess.run([*DISTAL, "analyze", str(path), "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["coverage"] == {"left": 1.0, "right": 1.0}
