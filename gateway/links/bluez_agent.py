"""The pairing agent that BlueZ asks before it pairs: without one, pairing is rejected or hangs for ever.

It accepts only devices that the gateway is pairing at that moment, by Just Works: sensors have no display.
Interface: org.bluez.Agent1 and org.bluez.AgentManager1 of BlueZ 5 (doc/org.bluez.Agent.rst).
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from dbus_fast import BusType, DBusError, Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusSignature
from dbus_fast.service import ServiceInterface, dbus_method

from gateway.errors import LinkError
from gateway.links.ble_errors import bluetooth_errors

_PATH = "/org/wardlink/agent"
_ALREADY_EXISTS = "org.bluez.Error.AlreadyExists"

ObjectPath = Annotated[str, DBusSignature("o")]
UInt32 = Annotated[int, DBusSignature("u")]
Text = Annotated[str, DBusSignature("s")]


class Agent(ServiceInterface):
    """org.bluez.Agent1, capability NoInputNoOutput. `accepted` counts who is pairing which device."""

    def __init__(self, accepted: Counter[str]) -> None:
        super().__init__("org.bluez.Agent1")
        self._accepted = accepted

    @dbus_method(name="Release")
    def release(self) -> None:
        """BlueZ forgets the agent."""

    @dbus_method(name="Cancel")
    def cancel(self) -> None:
        """BlueZ gave the request up."""

    @dbus_method(name="RequestConfirmation")
    def request_confirmation(self, device: ObjectPath, _passkey: UInt32) -> None:
        """Confirm the passkey of a device that is being paired. Raises DBusError for any other."""
        self.check(device)

    @dbus_method(name="RequestAuthorization")
    def request_authorization(self, device: ObjectPath) -> None:
        """Authorise the pairing of a device that is being paired. Raises DBusError for any other."""
        self.check(device)

    @dbus_method(name="AuthorizeService")
    def authorize_service(self, device: ObjectPath, _uuid: Text) -> None:
        """Authorise a service of a device that is being paired. Raises DBusError for any other."""
        self.check(device)

    def check(self, device: str) -> None:
        """Raise DBusError unless `device` is being paired."""
        if not self._accepted[device]:
            raise DBusError("org.bluez.Error.Rejected", f"{device} is not being paired by this gateway")


class PairingAgent:
    """Registers the agent when it is first needed, and again when BlueZ has forgotten it, within `call_s`."""

    def __init__(self, call_s: float = 5.0) -> None:
        self._call_s = call_s
        self._accepted: Counter[str] = Counter()
        self._lock = asyncio.Lock()
        self._bus: MessageBus | None = None

    @asynccontextmanager
    async def accepting(self, device_path: str) -> AsyncIterator[None]:
        """Accept the pairing of the device with this D-Bus path. Raises LinkError without BlueZ."""
        with bluetooth_errors("no-agent", "registering the pairing agent with BlueZ"):
            async with asyncio.timeout(self._call_s), self._lock:
                await self._register()
        self._accepted[device_path] += 1
        try:
            yield
        finally:
            self._accepted[device_path] -= 1

    async def _register(self) -> None:
        if self._bus is None or not self._bus.connected:
            bus = MessageBus(bus_type=BusType.SYSTEM)
            await bus.connect()
            bus.export(_PATH, Agent(self._accepted))
            self._bus = bus
        await _call(self._bus, "RegisterAgent", "os", [_PATH, "NoInputNoOutput"])
        await _call(self._bus, "RequestDefaultAgent", "o", [_PATH])


async def _call(bus: MessageBus, member: str, signature: str, body: list[str]) -> None:
    reply = await bus.call(
        Message(
            destination="org.bluez",
            path="/org/bluez",
            interface="org.bluez.AgentManager1",
            member=member,
            signature=signature,
            body=body,
        )
    )
    if reply and reply.message_type is MessageType.ERROR and reply.error_name != _ALREADY_EXISTS:
        raise LinkError("no-agent", f"BlueZ refuses the pairing agent: {member}: {reply.error_name}")
