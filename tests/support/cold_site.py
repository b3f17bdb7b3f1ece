"""A running controller with insulin for 4713 that is ready, a cooled box, and a thermometer in it.

async with cold_site(tmp_path) as site:
    await site.measures(5.0, 6.0)                 # real blocks, a minute apart
    site.alarms("box-temp-high", 8.5)             # as the box's gateway tells it
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp

from controller.api.pharmacy_schemas import DeliveryList
from controller.identity.files import open_authority
from controller.live import AlertNow, Place
from controller.security.permissions import Role
from devices.model.observation import Instant, Quality, Reading
from tests.support.cold import BOX, GIVEN_OF
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import client, get
from tests.support.prescribed import send
from tests.support.prescriptions import GTIN, code
from tests.support.sender import Sender
from tests.unit.controller.conftest import Desk

DELIVERIES = "/api/deliveries"
_MINUTE_US = 60_000_000


@dataclass
class ColdSite:
    """`rx`: the prescription; `boot_us`: when the box's gateway began, in the controller's scale."""

    home: Home
    paul: aiohttp.ClientSession
    rx: dict[str, Any]
    desk: Desk
    sender: Sender
    boot_us: int

    @property
    def controller(self) -> RunningController:
        return self.home.controller

    async def delivery(self) -> dict[str, Any]:
        shown = DeliveryList.model_validate(await get(self.home.pia, DELIVERIES)).model_dump(mode="json")
        return shown["deliveries"][0]

    async def change(self, who: aiohttp.ClientSession, part: str, **body: Any) -> dict[str, Any]:
        one = await self.delivery()
        return await send(who, "PUT", f"{DELIVERIES}/{one['number']}/{part}", one["revision"], **body)

    async def measures(self, *values: float) -> None:
        """One a minute; the time goes on."""
        for value in values:
            self.controller.clock.let_pass(60)
            await self._measured(value)

    async def _measured(self, value: float) -> None:
        at_us = self.controller.clock.now_us() - 1_000_000
        self.desk.clock.at_us = at_us + 1_000_000
        mono_us = at_us - self.boot_us
        one = Reading("ambient_temp", Instant(mono_us * 1000), Decimal(str(value)), None, Quality.GOOD)
        await self.desk.take(self.sender.block(one, mono_us=mono_us))

    def alarms(self, alarm: str, value: float, *, active: bool = True) -> None:
        now = self.controller.clock.now_us()
        detail: dict[str, str | int] = {"alarm": 7, "value": str(value), "limit": "8"}
        self.controller.hub.alerts(
            [AlertNow("ward-a", "t-1", alarm, Place(b"boot", now, now), 1, active, detail, None)]
        )


async def _ready(pia: aiohttp.ClientSession, paul: aiohttp.ClientSession, number: str) -> None:
    """As two pharmacists do it."""
    here = "/api/pharmacy"
    await send(pia, "PUT", f"{here}/products/{GTIN}", 0, formulary=GIVEN_OF)
    [item] = (await get(pia, f"{here}/queue"))["queue"]
    assert item["prescription"]["number"] == number
    path = f"{here}/tasks/{item['task']['id']}"
    task = await send(pia, "PUT", f"{path}/state", 1, state="accepted")
    made = await send(pia, "POST", f"{path}/dispenses", task["revision"], value="20")
    path = f"{here}/dispenses/{made['number']}"
    made = await send(pia, "POST", f"{path}/packs", made["revision"], code=code(), value="20")
    made = await send(paul, "PUT", f"{path}/checked", made["revision"])
    await send(pia, "PUT", f"{path}/completed", made["revision"], destination="ward-a")


async def _box(controller: RunningController, pia: aiohttp.ClientSession) -> None:
    registry = controller.registry
    await registry.add_ward("pharmacy", "Pharmacy")
    await registry.add_bed(BOX, "pharmacy", "Cooled box 1")
    await controller.store.write(lambda db: db.execute("UPDATE gateway SET provisioned = 1"))
    await registry.add_gateway("ward-a", "Gateway of ward A")
    row = "t-1", "ward-a", "bthome-sensor", '["ambient_temp"]', 0
    await controller.store.write(lambda db: db.execute("INSERT INTO device VALUES (?, ?, ?, ?, ?)", row))
    await registry.load()
    await registry.assign("t-1", BOX, "test")
    await send(pia, "PUT", f"/api/pharmacy/boxes/{BOX}", in_use=True)


@asynccontextmanager
async def cold_site(folder: Path, delivery: str = "ward") -> AsyncIterator[ColdSite]:
    """Nothing is packed yet."""
    open_authority(folder / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        people = {"pia": Role.PHARMACIST, "paul": Role.PHARMACIST}
        controller = await stack.enter_async_context(running(folder, **people))
        home = await at_home(controller, stack)
        paul = await stack.enter_async_context(client(controller, "paul"))
        [insulin] = [
            one
            for one in (await get(home.anna.session, "/api/medicines", text="aspart"))["medicines"]
            if one["medicine"]["code"]["code"] == GIVEN_OF
        ]
        rx = await home.anna.signed("4713", delivery, medicine=insulin["medicine"], setting="community")
        await _ready(home.pia, paul, rx["number"])
        await _box(controller, home.pia)
        desk = Desk(controller.store)
        await desk.load()
        boot_us = controller.clock.now_us() - 3_600_000_000
        yield ColdSite(home, paul, rx, desk, Sender(device="t-1", bed=BOX), boot_us)
