"""A sensor that only advertises: its service data is read wherever it is heard, and it is never connected to.

`why` of DISCONNECTED: `not-heard`, `no-adapter`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from devices.model.observation import DeviceEvent, EventKind, Instant, later
from devices.profiles import BleBroadcast, Profile
from gateway.clock import Clock
from gateway.config import DeviceConfig
from gateway.errors import LinkError
from gateway.links import Outlet
from gateway.links.backoff import Backoff
from gateway.links.ble_radio import BleRadio
from gateway.links.conversation import Inbox, Voice, converse
from gateway.links.presence import Presence

_AIR = "air"


class BroadcastListener:
    """The link of one advertising sensor. CONNECTED comes with the first that is heard."""

    def __init__(
        self, device: DeviceConfig, profile: Profile, clock: Clock, outlet: Outlet, radio: BleRadio
    ) -> None:
        if not isinstance(profile.link, BleBroadcast) or device.address is None:
            raise ValueError(f"{device.id}: a broadcast needs a profile of one and an address")
        self._address = device.address.upper()
        self._profile = profile.link
        self._clock = clock
        self._outlet = outlet
        self._radio = radio
        self._backoff = Backoff(radio.limits.first_retry_s, radio.limits.longest_retry_s)
        self._presence = Presence(clock, outlet)
        self._inbox = Inbox(clock)
        self._next_link_event = Instant(0)

    async def run(self) -> None:
        """See `Link`."""
        with self._radio.scan.listening(self._on_advertisement):
            await self._presence.attend(self._attend, lambda _: self._backoff.failed())

    async def _attend(self) -> None:
        """Listen until the radio fails; after each silence with a fresh codec."""
        self._inbox = Inbox(self._clock)
        async with self._scanning():
            while True:
                await converse(
                    {_AIR: Voice(self._profile.codec(), _deaf)},
                    self._inbox,
                    self._clock,
                    self._outlet,
                    silence_s=self._profile.silence_s,
                    heard=self._heard,
                )
                seconds = f"{self._profile.silence_s:g} s"
                message = f"{self._address}: not heard for {seconds}: is it in range, its battery good?"
                self._presence.disconnected(LinkError("not-heard", message))

    @asynccontextmanager
    async def _scanning(self) -> AsyncIterator[None]:
        """The radio scans meanwhile; its failure ends the inbox."""
        forever: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        scan = asyncio.create_task(self._radio.scan.until(forever))
        scan.add_done_callback(self._scan_ended)
        try:
            yield
        finally:
            scan.cancel()
            await asyncio.wait({scan})

    def _scan_ended(self, scan: asyncio.Task[None]) -> None:
        error = None if scan.cancelled() else scan.exception()
        if isinstance(error, LinkError):
            self._inbox.end(error)

    def _heard(self, at: Instant) -> None:
        self._backoff.reset()
        self._presence.connected(at)

    def _on_advertisement(self, device: BLEDevice, said: AdvertisementData) -> None:
        data = said.service_data.get(self._profile.service_data)
        if device.address.upper() != self._address or data is None:
            return
        self._inbox.put(_AIR, bytes(data))
        now = self._clock.now()
        if now >= self._next_link_event:
            self._next_link_event = later(now, self._radio.limits.link_every_s)
            self._outlet([DeviceEvent(EventKind.LINK, now, {"rssi": said.rssi})])


async def _deaf(_data: bytes) -> None:
    """An advertising sensor takes nothing."""
