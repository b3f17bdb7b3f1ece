"""A running controller gives back by itself what was paid for a dispense that the pharmacy declines."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from controller.api.payments_context import PAYING
from controller.identity.files import open_authority
from controller.imaging.sight import WHOLE
from controller.payments.states import PaymentState
from controller.security.permissions import Role
from tests.support.controller import quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import get
from tests.support.payments import SandboxProcess
from tests.support.prescribed import send

LINES = [{"code": "04012345000016", "display": "Metoprolol", "quantity": 2}]


async def test_a_paid_dispense_that_is_declined_is_given_back_across_a_restart(tmp_path: Path) -> None:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        sandbox = stack.enter_context(SandboxProcess(tmp_path / "pay"))
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        controller.payments = sandbox.section
        home = await at_home(controller, stack)
        rx = await home.anna.signed("4713", setting="community", delivery="pick-up")
        await paid(home, rx["number"])
        await declined(home)
        await controller.stop()
        await controller.start()
        books = controller.app[PAYING].payments.books
        async with asyncio.timeout(20):
            while (await books.listed(WHOLE))[0].state is not PaymentState.REFUNDED:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        kinds = [one["kind"] for one in sandbox.movements if one["status"] == "settled"]
        assert kinds == ["payment", "refund"]


async def paid(home: Home, number: str) -> None:
    body: dict[str, Any] = {"subject": f"{number}/1", "patient": "4713", "lines": LINES}
    made = (await send(home.pia, "POST", "/api/payments", **body))["payment"]
    path = f"/api/payments/{made['number']}"
    made = (await send(home.pia, "POST", f"{path}/eligibility", card="A98765430001"))["payment"]
    due: dict[str, Any] = {"due_minor": made["due_minor"], "currency": "EUR"}
    assert (await send(home.pia, "POST", f"{path}/pay", **due))["payment"]["state"] == "paid"


async def declined(home: Home) -> None:
    here = "/api/pharmacy"
    [item] = (await get(home.pia, f"{here}/queue"))["queue"]
    path = f"{here}/tasks/{item['task']['id']}"
    task = await send(home.pia, "PUT", f"{path}/state", 1, state="accepted")
    made = await send(home.pia, "POST", f"{path}/dispenses", task["revision"], value="20")
    told: dict[str, Any] = {"state": "declined", "why": "not on the shelf"}
    await send(home.pia, "PUT", f"{here}/dispenses/{made['number']}/state", made["revision"], **told)
