"""A row for each set: rings, reps, height, hold, load, flags."""

from collections.abc import Sequence

from distal.report.html.parts import cell
from distal.report.html.rings import thumbnail
from distal.report.html.table import flag_words
from distal.report.html.voice import Voice, esc
from distal.report.look import SetLook, known
from distal.report.spread import Spread, spread


def set_rows(looks: Sequence[SetLook], voice: Voice, paper: int) -> str:
    """What was done, set by set; paper has room for `paper` rows."""
    if not looks:
        body = f'<p><span class="null">{esc(voice.say("session.rows.none"))}</span></p>'
        return cell(voice.say("session.rows"), body, kind="two most")
    head = [
        voice.say("session.row.head.set"), voice.say("session.row.head.reps"),
        voice.say("session.row.head.height"), voice.say("session.row.head.hold"),
        voice.say("session.row.head.load", unit=voice.unit("impulse")),
    ]  # fmt: skip
    top = "".join(f'<th scope="col">{esc(words)}</th>' for words in head)
    rows = "".join(_row(look, voice, k >= paper) for k, look in enumerate(looks))
    more = len(looks) - paper
    last = f'<p class="say paper">{esc(voice.say("session.row.more", n=more))}</p>' if more > 0 else ""
    table = f'<table class="rows"><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>'
    body = f'<div class="scroll" tabindex="0">{table}</div>{last}'
    return cell(voice.say("session.rows"), body, voice.say("session.rows.say"), kind="two most")


def _row(look: SetLook, voice: Voice, is_extra: bool) -> str:
    reps, height = voice.reps(len(look.reps)), voice.full("angle", look.height_spread())
    rings = thumbnail(look, voice.say("session.row.alt", n=look.number, reps=reps, height=height))
    side = voice.say(f"side.{look.one.side}")
    sign = {"left": "◀ ", "right": "▶ "}.get(look.one.side, "")
    name = (
        f"<b>{look.number}</b> {esc(voice.exercise(look.one.exercise))}<br><small>{sign}{esc(side)}</small>"
    )
    loads = known([rep.load.impulse_nms for rep in look.reps])
    load = spread(loads) if len(loads) == len(look.reps) else None
    cells = [f"<b>{len(look.reps)}</b>", _value("angle", look.height_spread(), voice),
             _value("time", look.hold_spread(), voice), _value("impulse", load, voice)]  # fmt: skip
    shown = "".join(f"<td>{one}</td>" for one in cells)
    what = f'<div class="what">{rings}<div>{name}{_flags(look, voice)}</div></div>'
    kind = ' class="screen"' if is_extra else ""
    return f"<tr{kind}><td>{what}</td>{shown}</tr>"


def _value(kind: str, found: Spread | None, voice: Voice) -> str:
    if found is None:
        return f'<span class="null">{esc(voice.say("unknown"))}</span>'
    ends = voice.ends(kind, found)
    return f"<b>{esc(voice.mean(kind, found))}</b>" + (f"<br><small>{esc(ends)}</small>" if ends else "")


def _flagged(look: SetLook, flag: str, voice: Voice) -> str:
    return voice.say("flag.count", reps=voice.reps(len(look.flagged(flag))), what=flag_words(flag, voice))


def _flags(look: SetLook, voice: Voice) -> str:
    kinds = sorted({flag for rep in look.reps for flag in rep.flags})
    return "".join(f"<br><mark>{esc(_flagged(look, one, voice))}</mark>" for one in kinds)
