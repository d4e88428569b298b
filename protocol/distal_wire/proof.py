"""How host and cuff prove to each other that they have the same key, without saying it. Both sides.

key      32 bytes; drawn at provisioning, or agreed on within the button's window
nonces   (of the cuff, of the host), 16 random bytes each: a proof is good for one challenge only
identity (cuff id of 8 bytes as in INFO, boot): a proof is good for one cuff and one boot only
source   HMAC: RFC 2104; X25519: RFC 7748
"""

import hashlib

NONCE_BYTES = 16
MAC_BYTES = 16
KEY_BYTES = 32
_LABEL = b"distal proof 1"
_NEW_KEY = b"distal key 1"
_BLOCK = 64  # of SHA-256


def hmac(key: bytes, text: bytes) -> bytes:
    """HMAC-SHA256; MicroPython has no `hmac`. The key is 64 bytes at most."""
    padded = key + bytes(_BLOCK - len(key))
    inner = hashlib.sha256(bytes([byte ^ 0x36 for byte in padded]))
    inner.update(text)
    outer = hashlib.sha256(bytes([byte ^ 0x5C for byte in padded]))
    outer.update(inner.digest())
    return outer.digest()


def mac(key: bytes, direction: int, nonces: tuple, identity: tuple) -> bytes:
    """What proves the key in a message of that direction (spec.PROOF_*): 16 bytes."""
    cuff_id, boot = identity
    text = _LABEL + bytes((direction,)) + nonces[0] + nonces[1] + cuff_id + boot.to_bytes(2, "little")
    return hmac(key, text)[:MAC_BYTES]


def is_same(one: bytes, other: bytes) -> bool:
    """Compare without telling by the time it takes where they differ."""
    difference = len(one) ^ len(other)
    for a, b in zip(one, other):  # noqa: B905  MicroPython's zip is never strict
        difference |= a ^ b
    return difference == 0


def agreed_key(shared: bytes, publics: tuple, nonces: tuple, cuff_id: bytes) -> bytes:
    """The new key that follows from an X25519 secret; publics and nonces: (of the cuff, of the host)."""
    return hmac(_NEW_KEY, shared + publics[0] + publics[1] + nonces[0] + nonces[1] + cuff_id)
