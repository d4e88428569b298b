"""Long runs, by `make soak` only."""

import os
from collections import defaultdict
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip these, with the reason, wherever they were not asked for."""
    if not os.environ.get("DISTAL_SOAK"):
        for item in items:
            if "soak" in item.path.parts:
                item.add_marker(pytest.mark.skip(reason="a long run: make soak"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A line for each kind of run: how many, how many failed, how long."""
    if not os.environ.get("DISTAL_SOAK"):
        return
    rows: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            if report.when == "call":
                row = rows[Path(report.nodeid.split("::")[0]).stem.removeprefix("test_")]
                row[0] += 1
                row[1] += outcome == "failed"
                row[2] += report.duration
    terminalreporter.section("soak")
    for name, (runs, failed, seconds) in rows.items():
        terminalreporter.line(f"{name:10} {runs:5.0f} run, {failed:.0f} failed, {seconds / 60:.1f} min")
