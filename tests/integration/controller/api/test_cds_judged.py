"""What a physician says of a card: it holds for what was written then, and the card's service is told."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from controller.api.cds_context import CDS
from controller.cds.section import CdsSection
from controller.security.permissions import Role
from controller.stays import Patient
from tests.support.cds import odd
from tests.support.controller import RunningController, eventually, running
from tests.support.http import client
from tests.support.prescribed import RX, WANTED

CARD: dict[str, Any] = {
    "uuid": "11111111-1111-4111-8111-111111111111",
    "summary": "More than the maximum",
    "indicator": "critical",
    "source": {"label": "Odd"},
}
_LOOK = """INSERT INTO cds_look (hook, instance, identifier, prescription, revision, answers, by, asked_ms,
  done_ms) SELECT 'order-sign', 'i', '4711', id, 1, '[]', 'anna', :at, :at FROM prescription
  WHERE number = :rx"""
SAYS_SO = json.dumps({"cards": [CARD]}).encode()


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    async with running(tmp_path, anna=Role.PHYSICIAN) as started:
        await started.add_bed("bed-1", "Bed 1")
        await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "anna")
        yield started


async def ask(
    session: aiohttp.ClientSession, method: str, path: str, revision: int | None = None, **body: Any
) -> Any:
    headers = {} if revision is None else {"If-Match": f'"{revision}"'}
    async with session.request(method, path, json=body or None, headers=headers) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def look_at(session: aiohttp.ClientSession, rx: dict[str, Any]) -> dict[str, Any]:
    return (await ask(session, "POST", f"{RX}/{rx['number']}/cds", rx["revision"]))["look"]


async def gone_over(session: aiohttp.ClientSession, look: dict[str, Any]) -> None:
    [key] = look["unacknowledged"]
    path = f"/api/cds/looks/{look['id']}/cards/{key}"
    await ask(session, "PUT", path, outcome="overridden", comment="one tablet is bearable")


async def test_a_word_on_a_critical_card_does_not_hold_for_a_draft_that_was_changed(
    controller: RunningController,
) -> None:
    async with odd(body=SAYS_SO) as service:
        await controller.stop()
        controller.cds = CdsSection(services=(service.section(),))
        await controller.start()
        async with client(controller, "anna") as anna:
            rx = await ask(anna, "POST", RX, patient="4711", wanted=WANTED)
            look = await look_at(anna, rx)
            await gone_over(anna, look)
            assert (await look_at(anna, rx))["unacknowledged"] == [], "the same draft, asked about again"
            more = {**WANTED, "dose": {"value": "10", "unit": "{tablet}"}}
            changed = await ask(anna, "PUT", f"{RX}/{rx['number']}/draft", 1, wanted=more)
            again = await look_at(anna, changed)
            assert (again["unacknowledged"], again["outcomes"]) == (look["unacknowledged"], [])
            over: dict[str, Any] = {"json": {"signature": "a.b.c"}, "headers": {"If-Match": '"2"'}}
            async with anna.put(f"{RX}/{rx['number']}/signature", **over) as response:
                assert (response.status, CARD["summary"] in await response.text()) == (409, True)


async def test_what_services_said_long_ago_does_not_do_for_a_signature(controller: RunningController) -> None:
    async with odd() as service:
        await controller.stop()
        controller.cds = CdsSection(services=(service.section(),))
        await controller.start()
        async with client(controller, "anna") as anna:
            rx = await ask(anna, "POST", RX, patient="4711", wanted=WANTED)
            told = {"rx": rx["number"], "at": controller.clock.now_us() // 1000 - 3_700_000}
            await controller.store.write(lambda db: db.execute(_LOOK, told))
            path = f"{RX}/{rx['number']}/signature"
            over: dict[str, Any] = {"json": {"signature": "a.b.c"}, "headers": {"If-Match": '"1"'}}
            async with anna.put(path, **over) as response:
                assert (response.status, "an hour ago" in await response.text()) == (409, True)
            await look_at(anna, rx)
            async with anna.put(path, **over) as response:
                assert "hour" not in await response.text()


async def test_feedback_that_a_service_cannot_take_now_is_told_again(controller: RunningController) -> None:
    async with odd(body=SAYS_SO, refuses=2) as service:
        await controller.stop()
        controller.cds = CdsSection(services=(service.section(),))
        await controller.start()
        async with client(controller, "anna") as anna:
            rx = await ask(anna, "POST", RX, patient="4711", wanted=WANTED)
            await gone_over(anna, await look_at(anna, rx))
            await eventually(lambda: len(service.told) == 1)
            for _ in range(2):
                await controller.app[CDS].teller.tell()
            assert (await look_at(anna, rx))["outcomes"][0]["told"] == "told"
    assert len(service.told) == 3
    assert service.told[0] == service.told[2]
