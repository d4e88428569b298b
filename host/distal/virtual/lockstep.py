"""Serving the rig's own interpreters: in lockstep, so that a run can be repeated to the byte.

An interpreter is always blocked in a call. When its sleep is due, its call is answered and its next ones
are served with blocking reads until it sleeps again. One thread, one cuff at a time: the same order in
every run. Foreign interpreters, which keep their own time, are served by `bus_only`.
"""

import asyncio
import socket
import struct
import sys
from collections.abc import Callable

from distal.virtual import bus
from distal.virtual.bus import Answer, Port

# Real seconds of silence after which an interpreter hangs; compiling all of the firmware takes 0.1 s.
SILENCE_S = 10

# Cuff seconds that a cuff may run ahead of the loop before the others get their turn: below this
# two cuffs and the radio can see each other's acts in the wrong order.
MAX_LEAD_S = 0.001

HEAD = bus.REQUEST.size
MOST = 8192  # bytes; a cuff waits for an answer long before it has sent so much


class Lockstep:
    """Serves one interpreter over `connection`, from the loop's callbacks only."""

    saves_turns = True  # a run is the same without, and takes half as long again

    def __init__(self, port: Port, connection: socket.socket, on_end: Callable[[str], None]) -> None:
        """`on_end(reason)` is called once, when the interpreter has gone or hangs."""
        self._port, self._connection, self._on_end = port, connection, on_end
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.Handle | None = None
        self._sleeping = self._hears = False
        self._dues = [0.0, 0.0]  # of the program's sleep and of a handler's sleep within it
        self._open = True
        self._reply: Callable[[Answer], bytes] = port.reply  # to HELLO; then long ones
        self._unread = b""
        port.saves_turns = self.saves_turns
        port.wake = self._wake_soon
        _set_up(connection)
        self._timer = self._loop.call_soon(self._serve)

    def close(self) -> None:
        """Serve no more. The interpreter ends when it notices."""
        self._open = self._sleeping = False
        self._port.wake = _nothing
        if self._timer:
            self._timer.cancel()
        self._connection.close()

    def _serve(self) -> None:
        """Answer calls until the interpreter sleeps."""
        while self._open:
            request = self._read_request()
            if request is None:
                return
            op, a, arg, payload = request
            if op & ~bus.TIMED == bus.SLEEP:
                self._sleep(op, a, arg)
                return
            answer = self._answer(op, a, arg, payload)
            if a == bus.NO_ANSWER and op & ~bus.TIMED == bus.WDT_FEED:
                continue
            if self._port.clock.lead() > MAX_LEAD_S:
                self._timer = self._loop.call_at(self._port.clock.now(), self._go_on, answer)
                return
            self._send(answer)

    def _answer(self, op: int, a: int, arg: int, payload: bytes) -> Answer:
        """A fault of the rig ends the interpreter, which would wait for its answer for ever."""
        answer: Answer | None = None
        try:
            answer = self._port.answer(op, a, arg, payload)
            return answer
        finally:
            if answer is None:
                self._end(f"the rig failed to serve its call {op:#04x}")

    def _go_on(self, answer: Answer) -> None:
        self._send(answer)
        self._serve()

    def _sleep(self, op: int, how: int, us: int) -> None:
        clock = self._port.clock
        if op & bus.TIMED:
            self._port.pay_time()
        clock.charge(bus.CALL_S)
        if not how & bus.SLEEP_ON:
            self._dues[how & bus.SLEEP_DEAF > 0] = clock.now() + us * 1e-6
        self._hears = not how & bus.SLEEP_DEAF
        self._sleeping = True
        early = self._hears and self._port.waiting
        self._timer = self._loop.call_at(clock.now() if early else max(clock.now(), self._due()), self._wake)

    def _wake_soon(self) -> None:
        """An event was posted: not answered here, the poster may be another cuff's call."""
        if self._sleeping and self._hears and self._timer:
            self._timer.cancel()
            self._timer = self._loop.call_at(self._port.clock.now(), self._wake)

    def _wake(self) -> None:
        self._sleeping = False
        if self._port.clock.now() >= self._due():
            self._go_on(b"\x01")
            return
        event: Answer = b""
        if self.saves_turns:
            event = self._answer(bus.NEXT_EVENT, 0, 0, b"")  # it would ask for it next
        assert isinstance(event, bytes)
        self._go_on(b"\x00" + event)

    def _due(self) -> float:
        return self._dues[not self._hears]

    def _send(self, answer: Answer) -> None:
        if not self._open:
            return
        try:
            self._connection.sendall(self._reply(answer))
        except OSError:
            self._end("it closed its end of the bus")
        if self.saves_turns:
            self._reply = self._long_reply

    def _long_reply(self, answer: Answer) -> bytes:
        return self._port.long_reply(answer, MAX_LEAD_S)

    def _read_request(self) -> tuple[int, int, int, bytes] | None:
        head = self._receive(HEAD)
        if head is None:
            return None
        op, a, n, arg = bus.REQUEST.unpack(head)
        payload = self._receive(n) if n else b""
        return None if payload is None else (op, a, arg, payload)

    def _receive(self, n: int) -> bytes | None:
        while len(self._unread) < n:
            more = self._receive_more()
            if not more:
                return None
            self._unread += more
        data, self._unread = self._unread[:n], self._unread[n:]
        return data

    def _receive_more(self) -> bytes:
        """What has come, empty if nothing comes any more."""
        try:
            more = self._connection.recv(MOST)
        except BlockingIOError:
            self._end(f"it said nothing for {SILENCE_S} s")
            return b""
        except OSError:
            more = b""
        if not more:
            self._end("it ended")
        return more

    def _end(self, reason: str) -> None:
        if self._open:
            self.close()
            self._on_end(reason)


def _set_up(connection: socket.socket) -> None:
    """Blocking reads with a time limit that costs no extra call (SO_RCVTIMEO, not settimeout)."""
    connection.setblocking(True)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if sys.platform != "win32":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SILENCE_S, 0))


def _nothing() -> None:
    """Nobody sleeps."""
