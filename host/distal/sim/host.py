"""The computer of a simulated session: the real session code, and the ways in which a computer fails."""

import asyncio
import random
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from distal.errors import DistalError
from distal.link.base import Found, Inbox
from distal.link.ble import BleRadio
from distal.model import Facts, Received
from distal.recording import COMMIT_S, Recorder
from distal.session import Listener, Plan, Session
from distal.shelf import ENDED
from distal.virtual.rig import Host, VirtualRig
from distal_wire import spec

PAGE_LIMIT = "PRAGMA max_page_count={}"  # SQLite's own "disk is full", at the byte
TRIES = 12
RETRY_S = 1.0
LOOK_S = 5.0  # from one look at the live view to the next
NOTIFICATION = 0x1B  # opcode of ATT
VALUE_AT = 7  # of a notification: behind 4 bytes of L2CAP, opcode and handle


class SteppedInbox(asyncio.Queue[Received]):
    """What a host whose clock was set stamps."""

    def __init__(self, inbox: Inbox, host: "SimHost") -> None:
        super().__init__()
        self._inbox, self._host = inbox, host

    def put_nowait(self, item: Received) -> None:
        """On to the real inbox."""
        self._inbox.put_nowait(Received(item.cuff, item.t_host + self._host.step_s, item.data))

    async def put(self, item: Received) -> None:
        """On to the real inbox."""
        self.put_nowait(item)


class SteppedRadio(BleRadio):
    """The host's radio; its messages carry the host's clock."""

    def __init__(self, backend: Any, host: "SimHost", keys: Mapping[str, bytes]) -> None:
        super().__init__(backend, keys.get if keys else None)
        self._host = host

    async def connect(self, found: Found, inbox: Inbox) -> Any:
        """See link.base.Radio."""
        return await super().connect(found, SteppedInbox(inbox, self._host))


class SimRecorder(Recorder):
    """Commits by the loop's clock, so that what a kill leaves behind is the same each time."""

    ahead_s: Callable[[], float] = float  # of the loop's clock is the host's; see SimHost.step_s
    _at_s = 0.0  # of the last commit

    def note(self, key: str, value: Any) -> None:
        """The end of a session is told by the host's clock, as arrivals are."""
        super().note(key, value + self.ahead_s() if key == ENDED else value)

    def flush(self) -> None:
        """Commit if the last commit is older than COMMIT_S."""
        now = asyncio.get_running_loop().time()
        if self._db.in_transaction and now - self._at_s >= COMMIT_S:
            self._at_s = now
            self.commit()

    def fill_disk(self) -> None:
        """From now on there is no room for one page more."""
        (pages,) = self._db.execute("PRAGMA page_count").fetchone()
        self._db.execute(PAGE_LIMIT.format(pages))


