"""Exports one after the other, each with `_since` of the one before: nothing is missed between them."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from controller.api.context import CONTEXT
from controller.clock import utc_of
from controller.identity.certificates import By
from controller.patients.model import Meant, Person
from controller.stays import Patient
from tests.support.bulk import EXPORT, SYSTEM, begun, completed, instant, lines, measured, program
from tests.support.controller import RunningController, quick_passwords, running

BY = By("test")
SCOPES = f"{EXPORT} system/Patient.s system/Observation.s system/Device.s"
GROUP = "/api/fhir/Group/ward-b/$export"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def controller(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningController]:
    """ward-a has bed-1 to bed-3, ward-b bed-b. One for all tests: each has patients of its own."""
    with quick_passwords():
        async with running(tmp_path_factory.mktemp("bulk")) as started:
            clock = started.clock
            clock.utc_us = lambda: clock.now_us() + 500_500
            for number in (1, 2, 3):
                await started.add_bed(f"bed-{number}", f"Bed {number}")
            await started.registry.add_ward("ward-b", "Ward B")
            await started.registry.add_bed("bed-b", "ward-b", "Bed B")
            yield started


async def exported(
    controller: RunningController, path: str = SYSTEM, *, ward: str = "", **query: str
) -> tuple[str, dict[str, list[Any]]]:
    """The transactionTime and, by type, what is in it."""
    async with program(controller, SCOPES, ward=ward) as session:
        manifest = await completed(session, await begun(session, path, **query))
        found = await lines(session, manifest)
        told = {kind: [json.loads(one) for one in some] for kind, some in found.items()}
        return manifest["transactionTime"], told


@pytest.mark.parametrize(("path", "ward"), [(SYSTEM, "ward-b"), (GROUP, "")])
async def test_who_came_into_the_ward_between_two_exports_is_whole_in_the_second(
    controller: RunningController, path: str, ward: str
) -> None:
    who, registry = f"moved-{ward}", controller.registry
    await registry.admit("bed-1", Patient(who, "Muster, Anna"), "nurse")
    at = controller.clock.now_us() + 1_000_000
    await measured(controller.store, (f"ox-{who}", "bed-1", "spo2", at, 97.0))
    controller.clock.let_pass(60)
    await exported(controller)  # a token of all wards has seen it
    since, before = await exported(controller, path, ward=ward)
    controller.clock.let_pass(60)
    await registry.discharge("bed-1", "nurse")
    await registry.admit("bed-b", Patient(who, "Muster, Anna"), "nurse")
    _, found = await exported(controller, path, ward=ward, _since=since)
    assert not before
    assert [one["identifier"][0]["value"] for one in found["Patient"]] == [who]
    assert [one["valueQuantity"]["value"] for one in found["Observation"]] == [97]
    assert [one["identifier"][0]["value"] for one in found["Device"]] == [f"ox-{who}"]
    since = instant(controller)
    controller.clock.let_pass(60)
    assert (await exported(controller, path, ward=ward, _since=since))[1] == {}, "and comes once"
    await registry.discharge("bed-b", "nurse")


async def test_a_clock_that_is_set_back_between_two_exports_hides_nothing_that_changed(
    controller: RunningController,
) -> None:
    await controller.registry.admit("bed-2", Patient("4712", "Beispiel, Bo"), "nurse")
    since, _ = await exported(controller)
    clock, ahead = controller.clock, controller.clock.utc_us
    clock.utc_us = lambda: ahead() - 3_600_000_000
    try:
        patients = controller.app[CONTEXT].patients
        await patients.set_person(Meant("4712", over=0), Person("1980-01-02", "female", None), BY)
        at, found = await exported(controller, _since=since)
    finally:
        clock.utc_us = ahead
    assert [one.get("birthDate") for one in found["Patient"]] == ["1980-01-02"]
    assert utc_of(at) > utc_of(since), "the next export goes on from there"
