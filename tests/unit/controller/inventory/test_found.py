"""What gateways found, and that what is recorded of it is served, and what is decommissioned is wiped."""

import json
from typing import Any

import pytest

from controller.errors import BadRecord, Conflict, EnrolmentRefused, NotFound
from controller.identity.certificates import By
from controller.inventory.record import Record, needed
from controller.inventory.service import Inventory
from controller.orders.desk import LONGEST_LIFE_US, OrderDesk
from devices.model.found import Candidate, Report, Way
from devices.model.observation import DeviceEvent, EventKind, Instant
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.records import Group
from tests.unit.controller.conftest import Desk
from tests.unit.controller.inventory.conftest import ANNA, cuff

ADDRESS, PORT = "00:1C:05:FF:E8:74", "/dev/ttyUSB0"
OX = Candidate(ADDRESS, "Nonin3230_501900083", -61, ("nonin-3230",), 2000)
S = 1_000_000


class Ward:
    """Gateways ward-a and ward-b, provisioned, that tell what they find through ingest."""

    def __init__(self, desk: Desk, inventory: Inventory) -> None:
        self.desk, self.inventory, self._number = desk, inventory, 0
        self.orders = OrderDesk(desk.store, desk.clock)

    async def tell(self, report: Report, gateway: str = "ward-a") -> None:
        clock = BlockClock(gateway.encode().ljust(16), 1_000_000 + self._number, None, Sync.UNSET, None)
        event = DeviceEvent(EventKind.FOUND, Instant(clock.mono_us * 1000), report.detail())
        journal = gateway.encode()[:8].ljust(8)
        block = seal(journal, Lane.VITAL, self._number, clock, [Group(None, None, [event])])
        self._number += 1
        await self.desk.take(block, what="vital", gateway=gateway)

    async def found(self) -> list[tuple[str, list[str]]]:
        return [
            (one["gateway"], [two["where"] for two in one["candidates"]])
            for one in await self.inventory.found()
        ]

    async def settings(self, gateway: str = "ward-a") -> dict[str, Any]:
        held = await self.orders.configurations(gateway)
        return dict(held[0].order.settings) if held else {}  # type: ignore[union-attr]

    async def commands(self) -> list[tuple[str, str, dict[str, Any]]]:
        return [
            (one.order.gateway, one.order.name, dict(one.order.arguments))  # type: ignore[union-attr]
            for one in await self.orders.commands()
        ]


@pytest.fixture
async def ward(desk: Desk, inventory: Inventory) -> Ward:
    await desk.registry.add_gateway("ward-b", "Ward B")
    await desk.store.write(lambda db: db.execute("UPDATE gateway SET provisioned = 1"))
    return Ward(desk, inventory)


def ox(device: str = "ox-2", **values: str) -> Record:
    return needed(
        {"device": device, "profile": "nonin-3230", "gateway": "ward-a", "address": ADDRESS, **values}
    )


async def test_the_last_report_of_each_gateway_and_way_is_shown_with_its_age(ward: Ward) -> None:
    await ward.tell(Report(Way.BLE, (OX, Candidate("C0:00:00:00:00:01")), 3, 8))
    await ward.tell(Report(Way.SERIAL, (Candidate(PORT, "USB adapter"),)))
    await ward.tell(Report(Way.BLE, (OX,), 7, 8), "ward-b")
    await ward.tell(Report(Way.BLE, (OX,), 4))
    assert await ward.found() == [("ward-a", [ADDRESS]), ("ward-a", [PORT]), ("ward-b", [ADDRESS])]
    [near, *_] = await ward.inventory.found()
    [candidate] = near["candidates"]
    assert (candidate["rssi"], candidate["fits"], near["others"]) == (-61, ["nonin-3230"], 4)
    assert near["told_ms"] - candidate["heard_ms"] == 2000


async def test_after_a_day_it_is_nobodys_news(ward: Ward) -> None:
    await ward.tell(Report(Way.BLE, (OX,)))
    ward.desk.clock.at_us += 86_400 * S + S
    assert await ward.found() == []


async def test_what_is_recorded_is_found_no_more_until_it_is_decommissioned(ward: Ward) -> None:
    await ward.tell(Report(Way.BLE, (OX,)), "ward-b")
    await ward.inventory.record(ox(), ANNA)
    assert await ward.found() == [("ward-b", [])]
    await ward.inventory.decommission("ox-2", "worn out", ANNA)
    assert await ward.found() == [("ward-b", [ADDRESS])]


