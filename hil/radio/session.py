"""One connection of a client: its ATT calls, its security and its subscriptions, from connect to loss."""

import asyncio
from collections.abc import Callable

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import NotifyCallback
from bleak.backends.service import BleakGATTServiceCollection
from bleak.exc import BleakError
from bumble.att import ATT_DEFAULT_MTU
from bumble.device import Connection, Peer
from bumble.gatt_client import CharacteristicProxy

from hil.radio.adapter import Adapter
from hil.radio.calls import Calls
from hil.radio.gatt import CCCD, discover

DEFAULT_MTU: int = ATT_DEFAULT_MTU
# What BlueZ asks for: room for the largest attribute, 512 bytes (Core 5.4, Vol 3, Part F, 3.2.9).
_PREFERRED_MTU = 517


class Session:
    """A live connection; `on_end` is called once, with the session, when it ends for whatever reason."""

    def __init__(self, adapter: Adapter, connection: Connection, on_end: Callable[["Session"], None]) -> None:
        self._adapter = adapter
        self._connection = connection
        self._peer = Peer(connection)
        self._calls = Calls()
        self._on_end = on_end
        self._subscribed: set[int] = set()
        connection.once(connection.EVENT_DISCONNECTION, self._end)
        if adapter.device.connections.get(connection.handle) is not connection:
            self._end(0)  # lost between the connection and this line

    @property
    def mtu(self) -> int:
        """The negotiated ATT MTU in bytes."""
        return self._connection.att_mtu

    def _end(self, _reason: int) -> None:
        self._calls.end(f"the connection to {self._connection.peer_address} ended")
        self._on_end(self)

    async def prepare(self, pair: bool) -> None:
        """Negotiate the MTU; then encrypt with the bond if there is one, else pair if asked to."""
        await self._calls.run(self._peer.request_mtu(_PREFERRED_MTU))
        if await self._is_bonded():
            await self._encrypt()
        elif pair:
            await self.pair()

    async def discover(self, wanted: set[str] | None) -> BleakGATTServiceCollection:
        """The services, only those with a UUID in `wanted` if that is given."""
        return await self._calls.run(discover(self._peer, wanted, lambda: self.mtu))

    async def disconnect(self) -> None:
        """End the connection."""
        await self._adapter.disconnect(self._connection)

    async def pair(self) -> None:
        """Pair and bond, unless that was done before."""
        if not await self._is_bonded():
            await self._calls.run(self._connection.pair())

    async def _is_bonded(self) -> bool:
        return await self._adapter.bonds.get(str(self._connection.peer_address)) is not None

    async def _encrypt(self) -> None:
        try:
            await self._calls.run(self._connection.encrypt())
        except BleakError as error:
            raise BleakError(
                f"{self._connection.peer_address} does not accept our bond ({error}): "
                "it may have forgotten it; unpair() and pair() again"
            ) from error

    async def read(self, handle: int, use_cached: bool) -> bytearray:
        """The value of the attribute `handle`; the last one seen, if there is one, when `use_cached`."""
        cached = self._peer.gatt_client.cached_values.get(handle) if use_cached else None
        return bytearray(cached[1] if cached else await self._calls.run(self._peer.read_value(handle)))

    async def write(self, handle: int, data: bytes, response: bool) -> None:
        """Write `data` to the attribute `handle`."""
        if not response and len(data) > self.mtu - 3:
            raise BleakError(f"{len(data)} bytes do not fit in one write of at most {self.mtu - 3} bytes")
        await self._calls.run(self._peer.write_value(handle, data, with_response=response))

    async def subscribe(self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback) -> None:
        """Write the CCCD and deliver every value to `callback`, in order."""
        self._check_subscribable(characteristic)
        loop = asyncio.get_running_loop()
        proxy: CharacteristicProxy[bytes] = characteristic.obj

        def deliver(value: bytes) -> None:
            # Not called directly: an error in it must not keep bumble from confirming an indication.
            loop.call_soon(callback, bytearray(value))

        self._subscribed.add(characteristic.handle)
        try:
            await self._calls.run(proxy.subscribe(deliver, prefer_notify=True))
        except (BleakError, TimeoutError):
            self._forget(characteristic.handle)
            raise

    def _check_subscribable(self, characteristic: BleakGATTCharacteristic) -> None:
        if not {"notify", "indicate"} & set(characteristic.properties):
            raise BleakError(f"{characteristic.uuid} offers neither notifications nor indications")
        if characteristic.get_descriptor(CCCD) is None:
            raise BleakError(f"{characteristic.uuid} has no client characteristic configuration descriptor")
        if characteristic.handle in self._subscribed:
            raise BleakError(f"{characteristic.uuid} is subscribed already: stop_notify() first")

    async def unsubscribe(self, characteristic: BleakGATTCharacteristic) -> None:
        """Clear the CCCD."""
        if characteristic.handle not in self._subscribed:
            raise BleakError(f"{characteristic.uuid} is not subscribed")
        proxy: CharacteristicProxy[bytes] = characteristic.obj
        await self._calls.run(proxy.unsubscribe(force=True))
        self._subscribed.discard(characteristic.handle)

    def _forget(self, handle: int) -> None:
        self._subscribed.discard(handle)
        self._peer.gatt_client.notification_subscribers.pop(handle, None)
        self._peer.gatt_client.indication_subscribers.pop(handle, None)
