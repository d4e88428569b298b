"""`make hardware`: install, check, export, draw, and end with a table of every gate.

python -m gates              into hardware/build
python -m gates --publish    and copy the pictures and the case to where git keeps them
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gates import bite, bom, kicad, netlist, pins, tools
from gates.layout import layout

HARDWARE = Path(__file__).resolve().parents[1]
OUT = HARDWARE / "build"
LEAST_WALL_MM = 1.2
PICTURES = ["board-top.png", "board-bottom.png", "board-3d.png", "schematic.pdf", "case.svg", "wiring.svg"]


class Skip(Exception):
    """The gate cannot run here, with the reason."""


@dataclass(frozen=True)
class Result:
    gate: str
    state: str
    text: str
    seconds: float


def gate(name: str, check: Callable[[], list[str]]) -> Result:
    """Run one gate; whatever goes wrong in it is a failure of that gate."""
    start = time.monotonic()
    try:
        found = check()
        state, text = ("FAIL", "; ".join(found)[:300]) if found else ("pass", "")
    except Skip as reason:
        state, text = "SKIP", str(reason)
    except Exception as error:  # the table must come out whatever happened
        state, text = "FAIL", f"{type(error).__name__}: {error}"
    result = Result(name, state, text, time.monotonic() - start)
    print(f"{state}  {name}  {text}", flush=True)
    return result


def with_kicad(check: Callable[[], list[str]]) -> Callable[[], list[str]]:
    def guarded() -> list[str]:
        if reason := kicad.missing():
            raise Skip(reason)
        return check()

    return guarded


def in_venv(*words: str) -> str:
    done = subprocess.run([str(tools.PYTHON), *words], cwd=HARDWARE, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-300:])
    return done.stdout


def readers_agree() -> list[str]:
    mine = netlist.schematic_nets(kicad.BOARD / "carrier.kicad_sch").real()
    theirs = kicad.netlist(OUT).real()
    return [] if mine == theirs else [f"{len(mine ^ theirs)} nets differ between kicad-cli and gates.netlist"]


def pin_map() -> list[str]:
    known = pins.load()
    drawn = netlist.schematic_nets(kicad.BOARD / "carrier.kicad_sch")
    laid = netlist.board_nets(kicad.BOARD / "carrier.kicad_pcb")
    found = pins.net_faults(known, drawn, "schematic") + pins.net_faults(known, laid, "board")
    return found + pins.property_faults(known) + pins.wiring_faults(known) + pins.firmware_faults(known)


def exports() -> list[str]:
    kicad.export_schematic(OUT)
    kicad.export_board(OUT)
    kicad.pictures(OUT)
    wanted = ["schematic.pdf", "parts.csv", "place.csv", "carrier.step", "gerbers.zip", *PICTURES[:3]]
    return [f"{name} is missing" for name in wanted if not (OUT / name).exists()]


def interactive_bom() -> list[str]:
    kicad.interactive_bom(tools.PYTHON, OUT)
    return [] if (OUT / "parts-map.html").exists() else ["no page came out"]


def gerbers() -> list[str]:
    size = layout(kicad.BOARD / "carrier.kicad_pcb")
    words = ["-m", "gates.gerber", str(OUT / "gerbers"), str(size.width), str(size.height)]
    if not (OUT / "gerbers").exists():
        return ["no gerbers"]
    return [line for line in in_venv(*words).split("\n") if line]


def wiring() -> list[str]:
    if not shutil.which("dot"):
        raise Skip("Graphviz is not installed")
    in_venv(
        "-m",
        "wireviz.wv_cli",
        "-f",
        "s",
        "-o",
        str(OUT),
        "-O",
        "wiring",
        str(HARDWARE / "wiring" / "cuff.yml"),
    )
    return [] if (OUT / "wiring.svg").exists() else ["no drawing came out"]


def case() -> list[str]:
    """Build the case, look for clashes, and see that the committed print is this one."""
    made = json.loads(in_venv("enclosure/case.py", str(OUT)))
    found = [f"{pair} overlap {value} mm3" for pair, value in made["clash_mm3"].items() if value > 0]
    found += [f"{name} is {n} solids" for name, n in made["solids"].items() if n != 1]
    found += [f"{name} is not valid" for name, ok in made["valid"].items() if not ok]
    kept = json.loads((HARDWARE / "enclosure" / "out" / "report.json").read_text(encoding="utf-8"))
    for name, volume in made["volume_mm3"].items():
        if abs(volume - kept["volume_mm3"][name]) > 0.001 * volume:
            found.append(f"enclosure/out/{name}.stl is old: `make hardware ARGS=--publish`")
    return found + ([] if made["usb_slot_over_connector"] else ["the USB slot misses the connector"])


def meshes() -> list[str]:
    code = f"""
