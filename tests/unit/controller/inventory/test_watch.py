"""What devices do is held against what is recorded: pairing, and silence after decommissioning."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from controller.inventory.record import Record
from controller.inventory.records import Pairing
from controller.inventory.service import Inventory
from controller.inventory.watch import PAIRING_WEAKER, WITHDRAWN_SPEAKS, Watch
from devices.model.observation import DeviceEvent, EventKind, Instant
from tests.support.controller import eventually
from tests.support.sender import Sender, reading
from tests.unit.controller.conftest import Desk
from tests.unit.controller.inventory.conftest import ANNA, cuff


@pytest.fixture
async def watch(desk: Desk, inventory: Inventory) -> AsyncIterator[Watch]:
    """The watch, running."""
    watch = Watch(desk.store, desk.registry, desk.hub, desk.clock)
    task = asyncio.create_task(watch.run())
    yield watch
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def oximeter() -> Record:
    """Its profile asks for no bond."""
    return cuff(profile="nonin-3230")


class Bedside:
    """The device bp-1 behind its gateway."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.sender = Sender(device="bp-1")
        self.at_s = 10

    async def connects(self, **detail: str) -> None:
        await self.says(EventKind.CONNECTED, **detail)

    async def says(self, kind: EventKind, **detail: str | int) -> None:
        self.at_s += 1
        self.desk.clock.at_us += 1_000_000
        event = DeviceEvent(kind, Instant(self.at_s * 1_000_000_000), detail)
        await self.desk.take(self.sender.block(event, mono_us=self.at_s * 1_000_000))

    async def measures(self) -> None:
        self.at_s += 1
        at_us = self.at_s * 1_000_000
        await self.desk.take(self.sender.block(reading(70, at_us), mono_us=at_us))


def alerts(desk: Desk) -> set[tuple[str, str, str]]:
    return {(one["code"], one["device"], one["priority"]) for one in desk.hub.snapshot()["alerts"]}


async def recorded(desk: Desk) -> object:
    return (await desk.rows("SELECT pairing FROM inventory WHERE device = 'bp-1'"))[0][0]


async def until_recorded(desk: Desk, pairing: str) -> None:
    async with asyncio.timeout(10):
        while await recorded(desk) != pairing:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


WEAKER = {(PAIRING_WEAKER, "bp-1", "medium")}


async def test_the_first_pairing_that_is_told_is_recorded_and_a_stronger_one_after_it(
    watch: Watch, inventory: Inventory, desk: Desk
) -> None:
    device = Bedside(desk)
    await inventory.record(oximeter(), ANNA)
    await device.connects(pairing="encrypted")
    await until_recorded(desk, "encrypted")
    await device.connects(pairing="bonded")
    await until_recorded(desk, "bonded")
    assert alerts(desk) == set()
    history = (await inventory.device("bp-1"))["history"]
    assert [(one["what"], one["by"], one["detail"]) for one in history[:2]] == [
        ("paired", "controller", {"pairing": ["encrypted", "bonded"]}),
        ("paired", "controller", {"pairing": ["", "encrypted"]}),
    ]


async def test_a_weaker_pairing_is_an_alert_until_the_device_is_bonded_again(
    watch: Watch, inventory: Inventory, desk: Desk
) -> None:
    device = Bedside(desk)
    await inventory.record(oximeter(), ANNA)
    await device.connects(pairing="bonded")
    await until_recorded(desk, "bonded")
    await device.connects(pairing="none")
    await eventually(lambda: alerts(desk) == WEAKER)
    await device.connects(pairing="none")
    assert await recorded(desk) == "bonded"
    await device.connects(pairing="bonded")
    await eventually(lambda: alerts(desk) == set())
    history = (await inventory.device("bp-1"))["history"]
    assert [one["what"] for one in history] == ["pairing-weaker", "paired", "recorded"]


async def test_where_the_profile_asks_for_a_bond_the_first_connection_must_have_it(
    watch: Watch, inventory: Inventory, desk: Desk
) -> None:
    await inventory.record(cuff(), ANNA)
    assert await recorded(desk) == "bonded"
    await Bedside(desk).connects(pairing="none")
    await eventually(lambda: alerts(desk) == WEAKER)


