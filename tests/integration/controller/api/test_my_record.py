"""A patient's own visits, measurements and record over HTTP: the own alone, while the access lasts."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.api import my_visits_schemas as schemas
from controller.api.conferences_context import CONFERENCES
from controller.api.my_targets import HomeTargets
from controller.api.visits_schemas import VisitAnswer
from controller.conferences.sharing import Said, Shared
from controller.identity.certificates import By
from controller.identity.files import open_authority
from controller.live import Place, Value
from controller.security.permissions import Role
from controller.stays import Moment, Patient, admit
from controller.telemedicine.links import EARLY_MS
from tests.support.controller import quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import client, get, refusal, status
from tests.support.measured import boots, measure
from tests.support.people import add_person
from tests.support.prescribed import send
from tests.support.visits import OWN_ROOM, agreed, booked, entered, link, sit

MY, VISITS = "/api/my", "/api/my/visits"


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        yield await at_home(controller, stack)


async def begun(home: Home) -> VisitAnswer:
    return await booked(home, way="bedside", start_ms=None)


async def visits_of(home: Home, identifier: str = "4713") -> schemas.MyVisits:
    return schemas.MyVisits.model_validate(await get(await home.patient(identifier), VISITS))


def way_in(visit: VisitAnswer) -> str:
    return f"{VISITS}/{visit.visit.number}/session"


async def test_a_patient_sees_the_own_visits_and_when_the_way_in_opens(home: Home) -> None:
    tomorrow_ms = home.controller.clock.utc_us() // 1000 + 80_000_000
    soon, later = await booked(home), await booked(home, start_ms=tomorrow_ms)
    told = await visits_of(home)
    assert [(one.number, one.may_enter) for one in told.visits] == [
        (later.visit.number, False),
        (soon.visit.number, True),
    ]
    assert told.visits[0].opens_ms == later.visit.start_ms - EARLY_MS
    assert (await visits_of(home, "4714")).visits == []


async def test_a_visit_is_entered_from_ones_own_page_as_by_a_link_and_nobody_elses_is(home: Home) -> None:
    visit, phone = await begun(home), await home.patient()
    other = await home.patient("4714")
    assert await status(other, "POST", way_in(visit)) == 404
    assert await status(home.nina, "POST", way_in(visit)) == 401
    assert await status(phone, "POST", way_in(visit)) == 204
    seat = await sit(await agreed(phone), OWN_ROOM)
    assert seat.answer.patient == "4713"
    later = await booked(home, start_ms=home.controller.clock.utc_us() // 1000 + 80_000_000)
    assert (await refusal(phone, "POST", way_in(later)))[0] == 409


async def test_whoever_came_in_as_the_patient_before_is_out(home: Home) -> None:
    visit, phone = await begun(home), await home.patient()
    made = await link(home, visit)
    by_link = await agreed(await entered(home, made))
    await sit(by_link, OWN_ROOM)
    assert await status(phone, "POST", way_in(visit)) == 204
    assert await status(by_link, "GET", "/api/visit") == 401
    assert await status(phone, "GET", "/api/visit") == 200


@pytest.mark.parametrize("who", ["patient", "staff"])
async def test_a_visit_entered_from_ones_own_page_ends_with_the_access(home: Home, who: str) -> None:
    visit, phone = await begun(home), await home.patient()
    assert await status(phone, "POST", way_in(visit)) == 204
    seat = await sit(await agreed(phone), OWN_ROOM)
    async with seat.told() as told:
        await anext(told)  # it is told, as long as it may be
        if who == "patient":
            assert await status(phone, "DELETE", f"{MY}/session") == 204
        else:
            path = "/api/patients/4713/access"
            [held] = (await get(home.nina, path))["sessions"]
            assert await status(home.nina, "DELETE", f"{path}/{held['id']}") == 204
        assert [message async for message in told if message[1]["kind"] not in ("room", "chat")] == []
    assert await status(phone, "GET", "/api/visit") == 401
    assert (await refusal(phone, "POST", f"{OWN_ROOM}/said", json=seat.body(1)))[0] == 401


async def test_what_was_agreed_to_is_taken_back_on_the_own_page(home: Home) -> None:
    visit, phone = await begun(home), await home.patient()
    by_link = await agreed(await entered(home, await link(home, visit)))
    await sit(by_link, OWN_ROOM)
    path, body = f"{MY}/consents", {"kind": "visit", "about": visit.visit.number, "scope": "video"}
    other = await home.patient("4714")
    assert await status(other, "POST", path, json=body) == 404
    told = schemas.MyConsents.model_validate(await send(phone, "POST", path, None, **body))
    [said] = told.consents
    assert (said.scope, said.said, said.holds) == ("video", "withdrawn", False)
    assert await status(by_link, "POST", f"{OWN_ROOM}/seats", json={"instance": "y" * 32}) == 409
    assert await refusal(phone, "POST", path, json=body) == (409, "conflict")
    nothing = {"kind": "conference", "about": "conference/MC00000001"}
    assert await refusal(phone, "POST", path, json=nothing) == (409, "conflict")
    assert await status(phone, "POST", path, json={"kind": "partner", "about": "hospital-b"}) == 404


async def test_what_a_patient_agreed_to_of_others_is_taken_back_there_too(home: Home) -> None:
    held = home.controller.app[CONFERENCES].sharing
    shared = Shared("4713", "conference/MC00000007")
    await held.say(shared, Said("permit", "zh", ("hospital-b",)), By("anna"))
    phone = await home.patient()
    told = schemas.MyConsents.model_validate(await get(phone, f"{MY}/consents"))
    [one] = told.consents
    assert (one.kind, one.name, one.holds, one.by) == ("conference", "hospital-b", True, "anna")
    body = {"kind": "conference", "about": one.about, "language": "zh"}
    told = schemas.MyConsents.model_validate(await send(phone, "POST", f"{MY}/consents", None, **body))
    assert [(one.said, one.holds, one.by) for one in told.consents] == [("withdrawn", False, "patient:4713")]
    assert (await held.of("4714")) == []


async def test_a_patient_is_told_who_looked_and_that_a_glass_was_broken(home: Home) -> None:
    await get(home.anna.session, "/api/patients/4713")
    await get(home.anna.session, "/api/patients/4714")
    phone = await home.patient()
    told = schemas.MyLooks.model_validate(await get(phone, f"{MY}/looks"))
    seen = {(one.name, one.what) for one in told.looks}
    assert ("anna", "facts") in seen
    assert ("nina", "access") in seen
    assert told.is_whole
    [anna] = [one for one in told.looks if one.name == "anna"]
    assert (anna.who, anna.roles, anna.broke_glass) == ("person", [Role.PHYSICIAN], False)
    assert not [one for one in told.looks if one.name.startswith("patient:")]
    async with client(home.controller) as nobody:
        assert await status(nobody, "GET", f"{MY}/looks") == 401


async def test_a_physician_says_what_numbers_at_home_should_come_to_and_the_patient_reads_it(
    home: Home,
) -> None:
    path = "/api/patients/4713/targets/blood-pressure"
    body = {"high": 140, "second_high": 90}
    assert await status(home.pia, "PUT", path, json=body) == 403
    assert await status(home.anna.session, "PUT", path, json=body) == 204
    assert await status(home.anna.session, "PUT", path, json={"high": 1e300}) == 400
    unknown = "/api/patients/4713/targets/mood"
    assert await status(home.anna.session, "PUT", unknown, json=body) == 404
    store, clock = home.controller.store, home.controller.clock
    place, now_us = "home-4713", clock.now_us()
    await lives_at(home, place)
    for ago_us, values in ((0, (150, 80)), (1_000_000, (120, 70))):
        await measure(store, "cuff-1", place, now_us - ago_us, nibp_sys=values[0], nibp_dia=values[1])
    told = schemas.HomeReadings.model_validate(await get(await home.patient(), f"{MY}/measured"))
    assert [(one.high, one.second_high, one.unit, one.by) for one in told.targets] == [
        (140, 90, "mm[Hg]", "anna")
    ]
    assert [(one.value, one.against) for one in told.readings] == [(150, "above"), (120, "within")]
    said = {"said": "not-mine"}
    answer = await send(await home.patient(), "POST", f"{MY}/measured/{told.readings[0].id}", None, **said)
    told = schemas.HomeReadings.model_validate(answer)
    assert [one.against for one in told.readings] == [None, "within"]
    span = {"from_ms": now_us // 1000 - 60_000, "to_ms": now_us // 1000 + 1000, "metric": "nibp_sys"}
    query = "&".join(f"{name}={value}" for name, value in span.items())
    trends = await get(home.nina, f"/api/beds/{place}/trends?{query}")
    assert [one for one in trends["metrics"]["nibp_sys"]["mean"] if one is not None] == [120]
    assert [(one["metric"], one["value"]) for one in trends["not_theirs"]] == [("nibp_sys", 150)]


async def test_a_target_is_said_in_a_visit_in_its_own_unit_and_what_was_agreed_before_stays(
    home: Home,
) -> None:
    visit, path = (await begun(home)).visit.number, "/api/patients/4713/targets"
    glucose, body = f"{path}/blood-glucose", {"low": 3.9, "high": 10, "unit": "mmol/L", "visit": visit}
    assert await status(home.anna.session, "PUT", glucose, json={"low": 70, "high": 180}) == 204
    assert await status(home.nina, "PUT", glucose, json=body) == 204
    assert await status(home.nina, "PUT", glucose, json={**body, "high": 180}) == 409
    other = "/api/patients/4714/targets/blood-glucose"
    assert await status(home.nina, "PUT", other, json=body) == 404  # it is a visit of somebody else
    told = HomeTargets.model_validate(await get(home.nina, path))
    assert [(one.high, one.unit, one.by, one.visit) for one in told.targets] == [
        (10, "mmol/L", "nina", visit)
    ]
    assert [(one.high, one.unit, one.by, one.visit) for one in told.history] == [
        (10, "mmol/L", "nina", visit),
        (180, "mg/dL", "anna", None),
    ]
    seen = schemas.HomeReadings.model_validate(await get(await home.patient(), f"{MY}/measured"))
    assert seen.targets == told.targets
    async with client(home.controller, "other") as nurse_elsewhere:
        assert await status(nurse_elsewhere, "GET", path) == 404


async def test_what_is_not_the_patients_is_at_once_no_newest_number_but_beside_it(home: Home) -> None:
    controller, now_us = home.controller, home.controller.clock.now_us()
    await lives_at(home, "home-4713")
    await controller.add_device("meter-1", '["glucose_cap"]')
    await controller.registry.assign("meter-1", "home-4713", "test")
    await boots(controller.store, b"box")
    for ago_us, value in ((30_000_000, 104), (1_000_000, 212)):
        at_us = now_us - ago_us
        await measure(controller.store, "meter-1", "home-4713", at_us, glucose_cap=value)
        place = Place(b"box", 0, at_us)
        controller.hub.values([Value("meter-1", "glucose_cap", place, None, value, None, 0)])
    phone = await home.patient()
    newest = (await get(phone, f"{MY}/measured"))["readings"][0]
    nurse = controller.hub.subscribe()
    assert (await get(home.nina, "/api/beds/home-4713"))["values"][0]["value"] == 212
    await send(phone, "POST", f"{MY}/measured/{newest['id']}", None, said="not-mine")
    beside = {"value": 212, "at_ms": (now_us - 1_000_000) // 1000}
    [shown] = (await get(home.nina, "/api/beds/home-4713"))["values"]
    assert (shown["value"], shown["not_theirs"]) == (104, beside)
    nurse.close()
    changes = [event async for event in nurse if event.kind == "values"]
    assert b'"not_theirs"' in changes[-1].data
    await send(phone, "POST", f"{MY}/measured/{newest['id']}", None, said="mine")
    [shown] = (await get(home.nina, "/api/beds/home-4713"))["values"]
    assert (shown["value"], "not_theirs" in shown) == (212, False)


async def lives_at(home: Home, place: str) -> None:
    """4713 moves to a place of the ward that an engineer says is a home."""
    controller = home.controller
    await controller.add_bed(place, "At home")
    await add_person(controller, "eve", Role.ENGINEER, ["ward-a"])
    async with client(controller, "eve") as engineer:
        assert await status(engineer, "PUT", f"/api/beds/{place}/home", json={"home": True}) == 204
    when = Moment(controller.clock.now_us() // 1000 - 60_000, controller.clock.utc_us())
    carla, eve = Patient("4713", "Bach, Carla"), By("eve", "10.0.0.7")
    await controller.store.write(lambda db: admit(db, place, carla, eve, when) and None)
    await controller.registry.refresh()
