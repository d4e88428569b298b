"""One small figure for each metric's page, drawn from the virtual athlete.

Every figure is the same at each run: plain lines, rounded to a tenth of a pixel.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distal.model import FloatArray, Side
from distal.units import DEG_PER_RAD, G
from distal.virtual.motion import Athlete, Jumps, Performance, Reps, Script, Stand, Walk
from distal.virtual.motion.chain import ACC, EARTH_X, EARTH_Z, Z

WIDTH, HEIGHT, LEFT, TOP = 640, 200, 56, 34
INK, MUTED, LINE, RIGHT_LEG, LEFT_LEG, LIFT, LOWER = (
    "#16211F",
    "#50605C",
    "#C5CFCC",
    "#A94604",
    "#1C5FB6",
    "#0B756A",
    "#7E30C8",
)
HZ = 100.0


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant with a word."""

    at: float
    word: str
    colour: str = INK


@dataclass(frozen=True, slots=True)
class Plot:
    """Lines over time (colour -> values), marks, and what the axis shows."""

    title: str
    unit: str
    t: FloatArray
    lines: dict[str, FloatArray]
    marks: Sequence[Mark] = ()


def svg(plot: Plot) -> str:
    """A line chart with marks; text names what colour alone would say."""
    values = np.concatenate(list(plot.lines.values()))
    low, high = float(values.min()), float(values.max())
    high = high if high > low else low + 1.0
    x = LEFT + (plot.t - plot.t[0]) / (plot.t[-1] - plot.t[0]) * (WIDTH - LEFT - 12)
    bottom = HEIGHT - 28

    def y(v: FloatArray) -> FloatArray:
        return np.asarray(bottom - (v - low) / (high - low) * (bottom - TOP))

    paths = [
        f'<path d="M{" ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y(v), strict=True))}" '
        f'fill="none" stroke="{colour}" stroke-width="1.8"/>'
        for colour, v in plot.lines.items()
    ]
    marks = [_mark(plot, mark, bottom) for mark in plot.marks]
    return "\n".join([*_head(plot, (low, high), bottom), *paths, *marks, "</svg>"]) + "\n"


def _head(plot: Plot, ends: tuple[float, float], bottom: int) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="system-ui, \'DejaVu Sans\', Arial, sans-serif" font-size="12">',
        f"<title>{plot.title}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#FBFCFB"/>',
        f'<text x="8" y="18" fill="{INK}" font-size="13">{plot.title}</text>',
        f'<line x1="{LEFT}" x2="{WIDTH - 12}" y1="{bottom}" y2="{bottom}" stroke="{LINE}"/>',
        *(
            f'<text x="{LEFT - 6}" y="{at + 4}" fill="{MUTED}" text-anchor="end">{_tick(v)}</text>'
            for v, at in zip(ends, (bottom, TOP), strict=True)
        ),
        f'<text x="8" y="{(TOP + bottom) // 2}" fill="{MUTED}">{plot.unit}</text>',
        f'<text x="{WIDTH - 12}" y="{HEIGHT - 8}" fill="{MUTED}" text-anchor="end">'
        f"{plot.t[-1] - plot.t[0]:.3g} s</text>",
    ]


def _tick(value: float) -> str:
    near = 0.0 if abs(value) < 0.01 else value
    return (f"{near:.2g}" if abs(near) < 100 else f"{near:.0f}").replace("-", "−")


def _mark(plot: Plot, mark: Mark, bottom: int) -> str:
    x = LEFT + (mark.at - plot.t[0]) / (plot.t[-1] - plot.t[0]) * (WIDTH - LEFT - 12)
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}" stroke="{mark.colour}" '
        'stroke-dasharray="3 3"/>'
        f'<text x="{x:.1f}" y="{bottom + 14}" fill="{mark.colour}" text-anchor="middle">{mark.word}</text>'
    )


def _grid(start: float, end: float) -> FloatArray:
    return np.arange(start, end, 1.0 / HZ)


def _walk() -> Performance:
    return Script([Stand(2.0), Walk(12.0, cadence_spm=100), Stand(2.0)], "figure").perform(Athlete())


def _set(code: str = "seated_leg_raise") -> Performance:
    reps = Reps(code, reps=3, side="right", tempo=(1.2, 1.0, 1.5), tremor_deg=0.0)
    return Script([reps], "figure").perform(Athlete())


