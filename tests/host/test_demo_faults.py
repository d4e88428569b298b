"""The picture of `distal demo --faults`: what of each half second has arrived."""

from typing import Any

from click.testing import CliRunner

from distal.cli import cli
from distal.cli.demo_faults import HEALED, IN_TIME, NOTHING, PART, TOLD, Picture, story, told
from distal.sim.plan import KINDS, Fault


def test_bar_tears_and_heals(fake_cuff: Any) -> None:
    """12 s: a hole of which a part comes late, and a part never."""
    cuff, late = fake_cuff(), fake_cuff(delay=lambda _i: 6.0)
    picture = Picture(story(), wanted=False)
    picture._begin_s, picture._now_s = 100.0, 12.0
    for start in range(0, 2500, 18):
        if not 600 <= start < 1200:
            picture._take(cuff.packet(start))
        elif start < 900:
            picture._take(late.packet(start))
    (bar,) = picture.bars()
    assert bar.startswith(f"e5f6 {IN_TIME * 5}")
    assert HEALED * 2 in bar
    assert PART in bar
    assert NOTHING in bar
    assert bar.endswith(IN_TIME)


def test_story_tears_by_radio_distance_and_reboot() -> None:
    assert story().kinds() == {"loss", "range", "reboot"}


def test_what_goes_wrong_is_told_in_words_with_its_numbers() -> None:
    texts = {kind: told(Fault(1.0, kind, 0, 2.5, 0.3)) for kind in KINDS}
    assert not [text for text in texts.values() if "amount" in text or "{" in text or "_" in text]
    assert texts["range"] == "out of reach for 2.5 s"
    assert "30% more" in texts["loss"]
    assert set(TOLD) <= set(KINDS)


def test_an_option_that_the_story_does_not_take_is_an_error() -> None:
    result = CliRunner().invoke(cli, ["demo", "--faults", "--left", "leg.csv"])
    assert result.exit_code == 2
    assert "--left with --faults" in result.output
