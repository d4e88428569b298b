"""Where things are on the board, in mm from the outline's top-left corner, read from the KiCad file."""

from dataclasses import dataclass
from pathlib import Path

from gates.sexpr import every, fields, load, one, word


@dataclass(frozen=True)
class Place:
    """Centre of a footprint, y downwards."""

    x: float
    y: float
    angle_deg: float


@dataclass(frozen=True)
class Layout:
    width: float
    height: float
    thickness: float
    places: dict[str, Place]


def numbers(tree: list, name: str) -> list[float]:
    return [float(v) for v in (one(tree, name) or [name])[1:]]


def edge_points(board: list) -> list[list[float]]:
    shapes = [*every(board, "gr_line"), *every(board, "gr_arc")]
    edges = [shape for shape in shapes if word(shape, "layer") == "Edge.Cuts"]
    return [numbers(edge, name) for edge in edges for name in ("start", "mid", "end") if one(edge, name)]


def layout(path: Path) -> Layout:
    board = load(path)
    points = edge_points(board)
    left, top = min(p[0] for p in points), min(p[1] for p in points)
    places = {}
    for footprint in every(board, "footprint"):
        x, y, angle = [*numbers(footprint, "at"), 0.0][:3]
        places[fields(footprint)["Reference"]] = Place(round(x - left, 3), round(y - top, 3), angle)
    thickness = float(word(one(board, "general") or [], "thickness", "1.6"))
    width, height = max(p[0] for p in points) - left, max(p[1] for p in points) - top
    return Layout(round(width, 3), round(height, 3), thickness, places)
