"""The session runner against a fake radio: a cuff that answers, streams, vanishes and comes back."""

import asyncio
import gc
import math
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from distal.errors import CommandRefused, CuffNotFound, LinkLost, RecordingError
from distal.link.base import Fetched, Found, Inbox, Response, read_info, refusal
from distal.link.replay import ReplayRadio
from distal.model import Facts, Received
from distal.pipeline import Live
from distal.recording import Recorder, Recording
from distal.session import Listener, Plan, Session
from distal.virtual import clockloop
from distal_wire import spec

PACKET_S = 18 * 192 / 40000


class FakeLink:
    """Streams the packets of a FakeCuff on the loop's clock; keeps what it cannot send."""

    def __init__(self, radio: "FakeRadio", cuff: Any, inbox: Inbox) -> None:
        self.name, self.mtu, self.dropped = f"Distal {cuff.cuff[:4]}", 247, 0
        self.info_bytes = cuff.info().data
        self.info = read_info(self.info_bytes)
        self.lost = asyncio.Event()
        self.inbox = inbox
        self._radio, self._cuff = radio, cuff
        self._give(cuff.info())

    def _give(self, message: Received) -> None:
        now = asyncio.get_running_loop().time()
        self.inbox.put_nowait(Received(message.cuff, now, message.data))

    async def command(self, op: int, key: int = 0, value: int = 0) -> Response:
        if self.lost.is_set():
            raise LinkLost("gone.")
        if self._radio.refuse and op == spec.COMMAND_START:
            raise refusal(op, spec.ERROR_SMALL_MTU, 23)
        if op == spec.COMMAND_START and self._radio.lost_at_start:
            self._radio.lost_at_start -= 1
            self.lost.set()
            raise LinkLost("gone.")
        now = asyncio.get_running_loop().time()
        sent = self._radio.sent
        if op == spec.COMMAND_START:
            self._radio.begin(self._cuff, self)
        elif op == spec.COMMAND_STOP:
            self._radio.end(self._cuff)
        index = sent.get(self._cuff.cuff, 0)
        self._give(self._cuff.answer(op, index))
        return Response(op, index, 0, 0, now, now)

    async def fetch(self, boot: int, first: int, count: int) -> Fetched:
        raise refusal(0, spec.ERROR_UNKNOWN_COMMAND, 0)  # an old cuff

    async def close(self) -> None:
        self.lost.set()


class FakeRadio:
    """Two cuffs; `at` plans what happens at which second of the stream."""

    def __init__(self, cuffs: list[Any]) -> None:
        self.cuffs = {cuff.cuff: cuff for cuff in cuffs}
        self.refuse = False
        self.out_of_reach = False
        self.fails: dict[str, int] = {}  # address -> connections that fail
        self.lost_at_start = 0  # links that end with their first command
        self.sent: dict[str, int] = {}
        self._links: dict[str, FakeLink] = {}
        self._streams: dict[str, asyncio.Task[None]] = {}

    async def scan(self, timeout_s: float, enough: int | None = None, meant: Any = ()) -> list[Found]:
        return [Found(cuff, f"Distal {cuff[:4]}") for cuff in self.cuffs][:enough]

    async def connect(self, found: Found, inbox: Inbox) -> FakeLink:
        if self.out_of_reach:
            raise CuffNotFound("not there.")
        if self.fails.get(found.address):
            self.fails[found.address] -= 1
            raise LinkLost("failed.")
        return FakeLink(self, self.cuffs[found.address], inbox)

    async def close(self) -> None: ...

    def begin(self, cuff: Any, link: FakeLink) -> None:
        self._links[cuff.cuff] = link
        if cuff.cuff not in self._streams:
            self._streams[cuff.cuff] = asyncio.create_task(self._stream(cuff))

    def end(self, cuff: Any) -> None:
        if cuff.cuff in self._streams:
            self._streams.pop(cuff.cuff).cancel()

    async def _stream(self, cuff: Any) -> None:
        waiting = []
        while True:
            await asyncio.sleep(PACKET_S)
            waiting.append(cuff.packet(self.sent.get(cuff.cuff, 0)))
            self.sent[cuff.cuff] = self.sent.get(cuff.cuff, 0) + 18
            link = self._links[cuff.cuff]
            while waiting and not link.lost.is_set():
                link._give(waiting.pop(0))

    def lose_all(self) -> None:
        self.out_of_reach = True
        for link in self._links.values():
            link.lost.set()


@pytest.fixture
def radio(fake_cuff: Any) -> Callable[[], FakeRadio]:
    left = fake_cuff()
    right = fake_cuff(cuff="0f0f0f0f0f0f", side=spec.SIDE_RIGHT)
    return lambda: FakeRadio([left, right])