def _pitch(performance: Performance, side: Side, t: FloatArray) -> FloatArray:
    """Turning about the axis across the limb, degrees/s; z is outward in the nominal axes."""
    gyr = performance.motion(side).sample(t)[0]
    return np.asarray(gyr[:, 2] * DEG_PER_RAD * (1.0 if side == "right" else -1.0))


def _elevation(performance: Performance, side: Side, t: FloatArray) -> FloatArray:
    """Of the limb above level, degrees: -90 hanging. The shank's own z points up along it."""
    axis = performance.motion(side).state(t)[EARTH_X : EARTH_Z + 1, Z]
    return np.asarray(np.arcsin(np.clip(-axis[2], -1.0, 1.0)) * DEG_PER_RAD)


def _lean(performance: Performance, side: Side, t: FloatArray) -> FloatArray:
    """Of the shank against the vertical in the plane of walking, degrees; the foot ahead counts up."""
    axis = performance.motion(side).state(t)[EARTH_X : EARTH_Z + 1, Z]
    return np.asarray(np.arctan2(-axis[0], axis[2]) * DEG_PER_RAD)


def steps() -> Plot:
    """One leg's pitch rate with its contacts."""
    p = _walk()
    t = _grid(6.0, 9.0)
    found = [step for step in p.truth()["steps"]["right"] if step["tc_s"] > 6.1 and step["ic_s"] < 8.9]
    marks = [
        Mark(step[key], key[:2], LIFT if key == "ic_s" else LOWER)
        for step in found
        for key in ("tc_s", "ic_s")
    ]
    return Plot(
        "Pitch rate of the right shank; terminal (tc) and initial (ic) contact",
        "°/s",
        t,
        {RIGHT_LEG: _pitch(p, "right", t)},
        marks,
    )


def cadence() -> Plot:
    """Both legs; every contact."""
    p = _walk()
    t = _grid(5.0, 11.0)
    both: tuple[tuple[Side, str], ...] = (("left", LEFT_LEG), ("right", RIGHT_LEG))
    marks = [
        Mark(step["ic_s"], side[0].upper(), colour)
        for side, colour in both
        for step in p.truth()["steps"][side]
        if 5.1 < step["ic_s"] < 10.9
    ]
    return Plot(
        "Pitch rate of both shanks; initial contacts left (L) and right (R)",
        "°/s",
        t,
        {colour: _pitch(p, side, t) for side, colour in both},
        marks,
    )


def stride() -> Plot:
    """Shank angle over one stride, mid-stance to mid-stance."""
    p = _walk()
    found = p.truth()["steps"]["right"][3]
    t = _grid(found["tc_s"] - 0.45, found["ic_s"] + 0.45)
    marks = [Mark(found["tc_s"], "tc", LOWER), Mark(found["ic_s"], "ic", LIFT)]
    return Plot(
        "Lean of the shank; upright at mid-stance it is a pendulum on the ankle",
        "°",
        t,
        {RIGHT_LEG: _lean(p, "right", t)},
        marks,
    )


def reps() -> Plot:
    """Elevation with the borders of the phases."""
    p = _set()
    rep = p.truth()["sets"][0]["reps"][1]
    t = _grid(rep["start_s"] - 0.6, rep["end_s"] + 0.6)
    marks = [
        Mark(rep["start_s"], "start", LIFT),
        Mark(rep["top_s"], "top", INK),
        Mark(rep["top_s"] + rep["hold_s"], "lower", LOWER),
        Mark(rep["end_s"], "end", INK),
    ]
    return Plot(
        "Elevation of the limb in one rep: lift, hold, lower",
        "°",
        t,
        {RIGHT_LEG: _elevation(p, "right", t)},
        marks,
    )


def range_() -> Plot:
    """Three reps and their range."""
    p = _set()
    t = _grid(0.0, p.duration_s)
    marks = [Mark(rep["top_s"], f"{rep['rom_deg']:.0f}°") for rep in p.truth()["sets"][0]["reps"]]
    return Plot(
        "Elevation of the limb; range from start to top of each rep",
        "°",
        t,
        {RIGHT_LEG: _elevation(p, "right", t)},
        marks,
    )


