"""Orders and reports over HTTP: who may, in which order, what is signed, and who is told."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pyotp.totp import TOTP

from controller.api.context import CONTEXT
from controller.api.imaging_schemas import Worklist
from controller.api.radiology_schemas import (
    ImagingOrderList,
    ImagingOrderView,
    ImagingReport,
    NoticeList,
)
from controller.identity.files import open_authority
from controller.identity.pems import read_certificate
from controller.radiology.signing import verify
from controller.security.permissions import Role
from controller.security.users import find_account
from controller.stays import Patient, identify, unknown
from tests.support import dicom
from tests.support.archive import beside
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.fhir_documents import faults_of
from tests.support.http import client, events, get, refusal, status
from tests.support.people import add_person

ORDERS, NOTICES = "/api/imaging/orders", "/api/imaging/notices"
BODY = {"bed": "bed-1", "patient": "4711", "modality": "CT", "part": "head", "reason": "fall"}
FINAL = {
    "state": "final",
    "findings": "No bleeding.\nNo fracture.",
    "conclusion": "normal",
    "critical": False,
}
PROOF = {"password": PASSWORD}


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    with quick_passwords():
        async with running(tmp_path, radiology=Role.RADIOLOGY) as started:
            await started.add_bed("bed-1", "Bed 1")
            await started.registry.add_ward("ward-b", "Ward B")
            for name, role, ward in (
                ("nurse", Role.NURSE, "ward-a"),
                ("anna", Role.PHYSICIAN, "ward-a"),
                ("ben", Role.PHYSICIAN, "ward-a"),
                ("other", Role.PHYSICIAN, "ward-b"),
            ):
                await add_person(started, name, role, [ward])
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nurse")
            yield started


async def placed(session: aiohttp.ClientSession, **more: Any) -> dict[str, Any]:
    async with session.post(ORDERS, json={**BODY, **more}) as response:
        assert response.status == 200, await response.text()
        told = await response.json()
        assert response.headers["ETag"] == f'"{told["revision"]}"'
        return told


def over(revision: int) -> dict[str, str]:
    return {"If-Match": f'"{revision}"'}


async def written(session: aiohttp.ClientSession, order: str, version: int, **body: Any) -> dict[str, Any]:
    path = f"{ORDERS}/{order}/report"
    async with session.put(path, json=body, headers=over(version)) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def trail(controller: RunningController, action: str) -> list[tuple[str, str, str | None]]:
    asked = "SELECT actor, entity, patient FROM audit WHERE action = ? ORDER BY number"
    return [tuple(row) for row in await controller.store.read(asked, (action,))]


async def test_an_order_is_placed_with_numbers_of_its_own_and_stands_in_the_trail(
    controller: RunningController,
) -> None:
    async with client(controller, "anna") as anna:
        first, second = await placed(anna), await placed(anna, draft=True, priority="stat", station="CT1")
        assert ImagingOrderList.model_validate(await get(anna, ORDERS)).orders[0].state == "draft"
    assert (first["state"], first["placed_by"], first["patient"]["identifier"]) == ("active", "anna", "4711")
    assert first["study"].startswith("2.25.")
    assert len(first["study"]) <= 64
    assert len({first["study"], second["study"], first["accession"], second["accession"]}) == 4
    assert len(first["accession"]) <= 16
    entities = [f"imaging-order/{one['accession']}" for one in (first, second)]
    assert await trail(controller, "imaging-order-placed") == [("anna", one, "4711") for one in entities]


async def test_only_whoever_sees_the_patient_sees_the_order_or_places_one(
    controller: RunningController,
) -> None:
    async with client(controller, "anna") as anna:
        order = await placed(anna)
        assert (await refusal(anna, "POST", ORDERS, json={**BODY, "patient": "4712"}))[0] == 409
    path = f"{ORDERS}/{order['accession']}"
    async with client(controller, "other") as other:
        assert (await get(other, ORDERS))["orders"] == []
        assert (await get(other, ORDERS, patient="4711"))["orders"] == []
        assert await status(other, "GET", f"{path}/report") == 404
        body = {"state": "revoked", "why": "x"}
        assert await status(other, "PUT", f"{path}/state", json=body, headers=over(1)) == 404
        assert await status(other, "POST", ORDERS, json=BODY) == 404
    async with client(controller, "nurse") as nurse:
        assert len((await get(nurse, ORDERS))["orders"]) == 1
        assert await status(nurse, "POST", ORDERS, json=BODY) == 403


async def test_orders_are_read_page_by_page_and_none_is_told_twice(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controller.api.radiology.PAGE", 2)
    async with client(controller, "anna") as anna:
        made = [(await placed(anna))["accession"] for _ in range(5)]
        path, found, pages = f"{ORDERS}?patient=4711", list[str](), 0
        while path:
            page = ImagingOrderList.model_validate(await get(anna, path))
            found += [one.accession for one in page.orders]
            path, pages = page.next or "", pages + 1
            if pages == 1:
                await placed(anna)  # what is new does not move the pages
        assert await status(anna, "GET", f"{ORDERS}?before=x") == 400
    assert (found, pages) == (made[::-1], 3)


async def test_a_study_that_nobody_ordered_gets_an_order_and_a_report(
    controller: RunningController, tmp_path: Path
) -> None:
    study = dicom.uid()
    path = f"/api/imaging/studies/{study}/order"
    async with beside(controller, tmp_path) as archive, client(controller, "radiology") as radiology:
        assert await status(radiology, "POST", path) == 404
        await archive.put(dicom.ct("4711", study=study, AccessionNumber="X1", StudyDescription="Skull"))
        [told] = Worklist.model_validate(await get(radiology, "/api/imaging/studies")).studies
        assert told.order is None
        async with radiology.post(path) as response:
            order = ImagingOrderView.model_validate(await response.json())
        assert (order.state, order.study, order.modality, order.part) == ("completed", study, "CT", "Skull")
        assert (order.placed_by, order.patient.identifier) == ("radiology", "4711")
        assert order.reason.startswith("unsolicited")
        assert order.accession != "X1"
        async with radiology.post(path) as response:
            assert (await response.json())["accession"] == order.accession, "asked for twice it is one"
        [told] = (await get(radiology, "/api/imaging/studies"))["studies"]
        assert told["order"] == order.accession
        await written(radiology, order.accession, 0, **FINAL, **PROOF)
        async with client(controller, "anna") as anna, client(controller, "other") as other:
            assert len((await get(anna, ORDERS))["orders"]) == 1
            assert await status(other, "POST", path) == 404
        async with client(controller, "nurse") as nurse:
            assert await status(nurse, "POST", path) == 403
    assert await trail(controller, "imaging-order-unsolicited") == [
        ("radiology", f"imaging-order/{order.accession}", "4711")
    ]


async def test_no_order_is_made_for_a_study_whose_patient_is_in_doubt_or_was_never_here(
    controller: RunningController, tmp_path: Path
) -> None:
    stranger, nobody = dicom.uid(), dicom.uid()
    async with beside(controller, tmp_path) as archive, client(controller, "radiology") as radiology:
        await archive.put(dicom.ct("9999", "Stranger^Sam", study=stranger))
        await archive.put(dicom.ct("", study=nobody))
        for study in (stranger, nobody):
            assert await status(radiology, "POST", f"/api/imaging/studies/{study}/order") == 409
        assert (await get(radiology, ORDERS))["orders"] == []


async def test_the_images_of_an_order_lead_to_that_order(
    controller: RunningController, tmp_path: Path
) -> None:
    async with beside(controller, tmp_path) as archive, client(controller, "anna") as anna:
        order = await placed(anna)
        study = dicom.uid()  # a modality that took only the accession number
        await archive.put(dicom.ct("4711", study=study, AccessionNumber=order["accession"]))
        async with anna.post(f"/api/imaging/studies/{study}/order") as response:
            assert (await response.json())["accession"] == order["accession"]
        assert len((await get(anna, ORDERS))["orders"]) == 1


async def test_a_study_that_names_the_order_of_another_patient_is_not_reported_as_that(
    controller: RunningController, tmp_path: Path
) -> None:
    study = dicom.uid()
    await controller.add_bed("bed-2", "Bed 2")
    await controller.registry.admit("bed-2", Patient("4712", "Muster, Eva"), "nurse")
    async with beside(controller, tmp_path) as archive, client(controller, "anna") as anna:
        order = await placed(anna)
        await archive.put(dicom.ct("4712", "Muster^Eva", study=study, AccessionNumber=order["accession"]))
        [told] = (await get(anna, "/api/imaging/studies"))["studies"]
        assert told["order"] is None
        assert await status(anna, "POST", f"/api/imaging/studies/{study}/order") == 409


async def test_who_broke_the_glass_begins_no_report(controller: RunningController, tmp_path: Path) -> None:
    study = dicom.uid()
    async with beside(controller, tmp_path) as archive, client(controller, "other") as other:
        await archive.put(dicom.ct("4711", study=study))
        body = {"patient": "4711", "reason": "called to the resuscitation of this patient"}
        async with other.post("/api/break-glass", json=body) as response:
            assert response.status < 300
        assert len((await get(other, "/api/imaging/studies"))["studies"]) == 1
        assert await status(other, "POST", f"/api/imaging/studies/{study}/order") == 404


async def test_a_forbidden_step_is_refused_with_what_is_possible_and_one_unseen_with_412(
    controller: RunningController,
) -> None:
    async with client(controller, "anna") as anna:
        order = await placed(anna, draft=True)
        path = f"{ORDERS}/{order['accession']}/state"
        assert await status(anna, "PUT", path, json={"state": "active"}) == 428
        async with anna.put(path, json={"state": "on-hold", "why": "x"}, headers=over(1)) as response:
            assert response.status == 409
            message = (await response.json())["error"]["message"]
        assert message.endswith("possible now is active, entered-in-error, revoked")
        assert await status(anna, "PUT", path, json={"state": "active"}, headers=over(1)) == 200
        assert await status(anna, "PUT", path, json={"state": "revoked", "why": "x"}, headers=over(1)) == 412
        assert await status(anna, "PUT", path, json={"state": "revoked"}, headers=over(2)) == 400
        assert await status(anna, "PUT", path, json={"state": "completed"}, headers=over(2)) == 409
        assert await status(anna, "PUT", path, json={"state": "revoked", "why": "x"}, headers=over(2)) == 200
        schedule = {"station": "CT2", "scheduled_ms": 1}
        path = path.replace("state", "schedule")
        assert await status(anna, "PUT", path, json=schedule, headers=over(3)) == 409


async def test_radiology_says_which_device_does_it_and_when(controller: RunningController) -> None:
    async with client(controller, "anna") as anna, client(controller, "radiology") as radiology:
        path = f"{ORDERS}/{(await placed(anna))['accession']}"
        body = {"station": "CT2", "scheduled_ms": 1_795_699_800_000}
        assert await status(radiology, "PUT", f"{path}/schedule", json=body, headers=over(1)) == 200
        [order] = (await get(anna, ORDERS, state="active"))["orders"]
        assert (order["station"], order["scheduled_ms"], order["revision"]) == (
            "CT2",
            body["scheduled_ms"],
            2,
        )
        taken_back = {"state": "revoked", "why": "x"}
        assert await status(radiology, "PUT", f"{path}/state", json=taken_back, headers=over(2)) == 403


async def test_an_order_for_somebody_unknown_is_for_whoever_that_turns_out_to_be(
    controller: RunningController,
) -> None:
    nobody, registry = Patient(unknown("ride-1"), "unknown, male"), controller.registry
    await registry.admit("bed-1", nobody, "nurse")
    async with client(controller, "anna") as anna:
        order = await placed(anna, patient=nobody.identifier)
        stay, who = "SELECT * FROM stay WHERE to_ms IS NULL", Patient("4713", "Bach, Carla")
        await controller.store.write(lambda db: identify(db, db.execute(stay).fetchone(), who))
        await registry.load()
        [held] = (await get(anna, ORDERS, patient="4713"))["orders"]
    assert (held["accession"], held["patient"]["name"]) == (order["accession"], "Bach, Carla")


async def test_a_report_is_signed_with_a_proof_and_every_version_is_kept(
    controller: RunningController, tmp_path: Path
) -> None:
    async with client(controller, "anna") as anna:
        order = (await placed(anna))["accession"]
    path = f"{ORDERS}/{order}/report"
    async with client(controller, "radiology") as radiology:
        assert (await get(radiology, path))["version"] == 0
        await written(radiology, order, 0, state="preliminary", findings="looks normal")
        assert await status(radiology, "GET", f"{path}/signed") == 404
        refused = await refusal(radiology, "PUT", path, json=FINAL, headers=over(1))
        assert refused == (401, "proof-needed")
        wrong = {**FINAL, "password": "wrong"}
        assert await refusal(radiology, "PUT", path, json=wrong, headers=over(1)) == (401, "wrong-login")
        await written(radiology, order, 1, **FINAL, **PROOF)
        back = {**FINAL, **PROOF, "state": "preliminary"}
        assert await status(radiology, "PUT", path, json=back, headers=over(2)) == 409
        changed = {**FINAL, "state": "corrected", "conclusion": "fracture", **PROOF}
        assert await status(radiology, "PUT", path, json=changed, headers=over(2)) == 400
        told = await written(radiology, order, 2, **changed, why="wrong side")
        async with radiology.get(f"{path}/signed") as response:
            content = await response.read()
    versions = ImagingReport.model_validate(told).versions
    states = [(one.version, one.state, one.signed) for one in versions]
    assert states == [(3, "corrected", True), (2, "final", True), (1, "preliminary", False)]
    assert versions[1].conclusion == "normal"
    held = verify(content, [read_certificate(tmp_path / "ca" / "root.pem")])
    assert (held.by, held.report["status"], held.report["conclusion"]) == (
        "radiology",
        "corrected",
        "fracture",
    )
    assert [one[0] for one in await trail(controller, "imaging-report-signed")] == ["radiology"] * 2
    with pytest.raises(Exception, match="reports only grow"):
        await controller.store.write(lambda db: db.execute("UPDATE imaging_report SET findings = ''"))


async def test_a_code_of_the_second_factor_is_a_proof_once(controller: RunningController) -> None:
    factors = controller.app[CONTEXT].factors
    async with client(controller, "anna") as anna:
        order = (await placed(anna))["accession"]
    offer = await factors.offer("radiology")
    async with client(controller, "radiology") as radiology:
        now_s = controller.clock.utc_us() // 1_000_000
        assert await factors.confirm("radiology", TOTP(offer.secret).at(now_s), "") is not None
        account = await find_account(controller.store, "radiology")
        assert account is not None
        code = TOTP(offer.secret).at(now_s + 30)  # the next step's
        await written(radiology, order, 0, **FINAL, code=code)
        again = {**FINAL, "state": "amended", "why": "more", "code": code}
        path = f"{ORDERS}/{order}/report"
        assert await refusal(radiology, "PUT", path, json=again, headers=over(1)) == (401, "wrong-code")


async def test_the_orderer_is_told_and_has_read_it(controller: RunningController) -> None:
    async with client(controller, "anna") as anna, client(controller, "ben") as ben:
        order = (await placed(anna))["accession"]
        async with events(anna) as stream, client(controller, "radiology") as radiology:
            await anext(stream)
            await written(radiology, order, 0, **FINAL, **PROOF)
            async for _, kind, data in stream:
                if kind == "radiology":
                    assert data["items"] == [{"bed": "bed-1"}]
                    break
        [notice] = NoticeList.model_validate(await get(anna, NOTICES)).notices
        assert (notice.accession, notice.conclusion, notice.person) == (order, "normal", "anna")
        assert (await get(ben, NOTICES))["notices"] == []
        assert await status(ben, "PUT", f"{NOTICES}/{notice.id}/read") == 404
        assert (await refusal(anna, "PUT", f"{NOTICES}/{notice.id}/acknowledged"))[0] == 409
        assert await status(anna, "PUT", f"{NOTICES}/{notice.id}/read") == 204
        assert (await get(anna, NOTICES))["notices"] == []


async def test_a_critical_result_stays_until_somebody_else_acknowledges_it_by_name(
    controller: RunningController,
) -> None:
    async with client(controller, "anna") as anna:
        order = (await placed(anna))["accession"]
        await written(anna, order, 0, **{**FINAL, "critical": True}, **PROOF)
        [notice] = (await get(anna, NOTICES))["notices"]
        path = f"{NOTICES}/{notice['id']}/acknowledged"
        assert await status(anna, "PUT", path) == 409  # she signed it herself
    async with client(controller, "other") as other:
        assert (await get(other, NOTICES))["notices"] == []
        assert await status(other, "PUT", path) == 404
    async with client(controller, "ben") as ben:
        assert [one["critical"] for one in (await get(ben, NOTICES))["notices"]] == [True]
        async with ben.put(path) as response:
            told = await response.json()
        assert told["acknowledged_by"] == "ben"
        assert abs(told["acknowledged_ms"] - controller.clock.now_us() // 1000) < 60_000
        assert await status(ben, "PUT", path) == 409
        assert (await get(ben, NOTICES))["notices"] == []
    assert [one[0] for one in await trail(controller, "imaging-report-acknowledged")] == ["ben"]


async def test_whoever_placed_the_order_is_told_though_the_patient_has_left(
    controller: RunningController,
) -> None:
    async with client(controller, "anna") as anna, client(controller, "ben") as ben:
        order = (await placed(anna))["accession"]
        await controller.registry.discharge("bed-1", "nurse")
        async with client(controller, "radiology") as radiology:
            await written(radiology, order, 0, **{**FINAL, "critical": True}, **PROOF)
        [notice] = (await get(anna, NOTICES))["notices"]
        assert (await get(anna, f"{ORDERS}/{order}/report"))["versions"][0]["conclusion"] == "normal"
        assert (await get(ben, NOTICES))["notices"] == []
        assert await status(ben, "GET", f"{ORDERS}/{order}/report") == 404
        assert await status(ben, "PUT", f"{NOTICES}/{notice['id']}/acknowledged") == 404
        assert await status(anna, "PUT", f"{NOTICES}/{notice['id']}/read") == 204
        assert [one["id"] for one in (await get(anna, NOTICES))["notices"]] == [notice["id"]]
        assert await status(anna, "PUT", f"{NOTICES}/{notice['id']}/acknowledged") == 200
        assert (await get(anna, NOTICES))["notices"] == []


async def test_who_broke_the_glass_reads_and_changes_nothing(controller: RunningController) -> None:
    async with client(controller, "anna") as anna, client(controller, "other") as other:
        order = (await placed(anna))["accession"]
        body = {"patient": "4711", "reason": "called to the resuscitation of this patient"}
        async with other.post("/api/break-glass", json=body) as response:
            assert response.status < 300, await response.text()
        assert (await get(other, f"{ORDERS}/{order}/report"))["version"] == 0
        taken_back = {"state": "revoked", "why": "x"}
        assert await status(other, "PUT", f"{ORDERS}/{order}/state", json=taken_back, headers=over(1)) == 404
        report = {"state": "preliminary", "findings": "x"}
        assert await status(other, "PUT", f"{ORDERS}/{order}/report", json=report, headers=over(0)) == 404


async def test_without_the_sites_key_nothing_is_signed_and_nothing_kept(
    controller: RunningController, tmp_path: Path
) -> None:
    async with client(controller, "anna") as anna:
        order = (await placed(anna))["accession"]
        (tmp_path / "ca").rename(tmp_path / "gone")
        path = f"{ORDERS}/{order}/report"
        refused = await refusal(anna, "PUT", path, json={**FINAL, **PROOF}, headers=over(0))
        assert refused == (503, "identity")
        assert (await get(anna, path))["version"] == 0
        assert (await get(anna, NOTICES))["notices"] == []


async def test_fhir_bundles_hold_against_validators_of_others(
    controller: RunningController, tmp_path: Path
) -> None:
    async with beside(controller, tmp_path) as archive, client(controller, "anna") as anna:
        order = await placed(anna)
        await placed(anna, priority="stat", draft=True)
        await written(anna, order["accession"], 0, **{**FINAL, "critical": True}, **PROOF)
        await archive.put(
            dicom.ct("4711", StudyInstanceUID=order["study"], AccessionNumber=order["accession"])
        )
        kinds = ("ServiceRequest", "DiagnosticReport", "ImagingStudy")
        found = [await get(anna, f"/api/fhir/{kind}", patient="4711") for kind in kinds]
        assert await status(anna, "GET", "/api/fhir/ServiceRequest") == 400
        async with client(controller, "other") as other:
            for kind in kinds:
                assert (await get(other, f"/api/fhir/{kind}", patient="4711"))["total"] == 0
    assert [one["total"] for one in found] == [2, 1, 1]
    study = found[2]["entry"][0]["resource"]
    assert study["identifier"][0]["value"] == f"urn:oid:{order['study']}"
    assert [one["modality"]["code"] for one in study["series"]] == ["CT"]
    report = found[1]["entry"][0]["resource"]
    assert (report["status"], report["conclusionCode"][0]["text"]) == ("final", "critical result")
    for one in faults_of(found):
        one.pop("ours")  # of documents, in which everything refers to something
        assert one == {"schema": [], "fhir": [], "medplum": []}, json.dumps(found)
    assert ("anna", "", "4711") in await trail(controller, "fhir-imaging-study")
