"""A delivery goes to its ward by robot: who had it is known whatever ends; what is withdrawn comes back."""

import asyncio
from pathlib import Path

import pytest

from controller.api.deliveries_riding import Rides
from controller.robots.drawers import LONGEST_MS
from tests.support.controller import PASSWORD
from tests.support.http import get, refusal
from tests.support.prescribed import send
from tests.support.riding import DELIVERIES, TRANSPORT, TRANSPORTS, WAY, Ward, on_ward, until


async def _never(_: Rides) -> None:
    await asyncio.Event().wait()


async def test_what_the_nurse_took_is_received_by_her_though_the_controller_ended_before_it_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_ward(tmp_path) as ward:
        made = await ward.sent()
        assert (made["ride"]["stage"], made["ride"]["transport"]) == ("sent", "TR00000001")
        [row] = await ward.controller.store.read("SELECT load, priority, subject FROM robot_transport")
        assert tuple(row) == ("medicines", 4, made["number"])
        async with ward.vehicles.living():
            ward.vehicles.robots["robot-1"].base.hands = False
            await ward.loaded()
            last = (await ward.delivery())["custody"][-1]
            assert (last["holder"], last["drawer"], last["by"]) == ("robot:robot-1", "2", "pia")
            await until(ward.has_eta)
            monkeypatch.setattr(Rides, "look", _never)
            await ward.stands()
            assert "is in drawer 2" in await ward.refused(1, "nina")
            assert "another person" in await ward.refused(2, "other")
            await send(ward.home.nina, "PUT", f"{TRANSPORT}/drawer", drawer=2, password=PASSWORD)
            await until(ward.is_open)
        assert await ward.is_at("aboard"), "nothing follows yet from what is kept of the drawer"
        await ward.controller.stop()
        monkeypatch.undo()
        await ward.controller.start()
        await until(lambda: ward.is_at("received"))
        one = await ward.of_rx()
        last = one["custody"][-1]
        assert one["state"] == "completed"
        assert (last["holder"], last["spot"], last["verified"]) == ("nina", "ward-a", "login")
        assert [link["holder"] for link in one["custody"]] == ["pia", "robot:robot-1", "nina"]


async def test_what_nobody_could_take_is_not_received_and_the_nurse_is_told_what_to_do(
    tmp_path: Path,
) -> None:
    async with on_ward(tmp_path) as ward:
        await ward.sent()
        async with ward.vehicles.living():
            ward.vehicles.robots["robot-1"].base.hands = False
            await ward.loaded()
            await ward.stands()
            ward.vehicles.silent.add("robot-1")
            told = await send(ward.home.nina, "PUT", f"{TRANSPORT}/drawer", drawer=2, password=PASSWORD)
            assert told["transport"]["drawer"]["state"] == "asked"
            ward.controller.clock.let_pass(LONGEST_MS / 1000 + 1)
            await until(lambda: is_drawer(ward, "shut"))
            assert await ward.is_at("aboard")
            assert (await ward.delivery())["custody"][-1]["holder"] == "robot:robot-1"
            whys = [one["why"] for one in (await get(ward.home.nina, "/api/robots"))["questions"]]
            assert any("has not said that drawer 2 is open" in why for why in whys)
            await send(ward.home.nina, "PUT", f"{TRANSPORT}/taken", taken=True)
            await until(lambda: ward.is_at("over"))
        last = (await ward.of_rx())["custody"][-1]
        assert (last["holder"], last["verified"]) == ("nina", "login")


async def test_what_is_withdrawn_on_its_way_goes_back_to_the_pharmacy_which_is_told(tmp_path: Path) -> None:
    async with on_ward(tmp_path) as ward:
        await ward.sent()
        async with ward.vehicles.living():
            ward.vehicles.robots["robot-1"].base.hands = False
            await ward.loaded()
            rx = (await get(ward.home.pia, f"/api/prescriptions/{ward.rx['number']}"))["prescription"]
            await ward.home.anna.step(rx, "stopped")
            await until(lambda: is_stage(ward, "returning"))
            await ward.stands()
            await send(ward.home.pia, "PUT", f"{TRANSPORT}/drawer", drawer=2, password=PASSWORD)
            await send(ward.home.pia, "PUT", f"{TRANSPORT}/taken", taken=True)
            await until(lambda: ward.is_at("over"))
        one = await ward.delivery()
        assert one["coming_back"]
        assert (one["custody"][-1]["holder"], one["custody"][-1]["spot"]) == ("pia", "pharmacy")
        assert one["ride"]["why"]
        [notice] = (await get(ward.home.pia, "/api/prescriptions/notices"))["notices"]
        assert (notice["kind"], one["number"] in notice["detail"]) == ("by-hand", True)
        trail = await ward.controller.store.read(
            "SELECT entry ->> 'why' AS why FROM audit WHERE entry ->> 'action' = 'transport-cancelled'"
        )
        assert [row["why"] for row in trail] == [f"{one['number']} was withdrawn"]


async def test_a_transport_that_is_cancelled_leaves_the_delivery_to_be_carried_by_hand_or_sent_anew(
    tmp_path: Path,
) -> None:
    async with on_ward(tmp_path) as ward:
        one = await ward.sent()
        path = f"{DELIVERIES}/{one['number']}/robot"
        match = {"If-Match": f'"{one["revision"]}"'}
        assert (await refusal(ward.home.pia, "PUT", path, json=WAY, headers=match))[0] == 409, "it was sent"
        assert len((await get(ward.home.pia, TRANSPORTS))["transports"]) == 1
        old = {"If-Match": '"1"'}
        assert (await refusal(ward.home.pia, "PUT", path, json=WAY, headers=old))[0] == 412
        await send(ward.home.pia, "PUT", f"{TRANSPORT}/cancelled", why="brought by hand")
        await until(lambda: ward.is_at("over"))
        one = await ward.delivery()
        assert (one["state"], one["custody"][-1]["holder"]) == ("in-progress", "pia")
        assert one["ride"]["state"] == "cancelled"
        assert (await ward.sent())["ride"]["transport"] == "TR00000002"


async def test_without_robots_nothing_is_sent_by_them(tmp_path: Path) -> None:
    async with on_ward(tmp_path, robots=False) as ward:
        one = await ward.delivery()
        match = {"If-Match": f'"{one["revision"]}"'}
        path = f"{DELIVERIES}/{one['number']}/robot"
        async with ward.home.pia.put(path, json=WAY, headers=match) as response:
            assert response.status == 404
            assert "no robots here" in await response.text()
        assert one["ride"] is None


async def is_drawer(ward: Ward, state: str) -> bool:
    return await ward.drawer() == state


async def is_stage(ward: Ward, stage: str) -> bool:
    rows = await ward.controller.store.read("SELECT state FROM robot_transport")
    return rows[0]["state"] == stage