async def test_an_engineer_can_allow_the_weaker_pairing_with_a_reason(
    watch: Watch, inventory: Inventory, desk: Desk
) -> None:
    device = Bedside(desk)
    await inventory.record(oximeter(), ANNA)
    await device.connects(pairing="bonded")
    await until_recorded(desk, "bonded")
    await device.connects(pairing="none")
    await eventually(lambda: alerts(desk) == WEAKER)
    await inventory.pair("bp-1", Pairing.NONE, "replaced by one without bonding", ANNA)
    await eventually(lambda: alerts(desk) == set())
    assert (await inventory.device("bp-1"))["history"][0]["detail"] == {
        "pairing": ["bonded", "none"],
        "why": "replaced by one without bonding",
    }


async def test_a_gateway_that_tells_nothing_or_nonsense_changes_nothing(
    watch: Watch, inventory: Inventory, desk: Desk
) -> None:
    device = Bedside(desk)
    await inventory.record(oximeter(), ANNA)
    for detail in ({}, {"pairing": "Bonded"}, {"pairing": ""}):
        await device.connects(**detail)
    await device.connects(pairing="encrypted")
    await until_recorded(desk, "encrypted")
    history = (await inventory.device("bp-1"))["history"]
    assert [one["what"] for one in history] == ["paired", "recorded"]


async def test_what_was_told_before_the_start_is_looked_at_too(inventory: Inventory, desk: Desk) -> None:
    await inventory.record(oximeter(), ANNA)
    await inventory.pair("bp-1", Pairing.BONDED, "first pairing", ANNA)
    await Bedside(desk).connects(pairing="none")
    watch = Watch(desk.store, desk.registry, desk.hub, desk.clock)
    await watch.look("snapshot", desk.hub.snapshot())
    assert alerts(desk) == WEAKER


async def test_a_decommissioned_device_that_sends_is_an_alert_until_it_is_taken_into_use_again(
    watch: Watch, inventory: Inventory, desk: Desk
) -> None:
    device = Bedside(desk)
    await inventory.record(oximeter(), ANNA)
    await device.measures()
    await inventory.decommission("bp-1", "broken", ANNA)
    assert alerts(desk) == set()
    await device.measures()
    await eventually(lambda: alerts(desk) == {(WITHDRAWN_SPEAKS, "bp-1", "low")})
    await inventory.record(oximeter(), ANNA, again=True)
    await eventually(lambda: alerts(desk) == set())


async def test_a_decommissioned_device_is_an_alert_while_it_is_heard(
    watch: Watch, inventory: Inventory, desk: Desk
) -> None:
    device = Bedside(desk)
    await inventory.record(oximeter(), ANNA)
    await device.connects()
    await inventory.decommission("bp-1", "broken", ANNA)
    assert alerts(desk) == set()
    await device.says(EventKind.LINK, rssi=-60)
    await eventually(lambda: alerts(desk) == {(WITHDRAWN_SPEAKS, "bp-1", "low")})
    await device.says(EventKind.DISCONNECTED, why="not-heard")
    await eventually(lambda: alerts(desk) == set())


async def test_decommissioning_ends_the_alert_of_its_pairing(
    watch: Watch, inventory: Inventory, desk: Desk
) -> None:
    device = Bedside(desk)
    await inventory.record(oximeter(), ANNA)
    await inventory.pair("bp-1", Pairing.BONDED, "first pairing", ANNA)
    await device.connects(pairing="none")
    await eventually(lambda: alerts(desk) == WEAKER)
    await inventory.decommission("bp-1", "broken", ANNA)
    await eventually(lambda: WEAKER.isdisjoint(alerts(desk)))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_both_alerts_have_words(language: str) -> None:
    words = Path(__file__).parents[4] / f"controller/web/public/words/inventory-{language}.js"
    named = set(re.findall(r'"alert\.([a-z-]+)": "[^"]+"', words.read_text(encoding="utf-8")))
    assert named == {PAIRING_WEAKER, WITHDRAWN_SPEAKS}
