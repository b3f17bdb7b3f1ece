"""The network of `hil.faults.wan`: orders on standard input, counts on standard output, a JSON object a line.

One TUN interface, and two virtual neighbours on it. A packet from GATEWAY to HOSPITAL comes back in as one
from FAR to 127.0.0.1, so the controller may listen on the loopback only; its answer to FAR comes back as one
from HOSPITAL. FAR is chosen so that the one's-complement sum of both addresses stays as it was: no checksum
of IPv4 or TCP changes, and the kernel still checks them.

Counts, each with `up-` or `down-` before it: `packets` and `bytes` that came, `lost`, `reordered`, `delayed`,
`queued` (waited for the link), `overflowed` (the queue was full), `blacked-out`, `orphaned`, `connections`
begun, `delivered`, `link-bytes` that the link carried, and `fresh-bytes`: TCP payload among them that it had
not carried before.
"""

import asyncio
import json
import os
import random
import struct
import sys
from collections import Counter, deque
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from hil.faults.namespace import interface_up, open_tun, setting
from hil.faults.wan import GATEWAY, HOSPITAL, PERFECT, SECOND_GATEWAY, Conditions

FAR, SECOND_FAR = "10.99.139.100", "10.98.139.100"
_ADDRESSES = slice(12, 20)
_TO = slice(16, 20)
_TCP, _SYN, _HALF = 6, 2, 1 << 31
_END, _NOP, _MPTCP, _MP_JOIN = 0, 1, 30, 1
_URGENT_DSCP = 40
_LATER_S = 0.02
"""How much longer than the delay a packet takes, at the least, that others shall overtake."""

Flow = tuple[int, int]
"""The two ports."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A TCP segment in its IP packet."""

    packet: bytes
    flow: Flow
    is_syn: bool
    joins: bool
    """Whether it begins another path of an MPTCP connection that there is already."""
    end: int
    """The sequence number after its last byte."""
    payload: int

    @property
    def is_urgent(self) -> bool:
        """Whether its DSCP asks to go first."""
        return self.packet[1] >> 2 >= _URGENT_DSCP


def segment(packet: bytes) -> Segment | None:
    """What the packet is; None for anything but IPv4 with TCP."""
    start = (packet[0] & 15) * 4
    if packet[0] >> 4 != 4 or packet[9] != _TCP or len(packet) < start + 20:
        return None
    source, target, sequence = struct.unpack_from("!HHI", packet, start)
    payload = len(packet) - start - (packet[start + 12] >> 4) * 4
    flow = (min(source, target), max(source, target))
    is_syn, end = bool(packet[start + 13] & _SYN), len(packet) - payload
    joins = is_syn and _joins(packet[start + 20 : end])
    return Segment(packet, flow, is_syn, joins, sequence + payload & 0xFFFFFFFF, payload)


def _joins(options: bytes) -> bool:
    """Whether TCP's options (RFC 9293, 3.1) have MP_JOIN (RFC 8684, 3.2: kind 30, subtype 1)."""
    at = 0
    while at + 2 < len(options) and options[at] != _END:
        if options[at] == _MPTCP and options[at + 2] >> 4 == _MP_JOIN:
            return True
        at += 1 if options[at] == _NOP else max(options[at + 1], 2)
    return False


