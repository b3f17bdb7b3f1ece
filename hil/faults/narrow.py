"""A narrow network between a browser and a server on this machine: connections are carried over, slowly.

    async with narrow(server_port) as link:
        link.port              # where the browser connects instead
        link.rate = 2000       # bytes a second to the browser, all connections together; None: as they come

Its buffers are small, so that what does not get through waits at the server, as with a slow network.
(Chromium's own emulation, CDP's Network.emulateNetworkConditions, let a stream of events through unslowed.)
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_BUFFER = 4096
_SLICE_S = 0.1


class NarrowLink:
    """The link. `carried`: bytes that have reached the browser's side."""

    def __init__(self, server_port: int) -> None:
        self.rate: float | None = None
        self.port = 0
        self.carried = 0
        self._server_port = server_port
        self._turn = asyncio.Lock()
        self._connections: set[asyncio.Task[None]] = set()

    async def accept(self, listening: socket.socket) -> None:
        """Take connections until cancelled; then all of them end."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                browser, _ = await loop.sock_accept(listening)
                browser.setblocking(False)
                task = asyncio.create_task(self._carry(browser))
                self._connections.add(task)
                task.add_done_callback(self._connections.discard)
        finally:
            for task in list(self._connections):
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)

    async def _carry(self, browser: socket.socket) -> None:
        with browser, socket.socket() as server, suppress(ConnectionError):
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            browser.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
            server.setblocking(False)
            await asyncio.get_running_loop().sock_connect(server, ("127.0.0.1", self._server_port))
            both = self._up(browser, server), self._down(server, browser)
            ways = [asyncio.create_task(way) for way in both]
            try:
                # Whichever side ends, the other is told by the end of its connection.
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    async def _up(self, browser: socket.socket, server: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(browser, 65_536):
            await loop.sock_sendall(server, data)

    async def _down(self, server: socket.socket, browser: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(server, self._most()):
            if self.rate is not None:
                async with self._turn:
                    await asyncio.sleep(len(data) / self.rate)
            await loop.sock_sendall(browser, data)
            self.carried += len(data)

    def _most(self) -> int:
        return 65_536 if self.rate is None else max(1, int(self.rate * _SLICE_S))


@asynccontextmanager
async def narrow(server_port: int) -> AsyncIterator[NarrowLink]:
    """A link to the server at 127.0.0.1:`server_port` inside the block."""
    link = NarrowLink(server_port)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        link.port = listening.getsockname()[1]
        accepting = asyncio.create_task(link.accept(listening))
        try:
            yield link
        finally:
            accepting.cancel()
            with suppress(asyncio.CancelledError):
                await accepting
