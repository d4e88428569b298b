"""The sums behind a proof: the standards' own examples, other people's code, the cuff's interpreter."""

import hmac
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distal_wire import curve, proof, spec

ROOT = Path(__file__).resolve().parents[2]
THIRTY_TWO = st.binary(min_size=32, max_size=32)


@given(key=THIRTY_TWO, text=st.binary(max_size=200))
def test_hmac_is_that_of_the_standard_library(key: bytes, text: bytes) -> None:
    assert proof.hmac(key, text) == hmac.digest(key, text, "sha256")


def test_curve_gives_the_example_of_rfc_7748() -> None:
    """Section 5.2, the first round of its loop."""
    assert curve.multiply(curve.BASE, curve.BASE).hex() == (
        "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
    )


@given(secret=THIRTY_TWO, other=THIRTY_TWO)
def test_curve_is_that_of_another_library(secret: bytes, other: bytes) -> None:
    x25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.x25519")
    theirs = x25519.X25519PrivateKey.from_private_bytes(secret)
    public = curve.public_of(other)
    assert curve.public_of(secret) == theirs.public_key().public_bytes_raw()
    assert curve.multiply(secret, public) == theirs.exchange(x25519.X25519PublicKey.from_public_bytes(public))


@pytest.mark.parametrize("point", [0, 1, 2**255 - 19, 2**255 - 20])
def test_point_of_small_order_is_refused(point: int) -> None:
    with pytest.raises(ValueError, match="weak"):
        curve.multiply(bytes(range(32)), point.to_bytes(32, "little"))


def test_mac_depends_on_everything_it_is_about() -> None:
    key, nonces, identity = bytes(32), (b"a" * 16, b"b" * 16), (b"12345678", 7)
    told = {
        proof.mac(key, spec.PROOF_HOST, nonces, identity),
        proof.mac(b"\1" + bytes(31), spec.PROOF_HOST, nonces, identity),
        proof.mac(key, spec.PROOF_CUFF, nonces, identity),
        proof.mac(key, spec.PROOF_HOST, nonces[::-1], identity),
        proof.mac(key, spec.PROOF_HOST, nonces, (b"12345679", 7)),
        proof.mac(key, spec.PROOF_HOST, nonces, (b"12345678", 8)),
    }
    assert len(told) == 6
    assert {len(one) for one in told} == {proof.MAC_BYTES}


def test_comparison_sees_every_byte_and_every_length() -> None:
    one = bytes(range(16))
    assert proof.is_same(one, bytes(range(16)))
    for place in range(16):
        assert not proof.is_same(one, one[:place] + b"\xff" + one[place + 1 :])
    assert not proof.is_same(one, one[:15])
    assert not proof.is_same(b"", one)


def test_cuffs_interpreter_computes_the_same(micropython: str) -> None:
    key, nonce, other = bytes(range(32)), b"n" * 16, b"o" * 16
    cuff_id, secret = b"cuff\0\0\1\2", bytes(range(200, 232))
    public = curve.public_of(bytes(range(50, 82)))
    command = [micropython, str(ROOT / "tests" / "protocol" / "mp_proof.py")]
    command += [part.hex() for part in (key, nonce, other, cuff_id, secret, public)]
    environment = {**os.environ, "MICROPYPATH": f"{ROOT / 'protocol'}:.frozen"}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert said.split() == [
        value.hex()
        for value in (
            proof.hmac(key, b"what do ya want for nothing?"),
            proof.mac(key, 1, (nonce, other), (cuff_id, 0xBEEF)),
            proof.agreed_key(key, (secret, public), (nonce, other), cuff_id),
            curve.public_of(secret),
            curve.multiply(secret, public),
        )
    ]
