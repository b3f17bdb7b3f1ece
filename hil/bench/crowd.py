"""Many gateways in one process: light senders that speak the whole contract; their devices seldom measure.

`python -m hil.bench.crowd ORDER.json`: see `Order`. Each gateway has the product's four connections, which
come back when they are lost, will, births, a state each second, blocks gathered for 100 ms and sealed by
`devices/wire`, and forgets a block only by its receipt. It has no journal: a gateway's own cost is measured
with real ones.

Beside the order's file it leaves `ready` once all gateways have receipts and the beginning's backlog is gone,
and at its end `told.json`: `Told`.
"""

import asyncio
import json
import logging
import secrets
import time
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Annotated

import typer

from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Instant, Quality, Reading
from devices.model.orders import REBIRTH
from devices.wire import topics
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.cose import read_signed
from devices.wire.messages import (
    Birth,
    BirthDevice,
    GatewayState,
    pack_message,
    read_controller_state,
    read_receipt,
)
from devices.wire.orders import read_command
from devices.wire.records import AnyRecord, Group
from gateway.enrolment.identity import IdentityFolder
from hil.bench.crowd_line import KEEPALIVE_S, Line, Login
from hil.bench.crowd_order import Order, Told
from hil.bench.crowd_said import Said
from hil.sims.emitted import now_ns
from hil.sims.process import run
from hil.sims.told_time import value_at

METRIC, PROFILE = "hr", "polar-h10"
GATHER_S, AGAIN_NS = 0.1, 5_000_000_000
_WINDOW = 64
"""Blocks that are under way at the most."""
_AT_ONCE = 20
"""Connections that are made at the same time."""
_WAIT_S = 0.5, 5.0
_DRAIN_S = 20.0
log = logging.getLogger(__name__)
_COUNTS = dict.fromkeys(
    (
        *("blocks-sent", "blocks-quarantined", "connections", "messages-unreadable", "journal-bytes"),
        *("journal-errors", "readings", "events", "alerts-active", "failures", "journal-damaged-bytes"),
    ),
    0,
)


@dataclass(slots=True)
class _Sent:
    payload: bytes
    at_ns: list[int]
    due_ns: int
    wait_ns: int = field(default_factory=lambda: AGAIN_NS)


