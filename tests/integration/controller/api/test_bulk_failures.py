"""Bulk Data where something is wrong: refusals, jobs that cannot be done or take long, what a kill leaves."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from controller.api.bulk_jobs import Asked
from controller.api.bulk_resources import TYPES, Resources
from controller.api.bulk_work import BULK
from controller.stays import Patient
from tests.support.bulk import ASYNC, SYSTEM, begun, completed, lines, program
from tests.support.controller import RunningController, quick_passwords, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def controller(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningController]:
    """4711 lies in ward-a. One for all tests: each has a token of its own."""
    with quick_passwords():
        async with running(tmp_path_factory.mktemp("bulk")) as started:
            clock = started.clock
            clock.utc_us = lambda: clock.now_us() + 500_500
            await started.add_bed("bed-1", "Bed 1")
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nurse")
            yield started


async def outcome_of(session: aiohttp.ClientSession, method: str, path: str) -> tuple[int, Any]:
    async with session.request(method, path, headers=ASYNC) as response:
        told = await response.json(content_type="application/fhir+json")
        return response.status, (told["resourceType"], told["issue"][0]["code"])


async def test_refusals_are_operation_outcomes_and_in_the_trail(controller: RunningController) -> None:
    async with program(controller, name="refused") as session:
        where = await begun(session)
        await completed(session, where)
        async with session.delete(where) as response:
            assert response.status == 202
        gone = 404, ("OperationOutcome", "not-found")
        for method, path in (("GET", where), ("GET", f"{where}/Patient-1.ndjson"), ("DELETE", where)):
            assert await outcome_of(session, method, path) == gone
        forbidden = 403, ("OperationOutcome", "forbidden")
        assert await outcome_of(session, "GET", f"{SYSTEM}?_type=Task") == forbidden
    refused = list[str]()
    async with asyncio.timeout(10):
        while len(refused) < 4:
            rows = await controller.store.read("SELECT entry FROM audit")
            every = [json.loads(row["entry"]) for row in rows]
            mine = [one for one in every if one["actor"] == "token:refused"]
            refused = [one["action"] for one in mine if one["outcome"] == "refused"]
    assert sorted(refused) == ["bulk-delete", "bulk-file", "bulk-status", "bulk-system"]


async def test_too_many_exports_are_refused_with_the_time_to_wait(controller: RunningController) -> None:
    jobs = controller.app[BULK].jobs
    async with program(controller, name="greedy") as session:
        for _ in range(4):
            await jobs.begin(Asked("token:greedy", "", "", "system", "", None, ("Patient",), None))
        async with session.get(SYSTEM, headers=ASYNC) as response:
            assert (response.status, int(response.headers["Retry-After"]) > 0) == (429, True)


async def test_types_that_there_are_not_do_not_become_all_types(controller: RunningController) -> None:
    async with program(controller) as session:
        where = f"{SYSTEM}?_type=Condition,Procedure"
        headers = {"Prefer": "respond-async, handling=lenient"}
        async with session.get(where, headers=headers) as response:
            manifest = await completed(session, response.headers["Content-Location"])
    assert manifest["output"] == []


def held_up(monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Patients are mapped once the second event is set; the first: somebody waits for that."""
    going, may_go = asyncio.Event(), asyncio.Event()
    patient = Resources.patient

    async def slow(of: Resources, who: str) -> list[dict[str, Any]]:
        going.set()
        await may_go.wait()
        return await patient(of, who)

    monkeypatch.setitem(dict_of(TYPES), "Patient", slow)
    return going, may_go


async def test_an_export_that_takes_longer_than_its_files_last_can_be_fetched(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, may_go = held_up(monkeypatch)
    async with program(controller) as session:
        where = await begun(session, _type="Patient")
        await going.wait()
        controller.clock.let_pass(25 * 3600)
        async with session.get(where) as response:
            assert response.status == 202
        may_go.set()
        found = await lines(session, await completed(session, where))
    assert len(found["Patient"]) == 1


async def test_an_export_that_is_deleted_under_way_leaves_nothing_and_the_next_is_done(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, may_go = held_up(monkeypatch)
    async with program(controller) as session:
        where, after = await begun(session, _type="Patient"), await begun(session, _type="Patient")
        await going.wait()
        async with session.delete(where) as response:
            assert response.status == 202
        may_go.set()
        assert (await completed(session, after))["output"]
        assert (await outcome_of(session, "GET", where))[0] == 404
    left = {one.name[:32] for one in controller.app[BULK].folder.iterdir()}
    assert where[-32:] not in left
    assert after[-32:] in left


async def test_a_job_that_cannot_be_made_fails_and_the_next_is_done(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(of: Resources, who: str) -> list[dict[str, Any]]:
        raise KeyError(who)

    monkeypatch.setitem(dict_of(TYPES), "AllergyIntolerance", broken)
    monkeypatch.setattr("controller.kept.AGAIN_S", 0.01)
    async with program(controller) as session:
        bad, good = await begun(session), await begun(session, _type="Patient")
        assert (await completed(session, good))["output"]
        assert await outcome_of(session, "GET", bad) == (500, ("OperationOutcome", "exception"))


async def test_files_that_a_kill_left_behind_go_when_the_controller_starts(
    controller: RunningController,
) -> None:
    async with program(controller) as session:
        where = await begun(session)
        await completed(session, where)
        folder = controller.app[BULK].folder
        left = [folder / f"{'0' * 32}{end}" for end in ("", ".new")]
        for one in left:
            one.mkdir()
            (one / "Patient-1.ndjson").write_bytes(b"{}\n")
        await controller.stop()
        await controller.start()
        await completed(session, await begun(session))
        assert not any(one.exists() for one in left)
        await lines(session, await completed(session, where))


def dict_of(held: Any) -> dict[str, Any]:
    assert isinstance(held, dict)
    return held