class SimHost:
    """Records until stop(), over kills and full disks, each time to another file.

    recordings  the files in order; a killed one as the kill left it
    trouble     errors that ended a session and were not asked for
    """

    def __init__(self, rig: VirtualRig, folder: Path, plan: Plan, keys: Mapping[str, bytes]) -> None:
        self.step_s = 0.0  # by which the host's clock is ahead of the loop's
        self.garbled: Counter[int] = Counter()  # messages whose bits were turned, by their kind
        self.recordings: list[Path] = []
        self.trouble: list[str] = []
        self.notes: list[str] = []
        self.began = asyncio.Event()
        self.heard: list[tuple[str, int, float]] = []  # cuff, session, instant of each message with samples
        self.end_s = 0.0  # the loop's clock when it was told to stop
        self.open: set[str] = set()  # sides whose cuff did not answer to the last session's stop
        self.follow: Callable[[Received], None] = lambda _message: None  # sees what is kept
        self._rig, self._folder, self._plan, self._keys = rig, folder, plan, keys
        self._sessions = 0
        self._host: Host = rig.hosts[0]
        self._is_over = False
        self._down_s: float | None = None  # how long it stays down, once it was made to fail
        self._session: Session | None = None
        self._recorder: SimRecorder | None = None
        self._killed = asyncio.Event()
        self._dying: list[asyncio.Task[Path]] = []

    def _listener(self) -> Listener:
        """Of the session that begins. A killed one winds down unheard."""
        number = self._sessions = self._sessions + 1
        return Listener(
            note=lambda text: self._note(text, number), message=lambda message: self._hear(message, number)
        )

    def _note(self, text: str, session: int) -> None:
        self.notes.append(text)
        side = text.split()[0].lower()
        if session == self._sessions and "did not answer to stop" in text:
            self.open.add(side)
        elif session == self._sessions and "has stopped" in text:
            self.open.discard(side)
        if text == "recording":
            self.began.set()

    def _hear(self, message: Received, session: int) -> None:
        self.follow(message)
        is_killed = session != self._sessions or self._killed.is_set()
        if message.data[0] == spec.KIND_SAMPLES and not is_killed:
            self.heard.append((message.cuff, session, asyncio.get_running_loop().time()))

    # ---- what goes on

    async def run(self) -> None:
        """Sessions one after another until stop(). raises whatever is no error of Distal"""
        tries = 0
        while not self._is_over and tries < TRIES:
            self._down_s = None
            self._killed.clear()
            error = await self._record(self._folder / f"part{len(self.recordings)}.distal")
            if self._killed.is_set():
                self._host = await self._rig.add_host()
            if self._down_s is not None:
                await asyncio.sleep(self._down_s)
            elif error is not None:
                tries += 1
                self.trouble.append(str(error))
                await asyncio.sleep(RETRY_S)
        await asyncio.gather(*self._dying, return_exceptions=True)

    async def _record(self, path: Path) -> DistalError | None:
        self.open.clear()
        radio = SteppedRadio(self._host.backend, self, self._keys)
        self._session = Session(radio, path, self._plan, self._listener(), self._open_recorder)
        running = asyncio.create_task(self._session.run())
        killed = asyncio.create_task(self._killed.wait())
        looking = asyncio.create_task(self._look(self._session))
        await asyncio.wait((running, killed), return_when=asyncio.FIRST_COMPLETED)
        killed.cancel()
        looking.cancel()
        self._session = self._recorder = None
        if self._killed.is_set():
            running.cancel()  # winds down unheard; what it still writes is nobody's
            self._dying.append(running)
            return None
        if path.exists():
            self.recordings.append(path)
        error = running.exception()
        if error is not None and not isinstance(error, DistalError):
            raise error
        return error

    @staticmethod
    async def _look(session: Session) -> None:
        """What a page does that shows the session."""
        while True:
            await asyncio.sleep(LOOK_S)
            session.live()

    def _open_recorder(self, path: Path, facts: Facts, about: Mapping[str, Any]) -> Recorder:
        self._recorder = SimRecorder(path, facts, about)
        self._recorder.ahead_s = lambda: self.step_s
        return self._recorder

    def stop(self) -> None:
        """End the last session as a user does."""
        self._is_over = True
        self.end_s = asyncio.get_running_loop().time()
        if self._session:
            self._session.stop()

    # ---- what goes wrong

    def kill(self, down_s: float) -> bool:
        """SIGKILL: the radio falls silent, the files stay as they are. False: there was nothing to kill."""
        if self._session is None or self._killed.is_set():
            return False
        self._host.controller.silence()
        self._host.controller.in_range = False
        if self._recorder:
            left = self._folder / f"part{len(self.recordings)}-killed.distal"
            for ending in ("", "-wal"):
                written = self._recorder.path.with_name(self._recorder.path.name + ending)
                shutil.copyfile(written, left.with_name(left.name + ending))
            self.recordings.append(left)
        self._down_s = down_s
        self._killed.set()
        return True

    def fill_disk(self, seconds: float) -> bool:
        """The disk is full for so long. False: nothing was being recorded."""
        if self._recorder is None:
            return False
        self._down_s = seconds
        self._recorder.fill_disk()
        return True

    def set_range(self, is_in_reach: bool) -> None:
        """Carry the computer away, or back."""
        self._host.controller.in_range = is_in_reach

    def garble(self, share: float, chance: random.Random) -> None:
        """From now on turn bits in that share of all notifications; 0: in none."""
        self._host.controller.garble = (lambda data: self._spoil(data, share, chance)) if share else bytes

    def _spoil(self, data: bytes, share: float, chance: random.Random) -> bytes:
        if data[4] != NOTIFICATION or chance.random() >= share:
            return data
        self.garbled[data[VALUE_AT]] += 1
        octets = bytearray(data)
        for _ in range(chance.randint(1, 3)):
            octets[chance.randrange(VALUE_AT, len(octets))] ^= 1 << chance.randrange(8)
        return bytes(octets)
