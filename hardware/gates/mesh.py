"""What a printer needs from an STL: closed, outside out, walls thick enough. Numpy only."""

from pathlib import Path

import numpy as np

RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def read_stl(path: Path) -> np.ndarray:
    """Triangles of a binary STL, (n, 3 corners, 3) mm."""
    data = path.read_bytes()
    count = int(np.frombuffer(data, "<u4", 1, 80)[0])
    return np.frombuffer(data, RECORD, count, 84)["corners"].astype(float)


def corner_numbers(triangles: np.ndarray) -> np.ndarray:
    """Equal corners get equal numbers; an STL repeats them."""
    keys = np.round(triangles.reshape(-1, 3), 4)
    _, numbers = np.unique(keys, axis=0, return_inverse=True)
    return numbers.reshape(-1, 3)


def open_edges(triangles: np.ndarray) -> int:
    """Edges without exactly one neighbour that runs the other way; 0 means watertight."""
    numbers = corner_numbers(triangles)
    edges = np.concatenate([numbers[:, [0, 1]], numbers[:, [1, 2]], numbers[:, [2, 0]]])
    edges = edges[edges[:, 0] != edges[:, 1]]
    forward, count = np.unique(edges, axis=0, return_counts=True)
    backward = {tuple(edge) for edge in forward[:, ::-1]}
    return int((count != 1).sum()) + sum(tuple(edge) not in backward for edge in forward)


def volume(triangles: np.ndarray) -> float:
    """Enclosed volume, mm3; positive when the outside is out."""
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def normals(triangles: np.ndarray) -> np.ndarray:
    cross = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    return cross / np.maximum(np.linalg.norm(cross, axis=1, keepdims=True), 1e-12)


def distances(origin: np.ndarray, direction: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Moeller and Trumbore 1997: how far along the ray each triangle is; inf where it is missed."""
    edge1, edge2 = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    p = np.cross(direction, edge2)
    det = np.einsum("ij,ij->i", edge1, p)
    inverse = 1 / np.where(np.abs(det) < 1e-9, np.inf, det)
    t = origin - triangles[:, 0]
    u = np.einsum("ij,ij->i", t, p) * inverse
    q = np.cross(t, edge1)
    v = (q @ direction) * inverse
    far = np.einsum("ij,ij->i", edge2, q) * inverse
    hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (far > 1e-3) & (np.abs(det) > 1e-9)
    return np.where(hit, far, np.inf)


def thinnest(triangles: np.ndarray) -> float:
    """Least wall, mm: straight inwards from each face to the face behind it that looks the other way."""
    outward = normals(triangles)
    least = np.inf
    for index, triangle in enumerate(triangles):
        opposite = outward @ outward[index] < -0.8
        if opposite.any():
            least = min(least, distances(triangle.mean(axis=0), -outward[index], triangles[opposite]).min())
    return float(least)


def faults(path: Path, least_wall: float) -> list[str]:
    triangles = read_stl(path)
    found = []
    if loose := open_edges(triangles):
        found.append(f"{path.name}: {loose} open edges")
    if volume(triangles) <= 0:
        found.append(f"{path.name}: inside out")
    if (wall := thinnest(triangles)) < least_wall:
        found.append(f"{path.name}: wall {wall:.2f} mm, at least {least_wall} mm")
    return found
