"""FHIR Bulk Data over HTTP: kick-off, status, manifest, files, deletion, and what a token may not have."""

import asyncio
import json
from collections.abc import AsyncIterator

import orjson
import pytest
import pytest_asyncio

from controller.api.bulk_jobs import JobState
from controller.api.bulk_resources import KINDS, TYPES
from controller.api.bulk_work import BULK
from controller.api.context import CONTEXT
from controller.api.logins import LOGINS
from controller.api.token_scopes import NEEDS
from controller.identity.certificates import By
from controller.patients.model import Meant, Person, Substance
from controller.patients.register import Patients
from controller.stays import Patient
from tests.support.bulk import ASYNC, EXPORT, SYSTEM, begun, completed, instant, lines, program
from tests.support.controller import RunningController, quick_passwords, running

PATIENTS = "/api/fhir/Patient/$export"
BY = By("test")


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def controller(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningController]:
    """4711 and 4712 lie in ward-a, 4713 in ward-b. One for all tests: each has a token of its own."""
    with quick_passwords():
        async with running(tmp_path_factory.mktemp("bulk")) as started:
            clock = started.clock  # UTC passes with it: tests let days pass
            clock.utc_us = lambda: clock.now_us() + 500_500
            await started.add_bed("bed-1", "Bed 1")
            await started.add_bed("bed-2", "Bed 2")
            await started.registry.add_ward("ward-b", "Ward B")
            await started.registry.add_bed("bed-3", "ward-b", "Bed 3")
            for number, name in enumerate(("Muster, Anna", "Beispiel, Bo", "Example, Eve"), 1):
                await started.registry.admit(f"bed-{number}", Patient(f"471{number}", name), "nurse")
            said = Substance("Penicillin", "91936005", "http://snomed.info/sct", "high", "rash", "active")
            await known(started).add_allergy(Meant("4711"), said, BY)
            yield started


def known(controller: RunningController) -> Patients:
    return controller.app[CONTEXT].patients


def identifiers(found: dict[str, list[bytes]]) -> list[str]:
    return sorted(json.loads(one)["identifier"][0]["value"] for one in found["Patient"])


async def test_an_export_is_begun_followed_and_fetched_as_the_guide_says(
    controller: RunningController,
) -> None:
    async with program(controller) as session:
        manifest = await completed(session, await begun(session))
        assert manifest["requiresAccessToken"] is True
        assert manifest["request"].endswith("/api/fhir/$export")
        assert (manifest["error"], manifest["deleted"]) == ([], [])
        found = await lines(session, manifest)
    assert sorted(json.loads(one)["identifier"][0]["value"] for one in found["Patient"]) == [
        "4711",
        "4712",
        "4713",
    ]
    assert len(found["AllergyIntolerance"]) == 1


async def test_what_is_exported_is_what_the_search_shows_to_the_byte(controller: RunningController) -> None:
    scopes = f"{EXPORT} {' '.join(f'system/{kind}.s' for kind in TYPES)}"
    async with program(controller, scopes) as session:
        found = await lines(session, await completed(session, await begun(session)))
        shown: dict[str, list[bytes]] = {}
        for kind in set(TYPES) - {"ImagingStudy", "Invoice", "Device"}:  # not configured here, no search
            for patient in ("4711", "4712", "4713"):
                name = "identifier" if kind == "Patient" else "patient"
                async with session.get(f"/api/fhir/{kind}", params={name: patient}) as response:
                    assert response.status == 200
                    entries = orjson.loads(await response.read()).get("entry", [])
                shown.setdefault(kind, []).extend(orjson.dumps(one["resource"]) for one in entries)
    assert found == {kind: told for kind, told in shown.items() if told}
    assert {"Patient", "AllergyIntolerance"} <= found.keys()


async def test_every_type_of_the_facade_is_exported() -> None:
    facade = {next(iter(needs)).resource for route, needs in NEEDS.items() if route.startswith("fhir-")}
    assert facade | {"Device", "Observation"} == set(KINDS)


async def test_a_group_is_a_ward_and_a_token_sees_its_wards_alone(controller: RunningController) -> None:
    async with program(controller) as session:
        found = await lines(
            session, await completed(session, await begun(session, "/api/fhir/Group/ward-b/$export"))
        )
        assert identifiers(found) == ["4713"]
    async with program(controller, ward="ward-a") as session:
        found = await lines(
            session, await completed(session, await begun(session, PATIENTS, _type="Patient"))
        )
        assert identifiers(found) == ["4711", "4712"]
        async with session.get("/api/fhir/Group/ward-b/$export", headers=ASYNC) as response:
            assert response.status == 404
            foreign = await response.text()
        async with session.get("/api/fhir/Group/ward-c/$export", headers=ASYNC) as response:
            assert (await response.text()).replace("ward-c", "ward-b") == foreign


