"""The pages as facts: one sound file, nothing fetched, every figure said in words, the JSON's numbers."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from distal.errors import DataError
from distal.model import Estimate, ExerciseSet, Load, Notice, Rep, SessionReport, Step, StepLoad, Trace, Wear
from distal.report.contract import to_dict
from distal.report.html.mirror import Half, Row, mirror
from distal.report.html.page import session_html, set_html
from distal.report.html.parts import About
from distal.report.html.voice import Voice
from distal.report.spread import Spread
from distal.report.words import words

ABOUT = About("monday.distal", "16 November 2026, 18:30")
ALONE = {"br", "meta", "rect", "circle", "path", "polygon"}
PERIOD_S, LIFT_S, HOLD_S, LOWER_S = 6.0, 1.2, 2.0, 1.5


def load(scale: float = 1.0) -> Load:
    return Load(
        about="knee", peak_force_n=21.5 * scale, peak_moment_nm=7.0 * scale, impulse_nms=30.0 * scale,
        impulse_concentric_nms=7.0 * scale, impulse_hold_nms=15.0 * scale,
        impulse_eccentric_nms=8.0 * scale, work_concentric_j=5.0 * scale,
    )  # fmt: skip


def rep(start_s: float, top_deg: float = -5.0, flags: tuple[str, ...] = ()) -> Rep:
    whole = replace(load(), low=load(0.92), high=load(1.08))
    end = start_s + LIFT_S + HOLD_S + LOWER_S
    return Rep(
        start_s, start_s + LIFT_S, end, LIFT_S, HOLD_S, LOWER_S, top_deg + 85.0, 2.0, top_deg, flags, whole
    )


def course(reps: tuple[Rep, ...]) -> Trace:
    points: list[tuple[float, float]] = [(reps[0].start_s - 1.0, -85.0)]
    for one in reps:
        points += [
            (one.start_s, -85.0),
            (one.top_s, one.top_deg),
            (one.end_s - LOWER_S, one.top_deg),
            (one.end_s, -85.0),
        ]
    return (tuple(points),)


def one_set(side: str, n: int, start_s: float = 20.0, top_deg: float = -5.0) -> ExerciseSet:
    reps = tuple(rep(start_s + PERIOD_S * k, top_deg) for k in range(n))
    return ExerciseSet("seated_knee_extension", 0.8, side, start_s, reps[-1].end_s, reps, course(reps))  # type: ignore[arg-type]


def walk(offset_s: float) -> tuple[Step, ...]:
    return tuple(
        Step(k * 1.1 + offset_s, k * 1.1 + offset_s - 0.4, 1.1 if k else None, 0, StepLoad())
        for k in range(9)
    )


@pytest.fixture
def report() -> SessionReport:
    return SessionReport(
        coverage={"left": 1.0, "right": 0.9871},
        cadence_spm=Estimate(109.1, 108.2, 110.0, 16),
        steps={"left": walk(1.0), "right": walk(1.5)},
        sets=(one_set("right", 12), one_set("left", 6, 120.0), one_set("right", 12, 200.0, -25.0)),
        wear={"left": Wear(), "right": Wear(loose=True)},
        notices=(Notice("one_leg", 'A "text" with <marks> & signs.'),),
        mass_kg={"left": 2.0, "right": 2.0},
    )


class Sound(HTMLParser):
    """Reads a page strictly: every element closed in order; keeps texts, figures and addresses."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.figures: list[dict[str, str]] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        self.attributes += found.items()
        if tag == "svg" and "fig" in found.get("class", ""):
            self.figures.append(found)
        if tag not in ALONE:
            self.open.append((tag, found.get("lang", "")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(key, value or "") for key, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in ALONE:
            assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        is_foreign = any(lang == "en" for _, lang in self.open[1:])
        if not is_foreign and self.open and self.open[-1][0] != "style" and data.strip():
            self.texts.append(data.strip())


def pages(report: SessionReport) -> list[str]:
    sets = [set_html(report, k, ABOUT) for k in range(1, len(report.sets) + 1)]
    return [session_html(report, ABOUT), *sets]


def damaged(report: SessionReport) -> dict[str, SessionReport]:
    """Sessions in which something is missing."""
    first = report.sets[0]
    bare = replace(first, reps=tuple(replace(one, load=Load()) for one in first.reps))
    points = first.trace[0]
    flagged = tuple(replace(one, flags=("gap", "partial", "new_flag")) for one in first.reps)
    both = replace(first, side="both", exercise="squat")
    nothing = {"left": None, "right": None}
    return {
        "empty": replace(report, sets=(), steps={}, cadence_spm=None, notices=()),
        "no mass": replace(report, sets=(bare,), mass_kg=nothing),
        "one leg": replace(report, coverage={"left": None, "right": 1.0}, wear={"left": None, "right": None},
                           steps={"right": walk(1.0)}, sets=(first,)),
        "gap": replace(report, sets=(replace(first, reps=flagged, trace=(points[:9], points[11:])),)),
        "no trace": replace(report, sets=(replace(first, trace=()),)),
        "one rep": replace(report, sets=(one_set("left", 1),)),
        "hundred reps": replace(report, sets=(one_set("left", 100),)),
        "many sets": replace(report, sets=tuple(one_set("left", 5, 60.0 * k) for k in range(12))),
        "both legs": replace(report, sets=(both,)),
        "warnings": replace(report, notices=report.notices * 9),
    }  # fmt: skip


def test_pages_are_well_formed(report: SessionReport) -> None:
    for page in pages(report):
        Sound(page)
        for figure in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
            ElementTree.fromstring(figure)


def test_nothing_is_fetched_and_nothing_runs(report: SessionReport) -> None:
    for page in pages(report):
        assert not re.search(r"https?:|//[a-z]|@import|<script|<link|<img|<iframe|\bsrc=|\bhref=", page)
        assert set(re.findall(r"url\(([^)]*)\)", page)) == {"#p-lift", "#p-lower", "#p-null"}


def test_every_figure_says_itself(report: SessionReport) -> None:
    for page in pages(report):
        figures = Sound(page).figures
        assert len(figures) >= 8
        for figure in figures:
            assert figure["role"] == "img"
            assert len(figure["aria-label"]) > 20


def test_light_dark_phone_and_paper_are_there(report: SessionReport) -> None:
    for page in pages(report):
        assert "--paper:#FBFCFB" in page
        assert "--paper:#0F1716" in page
        assert "prefers-color-scheme:dark" in page
        assert "size:A4" in page
        assert 'name="viewport"' in page


def test_numbers_are_those_of_the_json(report: SessionReport) -> None:
    found = to_dict(report)
    page = set_html(report, 1, ABOUT)
    rows = re.findall(r"<tr><td>(\d+)</td>(.*?)</tr>", page.split("<details")[1])
    assert len(rows) == len(found["sets"][0]["reps"])
    for (_, cells), one in zip(rows, found["sets"][0]["reps"], strict=True):
        shown = re.findall(r"<td>(.*?)</td>", cells)
        wanted = [one["start_s"], one["concentric_s"], one["hold_s"], one["eccentric_s"], one["top_deg"] + 90,
                  one["rom_deg"], one["load"]["peak_moment_nm"], one["load"]["impulse_nms"]]  # fmt: skip
        assert [float(text) for text in shown[:8]] == pytest.approx(wanted, abs=0.51)
        assert [float(text) for text in shown[:4]] == pytest.approx(wanted[:4], abs=0.051)
    whole = sum(one["load"]["impulse_nms"] for each in found["sets"] for one in each["reps"])
    assert f"{whole:.0f}" in " ".join(Sound(session_html(report, ABOUT)).texts)


def test_headline_says_what_was_done_and_what_stood_out(report: SessionReport) -> None:
    assert "<h1>3 sets, 30 reps and 18 steps. Set 3 stayed 20° lower.</h1>" in session_html(report, ABOUT)
    assert "<h1>Seated knee extension, right: 12 reps. No sign of tiring.</h1>" in set_html(report, 1, ABOUT)


def test_falling_heights_are_said(report: SessionReport) -> None:
    reps = tuple(rep(20.0 + PERIOD_S * k, -5.0 - 2.0 * k) for k in range(10))
    falls = replace(report, sets=(replace(one_set("left", 10), reps=reps, trace=course(reps)),))
    assert "The height fell by 18°." in set_html(falls, 1, ABOUT)


@pytest.mark.parametrize("case", ["empty", "no mass", "one leg", "gap", "no trace", "one rep", "hundred reps",
                                  "many sets", "both legs", "warnings"])  # fmt: skip
def test_missing_things_do_not_break_a_page(report: SessionReport, case: str) -> None:
    for page in pages(damaged(report)[case]):
        texts = " ".join(Sound(page).texts)
        assert not re.search(r"\b(nan|inf|None)\b", page)
        assert "Not a medical device." in texts


def test_unknown_is_drawn_with_its_reason(report: SessionReport) -> None:
    cases = damaged(report)
    assert "no mass given" in set_html(cases["no mass"], 1, ABOUT)
    assert "no cuff" in set_html(cases["one leg"], 1, ABOUT)
    assert "gap " in set_html(cases["gap"], 1, ABOUT)
    assert "no course was kept" in set_html(cases["no trace"], 1, ABOUT)


def test_imperial_page_shows_no_metric_unit(report: SessionReport) -> None:
    for page in (session_html(report, ABOUT, imperial=True), set_html(report, 1, ABOUT, imperial=True)):
        texts = " ".join(Sound(page).texts)
        assert "lbf·ft" in texts
        assert "4.4 lb" in texts
        assert "N·m" not in page
        assert " kg" not in page


def test_pages_keep_their_budget(report: SessionReport) -> None:
    assert max(len(page.encode()) for page in pages(report)) < 100_000
    assert len(set_html(damaged(report)["hundred reps"], 1, ABOUT).encode()) <= 220_000


def test_texts_of_the_recording_are_escaped(report: SessionReport) -> None:
    page = session_html(report, About("<b>x</b>&.distal"))
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;&amp;.distal" in page
    assert "&lt;marks&gt; &amp; signs" in page


def test_absent_set_is_the_users_mistake(report: SessionReport) -> None:
    with pytest.raises(DataError, match="there is no set 4: the session has 3"):
        set_html(report, 4, ABOUT)


# what is the same in every language: the name, units, names of files and options
SAME = r"\b(Distal|monday\.distal|mass|height|new_flag|November|lbf?|ft|kg|min|N|m|s|J|W)\b|x-pseudo"


@pytest.mark.parametrize("case", ["whole", "empty", "no mass", "one leg", "gap", "one rep", "warnings"])
def test_every_text_comes_from_the_table(report: SessionReport, case: str) -> None:
    one = {"whole": report, **damaged(report)}[case]
    sets = [set_html(one, k, ABOUT, lang="pseudo") for k in range(1, len(one.sets) + 1)]
    for page in [session_html(one, ABOUT, lang="pseudo"), *sets]:
        sound = Sound(page)
        spoken = [value for key, value in sound.attributes if key == "aria-label"]
        for text in sound.texts + spoken:
            assert not re.search(r"[A-Za-z]{2,}", re.sub(SAME, "", text)), text


def test_words_of_wide_intervals_stand_on_their_own_line() -> None:
    """Between centre line and whisker there is no room for them: left and right would run into each other."""
    wide, narrow = Spread(1.1, 0.4, 1.8, 9), Spread(1.1, 1.0, 1.2, 9)
    rows = [
        Row("pull", Half(one, "1.1", "0.4 to 1.8"), Half(one, "1.1", "0.4 to 1.8")) for one in (wide, narrow)
    ]
    drawn = ElementTree.fromstring(mirror(rows, Voice(words("en")), 360.0))
    ends = [one.attrib for one in drawn.iter() if one.text == "0.4 to 1.8"]
    names = [float(one.attrib["y"]) for one in drawn.iter() if one.text == "pull"]
    assert [one["class"] for one in ends] == ["m e", "m", "m", "m e"]  # ends or begins where x says
    assert float(ends[0]["x"]) < 180.0 < float(ends[1]["x"])
    below = [float(one["y"]) - name for one, name in zip(ends[::2], names, strict=True)]
    assert below[0] - below[1] == 14.0
