"""What is not handed out is not paid for: whatever ends the pharmacy's work, also across a restart."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.api.payments_withdrawn import Withdrawn
from controller.clock import SystemClock
from controller.imaging.sight import WHOLE
from controller.payments.books import Books
from controller.payments.http_provider import HttpProvider
from controller.payments.model import Payment
from controller.payments.service import Payments
from controller.payments.states import PaymentState
from controller.prescriptions.model import Known, Prescription
from controller.prescriptions.states import DispenseState, RxState, TaskState
from tests.support.payments import ACCOUNT, SandboxProcess, checked, known, paid
from tests.support.prescriptions import ANNA, PIA, Pharmacy, over, pharmacy, why


@dataclass
class Counter:
    """A pharmacy that takes money."""

    here: Pharmacy
    payments: Payments

    async def bought(self) -> tuple[Prescription, Payment]:
        rx = await self.here.signed(delivery="pick-up")
        return rx, await paid(self.payments, "0001", f"{rx.number}/1")

    async def state(self, payment: Payment) -> PaymentState:
        return (await self.payments.books.find(known(payment))).state

    async def give_up(self, rx: Prescription, to: DispenseState) -> None:
        dispense = await self.here.begun(rx)
        self.here.later(1)
        await self.here.rx.dispensing.step(over(dispense), to, why(PIA, "not on the shelf"))


@pytest.fixture
async def counter(tmp_path: Path, sandbox: SandboxProcess) -> AsyncIterator[Counter]:
    async with pharmacy(tmp_path) as here:
        # The sandbox has the real time, and takes no call of another.
        provider = HttpProvider(sandbox.url, ACCOUNT, SystemClock())
        yield Counter(here, Payments(Books(here.store, here.clock), provider, "EUR"))
        await provider.close()


@pytest.mark.parametrize("to", [DispenseState.CANCELLED, DispenseState.DECLINED])
async def test_a_paid_dispense_that_is_cancelled_or_declined_is_given_back_once(
    counter: Counter, to: DispenseState
) -> None:
    rx, payment = await counter.bought()
    other = await counter.bought()
    await counter.give_up(rx, to)
    assert await Withdrawn(counter.payments).look() == 1
    assert await Withdrawn(counter.payments).look() == 0  # after a restart
    held = await counter.payments.books.find(known(payment))
    assert (held.state, held.returned_minor) == (PaymentState.REFUNDED, payment.due.minor)
    [entry] = await counter.here.trail("payment-refund-pending")
    assert (entry["actor"], entry["why"]) == ("pia", "not handed out: not on the shelf")
    assert await counter.state(other[1]) is PaymentState.PAID


async def test_what_the_prescriber_withdraws_or_the_pharmacy_rejects_is_not_paid_for(
    counter: Counter,
) -> None:
    rx, payment = await counter.bought()
    step = Known(rx.number, rx.revision, WHOLE)
    await counter.here.rx.prescribing.step(step, RxState.CANCELLED, why(ANNA, "wrong dose"))
    rejected = await counter.here.signed(delivery="pick-up")
    priced = await checked(counter.payments, "0001", f"{rejected.number}/1")
    task = await counter.here.task(rejected)
    reject = TaskState.REJECTED, WHOLE, why(PIA, "not here")
    await counter.here.rx.tasks.step(task.id, task.revision, *reject)
    assert await Withdrawn(counter.payments).look() == 2
    assert await counter.state(payment) is PaymentState.REFUNDED
    assert await counter.state(priced) is PaymentState.CANCELLED


async def test_a_payment_goes_on_for_a_dispense_that_is_begun_anew(counter: Counter) -> None:
    watching = Withdrawn(counter.payments)
    rx, payment = await counter.bought()
    await watching.look()
    await counter.give_up(rx, DispenseState.CANCELLED)
    await counter.here.begun(rx)
    assert await watching.look() == 0
    assert await counter.state(payment) is PaymentState.PAID
    later, _ = await counter.bought()
    await counter.give_up(later, DispenseState.CANCELLED)
    assert await watching.look() == 1
    counter.here.later(1)
    again = await paid(counter.payments, "0001", f"{later.number}/1")
    assert await watching.look() == 0
    assert await counter.state(again) is PaymentState.PAID
