"""The live page in a real browser: what it shows of a state, what it asks, who can read and reach it."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.host.daemon.browsing import Aside, check, opened_browser, pages, shows

from distal.daemon.page import TYPES, asset, index
from distal.daemon.serve import serving
from distal.daemon.state import (
    CuffState,
    LegLive,
    LiveLoad,
    LiveRep,
    LiveState,
    Message,
    ReportState,
    SessionState,
    State,
)
from distal.daemon.web import make_app

WIDTHS = (320, 390, 1280)
STARTED = "2026-11-22T05:06:00+01:00"
CUFFS = (
    CuffState("a1", "Distal left", "left", "linked", 82, 1.0, -52, 1000),
    CuffState("b2", "Distal right", "right", "linked", None, 0.9921, -75, 1000),
)


Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as found:
        yield found


class Served:
    """A source behind the real server."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self.aside = Aside(self._serve, asyncio.new_event_loop())

    async def _serve(self, aside: Aside) -> None:
        async with serving(make_app(self.source)) as url:
            aside.ready(url)
            await aside.over.wait()

    def show(self, state: State) -> None:
        self.aside.loop.call_soon_threadsafe(self.source.change, state)


@pytest.fixture
def served(source: Any) -> Iterator[Served]:
    one = Served(source)
    with one.aside:
        yield one


@pytest.fixture
def look(browser: Browser, served: Served) -> Iterator[Open]:
    with pages(browser, served.aside.url) as opened:
        yield opened


def rep(k: int) -> LiveRep:
    return LiveRep(10.0 + 4 * k, 11.2 + 4 * k, 13.0 + 4 * k, 84.0, 81.0)


def angle(until: float) -> tuple[tuple[float, float], ...]:
    return tuple((round(until - 8 + k / 25, 2), 10.0 + k % 60) for k in range(201))


RIGHT = LegLive(
    reps=3, angle=angle(24.0), set=(rep(0), rep(1), rep(2)), load_nms=LiveLoad(31.4, 27.9, 34.9, 3),
    moment_nm=3.42, moment_low_nm=3.01, moment_high_nm=3.83, about="knee",
    phase="hold", marks=(("lift", 22.2), ("hold", 23.1)), count=4,
)  # fmt: skip
LEFT = replace(RIGHT, reps=0, set=(), load_nms=None, phase=None, marks=(), count=0, moment_nm=None, angle=())
LIVE = LiveState(24.0, None, "seated_leg_raise", {"left": LEFT, "right": RIGHT})
RECORDING = State("recording", SessionState("monday", STARTED, 24.0), LIVE, CUFFS)
WALK = replace(
    LIVE, cadence_spm=104.1, walking=True, cadence_low_spm=103.2, cadence_high_spm=105.1,
    legs={"left": replace(LEFT, angle=angle(24.0)), "right": replace(RIGHT, phase=None, marks=())},
)  # fmt: skip


def test_page_shows_the_rep_the_cue_and_the_numbers(look: Open, served: Served) -> None:
    served.show(RECORDING)
    page = look()
    shows(page, "#head", "Seated leg raise (knee extension), right leg")
    shows(page, "#n", "4")
    shows(page, "#cue", "Hold")
    shows(page, "#cue-more", "0.9 s")
    shows(page, "#moment", "3.4 N·m")
    shows(page, "#moment-i", "3.0 to 3.8")
    shows(page, "#top", "84°")
    shows(page, "#pace", "15.0")
    shows(page, "#where", "monday, 0:24")
    assert page.locator("#chart polyline").count() >= 3
    assert page.locator("#figure .arc").count() == 4
    assert page.title() == "Recording 0:24 – Distal"


def test_unknown_is_drawn_as_unknown(look: Open, served: Served) -> None:
    served.show(replace(RECORDING, live=replace(LIVE, exercise=None, legs={"left": LEFT})))
    page = look()
    shows(page, "#moment", "not known")
    shows(page, "#pace-i", "after three reps")
    shows(page, "#chart", "No samples arrive")
    shows(page, "#load", "no cuff")
    shows(page, '[data-cuff="b2"] .charge', "not known")
    assert page.locator("#load .null").count() == 2


