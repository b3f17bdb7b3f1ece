"""Prescriptions over HTTP, with real keys: written, signed, handed out, carried, given; and by whom not."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from controller.api.badges_schemas import BadgeHeld
from controller.api.context import CONTEXT
from controller.api.pharmacy_schemas import (
    DeliveryList,
    MedicineList,
    PharmacyQueue,
    ReadyView,
    RecallList,
    RobotDrawers,
    RxProductList,
    ScanView,
)
from controller.api.prescriptions_issues_schemas import SourceList
from controller.api.prescriptions_rounds_schemas import RoundView
from controller.api.prescriptions_schemas import (
    DeliveryView,
    GivenView,
    PrescriptionDetail,
    PrescriptionList,
    PrescriptionView,
    RxNoticeList,
)
from controller.identity.files import open_authority
from controller.identity.pems import read_certificate
from controller.sections import SigningSection
from controller.security.accounts import By
from controller.security.badges import Shown
from controller.security.permissions import Role
from controller.signing.model import Unlock
from controller.signing.verify import verify
from controller.stays import Patient
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.fhir_documents import faults_of
from tests.support.http import client, events, get, refusal, status
from tests.support.people import add_person
from tests.support.prescriptions import ATC, GTIN, code
from tests.support.signers import PHRASE, Signer

WARDLINK = Path(__file__).parents[4] / "wardlink.py"
RX, HERE, WAY = "/api/prescriptions", "/api/pharmacy", "/api/deliveries"
MEDICINE = {
    "code": {"system": ATC, "code": "C07AB02", "display": "Metoprolol 50 mg"},
    "form": "tablet",
    "ingredients": [
        {"substance": {"system": ATC, "code": "C07AB02", "display": "Metoprolol"}, "strength": "50 mg"}
    ],
}
WANTED: dict[str, Any] = {
    "setting": "inpatient",
    "medicine": MEDICINE,
    "dose": {"value": "0.50", "unit": "{tablet}"},
    "route": {"system": "http://snomed.info/sct", "code": "26643006", "display": "Oral route"},
    "timing": {"rhythm": "every", "hours": 12},
    "quantity": {"value": "20", "unit": "{tablet}"},
    "days": 20,
    "repeats": 1,
    "reason": "hypertension",
    "note": "with water",
}
BODY = {"patient": "4711", "wanted": WANTED}
WRAP = {name: getattr(PHRASE, name) for name in type(PHRASE).__dataclass_fields__}


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    with quick_passwords():
        async with running(tmp_path, pia=Role.PHARMACIST, paul=Role.PHARMACIST) as started:
            started.signing = SigningSection(unlock=frozenset(Unlock))
            await started.stop()
            await started.start()
            await started.add_bed("bed-1", "Bed 1")
            await started.registry.add_ward("ward-b", "Ward B")
            for name, role, ward in (
                ("anna", Role.PHYSICIAN, "ward-a"),
                ("nina", Role.NURSE, "ward-a"),
                ("nick", Role.NURSE, "ward-a"),
                ("other", Role.PHYSICIAN, "ward-b"),
            ):
                await add_person(started, name, role, [ward])
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nina")
            yield started


def over(revision: int) -> dict[str, str]:
    return {"If-Match": f'"{revision}"'}


@dataclass
class People:
    """Sessions of everybody, and anna's key."""

    sessions: Mapping[str, aiohttp.ClientSession]
    key: Signer = field(default_factory=lambda: Signer("anna"))

    def __getitem__(self, name: str) -> aiohttp.ClientSession:
        return self.sessions[name]

    async def send(self, who: str, method: str, path: str, revision: int | None = None, **body: Any) -> Any:
        headers = {} if revision is None else over(revision)
        async with self[who].request(method, path, json=body, headers=headers) as response:
            assert response.status < 300, await response.text()
            return await response.json() if response.status == 200 else None

    async def get_key(self) -> None:
        async with self["anna"].post("/api/signing/challenge") as response:
            challenge = (await response.json())["challenge"]
        proof = {"proof": self.key.prove(challenge), "wraps": [WRAP], "password": PASSWORD}
        await self.send("anna", "POST", "/api/signing/keys", challenge=challenge, **proof)
        self.key.x5c = (await get(self["anna"], "/api/signing/unlock"))["x5c"]

    async def signature(self, number: str) -> tuple[str, int]:
        """What the page does: it signs the bytes that it was given and showed."""
        at_s = (await get(self["anna"], "/api/signing/unlock"))["utc_s"]
        async with self["anna"].get(f"{RX}/{number}/document") as response:
            assert response.content_type == "application/fhir+json"
            revision = int(response.headers["ETag"].strip('"'))
            return self.key.sign(json.loads(await response.read()), at_s), revision

    async def signed(self, **more: Any) -> dict[str, Any]:
        rx = await self.send("anna", "POST", RX, **{**BODY, **more})
        jws, revision = await self.signature(rx["number"])
        return await self.send("anna", "PUT", f"{RX}/{rx['number']}/signature", revision, signature=jws)

    async def handed_out(self, number: str) -> dict[str, Any]:
        """As the pharmacy does it."""
        body = {"medicine": MEDICINE, "high_alert": True}
        await self.send("pia", "PUT", f"{HERE}/products/{GTIN}", **body)
        [item] = [one for one in (await get(self["pia"], f"{HERE}/queue"))["queue"]
                  if one["prescription"]["number"] == number]  # fmt: skip
        path = f"{HERE}/tasks/{item['task']['id']}"
        task = await self.send("pia", "PUT", f"{path}/state", 1, state="accepted")
        made = await self.send("pia", "POST", f"{path}/dispenses", task["revision"], value="20")
        path = f"{HERE}/dispenses/{made['number']}"
        made = await self.send("pia", "POST", f"{path}/packs", made["revision"], code=code(), value="20")
        refused = await refusal(
            self["pia"], "PUT", f"{path}/completed", json={"destination": "ward-a"}, headers=over(2)
        )
        assert refused == (409, "conflict")
        made = await self.send("paul", "PUT", f"{path}/checked", made["revision"])
        return await self.send("pia", "PUT", f"{path}/completed", made["revision"], destination="ward-a")


