"""Proves the cuff's key on a connection, and agrees on a new one while the button's window is open.

The messages and what they keep off are told in protocol/README.md.
"""

import asyncio
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from distal.errors import CommandRefused, CuffLocked, FalseCuff, WrongKey
from distal.link.base import Info, build_command, refusal
from distal.model import Received
from distal_wire import batch, codec, curve, proof, spec

Value = TypeVar("Value")
Read = Callable[[Received, float], Value | None]  # (message, host's clock when it was asked for)
PATIENCE_S = 20.0  # for a cuff that lets nobody try after wrong proofs; it waits 8 s at most
_KINDS = (spec.KIND_CHALLENGE, spec.KIND_PROOF)


class Connection(Protocol):
    """What a link offers for it."""

    name: str
    info: Info

    def next_seq(self) -> int:
        """A number for the next question."""
        ...

    async def exchange(self, message: bytes, read: Read[Value]) -> Value:
        """Write on `control`; the first answer that `read` makes something of. raises LinkLost"""
        ...


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a cuff wants answered."""

    seq: int
    is_locked: bool  # it takes no command before the key was proven
    has_window: bool  # its button was held: a new key may be agreed on now
    nonce: bytes
    public: bytes


def is_private(message: bytes) -> bool:
    """Whether a message is about keys: it belongs into no recording."""
    if message[:1] and message[0] in _KINDS:
        return True
    return message[:1] == bytes([spec.KIND_RESPONSE]) and message[2:3] == bytes([spec.COMMAND_CHALLENGE])


async def authenticate(link: Connection, key: bytes | None) -> None:
    """Do what the cuff asks right after connecting. raises CuffLocked, WrongKey, FalseCuff, LinkLost"""
    challenge = await ask(link)
    if challenge and challenge.is_locked:
        await prove(link, challenge, key)
    elif key is not None:
        raise FalseCuff(
            f"{who(link)} asks for no key, though this computer keeps one for it: it was erased, or it is"
            f" another device. If you trust it: distal cuffs forget {link.info.cuff}, then distal pair"
        )


async def ask(link: Connection) -> Challenge | None:
    """What the cuff wants answered, None if nothing. raises CommandRefused, LinkLost"""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE_S
    while True:
        try:
            return await _ask_once(link)
        except CommandRefused as error:
            if error.error == spec.ERROR_UNKNOWN_COMMAND:  # firmware from before there were keys
                return None
            wait_s = error.detail / 1000
            if error.error != spec.ERROR_LOCKED or not wait_s or loop.time() + wait_s > end:
                raise
            await asyncio.sleep(wait_s)


async def _ask_once(link: Connection) -> Challenge | None:
    seq = link.next_seq()
    question = build_command(spec.COMMAND_CHALLENGE, seq)
    fields = await link.exchange(question, lambda received, _: _read(received, seq))
    if "flags" not in fields:
        return None
    is_locked, has_window = (
        bool(fields["flags"] & bit) for bit in (spec.CHALLENGE_LOCKED, spec.CHALLENGE_WINDOW)
    )
    return Challenge(seq, is_locked, has_window, fields["nonce"], fields["public"])


async def prove(link: Connection, challenge: Challenge, key: bytes | None) -> None:
    """Prove the key and have it proven back. raises CuffLocked, WrongKey, FalseCuff, LinkLost"""
    if key is None:
        raise CuffLocked(
            f"{who(link)} obeys only hosts that have its key, and this computer has none."
            f" Pair it: distal pair {link.info.cuff}",
            link.info.cuff,
        )
    nonces = (challenge.nonce, secrets.token_bytes(proof.NONCE_BYTES))
    mac = proof.mac(key, spec.PROOF_HOST, nonces, _identity(link))
    try:
        fields = await _send(link, challenge.seq, (spec.PROOF_HOST, nonces[1], mac, bytes(32)))
    except CommandRefused as error:
        if error.error != spec.ERROR_LOCKED:
            raise
        raise WrongKey(
            f"the key that this computer has for {who(link)} is not the cuff's: it was given another one."
            f" Hold its button for 3 s and pair it again: distal pair {link.info.cuff} --button",
            link.info.cuff,
        ) from None
    _check_back(link, (key, spec.PROOF_CUFF), nonces, fields)


async def agree(link: Connection, challenge: Challenge) -> bytes:
    """A new key, which the cuff has kept, too. `challenge` must have the window. raises CommandRefused"""
    secret = secrets.token_bytes(proof.KEY_BYTES)
    nonces = (challenge.nonce, secrets.token_bytes(proof.NONCE_BYTES))
    public = curve.public_of(secret)
    cuff_id, _ = identity = _identity(link)
    try:
        shared = curve.multiply(secret, challenge.public)
    except ValueError:
        raise FalseCuff(
            f"{who(link)} does not pair as a cuff does. Keep others away and try again."
        ) from None
    key = proof.agreed_key(shared, (challenge.public, public), nonces, cuff_id)
    mac = proof.mac(key, spec.PROOF_NEW_HOST, nonces, identity)
    fields = await _send(link, challenge.seq, (spec.PROOF_NEW_HOST, nonces[1], mac, public))
    _check_back(link, (key, spec.PROOF_NEW_CUFF), nonces, fields)
    return key


def who(link: Connection) -> str:
    """The cuff in words: its name, and its id where the name does not hold it."""
    return f"{link.name} ({link.info.cuff})"


async def _send(link: Connection, seq: int, values: tuple[Any, ...]) -> dict[str, Any]:
    """Write a proof of (direction, nonce, mac, public) and return the fields of the cuff's."""
    message = bytearray(codec.message_size(spec.KIND_PROOF))
    end = codec.write_fields(message, spec.KIND_PROOF, seq, *values)
    message[end:] = zlib.crc32(message[:end]).to_bytes(codec.CRC_SIZE, "little")
    return await link.exchange(bytes(message), lambda received, _: _read(received, seq))


def _check_back(
    link: Connection, key: tuple[bytes, int], nonces: tuple[bytes, bytes], fields: dict[str, Any]
) -> None:
    """The cuff's own proof; `key` and the direction it must be for. raises FalseCuff"""
    wanted = proof.mac(*key, nonces, _identity(link))
    if "mac" not in fields or not proof.is_same(fields["mac"], wanted):
        raise FalseCuff(
            f"what calls itself {who(link)} does not have that cuff's key: it is another device, or somebody"
            " stands in between. Switch the cuff off and on, keep others away and try again."
        )


def _identity(link: Connection) -> tuple[bytes, int]:
    return bytes.fromhex(link.info.cuff).ljust(8, b"\0"), link.info.boot


def _read(received: Received, seq: int) -> dict[str, Any] | None:
    """Fields of the answer to question `seq`, None if it is another message. raises CommandRefused"""
    data = received.data
    if batch.check(data) or data[0] not in (*_KINDS, spec.KIND_RESPONSE):
        return None
    fields = batch.read(data)
    if fields["seq"] != seq:
        return None
    if fields.get("error"):
        raise refusal(fields["op"], fields["error"], fields["detail"])
    return fields
