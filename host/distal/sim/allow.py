"""How many samples of a cuff a plan's faults may cost at most. Nothing else may cost any."""

from collections.abc import Mapping, Sequence

from distal.sim.plan import Fault, FaultPlan
from distal_wire import spec

RATE_HZ = 40000 / 192
RING_S = 5.0  # of samples in RAM at least: firmware/distal_cuff/sampling.py, _RING_S
BACK_S = 4.5  # until a link is given up and made again, once the cuff is in reach
REST_S = 1.5  # what lies in FIFO, open packet and radio of a cuff that starts anew
FIFO_S = 256 / RATE_HZ  # 512 words of two a sample, less when a timestamp is among them
BOOT_S = 1.0  # until a cuff that starts anew can be found


def allowed(
    plan: FaultPlan, cuff: int, done: Sequence[tuple[Fault, bool]], garbled: Mapping[int, int]
) -> int:
    """Samples of one cuff."""
    mine = [fault for fault, _ in done if fault.cuff == cuff or fault.kind in _OF_HOST]
    seconds = sum(_cost_s(fault, plan.meets) for fault in mine)
    return int(seconds * RATE_HZ) + garbled.get(spec.KIND_SAMPLES, 0) * spec.SAMPLES_PER_PACKET


_OF_HOST = ("kill", "disk_full")


def _cost_s(fault: Fault, meets: bool) -> float:
    """Seconds of samples that one fault may cost; what is in flash costs nothing when cuff and host meet."""
    if meets and fault.kind in ("range", "rival", *_OF_HOST):
        return 0.0
    if meets and fault.kind == "reboot":
        return REST_S + BOOT_S
    if fault.kind == "range":
        return max(fault.seconds + BACK_S - RING_S, 0.0) if fault.seconds > 3.5 else 0.0
    if fault.kind == "rival":
        return max(fault.seconds + BACK_S - RING_S, 0.0)
    if fault.kind in ("reboot", "brown_out"):
        return REST_S + BOOT_S + BACK_S
    if fault.kind == "stall":
        return fault.seconds - FIFO_S + 0.5
    if fault.kind in _OF_HOST:
        return fault.seconds + 3 * BACK_S
    return 0.0
