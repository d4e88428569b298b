"""The page about some weeks: what it says is what the history holds; what is not known is said."""

from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from tests.host.analysis.test_distribution import one_set
from tests.host.test_weeks import row

from distal.lookback import Given, course_of
from distal.people.advice import Advice
from distal.people.limits import Limits
from distal.people.plan import Share, item_of
from distal.report.course import Course
from distal.report.html.page import course_html
from distal.weeks import week_name

FIRST = date(2026, 3, 2)
ITEM = item_of({"exercise": "seated_leg_raise", "side": "both", "sets": 1, "reps": 8})


def kept(n: int, scale: float, **summary: Any) -> dict[str, Any]:
    """Session n: eight reps on each leg, the right one loaded `scale` times as much."""
    day = FIRST + timedelta(days=3 * n)
    found = row(str(day), one_set("left", [1.0] * 8), one_set("right", [scale] * 8, 100.0))
    whole = {"mass_kg": {"left": 2.0, "right": 2.0}, "dose_g4": {"left": 100.0, "right": 300.0}, **summary}
    sets = [{**one, "effort": 4, "pain": 1} for one in found["sets"]]
    return {**found, "day": day, "at_s": 86400.0 * 3 * n, "summary": whole, "sets": sets}


def course(*rows: dict[str, Any]) -> Course:
    return course_of(
        Given(
            "Ann",
            rows,
            (FIRST, FIRST + timedelta(days=27)),
            lambda one: week_name(one["day"]),
            [Share(ITEM, 12, 9, 6, 4)],
            [Advice("keep", "Keep the weight.", "your history", "practice", "opinion")],
            Limits(mass_kg=2.0),
        )
    )


class Texts(HTMLParser):
    """All that is read on a page, figures by their sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if said.get("role") == "img":
            self.silent += not said.get("aria-label")
            self.read.append(said.get("aria-label") or "")

    def handle_data(self, data: str) -> None:
        self.read.append(data.strip())


def texts(found: Course, **options: Any) -> str:
    page = Texts()
    page.feed(course_html(found, **options))
    assert page.silent == 0
    return " ".join(page.read)


@pytest.fixture(scope="module")
def month() -> Course:
    """Eight sessions; in the last one the strides became longer and the right leg did twice as much."""
    steady = [kept(n, 1.0, stride_length_m=1.20 + 0.002 * (n % 3)) for n in range(7)]
    return course(*steady, kept(7, 2.0, stride_length_m=1.32))


def test_the_page_says_what_the_weeks_held(month: Course) -> None:
    said = texts(month)
    for part in (
        "8 sessions, 16 sets. Walking, 2 kg: improved (stride length).",
        "9 of 12 planned sets were done. Limits: 2 kg.",
        "2026-W10: 240, 240",
        "2026-W13: 80, 160",
        "128 of 128",
        "told of 16 of 16 sets",
        "Keep the weight.",
        "your history; opinion: practice",
        "Dose of shocks of left and right leg, g⁴. 2026-W10: 300, 900",
        "Not a medical device.",
    ):
        assert part in said, part


def test_leg_that_carried_more_is_told_beyond_the_intervals(month: Course) -> None:
    assert month.whole is not None
    assert month.whole.found is not None
    share = month.whole.found.splits["side"]["impulse_nms"].percent["right"]
    assert share is not None
    assert share.value == pytest.approx(100 * 9 / 17)
    uneven = course(*[kept(n, 2.0) for n in range(4)])
    assert "The right leg carried more, beyond the intervals." in texts(uneven)


def test_only_what_changed_stands_in_full_and_all_values_are_a_tap_away(month: Course) -> None:
    (walking,) = [task for task in month.tasks if task.name.startswith("Walking")]
    assert [one.name for one in walking.rows if one.is_changed] == ["stride length"]
    assert walking.tone == "better"
    assert "All 1 values" in texts(month)


def test_few_sessions_and_none_are_said() -> None:
    assert "Too few sessions to see a change." in texts(course(kept(0, 1.0)))
    nothing = texts(course())
    assert "No session in these days." in nothing
    assert "needs both legs, a mass and a height" in nothing


def test_another_language_and_other_units_change_words_and_numbers(month: Course) -> None:
    assert "lbf·ft·s" in texts(month, imperial=True)
    assert "Load of each leg" not in texts(month, lang="pseudo")


def test_a_person_without_advice_reads_that_there_is_none(month: Course) -> None:
    page = course_html(replace(month, advice=()))
    assert "Nothing from what is known" in page
