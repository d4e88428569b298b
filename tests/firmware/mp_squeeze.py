# Squeezing in the cuff's own interpreter: no heap, and the edges of its integers.
import micropython

from distal_cuff import packing
from distal_cuff.squeeze import Squeezer
from distal_wire import codec, packed, spec

EDGES = (-32768, -32767, -16385, -16384, -1, 0, 1, 16383, 16384, 32766, 32767)


def raw_packet(first, rows):
    packet = bytearray(spec.MAX_BYTES)
    end = codec.write_fields(packet, 1, 7, first, 192 * first, 208, len(rows), 0, 0, 1, 32, 16)
    for row in rows:
        for value in row:
            packet[end : end + 2] = (value & 0xFFFF).to_bytes(2, "little")
            end += 2
    packing.seal(packet, end + 4)
    return packet


def squeeze(rows):
    """Payloads of what comes out for these rows, and how many samples each has."""
    found = []
    squeezer = Squeezer(
        lambda packet, size: found.append((packet[15], packet[14], bytes(packet[20 : size - 8])))
    )
    for at in range(0, len(rows), 18):
        squeezer.add(raw_packet(at, rows[at : at + 18]))
    squeezer.finish()
    return found


def test_steps_between_all_edges_of_the_scale_are_those_of_the_plain_version():
    rows = [
        [a, b, EDGES[(i + j) % 11], 0, -a & 1, j] for i, a in enumerate(EDGES) for j, b in enumerate(EDGES)
    ]
    rows = [row[-shift:] + row[:-shift] for shift in (0, 2, 5) for row in rows]
    samples = b"".join([bytes(raw_packet(0, [row])[20:32]) for row in rows])
    at = 0
    for encoding, count, payload in squeeze(rows):
        part = samples[at : at + 12 * count]
        best = packed.pack(part)
        assert payload == (best if encoding else part)
        assert encoding == (len(best) < len(part))
        at += 12 * count
    assert at == len(samples)


def test_samples_flow_without_the_heap():
    """Rest that is Rice-coded, noise that stays raw, a slope that is packed, and rest again."""

    def rows(first, kind):
        if kind == 1:
            return [[(first + i) ** 3 * 7919 * (axis + 1) & 0xFFFF for axis in range(6)] for i in range(18)]
        step = 300 if kind == 2 else 0
        return [[(first + i) * step * (axis + 1) & 0xFFFF for axis in range(6)] for i in range(18)]

    packets = [raw_packet(18 * n, rows(18 * n, (0, 1, 2, 0)[n // 16])) for n in range(64)]
    seen = bytearray(4)

    def keep(packet, size):
        seen[packet[15]] += 1
        seen[3] = max(seen[3], packet[14])

    squeezer = Squeezer(keep)
    micropython.heap_lock()
    try:
        for packet in packets:
            squeezer.add(packet)
        squeezer.finish()
        waiting = squeezer.waiting
    finally:
        micropython.heap_unlock()
    assert waiting == 0
    assert min(seen[:3]) > 2, seen
    assert seen[3] > 18, seen
