"""What is handed over unpaid: always what is urgent; else by the site's rule, or for a reason that stays."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from controller.identity.files import open_authority
from controller.security.permissions import Role
from tests.support.controller import quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import get, refusal
from tests.support.payments import SandboxProcess
from tests.support.prescribed import prepared, send

LINES = [{"code": "04012345000016", "display": "Metoprolol", "quantity": 2}]


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """Where what is not urgent waits for its payment."""
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        sandbox = stack.enter_context(SandboxProcess(tmp_path / "pay"))
        started = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        started.payments = sandbox.section.model_copy(update={"unpaid": "wait"})
        yield await at_home(started, stack)


async def signed(home: Home, **wanted: Any) -> tuple[str, dict[str, Any]]:
    """Its number, and its dispense, of which all packs are scanned."""
    rx = await home.anna.signed("4713", setting="community", delivery="pick-up", **wanted)
    return rx["number"], await prepared(home.pia, rx["number"], serial=rx["number"])


def path(dispense: dict[str, Any]) -> str:
    return f"/api/pharmacy/dispenses/{dispense['number']}/completed"


async def test_what_is_urgent_is_handed_over_unpaid_whatever_the_site_says(home: Home) -> None:
    for priority in ("stat", "urgent"):
        _, dispense = await signed(home, priority=priority)
        await send(home.pia, "PUT", path(dispense), dispense["revision"], destination="desk")


async def test_what_is_not_waits_for_its_payment_or_for_a_reason_that_stays_in_the_trail(home: Home) -> None:
    number, dispense = await signed(home)
    over = {"If-Match": f'"{dispense["revision"]}"'}
    body = {"destination": "desk"}
    assert await refusal(home.pia, "PUT", path(dispense), json=body, headers=over) == (409, "conflict")
    why = "paid in cash, receipt 17"
    await send(home.pia, "PUT", path(dispense), dispense["revision"], destination="desk", unpaid_why=why)
    rows = await home.controller.store.read("SELECT entry FROM audit ORDER BY number")
    [entry] = [one for row in rows if (one := json.loads(row["entry"]))["action"] == "unpaid-agreed"]
    assert (entry["why"], entry["patient"], entry["actor"]) == (why, "4713", "pia")
    assert entry["detail"]["prescription"] == number


async def test_what_is_paid_is_handed_over(home: Home) -> None:
    number, dispense = await signed(home)
    subject = f"{number}/1"
    made = await send(home.pia, "POST", "/api/payments", subject=subject, patient="4713", lines=LINES)
    one = f"/api/payments/{made['payment']['number']}"
    due = (await send(home.pia, "POST", f"{one}/eligibility", card="A98765430001"))["payment"]["due_minor"]
    await send(home.pia, "POST", f"{one}/pay", due_minor=due, currency="EUR")
    await send(home.pia, "PUT", path(dispense), dispense["revision"], destination="desk")


async def test_a_patient_gets_their_own_receipt_and_nobody_elses(home: Home) -> None:
    rx = await home.anna.signed("4713", setting="community", delivery="pick-up")
    told = {"subject": f"{rx['number']}/1", "patient": "4713", "lines": LINES}
    made = (await send(home.pia, "POST", "/api/payments", **told))["payment"]
    phone, other = await home.patient(), await home.patient("4714")
    one = f"/api/my/payments/{made['number']}"
    assert await refusal(phone, "GET", f"{one}/receipt") == (409, "conflict")
    await send(phone, "POST", f"{one}/eligibility", card="A98765430001")
    await send(phone, "POST", f"{one}/pay", due_minor=500, currency="EUR")
    receipt = await get(phone, f"{one}/receipt")
    assert (receipt["paid_minor"], receipt["insured_minor"]) == (500, 2000)
    assert receipt["insurer"] == "Sandbox insurance"
    for part in ("eligibility", "pay"):
        body = {"card": "A98765430001"} if part == "eligibility" else {"due_minor": 500, "currency": "EUR"}
        assert await refusal(other, "POST", f"{one}/{part}", json=body) == (404, "not-found")
    assert await refusal(other, "GET", f"{one}/receipt") == (404, "not-found")


async def test_who_prescribes_sees_the_medicines_of_a_patient_who_never_lay_here(home: Home) -> None:
    rx = await home.anna.signed("4713", setting="community", delivery="home")
    listed = await get(home.anna.session, "/api/prescriptions", patient="4713")
    assert [one["number"] for one in listed["prescriptions"]] == [rx["number"]]
