"""One Bluetooth LE connection: events at the central's interval, acknowledgement, supervision timeout.

In each event the two ends take turns, central first, each sending one packet, empty if it has nothing to
say. A packet that is not heard ends the event and is sent again in the next one; whoever hears a packet
knows that its own last one arrived. Core specification 5.4, volume 6, part B, sections 4.5.1 to 4.5.9.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bumble import hci, ll
from bumble.controller import Connection
from bumble.core import PhysicalTransport

if TYPE_CHECKING:
    from distal.virtual.air import Air
    from distal.virtual.controller import AirController

INTERVAL_UNIT_S = 1.25e-3
TIMEOUT_UNIT_S = 10e-3
BYTE_S = 8e-6  # on the 1M PHY
OVERHEAD_BYTES = 10  # preamble 1, access address 4, header 2, CRC 3
PAUSE_S = 150e-6  # between two packets
EMPTY_EVENT_S = 2 * (OVERHEAD_BYTES * BYTE_S + PAUSE_S)
CONTROL_BYTES = 12
ESTABLISH_EVENTS = 6  # a connection in which nothing is heard for so long was never there (section 4.5.2)

CONNECTION_TIMEOUT = hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
NOT_ESTABLISHED = hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR
ENDED_BY_HOST = hci.HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR


@dataclass(frozen=True, slots=True)
class Terms:
    """What the central decides about a connection, and both ends keep."""

    interval_s: float
    timeout_s: float  # supervision timeout
    latency: int = 0

    @property
    def units(self) -> tuple[int, int, int]:
        """(interval, latency, timeout) in the units of HCI."""
        return round(self.interval_s / INTERVAL_UNIT_S), self.latency, round(self.timeout_s / TIMEOUT_UNIT_S)

    @classmethod
    def from_units(cls, interval: int, timeout: int, latency: int) -> "Terms":
        """From HCI's units: 1.25 ms and 10 ms."""
        return cls(interval * INTERVAL_UNIT_S, timeout * TIMEOUT_UNIT_S, latency)


@dataclass(slots=True)
class Sending:
    """A message on its way, in as many packets as the data length asks for."""

    size: int  # bytes not yet acknowledged
    deliver: Callable[[], None]  # at the far end, once all of it was heard
    is_data: bool = False  # took a credit of the host
    is_heard: bool = False  # the packet under way was heard, its acknowledgement not yet


class End:
    """What one controller knows of a connection."""

    def __init__(self, controller: "AirController", record: Connection, now: float) -> None:
        self.controller = controller
        self.record = record  # bumble's record: HCI handle and both addresses
        self.queue: deque[Sending] = deque()
        self.is_open = True
        self.last_heard = now
        self.has_heard = False
        self.completed = 0  # data packets acknowledged in this event

    @property
    def addresses(self) -> tuple[hci.Address, hci.Address]:
        """(own, peer)."""
        return self.record.self_address, self.record.peer_address


