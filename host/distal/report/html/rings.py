"""Rep rings: one arc per rep around the joint, first inside, last outside; a dot ends a rep that was held."""

import math

from distal.report.html.svg import Point, angle_ticks, el, figure, fit, num, ramp, text, way
from distal.report.html.voice import Voice
from distal.report.look import LEAST_HOLD_S, SetLook, start_height

WIDTH = 360.0
INNER, OUTER = 50.0, 152.0
JOINT_X = 76.0
LEAD = 9.0  # degrees beside the arcs for the numbers of first and last rep


def rings(look: SetLook, voice: Voice, mass: str) -> str:
    """The chart `how high`."""
    arcs = _arcs(look)
    low, high = min(min(a) for a in arcs), max(max(a) for a in arcs)
    y = 30.0 + max(OUTER * math.sin(_rad(look, high)), 0.0)
    height = max(y + 24.0 + max(-(OUTER + 12) * math.sin(_rad(look, low)), 0.0), 150.0)
    joint = (JOINT_X, y)
    body = _rays(look, joint, (low, high)) + _limb(look, joint, high, mass)
    body += _reps(look, joint, arcs) + _numbers(look, joint, low)
    body += el("circle", cx=joint[0], cy=joint[1], r=5.0, class_="joint")
    name = fit(voice.say(f"joint.{look.about}"), 100)
    body += text(joint[0] - 10, joint[1] - 14, name, "m c h") + _key(voice, height)
    values = {"reps": voice.reps(len(arcs)), "joint": voice.say(f"joint.{look.about}")}
    label = voice.say("rings.alt", **values, height=voice.full("angle", look.height_spread()))
    return figure((WIDTH, height), label, body)


def thumbnail(look: SetLook, label: str) -> str:
    """The rings alone, for a row of a list."""
    joint, reach = (6.0, 30.0), 40.0
    arcs = _arcs(look)
    low, high = min(min(a) for a in arcs), max(max(a) for a in arcs)
    top, bottom = max(math.sin(_rad(look, high)), 0.0), max(-math.sin(_rad(look, low)), 0.0)
    joint = (6.0, 4.0 + top / (top + bottom + 1e-9) * reach)
    step = 32.0 / max(len(arcs), 1)
    body = "".join(
        el("path", d=_arc(look, joint, (8.0 + step * (k + 0.5), *arc)), fill="none",
           style=ramp(look.one.side, k, len(arcs)), stroke_width=round(min(step * 0.7, 3.0), 1))
        for k, arc in enumerate(arcs)
    )  # fmt: skip
    return figure(
        (48.0, 48.0), label, body + el("circle", cx=joint[0], cy=joint[1], r=2.5, class_="dot"), "t"
    )


def _arcs(look: SetLook) -> list[tuple[float, float]]:
    return [(start_height(look, rep), look.height(rep.top_deg)) for rep in look.reps]


def _rad(look: SetLook, height: float) -> float:
    return math.radians(height - (90.0 if look.zero == "hanging" else 0.0))


def _at(look: SetLook, joint: Point, radius: float, height: float) -> Point:
    turn = _rad(look, height)
    return joint[0] + radius * math.cos(turn), joint[1] - radius * math.sin(turn)


def _arc(look: SetLook, joint: Point, arc: tuple[float, float, float]) -> str:
    radius, start, top = arc
    (x0, y0), (x1, y1) = _at(look, joint, radius, start), _at(look, joint, radius, top)
    turn = 0 if top >= start else 1
    return f"M{num(x0)} {num(y0)}A{num(radius)} {num(radius)} 0 0 {turn} {num(x1)} {num(y1)}"


def _radius(k: int, n: int) -> float:
    return INNER + (OUTER - INNER) * (k + 0.5) / n


def _reps(look: SetLook, joint: Point, arcs: list[tuple[float, float]]) -> str:
    n, out = len(arcs), []
    thick = min(0.55 * (OUTER - INNER) / n, 4.0)
    for k, (rep, arc) in enumerate(zip(look.reps, arcs, strict=True)):
        style = "stroke:var(--ink)" if k == 0 else ramp(look.one.side, k, n)
        path = _arc(look, joint, (_radius(k, n), *arc))
        out.append(el("path", d=path, fill="none", style=style, stroke_width=round(thick + (k == 0), 1)))
        if rep.hold_s >= LEAST_HOLD_S:
            x, y = _at(look, joint, _radius(k, n), arc[1])
            out.append(el("circle", cx=x, cy=y, r=round(0.9 * thick + 0.4, 1),
                          style=style.replace("stroke", "fill")))  # fmt: skip
    return "".join(out)


def _rays(look: SetLook, joint: Point, ends: tuple[float, float]) -> str:
    out = []
    for tick in angle_ticks(
        ends[0] - 5, ends[1] - 6, 5 if ends[1] - ends[0] > 40 else 2
    ):  # not under the limb
        a, b = _at(look, joint, INNER - 12, tick), _at(look, joint, OUTER + 6, tick)
        x, y = _at(look, joint, OUTER + 20, tick)
        out.append(el("path", d=way([a, b]), class_="grid") + text(x, y + 4, f"{tick:.0f}°", "m c"))
    return "".join(out)


def _limb(look: SetLook, joint: Point, high: float, mass: str) -> str:
    end = _at(look, joint, OUTER + 36, high)
    cuff = [_at(look, joint, OUTER + r, high) for r in (26.0, 38.0)]
    x, y = _at(look, joint, OUTER + 52, high)
    return (
        el("path", d=way([joint, end]), class_="limb", stroke_width=18)
        + el("path", d=way(cuff), class_="cuff", stroke_width=24)
        + text(x, y + 4, mass, "b h")
    )


def _numbers(look: SetLook, joint: Point, low: float) -> str:
    n = len(look.reps)
    shown = [(0, "1")] if n == 1 else [(0, "1"), (n - 1, str(n))]
    out = []
    for k, words in shown:
        x, y = _at(look, joint, _radius(k, n), low - LEAD)
        out.append(text(x, y + 4, words, "m c h"))
    return "".join(out)


def _key(voice: Voice, height: float) -> str:
    x, y = WIDTH - 96.0, height - 24.0
    dot = el("path", d=f"M{num(x)} {num(y)}h18", class_="cuff", stroke_width=2.5)
    dot += el("circle", cx=x + 18, cy=y, r=3.0, class_="dot") + text(x + 26, y + 4, voice.say("rings.held"))
    plain = el("path", d=f"M{num(x)} {num(y + 18)}h18", class_="cuff", stroke_width=2.5)
    return dot + plain + text(x + 26, y + 22, voice.say("rings.not_held"))
