"""Partner sites over HTTP: two whole controllers, which speak by mutual TLS."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography import x509
from yarl import URL

from controller.api import partners_schemas as schemas
from controller.api.partners_cookie import COOKIE as PARTNER_COOKIE
from controller.api.routes import TABLE
from controller.api.visit_cookie import COOKIE as VISIT_COOKIE
from controller.security.cookie import COOKIE
from controller.security.permissions import GRANTS, Permission, Role
from controller.signing.verify import verify
from tests.support.hospitals import CONSENTS, PARTNERS_PATH, REFERRALS, Hospital, Two, hospitals
from tests.support.http import client, get, refusal, status
from tests.support.people import add_person
from tests.support.prescribed import send
from tests.support.visits import sit

CONFERENCES, GUEST = "/api/conferences", "/api/partner-room"


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    async with hospitals(tmp_path) as made:
        await made.agreed()
        yield made


async def trail(one: Hospital) -> list[dict[str, Any]]:
    rows = await one.home.controller.store.read("SELECT entry FROM audit ORDER BY number")
    return [json.loads(row["entry"]) for row in rows]


async def referred(two: Two, **more: Any) -> dict[str, Any]:
    await two.a.consent(two.b)
    body = {"patient": "4713", "site": "hospital-b", "reason": "stroke", **more}
    made = await send(two.a.anna, "POST", REFERRALS, **body)
    await two.a.deliver(two.b)
    return made["referral"]


async def test_cards_and_fingerprints_make_partners_and_administrators_see_how_it_stands(two: Two) -> None:
    await two.a.deliver(two.b)
    [partner] = (await two.a.listed()).partners
    assert (partner.site, partner.name, partner.state) == ("hospital-b", "Hospital B", "active")
    assert partner.reached_ms is not None and partner.waiting == [] and partner.trouble == ""
    path = f"{PARTNERS_PATH}/hospital-b/state"
    body = {"state": "suspended", "why": "asked by their director"}
    over = {"If-Match": f'"{partner.revision}"'}
    assert await status(two.a.ada, "PUT", path, json=body) == 428
    assert await status(two.a.ada, "PUT", path, json={"state": "ended"}, headers=over) == 409
    told = await send(two.a.ada, "PUT", path, partner.revision, **body)
    assert told["partner"]["possible"] == ["active", "ended"]
    assert await refusal(two.a.anna, "GET", PARTNERS_PATH) == (403, "not-allowed")
    assert await refusal(two.a.ada, "GET", REFERRALS) == (403, "not-allowed")


async def test_a_card_that_was_changed_on_the_way_makes_no_partner(tmp_path: Path) -> None:
    async with hospitals(tmp_path) as two:
        theirs = await two.b.listed()
        forged = theirs.card.replace("127.0.0.1", "127.0.0.2")
        added = await send(two.a.ada, "POST", PARTNERS_PATH, card=forged)
        body = {"state": "active", "heard": theirs.fingerprint}
        over = {"If-Match": f'"{added["partner"]["revision"]}"'}
        path = f"{PARTNERS_PATH}/hospital-b/state"
        assert await refusal(two.a.ada, "PUT", path, json=body, headers=over) == (409, "conflict")
        assert await status(two.a.ada, "POST", PARTNERS_PATH, json={"card": "x"}) == 400


async def test_a_patient_is_referred_taken_and_comes_back_with_a_letter(two: Two) -> None:
    ours = await referred(two)
    [theirs] = (await two.b.referrals()).referrals
    path = f"{REFERRALS}/{theirs.id}"
    told = schemas.ReferralAnswer.model_validate(await get(two.b.anna, path))
    assert told.case is not None and told.referral.possible == ["accepted", "rejected"]
    await send(two.b.anna, "PUT", f"{path}/state", theirs.revision, state="accepted")
    await send(two.b.anna, "PUT", f"{path}/letter", theirs.revision + 1, words="Went well.")
    await two.b.deliver(two.a)
    back = schemas.ReferralAnswer.model_validate(await get(two.a.anna, f"{REFERRALS}/{ours['id']}"))
    assert back.referral.state == "completed" and back.letter is not None
    looks = [one for one in await trail(two.b) if one["action"] == "referral"]
    assert [(one["actor"], one["patient"]) for one in looks] == [("anna", "hospital-a:4713")]


async def test_without_the_patients_consent_nobody_is_referred(two: Two) -> None:
    body = {"patient": "4713", "site": "hospital-b", "reason": "stroke"}
    assert await refusal(two.a.anna, "POST", REFERRALS, json=body) == (409, "conflict")
    refused = [one for one in await trail(two.a) if one["action"] == "referral-requested"]
    assert [(one["outcome"], one["patient"]) for one in refused] == [("refused", "4713")]


async def test_whoever_does_not_see_the_patient_neither_refers_nor_learns_of_it(two: Two) -> None:
    made = await referred(two)
    await add_person(two.a.home.controller, "otto", Role.PHYSICIAN, ["ward-b"])
    async with client(two.a.home.controller, "otto") as otto:
        assert schemas.ReferralList.model_validate(await get(otto, REFERRALS)).referrals == []
        assert await status(otto, "GET", f"{REFERRALS}/{made['id']}") == 404
        body = {"patient": "4713", "site": "hospital-b", "reason": "stroke"}
        assert await status(otto, "POST", REFERRALS, json=body) == 404
        assert await status(otto, "GET", CONSENTS, params={"patient": "4713"}) == 404


async def test_a_consent_taken_back_hides_the_copy_at_the_partner(two: Two) -> None:
    await referred(two)
    await two.a.consent(two.b, "withdrawn")
    await two.a.deliver(two.b)
    [hidden] = (await two.b.referrals()).referrals
    assert (hidden.shown, hidden.patient, hidden.name, hidden.reason) == (False, None, None, None)
    told = await get(two.b.anna, f"{REFERRALS}/{hidden.id}")
    assert told["case"] is None
    said = await get(two.a.anna, CONSENTS, patient="4713")
    assert [(one["said"], one["holds"]) for one in said["consents"]] == [
        ("withdrawn", False),
        ("permit", False),
    ]


async def held(two: Two) -> dict[str, Any]:
    """A conference that Anna of A leads, to which Anna of B is asked and has accepted; it has begun."""
    await two.b.is_expert("Dr. Anna of B")
    await two.b.deliver(two.a)
    await two.a.is_expert()
    start_ms = two.a.parts.book.utc_ms() + 60_000
    members = [
        {"actor": "anna", "part": "chair", "required": True},
        {"actor": "site:hospital-b/anna", "part": "expert", "required": True},
    ]
    cases = [{"patient": "4713", "question": "operate?", "minutes": 10}]
    body = {"title": "Heart team", "start_ms": start_ms, "minutes": 30, "members": members, "cases": cases}
    made = (await send(two.a.anna, "POST", CONFERENCES, **body))["conference"]
    await two.a.deliver(two.b)
    path = f"/api/partner-conferences/hospital-a/{made['number']}"
    await send(two.b.anna, "PUT", f"{path}/answer", answer="accepted")
    await two.b.deliver(two.a)
    made = (await get(two.a.anna, f"{CONFERENCES}/{made['number']}"))["conference"]
    assert made["state"] == "booked"
    begun = await send(
        two.a.anna, "PUT", f"{CONFERENCES}/{made['number']}/state", made["revision"], state="in-progress"
    )
    await two.a.deliver(two.b)
    return begun["conference"]


async def came(two: Two, made: dict[str, Any]) -> aiohttp.ClientSession:
    """The browser of Anna of B, at A."""
    told = await send(two.b.anna, "POST", f"/api/partner-conferences/hospital-a/{made['number']}/way-in")
    browser = await two.a.home.stack.enter_async_context(client(two.a.home.controller))
    await send(browser, "POST", f"{GUEST}/session", token=URL(told["address"]).fragment)
    return browser


async def test_an_expert_of_the_partner_comes_into_the_room_as_of_that_hospital(two: Two) -> None:
    made = await held(two)
    browser = await came(two, made)
    assert await get(browser, GUEST) == {"number": made["number"], "name": "Dr. Anna of B (Hospital B)"}
    seat = await sit(browser, f"{GUEST}/{made['number']}/room")
    assert seat.answer.seat > 0
    seats = await two.a.home.controller.store.read("SELECT actor, name FROM room_seat")
    assert [tuple(row) for row in seats] == [("site:hospital-b/anna", "Dr. Anna of B (Hospital B)")]
    async with browser.delete(f"{GUEST}/session") as response:
        assert response.status == 204
    assert await status(browser, "GET", GUEST) == 401


async def test_a_guest_sees_a_case_only_with_the_consent_that_names_the_guests_hospital(two: Two) -> None:
    made = await held(two)
    browser, case = await came(two, made), made["cases"][0]["id"]
    base = f"{CONFERENCES}/{made['number']}/cases/{case}"
    note = {"kind": "document", "title": "letter", "what": {"text": "Long story."}}
    item = await send(two.a.anna, "POST", f"{base}/items", **note)
    guest = f"{GUEST}/{made['number']}"
    for sites in ([], ["hospital-c"]):
        await send(two.a.anna, "POST", f"{base}/consents", said="permit", sites=sites)
        shown = await get(browser, guest)
        assert shown["conference"]["cases"][0]["patient"] is None
        assert await status(browser, "GET", f"{guest}/cases/{case}/file") == 409
        assert await status(browser, "GET", f"{guest}/cases/{case}/items/{item['id']}") == 409
    await send(two.a.anna, "POST", f"{base}/consents", said="permit", sites=["hospital-b"])
    shown = await get(browser, guest)
    assert shown["conference"]["cases"][0]["patient"]["identifier"] == "4713"
    looked = await get(browser, f"{guest}/cases/{case}/items/{item['id']}")
    assert "Long story." in json.dumps(looked["content"])
    [look] = [
        one for one in await trail(two.a) if one["action"] == "partner-conference-look" and one["patient"]
    ]
    assert (look["actor"], look["patient"]) == ("site:hospital-b/anna", "4713")


async def test_what_is_concluded_is_signed_at_both_hospitals_and_checked_by_each(two: Two) -> None:
    made = await held(two)
    browser, case = await came(two, made), made["cases"][0]["id"]
    await sit(browser, f"{GUEST}/{made['number']}/room")
    base = f"{CONFERENCES}/{made['number']}"
    await send(two.a.anna, "PUT", f"{base}/now", case=case)
    await send(two.a.anna, "POST", f"{base}/cases/{case}/consents", said="permit", sites=["hospital-b"])
    await send(two.a.anna, "PUT", f"{base}/cases/{case}/conclusion", 0, conclusion="Operate.", plan="Soon.")
    await two.a.deliver(two.b)
    home = f"/api/partner-conferences/hospital-a/{made['number']}/conclusions"
    [copy] = (await get(two.b.anna, home))["conclusions"]
    told = copy["told"]
    assert (told["patient"], told["version"], told["missing"]) == ("4713", 1, ["anna"])
    at_s = (await get(two.b.anna, "/api/signing/unlock"))["utc_s"]
    signature = two.b.home.anna.key.sign(told["document"], at_s)
    await send(two.b.anna, "PUT", f"{home}/{case}/signature", version=1, signature=signature)
    await two.b.deliver(two.a)
    over = {"If-Match": '"1"'}
    path, stance = f"{base}/cases/{case}/conclusion", {"stand": "agrees", "words": ""}
    async with two.a.anna.post(f"{path}/document", json=stance, headers=over) as response:
        document = json.loads(await response.read())
    own = two.a.home.anna.key.sign(document, (await get(two.a.anna, "/api/signing/unlock"))["utc_s"])
    await send(two.a.anna, "PUT", f"{path}/signature", 1, **stance, signature=own)
    now = (await get(two.a.anna, base))["conference"]
    closed = await send(two.a.anna, "PUT", f"{base}/state", now["revision"], state="finished")
    assert closed["conference"]["state"] == "fulfilled"
    await two.a.deliver(two.b)
    [copy] = (await get(two.b.anna, home))["conclusions"]
    assert [vote["actor"] for vote in copy["told"]["votes"]] == ["site:hospital-b/anna", "anna"]
    assert [row["outcome"] for row in await sent(two.a)] == ["taken"] * len(await sent(two.a))
    await send(two.a.anna, "POST", f"{base}/cases/{case}/consents", said="withdrawn")
    await two.a.parts.teller.catch_up()
    await two.a.deliver(two.b)
    [copy] = (await get(two.b.anna, home))["conclusions"]
    assert copy["told"] is None
    # What this hospital's own expert signed is its own record: whole, checked by its own root, for ever.
    [kept] = copy["signed"]
    assert (kept["name"], kept["stand"], kept["version"]) == ("anna", "agrees", 1)
    assert kept["document"] == told["document"]
    found = verify(kept["file"].encode(), [x509.load_der_x509_certificate(two.b.parts.book.own.root)])
    assert (found.name, found.document) == ("anna", told["document"])
    [partner] = (await two.b.listed()).partners
    ended = {"state": "ended", "why": "over"}
    await send(two.b.ada, "PUT", f"{PARTNERS_PATH}/hospital-a/state", partner.revision, **ended)
    assert (await get(two.b.anna, home))["conclusions"] == [copy]
    assert [one.number for one in (await two.b.referrals()).meetings] == [made["number"]]


async def test_who_differs_signs_their_own_words_at_home_and_the_host_checks_them(two: Two) -> None:
    made = await held(two)
    browser, case = await came(two, made), made["cases"][0]["id"]
    await sit(browser, f"{GUEST}/{made['number']}/room")
    base = f"{CONFERENCES}/{made['number']}"
    await send(two.a.anna, "PUT", f"{base}/now", case=case)
    await send(two.a.anna, "POST", f"{base}/cases/{case}/consents", said="permit", sites=["hospital-b"])
    await send(two.a.anna, "PUT", f"{base}/cases/{case}/conclusion", 0, conclusion="Operate.", plan="Soon.")
    await two.a.deliver(two.b)
    waits = await get(two.b.anna, "/api/waiting")
    assert waits["referrals"] >= 1 and (await two.b.referrals()).notices[0].kind == "to-sign"
    home = f"/api/partner-conferences/hospital-a/{made['number']}/conclusions/{case}"
    stance = {"version": 1, "stand": "differs", "words": "Wait: the risk\nis too high."}
    assert await status(two.b.anna, "POST", f"{home}/document", json={**stance, "words": ""}) == 409
    document = (await send(two.b.anna, "POST", f"{home}/document", **stance))["document"]
    at_s = (await get(two.b.anna, "/api/signing/unlock"))["utc_s"]
    signature = two.b.home.anna.key.sign(document, at_s)
    await send(two.b.anna, "PUT", f"{home}/signature", **stance, signature=signature)
    assert "to-sign" not in [one.kind for one in (await two.b.referrals()).notices]
    await two.b.deliver(two.a)
    [vote] = (await get(two.a.anna, base))["conference"]["cases"][0]["conclusion"]["votes"]
    assert (vote["actor"], vote["stand"]) == ("site:hospital-b/anna", "differs")
    assert vote["words"] == stance["words"]
    # Another version, which she has not signed, puts nothing in the place of what she did.
    said = {"conclusion": "Wait.", "plan": "Again in June."}
    await send(two.a.anna, "PUT", f"{base}/cases/{case}/conclusion", 1, **said)
    await two.a.deliver(two.b)
    [copy] = (await get(two.b.anna, home.removesuffix(f"/{case}")))["conclusions"]
    assert (copy["told"]["version"], copy["told"]["missing"]) == (2, ["anna"])
    assert [(one["version"], one["stand"], one["words"]) for one in copy["signed"]] == [
        (1, "differs", stance["words"])
    ]


async def sent(one: Hospital) -> list[Any]:
    return await one.home.controller.store.read("SELECT outcome, reason FROM partner_sent")


async def test_a_guests_session_opens_nothing_but_the_one_conference(two: Two) -> None:
    """Every route there is: no cookie of it opens one of staff's, of a patient's, or of a visit."""
    made = await held(two)
    browser = await came(two, made)
    [cookie] = [one for one in browser.cookie_jar if one.key == PARTNER_COOKIE]
    assert cookie["path"] == GUEST and cookie["httponly"] and cookie["samesite"] == "Strict"
    names = (PARTNER_COOKIE, VISIT_COOKIE, COOKIE, "__Secure-wardlink-my")
    named = "; ".join(f"{name}={cookie.value}" for name in names)
    walked = [one for one in TABLE if one.permission is not Permission.PUBLIC]
    walked.sort(key=lambda route: route.name == "partner-leave")  # after which there is no session
    opened: set[str] = set()
    origin = {"Origin": two.a.home.controller.address, "Cookie": named}
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(two.a.home.controller.address, cookie_jar=jar) as bare:
        for route in walked:
            path = route.path.replace("{path:.+}", "main.js").replace("{", "").replace("}", "")
            told = await status(bare, route.method, path, headers=origin, json={})
            to_login = told == 302 and route.name.startswith("page-")
            opened |= set() if told == 401 or to_login else {route.name}
    assert opened == {one.name for one in walked if one.permission is Permission.JOIN_CONFERENCE}
    assert all(Permission.JOIN_CONFERENCE not in granted for granted in GRANTS.values())


async def test_of_another_conference_a_guest_learns_nothing(two: Two) -> None:
    made = await held(two)
    browser = await came(two, made)
    for path in (f"{GUEST}/MC00000099", f"{GUEST}/MC00000099/cases/1/file"):
        assert await status(browser, "GET", path) == 404
    assert await status(browser, "POST", f"{GUEST}/MC00000099/room/seats", json={"instance": "x" * 32}) == 404


async def test_when_the_partnership_ends_the_guest_is_out(two: Two) -> None:
    made = await held(two)
    browser = await came(two, made)
    [partner] = (await two.a.listed()).partners
    path = f"{PARTNERS_PATH}/hospital-b/state"
    await send(two.a.ada, "PUT", path, partner.revision, state="ended", why="over")
    assert await status(browser, "GET", GUEST) == 401
    told = await status(two.b.anna, "POST", f"/api/partner-conferences/hospital-a/{made['number']}/way-in")
    assert told == 409


async def test_ways_in_are_not_guessed(two: Two) -> None:
    body = {"token": "x" * 43}
    told = [await status(two.a.anna, "POST", f"{GUEST}/session", json=body) for _ in range(40)]
    assert 401 in told and told[-1] == 429
