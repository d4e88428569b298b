"""All reps as numbers: what the charts show, one tap away."""

from distal.model import Rep
from distal.report.html.voice import Voice, esc
from distal.report.look import SetLook
from distal.report.numbers import NONE, number


def rep_table(look: SetLook, voice: Voice) -> str:
    """A closed list of every rep."""
    head = [
        voice.say("table.rep"), voice.say("table.start"), voice.say("table.lift"), voice.say("table.hold"),
        voice.say("table.lower"), voice.say("table.height"), voice.say("table.range"),
        voice.say("table.peak", unit=voice.unit("moment")),
        voice.say("table.load", unit=voice.unit("impulse")),
        voice.say("table.work", unit=voice.unit("work")), voice.say("table.flags"),
    ]  # fmt: skip
    rows = "".join(_row(k, rep, look, voice) for k, rep in enumerate(look.reps, 1))
    cells = "".join(f'<th scope="col">{esc(words)}</th>' for words in head)
    title = esc(voice.say("page.table", n=len(look.reps)))
    table = f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>"
    body = f'<div class="scroll" tabindex="0">{table}</div>'
    return f'<details class="all"><summary>{title}</summary>{body}</details>'


def _row(k: int, rep: Rep, look: SetLook, voice: Voice) -> str:
    load = rep.load
    values = [
        str(k), number(rep.start_s, 1), number(rep.concentric_s, 2), number(rep.hold_s, 2),
        number(rep.eccentric_s, 2), number(look.height(rep.top_deg), 0), number(rep.rom_deg, 0),
        _scaled("moment", load.peak_moment_nm, voice), _scaled("impulse", load.impulse_nms, voice),
        _scaled("work", load.work_concentric_j, voice),
        ", ".join(flag_words(flag, voice) for flag in rep.flags),
    ]  # fmt: skip
    return "<tr>" + "".join(f"<td>{esc(value)}</td>" for value in values) + "</tr>"


def _scaled(kind: str, value: float | None, voice: Voice) -> str:
    return NONE if value is None else voice.value(kind, value)


def flag_words(flag: str, voice: Voice) -> str:
    """A flag as words."""
    key = f"flag.{flag}"
    return voice.say(key) if voice.words.has(key) else voice.say("flag.other", code=flag)
