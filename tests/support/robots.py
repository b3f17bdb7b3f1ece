"""A hospital's robots in memory: the vehicle core of devices/codecs/vda5050 on wheels that are numbers, the
gateway's bridge, and a link between them and the master that loses, repeats and delays what it carries.

world = World({"r1": "park-1", "r2": "park-2"})
world.run(60)                                 # seconds
world.master, world.robots["r1"].base.pose()
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from controller.robots.map import demo
from controller.robots.master import Master
from controller.robots.places import HospitalMap
from controller.robots.restoring import KnownRobot, KnownTransport, restore
from controller.robots.told import LIFE_MS, OPEN, Decided, Effect, Met, Moved, Said, Stage
from controller.robots.transports import Transport
from devices.codecs.vda5050.action import Action
from devices.codecs.vda5050.base import Progress
from devices.codecs.vda5050.bridge import Bridge
from devices.codecs.vda5050.factsheet import AgvAction, Factsheet, LoadSpecification, ProtocolFeatures
from devices.codecs.vda5050.geometry import Pose, in_range
from devices.codecs.vda5050.messages import encode
from devices.codecs.vda5050.order import Edge, Node
from devices.codecs.vda5050.state import BatteryState, Load, SafetyState, Velocity
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.vehicle import Identity, Vehicle
from devices.codecs.vda5050.version import V2_1, Version
from devices.codecs.vda5050.words import ActionScope, ActionStatus, EStop
from devices.model.observation import DeviceEvent, Instant
from tests.support.vda5050_messages import made

STEP_MS = 500
HANDS_MS = 4_000
"""How long somebody takes to load or unload."""
RIDE_MS = 15_000
START_MS = 1_767_225_600_000


class Wheels:
    """A `Base` that drives as fast as its edges allow, and whose actions end when somebody has loaded it."""

    def __init__(self, pose: Pose) -> None:
        self.here: Pose | None = pose
        self.now_ms = 0
        self.load: str | None = None
        self.hands = True
        """Whether there is somebody at the stations."""
        self.pressed = False
        self.begun: list[str] = []
        self.charging = False
        self.charge = 80.0
        self.drawers: list[object] = []
        self.pace = 1.0
        self.hands_ms, self.ride_ms = HANDS_MS, RIDE_MS
        self.step_ms = STEP_MS
        self._driving = False
        self._ends: dict[str, int] = {}
        self._ride: int | None = None

    def pose(self) -> Pose | None:
        return self.here

    def velocity(self) -> Velocity | None:
        return Velocity(vx=1.0 if self._driving else 0.0)

    def battery(self) -> BatteryState:
        return BatteryState(battery_charge=self.charge, charging=self.charging)

    def safety(self) -> SafetyState:
        return SafetyState(e_stop=EStop.MANUAL if self.pressed else EStop.NONE, field_violation=False)

    def loads(self) -> tuple[Load, ...] | None:
        return (Load(load_id=self.load),) if self.load else ()

    def place(self, pose: Pose) -> bool:
        self.here = pose
        return True

    def go(self, node: Node, edge: Edge) -> bool:
        assert self.here and node.node_position
        goal = node.node_position
        self._driving = not self.pressed
        if self.pressed:
            return False
        if goal.map_id != self.here.map_id:
            self._ride = self._ride or self.now_ms + self.ride_ms
            if self.now_ms < self._ride:
                return False
            self.here, self._ride = Pose(goal.x, goal.y, 0.0, goal.map_id), None
            return True
        far = math.hypot(goal.x - self.here.x, goal.y - self.here.y)
        part = min(1.0, self.pace * (edge.max_speed or 1.0) * self.step_ms / 1000 / far) if far else 0.0
        x, y = self.here.x + part * (goal.x - self.here.x), self.here.y + part * (goal.y - self.here.y)
        self.here = replace(self.here, x=x, y=y)
        return in_range(self.here, goal, 0.1)

    def stop(self) -> None:
        self._driving = False

    def driving(self) -> bool:
        return self._driving

    def begin(self, action: Action) -> None:
        assert action.action_id not in self.begun, f"{action.action_id} was begun twice"
        self.begun.append(action.action_id)
        self._ends[action.action_id] = self.now_ms + self.hands_ms

    def progress(self, action: Action) -> Progress:
        if action.action_type in ("startCharging", "stopCharging"):
            self.charging = action.action_type == "startCharging"
            return Progress(ActionStatus.FINISHED)
        if action.action_type == "openDrawer":
            self.drawers.append(action.parameters()["drawer"])
            return Progress(ActionStatus.FINISHED)
        if not self.hands or self.now_ms < self._ends[action.action_id]:
            return Progress(ActionStatus.RUNNING)
        self.load = str(action.parameters().get("loadId", "")) if action.action_type == "pick" else None
        return Progress(ActionStatus.FINISHED)

    def abort(self, action: Action) -> bool:
        return True


def factsheet(version: Version, loads: Sequence[str] = ()) -> Factsheet:
    """Of a robot with what the fleet needs of it."""
    allowed = True if version.major == 3 else None
    scopes = (ActionScope.INSTANT, ActionScope.NODE)
    kinds = ("pick", "drop", "startCharging", "stopCharging", "openDrawer")
    known = tuple(
        AgvAction(action_type=one, action_scopes=scopes, pause_allowed=allowed, cancel_allowed=allowed)
        for one in kinds
    )
    drawn: Factsheet = made(Factsheet, version, 5)
    limits = replace(drawn.protocol_limits, max_array_lens={})
    physical = replace(drawn.physical_parameters, width=0.5, speed_max=2.0)
    features = ProtocolFeatures(optional_parameters=(), agv_actions=known)
    return replace(
        drawn,
        protocol_limits=limits,
        protocol_features=features,
        physical_parameters=physical,
        load_specification=LoadSpecification(),
        extra={},
    )


class Robot:
    """A vehicle, and the gateway's bridge to it."""

    def __init__(self, name: str, pose: Pose, version: Version) -> None:
        self.name, self.version = name, version
        self.base = Wheels(pose)
        self.vehicle = Vehicle(Identity("Acme", name, version), self.base, factsheet(version))
        self.bridge = Bridge()
        self.is_on = True
        self._stated_ms = 0
        self.got: list[tuple[Topic, bytes]] = []

    def step(self, now_ms: int) -> list[DeviceEvent]:
        """Half a second of its life, and what its gateway tells of it."""
        if not self.is_on:
            return []
        self.base.now_ms = now_ms
        self.vehicle.tick(now_ms * 1000)
        now = Instant(now_ms * 1_000_000)
        said = [
            one
            for topic, data in self.vehicle.take()
            for one in self.bridge.receive_message(topic, data, now)
        ]
        if now_ms - self._stated_ms >= 1000:
            self._stated_ms = now_ms
            said += self.bridge.receive_message(Topic.STATE, self.state(now_ms), now)
        said += self.bridge.handle_timer(now)
        return [one for one in said if isinstance(one, DeviceEvent)]

    def state(self, now_ms: int) -> bytes:
        """Its state now, as it tells it each second."""
        header = self.vehicle._header(Topic.STATE, now_ms * 1000)
        return encode(self.vehicle._state(header), self.version)

    def sheet(self, now_ms: int) -> bytes:
        """Its factsheet."""
        header = self.vehicle._header(Topic.FACTSHEET, now_ms * 1000)
        return encode(replace(self.vehicle._factsheet, header=header), self.version)

    def take(self, said: Said, now_ms: int) -> None:
        """A message comes from the master."""
        if self.is_on:
            self.got.append((Topic(said.topic), said.text.encode()))
            self.vehicle.receive(Topic(said.topic), said.text.encode(), now_ms * 1000)


