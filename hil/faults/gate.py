"""A way for TCP that can be shut, in user space: bytes wait on both sides, and nobody is told.

async with Gate(port) as gate:         # listens at gate.port, leads to `port` of this machine
    gate.shut(); …; gate.open()
    gate.connections                   # that are open now

Between a broker and whoever uses it a shut gate is a network that carries nothing: connections stay, half
open.
"""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

_CHUNK = 65536


class Gate:
    """To `to`, of this machine; `port` is where it listens."""

    def __init__(self, to: int, port: int) -> None:
        self.port = port
        self.connections = 0
        self.waited = 0
        """Times that bytes came while it was shut."""
        self._to = to
        self._is_open = asyncio.Event()
        self._is_open.set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def shut(self) -> None:
        """Nothing passes from now on."""
        self._is_open.clear()

    def open(self) -> None:
        """What waited passes, too."""
        self._is_open.set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            await self._is_open.wait()
            there, to = await asyncio.open_connection("127.0.0.1", self._to)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, to))
                group.create_task(self._pass(there, writer))
        except* OSError:
            writer.transport.abort()
        finally:
            self.connections -= 1
            self._tasks.discard(task)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(_CHUNK):
                self.waited += not self._is_open.is_set()
                await self._is_open.wait()
                writer.write(data)
                await writer.drain()
        finally:
            with suppress(OSError):
                writer.close()
