"""What robots at 1 Hz cost one controller, and how soon a robot has the order for what somebody wants.

Real processes: controller with its broker and database; for each ward a gateway, a broker for its robots,
and the robots' process (hil/sims/robots/fleet.py). First nobody wants anything, then transports are asked
for, one after the other, over HTTP. *Accepted*: from asking to the first state at the ward's broker that
shows the new order, which waits for a robot and for its way to be free. Beside it, at the same time: a
message to and fro over one of those brokers, and no more.
"""

import asyncio
import json
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

import aiohttp

from controller.robots.places import HospitalMap, Kind
from gateway.links.mqtt import Credentials
from gateway.mqtt import Connection, connected
from hil.bench.robots import LARGE_SIZE
from hil.bench.robots_ward import OneWard, running, wards_of
from hil.bench.site import Site, Used, percentiles, site, used
from hil.errors import NotReady
from hil.sims.robots.broker import RobotBroker
from hil.sims.robots.maps import Size, random_map
from hil.ward import NURSE, Folder

_READY_S, _SETTLE_S, _END_S, _ECHO_S = 180.0, 15.0, 15.0, 0.2
_ECHO = "uagv/v2/Wardlink/echo"
_STATES = "uagv/v2/+/+/state"


class Plan(NamedTuple):
    """What is measured: `every_s` between two transports."""

    robots: int = 200
    wards: int = 4
    seconds: float = 60.0
    every_s: float = 1.0
    seed: int = 1


class Asked(NamedTuple):
    """A transport, and when it was asked for and answered (s since 1970)."""

    id: str
    at_s: float
    answered_s: float


@dataclass(slots=True)
class Seen:
    """When each order was first in a robot's state (s since 1970), and how many states there were."""

    orders: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    states: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One part: CPU s/s and MB by kind of process, events stored and states sent a second."""

    name: str
    used: dict[str, Used]
    events_s: float
    states_s: float


@dataclass(slots=True)
class Measured:
    """All of it; delays in ms."""

    plan: Plan
    nodes: int
    parts: list[Part] = field(default_factory=list[Part])
    accepted_ms: list[float] = field(default_factory=list[float])
    sent_ms: list[float] = field(default_factory=list[float])
    answered_ms: list[float] = field(default_factory=list[float])
    bare_ms: list[float] = field(default_factory=list[float])
    asked: int = 0
    missing: int = 0
    """Blocks."""


async def measure(folder: Path, plan: Plan) -> Measured:
    """The whole run. Raises NotReady."""
    size = LARGE_SIZE if plan.robots > 50 else Size.of(plan.robots)
    hospital = random_map(Random(plan.seed), size)
    file = folder / "map.json"
    file.write_text(hospital.model_dump_json(by_alias=True, exclude_none=True), encoding="utf-8")
    wards = list(wards_of(Folder(folder), hospital, plan.robots, plan.wards))
    result = Measured(plan, len(hospital.nodes))
    async with site(folder, *(one.ward for one in wards), robots=file) as here, running(wards, here):
        await _all_known(here, plan.robots)
        await asyncio.sleep(_SETTLE_S)
        seen = Seen()
        async with _watching(wards, seen):
            result.parts.append(await _part("standing", here, wards, seen, asyncio.sleep(plan.seconds)))
            asked: list[Asked] = []
            async with asyncio.TaskGroup() as beside:
                echoes = beside.create_task(_echoes(wards[0].broker, result.bare_ms))
                work = _ask(here, hospital, plan, asked)
                result.parts.append(await _part("driving", here, wards, seen, work))
                echoes.cancel()
            await asyncio.sleep(_END_S)
        result.asked = len(asked)
        result.answered_ms = [1000 * (one.answered_s - one.at_s) for one in asked]
        result.accepted_ms = list(_accepted(here.database, asked, seen))
        result.sent_ms = list(_sent(here.database, seen))
        result.missing = sum(row.missing for row in await here.ledger())
    return result


async def _all_known(here: Site, robots: int) -> None:
    deadline = time.monotonic() + _READY_S
    while (known := _count(here.database, "robot")) < robots:
        if time.monotonic() > deadline:
            raise NotReady(f"{known} of {robots} robots were known after {_READY_S:.0f} s: see the logs")
        await asyncio.sleep(0.5)


def _count(database: Path, table: str) -> int:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


async def _part(name: str, here: Site, wards: Sequence[OneWard], seen: Seen, work: Awaitable[None]) -> Part:
    before, events, states = _used(here, wards), _count(here.database, "device_event"), seen.states
    began = time.monotonic()
    await work
    passed = time.monotonic() - began
    after = _used(here, wards)
    rates = {
        kind: Used((now.cpu_s - before[kind].cpu_s) / passed, now.megabytes) for kind, now in after.items()
    }
    stored = (_count(here.database, "device_event") - events) / passed
    return Part(name, rates, stored, (seen.states - states) / passed)


def _used(here: Site, wards: Sequence[OneWard]) -> dict[str, Used]:
    """Of all processes of a kind together."""
    pids: dict[str, list[int]] = {"controller": [here.controller], "controller's broker": [here.broker]}
    for one in wards:
        for kind, process in one.running.items():
            if process.pid is not None:
                pids.setdefault(kind, []).append(process.pid)
    return {kind: used(*those) for kind, those in pids.items()}


# What is asked, and what robots show of it


async def _ask(here: Site, hospital: HospitalMap, plan: Plan, asked: list[Asked]) -> None:
    random = Random(plan.seed)
    stations = [node.id for node in hospital.nodes if node.kind == Kind.STATION]
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=here.http)
    origin = {"Origin": here.http}
    async with aiohttp.ClientSession(here.http, cookie_jar=jar, headers=origin) as http:
        login = {"user": NURSE, "password": here.password}
        (await http.post("/api/login", json=login)).raise_for_status()
        until = time.monotonic() + plan.seconds
        while time.monotonic() < until:
            now = time.time()
            pick, drop = random.sample(stations, 2)
            body = {"pick": pick, "drop": drop, "load": "medicines"}
            answer = await http.post("/api/robots/transports", json=body)
            answer.raise_for_status()
            told = await answer.json()
            asked.append(Asked(told["transport"]["id"], now, time.time()))
            # Not in step with what looks round once a second.
            await asyncio.sleep(random.uniform(0.5, 1.5) * plan.every_s)


def _accepted(database: Path, asked: Sequence[Asked], seen: Seen) -> Iterator[float]:
    """Of each transport that a robot has: ms until its state shows the first order that it got for it."""
    sent = """SELECT robot_message.robot, json ->> 'orderId' FROM robot_message
    JOIN robot_transport ON robot_transport.robot = robot_message.robot
    WHERE robot_transport.id = ? AND topic = 'order' AND at_ms >= wanted_ms
    ORDER BY robot_message.id LIMIT 1"""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        for one in asked:
            row = db.execute(sent, (one.id,)).fetchone()
            if row and (shown := seen.orders.get((row[0], row[1]))):
                yield 1000 * (shown - one.at_s)


def _sent(database: Path, seen: Seen) -> Iterator[float]:
    """Of each new order: ms from when it was in the store until the robot's state shows it."""
    new = """SELECT robot, json ->> 'orderId', min(at_ms) FROM robot_message
    WHERE topic = 'order' AND json ->> 'orderUpdateId' = 0 GROUP BY 1, 2"""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        for robot, order, at_ms in db.execute(new):
            if shown := seen.orders.get((robot, order)):
                yield 1000 * shown - at_ms