@dataclass
class Link:
    """How bad the road between is: shares of 1, and ms."""

    lost: float = 0.0
    twice: float = 0.0
    longest_ms: int = 500
    cut: bool = False
    """Nothing goes through, and what is told meanwhile comes later."""


@dataclass
class World:
    """Robots at their places, and the master; `kept` is what a store would have."""

    places: dict[str, str]
    version: Version = V2_1
    seed: int = 1
    hospital: HospitalMap = field(default_factory=demo)
    link: Link = field(default_factory=Link)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.now_ms = START_MS
        self.master = Master(self.hospital, 1)
        self.epochs = count(2)
        self.kept: list[Effect] = []
        self.robots = {name: self._robot(name, node) for name, node in self.places.items()}
        self._ways: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = count()
        self._held: list[tuple[str, DeviceEvent]] = []
        self.wanted: dict[str, Transport] = {}
        self.cancelled: set[str] = set()
        self.taken_over: set[str] = set()
        self.states: dict[str, tuple[str, int]] = {}
        self.seen: dict[str, tuple[dict[str, str | int], int]] = {}
        self.each_step: Callable[[], None] = lambda: None
        self.answers = True
        """Whether gateways say what became of what they were to pass on."""
        self._answered: set[int] = set()
        for robot in self.robots.values():
            sheet = robot.sheet(self.now_ms).decode()
            self.master.heard(robot.name, "gw", "factsheet", sheet, at_ms=self.now_ms, now_ms=self.now_ms)

    def restart(self) -> None:
        """The controller is killed, and starts again on what its store has."""
        dead = self.master
        self.master = Master(self.hospital, next(self.epochs))
        self.master.stopped = dead.stopped
        robots = [self._known(name) for name in self.robots if self._last(Met, name)]
        restore(self.master, robots, self._open(), self.now_ms)

    def _last(self, kind: type[Any], robot: str) -> Any:
        mine = (one for one in reversed(self.kept) if isinstance(one, kind) and one.robot == robot)
        return next(mine, None)

    def _known(self, name: str) -> KnownRobot:
        met, sheet = self._last(Met, name), self.robots[name].sheet(self.now_ms).decode()
        mine = [one for one in self.kept if isinstance(one, Said) and one.robot == name]
        errand = next((one.errand for one in reversed(mine) if one.errand), None)
        pausing = next((one for one in reversed(mine) if "Pause" in one.text), None)
        told = [one for one in mine if one.topic == Topic.ORDER]
        after = mine[mine.index(told[-1]) :] if told else []
        until = {self._old(one): one.at_ms + LIFE_MS + 6000 for one in told if id(one) not in self._answered}
        state, state_ms = self.states.get(name, (None, 0))
        seen, seen_ms = self.seen.get(name, (None, 0))
        return KnownRobot(
            robot=name,
            gateway="gw",
            version=met.version,
            manufacturer=met.manufacturer,
            serial=met.serial,
            factsheet=sheet,
            is_taken_over=name in self.taken_over,
            we_paused=bool(pausing and "startPause" in pausing.text),
            errand=errand,
            state=state,
            state_ms=state_ms,
            flights={number: ms for number, ms in until.items() if ms >= self.now_ms},
            told=told[-1].text if told else "",
            told_ms=told[-1].at_ms if told else 0,
            is_cancelled=any("cancelOrder" in one.text for one in after),
            seen=seen,
            seen_ms=seen_ms,
        )

    @staticmethod
    def _old(said: Said) -> int:
        """The number of a message after a start."""
        return -id(said)

    def _open(self) -> list[KnownTransport]:
        found: list[KnownTransport] = []
        for name, transport in self.wanted.items():
            mine = [one for one in self.kept if isinstance(one, Moved) and one.transport == name]
            stage = mine[-1].state if mine else Stage.WANTED
            if stage in OPEN:
                last = mine[-1] if mine else None
                robot, why = (last.robot, last.why) if last else (None, "")
                found.append(KnownTransport(transport, stage, robot, why, name in self.cancelled))
        return found

    def _robot(self, name: str, node: str) -> Robot:
        at = self.hospital.by_id[node]
        return Robot(name, Pose(at.x, at.y, 0.0, at.map), self.version)

    def want(
        self, number: str, pick: str = "pharmacy", drop: str = "ward-a", load: str = "medicines"
    ) -> None:
        """Something is to be carried."""
        self.wanted[number] = Transport(number, pick, drop, load, wanted_ms=self.now_ms)
        self.master.wanted(self.wanted[number], self.now_ms)

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Let time pass; whether `until` became true."""
        for _ in range(round(seconds * 1000 / STEP_MS)):
            self.step()
            if until():
                return True
        return False

    def step(self) -> None:
        """Half a second."""
        self.now_ms += STEP_MS
        for robot in self.robots.values():
            for event in robot.step(self.now_ms):
                self._told(robot.name, event)
        if self._held and not self.link.cut:
            held, self._held = self._held, []
            for name, event in held:
                self._hear(name, event)
        if self.now_ms % 1000 == 0:
            self.master.tick(self.now_ms)
        self.flush()
        due = sorted(one for one in self._ways if one[0] <= self.now_ms)
        self._ways = [one for one in self._ways if one[0] > self.now_ms]
        for _, _, arrive in due:
            arrive()
        self.flush()
        self.each_step()

    def flush(self) -> None:
        """What the master has decided goes to the store, and out."""
        for effect in self.master.take():
            self.kept.append(effect)
            if isinstance(effect, Said):
                self._out(effect)

    def _told(self, name: str, event: DeviceEvent) -> None:
        if self.link.cut:
            self._held.append((name, event))
        else:
            self._later(lambda: self._hear(name, event))

    def _hear(self, name: str, event: DeviceEvent) -> None:
        at_ms, detail = event.at // 1_000_000, event.detail
        if event.kind == "vehicle":
            said = str(detail["topic"]), str(detail["json"])
            if said[0] == "state":
                self.states[name] = said[1], at_ms
            self.master.heard(name, "gw", *said, at_ms=at_ms, now_ms=self.now_ms)
        elif event.kind == "vehicle-at":
            self.seen[name] = dict(detail), at_ms
            self.master.seen(name, detail, at_ms=at_ms, now_ms=self.now_ms)

    def _out(self, said: Said) -> None:
        if self.link.cut:
            return
        robot = self.robots[said.robot]
        if self.chance.random() >= self.link.lost:
            for _ in range(1 + (self.chance.random() < self.link.twice)):
                self._later(lambda: robot.take(said, self.now_ms))
        if self.answers:
            master = self.master
            self._later(lambda: self._answer(master, said), after=self.link.longest_ms)

    def _answer(self, asked: Master, said: Said) -> None:
        self._answered.add(id(said))
        number = said.number if asked is self.master else self._old(said)
        self.master.answered(said.robot, number, reached=True, why="", now_ms=self.now_ms)

    def _later(self, arrive: Callable[[], None], after: int = 0) -> None:
        at = self.now_ms + after + self.chance.randint(0, self.link.longest_ms)
        self._ways.append((at, next(self._numbers), arrive))

    # What came of it

    def stages(self, transport: str) -> list[Stage]:
        """Each stage that a transport came to."""
        return [one.state for one in self.kept if isinstance(one, Moved) and one.transport == transport]

    def asked(self) -> list[str]:
        """What people were asked."""
        return [one.why for one in self.kept if isinstance(one, Decided) and one.kind == "ask"]

    def sent(self, robot: str, topic: Topic = Topic.ORDER) -> list[Said]:
        """What was sent to a robot."""
        return [
            one for one in self.kept if isinstance(one, Said) and (one.robot, one.topic) == (robot, topic)
        ]

    def delivered(self, *transports: str) -> Callable[[], bool]:
        """Whether they all are there."""
        return lambda: all(Stage.DELIVERED in self.stages(one) for one in transports)

    def held(self, robot: str) -> int:
        """The parts of the ground that a robot may drive on by what it has: not the fleet's view of it."""
        ground, vehicle = self.master.fleet.ground, self.robots[robot].vehicle
        state = vehicle._state(vehicle._header(Topic.STATE, 0, count=False))
        parts = [ground.node[n.node_id] for n in state.node_states if n.released and n.node_id in ground.node]
        parts += [
            ground.edge[e.edge_id] for e in state.edge_states if e.released and e.edge_id in ground.edge
        ]
        return sum(1 << part for part in set(parts)) | self._under(robot)

    def _under(self, robot: str) -> int:
        """What it stands on."""
        pose, ground = self.robots[robot].base.here, self.master.fleet.ground
        assert pose
        near = ground.near(pose.map_id, (pose.x, pose.y), 0.25)
        return 1 << near[0][1] if near else 0

    def collisions(self) -> list[str]:
        """Robots that may drive where another is or may drive."""
        names, ground = list(self.robots), self.master.fleet.ground
        held = {name: self.held(name) for name in names}
        return [
            f"{a} and {b}"
            for i, a in enumerate(names)
            for b in names[i + 1 :]
            if ground.spread(held[a]) & held[b]
        ]