@pytest.fixture
async def people(controller: RunningController) -> AsyncIterator[People]:
    async with AsyncExitStack() as stack:
        names = ("anna", "nina", "nick", "other", "pia", "paul")
        sessions = {name: await stack.enter_async_context(client(controller, name)) for name in names}
        made = People(sessions)
        await made.get_key()
        yield made


async def test_from_the_draft_to_the_dose_at_the_bed_and_everything_in_fhir(
    controller: RunningController, people: People, tmp_path: Path
) -> None:
    async with events(people["nina"]) as stream:
        await anext(stream)
        rx = await people.signed()
        async for _, kind, data in stream:
            if kind == "prescriptions":
                assert data["items"] == [{"bed": "bed-1"}]
                break
    PrescriptionView.model_validate(rx)
    assert (rx["state"], rx["wanted"]["dose"]["value"], rx["dosage"]) == (
        "active",
        "0.5",
        "0.5 {tablet} Oral route, every 12 h",
    )
    number = rx["number"]
    PharmacyQueue.model_validate(await get(people["pia"], f"{HERE}/queue"))
    ready = ReadyView.model_validate(await people.handed_out(number))
    assert (ready.kind, ready.code, ready.dispense.checked_by) == ("ward", "", "paul")
    told = {"holder": "robot:R1", "spot": "robot R1", "drawer": "2", "seal": "S-1"}
    way = await people.send("pia", "PUT", f"{WAY}/{ready.delivery}/custody", 1, **told)
    DeliveryView.model_validate(way)
    parts = controller.app[CONTEXT].prescriptions
    drawers = await get(people["nina"], f"{WAY}/robots/R1")
    [drawer] = RobotDrawers.model_validate(drawers).drawers
    assert (drawer.drawer, drawer.delivery.number) == ("2", ready.delivery)
    assert (await get(people["other"], f"{WAY}/robots/R1"))["drawers"] == []
    await people.send("nina", "PUT", "/api/account/badge", badge="badge of nina", password=PASSWORD)
    await people.send("nick", "PUT", "/api/account/pin", pin="4713", password=PASSWORD)
    await parts.deliveries.open(ready.delivery, "2", Shown(badge="badge of nina"), "robot:R1")
    round_ = RoundView.model_validate(await get(people["nina"], "/api/rounds", ward="ward-a"))
    [item] = round_.beds[0].items
    body = {"prescription": number, "due_ms": item.due_ms, "wristband": "4711", "drug": code()}
    assert item.needs_witness
    alone = {**body, "dose": WANTED["dose"]}
    assert await status(people["nina"], "POST", "/api/administrations", json=alone) == 400
    wrong = {**alone, "witness": {"person": "nick", "pin": "4714"}}
    assert await status(people["nina"], "POST", "/api/administrations", json=wrong) == 409
    both = {**alone, "witness": {"person": "nick", "pin": "4713"}}
    given = GivenView.model_validate(await people.send("nina", "POST", "/api/administrations", **both))
    assert (given.by, given.witness) == ("nina", "nick")
    detail = PrescriptionDetail.model_validate(await get(people["anna"], f"{RX}/{number}"))
    assert (detail.signed_by, detail.standing.left) == ("anna", "20")
    assert [one.holder for one in detail.deliveries[0].custody] == ["pia", "robot:R1", "nina"]
    async with people["anna"].get(f"{RX}/{number}/signed") as response:
        held = verify(await response.read(), [read_certificate(tmp_path / "ca" / "root.pem")])
    assert (held.name, held.document["status"]) == ("anna", "active")
    await _check_fhir(controller, people)


