"""Readings and devices in Bulk Data over HTTP, and what a token of another ward does not get."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from controller.api import bulk_files, bulk_writing
from controller.api.bulk_files import Files
from controller.api.bulk_jobs import Asked
from controller.api.bulk_resources import Resources
from controller.api.bulk_work import BULK
from controller.api.bulk_writing import Unwanted, Writing
from controller.api.logins import LOGINS
from controller.radiology.fhir import bundle
from controller.stays import Patient
from devices.model.observation import NoValue, Quality
from tests.support.bulk import EXPORT, begun, completed, instant, lines, measured, program
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.fhir_documents import faults_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
OF_DOCUMENTS = ("is not in the Bundle", "nobody refers to")
"""What our own checks say of whole documents: here is referred by type and id, see the test before."""
SCOPES = f"{EXPORT} system/Patient.s system/Observation.s system/Device.s"
_SAID = "INSERT INTO home_said (reading, said, by, at_ms) VALUES (?, 'not-mine', 'patient:4711', 1)"
_KNOWN = """INSERT INTO inventory (device, profile, asset_tag, serial, gtin, address, gateway,
  calibration_due, notes) VALUES ('ox-1', 'nonin-3230', '', 'S-17', '04012345678901', '', '', '', '')"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def controller(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningController]:
    """4711 lies in ward-a, 4712 in ward-b; each has one reading, 4711 a day of others. One for all tests."""
    with quick_passwords():
        async with running(tmp_path_factory.mktemp("bulk")) as started:
            clock = started.clock
            clock.utc_us = lambda: clock.now_us() + 500_500
            await started.add_bed("bed-1", "Bed 1")
            await started.registry.add_ward("ward-b", "Ward B")
            await started.registry.add_bed("bed-2", "ward-b", "Bed 2")
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nurse")
            await started.registry.admit("bed-2", Patient("4712", "Beispiel, Bo"), "nurse")
            await said_by_devices(started)
            yield started


async def said_by_devices(controller: RunningController) -> None:
    store, at = controller.store, controller.clock.now_us() + 1_000_000
    await store.write(lambda db: db.execute(_KNOWN))
    await measured(store, ("ox-1", "bed-1", "spo2", at, 97.0), ("ox-2", "bed-2", "spo2", at, 93.5))
    await measured(store, ("ox-1", "bed-1", "spo2", at + 1, None), reason=NoValue.SENSOR_OFF)
    await measured(store, ("ox-1", "bed-1", "hr", at + 2, 61.0), quality=Quality.QUESTIONABLE)
    cuff = [("cuff-1", "bed-1", f"nibp_{one}", at + 3, 70.0) for one in ("sys", "dia", "map")]
    await measured(store, *cuff)
    [alien] = await measured(store, ("ox-1", "bed-1", "spo2", at + 4, 55.0))
    await store.write(lambda db: db.execute(_SAID, (alien,)))
    await measured(store, ("ox-1", "bed-1", "spo2", at - 3_600_000_000, 12.0))  # before anybody lay there


async def exported(controller: RunningController, *, ward: str = "", **query: str) -> dict[str, list[Any]]:
    async with program(controller, SCOPES, ward=ward) as session:
        found = await lines(session, await completed(session, await begun(session, **query)))
        return {kind: [json.loads(one) for one in told] for kind, told in found.items()}


def of(found: dict[str, list[Any]], patient: str) -> list[Any]:
    return [one for one in found["Observation"] if one["subject"]["identifier"]["value"] == patient]


async def test_readings_are_observations_with_unit_status_and_device(controller: RunningController) -> None:
    found = await exported(controller)
    mine = {one["code"]["text"]: one for one in of(found, "4711") if one["status"] == "final"}
    told = [one for one in of(found, "4711") if one["code"]["text"] == mine["SpO₂"]["code"]["text"]]
    by_value = {one.get("valueQuantity", {}).get("value"): one for one in told}
    assert by_value[97]["valueQuantity"]["code"] == "%"
    assert by_value[97]["effectiveDateTime"].endswith("Z")
    assert by_value[55]["status"] == "entered-in-error"
    assert "not the patient's" in by_value[55]["note"][0]["text"].lower()
    assert by_value[None]["dataAbsentReason"]["text"] == "sensor-off"
    assert 12 not in by_value
    assert mine["HR"]["interpretation"] == [{"text": "questionable"}]
    assert len(mine["Blood pressure, cuff"]["component"]) == 3


