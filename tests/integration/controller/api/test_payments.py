"""Payments over HTTP: who may, what they see, and what the provider says by itself."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from controller.api.app import make_app
from controller.api.payments_context import PAYING
from controller.api.payments_schemas import PaymentAnswer, PaymentList, Receipt
from controller.errors import ConfigError
from controller.payments.settling import Settler
from controller.payments.signed import request_headers
from controller.security.permissions import Role
from controller.stays import Patient
from tests.support.controller import RunningController, eventually, quick_passwords, running
from tests.support.fhir_documents import faults_of
from tests.support.http import client, get, refusal, status
from tests.support.payments import ACCOUNT, SandboxProcess
from tests.support.people import add_person

LIST, CALLBACK = "/api/payments", "/api/payments/callback"
LINES = [{"code": "04012345000016", "display": "Amoxicillin 500 mg", "quantity": 2}]
NEW = {"subject": "RX00000001/1", "patient": "4711", "lines": LINES}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sandbox")) as started:
        yield started


@pytest.fixture
async def controller(tmp_path: Path, sandbox: SandboxProcess) -> AsyncIterator[RunningController]:
    """4711 lies on bed-1 of ward-a; pharma and nurse see it, other is a pharmacist of ward-b."""
    with quick_passwords():
        async with running(tmp_path, nurse=Role.NURSE) as started:
            await started.stop()
            started.payments = sandbox.section
            await started.start()
            sandbox.order(callback=started.address + CALLBACK)
            await started.add_bed("bed-1", "Bed 1")
            await started.registry.add_ward("ward-b", "Ward B")
            await add_person(started, "pharma", Role.PHARMACIST, None)
            await add_person(started, "other", Role.PHARMACIST, ["ward-b"])
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nurse")
            yield started


async def said(session: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with session.post(path, json=body) as response:
        assert response.status == 200, await response.text()
        return PaymentAnswer.model_validate(await response.json()).model_dump(mode="json")["payment"]


async def checked(session: aiohttp.ClientSession, end: str) -> tuple[str, dict[str, Any]]:
    """Its path, and how it stands."""
    made = await said(session, LIST, NEW)
    one = f"{LIST}/{made['number']}"
    return one, await said(session, f"{one}/eligibility", {"card": f"A9876543{end}"})


async def paid(session: aiohttp.ClientSession, end: str) -> tuple[str, dict[str, Any]]:
    one, made = await checked(session, end)
    due = {"due_minor": made["due_minor"], "currency": "EUR"}
    return one, await said(session, f"{one}/pay", due)


async def test_a_pharmacist_prices_asks_the_insurance_takes_the_rest_and_gives_it_back(
    controller: RunningController,
) -> None:
    async with client(controller, "pharma") as pharma:
        one, made = await paid(pharma, "0001")
        assert (made["state"], made["total_minor"], made["taken_minor"]) == ("paid", 2500, 500)
        receipt = Receipt.model_validate(await get(pharma, f"{one}/receipt"))
        assert (receipt.paid_minor, receipt.insured_minor, receipt.card_end) == (500, 2000, "0001")
        listed = PaymentList.model_validate(await get(pharma, LIST, subject="RX00000001/1"))
        assert [item.number for item in listed.payments] == [made["number"]]
        back = await said(pharma, f"{one}/refund", {"why": "the dispense was cancelled"})
        assert (back["state"], back["returned_minor"], back["invoice"]) == ("refunded", 500, "cancelled")
        assert (await get(pharma, f"{one}/receipt"))["returned_minor"] == 500


async def test_an_invoice_is_fhir_to_the_cent(controller: RunningController) -> None:
    async with client(controller, "pharma") as pharma:
        await paid(pharma, "0001")
        found = await get(pharma, "/api/fhir/Invoice", patient="4711")
        [entry] = found["entry"]
        invoice = entry["resource"]
        assert (invoice["status"], invoice["totalGross"]) == ("balanced", {"value": 5.0, "currency": "EUR"})
        assert invoice["lineItem"][0]["chargeItemReference"]["reference"] == "#line-1"
        parts = [line["priceComponent"][0]["amount"]["value"] for line in invoice["lineItem"]]
        assert parts == [25.0, -20.0]
        assert {name: faults for name, faults in faults_of([found])[0].items() if faults} == {}


@pytest.mark.parametrize("end", ["0007", "0008"])
async def test_the_providers_own_calls_may_come_twice_and_before_its_answer(
    controller: RunningController, sandbox: SandboxProcess, end: str
) -> None:
    before = len(sandbox.outbox)
    async with client(controller, "pharma") as pharma:
        _, made = await paid(pharma, end)
        assert made["state"] == "paid"
        calls = 2 if end == "0007" else 1
        await eventually(lambda: [one.get("answer") for one in sandbox.outbox[before:]] == [204] * calls)
        [now] = (await get(pharma, LIST))["payments"]
        assert now["revision"] == made["revision"]


async def test_an_answer_that_is_lost_is_made_good_by_the_providers_call_or_our_question(
    controller: RunningController,
) -> None:
    async with client(controller, "pharma") as pharma:
        await paid(pharma, "0006")
        controller.clock.let_pass(60)
        await Settler(controller.app[PAYING].payments).look()
        [now] = (await get(pharma, LIST))["payments"]
        assert now["state"] == "paid"


async def test_a_call_that_is_not_signed_just_now_by_the_provider_changes_nothing(
    controller: RunningController,
) -> None:
    async with client(controller, "pharma") as pharma:
        await paid(pharma, "0010")
        rows = await controller.store.read("SELECT key FROM payment")
        told = {"key": rows[0]["key"], "status": "settled", "amount_minor": 500, "currency": "EUR"}
        body, utc_s = json.dumps(told).encode(), controller.clock.utc_us() // 1_000_000
        old = request_headers(ACCOUNT, "POST", CALLBACK, body, utc_s - 301)
        good = request_headers(ACCOUNT, "POST", CALLBACK, body, utc_s)
        async with aiohttp.ClientSession(controller.address) as stranger:
            for headers in ({}, old, {**good, "Payment-Signature": "v1=" + "0" * 64}):
                answer = await refusal(stranger, "POST", CALLBACK, data=body, headers=headers)
                assert answer == (401, "not-signed")
            assert (await get(pharma, LIST))["payments"][0]["state"] == "awaiting-payment"
            assert await status(stranger, "POST", CALLBACK, data=body, headers=good) == 204
        assert (await get(pharma, LIST))["payments"][0]["state"] == "paid"


async def test_a_stranger_who_calls_all_the_time_is_told_to_wait(controller: RunningController) -> None:
    async with aiohttp.ClientSession(controller.address) as stranger:
        # On a busy machine what a caller may do fills up nearly as fast as one call after the other takes it.
        for _ in range(20):
            calls = (status(stranger, "POST", CALLBACK, data=b"") for _ in range(230))
            answers = set(await asyncio.gather(*calls))
            if answers == {401, 429}:
                break
    assert answers == {401, 429}


async def test_who_does_not_see_the_patient_learns_nothing_and_who_is_no_pharmacist_may_not(
    controller: RunningController,
) -> None:
    async with client(controller, "pharma") as pharma:
        one, _ = await paid(pharma, "0001")
    async with client(controller, "other") as other:
        assert (await get(other, LIST))["payments"] == []
        assert (await get(other, "/api/fhir/Invoice", patient="4711"))["total"] == 0
        assert await refusal(other, "GET", f"{one}/receipt") == (404, "not-found")
        assert await refusal(other, "POST", f"{one}/refund", json={"why": "mine"}) == (404, "not-found")
        assert await refusal(other, "POST", LIST, json={**NEW, "subject": "RX2"}) == (404, "not-found")
    async with client(controller, "nurse") as nurse:
        assert await refusal(nurse, "GET", LIST) == (403, "not-allowed")


async def test_who_looks_is_in_the_trail_and_the_cards_number_is_not(controller: RunningController) -> None:
    async with client(controller, "pharma") as pharma:
        one, _ = await checked(pharma, "0001")
        await refusal(pharma, "POST", f"{one}/eligibility", json={"card": "a98765430001"})
        await refusal(pharma, "POST", f"{one}/eligibility", json={"card": "A98765430003"})
        await get(pharma, LIST)
    rows = await controller.store.read("SELECT entry FROM audit ORDER BY number")
    assert any(json.loads(row["entry"])["action"] == "payments" for row in rows)
    assert "9876543" not in "".join(row["entry"] for row in rows)


async def test_a_card_of_another_form_is_not_repeated_in_the_refusal(controller: RunningController) -> None:
    async with client(controller, "pharma") as pharma:
        one, _ = await checked(pharma, "0001")
        async with pharma.post(f"{one}/eligibility", json={"card": "a98765430001"}) as response:
            assert response.status == 400
            assert "9876543" not in await response.text()


async def test_while_the_provider_is_down_it_is_said_so(
    controller: RunningController, sandbox: SandboxProcess
) -> None:
    async with client(controller, "pharma") as pharma:
        sandbox.order(down=True)
        assert await refusal(pharma, "POST", LIST, json=NEW) == (503, "payments")
        sandbox.order(down=False)


async def test_without_the_section_there_are_no_payments(tmp_path: Path) -> None:
    with quick_passwords():
        async with (
            running(tmp_path, pharma=Role.PHARMACIST) as controller,
            client(controller, "pharma") as pharma,
        ):
            assert await refusal(pharma, "GET", LIST) == (404, "not-found")
            assert await refusal(pharma, "POST", LIST, json=NEW) == (404, "not-found")
            assert await refusal(pharma, "POST", CALLBACK, data=b"") == (404, "not-found")


async def test_a_secret_that_others_may_read_is_refused_at_the_start(
    controller: RunningController, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    secret = tmp_path / "open-secret"
    secret.write_text("secret", encoding="utf-8")
    secret.chmod(0o644)
    section = sandbox.section.model_copy(update={"secret_file": secret})
    parts = (controller.hub, controller.registry, controller.store, controller.clock)
    with pytest.raises(ConfigError, match="expected mode 0600"):
        make_app(*parts, payments=section)
