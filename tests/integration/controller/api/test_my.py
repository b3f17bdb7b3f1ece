"""A patient's own access over HTTP: what it opens, and above all what it does not."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from controller.api import my_schemas as schemas
from controller.api.my_cookie import COOKIE as OWN_COOKIE
from controller.api.my_payments_schemas import MyPaymentAnswer
from controller.api.routes import TABLE
from controller.identity.files import open_authority
from controller.security.cookie import COOKIE
from controller.security.permissions import Permission, Role
from tests.support.controller import quick_passwords, running
from tests.support.home import BORN, Home, at_home
from tests.support.http import client, get, refusal, status
from tests.support.payments import SandboxProcess
from tests.support.prescribed import handed_out, send

AT_HOME = {"setting": "community", "delivery": "pick-up"}


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        yield await at_home(controller, stack)


async def token_of(phone: aiohttp.ClientSession) -> str:
    [cookie] = [one for one in phone.cookie_jar if one.key == OWN_COOKIE]
    return cookie.value


async def mine(phone: aiohttp.ClientSession) -> schemas.MyOverview:
    return schemas.MyOverview.model_validate(await get(phone, "/api/my"))


def over(revision: int) -> dict[str, str]:
    return {"If-Match": f'"{revision}"'}


async def test_a_patients_session_opens_nothing_but_the_patients_own(home: Home) -> None:
    """Every route there is: the token of a patient, as either cookie or as a token, opens none of staff's."""
    token = await token_of(await home.patient())
    shown = [
        {"Cookie": f"{OWN_COOKIE}={token}; {COOKIE}={token}"},
        {"Authorization": f"Bearer {token}"},
    ]
    walked = [one for one in TABLE if one.permission is not Permission.PUBLIC]
    walked.sort(key=lambda route: route.name == "my-leave")  # after which there is no session
    async with aiohttp.ClientSession(home.controller.address, cookie_jar=aiohttp.DummyCookieJar()) as bare:
        for route in walked:
            path = route.path.replace("{path:.+}", "main.js").replace("{", "").replace("}", "")
            for headers in shown:
                origin = {"Origin": home.controller.address}
                told = await status(bare, route.method, path, headers={**headers, **origin}, json={})
                own = route.permission is Permission.MY_OWN and "Cookie" in headers
                to_login = told == 302 and route.name.startswith("page-")
                shut = told == 401 or to_login or (told == 429 and "Authorization" in headers)
                assert shut != own, (route.name, told)
    assert sum(one.permission is Permission.MY_OWN for one in walked) == 19


async def test_no_session_of_staff_and_no_other_patients_opens_it(home: Home) -> None:
    rx = await home.anna.signed("4713", **AT_HOME)
    phone, other = await home.patient(), await home.patient("4714")
    assert [one.number for one in (await mine(phone)).medicines] == [rx["number"]]
    assert (await mine(other)).medicines == []
    assert await status(home.nina, "GET", "/api/my") == 401
    body = {"prescription": rx["number"], "due_ms": rx["begin_ms"], "said": "taken"}
    assert await status(other, "POST", "/api/my/taken", json=body) == 404
    path = f"/api/my/prescriptions/{rx['number']}"
    for method, part, told in (("POST", "repeats", {}), ("PUT", "delivery", {"delivery": "home"})):
        said = await status(other, method, f"{path}/{part}", json=told, headers=over(rx["revision"]))
        assert said == 404
    token = await token_of(phone)
    foreign = {"Origin": "https://evil.example", "Cookie": f"{OWN_COOKIE}={token}"}
    assert await status(phone, "POST", "/api/my/taken", json=body, headers=foreign) == 403


async def test_the_cookie_is_out_of_reach_of_scripts_and_goes_to_its_own_api_alone(home: Home) -> None:
    code = (await home.invited()).code
    async with (
        client(home.controller) as phone,
        phone.post("/api/my/session", json={"code": code, "birth_date": BORN}) as response,
    ):
        assert response.status == 204
        cookie = response.cookies[OWN_COOKIE]
    told = {name: cookie[name] for name in ("path", "httponly", "secure", "samesite", "max-age", "domain")}
    expected = {"path": "/api/my", "httponly": True, "secure": True, "samesite": "Strict", "domain": ""}
    assert told == {**expected, "max-age": str(30 * 24 * 3600)}


async def test_tries_of_a_code_are_slowed_down(home: Home) -> None:
    body = {"code": "AAAAA-AAAAA", "birth_date": BORN}
    async with client(home.controller) as phone:
        for _ in range(3):
            assert await refusal(phone, "POST", "/api/my/session", json=body) == (401, "wrong-code")
        assert await refusal(phone, "POST", "/api/my/session", json=body) == (429, "slow-down")
        short = {"code": "AAAA", "birth_date": BORN}
        assert (await refusal(phone, "POST", "/api/my/session", json=short))[0] == 400


async def test_only_who_looks_after_a_patient_invites_sees_and_ends_the_access(home: Home) -> None:
    phone = await home.patient()
    invited = await home.invited()
    assert invited.address == f"http://localhost:{home.controller.port}/my#{invited.code}"
    path = "/api/patients/4713"
    told = schemas.AccessAnswer.model_validate(await get(home.nina, f"{path}/access"))
    assert (told.invitation and told.invitation.by, [one.invited_by for one in told.sessions]) == (
        "nina",
        ["nina"],
    )
    assert invited.code not in json.dumps(await get(home.nina, f"{path}/access"))
    ended = f"{path}/access/{told.sessions[0].id}"
    async with client(home.controller, "other") as other:
        for method, what in (("GET", "access"), ("GET", "taken"), ("POST", "invitation")):
            assert await status(other, method, f"{path}/{what}") == 404
        assert await status(other, "DELETE", ended) == 404
    assert await status(home.nina, "DELETE", f"/api/patients/4714/access/{told.sessions[0].id}") == 404
    assert await status(home.nina, "DELETE", ended) == 204
    assert await status(phone, "GET", "/api/my") == 401
    assert await status(home.nina, "DELETE", f"{path}/invitation") == 204


