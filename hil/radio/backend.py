"""bleak's backend on an `Adapter`: pass the classes of `backends` as `backend=` to bleak's own.

    scanner_class, client_class = backends(adapter)
    device = await BleakScanner.find_device_by_name("HRM-0001", backend=scanner_class)
    async with BleakClient(device, backend=client_class) as client: ...

It behaves as bleak's BlueZ backend does, with these differences: the MTU is negotiated before `connect`
returns; several scanners of one process share one active scan, whatever their `scanning_mode`; a device
has one client at a time.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, ClassVar, Literal

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementDataCallback, BaseBleakScanner
from bleak.exc import BleakDeviceNotFoundError, BleakError
from bumble.device import Advertisement

from hil.radio.adapter import Adapter
from hil.radio.advertising import advertisement_data
from hil.radio.session import DEFAULT_MTU, Session


def backends(adapter: Adapter) -> tuple[type[BaseBleakScanner], type[BaseBleakClient]]:
    """The scanner and the client class of `adapter`, for bleak's `backend=` arguments."""
    bound = {"adapter": adapter, "__module__": __name__}
    return type("BumbleScanner", (BumbleScanner,), bound), type("BumbleClient", (BumbleClient,), bound)


class BumbleScanner(BaseBleakScanner):
    """bleak's scanner on `adapter`; see `BaseBleakScanner`."""

    adapter: ClassVar[Adapter]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: Literal["active", "passive"] = "active",
        **_kwargs: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        """Start scanning. Raises BleakBluetoothNotAvailableError while the radio is away."""
        self.seen_devices = {}
        await self.adapter.listen(self._on_advertisement)

    async def stop(self) -> None:
        """Stop scanning."""
        await self.adapter.unlisten(self._on_advertisement)

    def _on_advertisement(self, advertisement: Advertisement) -> None:
        said = advertisement_data(advertisement)
        if self.is_allowed_uuid(said.service_uuids):
            address = advertisement.address.to_string(False)
            device = self.create_or_update_device(
                address, address, said.local_name, {"address": advertisement.address}, said
            )
            self.call_detection_callbacks(device, said)


class BumbleClient(BaseBleakClient):
    """bleak's client on `adapter`; see `BaseBleakClient` for the contract of every method."""

    adapter: ClassVar[Adapter]

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        services: set[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout, **kwargs
        )
        self._device = address_or_ble_device if isinstance(address_or_ble_device, BLEDevice) else None
        self._wanted_services = services
        self._session: Session | None = None

    @property
    def name(self) -> str:
        """The advertised name, else the address with hyphens."""
        return (self._device and self._device.name) or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        """The negotiated ATT MTU in bytes; 23 while not connected."""
        return self._session.mtu if self._session else DEFAULT_MTU

    @property
    def is_connected(self) -> bool:
        """True from the end of `connect` to the loss of the link."""
        return self._session is not None

    async def connect(self, pair: bool, **_kwargs: Any) -> None:
        """Connect, negotiate the MTU, encrypt if bonded, pair if asked to, discover the services.

        Raises:
            TimeoutError: not done within the client's `timeout`.
            BleakDeviceNotFoundError: only an address was given, and it was not heard within `timeout`.
            BleakBluetoothNotAvailableError: the radio is away.
            BleakError: connected already, the link broke off, or the peer's bond does not fit ours.
        """
        if self.is_connected:
            raise BleakError(f"already connected to {self.name}")
        if self._device is None:
            await self._find()
        try:
            async with asyncio.timeout(self._timeout), contextlib.AsyncExitStack() as undo:
                session = Session(self.adapter, await self.adapter.connect(self.address), self._on_end)
                undo.push_async_callback(session.disconnect)
                await session.prepare(pair)
                self.services = await session.discover(self._wanted_services)
                undo.pop_all()
                self._session = session
        except TimeoutError as error:
            raise TimeoutError(f"no connection to {self.name} within {self._timeout} s") from error

    async def _find(self) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await self.adapter.hear(self.address)
        except TimeoutError as error:
            message = f"{self.address} was not heard within {self._timeout} s: is it on and in range?"
            raise BleakDeviceNotFoundError(self.address, message) from error

    def _on_end(self, session: Session) -> None:
        if session is not self._session:
            return  # it ended before `connect` did, which tells its caller
        self._session, self.services = None, None
        if self._disconnected_callback:
            asyncio.get_running_loop().call_soon(self._disconnected_callback)

    async def disconnect(self) -> None:
        """End the link, if there is one."""
        if self._session:
            await self._session.disconnect()

    async def pair(self, *_args: Any, **_kwargs: Any) -> None:
        """Pair and bond (LE Secure Connections, Just Works); nothing to do when bonded already."""
        await self._connected.pair()

    async def unpair(self) -> None:
        """Forget the bond and disconnect. Raises BleakDeviceNotFoundError when there is neither."""
        bonded = [name for name, _ in await self.adapter.bonds.get_all() if name.startswith(self.address)]
        if not bonded and not self.is_connected:
            raise BleakDeviceNotFoundError(self.address, f"{self.address} is neither bonded nor connected")
        for name in bonded:
            await self.adapter.bonds.delete(name)
        await self.disconnect()

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_kwargs: Any
    ) -> bytearray:
        """Read the value, however long."""
        return await self._connected.read(characteristic.handle, use_cached)

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_kwargs: Any
    ) -> bytearray:
        """Read the value, however long."""
        return await self._connected.read(descriptor.handle, use_cached)

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        """Write; with a response however long, without one at most MTU - 3 bytes (else BleakError)."""
        await self._connected.write(characteristic.handle, bytes(data), response)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Write with a response."""
        await self._connected.write(descriptor.handle, bytes(data), response=True)

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_kwargs: Any
    ) -> None:
        """Write the CCCD (notifications if offered, else indications) and deliver to `callback`.

        Raises BleakError when the characteristic offers neither, or is subscribed already.
        """
        await self._connected.subscribe(characteristic, callback)

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Clear the CCCD. Raises BleakError when not subscribed."""
        await self._connected.unsubscribe(characteristic)

    @property
    def _connected(self) -> Session:
        if self._session is None:
            raise BleakError(f"not connected to {self.name}: call connect() first")
        return self._session