def test_what_a_cuff_keeps_and_how_far_its_fetch_is_stand_at_the_cuff(look: Open, served: Served) -> None:
    waiting = replace(CUFFS[0], kept_s=754.0, kept_sessions=2)
    coming = replace(CUFFS[1], kept_s=61.0, kept_sessions=1, fetching=0.428)
    served.show(State("ready", cuffs=(waiting, coming)))
    page = look()
    shows(page, '[data-cuff="a1"] .keeps', "Keeps 2 sessions that are not here yet, 12:34")
    shows(page, '[data-cuff="b2"] .keeps', "Fetching what it kept: 42 % of 1:01")
    assert page.locator('[data-cuff="b2"] progress').get_attribute("value") == "42"
    served.show(State("ready", cuffs=(replace(CUFFS[0], kept_s=0.0, kept_sessions=0), CUFFS[1])))
    page.wait_for_function("() => !document.querySelector('.keeps')")
    assert page.locator("#cuffs li").count() == 2


def test_load_by_side_has_its_interval(look: Open, served: Served) -> None:
    both = replace(
        LIVE, legs={"left": replace(RIGHT, load_nms=LiveLoad(12.0, 10.5, 13.5, 2)), "right": RIGHT}
    )
    served.show(replace(RECORDING, live=both))
    page = look()
    shows(page, "#load", "28 to 35")
    shows(page, "#load", "10.5 to 13.5")
    assert "left 12.0 N·m·s, right 31.4 N·m·s" in str(page.get_attribute("#load", "aria-label"))
    left, right = (page.locator(f"#load rect.f-{side}").bounding_box() for side in ("left", "right"))
    assert left
    assert right
    assert left["x"] + left["width"] <= right["x"]
    assert left["width"] / right["width"] == pytest.approx(12.0 / 31.4, rel=0.02)


def test_walking_shows_cadence_and_both_legs(look: Open, served: Served) -> None:
    served.show(replace(RECORDING, live=WALK))
    page = look()
    shows(page, "#n", "104")
    shows(page, "#of", "steps a minute, 103 to 105")
    shows(page, "#chart", "◀ Left")
    assert page.locator("#chart polyline.walk").count() == 2


def test_cuffs_show_link_battery_and_samples(look: Open, served: Served) -> None:
    served.show(RECORDING)
    page = look()
    shows(page, '[data-cuff="a1"]', "82 %")
    shows(page, '[data-cuff="a1"]', "100 %")
    shows(page, '[data-cuff="b2"]', "99.2 %")
    shows(page, '[data-cuff="b2"]', "1.0 kg worn")


def test_lost_cuff_takes_the_cue_and_keeps_the_count(look: Open, served: Served) -> None:
    served.show(replace(RECORDING, cuffs=(CUFFS[0], replace(CUFFS[1], link="lost"))))
    page = look()
    shows(page, "#cue", "Right cuff out of reach")
    shows(page, "#cue", "Bring it closer.")
    shows(page, "#n", "4")
    shows(page, '[data-cuff="b2"] .lost', "out of reach")


def test_start_and_stop_are_asked_of_the_daemon(look: Open, served: Served) -> None:
    page = look()
    page.get_by_role("button", name="Start").click()
    shows(page, "#go", "Stop")
    assert served.source.asked == [("command", None)]
    page.keyboard.press("Enter")
    shows(page, "#stand-head", "Saving")
    assert page.get_attribute("#go", "aria-disabled") == "true"
    assert page.evaluate("document.activeElement.id") == "go"


def test_refusal_is_said_in_words(look: Open, served: Served) -> None:
    page = look()
    page.locator("#go").wait_for()
    served.source.now = RECORDING  # it began elsewhere, and the page has not heard yet
    page.get_by_role("button", name="Start").click()
    shows(page, "#wait", "A session runs already.")


def test_lost_daemon_is_said_and_what_was_shown_stays(browser: Browser, served: Served) -> None:
    page = browser.new_page()
    served.show(RECORDING)
    page.goto(served.aside.url)
    shows(page, "#n", "4")
    served.aside.end()
    shows(page, "#gone", "No connection to the daemon since")
    shows(page, "#n", "4")
    page.close()


def test_after_a_session_its_report_is_one_press_away(look: Open, served: Served) -> None:
    served.show(RECORDING)
    page = look()
    shows(page, "#n", "4")
    served.show(
        State(
            "ready",
            cuffs=CUFFS,
            reports=(ReportState("monday", STARTED), ReportState("sunday", STARTED, ("left", "right"))),
        )
    )
    shows(page, "#stand-head", "Done")
    assert page.get_attribute("#stand-report", "href") == "/sessions/monday"
    assert page.locator("#reports a").count() == 2
    assert page.locator("#reports .more").all_inner_texts() == [
        "Recorded without a computer, both legs are here"
    ]


