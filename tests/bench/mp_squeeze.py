# Run by MicroPython: stretches of counts, each in a file (int16, rows of six) -> a line with the microseconds
# that squeezing them took and how many packets came out, then each packet in hex.
import binascii
import sys
import time

from distal_cuff import packing
from distal_cuff.squeeze import Squeezer
from distal_wire import codec, spec

ROW = codec.SAMPLE_SIZE
FULL = ROW * spec.SAMPLES_PER_PACKET


def raw_packets(counts):
    for at in range(0, len(counts), FULL):
        part = counts[at : at + FULL]
        packet = bytearray(codec.message_size(spec.KIND_SAMPLES, len(part) // ROW))
        fields = (7, at // ROW, at // ROW * 192, 208, len(part) // ROW, spec.ENCODING_RAW, 0, 1, 32, 16)
        end = codec.write_fields(packet, spec.KIND_SAMPLES, *fields)
        packet[end : end + len(part)] = part
        packing.seal(packet, len(packet) - codec.CRC_SIZE)
        yield packet


def squeeze(stretches, keep):
    squeezer = Squeezer(keep)
    for packets in stretches:
        for packet in packets:
            squeezer.add(packet)
        squeezer.finish()


stretches = []
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        stretches.append(list(raw_packets(file.read())))
out = []
squeeze(stretches, lambda packet, size: out.append(bytes(packet[:size])))
begin = time.ticks_us()
squeeze(stretches, lambda packet, size: None)
print(time.ticks_diff(time.ticks_us(), begin), len(out))
for packet in out:
    print(binascii.hexlify(packet).decode())
