"""A device that speaks in datagrams: asked at its address, and begun anew with after each silence.

`why` of DISCONNECTED: `silent`, `unreachable`, `not-kept`.
"""

import asyncio

from devices.model.observation import Instant
from devices.profiles import Profile, UdpLink
from gateway.clock import Clock
from gateway.config import DeviceConfig
from gateway.errors import LinkError
from gateway.links import Outlet
from gateway.links.backoff import Backoff
from gateway.links.conversation import Inbox, Voice, converse
from gateway.links.network import endpoint, network_errors
from gateway.links.presence import Presence

_SOCKET = "socket"


class UdpDeviceLink:
    """The link of one device on UDP. CONNECTED comes with its first datagram."""

    def __init__(
        self,
        device: DeviceConfig,
        profile: Profile,
        clock: Clock,
        outlet: Outlet,
        *,
        backoff: Backoff | None = None,
    ) -> None:
        if not isinstance(profile.link, UdpLink) or device.address is None:
            raise ValueError(f"{device.id}: a UDP link needs a profile of one and an address")
        self._endpoint = endpoint(device.address, profile.link.port)
        self._profile = profile.link
        self._clock = clock
        self._outlet = outlet
        self._backoff = backoff or Backoff(0.5, 5.0)
        self._presence = Presence(clock, outlet)

    async def run(self) -> None:
        """See `Link`."""
        await self._presence.attend(self._attend, lambda _: self._backoff.failed())

    async def _attend(self) -> None:
        """Talk until the device is silent, or the network says that nobody is there. Raises LinkError."""
        inbox = Inbox(self._clock)
        loop = asyncio.get_running_loop()
        with network_errors(f"opening a socket to {self._endpoint}"):
            transport, _ = await loop.create_datagram_endpoint(
                lambda: _Datagrams(inbox, str(self._endpoint)), remote_addr=self._endpoint
            )

        async def send(data: bytes) -> None:
            transport.sendto(data)

        try:
            await converse(
                {_SOCKET: Voice(self._profile.codec(), send)},
                inbox,
                self._clock,
                self._outlet,
                silence_s=self._profile.silence_s,
                heard=self._heard,
            )
        finally:
            transport.close()
        message = f"{self._endpoint}: no datagram for {self._profile.silence_s:g} s: is the device on?"
        raise LinkError("silent", message)

    def _heard(self, at: Instant) -> None:
        self._backoff.reset()
        self._presence.connected(at)


class _Datagrams(asyncio.DatagramProtocol):
    """What arrives goes to `inbox`; a refusal by the network ends it."""

    def __init__(self, inbox: Inbox, name: str) -> None:
        self._inbox, self._name = inbox, name

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._inbox.put(_SOCKET, data)

    def error_received(self, exc: Exception) -> None:
        message = f"{self._name}: {exc}: is the device on, its cable plugged in, and `address` right?"
        self._inbox.end(LinkError("unreachable", message))
