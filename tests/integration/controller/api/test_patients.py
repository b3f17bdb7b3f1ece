"""What is known of patients over HTTP: who may see and say what, and the same in FHIR R4."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from controller.api.patients_schemas import PatientAnswer, PatientList
from controller.security.permissions import Role
from controller.stays import Patient
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.fhir_documents import faults_of
from tests.support.http import client, get, refusal, status
from tests.support.people import add_person

LIST, ONE = "/api/patients", "/api/patients/4711"
PENICILLIN = {
    "display": "Penicillin",
    "code": "91936005",
    "system": "http://snomed.info/sct",
    "criticality": "high",
    "reaction": "rash",
}
EVA = {"identifier": "A/7 %", "name": "Muster, Eva", "ward": "ward-b", "birth_date": "1980-01-02"}
EVAS = f"{LIST}/A%2F7%20%25"


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    """4711 lies on bed-1 of ward-a; anna and ben work there, other and pharma in ward-b."""
    with quick_passwords():
        async with running(tmp_path, radiology=Role.RADIOLOGY) as started:
            await started.add_bed("bed-1", "Bed 1")
            await started.registry.add_ward("ward-b", "Ward B")
            for name, role, ward in (
                ("anna", Role.NURSE, "ward-a"),
                ("ben", Role.PHYSICIAN, "ward-a"),
                ("other", Role.NURSE, "ward-b"),
                ("pharma", Role.PHARMACIST, "ward-b"),
                ("viewer", Role.VIEWER, "ward-a"),
            ):
                await add_person(started, name, role, [ward])
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nurse")
            yield started


def over(revision: int) -> dict[str, str]:
    return {"If-Match": f'"{revision}"'}


async def said(session: aiohttp.ClientSession, method: str, path: str, **options: Any) -> dict[str, Any]:
    async with session.request(method, path, **options) as response:
        assert response.status == 200, await response.text()
        told = PatientAnswer.model_validate(await response.json()).model_dump()["patient"]
        assert response.headers["ETag"] == f'"{told["revision"]}"'
        return told


async def trail(controller: RunningController, action: str) -> list[tuple[str, str | None]]:
    asked = "SELECT actor, patient FROM audit WHERE action = ? ORDER BY number"
    return [tuple(row) for row in await controller.store.read(asked, (action,))]


async def test_silence_of_allergies_is_told_as_silence(controller: RunningController) -> None:
    async with client(controller, "anna") as anna:
        facts = await said(anna, "GET", ONE)
        assert (facts["allergies"], facts["no_known_allergies"], facts["revision"]) == ([], None, 0)
        assert (await get(anna, "/api/fhir/AllergyIntolerance", patient="4711"))["total"] == 0
        await said(anna, "PUT", f"{ONE}/no-known-allergies", headers=over(0))
        [none] = (await get(anna, "/api/fhir/AllergyIntolerance", patient="4711"))["entry"]
        assert none["resource"]["code"]["coding"][0]["code"] == "716186003"
    assert await trail(controller, "patient-no-known-allergies") == [("anna", "4711")]
    assert ("anna", "4711") in await trail(controller, "patient")


async def test_who_knows_of_the_patient_says_what_it_is_and_the_next_one_sees_it(
    controller: RunningController,
) -> None:
    async with client(controller, "anna") as anna, client(controller, "ben") as ben:
        born = {"birth_date": "1950-03", "sex": "female"}
        assert await status(anna, "PUT", f"{ONE}/person", json=born) == 428
        await said(anna, "PUT", f"{ONE}/person", json=born, headers=over(0))
        assert await status(ben, "PUT", f"{ONE}/person", json=born, headers=over(0)) == 412
        facts = await said(ben, "POST", f"{ONE}/allergies", json=PENICILLIN)
        [allergy] = facts["allergies"]
        path = f"{ONE}/allergies/{allergy['id']}"
        body = {**PENICILLIN, "status": "entered-in-error"}
        facts = await said(anna, "PUT", path, json=body, headers=over(facts["revision"]))
        assert [one["status"] for one in facts["allergies"]] == ["entered-in-error"]
        assert await status(anna, "PUT", f"{ONE}/allergies/99", json=body, headers=over(3)) == 404
        weight = {"kind": "weight", "value": 71.5, "unit": "kg"}
        facts = await said(anna, "POST", f"{ONE}/measurements", json=weight)
        assert (facts["birth_date"], facts["weight"]["value"], facts["weight"]["by"]) == (
            "1950-03",
            71.5,
            "anna",
        )


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "weight", "value": 71_500, "unit": "g"},
        {"kind": "weight", "value": 71_500, "unit": "kg"},
        {"kind": "creatinine", "value": 1.1, "unit": "mg/dL"},
        {"kind": "height", "value": 1.7, "unit": "cm"},
        {"kind": "mood", "value": 1, "unit": "kg"},
    ],
)
async def test_a_value_in_another_unit_is_refused(
    controller: RunningController, body: dict[str, Any]
) -> None:
    async with client(controller, "anna") as anna:
        assert await status(anna, "POST", f"{ONE}/measurements", json=body) == 400
        assert (await said(anna, "GET", ONE))["revision"] == 0


async def test_whoever_does_not_see_the_patient_learns_nothing(controller: RunningController) -> None:
    async with client(controller, "other") as other:
        assert (await get(other, LIST))["patients"] == []
        for method, path, body in (
            ("GET", ONE, None),
            ("POST", f"{ONE}/allergies", PENICILLIN),
            ("POST", f"{ONE}/measurements", {"kind": "weight", "value": 70, "unit": "kg"}),
            ("PUT", f"{ONE}/person", {"birth_date": None, "sex": None}),
            ("PUT", f"{ONE}/no-known-allergies", None),
        ):
            assert await status(other, method, path, json=body, headers=over(0)) == 404
        for kind, name in (("Patient", "identifier"), ("AllergyIntolerance", "patient")):
            assert (await get(other, f"/api/fhir/{kind}", **{name: "4711"}))["total"] == 0
        taken = {"identifier": "4711", "name": "Muster, Anna", "ward": "ward-b"}
        assert await status(other, "POST", LIST, json=taken) == 409
        assert await status(other, "GET", ONE) == 404
    async with client(controller, "viewer") as viewer, client(controller, "radiology") as radiology:
        assert await status(viewer, "GET", ONE) == 403
        assert await status(radiology, "POST", f"{ONE}/allergies", json=PENICILLIN) == 403
        assert (await said(radiology, "GET", ONE))["name"] == "Muster, Anna"


async def test_who_broke_the_glass_sees_facts_and_changes_none(controller: RunningController) -> None:
    async with client(controller, "anna") as anna, client(controller, "other") as other:
        await said(anna, "POST", f"{ONE}/allergies", json=PENICILLIN)
        body = {"patient": "4711", "reason": "called to the resuscitation of this patient"}
        async with other.post("/api/break-glass", json=body) as response:
            assert response.status < 300
        assert len((await said(other, "GET", ONE))["allergies"]) == 1
        assert await status(other, "POST", f"{ONE}/allergies", json={"display": "Latex"}) == 404


async def test_an_out_patient_is_seen_by_those_who_see_that_ward(controller: RunningController) -> None:
    async with client(controller, "anna") as anna, client(controller, "other") as other:
        assert await status(anna, "POST", LIST, json=EVA) == 404  # not one of her wards
        facts = await said(other, "POST", LIST, json=EVA)
        assert (facts["identifier"], facts["ward"]) == ("A/7 %", "ward-b")
        assert (await refusal(other, "POST", LIST, json=EVA))[0] == 409
        assert (await said(other, "GET", EVAS))["birth_date"] == "1980-01-02"
        async with client(controller, "pharma") as pharma:
            assert len((await get(pharma, LIST, text="eva"))["patients"]) == 1
        assert await status(anna, "GET", EVAS) == 404
        [mine] = PatientList.model_validate(await get(anna, LIST)).patients
        assert mine.identifier == "4711"
        moved = {"ward": "ward-a"}
        await said(other, "PUT", f"{EVAS}/ward", json=moved, headers=over(facts["revision"]))
        assert await status(other, "GET", EVAS) == 404
        assert (await said(anna, "GET", EVAS))["name"] == "Muster, Eva"


async def test_a_long_list_is_read_page_by_page(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controller.api.patients.PAGE", 2)
    async with client(controller, "other") as other:
        for number in range(5):
            await said(other, "POST", LIST, json={**EVA, "identifier": f"P&{number}"})
        path, found = f"{LIST}?text=eva", list[str]()
        while path:
            page = await get(other, path)
            found += [one["identifier"] for one in page["patients"]]
            path = page["next"]
    assert found == [f"P&{number}" for number in range(5)]


async def test_fhir_bundles_hold_against_validators_of_others(controller: RunningController) -> None:
    async with client(controller, "anna") as anna:
        born = {"birth_date": "1950-03", "sex": "female"}
        await said(anna, "PUT", f"{ONE}/person", json=born, headers=over(0))
        told = await said(anna, "PUT", f"{ONE}/no-known-allergies", headers=over(1))
        none = await get(anna, "/api/fhir/AllergyIntolerance", patient="4711")
        told = await said(anna, "POST", f"{ONE}/allergies", json=PENICILLIN)
        path = f"{ONE}/allergies/{told['allergies'][0]['id']}"
        wrong = {**PENICILLIN, "status": "entered-in-error"}
        await said(anna, "PUT", path, json=wrong, headers=over(told["revision"]))
        for more in ({"display": "Latex"}, {"display": "Nuts", "status": "inactive", "criticality": "low"}):
            await said(anna, "POST", f"{ONE}/allergies", json=more)
        patient = await get(anna, "/api/fhir/Patient", identifier="4711")
        allergies = await get(anna, "/api/fhir/AllergyIntolerance", patient="4711")
        assert await status(anna, "GET", "/api/fhir/Patient") == 400
    assert [one["total"] for one in (none, patient, allergies)] == [1, 1, 3]
    resource = patient["entry"][0]["resource"]
    assert (resource["birthDate"], resource["gender"]) == ("1950-03", "female")
    assert patient["entry"][0]["fullUrl"] == f"urn:uuid:{resource['id']}"
    for one in faults_of([none, patient, allergies]):
        one.pop("ours")  # of documents, in which everything refers to something
        assert one == {"schema": [], "fhir": [], "medplum": []}, json.dumps(allergies)
