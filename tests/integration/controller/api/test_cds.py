"""Decision support over HTTP: a real service in its own process, one that is odd, and what is kept of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from controller.api.cds_schemas import CdsAsked, CdsLookList, GenotypeList
from controller.cds.section import CdsSection, CdsService
from controller.identity.files import open_authority
from controller.sections import SigningSection
from controller.security.permissions import Role
from controller.signing.model import Unlock
from controller.stays import Patient
from tests.support.cds import Odd, example, odd, port
from tests.support.controller import RunningController, eventually, quick_passwords, running
from tests.support.http import client, get, refusal
from tests.support.people import add_person
from tests.support.prescribed import Prescriber

RX, ATC = "/api/prescriptions", "http://www.whocc.no/atc"
CLOPIDOGREL = {
    "code": {"system": ATC, "code": "B01AC04", "display": "Clopidogrel 75 mg"},
    "form": "tablet",
    "ingredients": [
        {"substance": {"system": ATC, "code": "B01AC04", "display": "Clopidogrel"}, "strength": "75 mg"}
    ],
}
CARD: dict[str, Any] = {
    "uuid": "11111111-1111-4111-8111-111111111111",
    "summary": "Stop and think",
    "indicator": "critical",
    "source": {"label": "Odd"},
    "overrideReasons": [{"code": "seen", "system": "urn:odd", "display": "Seen"}],
    "detail": "**bold** <script>alert(1)</script>",
}
DEEPER = {"type": "create", "description": "d", "resource": {"x": "deep"}}
SUGGESTS = {"selectionBehavior": "any", "suggestions": [{"label": "l", "actions": [DEEPER]}]}
DEEP = json.dumps({"cards": [CARD | SUGGESTS]}).replace('"deep"', "[" * 220 + "]" * 220).encode()


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    with quick_passwords():
        async with running(tmp_path, aud=Role.AUDITOR) as started:
            started.signing = SigningSection(unlock=frozenset(Unlock))
            await started.add_bed("bed-1", "Bed 1")
            await started.registry.add_ward("ward-b", "Ward B")
            for name, role, ward in (
                ("anna", Role.PHYSICIAN, "ward-a"),
                ("nina", Role.NURSE, "ward-a"),
                ("other", Role.PHYSICIAN, "ward-b"),
            ):
                await add_person(started, name, role, [ward])
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nina")
            yield started


async def with_services(controller: RunningController, *services: CdsService, **more: Any) -> None:
    await controller.stop()
    controller.cds = CdsSection(issuer="https://here.example", services=services, **more)
    await controller.start()


async def ask(
    session: aiohttp.ClientSession, method: str, path: str, revision: int | None = None, **body: Any
) -> Any:
    headers = {} if revision is None else {"If-Match": f'"{revision}"'}
    async with session.request(method, path, json=body or None, headers=headers) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def drafted(session: aiohttp.ClientSession) -> dict[str, Any]:
    wanted = {
        "setting": "inpatient",
        "medicine": CLOPIDOGREL,
        "dose": {"value": "1", "unit": "{tablet}"},
        "route": {"system": "http://snomed.info/sct", "code": "26643006", "display": "Oral route"},
        "timing": {"rhythm": "per-day", "times": 1},
        "quantity": {"value": "28", "unit": "{tablet}"},
    }
    return await ask(session, "POST", RX, patient="4711", wanted=wanted)


async def look_at(session: aiohttp.ClientSession, rx: dict[str, Any]) -> dict[str, Any]:
    told = CdsAsked.model_validate(await ask(session, "POST", f"{RX}/{rx['number']}/cds", rx["revision"]))
    assert told.look is not None
    return told.look.model_dump()


async def genotype(session: aiohttp.ClientSession, value: str = "*2/*2") -> None:
    found = {"gene": "CYP2C19", "value": value, "laboratory": "Sample laboratory", "at_ms": 1_600_000_000_000}
    told = await ask(session, "POST", "/api/patients/4711/genotypes", **found)
    GenotypeList.model_validate(told)


async def test_a_real_service_says_what_a_genotype_means_and_is_told_what_became_of_its_card(
    controller: RunningController, tmp_path: Path
) -> None:
    at = port()
    await with_services(controller, CdsService(name="PGx", url=f"http://127.0.0.1:{at}", timeout_ms=10_000))
    keys = f"{controller.address}/.well-known/jwks.json"
    async with example(at, keys, tmp_path) as pgx, client(controller, "anna") as anna:
        await genotype(anna)
        rx = await drafted(anna)
        look = await look_at(anna, rx)
        [answer] = look["answers"]
        assert (answer["code"], answer["sent"]) == ("", ["patient", "genotypes"])
        [held] = answer["cards"]
        assert held["card"]["indicator"] == "critical"
        assert "CYP2C19 *2/*2, poor metabolizer" in held["card"]["summary"]
        assert "PMID 35034351" in held["card"]["detail"]
        reason = held["card"]["overrideReasons"][1]
        path = f"/api/cds/looks/{look['id']}/cards/{held['key']}"
        await ask(anna, "PUT", path, outcome="overridden", reason=reason, comment="stent in 2024")
        async with asyncio.timeout(20):
            while not pgx.told.exists():  # noqa: ASYNC110 — another process writes it
                await asyncio.sleep(0.02)
        [told] = json.loads(pgx.told.read_text())["feedback"]
        assert told["card"] == held["card"]["uuid"]
        assert told["overrideReason"]["userComment"] == "stent in 2024"
        assert told["overrideReason"]["reason"]["code"] == "no-alternative"


async def test_a_service_that_was_killed_is_not_checked_and_signing_goes_on(
    controller: RunningController, tmp_path: Path
) -> None:
    at = port()
    await with_services(controller, CdsService(name="PGx", url=f"http://127.0.0.1:{at}", timeout_ms=10_000))
    keys = f"{controller.address}/.well-known/jwks.json"
    async with example(at, keys, tmp_path) as pgx, client(controller, "anna") as anna:
        await genotype(anna)
        by = await Prescriber.of(anna)
        rx = await drafted(anna)
        assert (await look_at(anna, rx))["answers"][0]["cards"]
        pgx.kill()
        assert await pgx.process.wait() == -9
        look = await look_at(anna, rx)
        assert [(one["service"], one["code"], one["cards"]) for one in look["answers"]] == [
            ("PGx", "down", [])
        ]
        signed = await by.sign(rx["number"])
        assert signed["state"] == "active"
        looks = CdsLookList.model_validate(await get(anna, f"{RX}/{rx['number']}/cds")).looks
        assert [one.answers[0].code for one in looks] == ["down", ""]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"body": b"<html>"}, "not-json"),
        ({"body": b'{"cards": [{"summary": "no source", "indicator": "info"}]}'}, "not-cards"),
        ({"body": b'{"cards": "none"}'}, "not-cards"),
        ({"body": DEEP}, "not-cards"),
        ({"body": b'{"cards": [], "x": "' + b"y" * 300_000 + b'"}'}, "too-large"),
        ({"status": 500}, "refused"),
        ({"status": 302}, "refused"),
        ({"status": 412}, "no-data"),
        ({"late_s": 30}, "late"),
        ({"hook": "order-select"}, "not-offered"),
    ],
)
async def test_rubbish_and_silence_are_not_checked(
    controller: RunningController, said: dict[str, Any], code: str
) -> None:
    async with odd(**said) as service, odd(body=json.dumps({"cards": [CARD]}).encode()) as good:
        late = "late_s" in said
        await with_services(
            controller, service.section("Bad", 300 if late else 5000), good.section("Good", 5000)
        )
        async with client(controller, "anna") as anna:
            look = await look_at(anna, await drafted(anna))
    assert [(one["service"], one["code"], len(one["cards"])) for one in look["answers"]] == [
        ("Bad", code, 0),
        ("Good", "", 1),
    ]
    assert look["answers"][0]["why"]


async def test_nobody_signs_over_a_critical_card_without_a_word_nor_unasked(
    controller: RunningController,
) -> None:
    async with odd(body=json.dumps({"cards": [CARD]}).encode()) as service:
        await with_services(controller, service.section())
        async with client(controller, "anna") as anna:
            by = await Prescriber.of(anna)
            rx = await drafted(anna)
            path = f"{RX}/{rx['number']}/signature"
            over: dict[str, Any] = {"json": {"signature": "a.b.c"}, "headers": {"If-Match": '"1"'}}
            async with anna.put(path, **over) as response:
                assert (response.status, "was not asked" in await response.text()) == (409, True)
            look = await look_at(anna, rx)
            async with anna.put(path, **over) as response:
                assert (response.status, "Stop and think" in await response.text()) == (409, True)
            key = look["unacknowledged"][0]
            judged = f"/api/cds/looks/{look['id']}/cards/{key}"
            assert await refusal(anna, "PUT", judged, json={"outcome": "overridden"}) == (400, "bad-request")
            foreign = {"outcome": "overridden", "reason": {"code": "else"}}
            assert await refusal(anna, "PUT", judged, json=foreign) == (400, "bad-request")
            after = await ask(anna, "PUT", judged, outcome="overridden", comment="I have")
            assert after["look"]["unacknowledged"] == []
            again = await look_at(anna, rx)
            assert again["unacknowledged"] == [], "a card that was judged is not asked about again"
            assert (await by.sign(rx["number"]))["state"] == "active"
            await eventually(lambda: bool(service.told))


async def test_a_service_gets_what_it_asks_for_and_nothing_else(controller: RunningController) -> None:
    prefetch = {
        "who": "Patient/{{context.patientId}}",
        "weight": "Observation?patient={{context.patientId}}&code=29463-7",
        "genes": "Observation?patient={{context.patientId}}&code=http://loinc.org|84413-4&_count=1",
        "conditions": "Condition?patient={{context.patientId}}",
        "others": "Patient?name=Muster",
    }
    async with odd(prefetch=prefetch) as service:
        await with_services(controller, service.section())
        async with client(controller, "anna") as anna:
            await genotype(anna)
            rx = await drafted(anna)
            await look_at(anna, rx)
            public = await get(anna, "/.well-known/jwks.json")
    [asked] = service.asked
    assert set(asked) == {"hook", "hookInstance", "context", "prefetch"}, "no way in to us, no token"
    assert set(asked["prefetch"]) == {"who", "weight", "genes"}
    assert asked["prefetch"]["weight"] is None, "no data are null"
    [gene] = asked["prefetch"]["genes"]["entry"]
    assert gene["resource"]["valueCodeableConcept"]["text"] == "CYP2C19 *2/*2"
    [order] = asked["context"]["draftOrders"]["entry"]
    assert (order["resource"]["status"], order["resource"]["id"]) == ("draft", rx["number"])
    assert order["resource"]["subject"]["reference"] == f"Patient/{asked['context']['patientId']}"
    token = jwt.decode(service.headers[-1].removeprefix("Bearer "), KeySet.import_key_set(public), ["ES384"])
    assert token.claims["aud"] == f"{service.url}/cds-services/odd"
    assert token.claims["iss"] == "https://here.example"


async def test_another_ward_s_patient_is_asked_about_by_nobody(controller: RunningController) -> None:
    async with odd() as service:
        await with_services(controller, service.section())
        async with client(controller, "anna") as anna, client(controller, "other") as other:
            rx = await drafted(anna)
            look = await look_at(anna, rx)
            body: dict[str, Any] = {"json": {"patient": "4711"}}
            assert (await refusal(other, "POST", "/api/cds/patient-view", **body))[0] == 404
            over: dict[str, Any] = {"headers": {"If-Match": '"1"'}}
            assert (await refusal(other, "POST", f"{RX}/{rx['number']}/cds", **over))[0] == 404
            assert (await refusal(other, "GET", f"{RX}/{rx['number']}/cds"))[0] == 404
            judged = {"json": {"outcome": "overridden"}}
            path = f"/api/cds/looks/{look['id']}/cards/x"
            assert (await refusal(other, "PUT", path, **judged))[0] == 404
            assert (await refusal(other, "GET", "/api/patients/4711/genotypes"))[0] == 404
        async with client(controller, "nina") as nina:
            assert (await refusal(nina, "POST", "/api/cds/patient-view", **body))[0] == 403
    assert len(service.asked) == 1


async def test_what_leaves_the_house_is_in_the_trail_before_it_does(controller: RunningController) -> None:
    async with odd(prefetch={"who": "Patient/{{context.patientId}}"}) as service:
        await with_services(controller, service.section("Somebody"))
        async with client(controller, "anna") as anna:
            told = await ask(anna, "POST", "/api/cds/patient-view", patient="4711")
            assert told["look"]["hook"] == "patient-view"
    rows = await controller.store.read("SELECT entry FROM audit ORDER BY number")
    entries = [json.loads(row["entry"]) for row in rows]
    names = [one["action"] for one in entries if one["action"].startswith("cds")]
    assert names == ["cds-asked", "cds-look", "cds-patient-view"]
    asked = next(one for one in entries if one["action"] == "cds-asked")
    assert (asked["patient"], asked["detail"]["service"], asked["detail"]["prefetch"]) == (
        "4711",
        "Somebody",
        "who",
    )
    assert isinstance(service, Odd)
