"""The case: a tray and a lid for the carrier board and a 400 mAh cell, to slide into a strap pocket.

Axes, mm: x across the shank, y along it (up when worn), z away from the leg; the origin is the board's lower
left corner, z = 0 the face towards the leg. Board size and the places of USB, button and light come from the
board file.

    python enclosure/case.py OUT       writes case.step, tray.stl, lid.stl, case.svg and report.json into OUT
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from build123d import (
    Align,
    Axis,
    Box,
    Compound,
    Cylinder,
    ExportSVG,
    Part,
    Pos,
    RectangleRounded,
    Solid,
    export_step,
    export_stl,
    extrude,
    fillet,
)

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from gates.layout import layout  # noqa: E402  (the folder is put on the path just above)

BOARD = layout(HERE.parent / "board" / "carrier.kicad_pcb")
LOW = (Align.CENTER, Align.CENTER, Align.MIN)
PETG_G_PER_MM3 = 1.27e-3


@dataclass(frozen=True)
class Sizes:
    """Everything that one may want to change, mm."""

    wall: float = 1.8
    floor: float = 1.8
    lid: float = 1.8
    gap: float = 0.4  # board to wall
    cable: float = 3.4  # room for the battery plug's wires at the lower end
    cell: tuple[float, float, float] = (
        25.5,
        36.0,
        5.2,
    )  # LP502535 at its largest; verify against the datasheet
    swell: float = 0.10
    under_board: float = 1.2  # solder joints never reach the cell
    over_board: float = 6.0  # the battery connector is the tallest part, 5.6
    fit: float = 0.15  # lid to tray, each side
    lip: float = 2.5
    corner: float = 5.0
    edge: float = 1.5


S = Sizes()
USB, BUTTON, LIGHT = BOARD.places["U1"], BOARD.places["SW1"], BOARD.places["D1"]
USB_Y = BOARD.height - USB.y
IN_X0, IN_X1 = -S.gap, BOARD.width + S.gap
IN_Y0, IN_Y1 = -S.cable, BOARD.height + S.gap
IN = (IN_X1 - IN_X0, IN_Y1 - IN_Y0)
OUT = (IN[0] + 2 * S.wall, IN[1] + 2 * S.wall)
CX, CY = (IN_X0 + IN_X1) / 2, (IN_Y0 + IN_Y1) / 2
CELL_Z = S.floor + S.cell[2] * (1 + S.swell)
BOARD_Z = CELL_Z + S.under_board
PARTS_Z = BOARD_Z + BOARD.thickness
RIM_Z = PARTS_Z + S.over_board
TOP_Z = RIM_Z + S.lid


def block(size: tuple[float, float, float], corner: float, bottom: float) -> Part:
    """A rounded block around the middle of the case."""
    return Pos(CX, CY, bottom) * extrude(RectangleRounded(size[0], size[1], corner), size[2])


def usb_slot(bottom: float, height: float, spare: float) -> Part:
    """The gap in the left wall for the USB connector, open to the rim so that the board drops straight in."""
    width = 10.0 - 2 * spare
    return Pos(IN_X0 - S.wall / 2, USB_Y, bottom) * Box(S.wall + 1.0, width, height, align=LOW)


def posts(bottom: float, top: float, size: float) -> list[Part]:
    """One in each corner of the board."""
    inset = size / 2
    spots = [(x, y) for x in (inset, BOARD.width - inset) for y in (inset, BOARD.height - inset)]
    return [Pos(x, y, bottom) * Box(size, size, top - bottom, align=LOW) for x, y in spots]


def tray() -> Part:
    outer = block((*OUT, RIM_Z), S.corner, 0)
    outer = fillet(outer.faces().sort_by(Axis.Z)[0].edges(), S.edge)
    part = outer - block((*IN, RIM_Z), S.corner - S.wall, S.floor)
    for post in posts(S.floor - 0.1, BOARD_Z, 4.5):
        part += post
    inside = block((*OUT, RIM_Z), S.corner, 0)
    part = part & inside
    return part - usb_slot(PARTS_Z + 0.8, RIM_Z, 0)


def button_tongue() -> Part:
    """What is cut from the lid so that a strip of it bends above the button."""
    x, y = BUTTON.x, BOARD.height - BUTTON.y
    outer = Pos(x - 3.0, y, RIM_Z - 1) * Box(14.0, 8.0, 4.0, align=LOW)
    inner = Pos(x - 4.0, y, RIM_Z - 1) * Box(14.0, 6.4, 4.0, align=LOW)
    return outer - inner


def lid() -> Part:
    plate = block((*OUT, S.lid), S.corner, RIM_Z)
    plate = fillet(plate.faces().sort_by(Axis.Z)[-1].edges(), S.edge)
    lip_out = (IN[0] - 2 * S.fit, IN[1] - 2 * S.fit, S.lip)
    lip = block(lip_out, S.corner - S.wall - S.fit, RIM_Z - S.lip)
    lip -= block((IN[0] - 2 * S.fit - 2.8, IN[1] - 2 * S.fit - 2.8, S.lip), 1.7, RIM_Z - S.lip)
    lip -= Pos(IN_X0, USB_Y, RIM_Z - S.lip) * Box(8, 13, S.lip, align=LOW)
    part = plate + lip + usb_cover()
    inside = block((*lip_out[:2], RIM_Z + 1), S.corner - S.wall - S.fit, 0)
    for post in posts(PARTS_Z + 0.15, RIM_Z + 0.1, 2.4):
        part += post & inside
    part -= button_tongue()
    x, y = BUTTON.x, BOARD.height - BUTTON.y
    part += Pos(x, y, PARTS_Z + 2.8) * Cylinder(1.5, RIM_Z - PARTS_Z - 2.7, align=LOW)
    return part - Pos(LIGHT.x, BOARD.height - LIGHT.y, RIM_Z - 1) * Cylinder(1.25, 5, align=LOW)


def usb_cover() -> Part:
    """The lid's tab that fills the slot above the connector."""
    bottom = PARTS_Z + 5.0
    tab = Pos(IN_X0 - S.wall / 2, USB_Y, bottom) * Box(
        S.wall, 10.0 - 2 * S.fit, RIM_Z - bottom + 0.1, align=LOW
    )
    return tab


