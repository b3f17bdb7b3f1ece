"""The radio process: peripherals on one link, and the port where gateways plug in over HCI.

    async with World(bonds=path) as world:
        await world.add(Peripheral(...))
        print(await world.listen("tcp-server:127.0.0.1:0"))   # tcp-client:127.0.0.1:41233, for an `Adapter`

Each connection to the port is a fresh controller plugged into a gateway, and closing it (or `kill -9` of the
gateway) is pulling that controller out: its links end by supervision time-out and its peripherals advertise
again. So gateways may come, die and return any number of times; several share the air if each `Adapter` has
an address of its own.
"""

import asyncio
import itertools
from pathlib import Path
from types import TracebackType
from typing import Self

from bumble.hci import Address
from bumble.transport.common import StreamPacketSource

from hil.radio.link import RadioController, RadioLink
from hil.radio.peripheral import Peripheral


class _HciPort(StreamPacketSource):
    """One gateway on the HCI port: its controller lives as long as its stream."""

    def __init__(self, link: RadioLink, open_ports: set["_HciPort"], address: Address) -> None:
        super().__init__()
        self._link = link
        self._open_ports = open_ports
        self._address = address
        self._controller: RadioController | None = None
        self._stream: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Plug in."""
        self._open_ports.add(self)
        assert isinstance(transport, asyncio.WriteTransport)
        self._stream = transport
        self._controller = RadioController(
            "gateway", host_source=self, host_sink=self, link=self._link, public_address=self._address
        )

    def on_packet(self, packet: bytes) -> None:
        """Carry a packet of the controller to the gateway, unless that has just died."""
        if self._stream and not self._stream.is_closing():
            self._stream.write(packet)

    def connection_lost(self, exc: Exception | None) -> None:
        """Pull out."""
        self._open_ports.discard(self)
        if self._controller:
            self._controller.host = None
            self._controller.le_scan_enable = False
            self._link.lose(self._controller)

    def close(self) -> None:
        """End the stream."""
        if self._stream:
            self._stream.abort()


class World:
    """Peripherals within range of each other's gateways; `bonds` keeps their bonds over a restart."""

    def __init__(self, *, bonds: Path | None = None) -> None:
        self._link = RadioLink()
        self._bonds = bonds
        self._servers: list[asyncio.Server] = []
        self._ports: set[_HciPort] = set()
        self._numbers = itertools.count(1)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.close()
        for port in list(self._ports):
            port.close()

    async def add(self, peripheral: Peripheral) -> None:
        """Put `peripheral` on the air: powered and advertising."""
        await peripheral.start(self._link, self._bonds)

    async def listen(self, spec: str) -> str:
        """Open an HCI port and return the transport name by which an `Adapter` reaches it.

        Args:
            spec: "tcp-server:127.0.0.1:PORT" (0 takes a free one) or "unix-server:PATH".

        Raises ValueError for another scheme, OSError when the port or path is taken.
        """
        scheme, _, where = spec.partition(":")
        loop = asyncio.get_running_loop()
        if scheme == "unix-server":
            self._servers.append(await loop.create_unix_server(self._plug_in, where))
            return f"unix-client:{where}"
        if scheme != "tcp-server":
            raise ValueError(f"{spec}: expected tcp-server:HOST:PORT or unix-server:PATH")
        host, _, port = where.rpartition(":")
        server = await loop.create_server(self._plug_in, host, int(port))
        self._servers.append(server)
        return f"tcp-client:{host}:{server.sockets[0].getsockname()[1]}"

    def _plug_in(self) -> _HciPort:
        address = Address((next(self._numbers) << 8).to_bytes(6, "little"), Address.PUBLIC_DEVICE_ADDRESS)
        return _HciPort(self._link, self._ports, address)
