"""The case as solids, where build123d is installed (hardware/.venv); `make hardware` runs the same build."""

import json
import subprocess
from pathlib import Path

import pytest

CLASH = """
import json, sys
sys.path.insert(0, "enclosure")
import case
from build123d import Pos
tray, lid, inside = case.tray(), case.lid(), case.contents()
good = case.clashes({"tray": tray, "lid": lid}, inside)
lifted = {**inside, "cell": Pos(0, 0, 4) * inside["cell"]}
shifted = {**inside, "board": Pos(3, 0, 0) * inside["board"]}
bad = [case.clashes({"tray": tray, "lid": lid}, other) for other in (lifted, shifted)]
print(json.dumps([max(good.values()), bad[0]["cell/board"], bad[1]["tray/board"]]))
"""


@pytest.mark.slow
def test_clash_is_zero_and_a_moved_part_clashes(hardware: Path) -> None:
    python = hardware / ".venv" / "bin" / "python"
    if not python.exists():
        pytest.skip("no hardware/.venv with build123d: run `make hardware` first")
    done = subprocess.run([python, "-c", CLASH], cwd=hardware, capture_output=True, text=True, check=True)
    clash, cell_in_board, board_in_wall = json.loads(done.stdout)
    assert clash == 0
    assert cell_in_board > 100
    assert board_in_wall > 100
