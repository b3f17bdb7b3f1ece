"""Which devices are served: those of the gateway's own file, and those that a configuration from afar adds.

The file's own win: what is added under a name, an address or a port of one of them is left alone.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

from gateway.config import DeviceConfig
from gateway.links.serial_discovery import same_port

Serve = Callable[[DeviceConfig], Coroutine[Any, Any, None]]
"""Serves one device until it is cancelled; never raises for its sake."""


class Roster:
    """`left` is told of a device that is served no more, `changed` that there are others than before."""

    def __init__(
        self,
        own: Sequence[DeviceConfig],
        serve: Serve,
        left: Callable[[DeviceConfig], None],
        changed: Callable[[], None],
    ) -> None:
        self._own = tuple(own)
        self._added: tuple[DeviceConfig, ...] = ()
        self._serve = serve
        self._left = left
        self._changed = changed
        self._tasks: dict[DeviceConfig, asyncio.Task[None]] = {}
        self._news = asyncio.Event()

    @property
    def devices(self) -> tuple[DeviceConfig, ...]:
        """Those that are to be served."""
        free = [one for one in self._added if not any(_clash(one, own) for own in self._own)]
        return (*self._own, *free)

    def add(self, added: Sequence[DeviceConfig]) -> None:
        """Serve exactly these beside the file's own, from now on."""
        self._added = tuple(added)
        self._news.set()

    async def forget(self, device: str) -> None:
        """Serve `device` no more, until it is added again or the next start finds it in the file.

        Returns when its link has ended.
        """
        self._own = tuple(one for one in self._own if one.id != device)
        self._added = tuple(one for one in self._added if one.id != device)
        self._news.set()
        if ending := {task for one, task in self._tasks.items() if one.id == device}:
            await asyncio.wait(ending)

    async def run(self) -> None:
        """Serve them until cancelled."""
        try:
            self._begin()
            while True:
                await self._news.wait()
                self._news.clear()
                await self._update()
        finally:
            await _ended(self._tasks.values())
            self._tasks.clear()

    async def _update(self) -> None:
        wanted = set(self.devices)
        gone = [one for one in self._tasks if one not in wanted]
        if not gone and len(wanted) == len(self._tasks):
            return
        await _ended([self._tasks[one] for one in gone])
        for one in gone:
            del self._tasks[one]
            self._left(one)
        self._begin()
        self._changed()

    def _begin(self) -> None:
        for one in self.devices:
            if one not in self._tasks:
                self._tasks[one] = asyncio.create_task(self._serve(one), name=one.id)


def _clash(one: DeviceConfig, own: DeviceConfig) -> bool:
    addresses = [(device.address or "").upper() for device in (one, own)]
    if one.id == own.id or (addresses[0] and addresses[0] == addresses[1]):
        return True
    return one.port is not None and own.port is not None and same_port(one.port, own.port)


async def _ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    ending = set(tasks)
    for task in ending:
        task.cancel()
    if ending:
        await asyncio.wait(ending)
