"""A vehicle, its box and its crew, and the controller that follows what they tell."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from controller.crew.follower import Follower
from controller.store import Store
from devices.model.observation import DeviceEvent
from tests.support.crew import SECOND_US, Crew
from tests.support.sender import Sender
from tests.unit.controller.conftest import Desk

RECORD = "UPDATE gateway SET class = ?, place = ? WHERE id = ?"


@dataclass(slots=True)
class Following:
    """The controller, and one who follows."""

    desk: Desk
    follower: Follower
    crew: Crew

    async def hear(self, *events: DeviceEvent, crew: Crew | None = None) -> None:
        """One block with these events comes, and is taken over."""
        who = crew or self.crew
        await self.desk.take(who.block(*events), what="alert", gateway=who.sender.gateway)
        await self.follower.follow()

    async def stays(self, columns: str = "identifier, name, from_ms, to_ms") -> list[tuple[object, ...]]:
        """In order of time."""
        return await self.desk.rows(f"SELECT {columns} FROM stay ORDER BY from_ms")

    async def problems(self) -> list[object]:
        """What could not be taken over, and why."""
        rows = await self.desk.rows("SELECT problem FROM crew_event WHERE problem IS NOT NULL ORDER BY event")
        return [row[0] for row in rows]

    @property
    def at_ms(self) -> Callable[[int], int]:
        """The controller's time of a second of the box, whose blocks are sealed when it counts 100 s."""
        return lambda second: (self.desk.clock.at_us - (100 - second) * SECOND_US) // 1000

    async def record(self, gateway: str, kind: str, place: str) -> None:
        """An engineer records a box."""
        await self.desk.store.write(lambda db: db.execute(RECORD, (kind, place, gateway)))


async def follow(desk: Desk) -> Following:
    """bed-1 is a vehicle, with the box `amb-1`."""
    await desk.registry.add_gateway("amb-1", "Ambulance 1")
    await desk.registry.add_gateway("ward-a", "Ward A")
    follower = Follower(desk.store, desk.registry, desk.clock, desk.hub)
    following = Following(desk, follower, Crew(Sender("amb-1")))
    await following.record("amb-1", "vehicle", "bed-1")
    await following.record("ward-a", "ward", "w-1")
    return following


@pytest.fixture
async def following(desk: Desk) -> Following:
    """See `follow`."""
    return await follow(desk)


@pytest.fixture
async def again(following: Following) -> AsyncIterator[Follower]:
    """Another follower on the same database, as after a crash."""
    store = await Store.open(following.desk.store.where)
    yield Follower(store, following.desk.registry, following.desk.clock, following.desk.hub)
    await store.close()