def run(coro: Coroutine[Any, Any, Any]) -> Any:
    return clockloop.run(coro, speed=math.inf)


def legs_of(path: Path) -> dict[str, tuple[int, int]]:
    from distal.streams import Streams

    with Recording(path) as recording:
        streams = Streams(recording.sides())
        streams.feed(recording.in_index_order())
        streams.flush()
        return {side: (leg.present, leg.lost) for side, leg in streams.legs().items()}


def test_every_sample_between_start_and_stop_is_in_the_recording(tmp_path: Path, radio: Any) -> None:
    out = tmp_path / "one.distal"

    async def go() -> FakeRadio:
        fake: FakeRadio = radio()
        await Session(fake, out, Plan(duration_s=20.0)).run()
        return fake

    fake = run(go())
    taken = {"left": fake.sent["a1b2c3d4e5f6"], "right": fake.sent["0f0f0f0f0f0f"]}
    assert legs_of(out) == {side: (n, 0) for side, n in taken.items()}
    assert min(taken.values()) > 19 * 208


def test_lost_link_is_made_again_and_costs_no_sample(tmp_path: Path, radio: Any) -> None:
    out = tmp_path / "one.distal"
    notes: list[str] = []

    async def go() -> FakeRadio:
        fake: FakeRadio = radio()
        loop = asyncio.get_running_loop()
        loop.call_later(5.0, fake.lose_all)
        loop.call_later(9.0, lambda: setattr(fake, "out_of_reach", False))
        await Session(fake, out, Plan(duration_s=20.0), Listener(note=notes.append)).run()
        return fake

    fake = run(go())
    assert legs_of(out) == {"left": (fake.sent["a1b2c3d4e5f6"], 0), "right": (fake.sent["0f0f0f0f0f0f"], 0)}
    assert "Left cuff is back." in notes
    assert "Right cuff is back." in notes


def test_cuff_that_comes_back_after_the_stop_is_stopped(tmp_path: Path, radio: Any) -> None:
    """It was started anew and went on for nobody: the link stood again while the session ended."""
    notes: list[str] = []

    async def go() -> FakeRadio:
        fake: FakeRadio = radio()
        loop = asyncio.get_running_loop()
        loop.call_later(5.0, lambda: fake._links["a1b2c3d4e5f6"].lost.set())
        session = Session(fake, tmp_path / "one.distal", Plan(), Listener(note=notes.append))
        connect = fake.connect

        async def slowly(found: Found, inbox: Inbox) -> FakeLink:
            link = await connect(found, inbox)
            if loop.time() > begin + 4.0:
                session.stop()  # while the link is set up
                await asyncio.sleep(0.5)
            return link

        begin = loop.time()
        fake.connect = slowly  # type: ignore[method-assign]
        await session.run()
        assert fake._streams == {}
        return fake

    fake = run(go())
    assert "Left cuff is back and has stopped." in notes
    assert sum(legs_of(tmp_path / "one.distal")["left"]) == fake.sent["a1b2c3d4e5f6"]


def test_cuff_that_never_comes_back_does_not_hold_the_session(tmp_path: Path, radio: Any) -> None:
    out = tmp_path / "one.distal"

    async def go() -> None:
        fake: FakeRadio = radio()
        asyncio.get_running_loop().call_later(5.0, fake.lose_all)
        await Session(fake, out, Plan(duration_s=20.0)).run()

    run(go())
    assert min(present for present, _ in legs_of(out).values()) > 4 * 208


def test_stop_ends_an_endless_session(tmp_path: Path, radio: Any) -> None:
    async def go() -> None:
        session = Session(radio(), tmp_path / "one.distal", Plan())
        asyncio.get_running_loop().call_later(3.0, session.stop)
        await session.run()

    run(go())
    assert legs_of(tmp_path / "one.distal")["left"][0] > 2 * 208


def test_live_view_comes_once_a_second(tmp_path: Path, radio: Any) -> None:
    seen: list[Live] = []
    plan = Plan(duration_s=10.0)
    run(_with_listener(radio, tmp_path / "one.distal", plan, Listener(live=seen.append)))
    assert 9 <= len(seen) <= 10
    assert seen[-1].legs["left"].coverage == 1.0
    assert seen[-1].t == pytest.approx(10.0, abs=1.1)


async def _with_listener(radio: Any, out: Path, plan: Plan, listener: Listener) -> None:
    await Session(radio(), out, plan, listener).run()


