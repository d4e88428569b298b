"""What goes wrong in a simulated session, and when: data, drawn from a seed or written by hand."""

import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from distal.errors import DataError

EDGE_S = 1.5  # nothing happens before; the session begins
HEAL_S = 9.0  # nothing happens in the last seconds: what broke must be whole again at the end
LATE = 0.15  # of all plans: the session is stopped in the midst of the trouble
LATE_S = (0.3, 3.0)  # after the last fault, then

# kind -> what it does; `seconds` and `amount` mean what stands here
KINDS: Mapping[str, str] = {
    "loss": "more packets over the air are not heard: amount of 1, for seconds",
    "range": "a cuff is out of reach for seconds",
    "drop": "a link ends at once, with all that was on its way",
    "reboot": "a cuff starts anew",
    "brown_out": "the power fails when the flash has written amount bytes more; back after seconds",
    "stall": "a cuff does nothing for seconds: the FIFO of its sensor overruns",
    "no_memory": "a cuff's radio has no buffer for seconds (ENOMEM)",
    "kill": "the host's process is killed; it starts again after seconds",
    "disk_full": "the host's disk is full; there is room again after seconds",
    "warm": "a cuff's sensor and crystal run amount ppm faster, bit by bit, over seconds",
    "clock_step": "the host's clock jumps by amount seconds",
    "garble": "bits of amount of 1 of all messages are wrong on arrival, for seconds",
    "rival": "another host tries to use a cuff whose link was lost, for seconds",
}
# kind -> smallest and largest `seconds`, smallest and largest `amount`
RANGES: Mapping[str, tuple[float, float, float, float]] = {
    "loss": (2.0, 4.0, 0.2, 0.6),
    "range": (1.0, 7.0, 0, 0),
    "drop": (0, 0, 0, 0),
    "reboot": (0, 0, 0, 0),
    "brown_out": (0.5, 2.0, 1, 4000),
    "stall": (1.5, 3.0, 0, 0),
    "no_memory": (0.5, 2.5, 0, 0),
    "kill": (0.5, 2.0, 0, 0),
    "disk_full": (0.5, 2.0, 0, 0),
    "warm": (3.0, 6.0, -40, 40),
    "clock_step": (0, 0, -0.4, 40),
    "garble": (2.0, 4.0, 0.05, 0.3),
    "rival": (3.0, 5.0, 0, 0),
}
OF_ALL = ("loss", "kill", "disk_full", "clock_step", "garble")  # no cuff of their own
# what a plan by hand may ask for
BOUNDS: Mapping[str, tuple[float, float]] = {
    "seconds": (0.1, 604_800.0),
    "cuffs": (1, 8),
    "loss": (0.0, 0.95),
    "interval_ms": (7.5, 4000.0),  # Core specification 5.4, volume 6, part B, section 4.5.1
    "flash_bytes": (0, 1 << 24),
}
SIDES = ("said", "swapped", "both_left", "unsaid")
STRANGERS = (None, "garbage", "stranger", "double")
LARGE_FLASH = 0x180000
SMALL_FLASH = 16 * 4096  # holds less than the shortest session: its ring goes round


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, `at_s` after the recording began."""

    at_s: float
    kind: str
    cuff: int = 0
    seconds: float = 0.0
    amount: float = 0.0


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """A session and all that goes wrong in it. The same plan gives the same bytes."""

    seed: int = 0
    seconds: float = 16.0
    faults: tuple[Fault, ...] = ()
    cuffs: int = 2
    loss: float = 0.0  # of packets over the air, all the time
    interval_ms: float = 30.0
    drift_ppm: tuple[float, ...] = (0.0, 0.0)  # of each sensor
    crystal_ppm: tuple[float, ...] = (0.0, 0.0)
    sides: str = "said"  # what the cuffs say of their sides
    stranger: str | None = None  # a device with our service and no right to it
    flash_bytes: int = LARGE_FLASH
    keyed: bool = False  # cuffs and host are paired
    meets: bool = False  # afterwards the host fetches what the cuffs keep and its recordings lack
    wraps: bool = False  # every clock of the cuffs starts shortly before it wraps

    def kinds(self) -> set[str]:
        """Every kind of fault in it."""
        found = {fault.kind for fault in self.faults}
        found |= {"drift"} if any(self.drift_ppm) else set()
        found |= {name for name in ("wraps", "meets", "keyed") if getattr(self, name)}
        found |= {f"sides_{self.sides}"} if self.sides != "said" else set()
        found |= {f"foreign_{self.stranger}"} if self.stranger else set()
        return found | ({"flash_full"} if self.flash_bytes < LARGE_FLASH else set())

    def to_json(self) -> str:
        """As one line of text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "FaultPlan":
        """From its text. raises DataError"""
        try:
            values = json.loads(text)
            values["faults"] = tuple(Fault(**fault) for fault in values["faults"])
            for name in ("drift_ppm", "crystal_ppm"):
                values[name] = tuple(values[name])
            plan = cls(**values)
        except (ValueError, TypeError, KeyError) as error:
            raise DataError(
                f"this is no plan of faults ({error}). Make one with: distal replay --seed N"
            ) from error
        return plan.checked()

    def checked(self) -> "FaultPlan":
        """Itself. raises DataError for a kind or a cuff that there is not, or a value that cannot be"""
        for name, (least, most) in BOUNDS.items():
            value = getattr(self, name)
            if not isinstance(value, (int, type(least))) or not least <= value <= most:
                raise DataError(f"{name} of the plan is {value!r}. Give {least:g} to {most:g}.")
        if min(len(self.drift_ppm), len(self.crystal_ppm)) < self.cuffs:
            raise DataError(f"drift_ppm and crystal_ppm need a value for each of {self.cuffs} cuffs.")
        for fault in self.faults:
            if fault.kind not in KINDS or not 0 <= fault.cuff < self.cuffs:
                text = f"no fault {fault.kind!r} of cuff {fault.cuff}. There are: {', '.join(KINDS)}"
                raise DataError(text)
        return self


