"""Pages in a real Chromium: one sheet of A4 however full, and a phone that never scrolls sideways."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize
from tests.host.daemon.browsing import opened_browser
from tests.host.report.test_html import ABOUT, one_set, walk
from tests.host.report.test_words import full

from distal.model import Basis, Estimate, Facts, SensorError, SessionReport, SyncReceipt, Wear, warn
from distal.report.html.page import session_html, set_html

PHONE: ViewportSize = {"width": 320, "height": 800}
SHEET_PX = (190 / 25.4 * 96, 285 / 25.4 * 96)  # A4 within the margins of the page's own style
TALL = "() => document.querySelector('main').getBoundingClientRect().height"
CHECK = "() => [document.documentElement.scrollWidth, innerWidth]"


def fullest() -> SessionReport:
    """Everything that can stand on a page at once, in its longest form."""
    sets = tuple(one_set(side, 9, 100.0 * k) for k, side in enumerate(("right", "left") * 3))
    worn = Facts(mass_left_kg=1.02, mass_left_known="weighed", mass_right_kg=1.5, height_m=1.75)
    sensors = {"left": SensorError(0.01, 0.39, None), "right": SensorError(0.002, 0.02, "2026-11-22")}
    notices = [warn("slid", side="left", deg=20.0), warn("one_leg", side="right"), warn("no_height"),
               warn("stream_gap", side="left", n=300, holes=3)]  # fmt: skip
    return replace(
        full(), coverage={"left": 0.9987, "right": 0.9871}, sets=sets, distribution=None,
        cadence_spm=Estimate(109.1, 108.2, 110, 90),
        steps={"left": walk(1.0), "right": walk(1.5)}, notices=tuple(notices),
        wear={"left": Wear(loose=True, slid_deg=20.0), "right": Wear(upside_down=True)},
        mass_kg={"left": 1.02, "right": 1.5}, rests_on=Basis(worn, sensors),
        sync=SyncReceipt(0.0, 20.0, 0.6, 2.8, "between connection events, IMU by crystal", 48.0, {}),
    )  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as found:
        yield found


def test_fullest_page_is_one_sheet_and_no_phone_scrolls_sideways(browser: Browser, tmp_path: Path) -> None:
    one = fullest()
    pages = {"session": session_html(one, ABOUT, imperial=True), "set": set_html(one, 2, ABOUT)}
    look = browser.new_page(viewport=PHONE)
    for name, text in pages.items():
        path = tmp_path / f"{name}.html"
        path.write_text(text, encoding="utf-8")
        look.goto(path.as_uri())
        wide, room = look.evaluate(CHECK)
        assert wide <= room, name
        look.emulate_media(media="print")
        look.set_viewport_size({"width": int(SHEET_PX[0]), "height": 800})
        assert look.evaluate(TALL) <= SHEET_PX[1], name
        look.emulate_media(media="screen")
        look.set_viewport_size(PHONE)
    look.close()