async def test_since_gives_what_became_different_after_that_time(controller: RunningController) -> None:
    async with program(controller) as session:
        first = await completed(session, await begun(session))
        controller.clock.let_pass(60)
        quiet = await completed(session, await begun(session, _since=instant(controller)))
        assert quiet["output"] == []
        since = instant(controller)
        controller.clock.let_pass(60)
        await known(controller).set_person(Meant("4712", over=0), Person("1980-01-02", "female", None), BY)
        found = await lines(session, await completed(session, await begun(session, _since=since)))
        assert identifiers(found) == ["4712"]
        assert first["transactionTime"] < since


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ({}, {}, 400),
        ({"_outputFormat": "application/xml"}, ASYNC, 400),
        ({"_type": "Patient,Nothing"}, ASYNC, 400),
        ({"_type": "Nothing"}, {"Prefer": "respond-async, handling=lenient"}, 202),
        ({"_elements": "id"}, ASYNC, 400),
        ({"_elements": "id"}, {"Prefer": "respond-async; handling=lenient"}, 202),
        ({"_since": "yesterday"}, ASYNC, 400),
        ({"_outputFormat": "ndjson"}, ASYNC, 202),
        ({"_type": "Task"}, ASYNC, 403),
    ],
)
async def test_what_cannot_be_done_is_refused_with_the_reason(
    controller: RunningController, query: dict[str, str], headers: dict[str, str], status: int
) -> None:
    async with (
        program(controller) as session,
        session.get(SYSTEM, params=query, headers=headers) as response,
    ):
        assert response.status == status, await response.text()
        if status == 400:
            assert (await response.json(content_type=None))["resourceType"] == "OperationOutcome"


async def test_a_file_goes_on_where_it_was_cut_off(controller: RunningController) -> None:
    async with program(controller) as session:
        [one, *_] = (await completed(session, await begun(session, _type="Patient")))["output"]
        async with session.get(one["url"]) as response:
            whole, tag = await response.read(), response.headers["ETag"]
        headers = {"Range": "bytes=100-", "If-Range": tag}
        async with session.get(one["url"], headers=headers) as response:
            assert response.status == 206
            assert await response.read() == whole[100:]


async def test_deleted_is_gone_and_another_token_never_saw_it(controller: RunningController) -> None:
    async with program(controller) as session:
        where = await begun(session)
        file = (await completed(session, where))["output"][0]["url"]
        async with program(controller) as stranger:
            for path in (where, file):
                async with stranger.get(path) as response:
                    assert response.status == 404
        async with session.delete(where) as response:
            assert response.status == 202
        for path in (where, file):
            async with session.get(path) as response:
                assert response.status == 404
    assert not (controller.app[BULK].folder / where.rpartition("/")[2]).exists()


async def test_it_expires_with_its_files(controller: RunningController) -> None:
    async with program(controller) as session:
        where = await begun(session)
        await completed(session, where)
        bulk = controller.app[BULK]
        controller.clock.let_pass(23 * 3600)
        await completed(session, where)
        controller.clock.let_pass(2 * 3600)
        bulk.wake()
        folder = bulk.folder / where[-32:]
        while folder.exists():  # noqa: ASYNC110 - a folder tells nobody that it goes
            await asyncio.sleep(0.02)
        query = "SELECT state FROM bulk_job WHERE id = ?"
        assert (await bulk.jobs.store.read(query, (where[-32:],)))[0]["state"] == JobState.EXPIRED


async def test_who_took_what_of_whom_is_in_the_trail(controller: RunningController) -> None:
    async with program(controller, name="registry") as session:
        where = await begun(session)
        await lines(session, await completed(session, where))
    rows = await controller.app[BULK].jobs.store.read("SELECT entry FROM audit ORDER BY number")
    every = [json.loads(row["entry"]) for row in rows]
    entries = [one for one in every if one["actor"] == "token:registry"]
    told = {one["action"]: one for one in entries if one["action"].startswith("bulk-")}
    assert told["bulk-export-asked"]["actor"] == "token:registry"
    assert told["bulk-export-asked"]["detail"]["types"] == "AllergyIntolerance Patient"
    assert told["bulk-export-completed"]["detail"]["resources"] == 4
    assert {one["patient"] for one in entries if one["action"] == "bulk-export"} == {"4711", "4712", "4713"}
    assert sum(one["action"] == "bulk-file" for one in entries) == 2


async def test_a_revoked_token_gets_nothing_more(
    controller: RunningController,
) -> None:
    bulk = controller.app[BULK]
    async with program(controller, name="revoked") as session:
        where = await begun(session)
        await completed(session, where)
        job = await bulk.jobs.find(where.rpartition("/")[2], "token:revoked")
        await controller.app[LOGINS].tokens.revoke("revoked", "boss", "")
        assert not await bulk.jobs.is_wanted(job)
        async with session.get(where) as response:
            assert response.status == 401


async def test_a_job_that_was_cut_off_begins_again_and_lists_no_half_file(
    controller: RunningController,
) -> None:
    bulk = controller.app[BULK]
    async with program(controller) as session:
        where = await begun(session)
        before = await lines(session, await completed(session, where))
        number = where.rpartition("/")[2]
        half = bulk.folder / f"{number}.new"  # as a kill leaves it: the job accepted, half a file beside
        half.mkdir()
        (half / "Patient-1.ndjson").write_bytes(b'{"resourceType":"Pat')
        await bulk.jobs.store.write(
            lambda db: db.execute(
                "UPDATE bulk_job SET state = 'accepted', output = '[]' WHERE id = ?", (number,)
            )
        )
        async with session.get(where) as response:
            assert response.status == 202
        bulk.wake()
        assert await lines(session, await completed(session, where)) == before
        assert not half.exists()
