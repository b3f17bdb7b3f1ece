"""An engineer's order by the API, a running controller, the gateway as it runs, and its answer."""

import asyncio
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from tests.integration.controller.conftest import Site
from tests.integration.controller.test_letting_in_by_web import engineer
from tests.integration.controller.test_orders import gateway
from tests.integration.gateway.rig import Ox
from tests.support.waiting import DEADLINE_S

PATH = "/api/provisioning/ward-a"


async def told(session: ClientSession) -> dict[str, Any]:
    async with session.get(f"{PATH}/orders") as response:
        assert response.status == 200
        return await response.json()


async def answered(session: ClientSession) -> dict[str, Any]:
    """The orders when the gateway has said something of each."""
    after = await told(session)
    async with asyncio.timeout(DEADLINE_S):
        while "sent" in (after["newest"]["state"], after["commands"][0]["state"]):
            await asyncio.sleep(0.05)
            after = await told(session)
    return after


async def test_orders_by_the_api_are_obeyed_by_the_gateway_and_its_answers_are_told(
    site: Site, tmp_path: Path
) -> None:
    async with site.running(), await engineer(site) as session:
        settings, replacing = {"settings": {"log-level": "debug"}}, {"If-Match": '"0"'}
        async with session.put(f"{PATH}/configuration", json=settings, headers=replacing) as response:
            revision = (await response.json())["revision"]
        for _ in range(3):  # the same key: it is done once
            once = {"Idempotency-Key": "k"}
            async with session.post(f"{PATH}/commands", json={"name": "identify"}, headers=once) as response:
                assert response.status == 200
        before = await told(session)
        assert (before["state"], before["newest"]["state"], before["in_force"]) == ("offline", "sent", None)
        with Ox() as ox, gateway(site, tmp_path / "box", ox.port):
            after = await answered(session)
    assert (after["state"], after["newest"]["state"]) == ("online", "applied")
    assert [one["state"] for one in after["commands"]] == ["done"]
    assert after["in_force"]["revision"] == revision
    assert after["in_force"]["settings"] == {"log-level": "debug"}
    log = (tmp_path / "box" / "gateway.log").read_text(encoding="utf-8")
    assert log.count("engineer asks which box is ward-a") == 1