def cell() -> Part:
    """The cell after it has swollen."""
    x, y, z = S.cell
    return Pos(BOARD.width / 2, BOARD.height / 2, S.floor) * Box(x, y, z * (1 + S.swell), align=LOW)


def board() -> Part:
    plate = extrude(RectangleRounded(BOARD.width, BOARD.height, 3.2), BOARD.thickness)
    return Pos(BOARD.width / 2, BOARD.height / 2, BOARD_Z) * plate


# reference -> (size x y z, offset of the body's centre from the footprint), as they stand on the board
TALL = {
    "U1": ((21.0, 17.8, 2.8), (0.0, 0.0)),
    "J1": ((7.9, 7.6, 5.6), (0.0, -1.0)),
    "SW1": ((4.2, 3.2, 2.5), (0.0, 0.0)),
    "D1": ((3.2, 2.8, 1.9), (0.0, 0.0)),
}


def components() -> dict[str, Part]:
    found = {}
    for ref, (size, (dx, dy)) in TALL.items():
        place = BOARD.places[ref]
        found[ref] = Pos(place.x + dx, BOARD.height - place.y + dy, PARTS_Z) * Box(*size, align=LOW)
    found["USB"] = Pos(USB.x - 8.3, USB_Y, PARTS_Z + 1.1) * Box(7.4, 9.0, 3.4, align=LOW)
    found["plug"] = Pos(BOARD.places["J1"].x, 1.6, PARTS_Z) * Box(5.8, 5.2, 4.8, align=LOW)
    return found


def contents() -> dict[str, Part]:
    return {"cell": cell(), "board": board(), **components()}


def volume(part: object) -> float:
    return sum(solid.volume for solid in part.solids()) if part else 0.0


def clashes(case: dict[str, Part], inside: dict[str, Part]) -> dict[str, float]:
    """Overlap of every two bodies that must not touch, mm3."""
    pairs = [(a, b) for a in case for b in inside]
    found = {f"{a}/{b}": volume(case[a] & inside[b]) for a, b in pairs}
    found["tray/lid"] = volume(case["tray"] & case["lid"])
    found["cell/board"] = volume(inside["cell"] & inside["board"])
    return {pair: round(value, 3) for pair, value in found.items()}


def drawing(case: dict[str, Part], inside: dict[str, Part], path: Path) -> None:
    """Line drawing of tray, cell, board and lid, one above the other."""
    lifts = {"tray": 0, "cell": 26, "lid": 78}
    bodies = {**case, **inside}
    shown = Compound(children=[Pos(0, 0, lifts.get(name, 44)) * part for name, part in bodies.items()])
    visible, _ = shown.project_to_viewport((-260, -300, 190), (0, 0, 1), (CX, CY, 50))
    svg = ExportSVG(scale=4, margin=6, line_weight=0.35)
    svg.add_shape(visible)
    svg.write(str(path))


def report(case: dict[str, Part], inside: dict[str, Part]) -> dict:
    found = clashes(case, inside)
    return {
        "outer_mm": [round(v, 1) for v in (*OUT, TOP_Z)],
        "clash_mm3": found,
        "swell_gap_mm": round(S.cell[2] * S.swell, 2),
        "solids": {name: len(part.solids()) for name, part in case.items()},
        "valid": {name: bool(part.is_valid) for name, part in case.items()},
        "volume_mm3": {name: round(part.volume, 1) for name, part in case.items()},
        "mass_g": {name: round(part.volume * PETG_G_PER_MM3, 1) for name, part in case.items()},
        "usb_slot_over_connector": bool(volume(usb_slot(PARTS_Z + 0.8, RIM_Z, 0) & inside["USB"]) > 0),
    }


def build(out: Path) -> dict:
    case, inside = {"tray": tray(), "lid": lid()}, contents()
    out.mkdir(parents=True, exist_ok=True)
    export_step(
        Compound(children=[Solid(part.solid().wrapped) for part in case.values()]), str(out / "case.step")
    )
    for name, part in case.items():
        export_stl(part, str(out / f"{name}.stl"), tolerance=0.03, angular_tolerance=0.25)
    drawing(case, inside, out / "case.svg")
    made = report(case, inside)
    (out / "report.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    return made


if __name__ == "__main__":
    print(json.dumps(build(Path(sys.argv[1])), indent=1))
