"""A device on TCP: connected to, or listened for, as its profile says; each connection has its own codec.

`why` of DISCONNECTED: `unreachable`, `closed` (by the device), `silent`, `address-busy`, `permission-denied`,
`address-unusable`, `output-stalled`, `not-kept`. A device that we listen for may come and go: only a silence
that is longer than its profile allows counts as its loss.
"""

import asyncio

from devices.model.observation import DeviceEvent, EventKind, Instant, later
from devices.profiles import Profile, TcpLink
from gateway.clock import Clock
from gateway.config import DeviceConfig
from gateway.errors import LinkError
from gateway.links import Outlet
from gateway.links.backoff import Backoff
from gateway.links.conversation import Inbox, Voice, converse
from gateway.links.network import Endpoint, endpoint, network_errors
from gateway.links.presence import Presence

_STREAM = "stream"
_READ_BYTES = 65_536
_MOST_UNSENT_BYTES = 1_000_000
_CONNECT_S = 10.0
_MOST_CONNECTIONS = 8


class TcpDeviceLink:
    """The link of one device on TCP. CONNECTED comes with its first bytes."""

    def __init__(
        self,
        device: DeviceConfig,
        profile: Profile,
        clock: Clock,
        outlet: Outlet,
        *,
        backoff: Backoff | None = None,
    ) -> None:
        if not isinstance(profile.link, TcpLink) or device.address is None:
            raise ValueError(f"{device.id}: a TCP link needs a profile of one and an address")
        self._endpoint = endpoint(device.address, profile.link.port)
        self._peer = device.peer
        self._profile = profile.link
        self._codec = profile.link.codecs()
        self._clock = clock
        self._outlet = outlet
        self._backoff = backoff or Backoff(0.5, 10.0)
        self._presence = Presence(clock, outlet)
        self._heard_at = clock.now()
        self._connections = 0

    @property
    def listening(self) -> Endpoint:
        """Where it listens, once it does: the port may have been chosen by the system."""
        return self._endpoint

    async def run(self) -> None:
        """See `Link`."""
        once = self._listen if self._profile.listens else self._connect
        await self._presence.attend(once, lambda _: self._backoff.failed())

    async def _connect(self) -> None:
        """One connection, from its beginning to its end."""
        with network_errors(f"connecting to {self._endpoint}"):
            async with asyncio.timeout(_CONNECT_S):
                streams = await asyncio.open_connection(*self._endpoint)
        await self._attend(*streams)

    async def _listen(self) -> None:
        """Take connections until cancelled; say so when the device is silent for too long."""
        with network_errors(f"listening at {self._endpoint}"):
            server = await asyncio.start_server(self._accept, *self._endpoint)
        self._endpoint = Endpoint(*server.sockets[0].getsockname()[:2])
        self._backoff.reset()
        async with server:
            await self._watch(self._profile.silence_s)

    async def _watch(self, silence_s: float | None) -> None:
        """Until cancelled: say so whenever the device has been silent for too long."""
        if silence_s is None:
            await asyncio.Event().wait()
            return
        while True:
            left_s = (later(self._heard_at, silence_s) - self._clock.now()) / 1e9
            if left_s <= 0:
                self._presence.disconnected(self._silence())
            await asyncio.sleep(left_s if left_s > 0 else silence_s)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = writer.get_extra_info("peername")[0]
        if (self._peer and caller != self._peer) or self._connections >= _MOST_CONNECTIONS:
            why = "too many connections" if self._peer in (None, caller) else f"only {self._peer} may"
            detail = {"command": f"connection from {caller}", "message": f"refused: {why}"}
            self._outlet([DeviceEvent(EventKind.REFUSED, self._clock.now(), detail)])
            writer.close()
            return
        try:
            await self._attend(reader, writer)
        except LinkError as error:
            if error.why != "closed":
                self._presence.disconnected(error)

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk over one connection. Raises LinkError at its end."""
        inbox = Inbox(self._clock)
        reading = asyncio.create_task(self._read(reader, inbox))
        self._connections += 1
        try:
            voice = Voice(self._codec(), lambda data: self._send(writer, data))
            silence_s = self._profile.silence_s
            await converse(
                {_STREAM: voice}, inbox, self._clock, self._outlet, silence_s=silence_s, heard=self._heard
            )
            raise self._silence()
        finally:
            self._connections -= 1
            reading.cancel()
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, inbox: Inbox) -> None:
        try:
            with network_errors(f"reading from {self._endpoint}"):
                while data := await reader.read(_READ_BYTES):
                    inbox.put(_STREAM, data)
        except LinkError as error:
            inbox.end(error)
        inbox.end(LinkError("closed", f"{self._endpoint}: the device ended the connection"))

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        unsent = writer.transport.get_write_buffer_size()
        if unsent > _MOST_UNSENT_BYTES:
            raise LinkError("output-stalled", f"{self._endpoint}: {unsent} bytes wait: it takes nothing")

    def _heard(self, at: Instant) -> None:
        self._heard_at = at
        self._backoff.reset()
        self._presence.connected(at)

    def _silence(self) -> LinkError:
        message = f"{self._endpoint}: no byte for {self._profile.silence_s:g} s: is the device on?"
        return LinkError("silent", message)