async def _check_fhir(controller: RunningController, people: People) -> None:
    """After another one that stayed a draft."""
    timing = {"rhythm": "as-needed", "times": 3, "hours": 6, "reason": "pain"}
    for more in (
        {"timing": timing, "begin_ms": 2_000_000_000_000},
        {"timing": {"rhythm": "per-day", "times": 2}},
    ):
        await people.send("anna", "POST", RX, patient="4711", wanted={**WANTED, **more})
    kinds = ("MedicationRequest", "MedicationDispense", "SupplyDelivery", "Task", "MedicationAdministration")
    paths = [f"/api/fhir/{kind}" for kind in (*kinds, "Provenance")]
    found = [await get(people["anna"], path, patient="4711") for path in paths]
    assert [one["total"] for one in found] == [3, 1, 1, 1, 1, 1]
    for path in paths:
        assert (await get(people["other"], path, patient="4711"))["total"] == 0
    for one in faults_of(found):
        one.pop("ours")  # of documents, in which everything refers to something
        assert one == {"schema": [], "fhir": [], "medplum": []}, json.dumps(found)
    seen = "SELECT count(*) FROM audit WHERE entry LIKE '%fhir-provenance%' AND entry LIKE '%4711%'"
    assert (await controller.store.read(seen))[0][0] == 1


async def test_only_whoever_sees_the_patient_sees_the_prescription_or_writes_one(people: People) -> None:
    rx = await people.signed()
    path, taken = f"{RX}/{rx['number']}", {"state": "stopped", "why": "x"}
    other = people["other"]
    assert (
        (await get(other, RX))["prescriptions"]
        == (await get(other, RX, patient="4711"))["prescriptions"]
        == []
    )
    for part in ("", "/document", "/signed"):
        assert await status(other, "GET", path + part) == 404
    assert await status(other, "PUT", f"{path}/state", json=taken, headers=over(2)) == 404
    assert await status(other, "POST", RX, json=BODY) == 404
    assert await status(people["nina"], "POST", RX, json=BODY) == 403
    assert await status(people["nina"], "GET", f"{HERE}/queue") == 403
    assert await status(people["anna"], "GET", f"{HERE}/queue") == 403
    assert await status(people["anna"], "POST", "/api/administrations", json={}) == 403
    listed = PrescriptionList.model_validate(await get(people["nina"], RX))
    assert [one.number for one in listed.prescriptions] == [rx["number"]]
    body = {"patient": "4711", "reason": "called to the resuscitation of this patient"}
    async with other.post("/api/break-glass", json=body) as response:
        assert response.status < 300, await response.text()
    assert await status(other, "GET", path) == 200
    assert await status(other, "PUT", f"{path}/state", json=taken, headers=over(2)) == 404


