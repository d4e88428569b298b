"""A Bluetooth LE controller on the Air: bumble's, with a radio that takes time, loses packets and ends.

Bumble's own controller delivers at once and for ever. Replaced here: advertising and scanning, connection
set-up and its cancelling, data, disconnection, connection update, reset. Kept: everything a host may ask
about features, buffers, addresses and encryption. Legacy advertising only, as a 4.2 controller.
"""

import asyncio
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from bumble import hci, ll
from bumble.controller import Connection, Controller, LegacyAdvertiser

from distal.virtual.connection import End, RadioConnection, Terms

if TYPE_CHECKING:
    from distal.virtual.air import Air

ADVERTISING_UNIT_S = 0.625e-3
ADVERTISING_DELAY_S = 10e-3  # random pause added to each interval (vol 6, part B, 4.4.2.2)
ACTIVE_SCAN = 1
Kind = hci.HCI_LE_Set_Advertising_Parameters_Command.AdvertisingType
Report = hci.HCI_LE_Advertising_Report_Event
SUCCESS = hci.HCI_ErrorCode.SUCCESS
OK = hci.HCI_StatusReturnParameters(SUCCESS)


class Advertiser(LegacyAdvertiser):
    """Legacy advertising at the interval asked for."""

    controller: "AirController"
    chance: random.Random

    @property
    def is_connectable(self) -> bool:
        """Whether a central may connect."""
        return self.enabled and self.advertising_type == Kind.ADV_IND

    @property
    def is_scannable(self) -> bool:
        """Whether a scanner may ask for the scan response."""
        return self.advertising_type in (Kind.ADV_IND, Kind.ADV_SCAN_IND)

    def start(self) -> None:
        """Advertise for the first time within the random delay, then at each interval."""
        self.stop()
        self.enabled = True
        self._schedule(0.0)

    def _schedule(self, wait_s: float) -> None:
        wait_s += self.chance.random() * ADVERTISING_DELAY_S
        self.timer_handle = asyncio.get_running_loop().call_later(wait_s, self._on_timer_fired)

    def _on_timer_fired(self) -> None:
        self._schedule(self.advertising_interval_min * ADVERTISING_UNIT_S)
        if self.controller.in_range:
            self.controller.air.advertise(self.controller)