import trimesh
from pathlib import Path
from gates import mesh
for name in ("tray", "lid"):
    path = Path({str(OUT)!r}) / (name + ".stl")
    print(*mesh.faults(path, {LEAST_WALL_MM}), sep="\\n")
    solid = trimesh.load_mesh(path)
    solid.merge_vertices(digits_vertex=4)
    print("" if solid.is_watertight else name + ": trimesh finds it open")
"""
    return [line for line in in_venv("-c", code).split("\n") if line.strip()]


def parts() -> list[str]:
    lines = bom.read()
    return bom.faults(lines, netlist.schematic_parts(kicad.BOARD / "carrier.kicad_sch")) + bom.mass_faults(
        lines
    )


def bites() -> list[str]:
    return [f"nobody noticed: {name}" for name in bite.unnoticed(OUT / "bite")]


def publish() -> None:
    """Copy what git keeps; done on purpose only, since pictures differ a little on every machine."""
    for name in PICTURES:
        shutil.copy(OUT / name, HARDWARE / "pictures" / name)
    for name in ("tray.stl", "lid.stl", "case.step", "report.json"):
        shutil.copy(OUT / name, HARDWARE / "enclosure" / "out" / name)


GATES: list[tuple[str, Callable[[], list[str]]]] = [
    ("pin map: schematic, board, wiring, firmware", pin_map),
    ("parts list and mass", parts),
    ("ERC, every severity", with_kicad(lambda: kicad.erc(out=OUT))),
    ("DRC and parity, every severity", with_kicad(lambda: kicad.drc(out=OUT))),
    ("netlist readers agree", with_kicad(readers_agree)),
    ("the KiCad gates bite", with_kicad(bites)),
    ("schematic, gerbers, drill, placement, STEP, pictures", with_kicad(exports)),
    ("interactive parts map", with_kicad(interactive_bom)),
    ("gerbers read by gerbonara", with_kicad(gerbers)),
    ("wiring drawing", wiring),
    ("case: clash 0, one solid each, committed print current", case),
    (f"meshes: closed, walls {LEAST_WALL_MM} mm or more", meshes),
]


def prepare() -> None:
    OUT.mkdir(exist_ok=True)
    if kicad.missing() and (reason := tools.install_kicad()):
        print(f"KiCad: {reason}", flush=True)
    tools.install_small()
    tools.make_venv()


def show(results: list[Result]) -> None:
    print("\n| gate | state | s | |\n|---|---|---|---|")
    for item in results:
        print(f"| {item.gate} | {item.state} | {item.seconds:.1f} | {item.text} |")
    skipped = sum(item.state == "SKIP" for item in results)
    if skipped:
        print(f"\n{skipped} GATES DID NOT RUN. This is not a full pass.")


def main() -> int:
    prepare()
    results = [gate(name, check) for name, check in GATES]
    if "--publish" in sys.argv[1:]:
        publish()
    show(results)
    return 1 if any(item.state == "FAIL" for item in results) else 0


if __name__ == "__main__":
    sys.exit(main())
