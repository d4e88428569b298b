"""A second reader looks at the gerbers. Run by hardware/.venv, which has gerbonara.

python -m gates.gerber FOLDER WIDTH HEIGHT      prints faults, one a line
"""

import sys
import warnings
from pathlib import Path

from gerbonara import MM, LayerStack

LAYERS = [(side, use) for side in ("top", "bottom") for use in ("copper", "mask", "silk")]
LINE_MM = 0.1  # the outline is drawn with a line of this width


def size_faults(stack: LayerStack, width: float, height: float) -> list[str]:
    (x0, y0), (x1, y1) = stack.outline.bounding_box(MM)
    have = (x1 - x0 - LINE_MM, y1 - y0 - LINE_MM)
    wrong = abs(have[0] - width) > 0.05 or abs(have[1] - height) > 0.05
    return [f"outline is {have[0]:.2f} x {have[1]:.2f} mm, designed {width} x {height}"] if wrong else []


def faults(folder: Path, width: float, height: float) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # KiCad's names for layers it does not know
        stack = LayerStack.open(folder)
        found = size_faults(stack, width, height)
        for layer in LAYERS:
            if layer not in stack.graphic_layers or not list(stack.graphic_layers[layer].objects):
                found.append(f"no {layer[0]} {layer[1]} layer")
    if not stack.drill_pth or not list(stack.drill_pth.objects):
        found.append("no plated holes")
    return found


if __name__ == "__main__":
    print("\n".join(faults(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))))
