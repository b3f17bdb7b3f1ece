"""A delivery that is ready on a ward's behalf, and a robot that can carry it.

async with on_ward(tmp_path) as ward:
    await ward.sent()
    async with ward.vehicles.living():
        await ward.loaded()
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from controller.api.pharmacy_schemas import DeliveryList
from controller.api.robots_context import ROBOTS
from controller.errors import Conflict, NotFound
from controller.identity.files import open_authority
from controller.robots.people import at_stop
from controller.sections import RobotsSection
from controller.security.permissions import Role
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import get
from tests.support.prescribed import handed_out, send
from tests.support.robots_here import RobotsHere
from tests.support.waiting import DEADLINE_S

DELIVERIES, TRANSPORTS = "/api/deliveries", "/api/robots/transports"
WAY = {"pick": "pharmacy", "drop": "ward-a"}
TRANSPORT = f"{TRANSPORTS}/TR00000001"


@dataclass
class Ward:
    """A prescription of ward-a whose delivery is ready, and a robot that waits for people's hands."""

    home: Home
    rx: dict[str, Any]
    vehicles: RobotsHere

    @property
    def controller(self) -> RunningController:
        return self.home.controller

    async def delivery(self) -> dict[str, Any]:
        shown = DeliveryList.model_validate(await get(self.home.pia, DELIVERIES)).model_dump(mode="json")
        return shown["deliveries"][0]

    async def of_rx(self) -> dict[str, Any]:
        """Also when it has ended."""
        return (await get(self.home.pia, f"/api/prescriptions/{self.rx['number']}"))["deliveries"][0]

    async def sent(self) -> dict[str, Any]:
        one = await self.delivery()
        return await send(self.home.pia, "PUT", f"{DELIVERIES}/{one['number']}/robot", one["revision"], **WAY)

    async def stands(self) -> None:
        """Until the robot is where it is to be loaded or unloaded."""
        await until(self._is_there)

    async def _is_there(self) -> bool:
        try:
            return bool(at_stop(self.controller.app[ROBOTS].master, "TR00000001"))
        except (Conflict, NotFound):
            return False

    async def loaded(self) -> None:
        """Into drawer 2."""
        await self.stands()
        await send(self.home.pia, "PUT", f"{TRANSPORT}/drawer", drawer=2, password=PASSWORD)
        await send(self.home.pia, "PUT", f"{TRANSPORT}/loaded")
        await until(lambda: self.is_at("aboard"))

    async def is_open(self) -> bool:
        """Whether the drawer that was asked for last is, as far as is known."""
        return await self.drawer() == "open"

    async def drawer(self) -> str:
        rows = await self.controller.store.read("SELECT state FROM robot_drawer ORDER BY at_ms DESC LIMIT 1")
        return rows[0]["state"]

    async def refused(self, drawer: int, person: str) -> str:
        """Why a person's wish to open a drawer on the ward is refused."""
        body = {"drawer": drawer, "person": person, "password": PASSWORD}
        async with self.home.nina.put(f"{TRANSPORT}/drawer", json=body) as response:
            assert response.status == 409
            return await response.text()

    async def has_eta(self) -> bool:
        eta = (await self.delivery())["ride"]["eta"]
        return eta is not None and eta["low_ms"] <= eta["high_ms"] and eta["age_ms"] >= 0

    async def is_at(self, stage: str) -> bool:
        rows = await self.controller.store.read("SELECT stage FROM rx_ride")
        return rows[0]["stage"] == stage


async def until(what: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not await what():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@asynccontextmanager
async def on_ward(folder: Path, *, robots: bool = True) -> AsyncIterator[Ward]:
    """Patient 4713's medicines are ready at the pharmacy."""
    text = files("controller.robots").joinpath("demo.toml").read_text("utf-8")
    (folder / "map.toml").write_text(text, encoding="utf-8")
    open_authority(folder / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(folder, pia=Role.PHARMACIST))
        controller.robots = RobotsSection(map=folder / "map.toml") if robots else None
        home = await at_home(controller, stack)
        rx = await home.anna.signed("4713", setting="community", delivery="ward", priority="stat")
        await handed_out(home.pia, rx["number"])
        yield Ward(home, rx, RobotsHere(controller, {"robot-1": "park-1"}))
