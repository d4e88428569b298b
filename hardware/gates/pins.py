"""Does everybody agree with pins.toml: schematic, board, wiring, firmware?"""

import ast
import re
import tomllib
from pathlib import Path

from gates.netlist import Nets

HARDWARE = Path(__file__).resolve().parents[1]
FIRMWARE_BOARDS = HARDWARE.parent / "firmware" / "boards"
SIGNALS = ("SDA", "SCL", "IMU_INT1", "BUTTON", "VBAT_SENSE", "LED_R", "LED_G", "LED_B", "MOTOR")


def load(path: Path = HARDWARE / "pins.toml") -> dict:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def gpio_of(pins: dict, board: str) -> dict[str, int]:
    """Net -> GPIO of one board."""
    gpio = pins["boards"][board]["gpio"]
    return {net: gpio[pad] for pad, net in pins["nets"].items() if pad in gpio}


def net_faults(pins: dict, nets: Nets, what: str) -> list[str]:
    """Schematic or board against the map."""
    wanted = {("U1", str(pins["pads"][pad])): net for pad, net in pins["nets"].items()}
    wanted |= {("U1", str(pins["pads"][pad])): "" for pad in pins["open"]}
    wanted |= {("U2", number): net for number, net in pins["imu"].items()}
    wanted |= {("J2", str(i + 1)): net for i, net in enumerate(pins["breakout"]["order"])}
    found = []
    for (ref, pin), net in wanted.items():
        have = nets.of(ref, pin)
        if have != net and not (net == "" and have.startswith("unconnected-")):
            found.append(f"{what}: {ref}.{pin} is on {have or 'nothing'}, pins.toml says {net or 'open'}")
    return found


def property_faults(pins: dict) -> list[str]:
    """Battery on ADC1, wake lines on wake-capable pins, strapping pins only with a reason."""
    found = []
    for name, board in pins["boards"].items():
        gpio = gpio_of(pins, name)
        if gpio["VBAT_SENSE"] not in board["adc1"]:
            found.append(f"{name}: VBAT_SENSE on GPIO{gpio['VBAT_SENSE']} is not on ADC1")
        for net in ("BUTTON", "IMU_INT1"):
            if gpio[net] not in board["wake"]:
                found.append(f"{name}: {net} on GPIO{gpio[net]} cannot wake from deep sleep")
        for net, number in gpio.items():
            if number in board["strapping"] and str(number) not in board["strapping_allowed"]:
                found.append(f"{name}: {net} on strapping pin GPIO{number} without a reason")
    return found


def constants(path: Path) -> dict[str, object]:
    """Upper-case constants of one firmware/boards file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    pairs = [(item.targets[0], item.value) for item in tree.body if isinstance(item, ast.Assign)]
    return {name.id: ast.literal_eval(value) for name, value in pairs if isinstance(name, ast.Name)}


def firmware_faults(pins: dict, folder: Path = FIRMWARE_BOARDS) -> list[str]:
    """A firmware file may leave a net out; what it names must be right."""
    found = []
    for name, board in pins["boards"].items():
        have, gpio = constants(folder / f"{name}.py"), gpio_of(pins, name)
        wanted = {net: gpio[net] for net in SIGNALS if net in have}
        wanted["VBAT_RATIO"] = pins["values"]["divider_ratio"]
        wanted["LED"] = board.get("user_led")
        for key in ("SDA", "SCL", "IMU_INT1", "VBAT_SENSE"):
            wanted.setdefault(key, gpio[key])
        for key, value in wanted.items():
            if have.get(key) != value:
                found.append(f"firmware/boards/{name}.py: {key} = {have.get(key)}, pins.toml says {value}")
    return found


def wiring(path: Path) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of labelled pins that one wire joins. Reads the plain one-line form that our YAML keeps to."""
    text = path.read_text(encoding="utf-8")
    labels = {}
    for name, listed in re.findall(r"^  (\w+):\n(?:    .*\n)*?    pinlabels: \[(.*)\]", text, re.MULTILINE):
        labels[name] = [label.strip().strip('"') for label in listed.split(",")]
    pairs = []
    for left, a, right, b in re.findall(r"- \[\{(\w+): \[(.*?)\]\}, \{.*?\}, \{(\w+): \[(.*?)\]\}\]", text):
        for i, j in zip(a.split(","), b.split(","), strict=True):
            pairs.append(((left, labels[left][int(i) - 1]), (right, labels[right][int(j) - 1])))
    return pairs


WIRED = {"3V3": "+3V3", "VIN": "+3V3", "INT1": "IMU_INT1", "+": "VBAT", "-": "GND", "A": "BUTTON", "B": "GND"}


def wiring_faults(pins: dict, path: Path = HARDWARE / "wiring" / "cuff.yml") -> list[str]:
    """Each wire from the module ends on a pin of the same net."""
    found = []
    pairs = wiring(path)
    for (left, a), (right, b) in pairs:
        pad = a.split()[0]
        net = pins["nets"].get(pad, "")
        if net != WIRED.get(b, b):
            found.append(f"wiring: {left} {pad} is {net or 'open'}, wired to {right} {b}")
        gpio = re.search(r"GPIO(\d+)", a)
        if gpio and pins["boards"]["xiao_esp32s3"]["gpio"][pad] != int(gpio[1]):
            found.append(f"wiring: label {a} is not the ESP32-S3's GPIO")
    needed = {"SDA", "SCL", "IMU_INT1", "VBAT", "GND", "+3V3", "BUTTON"}
    missing = needed - {WIRED.get(b, b) for _, (_, b) in pairs}
    return found + [f"wiring: no wire for {net}" for net in sorted(missing)]


def table(pins: dict) -> str:
    """The pin table of README.md."""
    names = list(pins["boards"])
    lines = ["| pad | net | " + " | ".join(names) + " |", "|---" * (2 + len(names)) + "|"]
    for pad in sorted(pins["boards"][names[0]]["gpio"], key=lambda pad: int(pad[1:])):
        cells = [str(pins["boards"][name]["gpio"][pad]) for name in names]
        lines.append(f"| {pad} | {pins['nets'].get(pad, 'open')} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
