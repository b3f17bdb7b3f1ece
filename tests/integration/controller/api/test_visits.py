"""Visits by video over HTTP: for staff, and for who comes in by a link."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from controller.api import visits_schemas as schemas
from controller.api.routes import TABLE
from controller.api.visit_cookie import COOKIE as VISIT_COOKIE
from controller.identity.files import open_authority
from controller.security.cookie import COOKIE
from controller.security.permissions import Permission, Role
from tests.support.controller import quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import client, get, refusal, status
from tests.support.prescribed import send
from tests.support.visits import VISITS, booked, entered, find, link, over


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        yield await at_home(controller, stack)


async def own(phone: aiohttp.ClientSession) -> schemas.OwnVisit:
    return schemas.OwnVisit.model_validate(await get(phone, "/api/visit"))


async def test_a_patient_comes_in_by_link_and_code_and_staff_see_who_waits(home: Home) -> None:
    visit = await booked(home)
    phone = await entered(home, await link(home, visit))
    mine = await own(phone)
    assert (mine.number, mine.patient, mine.host) == (visit.visit.number, "4713", "anna")
    seen = await find(home, visit)
    assert (seen.visit.state, seen.visit.changed_by) == ("arrived", "patient:4713")
    assert [one.used_ms is not None for one in seen.links] == [True]


async def test_a_patient_agrees_in_the_words_of_the_page_and_takes_it_back(home: Home) -> None:
    visit = await booked(home)
    phone = await entered(home, await link(home, visit))
    [words] = [one for one in (await own(phone)).words if one.scope == "video"]
    await send(phone, "POST", "/api/visit/consents", scope="video", said="permit", language="zh")
    [consent] = (await find(home, visit)).consents
    assert (consent.text, consent.holds, consent.by) == (words.zh, True, "patient:4713")
    await send(phone, "POST", "/api/visit/consents", scope="video", said="withdrawn")
    assert [one.holds for one in (await find(home, visit)).consents] == [False]


async def test_what_a_patient_says_at_the_bedside_is_written_down_by_who_heard_it(home: Home) -> None:
    visit = await booked(home, way="bedside", start_ms=None)
    assert visit.visit.state == "in-progress"
    path = f"{VISITS}/{visit.visit.number}/consents"
    [consent] = (await send(home.nina, "POST", path, scope="video", said="permit"))["consents"]
    assert consent["by"] == "nina"


async def test_a_guest_agrees_to_nothing_and_does_not_learn_whose_visit_it_is(home: Home) -> None:
    visit = await booked(home)
    guest = await entered(home, await link(home, visit, guest="guest", name="Wang"))
    mine = await own(guest)
    assert (mine.name, mine.patient, mine.consents, mine.words) == ("Wang", None, [], [])
    assert "Bach" not in mine.model_dump_json()
    body = {"scope": "video", "said": "permit"}
    assert await refusal(guest, "POST", "/api/visit/consents", json=body) == (403, "not-allowed")
    assert (await find(home, visit)).visit.state == "booked"


async def test_a_links_session_opens_nothing_but_the_one_visit(home: Home) -> None:
    """Every route there is: no cookie and no token of it opens one of staff's, or of a patient's page."""
    phone = await entered(home, await link(home, await booked(home)))
    [cookie] = [one for one in phone.cookie_jar if one.key == VISIT_COOKIE]
    assert cookie["path"] == "/api/visit" and cookie["httponly"] and cookie["samesite"] == "Strict"
    named = "; ".join(f"{name}={cookie.value}" for name in (VISIT_COOKIE, COOKIE, "__Secure-wardlink-my"))
    walked = [one for one in TABLE if one.permission is not Permission.PUBLIC]
    walked.sort(key=lambda route: route.name == "visit-leave")  # after which there is no session
    opened: set[str] = set()
    origin = {"Origin": home.controller.address, "Cookie": named}
    async with aiohttp.ClientSession(home.controller.address, cookie_jar=aiohttp.DummyCookieJar()) as bare:
        for route in walked:
            path = route.path.replace("{path:.+}", "main.js").replace("{", "").replace("}", "")
            told = await status(bare, route.method, path, headers=origin, json={})
            to_login = told == 302 and route.name.startswith("page-")
            opened |= set() if told == 401 or to_login else {route.name}
    assert opened == {one.name for one in walked if one.permission is Permission.JOIN_VISIT}
    assert opened >= {"visit-own", "own-visit-room-join", "visit-own-summary"}


async def test_a_wrong_link_a_wrong_code_and_a_withdrawn_one_have_one_answer(home: Home) -> None:
    visit = await booked(home)
    made = await link(home, visit)
    token, wrong = URL(made.address).fragment, f"{(int(made.code) + 1) % 1_000_000:06d}"
    texts: list[str] = []
    await home.nina.delete(f"{VISITS}/{visit.visit.number}/links/{(withdrawn := await link(home, visit)).id}")
    tried = (token, wrong), ("nothing", made.code), (URL(withdrawn.address).fragment, withdrawn.code)
    for said, code in tried:
        async with home.nina.post("/api/visit/session", json={"link": said, "code": code}) as response:
            assert response.status == 401
            texts.append(await response.text())
    assert len(set(texts)) == 1


async def test_a_used_link_says_so_to_who_knows_the_code(home: Home) -> None:
    made = await link(home, await booked(home))
    await entered(home, made)
    body = {"link": URL(made.address).fragment, "code": made.code}
    assert await refusal(home.nina, "POST", "/api/visit/session", json=body) == (409, "conflict")


async def test_who_tries_codes_has_to_wait(home: Home) -> None:
    body = {"link": "nothing", "code": "000000"}
    told = [await status(home.nina, "POST", "/api/visit/session", json=body) for _ in range(40)]
    assert 401 in told and told[-1] == 429


async def test_who_leaves_or_is_shown_out_is_out(home: Home) -> None:
    visit = await booked(home)
    phone = await entered(home, await link(home, visit))
    guest = await entered(home, made := await link(home, visit, guest="guest", name="Wang"))
    async with home.nina.delete(f"{VISITS}/{visit.visit.number}/links/{made.id}") as response:
        assert response.status == 204
    assert await refusal(guest, "GET", "/api/visit") == (401, "not-logged-in")
    assert await status(phone, "DELETE", "/api/visit/session") == 204
    assert await refusal(phone, "GET", "/api/visit") == (401, "not-logged-in")


async def test_another_wards_staff_do_not_learn_of_a_visit(home: Home) -> None:
    visit = await booked(home)
    other = await home.stack.enter_async_context(client(home.controller, "other"))
    span = {"from_ms": visit.visit.start_ms - 1, "to_ms": visit.visit.start_ms + 1}
    assert (await get(other, VISITS, **span))["visits"] == []
    assert (await get(other, VISITS, patient="4713"))["visits"] == []
    path = f"{VISITS}/{visit.visit.number}"
    body = {"guest": "patient"}
    for method, way, more in (("GET", "", {}), ("POST", "/links", {"json": body})):
        assert (await refusal(other, method, path + way, **more))[0] == 404
    booking = {"patient": "4713", "reason": "cough"}
    assert (await refusal(other, "POST", VISITS, json=booking))[0] == 404


async def test_of_two_who_change_a_visit_at_once_the_second_is_told(home: Home) -> None:
    visit = await booked(home)
    path, body = f"{VISITS}/{visit.visit.number}/state", {"state": "cancelled", "why": "ill"}
    assert await status(home.nina, "PUT", path, json=body) == 428
    assert await status(home.nina, "PUT", path, json=body, headers=over(visit)) == 200
    assert await refusal(home.nina, "PUT", path, json=body, headers=over(visit)) == (412, "outdated")


async def test_who_may_hold_no_visit_is_not_booked(home: Home) -> None:
    body = {"patient": "4713", "reason": "cough"}
    for host in ("pia", "nobody"):
        assert (await refusal(home.nina, "POST", VISITS, json={**body, "host": host}))[0] == 400
    assert await status(home.pia, "GET", VISITS, params={"patient": "4713"}) == 403


async def test_a_double_booking_is_told_and_not_refused(home: Home) -> None:
    first = await booked(home)
    second = await booked(home, patient="4714", start_ms=first.visit.start_ms + 60_000)
    assert second.busy == [first.visit.number]


@pytest.mark.parametrize("span", [{}, {"from_ms": 5, "to_ms": 4}, {"from_ms": 0, "to_ms": 63 * 86_400_000}])
async def test_a_span_that_is_none_is_refused(home: Home, span: dict[str, int]) -> None:
    assert await refusal(home.nina, "GET", VISITS, params=span) == (400, "bad-request")
