"""The cell `how the set went on`: seven kinds of value from rep to rep, each with what a trend test says."""

from collections.abc import Callable, Mapping, Sequence

from distal.model import Change, Rep
from distal.report.html.parts import cell
from distal.report.html.svg import Axis, el, figure, fit, line, text, unknown_box
from distal.report.html.voice import Voice
from distal.report.look import SetLook
from distal.report.numbers import digits_for, number

WIDTHS = ((360.0, 1), (744.0, 2), (1136.0, 4))  # px, columns
GAP, HEIGHT, PLOT = 28.0, 104.0, 44.0
Pick = Callable[[Rep], float | None]
# kind -> its value of a rep and by how much it is multiplied to be shown
KINDS: Mapping[str, tuple[Pick, float]] = {
    "lift_speed": (lambda rep: rep.pace.mean_out_deg_s if rep.pace else None, 1.0),
    "range": (lambda rep: rep.rom_deg, 1.0),
    "rep_time": (lambda rep: rep.end_s - rep.start_s, 1.0),
    "hold": (lambda rep: rep.hold_s, 1.0),
    "smoothness": (lambda rep: rep.pace.sparc_out if rep.pace else None, 1.0),
    "shake": (lambda rep: rep.pace.shake_deg_s if rep.pace else None, 1.0),
    "off_axis": (lambda rep: rep.pace.off_axis if rep.pace else None, 100.0),
}


def form_cell(look: SetLook, voice: Voice) -> str:
    """A wide cell, on the screen only; empty where no trend was looked for."""
    if look.one.fatigue is None:
        return ""
    changes = {one.kind: one for one in look.one.fatigue.changes}
    moved = [voice.say(f"form.{kind}") for kind in KINDS if _is_sure(changes.get(kind))]
    title = voice.say("form.title.some" if moved else "form.title.none", kinds=", ".join(moved))
    body = "".join(_chart(look, changes, voice, size) for size in WIDTHS)
    return cell(title, body, voice.say("form.say"), voice.say("form.term"), "wide screen")


def _is_sure(change: Change | None) -> bool:
    return change is not None and change.says in ("rises", "falls")


def _chart(look: SetLook, changes: Mapping[str, Change], voice: Voice, size: tuple[float, int]) -> str:
    width, columns = size
    each = (width - GAP * (columns - 1)) / columns
    body, spoken = "", []
    for k, (kind, (pick, scale)) in enumerate(KINDS.items()):
        x, y = (each + GAP) * (k % columns), HEIGHT * (k // columns)
        said = _said(changes.get(kind), scale, voice)
        spoken.append(f"{voice.say(f'form.{kind}')}: {said}")
        values = [value for rep in look.reps if (value := pick(rep)) is not None]
        shown = [scale * value for value in values] if len(values) == len(look.reps) else []
        body += text(x, y + 12, voice.say(f"form.{kind}"), "b")
        body += text(x, y + 28, fit(said, each), "" if _is_sure(changes.get(kind)) else "m")
        body += _dots(shown, changes.get(kind), (x, y + 36, each), (look.one.side, scale), voice)
    height = HEIGHT * -(-len(KINDS) // columns)
    return figure((width, height), voice.say("form.alt", kinds="; ".join(spoken)), body, f"w{int(width)}")


def _said(change: Change | None, scale: float, voice: Voice) -> str:
    """`from 52 by −8 (−12 to −4) °/s`."""
    if change is None or change.change is None or change.start is None:
        return voice.say("form.few")
    found = change.change
    digits = digits_for(scale * (found.high - found.low) / 2.0)
    start, by, low, high = (
        number(scale * value, digits) for value in (change.start, found.value, found.low, found.high)
    )
    unit = {"deg": "°", "deg/s": "°/s"}.get(change.unit, change.unit) or ("%" if scale == 100.0 else "")
    return voice.say("form.change", start=start, by=by, low=low, high=high, unit=unit).strip()


def _dots(
    values: Sequence[float],
    change: Change | None,
    place: tuple[float, float, float],
    look: tuple[str, float],
    voice: Voice,
) -> str:
    x0, y0, width = place
    side, scale = look
    if not values:
        return unknown_box((x0, y0, width, PLOT), voice.say("unknown"))
    low, high = min(values), max(values)
    pad = max((high - low) * 0.15, abs(high) * 0.02, 1e-6)
    x = Axis(0.0, max(len(values) - 1.0, 1.0), x0 + 6, x0 + width - 6)
    y = Axis(low - pad, high + pad, y0 + PLOT, y0 + 2)
    out = el("path", d=f"M{x0:.0f} {y0 + PLOT + 3:.0f}h{width:.0f}", class_="grid")
    if change is not None and change.change is not None and change.start is not None:
        start, end = scale * change.start, scale * (change.start + change.change.value)
        ends = [(x(0.0), y(start)), (x(len(values) - 1.0), y(end))]
        out += line(ends, class_="n-both" if _is_sure(change) else "grid", stroke_width=2)
    marks = (el("circle", cx=x(k), cy=y(v), r=3.0, class_=f"d-{side}") for k, v in enumerate(values))
    return out + "".join(marks)
