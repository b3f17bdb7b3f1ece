"""A simulated device on a port or a network: its `WireSim`, its plug, and the record of what it sent.

await SerialDevice(ward_device, sim, folder).run()      # on a PTY, until cancelled
await TcpDevice(sim, "127.0.0.1", 2575, emitted).run()   # connects to, or listens as, its profile's link says
"""

import asyncio
import logging
from collections.abc import Callable

from hil.sims.emitted import Emitted, now_ns
from hil.sims.plug import Order, Plug
from hil.sims.pty import Pty
from hil.sims.simulated import Measured, WireSim
from hil.ward import Folder, WardDevice

log = logging.getLogger(__name__)
_LISTEN_S = 0.02
"""How often the host's bytes are looked for."""
_DRAIN_S = 0.3
"""A PTY forgets at its closing what was not read: it stays open so long after the last byte."""
_GARBAGE = bytes(range(0x80, 0xA8))

Send = Callable[[bytes], bool]
"""Sends bytes; False when nobody hears them."""


class Life:
    """The turns of a `WireSim` on whatever carries it: it answers what was heard, and speaks by itself."""

    def __init__(self, sim: WireSim, emitted: Emitted) -> None:
        self._sim = sim
        self._emitted = emitted
        self._due: float | None = None
        self.garbage = False

    def turn(self, heard: bytes, send: Send) -> None:
        """Whatever is due now."""
        now = now_ns()
        if heard:
            self._say(self._sim.heard(heard, now / 1e9), send)
        if self._due is None:
            self._due = now / 1e9
        while now / 1e9 >= self._due:
            self._say(self._sim.tick(self._due), send)
            self._due += self._sim.period_s
        if self.garbage:
            self.garbage = not send(_GARBAGE)

    def _say(self, said: list[Measured], send: Send) -> None:
        for measured in said:
            at = now_ns()
            if send(measured.payload):
                self._emitted.sent(at, measured.values)


class SerialDevice:
    """A device on a serial line: a PTY under the ward's name for its port."""

    def __init__(self, device: WardDevice, sim: WireSim, folder: Folder) -> None:
        self._device = device
        self._sim = sim
        self._folder = folder
        self._plugged_in = asyncio.Event()
        self._plugged_in.set()
        self._life: Life | None = None

    async def run(self) -> None:
        """Live, until cancelled."""
        name = self._device.id
        with (
            Plug(self._folder.plug(name), self._obey, log.warning),
            Emitted(self._folder.emitted(name)) as emitted,
        ):
            while True:
                await self._plugged_in.wait()
                with Pty(self._folder.port(name)) as port:
                    self._life = Life(self._sim, emitted)
                    try:
                        while self._plugged_in.is_set():
                            self._life.turn(port.read(), port.write)
                            await asyncio.sleep(_LISTEN_S)
                    finally:
                        await asyncio.sleep(_DRAIN_S)

    def _obey(self, order: Order) -> None:
        log.info("%s: %s", self._device.id, order)
        match order:
            case Order.OFF:
                self._plugged_in.clear()
            case Order.ON:
                self._plugged_in.set()
            case Order.SENSOR_OFF | Order.SENSOR_ON:
                self._sim.on_patient = order is Order.SENSOR_ON
            case Order.GARBAGE:
                if self._life:
                    self._life.garbage = True


class TcpDevice:
    """A device on TCP: it connects to `host`:`port` again and again, or listens there."""

    def __init__(self, sim: WireSim, host: str, port: int, emitted: Emitted) -> None:
        self._sim, self._emitted = sim, emitted
        self._host, self._port = host, port

    async def connect(self) -> None:
        """Be a client, until cancelled."""
        while True:
            try:
                streams = await asyncio.open_connection(self._host, self._port)
            except OSError as error:
                log.debug("%s:%d: %s", self._host, self._port, error)
                await asyncio.sleep(0.2)
                continue
            await self._live(*streams)

    async def listen(self) -> None:
        """Be a server, until cancelled."""
        server = await asyncio.start_server(self._live, self._host, self._port)
        async with server:
            await server.serve_forever()

    async def _live(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        life = Life(self._sim, self._emitted)

        def send(data: bytes) -> bool:
            writer.write(data)
            return not writer.is_closing()

        try:
            while not reader.at_eof():
                life.turn(await _read(reader), send)
                await writer.drain()
        except ConnectionError as error:
            log.info("%s:%d: %s", self._host, self._port, error)
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await asyncio.wait_for(reader.read(4096), _LISTEN_S)
    except TimeoutError:
        return b""


class UdpDevice(asyncio.DatagramProtocol):
    """A device that answers datagrams at `host`:`port` and speaks to whoever spoke to it last."""

    def __init__(self, sim: WireSim, host: str, port: int, emitted: Emitted) -> None:
        self._life = Life(sim, emitted)
        self._host, self._port = host, port
        self._peer: tuple[str, int] | None = None

    async def listen(self) -> None:
        """Live, until cancelled."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(self._host, self._port)
        )
        try:
            while True:
                if self._peer:
                    self._life.turn(b"", self._send)
                await asyncio.sleep(_LISTEN_S)
        finally:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """asyncio's: a datagram came."""
        self._peer = addr
        self._life.turn(data, self._send)

    def _send(self, data: bytes) -> bool:
        self._transport.sendto(data, self._peer)
        return True
