"""Whatever happens in whichever order: our books and the provider's agree, and nothing is paid twice."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from controller.errors import Conflict, PaymentRefused, PaymentSilent
from controller.imaging.sight import WHOLE
from controller.payments.model import Payment, Verdict
from controller.payments.service import Payments
from controller.payments.settling import Settler
from controller.payments.states import OPEN, PaymentState
from controller.payments.wire import read_verdict
from controller.store import Store
from tests.support.controller import ShiftedClock
from tests.support.payments import ANNA, SandboxProcess, checked, known, payments_of

S = PaymentState
SUBJECTS = ("RX1/1", "RX2/1")
CARDS = ("0001", "0002", "0004", "0006", "0007", "0008", "0009", "0010", "0011")
MOST_LOOKS = 20

_subject = st.sampled_from(SUBJECTS)
ACTIONS = st.one_of(
    st.tuples(st.just("begin"), _subject, st.sampled_from(CARDS)),
    st.tuples(st.sampled_from(["pay", "take back", "pay and die before", "pay and die after"]), _subject),
    st.tuples(st.just("take back and die after"), _subject),
    st.tuples(st.just("hear"), st.integers(0, 30)),
    st.tuples(st.sampled_from(["later", "restart", "down", "up"])),
)


class Died(BaseException):
    """The process ended here."""


class Dying:
    """The provider, for a controller that dies before it asks, or before it hears the answer."""

    def __init__(self, provider: Any, *, before: bool) -> None:
        self._provider, self._before = provider, before

    async def pay(self, payment: Payment) -> Verdict:
        if not self._before:
            await self._provider.pay(payment)
        raise Died

    async def refund(self, payment: Payment) -> Verdict:
        await self._provider.refund(payment)
        raise Died

    async def status(self, key: str) -> Verdict:
        return await self._provider.status(key)

    async def cancel(self, payment: Payment) -> Verdict:
        return await self._provider.cancel(payment)


class Play:
    """One database, through as many controllers as it takes."""

    def __init__(self, folder: Path, sandbox: SandboxProcess) -> None:
        self.path, self.sandbox, self.clock = folder / "controller.db", sandbox, ShiftedClock()
        self.store: Store
        self.payments: Payments

    async def open(self) -> None:
        self.store = await Store.open(self.path)
        self.payments = payments_of(self.store, self.clock, self.sandbox)

    async def close(self) -> None:
        await self.payments.provider.close()
        await self.store.close()

    async def do(self, what: str, *with_what: Any) -> None:
        try:
            await self._do(what, *with_what)
        except Died:
            event("died")
            await self.do("restart")
        except (Conflict, PaymentRefused, PaymentSilent) as error:
            event(f"{what}: {type(error).__name__}")

    async def _do(self, what: str, *with_what: Any) -> None:
        match what, *with_what:
            case "begin", str(subject), str(end):
                await checked(self.payments, end, subject)
            case "hear", int(number):
                await self._hear(number)
            case ("later",):
                self.clock.let_pass(600)
                await Settler(self.payments).look()
            case ("restart",):
                await self.close()
                await self.open()
            case ("down" | "up",):
                self.sandbox.order(down=what == "down")
            case _, str(subject):
                await self._move(what, subject)

    async def _move(self, what: str, subject: str) -> None:
        found = await self.payments.books.listed(WHOLE, subject)
        if not found:
            return
        payment, alive = found[0], self.payments.provider
        if "die" in what:
            self.payments.provider = Dying(alive, before="before" in what)  # type: ignore[assignment]
        try:
            if what.startswith("pay"):
                await self.payments.pay(known(payment), payment.due, ANNA)
            else:
                await self.payments.take_back(known(payment), ANNA)
        finally:
            self.payments.provider = alive

    async def _hear(self, number: int) -> None:
        """Whatever the provider has ever said of ours, whenever, however often."""
        keys = [one.key for one in await self.payments.books.listed(WHOLE)]
        said = [one for one in self.sandbox.outbox if any(key in one["body"] for key in keys)]
        if said:
            await self.payments.heard(read_verdict(said[number % len(said)]["body"].encode()))

    async def end(self) -> list[Payment]:
        """Everything is asked for until it is known."""
        self.sandbox.order(down=False)
        await self.do("restart")
        for _ in range(MOST_LOOKS):
            found = await self.payments.books.listed(WHOLE)
            if not any(one.state in OPEN for one in found):
                return found
            await self.do("later")
        raise AssertionError(f"still open: {[(one.number, one.state, one.why) for one in found]}")


def agree(payment: Payment, movements: list[dict[str, Any]]) -> None:
    """Our row and the provider's ledger."""
    settled = [one for one in movements if one["status"] == "settled"]
    taken = [one["amount_minor"] for one in settled if one["key"] == payment.key]
    returned = [one["amount_minor"] for one in settled if one["of"] == payment.key]
    assert len(taken) <= 1
    assert len(returned) <= 1
    assert taken == ([payment.taken.minor] if payment.taken else [])
    assert returned == ([] if payment.returned_minor is None else [payment.returned_minor])
    left = sum(taken) - sum(returned)
    expected = {S.PAID: payment.due.minor, S.REFUND_FAILED: sum(taken), S.HELD: sum(taken)}
    assert left == expected.get(payment.state, 0), payment


async def played(sandbox: SandboxProcess, actions: Sequence[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        play = Play(Path(folder), sandbox)
        await play.open()
        for action in actions:
            await play.do(*action)
        found = await play.end()
        movements = sandbox.movements
        for payment in found:
            agree(payment, movements)
            event(f"ended {payment.state}")
        await play.close()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ends=st.tuples(st.sampled_from(CARDS), st.sampled_from(CARDS)), actions=st.lists(ACTIONS, max_size=14))
def test_whatever_happens_the_books_agree_and_nothing_is_paid_twice(
    sandbox: SandboxProcess, ends: tuple[str, str], actions: list[tuple[Any, ...]]
) -> None:
    pairs = list(zip(SUBJECTS, ends, strict=True))
    begin = [*(("begin", *one) for one in pairs), *(("pay", subject) for subject, _ in pairs)]
    asyncio.run(played(sandbox, [*begin, *actions]))