async def test_a_patient_ticks_asks_again_and_picks_up_and_the_trail_knows_who_looked(home: Home) -> None:
    rx = await home.anna.signed("4713", **AT_HOME)
    phone = await home.patient()
    ready = await handed_out(home.pia, rx["number"])
    [medicine] = (await mine(phone)).medicines
    [way] = (await mine(phone)).deliveries
    assert (medicine.reason, medicine.repeats_left, medicine.doses[0].may) == ("high blood pressure", 1, True)
    assert (way.queue, way.way, way.spot) == (ready["queue"], "pharmacy", "pharmacy")
    body = {"prescription": rx["number"], "due_ms": medicine.doses[0].due_ms, "said": "skipped"}
    told = schemas.MyMedicineAnswer.model_validate(await send(phone, "POST", "/api/my/taken", **body))
    said = told.medicine.doses[0].said
    assert said is not None
    assert (said.said, said.by) == ("skipped", "patient:4713")
    seen = schemas.TakenAnswer.model_validate(await get(home.anna.session, "/api/patients/4713/taken"))
    assert [(one.medicine, one.said, one.by) for one in seen.taken] == [
        ("Metoprolol 50 mg", "skipped", "patient:4713")
    ]
    one = f"/api/my/prescriptions/{rx['number']}"
    early = await refusal(phone, "POST", f"{one}/repeats", json={}, headers=over(medicine.revision))
    assert early == (409, "conflict")
    asked = await send(phone, "POST", f"{one}/repeats", medicine.revision, why="I travel")
    assert schemas.MyMedicineAnswer.model_validate(asked).medicine.is_asked
    chosen = await send(phone, "PUT", f"{one}/delivery", medicine.revision, delivery="home")
    assert chosen["medicine"]["delivery"] == "home"
    shown = schemas.MyCode.model_validate(
        await send(phone, "POST", f"/api/my/deliveries/{way.number}/code", way.revision)
    )
    path = f"/api/deliveries/{way.number}/received"
    old = {"json": {"code": ready["code"]}, "headers": over(shown.delivery.revision)}
    assert shown.code == ready["code"] or await status(home.nina, "PUT", path, **old) == 409
    done = await send(home.nina, "PUT", path, shown.delivery.revision, code=shown.code, spot="desk")
    assert done["state"] == "completed"
    rows = await home.controller.store.read("SELECT entry FROM audit")
    trail = [json.loads(row[0]) for row in rows]
    by_patient = {one["action"] for one in trail if one["actor"] == "patient:4713"}
    acts = {"patient-entered", "my", "medicine-taken", "prescription-repeated", "delivery-code-made"}
    assert acts <= by_patient
    assert all(
        one["patient"] == "4713" for one in trail if one["actor"] == "patient:4713" and one["action"] == "my"
    )


async def test_a_medicine_that_was_stopped_is_shown_as_stopped(home: Home) -> None:
    rx = await home.anna.signed("4713", **AT_HOME)
    phone = await home.patient()
    await home.anna.step(rx, "stopped")
    [medicine] = (await mine(phone)).medicines
    assert (medicine.state, medicine.doses) == ("stopped", [])
    home.controller.clock.let_pass(15 * 24 * 3600)
    assert (await mine(phone)).medicines == []


async def test_a_patient_goes_and_the_token_is_worth_nothing(home: Home) -> None:
    phone = await home.patient()
    token = await token_of(phone)
    assert await status(phone, "DELETE", "/api/my/session") == 204
    assert await status(phone, "GET", "/api/my") == 401
    assert await status(phone, "GET", "/api/my", headers={"Cookie": f"{OWN_COOKIE}={token}"}) == 401


async def test_a_patient_pays_the_own_price_and_nobody_elses(tmp_path: Path) -> None:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        sandbox = stack.enter_context(SandboxProcess(tmp_path / "pay"))
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        controller.payments = sandbox.section
        home = await at_home(controller, stack)
        rx = await home.anna.signed("4713", **AT_HOME)
        lines: list[dict[str, Any]] = [{"code": "04012345000016", "display": "Metoprolol", "quantity": 2}]
        body = {"subject": f"{rx['number']}/1", "patient": "4713", "lines": lines}
        made = (await send(home.pia, "POST", "/api/payments", **body))["payment"]
        phone, other = await home.patient(), await home.patient("4714")
        path = f"/api/my/payments/{made['number']}"
        card = {"card": "A98765430001"}
        assert await status(other, "POST", f"{path}/eligibility", json=card) == 404
        assert (await mine(other)).payments == []
        told = await send(phone, "POST", f"{path}/eligibility", card=card["card"])
        due: dict[str, Any] = {"due_minor": told["payment"]["due_minor"], "currency": "EUR"}
        wrong = {**due, "due_minor": due["due_minor"] - 1}
        assert await status(phone, "POST", f"{path}/pay", json=wrong) == 409
        paid = MyPaymentAnswer.model_validate(await send(phone, "POST", f"{path}/pay", **due))
        assert (paid.payment.state, paid.payment.card_end) == ("paid", "0001")