async def test_what_was_found_is_served_from_its_record_on_and_another_setting_stays(ward: Ward) -> None:
    await ward.orders.configure("ward-a", {"log-level": "debug"}, By("ben"))
    await ward.inventory.record(ox(), ANNA, bed="bed-1", found=ADDRESS)
    served = {"device.ox-2": f"nonin-3230 {ADDRESS} bed-1"}
    assert await ward.settings() == {"log-level": "debug", **served}
    await ward.orders.configure("ward-a", {"dscp-wave": 10}, By("ben"))
    assert await ward.settings() == {"dscp-wave": 10, **served}
    _, changes = await ward.orders.compare("ward-a", {})
    assert [(one.name, one.after) for one in changes] == [("dscp-wave", None)]


async def test_a_port_that_is_to_be_served_is_found_no_more(ward: Ward) -> None:
    await ward.tell(Report(Way.SERIAL, (Candidate(PORT, "USB adapter"),)))
    record = needed({"device": "ox-3", "profile": "nonin-xpod", "gateway": "ward-a"})
    await ward.inventory.record(record, ANNA, found=PORT)
    assert await ward.found() == [("ward-a", [])]


@pytest.mark.parametrize(
    ("changes", "where", "why"),
    [
        ({"gateway": ""}, ADDRESS, "name it"),
        ({"address": "00:1C:05:FF:E8:75"}, ADDRESS, "where the gateway found it"),
        ({"profile": "nonin-xpod"}, ADDRESS, "speaks Bluetooth"),
        ({"profile": "philips-intellivue"}, ADDRESS, "on the network"),
    ],
)
async def test_what_cannot_be_served_is_not_recorded_either(
    ward: Ward, changes: dict[str, str], where: str, why: str
) -> None:
    with pytest.raises(BadRecord, match=why):
        await ward.inventory.record(ox(**changes), ANNA, found=where)
    with pytest.raises(NotFound):
        await ward.inventory.device("ox-2")
    assert await ward.settings() == {}


async def test_a_gateway_that_is_not_provisioned_any_more_is_a_conflict(ward: Ward) -> None:
    await ward.desk.store.write(lambda db: db.execute("UPDATE gateway SET provisioned = 0"))
    with pytest.raises(Conflict, match="cannot serve it"):
        await ward.inventory.record(ox(), ANNA, found=ADDRESS)


async def test_a_device_that_moved_is_served_by_its_new_gateway_alone(ward: Ward) -> None:
    await ward.inventory.record(ox(), ANNA, found=ADDRESS)
    await ward.inventory.record(ox(gateway="ward-b"), ANNA, found=ADDRESS)
    assert await ward.settings("ward-a") == {}
    assert list(await ward.settings("ward-b")) == ["device.ox-2"]


async def test_decommissioning_ends_the_service_and_asks_for_the_wipe_for_a_week(ward: Ward) -> None:
    await ward.inventory.record(ox(), ANNA, found=ADDRESS)
    await ward.inventory.decommission("ox-2", "worn out", ANNA)
    assert await ward.settings() == {}
    assert await ward.commands() == [("ward-a", "forget", {"device": "ox-2", "address": ADDRESS})]
    [open_one] = await ward.orders.unanswered()
    assert open_one.expires_us - open_one.issued_us == LONGEST_LIFE_US
    rows = await ward.desk.rows("SELECT entry FROM audit WHERE entry LIKE '%command-issued%'")
    assert json.loads(str(rows[0][0]))["why"] == "worn out"


async def test_decommissioning_works_without_a_gateway_that_could_hear_it(ward: Ward) -> None:
    await ward.inventory.record(cuff(gateway=""), ANNA)
    await ward.inventory.decommission("bp-1", "worn out", ANNA)
    await ward.inventory.record(cuff("bp-2"), ANNA)
    await ward.desk.store.write(lambda db: db.execute("UPDATE gateway SET provisioned = 0"))
    await ward.inventory.decommission("bp-2", "worn out", ANNA)
    assert await ward.commands() == []


async def test_a_search_is_asked_for_and_its_fate_is_told(ward: Ward) -> None:
    await ward.inventory.search("ward-a", 8, ANNA)
    assert await ward.commands() == [("ward-a", "discover", {"seconds": 8})]
    [search] = await ward.inventory.searches()
    assert (search["gateway"], search["state"], search["why"]) == ("ward-a", "sent", "")
    ward.desk.clock.at_us += 301 * S
    [search] = await ward.inventory.searches()
    assert search["state"] == "expired"
    with pytest.raises(NotFound):
        await ward.inventory.search("ward-z", 8, ANNA)
    await ward.desk.store.write(lambda db: db.execute("UPDATE gateway SET provisioned = 0"))
    with pytest.raises(EnrolmentRefused):
        await ward.inventory.search("ward-a", 8, ANNA)
