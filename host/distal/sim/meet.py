"""The next meeting of host and cuffs after a session that went wrong: what `distal fetch` does then."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from distal.bring import COMPARING, Bring, Target
from distal.errors import LinkError
from distal.hold import Cuffs, Held
from distal.link.ble import BleRadio
from distal.virtual.rig import VirtualRig
from distal_wire import spec

ROUNDS = 5  # over a bad radio a link may be lost while one fetches
SCAN_S = 8.0


async def meet(rig: VirtualRig, recordings: list[Path], keys: Mapping[str, bytes]) -> list[Path]:
    """Fetch what the cuffs keep and the recordings lack; returns them with those that are new.

    They move to a folder of their own: what a killed process still writes is nobody's.
    """
    if not recordings:
        return []
    folder = recordings[0].parent / "met"
    folder.mkdir()
    moved = [_move(path, folder) for path in recordings]
    radio = BleRadio((await rig.add_host()).backend, keys.get if keys else None)
    async with Cuffs(radio) as cuffs:
        for cuff in rig.cuffs:
            held = await _link(cuffs, radio, cuff.address)
            for _ in range(ROUNDS):
                if held and await _is_done(cuffs, held, folder):
                    break
    return [*moved, *sorted(set(folder.glob("*.distal")) - set(moved))]


def _move(path: Path, folder: Path) -> Path:
    for ending in ("", "-wal"):
        written = path.with_name(path.name + ending)
        if written.exists():
            written.rename(folder / written.name)
    return folder / path.name


async def _link(cuffs: Cuffs, radio: BleRadio, address: str) -> Held | None:
    for _ in range(ROUNDS):
        for found in await radio.scan(SCAN_S, 1, [address]):
            if found.address == address:
                try:
                    link = await cuffs.connect(found)
                except LinkError:
                    continue
                return cuffs.hold(found, link, link.info.side or "left")
    return None


async def _is_done(cuffs: Cuffs, held: Held, folder: Path) -> bool:
    """Everything came, or the cuff has it no more."""
    try:
        await held.link.command(spec.COMMAND_STOP)
        async with Bring(cuffs, held, Target(folder, side=held.side), lambda *_: None, _fail) as bring:
            survey = await bring.survey()
            left = [(await bring.fetch(survey, want)).left for want in survey.wants]
            await bring.release(survey)
        return not any(left)
    except LinkError:
        await asyncio.sleep(1.0)
        return False


def _fail(text: str) -> None:
    if text != COMPARING:
        raise AssertionError(text)  # every recording of a simulation can be read
