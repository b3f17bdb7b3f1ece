"""One scan for the whole radio, running while anybody wants to hear something.

BlueZ allows one discovery for each client. It goes on while devices connect: the kernel interrupts it for
the connection's own sake, and beginning it anew from time to time mends controllers that do not resume.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

from gateway.links.ble_errors import bluetooth_errors

T = TypeVar("T")

Listener = Callable[[BLEDevice, AdvertisementData], None]


class SharedScan:
    """Hears advertisements for all; begins anew every `restart_s`, which notices an adapter that died."""

    def __init__(self, backend: type[BaseBleakScanner] | None, restart_s: float) -> None:
        self._backend = backend
        self._restart_s = restart_s
        self._listeners: list[Listener] = []
        self._wanted: set[asyncio.Future[Any]] = set()
        self._idle = asyncio.Event()
        self._scanning: asyncio.Task[None] | None = None

    def add(self, listener: Listener) -> None:
        """Call `listener` for every advertisement that is heard from now on. It starts no scan."""
        self._listeners.append(listener)

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Call `listener` for every advertisement that is heard meanwhile. It starts no scan."""
        self.add(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    async def until(self, done: asyncio.Future[T]) -> T:
        """Scan until `done`, and give its result. Raises LinkError when the radio cannot scan."""
        self._wanted.add(done)
        self._idle.clear()
        if self._scanning is None:
            self._scanning = asyncio.create_task(self._scan())
            self._scanning.add_done_callback(self._ended)
        try:
            return await done
        finally:
            self._wanted.discard(done)
            if not self._wanted:
                self._idle.set()

    async def hold(self, seconds: float) -> None:
        """Scan for `seconds`, for whoever listens. Raises LinkError as `until` does."""
        loop = asyncio.get_running_loop()
        over: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(seconds, lambda: over.done() or over.set_result(None))
        try:
            await self.until(over)
        finally:
            timer.cancel()

    async def hear(self, address: str) -> BLEDevice:
        """Scan until the device `address` (upper case) advertises. Raises LinkError as `until` does."""
        heard: asyncio.Future[BLEDevice] = asyncio.get_running_loop().create_future()

        def listen(device: BLEDevice, _said: AdvertisementData) -> None:
            if device.address.upper() == address and not heard.done():
                heard.set_result(device)

        with self.listening(listen):
            return await self.until(heard)

    async def _scan(self) -> None:
        while self._wanted:
            with bluetooth_errors("no-adapter", "scanning for Bluetooth devices"):
                async with BleakScanner(self._on_advertisement, backend=self._backend):
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._idle.wait(), self._restart_s)

    def _on_advertisement(self, device: BLEDevice, said: AdvertisementData) -> None:
        for listener in list(self._listeners):
            listener(device, said)

    def _ended(self, scan: asyncio.Task[None]) -> None:
        """Whoever still waits learns why the scan ended."""
        self._scanning = None
        error = None if scan.cancelled() else scan.exception()
        for done in self._wanted:
            if error and not done.done():
                done.set_exception(error)
            elif not error:
                done.cancel()