async def test_an_out_patient_of_the_ward_gets_a_medicine_of_the_formulary(people: People) -> None:
    person: dict[str, Any] = {"birth_date": "1950", "sex": "female", "name": "Bach, Carla", "ward": "ward-a"}
    await people.send("anna", "POST", "/api/patients", identifier="4713", **person)
    [choice, *_] = MedicineList.model_validate(
        await get(people["anna"], "/api/medicines", text="paracetamol 500")
    ).medicines
    wanted = {**WANTED, "medicine": asdict(choice.medicine), "setting": "community"}
    rx = await people.signed(patient="4713", wanted=wanted, delivery="home")
    assert (rx["patient"]["name"], rx["state"]) == ("Bach, Carla", "active")
    assert await status(people["other"], "GET", f"{RX}/{rx['number']}") == 404
    path, revision = f"{RX}/{rx['number']}/delivery", int(rx["revision"])
    chosen = await people.send("nina", "PUT", path, revision, delivery="pick-up")
    assert chosen["delivery"] == "pick-up"


async def test_of_two_changes_at_once_none_is_lost_and_a_forbidden_step_says_what_is_possible(
    people: People,
) -> None:
    rx = await people.send("anna", "POST", RX, **BODY)
    path, body = f"{RX}/{rx['number']}", {"wanted": WANTED}
    anna = people["anna"]
    assert await status(anna, "PUT", f"{path}/draft", json=body) == 428
    await people.send("anna", "PUT", f"{path}/draft", 1, **body)
    assert await status(anna, "PUT", f"{path}/draft", json=body, headers=over(1)) == 412
    async with anna.put(f"{path}/state", json={"state": "stopped", "why": "x"}, headers=over(2)) as response:
        assert response.status == 409
        message = (await response.json())["error"]["message"]
    assert message.endswith("possible now is active, cancelled, entered-in-error")
    wrong = {**BODY, "wanted": {**WANTED, "dose": {"value": 0.5, "unit": "mg"}}}
    assert await status(anna, "POST", RX, json=wrong) == 400  # no binary float
    zero = {**BODY, "wanted": {**WANTED, "dose": {"value": "0.0", "unit": "mg"}}}
    assert await status(anna, "POST", RX, json=zero) == 400


async def test_a_signature_by_another_or_over_another_revision_is_refused(people: People) -> None:
    rx = await people.send("anna", "POST", RX, **BODY)
    path = f"{RX}/{rx['number']}"
    jws, revision = await people.signature(rx["number"])
    await people.send("anna", "PUT", f"{path}/draft", revision, wanted={**WANTED, "repeats": 2})
    for known, expected in ((revision, (412, "outdated")), (revision + 1, (400, "bad-signature"))):
        body = {"json": {"signature": jws}, "headers": over(known)}
        assert await refusal(people["anna"], "PUT", f"{path}/signature", **body) == expected
    stranger = Signer("anna", x5c=people.key.x5c)
    at_s = (await get(people["anna"], "/api/signing/unlock"))["utc_s"]
    document = await get(people["anna"], f"{path}/document")
    body = {"json": {"signature": stranger.sign(document, at_s)}, "headers": over(revision + 1)}
    assert await refusal(people["anna"], "PUT", f"{path}/signature", **body) == (400, "bad-signature")


async def test_a_dose_that_was_changed_in_the_database_is_not_handed_out(
    controller: RunningController, people: People
) -> None:
    await people.signed()
    await controller.store.write(lambda db: db.execute("UPDATE prescription SET dose_value = '50'"))
    [item] = (await get(people["pia"], f"{HERE}/queue"))["queue"]
    path = f"{HERE}/tasks/{item['task']['id']}/state"
    refused = await refusal(people["pia"], "PUT", path, json={"state": "accepted"}, headers=over(1))
    assert refused == (409, "conflict")
    rows = await controller.store.read("SELECT entry FROM audit WHERE entry LIKE '%prescription-differs%'")
    assert json.loads(rows[0][0])["outcome"] == "refused"


