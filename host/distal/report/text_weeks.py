"""The load of days, sessions and weeks as a picture for a terminal: left to the left, right to the right."""

from collections.abc import Sequence
from typing import Protocol

from distal.model import SIDES, Distribution, Estimate
from distal.report.html.voice import Voice
from distal.report.numbers import NONE, number
from distal.report.text_load import went_of
from distal.report.words import words

BAR = 22  # columns for a leg's bar
ENGLISH = Voice(words())
PHASES = ("lift", "hold", "lower")


class Part(Protocol):
    """Some sets together."""

    @property
    def name(self) -> str:
        """Of the day, session or week."""

    @property
    def sessions(self) -> int:
        """How many."""

    @property
    def sets(self) -> int:
        """How many."""

    @property
    def reps(self) -> int:
        """How many."""

    @property
    def found(self) -> Distribution | None:
        """Where their load went."""


def render_load(whole: Part | None, parts: Sequence[Part], name: str, voice: Voice = ENGLISH) -> str:
    """The whole span first, then its parts, each with both legs and the phases."""
    if whole is None:
        return voice.say("weeks.none", name=name) + "\n"
    count = {
        key: voice.count(key, n)
        for key, n in (("sessions", whole.sessions), ("sets", whole.sets), ("reps", whole.reps))
    }
    lines = [voice.say("weeks.head", name=whole.name, **count), ""]
    lines += [*went_of(whole.found, voice), ""] if whole.found else [voice.say("weeks.unknown"), ""]
    lines += _parts(parts, voice)
    return "\n".join([*lines, voice.say("weeks.small"), voice.say("small.not_medical")]) + "\n"


def _parts(parts: Sequence[Part], voice: Voice) -> list[str]:
    most = max((one.value for part in parts for side in SIDES if (one := leg(part, side))), default=0.0)
    if not most:
        return []
    wide = max(len(part.name) for part in parts)
    left, right = (voice.say(f"side.{side}") for side in SIDES)
    phases = " ".join(voice.say(f"phase.{phase}") for phase in PHASES)
    head = f"{'':<{wide}} {left:>{BAR + 5}}   {right:<{BAR + 5}} {phases} %"
    return [voice.say("weeks.axis"), head, *(_row(part, most, wide) for part in parts), ""]


def _row(part: Part, most: float, wide: int) -> str:
    (a, left), (b, right) = (_bar(leg(part, side), most) for side in SIDES)
    shares = "".join(f"{_percent(part, name):>5}" for name in PHASES)
    return f"{part.name:<{wide}} {left:>{BAR}} {a:>4} │ {b:<4} {right:<{BAR}}{shares}"


def _bar(one: Estimate | None, most: float) -> tuple[str, str]:
    """The number and its bar; what is not known has neither."""
    if one is None:
        return NONE, ""
    return number(one.value, 0), "█" * round(BAR * one.value / most)


def leg(part: Part, side: str) -> Estimate | None:
    """Load over time of one leg; None is not known."""
    return part.found.splits["side"]["impulse_nms"].amount.get(side) if part.found else None


def _percent(part: Part, name: str) -> str:
    share = part.found.splits["phase"]["impulse_nms"].percent.get(name) if part.found else None
    return number(share.value, 0) if share else NONE
