"""A Bluetooth LE device: heard, connected, read and subscribed to as its profile says, and again when lost.

`why` of DISCONNECTED: `not-heard`, `no-adapter`, `connect-failed`, `missing-characteristic`, `needs-pairing`,
`refused`, `gatt-failed`, `timeout`, `no-agent`, `link-lost`.
"""

import asyncio
from collections.abc import Awaitable
from functools import partial
from typing import TypeVar

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from devices.model.observation import DeviceEvent, EventKind, Instant, later
from devices.profiles import BleCharacteristic, BleLink, Profile
from gateway.clock import Clock
from gateway.config import DeviceConfig
from gateway.errors import LinkError
from gateway.links import Outlet
from gateway.links.backoff import Backoff
from gateway.links.ble_errors import bluetooth_errors
from gateway.links.ble_radio import BleRadio, Limits
from gateway.links.conversation import Inbox, Voice, converse
from gateway.links.presence import Presence

__all__ = ["BleDeviceLink", "BleRadio", "Limits"]

T = TypeVar("T")

_NO_RSSI_DBM = -127
"""What bleak says when BlueZ does not know."""


class BleDeviceLink:
    """The link of one BLE device. CONNECTED is said when all its subscriptions stand."""

    def __init__(
        self, device: DeviceConfig, profile: Profile, clock: Clock, outlet: Outlet, radio: BleRadio
    ) -> None:
        if not isinstance(profile.link, BleLink) or device.address is None:
            raise ValueError(f"{device.id}: a BLE link needs a BLE profile and an address")
        self._address = device.address.upper()
        self._profile = profile.link
        self._clock = clock
        self._outlet = outlet
        self._radio = radio
        self._limits = radio.limits
        self._backoff = Backoff(self._limits.first_retry_s, self._limits.longest_retry_s)
        self._presence = Presence(clock, outlet)
        self._next_link_event = Instant(0)

    async def run(self) -> None:
        """See `Link`."""
        with self._radio.scan.listening(self._on_advertisement):
            await self._presence.attend(self._attend, self._pause_s)

    def _pause_s(self, error: LinkError) -> float:
        if error.why == "missing-characteristic":
            return self._limits.wrong_device_retry_s
        return self._backoff.failed()

    async def _attend(self) -> None:
        """One connection, from hearing the device to losing it. Its codecs and its inbox end with it."""
        device, inbox = await self._hear(), Inbox(self._clock)
        lost = LinkError("link-lost", f"{self._address}: the connection broke: is it on and in range?")
        async with self._radio.connected(device, self._profile.bond, lambda: inbox.end(lost)) as client:
            voices = await self._set_up(client, inbox)
            self._backoff.reset()
            self._presence.connected(pairing=await self._radio.pairing(device))
            await converse(voices, inbox, self._clock, self._outlet)

    async def _hear(self) -> BLEDevice:
        try:
            async with asyncio.timeout(self._limits.unheard_s):
                return await self._radio.hear(self._address)
        except TimeoutError:
            message = f"{self._address} was not heard: is it on, in range, and `address` right?"
            self._presence.disconnected(LinkError("not-heard", message))
        return await self._radio.hear(self._address)

    def _on_advertisement(self, device: BLEDevice, said: AdvertisementData) -> None:
        if device.address.upper() != self._address or said.rssi == _NO_RSSI_DBM:
            return
        now = self._clock.now()
        if now >= self._next_link_event:
            self._next_link_event = later(now, self._limits.link_every_s)
            self._outlet([DeviceEvent(EventKind.LINK, now, {"rssi": said.rssi})])

    async def _set_up(self, client: BleakClient, inbox: Inbox) -> dict[str, Voice]:
        """Read and subscribe as the profile says, in its order; one fresh codec for each characteristic."""
        codecs = self._profile.codecs(self._outlet.host)
        voices: dict[str, Voice] = {}
        for wanted in self._profile.characteristics:
            found = self._find(client, wanted)
            if found and await self._open(client, found, wanted, inbox):
                send = partial(self._write, client, found, wanted.optional)
                # BlueZ confirms an indication by itself, and the device forgets the value then.
                at_once = "indicate" in found.properties and "notify" not in found.properties
                voices[wanted.uuid] = Voice(codecs[wanted.uuid], send, at_once)
        return voices

    def _find(self, client: BleakClient, wanted: BleCharacteristic) -> BleakGATTCharacteristic | None:
        for found in client.services.characteristics.values():
            if found.uuid == wanted.uuid:
                return found
        if wanted.optional:
            return None
        message = f"{self._address} has no characteristic {wanted.uuid}: is `profile` right for this device?"
        raise LinkError("missing-characteristic", message)

    async def _open(
        self, client: BleakClient, found: BleakGATTCharacteristic, wanted: BleCharacteristic, inbox: Inbox
    ) -> bool:
        """Whether values of `wanted` will come. An optional one that is refused is reported, and left."""
        try:
            if wanted.read:
                value = await self._call("reading", found, client.read_gatt_char(found))
                inbox.put(wanted.uuid, bytes(value))
            # Some devices let a value, such as the battery's, only be read.
            if wanted.subscribe and ({"notify", "indicate"} & set(found.properties) or not wanted.read):
                notify = client.start_notify(found, lambda _, data: inbox.put(wanted.uuid, bytes(data)))
                await self._call("subscribing to", found, notify)
        except LinkError as error:
            if not wanted.optional or error.why not in {"refused", "needs-pairing"}:
                raise
            self._refused(f"open {wanted.uuid}", error)
            return False
        return True

    def _refused(self, command: str, error: LinkError) -> None:
        detail = {"command": command, "message": str(error)}
        self._outlet([DeviceEvent(EventKind.REFUSED, self._clock.now(), detail)])

    async def _write(
        self, client: BleakClient, found: BleakGATTCharacteristic, optional: bool, data: bytes
    ) -> None:
        ways = {"write", "write-without-response"} & set(found.properties)
        try:
            if not ways:
                raise LinkError("refused", f"{self._address}: {found.uuid} cannot be written")
            await self._call("writing", found, client.write_gatt_char(found, data, "write" in ways))
        except LinkError as error:
            if not optional or error.why != "refused":
                raise
            self._refused(f"write {found.uuid}", error)

    async def _call(self, doing: str, found: BleakGATTCharacteristic, call: Awaitable[T]) -> T:
        with bluetooth_errors("gatt-failed", f"{doing} {found.uuid} of {self._address}"):
            async with asyncio.timeout(self._limits.call_s):
                return await call
