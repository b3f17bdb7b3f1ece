"""What BlueZ knows of bonds, asked over D-Bus.

Interfaces of BlueZ 5: org.bluez.Device1 and Adapter1 (doc/org.bluez.Device.rst, org.bluez.Adapter.rst);
org.freedesktop.DBus.Properties and ObjectManager of the D-Bus specification.
"""

import asyncio
from typing import Any

from bleak.backends.device import BLEDevice
from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from gateway.errors import LinkError
from gateway.links.ble_errors import bluetooth_errors
from gateway.links.bonds import Pairing

_DEVICE, _ADAPTER = "org.bluez.Device1", "org.bluez.Adapter1"
_GONE = "org.bluez.Error.DoesNotExist"


class BluezBonds:
    """The bonds of this host. Every question has its answer within `call_s`, or is a LinkError."""

    def __init__(self, call_s: float = 5.0) -> None:
        self._call_s = call_s
        self._bus: MessageBus | None = None
        self._lock = asyncio.Lock()

    async def pairing(self, device: BLEDevice) -> Pairing:
        """See `Bonds`. `Paired` without `Bonded` is a pairing whose keys nobody keeps; BlueZ before 5.66 has
        no `Bonded`, and keeps what it paired."""
        about = await self._ask(
            device.details["path"], "org.freedesktop.DBus.Properties", "GetAll", "s", [_DEVICE]
        )
        known = {name: found.value for name, found in about.items()}
        if known.get("Bonded", known.get("Paired")):
            return "bonded"
        return "encrypted" if known.get("Paired") else "none"

    async def forget(self, address: str) -> None:
        """See `Bonds`. BlueZ drops the connection, the keys and what it knew of the device's services."""
        objects = await self._ask("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        for path, interfaces in objects.items():
            about = interfaces.get(_DEVICE)
            if about is not None and about["Address"].value.upper() == address:
                await self._ask(about["Adapter"].value, _ADAPTER, "RemoveDevice", "o", [path])

    async def _ask(
        self, path: str, interface: str, member: str, signature: str = "", body: list[Any] | None = None
    ) -> Any:
        """The first value of the answer; None if it has none, or there is no such device any more."""
        message = Message(
            destination="org.bluez",
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=body or [],
        )
        with bluetooth_errors("bluez", f"asking BlueZ: {member}"):
            async with asyncio.timeout(self._call_s):
                reply = await (await self._connected()).call(message)
        if reply is None or (reply.message_type is MessageType.ERROR and reply.error_name != _GONE):
            raise LinkError("bluez", f"BlueZ refuses {member} of {path}: {reply and reply.error_name}")
        is_answer = reply.message_type is not MessageType.ERROR and reply.body
        return reply.body[0] if is_answer else None

    async def _connected(self) -> MessageBus:
        async with self._lock:
            if self._bus is None or not self._bus.connected:
                self._bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
        return self._bus
