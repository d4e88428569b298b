"""Which samples of a cuff go into which recording: by hand."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from distal.handover import Want, releasable, wants
from distal.link.base import Kept, KeptSession
from distal.shelf import Part

SESSION = KeptSession(7, 0, 1000, 0, 208, None, is_open=False, is_alone=True, is_released=False)
HOSTED = replace(SESSION, is_alone=False)


def kept(*sessions: KeptSession) -> Kept:
    """Newest first, as a cuff tells them."""
    return Kept(7, 100, 4096, 0, 0, 0, 0, 0, "motion", 5, tuple(sessions))


def part(*has: tuple[int, int], name: str = "a", **other: Any) -> Part:
    values = {"gone": (), "since": has[0][0], "until": None, "is_fetched": False, **other}
    return Part(Path(f"{name}.distal"), has, **values)


def asked(found: list[Want]) -> list[tuple[str | None, tuple[tuple[int, int], ...]]]:
    return [(want.part.path.stem if want.part else None, want.ranges) for want in found]


def test_a_session_without_a_host_becomes_a_recording() -> None:
    assert asked(wants(kept(SESSION), {})) == [(None, ((0, 1000),))]


def test_a_session_of_another_host_is_left_alone_unless_asked_for() -> None:
    assert wants(kept(HOSTED), {}) == []
    assert asked(wants(kept(HOSTED), {}, every=True)) == [(None, ((0, 1000),))]


def test_a_session_that_has_just_begun_has_no_packet_to_fetch() -> None:
    young = replace(SESSION, rate_hz=0, age_s=0, is_open=True)
    assert wants(kept(young, SESSION), {}) == wants(kept(SESSION), {})


def test_what_is_here_is_not_fetched_again() -> None:
    assert wants(kept(SESSION), {7: [part((0, 1000), is_fetched=True)]}) == []


def test_an_interrupted_fetch_goes_on_in_its_recording() -> None:
    here = part((0, 400), gone=((400, 420),), is_fetched=True)
    assert asked(wants(kept(SESSION), {7: [here]})) == [("a", ((420, 1000),))]


def test_the_recording_of_a_killed_host_gets_its_holes_and_its_end() -> None:
    here = part((100, 300), (350, 600), since=90)
    assert asked(wants(kept(HOSTED), {7: [here]})) == [("a", ((90, 100), (300, 350), (600, 1000)))]


def test_its_end_is_where_the_next_recording_begins() -> None:
    parts = [part((0, 600)), part((800, 950), name="b", until=1000)]
    assert asked(wants(kept(HOSTED), {7: parts})) == [("a", ((600, 800),)), ("b", ((950, 1000),))]


def test_a_recording_that_was_ended_gets_nothing_beyond_its_end() -> None:
    assert asked(wants(kept(HOSTED), {7: [part((0, 600), until=640)]})) == [("a", ((600, 640),))]


def test_a_later_session_is_no_part_of_a_killed_recording() -> None:
    later = replace(SESSION, first=1000, end=1500)
    found = wants(kept(later, HOSTED), {7: [part((0, 900))]})
    assert asked(found) == [("a", ((900, 1000),)), (None, ((1000, 1500),))]


def test_what_was_taken_before_a_host_joined_is_a_recording_of_its_own() -> None:
    assert asked(wants(kept(SESSION), {7: [part((300, 1000), until=1000)]})) == [(None, ((0, 300),))]


def test_what_the_cuff_has_no_more_is_not_asked_for_again() -> None:
    assert wants(kept(HOSTED), {7: [part((0, 500), (600, 1000), gone=((500, 600),))]}) == []


def test_only_what_is_on_disk_is_released() -> None:
    later = replace(SESSION, first=1000, end=1500)
    first = part((0, 1000), is_fetched=True)
    assert releasable(kept(later, SESSION), {7: [first]}) == {7: 1000}
    assert releasable(kept(later, SESSION), {7: [part((1000, 1500), is_fetched=True)]}) == {}
    assert releasable(kept(later, SESSION), {7: [part((0, 1500), is_fetched=True)]}) == {7: 1500}
    done = replace(SESSION, is_released=True)
    assert releasable(kept(done), {7: [first]}) == {}
    assert releasable(kept(replace(SESSION, is_open=True)), {7: [first]}) == {}
