# Run by MicroPython: the same sums as test_proof.py, one line of hex each.
import binascii
import sys

from distal_wire import curve, proof

key, nonce, other, cuff_id, secret, public = [binascii.unhexlify(text) for text in sys.argv[1:7]]
for value in (
    proof.hmac(key, b"what do ya want for nothing?"),
    proof.mac(key, 1, (nonce, other), (cuff_id, 0xBEEF)),
    proof.agreed_key(key, (secret, public), (nonce, other), cuff_id),
    curve.public_of(secret),
    curve.multiply(secret, public),
):
    print(binascii.hexlify(value).decode())
