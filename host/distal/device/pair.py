"""Pairing: see who is there, prove by key or button that a cuff is ours, tell it its leg, remember it."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from distal.device.keys import CuffStore, KnownCuff
from distal.errors import CuffLocked, CuffNotFound, LinkError
from distal.link.base import INBOX_SIZE, Found, Info, is_called
from distal.link.ble import BleRadio, CuffLink
from distal.link.prove import Challenge, agree, ask, authenticate, prove, who
from distal_wire import spec

Proof = Literal["key", "button", "none"]
WINDOW_LOOK_S = 0.5
WAIT_S = 45.0  # for the button; the cuff ends a link that proves nothing after 60 s
_SIDES = {"left": spec.SIDE_LEFT, "right": spec.SIDE_RIGHT}
Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Heard:
    """A cuff in reach, and what it said when it was asked."""

    found: Found
    info: Info | None  # None: it did not answer
    is_locked: bool  # it obeys only hosts that have its key
    known: KnownCuff | None  # what this computer knows of it


@dataclass(frozen=True, slots=True)
class Terms:
    """How to prove, and what the cuff and this computer shall know."""

    key: bytes | None = None  # None: the one of the store
    by_button: bool = False  # agree on a new key even where one is known
    wait_s: float = WAIT_S  # for the button, where no key is known; 0: do not wait
    side: str | None = None  # None: as the cuff says
    mass_g: int | None = None
    name: str | None = None  # of this computer's own; None: as the cuff calls itself
    blink_s: int = 5


@dataclass(frozen=True, slots=True)
class Paired:
    """A cuff that this computer may command from now on."""

    known: KnownCuff
    proof: Proof


async def look_around(
    radio: BleRadio, store: CuffStore, seconds: float, note: Note, passed_over: Collection[str] = ()
) -> list[Heard]:
    """Every cuff in reach, the strongest first; each is asked who it is. raises BluetoothOff"""
    heard = []
    for found in await radio.scan(seconds):
        if found.address not in passed_over:
            note(f"asking {found.name}")
            heard.append(await _ask_who(radio, store, found))
    return heard


async def _ask_who(radio: BleRadio, store: CuffStore, found: Found) -> Heard:
    try:
        link = await radio.connect(found, asyncio.Queue(INBOX_SIZE))
    except LinkError:
        return Heard(found, None, False, None)
    try:
        challenge = await ask(link)
        return Heard(found, link.info, bool(challenge and challenge.is_locked), store.get(link.info.cuff))
    except LinkError:
        return Heard(found, link.info, True, store.get(link.info.cuff))
    finally:
        await link.close()


async def pair(radio: BleRadio, store: CuffStore, found: Found, terms: Terms, note: Note) -> Paired:
    """Make a cuff this computer's. `radio` must have no keys. raises LinkError, KeyStoreError"""
    link = await radio.connect(found, asyncio.Queue(INBOX_SIZE))
    try:
        known = store.get(link.info.cuff) or KnownCuff(link.info.cuff)
        key, proof = await _possess(link, store, terms, note)
        known = replace(
            known,
            key=key.hex() if key else None,
            name=terms.name or known.name or found.name,
            board=link.info.board,
            address=found.address,
        )
        store.put(known)  # before anything else may fail: nobody else has a key that was agreed on
        with suppress(LinkError):  # it is paired, even if it does not blink
            await link.command(spec.COMMAND_IDENTIFY, 0, terms.blink_s)
        known = await _tell(link, known, terms.side or link.info.side, terms.mass_g)
        store.put(known)
        return Paired(known, proof)
    finally:
        await link.close()


async def change(
    radio: BleRadio, store: CuffStore, known: KnownCuff, side: str | None, mass_g: int | None
) -> KnownCuff:
    """Tell a paired cuff its leg and mass anew, and remember them. raises CuffNotFound, LinkError"""
    link = await reach(radio, known)
    try:
        await authenticate(link, store.key_of(known.cuff))
        changed = await _tell(link, replace(known, address=link.address), side or link.info.side, mass_g)
        store.put(changed)
        return changed
    finally:
        await link.close()


async def reach(radio: BleRadio, known: KnownCuff, seconds: float = 10.0) -> CuffLink:
    """A link to that cuff, by its address where that is known. raises CuffNotFound"""
    if known.address:
        heard = [one for one in await radio.scan(seconds, 1, {known.address}) if one.address == known.address]
    else:
        heard = await radio.scan(seconds)
    for found in heard:
        with suppress(CuffNotFound):
            link = await radio.connect(found, asyncio.Queue(INBOX_SIZE))
            if is_called(known.cuff, link.info.cuff):
                return link
            await link.close()
    raise CuffNotFound(
        f"{known.name or known.cuff} was not heard. Wake it (move it), bring it closer, try again."
    )


async def _possess(link: CuffLink, store: CuffStore, terms: Terms, note: Note) -> tuple[bytes | None, Proof]:
    """The cuff's key once it is proven, and how; (None, "none") for a cuff that obeys everybody."""
    challenge = await ask(link)
    key = terms.key or store.key_of(link.info.cuff)
    if terms.by_button or (key is None and challenge and (challenge.is_locked or challenge.has_window)):
        return await agree(link, await _await_window(link, challenge, terms.wait_s, note)), "button"
    if challenge and challenge.is_locked:
        await prove(link, challenge, key)
        return key, "key"
    if key is not None:
        await authenticate(link, key)  # says that a cuff without a key is not believed
    return None, "none"


async def _await_window(link: CuffLink, challenge: Challenge | None, wait_s: float, note: Note) -> Challenge:
    """Ask until the button was held. raises CuffLocked"""
    loop = asyncio.get_running_loop()
    end = loop.time() + wait_s
    if not (challenge and challenge.has_window) and wait_s:
        note(f"hold the button of {who(link)} for 3 s, until its light is on half of the time ...")
    while not (challenge and challenge.has_window):
        if loop.time() >= end:
            raise CuffLocked(
                f"the button of {who(link)} was not held. Hold it for 3 s, then run again: distal pair"
                f" {link.info.cuff} --button; or prove that it is yours by its key: --key",
                link.info.cuff,
            )
        await asyncio.sleep(WINDOW_LOOK_S)
        challenge = await ask(link)
    return challenge


async def _tell(link: CuffLink, known: KnownCuff, side: str | None, mass_g: int | None) -> KnownCuff:
    """Write side and mass into the cuff where they differ; returns what is known then."""
    if side and side != link.info.side:
        await link.command(spec.COMMAND_SET, spec.SET_SIDE, _SIDES[side])
    if mass_g is not None and mass_g != (link.info.mass_g or 0):
        await link.command(spec.COMMAND_SET, spec.SET_MASS_G, mass_g)
    return replace(known, side=side, mass_g=mass_g if mass_g is not None else link.info.mass_g)
