"""Our own services of CDS Hooks: discovery for everybody, patients for known clients and what they see."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from controller.api.context import CONTEXT
from controller.api.logins import LOGINS
from controller.cds.section import CdsClient, CdsSection
from controller.cds.wire import read_cards, read_discovery
from controller.security.permissions import Role
from controller.security.scopes import parse_scopes
from controller.security.tokens import Wanted
from controller.stays import Patient
from tests.support.controller import RunningController, eventually, running
from tests.support.http import client

KEY = ECKey.generate_key("P-384")
NEWS2, CHECKS = "/cds-services/wardlink-news2", "/cds-services/wardlink-checks"
ATC = "http://www.whocc.no/atc"
PENICILLIN = {
    "resourceType": "MedicationRequest",
    "id": "o1",
    "medicationCodeableConcept": {
        "coding": [{"system": ATC, "code": "J01CA04", "display": "amoxicillin"}],
        "text": "amoxicillin",
    },
}


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    path = tmp_path / "ehr.json"
    path.write_text(json.dumps({"keys": [KEY.as_dict(private=False)]}))
    async with running(tmp_path, nina=Role.NURSE, anna=Role.PHYSICIAN) as started:
        await started.add_bed("bed-1", "Bed 1", ["ox-1"])
        await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nina")
        await started.registry.add_ward("ward-b", "Ward B")
        await started.registry.add_bed("bed-9", "ward-b", "Bed 9")
        await started.registry.admit("bed-9", Patient("4799", "Other, Otto"), "nina")
        one = CdsClient(issuer="https://ehr.example", keys=path, wards=("ward-a",))
        started.cds = CdsSection(address=started.address, clients=(one,), origins=("https://ehr.example",))
        await started.stop()
        await started.start()
        yield started


def bearer(controller: RunningController, path: str, jti: str = "first-one", **claims: Any) -> dict[str, str]:
    now = controller.clock.utc_us() // 1_000_000
    held = {"iss": "https://ehr.example", "aud": f"{controller.address}{path}", "iat": now, "exp": now + 60}
    text = jwt.encode({"alg": "ES384"}, {**held, "jti": jti, **claims}, KEY, algorithms=["ES384"])
    return {"Authorization": f"Bearer {text}"}


def about(identifier: str, hook: str = "patient-view", born: str = "", **context: Any) -> dict[str, Any]:
    patient = {"resourceType": "Patient", "identifier": [{"value": identifier}]}
    if born:
        patient["birthDate"] = born
    held = {"userId": "Practitioner/x", "patientId": "any", **context}
    return {"hook": hook, "hookInstance": "i", "context": held, "prefetch": {"patient": patient}}


async def post(
    session: aiohttp.ClientSession, path: str, body: Any, headers: dict[str, str]
) -> tuple[int, bytes]:
    async with session.post(path, json=body, headers=headers) as response:
        return response.status, await response.read()


async def test_discovery_is_as_the_standard_says_and_cors_is_for_configured_origins(
    controller: RunningController,
) -> None:
    async with aiohttp.ClientSession(controller.address) as session:
        async with session.get("/cds-services", headers={"Origin": "https://ehr.example"}) as response:
            assert response.headers["Access-Control-Allow-Origin"] == "https://ehr.example"
            found = read_discovery(await response.read()).services
        assert {one.hook for one in found} == {"patient-view", "order-sign"}
        for origin, allowed in (("https://ehr.example", True), ("https://evil.example", False)):
            headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            async with session.options(NEWS2, headers=headers) as response:
                assert ("Access-Control-Allow-Origin" in response.headers) is allowed


async def test_the_early_warning_of_a_patient_is_told_with_ages_and_sources(
    controller: RunningController,
) -> None:
    controller.say("ox-1", spo2=89, pr_spo2=120)
    await eventually(lambda: bool(controller.hub.snapshot()["scores"]))
    async with aiohttp.ClientSession(controller.address) as session:
        status, body = await post(session, NEWS2, about("4711"), bearer(controller, NEWS2))
    [card] = read_cards(body)
    assert (status, "NEWS2 at least" in card.summary, "not known" in card.summary) == (200, True, True)
    assert "by ox-1" in card.detail and "min old" in card.detail
    rows = await controller.store.read("SELECT entry FROM audit WHERE action = 'cds-served'")
    assert [json.loads(row["entry"])["patient"] for row in rows] == ["4711"]


async def test_our_checks_answer_with_their_base_and_what_they_did_not_look_at(
    controller: RunningController,
) -> None:
    allergy = {"display": "Penicillin", "criticality": "high"}
    async with client(controller, "anna") as anna, anna.post("/api/patients/4711/allergies", json=allergy):
        pass
    orders: dict[str, Any] = {
        "draftOrders": {"entry": [{"resource": PENICILLIN}, {"resource": {"resourceType": "X"}}]}
    }
    async with aiohttp.ClientSession(controller.address) as session:
        asked = about("4711", "order-sign", **orders)
        status, body = await post(session, CHECKS, asked, bearer(controller, CHECKS))
    cards = read_cards(body)
    assert status == 200
    allergic = next(one for one in cards if "penicillin" in one.summary.casefold())
    assert allergic.indicator in ("critical", "warning")
    assert "not yet reviewed by a pharmacist" in allergic.source.label
    said = [one.summary for one in cards if one.summary.startswith("Not checked")]
    assert any("things" in one for one in said) and any("X is not looked at" in one for one in said)


async def test_a_jwt_for_another_service_is_not_ours_whatever_the_host_says(
    controller: RunningController,
) -> None:
    controller.cds = controller.cds and controller.cds.model_copy(update={"address": None})
    await controller.stop()
    await controller.start()
    async with aiohttp.ClientSession(controller.address) as session:
        for number, host in enumerate(("203.0.113.5", "203.0.113.5:8610")):
            headers = bearer(controller, NEWS2, f"number-{number}", aud=f"http://{host}{NEWS2}")
            told = await post(session, NEWS2, about("4711"), {**headers, "Host": host})
            assert told[0] == 401
        headers = bearer(controller, NEWS2, aud=f"http://localhost:{controller.port}{NEWS2}")
        assert (await post(session, NEWS2, about("4711"), headers))[0] == 200


async def test_identifiers_of_two_patients_are_of_nobody(controller: RunningController) -> None:
    await controller.registry.add_bed("bed-2", "ward-a", "Bed 2")
    await controller.registry.admit("bed-2", Patient("4712", "Beispiel, Bo"), "nina")
    asked = about("4711")
    asked["prefetch"]["patient"]["identifier"].append({"value": "4712"})
    async with aiohttp.ClientSession(controller.address) as session:
        status, body = await post(session, NEWS2, asked, bearer(controller, NEWS2))
    [card] = read_cards(body)
    assert (status, card.summary.startswith("Not checked")) == (200, True)


async def test_what_our_checks_do_not_look_at_is_said(controller: RunningController) -> None:
    many: dict[str, Any] = {"draftOrders": {"entry": [{"resource": PENICILLIN}] * 21}}
    async with aiohttp.ClientSession(controller.address) as session:
        said = list[list[str]]()
        for number, orders in enumerate((dict[str, Any](), many)):
            headers = bearer(controller, CHECKS, f"number-{number}")
            body = (await post(session, CHECKS, about("4711", "order-sign", **orders), headers))[1]
            cards = [one for one in json.loads(body)["cards"] if one["source"]["label"] == "Wardlink"]
            said.append([one["summary"] for one in cards])
    assert said == [
        ["Not checked: there is no order in draftOrders"],
        [
            "Not checked: 1 more orders: at most 20 are looked at",
            "Not checked: these orders against one another",
        ],
    ]


async def test_pages_of_known_origins_can_read_why_they_are_refused(controller: RunningController) -> None:
    origin = "https://ehr.example"
    async with aiohttp.ClientSession(controller.address) as session:
        for headers, status in (({}, 401), (bearer(controller, NEWS2), 400)):
            async with session.post(NEWS2, json={}, headers={**headers, "Origin": origin}) as response:
                allowed = response.headers.get("Access-Control-Allow-Origin")
                assert (response.status, allowed, response.headers["Vary"]) == (status, origin, "Origin")


async def test_a_stranger_and_a_used_jwt_learn_nothing(controller: RunningController) -> None:
    async with aiohttp.ClientSession(controller.address) as session:
        for headers in (
            {},
            {"Authorization": "Bearer x"},
            bearer(controller, CHECKS),
            bearer(controller, NEWS2, iss="https://else.example"),
            bearer(controller, NEWS2, exp=1),
        ):
            assert (await post(session, NEWS2, about("4711"), headers))[0] == 401
        once = bearer(controller, NEWS2, "only-once")
        assert (await post(session, NEWS2, about("4711"), once))[0] == 200
        assert (await post(session, NEWS2, about("4711"), once))[0] == 401


async def test_whom_a_client_does_not_see_and_who_does_not_exist_look_the_same(
    controller: RunningController,
) -> None:
    async with client(controller, "nina") as nina:
        who = {"birth_date": "1950-03-02", "sex": "female"}
        async with nina.put("/api/patients/4711/person", json=who, headers={"If-Match": '"0"'}) as response:
            assert response.status == 200
    async with aiohttp.ClientSession(controller.address) as session:
        told = [
            json.loads((await post(session, NEWS2, body, bearer(controller, NEWS2, f"number-{n}")))[1])
            for n, body in enumerate((about("4799"), about("nobody"), about("4711", born="1999-01-01")))
        ]
    said = [[one["summary"] for one in answer["cards"]] for answer in told]
    assert said[0] == said[1] == said[2]
    assert said[0][0].startswith("Not checked")


async def test_what_is_no_request_is_refused(controller: RunningController) -> None:
    bodies: list[tuple[Any, int]] = [
        ({}, 400),
        ("x", 400),
        (about("4711", "order-sign"), 400),
        ({**about("4711"), "prefetch": {}}, 412),
        ({**about("4711"), "prefetch": {"patient": {"resourceType": "Practitioner"}}}, 412),
    ]
    async with aiohttp.ClientSession(controller.address) as session:
        for number, (body, status) in enumerate(bodies):
            headers = bearer(controller, NEWS2, f"number-{number}")
            assert (await post(session, NEWS2, body, headers))[0] == status
        headers = bearer(controller, "/cds-services/none", "the-last-one")
        assert (await post(session, "/cds-services/none", about("4711"), headers))[0] == 404


async def test_an_api_token_for_patients_is_taken_as_well(controller: RunningController) -> None:
    tokens, made = controller.app[LOGINS].tokens, []
    assert controller.app[CONTEXT]
    for name, scopes in (("ehr", "system/Patient.rs"), ("dev", "system/Device.rs")):
        wanted = Wanted(name, parse_scopes(scopes), 1, frozenset({"ward-a"}))
        made.append({"Authorization": f"Bearer {await tokens.make(wanted, by='anna', where='')}"})
    async with aiohttp.ClientSession(controller.address) as session:
        assert (await post(session, NEWS2, about("4711"), made[0]))[0] == 200
        assert (await post(session, NEWS2, about("4711"), made[1]))[0] == 403
