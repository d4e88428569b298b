"""The committed prints are closed and thick enough; a hole, a thin wall or an inside-out mesh is noticed."""

import json
from pathlib import Path

import numpy as np
import pytest
from gates import mesh


def write_stl(path: Path, triangles: np.ndarray) -> Path:
    records = np.zeros(len(triangles), mesh.RECORD)
    records["corners"] = triangles
    path.write_bytes(bytes(80) + np.uint32(len(triangles)).tobytes() + records.tobytes())
    return path


@pytest.fixture(params=["tray", "lid"])
def print_file(request: pytest.FixtureRequest, hardware: Path) -> Path:
    return hardware / "enclosure" / "out" / f"{request.param}.stl"


def test_prints_are_sound(print_file: Path) -> None:
    assert mesh.faults(print_file, 1.2) == []


def test_prints_are_the_reported_ones(print_file: Path) -> None:
    made = json.loads((print_file.parent / "report.json").read_text(encoding="utf-8"))
    solid = made["volume_mm3"][print_file.stem]
    assert mesh.volume(mesh.read_stl(print_file)) == pytest.approx(solid, rel=2e-3)
    assert set(made["clash_mm3"].values()) == {0.0}


def test_hole_is_noticed(print_file: Path, tmp_path: Path) -> None:
    torn = mesh.read_stl(print_file)[1:]
    assert mesh.open_edges(torn) == 3
    assert mesh.faults(write_stl(tmp_path / "torn.stl", torn), 1.2) != []


def test_inside_out_is_noticed(print_file: Path, tmp_path: Path) -> None:
    turned = mesh.read_stl(print_file)[:, ::-1]
    assert any("inside out" in text for text in mesh.faults(write_stl(tmp_path / "turned.stl", turned), 1.2))


def test_thin_wall_is_noticed(print_file: Path, tmp_path: Path) -> None:
    squeezed = mesh.read_stl(print_file) * [1, 1, 0.6]
    assert any("wall" in text for text in mesh.faults(write_stl(tmp_path / "thin.stl", squeezed), 1.2))
