"""From an engineer's order to the gateway as it runs, and its answer back into the ledger."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from controller.clock import SystemClock
from controller.identity.certificates import By
from controller.orders.desk import OrderDesk
from controller.store import Store
from tests.integration.controller.conftest import Site
from tests.integration.gateway.rig import GatewayProcess, Ox, write_config
from tests.support.waiting import DEADLINE_S

BY = By("anna")


@asynccontextmanager
async def ordering(site: Site) -> AsyncIterator[OrderDesk]:
    """The desk as the command line has it: beside the controller, in its database."""
    store = await Store.open(site.config.database)
    try:
        yield OrderDesk(store, SystemClock())
    finally:
        await store.close()


def gateway(site: Site, folder: Path, port: str) -> GatewayProcess:
    """The gateway ward-a of the running controller; not started yet."""
    folder.mkdir()
    identity = site.folder / "identities" / "ward-a"
    return GatewayProcess(write_config(folder, site.addresses()["mqtt"], port, identity=identity))


async def states(desk: OrderDesk) -> list[str]:
    """Of all orders."""
    return [one.state for one in (*await desk.configurations(), *await desk.commands())]


async def become(desk: OrderDesk, *wanted: str) -> None:
    """Wait until the orders are in these states."""
    found = list[str]()
    async with asyncio.timeout(DEADLINE_S):
        while found != list(wanted):
            await asyncio.sleep(0.05)
            found = await states(desk)


async def test_orders_to_a_gateway_that_is_away_are_obeyed_when_it_comes_and_answered_in_the_ledger(
    site: Site, tmp_path: Path
) -> None:
    async with site.running(), ordering(site) as desk:
        for level in ("debug", "warning"):
            await desk.configure("ward-a", {"log-level": level}, BY)
        await desk.command("ward-a", "identify", {}, BY)
        await desk.command("ward-a", "rebirth", {}, BY)
        with Ox() as ox, gateway(site, tmp_path / "box", ox.port):
            await become(desk, "applied", "done", "done")
    log = (tmp_path / "box" / "gateway.log").read_text(encoding="utf-8")
    assert log.count("anna asks which box is ward-a") == 1
    assert await site.rows("SELECT count(*) FROM device_event WHERE kind = 'configuration'") == [(1,)]


async def test_a_controller_that_starts_again_still_has_what_it_asked_for(site: Site, tmp_path: Path) -> None:
    async with site.running(), ordering(site) as desk:
        await desk.configure("ward-a", {"dscp-wave": 8}, BY)
        await desk.command("ward-a", "identify", {}, BY)
    async with site.running(), ordering(site) as desk:
        assert await states(desk) == ["sent", "sent"]
        with Ox() as ox, gateway(site, tmp_path / "box", ox.port):
            await become(desk, "applied", "done")
