"""One sandbox for all tests of a module, and a database with payments for each."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.payments.model import Payment
from controller.payments.service import Payments
from controller.payments.settling import Settler
from controller.store import Store
from tests.support.controller import ShiftedClock
from tests.support.payments import SandboxProcess, known, payments_of


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sandbox")) as started:
        yield started


@dataclass
class Till:
    """One controller's payments, in the test's hands."""

    store: Store
    clock: ShiftedClock
    payments: Payments
    sandbox: SandboxProcess

    async def later(self) -> None:
        """So much later that everything open is due, and asked for once."""
        self.clock.let_pass(600)
        await Settler(self.payments).look()

    async def now(self, payment: Payment) -> Payment:
        """As it stands."""
        return await self.payments.books.find(known(payment))

    def taken(self, payment: Payment) -> list[int]:
        """What the sandbox's own ledger has of it: taken, and given back as below 0."""
        signs = {"payment": 1, "refund": -1}
        of_it = [one for one in self.sandbox.movements if payment.key in (one["key"], one["of"])]
        return [signs[one["kind"]] * one["amount_minor"] for one in of_it if one["status"] == "settled"]

    async def trail(self) -> list[str]:
        """The actions, in their order."""
        rows = await self.store.read("SELECT entry ->> 'action' AS action FROM audit ORDER BY number")
        return [row["action"] for row in rows]


@pytest.fixture
async def till(tmp_path: Path, sandbox: SandboxProcess) -> AsyncIterator[Till]:
    store, clock = await Store.open(tmp_path / "controller.db"), ShiftedClock()
    payments = payments_of(store, clock, sandbox)
    yield Till(store, clock, payments, sandbox)
    await payments.provider.close()
    await store.close()