async def test_what_is_picked_up_has_a_number_and_a_code_and_the_prescriber_hears_of_a_rejection(
    people: People,
) -> None:
    rx = await people.signed(delivery="pick-up")
    ready = ReadyView.model_validate(await people.handed_out(rx["number"]))
    assert (ready.queue, len(ready.code)) == (1, 6)
    [way] = DeliveryList.model_validate(await get(people["nick"], WAY)).deliveries
    assert (way.number, way.queue) == (ready.delivery, 1)
    path = f"{WAY}/{way.number}/received"
    wrong = {"code": "000000" if ready.code != "000000" else "000001"}
    assert await status(people["nick"], "PUT", path, json=wrong, headers=over(1)) == 409
    done = await people.send("nick", "PUT", path, 1, code=ready.code, spot="desk")
    assert (done["state"], done["custody"][-1]["verified"]) == ("completed", "code")
    held = await get(people["anna"], f"{RX}/{rx['number']}")
    await people.send(
        "nina", "POST", f"{RX}/{rx['number']}/repeats", held["prescription"]["revision"], why="travels"
    )
    [item] = (await get(people["pia"], f"{HERE}/queue"))["queue"]
    path = f"{HERE}/tasks/{item['task']['id']}/state"
    await people.send("pia", "PUT", path, 1, state="rejected", why="not on the shelf")
    [notice] = RxNoticeList.model_validate(await get(people["anna"], f"{RX}/notices")).notices
    assert (notice.kind, notice.detail) == ("rejected", "not on the shelf")
    assert await status(people["other"], "PUT", f"{RX}/notices/{notice.id}/read") == 404
    assert await status(people["anna"], "PUT", f"{RX}/notices/{notice.id}/read") == 204
    assert (await get(people["anna"], f"{RX}/notices"))["notices"] == []


async def test_the_checks_know_the_patients_allergies_and_a_pack_says_what_it_is(people: People) -> None:
    allergy = {"display": "Metoprolol", "system": ATC, "code": "C07AB02", "criticality": "high"}
    async with people["anna"].post("/api/patients/4711/allergies", json=allergy) as response:
        assert response.status == 200, await response.text()
    rx = await people.send("anna", "POST", RX, **BODY)
    high = [one for one in rx["issues"] if one["needs_reason"]]
    hint, *_ = [one for one in high if one["kind"] == "allergy"]
    assert (hint["en"] in hint["detail"], hint["zh"] in hint["detail"], hint["gap"]) == (True, True, "")
    listed = SourceList.model_validate(await get(people["anna"], f"{RX}/sources")).sources
    assert [one.remark_en for one in listed] == ["not yet reviewed by a pharmacist"]
    again = await people.send("anna", "POST", RX, **BODY)
    assert [one["code"] for one in again["issues"]] == [one["code"] for one in rx["issues"]]
    assert any("Metoprolol" in one["detail"] for one in high)
    jws, revision = await people.signature(rx["number"])
    path = f"{RX}/{rx['number']}"
    body = {"json": {"signature": jws}, "headers": over(revision)}
    assert await refusal(people["anna"], "PUT", f"{path}/signature", **body) == (409, "conflict")
    reasons = {one["code"]: "it was another substance" for one in high}
    await people.send("anna", "PUT", f"{path}/draft", revision, wanted=WANTED, reasons=reasons)
    jws, revision = await people.signature(rx["number"])
    signed = await people.send("anna", "PUT", f"{path}/signature", revision, signature=jws)
    contained = (await get(people["anna"], f"{path}/document"))["contained"]
    [kept] = [one for one in contained if one.get("code", {}).get("text") == hint["code"]]
    assert kept["author"]["display"].startswith(hint["source"])
    assert hint["edition"] in kept["author"]["display"]
    assert [one["why"] for one in signed["issues"] if one["severity"] == "high"] == list(reasons.values())
    await people.handed_out(rx["number"])
    RxProductList.model_validate(await get(people["nina"], f"{HERE}/products"))
    scan = ScanView.model_validate(await people.send("nina", "POST", f"{HERE}/scan", code=code()))
    assert scan.product is not None
    assert (scan.batch, scan.product.medicine.code.code) == ("B1", "C07AB02")
    recalled = await people.send("pia", "POST", f"{HERE}/recalls", gtin=GTIN, batch="B1", why="glass")
    assert recalled == {"prescriptions": 1}


