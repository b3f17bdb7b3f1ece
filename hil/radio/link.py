"""The air: bumble's emulated controllers and the link between them, mended to behave like a radio.

bumble 0.0.236's `Controller` and `LocalLink` serve a handful of well-behaved devices. What a ward needs on
top, each explained where it is mended: a connection attempt that can be given up, links that end when one
side vanishes, scan responses, and a cost per packet that does not grow with the number of devices.
"""

import asyncio

from bumble import hci, ll
from bumble.controller import Controller
from bumble.core import PhysicalTransport
from bumble.link import LocalLink

_RSSI_DBM = -50
_Report = hci.HCI_LE_Extended_Advertising_Report_Event.Report
_Event = hci.HCI_LE_Extended_Advertising_Report_Event.EventType


class RadioController(Controller):
    """A Bluetooth LE controller on a `RadioLink`."""

    # bumble's 27 octets cut every notification into pieces, each with its own HCI packet and credit; 251 is
    # what a controller with the data length extension offers (Core 5.4, Vol 6, Part B, 4.5.10).
    le_acl_data_packet_length = 251
    total_num_le_acl_data_packets = 64

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Mend: bumble acknowledges the cancellation but leaves the attempt pending: it takes no other.

        The standard ends it with this event (Core 5.4, Vol 4, Part E, 7.8.13).
        """
        if self.pending_le_connection is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.pending_le_connection = None
        cancelled = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=0,
            peer_address=hci.Address.ANY,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        asyncio.get_running_loop().call_soon(self.send_hci_packet, cancelled)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        """Mend: bumble reports the advertising data a second time as the scan response.

        That doubles every service UUID and hides what only the scan response carries.
        """
        if self.le_scan_enable and isinstance(self.link, RadioLink):
            advertiser = self.link.find_le_controller(pdu.advertiser_address)
            legacy = _Event.LEGACY_ADVERTISING_PDU_USED | _Event.SCANNABLE_ADVERTISING
            self._report(pdu, legacy | _Event.CONNECTABLE_ADVERTISING, pdu.data)
            self._report(pdu, legacy | _Event.SCAN_RESPONSE, _scan_response(advertiser))
        pending = self.pending_le_connection
        if pending is not None and pending.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)

    def _report(self, pdu: ll.AdvInd | ll.AdvExtInd, event_type: int, data: bytes) -> None:
        report = _Report(
            event_type=event_type,
            address_type=pdu.advertiser_address.address_type,
            address=pdu.advertiser_address,
            primary_phy=hci.Phy.LE_1M,
            secondary_phy=hci.Phy.LE_1M,
            advertising_sid=0,
            tx_power=hci.HCI_LE_Extended_Advertising_Report_Event.TX_POWER_INFORMATION_NOT_AVAILABLE,
            rssi=_RSSI_DBM,
            periodic_advertising_interval=0,
            direct_address_type=0,
            direct_address=hci.Address.ANY,
            data=data,
        )
        self.send_hci_packet(hci.HCI_LE_Extended_Advertising_Report_Event([report]))


class RadioLink(LocalLink):
    """The air between controllers; a controller that left it hears and is heard by nobody."""

    def __init__(self) -> None:
        super().__init__()
        self._by_address: dict[hci.Address, Controller] = {}

    def add_controller(self, controller: Controller) -> None:
        """Let `controller` be heard."""
        super().add_controller(controller)
        self.on_address_changed(controller)

    def remove_controller(self, controller: Controller) -> None:
        """Let `controller` be heard no more; its connections stay as they are (see `lose`)."""
        self.controllers.discard(controller)
        self._by_address = {}
        for remaining in self.controllers:
            self.on_address_changed(remaining)

    # Mend: bumble has no supervision time-out, so a vanished controller's peer stays connected for ever.
    # Here both ends learn of it at once, without the wait of a real link (Core 5.4, Vol 6, Part B, 4.5.2).
    def lose(
        self,
        controller: Controller,
        reason: hci.HCI_ErrorCode = hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR,
    ) -> None:
        """Take `controller` off the air and end its connections with `reason` on both ends."""
        for connection in list(controller.le_connections.values()):
            if peer := self.find_le_controller(connection.peer_address):
                _end_connection(peer, connection.self_address, reason)
            _end_connection(controller, connection.peer_address, reason)
        self.remove_controller(controller)

    def on_address_changed(self, controller: Controller) -> None:
        """Mend: bumble searches all controllers and their connections for every packet.

        With 30 peripherals that was most of the time spent. The index follows the addresses as set.
        """
        if controller not in self.controllers:
            return
        for address in (controller.public_address, controller.random_address):
            if any(address.address_bytes):
                self._by_address[address] = controller

    def find_le_controller(self, address: hci.Address) -> Controller | None:
        """The controller on the air that owns `address`."""
        return self._by_address.get(address)

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        """Mend: bumble names the sender by its random address even when it connected with its public one."""
        connection = sender_controller.le_connections.get(destination_address)
        receiver = self.find_le_controller(destination_address)
        if connection and receiver:
            loop = asyncio.get_running_loop()
            loop.call_soon(receiver.on_link_acl_data, connection.self_address, transport, data)

    def send_advertising_pdu(self, sender_controller: Controller, packet: ll.AdvertisingPdu) -> None:
        """Mend: bumble wakes every controller for every advertisement; only those that listen need it."""
        if sender_controller not in self.controllers:
            return
        loop = asyncio.get_running_loop()
        if isinstance(packet, ll.ConnectInd):
            loop.call_soon(self._connect, sender_controller, packet)
            return
        for controller in self.controllers:
            if controller.le_scan_enable or controller.pending_le_connection:
                loop.call_soon(controller.on_ll_advertising_pdu, packet)

    # Mend: bumble's central believes in a connection whose advertiser has left or taken another central.
    def _connect(self, central: Controller, packet: ll.ConnectInd) -> None:
        peripheral = self.find_le_controller(packet.advertiser_address)
        if peripheral:
            peripheral.on_ll_advertising_pdu(packet)
        if not peripheral or packet.initiator_address not in peripheral.le_connections:
            reason = hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR
            _end_connection(central, packet.advertiser_address, reason)

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        """Mend: bumble raises when the receiver is gone, in the middle of the sender's own disconnection."""
        if receiver := self.find_le_controller(receiver_address):
            asyncio.get_running_loop().call_soon(receiver.on_ll_control_pdu, sender_address, packet)


def _scan_response(advertiser: Controller | None) -> bytes:
    """Scan response data of its running advertisement; empty when there is none."""
    sets = advertiser.advertising_sets.values() if advertiser else ()
    return next((bytes(s.scan_response_data) for s in sets if s.enabled), b"")


def _end_connection(controller: Controller, peer_address: hci.Address, reason: int) -> None:
    """End the connection of `controller` with `peer_address` on this side, if there is one."""
    if connection := controller.le_connections.get(peer_address):
        controller.on_le_disconnected(connection, reason)