@dataclass(slots=True)
class Way:
    """One direction: `packets` come, are delayed, dropped and shaped, and go to `handle`."""

    handle: int
    addresses: bytes
    random: random.Random
    conditions: Conditions = PERFECT
    counts: Counter[str] = field(default_factory=Counter[str])
    _queues: tuple[deque[Segment], deque[Segment]] = field(default_factory=lambda: (deque(), deque()))
    _waiting: int = 0
    _free: float = 0.0
    _busy: bool = False
    _ends: dict[Flow, int] = field(default_factory=dict[Flow, int])

    def takes(self, came: Segment) -> None:
        """A packet came."""
        self.counts["packets"] += 1
        self.counts["bytes"] += len(came.packet)
        if self.conditions.down:
            self.counts["blacked-out"] += 1
        elif self.random.random() < self.conditions.loss:
            self.counts["lost"] += 1
        elif not self.conditions.rate_bps and not self._busy:
            self._carried(came)
        elif self._waiting + len(came.packet) > self.conditions.queue_bytes:
            self.counts["overflowed"] += 1
        else:
            self._queue(came)

    def _queue(self, came: Segment) -> None:
        self._queues[not (self.conditions.priority and came.is_urgent)].append(came)
        self._waiting += len(came.packet)
        self.counts["queued"] += self._busy
        if not self._busy:
            self._busy = True
            self._free = max(self._free, asyncio.get_running_loop().time())
            self._transmit()

    def _transmit(self) -> None:
        """One packet onto the link, and the next when the link is free again."""
        queue = self._queues[0] or self._queues[1]
        if not queue:
            self._busy = False
            return
        going = queue.popleft()
        self._waiting -= len(going.packet)
        rate = self.conditions.rate_bps
        self._free += len(going.packet) * 8 / rate if rate else 0
        asyncio.get_running_loop().call_at(self._free, self._transmitted, going)

    def _transmitted(self, gone: Segment) -> None:
        self._carried(gone)
        self._transmit()

    def _carried(self, gone: Segment) -> None:
        """The link has carried it: it arrives after the delay."""
        self.counts["link-bytes"] += len(gone.packet)
        self._count_fresh(gone)
        jitter = self.conditions.jitter_s
        delay = max(0.0, self.conditions.delay_s + self.random.uniform(-jitter, jitter))
        if self.random.random() < self.conditions.reorder:
            delay += max(_LATER_S, delay / 2)
            self.counts["reordered"] += 1
        self.counts["delayed"] += delay > 0
        if delay:
            asyncio.get_running_loop().call_later(delay, self._deliver, gone.packet)
        else:
            self._deliver(gone.packet)

    def _count_fresh(self, gone: Segment) -> None:
        new = gone.payload
        if not gone.is_syn and gone.flow in self._ends:
            ahead = (gone.end - self._ends[gone.flow]) & 0xFFFFFFFF
            new = min(ahead, gone.payload) if ahead < _HALF else 0
        if new or gone.flow not in self._ends or gone.is_syn:
            self._ends[gone.flow] = gone.end
        self.counts["fresh-bytes"] += new

    def _deliver(self, packet: bytes) -> None:
        os.write(self.handle, packet[: _ADDRESSES.start] + self.addresses + packet[_ADDRESSES.stop :])
        self.counts["delivered"] += 1


class Network:
    """Both directions, and which connections are forgotten; the gateway at `near` looks as if at `far`."""

    def __init__(self, handle: int, seed: int, near: str = GATEWAY, far: str = FAR) -> None:
        self._handle = handle
        self.ways = {
            "up": Way(handle, _both(far, "127.0.0.1"), random.Random(f"{seed} up")),
            "down": Way(handle, _both(HOSPITAL, near), random.Random(f"{seed} down")),
        }
        self._by_target = {
            IPv4Address(HOSPITAL).packed: self.ways["up"],
            IPv4Address(far).packed: self.ways["down"],
        }
        self._flows: set[Flow] = set()
        self._orphans: set[Flow] = set()

    def readable(self) -> None:
        """The kernel has sent something."""
        for _ in range(64):
            try:
                packet = os.read(self._handle, 65536)
            except BlockingIOError:
                return
            way, came = self._by_target.get(packet[_TO]), segment(packet)
            if way is not None and came is not None:
                self._route(way, came)

    def _route(self, way: Way, came: Segment) -> None:
        if came.is_syn and came.flow not in self._flows:
            self._flows.add(came.flow)
            way.counts["paths" if came.joins else "connections"] += 1
        if came.flow in self._orphans:
            way.counts["orphaned"] += 1
        else:
            way.takes(came)

    def ordered(self, order: dict[str, dict[str, float] | bool]) -> dict[str, int]:
        """Do what a line says; the counts."""
        for name, way in self.ways.items():
            if isinstance(told := order.get(name), dict):
                way.conditions = Conditions(**told)  # pyright: ignore[reportArgumentType]
        if order.get("orphan"):
            self._orphans |= self._flows
        return {f"{name}-{what}": n for name, way in self.ways.items() for what, n in way.counts.items()}


def _both(source: str, target: str) -> bytes:
    return IPv4Address(source).packed + IPv4Address(target).packed


async def serve(seed: int, *, second: bool) -> None:
    """Until standard input ends."""
    loop = asyncio.get_running_loop()
    name, near, far = ("wan1", SECOND_GATEWAY, SECOND_FAR) if second else ("wan0", GATEWAY, FAR)
    handle = open_tun(name)
    interface_up(name, near, "255.255.0.0")
    setting("conf/all/route_localnet", "1")
    network = Network(handle, seed, near, far)
    loop.add_reader(handle, network.readable)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        sys.stdout.write(json.dumps(network.ordered(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), second=sys.argv[2:] == ["second"]))
