"""X25519 (RFC 7748 section 5) with plain integers: it agrees on a key that nobody who listens learns.

Read by MicroPython too. Not constant in time: each secret is used for one pairing and thrown away.
"""

_P = 2**255 - 19
_A24 = 121665
_TOP = 254  # highest bit of a scalar
BASE = b"\x09" + bytes(31)


def public_of(secret: bytes) -> bytes:
    """The public value of 32 random bytes."""
    return multiply(secret, BASE)


def multiply(secret: bytes, public: bytes) -> bytes:
    """Our secret and their public value -> what both know, 32 bytes. raises ValueError for a weak one"""
    scalar = int.from_bytes(secret, "little")
    scalar = scalar & ~7 & ((1 << _TOP) - 1) | 1 << _TOP
    u = int.from_bytes(public, "little") & ((1 << 255) - 1)
    shared = _ladder(scalar, u % _P)
    if not shared:  # a point of small order: the result would be known to everybody
        raise ValueError("weak public value")
    return shared.to_bytes(32, "little")


def _ladder(scalar: int, u: int) -> int:
    """The Montgomery ladder, names as in the RFC."""
    x2, z2, x3, z3 = 1, 0, u, 1
    swapped = 0
    for place in range(_TOP, -1, -1):
        bit = scalar >> place & 1
        if swapped ^ bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        swapped = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb = d * a % _P, c * b % _P
        aa, bb = a * a % _P, b * b % _P
        x3, z3 = (da + cb) ** 2 % _P, u * (da - cb) ** 2 % _P
        e = aa - bb
        x2, z2 = aa * bb % _P, e * (aa + _A24 * e) % _P
    if swapped:
        x2, z2 = x3, z3
    return x2 * _inverse(z2) % _P


def _inverse(number: int) -> int:
    """number ** (p - 2), by Fermat; not every MicroPython has pow with three arguments."""
    result, exponent = 1, _P - 2
    while exponent:
        if exponent & 1:
            result = result * number % _P
        number = number * number % _P
        exponent >>= 1
    return result
