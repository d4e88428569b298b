"""Eight virtual cuffs in real time through bleak: packets a second, latency, what the host spends."""

import asyncio
import math
import time
from dataclasses import replace

import numpy as np
from tests.bench.row import Row

from distal.link.base import INBOX_SIZE, Inbox, Link
from distal.link.ble import BleRadio
from distal.model import SIDES, Received
from distal.sim.truth import Swing
from distal.virtual.clockloop import run
from distal.virtual.motion import scripts
from distal.virtual.rig import CuffSetup, RadioFaults, VirtualCuff, VirtualRig
from distal_wire import batch, codec, spec

SECONDS = 15.0
CUFFS = 8
INTERVAL_MS = 30.0
LOSS = 0.1  # of packets, in virtual time
FETCHED_S, LANE_S = 30.0, 120.0
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


async def _first_sample_ms(with_fetch: bool) -> np.ndarray:
    """From sample to host of live packets over a radio that loses some, beside a fetch that never ends."""
    async with VirtualRig([CuffSetup(Swing())], RadioFaults(interval_ms=INTERVAL_MS)) as rig:
        inbox: Inbox = asyncio.Queue()
        radio = BleRadio(rig.backend)
        link = await radio.connect((await radio.scan(10.0, 1))[0], inbox)
        await link.command(spec.COMMAND_START)
        await asyncio.sleep(FETCHED_S)
        while not inbox.empty():
            inbox.get_nowait()
        rig.air.faults = replace(rig.air.faults, loss=LOSS)
        fetching = asyncio.create_task(_fetch_on(link)) if with_fetch else None
        await asyncio.sleep(LANE_S)
        if fetching:
            fetching.cancel()
            await asyncio.gather(fetching, return_exceptions=True)
        came = [inbox.get_nowait() for _ in range(inbox.qsize())]
        live = [one for one in came if not batch.check(one.data) and _is_raw(one)]
        return _latencies_ms(rig.cuffs[0], live)[:, 0]


async def _fetch_on(link: Link) -> None:
    while True:
        await link.fetch(link.info.boot, 0, int(FETCHED_S * 200))


def _is_raw(message: Received) -> bool:
    """Live packets are raw, those out of flash are packed."""
    return message.data[0] == spec.KIND_SAMPLES and codec.read_fields(message.data)[7] == spec.ENCODING_RAW


def _lane_rows() -> list[Row]:
    alone, beside = (
        float(np.quantile(run(_first_sample_ms(with_fetch), math.inf), 0.99)) for with_fetch in (False, True)
    )
    group = f"one virtual cuff, {LOSS:.0%} of packets lost"
    name = "first sample → host, p99"
    return [
        Row(group, name, alone, "ms", alone / (FILL_MS + INTERVAL_MS + 30), "told only: the air loses"),
        Row(group, f"{name}, beside a fetch", beside, "ms", beside / alone, "without a fetch"),
    ]


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
        *_lane_rows(),
    ]
