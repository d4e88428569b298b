"""Nets from the schematic by its geometry, and from the board by its pads. No KiCad needed.

`make hardware` compares this reader with kicad-cli's own netlist, so a mistake here cannot hide.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gates.sexpr import every, fields, load, one, word

Point = tuple[float, float]
Pin = tuple[str, str]


@dataclass(frozen=True)
class Part:
    """One symbol or footprint."""

    ref: str
    value: str
    footprint: str
    fields: dict[str, str]
    dnp: bool
    in_bom: bool


@dataclass
class Nets:
    """Groups of pins that are connected; `names` keeps the name of each group that has one."""

    groups: list[frozenset[Pin]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def of(self, ref: str, pin: str) -> str:
        """Name of the net at a pin; empty when the pin is open or its net has no name."""
        found = [name for name, group in zip(self.names, self.groups, strict=True) if (ref, pin) in group]
        return found[0] if found else ""

    def real(self) -> set[frozenset[Pin]]:
        """Groups that connect at least two pins."""
        return {group for group in self.groups if len(group) > 1}


class Islands:
    """Points that touch, by union-find."""

    def __init__(self) -> None:
        self.parent: dict[object, object] = {}

    def root(self, item: object) -> object:
        self.parent.setdefault(item, item)
        while self.parent[item] != item:
            item = self.parent[item]
        return item

    def join(self, a: object, b: object) -> None:
        self.parent[self.root(a)] = self.root(b)


def at(tree: list) -> tuple[float, float, float]:
    place = one(tree, "at") or ["at", 0, 0, 0]
    x, y, angle = [float(v) for v in [*place[1:4], 0, 0][:3]]
    return x, y, angle


def turned(x: float, y: float, angle: float, mirror: str) -> Point:
    """A symbol's own point (y up) on the sheet (y down)."""
    for _ in range(round(angle / 90) % 4):
        x, y = -y, x
    x, y = x, -y
    return (-x if mirror == "y" else x), (-y if mirror == "x" else y)


def library_pins(sheet: list) -> dict[str, list[tuple[str, Point]]]:
    """Symbol name -> its pins (number, point)."""
    pins: dict[str, list[tuple[str, Point]]] = {}
    for symbol in every(one(sheet, "lib_symbols") or [], "symbol"):
        units = [symbol, *every(symbol, "symbol")]
        pins[symbol[1]] = [(word(pin, "number"), at(pin)[:2]) for unit in units for pin in every(unit, "pin")]
    return pins


def symbol_points(sheet: list) -> Iterator[tuple[list, str, Point]]:
    """Every pin of every placed symbol: (symbol, pin number, point on the sheet)."""
    library = library_pins(sheet)
    for symbol in every(sheet, "symbol"):
        x0, y0, angle = at(symbol)
        for number, (px, py) in library[word(symbol, "lib_id")]:
            dx, dy = turned(px, py, angle, word(symbol, "mirror"))
            yield symbol, number, (round(x0 + dx, 3), round(y0 + dy, 3))


def wires(sheet: list) -> list[tuple[Point, Point]]:
    ends = [
        [(float(p[1]), float(p[2])) for p in every(one(wire, "pts"), "xy")] for wire in every(sheet, "wire")
    ]
    return [((round(a[0], 3), round(a[1], 3)), (round(b[0], 3), round(b[1], 3))) for a, b in ends]


def touches(point: Point, wire: tuple[Point, Point]) -> bool:
    (ax, ay), (bx, by) = wire
    inside = min(ax, bx) <= point[0] <= max(ax, bx) and min(ay, by) <= point[1] <= max(ay, by)
    return inside and abs((bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)) < 1e-6


def labels(sheet: list) -> Iterator[tuple[str, Point, bool]]:
    """(text, point, is global)."""
    for kind in ("global_label", "label"):
        for item in every(sheet, kind):
            x, y, _ = at(item)
            yield item[1], (round(x, 3), round(y, 3)), kind == "global_label"


def join_sheet(sheet: list, title: str, islands: Islands) -> Iterator[tuple[object, Pin]]:
    """Connect one sheet; yields (island key, pin) of every real part."""
    lines = wires(sheet)
    anchors = [point for line in lines for point in line]
    pins = list(symbol_points(sheet))
    marks = list(labels(sheet))
    points = {*anchors, *(p for _, _, p in pins), *(p for _, p, _ in marks)}
    for line in lines:
        for point in points:
            if touches(point, line):
                islands.join((title, line[0]), (title, point))
    for text, point, is_global in marks:
        islands.join((title, point), ("name", text if is_global else f"{title}{text}"))
    for symbol, number, point in pins:
        texts = fields(symbol)
        if texts["Reference"].startswith("#PWR"):
            islands.join((title, point), ("name", texts["Value"]))
        elif not texts["Reference"].startswith("#"):
            yield (title, point), (texts["Reference"], number)


def sheets(root: Path) -> Iterator[tuple[str, list]]:
    """(path such as /Power/, tree) of the root sheet and its children."""
    tree = load(root)
    yield "/", tree
    for child in every(tree, "sheet"):
        texts = fields(child)
        yield f"/{texts['Sheetname']}/", load(root.parent / texts["Sheetfile"])


def schematic_nets(root: Path) -> Nets:
    islands = Islands()
    members = [item for title, sheet in sheets(root) for item in join_sheet(sheet, title, islands)]
    groups: dict[object, set[Pin]] = {}
    for key, pin in members:
        groups.setdefault(islands.root(key), set()).add(pin)
    names: dict[object, str] = {}
    for item in list(islands.parent):
        if isinstance(item, tuple) and item[0] == "name":
            names[islands.root(item)] = str(item[1])
    return Nets([frozenset(v) for v in groups.values()], [names.get(k, "") for k in groups])


def part(tree: list, footprint: str) -> Part:
    texts = fields(tree)
    attributes = one(tree, "attr") or []
    return Part(
        texts["Reference"],
        texts["Value"],
        footprint,
        texts,
        word(tree, "dnp") == "yes" or "dnp" in attributes,
        word(tree, "in_bom", "yes") == "yes" and "exclude_from_bom" not in attributes,
    )


def schematic_parts(root: Path) -> dict[str, Part]:
    found = [
        part(symbol, fields(symbol).get("Footprint", ""))
        for _, sheet in sheets(root)
        for symbol in every(sheet, "symbol")
    ]
    return {item.ref: item for item in found if not item.ref.startswith("#")}


def board_nets(path: Path) -> Nets:
    groups: dict[str, set[Pin]] = {}
    for footprint in every(load(path), "footprint"):
        ref = fields(footprint)["Reference"]
        for pad in every(footprint, "pad"):
            net = one(pad, "net")
            if net and pad[1]:
                groups.setdefault(net[2], set()).add((ref, pad[1]))
    return Nets([frozenset(v) for v in groups.values()], list(groups))


def board_parts(path: Path) -> dict[str, Part]:
    found = [part(item, item[1]) for item in every(load(path), "footprint")]
    return {item.ref: item for item in found}