def load() -> Plot:
    """Force on a worn kilogram."""
    p = _set("seated_knee_extension")
    t = _grid(0.5, min(9.0, p.duration_s))
    acc = p.motion("right").sample(t)[1]
    return Plot(
        "Force on a worn mass of 1 kg, F = m f: gravity is 9.8 N, the rest is inertia",
        "N",
        t,
        {RIGHT_LEG: np.linalg.norm(acc, axis=1)},
    )


def distribution() -> Plot:
    """Turning load on the knee over one rep, its phases marked."""
    p = _set("seated_knee_extension")
    rep = p.truth(1.0, 1.0)["sets"][0]["reps"][0]
    t = _grid(rep["start_s"] - 0.3, rep["end_s"] + 0.3)
    state = p.legs["right"].state(t)
    force = np.hypot(*state[ACC][:2])
    top, lower = rep["start_s"] + rep["concentric_s"], rep["end_s"] - rep["eccentric_s"]
    return Plot(
        "Turning load of a worn kilogram on the knee; what lies under it is the moment impulse",
        "N·m",
        t,
        {RIGHT_LEG: p.athlete.knee_to_mass_m * force},
        [Mark(rep["start_s"], "lift", LIFT), Mark(top, "hold"), Mark(lower, "lower", LOWER)],
    )


def smoothness() -> Plot:
    """Angular speed of a smooth and of an unsteady rep."""
    smooth, shaky = (
        Script([Reps("seated_knee_extension", reps=1, tremor_deg=deg, shake_deg=deg / 4)], "figure").perform(
            Athlete()
        )
        for deg in (0.0, 0.8)
    )
    t = _grid(0.5, smooth.duration_s - 0.3)
    speeds = [np.linalg.norm(p.motion("right").sample(t)[0], axis=1) * DEG_PER_RAD for p in (shaky, smooth)]
    return Plot(
        "Angular speed of one rep, smooth (teal) and unsteady (orange)",
        "°/s",
        t,
        {RIGHT_LEG: speeds[0], LIFT: speeds[1]},
    )


def sway() -> Plot:
    """Tilt of the shank in quiet standing."""
    p = Script([Stand(30.0)], "figure").perform(Athlete())
    t = np.arange(0.0, 30.0, 0.05)
    axis = p.motion("right").state(t)[EARTH_X : EARTH_Z + 1, Z]
    tilt = np.arctan2(axis[0], axis[2]) * DEG_PER_RAD
    return Plot("Tilt of the shank ahead in quiet standing", "°", t, {RIGHT_LEG: tilt - tilt.mean()})


def wear() -> Plot:
    """The same walk as felt by a cuff as drawn and by one upside-down."""
    p = _walk()
    t = _grid(5.0, 9.0)
    x = p.motion("right").sample(t)[1][:, 0]
    return Plot(
        "Acceleration along the cuff's x: as drawn (teal), upside-down (orange)",
        "m/s²",
        t,
        {LIFT: x, RIGHT_LEG: -x},
    )


def jumps() -> Plot:
    """What is felt in a jump: nothing in the air."""
    p = Script([Stand(2.0), Jumps("jump", reps=2, height_m=0.3), Stand(2.0)], "figure").perform(Athlete())
    first = p.truth()["jumps"][0]
    t = _grid(first["takeoff_s"] - 1.0, first["landing_s"] + 0.8)
    felt = np.minimum(np.linalg.norm(p.motion("right").sample(t)[1], axis=1) / G, 6.0)
    marks = [Mark(first["takeoff_s"], "off", LIFT), Mark(first["landing_s"], "on", LOWER)]
    return Plot(
        "Specific force in a jump of 0.3 m (cut at 6 g): nearly nothing in the air",
        "g",
        t,
        {RIGHT_LEG: felt},
        marks,
    )


FIGURES: dict[str, Callable[[], Plot]] = {
    "cadence": cadence,
    "steps": steps,
    "stride": stride,
    "reps": reps,
    "range": range_,
    "load": load,
    "distribution": distribution,
    "smoothness": smoothness,
    "sway": sway,
    "wear": wear,
    "jumps": jumps,
}


def write_figures(folder: Path) -> None:
    """All figures as NAME.svg."""
    for name, make in FIGURES.items():
        (folder / f"{name}.svg").write_text(svg(make()), encoding="utf-8")
