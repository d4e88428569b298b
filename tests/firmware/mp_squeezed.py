# Not a test by itself: hex raw packets on standard input, one a line -> hex packets as squeezed, one a line.
# An empty line finishes what waits. Argument: the most samples in a packet.
import binascii
import sys

from distal_cuff.squeeze import Squeezer


def show(packet, size):
    print(binascii.hexlify(packet[:size]).decode())


squeezer = Squeezer(show, int(sys.argv[1]))
buffer = bytearray(244)
for line in sys.stdin:
    packet = binascii.unhexlify(line.strip())
    if not packet:
        squeezer.finish()
        continue
    buffer[: len(packet)] = packet
    squeezer.add(buffer)
squeezer.finish()
