"""The medium that joins virtual controllers: who hears whom, how strongly, over which connections."""

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bumble import hci, ll

from distal.virtual.connection import RadioConnection, Terms

if TYPE_CHECKING:
    from distal.virtual.controller import AirController

RSSI_AT_1_M_DBM = -59  # what an ESP32 at 0 dBm gives a notebook on the same table, about
RSSI_SIGMA_DB = 2.0
PATH_EXPONENT = 2.0  # free space; a body in between costs 10 to 20 dB more, which no rig can tell
FARTHEST_M = 1000.0


@dataclass(frozen=True, slots=True)
class RadioFaults:
    """How good the radio is, the same for all cuffs of a rig."""

    loss: float = 0.0  # chance that one packet over the air is not heard
    interval_ms: float | None = None  # connection interval; None: as the central asks
    packets_per_event: int = 6  # exchanges in one connection event, at most
    data_length: int = 251  # bytes a link-layer packet carries; 27 without the extension of Bluetooth 4.2
    mbufs: int = 12  # outgoing messages a cuff's stack holds (NimBLE's MSYS_1 pool); then ENOMEM
    seed: int = 1

    def stream(self, *names: object) -> random.Random:
        """A random source of its own for each part, so that one part's draws do not move another's."""
        return random.Random("/".join(map(str, (self.seed, *names))))


class Air:
    """One medium for any number of controllers, in the order in which they were added."""

    def __init__(self, faults: RadioFaults | None = None) -> None:
        self.faults = faults or RadioFaults()
        self.controllers: list[AirController] = []
        self.connections: list[RadioConnection] = []
        self._noise = self.faults.stream("noise")
        self._made = 0

    # ---- what bumble's Controller asks of its link

    def add_controller(self, controller: "AirController") -> None:
        """Put a controller on the air."""
        self.controllers.append(controller)

    def remove_controller(self, controller: "AirController") -> None:
        """Take a controller off the air; its peers find out by their supervision timeout."""
        controller.silence()
        self.controllers.remove(controller)

    def on_address_changed(self, controller: "AirController") -> None:
        """Nothing here is kept by address."""

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        """Queue a control packet of the link layer behind the data that waits already."""
        for connection in self.connections:
            for end in connection.ends:
                if end.is_open and end.addresses == (sender_address, receiver_address):
                    connection.send_control(end, packet)
                    return

    # ---- advertising

    def advertise(self, advertiser: "AirController") -> None:
        """Let all that listen hear one advertisement, and connect if they wait for this advertiser."""
        for listener in list(self.controllers):
            if listener is not advertiser and self.hears(advertiser, listener):
                listener.on_advertisement(advertiser, self.rssi_dbm(advertiser, listener))

    def hears(self, sender: "AirController", listener: "AirController") -> bool:
        """Draw whether one packet outside of connections is heard."""
        return self.reaches(sender, listener) and self._noise.random() >= self.faults.loss

    @staticmethod
    def reaches(one: "AirController", other: "AirController") -> bool:
        """Whether both are switched on and in range of each other."""
        return one.in_range and other.in_range

    def rssi_dbm(self, sender: "AirController", listener: "AirController") -> int:
        """Signal strength in dBm: log-distance path loss and a seeded flutter of 2 dB."""
        metres = min(max(abs(sender.distance_m - listener.distance_m), 0.01), FARTHEST_M)
        level = RSSI_AT_1_M_DBM - 10 * PATH_EXPONENT * math.log10(metres)
        return max(-127, min(20, round(level + self._noise.gauss(0.0, RSSI_SIGMA_DB))))

    # ---- connections

    def connect(self, central: "AirController", peripheral: "AirController", terms: Terms) -> RadioConnection:
        """Join two controllers; the central's terms hold unless the rig forces another interval."""
        if self.faults.interval_ms is not None:
            terms = Terms(self.faults.interval_ms / 1000, terms.timeout_s, terms.latency)
        self._made += 1
        connection = RadioConnection(self, (central, peripheral), terms, self._made)
        self.connections.append(connection)
        return connection

    def forget(self, connection: RadioConnection) -> None:
        """Drop a connection that neither end knows any more."""
        if connection in self.connections:
            self.connections.remove(connection)
