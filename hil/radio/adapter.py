"""One Bluetooth adapter for a whole process, reached over HCI: what `hci0` is to BlueZ.

    async with Adapter("tcp-client:127.0.0.1:9001", bonds=Path("bonds.json")) as adapter:
        scanner_class, client_class = backends(adapter)
        async with BleakClient(device, backend=client_class) as client: ...

Every scanner and client of the process shares it. When the radio at the other end dies, every client sees
its disconnection and `device` raises until the radio is back; scanners then go on by themselves.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakError
from bumble.core import BaseBumbleError
from bumble.device import Advertisement, Connection, Device
from bumble.hci import Address
from bumble.transport import open_transport

from hil.radio.calls import Calls
from hil.radio.security import just_works, key_store

Listener = Callable[[Advertisement], None]

ADDRESS = "F0:F1:F2:F3:F4:F5"
"""Static random, of the one adapter that there mostly is."""
_POWER_ON_S = 5.0
_RETRY_S = 0.25
_COMMAND_S = 5.0
# One controller has one connection attempt at a time. An attempt starts when its device was just heard, so
# it either succeeds within a few advertising intervals or must make room for the next device.
_ATTEMPT_S = 2.0


class Adapter:
    """A Bluetooth LE central on the HCI transport `transport` (a bumble transport name).

    Args:
        transport: e.g. "tcp-client:127.0.0.1:9001" or "unix-client:/run/hci.sock".
        address: the adapter's static random address; peers file their bonds under it, so keep it.
        bonds: file that keeps the bonds over a restart; in memory when None.
    """

    def __init__(self, transport: str, *, address: str = ADDRESS, bonds: Path | None = None) -> None:
        self.bonds = key_store(address, bonds)
        self._transport = transport
        self._address = Address(address)
        self._device: Device | None = None
        self._calls = Calls()
        self._listeners: set[Listener] = set()
        self._scan_lock = asyncio.Lock()
        self._attempt_lock = asyncio.Lock()
        self._tried = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Reach for the radio; an absent one is no error here, but at the first use."""
        self._keeper = asyncio.create_task(self._keep_open())
        await self._tried.wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})

    @property
    def device(self) -> Device:
        """The powered bumble device. Raises BleakBluetoothNotAvailableError while the radio is away."""
        if self._device is None:
            raise BleakBluetoothNotAvailableError(
                f"no radio at {self._transport}: start it; the adapter tries again every {_RETRY_S} s",
                BleakBluetoothNotAvailableReason.POWERED_OFF,
            )
        return self._device

    async def listen(self, listener: Listener) -> None:
        """Scan, and call `listener` for every advertisement. Raises BleakError when the radio is away."""
        _ = self.device
        self._listeners.add(listener)
        try:
            await self._update_scan()
        except BleakError:
            self._listeners.discard(listener)
            raise

    async def unlisten(self, listener: Listener) -> None:
        """Call `listener` no more; the scan stops with the last one."""
        self._listeners.discard(listener)
        if self._device is not None:
            with contextlib.suppress(BleakError):  # a radio that dies now has stopped scanning, too
                await self._update_scan()

    async def hear(self, address: str) -> Address:
        """Wait, without a limit, until the connectable device `address` is heard."""
        heard: asyncio.Future[Address] = asyncio.get_running_loop().create_future()

        def on_advertisement(advertisement: Advertisement) -> None:
            found = advertisement.is_connectable and advertisement.address.to_string(False) == address
            if found and not heard.done():
                heard.set_result(advertisement.address)

        await self.listen(on_advertisement)
        try:
            return await heard
        finally:
            await self.unlisten(on_advertisement)

    async def connect(self, address: str) -> Connection:
        """Connect as soon as the device `address` is heard; limit it with `asyncio.timeout`.

        Attempts for many devices run side by side: an absent device delays no other.
        Raises BleakError when the radio is away or refuses.
        """
        while True:
            advertiser = await self.hear(address)
            attempt = self._calls.start(self._attempt(self.device, advertiser))
            try:
                return await self._calls.result(attempt)
            except TimeoutError:
                continue  # it went silent, or took another central: wait until it is heard again
            except asyncio.CancelledError:
                attempt.add_done_callback(self._hang_up)
                raise

    async def disconnect(self, connection: Connection) -> None:
        """End `connection`; it is no error when it has just ended by itself.

        Raises TimeoutError when the radio does not answer.
        """
        if self._device is None or connection.handle not in self._device.connections:
            return
        ending = self._calls.start(connection.disconnect())
        _, unanswered = await asyncio.wait({ending}, timeout=_COMMAND_S)
        if unanswered:
            raise TimeoutError(f"the radio at {self._transport} did not disconnect within {_COMMAND_S} s")

    async def _attempt(self, device: Device, advertiser: Address) -> Connection:
        async with self._attempt_lock:
            return await device.connect_le(advertiser, timeout=_ATTEMPT_S)

    def _hang_up(self, attempt: asyncio.Task[Connection]) -> None:
        if not attempt.cancelled() and attempt.exception() is None:
            self._calls.start(attempt.result().disconnect())

    async def _update_scan(self) -> None:
        async with self._scan_lock:
            device, wanted = self.device, bool(self._listeners)
            if device.is_scanning == wanted:
                return
            command = device.start_scanning() if wanted else device.stop_scanning()
            await self._calls.run(asyncio.wait_for(command, _COMMAND_S))

    async def _keep_open(self) -> None:
        """Keep a powered device on the transport, whatever happens at its other end."""
        while True:
            try:
                async with self._powered_device() as (device, lost):
                    self._device, self._calls = device, Calls()
                    self._tried.set()
                    if self._listeners:
                        await self._update_scan()
                    await asyncio.shield(lost)
            except (OSError, TimeoutError, BaseBumbleError, BleakError):
                self._tried.set()
                await asyncio.sleep(_RETRY_S)
            finally:
                self._device = None
                self._calls.end(f"the radio at {self._transport} went away")

    @contextlib.asynccontextmanager
    async def _powered_device(self) -> AsyncIterator[tuple[Device, asyncio.Future[None]]]:
        async with asyncio.timeout(_POWER_ON_S):
            transport = await open_transport(self._transport)
        try:
            device = Device.with_hci("gateway", self._address, transport.source, transport.sink)
            device.keystore = self.bonds
            device.pairing_config_factory = just_works
            device.on(Device.EVENT_ADVERTISEMENT, self._on_advertisement)
            async with asyncio.timeout(_POWER_ON_S):
                await device.power_on()
            yield device, transport.source.terminated
        finally:
            await transport.close()

    def _on_advertisement(self, advertisement: Advertisement) -> None:
        for listener in list(self._listeners):
            listener(advertisement)
