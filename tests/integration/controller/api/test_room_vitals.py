"""The vital signs of the patient in a visit's room: who is told them, of whom, and until when."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from controller.api.visits_schemas import VisitAnswer
from controller.audit.search import CLOSED, WATCHING
from controller.identity.files import open_authority
from controller.live import AlertNow
from controller.registry import Patient
from controller.security.permissions import Role
from tests.support.controller import quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import refusal, status
from tests.support.prescribed import send
from tests.support.visits import (
    OWN_ROOM,
    VISITS,
    Sitting,
    agreed,
    booked,
    entered,
    find,
    link,
    over,
    room_of,
    sit,
)

CARLA, DORA = Patient("4713", "Bach, Carla"), Patient("4714", "Cramer, Dora")
THEIRS = ("4714", "Dora", "ox-2", "ox-3", "gw-b", "bed-2")
"""What is of another patient, or of none."""


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """Carla lies on bed 1 and Dora on bed 2, an oximeter each; another one is on no bed."""
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        made = await at_home(controller, stack)
        await controller.add_device("ox-1")
        await controller.registry.assign("ox-1", "bed-1", "test")
        await controller.add_bed("bed-2", "Bed 2", ["ox-2"])
        await controller.add_device("ox-3")
        await controller.registry.add_gateway("gw-b", "Gateway B")
        await controller.registry.admit("bed-1", CARLA, "test")
        await controller.registry.admit("bed-2", DORA, "test")
        controller.hub.device("ox-1", {"connected": True, "identity": {"serial": "SN-77"}})
        yield made


async def both(home: Home) -> tuple[VisitAnswer, Sitting, Sitting]:
    """The nurse, and the patient who came in by a link and agreed."""
    visit = await booked(home, way="bedside", start_ms=None)
    phone = await agreed(await entered(home, await link(home, visit)))
    return visit, await sit(home.nina, room_of(visit)), await sit(phone, OWN_ROOM)


async def until(told: AsyncIterator[tuple[str, Any]], wanted: str) -> tuple[Any, str]:
    """The next event of that kind, and all that was told up to it, as text."""
    text = b""
    async with asyncio.timeout(20):
        async for kind, data in told:
            text += orjson.dumps(data)
            if kind == wanted:
                return data, text.decode()
    raise AssertionError(f"the stream ended without {wanted}")


def alarm(home: Home, device: str, *, active: bool = True) -> None:
    detail = {"alarm": 1, "value": 85, "limit": 90, "seen": 1, "by": "kim"}
    now = home.controller.place()
    home.controller.hub.alerts([AlertNow("gw-a", device, "spo2-low", now, 3, active, detail, None)])


async def test_staff_and_the_patient_are_told_the_patients_numbers_waves_and_alarms(home: Home) -> None:
    _, nurse, phone = await both(home)
    for seat in (nurse, phone):
        home.controller.say("ox-1", spo2=97, pr_spo2=72)
        async with seat.vitals() as told:
            whole, _ = await until(told, "snapshot")
            assert [one["value"] for one in whole["values"]] == [97, 72]
            assert whole["metrics"]["spo2"]["stale_after_s"] > 0
            home.controller.say("ox-1", spo2=91, pr_spo2=70)
            told_values, _ = await until(told, "values")
            home.controller.wave("ox-1", b"\1\0" * 15)
            told_wave, _ = await until(told, "wave")
            alarm(home, "ox-1")
            told_alarm, _ = await until(told, "alert")
            alarm(home, "ox-1", active=False)
        assert {one["metric"]: one["value"] for one in told_values["items"]} == {"spo2": 91, "pr_spo2": 70}
        assert all(one["at_ms"] <= told_values["server_ms"] for one in told_values["items"])
        assert [one["metric"] for one in told_wave["items"]] == ["pleth"]
        [one] = told_alarm["items"]
        assert (one["code"], one["priority"], one["detail"]["seen"]) == ("spo2-low", "high", 1)


async def test_nothing_of_anybody_else_is_ever_told_to_a_room(home: Home) -> None:
    _, nurse, phone = await both(home)
    home.controller.say("ox-2", spo2=81)
    home.controller.say("ox-3", spo2=82)
    alarm(home, "ox-2")
    for seat in (nurse, phone):
        async with seat.vitals() as told:
            _, text = await until(told, "snapshot")
            home.controller.hub.gateway("gw-b", {"state": "online"})
            home.controller.hub.device("ox-2", {"connected": False})
            home.controller.hub.device("ox-3", {"connected": False, "rssi": -60})
            for device in ("ox-2", "ox-3"):
                home.controller.say(device, spo2=83)
                home.controller.wave(device, b"\1\0" * 15)
            alarm(home, "ox-3")
            home.controller.hub.crew(["bed-1", "bed-2"])
            await home.controller.registry.assign("ox-3", "bed-2", "test")
            text += (await until(told, "registry"))[1]
            home.controller.say("ox-1", spo2=96)
            text += (await until(told, "values"))[1]
        assert [word for word in THEIRS if word in text] == []
        await home.controller.registry.assign("ox-3", None, "test")


async def test_neither_serial_numbers_nor_names_of_staff_are_told(home: Home) -> None:
    """Who came in by a link is told what is of the patient."""
    _, _, phone = await both(home)
    alarm(home, "ox-1")
    async with phone.vitals() as told:
        whole, text = await until(told, "snapshot")
    assert [one["code"] for one in whole["alerts"]] == ["spo2-low"]
    assert "kim" not in text and "SN-77" not in text and "Ward A" not in text


async def test_an_old_value_is_told_with_its_time_and_the_state_of_its_gateway(home: Home) -> None:
    _, _, phone = await both(home)
    home.controller.say("ox-1", age_s=300, spo2=97)
    async with phone.vitals() as told:
        whole, _ = await until(told, "snapshot")
        [value] = whole["values"]
        age_s = (whole["server_ms"] - value["at_ms"]) / 1000
        assert age_s >= 300 > whole["metrics"]["spo2"]["stale_after_s"]
        home.controller.hub.gateway("gw-a", {"state": "offline"})
        news, _ = await until(told, "gateway")
        assert [(one["id"], one["state"]) for one in news["items"]] == [("gw-a", "offline")]


async def test_a_guest_is_told_no_vital_signs(home: Home) -> None:
    visit, *_ = await both(home)
    guest = await entered(home, await link(home, visit, guest="guest", name="Wang"))
    seat = await sit(guest, OWN_ROOM)
    assert await refusal(guest, "GET", f"{OWN_ROOM}/vitals", params={"seat": seat.answer.seat}) == (
        403,
        "not-allowed",
    )


async def test_without_a_seat_of_ones_own_or_the_patients_consent_there_are_none(home: Home) -> None:
    visit = await booked(home, way="bedside", start_ms=None)
    nurse = await sit(home.nina, room_of(visit))
    seat, path = {"seat": nurse.answer.seat}, f"{room_of(visit)}/vitals"
    assert await refusal(home.nina, "GET", path, params=seat) == (409, "conflict")
    consents = f"{VISITS}/{visit.visit.number}/consents"
    await send(home.nina, "POST", consents, scope="video", said="permit")
    assert await refusal(home.nina, "GET", path) == (400, "bad-request")
    assert await refusal(home.anna.session, "GET", path, params=seat) == (412, "outdated")
    async with nurse.vitals() as told:
        assert (await anext(told))[0] == "snapshot"


async def withdrawn(home: Home, visit: VisitAnswer, _nurse: Sitting, _phone: Sitting) -> None:
    path = f"{VISITS}/{visit.visit.number}/consents"
    await send(home.nina, "POST", path, scope="video", said="withdrawn")


async def ended(home: Home, visit: VisitAnswer, _nurse: Sitting, _phone: Sitting) -> None:
    path = f"{VISITS}/{visit.visit.number}/state"
    now = await find(home, visit)
    assert await status(home.nina, "PUT", path, json={"state": "fulfilled"}, headers=over(now)) == 200


async def left(_home: Home, _visit: VisitAnswer, nurse: Sitting, phone: Sitting) -> None:
    for seat in (nurse, phone):
        await seat.session.post(f"{seat.base}/left", json={"seat": seat.answer.seat})


async def logged_out(home: Home, _visit: VisitAnswer, _nurse: Sitting, phone: Sitting) -> None:
    await home.nina.post("/api/logout")
    await phone.session.delete("/api/visit/session")


Act = Callable[[Home, VisitAnswer, Sitting, Sitting], Awaitable[None]]


@pytest.mark.parametrize("act", [withdrawn, ended, left, logged_out])
async def test_with_the_right_to_them_the_stream_ends_at_once_and_says_so(home: Home, act: Act) -> None:
    visit, nurse, phone = await both(home)
    async with nurse.vitals() as staff, phone.vitals() as patient:
        for told in (staff, patient):
            await until(told, "snapshot")
        await act(home, visit, nurse, phone)
        home.controller.say("ox-1", spo2=88)
        for told in (staff, patient):
            _, text = await until(told, "over")
            assert '"value":88' not in text
            assert [kind async for kind, _ in told] == []


async def test_a_new_link_ends_what_the_one_before_shows(home: Home) -> None:
    visit, _, phone = await both(home)
    async with phone.vitals() as told:
        await until(told, "snapshot")
        await link(home, visit)
        await until(told, "over")


async def test_where_a_patient_is_moved_the_stream_follows_and_who_comes_after_is_nobodys_there(
    home: Home,
) -> None:
    _, nurse, phone = await both(home)
    registry = home.controller.registry
    await home.controller.add_bed("bed-9", "Bed 9", ["ox-9"])
    home.controller.say("ox-1", spo2=97)
    for seat, (place, oximeter) in ((nurse, ("bed-9", "ox-9")), (phone, ("bed-1", "ox-1"))):
        async with seat.vitals() as told:
            whole, _ = await until(told, "snapshot")
            [old] = [one["id"] for one in whole["beds"]]
            await registry.discharge(old, "test")
            gone, _ = await until(told, "registry")
            assert (gone["beds"], gone["devices"], gone["values"]) == ([], [], [])
            await registry.admit(old, Patient("P5", "Five"), "test")
            await registry.admit(place, CARLA, "test")
            home.controller.say("ox-1" if old == "bed-1" else "ox-9", spo2=55)
            home.controller.say(oximeter, spo2=98)
            news, text = await until(told, "values")
            assert [(one["bed"], one["value"]) for one in news["items"]] == [(place, 98)]
            assert "P5" not in text and '"value":55' not in text
            await registry.discharge(old, "test")


async def test_who_is_shown_vital_signs_is_in_the_trail_until_they_are_not(home: Home) -> None:
    _, nurse, phone = await both(home)
    async with nurse.vitals() as staff, phone.vitals() as patient:
        await until(staff, "snapshot")
        await until(patient, "snapshot")
    entries: list[Any] = []
    async with asyncio.timeout(20):
        while len([one for one in entries if one["action"] == CLOSED]) < 2:
            rows = await home.controller.store.read("SELECT entry FROM audit ORDER BY number")
            entries = [orjson.loads(row["entry"]) for row in rows]
    shown = {(one["actor"], one["patient"]) for one in entries if one["action"] == WATCHING}
    assert shown == {("nina", "4713"), ("patient:4713", "4713")}


async def test_a_patient_at_home_has_a_stream_with_nothing_in_it(home: Home) -> None:
    await home.controller.registry.discharge("bed-1", "test")
    _, _, phone = await both(home)
    async with phone.vitals() as told:
        whole, _ = await until(told, "snapshot")
        assert (whole["beds"], whole["devices"], whole["values"], whole["alerts"]) == ([], [], [], [])
        await until(told, "time")