class RadioConnection:
    """Two ends and the timer of their connection events."""

    def __init__(
        self, air: "Air", controllers: "tuple[AirController, AirController]", terms: Terms, number: int
    ) -> None:
        self.air = air
        self.terms = terms
        self._loop = asyncio.get_running_loop()
        self._chance = air.faults.stream("connection", number)
        self._left = 0
        self.events = 0
        self.retransmitted = 0
        central, peripheral = controllers
        peer = peripheral.advertising_address
        handles = (
            _record(central, hci.Role.CENTRAL, central.initiating_address, peer),
            _record(peripheral, hci.Role.PERIPHERAL, peer, central.initiating_address),
        )
        now = self._loop.time()
        self.ends = (End(central, handles[0], now), End(peripheral, handles[1], now))
        # the first event may come anywhere in a window of one interval (section 4.5.3)
        self._anchor = now + INTERVAL_UNIT_S + self._chance.random() * terms.interval_s
        self._timer = self._loop.call_at(self._anchor, self._event)

    def end_of(self, controller: "AirController") -> End:
        """The given controller's end."""
        return self.ends[0] if self.ends[0].controller is controller else self.ends[1]

    def peer_of(self, end: End) -> End:
        """The opposite end."""
        return self.ends[1] if end is self.ends[0] else self.ends[0]

    # ---- what the controllers want

    def send_data(self, end: End, packet: hci.HCI_AclDataPacket) -> None:
        """Queue one ACL packet; its credit goes back after the event in which it was acknowledged."""
        peer = self.peer_of(end)
        end.queue.append(
            Sending(len(packet.data), lambda: peer.controller.on_air_data(peer.record, packet), is_data=True)
        )

    def send_control(self, end: End, packet: ll.ControlPdu) -> None:
        """Queue a control packet."""
        peer = self.peer_of(end)
        end.queue.append(
            Sending(CONTROL_BYTES, lambda: peer.controller.on_ll_control_pdu(end.addresses[0], packet))
        )

    def send_terminate(self, end: End, reason: int) -> None:
        """Ask for the end: both close when it is heard, or by timeout when it never is."""

        def deliver() -> None:
            self.close(self.peer_of(end), reason)
            self.close(end, ENDED_BY_HOST)

        end.queue.append(Sending(CONTROL_BYTES, deliver))

    def send_terms(self, end: End, terms: Terms) -> None:
        """Ask for other terms: both ends take them at the same moment."""

        def deliver() -> None:
            self.terms = terms
            for each in self.ends:
                each.controller.on_air_terms(each.record, terms)

        end.queue.append(Sending(CONTROL_BYTES, deliver))

    def close(self, end: End, reason: int | None) -> None:
        """Close one end; without a reason its host is not told (its controller is gone)."""
        if not end.is_open:
            return
        end.is_open = False
        end.queue.clear()
        end.controller.on_air_closed(end.record, reason)
        if not self.peer_of(end).is_open:
            self._timer.cancel()
            self.air.forget(self)

    # ---- connection events

    def _event(self) -> None:
        self.events += 1
        self._left = self.air.faults.packets_per_event
        if all(end.is_open for end in self.ends) and self.air.reaches(*(end.controller for end in self.ends)):
            self._begin_exchange()
        else:
            self._end_event()

    def _begin_exchange(self) -> None:
        if any(map(self._has_more, self.ends)):
            self._timer = self._loop.call_at(self._loop.time() + self._airtime_s(), self._exchange)
        else:  # two empty packets: not worth a timer of their own
            self._exchange()

    def _airtime_s(self) -> float:
        return EMPTY_EVENT_S + BYTE_S * sum(self._payload(end) for end in self.ends)

    def _payload(self, end: End) -> int:
        return min(end.queue[0].size, self._data_length) if self._has_more(end) else 0

    def _has_more(self, end: End) -> bool:
        """Whether a packet waits that has not been heard: another message, or the rest of this one."""
        if not end.queue:
            return False
        head = end.queue[0]
        return not head.is_heard or head.size > self._data_length or len(end.queue) > 1

    @property
    def _data_length(self) -> int:
        return min(
            self.air.faults.data_length, *(end.controller.suggested_max_tx_octets for end in self.ends)
        )

    def _exchange(self) -> None:
        central, peripheral = self.ends
        self._left -= 1
        heard = self._carry(central, peripheral) and self._carry(peripheral, central)
        if heard and self._left and self._has_time():
            self._begin_exchange()
        else:
            self._end_event()

    def _has_time(self) -> bool:
        if not any(map(self._has_more, self.ends)):
            return False
        return self._loop.time() + self._airtime_s() < self._anchor + self.terms.interval_s

    def _carry(self, source: End, target: End) -> bool:
        """Send one packet, empty or not; whether it was heard."""
        if not (source.is_open and target.is_open):
            return False
        if self.air.faults.loss and self._chance.random() < self.air.faults.loss:
            self.retransmitted += self._has_more(source)
            return False
        target.last_heard = self._loop.time()
        target.has_heard = True
        self._acknowledge(target)
        if self._has_more(source):
            self._hear(source)
        return True

    def _acknowledge(self, end: End) -> None:
        """The head of the queue was heard before and the peer has just said so."""
        if not (end.queue and end.queue[0].is_heard):
            return
        head = end.queue[0]
        head.size -= self._data_length
        head.is_heard = False
        if head.size <= 0:
            end.queue.popleft()
            end.completed += head.is_data

    def _hear(self, source: End) -> None:
        head = source.queue[0]
        if not head.is_heard:
            head.is_heard = True
            if head.size <= self._data_length:
                head.deliver()

    def _end_event(self) -> None:
        now = self._loop.time()
        for end in self.ends:
            if end.is_open and end.completed:
                end.controller.on_air_completed(end.record, end.completed)
                end.completed = 0
            limit = self.terms.timeout_s if end.has_heard else ESTABLISH_EVENTS * self.terms.interval_s
            if end.is_open and now - end.last_heard > limit:
                self.close(end, CONNECTION_TIMEOUT if end.has_heard else NOT_ESTABLISHED)
        if any(end.is_open for end in self.ends):
            self._anchor += self.terms.interval_s
            self._timer = self._loop.call_at(self._anchor, self._event)


def _record(controller: "AirController", role: hci.Role, own: hci.Address, peer: hci.Address) -> Connection:
    return Connection(
        controller=controller,
        handle=controller.allocate_connection_handle(),
        role=role,
        self_address=own,
        peer_address=peer,
        link=controller.link,
        transport=PhysicalTransport.LE,
        link_type=hci.HCI_Connection_Complete_Event.LinkType.ACL,
    )