@asynccontextmanager
async def _watching(wards: Sequence[OneWard], seen: Seen) -> AsyncIterator[None]:
    """Every state at the wards' brokers."""
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        clients = [await stack.enter_async_context(_client(one.broker, one.broker.gateway)) for one in wards]
        tasks: list[asyncio.Task[None]] = []
        for client in clients:
            await client.subscribe(_STATES)
            tasks.append(group.create_task(_watch(client, seen)))
        yield
        for task in tasks:
            task.cancel()


async def _watch(client: Connection, seen: Seen) -> None:
    async for topic, payload in client.messages():
        at, order = time.time(), json.loads(payload)["orderId"]
        seen.states += 1
        seen.orders.setdefault((topic.split("/")[3], order), at)


@asynccontextmanager
async def _client(broker: RobotBroker, credentials: Path) -> AsyncIterator[Connection]:
    using = Credentials.read(credentials)
    name = secrets.token_hex(8)
    async with connected(broker.url, using.tls, client_id=name, login=using.login) as connection:
        yield connection


async def _echoes(broker: RobotBroker, took_ms: list[float]) -> None:
    """A message to and fro over the broker, again and again."""
    async with _client(broker, broker.gateway) as master, _client(broker, broker.robots) as robot:
        await robot.subscribe(f"{_ECHO}/order")
        await master.subscribe(f"{_ECHO}/connection")
        back, heard = aiter(master.messages()), aiter(robot.messages())
        while True:
            at = time.monotonic()
            await master.publish(f"{_ECHO}/order", b"x" * 1000, qos=0)
            await anext(heard)
            await robot.publish(f"{_ECHO}/connection", b"x" * 1000, qos=0)
            await anext(back)
            took_ms.append(1000 * (time.monotonic() - at))
            await asyncio.sleep(_ECHO_S)


# For people


def table(result: Measured) -> Iterator[str]:
    """Both parts, and the delays."""
    plan = result.plan
    each = f"{plan.seconds:.0f} s each part"
    yield f"{plan.robots} robots at {plan.wards} gateways, {result.nodes} nodes, {each}"
    yield ""
    yield "| | states/s | events stored/s | process | % of a core | µs a state | MB |"
    yield "|---|---:|---:|---|---:|---:|---:|"
    for part in result.parts:
        for kind, spent in part.used.items():
            each = f"{1e6 * spent.cpu_s / part.states_s:.0f}" if part.states_s else ""
            told = f"{part.name} | {part.states_s:.0f} | {part.events_s:.0f} | {kind}"
            yield f"| {told} | {100 * spent.cpu_s:.1f} | {each} | {spent.megabytes:.0f} |"
    yield ""
    yield "| | n | p50 ms | p99 ms |"
    yield "|---|---:|---:|---:|"
    delays = {
        "asked → the robot's state shows the order": result.accepted_ms,
        "order in the store → the robot's state shows it": result.sent_ms,
        "asked → answered (in the store)": result.answered_ms,
        "bare: to and fro over the same broker": result.bare_ms,
    }
    for name, values in delays.items():
        middle, worst = percentiles(values, 50, 99)
        yield f"| {name} | {len(values)} | {middle:.0f} | {worst:.0f} |"
    yield ""
    yield f"{result.asked} transports asked; blocks missing: {result.missing}"
