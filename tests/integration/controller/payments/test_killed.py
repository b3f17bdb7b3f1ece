"""A controller that is killed before and after each step of paying and giving back."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from controller.imaging.sight import WHOLE
from controller.payments.model import Known
from controller.payments.service import Payments
from controller.payments.settling import Settler
from controller.payments.states import PaymentState
from controller.store import Store
from tests.support.controller import ShiftedClock
from tests.support.payments import ANNA, DUE_MINOR, SandboxProcess, checked, payments_of

S = PaymentState
KNOWN = Known("PY00000001", WHOLE)
STEPS = 8
"""Before and after each of two writes and a call; and two more, at which it is done."""


async def _work(path: Path, sandbox: SandboxProcess, what: str, kill: Callable[[], None]) -> None:
    store, clock = await Store.open(path), ShiftedClock()
    payments = payments_of(store, clock, sandbox)
    made = await payments.books.find(KNOWN)
    _watch(store, "write", kill)
    for name in ("pay", "refund"):
        _watch(payments.provider, name, kill)
    if what == "pay":
        await payments.pay(KNOWN, made.due, ANNA)
    else:
        await payments.take_back(KNOWN, ANNA)


def _watch(owner: Any, name: str, kill: Callable[[], None]) -> None:
    inner = getattr(owner, name)

    async def watched(*arguments: Any) -> Any:
        kill()
        result = await inner(*arguments)
        kill()
        return result

    setattr(owner, name, watched)


def killed_at(step: int, path: Path, sandbox: SandboxProcess, what: str) -> bool:
    """Whether it was killed at `step`, counted from 0, in a process of its own."""
    child = os.fork()
    if child == 0:
        left = [step]

        def kill() -> None:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            asyncio.run(_work(path, sandbox, what, kill))
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(status) == 0
    return False


async def opened(path: Path, sandbox: SandboxProcess, work: Callable[[Payments], Any]) -> Any:
    store, clock = await Store.open(path), ShiftedClock()
    clock.let_pass(600)
    payments = payments_of(store, clock, sandbox)
    try:
        return await work(payments)
    finally:
        await payments.provider.close()
        await store.close()


async def _settled(payments: Payments) -> tuple[str, PaymentState]:
    await Settler(payments).look()
    made = await payments.books.find(KNOWN)
    return made.key, made.state


def sums(sandbox: SandboxProcess, key: str) -> list[int]:
    """By the sandbox's own ledger: taken, given back."""
    of_it = [one for one in sandbox.movements if key in (one["key"], one["of"])]
    assert {one["status"] for one in of_it} <= {"settled"}
    return [one["amount_minor"] if one["kind"] == "payment" else -one["amount_minor"] for one in of_it]


@pytest.mark.parametrize("what", ["pay", "refund"])
def test_killed_at_any_step_there_is_one_payment_and_one_refund_at_most(
    tmp_path: Path, sandbox: SandboxProcess, what: str
) -> None:
    killed, ends = 0, set[PaymentState]()
    for step in range(STEPS):
        path = tmp_path / f"{what}-{step}.db"

        async def prepare(payments: Payments) -> None:
            made = await checked(payments, "0001")
            if what == "refund":
                await payments.pay(KNOWN, made.due, ANNA)

        asyncio.run(opened(path, sandbox, prepare))
        killed += killed_at(step, path, sandbox, what)
        key, state = asyncio.run(opened(path, sandbox, _settled))
        ends.add(state)
        expected = {S.CHECKED: [], S.PAID: [DUE_MINOR], S.REFUNDED: [DUE_MINOR, -DUE_MINOR]}
        assert sums(sandbox, key) == expected[state], (step, state)
    assert killed == STEPS - 2  # the fault fired before and after each of two writes and one call
    assert ends == ({S.CHECKED, S.PAID} if what == "pay" else {S.PAID, S.REFUNDED})
