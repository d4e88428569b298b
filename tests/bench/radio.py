"""Eight virtual cuffs in real time through bleak: packets a second, latency, what the host spends."""

import asyncio
import time

import numpy as np
from tests.bench.row import Row

from distal.link.base import INBOX_SIZE, Inbox
from distal.link.ble import BleRadio
from distal.model import SIDES, Received
from distal.virtual.clockloop import run
from distal.virtual.motion import scripts
from distal.virtual.rig import CuffSetup, VirtualCuff, VirtualRig
from distal_wire import batch, spec

SECONDS = 15.0
CUFFS = 8
INTERVAL_MS = 30.0
FILL_MS = 1e3 * spec.SAMPLES_PER_PACKET * 192 / spec.CLOCK_HZ


def _latencies_ms(cuff: VirtualCuff, messages: list[Received]) -> np.ndarray:
    """From the moment a packet's first and last sample was taken to its arrival: (packets, 2)."""
    decoded = batch.decode([message.data for message in messages])
    result = []
    for place, row in zip(decoded.positions, decoded.header, strict=True):
        first = cuff.imu.instant(int(row["clock"]))
        last = cuff.imu.instant(int(row["clock"]) + 192 * (int(row["count"]) - 1))
        t_host = messages[int(place)].t_host
        result.append((t_host - first, t_host - last))
    return 1e3 * np.array(result)


async def _stream(rig: VirtualRig) -> list[list[Received]]:
    """What each cuff sends from start to stop, in the order of rig.cuffs."""
    radio = BleRadio(rig.backend)
    found = {one.address: one for one in await radio.scan(10.0, CUFFS)}
    inboxes: list[Inbox] = [asyncio.Queue(INBOX_SIZE) for _ in rig.cuffs]
    links = [
        await radio.connect(found[cuff.address], inbox)
        for cuff, inbox in zip(rig.cuffs, inboxes, strict=True)
    ]
    await asyncio.gather(*(link.command(spec.COMMAND_START) for link in links))
    await asyncio.sleep(SECONDS)
    await asyncio.gather(*(link.command(spec.COMMAND_STOP) for link in links))
    await asyncio.gather(*(link.close() for link in links))
    return [[inbox.get_nowait() for _ in range(inbox.qsize())] for inbox in inboxes]


async def _measure() -> tuple[float, float, np.ndarray, int]:
    """Packets a second, share of a core, latencies, samples lost."""
    walk = scripts.by_name("walk").perform()
    sides = [SIDES[i % 2] for i in range(CUFFS)]
    async with VirtualRig([CuffSetup(walk.motion(side), side=side) for side in sides]) as rig:
        begin = time.process_time()
        streams = await _stream(rig)
        busy = (time.process_time() - begin) / SECONDS
        latencies = [_latencies_ms(c, m) for c, m in zip(rig.cuffs, streams, strict=True)]
        received = sum(int(batch.decode([m.data for m in part]).starts[-1]) for part in streams)
        lost = sum(cuff.taken for cuff in rig.cuffs) - received
    packets = sum(map(len, latencies))
    return packets / SECONDS, busy, np.concatenate(latencies), lost


def rows() -> list[Row]:
    """Rates and latencies beside what the sampling rate and the connection interval ask for."""
    rate, busy, latency, lost = run(_measure())
    group = f"{CUFFS} virtual cuffs, bleak"
    wanted = CUFFS * spec.CLOCK_HZ / 192 / spec.SAMPLES_PER_PACKET
    limit = FILL_MS + INTERVAL_MS + 30
    p50, p99 = np.quantile(latency, [0.5, 0.99], axis=0)
    bound = "packet fill + interval + 30 ms"
    return [
        Row(group, "packets a second", rate, "/s", rate / wanted, f"{wanted:.1f} /s that 208 Hz makes"),
        Row(group, "samples lost", lost, "", float(lost), "0"),
        Row(group, "first sample → host, p50", p50[0], "ms", p50[0] / limit, bound),
        Row(group, "first sample → host, p99", p99[0], "ms", p99[0] / limit, bound),
        Row(group, "last sample → host, p50", p50[1], "ms", p50[1] / INTERVAL_MS, "connection interval"),
        Row(group, "last sample → host, p99", p99[1], "ms", p99[1] / INTERVAL_MS, "connection interval"),
        Row(group, "host and virtual radio, of a core", 100 * busy, "%", busy, "one core"),
    ]
