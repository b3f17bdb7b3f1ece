"""The gateway's Bluetooth adapter, shared by the links of all BLE devices."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from bleak import BleakClient
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner
from bleak_retry_connector import close_stale_connections_by_address, establish_connection

from gateway.errors import LinkError
from gateway.links.ble_errors import BLUETOOTH_ERRORS, bluetooth_errors
from gateway.links.ble_scan import SharedScan
from gateway.links.bluez_agent import PairingAgent
from gateway.links.bluez_bonds import BluezBonds
from gateway.links.bonds import Bonds, Pairing

log = logging.getLogger(__name__)

_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """How long what may take, in seconds, and how many devices connect at once."""

    unheard_s: float = 10.0
    """Not heard for so long, a device is said to be away. It is listened for all the same."""
    connect_s: float = 25.0
    """To connect, pair and discover the services."""
    call_s: float = 10.0
    """For each read, write and subscription."""
    disconnect_s: float = 15.0
    first_retry_s: float = 0.5
    longest_retry_s: float = 10.0
    wrong_device_retry_s: float = 60.0
    """Before a device that lacks what its profile needs is tried again."""
    scan_restart_s: float = 10.0
    link_every_s: float = 10.0
    """At most one LINK event in so many seconds."""
    connecting: int = 3
    """More than one, so that a device that was heard but does not connect holds up no other."""


class BleRadio:
    """One adapter. Without backends it is BlueZ's; tests and simulations pass bleak backends of their own.

    `bonds`: who knows them; BlueZ, where it is BlueZ's adapter.
    """

    def __init__(
        self,
        scanner_backend: type[BaseBleakScanner] | None = None,
        client_backend: type[BaseBleakClient] | None = None,
        *,
        bonds: Bonds | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.scan = SharedScan(scanner_backend, self.limits.scan_restart_s)
        self._client_backend = client_backend
        self._agent = PairingAgent() if client_backend is None else None
        self._bonds = bonds or (BluezBonds() if client_backend is None else None)
        self._connecting = asyncio.Semaphore(self.limits.connecting)

    async def hear(self, address: str) -> BLEDevice:
        """Wait until the device `address` (upper case) advertises. Raises LinkError when the radio fails."""
        if self._agent:
            # BlueZ keeps the connections of a program that was killed, and a connected device is silent.
            await close_stale_connections_by_address(address)
        return await self.scan.hear(address)

    async def pairing(self, device: BLEDevice) -> Pairing | None:
        """How the connection to `device` is secured; None where nobody can tell: that ends no connection."""
        try:
            return await self._bonds.pairing(device) if self._bonds else None
        except LinkError as error:
            log.warning("%s: how it is paired is not known: %s", device.address, error)
            return None

    async def forget(self, address: str) -> None:
        """Wipe the bond with the device `address` (upper case). Raises LinkError."""
        if self._bonds:
            await self._bonds.forget(address)

    @asynccontextmanager
    async def connected(
        self, device: BLEDevice, bond: bool, lost: Callable[[], None]
    ) -> AsyncIterator[BleakClient]:
        """A connection to `device`, paired if `bond`; `lost` is called when it breaks. Raises LinkError.

        It is always ended by `disconnect`, also when the device has gone: bleak on BlueZ otherwise keeps its
        subscriptions, and delivers every notification once more after each loss.
        """
        client = await self._connect(device, bond, lost)
        try:
            yield client
        finally:
            with suppress(*BLUETOOTH_ERRORS):  # it is gone in either case
                async with asyncio.timeout(self.limits.disconnect_s):
                    await client.disconnect()

    async def _connect(self, device: BLEDevice, bond: bool, lost: Callable[[], None]) -> BleakClient:
        async with self._connecting, AsyncExitStack() as stack:
            stack.enter_context(bluetooth_errors("connect-failed", f"connecting to {device.address}"))
            if bond and self._agent:
                await stack.enter_async_context(self._agent.accepting(device.details["path"]))
            async with asyncio.timeout(self.limits.connect_s):
                return await establish_connection(
                    BleakClient,
                    device,
                    device.name or device.address,
                    lambda _client: lost(),
                    max_attempts=_ATTEMPTS,
                    pair=bond,
                    timeout=self.limits.connect_s,
                    backend=self._client_backend,
                )
