"""A simulated device on a port or a network: its `WireSim`, its plug, and the record of what it sent.

await SerialDevice(ward_device, sim, folder).run()      # on a PTY, until cancelled
await TcpDevice(sim, "127.0.0.1", 2575, emitted).run()   # connects to, or listens as, its profile's link says
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable

from devices.profiles import TcpLink, profile
from hil.sims.dials import Faults
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
_AGAIN_S = 0.2
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
        self.frozen = False
        """It is there, and neither answers nor speaks."""

    def turn(self, heard: bytes, send: Send) -> None:
        """Whatever is due now."""
        now = now_ns()
        if self.frozen:
            self._due = None
            return
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


class _Plugged(ABC):
    """A device with a plug, whatever carries it."""

    def __init__(self, device: WardDevice, sim: WireSim, folder: Folder) -> None:
        self._device = device
        self._sim = sim
        self._folder = folder
        self._plugged_in = asyncio.Event()
        self._plugged_in.set()
        self._unplugged = asyncio.Event()
        self._life: Life | None = None
        self._is_frozen = False

    async def run(self) -> None:
        """Live, until cancelled."""
        name = self._device.id
        with (
            Plug(self._folder.plug(name), self._obey, log.warning),
            Emitted(self._folder.emitted(name)) as emitted,
        ):
            while True:
                await self._plugged_in.wait()
                self._life = Life(self._sim, emitted)
                self._life.frozen = self._is_frozen
                await self._live(self._life)

    @abstractmethod
    async def _live(self, life: Life) -> None:
        """From being plugged in to being unplugged."""

    async def dialled(self, faults: Faults) -> None:
        """As the bench has it now (hil/sims/dials.py)."""
        self._obey(Order.OFF if faults.cut else Order.ON)
        self._obey(Order.SENSOR_OFF if faults.sensor_off else Order.SENSOR_ON)
        self._is_frozen = faults.frozen
        if self._life:
            self._life.frozen = faults.frozen

    def _obey(self, order: Order) -> None:
        log.info("%s: %s", self._device.id, order)
        match order:
            case Order.OFF:
                self._plugged_in.clear()
                self._unplugged.set()
            case Order.ON:
                self._unplugged.clear()
                self._plugged_in.set()
            case Order.SENSOR_OFF | Order.SENSOR_ON:
                self._sim.on_patient = order is Order.SENSOR_ON
            case Order.SICK | Order.WELL:
                log.warning("%s: only the serial oximeters simulate that", self._device.id)
            case Order.GARBAGE:
                if self._life:
                    self._life.garbage = True


class SerialDevice(_Plugged):
    """A device on a serial line: a PTY under the ward's name for its port."""

    async def _live(self, life: Life) -> None:
        with Pty(self._folder.port(self._device.id)) as port:
            try:
                while self._plugged_in.is_set():
                    life.turn(port.read(), port.write)
                    await asyncio.sleep(_LISTEN_S)
            finally:
                await asyncio.sleep(_DRAIN_S)


class NetworkDevice(_Plugged):
    """A device on TCP or UDP, at the ward's address: it listens there, or connects to a gateway that does."""

    async def _live(self, life: Life) -> None:
        host, _, port = (self._device.address or "").rpartition(":")
        match profile(self._device.profile).link:
            case TcpLink(listens=True):
                await self._connect(life, host, int(port))
            case TcpLink():
                await self._listen(life, host, int(port))
            case _:
                await self._exchange(life, host, int(port))

    async def _connect(self, life: Life, host: str, port: int) -> None:
        while self._plugged_in.is_set():
            try:
                streams = await asyncio.open_connection(host, port)
            except OSError as error:
                log.debug("%s:%d: %s", host, port, error)
                await asyncio.sleep(_AGAIN_S)
            else:
                await self._talk(life, *streams)

    async def _listen(self, life: Life, host: str, port: int) -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._talk(life, reader, writer)

        async with await asyncio.start_server(talk, host, port):
            await self._unplugged.wait()

    async def _talk(self, life: Life, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def send(data: bytes) -> bool:
            writer.write(data)
            return not writer.is_closing()

        try:
            while self._plugged_in.is_set() and not reader.at_eof():
                life.turn(await _read(reader), send)
                await writer.drain()
        except ConnectionError as error:
            log.info("%s: %s", self._device.id, error)
        finally:
            writer.close()

    async def _exchange(self, life: Life, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        transport, peer = await loop.create_datagram_endpoint(lambda: _Peer(life), local_addr=(host, port))
        try:
            while self._plugged_in.is_set():
                peer.turn()
                await asyncio.sleep(_LISTEN_S)
        finally:
            transport.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await asyncio.wait_for(reader.read(4096), _LISTEN_S)
    except TimeoutError:
        return b""


class _Peer(asyncio.DatagramProtocol):
    """Answers datagrams, and speaks to whoever spoke to it last."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._who: tuple[str, int] | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        self._transport = transport

    def turn(self) -> None:
        """Say what is due, if anybody listens."""
        if self._who:
            self._life.turn(b"", self._send)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._who = addr
        self._life.turn(data, self._send)

    def _send(self, data: bytes) -> bool:
        self._transport.sendto(data, self._who)
        return True
