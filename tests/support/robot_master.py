"""The fleet's master with real gateway links to robots at a broker, in one process and with the host's clock.

async with MasterAtBroker(hospital, {"robot-1": link_of}) as ruled:
    ruled.wants("T1", "A", "B")
    await until(lambda: ruled.stage("T1") == "delivered", "…")

What the controller's service adds (store, signatures, the uplink) is left out.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from controller.robots.master import Master
from controller.robots.places import HospitalMap
from controller.robots.told import Decided, Moved, Said
from controller.robots.transports import Transport
from devices.codecs import Said as Told
from devices.codecs.vda5050.messages import decode
from devices.codecs.vda5050.state import State
from devices.codecs.vda5050.topics import Topic
from devices.model.observation import DeviceEvent, EventKind
from gateway.errors import GatewayError
from gateway.links import Outlet
from gateway.links.robot import RobotLink
from tests.support.links import Heard

MakeLink = Callable[[Outlet], RobotLink]
_TICK_S = 0.25


def _once(_: Said) -> int:
    return 1


class _Ear(Heard):
    """An outlet that hands on what it is given, too."""

    def __init__(self, hand_on: Callable[[DeviceEvent], None]) -> None:
        super().__init__()
        self._hand_on = hand_on

    def __call__(self, said: Sequence[Told]) -> None:
        super().__call__(said)
        for one in said:
            if isinstance(one, DeviceEvent):
                self._hand_on(one)


class MasterAtBroker:
    """`said` is what was sent, `stages` how far transports are, `notes` what was decided and why.

    `road`: how often a message reaches its robot.
    """

    def __init__(
        self, hospital: HospitalMap, links: Mapping[str, MakeLink], road: Callable[[Said], int] = _once
    ) -> None:
        self.master = Master(hospital, epoch=1)
        self._road = road
        self.said: list[Said] = []
        self.stages: dict[str, list[str]] = {}
        self.notes: list[Decided] = []
        self.ears = {robot: _Ear(lambda one, r=robot: self._hear(r, one)) for robot in links}
        self._links = {robot: make(self.ears[robot]) for robot, make in links.items()}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        for link in self._links.values():
            self._run(link.run())
        self._run(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wants(self, transport: str, pick: str, drop: str) -> None:
        """Something is to be carried."""
        now = _now_ms()
        self.master.wanted(Transport(transport, pick, drop, "medicine", wanted_ms=now), now)
        self.give()

    def does(self, what: Callable[[Master, int], None]) -> None:
        """A person does something, now (ms)."""
        what(self.master, _now_ms())
        self.give()

    def stage(self, transport: str) -> str:
        """How far it is."""
        return self.stages.get(transport, ["wanted"])[-1]

    def state(self, robot: str) -> State | None:
        """What the robot last told whole."""
        told = [one.detail for one in self.ears[robot].events(EventKind.VEHICLE)]
        states = [one for one in told if one["topic"] == "state"]
        message = decode(Topic.STATE, str(states[-1]["json"]).encode()) if states else None
        return message if isinstance(message, State) else None

    def asks(self) -> list[str]:
        """What people are asked."""
        return [one.why for one in self.master.attention.open.values()]

    def orders(self) -> list[dict[str, Any]]:
        """The messages of topic order that were sent."""
        return [json.loads(one.text) for one in self.said if one.topic == "order"]

    def asked(self) -> list[str]:
        """The types of instant actions that were sent."""
        sent = [json.loads(one.text) for one in self.said if one.topic == "instantActions"]
        return [action["actionType"] for one in sent for action in one["actions"]]

    def held(self, robot: str) -> set[str]:
        """The nodes and edges that nobody else gets as long as this robot may be there."""
        held = self.master.fleet.driving.traffic.claims[robot].held
        return {name for part, name in enumerate(self.master.fleet.ground.ids) if held >> part & 1}

    def give(self) -> None:
        """What the master has given out goes on its way."""
        for one in self.master.take():
            match one:
                case Said():
                    self.said.append(one)
                    self._run(self._send(one, self._road(one)))
                case Moved():
                    self.stages.setdefault(one.transport, []).append(one.state)
                case Decided():
                    self.notes.append(one)
                case _:
                    pass

    def _hear(self, robot: str, event: DeviceEvent) -> None:
        now, detail = _now_ms(), event.detail
        if event.kind is EventKind.VEHICLE:
            topic, text = str(detail["topic"]), str(detail["json"])
            self.master.heard(robot, "ward-a", topic, text, at_ms=now, now_ms=now)
        elif event.kind is EventKind.VEHICLE_AT:
            self.master.seen(robot, detail, at_ms=now, now_ms=now)
        self.give()

    async def _send(self, one: Said, times: int) -> None:
        """The gateway says that it has handed it on, also where it is lost behind the broker."""
        try:
            for _ in range(times):
                await self._links[one.robot].order(one.topic, one.text)
        except GatewayError as error:
            reached, why = False, str(error)
        else:
            reached, why = True, ""
        self.master.answered(one.robot, one.number, reached=reached, why=why, now_ms=_now_ms())
        self.give()

    async def _tick(self) -> None:
        while True:
            self.master.tick(_now_ms())
            self.give()
            await asyncio.sleep(_TICK_S)

    def _run(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            raise error


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
