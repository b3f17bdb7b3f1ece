"""The fleet after a start: what robots may still drive stays theirs, and they go on with what they have.

Of each robot are known the last state that came and the order that it was sent last, if it was sent at all.
What of that order's base may still lie ahead is its own; once the robot is heard it goes on with the same
order, and with the same transport. Where it cannot be known what it drives (it was told to drop its order, or
says that it has another one) the base is held as by one that stands there; the robot is told to drop what it
has, and goes on from where it then says it is. An order of another map cannot be held: until its robot
stands, nobody is let on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from controller.robots.asking import Draft
from controller.robots.errand import Errand
from controller.robots.facts import Facts, facts_of, seen_since
from controller.robots.ground import Ground, mask_of
from controller.robots.master import Master
from controller.robots.pilot import Pilot
from controller.robots.reasons import because
from controller.robots.resuming import left_of
from controller.robots.told import ALL, PERSON, Stage
from controller.robots.transports import Transport
from controller.robots.vehicles import Condition
from devices.codecs.vda5050.errors import Vda5050Error
from devices.codecs.vda5050.factsheet import Factsheet
from devices.codecs.vda5050.messages import decode
from devices.codecs.vda5050.order import Order
from devices.codecs.vda5050.state import State
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.version import Version

LONGEST_MS = 300_000
"""Who was last heard before that is asked where it stands: people may have moved it meanwhile."""


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
    commands: Mapping[str, int] = field(default_factory=dict[str, int])
    """By the id of its command, the number of each of `flights`."""
    told: str = ""
    """The last message of its order, as it was sent, and when."""
    told_ms: int = 0
    is_cancelled: bool = False
    """It was told to drop that order."""
    seen: Mapping[str, str | int] | None = None
    """Where it was by its last words (the event `vehicle-at`), and when."""
    seen_ms: int = 0


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
    pilot.pausing.is_ours, pilot.flights = one.we_paused, dict(one.flights)
    sheet = _read(Topic.FACTSHEET, one.factsheet)
    pilot.sheet = sheet if isinstance(sheet, Factsheet) else None
    master.watching.know(pilot, now_ms)
    state = _read(Topic.STATE, one.state)
    pilot.errand = one.errand and replace(one.errand, number=-1)
    if isinstance(state, State):
        facts = facts_of(state, one.state_ms)
        if one.seen and one.seen_ms > one.state_ms:
            facts = seen_since(facts, one.seen, one.seen_ms)
        pilot.state(facts)
    if one.is_taken_over:
        pilot.pausing.reasons.add(PERSON)
        master.watching.persons.add(one.robot)
    if master.stopped:
        pilot.pausing.reasons.add(ALL)
    if one.robot in master.fleet.vehicles and not _goes_on(master, pilot, one, now_ms):
        _hold(master, pilot, now_ms)


def _goes_on(master: Master, pilot: Pilot, one: KnownRobot, now_ms: int) -> bool:
    """It goes on with the order that it has, if that can be known."""
    errand, facts = one.errand, pilot.facts
    if errand is None or facts is None or one.is_taken_over or one.is_cancelled or not facts.is_automatic:
        return False
    if now_ms - facts.at_ms > LONGEST_MS:
        return False
    left, told = left_of(errand, facts, master.fleet.ground), _read(Topic.ORDER, one.told)
    if left is None or not (pilot.confirmed or isinstance(told, Order)):
        return False
    last = master.fleet.restored(pilot.robot, left, errand, now_ms)
    again = Draft(Topic.ORDER, told, because("restart"), errand) if isinstance(told, Order) else None
    pilot.resume(errand, last, None if pilot.confirmed else again, one.told_ms)
    return True


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
    pilot.cancel(because("where-after-start"), now_ms)
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
