"""`distal demo --serve` as a person uses it: an address, a page while it runs, the report, Ctrl-C."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "distal.cli", "demo", "--serve", "--speed", "8", "--seconds", "6", "--out"]


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:
        text: str = answer.read().decode()
    return text


@pytest.mark.slow
def test_served_demo_keeps_its_page_and_report_until_interrupted(micropython: str, tmp_path: Path) -> None:
    command = [*COMMAND, str(tmp_path / "one.distal")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stderr is not None
        said = iter(demo.stderr.readline, "")
        url = next(line for line in said if "live page" in line).split()[-1]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", url)
        assert "<title>Distal live</title>" in read(url)
        assert any("stays open" in line for line in said)
        state = json.loads(read(url + "state"))
        assert state["phase"] == "ready"
        assert [one["name"] for one in state["reports"]] == ["one"]
        assert "Session report" in read(url + "sessions/one")
        demo.send_signal(signal.SIGINT)
        output, errors = demo.communicate(timeout=30)
    assert demo.returncode == 0
    assert "Next: distal report" in output
    assert "Traceback" not in errors