def draw(seed: int) -> FaultPlan:
    """The plan that belongs to a seed."""
    chance = random.Random(f"plan/{seed}")
    cuffs = 1 if chance.random() < 0.25 else 2
    faults = _draw_faults(chance, cuffs)
    end_s = max((fault.at_s + fault.seconds for fault in faults), default=0.0)
    plan = FaultPlan(
        seed,
        seconds=round(end_s + _heal_s(seed), 1),
        faults=faults,
        cuffs=cuffs,
        loss=round(chance.choice([0.0, 0.0, 0.05, 0.1, 0.3]), 3),
        interval_ms=chance.choice([7.5, 15.0, 30.0, 45.0]),
        drift_ppm=tuple(round(chance.uniform(-40, 40), 1) for _ in range(cuffs)),
        crystal_ppm=tuple(round(chance.uniform(-20, 20), 1) for _ in range(cuffs)),
        wraps=chance.random() < 0.2,
        flash_bytes=SMALL_FLASH if chance.random() < 0.2 else LARGE_FLASH,
    )
    return _draw_others(chance, plan)


def _heal_s(seed: int) -> float:
    """From the last fault to the stop."""
    chance = random.Random(f"cut/{seed}")
    return chance.uniform(*LATE_S) if chance.random() < LATE else HEAL_S


def _draw_faults(chance: random.Random, cuffs: int) -> tuple[Fault, ...]:
    """One after another, so that each has its own effect; a host that fails ends the list of its faults."""
    at_s, faults = EDGE_S, []
    for _ in range(chance.randint(1, 4)):
        kind = chance.choice(list(KINDS))
        least_s, most_s, least, most = RANGES[kind]
        at_s += chance.uniform(0.2, 2.0)
        seconds = round(chance.uniform(least_s, most_s), 3)
        amount = round(chance.uniform(least, most), 3)
        cuff = 0 if kind in OF_ALL else chance.randrange(cuffs)
        faults.append(Fault(round(at_s, 3), kind, cuff, seconds, amount))
        at_s += seconds + (6.0 if kind in ("kill", "disk_full") else 0.0)
    return tuple(faults)


def _draw_others(chance: random.Random, plan: FaultPlan) -> FaultPlan:
    """Who else is there, what the cuffs say of their sides, and whether they are met again."""
    kinds = {fault.kind for fault in plan.faults}
    sides = chance.choice(SIDES) if chance.random() < 0.25 else "said"
    stranger = chance.choice(STRANGERS[1:]) if chance.random() < 0.15 else None
    keyed = "rival" in kinds or stranger is not None or chance.random() < 0.2
    return replace(plan, sides=sides, stranger=stranger, keyed=keyed, meets=chance.random() < 0.25)
