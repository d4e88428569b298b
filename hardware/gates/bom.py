"""bom.csv against the schematic, and what the finished pod weighs."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

from gates.netlist import Part

HARDWARE = Path(__file__).resolve().parents[1]
POD_LIMIT_G = 50.0
CUFFS_KG = (0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True)
class Line:
    """One line to order; `refs` is empty for what is not on the board."""

    refs: tuple[str, ...]
    quantity: int
    value: str
    mpn: str
    substitute: str
    mass_g: float
    fitted: bool
    counts: bool  # part of the pod's mass


def read(path: Path = HARDWARE / "bom.csv") -> list[Line]:
    with path.open(encoding="utf-8", newline="") as file:
        return [line(row) for row in csv.DictReader(file)]


def line(row: dict[str, str]) -> Line:
    return Line(
        tuple(row["refs"].split()),
        int(row["quantity"]),
        row["value"],
        row["mpn"],
        row["substitute"],
        float(row["mass_g_each"]),
        row["fitted"] == "yes",
        row["in_pod"] == "yes",
    )


def faults(lines: list[Line], parts: dict[str, Part]) -> list[str]:
    """Every part of the schematic once, with its value, part number and substitute."""
    found = []
    listed = {ref: item for item in lines for ref in item.refs}
    wanted = {ref: part for ref, part in parts.items() if part.in_bom}
    found += [f"bom.csv: {ref} is missing" for ref in sorted(set(wanted) - set(listed))]
    found += [f"bom.csv: {ref} is not in the schematic" for ref in sorted(set(listed) - set(wanted))]
    for ref in sorted(set(wanted) & set(listed)):
        item, part = listed[ref], wanted[ref]
        mine = (item.value, item.mpn, item.substitute, item.fitted)
        theirs = (part.value, part.fields.get("MPN", ""), part.fields.get("Substitute", ""), not part.dnp)
        if mine != theirs:
            found.append(f"bom.csv: {ref} is {mine}, the schematic says {theirs}")
    found += [
        f"bom.csv: {i.refs} has quantity {i.quantity}" for i in lines if i.refs and len(i.refs) != i.quantity
    ]
    return found + [
        f"bom.csv: {item.refs} has no part number" for item in lines if item.fitted and not item.mpn
    ]


def case_mass_g(report: Path = HARDWARE / "enclosure" / "out" / "report.json") -> float:
    """Solid plastic; a print with less than 100 % filling is lighter."""
    return sum(json.loads(report.read_text(encoding="utf-8"))["mass_g"].values())


def masses(lines: list[Line]) -> dict[str, float]:
    """Parts of the pod, g."""
    pod = [item for item in lines if item.counts and item.fitted]
    electronics = sum(i.quantity * i.mass_g for i in pod if i.refs)
    return {"electronics": electronics, "other": sum(i.quantity * i.mass_g for i in pod if not i.refs)}


def pod_g(lines: list[Line]) -> float:
    return sum(masses(lines).values()) + case_mass_g()


def mass_faults(lines: list[Line]) -> list[str]:
    pod = pod_g(lines)
    return [f"pod weighs {pod:.1f} g, at most {POD_LIMIT_G} g"] if pod > POD_LIMIT_G else []


def mass_table(lines: list[Line]) -> str:
    """The mass budget of README.md."""
    part = masses(lines)
    pod = pod_g(lines)
    rows = [
        ("electronics on the board", part["electronics"]),
        ("bare board, cell, motor, wires, foam", part["other"]),
        ("printed case, solid PETG", case_mass_g()),
        ("**pod**", pod),
    ]
    text = ["| part | g |", "|---|---|", *(f"| {name} | {mass:.1f} |" for name, mass in rows), ""]
    text += ["| cuff | pod's share |", "|---|---|"]
    return "\n".join(text + [f"| {kg} kg | {pod / kg / 10:.1f} % |" for kg in CUFFS_KG])
