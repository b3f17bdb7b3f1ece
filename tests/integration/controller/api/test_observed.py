"""Metrics are for engineers and for the programs that they let; strangers learn that it is ready, or not."""

import aiohttp
import pytest

from controller.security.permissions import Role
from tests.support.controller import RunningController
from tests.support.database import without_writing
from tests.support.http import client, refusal, status
from tests.support.observed import samples

PATIENT = {"identifier": "PAT-4711", "name": "Erika Mustermann"}


async def token(controller: RunningController, scopes: str, wards: list[str] | None = None) -> dict[str, str]:
    """The header of a token that an engineer has made."""
    wanted = {"name": "prometheus", "scopes": scopes, "days": 1, "wards": wards}
    async with (
        client(controller, "engineer") as session,
        session.post("/api/tokens", json=wanted) as response,
    ):
        assert response.status == 200, await response.text()
        return {"Authorization": f"Bearer {(await response.json())['token']}"}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ENGINEER])
async def test_nobody_but_engineers_reads_metrics(controller: RunningController, role: Role) -> None:
    async with client(controller, role.value) as session:
        for path in ("/metrics", "/api/readiness"):
            assert await refusal(session, "GET", path) == (403, "not-allowed")


async def test_who_is_not_logged_in_learns_whether_it_is_ready_and_nothing_else(
    controller: RunningController,
) -> None:
    async with client(controller) as session:
        for path in ("/metrics", "/api/readiness"):
            assert await refusal(session, "GET", path) == (401, "not-logged-in")
        async with session.get("/healthz") as alive, session.get("/readyz") as ready:
            assert (alive.status, await alive.text()) == (200, "ok\n")
            assert (ready.status, await ready.text()) == (200, "ready\n")
        await controller.store.write(without_writing)
        controller.clock.let_pass(10)
        async with session.get("/readyz") as ready:
            assert (ready.status, await ready.text()) == (503, "not ready\n")
        async with session.get("/healthz") as alive:
            assert alive.status == 200


async def test_the_reasons_are_for_engineers(controller: RunningController) -> None:
    async with client(controller, "engineer") as session:
        async with session.get("/api/readiness") as response:
            assert (await response.json())["ready"]
        await controller.store.write(without_writing)
        controller.clock.let_pass(10)
        async with session.get("/api/readiness") as response:
            told = {one["check"]: one["why"] for one in (await response.json())["checks"]}
    assert "nothing can be stored" in told["store"]


async def test_a_token_for_metrics_reads_them_and_nothing_else(controller: RunningController) -> None:
    headers = await token(controller, "system/MeasureReport.s")
    async with aiohttp.ClientSession(controller.address, headers=headers) as session:
        assert await status(session, "GET", "/metrics") == 200
        for path in ("/api/snapshot", "/api/ledger", "/api/devices", "/api/quarantine"):
            assert await refusal(session, "GET", path) == (403, "insufficient-scope")
        paints = {"items": []}
        assert (await refusal(session, "POST", "/api/paints", json=paints))[1] == "insufficient-scope"


async def test_another_token_does_not_read_metrics(controller: RunningController) -> None:
    headers = await token(controller, "system/Device.s")
    async with aiohttp.ClientSession(controller.address, headers=headers) as session:
        assert await refusal(session, "GET", "/metrics") == (403, "insufficient-scope")


async def test_a_token_of_one_ward_does_not_learn_how_full_others_are(controller: RunningController) -> None:
    headers = await token(controller, "system/MeasureReport.s", ["ward-a"])
    async with aiohttp.ClientSession(controller.address, headers=headers) as session:
        assert await refusal(session, "GET", "/metrics") == (403, "not-allowed")


async def test_no_label_is_of_a_patient_whatever_is_asked_for(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        assert await status(nurse, "PUT", "/api/beds/bed-1/patient", json=PATIENT) == 204
        await status(nurse, "GET", "/api/beds/bed-1/trends?metric=spo2&patient=PAT-4711")
        await status(nurse, "GET", "/api/PAT-4711/Erika")
        await status(nurse, "PROPFIND", "/api/beds/PAT-4711")
    async with client(controller, "engineer") as engineer, engineer.get("/metrics") as response:
        text = await response.text()
    found = samples(text)
    assert not any(word in text for word in ("4711", "Erika", "PROPFIND", "bed-1", "ox-1"))
    asked = {labels["route"] for labels, _ in found["wardlink_http_requests_total"]}
    assert {"/api/beds/{bed}/patient", "other"} <= asked


async def test_what_is_asked_for_is_counted_once(controller: RunningController) -> None:
    async with client(controller, "engineer") as session:
        for _ in range(3):
            assert await status(session, "GET", "/api/wards") == 200
        async with session.get("/metrics") as response:
            found = samples(await response.text())
    counted = {labels["route"]: value for labels, value in found["wardlink_http_requests_total"]}
    timed = {
        labels["route"]: value for labels, value in found["wardlink_http_request_duration_seconds_count"]
    }
    assert counted["/api/wards"] == timed["/api/wards"] == 3


async def test_openmetrics_is_spoken_to_who_asks_for_it(controller: RunningController) -> None:
    async with client(controller, "engineer") as session:
        headers = {"Accept": "application/openmetrics-text; version=1.0.0"}
        async with session.get("/metrics", headers=headers) as response:
            assert response.content_type == "application/openmetrics-text"
            text = await response.text()
    assert text.endswith("# EOF\n")
    assert text.count("# EOF") == 1


async def test_what_a_page_says_of_its_paints_is_checked(controller: RunningController) -> None:
    async with client(controller, "viewer") as session:
        good = {"items": [{"trace": "0" * 32, "at_ms": 1}]}
        assert await status(session, "POST", "/api/paints", json=good) == 204
        for wrong in ({"trace": "x", "at_ms": 1}, {"trace": "0" * 32, "at_ms": -1}, {"trace": "0" * 32}):
            assert await refusal(session, "POST", "/api/paints", json={"items": [wrong]}) == (
                400,
                "bad-request",
            )
        many = {"items": good["items"] * 65}
        assert await refusal(session, "POST", "/api/paints", json=many) == (400, "bad-request")


async def test_of_a_database_that_cannot_be_read_nothing_is_told_not_even_that_nothing_is_missing(
    controller: RunningController,
) -> None:
    async with client(controller, "engineer") as session:
        async with session.get("/metrics") as response:
            before = samples(await response.text())
        await controller.store.write(lambda db: db.execute("ALTER TABLE counter RENAME TO away") and None)
        async with session.get("/metrics") as response:
            found = samples(await response.text())
    for name in "missing_blocks", "shed_blocks", "duplicated_records":
        assert f"wardlink_ledger_{name}" in before
        assert f"wardlink_ledger_{name}" not in found
    assert (before["wardlink_store_readable"], found["wardlink_store_readable"]) == ([({}, 1)], [({}, 0)])
