"""The fleet after a start: what robots may still drive stays theirs until they say otherwise.

Of each robot are known the last state that came and the order that it was sent last, if it was sent at all.
What of that order's base may still lie ahead is held for it, as by one that stands there; it is told to drop
the order, and goes on from where it then says it is. An order of another map cannot be held: until its robot
stands, nobody is let on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from controller.robots.errand import Errand
from controller.robots.facts import Facts, facts_of
from controller.robots.ground import Ground, mask_of
from controller.robots.master import Master
from controller.robots.pilot import Pilot
from controller.robots.told import ALL, PERSON, Stage
from controller.robots.transports import Transport
from controller.robots.vehicles import Condition
from devices.codecs.vda5050.errors import Vda5050Error
from devices.codecs.vda5050.factsheet import Factsheet
from devices.codecs.vda5050.messages import decode
from devices.codecs.vda5050.state import State
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.version import Version


@dataclass(frozen=True, slots=True)
class KnownRobot:
    """As the store has it. `flights`: messages that may still reach it, by number and until when."""

    robot: str
    gateway: str
    version: str
    manufacturer: str
    serial: str
    factsheet: str | None
    is_taken_over: bool
    we_paused: bool
    errand: Errand | None
    state: str | None
    state_ms: int
    flights: dict[int, int]


@dataclass(frozen=True, slots=True)
class KnownTransport:
    """One that is not over."""

    transport: Transport
    stage: Stage
    robot: str | None
    why: str
    is_cancelled: bool
    """Somebody cancelled it, and it may be that nothing was done about it yet."""


def restore(
    master: Master, robots: Iterable[KnownRobot], transports: Iterable[KnownTransport], now_ms: int
) -> None:
    """Make a new master know what the one before knew."""
    for one in robots:
        _robot(master, one, now_ms)
    for one in sorted(transports, key=lambda one: one.stage != Stage.PICKED):
        _transport(master, one, now_ms)


def _robot(master: Master, one: KnownRobot, now_ms: int) -> None:
    pilot = master.pilot(one.robot)
    pilot.version, pilot.gateway = Version.of(one.version), one.gateway
    pilot.manufacturer, pilot.serial = one.manufacturer, one.serial
    pilot.we_paused, pilot.flights = one.we_paused, dict(one.flights)
    sheet = _read(Topic.FACTSHEET, one.factsheet)
    pilot.sheet = sheet if isinstance(sheet, Factsheet) else None
    master.watching.know(pilot, now_ms)
    state = _read(Topic.STATE, one.state)
    pilot.errand = one.errand and replace(one.errand, number=-1)
    if isinstance(state, State):
        pilot.state(facts_of(state, one.state_ms))
    if one.is_taken_over:
        pilot.pauses.add(PERSON)
        master.watching.persons.add(one.robot)
    if master.stopped:
        pilot.pauses.add(ALL)
    if one.robot in master.fleet.vehicles:
        _hold(master, pilot, now_ms)


def _read(topic: Topic, text: str | None) -> object:
    try:
        return text and decode(topic, text.encode())
    except Vda5050Error:
        return None  # kept by an older version of this software: it says so again


def _hold(master: Master, pilot: Pilot, now_ms: int) -> None:
    """What it may still drive on is its own, and it is asked to stand."""
    vehicle, ground = master.fleet.vehicles[pilot.robot], master.fleet.ground
    vehicle.condition = Condition.CANCELLING
    vehicle.seen_ms, vehicle.retry_ms = now_ms, now_ms
    errand = pilot.errand
    ours = errand is None or errand.revision == ground.map.revision
    if not ours:
        master.foreign.add(pilot.robot)
    node, mask = _place(pilot, ground, pilot.facts)
    pilot.cancel("after a start it is asked where it stands", now_ms)
    if node is None:
        vehicle.condition = Condition.LOST
        return
    master.fleet.driving.traffic.place(pilot.robot, node, mask)
    if pilot.robot in master.watching.persons:
        vehicle.condition = Condition.TAKEN_OVER


def _place(pilot: Pilot, ground: Ground, facts: Facts | None) -> tuple[int | None, int]:
    """The node where it was seen last, and the parts that are its own besides."""
    errand = pilot.errand
    seen = ground.node.get(facts.node) if facts else None
    begins = ground.node.get(errand.begins) if errand else None
    node = begins if seen is None else seen
    if errand is None or (facts and pilot.confirmed and facts.is_idle):
        return node, 0
    return node, mask_of(_ahead(errand, ground, facts if pilot.confirmed else None))


def _ahead(errand: Errand, ground: Ground, facts: Facts | None) -> Iterable[int]:
    """Nodes and edges of the base that it has not said to have passed; all of them if it has not begun."""
    at = facts.sequence if facts else 0
    if at <= 2 and errand.begins in ground.node:
        yield ground.node[errand.begins]
    for node in errand.order.base():
        if node.sequence_id >= at and node.node_id in ground.node:
            yield ground.node[node.node_id]
    for edge in errand.order.edges:
        if edge.released and edge.sequence_id >= at and edge.edge_id in ground.edge:
            yield from (ground.edge[edge.edge_id], *ground.ends(ground.edge[edge.edge_id]))


def _transport(master: Master, one: KnownTransport, now_ms: int) -> None:
    name, vehicles = one.transport.id, master.fleet.vehicles
    master.kept.restored(name, one.stage, one.robot)
    master.wanted(one.transport, now_ms)
    job = master.fleet.jobs.open[name]
    vehicle = vehicles.get(one.robot or "")
    if vehicle and vehicle.transport is None:
        job.robot, vehicle.transport = vehicle.name, name
        job.picked = vehicle.loaded = one.stage in (Stage.PICKED, Stage.RETURNING)
    if one.stage == Stage.RETURNING:
        job.drop, job.failed = job.pick, one.why
    elif one.is_cancelled:
        master.carry_out(master.fleet.cancelled(name, now_ms), now_ms)
