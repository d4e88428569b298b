# Not a test by itself: hex FIFO words on standard input -> hex packets, one a line.
import binascii
import sys

from distal_cuff.ring import Ring
from distal_cuff.sampler import Sampler

ring = Ring()
ring.resize(200)
ring.write_headers(0xBEEF, 0, 0, 416, 0, 0, 0, 1, 16, 8)
sampler = Sampler(ring)
sampler.begin(bytes(4), 96)
words = binascii.unhexlify(sys.stdin.read().strip())
for at in range(0, len(words), 112):
    sampler.take(words[at : at + 112], len(words[at : at + 112]))
sampler.finish()
while ring.oldest():
    packet = ring.oldest()
    print(binascii.hexlify(packet[: 28 + 12 * packet[14]]).decode())
    ring.taken()