def test_fault_of_the_live_view_does_not_end_the_recording(tmp_path: Path, radio: Any) -> None:
    notes: list[str] = []

    def fail(_live: Live) -> None:
        raise ZeroDivisionError("a fault of analysis")

    out = tmp_path / "one.distal"
    run(_with_listener(radio, out, Plan(duration_s=10.0), Listener(live=fail, note=notes.append)))
    assert [note for note in notes if "the recording goes on" in note and "a fault of analysis" in note]
    assert len([note for note in notes if "live view" in note]) == 1
    assert min(present for present, _ in legs_of(out).values()) > 9 * 208


def test_a_disk_that_is_full_ends_the_session_in_one_error(tmp_path: Path, radio: Any, caplog: Any) -> None:
    """The commit fails first, then the last packets do: the fault is told once."""

    class Full(Recorder):
        is_full = False

        def append(self, received: Received) -> None:
            if self.is_full:
                raise RecordingError("cannot write: the disk is full. Free some space.")
            self.append_all([received])

        def flush(self) -> None:
            if self.count > 20:
                self.is_full = True
                raise RecordingError("cannot write: the disk is full. Free some space.")

    async def record() -> None:
        with pytest.raises(RecordingError, match="disk is full"):
            await Session(radio(), tmp_path / "a.distal", Plan(duration_s=9.0), open_recorder=Full).run()

    run(record())
    gc.collect()
    assert "never retrieved" not in caplog.text


def test_connection_that_fails_once_and_a_link_lost_at_the_start_keep_nobody_from_recording(
    tmp_path: Path, radio: Any
) -> None:
    out = tmp_path / "one.distal"

    async def go() -> FakeRadio:
        fake: FakeRadio = radio()
        fake.fails, fake.lost_at_start = dict.fromkeys(fake.cuffs, 1), 1
        await Session(fake, out, Plan(duration_s=10.0)).run()
        return fake

    fake = run(go())
    assert legs_of(out) == {"left": (fake.sent["a1b2c3d4e5f6"], 0), "right": (fake.sent["0f0f0f0f0f0f"], 0)}
    assert min(fake.sent.values()) > 8 * 208


def test_cuff_that_never_connects_is_told(tmp_path: Path, radio: Any) -> None:
    async def go() -> None:
        fake: FakeRadio = radio()
        fake.fails = {"a1b2c3d4e5f6": 9}
        await Session(fake, tmp_path / "one.distal", Plan(duration_s=10.0)).run()

    with pytest.raises(LinkLost, match="failed"):
        run(go())


def test_refused_start_is_told_and_leaves_no_file(tmp_path: Path, radio: Any) -> None:
    async def go() -> None:
        fake = radio()
        fake.refuse = True
        await Session(fake, tmp_path / "one.distal", Plan()).run()

    with pytest.raises(CommandRefused, match="247") as raised:
        run(go())
    assert raised.value.detail == 23
    assert list(tmp_path.iterdir()) == []


def test_no_cuff_is_told(tmp_path: Path) -> None:
    with pytest.raises(CuffNotFound, match="Wake"):
        run(Session(FakeRadio([]), tmp_path / "one.distal", Plan()).run())


def test_named_cuffs_overrule_what_they_say(tmp_path: Path, radio: Any) -> None:
    out = tmp_path / "one.distal"
    plan = Plan(facts=Facts(height_m=1.8), duration_s=3.0, left="0f0f", right="E5F6")
    run(_with_listener(radio, out, plan, Listener()))
    with Recording(out) as recording:
        assert recording.sides() == {"0f0f0f0f0f0f": "left", "a1b2c3d4e5f6": "right"}
        assert recording.facts().height_m == 1.8


def test_unheard_name_is_told_with_what_was_heard(tmp_path: Path, radio: Any) -> None:
    with pytest.raises(CuffNotFound, match="heard: a1b2c3d4e5f6, 0f0f0f0f0f0f"):
        run(_with_listener(radio, tmp_path / "one.distal", Plan(left="zz"), Listener()))


def test_replayed_recording_is_recorded_again_byte_for_byte(tmp_path: Path, radio: Any) -> None:
    first, second = tmp_path / "one.distal", tmp_path / "two.distal"
    run(_with_listener(radio, first, Plan(duration_s=10.0), Listener()))

    async def again() -> None:
        await Session(ReplayRadio(first), second, Plan(duration_s=11.0)).run()

    run(again())
    assert legs_of(second) == legs_of(first)
    with Recording(first) as one, Recording(second) as two:
        a = sorted(m.data for m in one.received())
        b = sorted(m.data for m in two.received())
    assert a == b