async def test_what_observations_refer_to_is_in_the_same_export(controller: RunningController) -> None:
    found = await exported(controller)
    there = {f"{kind}/{one['id']}" for kind in ("Patient", "Device") for one in found[kind]}
    assert {one["subject"]["reference"] for one in found["Observation"]} <= there
    assert {one["device"]["reference"] for one in found["Observation"]} <= there
    devices = {one["identifier"][0]["value"]: one for one in found["Device"]}
    assert devices.keys() == {"ox-1", "ox-2", "cuff-1"}
    assert (devices["ox-1"]["serialNumber"], devices["ox-1"]["manufacturer"]) == (
        "S-17",
        "Nonin Medical, Inc.",
    )
    assert "patient" not in devices["ox-1"]


async def test_three_validators_have_nothing_against_it(controller: RunningController) -> None:
    found = await exported(controller)
    made = bundle("$export", [*found["Observation"], *found["Device"], *found["Patient"]])
    [faults] = await asyncio.to_thread(faults_of, [made])
    faults["ours"] = [one for one in faults["ours"] if not any(told in one for told in OF_DOCUMENTS)]
    assert {name: said for name, said in faults.items() if said} == {}


async def test_since_gives_the_hour_that_changed_and_no_other(controller: RunningController) -> None:
    await exported(controller)
    controller.clock.let_pass(1)
    since, store = instant(controller), controller.store
    controller.clock.let_pass(7200)
    assert await exported(controller, _since=since) == {}
    at = controller.clock.now_us()
    [new] = await measured(store, ("ox-2", "bed-2", "hr", at, 70.0))
    found = await exported(controller, _since=since)
    assert found.keys() == {"Observation"}
    assert [one["id"] for one in found["Observation"]] == [f"reading-{new}"]
    await store.write(lambda db: db.execute(_SAID, (new,)))
    since = instant(controller)
    controller.clock.let_pass(60)
    found = await exported(controller, _since=since)
    assert [one["status"] for one in found["Observation"]] == ["entered-in-error"]


async def test_a_token_of_one_ward_gets_no_reading_and_no_device_of_another(
    controller: RunningController,
) -> None:
    found = await exported(controller, ward="ward-b")
    assert {one["subject"]["identifier"]["value"] for one in found["Observation"]} == {"4712"}
    assert [one["identifier"][0]["value"] for one in found["Device"]] == ["ox-2"]


async def test_without_the_scope_there_are_no_readings(controller: RunningController) -> None:
    async with program(controller, f"{EXPORT} system/Patient.s") as session:
        found = await lines(session, await completed(session, await begun(session)))
        assert found.keys() == {"Patient"}
        headers = {"Prefer": "respond-async"}
        async with session.get("/api/fhir/$export?_type=Observation", headers=headers) as response:
            assert response.status == 403


async def test_an_export_that_would_take_the_disks_last_room_fails_and_says_so(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_files, "ROOM_BYTES", 2**60)
    async with program(controller, SCOPES) as session:
        where = await begun(session)
        while True:
            async with session.get(where) as response:
                if response.status != 202:
                    break
            await asyncio.sleep(0.02)
        assert response.status == 500
        async with session.get(where) as response:
            told = (await response.json(content_type=None))["issue"][0]["diagnostics"]
    assert "MiB free" in told


async def test_a_token_that_is_revoked_ends_it_among_the_readings(
    controller: RunningController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_writing, "PIECES", 1)
    bulk = controller.app[BULK]
    async with program(controller, SCOPES, name="to-be-revoked"):
        asked = Asked("token:to-be-revoked", "", "", "system", "", None, ("Observation",), None)
        job = await bulk.jobs.begin(asked)
        writing = Writing(bulk.jobs, job, Resources(controller.app, asked.actor, 0), Files(tmp_path))
        assert await writing.of("4711")
        await controller.app[LOGINS].tokens.revoke("to-be-revoked", "boss", "")
        with pytest.raises(Unwanted):
            await writing.of("4711")
    writing.files.close()
