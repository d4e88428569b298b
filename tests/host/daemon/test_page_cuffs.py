"""The whole way: two virtual cuffs, the daemon, its server, a browser that starts, watches and stops."""

import urllib.request
from pathlib import Path

import pytest
from tests.host.daemon.browsing import Aside, opened_browser, pages, shows
from tests.host.daemon.stage import Stage

from distal.daemon.daemon import running
from distal.daemon.serve import serving
from distal.daemon.web import make_app
from distal.virtual.clockloop import ClockLoop
from distal.virtual.motion import Athlete, Reps, Script
from distal.virtual.rig import CuffSetup, VirtualRig

SPEED = 4.0  # the cuffs' and the daemon's time runs so much faster than the browser's
LONG_MS = 60_000


def lifting(folder: Path) -> Aside:
    """The right leg does one knee extension after the other, the left leg rests."""
    reps = Reps("seated_knee_extension", reps=60, side="right", tempo=(0.9, 0.4, 1.1), pause_s=0.6)
    moves = Script([reps], "test").perform(Athlete())
    setups = [CuffSetup(moves.motion(side), side, 1000, f"Distal {side}") for side in ("left", "right")]

    async def main(aside: Aside) -> None:
        async with VirtualRig(setups) as rig:
            stage = Stage(rig, [], folder, wearer={"height_m": 1.75})
            with stage.log:
                async with running(stage.daemon), serving(make_app(stage.daemon)) as url:
                    aside.ready(url)
                    await aside.over.wait()

    return Aside(main, ClockLoop(SPEED))


@pytest.mark.slow
def test_session_is_started_watched_and_stopped_in_a_browser(micropython: str, tmp_path: Path) -> None:
    with lifting(tmp_path) as aside, opened_browser() as browser, pages(browser, aside.url) as look:
        page = look()
        shows(page, "#stand-head", "Ready", LONG_MS)
        page.get_by_role("button", name="Start").click()
        page.wait_for_function("() => Number(document.getElementById('n').textContent) >= 4", timeout=LONG_MS)
        shows(page, "#head", "Seated leg raise (knee extension), right leg", LONG_MS)
        shows(page, "#load-head", "on the knee")
        page.wait_for_function("() => document.querySelector('#load .f-right')", timeout=LONG_MS)
        assert page.locator("#cuffs li").count() == 2
        page.get_by_role("button", name="Stop").click()
        shows(page, "#stand-head", "Done", LONG_MS)
        report = aside.url + str(page.get_attribute("#stand-report", "href"))[1:]
        with urllib.request.urlopen(report) as answer:
            assert "Seated leg raise" in answer.read().decode()
    assert len(list((tmp_path / "sessions").glob("*.distal"))) == 1
