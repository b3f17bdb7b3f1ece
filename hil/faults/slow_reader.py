"""Readers of the board's events that are slow on purpose, and what each was shown.

    reader = Reader(address, cookie, rate=1000)   # bytes a second; None: as it comes
    await reader.run()                            # until cancelled; comes back by itself, as the board does
    gaps(reader.shown, whole)                     # against what a reader saw that missed nothing

It shares no code with the product: HTTP/1.1 and Server-Sent Events are taken apart here once more. The
kernel's buffer on a slow one's side is as small as it can be, as if the slowness were the network's.
"""

import asyncio
import json
import math
import socket
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from hil.sims.emitted import now_ns

WHOLE = ("snapshot", "registry")
"""Events that carry the full picture: whatever came before them is replaced."""
_BUFFER = 4096
_AGAIN_S = 0.5
_SLICE_S = 0.1


@dataclass(frozen=True, slots=True)
class Shown:
    """An event that a reader got, `at` nanoseconds since boot, stamped `server_ms` by the controller.

    `alone`: its number was this reader's only.
    """

    session: str
    number: int
    kind: str
    server_ms: int
    at: int

    @property
    def alone(self) -> bool:
        """Whether the number is this reader's only."""
        return self.kind == "snapshot"


@dataclass(slots=True)
class Reader:
    """One reader. `rate`: bytes a second, None for as they come; `stops_after`: bytes, then it takes nothing.

    `cuts` counts how its connections ended: "closed" in order, "reset", or "refused".
    """

    address: str
    cookie: str
    rate: float | None = None
    stops_after: float = math.inf
    shown: list[Shown] = field(default_factory=list[Shown])
    cuts: Counter[str] = field(default_factory=Counter[str])
    connections: int = 0
    taken: int = 0
    """Bytes."""
    _rest: bytes = b""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._once()
                self.cuts["closed"] += 1
            except ConnectionRefusedError:
                self.cuts["refused"] += 1
            except ConnectionError:
                self.cuts["reset"] += 1
            await asyncio.sleep(_AGAIN_S)

    async def _once(self) -> None:
        parts = urlsplit(self.address)
        with socket.socket() as connection:
            if self.rate is not None or self.stops_after < math.inf:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            connection.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(connection, (parts.hostname, parts.port))
            await loop.sock_sendall(connection, self._request(parts.netloc))
            self.connections += 1
            self._rest, taken = b"", 0
            while data := await loop.sock_recv(connection, self._most()):
                taken += len(data)
                self._take(data)
                if self.rate is not None:
                    await asyncio.sleep(len(data) / self.rate)
                if taken > self.stops_after:
                    await self._stopped(connection)
                    return

    async def _stopped(self, connection: socket.socket) -> None:
        """Take nothing until the controller has had enough. Raises ConnectionError then."""
        failed = 0
        while not failed:
            await asyncio.sleep(_SLICE_S)
            failed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        raise ConnectionResetError(failed)

    def _most(self) -> int:
        return 65_536 if self.rate is None else max(1, int(self.rate * _SLICE_S))

    def _request(self, host: str) -> bytes:
        lines = ["GET /api/events HTTP/1.1", f"Host: {host}", f"Cookie: {self.cookie}"]
        if self.shown:
            lines.append(f"Last-Event-ID: {self.shown[-1].session}-{self.shown[-1].number}")
        return "\r\n".join([*lines, "", ""]).encode()

    def _take(self, data: bytes) -> None:
        self.taken += len(data)
        *blocks, self._rest = (self._rest + data).split(b"\n\n")
        for block in blocks:
            # An event is written at once, so that it is a chunk of its own: its lines stand alone.
            lines = dict(line.split(b": ", 1) for line in block.splitlines() if b": " in line)
            if b"id" in lines:
                self._show(lines)

    def _show(self, lines: dict[bytes, bytes]) -> None:
        session, _, number = lines[b"id"].decode().rpartition("-")
        told: dict[str, Any] = json.loads(lines[b"data"])
        kind = lines[b"event"].decode()
        self.shown.append(Shown(session, int(number), kind, told["server_ms"], now_ns()))

    def late_ms(self, since_ns: int = 0) -> list[float]:
        """How much later than the quickest event each came, in ms: of those since `since_ns`."""
        trips = [(one.at, one.at / 1e6 - one.server_ms) for one in self.shown]
        quickest = min((trip for _, trip in trips), default=0.0)
        return [trip - quickest for at, trip in trips if at >= since_ns]


def gaps(shown: Sequence[Shown], whole: Sequence[Shown]) -> list[str]:
    """Where `shown` goes on as if nothing had been between two events, but something was in `whole`."""
    public: dict[str, list[int]] = {}
    for one in whole:
        if not one.alone:
            public.setdefault(one.session, []).append(one.number)
    found: list[str] = []
    for before, after in pairwise(shown):
        numbers = public.get(before.session, [])
        place = bisect_right(numbers, before.number)
        told = place < len(numbers) and (before.session, numbers[place]) != (after.session, after.number)
        if told and after.kind not in WHOLE:
            found.append(f"{after.kind} {after.number} came after {before.number}, not {numbers[place]}")
    return found


async def signed_in(address: str, user: str, password: str) -> str:
    """Sign in as the board does. Returns the cookie's text. Raises aiohttp.ClientError."""
    login = {"user": user, "password": password}
    async with (
        aiohttp.ClientSession(address) as http,
        http.post("/api/login", json=login, headers={"Origin": address}) as answer,
    ):
        answer.raise_for_status()
        return "; ".join(f"{one.key}={one.value}" for one in answer.cookies.values())


async def ended(tasks: Sequence["asyncio.Task[None]"]) -> None:
    """Cancel readers and wait. Raises what one of them failed with."""
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


def unsent_bytes(port: int) -> int:
    """What the kernel holds for readers of the server at 127.0.0.1:`port` who do not take it.

    `/proc/net/tcp` (Linux, proc(5)) has addresses and queues in hexadecimal.
    """
    here = f"0100007F:{port:04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:])
    return sum(int(queues.partition(":")[0], 16) for _, local, _, _, queues, *_ in rows if local == here)