class AirController(Controller):
    """One radio: a cuff's, the central's, or one lent to another process."""

    le_features = Controller.le_features & ~hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
    le_acl_data_packet_length = 251
    total_num_le_acl_data_packets = 8
    supported_max_tx_octets = 251
    supported_max_rx_octets = 251

    EVENT_TYPES: ClassVar[dict[int, Report.EventType]] = {
        Kind.ADV_IND: Report.EventType.ADV_IND,
        Kind.ADV_SCAN_IND: Report.EventType.ADV_SCAN_IND,
        Kind.ADV_NONCONN_IND: Report.EventType.ADV_NONCONN_IND,
    }

    def __init__(self, air: "Air", name: str, public_address: str, distance_m: float = 0.0) -> None:
        self.in_range = True
        self.distance_m = distance_m  # along a line on which the central stands at 0
        self.air = air
        self.garble: Callable[[bytes], bytes] = bytes  # what becomes of data that came in whole
        self._chance = air.faults.stream("controller", name)
        self._reported: set[tuple[bytes, int]] = set()
        self._joined: dict[int, RadioConnection] = {}
        super().__init__(name, public_address=public_address)
        self.link = air  # type: ignore[assignment]  # bumble's type names its own class, not what it asks
        self.le_legacy_advertiser = Advertiser(self)
        self.le_legacy_advertiser.chance = self._chance
        air.add_controller(self)

    @property
    def advertiser(self) -> Advertiser:
        """The one legacy advertiser."""
        assert isinstance(self.le_legacy_advertiser, Advertiser)
        return self.le_legacy_advertiser

    @property
    def advertising_address(self) -> hci.Address:
        """The address under which peers see this controller."""
        return self.advertiser.address

    @property
    def initiating_address(self) -> hci.Address:
        """The own address that the pending connection asks for."""
        pending = self.pending_le_connection
        if pending is not None and pending.own_address_type == hci.OwnAddressType.PUBLIC:
            return self.public_address
        return self.random_address

    # ---- the host's side. Bumble's own two spell each packet out for a log that nobody reads.

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """From the host."""
        if isinstance(packet, hci.HCI_AclDataPacket):
            self.on_hci_acl_data_packet(packet)
        elif isinstance(packet, hci.HCI_Command):
            self.on_hci_command_packet(packet)

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """To the host, in the next turn of the loop."""
        if self.host:
            asyncio.get_running_loop().call_soon(self.host.on_packet, bytes(packet))

    # ---- the switch

    def silence(self) -> None:
        """Stop transmitting at once, as at a reset or a power cut: peers find out by timeout."""
        self.advertiser.stop()
        self.le_scan_enable = False
        self.pending_le_connection = None
        for connection in list(self._joined.values()):
            connection.close(connection.end_of(self), None)

    def drop_links(self) -> None:
        """Both ends of every link lose it at once; what was on its way is gone."""
        for connection in list(self._joined.values()):
            for end in connection.ends:
                connection.close(end, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def on_hci_reset_command(self, _command: hci.HCI_Reset_Command) -> hci.HCI_StatusReturnParameters:
        """Vol 4, part E, 7.3.2: back to standby, links are dropped without a word."""
        self.silence()
        return OK

    # ---- scanning

    def on_hci_le_set_scan_enable_command(
        self, command: hci.HCI_LE_Set_Scan_Enable_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Each scan reports an advertiser anew."""
        self._reported.clear()
        return super().on_hci_le_set_scan_enable_command(command)

    def on_advertisement(self, source: "AirController", rssi_dbm: int) -> None:
        """An advertisement is on the air: report it, ask for more, connect."""
        if not self.air.hears(source, self):
            return
        advertiser = source.advertiser
        if self.le_scan_enable and self._chance.random() * self.le_scan_interval < self.le_scan_window:
            kind = self.EVENT_TYPES.get(advertiser.advertising_type, Report.EventType.ADV_NONCONN_IND)
            self._report(kind, advertiser.address, advertiser.advertising_data, rssi_dbm)
            if self.le_scan_type == ACTIVE_SCAN and advertiser.is_scannable and self.air.hears(source, self):
                answer = advertiser.scan_response_data
                self._report(Report.EventType.SCAN_RSP, advertiser.address, answer, rssi_dbm)
        pending = self.pending_le_connection
        if pending and pending.peer_address == advertiser.address and advertiser.is_connectable:
            self._connect(source)

    def _report(self, kind: Report.EventType, address: hci.Address, data: bytes, rssi_dbm: int) -> None:
        key = (bytes(address), int(kind))
        if self.filter_duplicates and key in self._reported:
            return
        self._reported.add(key)
        report = Report.Report(
            event_type=kind, address_type=address.address_type, address=address, data=data, rssi=rssi_dbm
        )
        self.send_hci_packet(Report([report]))

    # ---- connections begin

    def _connect(self, peripheral: "AirController") -> None:
        pending = self.pending_le_connection
        assert isinstance(pending, hci.HCI_LE_Create_Connection_Command)
        terms = Terms.from_units(
            pending.connection_interval_max, pending.supervision_timeout, pending.max_latency
        )
        connection = self.air.connect(self, peripheral, terms)
        self.pending_le_connection = None
        peripheral.advertiser.stop()
        for end in connection.ends:
            end.controller.on_air_opened(connection, end)

    def on_air_opened(self, connection: RadioConnection, end: End) -> None:
        """Take up a connection and tell the host."""
        self._joined[end.record.handle] = connection
        self.le_connections[end.record.peer_address] = end.record
        self._say_connected(SUCCESS, end.record, connection.terms)

    def _say_connected(self, status: hci.HCI_ErrorCode, record: Connection, terms: Terms) -> None:
        interval, latency, timeout = terms.units
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=status,
                connection_handle=record.handle,
                role=record.role,
                peer_address_type=record.peer_address.address_type,
                peer_address=record.peer_address,
                connection_interval=interval,
                peripheral_latency=latency,
                supervision_timeout=timeout,
                central_clock_accuracy=0,
            )
        )

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Vol 4, part E, 7.8.13: the pending connection completes with "unknown connection"."""
        pending = self.pending_le_connection
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.pending_le_connection = None
        unknown = hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR
        # after the command's own answer, which bumble sends when this returns
        asyncio.get_running_loop().call_soon(self._say_failed, unknown, pending.peer_address)
        return OK

    def _say_failed(self, status: hci.HCI_ErrorCode, peer: hci.Address) -> None:
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=status,
                connection_handle=0,
                role=hci.Role.CENTRAL,
                peer_address_type=peer.address_type,
                peer_address=peer,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            )
        )

    # ---- connections carry data

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        """Hold what the host sends for the next connection event."""
        connection = self._joined.get(packet.connection_handle)
        if connection is not None:
            connection.send_data(connection.end_of(self), packet)

    def on_air_data(self, record: Connection, packet: hci.HCI_AclDataPacket) -> None:
        """Hand data that was heard to the host; a first fragment is marked as its kind of controller does."""
        flag = packet.pb_flag or hci.HCI_ACL_PB_FIRST_FLUSHABLE
        self.send_hci_packet(
            hci.HCI_AclDataPacket(record.handle, flag, 0, packet.data_total_length, self.garble(packet.data))
        )

    def on_air_completed(self, record: Connection, n: int) -> None:
        """The peer has n packets: the host may send as many more."""
        self.send_hci_packet(
            hci.HCI_Number_Of_Completed_Packets_Event(
                connection_handles=[record.handle], num_completed_packets=[n]
            )
        )

    # ---- connections change and end

    def on_hci_le_connection_update_command(self, command: hci.HCI_LE_Connection_Update_Command) -> None:
        """Vol 4, part E, 7.8.18: takes effect on both ends when the peer has heard of it."""
        if connection := self._pending_for(command.connection_handle, command.op_code):
            terms = Terms.from_units(
                command.connection_interval_max, command.supervision_timeout, command.max_latency
            )
            connection.send_terms(connection.end_of(self), terms)

    def on_air_terms(self, record: Connection, terms: Terms) -> None:
        """The connection has new terms."""
        interval, latency, timeout = terms.units
        self.send_hci_packet(
            hci.HCI_LE_Connection_Update_Complete_Event(
                status=SUCCESS,
                connection_handle=record.handle,
                connection_interval=interval,
                peripheral_latency=latency,
                supervision_timeout=timeout,
            )
        )

    def on_hci_disconnect_command(self, command: hci.HCI_Disconnect_Command) -> None:
        """Vol 4, part E, 7.1.6: over when the peer has heard it, or at the supervision timeout."""
        if connection := self._pending_for(command.connection_handle, command.op_code):
            connection.send_terminate(connection.end_of(self), command.reason)

    def _pending_for(self, handle: int, op_code: int) -> RadioConnection | None:
        connection = self._joined.get(handle)
        unknown = hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR
        self._send_hci_command_status(hci.HCI_COMMAND_STATUS_PENDING if connection else unknown, op_code)
        return connection

    def on_le_disconnected(self, connection: Connection, reason: int) -> None:
        """Bumble ends a connection itself when keys do not match."""
        if joined := self._joined.get(connection.handle):
            joined.close(joined.end_of(self), reason)

    def on_ll_control_pdu(self, sender_address: hci.Address, packet: ll.ControlPdu) -> None:
        """Only what belongs to a connection still known."""
        if sender_address in self.le_connections:
            super().on_ll_control_pdu(sender_address, packet)

    def on_air_closed(self, record: Connection, reason: int | None) -> None:
        """A connection is over; the host hears why unless it asked for the reset itself."""
        self._joined.pop(record.handle, None)
        self.le_connections.pop(record.peer_address, None)
        if reason is not None:
            self.send_hci_packet(
                hci.HCI_Disconnection_Complete_Event(
                    status=SUCCESS, connection_handle=record.handle, reason=reason
                )
            )