def test_names_and_messages_are_text_and_never_markup(look: Open, served: Served) -> None:
    evil = "<img src=x onerror=alert(1)>"
    cuffs = (replace(CUFFS[0], name=evil),)
    messages = (Message(STARTED, "warning", evil), Message(STARTED, "stop", "Stop now"))
    session = SessionState(evil, STARTED, 1.0)
    served.show(State("recording", session, LIVE, cuffs, messages, (ReportState(evil, ""),)))
    page = look()
    for place in ("#messages", "#cuffs", "#reports", "#where"):
        shows(page, place, evil)
    assert page.locator("img").count() == 0


def test_each_finished_rep_is_announced_once(look: Open, served: Served) -> None:
    served.show(RECORDING)
    page = look()
    shows(page, "#say", "3 reps, right leg")
    page.evaluate(
        "() => { window.heard = 0; new MutationObserver(() => window.heard++).observe("
        "document.getElementById('say'), {childList: true, characterData: true, subtree: true}) }"
    )
    four = replace(RIGHT, set=(*RIGHT.set, rep(3)), reps=4)
    for t in (24.1, 24.2, 24.3):
        served.show(replace(RECORDING, live=replace(LIVE, t=t, legs={"left": LEFT, "right": four})))
    shows(page, "#say", "4 reps, right leg")
    assert page.evaluate("window.heard") == 1
    assert page.locator("[aria-live]").count() == 1


def test_reduced_motion_draws_only_changes_of_phase(look: Open, served: Served) -> None:
    served.show(RECORDING)
    page = look(reduced_motion="reduce")
    shows(page, "#cue", "Hold")
    drawn = page.inner_html("#figure")
    later = replace(RIGHT, angle=(*RIGHT.angle, (24.04, 80.0)))
    served.show(replace(RECORDING, live=replace(LIVE, t=24.5, legs={"right": later})))
    shows(page, "#cue-more", "1.4 s")
    assert page.inner_html("#figure") == drawn


# ---- everybody can read and reach it

STATES = {
    "recording": RECORDING,
    "walking": replace(RECORDING, live=WALK),
    "ready": State(
        "ready",
        cuffs=CUFFS,
        reports=(ReportState("m", STARTED),),
        messages=(Message(STARTED, "warning", "Low."),),
    ),
    "lost": replace(RECORDING, cuffs=(replace(CUFFS[0], link="lost"), CUFFS[1])),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast_in_both_modes(look: Open, served: Served, scheme: str) -> None:
    page = look(1280, color_scheme=scheme)
    for state in STATES.values():
        served.show(state)
        page.wait_for_function("phase => document.body.dataset.phase === phase", arg=state.phase)
        assert check(page, "contrast") == []


@pytest.mark.parametrize("width", WIDTHS)
def test_page_fits_its_width_and_targets_fit_a_thumb(look: Open, served: Served, width: int) -> None:
    page = look(width)
    for name, state in STATES.items():
        served.show(state)
        page.wait_for_function("phase => document.body.dataset.phase === phase", arg=state.phase)
        assert check(page, "sideways") == 0, name
        assert check(page, "targets") == [], name


def test_controls_pictures_and_headings_have_names(look: Open, served: Served) -> None:
    served.show(RECORDING)
    page = look()
    shows(page, "#n", "4")
    assert check(page, "names") == []
    assert page.get_attribute("html", "lang") == "en"


def test_keyboard_reaches_the_button_first_and_sees_where_it_is(look: Open, served: Served) -> None:
    served.show(STATES["ready"])
    page = look(1280)
    page.locator("#reports a").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "go"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "A"


# ---- the files


def test_every_word_of_the_page_comes_from_the_table() -> None:
    page = index("pseudo")
    texts = re.sub(r"<(script|svg|title)\b.*?</\1>|<[^>]+>", "\n", page, flags=re.DOTALL)
    plain = [text.strip() for text in texts.split("\n") if re.search(r"[A-Za-z]{3}", text)]
    assert plain == ["Distal", "/sessions"]


def test_scripts_ask_only_for_words_that_there_are() -> None:
    table = set(re.findall(r'"([a-z_.A-Z0-9]+)":', index()))
    for name in [name for name in TYPES if name.endswith(".js")]:
        found = asset(name)
        assert found
        asked = re.findall(r'\b(?:say|count)\(\s*"([^"]+)"', found[0].decode())
        known = [key for key in asked if key in table or f"{key}.one" in table]
        assert known == asked, name


def test_no_script_writes_markup() -> None:
    for name in TYPES:
        found = asset(name)
        assert found
        for word in (b"innerHTML", b"outerHTML", b"insertAdjacent", b"document.write", b"eval("):
            assert word not in found[0], name
