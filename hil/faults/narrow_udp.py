"""A narrow way for UDP between browsers and a relay on this machine: a rate, a queue, a delay, some loss.

    async with narrow_udp(relay_port) as link:
        link.port                                      # where browsers find the relay instead
        link.conditions = Conditions(rate_bps=120e3, delay_s=0.01)
        link.counts["overflowed"]

Each client has its own way to the relay and back, as behind a router (NAT). `hil.faults.narrow` does the same
for TCP; `hil.faults.wan`, packet by packet for everything, needs root and a namespace, in which browsers find
each other without a relay.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import cast

from hil.faults.wan import Conditions

Address = tuple[str, int]
PERFECT = Conditions()


@dataclass(slots=True)
class Way:
    """One direction of one client, sans-IO: when a packet that comes now goes out."""

    random: Random
    counts: Counter[str]
    free_s: float = 0.0
    """When what waits will have gone out."""

    def leaves_s(self, size: int, now_s: float, conditions: Conditions) -> float | None:
        """At which time; None: it is lost, on the way or because the queue is full."""
        if conditions.down or self.random.random() < conditions.loss:
            self.counts["lost"] += 1
            return None
        at_s = now_s
        if conditions.rate_bps:
            waiting = max(self.free_s - now_s, 0) * conditions.rate_bps / 8
            self.counts["waited"] += waiting > 0
            if waiting + size > conditions.queue_bytes:
                self.counts["overflowed"] += 1
                return None
            at_s = self.free_s = max(now_s, self.free_s) + 8 * size / conditions.rate_bps
        self.counts["passed"] += 1
        return at_s + conditions.delay_s


class NarrowUdp(asyncio.DatagramProtocol):
    """The link, as its listening side. `counts`: packets "passed", "lost", "waited", "overflowed"."""

    def __init__(self, target: Address, seed: int) -> None:
        self.conditions = PERFECT
        self.counts = Counter[str]()
        self.port = 0
        self._target, self._random = target, Random(seed)
        self._clients: dict[Address, _Client] = {}
        self._opening: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio's."""
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """asyncio's: from a browser."""
        if addr not in self._clients:
            self._clients[addr] = client = _Client(self, addr)
            task = asyncio.create_task(client.open(self._target))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
        self._clients[addr].up(data)

    def way(self) -> Way:
        """A new one."""
        return Way(self._random, self.counts)

    def send(self, way: Way, data: bytes, out: Callable[[bytes], None]) -> None:
        """Let `data` go by `way`."""
        loop = asyncio.get_running_loop()
        at_s = way.leaves_s(len(data), loop.time(), self.conditions)
        if at_s is not None:
            loop.call_at(at_s, out, data)

    def back(self, data: bytes, to: Address) -> None:
        """To a browser."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, to)

    def close(self) -> None:
        """No more."""
        for client in self._clients.values():
            client.close()
        if self._transport is not None:
            self._transport.close()


class _Client(asyncio.DatagramProtocol):
    """A socket to the relay for one of a browser's."""

    def __init__(self, link: NarrowUdp, addr: Address) -> None:
        self._link, self._addr = link, addr
        self._up, self._down = link.way(), link.way()
        self._early: list[bytes] = []
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self, target: Address) -> None:
        """To the relay; what came meanwhile goes then."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, remote_addr=target)
        for data in self._early:
            self.up(data)
        self._early.clear()

    def up(self, data: bytes) -> None:
        """To the relay."""
        if self._transport is None:
            self._early.append(data)
        else:
            self._link.send(self._up, data, self._out)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """asyncio's: from the relay."""
        self._link.send(self._down, data, lambda sent: self._link.back(sent, self._addr))

    def close(self) -> None:
        """No more."""
        if self._transport is not None:
            self._transport.close()

    def _out(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data)


@asynccontextmanager
async def narrow_udp(relay_port: int, seed: int = 1) -> AsyncIterator[NarrowUdp]:
    """A way to the relay at 127.0.0.1:`relay_port` inside the block; the `seed` says what is lost."""
    link = NarrowUdp(("127.0.0.1", relay_port), seed)
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: link, local_addr=("127.0.0.1", 0))
    try:
        yield link
    finally:
        link.close()