class CrowdGateway:
    """One gateway: everything but links, journal and alarms."""

    def __init__(self, name: str, order: Order, told: Told, random: Random) -> None:
        self.name = name
        self.period_s, self._state_s = order.period_s, order.state_s
        self.journal, self.boot = secrets.token_bytes(8), secrets.token_bytes(16)
        self.pending: dict[int, _Sent] = {}
        self.heard = asyncio.Event()
        """A receipt came."""
        self._devices = [(DeviceId(d), None if b is None else LocationId(b)) for d, b in order.devices[name]]
        self._told, self._random, self._said = told, random, Said.of(order, name)
        self._tls = IdentityFolder(Path(order.identities[name])).context()
        self._utc_less_boot_us = (time.time_ns() - now_ns()) // 1000
        self._gathered: dict[int, list[AnyRecord]] = {}
        self._at_ns: list[int] = []
        self.produced = 0
        """Blocks so far: the number of the next."""
        self._session: bytes | None = None
        self._silent = False
        self._lines: dict[Lane, Line] = {}
        self._ping_at = 0.0

    async def run(self, port: int, gate: asyncio.Semaphore) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        loop.call_later(self._random.random() * self._state_s, self._tick)
        for index in range(len(self._devices)):
            due = loop.time() + self._random.random() * self.period_s
            loop.call_at(due, self._measure, index, due)
        async with asyncio.TaskGroup() as group:
            for lane in Lane:
                group.create_task(self._keep_connected(lane, port, gate))

    async def _keep_connected(self, lane: Lane, port: int, gate: asyncio.Semaphore) -> None:
        while True:
            try:
                async with gate:
                    line = self._lines[lane] = await self._open(lane, port)
                await line.lost
            except OSError as error:
                log.warning("%s: %s", self.name, error)
            self._lines.pop(lane, None)
            await asyncio.sleep(self._random.uniform(*_WAIT_S))

    async def _open(self, lane: Lane, port: int) -> Line:
        will = (self._topic("state"), self._state(online=False)) if lane == Lane.ALERT else None
        line = await Line.open(port, Login(self._tls, secrets.token_hex(8), will), self._take)
        self._told.connections += 1
        if lane == Lane.ALERT:
            self._session = None
            line.subscribe(topics.down(self.name, "#"))
            line.subscribe(topics.CONTROLLER_STATE)
            line.publish(self._topic("birth"), self._birth())
        if lane == Lane.VITAL:
            self._all_again()
        return line

    def has_receipts_below(self, number: int) -> bool:
        """Whether no block before `number` waits for its receipt."""
        return next(iter(self.pending), number) >= number

    def silence(self) -> None:
        """Measure no more."""
        self._silent = True

    def close(self) -> None:
        """Say goodbye."""
        self._publish(Lane.ALERT, "state", self._state(online=False), retain=True)
        for line in self._lines.values():
            line.close()

    def _publish(self, lane: Lane, what: str, payload: bytes, *, retain: bool = False) -> None:
        """Lost while the lane has no connection, as the rest of what cannot be sent."""
        if lane in self._lines:
            self._lines[lane].publish(self._topic(what), payload, retain=retain)

    def _topic(self, what: str) -> str:
        return topics.up(self.name, what)

    # up

    def _birth(self) -> bytes:
        devices = tuple(BirthDevice(device, PROFILE, bed, (METRIC,)) for device, bed in self._devices)
        return pack_message(Birth(self.journal, "crowd", devices))

    def _clock(self) -> BlockClock:
        mono = now_ns() // 1000
        return BlockClock(self.boot, mono, mono + self._utc_less_boot_us, Sync.NETWORK, 5000)

    def _state(self, *, online: bool) -> bytes:
        clock = self._clock() if online else None
        oldest = next((sent.at_ns[0] for sent in self.pending.values()), None)
        age = None if oldest is None or not online else (now_ns() - oldest) // 1000
        counts = {**_COUNTS, "blocks-sent": self.produced}
        produced, pending = (0, self.produced, 0, 0), (0, len(self.pending), 0, 0)
        return pack_message(
            GatewayState(online, self.journal, clock, produced, pending, (None, age, None, None), counts)
        )

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(self._state_s, self._tick)
        self._publish(Lane.ALERT, "state", self._state(online=True), retain=True)
        self._send_due()
        if loop.time() >= self._ping_at:
            self._ping_at = loop.time() + KEEPALIVE_S / 2
            for line in self._lines.values():
                line.ping()

    def _measure(self, index: int, due: float) -> None:
        if self._silent:
            return
        loop, at = asyncio.get_running_loop(), now_ns()
        self._told.late_ms.append((at, 1000 * (loop.time() - due)))
        self._told.measured += 1
        if not self._gathered:
            loop.call_later(GATHER_S, self._seal)
        self._gathered.setdefault(index, []).append(
            Reading(METRIC, Instant(at), value_at(at), None, Quality.GOOD)
        )
        self._at_ns.append(at)
        due += self.period_s
        loop.call_at(due, self._measure, index, due)

    def _seal(self) -> None:
        groups = [Group(*self._devices[index], records) for index, records in self._gathered.items()]
        number, self.produced = self.produced, self.produced + 1
        payload = seal(self.journal, Lane.VITAL, number, self._clock(), groups)
        self.pending[number] = _Sent(payload, self._at_ns, now_ns())
        self._said.sealed(self.journal, number, len(self._at_ns))
        self._gathered, self._at_ns = {}, []
        self._send_due()

    def _send_due(self) -> None:
        """Of the oldest blocks those not sent yet, or so long ago that it is time again."""
        if self._session is None or Lane.VITAL not in self._lines:  # nobody listens, or there is no way
            return
        for sent in islice(self.pending.values(), _WINDOW):
            if now_ns() >= sent.due_ns:
                if sent.wait_ns > AGAIN_NS:
                    self._told.resent.append(now_ns())
                sent.due_ns = now_ns() + sent.wait_ns
                sent.wait_ns *= 2
                self._publish(Lane.VITAL, "vital", sent.payload)

    def _all_again(self) -> None:
        """The way or the listener is a new one: what was under way may be lost, and goes without a wait."""
        for sent in self.pending.values():
            sent.due_ns = 0

    # down

    def _take(self, topic: str, payload: bytes) -> None:
        if topic == topics.CONTROLLER_STATE:
            state = read_controller_state(payload)
            if state.online and state.session != self._session:
                self._publish(Lane.ALERT, "birth", self._birth())
                self._all_again()
            self._session = state.session if state.online else None
        elif topic == topics.down(self.name, "receipt"):
            self._receipted(payload)
        elif topic == topics.down(self.name, "command") and _asks_for_birth(payload):
            self._publish(Lane.ALERT, "birth", self._birth())

    def _receipted(self, payload: bytes) -> None:
        receipt, now = read_receipt(payload), now_ns()
        self.heard.set()
        for first, last in receipt.committed:
            here = [number for number in self.pending if first <= number <= last]
            self._said.receipted(self.journal, here)
            for number in here:
                measured = self.pending.pop(number).at_ns
                self._told.receipted += [(at, (now - at) / 1e6) for at in measured]
        self._send_due()


def _asks_for_birth(payload: bytes) -> bool:
    """It obeys whoever asks: whose the signature is, real gateways look."""
    return read_command(read_signed(payload).payload).name == REBIRTH


async def serve(path: Path, order: Order) -> None:
    """Until cancelled."""
    told, random, gate = Told(), Random(len(order.identities)), asyncio.Semaphore(_AT_ONCE)
    gateways = [CrowdGateway(name, order, told, random) for name in order.identities]
    try:
        async with asyncio.TaskGroup() as group:
            for gateway in gateways:
                group.create_task(gateway.run(order.port, gate))
            group.create_task(_tell_ready(path.with_name("ready"), gateways))
    finally:
        await _end(gateways, told)
        path.with_name("told.json").write_text(json.dumps(asdict(told)), encoding="utf-8")


async def _tell_ready(file: Path, gateways: list[CrowdGateway]) -> None:
    for gateway in gateways:
        await gateway.heard.wait()
    backlog = [(gateway, gateway.produced) for gateway in gateways]
    while not all(gateway.has_receipts_below(number) for gateway, number in backlog):  # noqa: ASYNC110
        await asyncio.sleep(0.1)  # what was measured before the last one's first receipt is on its way
    await asyncio.to_thread(file.touch)


async def _end(gateways: list[CrowdGateway], told: Told) -> None:
    for gateway in gateways:
        gateway.silence()
    for _ in range(int(_DRAIN_S / 0.1)):
        await asyncio.sleep(0.1)
        if not any(gateway.pending for gateway in gateways):
            break
    left = [sent for gateway in gateways for sent in gateway.pending.values()]
    told.unreceipted, told.unreceipted_readings = len(left), sum(len(sent.at_ns) for sent in left)
    for gateway in gateways:
        gateway.close()


def main(order: Annotated[Path, typer.Argument(help="The order's JSON file.")]) -> None:
    """Be the gateways until told to stop."""
    run(serve(order, Order(**json.loads(order.read_text(encoding="utf-8")))))


if __name__ == "__main__":
    typer.run(main)
