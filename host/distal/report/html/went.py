"""The cell `where the load went`: joint, direction, early and late."""

from collections.abc import Mapping
from dataclasses import replace

from distal.model import SIDES, Distribution, Estimate, SessionReport, Split
from distal.report.html.mirror import Half, Row
from distal.report.html.parted import Bar, Parts, parted
from distal.report.html.parts import cell
from distal.report.html.voice import Voice
from distal.report.spread import Spread

WIDTHS = (360.0, 744.0, 1136.0)


def went_cell(found: Distribution | None, hue: str, voice: Voice) -> str:
    """A wide cell, on the screen only: a sheet of paper has no room. Empty where there is no load at all."""
    if found is None:
        return ""
    groups = [_joint(found, voice), _axis(found, voice), _third(found, voice)]
    if not any(bar.found for group in groups for bar in group.bars):
        return ""
    title = voice.say(_title(found.splits["third"]["impulse_nms"]))
    body = "".join(parted(groups, hue, voice, (width, title)) for width in WIDTHS)
    share = found.splits["phase"]["impulse_nms"].coverage
    term = voice.say("went.term", covered=f"{100 * share:.0f} %")
    return cell(title, body, voice.say("went.say"), term, "wide screen")


def _title(third: Split) -> str:
    """The finding: whether early and late differ beyond both intervals."""
    early, late = third.percent.get("early"), third.percent.get("late")
    if early is None or late is None:
        return "went.title"
    if late.low > early.high:
        return "went.title.late"
    return "went.title.early" if early.low > late.high else "went.title.even"


def _joint(found: Distribution, voice: Voice) -> Parts:
    split = found.splits["joint"]["impulse_nms"]
    each = {key: None if one is None else _per(one, one.n) for key, one in split.amount.items()}
    unit = voice.say("went.unit.rep", unit=voice.unit("impulse"))
    return Parts(voice.say("went.joint"), unit, _bars(each, split, "impulse", voice))


def _axis(found: Distribution, voice: Voice) -> Parts:
    split = found.splits["axis"]["impulse_ns"]
    shares = {key: None if one is None else _per(one, 1) for key, one in split.percent.items()}
    return Parts(voice.say("went.axis"), voice.say("went.unit.share"), _bars(shares, split, "count", voice))


def _third(found: Distribution, voice: Voice) -> Parts:
    split = found.splits["third"]["impulse_nms"]
    each = {key: None if one is None else _per(one, 1) for key, one in split.amount.items()}
    unit = voice.say("went.unit.rep", unit=voice.unit("impulse"))
    bars = [
        replace(bar, beside=_beside(split, key, voice))
        for key, bar in zip(each, _bars(each, split, "impulse", voice), strict=True)
    ]
    return Parts(voice.say("went.third"), unit, bars)


def _beside(split: Split, key: str, voice: Voice) -> Spread | None:
    """The interval of a part as far as the other parts do not share it: that of its percentage."""
    amount, share = split.amount.get(key), split.percent.get(key)
    if amount is None or share is None or share.value <= 0.0:
        return None
    whole = voice.scaled("impulse", amount.value) / share.value
    return Spread(whole * share.value, whole * share.low, whole * share.high, share.n)


def _per(one: Estimate, n: int) -> Spread:
    return Spread(one.value / n, one.low / n, one.high / n, one.n)


def _bars(values: Mapping[str, Spread | None], split: Split, kind: str, voice: Voice) -> list[Bar]:
    why = f"why.{split.reason}"
    reason = voice.say(why if voice.words.has(why) else "why.unknown")
    return [
        Bar(
            voice.say(f"went.{key}"),
            _scaled(one, kind, voice),
            "" if one is None else _words(one, kind, voice),
            reason,
        )
        for key, one in values.items()
    ]


def bar_of(name: str, one: Estimate | None, split: Split, voice: Voice) -> Bar:
    """A share of a whole, in percent, as a bar."""
    found = None if one is None else _per(one, 1)
    why = f"why.{split.reason}"
    reason = voice.say(why if voice.words.has(why) else "why.unknown")
    return Bar(name, found, "" if found is None else _words(found, "count", voice), reason)


def _scaled(one: Spread | None, kind: str, voice: Voice) -> Spread | None:
    if one is None:
        return None
    mean, low, high = (voice.scaled(kind, value) for value in (one.mean, one.low, one.high))
    return Spread(mean, low, high, one.n)


def _words(one: Spread, kind: str, voice: Voice) -> str:
    mean, ends = voice.mean(kind, one), voice.ends(kind, one)
    return f"{mean} ({ends})" if ends else mean


def share_row(report: SessionReport, voice: Voice) -> Row | None:
    """Left and right share of the session's load, with its interval; None without any load."""
    found = report.distribution
    if found is None:
        return None
    split = found.splits["side"]["impulse_nms"]
    if not any(split.percent.values()):
        return None
    halves = [_half(split.percent.get(side), voice) for side in SIDES]
    return Row(voice.say("went.shares"), *halves)


def _half(one: Estimate | None, voice: Voice) -> Half:
    if one is None:
        return Half(None, why=voice.say("unknown"))
    found = _per(one, 1)
    return Half(found, voice.mean("count", found), voice.ends("count", found))
