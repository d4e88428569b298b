"""README tables and metric pages say what was measured; every metric of the contract has a page."""

import re
from typing import Any

import numpy as np
import pytest

from distal.analysis.session import analyze
from distal.errors import DataError
from distal.model import Facts
from distal.report.contract import to_dict
from distal.validate.athletes import feel
from distal.validate.draw import FIGURES, svg
from distal.validate.figures import Figure, Section, Target
from distal.validate.pages import PAGES
from distal.validate.readme import METRICS, RESULTS, between, keep, load, texts
from distal.validate.run import MODULES
from distal.virtual.motion import Athlete, Reps, Script, Stand, Walk

# keys that are no metric: how sure, which version, words
PLAIN = {"version", "contract", "analysis", "code", "text", "steps", "n", "left", "right", "value"}


@pytest.mark.parametrize("k", range(len(texts(load()))))
def test_generated_text_is_what_results_say(k: int) -> None:
    path, markers, text = texts(load())[k]
    found = path.read_text(encoding="utf-8")
    assert between(found, markers, text) == found, f"{path.name}: run `distal validate --readme`"


def test_results_have_no_duplicate_and_only_known_sections() -> None:
    names = [one["name"] for one in load()]
    assert names == [name for name in MODULES if name in names]
    for section in load():
        keys = [one["key"] for one in section["figures"]]
        assert len(keys) == len(set(keys)), section["name"]


def test_figures_on_pages_exist_where_their_section_was_measured() -> None:
    kept = {one["name"]: {figure["key"] for figure in one["figures"]} for one in load()}
    missing = [
        (page, section, key)
        for page, parts in PAGES.items()
        for section, keys in parts.items()
        for key in keys
        if section in kept and key not in kept[section]
    ]
    assert missing == []


def test_keeping_again_changes_nothing(tmp_path: Any) -> None:
    path = tmp_path / "results.json"
    one = Section("treadmill", "T", "n", [Figure("a", "a", 0.12345, "s", 3, Target(at_most=1))])
    first = keep([one], path)
    text = path.read_text(encoding="utf-8")
    assert keep([one], path) == first
    assert path.read_text(encoding="utf-8") == text
    other = Section("walk_uturn", "W", "n", [Figure("b", "b", None)])
    assert [section["name"] for section in keep([other], path)] == ["walk_uturn", "treadmill"]


def test_lost_markers_are_said() -> None:
    with pytest.raises(DataError, match="marker"):
        between("nothing here", ("<!-- a -->", "<!-- b -->"), "x")


def keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


def test_every_metric_of_the_contract_has_a_page() -> None:
    """A key of the JSON contract stands in backticks on at least one page."""
    script = Script([Stand(32.0), Walk(15.0), Reps("seated_knee_extension", reps=5)], "all")
    legs = feel(script.perform(Athlete()), 1)
    facts = Facts(mass_left_kg=1.0, mass_right_kg=1.0, height_m=1.75)
    pages = "\n".join(path.read_text(encoding="utf-8") for path in METRICS.glob("*.md"))
    said = set(re.findall(r"`([a-z0-9_]+)`", pages))
    assert keys(to_dict(analyze(legs, facts))) - said - PLAIN == set()


@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole(name: str) -> None:
    text = (METRICS / f"{name}.md").read_text(encoding="utf-8")
    for head in ("Definition", "Formula", "Source", "Delay", "Measured error", "When not to trust it"):
        assert f"## {head}\n" in text
    assert f"]({name}.svg)" in text


@pytest.mark.parametrize("name", FIGURES)
def test_picture_is_what_the_virtual_athlete_does(name: str) -> None:
    """To a pixel: the last digit may differ between processors."""
    drawn, kept = (
        np.array([float(x) for x in re.findall(r"-?\d+\.\d", text)])
        for text in (svg(FIGURES[name]()), (METRICS / f"{name}.svg").read_text(encoding="utf-8"))
    )
    assert len(drawn) == len(kept), f"{name}.svg: run `distal validate --readme`"
    assert np.abs(drawn - kept).max() <= 1.0, f"{name}.svg: run `distal validate --readme`"


def test_results_are_there() -> None:
    assert RESULTS.is_file()
