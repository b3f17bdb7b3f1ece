"""What follows for a delivery from what its transport did, whenever it is looked at."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from controller.errors import Conflict
from controller.imaging.sight import WHOLE
from controller.prescriptions.custody import Link, chain
from controller.prescriptions.delivered import Delivery
from controller.prescriptions.delivery import Over
from controller.prescriptions.model import Known
from controller.prescriptions.riding import Ride
from controller.prescriptions.states import DeliveryState, RxState
from controller.robots.books import Books, Wanted
from controller.robots.handled import Handled, Kind, handled
from controller.robots.told import Stage
from tests.support.prescriptions import ANNA, PIA, Pharmacy, pharmacy, why

NAME = "TR00000001"
_MOVE = "UPDATE robot_transport SET state = ?, robot = 'R1', why = 'a reason' WHERE id = ?"


@dataclass
class Way:
    """A delivery that was sent; what its transport does is said in rows."""

    here: Pharmacy
    robots: Books

    async def sent(self, **wanted: Any) -> None:
        rx = await self.here.signed(**wanted)
        _, begun = await self.here.handed_out(rx)
        found, _ = await self.here.rx.deliveries.find(begun.number, WHOLE)
        over, riding = Over(found.number, found.revision, WHOLE), self.here.rx.riding
        asked = Wanted("pharmacy", "ward-a", "medicines", 2, found.number)
        await self.robots.ask(asked, PIA, lambda db, name: riding.send(db, over, name, PIA))

    async def moves(self, *stages: Stage) -> None:
        for stage in stages:
            await self.here.store.write(lambda db, one=stage: db.execute(_MOVE, (one, NAME)))

    async def does(self, kind: Kind, stage: Stage, person: str = "nina", drawer: int | None = None) -> None:
        await self.here.store.write(handled(Handled(NAME, kind, stage, person, "badge", drawer), 1))

    async def follow(self) -> tuple[Ride, Delivery, list[Link]]:
        """How it stands; to look once more changes nothing."""
        await self.here.rx.riding.follow(NAME)
        assert await self.here.rx.riding.follow(NAME) is None
        found, _ = await self.here.rx.deliveries.find("SD00000001", WHOLE)
        ride = (await self.here.rx.riding.of([found.id]))[found.id]
        return ride, found, await chain(self.here.rx.books, found.id)

    async def notices(self) -> list[str]:
        return [one.detail for one in await self.here.rx.notices.open("pia")]


@pytest.fixture
async def way(tmp_path: Path) -> AsyncIterator[Way]:
    async with pharmacy(tmp_path) as here:
        yield Way(here, Books(here.store, here.clock))


async def test_all_that_happened_while_nobody_looked_follows_in_its_order(way: Way) -> None:
    await way.sent()
    await way.does("drawer", Stage.ASSIGNED, "pia", 3)
    await way.does("drawer", Stage.PICKED, "nina", 3)
    await way.moves(Stage.PICKED, Stage.DELIVERED)
    ride, found, links = await way.follow()
    assert (ride.stage, ride.why, found.state) == ("over", "", DeliveryState.COMPLETED)
    assert [(one.holder, one.drawer, one.verified) for one in links[1:]] == [
        ("robot:R1", "3", "badge"),
        ("nina", "3", "badge"),
    ]
    assert await way.notices() == []


async def test_what_was_unloaded_by_nobody_known_is_not_received(way: Way) -> None:
    await way.sent()
    await way.moves(Stage.PICKED, Stage.DELIVERED)
    ride, found, links = await way.follow()
    assert (ride.stage, found.state) == ("over", DeliveryState.IN_PROGRESS)
    assert (links[-1].holder, links[-1].verified) == ("robot:R1", "robot")
    assert await way.notices() == ["SD00000001: unloaded at ward-a, and nobody said who took it"]


async def test_what_comes_back_after_its_drawer_was_opened_is_in_the_robot_and_is_told(
    way: Way,
) -> None:
    await way.sent()
    await way.moves(Stage.PICKED)
    await way.does("drawer", Stage.PICKED)
    await way.moves(Stage.RETURNING)
    ride, found, links = await way.follow()
    assert (ride.stage, found.state) == ("over", DeliveryState.COMPLETED)
    assert [one.holder for one in links] == ["pia", "robot:R1", "nina", "robot:R1"]
    assert await way.notices() == ["SD00000001: its drawer was opened, then: a reason"]


async def test_what_was_taken_while_it_was_withdrawn_is_not_received(way: Way) -> None:
    await way.sent()
    await way.moves(Stage.PICKED)
    rx = await way.here.rx.books.find("RX00000001", WHOLE)
    known = Known(rx.number, rx.revision, WHOLE)
    await way.here.rx.prescribing.step(known, RxState.STOPPED, why(ANNA, "an allergy"))
    await way.does("drawer", Stage.PICKED)
    ride, found, links = await way.follow()
    assert (ride.stage, found.state, found.coming_back) == ("over", DeliveryState.IN_PROGRESS, True)
    assert links[-1].holder == "nina"
    assert await way.notices() == ["SD00000001: nina has it, and it is not to be used"]


async def test_a_transport_that_fails_leaves_it_to_be_carried_by_hand(way: Way) -> None:
    await way.sent()
    await way.moves(Stage.FAILED)
    ride, found, links = await way.follow()
    assert (ride.stage, ride.why, found.state) == ("over", "a reason", DeliveryState.IN_PROGRESS)
    assert [one.holder for one in links] == ["pia"]


async def test_what_goes_home_is_not_sent_and_no_transport_is_left(way: Way) -> None:
    with pytest.raises(Conflict, match="leaves the hospital"):
        await way.sent(delivery="home")
    assert await way.robots.listed() == []
