"""Unpack the samples of many packets at once: what `packed.unpack` and `rice.unpack` do one by one."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from distal_wire import codec, packed, rice, spec
from distal_wire.sweep import Int64, Out, Sweep
from distal_wire.sweep_packed import PackedSweep
from distal_wire.sweep_rice import RiceSweep

# packets in one sweep: enough to hide numpy's cost of a call, few enough for a core's own cache;
# no power of two, because columns 4096 bytes apart would fight for the same place in it
CHUNK = 3000
_FEW = 8  # so few packets are quicker one by one
_AXES = len(spec.SAMPLE)
Plain = Callable[[bytes, int], bytes]
PLAIN: dict[int, Plain] = {spec.ENCODING_PACKED: packed.unpack, spec.ENCODING_RICE: rice.unpack}
SWEEPS: dict[int, type[Sweep]] = {spec.ENCODING_PACKED: PackedSweep, spec.ENCODING_RICE: RiceSweep}


def unpack(
    packets: Sequence[bytes], counts: Int64, first: Int64, out: Out, encoding: int = spec.ENCODING_PACKED
) -> NDArray[np.bool_]:
    """Write the samples of packets whose header and CRC are right into rows of `out`.

    counts  (m,) samples in each packet
    first   (m,) row of `out` for the first sample of each
    out     (n, 6) int16, contiguous
    returns (m,) False where the payload does not follow the encoding; its rows then mean nothing
    """
    whole = np.zeros(len(packets), np.bool_)
    if len(packets) < _FEW:
        for i, packet in enumerate(packets):
            whole[i] = _unpack_one(packet, out[first[i] : first[i] + counts[i]], PLAIN[encoding])
        return whole
    order = np.argsort(-counts, kind="stable")
    make = SWEEPS[encoding]
    work = make.WORK(min(len(packets), CHUNK), int(counts[order[0]]))
    for at in range(0, len(order), CHUNK):
        places = order[at : at + CHUNK]
        sweep = make([packets[place] for place in places.tolist()], counts[places], work)
        sweep.run()
        whole[places] = sweep.whole()
        sweep.write(first[places], out)
    return whole


def _unpack_one(packet: bytes, rows: Out, plain: Plain) -> bool:
    try:
        samples = plain(packet[codec.HEADER_SIZE : -codec.SEAL_SIZE], len(rows))
    except ValueError:
        return False
    rows[...] = np.frombuffer(samples, "<i2").reshape(-1, _AXES)
    return True
