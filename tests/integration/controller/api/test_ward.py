"""Beds, patients, devices, trends, ledger: what is asked is what is answered."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from controller.api import ledger_schemas, schemas
from devices.model.observation import NoValue, Quality
from tests.support.controller import RunningController
from tests.support.http import client, get, refusal, status

FROM_MS = 1_800_000_000_000
OBSERVATION = """INSERT INTO observation
(stream, number, place, boot, mono_us, at_us, series, value, quality) VALUES (0, 0, 0, 0, 0, ?, 7, ?, 0)"""
STAY = "INSERT INTO stay (bed, identifier, name, from_ms, to_ms, by) VALUES ('bed-1', ?, '-', ?, ?, '-')"


async def test_the_snapshot_is_as_the_document_describes(controller: RunningController) -> None:
    controller.say("ox-1", quality=Quality.ARTIFACT, spo2=97, pr_spo2=71)
    controller.miss("ox-1", "spo2", NoValue.SENSOR_OFF)
    async with client(controller, "viewer") as viewer:
        for path, model in (
            ("/api/snapshot", schemas.Snapshot),
            ("/api/beds/bed-1", schemas.BedDetail),
            ("/api/wards", schemas.WardList),
            ("/api/devices", schemas.DeviceList),
            ("/api/gateways", schemas.GatewayList),
        ):
            model.model_validate(await get(viewer, path))
    async with client(controller, "engineer") as engineer:
        ledger_schemas.Ledger.model_validate(await get(engineer, "/api/ledger"))
        ledger_schemas.Quarantine.model_validate(await get(engineer, "/api/quarantine"))


async def test_a_nurse_puts_a_patient_on_a_bed_and_takes_them_off(controller: RunningController) -> None:
    path = "/api/beds/bed-1/patient"
    async with client(controller, "nurse") as nurse:
        patient = {"identifier": "P1", "name": "Li <b>Na</b>"}
        assert await status(nurse, "PUT", path, json=patient) == 204
        assert (await get(nurse, "/api/beds/bed-1"))["bed"]["patient"] == patient
        assert await status(nurse, "DELETE", path) == 204
        assert (await get(nurse, "/api/beds/bed-1"))["bed"]["patient"] is None


async def test_a_value_measured_on_the_patient_before_is_not_shown_for_the_next(
    controller: RunningController,
) -> None:
    path = "/api/beds/bed-1/patient"
    async with client(controller, "nurse") as nurse:
        await status(nurse, "PUT", path, json={"identifier": "P1", "name": "One"})
        controller.say("ox-1", spo2=91)
        assert len((await get(nurse, "/api/beds/bed-1"))["values"]) == 1
        await status(nurse, "PUT", path, json={"identifier": "P2", "name": "Two"})
        assert (await get(nurse, "/api/beds/bed-1"))["values"] == []


LAB_RESULT = """INSERT INTO device_event
(stream, number, place, boot, mono_us, at_us, gateway, device, kind, detail)
VALUES (0, 0, 0, 0, 0, ?, 'gw-a', 'analyser-1', 'lab-result', ?)"""


async def test_a_patient_s_laboratory_results_are_found_by_identifier_and_nobody_else_s(
    controller: RunningController,
) -> None:
    told = [
        (1_000, {"code": "NA", "system": "lab", "value": "139", "unit": "mmol/L", "patient": "P1"}),
        (2_000, {"code": "K", "system": "lab", "value": "6.1", "flags": "H", "patient": "P1"}),
        (3_000, {"code": "K", "system": "lab", "value": "4.0", "patient": "P2"}),
        (4_000, {"code": "K", "system": "lab", "value": "5.0", "patient": "P1", "control": "1"}),
        (5_000, {"code": "K", "system": "lab", "value": "3.9"}),
    ]
    for at_us, detail in told:
        row = at_us, json.dumps(detail)
        await controller.store.write(lambda db, row=row: db.execute(LAB_RESULT, row))
    async with client(controller, "nurse") as nurse:
        assert (await get(nurse, "/api/beds/bed-1/results"))["results"] == []
        await status(nurse, "PUT", "/api/beds/bed-1/patient", json={"identifier": "P1", "name": "One"})
        found = await get(nurse, "/api/beds/bed-1/results")
        assert await status(nurse, "GET", "/api/beds/bed-9/results") == 404
    schemas.Results.model_validate(found)
    assert [(one["code"], one["value"], one["flags"]) for one in found["results"]] == [
        ("K", "6.1", "H"),
        ("NA", "139", None),
    ]


async def test_a_value_does_not_move_with_its_device(controller: RunningController) -> None:
    await controller.add_bed("bed-2", "Bed 2")
    controller.say("ox-1", spo2=91)
    async with client(controller, "nurse") as nurse:
        assert await status(nurse, "PUT", "/api/devices/ox-1/bed", json={"bed": "bed-2", "move": True}) == 204
        detail = await get(nurse, "/api/beds/bed-2")
    assert [device["id"] for device in detail["devices"]] == ["ox-1"]
    assert detail["values"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("PUT", "/api/beds/bed-9/patient", {"identifier": "P1", "name": "A"}, (404, "not-found")),
        ("PUT", "/api/devices/ox-9/bed", {"bed": None}, (404, "not-found")),
        ("PUT", "/api/devices/ox-1/bed", {"bed": "bed-9"}, (404, "not-found")),
        ("GET", "/api/beds/bed-9", None, (404, "not-found")),
        ("PUT", "/api/beds/bed-1/patient", {"identifier": "P1"}, (400, "bad-request")),
        ("PUT", "/api/beds/bed-1/patient", {"identifier": " ", "name": "A"}, (400, "bad-request")),
        ("PUT", "/api/beds/bed-1/patient", {"identifier": "P1", "name": "A\nB"}, (400, "bad-request")),
        ("PUT", "/api/beds/bed-1/patient", {"identifier": 1, "name": "A"}, (400, "bad-request")),
        ("PUT", "/api/beds/bed-1/patient", {"identifier": "P1", "name": "A", "x": 1}, (400, "bad-request")),
        ("PUT", "/api/beds/bed-1/patient", [], (400, "bad-request")),
    ],
)
async def test_what_cannot_be_done_is_refused_with_a_reason(
    controller: RunningController, method: str, path: str, body: Any, expected: tuple[int, str]
) -> None:
    async with client(controller, "nurse") as nurse:
        assert await refusal(nurse, method, path, json=body) == expected


async def test_a_patient_lies_on_one_bed_only(controller: RunningController) -> None:
    await controller.add_bed("bed-2", "Bed 2")
    patient = {"identifier": "P1", "name": "One"}
    async with client(controller, "nurse") as nurse:
        await status(nurse, "PUT", "/api/beds/bed-1/patient", json=patient)
        refused = await refusal(nurse, "PUT", "/api/beds/bed-2/patient", json=patient)
    assert refused == (409, "conflict")


@pytest.mark.parametrize("body", [b"{", b"\xff", b"null", b"[" * 2000])
async def test_a_body_that_is_not_json_is_refused(controller: RunningController, body: bytes) -> None:
    async with client(controller, "nurse") as nurse:
        headers = {"Content-Type": "application/json"}
        options = {"data": body, "headers": headers}
        assert await refusal(nurse, "PUT", "/api/devices/ox-1/bed", **options) == (400, "bad-request")


async def test_an_oversized_body_is_refused(controller: RunningController) -> None:
    async with client(controller) as stranger:
        body = {"user": "a" * 100_000, "password": ""}
        assert await refusal(stranger, "POST", "/api/login", json=body) == (413, "too-large")


async def measured(controller: RunningController, values: Sequence[tuple[int, float]]) -> None:
    """SpO2 on bed-1: (seconds after FROM_MS, value)."""

    def work(db: Any) -> None:
        db.execute("INSERT INTO series (id, device, bed, metric) VALUES (7, 'ox-1', 'bed-1', 'spo2')")
        for seconds, value in values:
            db.execute(OBSERVATION, ((FROM_MS + seconds * 1000) * 1000, value))

    await controller.store.write(work)


def span(seconds: int, points: int) -> dict[str, Any]:
    return {"metric": "spo2", "from_ms": FROM_MS, "to_ms": FROM_MS + seconds * 1000, "points": points}


async def test_trends_gather_values_in_steps_and_leave_gaps_empty(controller: RunningController) -> None:
    await measured(controller, [(0, 90), (1, 94), (9, 95), (10, 97), (35, 99), (40, 50), (-1, 50)])
    async with client(controller, "viewer") as viewer:
        answer = await get(viewer, "/api/beds/bed-1/trends", **span(40, 4))
    schemas.Trends.model_validate(answer)
    spo2 = answer["metrics"]["spo2"]
    assert spo2["unit"] == "%"
    assert spo2["t_ms"] == [FROM_MS + ms for ms in (5000, 15000, 25000, 35000)]
    assert spo2["min"] == [90, 97, None, 99]
    assert spo2["max"] == [95, 97, None, 99]
    assert spo2["mean"] == [93, 97, None, 99]


async def test_trends_never_show_the_patient_before(controller: RunningController) -> None:
    await measured(controller, [(5, 80), (25, 99)])
    stays = [("P1", 0, FROM_MS + 20_000), ("P2", FROM_MS + 20_000, None)]

    def work(db: Any) -> None:
        for identifier, begin, end in stays:
            db.execute(STAY, (identifier, begin, end))

    await controller.store.write(work)
    await controller.registry.load()
    async with client(controller, "viewer") as viewer:
        answer = await get(viewer, "/api/beds/bed-1/trends", **span(40, 4))
    assert answer["metrics"]["spo2"]["mean"] == [None, None, 99, None]


@pytest.mark.parametrize(
    "change",
    [
        {"metric": "nonsense"},
        {"to_ms": FROM_MS},
        {"to_ms": FROM_MS + 40 * 86_400_000},
        {"points": 0},
        {"points": 100_000},
        {"from_ms": "soon"},
        {"from_ms": "-5"},
        {"to_ms": "9" * 30},
    ],
)
async def test_trends_of_nonsense_are_refused(controller: RunningController, change: dict[str, Any]) -> None:
    async with client(controller, "viewer") as viewer:
        refused = await refusal(viewer, "GET", "/api/beds/bed-1/trends", params=span(40, 4) | change)
    assert refused == (400, "bad-request")


async def test_a_page_that_has_not_changed_is_not_sent_again(controller: RunningController) -> None:
    async with client(controller) as stranger:
        async with stranger.get("/screen/base.css") as first:
            etag = first.headers["ETag"]
        headers = {"If-None-Match": etag}
        assert await status(stranger, "GET", "/screen/base.css", headers=headers) == 304


@pytest.mark.parametrize("path", ["/public/..%2fboard%2fmain.js", "/public/%2e%2e/api/app.py", "/public/x"])
async def test_no_file_outside_the_folder_can_be_read(controller: RunningController, path: str) -> None:
    async with client(controller, "engineer") as engineer:
        assert await status(engineer, "GET", path) == 404