async def test_a_pin_and_a_badge_are_set_after_proof_or_enrolled_by_an_administrator(
    controller: RunningController, people: People
) -> None:
    nina, pin = people["nina"], "/api/account/pin"
    assert await status(nina, "PUT", pin, json={"pin": "4713"}) == 401
    assert await status(nina, "PUT", pin, json={"pin": "4713", "password": "wrong one"}) == 401
    assert await status(nina, "PUT", pin, json={"pin": "1234", "password": PASSWORD}) == 400
    await people.send("nina", "PUT", pin, pin="4713", password=PASSWORD)
    theirs = "/api/people/nina/badge"
    assert await status(people["nick"], "PUT", theirs, json={"badge": "04A2F1C9"}) == 403
    badges = controller.app[CONTEXT].badges
    await badges.enrol("nick", "04A2F1C9", By("admin"))
    stolen = {"badge": "04A2F1C9", "password": PASSWORD}
    assert await status(nina, "PUT", "/api/account/badge", json=stolen) == 409
    held = BadgeHeld.model_validate(await get(nina, "/api/account/badge"))
    assert (held.pin_ms is None, held.badge_ms) == (False, None)
    assert await status(nina, "DELETE", pin) == 204
    assert (await get(nina, "/api/account/badge"))["pin_ms"] is None


async def test_a_product_that_is_there_is_changed_only_over_what_is_known_of_it(people: People) -> None:
    path, body = f"{HERE}/products/{GTIN}", {"medicine": MEDICINE}
    pia = people["pia"]
    assert await status(pia, "PUT", path, json=body) == 204
    assert await status(pia, "PUT", path, json=body) == 428
    assert await status(pia, "PUT", path, json=body, headers=over(0)) == 412
    assert await status(pia, "PUT", path, json={"formulary": "PARA500T"}, headers=over(1)) == 204
    assert await status(pia, "PUT", path, json={"formulary": "NOTHING"}, headers=over(2)) == 404
    assert await status(pia, "PUT", path, json={}, headers=over(2)) == 400
    [one] = RxProductList.model_validate(await get(pia, f"{HERE}/products")).products
    assert (one.medicine.code.code, one.revision) == ("PARA500T", 2)
    await people.send("pia", "POST", f"{HERE}/recalls", gtin=GTIN, batch="B1", why="glass")
    [recall] = RecallList.model_validate(await get(people["nina"], f"{HERE}/recalls")).recalls
    assert (recall.batch, recall.why) == ("B1", "glass")


async def test_the_file_of_a_prescription_is_checked_without_a_controller_by_the_root_alone(
    people: People, tmp_path: Path
) -> None:
    rx = await people.signed()
    async with people["anna"].get(f"{RX}/{rx['number']}/signed") as response:
        content = await response.read()
    file, root = tmp_path / "rx.json", tmp_path / "ca" / "root.pem"

    def verified(content: bytes) -> subprocess.CompletedProcess[str]:
        file.write_bytes(content)
        command = sys.executable, WARDLINK, "rx", "verify", file, "--root", root
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    held = await asyncio.to_thread(verified, content)
    assert held.returncode == 0, held.stderr
    assert "anna (physician)" in held.stdout
    assert content.count(b'"value":0.5') == 1
    wrong = await asyncio.to_thread(verified, content.replace(b'"value":0.5', b'"value":50'))
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert f"{rx['number']} (50 {{tablet}} in the file): the signature does not hold" in wrong.stderr
