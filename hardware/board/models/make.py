"""Plain 3D bodies of the parts, for pictures. Sizes in mm from the makers' drawings, rounded up.

Heights marked * are remembered: verify against the datasheet.

Axes as KiCad's: x right, y is footprint -y, z up from the board. Run it by hand when a body changes:

    .venv/bin/python board/models/make.py
"""

from pathlib import Path

from build123d import Box, Color, Compound, Part, Pos, export_step

HERE = Path(__file__).parent
BLACK, WHITE, STEEL, GREEN = (
    Color(0.1, 0.1, 0.1),
    Color(0.93, 0.93, 0.9),
    Color(0.75, 0.75, 0.78),
    Color(0.05, 0.3, 0.15),
)
TAN, CREAM, GOLD = Color(0.55, 0.45, 0.33), Color(0.9, 0.87, 0.75), Color(0.85, 0.7, 0.25)

# name -> boxes (colour, size x y z, centre x y, bottom z)
BODIES = {
    "XIAO_ESP32": [
        (GREEN, (17.8, 21.0, 1.1), (0, 0), 0.1),
        (STEEL, (9.0, 7.4, 3.3), (0, 8.3), 1.2),  # USB-C, 1.5 over the edge
        (STEEL, (12.0, 9.5, 1.6), (0, -1.5), 1.2),  # shield *
        (BLACK, (3.0, 2.6, 1.6), (5.5, -8.6), 1.2),  # antenna socket or chip antenna *
    ],
    "JST_PH_2": [
        (CREAM, (7.9, 7.6, 5.6), (0, -1.0), 0.0),
        (STEEL, (3.0, 2.0, 0.5), (0, 3.6), 0.0),
    ],  # height *
    "LGA14": [(BLACK, (3.0, 2.5, 0.86), (0, 0), 0.05)],
    "PLCC4": [(WHITE, (3.2, 2.8, 1.9), (0, 0), 0.0)],
    "PTS810": [(STEEL, (4.2, 3.2, 1.6), (0, 0), 0.0), (BLACK, (1.9, 1.9, 0.9), (0, 0), 1.6)],
    "F1206": [(GREEN, (3.2, 1.6, 0.8), (0, 0), 0.0)],
    "C0805": [(TAN, (2.0, 1.25, 1.3), (0, 0), 0.0)],
    "C0603": [(TAN, (1.6, 0.8, 0.8), (0, 0), 0.0)],
    "R0603": [(BLACK, (1.6, 0.8, 0.45), (0, 0), 0.0)],
    "SOT23": [(BLACK, (1.3, 2.9, 1.1), (0, 0), 0.0), (STEEL, (2.4, 2.3, 0.4), (0, 0), 0.0)],
    "SOD123": [(BLACK, (2.7, 1.6, 1.2), (0, 0), 0.0), (STEEL, (3.7, 0.6, 0.4), (0, 0), 0.0)],
}


def body(boxes: list) -> Compound:
    parts: list[Part] = []
    for colour, (x, y, z), (cx, cy), bottom in boxes:
        part = Pos(cx, cy, bottom + z / 2) * Box(x, y, z)
        part.color = colour
        parts.append(part)
    return Compound(children=parts)


def main() -> None:
    for name, boxes in BODIES.items():
        export_step(body(boxes), str(HERE / f"{name}.step"))


if __name__ == "__main__":
    main()
