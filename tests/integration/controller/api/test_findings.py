"""What plug-ins have found, for those who may see the patient: on the board, and as FHIR Observations."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import pytest

from controller.api.findings_schemas import PluginFindings
from controller.api.imaging_context import Imaging
from controller.clock import SystemClock
from controller.imaging.client import ImagingClient
from controller.imaging.plugins.findings import FILE
from controller.imaging.plugins.model import REVIEW, Code, Finding, Measure
from controller.imaging.plugins.queue import Found, New, Queue
from controller.security.permissions import Role
from controller.stays import Patient
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.fhir_documents import faults_of
from tests.support.http import client, get, status
from tests.support.people import add_person

RATE = Measure(Code("8867-4", "LN", "Heart rate"), 128.0, "/min")
POTASSIUM = Measure(Code("2823-3", "LN", "potassium"), 6.9, "mmol/L")
FIBRILLATION = Finding(
    Code("164889003", "SCT", "Electrocardiographic atrial fibrillation"),
    "no order",
    "ecg",
    "1.0",
    0.54,
    1,
    (RATE,),
)
CRITICAL = Finding(
    Code("HH", "v3-ObservationInterpretation", "Critical high"),
    "potassium 6.9",
    "lab",
    "1.0",
    None,
    3,
    (POTASSIUM,),
)
DOUBTED = Finding(Code("implausible", "99WARDLINK", "May not be the patient's"), "w", "lab", "1.0", None, 2)


async def keep(queue: Queue, kind: str, finding: Finding, patient: str, source: str = "archive") -> None:
    rows = await queue.store.read("SELECT count(*) AS n FROM job")
    subject = {"study": "1.2.3"} if source == "archive" else {"event": 1}
    await queue.add(source, 1, [New("p", "1", kind, {**subject, "n": rows[0]["n"]})])
    job = await queue.next()
    assert job
    await queue.done(job, [Found(json.dumps(asdict(finding)), patient, "bed-1", 0)])


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, admin=Role.ADMINISTRATOR) as started:
            await started.add_bed("bed-1", "Bed 1")
            await add_person(started, "physician", Role.PHYSICIAN, ["ward-a"])
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "physician")
            await started.stop()
            nobody = ImagingClient(tmp_path / "nobody.sock")
            started.imaging = Imaging(nobody, 1, tmp_path / FILE)
            await started.start()
            yield started


@pytest.fixture
async def queue(tmp_path: Path) -> AsyncIterator[Queue]:
    queue = await Queue.open(tmp_path / FILE, SystemClock())
    yield queue
    await queue.close()


async def test_before_anything_was_looked_at_there_is_nothing(controller: RunningController) -> None:
    async with client(controller, "physician") as session:
        assert (await get(session, "/api/beds/bed-1/findings"))["findings"] == []


async def test_the_board_is_told_with_the_words_that_a_physician_has_to_look(
    controller: RunningController, queue: Queue
) -> None:
    await keep(queue, "1.2", FIBRILLATION, "4711")
    await keep(queue, "1.2", FIBRILLATION, "4712")
    async with client(controller, "physician") as session:
        told = await get(session, "/api/beds/bed-1/findings")
    PluginFindings.model_validate(told)
    assert told["review"] == REVIEW
    [one] = told["findings"]
    assert (one["code"], one["confidence"], one["urgency"]) == ("164889003", 0.54, 1)
    assert one["study"] == "1.2.3"


async def test_what_a_monitor_shows_every_five_minutes_is_told_once(
    controller: RunningController, queue: Queue
) -> None:
    for _ in range(3):
        await keep(queue, "ecg_ii", FIBRILLATION, "4711", "monitor")
        await keep(queue, "lab-result", CRITICAL, "4711", "results")
    async with client(controller, "physician") as session:
        told = await get(session, "/api/beds/bed-1/findings")
    assert [one["code"] for one in told["findings"]].count("164889003") == 1
    assert [one["code"] for one in told["findings"]].count("HH") == 3


async def test_observations_are_valid_preliminary_and_name_their_program(
    controller: RunningController, queue: Queue
) -> None:
    await keep(queue, "1.2", FIBRILLATION, "4711")
    await keep(queue, "lab-result", CRITICAL, "4711", "results")
    await keep(queue, "lab-result", DOUBTED, "4711", "results")
    async with client(controller, "physician") as session:
        told = await get(session, "/api/fhir/Observation", patient="4711")
    [faults] = faults_of([told])
    assert not {name: said for name, said in faults.items() if said and name != "ours"}
    doubted, critical, fibrillation = (entry["resource"] for entry in told["entry"])
    for one in (doubted, critical, fibrillation):
        assert one["status"] == "preliminary"
        assert one["note"][0]["text"].startswith("For review by a physician")
    assert fibrillation["contained"][0]["deviceName"][0]["name"] == "ecg"
    assert fibrillation["derivedFrom"][0]["identifier"]["value"] == "urn:oid:1.2.3"
    assert critical["code"]["coding"][0]["code"] == "2823-3"
    assert critical["interpretation"][0]["coding"][0]["code"] == "HH"
    rows = await controller.store.read(
        "SELECT actor, patient FROM audit WHERE action = 'fhir-observation' ORDER BY number"
    )
    assert [tuple(row) for row in rows] == [("physician", "4711")]


async def test_of_a_patient_whom_one_does_not_see_there_is_none(
    controller: RunningController, queue: Queue
) -> None:
    await keep(queue, "1.2", FIBRILLATION, "4799")
    async with client(controller, "physician") as session:
        assert (await get(session, "/api/fhir/Observation", patient="4799"))["total"] == 0
        assert await status(session, "GET", "/api/fhir/Observation") == 400
