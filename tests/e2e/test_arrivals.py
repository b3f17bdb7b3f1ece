"""The demo's ambulance end to end: real gateway of its own, real broker, arrivals board, a city's adapter."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from controller.arrivals.position import DRIVING_OFF_MPS, FRESH_S
from controller.clock import SystemClock
from controller.config import load
from controller.identity.certificates import By
from controller.identity.provisioning import GatewayClass, Record
from controller.ledger import ledger_table
from controller.store import Store
from gateway.clock import SystemClock as BoxClock
from gateway.enrolment.enrol import enrol
from gateway.enrolment.identity import IdentityFolder
from hil import prepare
from hil.ambulance.ride import begin_ride
from hil.board import Board
from hil.demo_ambulance import ambulance, told_by_value
from hil.endcheck import compared
from hil.errors import NotReady
from hil.sims.emitted import boot_id
from hil.stack import Stack
from hil.ward import NURSE, Folder, Ward

pytestmark = [pytest.mark.xdist_group("demo")]

TO_AND_FRO_UNDER_A_BRIDGE = 2
"""The seed of that route (hil/sims/routes)."""


@pytest.fixture
async def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stack]:
    """The demo's processes, with an empty ward; the city is asked for green lights without a siren, too."""
    monkeypatch.setattr(prepare, "_CONTROLLER", prepare._CONTROLLER + 'priority = "always"\n')
    vehicle = ambulance(TO_AND_FRO_UNDER_A_BRIDGE)
    async with Stack(Folder(tmp_path), ward=Ward((), ()), ambulance=vehicle, port=0, tell=print) as running:
        yield running


async def arrival(board: Board, state: str) -> dict[str, Any]:
    """The one that arrives, once its position is `state`."""
    async with asyncio.timeout(60):
        while True:
            with suppress(NotReady):
                for one in (await board.get("/api/arrivals"))["arrivals"]:
                    if one["position"] and one["position"]["state"] == state:
                        return one
            await asyncio.sleep(0.2)


async def adapter(stack: Stack, folder: Path) -> aiomqtt.Client:
    """A client of the broker that was let in as the city's adapter, by a claim."""
    config, clock = load(stack.controller_config), SystemClock()
    store = await Store.open(config.database)
    try:
        record = Record("city", "Traffic lights", "", "ambulances", GatewayClass.SIMULATED)
        claim = await prepare.provisioning(store, config, clock).provision(record, By("test"))
    finally:
        await store.close()
    identity = IdentityFolder(folder)
    await enrol(identity, claim, None, BoxClock())
    addresses = stack.addresses()
    assert addresses
    port = int(addresses.mqtt.rpartition(":")[2])
    return aiomqtt.Client("127.0.0.1", port, tls_context=identity.context(), identifier="adapter")


async def answered(client: aiomqtt.Client) -> str:
    """Grant the first request that comes. Gives the vehicle's topic."""
    async with asyncio.timeout(60):
        async for message in client.messages:
            asked = json.loads(bytes(message.payload))  # pyright: ignore[reportArgumentType]
            [package] = asked["requests"]
            request = package["request"]
            if request["requestType"] == "priorityCancellation":
                continue
            requester = {"id": asked["requestor"]["id"], "request": request["requestID"]}
            told = {"requester": requester, "inboundOn": request["inBoundLane"], "status": "granted"}
            status = {"status": [{"id": request["id"], "sigStatus": [told]}]}
            topic = str(message.topic).replace("/srm/", "/ssm/")
            await client.publish(topic, json.dumps(status).encode(), qos=1)
            return topic
    raise AssertionError("no request came")


async def granted(board: Board) -> dict[str, Any]:
    """The traffic lights that the board shows as granted."""
    async with asyncio.timeout(20):
        while True:
            for one in (await board.get("/api/arrivals"))["arrivals"]:
                for lights in one["corridor"]:
                    if lights["status"] == "granted":
                        return lights
            await asyncio.sleep(0.2)


async def test_the_ambulance_goes_into_a_tunnel_and_out_and_gets_its_green_lights_and_nothing_is_lost(
    stack: Stack, tmp_path: Path
) -> None:
    addresses = stack.addresses()
    assert addresses
    async with Board(addresses.http, NURSE, stack.password) as board:
        await begin_ride(stack.crew_page, stack.pin)
        driving = await arrival(board, "fixed")
        assert driving["position"]["latitude"] == pytest.approx(54.5054, abs=0.001)
        assert driving["eta"]["distance_m"] == pytest.approx(1_750, abs=200)
        async with await adapter(stack, tmp_path / "adapter") as client:
            await client.subscribe("wl/1/city/srm/+")
            assert await answered(client) == "wl/1/city/ssm/amb-1"
            assert (await granted(board))["name"] == "Mill Street / Station Road"
        tunnel = await arrival(board, "reckoned")
        assert tunnel["position"]["radius_m"] > FRESH_S * DRIVING_OFF_MPS
        again = await arrival(board, "fixed")
        assert again["position"]["at_ms"] > tunnel["position"]["at_ms"]
    await stack.stop_devices()
    await asyncio.sleep(2)
    await proven(stack)


async def proven(stack: Stack) -> None:
    """Nothing is missing or twice: neither in the ledger nor value by value."""
    database = stack.folder.controller / "wardlink.sqlite"
    store = await Store.open(database)
    try:
        rows = await ledger_table(store)
    finally:
        await store.close()
    assert "amb-1" in {row.gateway for row in rows if row.committed}
    assert [row for row in rows if row.missing or row.duplicated or row.quarantined] == []
    found = compared(stack.folder.root / "emitted", database, boot_id(), 0)
    checks = told_by_value(stack.devices, found)
    assert {"gnss-a", "ox-a", "oxygen-a"} <= {one.device for one in checks if one.stored}
    assert [one for one in checks if not one.is_clean] == []
