"""kicad-cli: rule checks and everything a board house asks for."""

import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

from gates.netlist import Nets

HARDWARE = Path(__file__).resolve().parents[1]
BOARD = HARDWARE / "board"
STEM = "carrier"
LAYERS = "F.Cu,B.Cu,F.Mask,B.Mask,F.Paste,B.Paste,F.Silkscreen,B.Silkscreen,Edge.Cuts"
BOM_FIELDS = "Reference,Value,Footprint,MPN,Substitute,${QUANTITY},${DNP}"


def missing() -> str:
    """Why KiCad cannot be used here; empty when it can."""
    if not shutil.which("kicad-cli"):
        return "kicad-cli is not installed (KiCad 9 wanted)"
    version = cli("version").strip()
    return "" if version.startswith("9.") else f"kicad-cli is {version}, the board wants 9"


def cli(*words: str) -> str:
    return subprocess.run(["kicad-cli", *words], check=True, capture_output=True, text=True).stdout


def verdict(words: list[str], report: Path) -> list[str]:
    """Run a rule check; the findings, one line each."""
    done = subprocess.run(["kicad-cli", *words, "-o", str(report)], capture_output=True, text=True)
    if done.returncode == 0:
        return []
    text = report.read_text(encoding="utf-8") if report.exists() else done.stderr
    return re.findall(r"^\[[a-z_]+\]: .*", text, re.MULTILINE) or [f"kicad-cli says {done.stderr.strip()}"]


def erc(folder: Path = BOARD, out: Path | None = None) -> list[str]:
    words = ["sch", "erc", "--severity-all", "--exit-code-violations", str(folder / f"{STEM}.kicad_sch")]
    return verdict(words, (out or folder) / "erc.rpt")


def drc(folder: Path = BOARD, out: Path | None = None) -> list[str]:
    """Board rules and parity with the schematic. Parity findings are warnings, hence all severities."""
    words = ["pcb", "drc", "--severity-all", "--schematic-parity", "--exit-code-violations"]
    return verdict([*words, str(folder / f"{STEM}.kicad_pcb")], (out or folder) / "drc.rpt")


def netlist(out: Path, folder: Path = BOARD) -> Nets:
    """KiCad's own opinion of the schematic."""
    path = out / "netlist.xml"
    cli(
        "sch", "export", "netlist", "--format", "kicadxml", "-o", str(path), str(folder / f"{STEM}.kicad_sch")
    )
    nets = ET.parse(path).getroot().findall("nets/net")
    groups = [frozenset((pin.get("ref", ""), pin.get("pin", "")) for pin in net) for net in nets]
    return Nets(groups, [net.get("name", "") for net in nets])


def export_schematic(out: Path) -> None:
    source = str(BOARD / f"{STEM}.kicad_sch")
    cli("sch", "export", "pdf", "-o", str(out / "schematic.pdf"), source)
    group = "Value,Footprint,MPN,${DNP}"
    cli(
        "sch",
        "export",
        "bom",
        "--fields",
        BOM_FIELDS,
        "--group-by",
        group,
        "-o",
        str(out / "parts.csv"),
        source,
    )


def export_board(out: Path) -> None:
    """Gerbers, drill, placement and the board's body."""
    source, gerbers = str(BOARD / f"{STEM}.kicad_pcb"), out / "gerbers"
    gerbers.mkdir(parents=True, exist_ok=True)
    cli("pcb", "export", "gerbers", "--layers", LAYERS, "-o", str(gerbers), source)
    # slots as routed paths: the older G85 form is not read by every tool
    drill = ["--excellon-oval-format", "route", "--excellon-separate-th"]
    cli("pcb", "export", "drill", *drill, "-o", f"{gerbers}/", source)
    cli(
        "pcb",
        "export",
        "pos",
        "--format",
        "csv",
        "--units",
        "mm",
        "--exclude-dnp",
        "-o",
        str(out / "place.csv"),
        source,
    )
    cli("pcb", "export", "step", "--force", "-o", str(out / "carrier.step"), source)
    shutil.make_archive(str(out / "gerbers"), "zip", gerbers)


def pictures(out: Path) -> None:
    source = str(BOARD / f"{STEM}.kicad_pcb")
    for side in ("top", "bottom"):
        size = ["-w", "700", "--height", "1170", "--zoom", "1"]
        cli(
            "pcb",
            "render",
            "--side",
            side,
            "--background",
            "opaque",
            *size,
            "-o",
            str(out / f"board-{side}.png"),
            source,
        )
    turn = ["--rotate", "-45,0,35", "-w", "1000", "--height", "780", "--zoom", "0.95"]
    cli("pcb", "render", *turn, "--background", "opaque", "-o", str(out / "board-3d.png"), source)
    pdf = str(out / "schematic.pdf")
    if shutil.which("pdftoppm"):
        subprocess.run(["pdftoppm", "-r", "80", "-png", pdf, str(out / "schematic")], check=True)


def interactive_bom(python: Path, out: Path) -> None:
    """One HTML page that shows where each part goes."""
    module = "InteractiveHtmlBom.generate_interactive_bom"
    code = f"import runpy, sys; sys.argv[0] = 'ibom'; runpy.run_module('{module}', run_name='__main__')"
    paths = os.pathsep.join(["/usr/lib/python3/dist-packages", os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "INTERACTIVE_HTML_BOM_NO_DISPLAY": "1", "PYTHONPATH": paths}
    options = [
        "--no-browser",
        "--dest-dir",
        str(out),
        "--name-format",
        "parts-map",
        "--extra-fields",
        "MPN,Substitute",
    ]
    words = [str(python), "-c", code, *options, str(BOARD / f"{STEM}.kicad_pcb")]
    subprocess.run(words, check=True, env=environment, capture_output=True, text=True)
